//! Linear algebra: the rows of the op table.

use super::Dtypes::Numeric;
use super::{Category, OpInfo};

const fn op(name: &'static str, signature: &'static str, standard: &'static str, dtypes: super::Dtypes, summary: &'static str) -> OpInfo {
    OpInfo { name, category: Category::Linalg, signature, standard, dtypes, summary }
}

pub(super) const ROWS: &[OpInfo] = &[
    op("cross", "(a, b, /, axisa=-1, axisb=-1, axisc=-1, axis=None)", "extension", Numeric, "Cross product of vectors."),
    op("diagonal", "(x, /, offset=0, axis1=0, axis2=1)", "extension", Numeric, "A diagonal of two axes."),
    op("dot", "(a, b, /)", "extension", Numeric, "Product of vectors, matrices, or the last axis with the last but one."),
    op("einsum", "(subscripts, /, *operands, out=None)", "extension", Numeric, "Sums of products in Einstein notation."),
    op("inner", "(a, b, /)", "extension", Numeric, "Products summed over the last axes."),
    op("kron", "(a, b, /)", "extension", Numeric, "Kronecker product."),
    op("linalg.LinAlgError", "", "extension", Numeric, "Raised when a decomposition does not exist."),
    op("linalg.cholesky", "(x, /, *, upper=False)", "2024.12", Numeric, "Cholesky factor."),
    op("linalg.cond", "(x, /, p=None)", "extension", Numeric, "Condition number."),
    op("linalg.cross", "(x1, x2, /, *, axis=-1)", "2024.12", Numeric, "Cross product of vectors with three elements."),
    op("linalg.det", "(x, /)", "2024.12", Numeric, "Determinant."),
    op("linalg.diagonal", "(x, /, *, offset=0)", "2024.12", Numeric, "A diagonal of the last two axes."),
    op("linalg.eig", "(x, /)", "2025.12", Numeric, "Eigenvalues and eigenvectors of a square matrix."),
    op("linalg.eigh", "(x, /, UPLO='L')", "2024.12", Numeric, "Eigenvalues and eigenvectors of a symmetric matrix."),
    op("linalg.eigvals", "(x, /)", "2025.12", Numeric, "Eigenvalues of a square matrix."),
    op("linalg.eigvalsh", "(x, /, UPLO='L')", "2024.12", Numeric, "Eigenvalues of a symmetric matrix."),
    op("linalg.inv", "(x, /)", "2024.12", Numeric, "Inverse matrix."),
    op("linalg.lstsq", "(a, b, /, rcond=None)", "extension", Numeric, "Least-squares solution, residuals, rank and singular values."),
    op("linalg.matrix_norm", "(x, /, *, keepdims=False, ord='fro')", "2024.12", Numeric, "Norm of the last two axes."),
    op("linalg.matrix_power", "(x, n, /)", "2024.12", Numeric, "A square matrix multiplied by itself."),
    op("linalg.matrix_rank", "(x, /, *, rtol=None)", "2024.12", Numeric, "Rank of a matrix."),
    op("linalg.multi_dot", "(arrays, /)", "extension", Numeric, "Product of several matrices in the cheapest order."),
    op("linalg.norm", "(x, /, ord=None, axis=None, keepdims=False)", "extension", Numeric, "Norm of a vector or matrix."),
    op("linalg.outer", "(x1, x2, /)", "2024.12", Numeric, "All products of the elements of two vectors."),
    op("linalg.pinv", "(x, /, *, rtol=None, hermitian=False)", "2024.12", Numeric, "Pseudo-inverse."),
    op("linalg.qr", "(x, /, *, mode='reduced')", "2024.12", Numeric, "Factors Q and R."),
    op("linalg.slogdet", "(x, /)", "2024.12", Numeric, "Sign and logarithm of the determinant."),
    op("linalg.solve", "(x1, x2, /)", "2024.12", Numeric, "Solution of a linear system."),
    op("linalg.svd", "(x, /, *, full_matrices=True)", "2024.12", Numeric, "Singular value decomposition."),
    op("linalg.svdvals", "(x, /)", "2024.12", Numeric, "Singular values."),
    op("linalg.tensorinv", "(a, /, ind=2)", "extension", Numeric, "Inverse of a tensor with respect to `tensordot`."),
    op("linalg.tensorsolve", "(a, b, /, axes=None)", "extension", Numeric, "Solution of a tensor equation."),
    op("linalg.trace", "(x, /, *, offset=0, dtype=None)", "2024.12", Numeric, "Sum of a diagonal of the last two axes."),
    op("linalg.vector_norm", "(x, /, *, axis=None, keepdims=False, ord=2)", "2024.12", Numeric, "Norm of vectors."),
    op("matmul", "(x1, x2, /)", "2024.12", Numeric, "Matrix product."),
    op("matrix_transpose", "(x, /)", "2024.12", Numeric, "The last two axes exchanged."),
    op("outer", "(a, b, /)", "extension", Numeric, "All products of the elements of two flattened arrays."),
    op("tensordot", "(x1, x2, /, *, axes=2)", "2024.12", Numeric, "Products summed over several axes."),
    op("trace", "(x, /, offset=0, axis1=0, axis2=1, *, dtype=None)", "extension", Numeric, "Sum of a diagonal."),
    op("vdot", "(a, b, /)", "extension", Numeric, "Product of flattened arrays, the first conjugated."),
    op("vecdot", "(x1, x2, /, *, axis=-1)", "2024.12", Numeric, "Products summed over one axis, the first conjugated."),
];
