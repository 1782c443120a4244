//! Tensors as text, laid out as NumPy 2 does: aligned columns, long tensors summarised, shortest digits that read back.

use std::fmt;

use crate::dtype::DType;
use crate::error::Result;
use crate::scalar::Scalar;
use crate::storage::Device;
use crate::tensor::Tensor;

/// How tensors are printed; the defaults are NumPy's.
#[derive(Clone, Debug, PartialEq)]
pub struct PrintOptions {
    /// Most digits behind the point.
    pub precision: usize,
    /// Tensors with more elements are summarised.
    pub threshold: usize,
    /// Elements shown at each end of a summarised axis.
    pub edgeitems: usize,
    /// Characters after which a line is broken.
    pub linewidth: usize,
    /// Never use scientific notation.
    pub suppress: bool,
    /// Text of not a number.
    pub nanstr: String,
    /// Text of infinity.
    pub infstr: String,
}

impl Default for PrintOptions {
    fn default() -> PrintOptions {
        PrintOptions {
            precision: 8,
            threshold: 1000,
            edgeitems: 3,
            linewidth: 75,
            suppress: false,
            nanstr: "nan".to_owned(),
            infstr: "inf".to_owned(),
        }
    }
}

/// The text of `repr(numpy.ndarray)`.
///
/// ```
/// use purify_ops::{PrintOptions, Tensor, array_repr};
/// let x = Tensor::from_vec(vec![1.0f32, 2.5], &[2])?;
/// assert_eq!(array_repr(&x, &PrintOptions::default())?, "array([1. , 2.5], dtype=float32)");
/// # Ok::<(), purify_ops::Error>(())
/// ```
pub fn array_repr(x: &Tensor, options: &PrintOptions) -> Result<String> {
    const PREFIX: &str = "array(";
    let summarised = x.size() > options.threshold;
    let body = if x.size() == 0 { "[]".to_owned() } else { array2string(x, options, ", ", PREFIX, ")")? };
    let mut extras = Vec::new();
    if (x.size() == 0 && x.shape() != [0]) || summarised {
        let lengths: Vec<String> = x.shape().iter().map(ToString::to_string).collect();
        extras.push(format!("shape=({}{})", lengths.join(", "), if lengths.len() == 1 { "," } else { "" }));
    }
    if x.size() == 0 || !matches!(x.dtype(), DType::Bool | DType::Int64 | DType::Float64 | DType::Complex128) {
        extras.push(format!("dtype={}", x.dtype()));
    }
    if extras.is_empty() {
        return Ok(format!("{PREFIX}{body})"));
    }
    let (text, tail) = (format!("{PREFIX}{body},"), format!("{})", extras.join(", ")));
    let last_line = text.len() - text.rfind('\n').map_or(0, |i| i + 1);
    let gap = if last_line + tail.len() + 1 > options.linewidth { format!("\n{}", " ".repeat(PREFIX.len())) } else { " ".to_owned() };
    Ok(format!("{text}{gap}{tail}"))
}

/// The text of `str(numpy.ndarray)`.
pub fn array_str(x: &Tensor, options: &PrintOptions) -> Result<String> {
    if x.size() == 0 { Ok("[]".to_owned()) } else { array2string(x, options, " ", "", "") }
}

/// The elements as nested lists, with a separator, indented to stand behind `prefix` and before `suffix`.
pub fn array2string(x: &Tensor, options: &PrintOptions, separator: &str, prefix: &str, suffix: &str) -> Result<String> {
    let x = x.to_device(Device::Cpu)?;
    if x.ndim() == 0 {
        return Ok(scalar_text(x.item()?, x.dtype(), options));
    }
    let summarise = x.size() > options.threshold;
    let mut elements = Vec::new();
    visible(&x, summarise, options.edgeitems, &mut elements)?;
    let words = words(&elements, x.dtype(), options);
    let mut page = Page { words: words.into_iter(), separator, summarise, edgeitems: options.edgeitems };
    let indent = " ".repeat(prefix.len() + 1);
    Ok(page.nested(x.shape(), &indent, options.linewidth.saturating_sub(suffix.len())))
}

/// The elements that are shown, in row-major order.
fn visible(x: &Tensor, summarise: bool, edge: usize, out: &mut Vec<Scalar>) -> Result<()> {
    if x.ndim() == 0 {
        out.push(x.item()?);
        return Ok(());
    }
    let n = x.shape()[0];
    for i in (0..n).filter(|&i| !summarise || n <= 2 * edge || i < edge || i >= n - edge) {
        visible(&x.select(0, i as i64)?, summarise, edge, out)?;
    }
    Ok(())
}

/// Lays out words line by line.
struct Page<'a> {
    words: std::vec::IntoIter<String>,
    separator: &'a str,
    summarise: bool,
    edgeitems: usize,
}

impl Page<'_> {
    fn nested(&mut self, shape: &[usize], indent: &str, width: usize) -> String {
        let (n, rest) = (shape[0], &shape[1..]);
        let cut = self.summarise && n > 2 * self.edgeitems;
        let shown = if cut { 2 * self.edgeitems } else { n };
        let tight = self.separator.trim_end();
        let mut text = String::new();
        if rest.is_empty() {
            let room = width.saturating_sub(tight.len().max(1));
            let mut line = indent.to_owned();
            let mut put = |line: &mut String, word: &str, last: bool, separator: &str| {
                if line.len() + word.len() > room && line.len() > indent.len() {
                    text.push_str(line.trim_end());
                    text.push('\n');
                    indent.clone_into(line);
                }
                line.push_str(word);
                if !last {
                    line.push_str(separator);
                }
            };
            for i in 0..shown {
                if cut && i == self.edgeitems {
                    put(&mut line, "...", false, self.separator);
                }
                let word = self.words.next().unwrap_or_default();
                put(&mut line, &word, i + 1 == shown, self.separator);
            }
            text.push_str(&line);
        } else {
            let inner = format!("{indent} ");
            let gap = format!("{tight}{}", "\n".repeat(rest.len()));
            for i in 0..shown {
                if cut && i == self.edgeitems {
                    text.push_str(indent);
                    text.push_str("...");
                    text.push_str(&gap);
                }
                text.push_str(indent);
                text.push_str(&self.nested(rest, &inner, width.saturating_sub(1)));
                if i + 1 < shown {
                    text.push_str(&gap);
                }
            }
        }
        format!("[{}]", text.get(indent.len()..).unwrap_or(""))
    }
}

/// A single element, as NumPy prints a 0-d array.
fn scalar_text(value: Scalar, dtype: DType, options: &PrintOptions) -> String {
    match value {
        Scalar::Bool(v) => if v { "True" } else { "False" }.to_owned(),
        _ => words(&[value], dtype, options).pop().unwrap_or_default(),
    }
}

/// The texts of elements, all of one width.
fn words(elements: &[Scalar], dtype: DType, options: &PrintOptions) -> Vec<String> {
    match dtype {
        DType::Bool => elements.iter().map(|s| if s.as_bool() { " True" } else { "False" }.to_owned()).collect(),
        d if d.is_complex() => {
            let parts = |f: fn(&Scalar) -> f64| elements.iter().map(f).collect::<Vec<_>>();
            let re = floats(&parts(|s| s.as_complex().re), dtype.real(), options, false);
            let im = floats(&parts(|s| s.as_complex().im), dtype.real(), options, true);
            re.into_iter()
                .zip(im)
                .map(|(r, i)| {
                    let tight = i.trim_end();
                    format!("{r}{tight}j{}", " ".repeat(i.len() - tight.len()))
                })
                .collect()
        }
        d if d.is_floating() => floats(&elements.iter().map(|s| s.as_f64()).collect::<Vec<_>>(), dtype, options, false),
        _ => {
            let texts: Vec<String> = elements.iter().map(|s| s.as_i128().to_string()).collect();
            let width = texts.iter().map(String::len).max().unwrap_or(0);
            texts.into_iter().map(|t| format!("{t:>width$}")).collect()
        }
    }
}

/// Digits of a positive finite number: the shortest that read back in its dtype.
fn shortest(x: f64, dtype: DType) -> String {
    match dtype {
        DType::Float16 => format!("{:e}", half_digits(x, |v| half::f16::from_f64(v).to_f64())),
        DType::BFloat16 => format!("{:e}", half_digits(x, |v| half::bf16::from_f64(v).to_f64())),
        DType::Float32 => format!("{:e}", x as f32),
        _ => format!("{x:e}"),
    }
}

/// The number with the fewest digits that rounds to `x` in a 16-bit format.
fn half_digits(x: f64, round: impl Fn(f64) -> f64) -> f64 {
    (0..6).filter_map(|d| format!("{x:.d$e}").parse::<f64>().ok()).find(|&v| round(v) == x).unwrap_or(x)
}

/// Mantissa digits and decimal exponent of the shortest text: `d.ddd * 10^e`.
fn digits(x: f64, dtype: DType) -> (String, i32) {
    let text = shortest(x, dtype);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    (mantissa.replace('.', ""), exponent.parse().unwrap_or(0))
}

/// Whole and fractional digits without exponent, the fraction cut to a precision and without trailing zeros.
fn positional(x: f64, dtype: DType, precision: usize) -> (String, String) {
    let (d, e) = digits(x, dtype);
    let point = e + 1;
    let (whole, fraction) = if point <= 0 {
        ("0".to_owned(), format!("{}{d}", "0".repeat(point.unsigned_abs() as usize)))
    } else if (point as usize) < d.len() {
        (d[..point as usize].to_owned(), d[point as usize..].to_owned())
    } else {
        (format!("{d}{}", "0".repeat(point as usize - d.len())), String::new())
    };
    let (whole, fraction) = if fraction.len() > precision {
        let text = format!("{x:.precision$}");
        let (w, f) = text.split_once('.').unwrap_or((&text, ""));
        (w.to_owned(), f.to_owned())
    } else {
        (whole, fraction)
    };
    (whole, fraction.trim_end_matches('0').to_owned())
}

/// First digit, further digits and exponent, cut to a precision.
fn scientific(x: f64, dtype: DType, precision: usize) -> (String, String, i32) {
    let (mut d, mut e) = digits(x, dtype);
    if d.len() > precision + 1 {
        let text = format!("{x:.precision$e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        (d, e) = (mantissa.replace('.', ""), exponent.parse().unwrap_or(0));
    }
    (d[..1].to_owned(), d[1..].trim_end_matches('0').to_owned(), e)
}

fn floats(values: &[f64], dtype: DType, options: &PrintOptions, plus: bool) -> Vec<String> {
    let finite = || values.iter().copied().filter(|v| v.is_finite());
    let sizes = || finite().map(f64::abs).filter(|v| *v != 0.0);
    let (high, low) = (sizes().fold(0.0, f64::max), sizes().fold(f64::INFINITY, f64::min));
    let use_exponent = high >= 1e8 || (!options.suppress && high > 0.0 && (low < 1e-4 || high / low > 1000.0));
    let sign = |v: f64| {
        if v.is_sign_negative() {
            "-"
        } else if plus {
            "+"
        } else {
            ""
        }
    };
    let (mut lefts, mut rights): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    if use_exponent {
        let parts: Vec<_> = finite()
            .map(|v| (v, if v == 0.0 { ("0".into(), String::new(), 0) } else { scientific(v.abs(), dtype, options.precision) }))
            .collect();
        let fraction = parts.iter().map(|p| p.1.1.len()).max().unwrap_or(0);
        let exponent = parts.iter().map(|p| p.1.2.unsigned_abs().to_string().len()).max().unwrap_or(2).max(2);
        for (v, (d, f, e)) in parts {
            lefts.push(format!("{}{d}", sign(v)));
            let mark = if e < 0 { '-' } else { '+' };
            rights.push(format!("{f:0<fraction$}e{mark}{:0>exponent$}", e.unsigned_abs()));
        }
    } else {
        for v in finite() {
            let (w, f) = if v == 0.0 { ("0".into(), String::new()) } else { positional(v.abs(), dtype, options.precision) };
            lefts.push(format!("{}{w}", sign(v)));
            rights.push(f);
        }
    }
    let mut left = lefts.iter().map(String::len).max().unwrap_or(0);
    let right = rights.iter().map(String::len).max().unwrap_or(0);
    let special = |v: f64| {
        let name = if v.is_nan() { &options.nanstr } else { &options.infstr };
        format!("{}{name}", if v.is_nan() { if plus { "+" } else { "" } } else { sign(v) })
    };
    for v in values.iter().filter(|v| !v.is_finite()) {
        left = left.max(special(*v).len().saturating_sub(right + usize::from(!lefts.is_empty())));
    }
    let width = if lefts.is_empty() { left } else { left + 1 + right };
    let mut parts = lefts.into_iter().zip(rights);
    values
        .iter()
        .map(|v| match v.is_finite() {
            true => {
                let (l, r) = parts.next().unwrap_or_default();
                format!("{l:>left$}.{r:<right$}")
            }
            false => format!("{:>width$}", special(*v)),
        })
        .collect()
}

impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&array_str(self, &PrintOptions::default()).map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repr(x: &Tensor) -> String {
        array_repr(x, &PrintOptions::default()).unwrap()
    }

    fn t(v: &[f64], shape: &[usize]) -> Tensor {
        Tensor::from_slice(v, shape).unwrap()
    }

    #[test]
    fn texts_are_those_of_numpy() {
        // Recorded from NumPy 2.4.
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        let table = [
            (t(&[1.0, 2.5, -0.0], &[3]), "array([ 1. ,  2.5, -0. ])"),
            (t(&[0.1, 1e-5], &[2]), "array([1.e-01, 1.e-05])"),
            (t(&[1e10, 1.25], &[2]), "array([1.00e+10, 1.25e+00])"),
            (t(&[1.0 / 3.0, nan, -inf], &[3]), "array([0.33333333,        nan,       -inf])"),
            (t(&[nan, inf], &[2]), "array([nan, inf])"),
            (t(&[123456.789, 0.001], &[2]), "array([1.23456789e+05, 1.00000000e-03])"),
            (t(&[1e200, 1e-200], &[2]), "array([1.e+200, 1.e-200])"),
            (t(&[3.0], &[]), "array(3.)"),
            (t(&[], &[0]), "array([], dtype=float64)"),
            (t(&[], &[0, 3]), "array([], shape=(0, 3), dtype=float64)"),
            (t(&[1.0, 2.0, 3.0, 4.0], &[2, 2]), "array([[1., 2.],\n       [3., 4.]])"),
            (t(&[1.0, 2.0, 300.0], &[3]).astype(DType::Int32).unwrap(), "array([  1,   2, 300], dtype=int32)"),
            (t(&[1.0, 0.0], &[2]).astype(DType::Bool).unwrap(), "array([ True, False])"),
            (t(&[0.1, 2.0], &[2]).astype(DType::Float32).unwrap(), "array([0.1, 2. ], dtype=float32)"),
            (t(&[0.1, 2.0], &[2]).astype(DType::Float16).unwrap(), "array([0.1, 2. ], dtype=float16)"),
            (
                Tensor::from_slice(&[crate::Complex128::new(1.0, -2.5), crate::Complex128::new(0.25, 3.0)], &[2]).unwrap(),
                "array([1.  -2.5j, 0.25+3.j ])",
            ),
        ];
        for (x, want) in table {
            assert_eq!(repr(&x), want);
        }
    }

    #[test]
    fn long_tensors_are_summarised_and_lines_broken() {
        let x = Tensor::from_vec((0..2000i64).collect(), &[2000]).unwrap();
        assert_eq!(repr(&x), "array([   0,    1,    2, ..., 1997, 1998, 1999], shape=(2000,))");
        let x = Tensor::from_vec((0..20i64).map(|i| i * 1000).collect(), &[20]).unwrap();
        let want = "array([    0,  1000,  2000,  3000,  4000,  5000,  6000,  7000,  8000,\n        9000, 10000, 11000, 12000, 13000, 14000, 15000, 16000, 17000,\n       18000, 19000])";
        assert_eq!(repr(&x), want);
        let x = Tensor::from_vec((0..8i32).collect(), &[2, 2, 2]).unwrap();
        assert_eq!(x.to_string(), "[[[0 1]\n  [2 3]]\n\n [[4 5]\n  [6 7]]]");
    }
}
