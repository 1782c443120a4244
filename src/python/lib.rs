//! Python bindings: convert and forward.
