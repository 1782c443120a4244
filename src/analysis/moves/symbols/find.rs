//! Which definition a request means, and where it goes.

use std::sync::Arc;

use ruff_python_ast::name::Name;
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::{Moving, refuse};
use crate::flow::project::{Project, parent};
use crate::moves::table::Request;
use crate::moves::{Input, Refusal, ends_line};
use crate::plan::references::{Binding, References};
use crate::source::SourceKind;
use crate::syntax::Module;

/// The symbols that move, and the files that have to be made.
pub struct Found {
    pub moving: Vec<Moving>,
    pub created: Vec<String>,
}

/// Whether `request` means a name of a module rather than a module.
pub fn is_symbol(project: &Project, paths: &[Arc<str>], request: &Request) -> bool {
    let folder = format!("{}/", request.from.replace('.', "/"));
    let is_folder = paths.iter().any(|path| path.find(&folder).is_some_and(|at| at == 0 || path.as_bytes()[at - 1] == b'/'));
    let holder = request.from.rsplit_once('.').map_or("", |(module, _)| module);
    project.named(&request.from).is_empty() && !is_folder && !project.named(holder).is_empty()
}

pub fn all(
    input: &Input<'_>,
    paths: &[Arc<str>],
    project: &Project,
    modules: &[Module],
    references: &[References],
) -> Result<Found, Refusal> {
    let mut found = Found { moving: Vec::new(), created: Vec::new() };
    for request in input.requests {
        crate::moves::table::check(request)?;
        let moving = one(input, paths, project, modules, references, request, &mut found.created)?;
        if let Some(twin) = found.moving.iter().find(|other| other.file == moving.file && other.symbol == moving.symbol) {
            return Err(refuse(format!("`{}` is moved twice", twin.name), "name each of them once"));
        }
        if let Some(twin) = found.moving.iter().find(|other| other.to == moving.to && other.new == moving.new) {
            return Err(refuse(
                format!("`{}` and `{}` would both be `{}`", twin.name, moving.name, request.to),
                "choose a name that is free",
            ));
        }
        found.moving.push(moving);
    }
    for moving in &found.moving {
        refuse_collision(project, references, &found, moving)?;
    }
    Ok(found)
}

#[allow(clippy::too_many_arguments, reason = "what is known of the project, and the request")]
fn one(
    input: &Input<'_>,
    paths: &[Arc<str>],
    project: &Project,
    modules: &[Module],
    references: &[References],
    request: &Request,
    created: &mut Vec<String>,
) -> Result<Moving, Refusal> {
    let (module, name) = request.from.rsplit_once('.').unwrap_or(("", &request.from));
    let file = module_file(project, module)?;
    let own = &references[file as usize];
    let symbol = match own.bound.get(name) {
        Some(bindings) => {
            let symbol = bindings.iter().find_map(|binding| if let Binding::Symbol(symbol) = binding { Some(*symbol) } else { None });
            match (symbol, bindings.len()) {
                (Some(symbol), 1) => symbol,
                (Some(_), _) => return Err(refuse(format!("`{name}` is defined and imported in `{module}`"), "leave one of the two")),
                (None, _) => {
                    return Err(refuse(format!("`{module}` only imports `{name}`"), "name the module that defines it"));
                }
            }
        }
        None => {
            let near: Vec<String> = own.symbols.iter().filter(|s| !s.name.is_empty()).take(8).map(|s| format!("`{}`", s.name)).collect();
            let help = if near.is_empty() { "it defines nothing".to_owned() } else { format!("it defines {}", near.join(", ")) };
            return Err(refuse(format!("`{module}` defines no `{name}`"), help));
        }
    };
    let (to, new) = destination(paths, project, file, module, request, created)?;
    for at in [file, to] {
        let Some(source) = input.files.get(at as usize) else { continue };
        if source.kind != SourceKind::Python || !source.path.ends_with(".py") {
            return Err(refuse(format!("`{}` is no module", source.path), "symbols move between `.py` files"));
        }
        if !modules[at as usize].errors.is_empty() {
            return Err(refuse(format!("`{}` does not parse", source.path), "mend it first"));
        }
    }
    let (spans, names, value) = definitions(&input.files[file as usize].text, &modules[file as usize], own, symbol, name, file != to)?;
    Ok(Moving { file, symbol, name: Name::new(name), to, new, spans, names, value })
}

fn module_file(project: &Project, module: &str) -> Result<u32, Refusal> {
    let found = project.named(module);
    let exact: Vec<u32> = found.iter().copied().filter(|file| project.name_of(*file) == module).collect();
    match if exact.is_empty() { &found[..] } else { &exact[..] } {
        [file] => Ok(*file),
        [] => Err(refuse(format!("there is no module `{module}` in the project"), "name it as an import would")),
        several => {
            let list: Vec<&str> = several.iter().map(|file| project.path(*file)).collect();
            Err(refuse(
                format!("`{module}` may be `{}`", list.join("` or `")),
                "set `src` in the configuration, or run in the folder you mean",
            ))
        }
    }
}

/// The file that a symbol goes to, and its name there.
fn destination(
    paths: &[Arc<str>],
    project: &Project,
    file: u32,
    module: &str,
    request: &Request,
    created: &mut Vec<String>,
) -> Result<(u32, Name), Refusal> {
    let name = request.from.rsplit('.').next().unwrap_or_default();
    // `pkg.a.f` to the module `pkg.b` keeps its name.
    if !project.named(&request.to).is_empty() {
        return Ok((module_file(project, &request.to)?, Name::new(name)));
    }
    let Some((holder, new)) = request.to.rsplit_once('.') else {
        return Err(refuse(format!("`{}` is no place for `{name}`", request.to), format!("write `module.{name}`")));
    };
    if !project.named(holder).is_empty() {
        return Ok((module_file(project, holder)?, Name::new(new)));
    }
    let below = super::super::imports::stem(project.path(file));
    let root = below.strip_suffix(module.replace('.', "/").as_str()).unwrap_or_default();
    let stem = format!("{root}{}", holder.replace('.', "/"));
    let inside = format!("{stem}/");
    if paths.iter().any(|path| path.starts_with(&inside)) {
        return Err(refuse(format!("`{inside}` is a folder without `__init__.py`"), "make it a package, or choose another module"));
    }
    let path = format!("{stem}.py");
    let known = |created: &[String], path: &str| created.iter().position(|other| other == path);
    // The packages that the new module lies in.
    let mut folder = parent(&path).to_owned();
    while folder.len() > root.len() && project.is_package(parent(project.path(file))) {
        let init = format!("{folder}/__init__.py");
        if !project.is_package(&folder) && known(created, &init).is_none() {
            created.push(init);
        }
        folder = parent(&folder).to_owned();
    }
    let index = known(created, &path).unwrap_or_else(|| {
        created.push(path);
        created.len() - 1
    });
    Ok((u32::try_from(paths.len() + index).unwrap_or(u32::MAX), Name::new(new)))
}

fn refuse_collision(project: &Project, references: &[References], found: &Found, moving: &Moving) -> Result<(), Refusal> {
    let Some(target) = references.get(moving.to as usize) else { return Ok(()) };
    if moving.stays() && moving.name == moving.new {
        return Err(refuse(format!("`{}` is there already", moving.name), "give another module or another name"));
    }
    let goes = |symbol: u32| found.moving.iter().any(|other| other.file == moving.to && other.symbol == symbol);
    let resolver = crate::plan::graph::Resolver { project, references };
    let itself = crate::plan::graph::Target::Symbol(moving.file, moving.symbol);
    let taken = target.bound.get(&moving.new).into_iter().flatten().any(|binding| match binding {
        Binding::Symbol(symbol) => !goes(*symbol),
        Binding::Import(index) => resolver.bound_by(moving.to, &target.imports[*index as usize]) != itself,
    });
    if taken || project.submodule(moving.to, &moving.new).is_some() {
        return Err(refuse(
            format!("`{}` has a `{}` already", project.name_of(moving.to), moving.new),
            "choose a name that is free, or move that one first",
        ));
    }
    Ok(())
}

/// The definitions of a symbol, with the comments above them; where they write its name; whether they assign it.
fn definitions(
    text: &str,
    module: &Module,
    own: &References,
    symbol: u32,
    name: &str,
    leaves: bool,
) -> Result<(Vec<TextRange>, Vec<TextRange>, bool), Refusal> {
    let (mut spans, mut names, mut value, mut functions) = (Vec::new(), Vec::new(), false, 0);
    for stmt in &module.tree.body {
        let at = match stmt {
            Stmt::FunctionDef(def) if def.name.as_str() == name => {
                functions += 1;
                def.name.range
            }
            Stmt::ClassDef(def) if def.name.as_str() == name => def.name.range,
            Stmt::Assign(assign) => match &*assign.targets {
                [Expr::Name(target)] if target.id == name => target.range,
                _ => continue,
            },
            Stmt::AnnAssign(assign) => match &*assign.target {
                Expr::Name(target) if target.id == name => target.range,
                _ => continue,
            },
            _ => continue,
        };
        value |= matches!(stmt, Stmt::Assign(_) | Stmt::AnnAssign(_));
        names.push(at);
        spans.push(stmt.range());
    }
    let all = own.spans.iter().filter(|(_, other)| *other == symbol).count();
    // Overloads are several functions of one name.
    if spans.is_empty() || spans.len() != all || (spans.len() > 1 && functions != spans.len()) {
        let help = "symbols move that have one definition, at the margin of their module";
        return Err(refuse(format!("`{name}` is defined under a condition, with other names, or more than once"), help));
    }
    if let Some(place) = rebound(text, module, name, spans.len()) {
        return Err(refuse(format!("`{name}` is bound again: `{place}`"), "another module could not do that to it"));
    }
    if !leaves {
        return Ok((spans, names, value));
    }
    for span in &mut spans {
        let start = text[..span.start().to_usize()].rfind('\n').map_or(0, |at| at + 1);
        let alone = start == span.start().to_usize() && ends_line(text, &Whole(*span));
        if !alone {
            return Err(refuse(format!("`{name}` shares its line with other statements"), "put it on lines of its own"));
        }
        let end = text[span.end().to_usize()..].find('\n').map_or(text.len(), |at| span.end().to_usize() + at + 1);
        let size = |at: usize| TextSize::try_from(at).unwrap_or_default();
        *span = TextRange::new(size(comments_above(text, start)), size(end));
    }
    Ok((spans, names, value))
}

struct Whole(TextRange);

impl Ranged for Whole {
    fn range(&self) -> TextRange {
        self.0
    }
}

/// Where the comment directly above the line at `start` begins; a comment at the head of the file is the file's.
fn comments_above(text: &str, start: usize) -> usize {
    let mut at = start;
    while at > 0 {
        let line = text[..at - 1].rfind('\n').map_or(0, |newline| newline + 1);
        if !text[line..at].starts_with('#') {
            return at;
        }
        at = line;
    }
    start
}

/// A statement that binds `name` besides its definitions: `name += 1`, `global name`, `del name`, `for name in …`.
fn rebound(text: &str, module: &Module, name: &str, definitions: usize) -> Option<String> {
    use ruff_python_ast::visitor::{self, Visitor};
    struct Stores<'n> {
        name: &'n str,
        depth: u32,
        count: usize,
        declared: Option<TextRange>,
        last: Option<TextRange>,
    }
    impl<'a> Visitor<'a> for Stores<'_> {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            match stmt {
                Stmt::Global(global) if global.names.iter().any(|other| other.as_str() == self.name) => self.declared = Some(global.range),
                Stmt::FunctionDef(def) => {
                    self.count += usize::from(self.depth == 0 && def.name.as_str() == self.name);
                    self.depth += 1;
                    visitor::walk_stmt(self, stmt);
                    self.depth -= 1;
                }
                Stmt::ClassDef(def) => {
                    self.count += usize::from(self.depth == 0 && def.name.as_str() == self.name);
                    self.depth += 1;
                    visitor::walk_stmt(self, stmt);
                    self.depth -= 1;
                }
                _ => visitor::walk_stmt(self, stmt),
            }
        }

        fn visit_expr(&mut self, expr: &'a Expr) {
            match expr {
                Expr::Name(name) if self.depth == 0 && !name.ctx.is_load() && name.id.as_str() == self.name => {
                    self.count += 1;
                    self.last = Some(name.range);
                }
                Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) | Expr::Lambda(_) => {}
                _ => visitor::walk_expr(self, expr),
            }
        }
    }
    let mut stores = Stores { name, depth: 0, count: 0, declared: None, last: None };
    stores.visit_body(&module.tree.body);
    let place = stores.declared.or_else(|| (stores.count > definitions).then_some(stores.last).flatten())?;
    let line = text[..place.start().to_usize()].rfind('\n').map_or(0, |at| at + 1);
    Some(text[line..].lines().next().unwrap_or_default().trim().to_owned())
}
