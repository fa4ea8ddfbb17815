//! What converts into a [`Value`].

use std::collections::BTreeMap;

use serde_json::Value as Node;

use crate::resource::{Handle, Resource};
use crate::value::{Json, List, Map, Reference, Value};

macro_rules! literals {
    ($($from:ty => $to:ty),* $(,)?) => {
        $(impl From<$from> for Value<$to> {
            fn from(value: $from) -> Self {
                Self::raw(Node::from(value))
            }
        })*
    };
}

literals! {
    &str => String,
    String => String,
    bool => bool,
    i64 => i64, i32 => i64, i16 => i64, u32 => i64, u16 => i64, u8 => i64,
    f64 => f64, f32 => f64, i32 => f64, u32 => f64,
    Node => Json,
}

impl From<&String> for Value<String> {
    fn from(value: &String) -> Self {
        Self::raw(Node::from(value.as_str()))
    }
}

impl<T> From<&Value<T>> for Value<T> {
    fn from(value: &Value<T>) -> Self {
        value.clone()
    }
}

impl<K: Reference> From<&str> for Value<K> {
    fn from(value: &str) -> Self {
        Self::raw(Node::from(value))
    }
}

impl<K: Reference> From<String> for Value<K> {
    fn from(value: String) -> Self {
        Self::raw(Node::from(value))
    }
}

impl<K: Reference> From<&String> for Value<K> {
    fn from(value: &String) -> Self {
        Self::raw(Node::from(value.as_str()))
    }
}

impl<K: Reference> From<Value<String>> for Value<K> {
    fn from(value: Value<String>) -> Self {
        value.cast()
    }
}

impl<K: Reference> From<Value<K>> for Value<String> {
    fn from(value: Value<K>) -> Self {
        value.cast()
    }
}

impl<R: Resource> From<&Handle<R>> for Value<R::Ref> {
    fn from(handle: &Handle<R>) -> Self {
        handle.reference()
    }
}

impl<T, I: Into<Value<T>>> FromIterator<I> for Value<List<T>> {
    fn from_iter<A: IntoIterator<Item = I>>(items: A) -> Self {
        Self::raw(items.into_iter().map(|item| item.into().into_node()).collect())
    }
}

impl<T, I: Into<Value<T>>> From<Vec<I>> for Value<List<T>> {
    fn from(items: Vec<I>) -> Self {
        items.into_iter().collect()
    }
}

impl<T, I: Into<Value<T>>, const N: usize> From<[I; N]> for Value<List<T>> {
    fn from(items: [I; N]) -> Self {
        items.into_iter().collect()
    }
}

impl<T, K: Into<String>, I: Into<Value<T>>> FromIterator<(K, I)> for Value<Map<T>> {
    fn from_iter<A: IntoIterator<Item = (K, I)>>(entries: A) -> Self {
        let entries = entries.into_iter().map(|(key, value)| (key.into(), value.into().into_node()));
        Self::raw(Node::Object(entries.collect()))
    }
}

impl<T, K: Into<String>, I: Into<Value<T>>> From<Vec<(K, I)>> for Value<Map<T>> {
    fn from(entries: Vec<(K, I)>) -> Self {
        entries.into_iter().collect()
    }
}

impl<T, K: Into<String>, I: Into<Value<T>>, const N: usize> From<[(K, I); N]> for Value<Map<T>> {
    fn from(entries: [(K, I); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<T, K: Into<String>, I: Into<Value<T>>> From<BTreeMap<K, I>> for Value<Map<T>> {
    fn from(entries: BTreeMap<K, I>) -> Self {
        entries.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::intrinsic::sub;
    use crate::kinds::VpcId;

    fn check<T>(value: impl Into<Value<T>>, expected: &Node) {
        assert_eq!(value.into().node(), expected);
    }

    #[test]
    fn literals_become_json() {
        check::<String>("a", &json!("a"));
        check::<String>(&String::from("a"), &json!("a"));
        check::<i64>(3, &json!(3));
        check::<f64>(3, &json!(3));
        check::<f64>(0.5, &json!(0.5));
        check::<bool>(true, &json!(true));
        check::<Json>(json!({"a": [1]}), &json!({"a": [1]}));
        check::<VpcId>("vpc-1", &json!("vpc-1"));
        check::<VpcId>(sub("${Vpc}"), &json!({"Fn::Sub": "${Vpc}"}));
    }

    #[test]
    fn lists_and_maps_take_anything_that_fits_their_items() {
        check::<List<String>>(["a", "b"], &json!(["a", "b"]));
        check::<List<VpcId>>(vec![sub("${A}")], &json!([{"Fn::Sub": "${A}"}]));
        check::<List<i64>>([1, 2].into_iter().collect::<Value<List<i64>>>(), &json!([1, 2]));
        check::<Map<String>>([("k", "v")], &json!({"k": "v"}));
        check::<Map<i64>>(BTreeMap::from([("k", 1)]), &json!({"k": 1}));
    }
}
