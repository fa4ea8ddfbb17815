//! Values as Python writes them: `str(value)` and `json.dumps` with sorted keys, no spaces and ASCII alone.

use std::fmt::Write as _;

use serde_json::{Number, Value};

/// `str(value)` of what `json.loads` gave; `None` is nothing.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => {
            let mut out = String::new();
            repr(other, &mut out);
            out
        }
    }
}

/// An argument's value: as [`text`], and of an object `key=value` joined by commas, sorted.
pub(crate) fn argument(value: &Value) -> String {
    let Value::Object(entries) = value else { return text(value) };
    let mut items: Vec<_> = entries.iter().collect();
    items.sort_by_key(|(name, _)| *name);
    let item = |(name, value): (&String, &Value)| {
        let value = if value.is_null() { "None".to_owned() } else { text(value) };
        format!("{name}={value}")
    };
    items.into_iter().map(item).collect::<Vec<_>>().join(",")
}

/// `json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)`.
pub(crate) fn dumps(value: &Value) -> String {
    let mut out = String::new();
    dump(value, &mut out);
    out
}

fn dump(value: &Value, out: &mut String) {
    match value {
        Value::Number(n) => number(n, out),
        Value::String(text) => quoted(text, out),
        Value::Array(elements) => {
            out.push('[');
            for (i, element) in elements.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                dump(element, out);
            }
            out.push(']');
        }
        Value::Object(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by_key(|(name, _)| *name);
            out.push('{');
            for (i, (name, value)) in entries.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                quoted(name, out);
                out.push(':');
                dump(value, out);
            }
            out.push('}');
        }
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
    }
}

fn quoted(text: &str, out: &mut String) {
    let plain = Value::from(text).to_string();
    for character in plain.chars() {
        if character.is_ascii() && character != '\u{7f}' {
            out.push(character);
        } else if character == '\u{7f}' {
            // ASCII, and written as it is.
            out.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
}

fn number(number: &Number, out: &mut String) {
    match number.as_f64().filter(|_| number.is_f64()) {
        Some(float) => out.push_str(&self::float(float)),
        None => out.push_str(&number.to_string()),
    }
}

/// `repr(float)`: the shortest digits, with an exponent below 1e-4 and from 1e16.
fn float(value: f64) -> String {
    // `-1.5e-7`: the shortest digits, one before the point.
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..16).contains(&exponent) {
        let plain = format!("{value}");
        return if plain.contains('.') { plain } else { plain + ".0" };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

fn repr(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(flag) => out.push_str(if *flag { "True" } else { "False" }),
        Value::Number(n) => number(n, out),
        Value::String(text) => repr_text(text, out),
        Value::Array(elements) => {
            out.push('[');
            for (i, element) in elements.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                repr(element, out);
            }
            out.push(']');
        }
        // In the order of the text: a dict keeps it.
        Value::Object(entries) => {
            out.push('{');
            for (i, (name, value)) in entries.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                repr_text(name, out);
                out.push_str(": ");
                repr(value, out);
            }
            out.push('}');
        }
    }
}

fn repr_text(text: &str, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if character == quote => {
                out.push('\\');
                out.push(character);
            }
            _ if character.is_control() => {
                let _ = write!(out, "\\x{:02x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push(quote);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(json: &str) -> Value {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn arguments_are_what_str_gives() {
        let check = |json: &str, expected: &str| assert_eq!(argument(&parsed(json)), expected, "{json}");
        check("3", "3");
        check("-3", "-3");
        check("0.2", "0.2");
        check("1e-05", "1e-05");
        check("0.0001", "0.0001");
        check("3e-05", "3e-05");
        check("1e15", "1000000000000000.0");
        check("1e16", "1e+16");
        check("1.5e300", "1.5e+300");
        check("2.0", "2.0");
        check("-0.0", "-0.0");
        check("true", "True");
        check("false", "False");
        check("null", "");
        check("\"plain text\"", "plain text");
        check("[1, \"a\", null, 2.5]", "[1, 'a', None, 2.5]");
        check("[\"it's\"]", "[\"it's\"]");
        check(r#"["a\\b\n"]"#, r"['a\\b\n']");
        check(r#"{"b": 1, "a": [true]}"#, "a=[True],b=1");
        check(r#"{"a": null}"#, "a=None");
        check("{}", "");
    }

    #[test]
    fn json_is_sorted_short_and_ascii() {
        let check = |json: &str, expected: &str| assert_eq!(dumps(&parsed(json)), expected, "{json}");
        check(r#"{"b": [1, 2], "a": {"d": null, "c": 1.0}}"#, r#"{"a":{"c":1.0,"d":null},"b":[1,2]}"#);
        check(r#""é😀""#, r#""\u00e9\ud83d\ude00""#);
        check(r#""a\"b""#, r#""a\"b""#);
        check("1e-7", "1e-07");
    }
}
