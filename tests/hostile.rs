//! Input nobody wrote by hand: the scan says what is wrong, goes on with the rest, and ends with the promised exit code.
//! 0 nothing found, 1 findings (a file that does not parse is one), 2 no result.

mod scanning;

use std::fs;
use std::path::Path;
use std::process::Output;

use scanning::{describe, findings, purify};
use tempfile::TempDir;

const GOOD: &str = "import numpy as np\n\ntotal = np.sum([1])\n";

fn project(files: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

fn scan(folder: &Path, arguments: &[&str]) -> Output {
    let output = purify(folder).args(["scan", "--no-cache", "--output-format", "jsonl"]).args(arguments).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!stderr.contains("panicked") && !stderr.contains("purify failed"), "{}", describe(&output));
    output
}

/// Scans a file next to a good one: the good one must be analysed whatever the other is. Returns the codes of the other.
fn beside_a_good_file(name: &str, bytes: &[u8]) -> Vec<String> {
    let folder = project(&[("good.py", GOOD.as_bytes()), (name, bytes)]);
    let output = scan(folder.path(), &["."]);
    assert_eq!(output.status.code(), Some(1), "{}", describe(&output));
    let found = findings(&String::from_utf8(output.stdout).unwrap());
    assert!(found.iter().any(|f| f.path == "good.py" && f.name == "numpy.sum"), "good.py was not analysed");
    found.into_iter().filter(|f| f.path == name).map(|f| f.code).collect()
}

#[test]
fn deep_nesting_is_analysed() {
    // Debug builds have large frames; release builds take ten times as much.
    let depth = 300;
    for (open, close) in [("(", ")"), ("[", "]"), ("-", ""), ("not ", ""), ("lambda: ", ""), ("f(", ")")] {
        let text = format!("import numpy as np\nx = {}1{}\ny = np.sum(x)\n", open.repeat(depth), close.repeat(depth));
        let codes = beside_a_good_file("deep.py", text.as_bytes());
        assert!(!codes.is_empty(), "nothing found beside {depth} times `{open}`");
    }
    let sum = format!("import numpy as np\nx = np.zeros(3){}\n", " + 1".repeat(1_000));
    assert!(beside_a_good_file("deep.py", sum.as_bytes()).iter().any(|code| code == "PUR601"));
    let blocks: String = (0..99).map(|n| format!("{}if a:\n", " ".repeat(n))).collect();
    let blocks = format!("import numpy as np\n{blocks}{}np.sum(a)\n", " ".repeat(99));
    assert!(beside_a_good_file("deep.py", blocks.as_bytes()).iter().any(|code| code == "PUR201"));
    let chain = format!("import numpy as np\nx = np.zeros(3){}\n", ".copy()".repeat(300));
    assert!(!beside_a_good_file("deep.py", chain.as_bytes()).is_empty());
}

#[test]
fn hopeless_nesting_ends_in_a_message() {
    // Deeper than any stack: the file says so, its other statements are analysed, and nothing ends the run.
    let n = 100_000;
    let deep = [
        format!("{}1{}", "(".repeat(n), ")".repeat(n)),
        format!("{}{}", "[".repeat(n), "]".repeat(n)),
        format!("a{}", ".b".repeat(n)),
        format!("a{}", ".b()".repeat(n)),
        format!("a{}", "[0]".repeat(n)),
        format!("1{}", " + 1".repeat(n)),
        format!("{}1", "not ".repeat(n)),
        format!("{}1", "2**".repeat(n)),
        format!("{}1", "lambda: ".repeat(n)),
        format!("{}1", "1 if a else ".repeat(n)),
    ];
    for text in deep {
        let shown: String = text.chars().take(12).collect();
        let codes = beside_a_good_file("hopeless.py", format!("import numpy as np\nx = {text}\ny = np.sum(x)\n").as_bytes());
        assert!(codes.iter().any(|code| code == "PUR001" || shown.starts_with("((")), "{shown}: {codes:?}");
        assert!(codes.iter().any(|code| code == "PUR201"), "{shown}: {codes:?}");
    }
    let annotation = format!("{}int{}", "list[".repeat(20_000), "]".repeat(20_000));
    for text in [format!("x: {annotation} = 1\n"), format!("def f(x: '{annotation}'): return x\n")] {
        beside_a_good_file("hopeless.py", format!("import numpy as np\n{text}").as_bytes());
    }
    beside_a_good_file("hopeless.py", format!("match x:\n    case {}{}: pass\n", "[".repeat(n), "]".repeat(n)).as_bytes());
    let unclosed = "[{(".repeat(n);
    let codes = beside_a_good_file("unclosed.py", unclosed.as_bytes());
    assert!(codes.iter().any(|code| code == "PUR001" || code == "PUR002"), "{codes:?}");
}

#[test]
fn evidence_in_another_file_is_a_place_there() {
    // The caller passes something unknown from beyond the end of the file that is called.
    let caller = format!("import used\n{}used.scaled(unknown())\n", "# far down\n".repeat(500));
    let used = "import numpy as np\n\ndef scaled(x):\n    return x.shape, x * np.pi\n";
    let folder = project(&[("caller.py", caller.as_bytes()), ("used.py", used.as_bytes())]);
    let output = scan(folder.path(), &["."]);
    assert_eq!(output.status.code(), Some(1), "{}", describe(&output));
    let found = findings(&String::from_utf8(output.stdout).unwrap());
    assert!(found.iter().any(|f| f.path == "used.py" && f.code == "PUR601" && f.confidence == "possible"), "{found:?}");
}

#[test]
fn a_line_of_ten_megabytes_is_analysed() {
    let numbers = "1.5, ".repeat(2_000_000);
    let text = format!("import numpy as np\nx = np.array([{numbers}])\n");
    let codes = beside_a_good_file("long.py", text.as_bytes());
    assert!(codes.iter().any(|code| code == "PUR201"), "{codes:?}");
}

#[test]
fn a_long_line_is_not_printed_whole() {
    let text = format!("import numpy as np; x = np.array([{}])\n", "1, ".repeat(300_000));
    let folder = project(&[("long.py", text.as_bytes())]);
    let output = purify(folder.path()).args(["scan", ".", "--no-cache"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.len() < 100_000, "{} bytes printed", output.stdout.len());
}

#[test]
fn nul_bytes_and_binary_are_reported() {
    assert!(beside_a_good_file("nul.py", b"x = 1\0\nimport numpy\n").iter().any(|code| code == "PUR001" || code == "PUR002"));
    let noise: Vec<u8> = (0..20_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    assert!(!beside_a_good_file("noise.py", &noise).is_empty());
}

#[test]
fn invalid_utf8_is_reported_and_the_rest_analysed() {
    let codes = beside_a_good_file("bytes.py", b"name = '\xe9\xff'\nimport numpy as np\nnp.sum([1])\n");
    assert!(codes.iter().any(|code| code == "PUR002"), "{codes:?}");
    assert!(codes.iter().any(|code| code == "PUR201"), "{codes:?}");
}

#[test]
fn broken_notebooks_are_reported() {
    for text in ["", "{", "[]", "{\"cells\": 3}", "{\"cells\": [{\"cell_type\": \"code\"}]}", "\u{feff}{}"] {
        let folder = project(&[("good.py", GOOD.as_bytes()), ("bad.ipynb", text.as_bytes())]);
        let output = scan(folder.path(), &["."]);
        assert_eq!(output.status.code(), Some(1), "{text}: {}", describe(&output));
    }
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_reported_and_the_rest_analysed() {
    use std::os::unix::fs::PermissionsExt;
    let folder = project(&[("good.py", GOOD.as_bytes()), ("locked.py", GOOD.as_bytes()), ("closed/inside.py", GOOD.as_bytes())]);
    let locked = folder.path().join("locked.py");
    let closed = folder.path().join("closed");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    // The superuser reads everything; a dangling link is unreadable for anyone.
    std::os::unix::fs::symlink(folder.path().join("nowhere.py"), folder.path().join("dangling.py")).unwrap();
    let output = scan(folder.path(), &["."]);
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
    let text = String::from_utf8(output.stdout.clone()).unwrap() + &String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(1 | 2)), "{}", describe(&output));
    assert!(text.contains("good.py") && text.contains("numpy.sum"), "{text}");
    assert!(fs::read(&locked).is_ok() || text.contains("locked.py"), "the unreadable file is not mentioned: {text}");
}

#[cfg(unix)]
#[test]
fn symbolic_link_loops_end() {
    let folder = project(&[("pkg/good.py", GOOD.as_bytes())]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("pkg/loop")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("b.py"), folder.path().join("a.py")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("a.py"), folder.path().join("b.py")).unwrap();
    let output = scan(folder.path(), &["."]);
    let found = findings(&String::from_utf8(output.stdout.clone()).unwrap());
    assert!(matches!(output.status.code(), Some(1 | 2)), "{}", describe(&output));
    assert_eq!(found.iter().filter(|f| f.name == "numpy.sum").count(), 1, "{found:?}");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused() {
    let folder = project(&[("good.py", GOOD.as_bytes())]);
    let pipe = folder.path().join("pipe.py");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // Reading a pipe that nobody writes to would wait for ever.
    let named = scan(folder.path(), &["pipe.py"]);
    assert_eq!(named.status.code(), Some(2), "{}", describe(&named));
    assert!(String::from_utf8_lossy(&named.stderr).contains("neither a file nor a folder"), "{}", describe(&named));
    let met = scan(folder.path(), &["."]);
    assert_eq!(met.status.code(), Some(1), "{}", describe(&met));
    std::os::unix::fs::symlink("nowhere.py", folder.path().join("dangling.py")).unwrap();
    let dangling = scan(folder.path(), &["dangling.py"]);
    assert_eq!(dangling.status.code(), Some(2), "{}", describe(&dangling));
    assert!(String::from_utf8_lossy(&dangling.stderr).contains("a link to `nowhere.py`"), "{}", describe(&dangling));
}

#[test]
fn a_file_too_large_for_a_tree_is_reported_and_the_rest_analysed() {
    let folder = project(&[("good.py", GOOD.as_bytes())]);
    // Sparse: it takes no room, and must not be read.
    fs::File::create(folder.path().join("huge.py")).unwrap().set_len(6 << 30).unwrap();
    let output = scan(folder.path(), &["."]);
    let found = findings(&String::from_utf8(output.stdout.clone()).unwrap());
    assert_eq!(output.status.code(), Some(1), "{}", describe(&output));
    assert!(found.iter().any(|f| f.path == "huge.py" && f.code == "PUR002"), "{found:?}");
    assert!(found.iter().any(|f| f.path == "good.py" && f.name == "numpy.sum"), "{found:?}");
}

#[cfg(unix)]
#[test]
fn names_of_files_do_not_write_to_the_terminal() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = project(&[("esc\u{1b}[31m.py", GOOD.as_bytes()), ("line\nbreak.py", GOOD.as_bytes())]);
    fs::write(folder.path().join(OsStr::from_bytes(b"\xff\xfe.py")), GOOD).unwrap();
    for format in ["text", "concise", "markdown"] {
        let output = purify(folder.path()).args(["scan", ".", "--no-cache", "--output-format", format]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", describe(&output));
        assert!(!output.stdout.contains(&0x1b), "{format}: {}", String::from_utf8_lossy(&output.stdout));
    }
    let concise = purify(folder.path()).args(["scan", ".", "--no-cache", "--output-format", "concise"]).output().unwrap();
    let text = String::from_utf8(concise.stdout).unwrap();
    assert!(text.lines().all(|line| line.contains(".py:")), "a name breaks a line: {text}");
    let missing = purify(folder.path()).args(["scan", "no\u{1b}[2Jway.py"]).output().unwrap();
    assert!(missing.status.code() == Some(2) && !missing.stderr.contains(&0x1b), "{}", describe(&missing));
}

#[test]
fn many_small_files_are_scanned() {
    let folder = TempDir::new().unwrap();
    for number in 0..3_000 {
        let sub = folder.path().join(format!("d{}", number % 50));
        fs::create_dir_all(&sub).unwrap();
        fs::write(sub.join(format!("m{number}.py")), GOOD).unwrap();
    }
    let output = scan(folder.path(), &["."]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let found = findings(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(found.iter().filter(|f| f.name == "numpy.sum").count(), 3_000);
}

#[test]
fn a_missing_path_is_an_error() {
    let folder = project(&[("good.py", GOOD.as_bytes())]);
    let output = scan(folder.path(), &["no/such/place"]);
    assert_eq!(output.status.code(), Some(2), "{}", describe(&output));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no/such/place"), "{}", describe(&output));
}

#[test]
fn a_missing_path_beside_a_good_one_is_an_error() {
    let folder = project(&[("good.py", GOOD.as_bytes())]);
    let output = scan(folder.path(), &["good.py", "gone.py"]);
    assert_eq!(output.status.code(), Some(2), "{}", describe(&output));
}

#[test]
fn a_folder_without_python_is_an_error() {
    let folder = project(&[("README.md", b"# nothing")]);
    let output = scan(folder.path(), &["."]);
    assert_eq!(output.status.code(), Some(2), "{}", describe(&output));
    assert!(!output.stderr.is_empty());
}

#[test]
fn a_clean_tree_exits_with_zero() {
    let folder = project(&[("clean.py", b"def f(a, b):\n    return a + b\n")]);
    let output = scan(folder.path(), &["."]);
    assert_eq!(output.status.code(), Some(0), "{}", describe(&output));
}

#[test]
fn exit_zero_reports_findings_all_the_same() {
    let folder = project(&[("good.py", GOOD.as_bytes())]);
    let output = scan(folder.path(), &[".", "--exit-zero"]);
    assert_eq!(output.status.code(), Some(0), "{}", describe(&output));
    assert!(!output.stdout.is_empty());
}

#[test]
fn stdin_is_a_file_like_any_other() {
    use std::io::Write;
    use std::process::Stdio;
    let folder = project(&[]);
    for (text, code) in [(GOOD, 1), ("x = 1\n", 0), ("", 0), ("def (", 1)] {
        let mut child = purify(folder.path())
            .args(["scan", "-", "--no-cache", "--stdin-filename", "pkg/a.py", "--output-format", "jsonl"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{text:?}: {}", describe(&output));
        assert!(findings(&String::from_utf8(output.stdout).unwrap()).iter().all(|f| f.path == "pkg/a.py"));
    }
}

#[test]
fn mutual_imports_and_inheritance_end() {
    let folder = project(&[
        ("a.py", b"from b import *\nfrom b import x\nclass A(B):\n    pass\nclass B(A):\n    y = x\nz = x.y.z\n"),
        ("b.py", b"from a import *\nfrom a import z as x\nfrom b import x as w\nimport b\nq = b.b.b.x\n"),
        ("c.py", b"def f(x):\n    return g([x])\ndef g(x):\n    return f((x, x))\nf(f)\nx = [x]\nwhile x:\n    x = [x]\n"),
        ("good.py", GOOD.as_bytes()),
    ]);
    let output = scan(folder.path(), &["."]);
    assert_eq!(output.status.code(), Some(1), "{}", describe(&output));
}

/// Scans that run at the same time share one cache: each prints what a scan without a cache prints, whatever the others write.
#[test]
fn scans_at_the_same_time_share_a_cache_and_are_right() {
    let names: Vec<String> = (0..20).map(|n| format!("pkg/m{n}.py")).collect();
    let folder = TempDir::new().unwrap();
    fs::create_dir_all(folder.path().join("pkg")).unwrap();
    let kinds: [&[&str]; 2] = [&["--output-format", "jsonl"], &["--output-format", "concise", "--select", "PUR1"]];
    let command = |arguments: &[&str]| {
        let mut command = purify(folder.path());
        command.args(["scan", "."]).args(arguments).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        command
    };
    for round in 0..4 {
        for (n, name) in names.iter().enumerate() {
            // The same size every time, so that only the content, and perhaps the clock, tells the rounds apart.
            let function = ["sum", "max", "min", "any"][(round + n) % 4];
            fs::write(folder.path().join(name), format!("import numpy as np\nx = np.{function}([1, 2])\n")).unwrap();
        }
        let right: Vec<Output> = kinds.iter().map(|arguments| command(arguments).arg("--no-cache").output().unwrap()).collect();
        let running: Vec<_> = (0..6).map(|n| (n % 2, command(kinds[n % 2]).spawn().unwrap())).collect();
        for (kind, child) in running {
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(1), "{}", describe(&output));
            assert!(output.stdout == right[kind].stdout, "round {round}: {}", describe(&output));
        }
        // What they left is used, and right as well.
        for (kind, arguments) in kinds.iter().enumerate() {
            let output = command(arguments).arg("--verbose").output().unwrap();
            assert!(String::from_utf8_lossy(&output.stderr).contains("the cached result holds"), "{}", describe(&output));
            assert!(output.stdout == right[kind].stdout, "round {round}: {}", describe(&output));
        }
    }
    let left: Vec<String> = (fs::read_dir(folder.path().join(".purify_cache")).unwrap())
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !name.ends_with(".scan"))
        .collect();
    assert_eq!(left.len(), 2, "beside the entries only .gitignore and CACHEDIR.TAG stay: {left:?}");
}

#[test]
fn a_reader_that_has_gone_is_no_fault() {
    let folder = project(&[("a.py", GOOD.as_bytes())]);
    let commands: [&[&str]; 5] =
        [&["completions", "bash"], &["explain", "--all"], &["config"], &["rules", "list"], &["scan", "--no-cache"]];
    for arguments in commands {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = purify(folder.path()).args(arguments).stdout(writer).output().unwrap();
        assert_ne!(output.status.code(), Some(2), "{arguments:?}: {}", describe(&output));
        assert!(output.stderr.is_empty(), "{arguments:?}: {}", describe(&output));
    }
}
