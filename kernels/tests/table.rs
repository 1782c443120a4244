//! The table and the sources agree.

use std::collections::BTreeSet;

use purify_kernels::{SOURCES, TABLE, Table, source, table};

/// The parameters of the macro of that name, if a source defines it.
fn macro_parameters(text: &str, name: &str) -> Option<usize> {
    let at = text.find(&format!("#define {name}("))?;
    let list = &text[at..][text[at..].find('(')? + 1..];
    Some(list[..list.find(')')?].split(',').count())
}

#[test]
fn every_row_has_a_macro_and_every_operation_its_function() {
    let table = table().unwrap();
    for (name, family) in &table.families {
        let text: String = family.sources.iter().map(|s| source(s).unwrap()).collect();
        let with_op = family.kernels.keys().any(Option::is_some);
        let parameters = macro_parameters(&text, &name.to_uppercase());
        assert_eq!(parameters, Some(1 + usize::from(with_op)), "the macro of {name}");
        for op in family.kernels.keys().flatten() {
            let written = match name.as_str() {
                "unary" => format!("ONE({op})"),
                "test" => format!("ONE_TEST({op})"),
                "binary" => format!("TWO({op})"),
                "compare" => format!("TWO_TEST({op},"),
                "reduce" => format!("struct R_{op}"),
                "scan" => format!("s_{op}("),
                "combine" => format!("join_{op}("),
                _ => continue,
            };
            assert!(text.contains(&written), "{name}: no `{written}` in the sources");
        }
    }
}

#[test]
fn every_operation_of_the_sources_is_in_the_table() {
    let table = table().unwrap();
    for (family, mark) in [("unary", "\nONE("), ("test", "\nONE_TEST("), ("binary", "\nTWO("), ("compare", "\nTWO_TEST(")] {
        let found = &table.families[family];
        for part in source(found.sources[0]).unwrap().split(mark).skip(1) {
            let op = part.split([')', ',']).next().unwrap();
            assert!(found.kernels.contains_key(&Some(op.to_owned())), "{family}: `{op}` is in the source only");
        }
    }
}

#[test]
fn fixed_entries_are_those_that_the_sources_declare() {
    let table = table().unwrap();
    let declared: BTreeSet<String> = SOURCES
        .iter()
        .flat_map(|(_, text)| text.split("extern \"C\" __global__ void ").skip(1))
        .map(|part| part.split('(').next().unwrap().to_owned())
        .filter(|name| !name.contains("##"))
        .collect();
    let listed: BTreeSet<String> = table.fixed.iter().flat_map(|(_, entries)| entries.iter().cloned()).collect();
    assert_eq!(declared, listed);
}

#[test]
fn entry_points_are_distinct_and_found_one_by_one() {
    let table = table().unwrap();
    let mut seen = BTreeSet::new();
    for unit in table.units() {
        for entry in &unit.entries {
            assert!(seen.insert(entry.clone()), "{entry} twice");
        }
    }
    for (name, family) in &table.families {
        for (op, dtypes) in &family.kernels {
            for dtype in dtypes {
                let unit = table.kernel(name, op.as_deref(), dtype).unwrap();
                assert!(unit.instances.len() == 1 && unit.entries.iter().all(|e| seen.contains(e)), "{unit:?}");
            }
        }
    }
    assert!(table.kernel("unary", Some("exp"), "int8").is_none());
    assert_eq!(table.fixed("snap_f64").unwrap().sources, ["snap"]);
}

#[test]
fn sources_include_nothing_and_are_small() {
    let all: usize = SOURCES.iter().map(|(_, text)| text.len()).sum::<usize>() + purify_kernels::PRELUDE.len() + TABLE.len();
    assert!(SOURCES.iter().all(|(_, text)| !text.contains("#include")), "NVRTC has no headers");
    assert!(all < 120_000, "{all} bytes in every wheel");
}

#[test]
fn a_wrong_line_is_named() {
    let fails = |text: &str, what: &str| {
        let problem = Table::parse(text).unwrap_err().to_string();
        assert!(problem.contains(what), "{problem}");
    };
    fails("archs 75\narchs x", "table.txt:2: `x` is no architecture");
    fails("use unary = onary", "no source `onary.cu`");
    fails("unary exp : float32", "no `use unary` before");
    fails("use unary = unary\nunary exp : real", "`real` is neither a dtype nor a group");
    fails("use unary = unary\nunary exp", "`:` is missing");
    fails("use unary = unary\nunary exp : float32 float32", "named twice");
}
