//! Text to tree. The only place that calls the parser; it always gives a tree, and errors beside it.

use ruff_python_ast::token::Tokens;
use ruff_python_ast::{Expr, ModModule, PySourceType, PythonVersion};
use ruff_python_parser::{ParseOptions, parse_expression_range, parse_unchecked};
use ruff_text_size::TextRange;

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
    let errors = parsed.errors().iter().map(|e| SyntaxError { message: e.error.to_string(), range: e.location }).collect();
    let tokens = parsed.tokens().clone();
    Module { tree: parsed.into_syntax(), tokens, errors }
}

/// Parses the expression that stands at `range` of `text`; its ranges point into `text`.
pub fn parse_expression_at(text: &str, range: TextRange) -> Option<Expr> {
    if text.get(range.start().to_usize()..range.end().to_usize())?.trim().is_empty() {
        return None;
    }
    parse_expression_range(text, range).ok().map(|parsed| parsed.into_expr())
}

fn empty() -> ModModule {
    ModModule { node_index: ruff_python_ast::AtomicNodeIndex::default(), range: TextRange::default(), body: Default::default() }
}
