//! Array operations with the names of the Python array API standard.
