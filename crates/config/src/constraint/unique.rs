//! `unique_items`, and sets: no element stands twice.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::tree::{Node, Value};

/// Reports each element that repeats an earlier one; says whether there was none.
///
/// What is written is compared, the way JSON Schema compares it: `1` and `1.0` are the same.
pub(crate) fn check(node: &Node<'_>, cx: &mut Context<'_>) -> bool {
    let Value::List(items) = &node.value else {
        return true;
    };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut unique = true;
    for (i, item) in items.iter().enumerate() {
        let mut key = String::new();
        identity(item, &mut key);
        if let Some(first) = seen.get(&key) {
            unique = false;
            let must = format!("differ from every other item: item {first} is the same");
            cx.at_index(i, |cx| cx.invalid::<()>(item, &must, "unique items", None));
        } else {
            seen.insert(key, i);
        }
    }
    unique
}

/// A text that two values share when JSON Schema takes them for the same.
fn identity(node: &Node<'_>, out: &mut String) {
    match &node.value {
        Value::Text(text) | Value::Datetime(text) => {
            out.push_str(&text.len().to_string());
            out.push('"');
            out.push_str(text);
        }
        Value::Integer(n) => out.push_str(&n.to_string()),
        Value::Float(n) => {
            // Floats without a fraction are spelt like integers.
            let n = if *n == 0.0 { 0.0 } else { *n };
            out.push_str(&n.to_string());
        }
        Value::Boolean(b) => out.push_str(if *b { "t" } else { "f" }),
        Value::List(items) => {
            out.push('[');
            for item in items {
                identity(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Table(table) => {
            out.push('{');
            for (key, entry) in table.iter() {
                out.push_str(&key.len().to_string());
                out.push('"');
                out.push_str(key);
                identity(&entry.node, out);
                out.push(',');
            }
            out.push('}');
        }
        #[expect(unreachable_patterns, reason = "the tree may learn more kinds of values")]
        _ => out.push('n'),
    }
}
