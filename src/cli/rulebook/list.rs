//! `purify rules list` and `purify rules explain`.

use std::io::{self, Write};
use std::path::Path;

use purify_analysis::RuleSet;
use purify_analysis::rules::op::{ALIAS, Action, Form, Piece, Rule, Template};
use purify_analysis::rules::signature::{Passing, Signature};
use serde_json::{Value, json};

use super::{becomes, book, chosen};
use crate::Status;
use crate::args::{RulesExplainArgs, RulesFormat, RulesListArgs};
use crate::failure::Failure;
use crate::output::Output;
use crate::term::{Color, Style};

/// Runs `purify rules list`.
pub fn list(args: &RulesListArgs, cwd: &Path, color: Color) -> Result<Status, Failure> {
    let set = book(&args.files, cwd)?;
    let rules = chosen(&set, &args.texts)?;
    let output = Output::new(None, color);
    output.with(|out| match args.output_format {
        RulesFormat::Json => json_to(&rules.iter().map(|rule| entry(&set, rule)).collect::<Vec<_>>(), out),
        RulesFormat::Text => rules.iter().try_for_each(|rule| row(&set, rule, output.style(), out)),
    })?;
    Ok(Status::Clean)
}

/// Runs `purify rules explain`.
pub fn explain(args: &RulesExplainArgs, cwd: &Path, color: Color) -> Result<Status, Failure> {
    let set = book(&args.files, cwd)?;
    let mut rules = Vec::new();
    for text in &args.rules {
        // An exact name means that rule or API, anything else all that contain it.
        let exact: Vec<&Rule> = set.rules.rules.iter().filter(|r| *r.id == **text || r.apis.iter().any(|api| **api == **text)).collect();
        rules.extend(if exact.is_empty() { chosen(&set, std::slice::from_ref(text))? } else { exact });
    }
    let output = Output::new(None, color);
    output.with(|out| match args.output_format {
        RulesFormat::Json => json_to(&rules.iter().map(|rule| entry(&set, rule)).collect::<Vec<_>>(), out),
        RulesFormat::Text => rules.iter().enumerate().try_for_each(|(i, rule)| {
            if i > 0 {
                writeln!(out)?;
            }
            text(&set, rule, output.style(), out)
        }),
    })?;
    Ok(Status::Clean)
}

fn json_to(value: &[Value], out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

fn row(set: &RuleSet, rule: &Rule, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let more = if rule.apis.len() > 1 { format!(" and {} more", rule.apis.len() - 1) } else { String::new() };
    let api = format!("{}{more}", rule.apis.first().map_or("", |api| &**api));
    let id = style.bold(format!("{:44}", rule.id)).to_string();
    writeln!(out, "{}", format!("{id} {api:44} {:28} {}", becomes(set, rule), applicability(rule)).trim_end())
}

fn applicability(rule: &Rule) -> &'static str {
    match (&rule.action, rule.applicability) {
        (Action::Refuse(_) | Action::Keep, _) => "",
        (_, purify_analysis::rules::op::Applicability::Safe) => "safe",
        (_, purify_analysis::rules::op::Applicability::Unsafe) => "unsafe",
        (_, purify_analysis::rules::op::Applicability::Display) => "display",
    }
}

fn entry(set: &RuleSet, rule: &Rule) -> Value {
    json!({
        "id": &*rule.id,
        "apis": rule.apis.iter().map(|api| &**api).collect::<Vec<_>>(),
        "kind": if rule.attribute { "attribute" } else { "call" },
        "file": &*rule.file,
        "op": rule.op.as_deref(),
        "becomes": becomes(set, rule),
        "signature": rule.signature.as_deref().map(signature),
        "applicability": applicability(rule),
        "why": &*rule.why,
        "refusal": if let Action::Refuse(text) = &rule.action { Some(&**text) } else { None },
        "unsupported": sorted(&rule.unsupported),
        "ignored": sorted(&rule.ignored),
        "docs": &*rule.docs,
        "examples": rule.tests.iter().map(|e| json!({ "name": e.name, "before": e.before, "after": e.after })).collect::<Vec<_>>(),
    })
}

fn sorted(map: &rustc_hash::FxHashMap<std::sync::Arc<str>, std::sync::Arc<str>>) -> std::collections::BTreeMap<&str, &str> {
    map.iter().map(|(name, text)| (&**name, &**text)).collect()
}

fn text(set: &RuleSet, rule: &Rule, style: Style, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}: {}", style.bold(&rule.id), becomes(set, rule))?;
    let mut line = |name: &str, text: &str| if text.is_empty() { Ok(()) } else { writeln!(out, "  {name:12} {text}") };
    line("file", &rule.file)?;
    for api in &rule.apis {
        line("api", api)?;
    }
    line("signature", &rule.signature.as_deref().map(signature).unwrap_or_default())?;
    let conditions: Vec<String> = rule.when.iter().map(|c| format!("`{}` is {}", c.parameter, asked(&c.test))).collect();
    line("when", &conditions.join(", "))?;
    line("followed by", &rule.member.join(" or "))?;
    let alias = &*set.target.alias;
    match &rule.action {
        Action::Call(args) => {
            for (name, form) in args {
                line("argument", &format!("{name} = {}", written(form, alias)))?;
            }
        }
        Action::Template(template) | Action::Statement(template) => line("text", &filled(template, alias))?,
        Action::Refuse(reason) => line("reason", reason)?,
        Action::Drop | Action::Keep => {}
    }
    for (name, reason) in sorted(&rule.unsupported) {
        line("refuses", &format!("{name}: {reason}"))?;
    }
    for (name, reason) in sorted(&rule.ignored) {
        line("leaves out", &format!("{name}: {reason}"))?;
    }
    line("sure", &[applicability(rule), &*rule.why].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(": "))?;
    line("notes", &rule.docs)?;
    for example in &rule.tests {
        writeln!(out, "\n  {}", style.bold(&example.name))?;
        let after = example.after.as_deref().unwrap_or(&example.before);
        let changes = similar::TextDiff::from_lines(example.before.as_str(), after);
        for change in changes.iter_all_changes() {
            let sign = match change.tag() {
                similar::ChangeTag::Delete => "-",
                similar::ChangeTag::Insert => "+",
                similar::ChangeTag::Equal => " ",
            };
            writeln!(out, "{}", format!("    {sign}{}", change.value().trim_end()).trim_end())?;
        }
    }
    Ok(())
}

/// A signature as Python writes it.
pub fn signature(signature: &Signature) -> String {
    let mut parts: Vec<String> = Vec::new();
    let parameters = &signature.parameters;
    for (i, parameter) in parameters.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| parameters[i].passing);
        if before == Some(Passing::Position) && parameter.passing != Passing::Position {
            parts.push("/".into());
        }
        if parameter.passing == Passing::Keyword && !matches!(before, Some(Passing::Keyword | Passing::Star)) {
            parts.push("*".into());
        }
        let stars = match parameter.passing {
            Passing::Star => "*",
            Passing::DoubleStar => "**",
            _ => "",
        };
        let default = parameter.default.as_ref().map_or(String::new(), |default| format!("={default}"));
        parts.push(format!("{stars}{}{default}", parameter.name));
    }
    if parameters.last().is_some_and(|p| p.passing == Passing::Position) {
        parts.push("/".into());
    }
    format!("({})", parts.join(", "))
}

fn asked(test: &purify_analysis::rules::kind::Test) -> String {
    use purify_analysis::rules::kind::Test;
    match test {
        Test::Equals(text) => text.to_string(),
        Test::IsNone => "none".into(),
        Test::NotNone => "not none".into(),
        other => format!("{other:?}").to_lowercase(),
    }
}

fn written(form: &Form, alias: &str) -> String {
    let spelled = |text: &str| text.replace(ALIAS, alias);
    match form {
        Form::From { parameter, default, map, template } => {
            let mut text = template.as_ref().map_or_else(|| parameter.to_string(), |template| filled(template, alias));
            if let Some(map) = map {
                text.push_str(&format!(" ({})", map.iter().map(|(k, v)| format!("{k} as {}", spelled(v))).collect::<Vec<_>>().join(", ")));
            }
            if let Some(default) = default {
                text.push_str(&format!(", {} when left out", spelled(default)));
            }
            text
        }
        Form::Value(text) => spelled(text),
        Form::Pack(parameter) => format!("*{parameter} as one tuple"),
        Form::Tuple(parameters) => format!("({})", parameters.join(", ")),
    }
}

fn filled(template: &Template, alias: &str) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => text.replace(ALIAS, alias),
        Piece::Hole(name) => format!("{{{name}}}"),
    };
    template.0.iter().map(piece).collect()
}
