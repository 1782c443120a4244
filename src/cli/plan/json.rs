//! The plan as JSON. The form is versioned and described by `docs/schemas/plan.schema.json`.

use std::io::{self, Write};

use purify_analysis::plan::model::Plan;
use serde::Serialize;

use super::since::Since;

/// Raised whenever a field changes its meaning or goes away; new fields do not raise it.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    since: Option<&'a Since>,
    #[serde(flatten)]
    plan: &'a Plan,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

/// Writes the document.
pub fn write(plan: &Plan, since: Option<&Since>, out: &mut dyn Write) -> io::Result<()> {
    let tool = Tool { name: "purify", version: env!("CARGO_PKG_VERSION") };
    serde_json::to_writer_pretty(&mut *out, &Document { version: VERSION, tool, since, plan })?;
    writeln!(out)
}
