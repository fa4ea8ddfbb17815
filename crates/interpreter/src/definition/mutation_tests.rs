//! Definitions changed at random: whatever comes in, nothing panics.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use super::*;
use crate::S3Uri;
use crate::evaluate::{Scope, conditions, evaluate, items, parameters};

/// Knows everything, and wrongly: what is asked for is some value or other.
struct Anything(Value, PropertyFile);

impl Scope for Anything {
    fn parameter(&self, _: &str) -> Option<&Value> {
        Some(&self.0)
    }
    fn execution(&self, _: &str) -> Option<Value> {
        Some(self.0.clone())
    }
    fn experiment(&self, _: &str) -> Option<Value> {
        Some(self.0.clone())
    }
    fn properties(&self, _: &str) -> Option<&Value> {
        Some(&self.0)
    }
    fn arguments(&self, _: &str) -> Option<&Value> {
        Some(&self.0)
    }
    fn property_file(&self, _: &str, _: &str) -> Option<&PropertyFile> {
        Some(&self.1)
    }
    fn item(&self) -> Option<&Value> {
        Some(&self.0)
    }
    fn read(&self, _: &S3Uri) -> Result<Vec<u8>, String> {
        Ok(self.0.to_string().into_bytes())
    }
}

/// Reads and evaluates all there is. What comes out doesn't matter: that it comes out does.
fn survive(value: &Value, known: Value) {
    let read = Definition::from_value(value);
    if let Err(problems) = &read {
        assert!(!problems.is_empty());
        assert!(!problems.to_string().is_empty());
    }
    let file = PropertyFile { name: "f".to_owned(), output: "o'']".to_owned(), path: "p".to_owned() };
    let scope = Anything(known, file);
    if let Ok(definition) = &read {
        let given =
            definition.parameters.iter().map(|declared| (declared.name.clone(), scope.0.clone())).collect();
        if let Err(problems) = parameters(&definition.parameters, &given) {
            assert!(!problems.to_string().is_empty());
        }
        for step in &definition.steps {
            let conditions = step.arguments.get("Conditions").map(|list| conditions(list, &scope));
            let items = step.arguments.get("IterableItems").map(|iterable| items(iterable, &scope));
            drop((conditions, items, evaluate(&step.arguments, &scope)));
            drop(step.retry.iter().map(|policy| policy.delay(40)).collect::<Vec<_>>());
        }
    }
    // What was not checked before is looked at too.
    drop(evaluate(value, &scope));
    drop(conditions(value, &scope));
}

fn json_value() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "",
        "Get",
        "Std:Join",
        "Std:JsonGet",
        "Std:X",
        "Steps",
        "Steps.P.X",
        "Steps.P.PropertyFiles.R",
        "Steps.C",
        "Parameters.S",
        "ForEach.CurrentItem['a'].b[0]",
        "IterationOutput.P.x",
        "a..b",
        "a['",
        "a[",
        "a[99999999999999999999]",
        "$",
        "$.a[-1]",
        "[1, {\"a\": \"[]\"}]",
        "Name",
        "Type",
        "Condition",
        "ForEach",
        "Arguments",
        "DependsOn",
        "IfSteps",
        "ForEachBody",
        "IterableItems",
        "PropertyFiles",
        "P1D",
        "P",
        "C",
        "FilePath",
        "../x",
        "s3://b/k",
        "Value",
        "Values",
        "On",
        "Path",
        "S3Uri",
        "Not",
        "Or",
        "Conditions",
        "ä\u{10ffff}\0",
        "1e400",
        "-0",
        "true",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::num::f64::ANY.prop_map(Value::from),
        word.clone().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..4).prop_map(|members| {
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }),
        ]
    })
}

/// The nested value of a number, counted through the whole.
fn nth<'v>(value: &'v mut Value, left: &mut usize) -> Option<&'v mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| nth(item, left)),
        Value::Object(members) => members.values_mut().find_map(|member| nth(member, left)),
        _ => None,
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

/// What is done to a value of a definition.
#[derive(Clone, Debug)]
enum Mutation {
    Replace(Value),
    Wrap(Value),
    Rename(usize, usize),
    Copy(usize),
    Cut(usize),
}

fn mutate(whole: &mut Value, at: usize, mutation: &Mutation) {
    let size = count(whole);
    let other = match mutation {
        Mutation::Copy(from) => nth(whole, &mut (from % size)).cloned(),
        _ => None,
    };
    let Some(target) = nth(whole, &mut (at % size)) else { return };
    match (mutation, target) {
        (Mutation::Replace(value), target) => *target = value.clone(),
        (Mutation::Wrap(value), target) => *target = json!([value, target.take()]),
        (Mutation::Copy(_), target) => *target = other.unwrap_or_default(),
        (Mutation::Rename(from, to), Value::Object(members)) => {
            let names: Vec<String> = members.keys().cloned().collect();
            if let (Some(from), Some(to)) =
                (names.get(from % names.len().max(1)), names.get(to % names.len().max(1)))
            {
                let value = members.remove(from).unwrap_or_default();
                members.insert(format!("{to}x"), value);
            }
        }
        (Mutation::Cut(text), Value::String(old)) => {
            let end = old.char_indices().map(|(end, _)| end).nth(text % (old.len() + 1)).unwrap_or(old.len());
            old.truncate(end);
        }
        (Mutation::Cut(keep), Value::Array(items)) => items.truncate(keep % (items.len() + 1)),
        _ => {}
    }
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        3 => json_value().prop_map(Mutation::Replace),
        1 => json_value().prop_map(Mutation::Wrap),
        1 => (any::<usize>(), any::<usize>()).prop_map(|(from, to)| Mutation::Rename(from, to)),
        3 => any::<usize>().prop_map(Mutation::Copy),
        1 => any::<usize>().prop_map(Mutation::Cut),
    ]
}

/// As many cases as are there in a second, or in a minute of the long tests.
fn runner(cases: u32) -> TestRunner {
    let cases = if std::env::var_os("PIPEWRIGHT_LONG").is_some() { cases * 60 } else { cases };
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

fn definitions() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/definitions");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut texts: Vec<String> = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    // The SDK's have no loop.
    let arguments = json!({
        "IterableItems": ["a", {"Get": "Steps.P.X"}], "MaxConcurrency": 1,
        "Selector": {"Pick": "MinBy", "Field": {"Get": "IterationOutput.B.x"}},
        "ForEachBody": [{"Name": "B", "Type": "Lambda", "Arguments": {"x": {"Get": "ForEach.CurrentItem.a"}}}],
    });
    let after = json!({"Name": "Z", "Type": "Training", "Arguments": {"X": {"Get": "Steps.L.Selected.X"}}});
    let steps = json!([
        {"Name": "P", "Type": "Training"}, {"Name": "L", "Type": "ForEach", "Arguments": arguments}, after,
    ]);
    texts.push(json!({"Steps": steps}).to_string());
    texts
}

#[test]
fn mutated_definitions_end_in_an_error_or_a_definition() {
    let texts = definitions();
    let values: Vec<Value> = texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    let changes = prop::collection::vec((any::<usize>(), mutation()), 1..4);
    let input = (prop::sample::select(values), changes, json_value());
    let result = runner(1_500).run(&input, |(mut value, changes, known)| {
        for (at, mutation) in &changes {
            mutate(&mut value, *at, mutation);
        }
        survive(&value, known);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn mutated_texts_end_in_an_error_or_a_definition() {
    let texts = definitions();
    let changes = prop::collection::vec((any::<usize>(), any::<usize>(), ".{0,4}"), 1..6);
    let result = runner(1_000).run(&(prop::sample::select(texts), changes), |(text, changes)| {
        let mut text: Vec<char> = text.chars().collect();
        for (at, len, new) in changes {
            let start = at % (text.len() + 1);
            let end = (start + len % 8).min(text.len());
            text.splice(start..end, new.chars());
        }
        let text: String = text.into_iter().collect();
        if let Err(problems) = Definition::parse(&text) {
            prop_assert!(!problems.to_string().is_empty());
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn any_value_is_survived() {
    let result = runner(2_000).run(&(json_value(), json_value()), |(value, known)| {
        survive(&value, known.clone());
        survive(&json!({"Steps": [value]}), known);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}
