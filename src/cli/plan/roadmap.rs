//! The plan as a roadmap in Markdown, with boxes that the scan ticks and room for notes.

use std::collections::BTreeMap;
use std::fmt::Write;

use purify_analysis::plan::effort::{Effort, Sites};
use purify_analysis::plan::model::{Blocker, Item, Plan, Status, SymbolItem};

use super::notes::{BEGIN, END, MARK, Roadmap, block, heading, item};
use super::since::Since;
use crate::report::count;

/// Diagrams of more files than this are for programs that draw them: `--output-format dot`.
const MOST_DRAWN: usize = 60;

/// The text of the roadmap; notes of `old` stay below what they were written below.
pub fn text(plan: &Plan, old: Option<&Roadmap>, since: Option<&Since>) -> String {
    let mut page = Page { text: String::new(), notes: old.map(Roadmap::notes).unwrap_or_default(), old };
    page.own("");
    page.heading("# Roadmap", "");
    page.block("summary", &summary(plan, since));
    page.missing(plan);
    for phase in &plan.phases {
        let detail = format!("({}, {})", count(phase.items.len(), "file"), hours(&phase.effort));
        page.heading(&format!("## Phase {}: {}", phase.number, phase.name), &detail);
        for path in &phase.items {
            if let Some(found) = plan.items.iter().find(|item| item.path == *path) {
                page.item(found);
            }
        }
    }
    let finished: Vec<&Item> = plan.items.iter().filter(|item| matches!(item.status, Status::Done | Status::Absent)).collect();
    if !finished.is_empty() {
        page.heading("## Done", &format!("({})", count(finished.len(), "file")));
        finished.into_iter().for_each(|item| page.item(item));
    }
    page.deletions(plan);
    page.kept(plan);
    page.structure(plan);
    page.risks(plan);
    if !plan.critical_path.nodes.is_empty() {
        page.heading("## Critical path", "");
        page.block("critical path", &critical(plan));
    }
    if (1..=MOST_DRAWN).contains(&plan.steps.len()) {
        page.heading("## Diagram", "");
        page.block("diagram", &format!("```mermaid\n{}```\n", super::diagram::mermaid(plan)));
    }
    page.rest();
    page.text
}

struct Page<'a> {
    text: String,
    notes: BTreeMap<String, Vec<String>>,
    old: Option<&'a Roadmap>,
}

impl Page<'_> {
    /// Somebody's own lines below `anchor`.
    fn own(&mut self, anchor: &str) {
        let Some(lines) = self.notes.remove(anchor) else { return };
        // Indented lines go on with the list item above; others are paragraphs.
        let apart = !anchor.starts_with("item ") || lines.first().is_some_and(|line| !line.starts_with([' ', '\t', '-', '*']));
        if apart && !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
        for line in lines {
            self.text.push_str(&line);
            self.text.push('\n');
        }
        if apart {
            self.text.push('\n');
        }
    }

    fn heading(&mut self, title: &str, detail: &str) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
        let space = if detail.is_empty() { "" } else { " " };
        let _ = writeln!(self.text, "{title}{space}{detail} {MARK}\n");
        self.own(&heading(title));
    }

    fn block(&mut self, name: &str, body: &str) {
        let _ = writeln!(self.text, "{BEGIN}{name} -->\n{body}{END}");
        self.own(&block(name));
    }

    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{line} {MARK}");
    }

    fn item(&mut self, found: &Item) {
        let done = matches!(found.status, Status::Done | Status::Absent);
        let mut head = format!("- [{}] `{}`: {}", if done { 'x' } else { ' ' }, found.path, found.status.as_str());
        match found.status {
            Status::Done => {}
            Status::Absent => head.push_str(", no longer in the project"),
            Status::Delete => {
                let _ = write!(head, "; level {}", found.level);
            }
            Status::Ready | Status::Blocked | Status::Clean => {
                let ties: usize = found.findings.values().sum();
                let _ = write!(head, "; {}; {}; {}", count(ties, "finding"), sites(&found.sites), hours(&found.effort));
                if found.quick {
                    head.push_str("; quick win: `purify rewrite` does all of it");
                }
            }
        }
        if found.regressed {
            head.push_str("; **REGRESSED**: it was done and has ties again");
        } else if !done && self.old.is_some_and(|old| old.is_ticked(&found.path)) {
            head.push_str("; its box was ticked by hand, and the scan still finds ties");
        }
        self.line(&head);
        if !done {
            self.details(found);
        }
        self.own(&item(&found.path));
    }

    fn details(&mut self, found: &Item) {
        self.line(&format!("  - {}; level {}, step {}", found.reason, found.level, found.step));
        let imports: Vec<String> =
            found.imports.iter().map(|import| format!("`{}` ({}, line {})", import.name, import.scope.as_str(), import.line)).collect();
        if !imports.is_empty() {
            self.line(&format!("  - imports {}", some(&imports, 6)));
        }
        if !found.tests.is_empty() {
            let tests: Vec<String> = found.tests.iter().map(|test| format!("`{test}`")).collect();
            self.line(&format!("  - tests to run, and to move along: {}", some(&tests, 6)));
        }
        if found.status == Status::Blocked {
            let (files, ops): (Vec<&Blocker>, Vec<&Blocker>) = found.blocked_by.iter().partition(|b| matches!(b, Blocker::File(_)));
            let names = |list: &[&Blocker]| list.iter().map(|b| format!("`{}`", b.name())).collect::<Vec<_>>();
            let mut waits = Vec::new();
            if !ops.is_empty() {
                waits.push(format!("what the target lacks: {}", some(&names(&ops), 8)));
            }
            if !files.is_empty() {
                waits.push(format!("files that come first: {}", some(&names(&files), 8)));
            }
            self.line(&format!("  - waits for {}", waits.join("; and for ")));
        }
        let mixed = found.symbols.iter().any(|symbol| symbol.status == Status::Blocked);
        if mixed {
            let symbols: Vec<String> = found.symbols.iter().filter(|symbol| !symbol.name.is_empty()).map(symbol_text).collect();
            if !symbols.is_empty() {
                self.line(&format!("  - {}", some(&symbols, 12)));
            }
        }
    }

    fn missing(&mut self, plan: &Plan) {
        if plan.missing.is_empty() {
            return;
        }
        self.heading("## Missing from the target", &format!("({})", plan.missing.len()));
        let mut body =
            String::from("| | files that wait for it | freed by it alone | uses | led to by | in |\n|---|---|---|---|---|---|\n");
        for missing in &plan.missing {
            let apis: Vec<String> = missing.apis.iter().filter(|api| *api != missing.name.name()).map(|api| format!("`{api}`")).collect();
            let files: Vec<String> = missing.files.iter().map(|file| format!("`{file}`")).collect();
            let (blocks, unblocks, uses) = (missing.blocks, missing.unblocks, missing.uses);
            let _ =
                writeln!(body, "| `{}` | {blocks} | {unblocks} | {uses} | {} | {} |", missing.name.name(), some(&apis, 4), some(&files, 4));
        }
        if !plan.target.unregistered.is_empty() {
            let names: Vec<String> = plan.target.unregistered.iter().map(|name| format!("`{name}`")).collect();
            let _ = writeln!(body, "\nDefined in the target's source and registered in no module: {}.", some(&names, 20));
        }
        self.block("missing", &body);
    }

    fn deletions(&mut self, plan: &Plan) {
        if plan.deletions.is_empty() {
            return;
        }
        self.heading("## Deletions", &format!("({})", plan.deletions.len()));
        for deletion in &plan.deletions {
            let what = match &deletion.symbol {
                Some(symbol) => format!("`{symbol}` of `{}`", deletion.path),
                None => format!("`{}`", deletion.path),
            };
            let state = if deletion.references.is_empty() { "nothing refers to it" } else { "what refers to it goes first:" };
            self.line(&format!("- {what}: {}; {state}", deletion.reason));
            for reference in &deletion.references {
                let holder = if reference.holder.is_empty() { String::new() } else { format!(" in `{}`", reference.holder) };
                self.line(&format!(
                    "  - [ ] `{}:{}`{holder}: {}, {}",
                    reference.path,
                    reference.line,
                    reference.kind,
                    reference.scope.as_str()
                ));
            }
        }
    }

    fn kept(&mut self, plan: &Plan) {
        if plan.exceptions.is_empty() {
            return;
        }
        self.heading("## Where a library stays", &format!("({})", plan.exceptions.len()));
        let mut body = String::from("| place | what | findings | by | reason |\n|---|---|---|---|---|\n");
        for exception in &plan.exceptions {
            let reason = if exception.reason.is_empty() { "none given".to_owned() } else { cell(&exception.reason) };
            let _ = writeln!(
                body,
                "| `{}:{}` | `{}` | {} | {} | {reason} |",
                exception.path, exception.line, exception.name, exception.findings, exception.by
            );
        }
        self.block("kept", &body);
    }

    fn structure(&mut self, plan: &Plan) {
        let packages: Vec<_> = plan.packages.iter().filter(|package| package.cycle || package.imports_affected > 0).collect();
        if plan.cycles.is_empty() && packages.is_empty() {
            return;
        }
        self.heading("## Packages and cycles", "");
        let mut body = String::new();
        if !packages.is_empty() {
            body.push_str("| package | files with ties it imports | run by importing it | cycle | |\n|---|---|---|---|---|\n");
        }
        for package in packages.iter().take(30) {
            let cycle = if package.cycle { "yes" } else { "no" };
            let _ = writeln!(
                body,
                "| `{}` | {} | {} | {cycle} | {} |",
                package.path, package.imports_affected, package.runs_affected, package.advice
            );
        }
        for cycle in plan.cycles.iter().take(20) {
            let files: Vec<String> = cycle.affected.iter().map(|file| format!("`{file}`")).collect();
            let how = if cycle.kind == "references" {
                "need each other and are moved in one step"
            } else {
                "run each other when imported, through their packages"
            };
            let _ =
                writeln!(body, "\n{} of which {} with ties {how}: {}.", count(cycle.size, "file"), cycle.affected.len(), some(&files, 8));
        }
        self.block("structure", &body);
    }

    fn risks(&mut self, plan: &Plan) {
        if plan.risks.is_empty() {
            return;
        }
        self.heading("## Risks", &format!("({})", plan.risks.len()));
        let mut body = String::new();
        for risk in plan.risks.iter().take(100) {
            let _ = writeln!(body, "- `{}:{}`: {} ({})", risk.path, risk.line, cell(&risk.note), risk.kind);
        }
        if plan.risks.len() > 100 {
            let _ = writeln!(body, "- … and {} more in the JSON form", plan.risks.len() - 100);
        }
        self.block("risks", &body);
    }

    /// Notes whose place is gone.
    fn rest(&mut self) {
        if self.notes.is_empty() {
            return;
        }
        let anchors: Vec<String> = self.notes.keys().cloned().collect();
        self.heading("## Notes on what the plan no longer has", "");
        for anchor in anchors {
            let lines = self.notes.remove(&anchor).unwrap_or_default();
            if !anchor.starts_with("heading Notes on") {
                let _ = writeln!(self.text, "{}:", anchor.split_once(' ').map_or(anchor.as_str(), |(_, name)| name));
            }
            for line in lines {
                let _ = writeln!(self.text, "{line}");
            }
            self.text.push('\n');
        }
    }
}

fn summary(plan: &Plan, since: Option<&Since>) -> String {
    let totals = &plan.totals;
    let importers: Vec<String> = totals.importers.iter().map(|(library, files)| format!("{library} {files}")).collect();
    let status: Vec<String> = totals.by_status.iter().map(|(status, files)| format!("{files} {status}")).collect();
    let coverage = &plan.coverage;
    let mut text =
        String::from("`purify plan` writes this file. Boxes follow the scan; lines of your own stay where they are.\n\n| | |\n|---|---|\n");
    let mut row = |name: &str, value: String| {
        let _ = writeln!(text, "| {name} | {value} |");
    };
    row(
        "files",
        format!("{}, {} with ties, {} that import a library ({})", totals.modules, totals.affected, totals.importing, importers.join(", ")),
    );
    row("status", status.join(", "));
    row(
        "findings in the plan",
        format!(
            "{:.1} % of {}: {} in files of a phase, {} kept with a reason, {} valid on the target",
            coverage.share * 100.0,
            coverage.findings,
            coverage.in_items,
            coverage.excepted,
            coverage.kept
        ),
    );
    row("call sites", sites(&totals.sites));
    row("target", format!("{} ({})", plan.target.sources.join(", "), count(plan.target.names, "name")));
    row("effort", format!("{}; {}", hours(&totals.effort), plan.effort_basis));
    if let Some(since) = since {
        let change = since.change(plan);
        let list = |files: &[String]| some(&files.iter().map(|file| format!("`{file}`")).collect::<Vec<_>>(), 8);
        row(
            &format!("since {}", cell(&since.revision)),
            format!("findings of files with ties: {} then, {} now", change.findings.0, change.findings.1),
        );
        for (name, files) in
            [("done since", &change.done), ("gone since", &change.gone), ("came back", &change.regressed), ("new with ties", &change.new)]
        {
            if !files.is_empty() {
                row(name, format!("{}: {}", files.len(), list(files)));
            }
        }
    }
    text
}

fn critical(plan: &Plan) -> String {
    let mut text = format!("{:.1} h, one after the other:\n\n", plan.critical_path.hours);
    for (number, node) in (1..).zip(&plan.critical_path.nodes) {
        let _ = match node {
            Blocker::File(path) => writeln!(text, "{number}. `{path}`"),
            other => writeln!(text, "{number}. `{}` in the target", other.name()),
        };
    }
    text
}

fn symbol_text(symbol: &SymbolItem) -> String {
    let mut needs: Vec<String> = symbol.blocked_by.iter().map(|need| need.name().to_owned()).collect();
    needs.extend(symbol.through.iter().map(|through| format!("through {through}")));
    let needs = if needs.is_empty() { String::new() } else { format!(" ({})", some(&needs, 4)) };
    format!("`{}` {}{needs}", symbol.name, symbol.status.as_str())
}

fn sites(sites: &Sites) -> String {
    format!(
        "{} safe, {} to review, {} by hand, {} unknown, {} stay valid",
        sites.safe, sites.review, sites.refused, sites.unknown, sites.kept
    )
}

fn hours(effort: &Effort) -> String {
    format!("{:.1} h ({:.1} to {:.1})", effort.likely, effort.low, effort.high)
}

/// The first of a list, and how many more there are.
fn some(items: &[String], most: usize) -> String {
    let mut text = items.iter().take(most).cloned().collect::<Vec<_>>().join(", ");
    if items.len() > most {
        let _ = write!(text, " and {} more", items.len() - most);
    }
    text
}

/// Text in the cell of a table.
fn cell(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().replace('|', "\\|").replace('<', "&lt;")
}
