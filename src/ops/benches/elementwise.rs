//! Time per call of elementwise functions and reductions: small operands for the overhead, cache-resident and large
//! ones for the loops. Prints the minimum over repeated runs; `cargo bench -p purify-ops --bench elementwise`.

use std::hint::black_box;
use std::time::Instant;

use purify_ops as ops;
use purify_ops::{DType, Device, Result, Tensor};

fn time(name: &str, mut f: impl FnMut() -> Result<Tensor>) -> Result<()> {
    f()?;
    let mut best = f64::INFINITY;
    let start = Instant::now();
    let mut batch = 1usize;
    while start.elapsed().as_millis() < 200 {
        let t = Instant::now();
        for _ in 0..batch {
            black_box(f()?);
        }
        let per = t.elapsed().as_secs_f64() / batch as f64;
        best = best.min(per);
        batch = ((20e-6 / per) as usize).clamp(1, 10_000);
    }
    println!("{name:40} {:>12.3} us", best * 1e6);
    Ok(())
}

fn main() -> Result<()> {
    for (dtype, n, shape) in [
        (DType::Float32, 16usize, [4usize, 4]),
        (DType::Float32, 16384, [16, 1024]),
        (DType::Float64, 16384, [16, 1024]),
        (DType::Float32, 4 << 20, [4096, 1024]),
    ] {
        let x = ops::linspace((-4.0).into(), 4.0.into(), n, Some(dtype), Device::Cpu, true)?.reshape(&shape)?;
        let row = x.select(0, 0)?.copy()?;
        let p = ops::add(&ops::abs(&x)?, 0.5)?;
        let label = |op: &str| format!("{op} {dtype} {n}");
        time(&label("add"), || ops::add(&x, &p))?;
        time(&label("add scalar"), || ops::add(&x, 1.5))?;
        time(&label("add row"), || ops::add(&x, &row))?;
        time(&label("add transposed"), || ops::add(&x, &x.reshape(&[shape[1], shape[0]])?.transpose()))?;
        time(&label("less"), || ops::less(&x, &p))?;
        time(&label("where"), || ops::where_(&ops::less(&x, 0.0)?, &x, &p))?;
        time(&label("exp"), || ops::exp(&x))?;
        time(&label("log"), || ops::log(&p))?;
        time(&label("tanh"), || ops::tanh(&x))?;
        time(&label("sin"), || ops::sin(&x))?;
        time(&label("sigmoid"), || ops::sigmoid(&x))?;
        time(&label("gelu"), || ops::gelu(&x, false))?;
        time(&label("sum"), || ops::sum(&x, None, None, false))?;
        time(&label("sum axis 0"), || ops::sum(&x, Some(&[0]), None, false))?;
        time(&label("sum axis 1"), || ops::sum(&x, Some(&[1]), None, false))?;
        time(&label("max axis 1"), || ops::max(&x, Some(&[1]), false))?;
        time(&label("argmax axis 1"), || ops::argmax(&x, Some(1), false))?;
        time(&label("var"), || ops::var(&x, None, 0.0, false))?;
        time(&label("copy transposed"), || x.transpose().copy())?;
        time(&label("sort"), || ops::sort(&x, Some(-1), false))?;
    }
    Ok(())
}
