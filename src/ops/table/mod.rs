//! The op table: every function of the Python namespace with signature, summary, source and dtypes.
//!
//! It is the one list from which Python names, docstrings, type stubs and the documentation are made, and with which the
//! rules are compared.

mod creation;
mod data_types;
mod elementwise;
mod fft;
mod indexing;
mod io;
mod linalg;
mod manipulation;
mod modules;
mod nn;
mod random;
mod searching;
mod set;
mod sorting;
mod statistical;
mod testing;
mod utility;

/// The category of an op; the folders of `rules/` and the modules of this crate have the same names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of the array API standard")]
pub enum Category {
    Creation,
    DataTypes,
    Elementwise,
    Fft,
    Indexing,
    Io,
    Linalg,
    Manipulation,
    Nn,
    Random,
    Searching,
    Set,
    Sorting,
    Statistical,
    Testing,
    Utility,
}

impl Category {
    /// The name, as in `rules/`.
    pub const fn name(self) -> &'static str {
        match self {
            Category::Creation => "creation",
            Category::DataTypes => "data_types",
            Category::Elementwise => "elementwise",
            Category::Fft => "fft",
            Category::Indexing => "indexing",
            Category::Io => "io",
            Category::Linalg => "linalg",
            Category::Manipulation => "manipulation",
            Category::Nn => "nn",
            Category::Random => "random",
            Category::Searching => "searching",
            Category::Set => "set",
            Category::Sorting => "sorting",
            Category::Statistical => "statistical",
            Category::Testing => "testing",
            Category::Utility => "utility",
        }
    }
}

/// The dtypes of the operands that an op accepts. Bool is accepted as a number where NumPy does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dtypes {
    /// Every dtype, or no operands.
    Any,
    /// Integers, real and complex floating point.
    Numeric,
    /// Integers and real floating point.
    Real,
    /// Real and complex floating point; integers are converted.
    Floating,
    /// Integers.
    Integer,
    /// Bool and integers.
    BoolOrInteger,
}

/// One op.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpInfo {
    /// The name in Python, relative to `purify.ops`.
    pub name: &'static str,
    /// Where it belongs.
    pub category: Category,
    /// The Python signature; empty for constants and classes without one.
    pub signature: &'static str,
    /// The version of the array API standard that has it, or `"extension"`.
    pub standard: &'static str,
    /// The dtypes it accepts.
    pub dtypes: Dtypes,
    /// What it does, in one sentence.
    pub summary: &'static str,
}

/// All ops, by category, in alphabetical order within.
pub const OPS: &[&[OpInfo]] = &[
    creation::ROWS,
    data_types::ROWS,
    elementwise::ROWS,
    fft::ROWS,
    indexing::ROWS,
    io::ROWS,
    linalg::ROWS,
    manipulation::ROWS,
    nn::ROWS,
    modules::ROWS,
    random::ROWS,
    searching::ROWS,
    set::ROWS,
    sorting::ROWS,
    statistical::ROWS,
    testing::ROWS,
    utility::ROWS,
];

/// All ops in one sequence.
pub fn ops() -> impl Iterator<Item = &'static OpInfo> {
    OPS.iter().flat_map(|rows| rows.iter())
}

/// The op of that name.
///
/// ```
/// let mean = purify_ops::op_info("mean").unwrap();
/// assert_eq!(mean.signature, "(x, /, *, axis=None, keepdims=False)");
/// ```
pub fn op_info(name: &str) -> Option<&'static OpInfo> {
    ops().find(|op| op.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BinaryOp, UnaryOp};

    #[test]
    fn names_are_unique_and_rows_complete() {
        let mut names: Vec<&str> = ops().map(|o| o.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        for op in ops() {
            assert!(op.summary.ends_with('.') && op.summary.len() > 1, "{}", op.name);
            assert!(op.signature.is_empty() || op.signature.starts_with('('), "{}", op.name);
            assert!(["2024.12", "2025.12", "extension"].contains(&op.standard), "{}", op.name);
        }
    }

    #[test]
    fn every_elementwise_primitive_of_the_standard_has_a_row() {
        let names = BinaryOp::ALL.iter().map(|o| o.name()).chain(UnaryOp::ALL.iter().map(|o| o.name()));
        // Activations are found under `nn`; these have names of their own in Python.
        let elsewhere = ["deg2rad", "rad2deg", "rsqrt", "digamma", "erf", "erfc", "erfinv", "gamma", "lgamma", "gelu_tanh"];
        for name in names.filter(|n| !elsewhere.contains(n)) {
            assert!(op_info(name).or(op_info(&format!("nn.{name}"))).is_some(), "{name}");
        }
    }
}
