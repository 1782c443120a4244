//! Results of earlier runs, kept in `.purify_cache`. Kinds flow across the whole project, so a result holds for a whole
//! run: it is used only if every file of the run is what it was.
//!
//! An unchanged file is recognised by its size and time of change, and else by a hash of its content. A damaged entry is
//! no entry. Entries are written beside and renamed, so runs at the same time do not disturb each other.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use crate::files::{TEMPORARY_PREFIX, write_atomic};
use crate::report::Report;

/// The folder beside the configuration.
const FOLDER: &str = ".purify_cache";
/// Entries kept; the least recently written ones go first.
const ENTRIES: usize = 16;
/// Two changes within the resolution of a file system's clock look the same, so a file changed this shortly before it
/// was read is recognised by its content only. Two seconds is the coarsest resolution in use (FAT).
const CLOCK: Duration = Duration::from_secs(2);

/// What a file was when it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    modified: Option<u64>,
    size: u64,
    hash: u128,
}

impl Stamp {
    /// The stamp of a file whose metadata were taken before its `bytes` were read.
    pub fn new(metadata: &fs::Metadata, bytes: &[u8]) -> Self {
        Self { modified: modified(metadata), size: metadata.len(), hash: xxh3_128(bytes) }
    }

    /// Whether the file at `path` still has this content.
    fn holds(&self, path: &Path, written: u64) -> bool {
        let Ok(metadata) = fs::metadata(path) else { return false };
        if metadata.len() != self.size {
            return false;
        }
        let settled = self.modified.is_some_and(|time| time.saturating_add(nanos(CLOCK)) < written);
        (settled && modified(&metadata) == self.modified) || fs::read(path).is_ok_and(|bytes| xxh3_128(&bytes) == self.hash)
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn modified(metadata: &fs::Metadata) -> Option<u64> {
    Some(nanos(metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?))
}

#[derive(Serialize, Deserialize)]
struct Entry {
    started: u64,
    stamps: Vec<Stamp>,
    report: Report,
}

/// The entry of one run.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    entry: PathBuf,
    started: u64,
}

impl Cache {
    /// The cache of a project at `root` for a run described by `key`: everything but the content of `files` that the
    /// result depends on.
    pub fn new(root: &Path, key: &str, files: &[PathBuf]) -> Self {
        let mut text = format!("{}\n{}\n{key}\n", env!("CARGO_PKG_VERSION"), executable());
        for file in files {
            text.push_str(&file.to_string_lossy());
            text.push('\n');
        }
        let folder = root.join(FOLDER);
        let entry = folder.join(format!("{:032x}.scan", xxh3_128(text.as_bytes())));
        let started = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, nanos);
        Self { folder, entry, started }
    }

    /// The report of an earlier run, if all `files` are as they were.
    pub fn load(&self, files: &[PathBuf]) -> Option<Report> {
        let bytes = fs::read(&self.entry).ok()?;
        let (sum, payload) = bytes.split_first_chunk::<16>()?;
        if xxh3_128(payload).to_le_bytes() != *sum {
            return None;
        }
        let entry: Entry = postcard::from_bytes(payload).ok()?;
        let same =
            entry.stamps.len() == files.len() && files.par_iter().zip(&entry.stamps).all(|(file, stamp)| stamp.holds(file, entry.started));
        same.then_some(entry.report)
    }

    /// Keeps `report`. A cache that cannot be written, in a read-only checkout for instance, is no error.
    pub fn store(&self, stamps: Vec<Stamp>, report: &Report) {
        let Ok(payload) = postcard::to_stdvec(&Entry { started: self.started, stamps, report: report.clone() }) else { return };
        let mut bytes = xxh3_128(&payload).to_le_bytes().to_vec();
        bytes.extend(payload);
        if self.prepare_folder().is_ok() && write_atomic(&self.entry, &bytes).is_ok() {
            self.prune();
        }
    }

    fn prepare_folder(&self) -> std::io::Result<()> {
        if self.folder.join("CACHEDIR.TAG").exists() {
            return Ok(());
        }
        fs::create_dir_all(&self.folder)?;
        write_atomic(&self.folder.join(".gitignore"), b"*\n")?;
        // The signature that backup programs look for.
        write_atomic(&self.folder.join("CACHEDIR.TAG"), b"Signature: 8a477f597d28d172789f06886806bc55\n# Made by purify; safe to delete.\n")
    }

    fn prune(&self) {
        let Ok(folder) = fs::read_dir(&self.folder) else { return };
        let mut entries: Vec<(SystemTime, PathBuf, bool)> = folder
            .flatten()
            .filter_map(|item| {
                let name = item.file_name().to_string_lossy().into_owned();
                let temporary = name.starts_with(TEMPORARY_PREFIX);
                (temporary || name.ends_with(".scan")).then_some((item.metadata().ok()?.modified().ok()?, item.path(), temporary))
            })
            .collect();
        entries.sort_unstable_by(|a, b| b.cmp(a));
        let mut kept = 0;
        for (time, path, temporary) in entries {
            // A temporary file of a run that is still writing is young.
            let old = time.elapsed().is_ok_and(|age| age > Duration::from_secs(3600));
            kept += usize::from(!temporary);
            if (temporary && old) || (!temporary && kept > ENTRIES) {
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// Tells one build of purify from another, so that no build reads the results of another.
fn executable() -> String {
    let stamp = std::env::current_exe().and_then(fs::metadata).map(|metadata| (metadata.len(), modified(&metadata)));
    format!("{:?}", stamp.ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::example;

    fn setup() -> (tempfile::TempDir, Vec<PathBuf>, Vec<Stamp>) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.py");
        fs::write(&file, "x = 1\n").unwrap();
        let stamp = Stamp::new(&fs::metadata(&file).unwrap(), b"x = 1\n");
        (dir, vec![file], vec![stamp])
    }

    #[test]
    fn an_unchanged_run_is_found_and_a_changed_one_is_not() {
        let (dir, files, stamps) = setup();
        let cache = Cache::new(dir.path(), "k", &files);
        assert_eq!(cache.load(&files), None);
        let report = example().1;
        cache.store(stamps, &report);
        assert_eq!(cache.load(&files), Some(report));
        assert!(Cache::new(dir.path(), "other", &files).load(&files).is_none());
        // Same size, and likely the same tick of the clock.
        fs::write(&files[0], "x = 2\n").unwrap();
        assert_eq!(cache.load(&files), None);
    }

    #[test]
    fn damage_is_noticed() {
        let (dir, files, stamps) = setup();
        let cache = Cache::new(dir.path(), "k", &files);
        cache.store(stamps, &example().1);
        let mut bytes = fs::read(&cache.entry).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&cache.entry, &bytes).unwrap();
        assert_eq!(cache.load(&files), None);
        fs::write(&cache.entry, b"short").unwrap();
        assert_eq!(cache.load(&files), None);
    }

    #[test]
    fn old_entries_go() {
        let (dir, files, stamps) = setup();
        for number in 0..ENTRIES + 5 {
            Cache::new(dir.path(), &number.to_string(), &files).store(stamps.clone(), &Report::default());
        }
        let entries = fs::read_dir(dir.path().join(FOLDER)).unwrap().flatten();
        assert_eq!(entries.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "scan")).count(), ENTRIES);
    }
}
