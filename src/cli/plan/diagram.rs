//! The files with ties and what they need of each other, as a diagram for Mermaid or Graphviz.

use std::fmt::Write;

use purify_analysis::plan::model::{Blocker, Item, Plan, Status};
use purify_analysis::plan::references::Scope;

/// Files that stand in a diagram: with something to do.
fn nodes(plan: &Plan) -> Vec<&Item> {
    plan.items.iter().filter(|item| matches!(item.status, Status::Ready | Status::Blocked | Status::Delete)).collect()
}

/// A flowchart of Mermaid: phases as boxes, lazy needs dotted.
pub fn mermaid(plan: &Plan) -> String {
    let items = nodes(plan);
    let id = |path: &str| items.iter().position(|item| item.path == path);
    let mut text = String::from("flowchart BT\n");
    for phase in &plan.phases {
        let _ = writeln!(text, "  subgraph phase{}[\"{}. {}\"]", phase.number, phase.number, quoted(&phase.name));
        for (index, item) in items.iter().enumerate().filter(|(_, item)| item.phase == phase.number) {
            let _ = writeln!(text, "    f{index}[\"{}\"]:::{}", quoted(&item.path), item.status.as_str().to_lowercase());
        }
        text.push_str("  end\n");
    }
    for (index, missing) in plan.missing.iter().enumerate() {
        let _ = writeln!(text, "  m{index}([\"{}\"]):::missing", quoted(missing.name.name()));
    }
    for (index, item) in items.iter().enumerate() {
        for dependency in &item.depends_on {
            if let Some(to) = id(&dependency.path) {
                let arrow = if dependency.scope.on_import() { "-->" } else { "-.->" };
                let _ = writeln!(text, "  f{index} {arrow} f{to}");
            }
        }
        for op in own_needs(item) {
            if let Some(to) = plan.missing.iter().position(|missing| missing.name == *op) {
                let _ = writeln!(text, "  f{index} ==> m{to}");
            }
        }
    }
    text.push_str("  classDef ready fill:#d8f3dc,stroke:#2d6a4f,color:#081c15\n");
    text.push_str("  classDef blocked fill:#ffe5d9,stroke:#9d4e15,color:#331800\n");
    text.push_str("  classDef delete fill:#e9ecef,stroke:#6c757d,color:#212529,stroke-dasharray:4\n");
    text.push_str("  classDef missing fill:#ffccd5,stroke:#a4133c,color:#590d22\n");
    text
}

/// A graph of Graphviz.
pub fn dot(plan: &Plan) -> String {
    let items = nodes(plan);
    let mut text = String::from("digraph plan {\n  rankdir = BT;\n  node [shape = box, style = filled, fontname = \"sans-serif\"];\n");
    for phase in &plan.phases {
        let _ = writeln!(text, "  subgraph cluster_{} {{\n    label = \"{}. {}\";", phase.number, phase.number, escaped(&phase.name));
        for item in items.iter().filter(|item| item.phase == phase.number) {
            let colour = match item.status {
                Status::Ready => "#d8f3dc",
                Status::Blocked => "#ffe5d9",
                _ => "#e9ecef",
            };
            let _ = writeln!(text, "    \"{}\" [fillcolor = \"{colour}\", tooltip = \"{}\"];", escaped(&item.path), escaped(&item.reason));
        }
        text.push_str("  }\n");
    }
    for missing in &plan.missing {
        let _ =
            writeln!(text, "  \"missing {}\" [label = \"{0}\", shape = ellipse, fillcolor = \"#ffccd5\"];", escaped(missing.name.name()));
    }
    for item in &items {
        for dependency in &item.depends_on {
            let style = match dependency.scope {
                Scope::Top | Scope::Try => "solid",
                _ => "dashed",
            };
            let _ = writeln!(text, "  \"{}\" -> \"{}\" [style = {style}];", escaped(&item.path), escaped(&dependency.path));
        }
        for op in own_needs(item) {
            let _ = writeln!(text, "  \"{}\" -> \"missing {}\" [style = bold];", escaped(&item.path), escaped(op.name()));
        }
    }
    text.push_str("}\n");
    text
}

/// What the target lacks for the file itself, not for what it uses.
fn own_needs(item: &Item) -> Vec<&Blocker> {
    let mut needs: Vec<&Blocker> = item.symbols.iter().flat_map(|symbol| &symbol.blocked_by).collect();
    needs.sort();
    needs.dedup();
    needs
}

/// Text inside the quotation marks of Mermaid.
fn quoted(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().replace('#', "#35;").replace('"', "#quot;")
}

/// Text inside the quotation marks of Graphviz.
fn escaped(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().replace('\\', "\\\\").replace('"', "\\\"")
}
