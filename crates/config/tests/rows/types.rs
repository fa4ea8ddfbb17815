//! The rows about types.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use pipewright_config::{
    Arn, ArnOf, ByteSize, Date, DateTime, InstanceType, Region, S3Uri, Secret, SecretRef, Time, Url, kinds,
};
use pipewright_macros::Config;

use crate::{read, right, wrong};

macro_rules! options {
    ($name:ident { $($(#[$of:meta])* $field:ident: $ty:ty,)* }) => {
        #[derive(Config, Debug)]
        #[config(crate = "pipewright_config")]
        #[allow(dead_code, reason = "shown by Debug")]
        struct $name { $($(#[$of])* $field: Option<$ty>,)* }
    };
}

options! { Scalars {
    small: u8, wide: i128, not_zero: NonZero<u8>, single: f32, float: f64, flag: bool, text: String, letter: char,
} }

#[test]
fn scalars() {
    right::<Scalars>(&[
        ("small = 255", "small = 255"),
        ("wide = -9223372036854775808", "wide = -9223372036854775808"),
        ("not_zero = 1", "not_zero = 1"),
        ("single = 0.5", "single = 0.5"),
        ("float = 1e300", "float = 1e300"),
        ("flag = false", "flag = false"),
        ("text = 'é'", "text = \"é\""),
        ("letter = 'é'", "letter = \"é\""),
        // What is absent is `None`.
        ("", ""),
    ]);
    wrong::<Scalars>(&[
        ("small = 256", "small"),
        ("small = -1", "small"),
        ("not_zero = 0", "not_zero"),
        ("single = 1e39", "single"),
        ("flag = 'false'", "flag"),
        ("letter = 'ab'", "letter"),
    ]);
}

options! { Collections {
    list: Vec<u8>, three: [u8; 3], pair: (u8, String), set: BTreeSet<u8>, hashed: HashSet<u8>,
    map: BTreeMap<String, u8>, ports: HashMap<u16, bool>,
} }

#[test]
fn collections() {
    right::<Collections>(&[
        ("list = [2, 1, 2]", "list = [2, 1, 2]"),
        ("three = [1, 2, 3]", "three = [1, 2, 3]"),
        ("pair = [1, 'a']", "pair = [1, \"a\"]"),
        ("set = [2, 1]", "set = [1, 2]"),
        ("hashed = [2]", "hashed = [2]"),
        ("map = { a = 1 }", "[map]\na = 1"),
        ("ports = { 80 = true }", "[ports]\n80 = true"),
    ]);
    wrong::<Collections>(&[
        ("list = 1", "list"),
        ("list = [1, 'a']", "list[1]"),
        ("three = [1, 2]", "three"),
        ("pair = ['a', 'a']", "pair[0]"),
        ("set = [1, 1]", "set[1]"),
        ("map = { a = 'x' }", "map.a"),
        ("ports = { x = true }", "ports.x"),
    ]);
}

#[derive(Config, Debug)]
#[config(crate = "pipewright_config")]
enum Speed {
    Fast,
    VerySlow,
}

options! { Choice { speed: Speed, } }

#[test]
fn enums() {
    right::<Choice>(&[
        ("speed = 'fast'", "speed = \"fast\""),
        ("speed = 'very_slow'", "speed = \"very_slow\""),
    ]);
    wrong::<Choice>(&[("speed = 'Fast'", "speed"), ("speed = 0", "speed")]);
}

options! { Times { duration: Duration, date: Date, time: Time, moment: DateTime, } }

#[test]
fn durations() {
    assert_eq!(read::<Times>("duration = '1h30m'"), read::<Times>("duration = 'PT1H30M'"));
    assert_eq!(read::<Times>("duration = '1h30m'"), read::<Times>("duration = 5400"));
    right::<Times>(&[("duration = 'PT1H30M'", "duration = \"1h30m\"")]);
    wrong::<Times>(&[("duration = '01:30:00'", "duration"), ("duration = -1", "duration")]);
}

#[test]
fn dates() {
    right::<Times>(&[
        ("date = 2024-02-29", "date = 2024-02-29"),
        ("date = '2024-02-29'", "date = 2024-02-29"),
        ("time = 23:59:59", "time = 23:59:59"),
        ("moment = 2024-02-29T23:59:59Z", "moment = 2024-02-29T23:59:59Z"),
    ]);
    wrong::<Times>(&[
        ("date = '2023-02-29'", "date"),
        ("time = '24:00:00'", "time"),
        ("moment = '2024'", "moment"),
    ]);
}

options! { Sizes { size: ByteSize, } }

#[test]
fn byte_sizes() {
    assert_eq!(read::<Sizes>("size = '1 KiB'"), read::<Sizes>("size = 1024"));
    right::<Sizes>(&[("size = '1.5 kB'", "size = \"1500 B\""), ("size = '1024 MiB'", "size = \"1 GiB\"")]);
    wrong::<Sizes>(&[("size = '1 K'", "size"), ("size = -1", "size")]);
}

options! { Urls { any: Url, #[config(pattern = "^https://")] secure: Url, } }

#[test]
fn urls() {
    right::<Urls>(&[
        ("any = 'http://a.b/c?d'", "any = \"http://a.b/c?d\""),
        ("secure = 'https://a.b'", "secure = \"https://a.b\""),
    ]);
    wrong::<Urls>(&[("any = 'a.b'", "any"), ("secure = 'http://a.b'", "secure")]);
}

options! { Paths { path: PathBuf, } }

#[test]
fn paths() {
    right::<Paths>(&[("path = '/a/../b'", "path = \"/a/../b\"")]);
    wrong::<Paths>(&[("path = 1", "path"), ("path = \"a\\u0000\"", "path")]);
}

options! { Secrets { token: Secret<u16>, reference: SecretRef, } }

#[test]
fn secrets() {
    assert!(!read::<Secrets>("token = 4711").unwrap().contains("4711"));
    wrong::<Secrets>(&[("token = 'hunter2'", "token"), ("reference = 'hunter2'", "reference")]);
    let reference = "reference = \"{{resolve:ssm-secure:/a}}\"";
    right::<Secrets>(&[(reference, reference)]);
}

options! { Aws { uri: S3Uri, arn: Arn, role: ArnOf<kinds::Role>, region: Region, instance: InstanceType, } }

#[test]
fn aws() {
    for good in [
        "uri = \"s3://abc/d\"",
        "arn = \"arn:aws:s3:::abc\"",
        "role = \"arn:aws:iam::111122223333:role/x\"",
        "region = \"eu-west-1\"",
        "instance = \"ml.m5.large\"",
    ] {
        right::<Aws>(&[(good, good)]);
    }
    wrong::<Aws>(&[
        ("uri = 's3://A'", "uri"),
        ("arn = 'arn:aws'", "arn"),
        ("role = 'arn:aws:iam::111122223333:user/x'", "role"),
        ("region = 'eu-west'", "region"),
        ("instance = 'm5'", "instance"),
    ]);
}
