//! Functions as a target with conditions on whole functions sees them: one that is moved whole or not at all, or that
//! begins with a statement which finds the namespace of its arrays.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Stmt, StmtFunctionDef};
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::rewrite::{ArrayParameters, Outcome, Part, Replacement, Site, Spelling};
use crate::source::SourceFile;
use crate::syntax::Module;

/// A function with its statements.
struct Function<'a> {
    def: &'a StmtFunctionDef,
    body: TextRange,
}

/// All functions of a module, outer ones before those inside them.
fn functions(module: &Module) -> Vec<Function<'_>> {
    struct Found<'a>(Vec<Function<'a>>);
    impl<'a> Visitor<'a> for Found<'a> {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            if let Stmt::FunctionDef(def) = stmt
                && let (Some(first), Some(last)) = (def.body.first(), def.body.last())
            {
                self.0.push(Function { def, body: TextRange::new(first.start(), last.end()) });
            }
            visitor::walk_stmt(self, stmt);
        }
    }
    let mut found = Found(Vec::new());
    found.visit_body(&module.tree.body);
    found.0
}

/// Turns the fixes that the target's conditions on functions forbid into refusals, and gives the statements that the heads
/// of functions need, each with the range of the function's body.
pub fn settle(
    source: &SourceFile,
    module: &Module,
    sites: &mut [Site],
    arrays: &[ArrayParameters],
    stays: &dyn Fn(&Site) -> bool,
    spelling: &Spelling,
) -> Vec<(TextRange, Replacement)> {
    if !spelling.whole && spelling.bind.is_none() {
        return Vec::new();
    }
    let functions = functions(module);
    let parameters = |f: &Function<'_>| arrays.iter().find(|a| a.range == f.def.range()).filter(|a| !a.names.is_empty());
    // What an annotation of a local name says has no effect.
    let home = |site: &Site| {
        let mut around = functions.iter().enumerate().filter(|(_, f)| f.body.contains_range(site.range));
        if spelling.bind.is_some() { around.find(|(_, f)| parameters(f).is_some()).map(|(i, _)| i) } else { around.next().map(|(i, _)| i) }
    };
    let homes: Vec<Option<usize>> = sites.iter().map(home).collect();
    let refuse = |site: &mut Site, reason: String| {
        if matches!(site.outcome, Outcome::Fix { .. }) {
            site.outcome = Outcome::Refused { reason, rule: None };
        }
    };
    if spelling.bind.is_some() {
        for (site, home) in sites.iter_mut().zip(&homes) {
            match home {
                Some(home) if names_otherwise(source, &functions[*home], spelling) => {
                    refuse(site, format!("`{}` names something else in this function", spelling.alias));
                }
                Some(home) => {
                    if parameters(&functions[*home]).is_some_and(|p| p.guessed) {
                        site.outcome.weaken("the arguments that tell the namespace are not annotated as arrays");
                    }
                }
                None => {
                    let inside = functions.iter().any(|f| f.body.contains_range(site.range));
                    let reason = if inside {
                        "no argument of this function is known to be an array, so that nothing tells the namespace"
                    } else {
                        "outside a function there is no array that tells the namespace"
                    };
                    refuse(site, reason.to_owned());
                }
            }
        }
    }
    if spelling.whole {
        for i in 0..functions.len() {
            let blocks = |site: &Site| stays(site) && !matches!(site.outcome, Outcome::Kept { .. });
            let blocking = sites.iter().zip(&homes).find(|(site, home)| **home == Some(i) && blocks(site));
            let Some(name) = blocking.map(|(site, _)| site.name.clone()) else { continue };
            for (site, home) in sites.iter_mut().zip(&homes).filter(|(_, home)| **home == Some(i)) {
                let _ = home;
                refuse(site, format!("`{name}` of this function stays, and a function moves as a whole"));
            }
        }
    }
    let Some(bind) = &spelling.bind else { return Vec::new() };
    let mut heads = Vec::new();
    for (i, function) in functions.iter().enumerate() {
        let moved =
            sites.iter().zip(&homes).any(|(site, home)| *home == Some(i) && !stays(site) && matches!(site.outcome, Outcome::Fix { .. }));
        if !moved || binds(source, function, spelling) {
            continue;
        }
        if let Some(parameters) = parameters(function) {
            let statement = bind.replace("{arrays}", &parameters.names.join(", "));
            heads.push((function.body, head(&source.text, module, function, &statement)));
        }
    }
    heads
}

/// Whether the function begins with the statement that finds the namespace already.
fn binds(source: &SourceFile, function: &Function<'_>, spelling: &Spelling) -> bool {
    function.def.body.iter().any(|stmt| is_binding(source, stmt, spelling))
}

fn is_binding(source: &SourceFile, stmt: &Stmt, spelling: &Spelling) -> bool {
    let Stmt::Assign(assign) = stmt else { return false };
    let alias = assign.targets.iter().any(|t| t.as_name_expr().is_some_and(|n| n.id.as_str() == spelling.alias));
    let call = assign.value.as_call_expr().map(|call| &source.text[call.func.range()]);
    alias && call.is_some_and(|callee| callee.rsplit('.').next() == Some(&*spelling.bound))
}

/// Whether the function uses the alias for anything but the namespace.
fn names_otherwise(source: &SourceFile, function: &Function<'_>, spelling: &Spelling) -> bool {
    struct Stores<'s> {
        source: &'s SourceFile,
        spelling: &'s Spelling,
        found: bool,
    }
    impl<'a> Visitor<'a> for Stores<'_> {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            if !is_binding(self.source, stmt, self.spelling) {
                visitor::walk_stmt(self, stmt);
            }
        }
        fn visit_expr(&mut self, expr: &'a Expr) {
            self.found |= expr.as_name_expr().is_some_and(|n| !n.ctx.is_load() && n.id.as_str() == self.spelling.alias);
            visitor::walk_expr(self, expr);
        }
        fn visit_parameter(&mut self, parameter: &'a ruff_python_ast::Parameter) {
            self.found |= parameter.name.as_str() == self.spelling.alias;
        }
    }
    let mut stores = Stores { source, spelling, found: false };
    stores.visit_parameters(&function.def.parameters);
    stores.visit_body(&function.def.body);
    stores.found
}

/// `statement` at the head of `function`: right after the docstring, or after the line that ends with the colon.
fn head(text: &str, module: &Module, function: &Function<'_>, statement: &str) -> Replacement {
    let body = &function.def.body;
    let documented = body.len() > 1 && body[0].as_expr_stmt().is_some_and(|s| s.value.is_string_literal_expr());
    let first = &body[usize::from(documented)];
    let before = if documented { body[0].end() } else { colon(module, first.start()) };
    let between = &text[TextRange::new(before, first.start())];
    let Some(line_end) = between.find('\n') else {
        // All on one line.
        return Replacement { range: TextRange::empty(first.start()), parts: vec![Part::Text(format!("{statement}; "))] };
    };
    let at = before + TextSize::try_from(line_end + 1).unwrap_or_default();
    let newline = if between[..line_end].ends_with('\r') { "\r\n" } else { "\n" };
    let line_start = text[..first.start().to_usize()].rfind('\n').map_or(0, |at| at + 1);
    let indent: String = text[line_start..].chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    Replacement { range: TextRange::empty(at), parts: vec![Part::Text(format!("{indent}{statement}{newline}"))] }
}

/// The end of the colon before the first statement of a block.
fn colon(module: &Module, first: TextSize) -> TextSize {
    let before = module.tokens_in(TextRange::up_to(first));
    before.iter().rev().find(|t| t.kind() == TokenKind::Colon).map_or(first, |t| t.end())
}
