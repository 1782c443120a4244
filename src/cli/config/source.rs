//! Places in configuration files, and errors that point at them.

use std::path::{Path, PathBuf};

use purify_analysis::rules::line_column;
use toml::Spanned;
use toml::de::DeValue;

use crate::failure::{Failure, closest};
use crate::paths;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A line of a configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// Its 1-based line.
        line: usize,
    },
    /// An option of the command.
    CommandLine,
}

/// A configuration text that values are read from.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Path of the file, `None` for the command line.
    pub path: Option<&'a Path>,
    /// The text that spans refer to.
    pub text: &'a str,
}

/// A configuration that cannot be used: where, and what would have been accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", location(path, *line, *column))]
pub struct ConfigError {
    /// The file, `None` for the command line.
    pub path: Option<PathBuf>,
    /// 1-based line.
    pub line: usize,
    /// 1-based column in characters.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What would work.
    pub help: Option<String>,
}

fn location(path: &Option<PathBuf>, line: usize, column: usize) -> String {
    match path {
        // Relative where that is shorter to read; the current directory is only asked for on the way to an error.
        Some(path) => {
            let shown =
                std::env::current_dir().map_or_else(|_| paths::slashes(path), |cwd| paths::relative(&paths::absolute(path, &cwd), &cwd));
            format!("{shown}:{line}:{column}: ")
        }
        None => "--config: ".to_owned(),
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let failure = Failure::new(error.to_string());
        failure.help(error.help.unwrap_or_else(|| "`purify config --keys` lists every key with its meaning".to_owned()))
    }
}

impl Place<'_> {
    /// Where the value at `offset` stands.
    pub fn origin(&self, offset: usize) -> Origin {
        match self.path {
            Some(path) => Origin::File { path: path.to_owned(), line: self.line_column(offset).0 },
            None => Origin::CommandLine,
        }
    }

    /// An error at `offset`.
    pub fn error(&self, offset: usize, message: impl Into<String>) -> ConfigError {
        let (line, column) = self.line_column(offset);
        ConfigError { path: self.path.map(Path::to_owned), line, column, message: message.into(), help: None }
    }

    /// The text is not TOML.
    pub fn syntax(&self, error: &toml::de::Error) -> ConfigError {
        let mut result = self.error(error.span().map_or(0, |span| span.start), error.message().trim().replace('\n', ", "));
        result.help = Some("the file has to be valid TOML".to_owned());
        result
    }

    /// The value has another type than it should have.
    pub fn wrong_type(&self, value: &Spanned<DeValue<'_>>, expected: &str) -> ConfigError {
        self.error(value.span().start, format!("expected {expected}, found {}", kind(value.get_ref())))
    }

    /// The key is not one of `accepted`.
    pub fn unknown_key(&self, offset: usize, key: &str, accepted: &[&str]) -> ConfigError {
        let mut error = self.error(offset, format!("unknown key `{key}`"));
        let guess = closest(key, accepted.iter().copied()).map_or(String::new(), |guess| format!("did you mean `{guess}`? "));
        error.help = Some(format!("{guess}accepted keys: {}", accepted.join(", ")));
        error
    }

    fn line_column(&self, offset: usize) -> (usize, usize) {
        line_column(self.text, offset)
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
