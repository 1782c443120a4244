// The lattice point a + b phi nearest to a double, |a| and |b| bounded: the search of the host (`exact/snap.rs`, which says
// why it is right), candidate by candidate. Distances are sums of two doubles; where these cannot decide between two
// candidates, and for numbers beyond 2^53, the element is marked and the host decides, so that results are the host's to
// the last unit. Products and sums are spelled as single roundings: fused ones would spoil the sums of two doubles.

#define SNAP_PHI 1.618033988749895

struct Point { int64 a, b; double high, low; };
struct Search { int64 n; double f; uint32 found, doubt; Point best; };

__device__ inline double snap_mul(double a, double b) { return __dmul_rn(a, b); }
__device__ inline double snap_add(double a, double b) { return __dadd_rn(a, b); }
__device__ inline double snap_sub(double a, double b) { return __dadd_rn(a, -b); }
__device__ inline void two_sum(double a, double b, double& s, double& e) {
    s = snap_add(a, b);
    double t = snap_sub(s, a);
    e = snap_add(snap_sub(a, snap_sub(s, t)), snap_sub(b, t));
}

// n + a + b phi - x as a sum of two doubles.
__device__ inline Point point(const Search& t, int64 a, int64 b) {
    double v = (double)b;
    double c = snap_mul(134217729.0, v);
    double top = snap_sub(c, snap_sub(c, v)), bottom = snap_sub(v, top);
    const double h1 = 1.6180339753627777, h2 = 1.3387117192564801e-8;
    double p = snap_mul(v, SNAP_PHI);
    double e = snap_add(snap_add(snap_add(snap_sub(snap_mul(top, h1), p), snap_mul(top, h2)), snap_mul(bottom, h1)), snap_mul(bottom, h2));
    e = snap_add(e, snap_mul(v, -5.432115203682506e-17));
    double s, r, u;
    two_sum((double)a, p, s, r);
    two_sum(s, -t.f, s, u);
    Point q;
    q.a = a;
    q.b = b;
    two_sum(s, snap_add(snap_add(r, u), e), q.high, q.low);
    return q;
}
__device__ inline Point nearest_at(const Search& t, int64 b) {
    Point p = point(t, 0, b);
    return point(t, (int64)-round(snap_add(p.high, p.low)), b);
}
__device__ inline double sign_of(double x) { return copysign(1.0, x); }

__device__ inline void consider(Search& t, const Point& p) {
    if (!t.found) {
        t.found = 1;
        t.best = p;
        return;
    }
    const Point& old = t.best;
    if (p.a == old.a && p.b == old.b) return;
    double d = snap_add(snap_sub(fabs(p.high), fabs(old.high)), snap_sub(snap_mul(p.low, sign_of(p.high)), snap_mul(old.low, sign_of(old.high))));
    double reach = fmax(fabs((double)p.b), fabs((double)old.b)) + 1.0;
    double doubt = snap_add(snap_mul(reach, 1e-29), snap_mul(fabs(p.low) + fabs(old.low), 1e-15));
    if (fabs(d) > doubt) {
        if (d < 0.0) t.best = p;
        // A point that is far better settles what could not be told between worse ones.
        if (d < -4.0 * doubt) t.doubt = 0;
    } else t.doubt = 1;
}

// A coefficient that is no int64 lies beyond every bound, and its nearest int64 does too.
__device__ inline int64 combined(int64 m, int64 f, int64 n, int64 g) {
    double size = (double)m * (double)f + (double)n * (double)g;
    if (size > 9.0e18) return 0x7fffffffffffffffLL;
    if (size < -9.0e18) return -0x7fffffffffffffffLL - 1;
    return (int64)((uint64)m * (uint64)f + (uint64)n * (uint64)g);
}
__device__ inline int64 bounded_add(int64 a, int64 b) {
    double s = (double)a + (double)b;
    if (s > 9.0e18) return 0x7fffffffffffffffLL;
    if (s < -9.0e18) return -0x7fffffffffffffffLL - 1;
    return a + b;
}
__device__ inline double inverse_power(int k) {
    double p = 1.0;
    for (int i = 0; i < k; i++) p *= 0.6180339887498949;
    return p;
}

__device__ inline void enumerate(Search& t, int64 first, int64 last, int64 low, int64 high, int64 bound) {
    // F(k), the largest Fibonacci number up to what is surely there.
    uint64 count = (uint64)(last - first - 3), fk = 1, next_fk = 2;
    int k = 2;
    while (next_fk <= count) {
        uint64 sum = fk + next_fk;
        fk = next_fk;
        next_fk = sum;
        k++;
    }
    double reach = 0.5 * inverse_power(k - 2) * (1.0 + 1e-9);
    int j = k - 1;
    int64 f = 0, g = 1;
    for (int i = 0; i < j; i++) {
        int64 sum = f + g;
        f = g;
        g = sum;
    }
    int64 h = f + g;
    double step = inverse_power(j), next = inverse_power(j + 1), sign = j % 2 == 0 ? -1.0 : 1.0;
    int64 middle = first + (last - first) / 2;
    Point c = nearest_at(t, middle);
    for (int i = 0; i < 3; i++) {
        double du = sign * -(c.high + c.low), db = (double)(middle - c.b);
        int64 m = (int64)round((double)g * du + next * db), n = (int64)round(step * db - (double)f * du);
        if (m == 0 && n == 0) break;
        c = point(t, bounded_add(c.a, combined(-m, g, -n, h)), bounded_add(c.b, combined(m, f, n, g)));
    }
    double u = c.high + c.low;
    double du0 = -u - reach, du1 = -u + reach, db0 = (double)(first - c.b), db1 = (double)(last - c.b);
    double least = infinity_of(0.0), most = -infinity_of(0.0);
    for (int corner = 0; corner < 4; corner++) {
        double n = step * (corner & 1 ? db1 : db0) - (double)f * (sign * (corner & 2 ? du1 : du0));
        least = fmin(least, n);
        most = fmax(most, n);
    }
    double x = fmin(sign * du0, sign * du1), y = fmax(sign * du0, sign * du1);
    for (int64 n = (int64)ceil(least - 1e-3); n <= (int64)floor(most + 1e-3); n++) {
        double along = (double)n * next, across = (double)n * (double)g;
        int64 from = (int64)ceil(fmax((x + along) / step, (db0 - across) / (double)f) - 1e-3);
        int64 to = (int64)floor(fmin((y + along) / step, (db1 - across) / (double)f) + 1e-3);
        for (int64 m = from; m <= to; m++) {
            Point p = point(t, bounded_add(c.a, combined(-m, g, -n, h)), bounded_add(c.b, combined(m, f, n, g)));
            if (p.a >= low && p.a <= high && p.b >= -bound && p.b <= bound) consider(t, p);
        }
    }
}

__device__ inline void search(Search& t, int64 low, int64 high, int64 bound) {
    int64 first = (int64)fmax(floor((t.f - (double)high - 0.5) / SNAP_PHI), -(double)bound);
    int64 last = (int64)fmin(ceil((t.f - (double)low + 0.5) / SNAP_PHI), (double)bound);
    if (last - first >= 24) {
        enumerate(t, first, last, low, high, bound);
        return;
    }
    for (int64 b = first; b <= last; b++) {
        Point p = nearest_at(t, b);
        if (p.a >= low && p.a <= high && p.b >= -bound && p.b <= bound) consider(t, p);
    }
}

// `ask` is 1 where the host has to decide (what is not finite included), else 0.
extern "C" __global__ void snap_f64(uint64 size, const double* x, int64 bound, int64* a, int64* b, uint8* ask) {
    for (uint64 i = thread_index(); i < size; i += thread_count()) {
        double n = round(x[i]);
        a[i] = 0;
        b[i] = 0;
        ask[i] = 1;
        if (!(fabs(n) < 9007199254740992.0)) continue;
        Search t;
        t.n = (int64)n;
        t.f = x[i] - n;
        t.found = 0;
        t.doubt = 0;
        if (fabs(x[i]) <= (double)bound / 2.0) search(t, -bound - t.n, bound - t.n, bound);
        else {
            search(t, -bound, bound, bound);
            search(t, -bound - t.n, bound - t.n, bound);
        }
        if (t.doubt) continue;
        a[i] = (t.found ? t.best.a : 0) + t.n;
        b[i] = t.found ? t.best.b : 0;
        ask[i] = 0;
    }
}

// The doubles that pairs stand for, where both coefficients are below 2^53 and the sum of two doubles rounds surely;
// else `ask` is 1.
extern "C" __global__ void unsnap_f64(uint64 size, const int64* a, const int64* b, double* out, uint8* ask) {
    for (uint64 i = thread_index(); i < size; i += thread_count()) {
        double p = (double)a[i], q = (double)b[i];
        ask[i] = 1;
        out[i] = 0.0;
        if (fabs(p) >= 9007199254740992.0 || fabs(q) >= 9007199254740992.0) continue;
        Search t;
        t.f = 0.0;
        if (b[i] == 0) {
            out[i] = p;
            ask[i] = 0;
            continue;
        }
        Point s = point(t, a[i], b[i]);
        double doubt = snap_add(snap_mul(fabs(q), 1e-30), snap_mul(fabs(s.low), 1.2e-16)) + fabs(s.high) * 1e-32;
        if (s.high == snap_add(s.high, snap_add(s.low, doubt)) && s.high == snap_add(s.high, snap_sub(s.low, doubt))) {
            out[i] = s.high;
            ask[i] = 0;
        }
    }
}
