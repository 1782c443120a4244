//! The walk over one file: what it carries along, from its first statement to the last function body.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use ruff_python_ast::name::Name;
use ruff_text_size::TextRange;
use rustc_hash::{FxHashMap, FxHashSet};

use super::definition::Deferred;
use super::defs::{FileDefs, ScopeTable};
use super::project::{FileSummary, Resolved};
use super::scope::{Closure, Env, Frame, FrameKind, Overlay};
use super::value::{ArrayTag, ClassId, FileId, Value};
use super::{Context, FileOutput};
use crate::syntax::Module;

/// The walk over one file.
pub struct Walker<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) file: FileId,
    pub(super) module: &'a Module,
    pub(super) text: &'a str,
    pub(super) defs: &'a FileDefs,
    pub(super) output: FileOutput,
    pub(super) frames: Vec<Frame<'a>>,
    pub(super) overlays: Vec<Overlay>,
    pub(super) closure: Option<Rc<Closure<'a>>>,
    /// Values of the module's names once its body is finished.
    pub(super) globals: Option<Vec<Value>>,
    /// Names brought by star imports.
    pub(super) star_names: FxHashMap<Name, Value>,
    /// The files of the project that those names come from.
    pub(super) star_files: FxHashMap<Name, FileId>,
    pub(super) deferred: std::collections::VecDeque<Deferred<'a>>,
    pub(super) pending: Vec<Rc<RefCell<Option<Rc<Closure<'a>>>>>>,
    /// Above zero while a walk only collects values.
    pub(super) silent: u32,
    /// The libraries that the file imports at module level, as bits.
    pub(super) imported_libraries: u64,
    /// The array that the expression evaluated next must be, going by the function it is passed to.
    pub(super) expected: Option<ArrayTag>,
    /// Whether findings of this walk are wanted at all.
    pub(super) reporting: bool,
    /// Names (scope, slot) that are used somewhere.
    pub(super) used: FxHashSet<(u32, u32)>,
    /// Import bindings: where they stand, and what they import.
    pub(super) imported: Vec<super::imports::Binding>,
    pub(super) qualname: Vec<Arc<str>>,
    /// Nesting of `try` bodies that catch ImportError.
    pub(super) guarded_imports: u32,
    /// Nesting of `try` bodies that catch NameError.
    pub(super) guarded_names: u32,
    /// Whether the name looked up last was found nowhere.
    pub(super) missed: bool,
    /// Nesting of the expression being evaluated.
    pub(super) depth: u32,
    /// The attribute or subscript directly around the expression that is evaluated next.
    pub(super) outer: Option<TextRange>,
    /// The call that is the whole of the current statement.
    pub(super) statement_call: Option<TextRange>,
    /// Whether the expression that is evaluated next is mapped over one sequence.
    pub(super) mapped: bool,
    /// Nesting of questions for what iterating something gives.
    pub(super) iterating: u8,
    /// What became of values that left their library or their device, by the call that gave them.
    pub(super) trails: FxHashMap<TextRange, super::trail::Trail>,
    /// For classes of the project that were operands, the array they derive from.
    pub(super) array_bases: FxHashMap<ClassId, Option<ArrayTag>>,
    /// Nesting of f-string fields that show their own text: `{a + b=}`.
    pub(super) shown: u32,
    /// The last `dtype=` of a call that may be of a library that is not rewritten.
    pub(super) strange_dtype: Option<TextRange>,
    /// The quotes of the f-strings around, but for triple ones.
    pub(super) quotes: Vec<char>,
}

impl<'a> Walker<'a> {
    /// A walk over `file`, whose tree is `module`; without `reporting`, for what it tells other files alone.
    pub fn new(context: &'a Context<'a>, module: &'a Module, file: FileId, reporting: bool) -> Self {
        let index = file as usize;
        let defs = &context.world.defs[index];
        let output = FileOutput { summary: FileSummary::of(defs), ..FileOutput::default() };
        Self {
            context,
            file,
            module,
            text: &context.files[index].text,
            defs,
            output,
            frames: Vec::new(),
            overlays: Vec::new(),
            closure: None,
            globals: None,
            star_names: FxHashMap::default(),
            star_files: FxHashMap::default(),
            deferred: std::collections::VecDeque::new(),
            pending: Vec::new(),
            silent: 0,
            reporting,
            imported_libraries: imported_libraries(context, file),
            expected: None,
            used: FxHashSet::default(),
            imported: Vec::new(),
            qualname: Vec::new(),
            guarded_imports: 0,
            guarded_names: 0,
            missed: false,
            depth: 0,
            trails: FxHashMap::default(),
            iterating: 0,
            outer: None,
            statement_call: None,
            mapped: false,
            array_bases: FxHashMap::default(),
            shown: 0,
            strange_dtype: None,
            quotes: Vec::new(),
        }
    }

    /// Walks the file.
    pub fn run(mut self) -> FileOutput {
        self.push_frame(FrameKind::Module, &self.defs.scope);
        for (name, value) in &self.context.world.summaries[self.file as usize].global_writes {
            if let Some(&slot) = self.defs.scope.slots.get(name) {
                self.frames[0].ever[slot as usize].join(value);
            }
        }
        self.statements(&self.module.tree.body);
        if let Some(frame) = self.frames.pop() {
            self.finish_module(frame);
        }
        while let Some(next) = self.deferred.pop_front() {
            self.function_body(next);
        }
        self.read_stars();
        let mut output = self.output;
        super::imports::report_unused(self.context, self.file, &self.imported, &self.used, &mut output);
        output
            .findings
            .sort_by(|a, b| (a.range.start(), a.range.end(), a.code, &a.name).cmp(&(b.range.start(), b.range.end(), b.code, &b.name)));
        output.findings.dedup_by(|a, b| a.range == b.range && a.code == b.code && a.name == b.name);
        output
    }

    fn read_stars(&mut self) {
        if let Some(all) = &self.defs.all {
            for name in all {
                if let Some(&slot) = self.defs.scope.slots.get(name) {
                    self.used.insert((self.defs.scope.id, slot));
                }
            }
        }
    }

    fn finish_module(&mut self, frame: Frame<'a>) {
        let writes = &self.context.world.summaries[self.file as usize].global_writes;
        let mut values = if frame.env.dead { frame.ever } else { Rc::unwrap_or_clone(frame.env.slots) };
        for (name, &slot) in &self.defs.scope.slots {
            let value = &mut values[slot as usize];
            if let Some(written) = writes.get(name) {
                value.join(written);
            }
            // What a function imports for the module under `global` is known before any function is walked.
            if value.is_bottom()
                && self.defs.imports.contains_key(name)
                && let Some(imported) = self.context.world.global(self.file, name)
            {
                *value = imported;
            }
            if !value.is_bottom() {
                self.output.summary.globals.insert(name.clone(), value.clone());
            }
        }
        for (name, value) in &self.star_names {
            self.output.summary.globals.entry(name.clone()).or_insert_with(|| value.clone());
        }
        self.globals = Some(values);
    }

    pub(super) fn push_frame(&mut self, kind: FrameKind, table: &'a ScopeTable) {
        let n = table.slots.len();
        self.frames.push(Frame {
            kind,
            table,
            env: Env { slots: Rc::new(vec![Value::default(); n]), ..Env::default() },
            ever: vec![Value::default(); n],
            returns: Value::default(),
            own_returns: Value::default(),
            yields: Value::default(),
            breaks: Vec::new(),
            loops: 0,
        });
    }

    /// The innermost frame. There is always one while statements are walked.
    pub(super) fn top(&mut self) -> &mut Frame<'a> {
        self.frames.last_mut().expect("a frame is pushed before anything is walked")
    }

    /// Dotted name of the definition around this point.
    pub(super) fn scope_name(&self) -> String {
        self.qualname.last().map(|name| name.to_string()).unwrap_or_default()
    }

    /// Whether this point lies in a loop of its function.
    pub(super) fn in_loop(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.loops > 0)
    }
}

/// The libraries that a file, or a module of the project that it imports, imports at module level: one bit each.
fn imported_libraries(context: &Context<'_>, file: FileId) -> u64 {
    let world = &context.world;
    let facts = &context.rules.facts;
    let own = |file: FileId| {
        let imports = world.defs[file as usize].imports.values().flatten().filter(|import| import.level == 0);
        let found = imports.filter_map(|import| facts.library_of(&import.module));
        found.fold(0, |bits, library| bits | 1u64.checked_shl(u32::from(library)).unwrap_or(0))
    };
    let mut modules: Vec<(u32, &Name)> = world.defs[file as usize].imports.values().flatten().map(|i| (i.level, &i.module)).collect();
    modules.extend(world.defs[file as usize].stars.iter().map(|(level, module)| (*level, module)));
    modules.sort_unstable();
    modules.dedup();
    modules.into_iter().fold(own(file), |bits, (level, module)| match world.project.resolve(file, level, module) {
        Some(Resolved::File(other)) => bits | own(other),
        _ => bits,
    })
}
