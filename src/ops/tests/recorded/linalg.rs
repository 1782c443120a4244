//! Calls of linear algebra.

use purify_ops::linalg::{self, MatrixOrd, QrMode, TensordotAxes};
use purify_ops::{Result, Tensor};

use crate::case::Case;

fn ord(c: &Case, name: &str) -> Option<MatrixOrd> {
    match c.text(name) {
        Some("fro") => Some(MatrixOrd::Fro),
        Some("nuc") => Some(MatrixOrd::Nuc),
        _ => c.float(name).map(MatrixOrd::P),
    }
}

pub fn call(c: &Case) -> Result<Vec<Tensor>> {
    let one = |x: Tensor| Ok(vec![x]);
    let axes = c.ints("axis");
    let axes = axes.as_deref();
    match c.op() {
        "matmul" => one(linalg::matmul(&c.t("x1"), &c.t("x2"))?),
        "tensordot" => {
            let axes = match c.int("count") {
                Some(n) => TensordotAxes::Count(n as usize),
                None => TensordotAxes::Pairs(c.ints("first").unwrap(), c.ints("second").unwrap()),
            };
            one(linalg::tensordot(&c.t("x1"), &c.t("x2"), &axes)?)
        }
        "vecdot" => one(linalg::vecdot(&c.t("x1"), &c.t("x2"), c.int("axis").unwrap())?),
        "dot" => one(linalg::dot(&c.t("x1"), &c.t("x2"))?),
        "inner" => one(linalg::inner(&c.t("x1"), &c.t("x2"))?),
        "vdot" => one(linalg::vdot(&c.t("x1"), &c.t("x2"))?),
        "outer" => one(linalg::outer(&c.t("x1"), &c.t("x2"))?),
        "kron" => one(linalg::kron(&c.t("x1"), &c.t("x2"))?),
        "cross" => one(linalg::cross(&c.t("x1"), &c.t("x2"), c.int("axis").unwrap())?),
        "diagonal" => one(linalg::diagonal(&c.t("x"), c.int("offset").unwrap())?),
        "trace" => one(linalg::trace(&c.t("x"), c.int("offset").unwrap(), None)?),
        "matrix_power" => one(linalg::matrix_power(&c.t("x"), c.int("n").unwrap())?),
        "multi_dot" => one(linalg::multi_dot(&c.all().iter().collect::<Vec<_>>())?),
        "einsum" => one(linalg::einsum(c.text("subscripts").unwrap(), &c.all().iter().collect::<Vec<_>>())?),
        "tensorsolve" => one(linalg::tensorsolve(&c.t("a"), &c.t("b"), c.ints("axes").as_deref())?),
        "tensorinv" => one(linalg::tensorinv(&c.t("a"), c.int("ind").unwrap() as usize)?),
        "inv" => one(linalg::inv(&c.t("x"))?),
        "det" => one(linalg::det(&c.t("x"))?),
        "slogdet" => linalg::slogdet(&c.t("x")).map(|(a, b)| vec![a, b]),
        "solve" => one(linalg::solve(&c.t("a"), &c.t("b"))?),
        "cholesky" => one(linalg::cholesky(&c.t("x"), c.flag("upper"))?),
        "eigh" => linalg::eigh(&c.t("x"), c.flag("upper")).map(|(a, b)| vec![a, b]),
        "eigvalsh" => one(linalg::eigvalsh(&c.t("x"), false)?),
        "eig" => linalg::eig(&c.t("x")).map(|(a, b)| vec![a, b]),
        "eigvals" => one(linalg::eigvals(&c.t("x"))?),
        "matrix_exp" => one(linalg::matrix_exp(&c.t("x"))?),
        "qr" => {
            let mode = match c.text("mode") {
                Some("complete") => QrMode::Complete,
                Some("r") => QrMode::R,
                _ => QrMode::Reduced,
            };
            linalg::qr(&c.t("x"), mode).map(|(a, b)| vec![a, b])
        }
        "svd" => {
            let x = c.t("x");
            let (u, s, vh) = linalg::svd(&x, c.flag("full_matrices"))?;
            check_svd(&x, &u, &s, &vh);
            Ok(vec![u, s, vh])
        }
        "svdvals" => one(linalg::svdvals(&c.t("x"))?),
        "pinv" => one(linalg::pinv(&c.t("x"), c.float("rtol").map(Into::into))?),
        "matrix_rank" => one(linalg::matrix_rank(&c.t("x"), None)?),
        "lstsq" => linalg::lstsq(&c.t("a"), &c.t("b"), None).map(|r| vec![r.solution, r.residuals, r.rank, r.singular_values]),
        "vector_norm" => one(linalg::vector_norm(&c.t("x"), axes, c.flag("keepdims"), c.float("ord").unwrap())?),
        "matrix_norm" => one(linalg::matrix_norm(&c.t("x"), c.flag("keepdims"), ord(c, "ord").unwrap())?),
        "norm" => one(linalg::norm(&c.t("x"), ord(c, "ord"), axes, c.flag("keepdims"))?),
        "cond" => one(linalg::cond(&c.t("x"), ord(c, "p"))?),
        other => panic!("no call for {other}"),
    }
}

/// Singular vectors are not unique; they must be orthonormal and give the matrix back.
fn check_svd(x: &Tensor, u: &Tensor, s: &Tensor, vh: &Tensor) {
    let tolerance = if x.dtype().size() == 4 || x.dtype() == purify_ops::DType::Complex64 { 1e-5 } else { 1e-12 };
    let (rank, k) = (x.ndim(), s.shape()[s.ndim() - 1]);
    let spectrum = s.astype(u.dtype()).unwrap();
    let ends = ["...ik", "...k", "...kj"];
    let u_cut = u.slice(rank - 1, 0, k, 1);
    let v_cut = vh.slice(rank - 2, 0, k, 1);
    let back = linalg::einsum(&format!("{},{},{}->...ij", ends[0], ends[1], ends[2]), &[&u_cut, &spectrum, &v_cut]).unwrap();
    close(&back, x, tolerance);
    for basis in [u.matrix_transpose().unwrap(), vh.clone()] {
        let values = basis.cast_vec::<purify_ops::Complex128>().unwrap();
        let [.., rows, cols] = basis.shape() else { unreachable!() };
        for matrix in values.chunks((rows * cols).max(1)) {
            for (i, a) in matrix.chunks((*cols).max(1)).enumerate() {
                for (j, b) in matrix.chunks((*cols).max(1)).enumerate() {
                    let dot: purify_ops::Complex128 = a.iter().zip(b).map(|(a, b)| a * b.conj()).sum();
                    assert!((dot - f64::from(u8::from(i == j))).norm() < tolerance, "rows {i} and {j} are not orthonormal: {dot}");
                }
            }
        }
    }
}

fn close(a: &Tensor, b: &Tensor, tolerance: f64) {
    assert_eq!(a.shape(), b.shape());
    let (a, b) = (a.cast_vec::<purify_ops::Complex128>().unwrap(), b.cast_vec::<purify_ops::Complex128>().unwrap());
    assert!(a.iter().zip(&b).all(|(a, b)| (a - b).norm() <= tolerance * 10.0), "u s vh is not x");
}
