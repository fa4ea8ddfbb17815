//! Values of `pipewright.toml` that may be written in more than one way.

use pipewright_config::{Context, Decode, Describe, Node, Schema, Schemas, Shape, Value};
use serde_json::{Value as Json, json};

/// Text, a number, `true` or `false`.
pub(super) struct Scalar(pub(super) Json);

impl Decode for Scalar {
    fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
        match json(node, cx)? {
            Json::Array(_) | Json::Object(_) => cx.mismatch(node, "text, a number, true or false"),
            value => {
                cx.leaf(node, value.clone());
                Some(Self(value))
            }
        }
    }
}

impl Describe for Scalar {
    const SHAPE: Shape = Shape::Any;

    fn describe(_: &mut Schemas) -> Schema {
        json!({"type": ["string", "number", "boolean"]})
    }
}

/// A table that others read.
#[derive(Clone, Copy)]
pub(super) struct Anything;

impl Decode for Anything {
    fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
        match &node.value {
            Value::Table(_) => Some(Self),
            _ => cx.mismatch(node, "a table"),
        }
    }
}

impl Describe for Anything {
    const SHAPE: Shape = Shape::Any;

    fn describe(_: &mut Schemas) -> Schema {
        json!({"type": "object"})
    }
}

/// One text, or several in a list.
pub(super) struct Texts(pub(super) Vec<String>);

impl Decode for Texts {
    fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
        match &node.value {
            Value::List(_) => Vec::decode(node, cx).map(Self),
            _ => String::decode(node, cx).map(|text| Self(vec![text])),
        }
    }
}

impl Describe for Texts {
    const SHAPE: Shape = Shape::Any;

    fn describe(_: &mut Schemas) -> Schema {
        json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
    }
}

/// A table of anything, as JSON.
pub(super) struct Free(pub(super) Json);

impl Decode for Free {
    fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
        if !matches!(node.value, Value::Table(_)) {
            return cx.mismatch(node, "a table");
        }
        let value = json(node, cx)?;
        cx.leaf(node, value.clone());
        Some(Self(value))
    }
}

impl Describe for Free {
    const SHAPE: Shape = Shape::Table;

    fn describe(_: &mut Schemas) -> Schema {
        json!({"type": "object"})
    }
}

/// A moment: text, or a date and time without quotes.
pub(super) struct Moment(pub(super) String);

impl Decode for Moment {
    fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
        match &node.value {
            Value::Datetime(text) => {
                cx.leaf(node, text.as_ref().into());
                Some(Self(text.as_ref().to_owned()))
            }
            _ => String::decode(node, cx).map(Self),
        }
    }
}

impl Describe for Moment {
    const SHAPE: Shape = Shape::Text;

    fn describe(_: &mut Schemas) -> Schema {
        json!({"type": "string", "format": "date-time"})
    }
}

/// `false`, `true` for a table without keys, or a table.
pub(super) struct Switch<T>(pub(super) Option<T>);

impl<T: Decode> Decode for Switch<T> {
    fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
        match &node.value {
            Value::Boolean(false) => {
                cx.leaf(node, false.into());
                Some(Self(None))
            }
            Value::Boolean(true) => {
                let empty =
                    Node { value: Value::Table(pipewright_config::Table::default()), origin: node.origin };
                T::decode(&empty, cx).map(|table| Self(Some(table)))
            }
            Value::Table(_) => T::decode(node, cx).map(|table| Self(Some(table))),
            _ => cx.mismatch(node, "true, false or a table"),
        }
    }

    fn absent() -> Option<Self> {
        Some(Self(None))
    }
}

impl<T: Describe> Describe for Switch<T> {
    const SHAPE: Shape = Shape::Any;
    const OPTIONAL: bool = true;

    fn describe(schemas: &mut Schemas) -> Schema {
        json!({"anyOf": [{"type": "boolean"}, T::describe(schemas)]})
    }
}

/// The value as JSON. What JSON has no word for is a mistake.
fn json(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Json> {
    Some(match &node.value {
        Value::Text(text) => text.as_ref().into(),
        Value::Boolean(value) => (*value).into(),
        Value::Integer(whole) => match i64::try_from(*whole) {
            Ok(whole) => whole.into(),
            Err(_) => return cx.mismatch(node, "an integer of 64 bits"),
        },
        Value::Float(float) => match serde_json::Number::from_f64(*float) {
            Some(number) => Json::Number(number),
            None => return cx.mismatch(node, "a finite number"),
        },
        Value::List(items) => {
            // Every item is looked at before the first mistake counts.
            let items: Vec<Option<Json>> =
                items.iter().enumerate().map(|(i, item)| cx.at_index(i, |cx| json(item, cx))).collect();
            Json::Array(items.into_iter().collect::<Option<_>>()?)
        }
        Value::Table(table) => {
            let entries: Vec<Option<(String, Json)>> = table
                .iter()
                .map(|(key, entry)| Some((key.to_owned(), cx.at_key(key, |cx| json(&entry.node, cx))?)))
                .collect();
            Json::Object(entries.into_iter().collect::<Option<_>>()?)
        }
        _ => return cx.mismatch(node, "text, a number, true, false, a list or a table"),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use pipewright_config::{Source, load};
    use pipewright_macros::Config;

    use super::*;

    #[derive(Config)]
    #[config(crate = "pipewright_config")]
    struct Inner {
        #[config(default = 5)]
        minutes: u8,
    }

    #[derive(Config)]
    #[config(crate = "pipewright_config")]
    struct All {
        scalar: Option<Scalar>,
        texts: Option<Texts>,
        free: Option<Free>,
        moment: Option<Moment>,
        switch: Switch<Inner>,
        #[config(default)]
        map: BTreeMap<String, Scalar>,
    }

    fn read(text: &str) -> Result<All, Vec<String>> {
        let sources = [Source::new("x.toml", text)];
        load::<All>(&sources, None, &[])
            .map(|loaded| loaded.value)
            .map_err(|problems| problems.iter().map(|p| p.message.clone()).collect())
    }

    #[test]
    fn each_way_to_write_a_value() {
        let all =
            read("scalar = 1\ntexts = 'a'\nswitch = true\nmoment = 2030-01-01T00:00:00Z\nmap = {a = 1.5}")
                .unwrap();
        assert_eq!(all.scalar.unwrap().0, json!(1));
        assert_eq!(all.texts.unwrap().0, ["a"]);
        assert_eq!(all.switch.0.unwrap().minutes, 5);
        assert_eq!(all.moment.unwrap().0, "2030-01-01T00:00:00Z");
        assert_eq!(all.map["a"].0, json!(1.5));
        let all =
            read("texts = ['a', 'b']\nswitch = {minutes = 7}\nmoment = 'x'\nfree = {a = [1, {b = true}]}")
                .unwrap();
        assert_eq!(all.texts.unwrap().0, ["a", "b"]);
        assert_eq!(all.switch.0.unwrap().minutes, 7);
        assert_eq!(all.moment.unwrap().0, "x");
        assert_eq!(all.free.unwrap().0, json!({"a": [1, {"b": true}]}));
        assert!(read("switch = false").unwrap().switch.0.is_none());
        assert!(read("").unwrap().switch.0.is_none());
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let Err(found) = read(text) else { panic!("it is read") };
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.contains(expected), "{found}");
        }
    }

    #[test]
    fn all_mistakes_are_told() {
        check("scalar = [1]", &["`scalar` must be text, a number, true or false"]);
        check("scalar = nan", &["`scalar` must be a finite number"]);
        check("scalar = 99999999999999999999", &["`scalar` must be an integer of 64 bits"]);
        check("texts = 3", &["`texts` must be a string"]);
        check("free = 3", &["`free` must be a table"]);
        check(
            "free = {a = [inf, 1, 2030-01-01]}",
            &["`free.a[0]` must be a finite", "`free.a[2]` must be text"],
        );
        check("switch = 'on'", &["`switch` must be true, false or a table"]);
        check("switch = {minuts = 3}", &["`minuts` is not a key"]);
    }
}
