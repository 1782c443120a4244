//! A recorded call: its operands, arguments and results, and how results are compared.

use purify_ops::{Complex128, DType, Device, ErrorKind, Result, Tensor};
use serde_json::Value;

pub struct Case(Value);

pub fn load(file: &str) -> Vec<Case> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    let Value::Array(cases) = serde_json::from_str(&text).unwrap() else { panic!("{file} is no list") };
    cases.into_iter().map(Case).collect()
}

fn number(v: &Value) -> f64 {
    match v {
        Value::String(s) => s.parse().unwrap(),
        v => v.as_f64().unwrap(),
    }
}

fn sizes(v: &Value) -> Vec<usize> {
    match v {
        Value::Array(items) => items.iter().map(|v| v.as_u64().unwrap() as usize).collect(),
        v => vec![v.as_u64().unwrap() as usize],
    }
}

fn tensor(v: &Value) -> Tensor {
    let dtype = DType::from_name(v["dtype"].as_str().unwrap()).unwrap();
    let shape = sizes(&v["shape"]);
    let data = v["data"].as_array().unwrap();
    let host = if dtype.is_complex() {
        let pairs: Vec<f64> = data.iter().map(number).collect();
        Tensor::from_vec(pairs.chunks(2).map(|p| Complex128::new(p[0], p[1])).collect(), &shape)
    } else if dtype == DType::UInt64 {
        Tensor::from_vec(data.iter().map(|v| v.as_u64().unwrap()).collect(), &shape)
    } else if dtype.is_real_float() {
        Tensor::from_vec(data.iter().map(number).collect(), &shape)
    } else {
        Tensor::from_vec(data.iter().map(|v| v.as_i64().unwrap()).collect(), &shape)
    };
    host.unwrap().astype(dtype).unwrap()
}

impl Case {
    pub fn op(&self) -> &str {
        self.0["op"].as_str().unwrap()
    }

    pub fn describe(&self) -> String {
        let shapes: Vec<String> =
            self.0["in"].as_object().unwrap().iter().map(|(k, v)| format!("{k}: {}{}", v["dtype"].as_str().unwrap(), v["shape"])).collect();
        format!("{}({}) {}:", self.op(), shapes.join(", "), self.0["args"])
    }

    /// A required operand.
    pub fn t(&self, name: &str) -> Tensor {
        tensor(&self.0["in"][name])
    }

    /// An operand that may be missing.
    pub fn opt(&self, name: &str) -> Option<Tensor> {
        self.0["in"].get(name).map(tensor)
    }

    /// All operands, in order of their names.
    pub fn all(&self) -> Vec<Tensor> {
        self.0["in"].as_object().unwrap().values().map(tensor).collect()
    }

    pub fn arg(&self, name: &str) -> Option<&Value> {
        self.0["args"].get(name)
    }

    pub fn float(&self, name: &str) -> Option<f64> {
        self.arg(name).map(number)
    }

    pub fn int(&self, name: &str) -> Option<i64> {
        self.arg(name).and_then(Value::as_i64)
    }

    pub fn flag(&self, name: &str) -> bool {
        self.arg(name).is_some_and(|v| v.as_bool().unwrap())
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.arg(name).and_then(Value::as_str)
    }

    pub fn sizes(&self, name: &str) -> Option<Vec<usize>> {
        self.arg(name).map(sizes)
    }

    pub fn ints(&self, name: &str) -> Option<Vec<i64>> {
        self.arg(name).map(|v| v.as_array().map_or_else(|| vec![v.as_i64().unwrap()], |v| v.iter().map(|v| v.as_i64().unwrap()).collect()))
    }

    pub fn floats(&self, name: &str) -> Option<Vec<f64>> {
        self.arg(name).map(|v| v.as_array().unwrap().iter().map(number).collect())
    }

    /// Compares a result with what was recorded.
    pub fn check(&self, got: Result<Vec<Tensor>>) -> std::result::Result<(), String> {
        if let Some(kind) = self.0.get("error") {
            return match got {
                Err(e) if kind_name(e.kind()) == kind.as_str().unwrap() => Ok(()),
                Err(e) => Err(format!("expected a {kind} error, got {:?}: {e}", e.kind())),
                Ok(_) => Err(format!("expected a {kind} error, got a result")),
            };
        }
        let got = got.map_err(|e| format!("failed: {e}"))?;
        let want: Vec<Tensor> = self.0["out"].as_array().unwrap().iter().map(tensor).collect();
        let how = self.0["how"].as_str().unwrap();
        let rtol = number(&self.0["rtol"]);
        let got = if how == "second" { vec![got[1].clone()] } else { got };
        if got.len() < want.len() {
            return Err(format!("{} results, {} expected", got.len(), want.len()));
        }
        for (i, (g, w)) in got.iter().zip(&want).enumerate() {
            if g.shape() != w.shape() || g.dtype() != w.dtype() {
                return Err(format!("result {i} is {}{:?}, expected {}{:?}", g.dtype(), g.shape(), w.dtype(), w.shape()));
            }
            assert_eq!(g.device(), Device::Cpu);
        }
        let (mut g, mut w): (Vec<_>, Vec<_>) = (got.iter().map(complex).collect(), want.iter().map(complex).collect());
        if how == "spectrum" {
            let n = want[0].shape().last().copied().unwrap_or(0);
            let vectors = want.len() > 1;
            for side in [&mut g, &mut w] {
                let [values, rest @ ..] = &mut side[..] else { return Err("no values".into()) };
                sort_spectrum(values, if vectors { rest.first_mut() } else { None }, n);
            }
        }
        if how == "columns" || (how == "spectrum" && want.len() > 1) {
            let n = want[1].shape().last().copied().unwrap_or(0);
            turn_columns(&mut g[1], n);
            turn_columns(&mut w[1], n);
        }
        for (i, (g, w)) in g.iter().zip(&w).enumerate() {
            // Errors of a norm-wise stable algorithm are relative to the largest element.
            let scale = w.iter().filter(|z| z.re.is_finite() && z.im.is_finite()).map(|z| z.norm()).fold(1e-30, f64::max);
            for (at, (&g, &w)) in g.iter().zip(w).enumerate() {
                // Elementwise functions answer for every element, exact ones for its sign of zero too.
                let scale = if how == "each" || how == "exact" { w.norm() } else { scale };
                if how == "exact" && w.re == 0.0 && g.re == 0.0 && w.re.is_sign_negative() != g.re.is_sign_negative() {
                    return Err(format!("result {i} differs at {at}: {g} instead of {w}"));
                }
                if !(close(g.re, w.re, rtol * scale) && close(g.im, w.im, rtol * scale)) {
                    return Err(format!("result {i} differs at {at}: {g} instead of {w} (scale {scale:e})"));
                }
            }
        }
        Ok(())
    }
}

fn close(g: f64, w: f64, tolerance: f64) -> bool {
    g == w || (g.is_nan() && w.is_nan()) || (g - w).abs() <= tolerance
}

fn complex(x: &Tensor) -> Vec<Complex128> {
    x.cast_vec::<Complex128>().unwrap()
}

fn kind_name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Axis => "Axis",
        ErrorKind::Value => "Value",
        ErrorKind::Type => "Type",
        ErrorKind::Index => "Index",
        ErrorKind::LinAlg => "LinAlg",
        _ => "other",
    }
}

/// Sorts eigenvalues (and their vectors) of every matrix by real, then imaginary part: their order is free.
fn sort_spectrum(values: &mut [Complex128], vectors: Option<&mut Vec<Complex128>>, n: usize) {
    let mut vectors = vectors;
    for (lane, chunk) in values.chunks_mut(n.max(1)).enumerate() {
        let mut order: Vec<usize> = (0..chunk.len()).collect();
        let key = |z: Complex128| ((z.re * 1e4).round(), (z.im * 1e4).round());
        order.sort_by(|&i, &j| key(chunk[i]).partial_cmp(&key(chunk[j])).unwrap());
        let sorted: Vec<_> = order.iter().map(|&i| chunk[i]).collect();
        chunk.copy_from_slice(&sorted);
        if let Some(vectors) = vectors.as_deref_mut() {
            let matrix = &mut vectors[lane * n * n..][..n * n];
            for row in matrix.chunks_mut(n) {
                let sorted: Vec<_> = order.iter().map(|&i| row[i]).collect();
                row.copy_from_slice(&sorted);
            }
        }
    }
}

/// Turns every column of every matrix until its sum, weighted to be away from zero, is real and positive.
fn turn_columns(matrices: &mut [Complex128], n: usize) {
    if n == 0 || matrices.is_empty() {
        return;
    }
    let rows = n;
    for matrix in matrices.chunks_mut(rows * n) {
        for j in 0..n {
            let sum: Complex128 = (0..rows).map(|i| matrix[i * n + j] * (1.0 + i as f64 * 0.37)).sum();
            let phase = if sum.norm() > 0.0 { sum.conj() / sum.norm() } else { Complex128::new(1.0, 0.0) };
            (0..rows).for_each(|i| matrix[i * n + j] *= phase);
        }
    }
}
