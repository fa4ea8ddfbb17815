//! `docs`: a page of the settings of every pipeline, made from their schemas.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use pipewright_model::protocol::Operation;
use serde_json::Value;

use crate::asked::ask;
use crate::report;
use crate::synth::Asking;
use crate::workspace::Workspace;

/// How deep structs are followed into each other; one that holds itself would have no end.
const DEPTH: usize = 8;

/// Where a schema lists the keys that are required: everywhere, and in one of the places where values may come from.
const REQUIRED: [&str; 2] = ["required", "x-required"];

/// What a schema says of a value, in the order of the page, and the words for it.
const LIMITS: [(&str, &str); 12] = [
    ("minimum", "at least"),
    ("exclusiveMinimum", "more than"),
    ("maximum", "at most"),
    ("exclusiveMaximum", "less than"),
    ("multipleOf", "a multiple of"),
    ("minLength", "length at least"),
    ("maxLength", "length at most"),
    ("minItems", "items at least"),
    ("maxItems", "items at most"),
    ("pattern", "pattern"),
    ("enum", "one of"),
    ("format", "format"),
];

/// Prints a page of the settings of every pipeline, as Markdown.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Pipelines to describe; all when none is named.
    #[arg(value_name = "PIPELINE")]
    pipelines: Vec<String>,

    #[command(flatten)]
    asking: Asking,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let asked = match ask(&workspace, &args.asking, Operation::Schema, &args.pipelines, &[])? {
        Ok(asked) => asked,
        Err((reports, texts)) => {
            report::print(&reports, &texts);
            return Ok(ExitCode::FAILURE);
        }
    };
    report::print(&asked.selection.reports, &asked.selection.texts);
    let mut page = String::from("# Settings of the pipelines\n");
    for found in &asked.selection.pipelines {
        let answer = &found.answer;
        let _ = write!(page, "\n## {}\n\n", answer.name);
        if !answer.description.is_empty() {
            let _ = write!(page, "{}\n\n", answer.description);
        }
        let _ = write!(page, "Set in `{}`.\n\n", place(found.member.folder.as_path(), &workspace.root));
        page.push_str(&settings_of(answer.schema.as_ref().unwrap_or(&Value::Null)));
    }
    report::line(page.trim_end())?;
    Ok(if asked.is_wrong() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn place(folder: &std::path::Path, root: &std::path::Path) -> String {
    folder.strip_prefix(root).unwrap_or(folder).join("config.toml").display().to_string()
}

/// A table of the settings in a schema; structs within structs by their paths.
fn settings_of(schema: &Value) -> String {
    let mut rows = Vec::new();
    collect(schema, schema, "", 0, &mut rows);
    if rows.is_empty() {
        return "Nothing can be set.\n".to_owned();
    }
    let mut table = String::from("| key | takes | default | what it is |\n| --- | --- | --- | --- |\n");
    for row in rows {
        table.push_str(&row);
    }
    table
}

fn collect(root: &Value, schema: &Value, path: &str, depth: usize, rows: &mut Vec<String>) {
    let required: Vec<&str> = REQUIRED
        .iter()
        .flat_map(|list| schema[*list].as_array().into_iter().flatten().filter_map(Value::as_str))
        .collect();
    let properties = schema["properties"].as_object();
    for (key, own) in properties.into_iter().flatten().filter(|(key, _)| !(depth == 0 && *key == "env")) {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let target = followed(root, own);
        let description = [own, target].iter().find_map(|schema| schema["description"].as_str());
        let default = match &own["default"] {
            Value::Null if required.contains(&key.as_str()) => "required".to_owned(),
            Value::Null => String::new(),
            value => format!("`{value}`"),
        };
        let description = description.unwrap_or_default().replace('\n', " ");
        let deprecated = if own["deprecated"] == true { " *Deprecated.*" } else { "" };
        rows.push(format!(
            "| `{}` | {} | {} | {}{deprecated} |\n",
            cell(&path),
            cell(&takes(own, target)),
            cell(&default),
            cell(&description)
        ));
        if target["properties"].is_object() && depth < DEPTH {
            collect(root, target, &path, depth + 1, rows);
        }
    }
}

/// The schema that a reference leads to.
fn followed<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    let target = schema["$ref"].as_str().and_then(|to| root.pointer(to.trim_start_matches('#')));
    target.unwrap_or(schema)
}

/// What a value may be: its type and its limits.
fn takes(own: &Value, target: &Value) -> String {
    let kind = match target["type"].as_str() {
        Some("object") if target["properties"].is_object() => "a table",
        Some("object") => "a table with any keys",
        Some("array") => "a list",
        Some("string") => "text",
        Some("integer") => "an integer",
        Some("number") => "a number",
        Some("boolean") => "true or false",
        _ => "",
    };
    let mut parts: Vec<String> = Vec::from_iter((!kind.is_empty()).then(|| kind.to_owned()));
    for (key, words) in LIMITS {
        // The limits of the type itself (those of 64 bits, say) are of no use to a reader.
        let limit = own.get(key).or_else(|| target.get(key).filter(|_| key == "enum"));
        if let Some(limit) = limit {
            parts.push(format!("{words} `{limit}`"));
        }
    }
    if let Some(choices) = target["oneOf"].as_array() {
        let names: Vec<String> =
            choices.iter().filter_map(|choice| Some(choice["const"].as_str()?.into())).collect();
        if !names.is_empty() {
            parts.push(format!("one of `{}`", names.join("`, `")));
        }
    }
    parts.join(", ")
}

/// A text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn structs_are_followed_by_path() {
        let schema = json!({
            "properties": {
                "share": {"type": "number", "exclusiveMinimum": 0, "description": "Share of\nlines."},
                "booster": {"$ref": "#/$defs/Booster", "default": {}},
                "env": {"type": "object"},
            },
            "required": ["share"],
            "$defs": {"Booster": {"type": "object", "description": "How | it learns.", "properties": {
                "mode": {"enum": ["a", "b"], "default": "a"},
                "inner": {"$ref": "#/$defs/Booster"},
            }, "x-required": ["inner"]}},
        });
        let table = settings_of(&schema);
        let lines: Vec<&str> = table.lines().skip(2).take(4).collect();
        assert_eq!(
            lines,
            [
                "| `share` | a number, more than `0` | required | Share of lines. |",
                "| `booster` | a table | `{}` | How \\| it learns. |",
                "| `booster.mode` | one of `[\"a\",\"b\"]` | `\"a\"` |  |",
                "| `booster.inner` | a table | required | How \\| it learns. |",
            ]
        );
        assert!(table.lines().count() < 40, "one that holds itself has an end");
        assert_eq!(settings_of(&json!(null)), "Nothing can be set.\n");
    }
}
