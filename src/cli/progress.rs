//! A progress bar for long runs: only on a terminal, and only once half a second has passed.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use purify_analysis::Progress;

/// Work that is done sooner needs no bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// Draws on standard error.
pub struct Bar {
    enabled: bool,
    started: Instant,
    bar: OnceLock<ProgressBar>,
}

impl Bar {
    /// A bar that shows nothing unless `enabled`.
    pub fn new(enabled: bool) -> Self {
        Self { enabled: enabled && crate::term::stderr_is_terminal(), started: Instant::now(), bar: OnceLock::new() }
    }

    /// Removes the bar.
    pub fn finish(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Bar {
    fn advance(&self, stage: &'static str, done: usize, total: usize) {
        if !self.enabled || self.started.elapsed() < PATIENCE {
            return;
        }
        let bar = self.bar.get_or_init(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            // The template is a constant; should it ever be wrong, the default style does as well.
            ProgressStyle::with_template("{msg:>12} [{bar:30}] {human_pos}/{human_len}")
                .map_or(bar.clone(), |style| bar.clone().with_style(style.progress_chars("=> ")))
        });
        bar.set_length(total as u64);
        bar.set_position(done as u64);
        bar.set_message(stage);
    }
}
