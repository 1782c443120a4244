//! The terminal: whether to colour, and with what; how wide it is.

use std::fmt;
use std::io::IsTerminal;

use anstyle::{AnsiColor, Effects, Style as Ansi};
use purify_analysis::Severity;

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set; elsewhere if FORCE_COLOR or CLICOLOR_FORCE is.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Whether to colour what goes to a stream that is, or is not, a terminal.
    pub fn enabled(self, terminal: bool) -> bool {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) => false,
            Self::Auto if set("FORCE_COLOR") || set("CLICOLOR_FORCE") => true,
            Self::Auto => terminal && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
        }
    }
}

/// Colours, or none.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    colored: bool,
}

/// Text with a style, to be formatted.
pub struct Styled<T>(Ansi, T);

impl<T: fmt::Display> fmt::Display for Styled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.0.render(), self.1, self.0.render_reset())
    }
}

impl Style {
    /// No colour.
    pub fn plain() -> Self {
        Self { colored: false }
    }

    /// Colour if `colored`.
    pub fn new(colored: bool) -> Self {
        Self { colored }
    }

    /// Whether there is colour.
    pub fn colored(self) -> bool {
        self.colored
    }

    fn with<T>(self, style: Ansi, text: T) -> Styled<T> {
        Styled(if self.colored { style } else { Ansi::new() }, text)
    }

    /// Headings and paths.
    pub fn bold<T>(self, text: T) -> Styled<T> {
        self.with(Ansi::new().effects(Effects::BOLD), text)
    }

    /// What may be skipped.
    pub fn dim<T>(self, text: T) -> Styled<T> {
        self.with(Ansi::new().effects(Effects::DIMMED), text)
    }

    /// What to do.
    pub fn help<T>(self, text: T) -> Styled<T> {
        self.with(AnsiColor::Cyan.on_default(), text)
    }

    /// All is well.
    pub fn good<T>(self, text: T) -> Styled<T> {
        self.with(AnsiColor::Green.on_default().effects(Effects::BOLD), text)
    }

    /// What goes away, or may do harm.
    pub fn bad<T>(self, text: T) -> Styled<T> {
        self.with(AnsiColor::Red.on_default(), text)
    }

    /// In the colour of `severity`.
    pub fn severity<T>(self, severity: Severity, text: T) -> Styled<T> {
        let color = match severity {
            Severity::Error => AnsiColor::Red,
            Severity::Warning => AnsiColor::Yellow,
            Severity::Info => AnsiColor::Blue,
        };
        self.with(color.on_default().effects(Effects::BOLD), text)
    }
}

/// Columns of the terminal, or of `COLUMNS`; 100 where there is neither.
pub fn width() -> usize {
    let from_env = || std::env::var("COLUMNS").ok()?.parse().ok();
    let from_terminal = || Some(usize::from(terminal_size::terminal_size()?.0.0));
    from_env().or_else(from_terminal).filter(|width| *width >= 40).unwrap_or(100)
}

/// Whether standard error is a terminal.
pub fn stderr_is_terminal() -> bool {
    std::io::stderr().is_terminal()
}
