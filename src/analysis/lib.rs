//! Source text to findings and edits. Pure functions: no file is read here, no environment.
