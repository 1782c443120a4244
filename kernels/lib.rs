//! CUDA sources of the kernels, as text, and the table that says which entry points come of them.
//!
//! Nothing is compiled here: a backend hands [`Unit::source`] to NVRTC when a kernel is first called. What exists is
//! data, `table.txt`: a row of it names operations and dtypes, and each pair becomes one line behind the sources of its
//! family, such as `UNARY(exp, float32)` for the entry point `unary_exp_float32`. A unit with one line compiles in a fraction
//! of a second, and nobody waits for kernels that are not called.

mod table;

pub use table::{Family, Problem, Table, table};

/// What stands before every unit on a device: conversions and shuffles that only a device has.
pub const DEVICE: &str = include_str!("device.cu");
/// Types and walks over elements, before every unit.
pub const PRELUDE: &str = include_str!("prelude.cu");
/// The table as text.
pub const TABLE: &str = include_str!("table.txt");

/// The sources by the names that the table uses.
pub const SOURCES: &[(&str, &str)] = &[
    ("binary", include_str!("binary.cu")),
    ("matmul", include_str!("matmul.cu")),
    ("move", include_str!("move.cu")),
    ("normal", include_str!("normal.cu")),
    ("random", include_str!("random.cu")),
    ("reduce", include_str!("reduce.cu")),
    ("resonant", include_str!("resonant.cu")),
    ("scan", include_str!("scan.cu")),
    ("snap", include_str!("snap.cu")),
    ("sort", include_str!("sort.cu")),
    ("unary", include_str!("unary.cu")),
];

/// The text of a source.
pub fn source(name: &str) -> Option<&'static str> {
    SOURCES.iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
}

/// A translation unit: sources and the lines that make kernels of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// A name for messages and files, such as `unary_exp_float32`.
    pub name: String,
    /// The sources behind the prelude, in order.
    pub sources: Vec<&'static str>,
    /// One line per kernel, such as `UNARY(exp, float32)`; none for fixed entries.
    pub instances: Vec<String>,
    /// The entry points it has.
    pub entries: Vec<String>,
}

impl Unit {
    /// The text without what only a device has: `PRELUDE`, the sources and the instances.
    pub fn body(&self) -> String {
        let mut text = String::from(PRELUDE);
        for name in &self.sources {
            text.push_str(source(name).unwrap_or_default());
        }
        for line in &self.instances {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// The text to compile.
    pub fn source(&self) -> String {
        format!("{DEVICE}{}", self.body())
    }
}
