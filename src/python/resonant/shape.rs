//! Arguments that several methods share: shapes, pairs, data with its shape.

use purify_resonant::Pair;
use pyo3::prelude::*;

/// An int or a sequence of ints.
pub struct Dims(pub Vec<i64>);

impl<'a, 'py> FromPyObject<'a, 'py> for Dims {
    type Error = PyErr;

    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(n) = obj.extract::<i64>() {
            return Ok(Dims(vec![n]));
        }
        obj.extract::<Vec<i64>>().map(Dims)
    }
}

impl Dims {
    /// As lengths.
    pub fn lengths(&self) -> PyResult<Vec<usize>> {
        let negative = |_| super::ShapeError::new_err(format!("a shape has no negative lengths: {:?}", self.0));
        self.0.iter().map(|&d| usize::try_from(d)).collect::<Result<_, _>>().map_err(negative)
    }
}

/// An int for both directions, or a pair for height and width.
pub struct Both(pub Pair);

impl<'a, 'py> FromPyObject<'a, 'py> for Both {
    type Error = PyErr;

    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(n) = obj.extract::<usize>() {
            return Ok(Both([n, n]));
        }
        obj.extract::<(usize, usize)>().map(|(h, w)| Both([h, w]))
    }
}
