//! Elementwise functions: promotion, broadcasting and allocation here, the arithmetic in the backend.
//!
//! ```
//! use purify_ops::{DType, Tensor, add, less, maximum, where_};
//! let x = Tensor::from_vec(vec![1i32, -2, 3, -4], &[2, 2])?;
//! let row = Tensor::from_vec(vec![10i64, 20], &[2])?;
//! let y = add(&x, &row)?; // broadcast and promoted
//! assert_eq!((y.dtype(), y.to_vec::<i64>()?), (DType::Int64, vec![11, 18, 13, 16]));
//! assert_eq!(maximum(&x, 0)?.to_vec::<i32>()?, [1, 0, 3, 0]); // a scalar takes the tensor's dtype
//! assert_eq!(where_(&less(&x, 0)?, 7, &x)?.to_vec::<i32>()?, [1, 7, 3, 7]);
//! # Ok::<(), purify_ops::Error>(())
//! ```

mod binary;
mod compose;
mod float_errors;
mod unary;

pub use binary::*;
pub use compose::*;
pub use float_errors::{FloatErrors, binary_errors, combined_errors, unary_errors};
pub use unary::*;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BinaryOp, DType, Error, Operand, ReduceOp, Tensor, UnaryOp};

    fn operand(dtype: DType) -> Tensor {
        Tensor::from_slice(&[0.0, 1.0, 2.0, 3.0, 5.0, 7.0], &[2, 3]).unwrap().astype(dtype).unwrap()
    }

    #[test]
    fn every_function_computes_every_dtype_it_accepts() {
        for dtype in DType::ALL {
            let x = operand(dtype);
            // A transposed view takes the strided path.
            for v in [x.clone(), x.transpose()] {
                for &op in UnaryOp::ALL {
                    match unary(op, &v) {
                        Ok(out) => assert_eq!(out.shape(), v.shape()),
                        Err(Error::DType { .. }) => {}
                        Err(e) => panic!("{} of {dtype}: {e}", op.name()),
                    }
                }
                for &op in BinaryOp::ALL {
                    match binary(op, Operand::Tensor(&v), Operand::Tensor(&v)) {
                        Ok(out) => assert_eq!(out.shape(), v.shape()),
                        Err(Error::DType { .. }) => {}
                        Err(e) => panic!("{} of {dtype}: {e}", op.name()),
                    }
                }
            }
            for &op in ReduceOp::ALL {
                for axes in [&[0usize][..], &[1], &[0, 1], &[]] {
                    let shape: Vec<usize> = (0..2).filter(|a| !axes.contains(a)).map(|a| x.shape()[a]).collect();
                    let out = Tensor::uninit("test", &shape, op.output(dtype), x.device()).unwrap();
                    x.backend().unwrap().reduce(op, &x, axes, &out).unwrap();
                }
            }
        }
    }

    #[test]
    fn integer_division_and_shifts_are_those_of_numpy() {
        let a = Tensor::from_slice(&[7i8, -7, 7, -7, -128, 5], &[6]).unwrap();
        let b = Tensor::from_slice(&[2i8, 2, -2, -2, -1, 0], &[6]).unwrap();
        let v = |t: Tensor| t.to_vec::<i8>().unwrap();
        assert_eq!(v(floor_divide(&a, &b).unwrap()), [3, -4, -4, 3, -128, 0]);
        assert_eq!(v(remainder(&a, &b).unwrap()), [1, 1, -1, -1, 0, 0]);
        assert_eq!(v(fmod(&a, &b).unwrap()), [1, -1, 1, -1, 0, 0]);
        assert_eq!(v(bitwise_left_shift(&a, 8).unwrap()), [0; 6]);
        assert_eq!(v(bitwise_right_shift(&a, 100).unwrap()), [0, -1, 0, -1, -1, 0]);
        assert!(pow(&a, &b).is_err());
        assert_eq!(v(pow(&a, 2).unwrap()), [49, 49, 49, 49, 0, 25]);
    }

    #[test]
    fn float_division_has_the_special_values_of_the_standard() {
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        // (x1, x2, floor_divide, remainder)
        let table = [
            (7.5, 2.0, 3.0, 1.5),
            (-7.5, 2.0, -4.0, 0.5),
            (7.5, -2.0, -4.0, -0.5),
            (1.0, 0.0, inf, nan),
            (-1.0, 0.0, -inf, nan),
            (0.0, 0.0, nan, nan),
            (inf, 2.0, inf, nan),
            (1.0, inf, 0.0, 1.0),
            (-1.0, inf, -0.0, inf),
            (1.0, -inf, -0.0, -inf),
            (nan, 1.0, nan, nan),
            (1.0, 0.1, 9.0, 0.09999999999999995),
        ];
        for (a, b, q, r) in table {
            let got = (floor_divide(a, b).unwrap().item().unwrap().as_f64(), remainder(a, b).unwrap().item().unwrap().as_f64());
            let same = |x: f64, y: f64| x == y || (x.is_nan() && y.is_nan());
            assert!(same(got.0, q) && same(got.1, r), "{a} {b}: {got:?}");
        }
    }

    #[test]
    fn scalars_are_weak_and_checked() {
        let x = Tensor::from_slice(&[1u8, 255], &[2]).unwrap();
        assert_eq!(add(&x, 1).unwrap().to_vec::<u8>().unwrap(), [2, 0]);
        assert!(matches!(add(&x, 256), Err(Error::Overflow { .. })));
        assert_eq!(add(&x, 0.5).unwrap().dtype(), DType::Float64);
        assert_eq!(less(&x, 300).unwrap().to_vec::<bool>().unwrap(), [true, true]);
        assert_eq!(greater(-1, &x).unwrap().to_vec::<bool>().unwrap(), [false, false]);
        assert_eq!(divide(&x, &x).unwrap().dtype(), DType::Float64);
        assert_eq!(sqrt(&x).unwrap().dtype(), DType::Float16);
    }

    #[test]
    fn int64_and_uint64_are_compared_exactly() {
        // In float64, to which they promote, 2^53 + 1 equals 2^53 and u64::MAX equals 2^64.
        let signed = Tensor::from_slice(&[(1i64 << 53) + 1, i64::MAX, -1, i64::MIN, 0, 7], &[6]).unwrap();
        let unsigned = Tensor::from_slice(&[1u64 << 53, 1 << 63, u64::MAX, 0, 0, 8], &[6]).unwrap();
        let order: Vec<std::cmp::Ordering> = signed
            .to_vec::<i64>()
            .unwrap()
            .into_iter()
            .zip(unsigned.to_vec::<u64>().unwrap())
            .map(|(a, b)| i128::from(a).cmp(&i128::from(b)))
            .collect();
        type Compare = fn(&Tensor, &Tensor) -> crate::Result<Tensor>;
        type Holds = fn(std::cmp::Ordering) -> bool;
        let table: [(Compare, Holds); 6] = [
            (|a, b| equal(a, b), |o| o.is_eq()),
            (|a, b| not_equal(a, b), |o| o.is_ne()),
            (|a, b| less(a, b), |o| o.is_lt()),
            (|a, b| less_equal(a, b), |o| o.is_le()),
            (|a, b| greater(a, b), |o| o.is_gt()),
            (|a, b| greater_equal(a, b), |o| o.is_ge()),
        ];
        for (compare, holds) in table {
            let expected: Vec<bool> = order.iter().map(|&o| holds(o)).collect();
            assert_eq!(compare(&signed, &unsigned).unwrap().to_vec::<bool>().unwrap(), expected);
            let expected: Vec<bool> = order.iter().map(|&o| holds(o.reverse())).collect();
            assert_eq!(compare(&unsigned, &signed).unwrap().to_vec::<bool>().unwrap(), expected);
        }
    }

    #[test]
    fn in_place_results_go_to_the_operands_memory() {
        let x = Tensor::from_vec(vec![1.0f32; 1000], &[1000]).unwrap();
        binary_inplace(BinaryOp::Add, &x, 1.5.into()).unwrap();
        binary_inplace(BinaryOp::Multiply, &x, (&x).into()).unwrap();
        assert_eq!(x.to_vec::<f32>().unwrap(), [6.25; 1000]);
        let head = x.slice(0, 0, 999, 1);
        binary_inplace(BinaryOp::Subtract, &x.slice(0, 1, 999, 1), (&head).into()).unwrap();
        assert_eq!(x.to_vec::<f32>().unwrap()[..3], [6.25, 0.0, 0.0]);
        let i = Tensor::from_slice(&[1i64], &[1]).unwrap();
        assert!(binary_inplace(BinaryOp::Add, &i, 0.5.into()).is_err());
    }

    #[test]
    fn tolerances_handle_infinity_and_nan() {
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        let a = Tensor::from_slice(&[1.0, inf, inf, nan], &[4]).unwrap();
        let b = Tensor::from_slice(&[1.0 + 1e-9, inf, -inf, nan], &[4]).unwrap();
        assert_eq!(isclose(&a, &b, 1e-5, 1e-8, false).unwrap().to_vec::<bool>().unwrap(), [true, true, false, false]);
        assert!(isclose(&a, &b, 1e-5, 1e-8, true).unwrap().to_vec::<bool>().unwrap()[3]);
    }
}
