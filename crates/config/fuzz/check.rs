//! What must hold of any bytes: they are read or reported, and every place is one in the text.

use std::collections::BTreeMap;

use pipewright_config::{Format, Override, Place, Placeholders, Problem, Reading, Source, env_file};
use pipewright_macros::Config;

/// Takes everything that the reader can produce, in some way.
#[derive(Config, Debug)]
#[config(crate = "pipewright_config")]
struct Any {
    a: Option<i64>,
    #[config(default = "x", min_length = 1, pattern = "[a-z]")]
    b: String,
    c: Option<Vec<Any>>,
    #[config(default)]
    d: BTreeMap<String, Any>,
    e: Option<Box<Any>>,
    #[config(ge = 0.5, multiple_of = 0.25)]
    f: Option<f64>,
}

/// The first byte says what the others are: a source in one of the formats, a `.env` file, or overrides.
pub(crate) fn check(data: &[u8]) {
    let Some((kind, data)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(data) else { return };
    match kind % 5 {
        0 => read(Format::Toml, text),
        1 => read(Format::Json, text),
        2 => read(Format::Yaml, text),
        3 => {
            let source = Source::new(".env", text);
            if let Err(problems) = env_file(&source) {
                problems.iter().for_each(|problem| place(problem, &source));
            }
        }
        _ => given(text),
    }
}

fn read(format: Format, text: &str) {
    let sources = [Source::new("text", text).format(format)];
    let placeholders = Placeholders::new().value("prefix", "p").absent("region", "none");
    let reading = Reading::new(&sources).environment("prod").placeholders(&placeholders);
    match reading.check_other_environments().load::<Any>() {
        Ok(loaded) => {
            loaded.warnings.iter().for_each(|problem| place(problem, &sources[0]));
            // Making them finds out whether they were noted well.
            assert_eq!(loaded.resolved.iter().count(), loaded.resolved.len());
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            problems.iter().for_each(|problem| place(problem, &sources[0]));
        }
    }
}

fn given(text: &str) {
    let mut lines = text.lines();
    let overrides: Vec<Override> = std::iter::from_fn(|| {
        let (key, value) = lines.next()?.split_once('=').unwrap_or_default();
        Some(Override::variable("V__", key, value).unwrap_or_else(|| Override::new(key, value)))
    })
    .collect();
    let none = Source::new("text", "");
    if let Err(problems) = Reading::new(&[]).overrides(&overrides).load::<Any>() {
        problems.iter().for_each(|problem| place(problem, &none));
    }
}

fn place(problem: &Problem, source: &Source) {
    assert!(!problem.message.is_empty());
    let Some(place) = &problem.place else { return };
    let text = match place {
        Place::File { .. } => source.text.as_str().into(),
        place => place.source(),
    };
    assert!(text.get(place.span()).is_some(), "{problem:?}");
}
