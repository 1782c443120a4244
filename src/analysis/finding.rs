//! What the analyzer reports: a [`Finding`], how sure it is, how serious, and why.

use ruff_text_size::TextRange;

use crate::codes::Code;

/// How serious a finding is. Set per code by default and by configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; never fails a run by itself.
    Info,
    /// A tie that has to go eventually.
    Warning,
    /// A tie, or a broken file, that blocks.
    Error,
}

impl Severity {
    /// The spelling used in configuration and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// How sure the flow analysis is that the value is an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Nothing is known of the value.
    Unknown,
    /// On some path, or for some caller, it is an array.
    Possible,
    /// It is an array on every path.
    Certain,
}

impl Confidence {
    /// The spelling used in configuration and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Possible => "possible",
            Self::Certain => "certain",
        }
    }
}

/// A place with a sentence: one step of the evidence, or one station of a round trip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Index of the file in [`crate::Analysis::files`]; `None` means the finding's own file.
    pub file: Option<u32>,
    /// Where.
    pub range: TextRange,
    /// What is to be seen there.
    pub text: String,
}

/// One tie to a library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The stable code.
    pub code: Code,
    /// Severity after configuration.
    pub severity: Severity,
    /// How sure we are.
    pub confidence: Confidence,
    /// The span of the tie itself, as narrow as it can be named: the callee, the operator, the imported name.
    pub range: TextRange,
    /// Qualified name of the API, operator or module: `numpy.mean`, `torch.Tensor.cpu`, `+`.
    pub name: String,
    /// One sentence for people.
    pub message: String,
    /// Why the value is taken for what it is, and the steps of a path.
    pub notes: Vec<Note>,
    /// What to do.
    pub help: Option<String>,
    /// Enclosing definition, `Class.method`, or an empty string at module level.
    pub scope: String,
}

/// A finding that a comment silences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressed {
    /// What was silenced.
    pub finding: Finding,
    /// The reason given in the comment, possibly empty.
    pub reason: String,
}
