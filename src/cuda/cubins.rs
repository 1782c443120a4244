//! Compiled kernels on disk, by what they were compiled from, for what and by what.
//!
//! An entry is written beside and renamed, so that nobody reads half of one; it carries the hash of its content, and a damaged
//! one counts as none. A cache that cannot be read or written slows the first call of a kernel and changes nothing else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use purify_kernels::Unit;
use xxhash_rust::xxh3::xxh3_128;

use crate::driver::Driver;
use crate::error::Result;

/// What kernels are compiled with besides the architecture.
pub const OPTIONS: &[&str] = &["--std=c++17"];

const MARK: &[u8; 16] = b"purify cubin  1\n";
const HEAD: usize = MARK.len() + 32;

/// What a compiled kernel depends on.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    /// The text.
    pub source: &'a str,
    /// The architecture.
    pub arch: u32,
    /// The compiler's version; `None` where there is no compiler, and what any made is welcome.
    pub compiler: Option<(u32, u32)>,
    /// Its options.
    pub options: &'a [&'a str],
}

impl Key<'_> {
    fn hash(&self) -> u128 {
        let mut text = self.arch.to_string();
        for option in self.options {
            // Lengths, so that no two lists of options make one text.
            text.push_str(&format!(" {}:{option}", option.len()));
        }
        text.push('\n');
        text.push_str(self.source);
        xxh3_128(text.as_bytes())
    }
}

/// A folder of compiled kernels.
#[derive(Clone, Debug)]
pub struct Cubins {
    folder: Option<PathBuf>,
}

impl Cubins {
    /// In a folder, or nowhere.
    pub fn new(folder: Option<PathBuf>) -> Cubins {
        Cubins { folder }
    }

    /// `PURIFY_CUDA_CACHE` (empty: nowhere), else `purify/cuda` in the user's folder of caches.
    pub fn of_user() -> Cubins {
        let folder = match std::env::var_os("PURIFY_CUDA_CACHE") {
            Some(path) => (!path.is_empty()).then(|| PathBuf::from(path)),
            None => {
                let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
                let cache = std::env::var_os("XDG_CACHE_HOME").filter(|p| !p.is_empty()).map(PathBuf::from).or_else(home);
                cache.map(|cache| cache.join("purify").join("cuda"))
            }
        };
        Cubins { folder }
    }

    /// Where the entries are.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// The entry of a key, if there is a whole one.
    pub fn get(&self, key: &Key) -> Option<Vec<u8>> {
        let hash = key.hash();
        let paths = match key.compiler {
            Some(compiler) => vec![self.path(hash, compiler)?],
            None => self.any(hash),
        };
        paths.iter().find_map(|path| {
            let bytes = std::fs::read(path).ok()?;
            let (head, content) = bytes.split_at_checked(HEAD)?;
            (head == Self::head(hash, content)).then(|| content.to_vec())
        })
    }

    /// The entries of a hash, whatever compiler made them, in descending order of names.
    fn any(&self, hash: u128) -> Vec<PathBuf> {
        let start = format!("{hash:032x}-");
        let entries = self.folder.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
        let named = |path: &PathBuf| {
            path.extension().is_some_and(|e| e == "cubin") && path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(&start))
        };
        let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(named).collect();
        found.sort();
        found.reverse();
        found
    }

    /// Stores an entry. Nothing is reported if that fails.
    pub fn put(&self, key: &Key, content: &[u8]) {
        let hash = key.hash();
        let Some(path) = key.compiler.and_then(|compiler| self.path(hash, compiler)) else { return };
        // Beside it under a name that no other process and no other thread takes.
        static COUNT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let beside = path.with_extension(format!("cubin.{}.{count}", std::process::id()));
        let mut bytes = Self::head(hash, content).to_vec();
        bytes.extend_from_slice(content);
        let folder = path.parent().unwrap_or(Path::new("."));
        let written =
            std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&beside, bytes)).and_then(|()| std::fs::rename(&beside, &path));
        if written.is_err() {
            let _ = std::fs::remove_file(beside);
        }
    }

    /// Compiles every kernel of the table for an architecture, each as it is when it is first called; their number and bytes.
    ///
    /// # Errors
    /// The first that does not compile.
    pub fn fill(&self, driver: &dyn Driver, arch: u32) -> Result<(usize, usize)> {
        let compiler = Some(driver.compiler()?);
        let (mut count, mut bytes) = (0, 0);
        for unit in singles() {
            let source = unit.source();
            let key = Key { source: &source, arch, compiler, options: OPTIONS };
            let image = match self.get(&key) {
                Some(image) => image,
                None => {
                    let image = driver.compile(&unit.name, &source, arch, OPTIONS)?;
                    self.put(&key, &image);
                    image
                }
            };
            count += 1;
            bytes += image.len();
        }
        Ok((count, bytes))
    }

    /// Forgets an entry that turned out to be of no use.
    pub fn remove(&self, key: &Key) {
        if let Some(path) = key.compiler.and_then(|compiler| self.path(key.hash(), compiler)) {
            let _ = std::fs::remove_file(path);
        }
    }

    fn path(&self, hash: u128, (major, minor): (u32, u32)) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join(format!("{hash:032x}-{major}.{minor}.cubin")))
    }

    fn head(hash: u128, content: &[u8]) -> [u8; HEAD] {
        let mut head = [0; HEAD];
        head[..16].copy_from_slice(MARK);
        head[16..32].copy_from_slice(&hash.to_le_bytes());
        head[32..].copy_from_slice(&xxh3_128(content).to_le_bytes());
        head
    }
}

/// Every unit that a backend may ask for.
fn singles() -> Vec<Unit> {
    let Ok(table) = purify_kernels::table() else { return Vec::new() };
    let mut all = Vec::new();
    for (name, family) in &table.families {
        for (op, dtypes) in &family.kernels {
            all.extend(dtypes.iter().filter_map(|dtype| table.kernel(name, op.as_deref(), dtype)));
        }
    }
    // Rows with the same sources are one unit.
    let mut seen = BTreeSet::new();
    let rows = table.fixed.iter().filter(|(sources, _)| seen.insert(sources));
    all.extend(rows.filter_map(|(_, entries)| table.fixed(entries.first()?)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = Key { source: "text", arch: 90, compiler: Some((13, 0)), options: &["--std=c++17"] };

    #[test]
    fn an_entry_comes_back_under_its_own_key_alone() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cubins::new(Some(folder.path().join("deep").join("er")));
        assert_eq!(cache.get(&KEY), None);
        cache.put(&KEY, b"code");
        assert_eq!(cache.get(&KEY).unwrap(), b"code");
        for other in [
            Key { source: "texts", ..KEY },
            Key { arch: 80, ..KEY },
            Key { compiler: Some((13, 1)), ..KEY },
            Key { options: &[], ..KEY },
            Key { options: &["--std=c++17", ""], ..KEY },
        ] {
            assert_eq!(cache.get(&other), None, "{other:?}");
        }
        assert_eq!(cache.get(&Key { compiler: None, ..KEY }).unwrap(), b"code");
        let names: Vec<_> = std::fs::read_dir(cache.folder().unwrap()).unwrap().map(|f| f.unwrap().file_name()).collect();
        assert_eq!(names.len(), 1, "{names:?}");
    }

    #[test]
    fn a_cache_that_was_filled_has_what_a_device_asks_for() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cubins::new(Some(folder.path().to_owned()));
        let fake = std::sync::Arc::new(crate::fake::Fake::new(1, 1 << 30));
        let (count, _) = cache.fill(&*fake, 90).unwrap();
        assert!(count > 500, "{count}");
        assert_eq!(fake.calls("compile"), count);
        fake.without_compiler();
        let gpu = crate::gpu::Gpu::start(fake, 0, cache).unwrap();
        let grid = crate::driver::Grid { blocks: 1, rows: 1, threads: 32 };
        let table = purify_kernels::table().unwrap();
        for (entry, unit) in
            [("unary_exp_float32", table.kernel("unary", Some("exp"), "float32")), ("scatter_last", table.fixed("scatter_last"))]
        {
            // SAFETY: the kernels of this driver look at nothing.
            unsafe { gpu.launch(entry, || unit, grid, crate::launch::Arguments::new()).unwrap() };
        }
    }

    #[test]
    fn a_damaged_entry_is_no_entry() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cubins::new(Some(folder.path().to_owned()));
        cache.put(&KEY, b"a longer piece of code");
        let path = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        let whole = std::fs::read(&path).unwrap();
        for length in [0, 5, HEAD - 1, HEAD, whole.len() - 1] {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert_eq!(cache.get(&KEY), None, "cut to {length}");
        }
        for at in [0, 20, 40, HEAD + 3] {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(cache.get(&KEY), None, "changed at {at}");
        }
        cache.put(&KEY, b"new");
        assert_eq!(cache.get(&KEY).unwrap(), b"new");
    }

    #[test]
    fn without_a_folder_nothing_is_kept_and_nothing_fails() {
        let file = tempfile::NamedTempFile::new().unwrap();
        // A folder cannot be made where a file is.
        for cache in [Cubins::new(None), Cubins::new(Some(file.path().to_owned()))] {
            cache.put(&KEY, b"code");
            cache.remove(&KEY);
            assert_eq!(cache.get(&KEY), None);
        }
    }
}
