//! Tests of the crate, one file per topic, in one binary so that they link once.

mod draws;
mod evolve;
mod exact;
mod number_theory;
mod operators;
mod snap;
mod tensor;
