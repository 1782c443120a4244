//! A roadmap that was written before: the states of its files, and the lines that people added.
//!
//! What `purify plan` writes ends in [`MARK`], or stands between [`BEGIN`] and [`END`]; every other line is somebody's own and
//! belongs to what stands above it.

use std::collections::BTreeMap;

use super::States;

/// The end of a line that is written anew.
pub const MARK: &str = "<!-- purify -->";
/// The beginning of a block that is written anew; its name follows.
pub const BEGIN: &str = "<!-- purify:begin ";
/// Its end.
pub const END: &str = "<!-- purify:end -->";

/// A roadmap.
#[derive(Clone, Debug, Default)]
pub struct Roadmap {
    states: States,
    /// Files whose box somebody ticked although they are not done.
    ticked: Vec<String>,
    notes: BTreeMap<String, Vec<String>>,
}

impl Roadmap {
    /// Reads the text of one.
    pub fn read(text: &str) -> Self {
        let mut roadmap = Self::default();
        let mut anchor = String::new();
        let mut inside = false;
        for line in text.lines() {
            let trimmed = line.trim();
            if let Some(name) = trimmed.strip_prefix(BEGIN) {
                anchor = block(name.trim_end_matches("-->").trim());
                inside = true;
            } else if trimmed == END {
                inside = false;
            } else if inside {
            } else if let Some(body) = line.trim_end().strip_suffix(MARK) {
                if let Some(path) = roadmap.state(body) {
                    anchor = item(&path);
                } else if let Some(title) = body.strip_prefix('#') {
                    anchor = heading(title);
                }
            } else {
                roadmap.notes.entry(anchor.clone()).or_default().push(line.to_owned());
            }
        }
        for lines in roadmap.notes.values_mut() {
            let first = lines.iter().position(|line| !line.trim().is_empty()).unwrap_or(lines.len());
            lines.drain(..first);
            while lines.last().is_some_and(|line| line.trim().is_empty()) {
                lines.pop();
            }
        }
        roadmap.notes.retain(|_, lines| !lines.is_empty());
        roadmap
    }

    /// Reads ``- [ ] `path`: STATUS``; gives the path.
    fn state(&mut self, line: &str) -> Option<String> {
        // Indented boxes are those of references, not of files.
        let (ticked, rest) = match line.strip_prefix("- [") {
            Some(rest) => (rest.starts_with(['x', 'X']), rest.get(1..)?.strip_prefix("] `")?),
            None => return None,
        };
        let (path, rest) = rest.split_once('`')?;
        let status = rest.strip_prefix(": ")?.split([',', ';', ' ']).next().unwrap_or_default();
        self.states.insert(path.to_owned(), status == "DONE");
        if ticked && status != "DONE" && status != "ABSENT" {
            self.ticked.push(path.to_owned());
        }
        Some(path.to_owned())
    }

    /// The files, and whether each was done.
    pub fn states(&self) -> States {
        self.states.clone()
    }

    /// Whether somebody ticked the box of a file by hand.
    pub fn is_ticked(&self, path: &str) -> bool {
        self.ticked.iter().any(|ticked| ticked == path)
    }

    /// The notes, by what they belong to.
    pub fn notes(&self) -> BTreeMap<String, Vec<String>> {
        self.notes.clone()
    }
}

/// What the notes below a file belong to.
pub fn item(path: &str) -> String {
    format!("item {path}")
}

/// What the notes below a heading belong to: its text without numbers, which change.
pub fn heading(title: &str) -> String {
    let title = title.trim_start_matches('#').trim();
    let title = title.split(" (").next().unwrap_or(title);
    let title = title.split_once(": ").filter(|(head, _)| head.starts_with("Phase ")).map_or(title, |(_, name)| name);
    format!("heading {title}")
}

/// What the notes below a block belong to.
pub fn block(name: &str) -> String {
    format!("block {name}")
}
