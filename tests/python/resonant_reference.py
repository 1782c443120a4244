"""What the layers of `purify.resonant` are compared with, computed by PyTorch, NumPy and mpmath without purify.

    python tests/python/resonant_reference.py        # needs torch, numpy and mpmath; writes data/resonant.npz

The file holds outputs alone: inputs and weights are drawn again by `draw`, from NumPy's PCG64 under a seed and a name.
`versions` in the file says what made it.
"""

import math
import platform
import zlib
from pathlib import Path

import numpy as np

FILE = Path(__file__).parent / "data" / "resonant.npz"
WIDTHS, SEEDS = (4, 16, 64), range(8)
PHI = (1 + 5**0.5) / 2


def draw(name, shape, seed):
    """Weights by name: matrices of deviation 1/sqrt(fan in), norm weights about 1, biases about 0; all else normal."""
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    x = rng.normal(size=shape)
    last = name.rsplit(".", 1)[-1]
    if name.startswith("input"):
        return x
    if "norm" in name and last == "weight" or name.startswith("weights."):
        return 1.0 + 0.1 * x
    if len(shape) == 1:
        return 0.1 * x
    return x / math.sqrt(math.prod(shape[1:]))


def snap_points(p):
    """2,000 numbers whose nearest lattice points are recorded: random ones, lattice points, and middles of gaps."""
    rng = np.random.default_rng(p)
    x = list(rng.uniform(-p / 2, p / 2, 600)) + list(np.clip(rng.normal(size=1000), -p / 2, p / 2))
    a, b = rng.integers(-(p // 4), p // 4 + 1, 200), rng.integers(-(p // 4), p // 4 + 1, 200)
    x += [float(v) for v in a + b * PHI if abs(v) <= p / 2]
    near = np.sort(np.concatenate([np.arange(-2, 3)[:, None] + (np.arange(-p, p + 1) * PHI) % 1.0]).ravel())
    near = near[abs(near) < 1]
    i = rng.integers(0, len(near) - 1, 2000 - len(x))
    return np.array(x + list((near[i] + near[i + 1]) / 2))


def states():
    """200 pairs of values and mode norms."""
    out = []
    for i in range(200):
        rng = np.random.default_rng([7, i])
        out.append((rng.normal(size=8) * 10.0 ** rng.integers(-3, 4), rng.integers(0, 40, 8).astype(float)))
    return out


TRAJECTORIES = {n: np.random.default_rng([11, n]).normal(size=n) for n in (2, 4, 8, 50)}
BATCHES = [np.random.default_rng([13, i]).normal(size=(12, 2 + i % 4)) for i in range(200)]
TOKENS = ([[1, 2, 3, 0], [4, 4, 2, 1]], [[0, 2, 1], [3, 1, 4]])


# ---- layers by PyTorch ---------------------------------------------------------------------------


def layers(d, seed):
    """(name, output) of each layer at width d: the formulas of the specification, written with torch alone."""
    import torch
    import torch.nn.functional as F

    torch.set_default_dtype(torch.float64)
    t = lambda name, *shape: torch.tensor(draw(name, shape, seed))  # noqa: E731
    x = t("input", 3, d)
    z = t("input.sequence", 2, 5, d)

    def linear(v, name, out):
        return F.linear(v, t(name + ".weight", out, v.shape[-1]), t(name + ".bias", out))

    def diff(v, name, out=None):
        return (v if out in (None, v.shape[-1]) else 0) + torch.relu(linear(v, name + "linear", out or v.shape[-1]))

    def harm(v, name, out=None):
        n = out or v.shape[-1]
        y = torch.tanh(linear(v, name + "syntonic", n)) - torch.sigmoid(linear(v, name + "damping", n))
        return v + y if n == v.shape[-1] else y

    def norm(v, name, variance=1 / PHI):
        n = v.shape[-1]
        return F.layer_norm(v, (n,), eps=1e-5) * variance**0.5 * t(name + ".weight", n) + t(name + ".bias", n)

    def batch_norm(v, name):
        # The variance is 1/phi before weight and bias, over the batch.
        n = v.shape[1]
        y = F.batch_norm(v, None, None, training=True, eps=1e-5) / PHI**0.5
        shape = (1, n) + (1,) * (v.dim() - 2)
        return y * t(name + ".weight", n).reshape(shape) + t(name + ".bias", n).reshape(shape)

    def gate(v, p, name, hidden):
        g = torch.sigmoid(linear(torch.relu(linear(torch.cat([v, p], -1), name + "first", hidden)), name + "second", v.shape[-1]))
        return g * p + (1 - g) * v

    def block(v, name, gate_hidden=None):
        return gate(v, harm(diff(v, name + "differentiate."), name + "harmonize."), name + "gate.", gate_hidden or v.shape[-1])

    def heads(v, name, count, last):
        width = v.shape[-1] // count
        if last == "relu":
            y = torch.cat([torch.relu(linear(v, f"{name}heads.{h}", width)) for h in range(count)], -1)
        else:
            damped = torch.cat([torch.sigmoid(linear(v, f"{name}heads.{h}", width)) for h in range(count)], -1)
            y = torch.tanh(linear(v, name + "syntonic", v.shape[-1])) - damped / 2
        return norm(v + linear(y, name + "out", v.shape[-1]), name + "norm", 1.0)

    def attend(q, k, name, count, mask=None, gnosis=False):
        b, n, width = q.shape
        part = lambda v, which: linear(v, name + which, width).reshape(b, v.shape[1], count, width // count).transpose(1, 2)  # noqa: E731
        query, key, value = part(q, "query"), part(k, "key"), part(k, "value")
        if gnosis:
            bias = torch.log(1 + torch.sigmoid(linear(key, name + "gate", 1))).transpose(-1, -2).expand(b, count, n, k.shape[1])
            y = F.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        else:
            y = F.scaled_dot_product_attention(query, key, value, attn_mask=None if mask is None else torch.tensor(mask))
        y = linear(y.transpose(1, 2).reshape(b, n, width), name + "out", width)
        return harm(diff(y, name + "differentiate."), name + "harmonize.")

    def sub(v, name, f):
        return v + diff(f(harm(norm(v, name + "norm"), name + "harmonize.")), name + "differentiate.") / PHI

    def feed(v, name, wide):
        return linear(F.gelu(linear(v, name + "first", wide)), name + "second", v.shape[-1])

    def layer(v, name, wide, mask=None):
        v = sub(v, name + "around_attention.", lambda h: attend(h, h, name + "attention.", 2, mask))
        return sub(v, name + "around_feed_forward.", lambda h: feed(h, name + "feed_forward.", wide))

    def decoder_layer(v, memory, name, wide):
        mask = np.tril(np.ones((v.shape[1],) * 2, bool))
        v = sub(v, name + "around_attention.", lambda h: attend(h, h, name + "attention.", 2, mask))
        v = sub(v, name + "around_cross.", lambda h: attend(h, memory, name + "cross.", 2))
        return sub(v, name + "around_feed_forward.", lambda h: feed(h, name + "feed_forward.", wide))

    yield "ResonantLinear", F.linear(x, t("weight", 3, d), t("bias", 3))
    yield "DifferentiationLayer", diff(x, "")
    yield "HarmonizationLayer", harm(x, "")
    yield "SyntonicNorm", F.layer_norm(x, (d,), eps=1e-5) / PHI**0.5 * t("weight", d) + t("bias", d)
    yield "GoldenNorm", F.batch_norm(x, None, None, training=True, eps=1e-5) / PHI**0.5 * t("weight", d) + t("bias", d)
    yield "RecursionLayerNorm", F.layer_norm(x, (d,), eps=1e-5) * t("weights.1", d) / PHI + t("biases.1", d)
    yield "SyntonicGate", gate(x, t("input.second", 3, d), "", d)
    raised = t("input.second", 3, d)
    settled = t("input.third", 3, d)
    c = torch.cat([x, raised, settled], -1)
    s = torch.sigmoid(linear(F.gelu(linear(c, "estimate_first", d)), "estimate_last", 1))
    base = torch.sigmoid(linear(F.gelu(linear(c, "first", d)), "last", d))
    g = 0.1 + 0.8 * base * torch.sigmoid((s - 0.5) + base)
    yield "AdaptiveGate", g * settled + (1 - g) * x
    yield "RecursionBlock", block(x, "")
    yield "SyntonicLinear", norm(block(linear(x, "linear", d), "block."), "norm")
    y = linear(x, "first", d)
    for i in range(2):
        y = block(y, f"blocks.{i}.") + y / PHI
    yield "DeepSyntonicMLP", linear(norm(y, "norm"), "last", 3)
    yield "DifferentiationModule", heads(x, "", 2, "relu")
    yield "HarmonizationModule", heads(x, "", 2, "tanh")
    q, k, v = (linear(z, name, d) for name in ("query", "key", "value"))
    seen = F.scaled_dot_product_attention(q[:, None], k[:, None], v[:, None])[:, 0]
    yield "SyntonicAttention", norm(harm(seen, "harmonize."), "norm")
    mask = np.tril(np.ones((5, 5), bool))
    yield "MultiHeadSyntonicAttention", attend(z, z, "", 2, mask)
    yield "MultiHeadSyntonicAttention.gnosis", attend(z, z, "", 2, None, True)
    yield "DHTransformerLayer", layer(z, "", 2 * d)
    yield "DHTransformerDecoderLayer", decoder_layer(t("input.target", 2, 3, d), z, "", 2 * d)
    pairs = torch.view_as_complex(z.reshape(2, 5, d // 2, 2).contiguous())
    rate = (10000 * PHI) ** (-2 * torch.arange(d // 2) / d)
    turned = pairs * torch.polar(torch.ones(5, d // 2), torch.arange(5.0)[:, None] * rate)
    yield "RotaryEmbedding", torch.view_as_real(turned).reshape(2, 5, d)
    w = x * x
    weights = torch.exp(-(torch.arange(float(d)) ** 2) / PHI)
    strength = PHI**-3 * (1 - (w * weights).sum() / w.sum())
    y = x + strength * linear(torch.relu(linear(x, "expand", d)), "contract", d)
    free = torch.tensor([float(all(n % (p * p) for p in range(2, n + 1))) for n in range(1, d + 1)])
    yield "WindingDHSRBlock", norm(block(y * free, "block.", 2 * d), "norm")
    if d != 16:
        return

    def pixels(v, f):
        return f(v.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)

    def conv(v, name, out, k, stride, padding):
        return F.conv2d(v, t(name + ".weight", out, v.shape[1], k, k), stride=stride, padding=padding)

    def conv_block(v, name, out, stride):
        y = torch.relu(batch_norm(conv(v, name + "first", out, 3, stride, 1), name + "first_norm"))
        y = batch_norm(conv(y, name + "second", out, 3, 1, 1), name + "second_norm")
        y = pixels(y, lambda u: harm(diff(u, name + "differentiate."), name + "harmonize."))
        if stride != 1 or v.shape[1] != out:
            v = batch_norm(conv(v, name + "shortcut", out, 1, stride, 0), name + "shortcut_norm")
        return torch.relu(y + v / PHI)

    image = t("input.image", 2, 3, 8, 8)
    y = F.conv2d(image, t("conv.weight", 4, 3, 3, 3), t("conv.bias", 4), padding=1)
    yield "SyntonicConv2d", pixels(batch_norm(y, "norm"), lambda u: block(u, "block."))
    yield "RecursionConvBlock", conv_block(image, "", 4, 2)
    y = torch.relu(batch_norm(conv(t("input.large", 2, 3, 16, 16), "stem", 4, 7, 2, 3), "stem_norm"))
    y = F.max_pool2d(y, 3, 2, 1)
    for i, (width, stride) in enumerate(((4, 1), (8, 2))):
        y = conv_block(y, f"blocks.{i}.", width, stride)
    yield "SyntonicCNN", linear(y.mean((2, 3)), "last", 2)

    def embed(tokens, name):
        e = t(name + "table", 5, d)[torch.tensor(tokens)] * d**0.5
        return norm(harm(e, name + "harmonize."), name + "norm")

    def place(v):
        big = PHI ** math.ceil(math.log(5000, PHI))
        angles = torch.arange(float(v.shape[1]))[:, None] * big ** (-2 * torch.arange(d // 2) / d)
        table = torch.zeros(v.shape[1], d)
        table[:, 0::2], table[:, 1::2] = torch.sin(angles), torch.cos(angles)
        return v + table

    memory = norm(layer(place(embed(TOKENS[0], "source.")), "encoder.layers.0.", 24), "encoder.norm")
    y = norm(decoder_layer(place(embed(TOKENS[1], "target.")), memory, "decoder.layers.0.", 24), "decoder.norm")
    yield "CRTTransformer", linear(y, "output", 5)


# ---- numbers by mpmath and NumPy -------------------------------------------------------------------


def snaps(p, x):
    """The nearest a + b phi with |a|, |b| <= p, of all, in 60 digits; ties to the smaller value."""
    import mpmath as mp

    mp.mp.dps = 60
    phi, out = (1 + mp.sqrt(5)) / 2, []
    b = np.arange(-p, p + 1)
    fraction = b * PHI
    for v in x:
        a = np.clip(np.round(v - fraction), -p, p)
        error = abs(a + fraction - v)
        close = np.flatnonzero(error <= error.min() + 1e-9)
        found = min(((abs(int(a[i]) + int(b[i]) * phi - mp.mpf(float(v))), abs(int(a[i]) + int(b[i]) * phi), int(a[i]), int(b[i])) for i in close))
        out.append(found[2:])
    return np.array(out, dtype=np.int32)


def operators():
    """Syntony, D, H and R of each state by 50 digits."""
    import mpmath as mp

    mp.mp.dps = 50
    phi, rows = (1 + mp.sqrt(5)) / 2, []
    for x, m2 in states():
        x, m2 = [mp.mpf(float(v)) for v in x], [mp.mpf(float(v)) for v in m2]
        w = [mp.exp(-m / phi) for m in m2]
        s = sum(v * v * u for v, u in zip(x, w)) / sum(v * v for v in x)
        up = [v * (1 + (1 - s) / phi**2 * mp.sqrt(m)) for v, m in zip(x, m2)]
        down = [v * (1 - s / phi * (1 - u)) for v, u in zip(x, w)]
        both = [v * (1 - s / phi * (1 - u)) for v, u in zip(up, w)]
        rows.append([float(v) for v in (s, *up, *down, *both)])
    return np.array(rows)


def trajectories():
    """The syntony over 20 cycles without noise or lattice, by 50 digits; mode norms are the squared index."""
    import mpmath as mp

    mp.mp.dps = 50
    phi, out = (1 + mp.sqrt(5)) / 2, []
    for n, start in TRAJECTORIES.items():
        x, w, line = [mp.mpf(float(v)) for v in start], [mp.exp(-mp.mpf(i * i) / phi) for i in range(n)], []
        for _ in range(21):
            s = sum(v * v * u for v, u in zip(x, w)) / sum(v * v for v in x)
            line.append(float(s))
            x = [v * (1 + (1 - s) / phi**2 * i) * (1 - s / phi * (1 - u)) for i, (v, u) in enumerate(zip(x, w))]
        out.append(line)
    return np.array(out)


def critical():
    """The root of (1 + phi**-2 (1 - S) m)(1 - S/phi (1 - exp(-m**2/phi))) = 1 for each m of the table."""
    import mpmath as mp

    mp.mp.dps = 30
    phi, out = (1 + mp.sqrt(5)) / 2, []
    for m in CRITICAL:
        g = lambda s, m=m: (1 + (1 - s) * m / phi**2) * (1 - s / phi * (1 - mp.exp(-mp.mpf(m * m) / phi))) - 1  # noqa: E731
        out.append(float(mp.findroot(g, (0.2, 1), solver="anderson")))
    return np.array(out)


CRITICAL = [1, 2, 3, 5, 7, 9, 15, 31, 49, 63, 99, 255]


def phases():
    """(argument of Tr exp(i pi rho), entropy) of each batch, by NumPy's eigenvalues."""
    rows = []
    for x in BATCHES:
        u = x / np.linalg.norm(x, axis=1, keepdims=True)
        values = np.clip(np.linalg.eigvalsh(u.T @ u / len(u)), 0, 1)
        positive = values[values > 0]
        rows.append([math.atan2(np.sin(np.pi * values).sum(), np.cos(np.pi * values).sum()), -(positive * np.log(positive)).sum()])
    return np.array(rows)


def main():
    import mpmath
    import torch

    out = {f"snap.{p}": snaps(p, snap_points(p)) for p in (5, 32, 100, 1000)}
    out |= {"operators": operators(), "trajectories": trajectories(), "critical": critical(), "phases": phases()}
    for d in WIDTHS:
        for seed in SEEDS:
            for name, y in layers(d, seed):
                out[f"layer.{name}.{d}.{seed}"] = y.numpy()
    versions = f"python {platform.python_version()}, torch {torch.__version__}, numpy {np.__version__}, mpmath {mpmath.__version__}"
    FILE.parent.mkdir(exist_ok=True)
    np.savez_compressed(FILE, versions=versions, **out)
    print(f"{FILE}: {len(out)} arrays, {FILE.stat().st_size} bytes, {versions}")


if __name__ == "__main__":
    main()
