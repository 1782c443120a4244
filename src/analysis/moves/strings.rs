//! Dotted names in strings: rewritten where Python or a test tool takes them for names, pointed out elsewhere.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprCall};
use ruff_text_size::{TextRange, TextSize};
use rustc_hash::FxHashSet;

use super::{Context, Edit, Gathered};
use crate::flow::project::Resolved;
use crate::plan::references::References;
use crate::syntax::Module;

/// Functions and methods whose string is the name of a module, or of something in one. Of a path such as
/// `unittest.mock.patch` the last part counts, and the part before it where the last one says little.
const TAKE_NAMES: &[(&str, &str)] = &[
    ("", "import_module"),
    ("", "__import__"),
    ("", "find_spec"),
    ("", "resolve_name"),
    ("", "run_module"),
    ("", "importorskip"),
    ("", "patch"),
    ("patch", "object"),
    ("patch", "dict"),
    ("patch", "multiple"),
    ("mocker", "spy"),
    ("monkeypatch", "setattr"),
    ("monkeypatch", "delattr"),
];

pub fn edit(context: &Context<'_>, gathered: &mut Gathered) {
    rename(&context.source.text, context.module, context.own(), &|text| new_text(context, text), gathered);
}

/// Rewrites the strings that `new_text` knows a new text for where they are names, and points them out elsewhere.
pub fn rename(source: &str, module: &Module, own: &References, new_text: &dyn Fn(&str) -> Option<String>, gathered: &mut Gathered) {
    let mut finder = Finder { source, new_text, gathered, seen: FxHashSet::default() };
    finder.visit_body(&module.tree.body);
    let seen = finder.seen;
    let shim = super::symbols::shim::block(source).map(|(range, _)| range);
    for text in &own.texts {
        if !seen.contains(&text.range)
            && let Some(new) = new_text(&text.text)
        {
            // What passes names on goes with where they are.
            if shim.is_some_and(|shim| shim.contains_range(text.range)) {
                gathered.edits.push(Edit::replace(text.range, format!("\"{new}\"")));
                continue;
            }
            gathered.remarks.push((text.range, format!("`{}` is now `{new}`, if this string means the module", text.text)));
        }
    }
}

struct Finder<'a> {
    source: &'a str,
    new_text: &'a dyn Fn(&str) -> Option<String>,
    gathered: &'a mut Gathered,
    seen: FxHashSet<TextRange>,
}

impl<'a> Visitor<'a> for Finder<'_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr
            && takes_names(call)
            && let Some(Expr::StringLiteral(literal)) = call.arguments.args.first()
            && let Some(new) = (self.new_text)(literal.value.to_str())
        {
            self.seen.insert(literal.range);
            let (old, written) = (literal.value.to_str(), &self.source[literal.range]);
            // A plain string holds its text once; anything else is left to a person.
            match (literal.value.is_implicit_concatenated(), written.find(old)) {
                (false, Some(at)) => {
                    let start = literal.range.start() + TextSize::try_from(at).unwrap_or_default();
                    self.gathered.edits.push(Edit::replace(TextRange::at(start, TextSize::of(old)), new));
                }
                _ => self.gathered.remarks.push((literal.range, format!("write `{new}` by hand"))),
            }
        }
        visitor::walk_expr(self, expr);
    }
}

fn takes_names(call: &ExprCall) -> bool {
    let (before, last) = match &*call.func {
        Expr::Name(name) => (String::new(), name.id.as_str()),
        Expr::Attribute(attribute) => {
            let before = match &*attribute.value {
                Expr::Name(name) => name.id.to_string(),
                Expr::Attribute(inner) => inner.attr.to_string(),
                _ => String::new(),
            };
            (before, attribute.attr.as_str())
        }
        _ => return false,
    };
    TAKE_NAMES.iter().any(|(holder, name)| *name == last && (holder.is_empty() || *holder == before))
}

/// What the dotted name `text` is called afterwards, where that is something else.
fn new_text(context: &Context<'_>, text: &str) -> Option<String> {
    // A relative name is relative to something that the string does not say.
    if text.starts_with('.') {
        return None;
    }
    let mut module = text;
    loop {
        if let Some(Resolved::File(file)) = context.old.resolve(context.file, 0, module) {
            let rest = &text[module.len()..];
            // One word says little: `config` is hardly the module of that name.
            if !text.contains('.') && context.old.name_of(file) != text {
                return None;
            }
            let new = super::imports::new_name(context, module)?;
            return Some(format!("{new}{rest}"));
        }
        module = module.rsplit_once('.')?.0;
    }
}
