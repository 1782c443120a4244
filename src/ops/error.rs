//! The one error type of the crate: what failed, where, with which shapes and dtypes.

use crate::dtype::DType;

/// Result of every fallible operation of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong. [`Error::kind`] says which class of exception a binding should raise.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An axis is outside `-ndim..ndim`.
    #[error("{op}: axis {axis} is out of range for shape {shape:?}")]
    Axis {
        /// The operation.
        op: &'static str,
        /// The axis as the caller gave it.
        axis: i64,
        /// The shape it was meant for.
        shape: Vec<usize>,
    },
    /// An axis is named twice.
    #[error("{op}: axis {axis} is given more than once")]
    RepeatedAxis {
        /// The operation.
        op: &'static str,
        /// The axis that occurs twice.
        axis: i64,
    },
    /// Shapes that cannot be broadcast against each other.
    #[error("{op}: shapes {} cannot be broadcast together", list(shapes))]
    Broadcast {
        /// The operation.
        op: &'static str,
        /// The shapes of the operands, in order.
        shapes: Vec<Vec<usize>>,
    },
    /// A tensor of one shape where another is needed.
    #[error("{op}: expected shape {expected:?}, got {got:?}")]
    ShapeMismatch {
        /// The operation.
        op: &'static str,
        /// The shape that would work.
        expected: Vec<usize>,
        /// The shape that was given.
        got: Vec<usize>,
    },
    /// A value outside the domain of the operation.
    #[error("{op}: {message}")]
    Value {
        /// The operation.
        op: &'static str,
        /// What was wrong and what would work.
        message: String,
    },
    /// A dtype that the operation does not take.
    #[error("{op}: dtype {dtype} is not supported; {expected}")]
    DType {
        /// The operation.
        op: &'static str,
        /// The dtype that was given.
        dtype: DType,
        /// Which dtypes work.
        expected: &'static str,
    },
    /// Any other mistake about types.
    #[error("{op}: {message}")]
    Type {
        /// The operation.
        op: &'static str,
        /// What was wrong and what would work.
        message: String,
    },
    /// An index outside an axis.
    #[error("{op}: index {index} is out of bounds for axis {axis} with size {size}")]
    OutOfBounds {
        /// The operation.
        op: &'static str,
        /// The index as given.
        index: i64,
        /// The axis it indexes.
        axis: usize,
        /// The length of that axis.
        size: usize,
    },
    /// Any other mistake about indices.
    #[error("{op}: {message}")]
    Index {
        /// The operation.
        op: &'static str,
        /// What was wrong and what would work.
        message: String,
    },
    /// The number of elements or bytes does not fit the address space.
    #[error("{op}: shape {shape:?} has too many elements to address")]
    TooLarge {
        /// The operation.
        op: &'static str,
        /// The shape that was asked for.
        shape: Vec<usize>,
    },
    /// The allocator returned nothing.
    #[error("cannot allocate {bytes} bytes")]
    OutOfMemory {
        /// How much was asked for.
        bytes: usize,
    },
    /// A Python integer that the dtype cannot hold.
    #[error("{op}: {value} is out of bounds for {dtype}")]
    Overflow {
        /// The operation.
        op: &'static str,
        /// The integer, as text.
        value: String,
        /// The dtype it was converted to.
        dtype: DType,
    },
    /// A matrix that has no such decomposition, inverse or solution.
    #[error("{op}: {message}")]
    LinAlg {
        /// The operation.
        op: &'static str,
        /// Why it failed.
        message: String,
    },
    /// A device that is absent, or operands on different devices.
    #[error("{op}: {message}")]
    Device {
        /// The operation.
        op: &'static str,
        /// Which device, and what would work.
        message: String,
    },
    /// A device has no memory left.
    #[error("{op}: {message}")]
    DeviceMemory {
        /// The operation.
        op: &'static str,
        /// Which device, how much was asked for, and who holds the rest.
        message: String,
    },
    /// A device that stopped working for this process.
    #[error("{op}: {message}")]
    DeviceLost {
        /// The operation that met it, which need not be the one that caused it.
        op: &'static str,
        /// Which device, and what its driver says.
        message: String,
    },
    /// The tensor's memory may not be written.
    #[error("{op}: the tensor is read-only; copy it first")]
    ReadOnly {
        /// The operation.
        op: &'static str,
    },
    /// The backend has no kernel for this operation and dtype.
    #[error("{op}: not available on {device} for {dtype}")]
    Unsupported {
        /// The operation.
        op: &'static str,
        /// The device's name.
        device: String,
        /// The dtype.
        dtype: DType,
    },
    /// Reading or writing a file failed.
    #[error("{op}: {message}")]
    Io {
        /// The operation.
        op: &'static str,
        /// The path and the cause.
        message: String,
    },
}

/// The class of an error, after the exception classes of NumPy and Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// A bad axis: both a `ValueError` and an `IndexError`, as NumPy's `AxisError`.
    Axis,
    /// `ValueError`
    Value,
    /// `TypeError`
    Type,
    /// `IndexError`
    Index,
    /// `OverflowError`
    Overflow,
    /// `MemoryError`
    Memory,
    /// A `MemoryError` about a device.
    DeviceMemory,
    /// A `RuntimeError` about a device that is lost.
    DeviceLost,
    /// `LinAlgError`, a `ValueError`
    LinAlg,
    /// `NotImplementedError`
    NotImplemented,
    /// `OSError`
    Io,
    /// `RuntimeError`
    Runtime,
}

impl Error {
    /// The exception class this error corresponds to.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Error::Axis { .. } => ErrorKind::Axis,
            Error::RepeatedAxis { .. }
            | Error::Broadcast { .. }
            | Error::ShapeMismatch { .. }
            | Error::Value { .. }
            | Error::TooLarge { .. }
            | Error::ReadOnly { .. } => ErrorKind::Value,
            Error::DType { .. } | Error::Type { .. } => ErrorKind::Type,
            Error::OutOfBounds { .. } | Error::Index { .. } => ErrorKind::Index,
            Error::Overflow { .. } => ErrorKind::Overflow,
            Error::OutOfMemory { .. } => ErrorKind::Memory,
            Error::DeviceMemory { .. } => ErrorKind::DeviceMemory,
            Error::DeviceLost { .. } => ErrorKind::DeviceLost,
            Error::LinAlg { .. } => ErrorKind::LinAlg,
            Error::Unsupported { .. } => ErrorKind::NotImplemented,
            Error::Io { .. } => ErrorKind::Io,
            Error::Device { .. } => ErrorKind::Runtime,
        }
    }

    /// A [`Error::Value`] with a message.
    pub fn value(op: &'static str, message: impl Into<String>) -> Error {
        Error::Value { op, message: message.into() }
    }

    /// A [`Error::Type`] with a message.
    pub fn type_(op: &'static str, message: impl Into<String>) -> Error {
        Error::Type { op, message: message.into() }
    }

    /// A [`Error::Index`] with a message.
    pub fn index(op: &'static str, message: impl Into<String>) -> Error {
        Error::Index { op, message: message.into() }
    }

    /// A [`Error::LinAlg`] with a message.
    pub fn linalg(op: &'static str, message: impl Into<String>) -> Error {
        Error::LinAlg { op, message: message.into() }
    }

    /// A [`Error::DType`] naming what would work.
    pub fn dtype(op: &'static str, dtype: DType, expected: &'static str) -> Error {
        Error::DType { op, dtype, expected }
    }
}

fn list(shapes: &[Vec<usize>]) -> String {
    shapes.iter().map(|s| format!("{s:?}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_say_what_and_where() {
        let e = Error::Axis { op: "mean", axis: 3, shape: vec![2, 4] };
        assert_eq!(e.to_string(), "mean: axis 3 is out of range for shape [2, 4]");
        let e = Error::Broadcast { op: "add", shapes: vec![vec![2], vec![3]] };
        assert_eq!(e.to_string(), "add: shapes [2] [3] cannot be broadcast together");
        assert_eq!(e.kind(), ErrorKind::Value);
    }
}
