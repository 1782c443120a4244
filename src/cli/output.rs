//! Where results go: standard output or a file. A reader that stops reading (`purify scan | head`) ends a run quietly.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::files::write_atomic;
use crate::term::{Color, Style};

/// The place that results are written to.
#[derive(Clone, Debug)]
pub struct Output {
    file: Option<PathBuf>,
    color: Color,
}

impl Output {
    /// Standard output, or `file`, which is written whole at the end or not at all.
    pub fn new(file: Option<PathBuf>, color: Color) -> Self {
        Self { file, color }
    }

    /// The colours that fit the place.
    pub fn style(&self) -> Style {
        Style::new(self.color.enabled(self.file.is_none() && io::stdout().is_terminal()))
    }

    /// Runs `write` on the place.
    pub fn with(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
        match &self.file {
            Some(path) => {
                let mut bytes = Vec::new();
                write(&mut bytes).map_err(|error| cannot_write(path, &error))?;
                write_atomic(path, &bytes).map_err(|error| cannot_write(path, &error))
            }
            None => {
                let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
                match write(&mut out).and_then(|()| out.flush()) {
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                    Err(error) => Err(Failure::new("cannot write to standard output").because(error.to_string())),
                    Ok(()) => Ok(()),
                }
            }
        }
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("cannot write `{}`", path.display()))
        .because(crate::io_message(error))
        .help("`--output-file` needs a path in a folder that exists and can be written to")
}
