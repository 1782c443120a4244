//! The error type of the crate: which operation failed, on what, and what would work.

/// Result of every fallible operation of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Shapes or lengths that do not fit.
    #[error("{op}: {message}")]
    Shape {
        /// The operation.
        op: &'static str,
        /// Which shapes, and what would work.
        message: String,
    },
    /// A crystallized tensor where flux is needed, or the other way round.
    #[error("{op}: the tensor is {phase}; {remedy}")]
    Phase {
        /// The operation.
        op: &'static str,
        /// The phase that the tensor is in.
        phase: &'static str,
        /// What would work.
        remedy: &'static str,
    },
    /// A device that is absent.
    #[error("{op}: {message}")]
    Device {
        /// The operation.
        op: &'static str,
        /// Which device, and what would work.
        message: String,
    },
    /// A value outside the domain of the operation.
    #[error("{op}: {message}")]
    Value {
        /// The operation.
        op: &'static str,
        /// What was wrong and what would work.
        message: String,
    },
    /// An index outside an axis.
    #[error("{op}: {message}")]
    Index {
        /// The operation.
        op: &'static str,
        /// What was wrong.
        message: String,
    },
    /// A result that the target cannot hold.
    #[error("{op}: {message}")]
    Overflow {
        /// The operation.
        op: &'static str,
        /// What was too large.
        message: String,
    },
    /// Division by zero.
    #[error("{op}: division by zero")]
    ZeroDivision {
        /// The operation.
        op: &'static str,
    },
    /// An error of the array operations.
    #[error(transparent)]
    Ops(#[from] purify_ops::Error),
}

impl Error {
    /// A value outside the domain of the operation.
    pub fn value(op: &'static str, message: impl Into<String>) -> Error {
        Error::Value { op, message: message.into() }
    }

    /// Shapes that do not fit.
    pub fn shape(op: &'static str, message: impl Into<String>) -> Error {
        Error::Shape { op, message: message.into() }
    }
}
