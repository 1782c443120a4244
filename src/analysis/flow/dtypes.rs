//! Dtype and device of what a call gives.

use ruff_python_ast::Expr;

use super::arguments::Call;
use super::value::{Atom, Dtype, Place, Value};
use super::walk::Walker;
use crate::rules::library::Fact;

impl<'a> Walker<'a> {
    /// Dtype and device of what a call gives, where the call says so.
    pub(super) fn refine_dtype(&mut self, value: &mut Value, fact: &Fact, name: &str, call: &Call<'_, 'a>) {
        use crate::rules::Trait;
        if value.array().is_none() {
            return;
        }
        let mut dtype = None;
        let mut place = None;
        if let Some(cast) = &fact.cast {
            dtype = Some(Dtype::parse(cast));
        } else if let Some(argument) = call.arguments.iter().find(|a| a.name == Some("dtype")) {
            dtype = Some(self.dtype_of(&argument.value, argument.expr));
        } else if fact.traits.has(Trait::Cast) || fact.traits.has(Trait::DeviceByArg) {
            for argument in call.arguments.iter().filter(|a| a.name.is_none()) {
                let found = self.dtype_of(&argument.value, argument.expr);
                if found != Dtype::Unknown {
                    dtype = Some(found);
                }
            }
            if dtype.is_none() && fact.traits.has(Trait::Cast) && !fact.traits.has(Trait::DeviceByArg) {
                dtype = Some(Dtype::Unknown);
            }
        }
        if fact.traits.has(Trait::ToHost) {
            place = Some(Place::Host);
        } else if fact.traits.has(Trait::ToDevice) {
            place = Some(Place::Accelerator);
        } else {
            let device = call.arguments.iter().find(|a| a.name == Some("device"));
            let positional = fact.traits.has(Trait::DeviceByArg).then(|| call.arguments.iter().find(|a| a.name.is_none())).flatten();
            if let Some(argument) = device.or(positional) {
                if let Some(found) = self.place_of_device(&argument.value, argument.expr) {
                    place = Some(found);
                } else if device.is_some() || dtype.is_none_or(|d| d == Dtype::Unknown) {
                    place = Some(Place::Unknown);
                }
            }
        }
        let _ = name;
        for atom in &mut value.atoms {
            if let Atom::Array(tag) = atom {
                if let Some(dtype) = dtype {
                    tag.dtype = dtype;
                }
                if let Some(place) = place {
                    tag.place = place;
                }
            }
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
