//! `purify rewrite --interactive`: every fix is shown by itself and asked about.

use std::io::{self, BufRead, IsTerminal, Write};

use purify_analysis::rewrite::{Outcome, Spelling};
use purify_analysis::rules::op::Applicability;

use super::output::diff;
use super::{Rewritten, leave, verify};
use crate::failure::Failure;
use crate::term::{Color, Style};

enum Answer {
    Yes,
    No,
    All,
    Quit,
}

/// Asks about every fix of `files`, and rewrites them with those that were taken.
pub fn choose(files: &mut [Rewritten], most: Applicability, spelling: &Spelling, color: Color) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::new("`--interactive` needs a terminal").help("`--apply` makes all fixes without asking"));
    }
    let style = Style::new(color.enabled(io::stdout().is_terminal()));
    let mut session = Session { all: false, quit: false, style };
    for file in files.iter_mut().filter(|file| file.rewrite.changed) {
        let ask = |error: io::Error| Failure::new("cannot ask on this terminal").because(error.to_string());
        session.one_file(file, most, spelling).map_err(ask)?;
        if let (true, Err(why)) = (file.rewrite.changed, verify(file)) {
            leave(&mut file.rewrite, &file.report.source, why);
        }
    }
    Ok(())
}

struct Session {
    all: bool,
    quit: bool,
    style: Style,
}

impl Session {
    fn one_file(&mut self, file: &mut Rewritten, most: Applicability, spelling: &Spelling) -> io::Result<()> {
        if self.all {
            return Ok(());
        }
        let candidates: Vec<_> =
            file.rewrite.sites.iter().zip(&file.rewrite.applied).filter(|(_, applied)| **applied).map(|(site, _)| site.clone()).collect();
        let everything = file.report.sites.clone();
        let mut refused = Vec::new();
        for site in candidates {
            let answer = match (self.all, self.quit) {
                (true, _) => Answer::Yes,
                (_, true) => Answer::No,
                _ => {
                    file.report.sites = vec![site.clone()];
                    let alone = file.report.rewrite(most, spelling);
                    let mut out = io::stdout().lock();
                    diff(&file.shown, &file.report.source.text, &alone.text, self.style, &mut out)?;
                    if let Outcome::Fix { applicability: Applicability::Unsafe, why, .. } = &site.outcome {
                        writeln!(out, "{}", self.style.bad(format!("unsafe: {why}")))?;
                    }
                    self.ask(&site.name, &mut out)?
                }
            };
            match answer {
                Answer::Yes => {}
                Answer::All => self.all = true,
                Answer::No => refused.push(site.range),
                Answer::Quit => {
                    self.quit = true;
                    refused.push(site.range);
                }
            }
        }
        file.report.sites = everything;
        file.report.sites.retain(|site| !refused.contains(&site.range));
        file.rewrite = file.report.rewrite(most, spelling);
        Ok(())
    }

    fn ask(&self, name: &str, out: &mut dyn Write) -> io::Result<Answer> {
        loop {
            write!(out, "{} [y]es, [n]o, [a]ll that follow, [q]uit? ", self.style.bold(format!("rewrite `{name}`?")))?;
            out.flush()?;
            let mut line = String::new();
            if io::stdin().lock().read_line(&mut line)? == 0 {
                return Ok(Answer::Quit);
            }
            match line.trim().to_ascii_lowercase().as_str() {
                "y" | "yes" => return Ok(Answer::Yes),
                "n" | "no" => return Ok(Answer::No),
                "a" | "all" => return Ok(Answer::All),
                "q" | "quit" => return Ok(Answer::Quit),
                _ => {}
            }
        }
    }
}
