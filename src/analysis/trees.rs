//! The trees of a run. A tree takes ten times the room of its text, so a bounded share of them is kept; a file beyond the
//! bound is parsed again whenever somebody looks at its tree.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::Progress;
use crate::source::SourceFile;
use crate::syntax::{self, Module, SyntaxError};

/// Bytes of text whose trees are kept: about 1,200 files of 190 lines, whose trees take some 100 MB.
const KEPT: usize = 8 << 20;

/// The trees of the files of a run, by their index.
#[derive(Debug, Default)]
pub struct Trees {
    kept: Vec<Option<Module>>,
    errors: Vec<Vec<SyntaxError>>,
}

impl Trees {
    /// Parses `files`, and gives what `each` reads off every tree beside the trees.
    pub fn plant<T: Send>(
        files: &[SourceFile],
        progress: &dyn Progress,
        each: impl Fn(&SourceFile, &Module) -> T + Sync,
    ) -> (Self, Vec<T>) {
        Self::plant_within(files, KEPT, progress, each)
    }

    /// Which trees are kept depends on the texts alone, not on which thread is first.
    fn plant_within<T: Send>(
        files: &[SourceFile],
        most: usize,
        progress: &dyn Progress,
        each: impl Fn(&SourceFile, &Module) -> T + Sync,
    ) -> (Self, Vec<T>) {
        let done = AtomicUsize::new(0);
        let mut room = most;
        let keep: Vec<bool> = files
            .iter()
            .map(|file| {
                let left = room.checked_sub(file.text.len());
                room = left.unwrap_or(room);
                left.is_some()
            })
            .collect();
        let parsed: Vec<(Option<Module>, Vec<SyntaxError>, T)> = files
            .par_iter()
            .zip(keep)
            .map(|(file, keep)| {
                let mut module = syntax::parse(file);
                let read = each(file, &module);
                let errors = std::mem::take(&mut module.errors);
                progress.advance("parsing", 1 + done.fetch_add(1, Ordering::Relaxed), files.len());
                (keep.then_some(module), errors, read)
            })
            .collect();
        let mut trees = Self { kept: Vec::with_capacity(files.len()), errors: Vec::with_capacity(files.len()) };
        let mut all = Vec::with_capacity(files.len());
        for (module, errors, read) in parsed {
            trees.kept.push(module);
            trees.errors.push(errors);
            all.push(read);
        }
        (trees, all)
    }

    /// What `look` sees in the tree of `file`, the one at `index`.
    pub fn look<T>(&self, file: &SourceFile, index: usize, look: impl FnOnce(&Module) -> T) -> T {
        match self.kept.get(index) {
            Some(Some(module)) => look(module),
            _ => look(&syntax::parse(file)),
        }
    }

    /// The syntax errors of each file, and its tree if it was kept.
    pub fn into_parts(self) -> impl IndexedParallelIterator<Item = (Option<Module>, Vec<SyntaxError>)> {
        self.kept.into_par_iter().zip(self.errors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_kept_is_parsed_again() {
        let files =
            [SourceFile::from_text("a.py", "x = 1\n"), SourceFile::from_text("b.py", "y = (\n"), SourceFile::from_text("c.py", "z")];
        for (most, kept) in [(0, [false, false, false]), (7, [true, false, true]), (1 << 20, [true, true, true])] {
            let (trees, lengths) = Trees::plant_within(&files, most, &crate::Quiet, |_, module| module.tree.body.len());
            assert_eq!(trees.kept.iter().map(Option::is_some).collect::<Vec<_>>(), kept);
            assert_eq!(trees.errors.iter().map(|errors| !errors.is_empty()).collect::<Vec<_>>(), [false, true, false]);
            for (index, file) in files.iter().enumerate() {
                assert_eq!(trees.look(file, index, |module| module.tree.body.len()), lengths[index]);
            }
        }
    }
}
