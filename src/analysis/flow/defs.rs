//! Definitions and scopes of one file, read off the tree before anything is evaluated.

use std::sync::Arc;

use ruff_python_ast::name::Name;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Alias, ExceptHandler, Expr, ExprContext, ExprLambda, Operator, Parameters, Pattern, Stmt, StringFlags, TypeParam};
use ruff_text_size::{TextRange, TextSize};
use rustc_hash::{FxHashMap, FxHashSet};

use super::docstring;
use super::value::{ClassId, FileId, FunctionId};
use crate::rules::signature::Passing;
use crate::syntax::{self, Module};

/// The names bound in one scope, each with a slot.
#[derive(Debug, Default)]
pub struct ScopeTable {
    /// Number of the scope within the file.
    pub id: u32,
    /// Slots by name.
    pub slots: FxHashMap<Name, u32>,
    /// Names declared `global` here.
    pub globals: FxHashSet<Name>,
    /// Names declared `nonlocal` here.
    pub nonlocals: FxHashSet<Name>,
}

impl ScopeTable {
    fn bind(&mut self, name: &Name) {
        if self.globals.contains(name) || self.nonlocals.contains(name) {
            return;
        }
        let next = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        self.slots.entry(name.clone()).or_insert(next);
    }
}

/// A parameter of a function of the project.
#[derive(Debug)]
pub struct ParameterDef {
    /// Its name.
    pub name: Name,
    /// How it may be passed.
    pub passing: Passing,
    /// Whether it has an annotation that says something.
    pub annotated: bool,
    /// What the function's body does with it.
    pub uses: Vec<Use>,
    /// Whether the body binds the name anew.
    pub rebound: bool,
    /// What it is where no argument is passed.
    pub default: DefaultValue,
    /// The text of the type that a docstring gives it, where no annotation does.
    pub documented: Option<Box<str>>,
}

/// The default of a parameter, as far as it matters before anything is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultValue {
    /// There is none.
    Missing,
    /// The literal `None`.
    None,
    /// An expression.
    Other,
}

/// A parameter that a function hands back to its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handed {
    /// Its argument, as it is.
    Back(u32),
    /// What its argument gives when called without arguments.
    Called(u32),
}

/// What a function does with a parameter, as far as it tells what the parameter is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Use {
    /// An attribute or a method of it.
    Attribute(Name),
    /// A subscript along several axes: `x[:, 0]`, `x[..., None]`.
    Axes,
    /// A subscript that is no text: `x[i]`.
    Index,
    /// A subscript that is text, which a table has: `x["name"]`, `x[["a", "b"]]`.
    Key,
    /// An operand of `@`.
    MatMul,
    /// The first argument of the function with this dotted name.
    PassedTo(Box<str>),
}

/// A function of the project.
#[derive(Debug)]
pub struct FunctionDef {
    /// Dotted name within the module, `Class.method`.
    pub qualname: Arc<str>,
    /// Its parameters in order.
    pub parameters: Vec<ParameterDef>,
    /// The class it is a method of.
    pub class: Option<u32>,
    /// Whether it is decorated as a property.
    pub property: bool,
    /// Whether it is decorated as a static method.
    pub is_static: bool,
    /// Whether it is decorated as a class method.
    pub is_classmethod: bool,
    /// Whether it yields.
    pub generator: bool,
    /// The parameters that some `return` hands back: what a call gives depends on its own arguments, not on other callers'.
    pub hands_back: Vec<Handed>,
    /// Whether its body only says that others implement it.
    pub is_abstract: bool,
    /// What its body does with the names that it binds once, beside its parameters.
    pub locals: FxHashMap<Name, Vec<Use>>,
    /// Where its name stands, which stands for what its docstring says.
    pub named_at: TextRange,
    /// Its scope.
    pub scope: ScopeTable,
}

/// A class of the project.
#[derive(Debug)]
pub struct ClassDef {
    /// Name.
    pub name: Name,
    /// Dotted name within the module.
    pub qualname: Arc<str>,
    /// Methods by name; of several with one name, the last.
    pub methods: FxHashMap<Name, u32>,
    /// Annotated names of the body in order: the fields of a dataclass or named tuple.
    pub fields: Vec<Name>,
    /// Whether a decorator or a base makes the fields constructor arguments.
    pub dataclass: bool,
    /// The types that its docstring gives parameters, until its constructor takes them.
    pub documented: Vec<(Name, Box<str>)>,
    /// Its scope.
    pub scope: ScopeTable,
}

/// An import of a module-level name, for following names through files that have not been evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedName {
    /// Leading dots.
    pub level: u32,
    /// Dotted module.
    pub module: Name,
    /// The name taken from it; `None` for the module itself.
    pub member: Option<Name>,
}

/// Everything defined in one file.
#[derive(Debug, Default)]
pub struct FileDefs {
    /// The module scope.
    pub scope: ScopeTable,
    /// Functions in source order.
    pub functions: Vec<FunctionDef>,
    /// Classes in source order.
    pub classes: Vec<ClassDef>,
    /// Function or class by the offset of its name.
    pub by_offset: FxHashMap<TextSize, u32>,
    /// Module-level names that are functions.
    pub top_functions: FxHashMap<Name, u32>,
    /// Module-level names that are classes.
    pub top_classes: FxHashMap<Name, u32>,
    /// Module-level names that are imported.
    pub imports: FxHashMap<Name, Vec<ImportedName>>,
    /// Modules imported with a star at module level.
    pub stars: Vec<(u32, Name)>,
    /// The strings of `__all__`.
    pub all: Option<Vec<Name>>,
    /// Names of type parameters, wherever in the file they are declared.
    pub type_parameters: FxHashSet<Name>,
    /// `# type:` comments.
    pub type_comments: Vec<TextRange>,
    /// Annotations given as text (strings and type comments), by where their text begins.
    pub texts: FxHashMap<TextSize, Expr>,
}

impl FileDefs {
    /// Collects the definitions of `module`.
    pub fn collect(module: &Module, text: &str) -> Self {
        let mut collector = Collector {
            text,
            defs: Self::default(),
            stack: vec![Where::Module],
            names: Vec::new(),
            scopes: 1,
            depth: 0,
            lambdas: 0,
            returned: Vec::new(),
            usage: Vec::new(),
            stores: FxHashMap::default(),
        };
        collector.visit_body(&module.tree.body);
        let mut defs = collector.defs;
        for (name, _) in defs.imports.iter() {
            defs.scope.bind(name);
        }
        for range in module.comments_in(TextRange::up_to(TextSize::of(text))) {
            let body = text[range].trim_start_matches('#').trim_start();
            if let Some(rest) = body.strip_prefix("type:")
                && !rest.trim_start().starts_with("ignore")
                && !rest.trim().is_empty()
            {
                defs.type_comments.push(range);
                defs.type_comment_texts(range, text);
            }
        }
        defs
    }

    /// Parses what a type comment says: a type, or `(types) -> type`.
    fn type_comment_texts(&mut self, comment: TextRange, text: &str) {
        let Some((start, body)) = type_comment_body(comment, text) else { return };
        let mut add = |from: usize, to: usize| {
            let offset = |n: usize| start + TextSize::try_from(n).unwrap_or_default();
            let range = TextRange::new(offset(from), offset(to));
            if let Some(expr) = crate::syntax::parse_expression_at(text, range) {
                self.texts.insert(range.start(), expr);
            }
        };
        match (body.find('('), body.rfind("->")) {
            (Some(0), Some(arrow)) => {
                if let Some(close) = body[..arrow].rfind(')') {
                    add(0, close + 1);
                }
                let rest = &body[arrow + 2..];
                add(body.len() - rest.trim_start().len(), body.len());
            }
            _ => add(0, body.len()),
        }
    }

    /// Identity of the function whose name stands at `offset`.
    pub fn function_at(&self, file: FileId, offset: TextSize) -> Option<FunctionId> {
        self.by_offset.get(&offset).map(|&index| FunctionId { file, index })
    }

    /// Identity of the class whose name stands at `offset`.
    pub fn class_at(&self, file: FileId, offset: TextSize) -> Option<ClassId> {
        self.by_offset.get(&offset).map(|&index| ClassId { file, index })
    }
}

/// Where the text of a type comment begins, and the text.
pub fn type_comment_body(comment: TextRange, text: &str) -> Option<(TextSize, &str)> {
    let whole = &text[comment];
    let skip = whole.find("type:")? + "type:".len();
    let rest = &whole[skip..];
    let trimmed = rest.trim_start();
    let start = comment.start() + TextSize::try_from(skip + rest.len() - trimmed.len()).ok()?;
    let body = trimmed.find('#').map_or(trimmed, |at| &trimmed[..at]).trim_end();
    Some((start, body))
}

/// Uses of names in one function after which no more are noted.
const MOST_USES: usize = 4096;

#[derive(Clone, Copy)]
enum Where {
    Module,
    Function(u32),
    Class(u32),
}

struct Collector<'t> {
    text: &'t str,
    defs: FileDefs,
    stack: Vec<Where>,
    /// Names of the enclosing definitions.
    names: Vec<Name>,
    scopes: u32,
    /// Nesting of comprehensions and lambdas, whose own names are not the function's.
    depth: u32,
    /// Nesting of lambdas.
    lambdas: u32,
    /// Names that the function around this point returns, as they are or called.
    returned: Vec<(Name, bool)>,
    /// What is done with names, per enclosing function.
    usage: Vec<(Name, Use)>,
    /// How often the function around this point binds each name.
    stores: FxHashMap<Name, u32>,
}

impl Collector<'_> {
    fn here(&self) -> Where {
        self.stack.last().copied().unwrap_or(Where::Module)
    }

    fn table(&mut self) -> &mut ScopeTable {
        match self.here() {
            Where::Module => &mut self.defs.scope,
            Where::Function(i) => &mut self.defs.functions[i as usize].scope,
            Where::Class(i) => &mut self.defs.classes[i as usize].scope,
        }
    }

    fn bind(&mut self, name: &Name) {
        self.table().bind(name);
        if self.binds_in_module(name) {
            self.defs.scope.bind(name);
        }
    }

    /// Whether what binds `name` here binds a name of the module.
    fn binds_in_module(&mut self, name: &Name) -> bool {
        matches!(self.here(), Where::Module) || self.table().globals.contains(name)
    }

    fn qualname(&self, name: &str) -> Arc<str> {
        let mut text = String::new();
        for part in &self.names {
            text.push_str(part);
            text.push('.');
        }
        text.push_str(name);
        text.into()
    }

    fn next_scope(&mut self) -> ScopeTable {
        let id = self.scopes;
        self.scopes += 1;
        ScopeTable { id, ..ScopeTable::default() }
    }

    fn function(&mut self, def: &ruff_python_ast::StmtFunctionDef) {
        let name = &def.name.id;
        self.bind(name);
        let index = u32::try_from(self.defs.functions.len()).unwrap_or(u32::MAX);
        let class = if let Where::Class(class) = self.here() { Some(class) } else { None };
        let decorated = |wanted: &[&str]| def.decorator_list.iter().any(|d| last_name(&d.expression).is_some_and(|n| wanted.contains(&n)));
        // A later overload or setter replaces the earlier definition, except that a property's setter does not hide its getter.
        let setter = decorated(&["setter", "deleter"]);
        match self.here() {
            Where::Class(class) if !setter => drop(self.defs.classes[class as usize].methods.insert(name.clone(), index)),
            Where::Module => drop(self.defs.top_functions.insert(name.clone(), index)),
            _ => {}
        }
        let mut scope = self.next_scope();
        let mut parameters = parameter_defs(&def.parameters);
        declarations(&def.body, &mut scope);
        parameters.iter().for_each(|p| scope.bind(&p.name));
        // What a constructor takes is often told where the class is documented.
        let of_class = class.filter(|_| name == "__init__").map(|class| std::mem::take(&mut self.defs.classes[class as usize].documented));
        note_documented(&mut parameters, of_class.iter().flatten().map(|(name, text)| (name.as_str(), &**text)));
        note_documented(&mut parameters, docstring::of_body(&def.body).into_iter().flat_map(docstring::parameter_types));
        self.defs.functions.push(FunctionDef {
            qualname: self.qualname(name),
            parameters,
            class,
            property: decorated(&["property", "cached_property", "lazy_property", "abstractproperty"]),
            is_static: decorated(&["staticmethod"]),
            is_classmethod: decorated(&["classmethod"])
                || (class.is_some() && matches!(name.as_str(), "__new__" | "__init_subclass__" | "__class_getitem__")),
            generator: false,
            hands_back: Vec::new(),
            is_abstract: is_abstract(&def.body),
            locals: FxHashMap::default(),
            named_at: def.name.range,
            scope,
        });
        self.defs.by_offset.insert(def.name.range.start(), index);
        if let Some(parameters) = &def.type_params {
            self.visit_type_params(parameters);
        }
        // Decorators and defaults belong to the scope around the function.
        for decorator in &def.decorator_list {
            self.visit_expr(&decorator.expression);
        }
        for default in def.parameters.iter_non_variadic_params().filter_map(|p| p.default()) {
            self.visit_expr(default);
        }
        for p in def.parameters.iter() {
            if let Some(annotation) = p.annotation() {
                self.visit_annotation(annotation);
            }
        }
        if let Some(returns) = &def.returns {
            self.visit_annotation(returns);
        }
        self.stack.push(Where::Function(index));
        self.names.push(name.clone());
        let depth = std::mem::take(&mut self.depth);
        let usage = std::mem::take(&mut self.usage);
        let stores = std::mem::take(&mut self.stores);
        let returned = std::mem::take(&mut self.returned);
        self.visit_body(&def.body);
        let returned = std::mem::replace(&mut self.returned, returned);
        self.defs.functions[index as usize].note_handed_back(&returned);
        let stores = std::mem::replace(&mut self.stores, stores);
        let function = &mut self.defs.functions[index as usize];
        for (name, use_) in std::mem::replace(&mut self.usage, usage) {
            let uses = match function.parameters.iter_mut().find(|p| p.name == name) {
                Some(parameter) => &mut parameter.uses,
                None if stores.get(&name) == Some(&1) => function.locals.entry(name).or_default(),
                None => continue,
            };
            if !uses.contains(&use_) {
                uses.push(use_);
            }
        }
        self.depth = depth;
        self.names.pop();
        self.stack.pop();
    }

    /// A lambda is a function without a scope of its own: its body is walked where it stands.
    fn lambda(&mut self, expr: &Expr, lambda: &ExprLambda) {
        let index = u32::try_from(self.defs.functions.len()).unwrap_or(u32::MAX);
        let scope = self.next_scope();
        self.defs.functions.push(FunctionDef {
            qualname: self.qualname("<lambda>"),
            parameters: lambda.parameters.as_deref().map(parameter_defs).unwrap_or_default(),
            class: None,
            property: false,
            is_static: false,
            is_classmethod: false,
            generator: false,
            hands_back: Vec::new(),
            is_abstract: false,
            locals: FxHashMap::default(),
            named_at: lambda.range,
            scope,
        });
        self.defs.by_offset.insert(lambda.range.start(), index);
        let around = std::mem::take(&mut self.usage);
        self.depth += 1;
        self.lambdas += 1;
        visitor::walk_expr(self, expr);
        self.lambdas -= 1;
        self.depth -= 1;
        let function = &mut self.defs.functions[index as usize];
        function.note_handed_back(&returned_names(&lambda.body).unwrap_or_default());
        for (name, use_) in std::mem::replace(&mut self.usage, around) {
            match function.parameters.iter_mut().find(|p| p.name == name) {
                Some(parameter) if parameter.uses.contains(&use_) => {}
                Some(parameter) => parameter.uses.push(use_),
                None => self.usage.push((name, use_)),
            }
        }
    }

    fn class(&mut self, def: &ruff_python_ast::StmtClassDef) {
        let name = &def.name.id;
        self.bind(name);
        let index = u32::try_from(self.defs.classes.len()).unwrap_or(u32::MAX);
        if let Where::Module = self.here() {
            self.defs.top_classes.insert(name.clone(), index);
        }
        let is_data = |e: &Expr| {
            matches!(
                last_name(e),
                Some("dataclass" | "define" | "frozen" | "attrs" | "NamedTuple" | "BaseModel" | "flax_struct" | "pytree_dataclass")
            )
        };
        let dataclass = def.decorator_list.iter().any(|d| is_data(&d.expression)) || def.bases().iter().any(is_data);
        let fields = def
            .body
            .iter()
            .filter_map(|stmt| match stmt {
                Stmt::AnnAssign(assign) if last_name(&assign.annotation) != Some("ClassVar") => {
                    assign.target.as_name_expr().map(|n| n.id.clone())
                }
                _ => None,
            })
            .collect();
        let scope = self.next_scope();
        let documented = docstring::of_body(&def.body).map(docstring::parameter_types).unwrap_or_default();
        self.defs.classes.push(ClassDef {
            documented: documented.into_iter().map(|(name, text)| (Name::new(name), text.into())).collect(),
            name: name.clone(),
            qualname: self.qualname(name),
            methods: FxHashMap::default(),
            fields,
            dataclass,
            scope,
        });
        self.defs.by_offset.insert(def.name.range.start(), index);
        for decorator in &def.decorator_list {
            self.visit_expr(&decorator.expression);
        }
        if let Some(parameters) = &def.type_params {
            self.visit_type_params(parameters);
        }
        if let Some(arguments) = &def.arguments {
            self.visit_arguments(arguments);
        }
        self.stack.push(Where::Class(index));
        self.names.push(name.clone());
        let depth = std::mem::take(&mut self.depth);
        declarations(&def.body, self.table());
        self.visit_body(&def.body);
        self.depth = depth;
        self.names.pop();
        self.stack.pop();
    }

    /// Parses the strings of an annotation, which are annotations themselves.
    fn annotation_strings(&mut self, expr: &Expr) {
        match expr {
            Expr::StringLiteral(string) => {
                if let Some(part) = string.as_single_part_string() {
                    let range = TextRange::new(part.range.start() + part.flags.opener_len(), part.range.end() - part.flags.closer_len());
                    if let Some(expr) = crate::syntax::parse_expression_at(self.text, range) {
                        self.annotation_strings(&expr);
                        self.defs.texts.insert(range.start(), expr);
                    }
                }
            }
            Expr::Subscript(subscript) if last_name(&subscript.value) != Some("Literal") => self.annotation_strings(&subscript.slice),
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|e| self.annotation_strings(e)),
            Expr::List(list) => list.elts.iter().for_each(|e| self.annotation_strings(e)),
            Expr::BinOp(binary) => {
                self.annotation_strings(&binary.left);
                self.annotation_strings(&binary.right);
            }
            _ => {}
        }
    }

    /// Remembers what is done with `expr`, if it is a name within a function.
    fn note_use(&mut self, expr: &Expr, use_: impl FnOnce() -> Use) {
        if let Expr::Name(name) = expr
            && self.usage.len() < MOST_USES
            && (self.stack.len() > 1 || self.lambdas > 0)
        {
            self.usage.push((name.id.clone(), use_()));
        }
    }

    fn import_from(&mut self, module: Option<&Name>, level: u32, names: &[Alias]) {
        let module = module.cloned().unwrap_or_default();
        for alias in names {
            if alias.name.as_str() == "*" {
                if let Where::Module = self.here() {
                    self.defs.stars.push((level, module.clone()));
                }
                continue;
            }
            let bound = alias.asname.as_ref().map_or(&alias.name.id, |n| &n.id).clone();
            self.bind(&bound);
            if self.binds_in_module(&bound) {
                let target = ImportedName { level, module: module.clone(), member: Some(alias.name.id.clone()) };
                self.defs.imports.entry(bound).or_default().push(target);
            }
        }
    }
}

impl Collector<'_> {
    /// What an expression binds, and what it does with the names of its function.
    fn expression(&mut self, expr: &Expr) {
        match expr {
            Expr::Name(name) if matches!(name.ctx, ExprContext::Store | ExprContext::Del) && self.depth == 0 => {
                self.bind(&name.id);
                if let Where::Function(_) = self.here() {
                    *self.stores.entry(name.id.clone()).or_default() += 1;
                }
                if let Where::Function(i) = self.here()
                    && let Some(parameter) = self.defs.functions[i as usize].parameters.iter_mut().find(|p| p.name == name.id)
                {
                    parameter.rebound = true;
                }
            }
            Expr::Named(named) => {
                // A walrus binds in the function even from within a comprehension.
                if let Some(name) = named.target.as_name_expr() {
                    self.bind(&name.id);
                }
            }
            Expr::Yield(_) | Expr::YieldFrom(_) => {
                if let Where::Function(i) = self.here() {
                    self.defs.functions[i as usize].generator = true;
                }
            }
            Expr::Attribute(attribute) => {
                self.note_use(&attribute.value, || Use::Attribute(attribute.attr.id.clone()));
            }
            Expr::Subscript(subscript) => {
                self.note_use(&subscript.value, || subscript_use(&subscript.slice));
            }
            Expr::BinOp(binary) if binary.op == Operator::MatMult => {
                self.note_use(&binary.left, || Use::MatMul);
                self.note_use(&binary.right, || Use::MatMul);
            }
            Expr::Call(call) => {
                if let Some(first) = call.arguments.args.first().and_then(only_name)
                    && let Some(callee) = dotted(&call.func)
                {
                    self.note_use(first, || Use::PassedTo(callee.into()));
                }
            }
            Expr::Lambda(lambda) => return self.lambda(expr, lambda),
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                self.depth += 1;
                visitor::walk_expr(self, expr);
                self.depth -= 1;
                return;
            }
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }
}

impl<'a> Visitor<'a> for Collector<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => return self.function(def),
            Stmt::ClassDef(def) => return self.class(def),
            Stmt::Import(import) => {
                for alias in &import.names {
                    let first = Name::new(alias.name.split('.').next().unwrap_or_default());
                    let bound = alias.asname.as_ref().map_or(&first, |n| &n.id).clone();
                    self.bind(&bound);
                    if self.binds_in_module(&bound) {
                        let module = if alias.asname.is_some() { alias.name.id.clone() } else { first };
                        self.defs.imports.entry(bound).or_default().push(ImportedName { level: 0, module, member: None });
                    }
                }
            }
            Stmt::ImportFrom(import) => self.import_from(import.module.as_ref().map(|m| &m.id), import.level, &import.names),
            Stmt::Assign(assign)
                if matches!(self.here(), Where::Module)
                    && assign.targets.iter().any(|t| t.as_name_expr().is_some_and(|n| n.id == "__all__")) =>
            {
                self.defs.all = string_list(&assign.value);
            }
            Stmt::AugAssign(assign) if assign.target.as_name_expr().is_some_and(|n| n.id == "__all__") => {
                if let (Some(all), Some(more)) = (&mut self.defs.all, string_list(&assign.value)) {
                    all.extend(more);
                }
            }
            Stmt::Return(ret) if self.stack.len() > 1 => {
                if let Some(names) = ret.value.as_deref().and_then(returned_names) {
                    self.returned.extend(names);
                }
            }
            Stmt::TypeAlias(alias) => {
                if let Some(name) = alias.name.as_name_expr() {
                    self.bind(&name.id);
                }
            }
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || self.expression(expr));
    }

    fn visit_annotation(&mut self, expr: &'a Expr) {
        self.annotation_strings(expr);
        visitor::walk_annotation(self, expr);
    }

    fn visit_type_param(&mut self, parameter: &'a TypeParam) {
        self.defs.type_parameters.insert(parameter.name().id.clone());
        visitor::walk_type_param(self, parameter);
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        if let Some(name) = &inner.name {
            self.bind(&name.id);
        }
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        if let Some(name) = syntax::captured(pattern) {
            self.bind(&name.id);
        }
        visitor::walk_pattern(self, pattern);
    }
}

/// `global` and `nonlocal` hold for the whole scope, so they are read before anything is bound,
/// parameters included: Python refuses those, and this way no slot is without its name.
fn declarations(body: &[Stmt], table: &mut ScopeTable) {
    for stmt in body {
        match stmt {
            Stmt::Global(s) => {
                for name in &s.names {
                    table.globals.insert(name.id.clone());
                }
            }
            Stmt::Nonlocal(s) => {
                for name in &s.names {
                    table.nonlocals.insert(name.id.clone());
                }
            }
            Stmt::If(s) => {
                declarations(&s.body, table);
                s.elif_else_clauses.iter().for_each(|clause| declarations(&clause.body, table));
            }
            Stmt::For(s) => {
                declarations(&s.body, table);
                declarations(&s.orelse, table);
            }
            Stmt::While(s) => {
                declarations(&s.body, table);
                declarations(&s.orelse, table);
            }
            Stmt::With(s) => declarations(&s.body, table),
            Stmt::Try(s) => {
                declarations(&s.body, table);
                for ExceptHandler::ExceptHandler(handler) in &s.handlers {
                    declarations(&handler.body, table);
                }
                declarations(&s.orelse, table);
                declarations(&s.finalbody, table);
            }
            _ => {}
        }
    }
}

/// The parameters of a function, before anything is known of what it does with them.
fn parameter_defs(list: &Parameters) -> Vec<ParameterDef> {
    let mut parameters = Vec::new();
    collect_parameters(list, &mut |name, passing, annotated| {
        parameters.push(ParameterDef {
            name: name.clone(),
            passing,
            annotated,
            uses: Vec::new(),
            rebound: false,
            default: DefaultValue::Missing,
            documented: None,
        });
    });
    for p in list.iter_non_variadic_params() {
        if let (Some(default), Some(known)) = (p.default(), parameters.iter_mut().find(|known| known.name == p.parameter.name.id)) {
            known.default = if default.is_none_literal_expr() { DefaultValue::None } else { DefaultValue::Other };
        }
    }
    parameters
}

/// Gives parameters that no annotation describes the types that a docstring names.
fn note_documented<'d>(parameters: &mut [ParameterDef], documented: impl Iterator<Item = (&'d str, &'d str)>) {
    for (name, text) in documented {
        let plain = |p: &&mut ParameterDef| p.name == name && !p.annotated && !matches!(p.passing, Passing::Star | Passing::DoubleStar);
        if let Some(parameter) = parameters.iter_mut().find(plain) {
            parameter.documented = Some(text.into());
        }
    }
}

/// A body that only says that others implement it.
fn is_abstract(body: &[Stmt]) -> bool {
    body.iter().all(|stmt| match stmt {
        Stmt::Pass(_) | Stmt::Raise(_) => true,
        Stmt::Expr(s) => matches!(&*s.value, Expr::StringLiteral(_) | Expr::EllipsisLiteral(_)),
        _ => false,
    })
}

/// The names that a returned expression hands back, each as it is or called; `None` if it gives anything else as well.
pub fn returned_names(expr: &Expr) -> Option<Vec<(Name, bool)>> {
    match expr {
        Expr::Name(name) => Some(vec![(name.id.clone(), false)]),
        Expr::Call(call) if call.arguments.is_empty() => Some(vec![(call.func.as_name_expr()?.id.clone(), true)]),
        Expr::If(conditional) => {
            let mut names = returned_names(&conditional.body)?;
            names.extend(returned_names(&conditional.orelse)?);
            Some(names)
        }
        _ => None,
    }
}

impl FunctionDef {
    /// Settles which parameters are handed back, once it is known which names the body binds anew.
    fn note_handed_back(&mut self, returned: &[(Name, bool)]) {
        for (name, called) in returned {
            if let Some(index) = self.handed(name) {
                let handed = if *called { Handed::Called(index) } else { Handed::Back(index) };
                if !self.hands_back.contains(&handed) {
                    self.hands_back.push(handed);
                }
            }
        }
    }

    /// The parameter that `name` still is wherever the body mentions it.
    fn handed(&self, name: &Name) -> Option<u32> {
        let index = self.parameters.iter().position(|p| p.name == *name)?;
        let parameter = &self.parameters[index];
        let plain = matches!(parameter.passing, Passing::Position | Passing::Either | Passing::Keyword);
        (plain && !parameter.rebound && !self.generator).then(|| u32::try_from(index).ok()).flatten()
    }

    /// Whether a returned expression gives nothing but what is handed back.
    pub fn only_hands_back(&self, expr: &Expr) -> bool {
        returned_names(expr).is_some_and(|names| names.iter().all(|(name, _)| self.handed(name).is_some()))
    }
}

/// Whether a subscript goes along several axes, of which it takes one whole or in part: only arrays can be asked so.
pub fn along_several_axes(slice: &Expr) -> bool {
    let partly = |axis: &Expr| matches!(axis, Expr::Slice(_) | Expr::EllipsisLiteral(_) | Expr::NoneLiteral(_));
    slice.as_tuple_expr().is_some_and(|axes| axes.iter().any(partly))
}

/// What a subscript says of what it is taken from.
fn subscript_use(slice: &Expr) -> Use {
    let is_key = match slice {
        Expr::StringLiteral(_) | Expr::FString(_) => true,
        Expr::List(list) => list.elts.first().is_some_and(Expr::is_string_literal_expr),
        _ => false,
    };
    match slice {
        slice if along_several_axes(slice) => Use::Axes,
        _ if is_key => Use::Key,
        _ => Use::Index,
    }
}

/// The name that an expression is, or computes with alone: `x` in `x * x + 1`.
fn only_name(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Name(_) => Some(expr),
        Expr::UnaryOp(unary) => only_name(&unary.operand),
        Expr::BinOp(binary) if binary.right.is_number_literal_expr() => only_name(&binary.left),
        Expr::BinOp(binary) if binary.left.is_number_literal_expr() => only_name(&binary.right),
        Expr::BinOp(binary) => {
            let (left, right) = (only_name(&binary.left)?, only_name(&binary.right)?);
            (left.as_name_expr()?.id == right.as_name_expr()?.id).then_some(left)
        }
        _ => None,
    }
}

/// The text of a chain of names: `np.linalg.norm`.
fn dotted(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Name(name) => Some(name.id.to_string()),
        Expr::Attribute(attribute) => Some(format!("{}.{}", dotted(&attribute.value)?, attribute.attr)),
        _ => None,
    }
}

/// Whether an annotation leaves everything open.
fn says_nothing(annotation: &Expr) -> bool {
    matches!(last_name(annotation), Some("Any" | "object"))
}

/// Calls `each` for every parameter in order.
pub fn collect_parameters(list: &Parameters, each: &mut dyn FnMut(&Name, Passing, bool)) {
    for p in &list.posonlyargs {
        each(&p.parameter.name.id, Passing::Position, p.parameter.annotation.as_deref().is_some_and(|a| !says_nothing(a)));
    }
    for p in &list.args {
        each(&p.parameter.name.id, Passing::Either, p.parameter.annotation.as_deref().is_some_and(|a| !says_nothing(a)));
    }
    if let Some(p) = &list.vararg {
        each(&p.name.id, Passing::Star, p.annotation.as_deref().is_some_and(|a| !says_nothing(a)));
    }
    for p in &list.kwonlyargs {
        each(&p.parameter.name.id, Passing::Keyword, p.parameter.annotation.as_deref().is_some_and(|a| !says_nothing(a)));
    }
    if let Some(p) = &list.kwarg {
        each(&p.name.id, Passing::DoubleStar, p.annotation.as_deref().is_some_and(|a| !says_nothing(a)));
    }
}

/// The last part of a dotted name, looking through a call: `dataclass` in `@dataclasses.dataclass(frozen=True)`.
pub fn last_name(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => Some(attribute.attr.as_str()),
        Expr::Call(call) => last_name(&call.func),
        Expr::Subscript(subscript) => last_name(&subscript.value),
        _ => None,
    }
}

fn string_list(expr: &Expr) -> Option<Vec<Name>> {
    let elements = match expr {
        Expr::List(list) => &list.elts,
        Expr::Tuple(tuple) => &tuple.elts,
        _ => return None,
    };
    Some(elements.iter().filter_map(|e| e.as_string_literal_expr()).map(|s| Name::new(s.value.to_str())).collect())
}
