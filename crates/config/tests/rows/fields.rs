//! The rows about fields.

use std::collections::BTreeMap;
use std::fmt;

use pipewright_config::{
    Context, Decode, Describe, Failures, Node, Plain, Schema, Schemas, Secret, Shape, Source, load, schema,
    to_toml,
};
use pipewright_macros::Config;
use serde_json::json;

use crate::{property, read, right, wrong};

macro_rules! config {
    ($($(#[$meta:meta])* struct $name:ident { $($(#[$of:meta])* $field:ident: $ty:ty,)* })*) => {$(
        #[derive(Config, Debug)]
        #[config(crate = "pipewright_config")]
        $(#[$meta])*
        struct $name { $($(#[$of])* $field: $ty,)* }
    )*};
}

const SEVEN: u8 = 7;

config! { struct Defaults {
    #[config(default = 1)] a: u8,
    #[config(default = SEVEN)] b: u8,
    #[config(default)] c: Vec<u8>,
    #[config(default)] d: Inner,
} }

config! { struct Inner { #[config(default = "x")] x: String, } }

#[test]
fn default() {
    right::<Defaults>(&[
        ("", "a = 1\nb = 7\nc = []\n\n[d]\nx = \"x\""),
        ("a = 2\nc = [1]", "a = 2\nb = 7\nc = [1]\n\n[d]\nx = \"x\""),
    ]);
    assert_eq!(property::<Defaults>("b")["default"], 7);
    assert_eq!(schema::<Defaults>()["required"], json!(null));
}

config! { struct Made { #[config(default_with = three)] list: Vec<u8>, } }

fn three() -> Vec<u8> {
    vec![1, 2, 3]
}

#[test]
fn default_factory() {
    right::<Made>(&[("", "list = [1, 2, 3]"), ("list = [4]", "list = [4]")]);
    assert_eq!(property::<Made>("list")["default"], json!([1, 2, 3]));
}

config! { struct Judged { #[config(default = 8, validate = odd)] n: u8, } }

#[allow(clippy::trivially_copy_pass_by_ref, reason = "rules take references")]
fn odd(n: &u8) -> Result<(), &'static str> {
    if n % 2 == 1 { Ok(()) } else { Err("must be odd") }
}

#[test]
fn validate_default() {
    wrong::<Judged>(&[("", "n"), ("n = 2", "n")]);
    right::<Judged>(&[("n = 3", "n = 3")]);
}

config! { struct Aliased {
    #[config(alias = "b")] a: u8,
    #[config(alias = ["d", "e"])] c: u8,
    #[config(rename = "g")] f: u8,
} }

#[test]
fn alias() {
    right::<Aliased>(&[("b = 1\nd = 2\ng = 3", "b = 1\nd = 2\ng = 3")]);
    assert_eq!(read::<Aliased>("a = 1\nd = 2\ng = 3").unwrap_err(), ["b", "a"]);
}

#[test]
fn alias_choices() {
    right::<Aliased>(&[("b = 1\ne = 2\ng = 3", "b = 1\nd = 2\ng = 3")]);
    wrong::<Aliased>(&[("b = 1\nd = 2\ne = 2\ng = 3", "e")]);
}

#[test]
fn alias_path() {
    // Dots in a name are part of it: a key has one place.
    config! { struct Dotted { #[config(alias = "a.b")] a: u8, } }
    right::<Dotted>(&[("\"a.b\" = 1", "\"a.b\" = 1")]);
    assert!(read::<Dotted>("a.b = 1").is_err());
}

#[test]
fn serialization_alias() {
    right::<Aliased>(&[("b = 1\nd = 2\ng = 3", "b = 1\nd = 2\ng = 3")]);
    assert!(read::<Aliased>("b = 1\nd = 2\nf = 3").is_err());
}

config! {
    #[config(rename_all = "kebab-case")]
    struct Cased { two_words: u8, }
}

#[test]
fn alias_generator() {
    right::<Cased>(&[("two-words = 1", "two-words = 1")]);
    assert!(read::<Cased>("two_words = 1").is_err());
}

config! { struct Told {
    /// How many.
    #[config(title = "Count", examples = [1, 2], deprecated = "write `m`")]
    n: Option<u8>,
    #[config(schema_extra = extra)]
    m: Option<u8>,
} }

fn extra() -> Schema {
    json!({ "x-unit": "seconds" })
}

#[test]
fn title() {
    assert_eq!(property::<Told>("n")["title"], "Count");
}

#[test]
fn description() {
    assert_eq!(property::<Told>("n")["description"], "How many.");
}

#[test]
fn examples() {
    assert_eq!(property::<Told>("n")["examples"], json!([1, 2]));
}

#[test]
fn deprecated() {
    assert_eq!(property::<Told>("n")["deprecated"], true);
    let sources = [Source::new("a.toml", "n = 1")];
    let loaded = load::<Told>(&sources, None, &[]).unwrap();
    let warnings: Vec<_> = loaded.warnings.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(warnings, ["n"]);
}

#[test]
fn json_schema_extra() {
    assert_eq!(
        property::<Told>("m"),
        json!({ "type": "integer", "minimum": 0, "maximum": 255, "x-unit": "seconds" })
    );
}

config! { struct Bounded {
    #[config(ge = 1, le = 9, default = 1)] closed: u8,
    #[config(gt = 0, lt = 1, default = 0.5)] open: f64,
    #[config(multiple_of = 5, default = 5)] step: i8,
    #[config(multiple_of = 0.01, default = 0.5)] cents: f64,
    #[config(min_length = 2, max_length = 3, default = "ab")] text: String,
    #[config(min_length = 1, max_length = 2, default = [1])] list: Vec<u8>,
    #[config(pattern = "^[a-z]", default = "a")] word: String,
    #[config(choices = ["a", "b"], default = "a")] one: String,
} }

#[test]
fn bounds() {
    for good in ["closed = 1", "closed = 9", "open = 0.1"] {
        assert!(read::<Bounded>(good).is_ok(), "{good}");
    }
    wrong::<Bounded>(&[
        ("closed = 0", "closed"),
        ("closed = 10", "closed"),
        ("open = 0", "open"),
        ("open = 1", "open"),
    ]);
}

#[test]
fn multiple_of() {
    assert!(read::<Bounded>("step = -15").is_ok());
    wrong::<Bounded>(&[("step = 4", "step")]);
}

#[test]
fn decimal_places() {
    assert!(read::<Bounded>("cents = 1.15").is_ok());
    wrong::<Bounded>(&[("cents = 1.155", "cents")]);
}

#[test]
fn lengths() {
    for good in ["text = 'é€'", "text = 'abc'", "list = [1, 2]"] {
        assert!(read::<Bounded>(good).is_ok(), "{good}");
    }
    wrong::<Bounded>(&[
        ("text = 'a'", "text"),
        ("text = 'abcd'", "text"),
        ("list = []", "list"),
        ("list = [1, 2, 3]", "list"),
    ]);
}

#[test]
fn pattern() {
    assert!(read::<Bounded>("word = 'a1'").is_ok());
    wrong::<Bounded>(&[("word = '1a'", "word")]);
}

#[test]
fn allow_inf_nan() {
    wrong::<Bounded>(&[("open = inf", "open"), ("open = nan", "open")]);
}

#[test]
fn literal() {
    assert!(read::<Bounded>("one = 'b'").is_ok());
    wrong::<Bounded>(&[("one = 'c'", "one")]);
}

config! { struct Elements {
    #[config(default, items(ge = 2), unique_items)] list: Vec<u8>,
    #[config(default, keys(pattern = "^a"), values(max_length = 1))] map: BTreeMap<String, String>,
} }

#[test]
fn elements() {
    assert!(read::<Elements>("list = [2, 3]\nmap = { a = 'x' }").is_ok());
    wrong::<Elements>(&[
        ("list = [2, 1]", "list[1]"),
        ("map = { b = 'x' }", "map.b"),
        ("map = { a = 'xy' }", "map.a"),
    ]);
}

#[test]
fn unique_items() {
    wrong::<Elements>(&[("list = [2, 3, 2]", "list[2]")]);
}

#[derive(Config, Debug)]
#[config(crate = "pipewright_config", tag = "kind")]
#[allow(dead_code, reason = "read for its mistakes")]
enum Pet {
    Cat { lives: u8 },
    Dog { name: String },
}

#[derive(Config, Debug)]
#[config(crate = "pipewright_config", untagged)]
#[allow(dead_code, reason = "read for its mistakes")]
enum Either {
    Small(u8),
    Number(i64),
    Text(String),
}

config! { struct Owner { pet: Option<Pet>, either: Option<Either>, } }

#[test]
fn discriminator() {
    assert!(read::<Owner>("pet = { kind = 'cat', lives = 9 }").is_ok());
    wrong::<Owner>(&[
        ("pet = { kind = 'dog', name = 1 }", "pet.name"),
        ("pet = { kind = 'cow' }", "pet.kind"),
        ("pet = { name = 'x' }", "pet.kind"),
    ]);
}

#[test]
fn union() {
    // The first that reads it, from left to right.
    assert_eq!(read::<Owner>("either = 3").unwrap(), "Owner { pet: None, either: Some(Small(3)) }");
    assert_eq!(read::<Owner>("either = 300").unwrap(), "Owner { pet: None, either: Some(Number(300)) }");
    wrong::<Owner>(&[("either = true", "either")]);
}

config! { struct Strict { n: Option<u8>, text: Option<String>, flag: Option<bool>, float: Option<f64>, } }

#[test]
fn strict() {
    wrong::<Strict>(&[
        ("n = '1'", "n"),
        ("n = true", "n"),
        ("n = 1.5", "n"),
        ("text = 1", "text"),
        ("flag = 1", "flag"),
        ("flag = 'true'", "flag"),
        ("float = '1.5'", "float"),
    ]);
}

#[test]
fn coerce_numbers_to_str() {
    wrong::<Strict>(&[("text = 1", "text"), ("text = 1.5", "text")]);
}

#[test]
fn fail_fast() {
    assert_eq!(read::<Strict>("n = '1'\ntext = 1\nflag = 1").unwrap_err(), ["n", "text", "flag"]);
}

config! { struct Hidden { token: Secret<String>, } }

#[test]
fn exclude_and_repr() {
    assert_eq!(read::<Hidden>("token = 'hunter2'").unwrap(), "Hidden { token: ****** }");
    let sources = [Source::new("a.toml", "token = 'hunter2'")];
    let loaded = load::<Hidden>(&sources, None, &[]).unwrap();
    assert!(!to_toml(&loaded.value).unwrap().contains("hunter2"));
}

mod elsewhere {
    /// Where a field is private, nobody outside changes it; what has no `pub` constructor nobody makes.
    #[derive(pipewright_macros::Config, Clone, Debug, Default, PartialEq)]
    #[config(crate = "pipewright_config")]
    pub(super) struct Frozen {
        n: u8,
    }

    impl Frozen {
        pub(super) fn n(&self) -> u8 {
            self.n
        }

        pub(super) fn doubled(&self) -> u8 {
            self.n * 2
        }
    }
}

#[test]
fn frozen_and_init() {
    let sources = [Source::new("a.toml", "n = 2")];
    let read = load::<elsewhere::Frozen>(&sources, None, &[]).unwrap().value;
    assert_eq!((read.n(), elsewhere::Frozen::default().n()), (2, 0));
    assert_eq!(read, read.clone());
    // Nothing was added to the type that could change it.
    assert_eq!(size_of::<elsewhere::Frozen>(), 1);
}

#[test]
fn computed_field() {
    let sources = [Source::new("a.toml", "n = 2")];
    let read = load::<elsewhere::Frozen>(&sources, None, &[]).unwrap().value;
    assert_eq!(read.doubled(), 4);
    assert_eq!(to_toml(&read).unwrap(), "n = 2\n");
}

config! {
    #[config(validate = whole, validate(ordered, low, high))]
    struct Ruled {
        low: u8,
        high: u8,
        #[config(after = halve, validate = odd, default = 2)]
        n: u8,
        #[config(before = split, default)]
        words: Vec<String>,
    }
}

fn halve(n: u8) -> Result<u8, &'static str> {
    if n.is_multiple_of(2) { Ok(n / 2) } else { Err("can't be halved") }
}

#[allow(clippy::unnecessary_wraps, reason = "a rule may fail")]
fn split(value: Plain) -> Result<Plain, Failures> {
    Ok(match value {
        Plain::Text(text) => Plain::List(text.split(' ').map(Plain::from).collect()),
        other => other,
    })
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "rules take references")]
fn ordered(low: &u8, high: &u8) -> Result<(), &'static str> {
    if low <= high { Ok(()) } else { Err("has `low` above `high`") }
}

fn whole(ruled: &Ruled) -> Result<(), Failures> {
    let mut failures = Failures::default();
    if ruled.words.len() > 2 {
        failures.at("words", "must be two at most");
    }
    failures.finish()
}

#[test]
fn after_validator() {
    assert!(read::<Ruled>("low = 1\nhigh = 1\nn = 6").unwrap().contains("n: 3"));
    wrong::<Ruled>(&[("low = 1\nhigh = 1\nn = 3", "n"), ("low = 1\nhigh = 1\nn = 4", "n")]);
}

#[test]
fn before_validator() {
    assert!(read::<Ruled>("low = 1\nhigh = 1\nwords = 'a b'").unwrap().contains("words: [\"a\", \"b\"]"));
}

#[test]
fn model_validator() {
    wrong::<Ruled>(&[("low = 1\nhigh = 1\nwords = 'a b c'", "words"), ("low = 2\nhigh = 1", "")]);
    // As soon as the two were read: what else is wrong does not hide it.
    assert_eq!(read::<Ruled>("low = 2\nhigh = 1\nn = 'x'").unwrap_err(), ["", "n"]);
}

/// A type that reads itself.
#[derive(Debug)]
struct Port(u16);

impl Decode for Port {
    fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
        let port = u16::decode(node, cx)?;
        if port < 1024 {
            return cx.invalid(node, "be at least 1024", "at least 1024", None);
        }
        Some(Self(port))
    }

    fn encode(&self) -> Option<Plain> {
        self.0.encode()
    }
}

impl Describe for Port {
    const SHAPE: Shape = Shape::Integer { min: 1024, max: 65535 };

    fn describe(_: &mut Schemas) -> Schema {
        json!({ "type": "integer", "minimum": 1024, "maximum": 65535 })
    }
}

config! { struct Own { port: Option<Port>, colour: Option<Colour>, } }

#[derive(Config, Debug)]
#[config(crate = "pipewright_config", from_str = "a colour", pattern = "^#[0-9a-f]{6}$")]
struct Colour(u32);

impl std::str::FromStr for Colour {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u32::from_str_radix(text.trim_start_matches('#'), 16).map(Self)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:06x}", self.0)
    }
}

#[test]
fn wrap_and_plain_validator() {
    right::<Own>(&[("port = 8080", "port = 8080")]);
    wrong::<Own>(&[("port = 80", "port"), ("port = 'x'", "port")]);
}

#[test]
fn custom_types() {
    right::<Own>(&[("colour = '#00ff00'", "colour = \"#00ff00\"")]);
    wrong::<Own>(&[("colour = '#0f0'", "colour"), ("colour = 1", "colour")]);
    assert_eq!(schema::<Colour>()["pattern"], "^#[0-9a-f]{6}$");
}

#[test]
fn field_serializer() {
    right::<Own>(&[("port = 8080\ncolour = '#00ff00'", "port = 8080\ncolour = \"#00ff00\"")]);
}

/// A list of names.
#[derive(Config, Debug)]
#[config(crate = "pipewright_config", transparent)]
#[allow(dead_code, reason = "shown by Debug")]
struct Names(#[config(min_length = 1, items(max_length = 3))] Vec<String>);

config! { struct Rooted { names: Names, } }

#[test]
fn root_model() {
    right::<Rooted>(&[("names = ['a']", "names = [\"a\"]")]);
    wrong::<Rooted>(&[
        ("names = []", "names"),
        ("names = ['long']", "names[0]"),
        ("names = { a = 1 }", "names"),
    ]);
    let schema = schema::<Rooted>();
    assert_eq!(schema["$defs"]["Names"]["type"], "array");
    assert_eq!(schema["$defs"]["Names"]["description"], "A list of names.");
}

config! { struct Closed { a: Option<u8>, } }

config! { struct Open {
    a: Option<u8>,
    #[config(flatten)] rest: BTreeMap<String, u8>,
} }

#[test]
fn extra_forbid() {
    wrong::<Closed>(&[("b = 1", "b")]);
    right::<Open>(&[("a = 1\nb = 2", "a = 1\nb = 2")]);
}

config! { struct Derived {
    #[config(flatten)] base: Base,
    own: u8,
} }

config! { struct Base { shared: u8, } }

#[test]
fn inheritance() {
    assert_eq!(
        read::<Derived>("shared = 1\nown = 2").unwrap(),
        "Derived { base: Base { shared: 1 }, own: 2 }"
    );
    wrong::<Derived>(&[("own = 2", "shared")]);
}

#[test]
fn model_dump() {
    let written = "a = 2\nb = 7\nc = []\n\n[d]\nx = \"y\"";
    right::<Defaults>(&[("a = 2\nd = { x = 'y' }", written), (written, written)]);
}

#[test]
fn model_json_schema() {
    let schema = schema::<Closed>();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["additionalProperties"], false);
    jsonschema::meta::validate(&schema).unwrap();
}
