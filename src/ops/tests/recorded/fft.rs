//! Calls of Fourier transforms.

use purify_ops::fft::{self, Norm};
use purify_ops::{Device, Result, Tensor};

use crate::case::Case;

pub fn call(c: &Case) -> Result<Vec<Tensor>> {
    let norm = || Norm::from_name(c.text("norm").unwrap());
    let n = c.int("n").map(|n| n as usize);
    let (s, axes) = (c.sizes("s"), c.ints("axes"));
    let (s, axes) = (s.as_deref(), axes.as_deref());
    let one: fn(&Tensor, Option<usize>, i64, Norm) -> Result<Tensor> = match c.op() {
        "fft" => fft::fft,
        "ifft" => fft::ifft,
        "rfft" => fft::rfft,
        "irfft" => fft::irfft,
        "hfft" => fft::hfft,
        "ihfft" => fft::ihfft,
        op => {
            let out = match op {
                "fftn" => fft::fftn(&c.t("x"), s, axes, norm()?),
                "ifftn" => fft::ifftn(&c.t("x"), s, axes, norm()?),
                "rfftn" => fft::rfftn(&c.t("x"), s, axes, norm()?),
                "irfftn" => fft::irfftn(&c.t("x"), s, axes, norm()?),
                "fft2" | "ifft2" | "rfft2" | "irfft2" => {
                    let axes = [axes.unwrap()[0], axes.unwrap()[1]];
                    let call = match op {
                        "fft2" => fft::fft2,
                        "ifft2" => fft::ifft2,
                        "rfft2" => fft::rfft2,
                        _ => fft::irfft2,
                    };
                    call(&c.t("x"), s, axes, norm()?)
                }
                "fftfreq" => fft::fftfreq(n.unwrap(), c.float("d").unwrap(), None, Device::Cpu),
                "rfftfreq" => fft::rfftfreq(n.unwrap(), c.float("d").unwrap(), None, Device::Cpu),
                "fftshift" => fft::fftshift(&c.t("x"), axes),
                "ifftshift" => fft::ifftshift(&c.t("x"), axes),
                other => panic!("no call for {other}"),
            };
            return Ok(vec![out?]);
        }
    };
    Ok(vec![one(&c.t("x"), n, c.int("axis").unwrap(), norm()?)?])
}
