//! What people read when a run cannot go on: what is wrong, why, and what would work.

use std::fmt;

use crate::report::concise::one_line;

/// An error with an explanation and a way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// One line: what went wrong, and where.
    pub title: String,
    /// Why, when the title does not say it.
    pub explanation: Option<String>,
    /// What would work.
    pub help: Option<String>,
}

impl Failure {
    /// A failure that is a title only.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), explanation: None, help: None }
    }

    /// Adds why it happened.
    #[must_use]
    pub fn because(mut self, explanation: impl Into<String>) -> Self {
        self.explanation = Some(explanation.into());
        self
    }

    /// Adds what would work.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Titles and explanations name files, and a file may be called anything.
        write!(f, "{}", one_line(&self.title))?;
        for line in self.explanation.iter().flat_map(|text| text.lines()) {
            write!(f, "\n  {}", one_line(line))?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n  help: {}", one_line(help))?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

/// The candidate that `text` was most likely meant to be, if one is close enough to be worth suggesting.
pub fn closest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&text.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count().min(text.chars().count()) / 4)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transposition_is_close_and_another_word_is_not() {
        assert_eq!(closest("slect", ["select", "ignore"]), Some("select"));
        assert_eq!(closest("banana", ["select", "ignore"]), None);
    }
}
