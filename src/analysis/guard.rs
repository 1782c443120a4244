//! A fault of our own in one file must not end the run: the file is reported and the rest is analysed.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How the finding on a file begins in which purify itself failed.
pub const FAULT: &str = "purify failed on this file, which is a bug of purify";

/// What `work` gives, or the message of its panic.
///
/// What `work` was changing when it stopped is dropped with it, so the caller must keep only what was there before.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| message(&*payload))
}

fn message(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_its_message() {
        assert_eq!(guarded(|| 3), Ok(3));
        assert_eq!(guarded(|| panic!("plain")), Err::<(), _>("plain".to_owned()));
        let index = 7;
        assert_eq!(guarded(|| panic!("formatted {index}")), Err::<(), _>("formatted 7".to_owned()));
        assert_eq!(guarded(|| std::panic::panic_any(5)), Err::<(), _>("no message".to_owned()));
    }
}
