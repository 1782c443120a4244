//! Names that nothing defines.

use ruff_python_ast::ExprName;
use ruff_python_stdlib::builtins::{is_python_builtin, python_magic_globals};

use super::project::Resolved;
use super::value::FileId;
use super::walk::Walker;
use crate::codes;
use crate::finding::Confidence;
use crate::source::SourceKind;

/// The minor version of Python whose builtins count: the newest.
const NEWEST: u8 = 14;

impl<'a> Walker<'a> {
    /// Reports a name that was looked up in vain.
    pub(super) fn report_undefined(&mut self, expr: &'a ExprName) {
        let source = &self.context.files[self.file as usize];
        if self.quiet() || !self.context.policy.enabled_at(codes::UNDEFINED_NAME, &source.path) || self.is_defined(&expr.id) {
            return;
        }
        let name = expr.id.as_str();
        self.report(
            codes::UNDEFINED_NAME,
            Confidence::Certain,
            expr.range,
            name,
            format!("`{name}` is not defined"),
            Vec::new(),
            Some("import it, or correct its spelling".into()),
        );
    }

    fn is_defined(&self, name: &str) -> bool {
        let source = &self.context.files[self.file as usize];
        let notebook = source.kind == SourceKind::Notebook;
        let in_class = matches!(name, "__class__" | "__module__" | "__qualname__") && self.enclosing_class().is_some();
        self.guarded_names > 0
            || in_class
            || self.defs.type_parameters.contains(name)
            || self.defs.scope.slots.contains_key(name)
            || self.frames.iter().any(|frame| frame.table.slots.contains_key(name))
            || is_python_builtin(name, NEWEST, notebook)
            || python_magic_globals(NEWEST).any(|magic| magic == name)
            || self.may_come_otherwise(self.file, 8)
    }

    /// Whether a file may have names that its text does not show: by stars that lead out of the project, or set at run time.
    fn may_come_otherwise(&self, file: FileId, depth: u8) -> bool {
        let text = &self.context.files[file as usize].text;
        if depth == 0 || text.contains("globals()") || text.contains("exec(") {
            return true;
        }
        let world = &self.context.world;
        world.defs[file as usize].stars.iter().any(|(level, module)| match world.project.resolve(file, *level, module) {
            Some(Resolved::File(other)) => {
                let lazy = world.defs[other as usize].top_functions.contains_key("__getattr__");
                lazy || (other != file && self.may_come_otherwise(other, depth - 1))
            }
            _ => true,
        })
    }
}
