//! Every rule's examples: the file before becomes exactly the file after, and rewriting that again changes nothing.

use std::path::Path;

use purify_analysis::rewrite::Spelling;
use purify_analysis::rules::op::Applicability;
use purify_analysis::{Policy, Quiet, RuleSet, SourceFile, analyze};

fn rules() -> RuleSet {
    fn collect(dir: &Path, root: &Path, files: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(dir).expect("the rule folder can be read").flatten() {
            let path = entry.path();
            if path.is_dir() {
                collect(&path, root, files);
            } else if path.extension().is_some_and(|e| e == "toml") {
                let name = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
                files.push((name, std::fs::read_to_string(&path).expect("a rule file can be read")));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    files.sort();
    RuleSet::load(files.iter().map(|(p, t)| (p.as_str(), t.as_str()))).unwrap_or_else(|error| panic!("{error}"))
}

fn rewritten(text: &str, rules: &RuleSet) -> String {
    let policy = Policy { fixes: true, ..Policy::default() };
    let analysis = analyze(vec![SourceFile::from_text("example.py", text)], rules, &policy, &Quiet);
    analysis.files[0].rewrite(Applicability::Unsafe, &Spelling::of(&rules.target)).text
}

#[test]
fn every_example_comes_out_as_written() {
    let rules = rules();
    let only = std::env::var("RULE").unwrap_or_default();
    let (mut total, mut wrong, mut again) = (0, Vec::new(), Vec::new());
    for rule in rules.rules.rules.iter().filter(|r| r.id.contains(&only)) {
        for example in &rule.tests {
            total += 1;
            let after = rewritten(&example.before, &rules);
            let expected = example.after.as_ref().unwrap_or(&example.before);
            if after != *expected {
                if !only.is_empty() {
                    let policy = Policy { fixes: true, ..Policy::default() };
                    let analysis = analyze(vec![SourceFile::from_text("example.py", example.before.as_str())], &rules, &policy, &Quiet);
                    for site in &analysis.files[0].sites {
                        println!("{}: {:?}", site.name, site.outcome);
                    }
                }
                wrong.push(format!("{} ({}): {}\n--- expected\n{expected}\n--- got\n{after}", rule.id, rule.file, example.name));
                continue;
            }
            let twice = rewritten(&after, &rules);
            if twice != after {
                again.push(format!("{}: {}\n{twice}", rule.id, example.name));
            }
        }
    }
    let shown: Vec<_> = wrong.iter().chain(&again).take(40).cloned().collect();
    assert!(
        wrong.is_empty() && again.is_empty(),
        "{} of {total} examples differ, {} change again\n{}",
        wrong.len(),
        again.len(),
        shown.join("\n\n")
    );
}

#[test]
fn every_example_of_a_target_comes_out_as_written() {
    let plain = rules();
    let mut wrong = Vec::new();
    for target in &plain.targets {
        assert!(target.plain || !target.examples.is_empty(), "the target `{}` has no example", target.name);
        let mut aimed = plain.clone();
        purify_analysis::adapt::aim(&mut aimed, &target.name, None).expect("the target exists");
        for example in &target.examples {
            let after = rewritten(&example.before, &aimed);
            let expected = example.after.as_ref().unwrap_or(&example.before);
            if after != *expected {
                wrong.push(format!("{}: {}\n--- expected\n{expected}\n--- got\n{after}", target.name, example.name));
            } else if rewritten(&after, &aimed) != after {
                wrong.push(format!("{}: {} changes again", target.name, example.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_api_that_is_used_has_a_rule_or_an_explained_refusal() {
    let rules = rules();
    let table = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/api_frequency.tsv"))
        .expect("the table can be read");
    let known = |name: &str| {
        let canonical = rules.facts.canonical(name);
        rules.rules.of(&canonical).next().is_some()
    };
    let mut missing = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let (name, count) = line.split_once('\t').expect("a name and a count");
        let found = match name.strip_prefix("Tensor.") {
            // A member of either array class; where the table does not say which, one rule is what can be asked for.
            Some(member) => known(&format!("torch.Tensor.{member}")) || known(&format!("numpy.ndarray.{member}")),
            None => known(name),
        };
        if !found {
            missing.push(format!("{name} ({count})"));
        }
    }
    for rule in &rules.rules.rules {
        if let purify_analysis::rules::op::Action::Refuse(reason) = &rule.action {
            assert!(reason.split_whitespace().count() > 1, "the refusal of {} explains nothing", rule.id);
        }
    }
    assert!(missing.is_empty(), "{} APIs have neither a rule nor a refusal:\n{}", missing.len(), missing.join("\n"));
}
