//! One of everything.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use pipewright_config::{
    Arn, ArnOf, ByteSize, Date, DateTime, InstanceType, Region, S3Uri, SecretRef, Time, Url, kinds,
};
use pipewright_macros::Config;

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
