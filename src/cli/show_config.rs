//! `purify config`: which settings are in force for a path, and where each was set.

use std::io::{self, Write};

use serde_json::json;

use crate::args::{ConfigArgs, ConfigFormat};
use crate::config::{self, Entry, KEYS, Origin};
use crate::failure::Failure;
use crate::output::Output;
use crate::paths;
use crate::project::Configs;
use crate::term::{Color, Style};

/// Runs the command.
pub fn run(args: &ConfigArgs, color: Color) -> Result<(), Failure> {
    let output = Output::new(None, color);
    let style = output.style();
    if args.schema {
        return output.with(|out| {
            serde_json::to_writer_pretty(&mut *out, &config::schema())?;
            writeln!(out)
        });
    }
    if args.keys {
        return output.with(|out| keys(style, out));
    }
    let cwd = crate::current_dir()?;
    let path = paths::absolute(&args.path, &cwd);
    let metadata = std::fs::metadata(&path)
        .map_err(|error| Failure::new(format!("cannot find `{}`", args.path.display())).because(crate::io_message(&error)))?;
    let dir = if metadata.is_dir() { path.as_path() } else { path.parent().unwrap_or(&path) };
    let mut configs = Configs::new(&args.config, args.isolated, &cwd)?;
    let (file, options) = (configs.above(dir)?.map(|file| file.path.clone()), configs.options_above(dir)?);
    let origin = |origin: &Origin| match origin {
        Origin::File { path, line } => format!("{}:{line}", paths::relative(path, &cwd)),
        Origin::CommandLine => "command line".to_owned(),
    };
    let entries = options.entries();
    let file = file.map(|file| paths::relative(&file, &cwd));
    output.with(|out| match args.output_format {
        ConfigFormat::Text => text(file.as_deref(), &entries, &origin, style, out),
        ConfigFormat::Json => {
            let rows = entries.iter().map(|entry| {
                let (value, from) = entry.value.as_ref().map_or((None, None), |(value, from)| (Some(value), Some(origin(from))));
                json!({ "key": entry.key.name, "value": value, "default": entry.key.default, "from": from })
            });
            serde_json::to_writer_pretty(&mut *out, &json!({ "file": file, "settings": rows.collect::<Vec<_>>() }))?;
            writeln!(out)
        }
    })
}

fn text(file: Option<&str>, entries: &[Entry], origin: &dyn Fn(&Origin) -> String, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match file {
        Some(file) => writeln!(out, "{}", style.dim(format!("# {file}")))?,
        None => writeln!(out, "{}", style.dim("# no configuration file; everything is at its default"))?,
    }
    for entry in entries {
        match &entry.value {
            Some((value, from)) => {
                writeln!(out, "{} = {value}  {}", style.bold(entry.key.name), style.dim(format!("# {}", origin(from))))?;
            }
            None => writeln!(out, "{}", style.dim(format!("# {} = {}", entry.key.name, entry.key.default)))?,
        }
    }
    Ok(())
}

fn keys(style: Style, out: &mut dyn Write) -> io::Result<()> {
    for (index, key) in KEYS.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{} = {}", style.bold(key.name), key.example)?;
        writeln!(out, "    {}", key.doc)?;
        writeln!(out, "    {}", style.dim(format!("default: {}", key.default)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Key;

    #[test]
    fn the_checked_in_schema_is_the_one_of_the_table() {
        let text = serde_json::to_string_pretty(&config::schema()).unwrap() + "\n";
        crate::checked_in("docs/schemas/config.schema.json", &text);
    }

    #[test]
    fn the_page_of_keys_is_the_one_of_the_table() {
        let mut text = PAGE_HEAD.to_owned();
        for key in KEYS {
            let Key { name, default, example, doc } = key;
            text.push_str(&format!("\n## `{name}`\n\n{doc}\n\nDefault: {default}\n\n```toml\n{name} = {example}\n```\n"));
        }
        crate::checked_in("docs/configuration.md", &text);
    }

    const PAGE_HEAD: &str = "\
# Configuration

<!-- Made from the table in src/cli/config/options.rs; `UPDATE=1 cargo test` refreshes it. -->

purify reads `[tool.purify]` of `pyproject.toml`, or the top level of `purify.toml` or `.purify.toml`. For each file the nearest
one at or above its folder holds; of several in one folder, `.purify.toml` comes before `purify.toml` before `pyproject.toml`.
`purify config PATH` shows what is in force for a path, and where each value was set; options of the command win over files.

Files with the same nearest configuration are one project and are analysed together. A folder with a configuration of its own
is a project of its own: its values reach the analysis of its files only, and values of its functions are not known outside.

Globs are relative to the folder of the configuration file (to the current directory for one named by `--config FILE`). A glob
without a slash matches names anywhere; a folder stands for everything below it.

Editors check the file by `docs/schemas/config.schema.json` (`purify config --schema`).
";

    #[test]
    fn every_example_is_a_legal_value() {
        for key in KEYS.iter().filter(|key| key.name != "extend") {
            config::from_command_line(&[format!("{}={}", key.name, key.example)]).unwrap();
        }
    }
}
