//! What one file refers to: its imports with the place they stand in, its top-level symbols, and what each of them uses.

use ruff_python_ast::name::Name;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Comprehension, ExceptHandler, Expr, ExprContext, Parameters, Pattern, Stmt};
use ruff_python_stdlib::builtins::{is_python_builtin, python_magic_globals};
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

use crate::source::{SourceFile, SourceKind};
use crate::syntax::{self, Module};

/// Where an import or a use stands: when it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// When the module is imported.
    Top,
    /// When the module is imported, and it may fail.
    Try,
    /// When a function is called.
    Function,
    /// When the file is run as a program.
    Main,
    /// Never: for type checkers only.
    Typing,
}

impl Scope {
    /// Whether it happens when the module is imported.
    pub fn on_import(self) -> bool {
        matches!(self, Self::Top | Self::Try)
    }

    /// The spelling in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Top => "top",
            Self::Try => "try",
            Self::Function => "function",
            Self::Main => "main",
            Self::Typing => "typing",
        }
    }
}

/// What a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SymbolKind {
    /// Statements of the module that define nothing.
    Body,
    /// A class.
    Class,
    /// A function.
    Function,
    /// A name that is assigned.
    Value,
}

/// A top-level name that the file defines. The first symbol of a file is its body.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// Name; empty for the body.
    pub name: Name,
    /// What it is.
    pub kind: SymbolKind,
    /// Where its first definition stands.
    pub range: TextRange,
    /// The bases of a class, as dotted text.
    pub bases: Vec<String>,
}

/// One imported name.
#[derive(Clone, Debug)]
pub struct Import {
    /// The symbol that holds it.
    pub symbol: u32,
    /// When it happens.
    pub scope: Scope,
    /// Dots before the module.
    pub level: u32,
    /// The module, without dots.
    pub module: Name,
    /// The imported member; `None` for `import a.b` and for `import_module("a.b")`.
    pub member: Option<Name>,
    /// Whether it is `from a import *`.
    pub star: bool,
    /// Whether the bound name stands for `a` of `import a.b`.
    pub binds_root: bool,
    /// Whether it is a call with a literal instead of a statement.
    pub dynamic: bool,
    /// Where.
    pub range: TextRange,
    /// The bound name; empty for a star and for a call.
    pub bound: Name,
}

/// A use of a name that is not local to a function.
#[derive(Clone, Debug)]
pub struct Use {
    /// The symbol that uses it.
    pub symbol: u32,
    /// When.
    pub scope: Scope,
    /// The name and its attributes: `layers.Gate`.
    pub chain: Vec<Name>,
    /// The import in a function that binds it, where one does.
    pub import: Option<u32>,
    /// Where.
    pub range: TextRange,
}

/// A string that looks like a dotted name.
#[derive(Clone, Debug)]
pub struct Text {
    /// The symbol that holds it.
    pub symbol: u32,
    /// The string.
    pub text: String,
    /// Where.
    pub range: TextRange,
}

/// What a module-level name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// A symbol of the file.
    Symbol(u32),
    /// An import of the file.
    Import(u32),
}

/// Everything one file refers to.
#[derive(Clone, Debug, Default)]
pub struct References {
    /// The symbols; the first is the body.
    pub symbols: Vec<Symbol>,
    /// All definitions: (range, symbol), by position.
    pub spans: Vec<(TextRange, u32)>,
    /// The imports.
    pub imports: Vec<Import>,
    /// The uses.
    pub uses: Vec<Use>,
    /// Module-level names.
    pub bound: FxHashMap<Name, Vec<Binding>>,
    /// `__all__`, where it is written out.
    pub all: Option<Vec<Name>>,
    /// Strings that look like dotted names.
    pub texts: Vec<Text>,
    /// Names that are used and bound nowhere.
    pub undefined: Vec<(Name, TextRange, u32)>,
}

impl References {
    /// The symbol that `range` belongs to; the body, where none does.
    pub fn symbol_at(&self, range: TextRange) -> u32 {
        let after = self.spans.partition_point(|(span, _)| span.start() <= range.start());
        self.spans[..after].iter().rev().take(2).find(|(span, _)| span.contains_range(range)).map_or(0, |(_, symbol)| *symbol)
    }

    /// Reads them off `module`.
    pub fn collect(source: &SourceFile, module: &Module) -> Self {
        let mut collector = Collector {
            out: Self::default(),
            text: &source.text,
            frames: Vec::new(),
            module_names: FxHashSet::default(),
            symbol: 0,
            functions: 0,
            tries: 0,
            main: 0,
            typing: 0,
        };
        let body = Symbol { name: Name::empty(), kind: SymbolKind::Body, range: TextRange::default(), bases: Vec::new() };
        collector.out.symbols.push(body);
        collector.module_names = stored(&module.tree.body, true);
        for stmt in &module.tree.body {
            collector.top_level(stmt);
        }
        let mut out = collector.finish(source);
        out.spans.sort_by_key(|(range, _)| (range.start(), std::cmp::Reverse(range.end())));
        out
    }
}

/// A scope inside the module.
struct Frame {
    names: FxHashMap<Name, Option<u32>>,
    class: bool,
}

struct Collector<'a> {
    out: References,
    text: &'a str,
    frames: Vec<Frame>,
    module_names: FxHashSet<Name>,
    symbol: u32,
    functions: u32,
    tries: u32,
    main: u32,
    typing: u32,
}

impl<'a> Collector<'a> {
    fn scope(&self) -> Scope {
        if self.typing > 0 {
            Scope::Typing
        } else if self.functions > 0 {
            Scope::Function
        } else if self.main > 0 {
            Scope::Main
        } else if self.tries > 0 {
            Scope::Try
        } else {
            Scope::Top
        }
    }

    fn define(&mut self, name: &Name, kind: SymbolKind, range: TextRange, bases: Vec<String>) -> u32 {
        let known = self.out.bound.get(name).into_iter().flatten().find_map(|b| if let Binding::Symbol(s) = b { Some(*s) } else { None });
        let symbol = known.unwrap_or_else(|| {
            let symbol = u32::try_from(self.out.symbols.len()).unwrap_or(u32::MAX);
            self.out.symbols.push(Symbol { name: name.clone(), kind, range, bases });
            self.out.bound.entry(name.clone()).or_default().push(Binding::Symbol(symbol));
            symbol
        });
        self.out.spans.push((range, symbol));
        symbol
    }

    /// A statement of the module, perhaps below `if`, `try` or `with`.
    fn top_level(&mut self, stmt: &'a Stmt) {
        let symbol = match stmt {
            Stmt::FunctionDef(def) => self.define(&def.name.id, SymbolKind::Function, def.range, Vec::new()),
            Stmt::ClassDef(def) => {
                let bases = def.bases().iter().map(|base| self.text[base.range()].to_owned()).collect();
                self.define(&def.name.id, SymbolKind::Class, def.range, bases)
            }
            Stmt::Assign(assign) => {
                if assign.targets.iter().any(|t| is_name(t, "__all__")) {
                    self.out.all = strings(&assign.value);
                }
                let mut first = None;
                for target in &assign.targets {
                    for name in target_names(target) {
                        let symbol = self.define(&name, SymbolKind::Value, assign.range, Vec::new());
                        first.get_or_insert(symbol);
                    }
                }
                first.unwrap_or(0)
            }
            Stmt::AnnAssign(assign) => match &*assign.target {
                Expr::Name(name) => self.define(&name.id, SymbolKind::Value, assign.range, Vec::new()),
                _ => 0,
            },
            Stmt::AugAssign(assign) => {
                if is_name(&assign.target, "__all__")
                    && let (Some(all), Some(more)) = (&mut self.out.all, strings(&assign.value))
                {
                    all.extend(more);
                }
                0
            }
            Stmt::TypeAlias(alias) => match &*alias.name {
                Expr::Name(name) => self.define(&name.id, SymbolKind::Value, alias.range, Vec::new()),
                _ => 0,
            },
            _ => 0,
        };
        self.symbol = symbol;
        self.visit_stmt(stmt);
        self.symbol = 0;
    }

    fn block(&mut self, body: &'a [Stmt]) {
        for stmt in body {
            if self.frames.is_empty() { self.top_level(stmt) } else { self.visit_stmt(stmt) }
        }
    }

    fn bind_import(&mut self, import: Import) {
        let index = u32::try_from(self.out.imports.len()).unwrap_or(u32::MAX);
        if !import.bound.is_empty() {
            match self.frames.last_mut() {
                Some(frame) => drop(frame.names.insert(import.bound.clone(), Some(index))),
                None => self.out.bound.entry(import.bound.clone()).or_default().push(Binding::Import(index)),
            }
        }
        self.out.imports.push(import);
    }

    fn import(&mut self, stmt: &'a Stmt) {
        let blank = |scope, symbol, range| Import {
            symbol,
            scope,
            level: 0,
            module: Name::empty(),
            member: None,
            star: false,
            binds_root: false,
            dynamic: false,
            range,
            bound: Name::empty(),
        };
        match stmt {
            Stmt::Import(import) => {
                let scope = if import.is_lazy && self.scope().on_import() { Scope::Function } else { self.scope() };
                for alias in &import.names {
                    let root = Name::new(alias.name.split('.').next().unwrap_or_default());
                    let bound = alias.asname.as_ref().map_or(root, |name| name.id.clone());
                    self.bind_import(Import {
                        module: alias.name.id.clone(),
                        binds_root: alias.asname.is_none(),
                        bound,
                        ..blank(scope, self.symbol, alias.range)
                    });
                }
            }
            Stmt::ImportFrom(import) => {
                let scope = if import.is_lazy && self.scope().on_import() { Scope::Function } else { self.scope() };
                for alias in &import.names {
                    let star = alias.name.as_str() == "*";
                    let bound = if star { Name::empty() } else { alias.asname.as_ref().unwrap_or(&alias.name).id.clone() };
                    self.bind_import(Import {
                        level: import.level,
                        module: import.module.as_ref().map_or_else(Name::empty, |name| name.id.clone()),
                        member: (!star).then(|| alias.name.id.clone()),
                        star,
                        bound,
                        ..blank(scope, self.symbol, alias.range)
                    });
                }
            }
            _ => {}
        }
    }

    /// `import_module("a.b")`, `__import__("a.b")`.
    fn dynamic_import(&mut self, call: &'a ruff_python_ast::ExprCall) {
        let named = match &*call.func {
            Expr::Name(name) => matches!(name.id.as_str(), "import_module" | "__import__"),
            Expr::Attribute(attribute) => attribute.attr.as_str() == "import_module",
            _ => false,
        };
        let Some(Expr::StringLiteral(literal)) = call.arguments.args.first().filter(|_| named) else { return };
        let text = literal.value.to_str();
        let module = text.trim_start_matches('.');
        self.out.imports.push(Import {
            symbol: self.symbol,
            scope: self.scope(),
            level: u32::try_from(text.len() - module.len()).unwrap_or(0),
            module: Name::new(module),
            member: None,
            star: false,
            binds_root: false,
            dynamic: true,
            range: literal.range,
            bound: Name::empty(),
        });
    }

    fn use_of(&mut self, root: &Name, attributes: &[Name], range: TextRange) {
        let mut import = None;
        let top = self.frames.len();
        for (depth, frame) in self.frames.iter().enumerate().rev() {
            // The names of a class are not seen by the functions in it.
            if frame.class && depth + 1 != top {
                continue;
            }
            match frame.names.get(root) {
                Some(Some(index)) => {
                    import = Some(*index);
                    break;
                }
                Some(None) => return,
                None => {}
            }
        }
        let mut chain = Vec::with_capacity(1 + attributes.len());
        chain.push(root.clone());
        chain.extend_from_slice(attributes);
        self.out.uses.push(Use { symbol: self.symbol, scope: self.scope(), chain, import, range });
    }

    fn annotation(&mut self, expr: &'a Expr) {
        self.typing += 1;
        self.visit_expr(expr);
        self.typing -= 1;
    }

    /// Names in the strings of an annotation.
    fn annotation_text(&mut self, text: &str, range: TextRange) {
        for dotted in text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).filter(|part| !part.is_empty()) {
            let mut parts = dotted.split('.').map(Name::new);
            if let Some(root) = parts.next().filter(|root| !root.is_empty() && !root.starts_with(|c: char| c.is_ascii_digit())) {
                let rest: Vec<Name> = parts.collect();
                self.use_of(&root, &rest, range);
            }
        }
    }

    fn parameters(&mut self, parameters: &'a Parameters) -> FxHashMap<Name, Option<u32>> {
        let mut names = FxHashMap::default();
        for parameter in parameters.iter() {
            names.insert(parameter.name().id.clone(), None);
            if let Some(annotation) = parameter.annotation() {
                self.annotation(annotation);
            }
            if let Some(default) = parameter.default() {
                self.visit_expr(default);
            }
        }
        names
    }

    fn comprehension(&mut self, generators: &'a [Comprehension], parts: &[&'a Expr]) {
        let mut names = FxHashMap::default();
        for generator in generators {
            names.extend(target_names(&generator.target).into_iter().map(|name| (name, None)));
        }
        self.frames.push(Frame { names, class: false });
        for generator in generators {
            self.visit_expr(&generator.iter);
            generator.ifs.iter().for_each(|test| self.visit_expr(test));
        }
        parts.iter().for_each(|part| self.visit_expr(part));
        self.frames.pop();
    }

    fn finish(mut self, source: &SourceFile) -> References {
        let dynamic = self.out.imports.iter().any(|import| import.star)
            || ["globals()", "exec(", "locals()"].iter().any(|hint| source.text.contains(hint))
            || source.kind != SourceKind::Python;
        if !dynamic {
            let magic: FxHashSet<&str> = python_magic_globals(14).collect();
            let known = |name: &Name| {
                self.module_names.contains(name)
                    || self.out.bound.contains_key(name)
                    || is_python_builtin(name, 14, false)
                    || magic.contains(name.as_str())
                    || matches!(name.as_str(), "__path__" | "__class__" | "reveal_type" | "WindowsError" | "__builtins__")
            };
            let mut seen = FxHashSet::default();
            self.out.undefined = self
                .out
                .uses
                .iter()
                .filter(|u| u.import.is_none() && u.scope != Scope::Typing && !known(&u.chain[0]))
                .filter(|u| seen.insert((u.chain[0].clone(), u.symbol)))
                .map(|u| (u.chain[0].clone(), u.range, u.symbol))
                .collect();
        }
        self.out
    }
}

impl<'a> Visitor<'a> for Collector<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(_) | Stmt::ImportFrom(_) => self.import(stmt),
            Stmt::FunctionDef(def) => {
                def.decorator_list.iter().for_each(|d| self.visit_expr(&d.expression));
                let mut names = self.parameters(&def.parameters);
                if let Some(returns) = &def.returns {
                    self.annotation(returns);
                }
                names.extend(stored(&def.body, false).into_iter().map(|name| (name, None)));
                if let Some(parameters) = &def.type_params {
                    names.extend(parameters.iter().map(|p| (p.name().id.clone(), None)));
                }
                self.frames.push(Frame { names, class: false });
                self.functions += 1;
                self.block(&def.body);
                self.functions -= 1;
                self.frames.pop();
            }
            Stmt::ClassDef(def) => {
                def.decorator_list.iter().for_each(|d| self.visit_expr(&d.expression));
                let mut names: FxHashMap<Name, Option<u32>> = FxHashMap::default();
                if let Some(parameters) = &def.type_params {
                    names.extend(parameters.iter().map(|p| (p.name().id.clone(), None)));
                }
                self.frames.push(Frame { names, class: false });
                if let Some(arguments) = &def.arguments {
                    self.visit_arguments(arguments);
                }
                let names = stored(&def.body, false).into_iter().map(|name| (name, None)).collect();
                self.frames.push(Frame { names, class: true });
                self.block(&def.body);
                self.frames.pop();
                self.frames.pop();
            }
            Stmt::If(branch) => {
                let (typing, main) = (is_type_checking(&branch.test), is_main(&branch.test));
                self.visit_expr(&branch.test);
                self.typing += u32::from(typing);
                self.main += u32::from(main);
                self.block(&branch.body);
                self.typing -= u32::from(typing);
                self.main -= u32::from(main);
                for clause in &branch.elif_else_clauses {
                    if let Some(test) = &clause.test {
                        self.visit_expr(test);
                    }
                    self.block(&clause.body);
                }
            }
            Stmt::Try(attempt) => {
                let guarded = u32::from(!attempt.handlers.is_empty());
                self.tries += guarded;
                self.block(&attempt.body);
                for ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
                    if let Some(kind) = &handler.type_ {
                        self.visit_expr(kind);
                    }
                    self.block(&handler.body);
                }
                self.block(&attempt.orelse);
                self.tries -= guarded;
                self.block(&attempt.finalbody);
            }
            Stmt::With(with) => {
                with.items.iter().for_each(|item| self.visit_with_item(item));
                self.block(&with.body);
            }
            Stmt::For(each) => {
                self.visit_expr(&each.iter);
                self.visit_expr(&each.target);
                self.block(&each.body);
                self.block(&each.orelse);
            }
            Stmt::While(each) => {
                self.visit_expr(&each.test);
                self.block(&each.body);
                self.block(&each.orelse);
            }
            Stmt::AnnAssign(assign) => {
                self.annotation(&assign.annotation);
                self.visit_expr(&assign.target);
                if let Some(value) = &assign.value {
                    self.visit_expr(value);
                }
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) if matches!(name.ctx, ExprContext::Load) => self.use_of(&name.id, &[], name.range),
            Expr::Attribute(attribute) => {
                let mut attributes = vec![attribute.attr.id.clone()];
                let mut base = &*attribute.value;
                while let Expr::Attribute(inner) = base {
                    attributes.push(inner.attr.id.clone());
                    base = &inner.value;
                }
                if let Expr::Name(root) = base {
                    attributes.reverse();
                    self.use_of(&root.id, &attributes, expr.range());
                } else {
                    self.visit_expr(base);
                }
            }
            Expr::Call(call) => {
                self.dynamic_import(call);
                visitor::walk_expr(self, expr);
            }
            Expr::StringLiteral(literal) => {
                let text = literal.value.to_str();
                if self.typing > 0 {
                    self.annotation_text(text, literal.range);
                } else if is_dotted(text) {
                    self.out.texts.push(Text { symbol: self.symbol, text: text.to_owned(), range: literal.range });
                }
            }
            Expr::Lambda(lambda) => {
                let names = lambda.parameters.as_deref().map(|p| self.parameters(p)).unwrap_or_default();
                self.frames.push(Frame { names, class: false });
                self.functions += 1;
                self.visit_expr(&lambda.body);
                self.functions -= 1;
                self.frames.pop();
            }
            Expr::ListComp(comp) => self.comprehension(&comp.generators, &[&comp.elt]),
            Expr::SetComp(comp) => self.comprehension(&comp.generators, &[&comp.elt]),
            Expr::Generator(comp) => self.comprehension(&comp.generators, &[&comp.elt]),
            Expr::DictComp(comp) => {
                let parts: Vec<&Expr> = comp.key.iter().map(|key| &**key).chain([&*comp.value]).collect();
                self.comprehension(&comp.generators, &parts);
            }
            _ => visitor::walk_expr(self, expr),
        }
    }
}

fn is_name(expr: &Expr, wanted: &str) -> bool {
    matches!(expr, Expr::Name(name) if name.id == wanted)
}

fn is_type_checking(test: &Expr) -> bool {
    match test {
        Expr::Name(name) => name.id == "TYPE_CHECKING",
        Expr::Attribute(attribute) => attribute.attr.as_str() == "TYPE_CHECKING",
        _ => false,
    }
}

fn is_main(test: &Expr) -> bool {
    let Expr::Compare(compare) = test else { return false };
    let sides = std::iter::once(&*compare.left).chain(compare.comparators.iter());
    let mut name = false;
    let mut text = false;
    for side in sides {
        name |= is_name(side, "__name__");
        text |= matches!(side, Expr::StringLiteral(literal) if literal.value.to_str() == "__main__");
    }
    name && text
}

/// Whether `text` is names joined by dots, perhaps after leading dots.
fn is_dotted(text: &str) -> bool {
    let body = text.trim_start_matches('.');
    let word = |part: &str| {
        !part.is_empty() && !part.starts_with(|c: char| c.is_ascii_digit()) && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    text.len() <= 200 && text.contains('.') && !body.is_empty() && body.split('.').all(word)
}

fn strings(expr: &Expr) -> Option<Vec<Name>> {
    let elements = match expr {
        Expr::List(list) => &list.elts,
        Expr::Tuple(tuple) => &tuple.elts,
        _ => return None,
    };
    Some(elements.iter().filter_map(|e| e.as_string_literal_expr()).map(|s| Name::new(s.value.to_str())).collect())
}

/// The names that an assignment to `target` binds.
fn target_names(target: &Expr) -> Vec<Name> {
    match target {
        Expr::Name(name) => vec![name.id.clone()],
        Expr::Tuple(tuple) => tuple.elts.iter().flat_map(target_names).collect(),
        Expr::List(list) => list.elts.iter().flat_map(target_names).collect(),
        Expr::Starred(starred) => target_names(&starred.value),
        _ => Vec::new(),
    }
}

/// The names that the statements of one scope bind. With `declared`, also those that functions in it declare `global`.
fn stored(body: &[Stmt], declared: bool) -> FxHashSet<Name> {
    let mut binder = Binder { names: FxHashSet::default(), outer: FxHashSet::default(), declared, depth: 0 };
    binder.visit_body(body);
    for name in &binder.outer {
        if !declared {
            binder.names.remove(name);
        }
    }
    binder.names
}

struct Binder {
    names: FxHashSet<Name>,
    /// Names that are declared to belong to an outer scope.
    outer: FxHashSet<Name>,
    declared: bool,
    depth: u32,
}

impl Binder {
    fn add(&mut self, name: &Name) {
        if self.depth == 0 {
            self.names.insert(name.clone());
        }
    }
}

impl<'a> Visitor<'a> for Binder {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => {
                self.add(&def.name.id);
                if self.declared {
                    self.depth += 1;
                    self.visit_body(&def.body);
                    self.depth -= 1;
                }
            }
            Stmt::ClassDef(def) => {
                self.add(&def.name.id);
                if self.declared {
                    self.depth += 1;
                    self.visit_body(&def.body);
                    self.depth -= 1;
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let root = Name::new(alias.name.split('.').next().unwrap_or_default());
                    self.add(alias.asname.as_ref().map_or(&root, |name| &name.id));
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    self.add(&alias.asname.as_ref().unwrap_or(&alias.name).id);
                }
            }
            Stmt::Global(global) => {
                for name in &global.names {
                    if self.declared {
                        self.names.insert(name.id.clone());
                    }
                    if self.depth == 0 {
                        self.outer.insert(name.id.clone());
                    }
                }
            }
            Stmt::Nonlocal(nonlocal) if self.depth == 0 => self.outer.extend(nonlocal.names.iter().map(|name| name.id.clone())),
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) if !matches!(name.ctx, ExprContext::Load) => self.add(&name.id),
            Expr::Lambda(_) => {}
            // What a comprehension binds is its own, but for the walrus.
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                let mut inner = Binder { names: FxHashSet::default(), outer: FxHashSet::default(), declared: false, depth: 1 };
                inner.walrus(expr);
                inner.names.iter().for_each(|name| self.add(name));
            }
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        if let Some(name) = &inner.name {
            self.add(&name.id);
        }
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        if let Some(name) = syntax::captured(pattern) {
            self.add(&name.id);
        }
        visitor::walk_pattern(self, pattern);
    }
}

impl Binder {
    /// Collects the targets of `:=` below `expr`.
    fn walrus(&mut self, expr: &Expr) {
        struct Walrus<'n>(&'n mut FxHashSet<Name>);
        impl<'a> Visitor<'a> for Walrus<'_> {
            fn visit_expr(&mut self, expr: &'a Expr) {
                if let Expr::Named(named) = expr {
                    self.0.extend(target_names(&named.target));
                }
                visitor::walk_expr(self, expr);
            }
        }
        Walrus(&mut self.names).visit_expr(expr);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(text: &str) -> References {
        let source = SourceFile::from_text("pkg/m.py", text);
        let module = crate::syntax::parse(&source);
        References::collect(&source, &module)
    }

    fn scopes(text: &str) -> Vec<(String, Scope)> {
        collect(text).imports.iter().map(|i| (i.module.to_string(), i.scope)).collect()
    }

    #[test]
    fn every_import_has_the_scope_it_stands_in() {
        let text = "import a\ntry:\n    import b\nexcept ImportError:\n    b = None\nif TYPE_CHECKING:\n    import c\n\
                    def f():\n    try:\n        import d\n    except ImportError: pass\nif __name__ == '__main__':\n    import e\n\
                    class K:\n    import g\nx = importlib.import_module('pkg.h')\n";
        let expected = [
            ("a", Scope::Top),
            ("b", Scope::Try),
            ("c", Scope::Typing),
            ("d", Scope::Function),
            ("e", Scope::Main),
            ("g", Scope::Top),
            ("pkg.h", Scope::Top),
        ];
        assert_eq!(scopes(text), expected.map(|(name, scope)| (name.to_owned(), scope)));
    }

    #[test]
    fn uses_belong_to_the_symbol_and_local_names_are_none() {
        let refs = collect(
            "from .gate import Gate\nclass Block:\n    def f(self, x):\n        y = x\n        return Gate(y)\nK = [Gate for i in range(3)]\n",
        );
        let of = |symbol: u32| -> Vec<String> { refs.uses.iter().filter(|u| u.symbol == symbol).map(|u| u.chain[0].to_string()).collect() };
        assert_eq!(refs.symbols.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["", "Block", "K"]);
        assert_eq!(of(1), ["Gate"]);
        assert_eq!(of(2), ["range", "Gate"]);
    }

    #[test]
    fn a_name_that_nothing_binds_is_told_and_others_are_not() {
        let refs = collect(
            "import os\ndef f(a, *b, **c):\n    global state\n    state = 1\n    for d in a: pass\n    with os.x as e: pass\n    \
             return torch.zeros(d), e, [g for g in b if (h := g)], h, (lambda i: i)(c), __file__, len\ndef g(): return state\n",
        );
        assert_eq!(refs.undefined.iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>(), ["torch"]);
    }

    #[test]
    fn names_of_a_class_are_not_seen_by_its_methods() {
        let refs = collect("class A:\n    limit = 3\n    size = limit\n    def f(self): return limit\n");
        assert_eq!(refs.undefined.len(), 1);
    }
}
