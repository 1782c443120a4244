//! What can go wrong between the host and a device.

use purify_ops::Error;

/// Result of a call of the driver or the compiler.
pub type Result<T> = std::result::Result<T, Failure>;

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// A library that is not on this machine.
    #[error("{library} was not found (tried {tried}); {hint}")]
    Missing {
        /// What it is, such as "the CUDA driver".
        library: &'static str,
        /// File names and folders.
        tried: String,
        /// What would bring it.
        hint: &'static str,
    },
    /// A library that is there and lacks a function.
    #[error("{library} has no function {symbol}: it is older than CUDA {needed}; update it")]
    Outdated {
        /// What it is.
        library: &'static str,
        /// The function.
        symbol: &'static str,
        /// The first version that would work.
        needed: &'static str,
    },
    /// The device has no memory left.
    #[error("out of device memory")]
    OutOfMemory,
    /// The device or its context is gone for this process: nothing works on it until the process starts anew.
    #[error("the device is lost: {call} gave {name} ({text})")]
    Lost {
        /// The call that reported it, which need not be the one that caused it.
        call: &'static str,
        /// The driver's name of the error.
        name: String,
        /// The driver's description.
        text: String,
    },
    /// Any other error of the driver.
    #[error("{call} gave {name} ({text})")]
    Call {
        /// The call.
        call: &'static str,
        /// The driver's name of the error.
        name: String,
        /// The driver's description.
        text: String,
    },
    /// A source that does not compile.
    #[error("{unit} does not compile for sm_{arch}:\n{log}")]
    Compile {
        /// The translation unit.
        unit: String,
        /// The architecture.
        arch: u32,
        /// The compiler's messages.
        log: String,
    },
    /// An architecture that the compiler does not know.
    #[error("NVRTC {compiler} compiles for {known}, not for sm_{arch}; a newer one is needed: pip install -U nvidia-cuda-nvrtc")]
    Architecture {
        /// The device's architecture.
        arch: u32,
        /// The compiler's version.
        compiler: String,
        /// What it compiles for.
        known: String,
    },
    /// The process was forked after CUDA had started in it.
    #[error(
        "CUDA was started before this process was forked, and a forked process cannot use it; start workers by spawning, or fork first"
    )]
    Forked,
    /// No device of that number.
    #[error("there is no device {ordinal}: {}", present(*count))]
    NoDevice {
        /// The number that was asked for.
        ordinal: u32,
        /// How many there are.
        count: u32,
    },
}

fn present(count: u32) -> String {
    match count {
        0 => "the driver knows none".to_owned(),
        1 => "the only one is cuda:0".to_owned(),
        n => format!("there are cuda:0 to cuda:{}", n - 1),
    }
}

impl Failure {
    /// The error of an operation that met this failure.
    pub fn of(self, op: &'static str) -> Error {
        match self {
            Failure::Lost { .. } => Error::DeviceLost { op, message: self.to_string() },
            Failure::OutOfMemory => Error::DeviceMemory { op, message: self.to_string() },
            other => Error::Device { op, message: other.to_string() },
        }
    }
}
