//! `ops.linalg`, and the products that the main namespace has as well.

use purify_ops::Tensor;
use purify_ops::linalg::{self, MatrixOrd, QrMode, TensordotAxes};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::convert::{self, Arg, Array, Arrays, Ints, Number};
use crate::dtype::DTypeArg;
use crate::tensor::{PyTensor, compute, python};

type Out = PyResult<Py<PyTensor>>;

/// Work per element of these functions is far above that of elementwise ones, so the interpreter is released early.
const WEIGHT: usize = 16;

fn run(py: Python<'_>, size: usize, f: impl FnOnce() -> purify_ops::Result<Tensor> + Send) -> Out {
    PyTensor::wrap(py, compute(py, size.saturating_mul(WEIGHT), f)?)
}

/// A named tuple of tensors.
fn named<'py>(py: Python<'py>, name: &str, parts: Vec<Tensor>) -> PyResult<Bound<'py, PyAny>> {
    let parts = parts.into_iter().map(|t| PyTensor::wrap(py, t)).collect::<PyResult<Vec<_>>>()?;
    python(py, "purify.ops._results", name)?.call1(PyTuple::new(py, parts)?)
}

macro_rules! simple {
    ($($(#[$doc:meta])* $name:ident($($arg:ident),*) $signature:tt;)*) => {$(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = $signature)]
        fn $name(py: Python<'_>, $($arg: Array),*) -> Out {
            let size = 0 $(+ $arg.0.size())*;
            run(py, size, move || linalg::$name($(&$arg.0),*))
        }
    )*};
}

simple! {
    /// The matrix product of the last two axes; leading axes broadcast. A vector counts as a row on the left and as a
    /// column on the right.
    matmul(x1, x2) (x1, x2, /);
    /// The last two axes exchanged. A view.
    matrix_transpose(x) (x, /);
    /// NumPy's `dot`: matrices multiply, vectors give their inner product, higher dimensions contract the last axis of the
    /// first with the second to last of the second.
    dot(x1, x2) (x1, x2, /);
    /// The sum of products over the last axes.
    inner(x1, x2) (x1, x2, /);
    /// The inner product of both operands flattened, the first conjugated.
    vdot(x1, x2) (x1, x2, /);
    /// All products of an element of the first with one of the second; operands are flattened. Shape `(m, n)`.
    outer(x1, x2) (x1, x2, /);
    /// The Kronecker product.
    kron(x1, x2) (x1, x2, /);
    /// Determinants of matrices; shape `x.shape[:-2]`.
    det(x) (x, /);
    /// Inverses of matrices. `LinAlgError` if one is singular.
    inv(x) (x, /);
    /// The solution of `x1 @ y = x2`; `x2` is a vector or a matrix of columns. `LinAlgError` if `x1` is singular.
    solve(x1, x2) (x1, x2, /);
    /// Singular values in descending order; shape `(..., min(m, n))`.
    svdvals(x) (x, /);
    /// Eigenvalues of general matrices; complex.
    eigvals(x) (x, /);
    /// Matrix exponentials, by scaling and squaring of a Padé approximant.
    matrix_exp(x) (x, /);
}

/// The inner product over one axis, the first operand conjugated; other axes broadcast.
#[pyfunction]
#[pyo3(signature = (x1, x2, /, *, axis = -1))]
fn vecdot(py: Python<'_>, x1: Array, x2: Array, axis: i64) -> Out {
    run(py, x1.0.size().max(x2.0.size()), move || linalg::vecdot(&x1.0, &x2.0, axis))
}

/// The sum of products over pairs of axes: a number (the last of the first operand with the first of the second) or two
/// sequences of axes.
#[pyfunction]
#[pyo3(signature = (x1, x2, /, *, axes = None))]
fn tensordot(py: Python<'_>, x1: Array, x2: Array, axes: Option<&Bound<'_, PyAny>>) -> Out {
    let axes = match axes {
        None => TensordotAxes::Count(2),
        Some(a) => match a.extract::<i64>() {
            Ok(n) => {
                TensordotAxes::Count(usize::try_from(n).map_err(|_| PyValueError::new_err(format!("tensordot: axes={n} is negative")))?)
            }
            Err(_) => {
                let (a, b): (Ints, Ints) = (a.get_item(0)?.extract()?, a.get_item(1)?.extract()?);
                TensordotAxes::Pairs(a.0, b.0)
            }
        },
    };
    run(py, x1.0.size().max(x2.0.size()), move || linalg::tensordot(&x1.0, &x2.0, &axes))
}

/// The cross product of vectors of three elements along an axis.
#[pyfunction]
#[pyo3(signature = (x1, x2, /, *, axis = -1))]
fn cross(py: Python<'_>, x1: Array, x2: Array, axis: i64) -> Out {
    run(py, x1.0.size(), move || linalg::cross(&x1.0, &x2.0, axis))
}

/// The sum of products by Einstein's convention: `einsum("ij,jk->ik", a, b)`.
#[pyfunction]
#[pyo3(signature = (subscripts, /, *operands))]
fn einsum(py: Python<'_>, subscripts: &str, operands: &Bound<'_, PyTuple>) -> Out {
    let operands = operands.iter().map(|o| Ok(o.extract::<Array>()?.0)).collect::<PyResult<Vec<_>>>()?;
    let size = operands.iter().map(Tensor::size).max().unwrap_or(0);
    run(py, size, || linalg::einsum(subscripts, &operands.iter().collect::<Vec<_>>()))
}

/// The diagonals of the last two axes; a view of shape `(..., n)`.
#[pyfunction]
#[pyo3(signature = (x, /, *, offset = 0))]
fn diagonal(py: Python<'_>, x: Array, #[pyo3(from_py_with = convert::diagonal)] offset: i64) -> Out {
    run(py, 0, move || linalg::diagonal(&x.0, offset))
}

/// The sums of the diagonals of the last two axes.
#[pyfunction]
#[pyo3(signature = (x, /, *, offset = 0, dtype = None))]
fn trace(py: Python<'_>, x: Array, #[pyo3(from_py_with = convert::diagonal)] offset: i64, dtype: Option<DTypeArg>) -> Out {
    run(py, x.0.size(), move || linalg::trace(&x.0, offset, dtype.map(|d| d.0)))
}

/// The diagonal of two axes, as NumPy counts them: by default the first two. A view.
#[pyfunction]
#[pyo3(name = "diagonal", signature = (x, /, offset = 0, axis1 = 0, axis2 = 1))]
fn numpy_diagonal(py: Python<'_>, x: Array, #[pyo3(from_py_with = convert::diagonal)] offset: i64, axis1: i64, axis2: i64) -> Out {
    run(py, 0, move || linalg::diagonal_of("diagonal", &x.0, offset, axis1, axis2))
}

/// The sum of the diagonal of two axes, as NumPy counts them: by default the first two.
#[pyfunction]
#[pyo3(name = "trace", signature = (x, /, offset = 0, axis1 = 0, axis2 = 1, dtype = None))]
fn numpy_trace(
    py: Python<'_>,
    x: Array,
    #[pyo3(from_py_with = convert::diagonal)] offset: i64,
    axis1: i64,
    axis2: i64,
    dtype: Option<DTypeArg>,
) -> Out {
    run(py, x.0.size(), move || {
        let d = linalg::diagonal_of("trace", &x.0, offset, axis1, axis2)?;
        purify_ops::sum(&d, Some(&[-1]), dtype.map(|d| d.0), false)
    })
}

/// Integer powers of matrices; negative ones invert first.
#[pyfunction]
#[pyo3(signature = (x, n, /))]
fn matrix_power(py: Python<'_>, x: Array, n: i64) -> Out {
    run(py, x.0.size(), move || linalg::matrix_power(&x.0, n))
}

/// The product of several matrices in the cheapest order.
#[pyfunction]
#[pyo3(signature = (arrays, /))]
fn multi_dot(py: Python<'_>, arrays: Arrays) -> Out {
    run(py, usize::MAX, move || linalg::multi_dot(&arrays.0.iter().collect::<Vec<_>>()))
}

/// The Cholesky factor of Hermitian positive-definite matrices: lower, or upper. `LinAlgError` if one is not.
#[pyfunction]
#[pyo3(signature = (x, /, *, upper = false))]
fn cholesky(py: Python<'_>, x: Array, upper: bool) -> Out {
    run(py, x.0.size(), move || linalg::cholesky(&x.0, upper))
}

/// The QR decomposition; `mode` is "reduced", "complete" or "r". A named tuple `(Q, R)`, for "r" the array R.
#[pyfunction]
#[pyo3(signature = (x, /, *, mode = "reduced"))]
fn qr<'py>(py: Python<'py>, x: Array, mode: &str) -> PyResult<Bound<'py, PyAny>> {
    let kind = match mode {
        "reduced" => QrMode::Reduced,
        "complete" => QrMode::Complete,
        "r" => QrMode::R,
        _ => return Err(PyValueError::new_err(format!("qr: mode {mode:?} is not one of \"reduced\", \"complete\", \"r\""))),
    };
    let (q, r) = compute(py, x.0.size().saturating_mul(WEIGHT), move || linalg::qr(&x.0, kind))?;
    if kind == QrMode::R {
        return Ok(PyTensor::wrap(py, r)?.into_bound(py).into_any());
    }
    named(py, "QRResult", vec![q, r])
}

/// The singular value decomposition: a named tuple `(U, S, Vh)` with `x = U @ diag(S) @ Vh`, S descending.
#[pyfunction]
#[pyo3(signature = (x, /, *, full_matrices = true))]
fn svd<'py>(py: Python<'py>, x: Array, full_matrices: bool) -> PyResult<Bound<'py, PyAny>> {
    let (u, s, vh) = compute(py, x.0.size().saturating_mul(WEIGHT), move || linalg::svd(&x.0, full_matrices))?;
    named(py, "SVDResult", vec![u, s, vh])
}

fn upper(uplo: &str) -> PyResult<bool> {
    match uplo {
        "L" | "l" => Ok(false),
        "U" | "u" => Ok(true),
        _ => Err(PyValueError::new_err(format!("eigh: UPLO must be \"L\" or \"U\", not {uplo:?}"))),
    }
}

/// Eigenvalues (ascending) and eigenvectors (columns) of Hermitian matrices, of which one triangle is read: a named tuple.
#[pyfunction]
#[pyo3(signature = (x, /, UPLO = "L"))]
#[expect(non_snake_case, reason = "the parameter's name in NumPy")]
fn eigh<'py>(py: Python<'py>, x: Array, UPLO: &str) -> PyResult<Bound<'py, PyAny>> {
    let upper = upper(UPLO)?;
    let (w, v) = compute(py, x.0.size().saturating_mul(WEIGHT), move || linalg::eigh(&x.0, upper))?;
    named(py, "EighResult", vec![w, v])
}

/// Eigenvalues of Hermitian matrices, ascending and real.
#[pyfunction]
#[pyo3(signature = (x, /, UPLO = "L"))]
#[expect(non_snake_case, reason = "the parameter's name in NumPy")]
fn eigvalsh(py: Python<'_>, x: Array, UPLO: &str) -> Out {
    let upper = upper(UPLO)?;
    run(py, x.0.size(), move || linalg::eigvalsh(&x.0, upper))
}

/// Eigenvalues and eigenvectors (columns) of general matrices, complex: a named tuple.
#[pyfunction]
#[pyo3(signature = (x, /))]
fn eig<'py>(py: Python<'py>, x: Array) -> PyResult<Bound<'py, PyAny>> {
    let (w, v) = compute(py, x.0.size().saturating_mul(WEIGHT), move || linalg::eig(&x.0))?;
    named(py, "EigResult", vec![w, v])
}

/// The sign and the logarithm of the absolute value of determinants: a named tuple.
#[pyfunction]
#[pyo3(signature = (x, /))]
fn slogdet<'py>(py: Python<'py>, x: Array) -> PyResult<Bound<'py, PyAny>> {
    let (s, l) = compute(py, x.0.size().saturating_mul(WEIGHT), move || linalg::slogdet(&x.0))?;
    named(py, "SlogdetResult", vec![s, l])
}

/// A tolerance: a number, or an array of one element.
fn tolerance(value: Option<Number>) -> Option<f64> {
    value.map(|v| v.0.as_f64())
}

/// The Moore-Penrose pseudoinverse; singular values up to `rtol` times the largest count as zero. `rtol` is a number or an
/// array with one tolerance per matrix. `hermitian` promises a Hermitian `x` and changes nothing in the result.
#[pyfunction]
#[pyo3(signature = (x, /, *, rtol = None, hermitian = false))]
fn pinv(py: Python<'_>, x: Array, rtol: Option<Arg>, hermitian: bool) -> Out {
    let _ = hermitian;
    run(py, x.0.size(), move || linalg::pinv(&x.0, rtol.as_ref().map(Arg::operand)))
}

/// The number of singular values above `rtol` times the largest; `rtol` is a number or an array with one per matrix.
#[pyfunction]
#[pyo3(signature = (x, /, *, rtol = None))]
fn matrix_rank(py: Python<'_>, x: Array, rtol: Option<Arg>) -> Out {
    run(py, x.0.size(), move || linalg::matrix_rank(&x.0, rtol.as_ref().map(Arg::operand)))
}

/// The least-squares solution of `a @ x = b` of least norm: a named tuple `(x, residuals, rank, s)`.
#[pyfunction]
#[pyo3(signature = (a, b, /, rcond = None))]
fn lstsq<'py>(py: Python<'py>, a: Array, b: Array, rcond: Option<Number>) -> PyResult<Bound<'py, PyAny>> {
    // A negative value means machine precision, NumPy's older spelling of the default.
    let rcond = tolerance(rcond).filter(|r| *r >= 0.0);
    let out = compute(py, a.0.size().saturating_mul(WEIGHT), move || linalg::lstsq(&a.0, &b.0, rcond))?;
    named(py, "LstsqResult", vec![out.solution, out.residuals, out.rank, out.singular_values])
}

fn ord(value: &Bound<'_, PyAny>) -> PyResult<MatrixOrd> {
    if let Ok(text) = value.cast::<PyString>() {
        return match text.to_str()? {
            "fro" | "f" => Ok(MatrixOrd::Fro),
            "nuc" => Ok(MatrixOrd::Nuc),
            "inf" => Ok(MatrixOrd::P(f64::INFINITY)),
            other => Err(PyValueError::new_err(format!("norm: ord {other:?} is not one of \"fro\", \"nuc\" or a number"))),
        };
    }
    Ok(MatrixOrd::P(
        value.extract::<f64>().map_err(|_| PyTypeError::new_err(format!("norm: ord must be a number, \"fro\" or \"nuc\", not {value}")))?,
    ))
}

/// NumPy's `norm`: of all elements by default, of vectors along one axis, of matrices along two.
#[pyfunction]
#[pyo3(signature = (x, /, ord = None, axis = None, keepdims = false))]
fn norm(py: Python<'_>, x: Array, ord: Option<&Bound<'_, PyAny>>, axis: Option<Ints>, keepdims: bool) -> Out {
    let ord = ord.map(self::ord).transpose()?;
    run(py, x.0.size(), move || linalg::norm(&x.0, ord, axis.as_ref().map(|a| a.0.as_slice()), keepdims))
}

/// The norm of vectors: `(sum |x|**ord)**(1/ord)`; inf and -inf are the largest and smallest absolute value.
#[pyfunction]
#[pyo3(signature = (x, /, *, axis = None, keepdims = false, ord = None))]
fn vector_norm(py: Python<'_>, x: Array, axis: Option<Ints>, keepdims: bool, ord: Option<Number>) -> Out {
    let ord = ord.map_or(2.0, |o| o.0.as_f64());
    run(py, x.0.size(), move || linalg::vector_norm(&x.0, axis.as_ref().map(|a| a.0.as_slice()), keepdims, ord))
}

/// The norm of matrices: "fro", "nuc", 1, -1, 2, -2, inf or -inf.
#[pyfunction]
#[pyo3(signature = (x, /, *, keepdims = false, ord = None))]
fn matrix_norm(py: Python<'_>, x: Array, keepdims: bool, ord: Option<&Bound<'_, PyAny>>) -> Out {
    let ord = ord.map_or(Ok(MatrixOrd::Fro), self::ord)?;
    run(py, x.0.size(), move || linalg::matrix_norm(&x.0, keepdims, ord))
}

/// Condition numbers of matrices in a norm, by default 2.
#[pyfunction]
#[pyo3(signature = (x, /, p = None))]
fn cond(py: Python<'_>, x: Array, p: Option<&Bound<'_, PyAny>>) -> Out {
    let p = p.map(self::ord).transpose()?;
    run(py, x.0.size(), move || linalg::cond(&x.0, p))
}

/// Adds the functions to the module and to its `linalg`.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    let space = PyModule::new(m.py(), "linalg")?;
    macro_rules! add { ($target:expr, $($f:ident)*) => { $($target.add_function(wrap_pyfunction!($f, $target)?)?;)* } }
    add!(m, matmul matrix_transpose tensordot vecdot dot inner vdot outer kron cross einsum);
    add!(m, numpy_diagonal numpy_trace norm);
    add!(&space, matmul matrix_transpose tensordot vecdot outer cross diagonal trace det inv solve svdvals eigvals matrix_exp
        matrix_power multi_dot cholesky qr svd eigh eigvalsh eig slogdet pinv matrix_rank lstsq norm vector_norm matrix_norm cond);
    space.add("LinAlgError", crate::error::linalg_error(m.py())?)?;
    m.add("linalg", space)
}
