//! What fields can say beyond types and limits: names, functions, types of one's own.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]
#![allow(clippy::trivially_copy_pass_by_ref, clippy::unnecessary_wraps, reason = "the shape that a rule has")]

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use pipewright_config::{ByteSize, Decode, Failures, Plain, Source, load, schema, to_toml};
use pipewright_macros::Config;

#[track_caller]
fn check<T: Decode + fmt::Debug>(text: &str, expected: Result<&str, &[&str]>) {
    let sources = [Source::new("a.toml", text)];
    let got = load::<T>(&sources, None, &[]).map(|loaded| to_toml(&loaded.value).unwrap());
    let got = got.map_err(|problems| problems.iter().map(|p| p.message.clone()).collect::<Vec<_>>());
    let expected = expected.map(str::to_owned).map_err(|list| list.iter().map(|m| (*m).to_owned()).collect());
    assert_eq!(got, expected, "{text}");
}

#[derive(Config, Debug)]
#[config(crate = "pipewright_config", rename_all = "camelCase")]
struct Named {
    #[config(alias = ["a", "b"])]
    either: Option<u8>,
    #[config(rename = "c", deprecated = "write `a`")]
    old: Option<u8>,
    two_words: u8,
}

#[test]
fn names() {
    check::<Named>("a = 1\ntwoWords = 2", Ok("a = 1\ntwoWords = 2\n"));
    check::<Named>("b = 1\ntwoWords = 2", Ok("a = 1\ntwoWords = 2\n"));
    check::<Named>(
        "a = 1\nb = 2\ntwo_words = 1",
        Err(&[
            "`twoWords` is missing",
            "`b` must not stand beside `a`, which says the same, but is 2",
            "`two_words` is not a key of the configuration",
        ]),
    );
    let sources = [Source::new("a.toml", "c = 1\ntwoWords = 2")];
    let loaded = load::<Named>(&sources, None, &[]).unwrap();
    assert_eq!(loaded.warnings.len(), 1);
    let warning = loaded.warnings[0].to_string();
    assert_eq!(warning, "warning: `c` is deprecated\n  at a.toml:1:1\n  help: write `a`");
}

#[derive(Config, Debug)]
#[config(crate = "pipewright_config", validate = whole, validate(ordered, low, high))]
struct Ruled {
    low: u8,
    high: u8,
    #[config(default_with = seven)]
    seven: u8,
    #[config(before = split, default, items(min_length = 1))]
    words: Vec<String>,
    #[config(after = halve, default = 4)]
    half: u8,
    #[config(validate = odd, validate = small, default = 1)]
    odd: u8,
}

fn seven() -> u8 {
    7
}

fn split(value: Plain) -> Result<Plain, Failures> {
    Ok(match value {
        Plain::Text(text) => Plain::List(text.split(' ').map(Plain::from).collect()),
        other => other,
    })
}

fn halve(n: u8) -> Result<u8, String> {
    if n.is_multiple_of(2) { Ok(n / 2) } else { Err("can't be halved".to_owned()) }
}

fn odd(n: &u8) -> Result<(), &'static str> {
    if n % 2 == 1 { Ok(()) } else { Err("must be odd") }
}

fn small(n: &u8) -> Result<(), &'static str> {
    if *n < 100 { Ok(()) } else { Err("must be small") }
}

fn ordered(low: &u8, high: &u8) -> Result<(), Failures> {
    let mut failures = Failures::default();
    if low > high {
        failures.at("high", format!("must be at least `low`, {low}"));
    }
    failures.finish()
}

fn whole(ruled: &Ruled) -> Result<(), Failures> {
    if ruled.words.len() < 3 { Ok(()) } else { Err("has too many words".into()) }
}

#[test]
fn functions() {
    let written = "low = 1\nhigh = 2\nseven = 7\nwords = [\"a\", \"b\"]\nhalf = 2\nodd = 1\n";
    check::<Ruled>("low = 1\nhigh = 2\nwords = 'a b'", Ok(written));
    check::<Ruled>("low = 1\nhigh = 2\nwords = 'a b c'", Err(&["the configuration has too many words"]));
    // The rule about two fields runs although others could not be read.
    check::<Ruled>(
        "low = 3\nhigh = 2\nhalf = 3\nodd = 2\nseven = 'x'",
        Err(&[
            "`high` must be at least `low`, 3",
            "`half` can't be halved (found 3)",
            "`odd` must be odd (found 2)",
            "`seven` must be an integer from 0 to 255, not the string \"x\"",
        ]),
    );
    assert_eq!(schema::<Ruled>()["properties"]["seven"]["default"], 7);
}

#[derive(Config, Debug)]
#[config(crate = "pipewright_config")]
struct Limited {
    #[config(ge = "1m", le = "1h", default = "30m")]
    time: Duration,
    #[config(lt = "1 GiB", default = "5 MiB", title = "Size", examples = ["1 MiB"])]
    size: ByteSize,
}

#[test]
fn limits() {
    check::<Limited>("time = 90\nsize = '1 MB'", Ok("time = \"1m30s\"\nsize = \"1 MB\"\n"));
    check::<Limited>(
        "time = '2h'\nsize = '1 GiB'",
        Err(&[
            "`time` must be at most 1h, but is \"2h\"",
            "`size` must be less than 1 GiB, but is \"1 GiB\"",
        ]),
    );
}

#[test]
fn described() {
    let schema = schema::<Limited>();
    assert_eq!(schema["properties"]["size"]["title"], "Size");
    assert_eq!(schema["properties"]["size"]["examples"][0], "1 MiB");
}

#[derive(Config, Debug)]
#[config(crate = "pipewright_config", from_str = "a colour as in #ff0000")]
struct Colour(u32);

impl FromStr for Colour {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix('#').ok_or("it begins with #")?;
        u32::from_str_radix(digits, 16).map(Self).map_err(|error| error.to_string())
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:06x}", self.0)
    }
}

#[derive(Config, Debug)]
#[config(crate = "pipewright_config")]
struct Painted {
    colour: Colour,
}

#[test]
fn own_types() {
    check::<Painted>("colour = '#ff0000'", Ok("colour = \"#ff0000\"\n"));
    check::<Painted>("colour = 'red'", Err(&["`colour` must be a colour as in #ff0000, but is \"red\""]));
}
