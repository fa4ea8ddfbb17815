//! The schema takes exactly what the decoder takes, and what is written reads back the same.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod generate;
#[path = "../json/mod.rs"]
mod json;
mod zoo;

use std::fmt::Debug;

use pipewright_config::{Decode, Source, load, schema, to_toml};
use proptest::prelude::*;
use serde_json::Value as Json;

use crate::generate::Generator;
use crate::json::toml;

/// How many values are tried for each type.
const VALUES: usize = 150;

/// Holds that the schema takes whatever the decoder takes, where it can't say all that the decoder asks for.
#[track_caller]
fn never_less<T: Decode>(seed: u64) {
    let schema = schema::<T>();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut generator = Generator::new(seed, &schema);
    let (mut both, mut neither) = (0, 0);
    for _ in 0..VALUES {
        let value = generator.value(&schema);
        let Json::Object(_) = &value else { continue };
        let text = toml(&value);
        let sources = [Source::new("a.toml", text.as_str())];
        match (load::<T>(&sources, None, &[]).is_ok(), validator.is_valid(&value)) {
            (true, false) => panic!("{text}\n{schema:#}"),
            (true, true) => both += 1,
            (false, false) => neither += 1,
            (false, true) => {}
        }
    }
    assert!(both > 5 && neither > 5, "{both} both, {neither} neither\n{schema:#}");
}

/// How many times as many.
fn cases() -> u32 {
    if std::env::var_os("PIPEWRIGHT_LONG").is_some() { 200 } else { 4 }
}

#[track_caller]
fn agree<T: Decode + PartialEq + Debug>(seed: u64) {
    let schema = schema::<T>();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let mut generator = Generator::new(seed, &schema);
    let (mut right, mut wrong) = (0, 0);
    for _ in 0..VALUES {
        let value = generator.value(&schema);
        let Json::Object(_) = &value else { continue };
        let text = toml(&value);
        let sources = [Source::new("a.toml", text.as_str())];
        let loaded = load::<T>(&sources, None, &[]);
        let valid = validator.is_valid(&value);
        let problems = loaded.as_ref().err().map(ToString::to_string).unwrap_or_default();
        assert_eq!(loaded.is_ok(), valid, "{text}\ndecoder: {problems}\n{schema:#}");
        if valid {
            right += 1;
        } else {
            wrong += 1;
        }
        if let Ok(loaded) = loaded {
            let written = to_toml(&loaded.value).unwrap();
            let sources = [Source::new("b.toml", written.as_str())];
            let again = load::<T>(&sources, None, &[]);
            let again = again.unwrap_or_else(|problems| panic!("{written}\n{problems}"));
            assert_eq!(again.value, loaded.value, "{text}\n{written}");
        }
    }
    // A generator that only makes one kind of value tests nothing.
    assert!(right > 5 && wrong > 5, "{right} right, {wrong} wrong\n{schema:#}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn scalars(seed: u64) {
        agree::<zoo::Scalars>(seed);
    }

    #[test]
    fn collections(seed: u64) {
        agree::<zoo::Collections>(seed);
    }

    #[test]
    fn constraints(seed: u64) {
        agree::<zoo::Constrained>(seed);
    }

    #[test]
    fn enums(seed: u64) {
        agree::<zoo::Enums>(seed);
    }

    #[test]
    fn keys(seed: u64) {
        agree::<zoo::Keys>(seed);
    }

    #[test]
    fn newtypes(seed: u64) {
        agree::<zoo::Newtypes>(seed);
    }

    #[test]
    fn sizes(seed: u64) {
        agree::<zoo::Sizes>(seed);
    }

    #[test]
    fn what_a_program_says_of_its_own_rules(seed: u64) {
        agree::<zoo::Told>(seed);
    }

    #[test]
    fn durations(seed: u64) {
        never_less::<zoo::Durations>(seed);
    }

    #[test]
    fn spelt_types(seed: u64) {
        agree::<zoo::Spelt>(seed);
    }
}
