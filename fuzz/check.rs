// One fuzz case: bytes of a file, scanned whole. Included by the fuzz target and by `tests/fuzz_cases.rs`, which replays
// the kept cases; RULES_FOLDER, relative to the including package, is theirs to name.

use std::path::Path;
use std::sync::LazyLock;

use purify_analysis::{Confidence, FAULT, Policy, Quiet, RuleSet, Selector, SourceFile, analyze};

static RULES: LazyLock<RuleSet> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(RULES_FOLDER);
    let mut files = Vec::new();
    read_folder(&root, &root, &mut files);
    files.sort();
    RuleSet::load(files.iter().map(|(path, text)| (path.as_str(), text.as_str()))).expect("the rules of this repository load")
});

fn read_folder(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("the rules folder can be read") {
        let path = entry.expect("the rules folder can be read").path();
        if path.is_dir() {
            read_folder(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.strip_prefix(root).expect("a file below the rules").to_string_lossy().replace('\\', "/");
            files.push((name, std::fs::read_to_string(&path).expect("rule files are text")));
        }
    }
}

/// Scans `data` with everything on. The first byte chooses what kind of file it is. Panics if a promise is broken.
pub fn check(data: &[u8]) {
    let (name, bytes) = match data.split_first() {
        Some((b'N', rest)) => ("case.ipynb", rest),
        Some((b'I', rest)) => ("case.pyi", rest),
        _ => ("case.py", data),
    };
    let file = SourceFile::decode(name, bytes);
    let policy = Policy { confidence: Confidence::Unknown, select: vec![Selector::parse("ALL").expect("a selector")], ..Policy::default() };
    let analysis = analyze(vec![file], &RULES, &policy, &Quiet);
    let report = &analysis.files[0];
    for finding in report.findings.iter().chain(report.suppressed.iter().map(|suppressed| &suppressed.finding)) {
        let spans = std::iter::once(finding.range).chain(finding.notes.iter().filter(|note| note.file.is_none()).map(|note| note.range));
        for range in spans {
            let span = usize::from(range.start())..usize::from(range.end());
            assert!(report.source.text.get(span.clone()).is_some(), "{}: {span:?} is no span of the text", finding.code);
        }
        assert!(!finding.message.is_empty(), "{}: no message", finding.code);
        assert!(!finding.message.starts_with(FAULT), "{}", finding.message);
    }
    assert!(report.findings.is_sorted_by_key(|finding| finding.range.start()), "findings are not in order");
}
