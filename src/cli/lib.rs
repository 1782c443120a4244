//! The command line as a library, so that tests and the wheel call the same entry point.
