//! Text to tree. The only place that calls the parser; it always gives a tree, and errors beside it.

use ruff_python_ast::token::{Token, TokenKind, Tokens};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Identifier, ModModule, Pattern, PySourceType, PythonVersion};
use ruff_python_parser::{ParseOptions, parse_expression_range, parse_unchecked};
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::source::{SourceFile, SourceKind};

/// A parsed file.
#[derive(Debug)]
pub struct Module {
    /// The tree; where the text is broken, as much of it as could be made out.
    pub tree: ModModule,
    /// All tokens, comments included.
    pub tokens: Tokens,
    /// What is wrong with the text.
    pub errors: Vec<SyntaxError>,
}

impl Module {
    /// The tokens that lie in `range`: none where it is inside of one, as in an annotation that is written as a string.
    pub fn tokens_in(&self, range: TextRange) -> &[Token] {
        let after = self.tokens_from(range.start());
        &after[..after.partition_point(|token| token.end() <= range.end())]
    }

    /// Where comments stand in `range`.
    pub fn comments_in(&self, range: TextRange) -> impl Iterator<Item = TextRange> {
        self.tokens_in(range).iter().filter(|token| token.kind() == TokenKind::Comment).map(Ranged::range)
    }

    /// The tokens that begin at `offset` or later.
    pub fn tokens_from(&self, offset: TextSize) -> &[Token] {
        &self.tokens[self.tokens.partition_point(|token| token.start() < offset)..]
    }
}

/// One syntax error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The parser's description.
    pub message: String,
    /// Where.
    pub range: TextRange,
}

/// Parses `file`. Grammar up to the newest Python is accepted, whatever version runs the code.
pub fn parse(file: &SourceFile) -> Module {
    let source_type = match file.kind {
        SourceKind::Python => PySourceType::Python,
        SourceKind::Stub => PySourceType::Stub,
        SourceKind::Notebook => PySourceType::Ipynb,
    };
    let options = ParseOptions::from(source_type).with_target_version(PythonVersion::latest());
    let parsed = parse_unchecked(&file.text, options).try_into_module();
    let Some(parsed) = parsed else {
        // Module options always give a module; an empty tree is the honest answer should that ever change.
        return Module { tree: empty(), tokens: Tokens::new(Vec::new()), errors: Vec::new() };
    };
    let mut errors: Vec<SyntaxError> =
        parsed.errors().iter().map(|e| SyntaxError { message: e.error.to_string(), range: e.location }).collect();
    let tokens = parsed.tokens().clone();
    let mut tree = parsed.into_syntax();
    if may_nest_deeply(&tokens) {
        errors.extend(remove_hopeless(&mut tree));
    }
    Module { tree, tokens, errors }
}

/// Expressions and patterns nested deeper than this are not looked at. Python itself gives up earlier on most of them.
const DEEPEST: u32 = 3_000;

/// Whether some line, however many lines of text it spans, has tokens enough to nest that deeply: nearly no file has.
fn may_nest_deeply(tokens: &Tokens) -> bool {
    let mut length = 0;
    tokens.iter().any(|token| {
        length = if token.kind() == TokenKind::Newline { 0 } else { length + 1 };
        length > DEEPEST
    })
}

/// Takes the statements that nest too deeply out of the tree, and says where.
fn remove_hopeless(tree: &mut ModModule) -> Vec<SyntaxError> {
    let mut errors = Vec::new();
    let body = std::mem::take(&mut tree.body);
    tree.body = body
        .into_iter()
        .filter_map(|stmt| {
            let mut depth = Depth::default();
            depth.visit_stmt(&stmt);
            match depth.beyond {
                None => Some(stmt),
                Some(range) => {
                    let message = format!("nested deeper than {DEEPEST} levels; the statement is not analysed");
                    errors.push(SyntaxError { message, range });
                    // Dropping it would recurse as deeply as it nests.
                    std::mem::forget(stmt);
                    None
                }
            }
        })
        .collect();
    errors
}

/// Looks for the first node that is nested too deeply.
#[derive(Default)]
struct Depth {
    now: u32,
    beyond: Option<TextRange>,
}

impl Depth {
    fn enter(&mut self, range: TextRange, walk: impl FnOnce(&mut Self)) {
        if self.now >= DEEPEST {
            self.beyond.get_or_insert(range);
        }
        if self.beyond.is_none() {
            self.now += 1;
            stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || walk(self));
            self.now -= 1;
        }
    }
}

impl<'a> Visitor<'a> for Depth {
    fn visit_expr(&mut self, expr: &'a Expr) {
        self.enter(expr.range(), |depth| visitor::walk_expr(depth, expr));
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        self.enter(pattern.range(), |depth| visitor::walk_pattern(depth, pattern));
    }
}

/// Parses the expression that stands at `range` of `text`; its ranges point into `text`.
pub fn parse_expression_at(text: &str, range: TextRange) -> Option<Expr> {
    if text.get(range.start().to_usize()..range.end().to_usize())?.trim().is_empty() {
        return None;
    }
    let expr = parse_expression_range(text, range).ok()?.into_expr();
    let mut depth = Depth::default();
    if range.len().to_u32() > DEEPEST {
        depth.visit_expr(&expr);
    }
    if depth.beyond.is_some() {
        std::mem::forget(expr);
        return None;
    }
    Some(expr)
}

/// The name that `pattern` itself binds, those of the patterns inside it left out.
pub fn captured(pattern: &Pattern) -> Option<&Identifier> {
    match pattern {
        Pattern::MatchAs(pattern) => pattern.name.as_ref(),
        Pattern::MatchStar(pattern) => pattern.name.as_ref(),
        Pattern::MatchMapping(pattern) => pattern.rest.as_ref(),
        _ => None,
    }
}

fn empty() -> ModModule {
    ModModule { node_index: ruff_python_ast::AtomicNodeIndex::default(), range: TextRange::default(), body: Default::default() }
}
