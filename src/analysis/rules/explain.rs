//! The explanation of each code, read from `rules/codes/*.toml`: what it finds, why it matters, a bad and a good example.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One code explained.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// The code, `PUR101`.
    pub code: String,
    /// Its name, equal to the name of the code.
    pub name: String,
    /// One line.
    pub summary: String,
    /// What is found and why it matters, as Markdown paragraphs.
    pub explanation: String,
    /// A whole file in which the code is found.
    pub bad: String,
    /// The file without the tie, in which it is not.
    pub good: String,
    /// File name of the examples; `example.py` when left out.
    #[serde(default)]
    pub file: Option<String>,
    /// Further files of the project, by path, that both examples need.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Configuration under which the examples hold, as the text of a `purify.toml`.
    #[serde(default)]
    pub config: Option<String>,
}
