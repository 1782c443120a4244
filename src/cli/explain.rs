//! `purify explain`: what a code finds, why it matters, and how the tie goes away.

use std::io::{self, Write};

use purify_analysis::codes::{self, Code};
use purify_analysis::rules::explain::Explanation;
use serde_json::{Value, json};

use crate::args::{ExplainArgs, ExplainFormat};
use crate::failure::{Failure, closest};
use crate::output::Output;
use crate::rules;
use crate::term::{self, Color, Style};

/// Runs the command.
pub fn run(args: &ExplainArgs, color: Color) -> Result<(), Failure> {
    let rules = rules::embedded();
    let wanted: Vec<Code> = match args.all {
        true => codes::ALL.to_vec(),
        false => args.codes.iter().map(|text| code(text)).collect::<Result<_, _>>()?,
    };
    if wanted.is_empty() {
        return Err(Failure::new("no code to explain").help("name one, as in `purify explain PUR101`, or give `--all`"));
    }
    let explanations: Vec<&Explanation> =
        wanted.iter().filter_map(|code| rules.explanations.iter().find(|explanation| explanation.code == code.to_string())).collect();
    let output = Output::new(args.output_file.clone(), color);
    let style = output.style();
    output.with(|out| match args.output_format {
        ExplainFormat::Text => texts(&explanations, style, out),
        ExplainFormat::Markdown => markdown(&explanations, out),
        ExplainFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &explanations.iter().map(|one| entry(one)).collect::<Vec<_>>())?;
            writeln!(out)
        }
    })
}

fn code(text: &str) -> Result<Code, Failure> {
    Code::parse(text).ok_or_else(|| {
        let names = codes::ALL.iter().map(|code| code.name());
        let guess = closest(text, names).map_or(String::new(), |guess| format!("did you mean `{guess}`? "));
        Failure::new(format!("`{text}` is not a code")).help(format!("{guess}`purify explain --all` lists every code"))
    })
}

fn texts(explanations: &[&Explanation], style: Style, out: &mut dyn Write) -> io::Result<()> {
    for (index, one) in explanations.iter().enumerate() {
        if index > 0 {
            writeln!(out, "\n{}\n", style.dim("─".repeat(60)))?;
        }
        writeln!(out, "{} {}: {}", style.bold(&one.code), style.bold(&one.name), one.summary)?;
        if let Some(code) = Code::parse(&one.code) {
            let severity = code.default_severity();
            let on = if code.on_by_default() { "on by default" } else { "off by default" };
            let line = format!("family {}, severity {}, {on}", code.family().as_str(), severity.as_str());
            writeln!(out, "{}", style.dim(line))?;
        }
        writeln!(out)?;
        for line in wrapped(one.explanation.trim_end(), term::width().min(100)) {
            writeln!(out, "{line}")?;
        }
        for (title, text) in examples(one) {
            writeln!(out, "\n{}", style.help(format!("{title}:")))?;
            for line in text.trim_end().lines() {
                writeln!(out, "{}", format!("    {line}").trim_end())?;
            }
        }
    }
    Ok(())
}

fn markdown(explanations: &[&Explanation], out: &mut dyn Write) -> io::Result<()> {
    for (index, one) in explanations.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "# {} {}\n\n{}\n\n{}", one.code, one.name, one.summary, markdown_body(one))?;
    }
    Ok(())
}

/// The explanation and both examples as Markdown.
pub fn markdown_body(one: &Explanation) -> String {
    let mut result = one.explanation.trim_end().to_owned();
    for (title, text) in examples(one) {
        let language = if title == CONFIGURATION { "toml" } else { "python" };
        result.push_str(&format!("\n\n{title}:\n\n```{language}\n{}\n```", text.trim_end()));
    }
    result
}

const CONFIGURATION: &str = "With this configuration";

/// What there is to see of the examples, each with a title.
fn examples(one: &Explanation) -> Vec<(String, &str)> {
    let mut result: Vec<(String, &str)> = one.config.iter().map(|config| (CONFIGURATION.to_owned(), config.as_str())).collect();
    result.extend(one.files.iter().filter(|(_, text)| !text.is_empty()).map(|(path, text)| (format!("Beside `{path}`"), text.as_str())));
    result.extend([("Found".to_owned(), one.bad.as_str()), ("Not found".to_owned(), one.good.as_str())]);
    result
}

/// Paragraphs of `text` with their lines broken anew to fit `width`.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split("\n\n") {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

fn entry(one: &Explanation) -> Value {
    json!({
        "code": one.code,
        "name": one.name,
        "family": Code::parse(&one.code).map(|code| code.family().as_str()),
        "severity": Code::parse(&one.code).map(|code| code.default_severity().as_str()),
        "on_by_default": Code::parse(&one.code).map(Code::on_by_default),
        "summary": one.summary,
        "explanation": one.explanation,
        "file": one.file.as_deref().unwrap_or("example.py"),
        "files": one.files,
        "config": one.config,
        "bad": one.bad,
        "good": one.good,
    })
}

#[cfg(test)]
mod page {
    use super::*;

    #[test]
    fn the_page_of_codes_is_the_one_of_the_rules() {
        let rules = rules::embedded();
        let mut text = "# Finding codes\n\n<!-- Made from rules/codes; `UPDATE=1 cargo test` refreshes it. -->\n".to_owned();
        for one in rules.explanations.iter() {
            let code = Code::parse(&one.code).unwrap();
            let on = if code.on_by_default() { "on" } else { "off" };
            let facts = format!("Family {}, severity {}, {on} by default.", code.family().as_str(), code.default_severity().as_str());
            text.push_str(&format!("\n## {} {}\n\n{}\n\n{facts}\n\n{}\n", one.code, one.name, one.summary, markdown_body(one)));
        }
        crate::checked_in("docs/codes.md", &text);
    }
}
