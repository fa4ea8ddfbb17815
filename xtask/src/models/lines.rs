//! JSON with one entry a line: compact, and still readable as a difference.

use anyhow::Result;
use serde_json::Value;

/// Writes `value` over several lines down to the objects that `opens` accepts by their path of keys, and each
/// other value on one line. Keys keep the order they have.
pub(super) fn write(value: &Value, opens: &dyn Fn(&[&str]) -> bool) -> Result<String> {
    let mut out = String::new();
    put(&mut out, value, &mut Vec::new(), opens)?;
    out.push('\n');
    Ok(out)
}

fn put<'a>(
    out: &mut String,
    value: &'a Value,
    path: &mut Vec<&'a str>,
    opens: &dyn Fn(&[&str]) -> bool,
) -> Result<()> {
    match value {
        Value::Object(map) if !map.is_empty() && opens(path) => {
            out.push_str("{\n");
            for (index, (key, below)) in map.iter().enumerate() {
                indent(out, path.len() + 1);
                out.push_str(&serde_json::to_string(key)?);
                out.push_str(": ");
                path.push(key);
                put(out, below, path, opens)?;
                path.pop();
                out.push_str(if index + 1 == map.len() { "\n" } else { ",\n" });
            }
            indent(out, path.len());
            out.push('}');
        }
        other => out.push_str(&serde_json::to_string(other)?),
    }
    Ok(())
}

fn indent(out: &mut String, depth: usize) {
    for _ in 0..depth {
        out.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn opened_objects_take_a_line_an_entry() {
        let value = json!({"b": {"y": {"k": [1, 2]}, "x": {}}, "a": {"z": 1}});
        let text = write(&value, &|path| path.is_empty() || path == ["b"]).unwrap();
        assert_eq!(text, "{\n \"b\": {\n  \"y\": {\"k\":[1,2]},\n  \"x\": {}\n },\n \"a\": {\"z\":1}\n}\n");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
