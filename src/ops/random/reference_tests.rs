//! Compares every recorded NumPy stream (`tests/reference/random_streams.tsv`) bit for bit.

use std::collections::HashMap;

use super::*;
use crate::{DType, Element, Result, Tensor, dispatch};

const STREAMS: &str = include_str!("../../../tests/reference/random_streams.tsv");

/// Horner's scheme over 64-bit words, as in the recording script.
fn fingerprint(raw: &[u8]) -> u64 {
    let mut hash = 0u64;
    for chunk in raw.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(u64::from_le_bytes(word));
    }
    hash ^ raw.len() as u64
}

fn raw<T: Element>(values: &[T]) -> Vec<u8> {
    // SAFETY: elements have no padding, so their bytes are initialised.
    let bytes = unsafe { std::slice::from_raw_parts(values.as_ptr().cast::<u8>(), size_of_val(values)) };
    bytes.to_vec()
}

fn tensor(text: &str) -> Tensor {
    if text == "@ramp1000" {
        let ramp = (0..1000).map(|i| f64::from(i) / 499_500.0).collect();
        return Tensor::from_vec(ramp, &[1000]).unwrap();
    }
    let (shape, values) = text[1..].split_once(':').unwrap();
    let (integer, shape) = match shape.strip_prefix('i') {
        Some(shape) => (true, shape),
        None => (false, shape),
    };
    let shape = sizes(shape);
    let values: Vec<&str> = values.split(',').filter(|v| !v.is_empty()).collect();
    if integer {
        Tensor::from_vec(values.iter().map(|v| v.parse::<i64>().unwrap()).collect(), &shape).unwrap()
    } else {
        Tensor::from_vec(values.iter().map(|v| v.parse::<f64>().unwrap()).collect(), &shape).unwrap()
    }
}

fn sizes(text: &str) -> Vec<usize> {
    text.split('x').filter(|n| *n != ".").map(|n| n.parse().unwrap()).collect()
}

fn entropy(seed: &str) -> Entropy {
    let words = seed.trim_matches(['[', ']']).split(',').flat_map(|v| Entropy::from(v.parse::<u128>().unwrap()).0);
    Entropy(words.collect())
}

/// The arguments of one line.
struct Call<'a> {
    method: &'a str,
    size: Size,
    args: Vec<&'a str>,
    options: HashMap<&'a str, &'a str>,
}

impl Call<'_> {
    fn param(&self, i: usize) -> Param<f64> {
        if self.args[i].starts_with('@') { Param::Tensor(tensor(self.args[i])) } else { Param::Scalar(self.args[i].parse().unwrap()) }
    }

    fn int(&self, i: usize) -> Param<i64> {
        if self.args[i].starts_with('@') { Param::Tensor(tensor(self.args[i])) } else { Param::Scalar(self.args[i].parse().unwrap()) }
    }

    fn bound(&self, i: usize) -> Param<i128> {
        if self.args[i].starts_with('@') { Param::Tensor(tensor(self.args[i])) } else { Param::Scalar(self.args[i].parse().unwrap()) }
    }

    fn flag(&self, name: &str, default: bool) -> bool {
        self.options.get(name).map_or(default, |v| *v == "1")
    }

    fn dtype(&self) -> DType {
        self.options.get("dtype").map_or(DType::Float64, |name| DType::from_name(name).unwrap())
    }

    fn axis(&self) -> Option<i64> {
        self.options.get("axis").map(|v| v.parse().unwrap())
    }

    fn count(&self) -> usize {
        self.args[0].parse().unwrap()
    }

    fn p(&self) -> Option<Tensor> {
        self.options.get("p").map(|p| tensor(p))
    }

    fn params(&self) -> Vec<Param<f64>> {
        (0..self.args.len()).map(|i| self.param(i)).collect()
    }
}

fn call_generator(rng: &mut Generator, call: &Call) -> Result<Tensor> {
    let size = call.size.clone();
    let p = call.p();
    match call.method {
        "random" => rng.random(size, call.dtype()),
        "standard_normal" => rng.standard_normal(size, call.dtype()),
        "standard_exponential" => {
            let inverse = call.options.get("method") == Some(&"inv");
            let method = if inverse { ExponentialMethod::Inverse } else { ExponentialMethod::Ziggurat };
            rng.standard_exponential(size, call.dtype(), method)
        }
        "standard_gamma" => rng.standard_gamma(size, call.param(0), call.dtype()),
        "random_raw" => rng.random_raw(size),
        "integers" => {
            let endpoint = call.flag("endpoint", false);
            rng.integers_of(size, call.bound(0), call.bound(1), call.dtype(), endpoint)
        }
        "binomial" => rng.binomial(size, call.int(0), call.param(1)),
        "hypergeometric" => rng.hypergeometric(size, call.int(0), call.int(1), call.int(2)),
        "multinomial" => rng.multinomial(size, call.int(0), &tensor(call.args[1])),
        "dirichlet" => rng.dirichlet(size, &tensor(call.args[0])),
        "multivariate_hypergeometric" => {
            let method = match call.options["method"] {
                "count" => HypergeometricMethod::Count,
                _ => HypergeometricMethod::Marginals,
            };
            let n = call.args[1].parse().unwrap();
            rng.multivariate_hypergeometric(size, &tensor(call.args[0]), n, method)
        }
        "permutation_of" => rng.permutation_of(call.count()),
        "bytes" => Tensor::from_vec(rng.bytes(call.count()), &[call.count()]),
        "permutation" => rng.permutation(&tensor(call.args[0]), call.axis().unwrap_or(0)),
        "permuted" => rng.permuted(&tensor(call.args[0]), call.axis()),
        "shuffle" => {
            let x = tensor(call.args[0]);
            rng.shuffle(&x, call.axis().unwrap_or(0)).map(|()| x)
        }
        "choice" => {
            let (replace, shuffle) = (call.flag("replace", true), call.flag("shuffle", true));
            rng.choice(size, call.count(), replace, p.as_ref(), shuffle)
        }
        "choice_of" => {
            let (replace, axis) = (call.flag("replace", true), call.axis().unwrap_or(0));
            rng.choice_of(size, &tensor(call.args[0]), replace, None, axis, true)
        }
        name => rng.draw(name, &size, &call.params()),
    }
}

fn call_random_state(random: &mut RandomState, call: &Call) -> Result<Tensor> {
    let size = call.size.clone();
    let p = call.p();
    match call.method {
        "standard_normal" => random.standard_normal(size),
        "random_sample" => random.random_sample(size),
        "tomaxint" => random.tomaxint(size),
        "randint" => random.randint(size, call.bound(0), call.bound(1), call.dtype()),
        "binomial" => random.binomial(size, call.int(0), call.param(1)),
        "hypergeometric" => random.hypergeometric(size, call.int(0), call.int(1), call.int(2)),
        "multinomial" => random.multinomial(size, call.args[0].parse().unwrap(), &tensor(call.args[1])),
        "dirichlet" => random.dirichlet(size, &tensor(call.args[0])),
        "permutation_of" => random.permutation_of(call.count()),
        "bytes" => Tensor::from_vec(random.bytes(call.count()), &[call.count()]),
        "permutation" => random.permutation(&tensor(call.args[0])),
        "shuffle" => {
            let x = tensor(call.args[0]);
            random.shuffle(&x).map(|()| x)
        }
        "choice" => random.choice(size, call.count(), call.flag("replace", true), p.as_ref()),
        "choice_of" => random.choice_of(size, &tensor(call.args[0]), call.flag("replace", true), None),
        name => random.draw(name, &size, &call.params()),
    }
}

fn run(line: &str) -> std::result::Result<(), String> {
    let sections: Vec<Vec<&str>> = line.split('|').map(|part| part.split_whitespace().collect()).collect();
    let [who, size, what, expected] = &sections[..] else { return Err("four sections".into()) };
    let (options, args): (Vec<&str>, Vec<&str>) = what[1..].iter().partition(|word| word.contains('='));
    let call = Call {
        method: what[0],
        size: match size[0] {
            "-" => Size::Broadcast,
            text => Size::from(&sizes(text)),
        },
        args,
        options: options.into_iter().map(|o| o.split_once('=').unwrap()).collect(),
    };
    let algorithm = Algorithm::from_name(who[1]).unwrap();
    let sequence = SeedSequence::new(entropy(who[2]));
    let (out, next) = if who[0] == "G" {
        let mut rng = Generator::from_sequence(algorithm, sequence);
        let out = call_generator(&mut rng, &call);
        (out, rng.state_mut().next_raw())
    } else {
        let mut random = if algorithm != Algorithm::MT19937 {
            RandomState::new(State::new(algorithm, &sequence))
        } else if who[2].starts_with('[') {
            RandomState::seed_array(&entropy(who[2]).0)
        } else {
            RandomState::seed(who[2].parse().unwrap())
        };
        let out = call_random_state(&mut random, &call);
        (out, random.into_parts().0.next_raw())
    };
    let out = out.map_err(|e| e.to_string())?;
    let bytes = dispatch!(out.dtype(), T => raw(&out.to_vec::<T>().unwrap()));
    let width = out.dtype().size();
    let first: Vec<String> = bytes.chunks(width).take(3).map(|b| b.iter().rev().map(|byte| format!("{byte:02x}")).collect()).collect();
    if out.dtype().name() != expected[0] {
        return Err(format!("dtype {} instead of {}", out.dtype(), expected[0]));
    }
    if first != expected[3..] {
        return Err(format!("starts with {first:?} instead of {:?}", &expected[3..]));
    }
    if format!("{:016x}", fingerprint(&bytes)) != expected[1] {
        return Err("starts alike but differs later".into());
    }
    if format!("{next:016x}") != expected[2] {
        return Err("equal, but another number of words was drawn".into());
    }
    Ok(())
}

#[test]
fn streams_equal_those_of_numpy_bit_for_bit() {
    let lines: Vec<&str> = STREAMS.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(lines.len() > 1000, "the recording holds {} streams only", lines.len());
    let failures: Vec<String> =
        lines.iter().filter_map(|line| run(line).err().map(|e| format!("{}\n    {e}", &line[..line.len().min(160)]))).collect();
    let shown = failures[..failures.len().min(40)].join("\n");
    assert!(failures.is_empty(), "{} of {} streams differ:\n{shown}", failures.len(), lines.len());
}
