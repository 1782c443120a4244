//! `purify plan` on a project of the shape that plans by hand get wrong: the plan and the comparison are on record, and what
//! must be in them is written here by hand. `UPDATE=1 cargo test --test plan` writes the records anew.

#[path = "../src/cli/schema_check.rs"]
mod schema_check;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/roadmap")
}

/// Exit code, standard output and standard error.
fn plan(dir: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_purify")).args(["plan", "--no-cache"]).args(arguments).current_dir(dir).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn document(dir: &Path) -> Value {
    let (code, text, error) = plan(dir, &[".", "--output-format", "json"]);
    assert_eq!(code, Some(0), "{error}");
    serde_json::from_str(&text).unwrap()
}

/// Compares with the file on record, or writes it.
fn recorded(name: &str, text: &str) {
    let path = root().join(name);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, text).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap_or_default() == text, "{name} differs; `UPDATE=1 cargo test --test plan` writes it anew");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn items(document: &Value) -> BTreeMap<String, Value> {
    let list = document["items"].as_array().unwrap();
    list.iter().map(|item| (item["path"].as_str().unwrap().trim_start_matches("lattice/").to_owned(), item.clone())).collect()
}

#[test]
fn the_plan_is_the_one_on_record_and_follows_its_schema() {
    let document = document(&root());
    let schema: Value = serde_json::from_str(include_str!("../docs/schemas/plan.schema.json")).unwrap();
    assert_eq!(schema_check::errors(&schema, &document), Vec::<String>::new());
    // Counts of findings belong to the tests of the scan; here it is the order and what stands in the way.
    let list = |value: &Value| value.as_array().unwrap().iter().map(|v| v.to_string().replace('"', "")).collect::<Vec<_>>().join(" ");
    let mut text = String::new();
    for item in document["items"].as_array().unwrap() {
        let word = |key: &str| item[key].to_string().replace('"', "");
        text += &format!("{} {} phase {} step {} level {}\n", word("path"), word("status"), word("phase"), word("step"), word("level"));
        text += &format!("  {}\n  waits for {}\n", word("reason"), list(&item["blocked_by"]));
        for symbol in item["symbols"].as_array().unwrap().iter().filter(|symbol| symbol["name"] != "") {
            let (needs, through) = (list(&symbol["blocked_by"]), list(&symbol["through"]));
            let line = format!("  {} {} {needs} {through}", symbol["name"].as_str().unwrap(), symbol["status"].as_str().unwrap());
            text += line.trim_end();
            text.push('\n');
        }
    }
    let names = |key: &str, name: &str| document[key].as_array().unwrap().iter().map(|v| v[name].to_string()).collect::<Vec<_>>().join(" ");
    text += &format!("missing {}\nphases {}\n", names("missing", "name"), names("phases", "name"));
    recorded("plan.txt", &text);
    assert_eq!(document["coverage"]["share"], 1.0);
}

#[test]
fn levels_follow_direct_and_lazy_imports() {
    let items = items(&document(&root()));
    let expected: [(u64, &[&str]); 5] = [
        (
            0,
            &[
                "benchmarks/datasets.py",
                "nn/layers/normalization.py",
                "nn/layers/gate.py",
                "nn/winding/primes.py",
                "nn/loss/total.py",
                "nn/optim/adam.py",
                "nn/training/callbacks.py",
                "core/dtype.py",
                "nn/winding/embedding.py",
                "benchmarks/comparative.py",
            ],
        ),
        (
            1,
            &[
                "nn/layers/recursion.py",
                "nn/architectures/embeddings.py",
                "nn/architectures/attention.py",
                "nn/training/trainer.py",
                "nn/benchmarks/standard.py",
                "benchmarks/convergence_benchmark.py",
                "core/state.py",
                "nn/winding/resonant_block.py",
            ],
        ),
        (2, &["nn/architectures/mlp.py", "nn/architectures/transformer.py", "nn/architectures/cnn.py", "nn/winding/dhsr_block.py"]),
        (3, &["nn/winding/winding_net.py"]),
        (4, &["benchmarks/winding_benchmark.py", "benchmarks/winding_xor.py"]),
    ];
    for (level, paths) in expected {
        for path in paths {
            assert_eq!(items[*path]["level"], level, "{path}");
        }
    }
}

#[test]
fn each_symbol_waits_for_what_it_uses_and_for_nothing_else() {
    let items = items(&document(&root()));
    let status = |path: &str, name: &str| -> (String, String) {
        let symbols = items[path]["symbols"].as_array().unwrap();
        let symbol = symbols.iter().find(|symbol| symbol["name"] == name).unwrap_or_else(|| panic!("{path}:{name}"));
        (symbol["status"].as_str().unwrap().to_owned(), format!("{}{}", symbol["blocked_by"], symbol["through"]))
    };
    assert_eq!(status("nn/layers/normalization.py", "LatticeNorm").0, "READY");
    assert_eq!(status("nn/layers/differentiation.py", "DifferentiationLayer").0, "READY");
    let (blocked, why) = status("nn/layers/differentiation.py", "DifferentiationModule");
    assert!(blocked == "BLOCKED" && why.contains("concat"), "{why}");
    assert!(status("nn/layers/harmonization.py", "HarmonizationModule").1.contains("concat"));
    assert!(status("nn/layers/harmonization.py", "HarmonizationLayer").1.contains("negative"));
    assert!(status("nn/layers/recursion.py", "RecursionBlock").1.contains("nn/layers/gate.py:Gate"));
    for path in ["nn/optim/adam.py", "nn/optim/sgd.py", "nn/optim/schedulers.py", "nn/optim/gradient_mod.py"] {
        assert_eq!(items[path]["status"], "DELETE", "{path}");
    }
}

#[test]
fn what_goes_comes_after_all_that_refers_to_it() {
    let document = document(&root());
    let steps = document["steps"].as_array().unwrap();
    let at = |path: &str| {
        steps.iter().position(|step| step["files"].as_array().unwrap().iter().any(|file| file == path)).unwrap_or_else(|| panic!("{path}"))
    };
    for user in ["nn/training/trainer.py", "nn/benchmarks/standard.py", "nn/benchmarks/ablation.py", "nn/benchmarks/convergence.py"] {
        assert!(at(&format!("lattice/{user}")) < at("lattice/nn/optim/adam.py"), "{user}");
    }
    let adam = document["deletions"].as_array().unwrap().iter().find(|deletion| deletion["path"] == "lattice/nn/optim/adam.py").unwrap();
    let scopes: Vec<(&str, &str)> =
        adam["references"].as_array().unwrap().iter().map(|r| (r["path"].as_str().unwrap(), r["scope"].as_str().unwrap())).collect();
    assert_eq!(scopes.iter().filter(|(_, scope)| *scope == "function").count(), 4, "{scopes:?}");
    assert!(scopes.contains(&("lattice/nn/__init__.py", "top")), "{scopes:?}");
    // Everything a step needs is in an earlier one.
    for item in document["items"].as_array().unwrap().iter().filter(|item| item["status"] != "DELETE") {
        for needed in item["depends_on"].as_array().unwrap() {
            let path = needed["path"].as_str().unwrap();
            if !path.contains("/optim/") {
                assert!(at(path) < at(item["path"].as_str().unwrap()), "{path} before {}", item["path"]);
            }
        }
    }
}

/// (kind, subject, a part of the message): every mistake of `PLAN.md`.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    // 1. Two files of one rank, of which one needs the other.
    ("wrong-order", "nn/layers/recursion.py", "share a rank"),
    // 2. to 5. Orders without a dependency; one is for type checkers only, and the real needs are told.
    ("no-dependency", "nn/layers/differentiation.py", "normalization.py"),
    ("no-dependency", "nn/layers/harmonization.py", "normalization.py"),
    ("no-dependency", "nn/architectures/cnn.py", "embeddings.py"),
    ("no-dependency", "nn/architectures/cnn.py", "attention.py"),
    ("no-dependency", "nn/architectures/transformer.py", "mlp.py"),
    ("no-dependency", "nn/loss/total.py", "loss/metrics.py"),
    ("no-dependency", "nn/loss/total.py", "loss/phase.py"),
    ("no-dependency", "nn/loss/total.py", "loss/regularization.py"),
    ("no-dependency", "nn/training/trainer.py", "training/metrics.py"),
    ("no-dependency", "nn/training/trainer.py", "but for type checkers"),
    ("no-dependency", "nn/training/trainer.py", "optim/adam.py` (function)"),
    // 6. Optimizers go before what imports them lazily.
    ("early-deletion", "nn/optim/adam.py", "training/trainer.py"),
    ("early-deletion", "nn/optim/adam.py", "nn/benchmarks/standard.py"),
    ("early-deletion", "nn/optim/adam.py", "nn/benchmarks/ablation.py"),
    ("early-deletion", "nn/optim/adam.py", "nn/benchmarks/convergence.py"),
    ("early-deletion", "nn/optim/adam.py", "lazily, in a function"),
    ("early-deletion", "nn/optim/sgd.py", "nn/__init__.py"),
    // 7. What is blocked, symbol by symbol.
    ("wrong-blocker", "nn/layers/normalization.py", "nothing in"),
    ("wrong-blocker", "nn/layers/differentiation.py", "`DifferentiationLayer` of"),
    ("wrong-blocker", "nn/layers/harmonization.py", "`HarmonizationModule` of"),
    // 8. Files that are needed and not named.
    ("hidden-dependency", "nn/winding/winding_net.py", "winding/dhsr_block.py"),
    ("hidden-dependency", "nn/winding/winding_net.py", "winding/embedding.py"),
    // 9. Importers that are not named; one is run by the package itself.
    ("undeclared-file", "core/dtype.py", "nothing in that package can be imported"),
    ("undeclared-file", "core/state.py", "numpy (function), torch (function)"),
    ("undeclared-file", "linalg/__init__.py", "numpy (function)"),
    ("undeclared-file", "nn/winding/dhsr_block.py", "torch (top)"),
    ("undeclared-file", "nn/winding/embedding.py", "torch (top)"),
    ("undeclared-file", "nn/winding/resonant_block.py", "torch (top)"),
    // 10. Needs that are not listed.
    ("unlisted-need", "negative", "harmonization.py"),
    ("unlisted-need", "linalg.eigvalsh", "loss/phase.py"),
    ("unlisted-need", "nn.softmax", "attention.py"),
    ("unlisted-need", "nn.gather", "embeddings.py"),
    ("unlisted-need", "nn.max_pool2d", "cnn.py"),
    ("unlisted-need", "swapaxes", "attention.py"),
    ("unlisted-need", "take", "resonant_embedding.py"),
    ("unlisted-need", "std", "escape.py"),
    // 11. Names that are nowhere.
    ("unknown-name", "ResEvolver", ""),
    ("unknown-name", "run_with_fitness", ""),
    ("unknown-name", "best_tensor", ""),
    ("unknown-name", "len", "no method of the target"),
    // 12. Two values of one constant.
    ("contradiction", "syntony_weight", "`0.1`"),
    // 13. Zero imports, and a version that is kept.
    ("contradiction", "torch", "to be kept"),
    // Said to need a look only, and it has ties; said to be there, and it is not.
    ("claimed-done", "nn/winding/resonant_embedding.py", "said to be done"),
    ("absent-file", "benchmarks/gone_benchmark.py", "not in the project"),
];

#[test]
fn every_mistake_of_a_plan_by_hand_is_found() {
    let (code, text, error) = plan(&root(), &[".", "--diff", "PLAN.md", "--output-format", "json"]);
    assert_eq!(code, Some(1), "{error}");
    let document: Value = serde_json::from_str(&text).unwrap();
    let found: Vec<(String, String, String)> = document["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| ["kind", "subject", "message"].map(|key| d[key].as_str().unwrap().trim_start_matches("lattice/").to_owned()).into())
        .collect();
    for (kind, subject, part) in DIFFERENCES {
        assert!(
            found.iter().any(|(k, s, message)| k == kind && s == subject && message.contains(part)),
            "not found: {kind} {subject} {part}"
        );
    }
    let kinds = |kind: &str| found.iter().filter(|(k, ..)| k == kind).count();
    assert_eq!(
        ["undeclared-file", "wrong-order", "hidden-dependency", "unknown-name", "contradiction", "absent-file", "claimed-done"].map(kinds),
        [6, 1, 2, 4, 2, 1, 1]
    );
    recorded("differences.txt", &plan(&root(), &[".", "--diff", "PLAN.md"]).1);
}

#[test]
fn an_order_drawn_with_boxes_is_compared() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write("gate.py", "import numpy as np\nx = np.zeros(3)\n");
    write("trainer.py", "import numpy as np\nfrom gate import x\ny = np.sum(x)\n");
    let order = |first: &str, then: &str| {
        let text = format!(
            "# Plan\n\n- gate.py\n- trainer.py\n\n```\n┌────────────┐\n│ {first:<10} │\n└──────┬─────┘\n       │\n       ▼\n\
             ┌────────────┐\n│ {then:<10} │\n└────────────┘\n```\n"
        );
        write("NOTES.md", &text);
        plan(dir.path(), &[".", "--isolated", "--diff", "NOTES.md"])
    };
    let (code, text, error) = order("gate.py", "trainer.py");
    assert_eq!(code, Some(0), "{text}{error}");
    let (code, text, _) = order("trainer.py", "gate.py");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("NOTES.md:11: `trainer.py` is put before `gate.py`, and needs it"), "{text}");
}

#[test]
fn what_a_roadmap_tells_of_the_code_is_no_plan() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    fs::create_dir(dir.path().join("pkg")).unwrap();
    write("pkg/__init__.py", "from .trainer import y\nfrom .gate import x\n");
    write("pkg/gate.py", "import numpy as np\nx = np.zeros(3)\n");
    write("pkg/trainer.py", "import numpy as np\nfrom pkg.gate import x\ny = np.sum(x)\n");
    let (code, _, error) = plan(dir.path(), &[".", "--isolated", "--output-file", "ROADMAP.md"]);
    assert_eq!(code, Some(0), "{error}");
    let roadmap = fs::read_to_string(dir.path().join("ROADMAP.md")).unwrap();
    assert!(roadmap.contains("`__getattr__`") && roadmap.contains("```mermaid"), "the package and its diagram are described: {roadmap}");
    let (code, text, _) = plan(dir.path(), &[".", "--isolated", "--diff", "ROADMAP.md"]);
    assert_eq!((code, text.as_str()), (Some(0), "The plan agrees with the code: it names 2 files.\n"));
}

#[test]
fn a_name_that_a_method_uses_and_nothing_binds_is_a_risk() {
    let document = document(&root());
    let risks = document["risks"].as_array().unwrap();
    assert!(
        risks.iter().any(|risk| risk["path"] == "lattice/nn/training/callbacks.py" && risk["note"].as_str().unwrap().contains("`torch`")),
        "{risks:?}"
    );
}

#[test]
fn a_package_that_draws_its_modules_in_is_a_cycle_through_inits_alone() {
    let document = document(&root());
    let nn = document["packages"].as_array().unwrap().iter().find(|package| package["path"] == "lattice/nn/__init__.py").unwrap();
    assert!(nn["cycle"] == true && nn["imports_affected"].as_u64().unwrap() >= 14, "{nn}");
    let kinds: Vec<&str> = document["cycles"].as_array().unwrap().iter().map(|cycle| cycle["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"packages") && !kinds.contains(&"references"), "{kinds:?}");
}

#[test]
fn a_roadmap_keeps_notes_and_boxes_follow_the_scan() {
    let dir = tempfile::tempdir().unwrap();
    copy(&root().join("lattice"), &dir.path().join("lattice"));
    copy(&root().join("core"), &dir.path().join("core"));
    fs::copy(root().join("purify.toml"), dir.path().join("purify.toml")).unwrap();
    let run = || {
        let (code, _, error) = plan(dir.path(), &["lattice", "-o", "ROADMAP.md"]);
        (code, error, fs::read_to_string(dir.path().join("ROADMAP.md")).unwrap())
    };
    let (_, _, first) = run();
    assert!(run().2 == first, "a second run changes nothing");
    assert!(first.contains("```mermaid") && first.contains("phase 1 (core components) because"));

    // A note below a file, one below a heading, and a box that somebody ticked.
    let file = "- [ ] `lattice/nn/winding/syntony.py`: READY";
    let line = first.lines().find(|line| line.starts_with(file)).unwrap();
    let noted = first.replace(line, &format!("{}\n  - note: ask about the norms", line.replacen("[ ]", "[x]", 1)));
    let noted = noted.replacen("## Critical path <!-- purify -->", "## Critical path <!-- purify -->\n\nMine: start with the layers.", 1);
    fs::write(dir.path().join("ROADMAP.md"), noted).unwrap();
    let (_, _, second) = run();
    assert!(second.contains("  - note: ask about the norms\n") && second.contains("Mine: start with the layers.\n"));
    assert!(second.contains("its box was ticked by hand"), "the scan has the last word");
    assert!(run().2.contains("  - note: ask about the norms\n"));

    // Done: the file has no ties any more.
    let path = dir.path().join("lattice/nn/winding/syntony.py");
    let before = fs::read_to_string(&path).unwrap();
    fs::write(&path, "def syntony(x, norms):\n    return x\n").unwrap();
    let (_, _, third) = run();
    assert!(third.contains("- [x] `lattice/nn/winding/syntony.py`: DONE") && third.contains("ask about the norms"));

    // Back again: that fails.
    fs::write(&path, before).unwrap();
    let (code, error, fourth) = run();
    assert_eq!(code, Some(1), "{error}");
    assert!(fourth.contains("REGRESSED") && error.contains("lattice/nn/winding/syntony.py"));
}

#[test]
fn since_a_revision_tells_what_is_done_and_what_is_new() {
    let dir = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
        assert!(Command::new("git").args(identity).args(arguments).current_dir(dir.path()).output().unwrap().status.success());
    };
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write("purify.toml", "");
    write("a.py", "import numpy as np\nx = np.zeros(3)\n");
    write("b.py", "y = 1\n");
    write("d.py", "from e import z\n");
    write("e.py", "z = 1\n");
    git(&["init", "--quiet", "--initial-branch=main"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "old"]);
    write("a.py", "x = [0.0] * 3\n");
    write("b.py", "import numpy as np\ny = np.ones(1)\n");
    write("c.py", "import torch\nz = torch.ones(1)\n");
    // What `d.py` imports is gone, which is a finding; it has no ties, and had none.
    fs::remove_file(dir.path().join("e.py")).unwrap();
    let (code, text, error) = plan(dir.path(), &[".", "--since", "main"]);
    assert_eq!(code, Some(1), "{error}");
    for part in ["| done since | 1: `a.py` |", "| came back | 1: `b.py` |", "| new with ties | 1: `c.py` |", "- [x] `a.py`: DONE"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(!text.contains("`d.py`: DONE"), "{text}");
}

#[test]
fn diagrams_hold_every_file_with_work() {
    let document = document(&root());
    for format in ["mermaid", "dot"] {
        let (_, text, _) = plan(&root(), &[".", "--output-format", format]);
        for item in document["items"].as_array().unwrap() {
            assert!(text.contains(&format!("\"{}\"", item["path"].as_str().unwrap())), "{format}: {}", item["path"]);
        }
        assert!(text.contains("concat"));
    }
}

#[test]
fn broken_input_is_an_error_that_says_what_would_work() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.py"), "import numpy\n").unwrap();
    fs::write(dir.path().join("t.rs"), "fn f( {\n").unwrap();
    fs::write(dir.path().join("empty.rs"), "fn f() {}\n").unwrap();
    for (arguments, part) in [
        (&["a.py", "--inventory", "t.rs"][..], "t.rs:1:"),
        (&["a.py", "--inventory", "empty.rs"], "#[pyfunction]"),
        (&["a.py", "--inventory", "gone.rs"], "gone.rs"),
        (&["a.py", "--diff", "GONE.md"], "GONE.md"),
        (&["a.py", "--before", "GONE.md"], "GONE.md"),
        (&["a.py", "--config", "plan = { efort = 1 }"], "did you mean `effort`?"),
        (&["a.py", "--config", "plan = { effort = { safe = -1 } }"], "not negative"),
    ] {
        let (code, _, error) = plan(dir.path(), arguments);
        assert!(code == Some(2) && error.contains(part), "{arguments:?}: {error}");
    }
}
