//! Nanoseconds per number of the random streams: `cargo run --release -p purify-ops --example random_speed`.
//! Compare with `python tests/reference/random_speed.py`, which times NumPy in the same way.

use std::time::Instant;

use purify_ops::random::{ExponentialMethod, Generator, PCG64, RandomState};
use purify_ops::{DType, Result, Tensor};

const COUNT: usize = 100_000;

fn time(name: &str, mut draw: impl FnMut() -> Result<Tensor>) -> Result<()> {
    let mut best = f64::INFINITY;
    for _ in 0..60 {
        let start = Instant::now();
        let out = draw()?;
        best = best.min(start.elapsed().as_secs_f64());
        std::hint::black_box(out);
    }
    println!("{name:32} {:7.2}", best * 1e9 / COUNT as f64);
    Ok(())
}

fn main() -> Result<()> {
    let mut rng = Generator::new(PCG64::seed(1u64));
    let mut old = RandomState::seed(1);
    let size = &[COUNT];
    time("random float64", || rng.random(size, DType::Float64))?;
    time("random float32", || rng.random(size, DType::Float32))?;
    time("standard_normal float64", || rng.standard_normal(size, DType::Float64))?;
    time("standard_normal float32", || rng.standard_normal(size, DType::Float32))?;
    time("normal(1, 2)", || rng.normal(size, 1.0, 2.0))?;
    time("standard_exponential", || rng.standard_exponential(size, DType::Float64, ExponentialMethod::Ziggurat))?;
    time("integers(0, 1000)", || rng.integers(size, 0i64, 1000i64))?;
    time("gamma(2.5)", || rng.gamma(size, 2.5, 1.0))?;
    time("beta(2, 3)", || rng.beta(size, 2.0, 3.0))?;
    time("poisson(3)", || rng.poisson(size, 3.0))?;
    time("binomial(100, 0.4)", || rng.binomial(size, 100, 0.4))?;
    time("permutation", || rng.permutation_of(COUNT))?;
    time("RandomState.random_sample", || old.random_sample(size))?;
    time("RandomState.standard_normal", || old.standard_normal(size))?;
    time("RandomState.randint(0, 1000)", || old.randint(size, 0i64, 1000i64, DType::Int64))?;
    Ok(())
}
