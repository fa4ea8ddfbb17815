//! One of everything.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use pipewright_config::{
    Arn, ArnOf, ByteSize, Date, DateTime, Failures, InstanceType, Plain, Region, S3Uri, Schema, SecretRef,
    Time, Url, kinds,
};
use pipewright_macros::Config;
use serde_json::json;

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config")]
pub(crate) struct Scalars {
    int8: Option<i8>,
    int64: Option<i64>,
    natural: Option<u32>,
    wide: Option<u128>,
    not_zero: Option<NonZero<i16>>,
    positive: Option<NonZero<u8>>,
    float: Option<f64>,
    single: Option<f32>,
    #[config(default = true)]
    flag: bool,
    text: String,
    letter: Option<char>,
    path: Option<PathBuf>,
}

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config", rename_all = "kebab-case")]
pub(crate) struct Collections {
    #[config(default)]
    some_list: Vec<i8>,
    #[config(default)]
    set: BTreeSet<i8>,
    #[config(default)]
    hashed: HashSet<String>,
    pair: Option<(u8, String)>,
    three: Option<[bool; 3]>,
    nested: Option<Box<Collections>>,
    #[config(default)]
    table: HashMap<String, Vec<bool>>,
    #[config(flatten)]
    inner: Inner,
}

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config")]
pub(crate) struct Inner {
    #[config(alias = ["in", "inner"])]
    within: u8,
    #[config(rename = "o", alias = "opt")]
    option: Option<u8>,
}

const MOST: u8 = 20;

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config")]
pub(crate) struct Constrained {
    #[config(ge = -2, lt = 5, default = 0)]
    whole: i32,
    #[config(le = MOST, multiple_of = 5, default = MOST)]
    steps: u8,
    #[config(gt = 0.25, le = 7.5, multiple_of = 0.25)]
    float: Option<f64>,
    #[config(min_length = 1, max_length = 2)]
    text: Option<String>,
    #[config(pattern = "^a+$")]
    matched: Option<String>,
    #[config(choices = ["a", "b"])]
    one: Option<String>,
    #[config(choices = [1, 2])]
    digit: Option<u8>,
    #[config(default, max_length = 2, unique_items, items(ge = 1, le = 9))]
    list: Vec<u8>,
    #[config(default, items(items(max_length = 2)))]
    lists: Vec<Vec<String>>,
    #[config(default, max_length = 2, keys(pattern = "^a"), values(lt = 10))]
    table: BTreeMap<String, u8>,
    #[config(deprecated = "write `text`", title = "Old", examples = ["x"])]
    old: Option<String>,
}

#[derive(Config, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[config(crate = "pipewright_config")]
pub(crate) enum Speed {
    Fast,
    #[config(rename = "very_fast", alias = "b")]
    VeryFast,
}

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config")]
pub(crate) struct Enums {
    speed: Option<Speed>,
    external: Option<External>,
    internal: Option<Internal>,
    adjacent: Option<Adjacent>,
    #[config(default)]
    untagged: Vec<Untagged>,
}

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config")]
pub(crate) enum External {
    Nothing,
    One(#[config(ge = 1, le = 9)] u8),
    Two(u8, String),
    Fields { a: u8, b: Option<bool> },
}

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config", tag = "kind", rename_all = "UPPERCASE")]
pub(crate) enum Internal {
    Nothing,
    Held(Inner),
    Fields {
        #[config(default = 3, le = 9)]
        a: u8,
    },
}

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config", tag = "t", content = "c")]
pub(crate) enum Adjacent {
    Nothing,
    One(Vec<u8>),
    Two(u8, bool),
    Fields { a: Speed },
}

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config", untagged)]
pub(crate) enum Untagged {
    Number(i8),
    Text(String),
    Table { a: u8 },
    List(Vec<bool>),
}

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config")]
pub(crate) struct Keys {
    #[config(default)]
    by_number: BTreeMap<u8, bool>,
    #[config(default)]
    by_signed: BTreeMap<i16, bool>,
    #[config(default)]
    by_not_zero: BTreeMap<NonZero<i8>, bool>,
    #[config(default)]
    by_speed: BTreeMap<Speed, u8>,
    #[config(default)]
    by_region: HashMap<Region, u8>,
    #[config(default)]
    by_flag: BTreeMap<bool, u8>,
    #[config(flatten)]
    rest: BTreeMap<String, bool>,
}

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config")]
pub(crate) struct Spelt {
    duration: Option<Duration>,
    size: Option<ByteSize>,
    date: Option<Date>,
    time: Option<Time>,
    moment: Option<DateTime>,
    url: Option<Url>,
    uri: Option<S3Uri>,
    arn: Option<Arn>,
    role: Option<ArnOf<kinds::Role>>,
    region: Option<Region>,
    instance: Option<InstanceType>,
    secret: Option<SecretRef>,
}

/// A name.
#[derive(Config, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[config(crate = "pipewright_config", transparent)]
pub(crate) struct Name(#[config(min_length = 1, max_length = 4)] String);

#[derive(Config, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[config(crate = "pipewright_config", transparent)]
pub(crate) struct Small(#[config(ge = 2, le = 250)] u8);

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config", transparent)]
pub(crate) struct Names(#[config(max_length = 3)] Vec<Name>);

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config", transparent)]
pub(crate) struct Table(BTreeMap<Small, Small>);

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config", transparent)]
pub(crate) struct Maybe(Option<Small>);

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config", transparent)]
pub(crate) struct Tree(#[config(max_length = 1)] Vec<Tree>);

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config")]
pub(crate) struct Newtypes {
    name: Name,
    #[config(max_length = 2, pattern = "^a")]
    short: Option<Name>,
    small: Option<Small>,
    // The limits of the type hold, too.
    #[config(ge = 1, le = 9)]
    smaller: Option<Small>,
    #[config(default = 7)]
    seven: Small,
    names: Option<Names>,
    #[config(min_length = 1, max_length = 2)]
    few: Option<Names>,
    table: Option<Table>,
    #[config(max_length = 1)]
    narrow: Option<Table>,
    maybe: Maybe,
    tree: Option<Tree>,
    #[config(default)]
    by_name: BTreeMap<Name, Small>,
    #[config(default, keys(ge = 3, lt = 40), values(ge = 9))]
    by_small: BTreeMap<Small, Small>,
}

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config")]
pub(crate) struct Sizes {
    #[config(ge = "1 kB", le = "10 MB")]
    both: Option<ByteSize>,
    #[config(gt = 999, lt = 1024)]
    strict: Option<ByteSize>,
    #[config(default, items(le = "1 KiB"))]
    list: Vec<ByteSize>,
    #[config(ge = 2)]
    least: Option<Limit>,
}

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config", transparent)]
pub(crate) struct Limit(#[config(le = "1 GiB")] ByteSize);

/// A colour.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Config)]
#[config(crate = "pipewright_config", from_str = "a colour", pattern = "^#[0-9a-f]{6}$")]
pub(crate) struct Colour(u32);

impl std::str::FromStr for Colour {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u32::from_str_radix(text.trim_start_matches('#'), 16).map(Self)
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:06x}", self.0)
    }
}

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config", validate = together, schema_extra = together_in_the_schema)]
pub(crate) struct Told {
    colour: Option<Colour>,
    #[config(min_length = 8)]
    long: Option<Colour>,
    #[config(default)]
    by_colour: BTreeMap<Colour, bool>,
    #[config(validate = odd, schema_extra = odd_in_the_schema)]
    odd: Option<u8>,
    #[config(default, before = split, items(min_length = 1), schema_extra = split_in_the_schema)]
    words: Vec<String>,
}

fn together(told: &Told) -> Result<(), Failures> {
    let together = told.colour.is_none() || told.odd.is_some();
    if together { Ok(()) } else { Err("has a colour and no odd number".into()) }
}

fn together_in_the_schema() -> Schema {
    json!({ "dependentRequired": { "colour": ["odd"] } })
}

#[allow(clippy::trivially_copy_pass_by_ref, clippy::ref_option, reason = "a rule takes a reference")]
fn odd(n: &Option<u8>) -> Result<(), &'static str> {
    if n.is_none_or(|n| n % 2 == 1) { Ok(()) } else { Err("must be odd") }
}

fn odd_in_the_schema() -> Schema {
    json!({ "not": { "multipleOf": 2 } })
}

#[allow(clippy::unnecessary_wraps, reason = "a rule may fail")]
fn split(value: Plain) -> Result<Plain, Failures> {
    Ok(match value {
        Plain::Text(text) => Plain::List(text.split(';').map(Plain::from).collect()),
        other => other,
    })
}

fn split_in_the_schema() -> Schema {
    json!({ "anyOf": [
        { "type": "string", "pattern": "^[^;]+(?:;[^;]+)*$" },
        { "type": "array", "items": { "type": "string", "minLength": 1 } },
    ] })
}

#[derive(Config, Debug, PartialEq)]
#[config(crate = "pipewright_config")]
pub(crate) struct Durations {
    #[config(le = "1h")]
    most: Option<Duration>,
    #[config(ge = "1m", lt = 5400)]
    between: Option<Duration>,
    #[config(default, items(gt = 1, le = "30m"))]
    list: Vec<Duration>,
}
