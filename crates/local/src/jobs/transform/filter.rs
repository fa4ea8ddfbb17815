//! `InputFilter` and `OutputFilter` of a transform job: the part of `JSONPath` that SageMaker has, as far as it selects one thing.
//!
//! `$`, `.name`, `['a','b']`, `[0]`, `[0,-1]`, `[1:]`. Wildcards, recursion and conditions are refused.

use serde_json::{Map, Value};

/// The longest filter, in characters; as in the API.
const LONGEST: usize = 63;

/// A filter, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// One member: its value.
    Name(String),
    /// Several members: an object of these.
    Names(Vec<String>),
    /// One element: its value. Negative ones count from the end.
    Index(i64),
    /// Several elements: a list of these.
    Indexes(Vec<i64>),
    /// Elements from the first to before the second.
    Slice(Option<i64>, Option<i64>),
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// What of it is not supported, or wrong.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| {
            format!(
                "`{text}` {what}; supported are $, $.name, $['a','b'], $[0], $[0,-1] and $[1:], one after the other"
            )
        };
        if text.chars().count() > LONGEST {
            return Err(format!("a filter has at most {LONGEST} characters"));
        }
        let mut rest = text.trim().strip_prefix('$').ok_or_else(|| wrong("does not begin with $"))?;
        let mut parts = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(['.', '[']).unwrap_or(after.len());
                let (name, after) = after.split_at(end);
                if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
                    return Err(wrong("has something else than a name after a dot"));
                }
                parts.push(Part::Name(name.to_owned()));
                rest = after;
            } else if let Some(after) = rest.strip_prefix('[') {
                let (inside, after) =
                    bracket(after).ok_or_else(|| wrong("has a bracket that does not end"))?;
                parts.push(part(inside).ok_or_else(|| wrong(&format!("has [{inside}]")))?);
                rest = after;
            } else {
                return Err(wrong("has something else than . or [ after a part"));
            }
        }
        Ok(Self { parts })
    }

    /// Whether it selects everything.
    pub(super) fn is_all(&self) -> bool {
        self.parts.is_empty()
    }

    /// What it selects.
    ///
    /// # Errors
    /// What is not there.
    pub(super) fn select(&self, value: &Value) -> Result<Value, String> {
        let mut value = value.clone();
        for part in &self.parts {
            value = part.select(value)?;
        }
        Ok(value)
    }
}

/// What is inside of a bracket, and what follows it.
fn bracket(text: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (None, ']') => return Some((&text[..at], &text[at + 1..])),
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            _ => {}
        }
    }
    None
}

fn part(inside: &str) -> Option<Part> {
    let inside = inside.trim();
    if let Some((from, to)) = inside.split_once(':').filter(|_| !inside.starts_with(['\'', '"'])) {
        let bound = |text: &str| match text.trim() {
            "" => Some(None),
            number => number.parse().ok().map(Some),
        };
        return Some(Part::Slice(bound(from)?, bound(to)?));
    }
    if inside.starts_with(['\'', '"']) {
        let mut names = names(inside)?;
        return Some(if names.len() == 1 { Part::Name(names.pop()?) } else { Part::Names(names) });
    }
    let indexes: Option<Vec<i64>> = inside.split(',').map(|number| number.trim().parse().ok()).collect();
    let indexes = indexes?;
    Some(if let [index] = indexes[..] { Part::Index(index) } else { Part::Indexes(indexes) })
}

/// `'a', "b"`.
fn names(text: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = text.trim();
    loop {
        let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let (name, after) = rest[1..].split_once(quote)?;
        names.push(name.to_owned());
        rest = after.trim_start();
        if rest.is_empty() {
            return Some(names);
        }
        rest = rest.strip_prefix(',')?.trim_start();
    }
}

impl Part {
    fn select(&self, value: Value) -> Result<Value, String> {
        match (self, value) {
            (Self::Name(name), Value::Object(mut object)) => {
                object.swap_remove(name).ok_or_else(|| format!("there is no member `{name}`"))
            }
            (Self::Names(names), Value::Object(mut object)) => {
                let mut chosen = Map::new();
                for name in names {
                    let value =
                        object.swap_remove(name).ok_or_else(|| format!("there is no member `{name}`"))?;
                    chosen.insert(name.clone(), value);
                }
                Ok(Value::Object(chosen))
            }
            (Self::Index(index), Value::Array(mut list)) => {
                let at = element(*index, list.len())?;
                Ok(list.swap_remove(at))
            }
            (Self::Indexes(indexes), Value::Array(list)) => {
                let chosen: Result<_, String> =
                    indexes.iter().map(|index| Ok(list[element(*index, list.len())?].clone())).collect();
                chosen.map(Value::Array)
            }
            (Self::Slice(from, to), Value::Array(list)) => {
                let bound = |bound: Option<i64>, default: usize| match bound {
                    None => default,
                    Some(at) if at < 0 => {
                        list.len().saturating_sub(usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX))
                    }
                    Some(at) => usize::try_from(at).unwrap_or(usize::MAX).min(list.len()),
                };
                let (from, to) = (bound(*from, 0), bound(*to, list.len()));
                Ok(Value::Array(list.get(from..to).unwrap_or_default().to_vec()))
            }
            (Self::Name(_) | Self::Names(_), _) => {
                Err("a name selects from an object, and this is none".to_owned())
            }
            (_, _) => Err("a number selects from a list, and this is none".to_owned()),
        }
    }
}

fn element(index: i64, length: usize) -> Result<usize, String> {
    let size = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
    let at = if index < 0 { length.checked_sub(size) } else { Some(size) };
    at.filter(|at| *at < length).ok_or_else(|| format!("there is no element {index} of {length}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_selected() {
        #[track_caller]
        fn check(filter: &str, value: &Value, expected: &Value) {
            let filter = Filter::parse(filter).unwrap();
            assert_eq!(&filter.select(value).unwrap(), expected);
        }
        let list = json!([1, "b", 3]);
        check("$", &list, &list);
        check("$[1:]", &list, &json!(["b", 3]));
        check("$[:-1]", &list, &json!([1, "b"]));
        check("$[1:2]", &list, &json!(["b"]));
        check("$[2:1]", &list, &json!([]));
        check("$[5:]", &list, &json!([]));
        check("$[-5:]", &list, &list);
        check("$[1]", &list, &json!("b"));
        check("$[-1]", &list, &json!(3));
        check("$[0, -1]", &list, &json!([1, 3]));
        let object = json!({"a": {"b-c": [1, 2]}, "d": 4, "e]": 5});
        check("$.a.b-c[1]", &object, &json!(2));
        check("$['a']['b-c']", &object, &json!([1, 2]));
        check("$['d', \"e]\"]", &object, &json!({"d": 4, "e]": 5}));
    }

    #[test]
    fn what_is_refused() {
        #[track_caller]
        fn check(filter: &str, value: &Value, expected: &str) {
            assert_eq!(Filter::parse(filter).unwrap().select(value), Err(expected.to_owned()));
        }
        for text in [
            "",
            "a",
            "$a",
            "$.",
            "$..a",
            "$.*",
            "$[*]",
            "$[?(@.a)]",
            "$[",
            "$['a]",
            "$['a',]",
            "$[1:2:3]",
            "$[a]",
            "$[]",
            "$.a b",
        ] {
            let refused = Filter::parse(text);
            assert!(refused.is_err(), "{text}: {refused:?}");
        }
        assert!(Filter::parse(&format!("$.{}", "a".repeat(62))).is_err());
        check("$.a", &json!({}), "there is no member `a`");
        check("$[2]", &json!([1, 2]), "there is no element 2 of 2");
        check("$[-3]", &json!([1, 2]), "there is no element -3 of 2");
        check("$[0]", &json!({}), "a number selects from a list, and this is none");
        check("$.a", &json!([]), "a name selects from an object, and this is none");
    }

    proptest! {
        #[test]
        fn any_filter_is_read_or_refused(text in "\\$(\\.a|\\[|\\]|'|\"|,|:|-|1|b|é| ){0,12}") {
            if let Ok(filter) = Filter::parse(&text) {
                let _ = filter.select(&json!([{"a": [1, 2], "b": {"é": 3}}, 2]));
                let _ = filter.select(&json!({"a": [[1]], "b": 1}));
            }
        }
    }
}
