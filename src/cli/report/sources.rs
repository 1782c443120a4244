//! The texts that findings point into: those of this run, or read again for a result that came from the cache.

use std::path::PathBuf;

use purify_analysis::{Analysis, SourceFile};

/// One text per file of the report.
#[derive(Debug, Default)]
pub struct Sources(Vec<Text>);

#[derive(Debug)]
enum Text {
    Loaded(SourceFile),
    OnDisk(PathBuf),
}

impl Sources {
    /// The texts of `analysis`.
    pub fn of(analysis: &Analysis) -> Self {
        Self(analysis.files.iter().map(|file| Text::Loaded(file.source.clone())).collect())
    }

    /// Texts that are read when they are asked for.
    pub fn on_disk(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        Self(paths.into_iter().map(Text::OnDisk).collect())
    }

    /// The text of file `index`, if it can still be read.
    pub fn get(&self, index: usize) -> Option<SourceFile> {
        match self.0.get(index)? {
            Text::Loaded(source) => Some(source.clone()),
            Text::OnDisk(path) => Some(SourceFile::decode(path.to_string_lossy().as_ref(), &std::fs::read(path).ok()?)),
        }
    }

    /// Adds the texts of another part of the run.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }
}
