//! Dtype and device of what a call gives.

use ruff_python_ast::Expr;

use super::arguments::{Call, first_argument};
use super::value::{Atom, Dtype, Place, Value};
use super::walk::Walker;
use crate::rules::Trait;
use crate::rules::library::{Fact, LibraryRef};

impl<'a> Walker<'a> {
    /// Dtype and device of what a call gives, where the call says so.
    pub(super) fn refine_dtype(
        &mut self,
        value: &mut Value,
        fact: &Fact,
        library: LibraryRef,
        receiver: Option<&Value>,
        call: &Call<'_, 'a>,
    ) {
        if value.array().is_none() {
            return;
        }
        let dtype = self.called_dtype(fact, library, receiver, call);
        let place = self.called_place(fact, dtype, call);
        for atom in &mut value.atoms {
            if let Atom::Array(tag) = atom {
                tag.dtype = dtype.unwrap_or(tag.dtype);
                tag.place = place.unwrap_or(tag.place);
            }
        }
    }

    /// The dtype that a call decides on, if it does.
    fn called_dtype(&self, fact: &Fact, library: LibraryRef, receiver: Option<&Value>, call: &Call<'_, 'a>) -> Option<Dtype> {
        let traits = fact.traits;
        if let Some(cast) = &fact.cast {
            return Some(Dtype::parse(cast));
        }
        let passed = call.passed("dtype").into_iter().next();
        if let Some(argument) = passed.filter(|a| !a.expr.is_none_literal_expr()) {
            return Some(self.dtype_of(&argument.value, argument.expr));
        }
        if traits.has(Trait::Cast) || traits.has(Trait::DeviceByArg) {
            let positional = || call.arguments.iter().filter(|a| a.name.is_none());
            let named = positional().map(|a| self.dtype_of(&a.value, a.expr)).rfind(|d| *d != Dtype::Unknown);
            // What is no device may be a dtype, or an array whose dtype is taken over.
            let only_moves = traits.has(Trait::DeviceByArg)
                && positional().all(|a| {
                    a.expr.is_string_literal_expr()
                        || matches!(a.value.single(), Some(Atom::Device(_)))
                        || super::defs::last_name(a.expr) == Some("device")
                });
            return named.or((!only_moves).then_some(Dtype::Unknown));
        }
        if let Some(result) = &fact.result {
            return Some(Dtype::parse(result));
        }
        // What is unpacked into the call may name a dtype.
        if call.arguments.iter().any(|a| a.unpacked) {
            return None;
        }
        if traits.has(Trait::DefaultFloat) {
            return Some(self.default_float(library));
        }
        if traits.has(Trait::DtypeOfValue) {
            return receiver.or_else(|| first_argument(Some(call))).map(|value| self.dtype_inside(value, library, 4));
        }
        None
    }

    /// The dtype of floats that `library` makes without being told one, unless the project changes it.
    fn default_float(&self, library: LibraryRef) -> Dtype {
        let facts = &self.context.rules.facts;
        if self.context.changed_floats[usize::from(library)] {
            return Dtype::Unknown;
        }
        facts.library(library).float.as_deref().map_or(Dtype::Unknown, Dtype::parse)
    }

    /// The dtype that the array of `value`, or of what it holds, has.
    fn dtype_inside(&self, value: &Value, library: LibraryRef, depth: u8) -> Dtype {
        let mut widest: Option<Dtype> = None;
        for atom in &value.atoms {
            let inner = |v: &Value| if depth == 0 { Dtype::Unknown } else { self.dtype_inside(v, library, depth - 1) };
            let found = match atom {
                Atom::Array(tag) => tag.dtype,
                Atom::Bool => Dtype::Bool,
                Atom::Int => Dtype::Int64,
                Atom::Float => self.default_float(library),
                Atom::List(v) | Atom::TupleOf(v) => inner(v),
                Atom::Tuple(items) => {
                    let all = items.iter().fold(Value::default(), |all, item| all.joined(item));
                    inner(&all)
                }
                _ => Dtype::Unknown,
            };
            let plain = |d: Dtype| matches!(d, Dtype::Bool | Dtype::Int64) || d.is_float();
            widest = Some(match widest {
                None => found,
                Some(other) if other == found => found,
                // Python numbers of several types become the widest of them.
                Some(other) if plain(other) && plain(found) && !atom_is_array(atom) => other.max(found),
                Some(_) => Dtype::Unknown,
            });
        }
        widest.unwrap_or_default()
    }

    /// Where a call puts its result, if it decides on that.
    fn called_place(&self, fact: &Fact, dtype: Option<Dtype>, call: &Call<'_, 'a>) -> Option<Place> {
        let traits = fact.traits;
        if traits.has(Trait::ToHost) {
            return Some(Place::Host);
        }
        if traits.has(Trait::ToDevice) {
            return Some(Place::Accelerator);
        }
        let device = call.arguments.iter().find(|a| a.name == Some("device"));
        let positional = traits.has(Trait::DeviceByArg).then(|| call.arguments.iter().find(|a| a.name.is_none())).flatten();
        let argument = device.or(positional)?;
        match self.place_of_device(&argument.value, argument.expr) {
            Some(place) => Some(place),
            None => (device.is_some() || dtype.is_none_or(|d| d == Dtype::Unknown)).then_some(Place::Unknown),
        }
    }

    /// The dtype that an argument names.
    pub(super) fn dtype_of(&self, value: &Value, expr: &Expr) -> Dtype {
        if let Expr::StringLiteral(text) = expr {
            return Dtype::parse(text.value.to_str());
        }
        match value.single() {
            Some(Atom::Dtype(dtype)) => *dtype,
            Some(Atom::External(name)) => match &**name {
                "builtins.float" => Dtype::Float64,
                "builtins.int" => Dtype::Int64,
                "builtins.bool" => Dtype::Bool,
                "builtins.complex" => Dtype::Complex128,
                name => self.context.rules.facts.get(name).and_then(|f| f.dtype.as_deref()).map_or(Dtype::Unknown, Dtype::parse),
            },
            _ => Dtype::Unknown,
        }
    }

    /// Where a device argument says an array goes.
    pub(super) fn place_of_device(&self, value: &Value, expr: &Expr) -> Option<Place> {
        if let Expr::StringLiteral(text) = expr {
            return device_place(text.value.to_str());
        }
        match value.single() {
            Some(Atom::Device(place)) if *place != Place::Unknown => Some(*place),
            _ => None,
        }
    }
}

/// Where the device called `name` is.
pub fn device_place(name: &str) -> Option<Place> {
    match name.split(':').next() {
        Some("cpu") => Some(Place::Host),
        Some("cuda" | "mps" | "xpu" | "hip" | "gpu" | "tpu") => Some(Place::Accelerator),
        _ => None,
    }
}

fn atom_is_array(atom: &Atom) -> bool {
    matches!(atom, Atom::Array(_))
}
