//! What a project wants to hear: codes, severities, boundaries. Configuration files are read elsewhere; this is their meaning.

use globset::{Glob, GlobMatcher};

use crate::codes::{self, Code, Selector};
use crate::finding::{Confidence, Severity};

/// The settings in force for one run.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Codes to report; empty means those that are on by default.
    pub select: Vec<Selector>,
    /// Codes not to report.
    pub ignore: Vec<Selector>,
    /// Codes to report in addition to `select`.
    pub extend_select: Vec<Selector>,
    /// Codes not to report in files that match.
    pub per_path: Vec<PathRule>,
    /// "Only these files may import these modules."
    pub boundaries: Vec<Boundary>,
    /// Severities that differ from the default.
    pub severities: Vec<(Selector, Severity)>,
    /// Lowest confidence worth reporting.
    pub confidence: Confidence,
    /// Libraries to govern beside those that are governed by default (`scipy`, `pandas`, …).
    pub governed: Vec<String>,
    /// Libraries not to govern although they are by default.
    pub ungoverned: Vec<String>,
    /// Folders, relative to the project root, in which the project's own top-level modules lie; tried before the usual ones.
    pub roots: Vec<String>,
    /// Whether a suppression comment needs a reason.
    pub require_reason: bool,
    /// Codes that no comment may silence.
    pub unsuppressible: Vec<Selector>,
    /// Whether to infer kinds across the whole project; off leaves imports and API uses through names.
    pub kinds: bool,
    /// Whether to work out what the rules make of every site.
    pub fixes: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            select: Vec::new(),
            ignore: Vec::new(),
            extend_select: Vec::new(),
            per_path: Vec::new(),
            boundaries: Vec::new(),
            severities: Vec::new(),
            confidence: Confidence::Possible,
            governed: Vec::new(),
            ungoverned: Vec::new(),
            roots: Vec::new(),
            require_reason: false,
            unsuppressible: Vec::new(),
            kinds: true,
            fixes: false,
        }
    }
}

/// Codes that do not apply to files matching a glob.
#[derive(Clone, Debug)]
pub struct PathRule {
    /// Which files.
    pub glob: PathGlob,
    /// What not to report there.
    pub ignore: Vec<Selector>,
}

/// A library, and the only files that may tie themselves to it.
#[derive(Clone, Debug)]
pub struct Boundary {
    /// Module the boundary is drawn around, `numpy` or `torch.distributed`.
    pub module: String,
    /// The files that may import it.
    pub allow: Vec<PathGlob>,
    /// Why, shown with each breach.
    pub reason: String,
}

/// A glob over project-relative paths. A pattern without a slash matches the file name anywhere; a folder matches all below it.
#[derive(Clone, Debug)]
pub struct PathGlob {
    pattern: String,
    matchers: Vec<GlobMatcher>,
}

impl PathGlob {
    /// Compiles `pattern`; the error says what is wrong with it.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let trimmed = pattern.trim_start_matches("./").trim_end_matches('/');
        let mut forms = vec![trimmed.to_owned(), format!("{trimmed}/**")];
        if !trimmed.contains('/') {
            forms.push(format!("**/{trimmed}"));
            forms.push(format!("**/{trimmed}/**"));
        }
        let matchers = forms
            .iter()
            .map(|form| {
                Glob::new(form).map(|glob| glob.compile_matcher()).map_err(|error| format!("`{pattern}` is not a glob: {}", error.kind()))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { pattern: pattern.to_owned(), matchers })
    }

    /// Whether `path`, with forward slashes, matches.
    pub fn matches(&self, path: &str) -> bool {
        let path = path.trim_start_matches("./");
        self.matchers.iter().any(|matcher| matcher.is_match(path))
    }

    /// The text it was made from.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }
}

impl Policy {
    /// Whether findings of `code` are reported at all.
    pub fn enabled(&self, code: Code) -> bool {
        // The most specific selector wins, so that `select = ["PUR6"], ignore = ["PUR603"]` and the reverse both work.
        let narrowest = |list: &[Selector]| list.iter().filter(|s| s.contains(code)).map(Selector::len).min();
        let chosen = narrowest(&self.select).into_iter().chain(narrowest(&self.extend_select)).min();
        match (chosen, narrowest(&self.ignore)) {
            (Some(yes), Some(no)) => yes < no,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => {
                self.select.is_empty() && code.on_by_default() || (self.require_reason && code == codes::SUPPRESSION_WITHOUT_REASON)
            }
        }
    }

    /// Whether findings of `code` are reported in the file at `path`.
    pub fn enabled_at(&self, code: Code, path: &str) -> bool {
        self.enabled(code) && !self.per_path.iter().any(|rule| rule.ignore.iter().any(|s| s.contains(code)) && rule.glob.matches(path))
    }

    /// The severity of `code`.
    pub fn severity(&self, code: Code) -> Severity {
        self.severities
            .iter()
            .filter(|(selector, _)| selector.contains(code))
            .min_by_key(|(selector, _)| selector.len())
            .map_or_else(|| code.default_severity(), |(_, severity)| *severity)
    }

    /// Whether a comment may silence `code`.
    pub fn suppressible(&self, code: Code) -> bool {
        !self.unsuppressible.iter().any(|s| s.contains(code))
    }

    /// The boundary that an import of `module` in the file at `path` breaks.
    pub fn breached(&self, path: &str, module: &str) -> Option<&Boundary> {
        self.boundaries.iter().find(|boundary| {
            let inside = module == boundary.module || module.strip_prefix(&boundary.module).is_some_and(|rest| rest.starts_with('.'));
            inside && !boundary.allow.iter().any(|glob| glob.matches(path))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrower_selector_wins() {
        let mut policy = Policy { select: vec![Selector::parse("PUR6").unwrap()], ..Policy::default() };
        policy.ignore = vec![Selector::parse("PUR603").unwrap()];
        assert!(policy.enabled(codes::ARITHMETIC) && !policy.enabled(codes::COMPARISON) && !policy.enabled(codes::IMPORT));
    }

    #[test]
    fn a_boundary_lets_only_its_files_import() {
        let boundary =
            Boundary { module: "numpy".into(), allow: vec![PathGlob::new("pkg/backend/numpy*").unwrap()], reason: String::new() };
        let policy = Policy { boundaries: vec![boundary], ..Policy::default() };
        assert!(policy.breached("pkg/core.py", "numpy.linalg").is_some());
        assert!(policy.breached("pkg/backend/numpy_ops.py", "numpy").is_none());
        assert!(policy.breached("pkg/core.py", "numpydoc").is_none());
    }
}
