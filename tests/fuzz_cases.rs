//! Replays the cases that fuzzing has kept (`fuzz/corpus/scan/`) and the fixtures, so that what once went wrong stays right.

const RULES_FOLDER: &str = "rules";
include!("../fuzz/check.rs");

#[test]
fn kept_cases_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/scan");
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        check(&std::fs::read(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count > 0, "no cases in {}", folder.display());
}

/// As few cases of all that fuzzing made as reach the same code; `fuzz/run.sh minimise` writes them, each after its length.
#[test]
fn minimised_cases_hold() {
    let data = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/minimised.bin")).unwrap();
    let mut rest = &*data;
    let mut count = 0;
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (case, after) = after.split_at(u32::from_le_bytes(*length) as usize);
        check(case);
        rest = after;
        count += 1;
    }
    assert!(rest.is_empty() && count > 1000, "{count} cases and {} bytes", rest.len());
}

#[test]
fn every_prefix_of_a_fixture_holds() {
    // Cutting a file anywhere is the cheapest way to unfinished code. Characters are kept whole by the decoder's rules.
    for name in ["operators/flow.py", "resolution/probe/scopes.py", "conversions/round_trip.py", "suppressions/comments.py"] {
        let bytes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)).unwrap();
        for end in (0..bytes.len()).step_by(7) {
            check(&bytes[..end]);
        }
    }
}
