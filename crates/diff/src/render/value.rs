//! Values as they stand in a line.

use std::fmt::Write as _;

use serde_json::Value;

use crate::intrinsic::{is_intrinsic, shown};

/// Characters of a value that is shown alone, and of each of two that differ.
const LONG: usize = 160;

/// Characters of what two values have in common that are shown on either side of what differs.
const AROUND: usize = 24;

/// A text without anything that a terminal would obey.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // Direction marks turn what follows them around.
        let hidden = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
        if c.is_control() || hidden {
            // Writing to a text can't fail.
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// A value, shortened.
pub(crate) fn single(value: &Value) -> String {
    shortened(&text(value), LONG)
}

/// Two values that differ, shortened so that the difference stays.
pub(crate) fn pair(old: &Value, new: &Value) -> (String, String) {
    let (old, new) = (text(old), text(new));
    if old.chars().count() <= LONG && new.chars().count() <= LONG {
        return (old, new);
    }
    let common: usize =
        old.chars().zip(new.chars()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    let (a, b) = (&old[common..], &new[common..]);
    let tail: usize =
        a.chars().rev().zip(b.chars().rev()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    let part = |text: &str| {
        let (start, end) = (&text[..common], &text[text.len() - tail..]);
        let middle = &text[common..text.len() - tail];
        format!("{}{}{}", last(start), shortened(middle, LONG), first(end))
    };
    (part(&old), part(&new))
}

/// The end of what comes before a difference.
fn last(text: &str) -> String {
    match text.char_indices().rev().nth(AROUND) {
        Some((cut, c)) => format!("…{}", &text[cut + c.len_utf8()..]),
        None => text.to_owned(),
    }
}

/// The beginning of what comes after a difference.
fn first(text: &str) -> String {
    match text.char_indices().nth(AROUND) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}

/// Both ends of a text that is longer than this many characters.
pub(crate) fn shortened(text: &str, limit: usize) -> String {
    let length = text.chars().count();
    if length <= limit {
        return text.to_owned();
    }
    let half = (limit - 1) / 2;
    let start: String = text.chars().take(half).collect();
    let end: String = text.chars().skip(length - half).collect();
    format!("{start}…{end}")
}

fn text(value: &Value) -> String {
    plain(&if is_intrinsic(value) { shown(value) } else { folded(value, 0) })
}

/// JSON, with references written as `Fn::Sub` has them.
fn folded(value: &Value, depth: usize) -> String {
    match value {
        _ if depth > 64 => "…".to_owned(),
        _ if is_intrinsic(value) => shown(value),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| folded(item, depth + 1)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(key, value)| format!("{key}: {}", folded(value, depth + 1))).collect();
            format!("{{{}}}", fields.join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn long_values_keep_what_differs() {
        let [a, b] =
            ["1", "2"].map(|middle| json!(format!("{}{middle}{}", "x".repeat(200), "y".repeat(200))));
        let (old, new) = pair(&a, &b);
        assert_eq!(old, format!("…{}1{}…", "x".repeat(AROUND), "y".repeat(AROUND)));
        assert_eq!(new, format!("…{}2{}…", "x".repeat(AROUND), "y".repeat(AROUND)));
        let short = single(&json!(format!("a{}b", "x".repeat(500))));
        assert!(
            short.starts_with("\"ax") && short.ends_with("xb\"") && short.chars().count() <= LONG,
            "{short}"
        );
    }

    #[test]
    fn nothing_reaches_the_terminal() {
        assert_eq!(plain("a\u{1b}[31m\u{9b}\u{202e}"), "a\\u{1b}[31m\\u{9b}\\u{202e}");
        assert_eq!(single(&json!({"a": {"Ref": "B"}, "c": ["d"]})), r#"{a: ${B}, c: ["d"]}"#);
    }
}
