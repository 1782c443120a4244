//! Round trips: values that leave their library or their device and come back.

use ruff_python_ast::{Expr, ExprCall};
use ruff_text_size::{Ranged, TextRange};

use super::arguments::Argument;
use super::emit::sureness;
use super::value::{Atom, Place, Value};
use super::walk::Walker;
use crate::codes;
use crate::finding::Note;
use crate::rules::{Trait, Traits};

/// The calls a value went through since it left its library or its device.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    /// Whether it left an accelerator, or may have.
    pub left_device: bool,
    /// The library it left.
    pub left_library: Option<u8>,
    /// The steps.
    pub steps: Vec<(TextRange, String)>,
    /// Where the finding stands, once the value is back.
    pub reported: Option<usize>,
}

impl<'a> Walker<'a> {
    /// Follows a value through the calls that take it out of its library or off its device, and reports when it comes back.
    pub(super) fn follow_trail(&mut self, call: &'a ExprCall, callee: &Value, receiver: Option<&Value>, arguments: &[Argument<'a>]) {
        if !self.reporting {
            return;
        }
        let facts = &self.context.rules.facts;
        let file = self.file;
        // What goes in: the receiver of a method, the first array argument of a function.
        let input = match (callee.atoms.first(), receiver) {
            (Some(Atom::LibraryMethod(..)), Some(receiver)) => Some(receiver),
            _ => arguments.iter().map(|a| &a.value).find(|v| v.array().is_some()),
        };
        let Some(input) = input else { return };
        let Some(tag) = input.array() else { return };
        let traits = match callee.atoms.first() {
            Some(Atom::LibraryMethod(_, name)) => facts.member_traits(tag.class, name),
            Some(Atom::External(name)) => facts.get(name).map(|f| f.traits).unwrap_or_default(),
            _ => Traits::default(),
        };
        let before = input.origin.filter(|o| o.file == file).and_then(|o| self.trails.get(&o.range)).cloned();
        let range = match &*call.func {
            Expr::Attribute(attribute) => attribute.attr.range(),
            other => other.range(),
        };
        let to_place = self.call_place(traits, arguments);
        let leaves_library = traits.has(Trait::ConvertOut);
        let leaves_device = traits.has(Trait::ToHost) || to_place == Some(Place::Host);
        // What is taken off its gradient is about to leave: `x.detach().cpu()`.
        let sets_out = traits.has(Trait::Gradient);
        if before.is_none() && !leaves_device && !leaves_library && !sets_out {
            return;
        }
        let name = match callee.atoms.first() {
            Some(Atom::LibraryMethod(_, name)) => format!("{}.{name}", facts.class(tag.class).name),
            Some(Atom::External(name)) => name.to_string(),
            _ => String::new(),
        };
        let enters_device = traits.has(Trait::ToDevice)
            || to_place == Some(Place::Accelerator)
            || (traits.has(Trait::DeviceByArg) && to_place.is_none() && self.device_like(arguments));
        let target = callee.atoms.first().and_then(|a| if let Atom::External(n) = a { facts.library_of(n) } else { None });
        if let Some(at) = before.as_ref().and_then(|trail| trail.reported) {
            // What only moves the value on belongs to the way back: `from_numpy(y).to(device)`.
            if let (true, Some(finding)) = (enters_device || leaves_device, self.output.findings.get_mut(at)) {
                finding.notes.push(Note { file: None, range, text: format!("goes on through `{name}`") });
            }
            return;
        }
        if let Some(trail) = &before {
            let back =
                (enters_device && trail.left_device) || (traits.has(Trait::ConvertIn) && target.is_some() && target == trail.left_library);
            if back {
                let mut notes: Vec<Note> =
                    trail.steps.iter().map(|(range, text)| Note { file: None, range: *range, text: text.clone() }).collect();
                notes.push(Note { file: None, range, text: format!("comes back through `{name}`") });
                let hot = if self.in_loop() {
                    ", in a loop"
                } else if self.is_hot() {
                    ", in a forward pass"
                } else {
                    ""
                };
                let way = if trail.left_library.is_some() && traits.has(Trait::ConvertIn) {
                    "leaves its library and comes back"
                } else {
                    "leaves its device and comes back"
                };
                let message = format!("a value {way} in {} steps{hot}", notes.len());
                self.report(
                    codes::ROUND_TRIP,
                    sureness(input),
                    range,
                    &name,
                    message,
                    notes,
                    Some("keep the value where it was: do the work between with the library it came from".into()),
                );
                if self.output.findings.last().is_some_and(|finding| finding.code == codes::ROUND_TRIP && finding.range == range) {
                    let reported = Some(self.output.findings.len() - 1);
                    self.trails.insert(call.range(), Trail { reported, ..Trail::default() });
                }
                return;
            }
        }
        if sets_out && before.is_none() {
            let steps = vec![(range, format!("sets out through `{name}`"))];
            self.trails.insert(call.range(), Trail { steps, ..Trail::default() });
        } else if leaves_device || leaves_library {
            let mut trail = before.unwrap_or_default();
            trail.left_device |= leaves_device || leaves_library;
            if leaves_library {
                trail.left_library = Some(tag.library);
            }
            let text = if leaves_library {
                format!("leaves {} through `{name}`", facts.library(tag.library).title)
            } else {
                format!("leaves the device through `{name}`")
            };
            trail.steps.push((range, text));
            self.trails.insert(call.range(), trail);
        } else if let Some(mut trail) = before {
            if trail.steps.len() < 12 && !name.is_empty() {
                trail.steps.push((range, format!("passes through `{name}`")));
            }
            self.trails.insert(call.range(), trail);
        }
    }

    fn call_place(&self, traits: Traits, arguments: &[Argument<'a>]) -> Option<Place> {
        let argument = arguments
            .iter()
            .find(|a| a.name == Some("device"))
            .or_else(|| if traits.has(Trait::DeviceByArg) { arguments.iter().find(|a| a.name.is_none()) } else { None })?;
        self.place_of_device(&argument.value, argument.expr)
    }

    /// Whether the argument of a method that moves or casts is a device rather than a dtype.
    fn device_like(&self, arguments: &[Argument<'a>]) -> bool {
        arguments.iter().any(|a| {
            a.name == Some("device")
                || matches!(a.value.single(), Some(Atom::Device(_)))
                || super::defs::last_name(a.expr).is_some_and(|n| n == "device")
        })
    }

    /// An operator keeps a value on its trail.
    pub(super) fn carry_trail(&mut self, range: TextRange, operands: &[&Value]) {
        if self.trails.is_empty() {
            return;
        }
        let on_its_way = |range: TextRange| self.trails.get(&range).filter(|trail| trail.reported.is_none()).cloned();
        let found = operands.iter().filter_map(|v| v.origin).find_map(|o| on_its_way(o.range));
        if let Some(trail) = found {
            self.trails.insert(range, trail);
        }
    }
}
