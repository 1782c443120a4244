//! What moving symbols makes of small projects.

use super::work_out;
use crate::moves::{Input, Outcome, Request};
use crate::source::SourceFile;

type Files<'a> = &'a [(&'a str, &'a str)];

fn outcome(before: Files<'_>, moves: &[(&str, &str)], shims: bool) -> Result<(Vec<(String, String)>, Outcome), String> {
    let files: Vec<SourceFile> = before.iter().map(|(path, text)| SourceFile::from_text(*path, *text)).collect();
    let requests: Vec<Request> = moves.iter().map(|(from, to)| Request { from: (*from).into(), to: (*to).into() }).collect();
    let input = Input { files: &files, roots: &[], requests: &requests, shims, until: None };
    let outcome = work_out(&input).map_err(|refusal| refusal.message)?;
    let changed = outcome.files.iter().map(|moved| (files[moved.file].path.to_string(), moved.text.clone().unwrap()));
    let mut found: Vec<(String, String)> = changed.chain(outcome.created.iter().cloned()).collect();
    found.sort();
    Ok((found, outcome))
}

/// Checks what changes, and gives the remarks back.
fn check(before: Files<'_>, moves: &[(&str, &str)], after: Files<'_>) -> Vec<String> {
    let (found, outcome) = outcome(before, moves, false).unwrap();
    let mut wanted: Vec<(String, String)> = after.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    wanted.sort();
    assert_eq!(found, wanted);
    outcome.remarks.into_iter().map(|remark| remark.text).collect()
}

fn refused(before: Files<'_>, from: &str, to: &str) -> String {
    outcome(before, &[(from, to)], false).unwrap_err()
}

const INIT: (&str, &str) = ("pkg/__init__.py", "");

#[test]
fn a_definition_moves_with_its_comment_its_decorator_and_the_imports_it_uses() {
    check(
        &[
            INIT,
            (
                "pkg/a.py",
                "import math\nimport numpy as np\nfrom functools import cache\nfrom .c import h\n\n\n# Twice.\n@cache\ndef f(x):\n    return np.sqrt(h(x))\n\n\ndef g(x):\n    return math.pi\n",
            ),
            ("pkg/b.py", "\"\"\"B.\"\"\"\n\nimport numpy as np\n\n\ndef other():\n    return np\n"),
            ("pkg/c.py", "def h(x): ...\n"),
        ],
        &[("pkg.a.f", "pkg.b.f")],
        &[
            ("pkg/a.py", "import math\n\n\ndef g(x):\n    return math.pi\n"),
            (
                "pkg/b.py",
                "\"\"\"B.\"\"\"\n\nimport numpy as np\nfrom .c import h\nfrom functools import cache\n\n\ndef other():\n    return np\n\n\n# Twice.\n@cache\ndef f(x):\n    return np.sqrt(h(x))\n",
            ),
        ],
    );
}

#[test]
fn importers_of_every_kind_follow() {
    check(
        &[
            ("pkg/__init__.py", "from .a import f, g\n\n__all__ = [\"f\", \"g\"]\n"),
            ("pkg/a.py", "def f(): ...\n\n\ndef g():\n    return f()\n"),
            ("pkg/b.py", "X = 1\n"),
            ("lazy.py", "def run():\n    from pkg.a import f as go\n    return go()\n"),
            ("plain.py", "import pkg.a\n\npkg.a.f()\npkg.a.g()\n"),
            ("by_module.py", "from pkg import a\n\na.f()\n"),
            ("star.py", "from pkg.a import *\n\ng()\n"),
            ("public.py", "import pkg\nfrom pkg import f\n\npkg.f()\n"),
        ],
        &[("pkg.a.f", "pkg.b.f")],
        &[
            ("pkg/__init__.py", "from .a import g\nfrom .b import f\n\n__all__ = [\"f\", \"g\"]\n"),
            ("pkg/a.py", "from .b import f\n\n\ndef g():\n    return f()\n"),
            ("pkg/b.py", "X = 1\n\n\ndef f(): ...\n"),
            ("lazy.py", "def run():\n    from pkg.b import f as go\n    return go()\n"),
            ("plain.py", "import pkg.a\nimport pkg.b\n\npkg.b.f()\npkg.a.g()\n"),
            ("by_module.py", "from pkg import a\nfrom pkg import b\n\nb.f()\n"),
        ],
    );
}

#[test]
fn a_new_name_is_written_everywhere_it_can_be() {
    check(
        &[
            ("pkg/__init__.py", "from .a import old\n"),
            ("pkg/a.py", "__all__ = ['old']\n\n\nclass old:\n    def copy(self) -> \"old\":\n        return old()\n"),
            ("user.py", "from pkg.a import old\n\nx = old()\n"),
            ("taken.py", "from pkg.a import old\n\nNew = 1\nx = old()\n"),
            ("patched.py", "from unittest import mock\n\nwith mock.patch(\"pkg.a.old.copy\"):\n    pass\n"),
        ],
        &[("pkg.a.old", "pkg.a.New")],
        &[
            ("pkg/__init__.py", "from .a import New as old\n"),
            ("pkg/a.py", "__all__ = ['New']\n\n\nclass New:\n    def copy(self) -> \"New\":\n        return New()\n"),
            ("user.py", "from pkg.a import New\n\nx = New()\n"),
            ("taken.py", "from pkg.a import New as old\n\nNew = 1\nx = old()\n"),
            ("patched.py", "from unittest import mock\n\nwith mock.patch(\"pkg.a.New.copy\"):\n    pass\n"),
        ],
    );
}

#[test]
fn several_go_to_a_module_that_is_made_for_them() {
    check(
        &[
            INIT,
            (
                "pkg/a.py",
                "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from .c import T\n\nLIMIT = 3\n\n\ndef helper(x: T):\n    from .c import h\n    return h(x, LIMIT)\n\n\ndef stays():\n    return 1\n\n\ndef f(x):\n    return helper(x)\n",
            ),
            ("pkg/c.py", "T = h = None\n"),
            ("pkg/user.py", "from .a import f, stays\n"),
        ],
        &[("pkg.a.LIMIT", "pkg.new.deep.LIMIT"), ("pkg.a.helper", "pkg.new.deep.helper"), ("pkg.a.f", "pkg.new.deep.f")],
        &[
            (
                "pkg/a.py",
                "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from .c import T\n\ndef stays():\n    return 1\n",
            ),
            ("pkg/new/__init__.py", ""),
            (
                "pkg/new/deep.py",
                "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from ..c import T\n\nLIMIT = 3\n\n\ndef helper(x: T):\n    from ..c import h\n    return h(x, LIMIT)\n\n\ndef f(x):\n    return helper(x)\n",
            ),
            ("pkg/user.py", "from .a import stays\nfrom .new.deep import f\n"),
        ],
    );
}

#[test]
fn a_module_that_used_the_name_defines_it_now() {
    check(
        &[
            INIT,
            ("pkg/a.py", "def f(): ...\n"),
            ("pkg/b.py", "from .a import f as g\n\n\n@g\ndef use():\n    return g()\n\n\nif __name__ == \"__main__\":\n    use()\n"),
        ],
        &[("pkg.a.f", "pkg.b.f")],
        &[
            ("pkg/a.py", ""),
            ("pkg/b.py", "def f(): ...\n\n\n@f\ndef use():\n    return f()\n\n\nif __name__ == \"__main__\":\n    use()\n"),
        ],
    );
}

#[test]
fn a_module_of_a_docstring_alone_gets_imports_before_definitions() {
    check(
        &[INIT, ("pkg/a.py", "import math\n\n\ndef f():\n    return math.pi\n"), ("pkg/b.py", "\"\"\"B.\"\"\"\n")],
        &[("pkg.a.f", "pkg.b")],
        &[("pkg/a.py", ""), ("pkg/b.py", "\"\"\"B.\"\"\"\n\nimport math\n\n\ndef f():\n    return math.pi\n")],
    );
}

#[test]
fn shims_pass_single_names_on_and_are_known_again() {
    let files: Files<'_> = &[INIT, ("pkg/a.py", "def f(): ...\n"), ("pkg/b.py", ""), ("run.py", "x = 1\n")];
    let (found, _) = outcome(files, &[("pkg.a.f", "pkg.b.g")], true).unwrap();
    let text = &found.iter().find(|(path, _)| path == "pkg/a.py").unwrap().1;
    assert!(text.contains("\"f\": (\"pkg.b\", \"g\"),") && text.contains("DeprecationWarning"), "{text}");
    let asked = |run: &str| {
        let after: Vec<SourceFile> = [("pkg/__init__.py", ""), ("pkg/a.py", text.as_str()), ("run.py", run)]
            .iter()
            .map(|(path, text)| SourceFile::from_text(*path, *text))
            .collect();
        let shims = crate::moves::shims(&after, &[]);
        assert_eq!((shims.len(), shims[0].file), (1, 1));
        shims[0].importers.clone()
    };
    assert_eq!(asked("from pkg.a import f\n"), [2]);
    assert_eq!(asked("import pkg.a\npkg.a.f()\n"), [2]);
    assert!(asked("from pkg.b import g\n").is_empty());
}

#[test]
fn what_cannot_be_is_refused() {
    let pkg: Files<'_> = &[
        INIT,
        (
            "pkg/a.py",
            "import numpy as np\nfrom .b import h\n_n = 0\n\n\ndef f():\n    return np\n\n\ndef uses():\n    return f()\n\n\ndef needs():\n    return uses()\n\n\ndef calls():\n    return needs()\n\n\ndef count():\n    global _n\n    _n += 1\n\n\nif _n:\n    def maybe(): ...\n",
        ),
        ("pkg/b.py", "np = 1\ng = 2\nh = 3\n"),
        ("pkg/broken.py", "def f(:\n"),
    ];
    assert!(refused(pkg, "pkg.a.nothing", "pkg.b.x").contains("defines no `nothing`"));
    assert!(refused(pkg, "pkg.a.h", "pkg.b.x").contains("only imports `h`"));
    assert!(refused(pkg, "pkg.a.count", "pkg.b.g").contains("has a `g` already"));
    assert!(refused(pkg, "pkg.a.f", "pkg.b.f").contains("another `np`"));
    assert!(refused(pkg, "pkg.a._n", "pkg.b._n").contains("bound again: `global _n`"));
    assert!(refused(pkg, "pkg.a.maybe", "pkg.b.maybe").contains("under a condition"));
    assert!(refused(pkg, "pkg.a.needs", "pkg.b.needs").contains("import each other"));
    assert!(refused(pkg, "pkg.a.calls", "pkg.broken.f").contains("does not parse"));
    assert!(refused(pkg, "pkg.a.calls", "calls").contains("no place for"));
}
