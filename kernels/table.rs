//! Reading `table.txt`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use crate::Unit;

/// What is wrong with a table, and in which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, counted from one.
    pub line: usize,
    /// What is wrong and what would work.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table.txt:{}: {}", self.line, self.message)
    }
}

impl std::error::Error for Problem {}

/// Kernels that one macro makes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Family {
    /// The sources behind the prelude.
    pub sources: Vec<&'static str>,
    /// Operations (`None` for the family itself) and the dtypes of each.
    pub kernels: BTreeMap<Option<String>, Vec<String>>,
    /// Prefixes of the entries that the macro makes; the family's name, if nothing else is said.
    pub prefixes: Vec<String>,
}

/// Which kernels there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Architectures that every entry is compiled for, such as 75 for `sm_75`.
    pub archs: Vec<u32>,
    /// Families by name.
    pub families: BTreeMap<String, Family>,
    /// Entries that stand in sources as they are: the sources, and their names.
    pub fixed: Vec<(Vec<&'static str>, Vec<String>)>,
}

/// The table of this crate.
///
/// # Errors
/// The first line that is wrong; a test reads it, so there is none.
pub fn table() -> Result<&'static Table, Problem> {
    static TABLE: OnceLock<Result<Table, Problem>> = OnceLock::new();
    TABLE.get_or_init(|| Table::parse(crate::TABLE)).as_ref().map_err(Clone::clone)
}

impl Table {
    /// Reads a table.
    ///
    /// # Errors
    /// The first line that is wrong.
    pub fn parse(text: &str) -> Result<Table, Problem> {
        let mut reader = Reader { table: Table::default(), groups: BTreeMap::new() };
        for (i, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                reader.line(line).map_err(|message| Problem { line: i + 1, message })?;
            }
        }
        Ok(reader.table)
    }

    /// The unit of one kernel: the smallest that has it. `None` if there is no such kernel.
    pub fn kernel(&self, family: &str, op: Option<&str>, dtype: &str) -> Option<Unit> {
        let found = self.families.get(family)?;
        let dtypes = found.kernels.get(&op.map(str::to_owned))?;
        dtypes.iter().any(|d| d == dtype).then(|| found.unit(family, &[(op, dtype)], entry(family, op, dtype)))
    }

    /// The unit of a fixed entry.
    pub fn fixed(&self, entry: &str) -> Option<Unit> {
        let (sources, entries) = self.fixed.iter().find(|(_, entries)| entries.iter().any(|e| e == entry))?;
        Some(Unit { name: entry.to_owned(), sources: sources.clone(), instances: Vec::new(), entries: entries.clone() })
    }

    /// Every kernel once, those of one family and dtype together: what a check compiles.
    pub fn units(&self) -> Vec<Unit> {
        let mut units = Vec::new();
        for (name, family) in &self.families {
            let mut by_dtype: BTreeMap<&str, Vec<(Option<&str>, &str)>> = BTreeMap::new();
            for (op, dtypes) in &family.kernels {
                for dtype in dtypes {
                    by_dtype.entry(dtype).or_default().push((op.as_deref(), dtype));
                }
            }
            units.extend(by_dtype.iter().map(|(dtype, kernels)| family.unit(name, kernels, format!("{name}_{dtype}"))));
        }
        for (sources, entries) in &self.fixed {
            units.push(Unit {
                name: format!("fixed_{}", entries.first().map_or("", String::as_str)),
                sources: sources.clone(),
                instances: Vec::new(),
                entries: entries.clone(),
            });
        }
        units
    }
}

/// The name of an entry point.
fn entry(prefix: &str, op: Option<&str>, dtype: &str) -> String {
    match op {
        Some(op) => format!("{prefix}_{op}_{dtype}"),
        None => format!("{prefix}_{dtype}"),
    }
}

impl Family {
    fn unit(&self, family: &str, kernels: &[(Option<&str>, &str)], name: String) -> Unit {
        let mut unit = Unit { name, sources: self.sources.clone(), instances: Vec::new(), entries: Vec::new() };
        let macro_name = family.to_uppercase();
        for (op, dtype) in kernels {
            unit.instances.push(match op {
                Some(op) => format!("{macro_name}({op}, {dtype})"),
                None => format!("{macro_name}({dtype})"),
            });
            unit.entries.extend(self.prefixes.iter().map(|prefix| entry(prefix, *op, dtype)));
        }
        unit
    }
}

struct Reader {
    table: Table,
    groups: BTreeMap<String, Vec<String>>,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let mut words = line.split_whitespace();
        let key = words.next().unwrap_or_default();
        let rest: Vec<&str> = words.collect();
        match key {
            "archs" => {
                self.table.archs =
                    rest.iter().map(|w| w.parse().map_err(|_| format!("`{w}` is no architecture"))).collect::<Result<_, _>>()?;
            }
            "group" => {
                let (names, members) = sides(&rest, "=")?;
                let dtypes = self.dtypes(members)?;
                self.groups.insert(one(names)?.to_owned(), dtypes);
            }
            "use" => {
                let (names, sources) = sides(&rest, "=")?;
                let name = one(names)?;
                let family = Family { sources: known(sources)?, prefixes: vec![name.to_owned()], ..Family::default() };
                self.table.families.insert(name.to_owned(), family);
            }
            "makes" => {
                let (names, prefixes) = sides(&rest, ":")?;
                let name = one(names)?;
                let family = self.table.families.get_mut(name).ok_or_else(|| format!("no `use {name}` before"))?;
                family.prefixes = prefixes.iter().map(|p| (*p).to_owned()).collect();
            }
            "fixed" => {
                let (sources, entries) = sides(&rest, ":")?;
                self.table.fixed.push((known(sources)?, entries.iter().map(|e| (*e).to_owned()).collect()));
            }
            family => self.kernels(family, &rest)?,
        }
        Ok(())
    }

    fn kernels(&mut self, family: &str, rest: &[&str]) -> Result<(), String> {
        let (ops, dtypes) = sides(rest, ":")?;
        let dtypes = self.dtypes(dtypes)?;
        let mut names: Vec<Option<String>> = Vec::new();
        for op in ops {
            match op.strip_prefix('@') {
                Some(group) => names.extend(self.dtypes(&[group])?.into_iter().map(Some)),
                None if *op == "-" => names.push(None),
                None => names.push(Some((*op).to_owned())),
            }
        }
        let found = self.table.families.get_mut(family).ok_or_else(|| format!("no `use {family}` before"))?;
        for name in names {
            let list = found.kernels.entry(name).or_default();
            for dtype in &dtypes {
                if list.contains(dtype) {
                    return Err(format!("`{dtype}` is named twice"));
                }
                list.push(dtype.clone());
            }
        }
        Ok(())
    }

    /// Names of dtypes, groups taken apart.
    fn dtypes(&self, names: &[&str]) -> Result<Vec<String>, String> {
        const KNOWN: &[&str] = &[
            "bool8", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "bfloat16", "float32", "float64",
            "bits128",
        ];
        let mut all = Vec::new();
        for name in names {
            match self.groups.get(*name) {
                Some(members) => all.extend(members.iter().cloned()),
                None if KNOWN.contains(name) => all.push((*name).to_owned()),
                None => return Err(format!("`{name}` is neither a dtype nor a group before this line")),
            }
        }
        Ok(all)
    }
}

fn sides<'a, 'b>(words: &'b [&'a str], mark: &str) -> Result<(&'b [&'a str], &'b [&'a str]), String> {
    let at = words.iter().position(|w| *w == mark).ok_or_else(|| format!("`{mark}` is missing"))?;
    if at == 0 || at + 1 == words.len() {
        return Err(format!("something must stand on both sides of `{mark}`"));
    }
    Ok((&words[..at], &words[at + 1..]))
}

fn one<'a>(names: &[&'a str]) -> Result<&'a str, String> {
    match names {
        [name] => Ok(name),
        _ => Err(format!("one name is expected, not `{}`", names.join(" "))),
    }
}

fn known(names: &[&str]) -> Result<Vec<&'static str>, String> {
    names
        .iter()
        .map(|name| {
            let found = crate::SOURCES.iter().find(|(n, _)| n == name);
            found.map(|(n, _)| *n).ok_or_else(|| format!("no source `{name}.cu`"))
        })
        .collect()
}
