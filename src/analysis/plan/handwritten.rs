//! A plan that somebody wrote, read from Markdown: which files it names, in which order, what it says of them, and which
//! names it uses. Nothing is required of its form; what is not understood is left alone.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::drawing;

/// What a plan says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// It is done, or needs a look only.
    Done,
    /// It can be done now.
    Ready,
    /// It waits.
    Blocked,
    /// It goes.
    Delete,
}

/// A line about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The file as the project names it; as the plan names it, where the project has none.
    pub path: String,
    /// Whether the project has it.
    pub exists: bool,
    /// 1-based line.
    pub line: usize,
    /// Number of the section, in the order of the plan.
    pub section: usize,
    /// Position in a numbered list, where the line stands in one.
    pub position: Option<usize>,
    /// What is said.
    pub claims: BTreeSet<Claim>,
    /// What it is said to wait for.
    pub waits_for: Vec<String>,
}

/// "This before that."
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// What comes first.
    pub first: Vec<String>,
    /// What comes after.
    pub then: Vec<String>,
    /// 1-based line.
    pub line: usize,
}

/// A name in code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    /// The identifier.
    pub name: String,
    /// As written.
    pub text: String,
    /// 1-based line.
    pub line: usize,
}

/// A plan that somebody wrote.
#[derive(Clone, Debug, Default)]
pub struct Handwritten {
    /// Titles of the sections that hold entries, by number.
    pub sections: Vec<String>,
    /// Lines about files, in their order; of several about one file, all.
    pub entries: Vec<Entry>,
    /// Every file that is named anywhere.
    pub named: BTreeSet<String>,
    /// Orders that are drawn or said.
    pub arrows: Vec<Arrow>,
    /// Files that are drawn side by side: (line, files).
    pub ranks: Vec<(usize, Vec<String>)>,
    /// Names of ops and APIs that the plan says are missing, with the line.
    pub needs: BTreeMap<String, usize>,
    /// Names in code.
    pub mentions: Vec<Mention>,
    /// Names that the plan's own code defines.
    pub defined: BTreeSet<String>,
    /// Values given to names in code: name → (value, line).
    pub values: BTreeMap<String, Vec<(String, usize)>>,
    /// Lines that promise to have none of something: (word, line).
    pub without: Vec<(String, usize)>,
    /// Lines that promise to keep something: (word, line).
    pub keeping: Vec<(String, usize)>,
}

/// Finds the files that a plan means.
pub struct Index<'a> {
    /// Stem of the path → path.
    stems: Vec<(String, &'a str)>,
    by_last: FxHashMap<String, Vec<usize>>,
}

impl<'a> Index<'a> {
    /// Indexes the files at `paths`.
    pub fn new(paths: impl Iterator<Item = &'a str>) -> Self {
        let mut index = Self { stems: Vec::new(), by_last: FxHashMap::default() };
        for path in paths {
            let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem).to_owned();
            let last = last_part(&stem).to_owned();
            index.by_last.entry(last).or_default().push(index.stems.len());
            // A package goes by the name of its folder as well.
            if let Some(folder) = stem.strip_suffix("/__init__") {
                index.by_last.entry(last_part(folder).to_owned()).or_default().push(index.stems.len());
            }
            index.stems.push((stem, path));
        }
        index
    }

    /// The files that `token` may mean; those below `folder` alone, where some are.
    fn find(&self, token: &str, folder: &str) -> Vec<&'a str> {
        let stem = stem_of(token);
        let Some(candidates) = self.by_last.get(last_part(&stem)) else { return Vec::new() };
        let fits = |full: &str| {
            let full = full.strip_suffix("/__init__").filter(|_| !stem.ends_with("__init__")).unwrap_or(full);
            full == stem || full.strip_suffix(stem.as_str()).is_some_and(|head| head.ends_with('/'))
        };
        let mut found: Vec<&str> =
            candidates.iter().map(|i| &self.stems[*i]).filter(|(full, _)| fits(full)).map(|(_, path)| *path).collect();
        if found.len() > 1 && !folder.is_empty() {
            let below: Vec<&str> = found.iter().copied().filter(|path| path.contains(&format!("{folder}/"))).collect();
            if !below.is_empty() {
                found = below;
            }
        }
        // A module is meant before the package of the same name.
        if found.len() > 1 {
            let modules: Vec<&str> = found.iter().copied().filter(|path| !path.ends_with("__init__.py")).collect();
            if modules.len() == 1 {
                found = modules;
            }
        }
        found
    }
}

fn last_part(stem: &str) -> &str {
    stem.rsplit('/').next().unwrap_or(stem)
}

fn stem_of(token: &str) -> String {
    let token = token.trim_start_matches("./").trim_end_matches('/');
    match token.strip_suffix(".py").or_else(|| token.strip_suffix(".pyi")) {
        Some(stem) => stem.to_owned(),
        None if token.contains('/') => token.to_owned(),
        None => token.replace('.', "/"),
    }
}

/// Whether a token looks like the path of a file, even if there is none.
fn looks_like_file(token: &str) -> bool {
    (token.ends_with(".py") || token.ends_with(".pyi"))
        && token.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.'))
        && !token.trim_start_matches('.').starts_with("py")
}

/// Reads a plan.
pub fn read(text: &str, index: &Index<'_>) -> Handwritten {
    let mut reader = Reader {
        index,
        out: Handwritten::default(),
        folder: String::new(),
        title: String::new(),
        section: None,
        numbers: FxHashMap::default(),
        missing_section: false,
        later: Vec::new(),
        drawings: Vec::new(),
    };
    let mut code: Option<Block> = None;
    let mut made = false;
    for (number, line) in (1..).zip(text.lines()) {
        let trimmed = line.trim();
        // What a roadmap tells of the code is no plan.
        made = (made || DESCRIPTIONS.contains(&trimmed)) && trimmed != DESCRIPTION_END;
        if made {
            continue;
        }
        let uncommented = without_comments(trimmed);
        let trimmed = uncommented.trim();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            match code.take() {
                Some(block) => reader.block(&block),
                None => {
                    let language = trimmed.trim_start_matches(['`', '~']).trim().to_lowercase();
                    code = Some(Block { language, start: number + 1, text: String::new() });
                }
            }
            continue;
        }
        if let Some(block) = &mut code {
            block.text.push_str(line);
            block.text.push('\n');
            continue;
        }
        reader.line(number, trimmed);
    }
    if let Some(block) = code {
        reader.block(&block);
    }
    reader.orders();
    reader.out
}

/// Where a roadmap of `purify plan` begins to describe the code: packages and cycles, the diagram.
const DESCRIPTIONS: &[&str] = &["<!-- purify:begin structure -->", "<!-- purify:begin diagram -->"];
const DESCRIPTION_END: &str = "<!-- purify:end -->";

/// The line without comments of HTML, which nobody sees and whose end looks like an arrow.
fn without_comments(line: &str) -> String {
    let mut shown = String::new();
    let mut rest = line;
    while let Some((before, comment)) = rest.split_once("<!--") {
        shown.push_str(before);
        rest = comment.split_once("-->").map_or("", |(_, after)| after);
    }
    shown + rest
}

/// A block of code.
struct Block {
    /// What its fence calls it.
    language: String,
    /// The number of its first line.
    start: usize,
    text: String,
}

struct Reader<'a> {
    index: &'a Index<'a>,
    out: Handwritten,
    /// The folder that the nearest heading names.
    folder: String,
    title: String,
    section: Option<usize>,
    /// Number of an entry → its file.
    numbers: FxHashMap<usize, String>,
    missing_section: bool,
    /// Lines whose order is read when all numbers are known.
    later: Vec<(usize, String, Option<String>)>,
    /// Arrows of drawings, which are read then as well: (line, arrow).
    drawings: Vec<(usize, drawing::Drawn)>,
}

impl Reader<'_> {
    fn line(&mut self, number: usize, line: &str) {
        if line.starts_with('#') {
            self.title = line.trim_matches(|c| c == '#' || c == ' ').to_owned();
            self.section = None;
            let lower = self.title.to_lowercase();
            self.missing_section = (lower.contains("missing") || lower.contains("blocker")) && !lower.contains("not missing");
            if let Some(folder) = words(line).into_iter().find(|word| word.contains('/') && !looks_like_file(word)) {
                self.folder = folder.trim_matches('/').to_owned();
            }
            return;
        }
        if line.is_empty() || line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ')) {
            return;
        }
        self.mentions(number, line);
        self.promises(number, line);
        let in_row = line.starts_with('|');
        let (body, position, listed) = list_item(line);
        let tokens = words(body);
        let files: Vec<(String, bool)> = tokens.iter().filter_map(|token| self.file(token)).collect();
        self.out.named.extend(files.iter().map(|(path, _)| path.clone()));
        let row_number = if in_row { line.trim_matches('|').split('|').next().and_then(|cell| cell.trim().parse().ok()) } else { None };
        let mut subject = None;
        if (in_row || listed)
            && let Some((path, exists)) = subject_of(&tokens, &files, |token| self.file(token))
        {
            let section = self.enter();
            let numbered = row_number.or(position);
            if let Some(at) = numbered {
                self.numbers.insert(at, path.clone());
            }
            let claims = claims(line);
            let waits_for = if claims.contains(&Claim::Blocked) { self.waits(body) } else { Vec::new() };
            let ops: Vec<String> = waits_for.iter().filter(|need| self.file(need).is_none()).cloned().collect();
            for need in ops {
                self.out.needs.entry(need).or_insert(number);
            }
            subject = Some(path.clone());
            self.out.entries.push(Entry { path, exists, line: number, section, position: position.filter(|_| !in_row), claims, waits_for });
        }
        let lower = line.to_lowercase();
        if (self.missing_section && (in_row || listed))
            || lower.starts_with("missing")
            || lower.contains("missing api")
            || lower.contains("missing op")
        {
            self.listed_needs(number, body);
        }
        self.later.push((number, line.to_owned(), subject));
    }

    /// The number of the section that an entry belongs to.
    fn enter(&mut self) -> usize {
        *self.section.get_or_insert_with(|| {
            self.out.sections.push(self.title.clone());
            self.out.sections.len() - 1
        })
    }

    /// The file that a token means, and whether it exists. A lone word means a file only if it is written as code or path.
    fn file(&self, token: &str) -> Option<(String, bool)> {
        let bare = token.trim_end_matches("()");
        if bare != token || bare.is_empty() || bare.contains(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '/' | '.' | '-'))) {
            return None;
        }
        let path_like = bare.contains('/') || looks_like_file(bare);
        let found = self.index.find(bare, &self.folder);
        match (&found[..], path_like) {
            ([one], true) => Some(((*one).to_owned(), true)),
            ([one], false) if bare.contains('.') => Some(((*one).to_owned(), true)),
            ([], true) if looks_like_file(bare) => Some((bare.to_owned(), false)),
            _ => None,
        }
    }

    /// The file that a word in a drawn order means: here a lone stem is enough.
    fn ordered(&self, token: &str) -> Option<String> {
        if let Some((path, exists)) = self.file(token) {
            return exists.then_some(path);
        }
        let bare = token.trim_matches(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '/' | '.')));
        if bare.len() < 3 || bare.chars().next().is_none_or(|c| c.is_ascii_digit()) {
            return None;
        }
        let found = self.index.find(bare, &self.folder);
        // Files that the plan names before others.
        let named: Vec<&str> = found.iter().copied().filter(|path| self.out.named.contains(*path)).collect();
        match (&named[..], &found[..]) {
            ([one], _) | ([], [one]) => Some((*one).to_owned()),
            _ => None,
        }
    }

    /// What follows `blocked`: `blocked on concat and gelu`, `BLOCKED (requires concat())`.
    fn waits(&self, body: &str) -> Vec<String> {
        let lower = body.to_lowercase();
        let Some(at) = lower.find("blocked") else { return Vec::new() };
        let tail = body.get(at + "blocked".len()..).unwrap_or_default();
        let tail = tail.split(['|', ';', '.']).next().unwrap_or_default();
        let mut names = Vec::new();
        for word in words(tail) {
            let word = word.trim_end_matches("()");
            if !names.is_empty() && matches!(word, "so" | "because" | "in" | "until" | "for" | "with" | "then") {
                break;
            }
            if !FILLERS.contains(&word.to_lowercase().as_str()) && is_identifier(word) {
                names.push(word.to_owned());
            }
        }
        names
    }

    fn listed_needs(&mut self, number: usize, body: &str) {
        let code = inline_code(body);
        let names: Vec<String> = if code.is_empty() {
            let tail = body.split_once(':').map_or(body, |(_, tail)| tail);
            tail.split(['|', ',']).filter_map(|part| words(part).into_iter().next()).collect()
        } else {
            code
        };
        for name in names {
            let name = name.split('(').next().unwrap_or_default().trim_start_matches('.').to_owned();
            if is_dotted(&name) && self.file(&name).is_none() && !FILLERS.contains(&name.to_lowercase().as_str()) {
                self.out.needs.entry(name).or_insert(number);
            }
        }
    }

    fn mentions(&mut self, number: usize, line: &str) {
        for code in inline_code(line) {
            self.names_in(number, &code);
            self.values_in(number, &code);
        }
    }

    fn names_in(&mut self, number: usize, code: &str) {
        // A path, an order or a command is no code of the project.
        if self.file(code.trim()).is_some() || code.contains('/') || code.contains("->") || code.starts_with('-') || code.contains(" -") {
            return;
        }
        let is_name = |text: &str| is_identifier(text) && text.len() > 1;
        for part in code.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).filter(|part| !part.is_empty()) {
            if self.file(part).is_some() || part.trim_start_matches('.').starts_with(|c: char| c.is_ascii_digit()) {
                continue;
            }
            for name in part.split('.').filter(|name| is_name(name)) {
                self.out.mentions.push(Mention { name: name.to_owned(), text: code.to_owned(), line: number });
            }
        }
    }

    /// `name = value`, `name=value`.
    fn values_in(&mut self, number: usize, code: &str) {
        let mut rest = code;
        while let Some(at) = rest.find('=') {
            let (head, tail) = (&rest[..at], &rest[at + 1..]);
            rest = tail;
            let operator = tail.starts_with('=') || head.ends_with(['=', '<', '>', '!', '+', '-', '*', '/']);
            let name: String = head
                .trim_end()
                .chars()
                .rev()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect();
            let value: String = tail.trim_start().chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-')).collect();
            let after = tail.trim_start()[value.len()..].trim_start();
            let simple = after.is_empty() || after.starts_with([',', ')', '#', '\n', ']', '}']);
            let number_or_constant = value.parse::<f64>().is_ok() || is_identifier(&value);
            if !operator && simple && is_identifier(&name) && name.len() > 3 && !value.is_empty() && number_or_constant {
                self.out.values.entry(name).or_default().push((value, number));
            }
        }
    }

    fn promises(&mut self, number: usize, line: &str) {
        let lower = line.to_lowercase();
        let all: Vec<String> =
            lower.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty()).map(str::to_owned).collect();
        let has = |list: &[&str]| all.iter().any(|word| list.contains(&word.as_str()));
        if has(&["zero", "no", "without", "free"]) && has(&["import", "imports", "dependency", "dependencies", "importing", "uses", "free"])
        {
            self.out.without.extend(all.iter().map(|word| (word.clone(), number)));
        }
        if has(&["keep", "keeping", "retain", "alongside", "leave"])
            && has(&["alongside", "comparison", "compare", "reference", "baseline", "version", "keep"])
        {
            self.out.keeping.extend(all.iter().map(|word| (word.clone(), number)));
        }
    }

    /// A block of code: a drawn order, or Python.
    fn block(&mut self, Block { language, start, text: block }: &Block) {
        let start = *start;
        let arrows = match language.split_whitespace().next().unwrap_or_default() {
            "mermaid" | "dot" | "graphviz" => drawing::diagram(block),
            "python" | "py" | "pycon" => Vec::new(),
            _ if block.contains("def ") && !block.contains('→') => Vec::new(),
            _ => drawing::read(block),
        };
        if !arrows.is_empty() {
            self.drawings.extend(arrows.into_iter().map(|arrow| (start + arrow.line, arrow)));
            return;
        }
        for (offset, line) in block.lines().enumerate() {
            let number = start + offset;
            let code = line.split('#').next().unwrap_or_default();
            if code.trim().is_empty() {
                continue;
            }
            self.values_in(number, code);
            for token in words(code) {
                if let Some((path, _)) = self.file(&token) {
                    self.out.named.insert(path);
                }
            }
        }
        self.out.defined.extend(definitions(block));
        for (name, line, text) in python_names(block) {
            self.out.mentions.push(Mention { name, text, line: start + line });
        }
    }

    /// Reads the orders, now that every numbered entry is known.
    fn orders(&mut self) {
        for (number, arrow) in std::mem::take(&mut self.drawings) {
            let group = |texts: &[String]| texts.iter().flat_map(|text| self.group(told(text))).collect::<Vec<_>>();
            let (first, then) = (group(&arrow.first), group(&arrow.then));
            self.order(number, first, then);
        }
        for (number, line, subject) in joined(std::mem::take(&mut self.later)) {
            if line.contains('→') {
                self.drawn(number, &line);
            } else if let Some(subject) = subject {
                self.said(number, &line, &subject);
            }
        }
    }

    /// `1, 2 → 3 → 4, 5`.
    fn drawn(&mut self, number: usize, line: &str) {
        // What stands before a colon says what is ordered; branches that a semicolon parts are orders of their own.
        for branch in line.split([';', '|']) {
            let groups: Vec<Vec<String>> = told(branch).split('→').map(|part| self.group(part)).collect();
            for pair in groups.windows(2) {
                if let [first, then] = pair {
                    self.order(number, first.clone(), then.clone());
                }
            }
        }
    }

    /// Takes one arrow in; files that share an end of it share a rank.
    fn order(&mut self, line: usize, first: Vec<String>, then: Vec<String>) {
        for group in [&first, &then] {
            let rank = (line, group.clone());
            if group.len() > 1 && !self.out.ranks.contains(&rank) {
                self.out.ranks.push(rank);
            }
        }
        if !first.is_empty() && !then.is_empty() {
            self.out.arrows.push(Arrow { first, then, line });
        }
    }

    /// The files of one rank: numbers, ranges of numbers, names.
    fn group(&self, part: &str) -> Vec<String> {
        let mut files = Vec::new();
        for word in words(part) {
            let range = word.split_once(['-', '–']).and_then(|(a, b)| Some((a.parse::<usize>().ok()?, b.parse::<usize>().ok()?)));
            match (range, word.trim_start_matches('#').parse::<usize>()) {
                (Some((a, b)), _) if a < b && b - a < 200 => files.extend((a..=b).filter_map(|n| self.numbers.get(&n).cloned())),
                (_, Ok(n)) => files.extend(self.numbers.get(&n).cloned()),
                _ => files.extend(self.ordered(&word)),
            }
        }
        files.dedup();
        files
    }

    /// "after 1, 2", "depends on `a.py`", in the line about `subject`.
    fn said(&mut self, number: usize, line: &str, subject: &str) {
        let lower = line.to_lowercase();
        for word in ["after ", "depends on ", "once ", "follows "] {
            let Some(at) = lower.find(word) else { continue };
            let tail = line.get(at + word.len()..).unwrap_or_default();
            let tail = tail.split(['|', ';', '(', '.']).next().unwrap_or_default();
            // A full stop also ends file names; what it cuts off is put back.
            let tail = line
                .get(at + word.len()..)
                .filter(|all| all[tail.len()..].starts_with(".py"))
                .map_or(tail, |all| all.split(['|', ';', '(']).next().unwrap_or_default());
            let first: Vec<String> = self.group(tail).into_iter().filter(|file| file != subject).collect();
            if !first.is_empty() {
                self.out.arrows.push(Arrow { first, then: vec![subject.to_owned()], line: number });
            }
        }
    }
}

/// An order without what stands before a colon: that says what is ordered.
fn told(text: &str) -> &str {
    text.split_once(": ").filter(|(head, _)| !head.contains('→')).map_or(text, |(_, tail)| tail)
}

/// The lines with one kind of arrow. A line that begins with one goes on from the line above it, and so does what follows a
/// line that ends in one: Markdown makes one paragraph of them.
fn joined(lines: Vec<(usize, String, Option<String>)>) -> Vec<(usize, String, Option<String>)> {
    let mut result: Vec<(usize, String, Option<String>)> = Vec::new();
    let mut last = 0;
    for (number, line, subject) in lines {
        let line = line.replace("-->", "→").replace("->", "→").replace("=>", "→");
        match result.last_mut() {
            Some((_, above, _)) if number == last + 1 && (line.starts_with('→') || above.ends_with('→')) => above.push_str(&line),
            _ => result.push((number, line, subject)),
        }
        last = number;
    }
    result
}

/// Words that stand between `blocked` and what is waited for.
const FILLERS: &[&str] = &[
    "on", "by", "requires", "require", "needs", "need", "the", "a", "an", "and", "or", "of", "api", "apis", "op", "ops", "missing",
    "method", "function", "support", "is", "are", "until", "waiting", "name", "file", "files", "what", "uses", "used", "blocks",
    "critical", "high", "medium", "low", "optional", "yes", "no", "status", "todo", "refactor", "delete", "ready", "blocked", "done",
    "tensor",
];

/// Text, place in a numbered list, and whether it is a list item at all.
fn list_item(line: &str) -> (&str, Option<usize>, bool) {
    let body = line.trim_start_matches(['-', '*', '+']).trim_start();
    if body.len() < line.len() && !line.starts_with("**") {
        return (body, None, true);
    }
    if let Some((digits, rest)) = line.split_once(". ").or_else(|| line.split_once(") "))
        && let Ok(number) = digits.parse::<usize>()
    {
        return (rest, Some(number), true);
    }
    (line, None, false)
}

/// The file that an entry is about: the first in the line.
fn subject_of(tokens: &[String], files: &[(String, bool)], file: impl Fn(&str) -> Option<(String, bool)>) -> Option<(String, bool)> {
    let first = files.first()?;
    // A line that begins with prose and mentions a file later is about something else.
    let before = tokens.iter().take_while(|token| file(token).is_none()).count();
    (before <= 3).then(|| first.clone())
}

fn claims(line: &str) -> BTreeSet<Claim> {
    let lower = line.to_lowercase();
    let words: BTreeSet<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
    let mut claims = BTreeSet::new();
    if lower.contains("[x]")
        || line.contains('✅')
        || line.contains('✓')
        || ["done", "complete", "completed", "verify", "clean"].iter().any(|w| words.contains(w))
    {
        claims.insert(Claim::Done);
    }
    if words.contains("ready") {
        claims.insert(Claim::Ready);
    }
    if words.contains("blocked") {
        claims.insert(Claim::Blocked);
    }
    if ["delete", "deleted", "remove", "removed"].iter().any(|w| words.contains(w)) {
        claims.insert(Claim::Delete);
    }
    claims
}

/// The words of a line, without the marks of Markdown around them.
fn words(text: &str) -> Vec<String> {
    let split = |c: char| {
        c.is_whitespace()
            || matches!(c, '|' | ',' | ';' | '`' | '"' | '\'' | '[' | ']' | '{' | '}' | '<' | '>' | '=' | '!' | '?' | '*' | '→' | '(' | ')')
    };
    // Calls keep their brackets, so that `concat()` is no file.
    let text = text.replace("()", "\u{2}");
    text.split(split)
        .map(|word| word.replace('\u{2}', "()"))
        .map(|word| word.trim_end_matches(['.', ':']).to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

fn inline_code(line: &str) -> Vec<String> {
    line.split('`').skip(1).step_by(2).filter(|code| !code.is_empty()).map(str::to_owned).collect()
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && !text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

fn is_dotted(text: &str) -> bool {
    !text.is_empty() && text.split('.').all(is_identifier)
}

/// Names that a block of Python defines: functions, classes, parameters, assigned and loop names.
fn definitions(block: &str) -> BTreeSet<String> {
    use ruff_python_ast::visitor::{self, Visitor};
    use ruff_python_ast::{Expr, ExprContext, Parameter, Stmt};
    struct Definitions(BTreeSet<String>);
    impl<'a> Visitor<'a> for Definitions {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            match stmt {
                Stmt::FunctionDef(def) => self.0.extend([def.name.to_string()]),
                Stmt::ClassDef(def) => self.0.extend([def.name.to_string()]),
                _ => {}
            }
            visitor::walk_stmt(self, stmt);
        }
        fn visit_parameter(&mut self, parameter: &'a Parameter) {
            self.0.insert(parameter.name.to_string());
            visitor::walk_parameter(self, parameter);
        }
        fn visit_expr(&mut self, expr: &'a Expr) {
            match expr {
                Expr::Name(name) if matches!(name.ctx, ExprContext::Store) => self.0.extend([name.id.to_string()]),
                Expr::Attribute(attribute) if matches!(attribute.ctx, ExprContext::Store) => {
                    self.0.extend([attribute.attr.to_string()]);
                }
                _ => {}
            }
            visitor::walk_expr(self, expr);
        }
    }
    let module = crate::syntax::parse(&crate::SourceFile::from_text("block.py", block));
    let mut found = Definitions(BTreeSet::new());
    found.visit_body(&module.tree.body);
    found.0
}

/// Names that a block of Python uses: (name, line from 0, as written).
fn python_names(block: &str) -> Vec<(String, usize, String)> {
    use ruff_python_ast::visitor::{self, Visitor};
    use ruff_python_ast::{Expr, ExprContext, Stmt};
    use ruff_text_size::{Ranged, TextRange};
    struct Names(Vec<(String, TextRange)>);
    impl<'a> Visitor<'a> for Names {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            if let Stmt::ImportFrom(import) = stmt {
                self.0.extend(import.names.iter().map(|alias| (alias.name.to_string(), alias.range)));
            }
            visitor::walk_stmt(self, stmt);
        }
        fn visit_expr(&mut self, expr: &'a Expr) {
            match expr {
                Expr::Name(name) if matches!(name.ctx, ExprContext::Load) => self.0.push((name.id.to_string(), expr.range())),
                Expr::Attribute(attribute) if matches!(attribute.ctx, ExprContext::Load) => {
                    self.0.push((attribute.attr.to_string(), expr.range()));
                }
                _ => {}
            }
            visitor::walk_expr(self, expr);
        }
    }
    let module = crate::syntax::parse(&crate::SourceFile::from_text("block.py", block));
    if !module.errors.is_empty() {
        return Vec::new();
    }
    let mut found = Names(Vec::new());
    found.visit_body(&module.tree.body);
    let line = |range: TextRange| block[..range.start().to_usize()].matches('\n').count();
    let names = found.0.into_iter().filter(|(name, _)| name != "*" && name.len() > 1);
    names.map(|(name, range)| (name, line(range), block[range].to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATHS: [&str; 6] = [
        "pkg/core/dtype.py",
        "pkg/nn/layers/gate.py",
        "pkg/nn/layers/recursion.py",
        "pkg/nn/train/trainer.py",
        "pkg/nn/__init__.py",
        "pkg/data/gate.py",
    ];

    fn plan(text: &str) -> Handwritten {
        read(text, &Index::new(PATHS.iter().copied()))
    }

    #[test]
    fn entries_have_a_section_and_claims() {
        let plan = plan(
            "# Plan\n## Phase 1: nn/layers\n- [ ] `layers/gate.py`: BLOCKED on concat and gelu\n- [x] recursion.py\n\
             ## Phase 2\n| 7 | `nn/train/trainer.py` | after 1 |\n| 8 | `core/gone.py` | DELETE |\n",
        );
        let rows: Vec<(&str, usize, bool)> = plan.entries.iter().map(|e| (e.path.as_str(), e.section, e.exists)).collect();
        let expected = [
            ("pkg/nn/layers/gate.py", 0, true),
            ("pkg/nn/layers/recursion.py", 0, true),
            ("pkg/nn/train/trainer.py", 1, true),
            ("core/gone.py", 1, false),
        ];
        assert_eq!(rows, expected);
        assert_eq!(plan.entries[0].waits_for, ["concat", "gelu"]);
        assert!(plan.entries[1].claims.contains(&Claim::Done) && plan.entries[3].claims.contains(&Claim::Delete));
        assert_eq!(plan.sections, ["Phase 1: nn/layers", "Phase 2"]);
    }

    #[test]
    fn orders_are_read_from_arrows_numbers_and_words() {
        let plan = plan(
            "| 1 | `layers/gate.py` |\n| 2 | `layers/recursion.py` |\n| 3 | `train/trainer.py` | after 1-2 |\n\nOrder: `1, 2 -> 3`; dtype -> recursion\n",
        );
        let arrows: Vec<(Vec<String>, Vec<String>)> = plan.arrows.iter().map(|a| (a.first.clone(), a.then.clone())).collect();
        let [gate, recursion, trainer] =
            ["pkg/nn/layers/gate.py", "pkg/nn/layers/recursion.py", "pkg/nn/train/trainer.py"].map(str::to_owned);
        let both = vec![gate, recursion.clone()];
        assert_eq!(
            arrows,
            [(both.clone(), vec![trainer.clone()]), (both, vec![trainer]), (vec!["pkg/core/dtype.py".to_owned()], vec![recursion])]
        );
        assert_eq!(plan.ranks.len(), 1);
    }

    #[test]
    fn orders_are_read_from_drawings_over_several_lines() {
        let orders = |text: &str| -> Vec<(String, String)> {
            plan(text).arrows.iter().map(|arrow| (arrow.first.join(" "), arrow.then.join(" "))).collect()
        };
        let [dtype, gate, recursion] = ["pkg/core/dtype.py", "pkg/nn/layers/gate.py", "pkg/nn/layers/recursion.py"].map(str::to_owned);
        let boxes = "```\n+-------------+     +-----------+\n| layers/gate |---->| recursion |\n+-------------+     +-----+-----+\n       ^\n       |\n\
             +-------------+\n|    dtype    |\n+-------------+\n```\n";
        assert_eq!(orders(boxes), [(gate.clone(), recursion.clone()), (dtype.clone(), gate.clone())]);
        let numbers = "| 1 | `core/dtype.py` |\n| 2 | `layers/gate.py` |\n| 3 | `layers/recursion.py` |\n\n```\n1 -> 2\n  -> 3\n```\n";
        assert_eq!(orders(numbers), [(dtype.clone(), gate.clone()), (dtype.clone(), recursion.clone())]);
        let mermaid = "```mermaid\nflowchart LR\n  a[core/dtype.py] --> b[layers/gate.py]\n```\n";
        assert_eq!(orders(mermaid), [(dtype.clone(), gate.clone())]);
        // A paragraph goes on over the end of a line.
        assert_eq!(orders("Order: dtype ->\nlayers/gate\n-> recursion\n"), [(dtype, gate.clone()), (gate, recursion)]);
    }

    #[test]
    fn what_a_roadmap_holds_for_readers_is_no_plan() {
        let text = "- [ ] `layers/gate.py`: READY <!-- purify -->\n<!-- purify:begin diagram -->\n```mermaid\nlayers/gate --> recursion\n```\n<!-- purify:end -->\n";
        assert_eq!((plan(text).arrows, plan(text).entries.len()), (Vec::new(), 1));
    }

    #[test]
    fn code_gives_names_definitions_and_values() {
        let plan = plan(
            "Use `ResEvolver(weight=0.1)`.\n```python\nfrom pkg import run\ndef fit(tensor):\n    best = run(tensor, weight=Q)\n    return best.tensor_norm\n```\n",
        );
        let names: Vec<&str> = plan.mentions.iter().map(|m| m.name.as_str()).collect();
        assert!(names.contains(&"ResEvolver") && names.contains(&"tensor_norm") && names.contains(&"run"), "{names:?}");
        assert!(plan.defined.contains("best") && plan.defined.contains("fit"));
        assert_eq!(plan.values["weight"], [("0.1".to_owned(), 1), ("Q".to_owned(), 5)]);
    }

    #[test]
    fn missing_ops_are_read_from_their_list() {
        let plan = plan("## Missing APIs\n- `concat()`: critical\n- gelu\n\nMissing APIs: norm, std\n");
        assert_eq!(plan.needs.keys().map(String::as_str).collect::<Vec<_>>(), ["concat", "gelu", "norm", "std"]);
    }
}
