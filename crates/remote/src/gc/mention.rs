//! [`Mentions`]: what texts say of objects of a bucket. On the safe side: whatever looks like a mention is one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::key::OwnKey;

/// Stands in a joined text for a piece that is known only when the pipeline runs.
const UNKNOWN: char = '\u{0}';
/// How deep texts within texts (a definition in a template) are looked into.
const NESTED: u8 = 4;

/// Which objects of a bucket texts refer to.
///
/// An object is referred to by a text that holds the SHA-256 of its key anywhere, in capitals or escaped too; by the text whose
/// own SHA-256 it is; and by a text with `s3://BUCKET/PREFIX` where the key begins with PREFIX. Joins (`Std:Join`, `Fn::Join`) are
/// put together before; where a piece is unknown until run time, what stands before it is the prefix.
#[derive(Clone, Debug)]
pub struct Mentions {
    bucket: String,
    /// The hashes that are looked for, and who mentions each first.
    hashes: HashMap<String, Option<String>>,
    /// Prefixes of keys, and who mentions each first.
    prefixes: BTreeMap<String, String>,
}

impl Mentions {
    /// Will look for these keys of the bucket.
    pub fn new<'k>(bucket: &str, keys: impl IntoIterator<Item = &'k str>) -> Self {
        let hashes =
            keys.into_iter().filter_map(OwnKey::parse).map(|own| (own.sha256.to_owned(), None)).collect();
        Self { bucket: bucket.to_owned(), hashes, prefixes: BTreeMap::new() }
    }

    /// Notes what a text mentions; `who` says whose it is: `pipeline abalone, version 3`.
    pub fn read(&mut self, who: &str, text: &str) {
        self.note(&hex(text), who);
        self.note_hashes(text, who);
        if text.contains('\\') {
            self.note_hashes(&unescape(text), who);
        }
        let mut texts = Vec::new();
        collect(text, NESTED, &mut texts);
        let prefixes: BTreeSet<String> = texts.iter().flat_map(|text| self.prefixes_in(text)).collect();
        for prefix in prefixes {
            self.prefixes.entry(prefix).or_insert_with(|| who.to_owned());
        }
    }

    /// Keeps an object whatever the texts say.
    pub fn keep(&mut self, key: &str, who: &str) {
        self.note_hashes(key, who);
    }

    /// Who refers to the object under this key, the first who did; `None` when nobody does.
    pub fn who(&self, key: &str) -> Option<&str> {
        let own = OwnKey::parse(key)?;
        if let Some(Some(who)) = self.hashes.get(own.sha256) {
            return Some(who);
        }
        self.prefixes.iter().find(|(prefix, _)| key.starts_with(prefix.as_str())).map(|(_, who)| who.as_str())
    }

    /// Who refers to the bucket as a whole, and thereby keeps everything in it.
    pub fn whole(&self) -> Option<&str> {
        self.prefixes.get("").map(String::as_str)
    }

    fn note(&mut self, hash: &str, who: &str) {
        if let Some(first @ None) = self.hashes.get_mut(hash) {
            *first = Some(who.to_owned());
        }
    }

    /// Notes each hash that stands in the text. What is around it does not matter: `%2f` before it is hex as well.
    fn note_hashes(&mut self, text: &str, who: &str) {
        let lower = text.to_ascii_lowercase();
        for run in lower.split(|c: char| !c.is_ascii_hexdigit()) {
            let Some(last) = run.len().checked_sub(64) else { continue };
            for start in 0..=last {
                self.note(&run[start..start + 64], who);
            }
        }
    }

    /// The prefixes of keys that stand in a text as `s3://BUCKET/PREFIX`, without those that hold a hash: they are noted as such.
    fn prefixes_in(&self, text: &str) -> Vec<String> {
        let start = format!("s3://{}", self.bucket);
        let mut found = Vec::new();
        for (at, _) in text.match_indices(&start) {
            let rest = &text[at + start.len()..];
            let key = match rest.chars().next() {
                Some('/') => &rest[1..],
                // Another bucket, whose name is longer.
                Some(c) if c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_') => continue,
                _ => "",
            };
            let end = key
                .find(|c: char| {
                    c.is_whitespace()
                        || c.is_control()
                        || matches!(c, '"' | '\'' | '\\' | ',' | '<' | '>' | '?' | '#' | '*')
                })
                .unwrap_or(key.len());
            let key = &key[..end];
            if !key
                .split('/')
                .any(|part| self.hashes.contains_key(part.strip_suffix(".json").unwrap_or(part)))
            {
                found.push(key.to_owned());
            }
        }
        found
    }
}

/// Lower-case hex of the SHA-256 of a text.
pub(crate) fn hex(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a String can't fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// The text with each `\u0061` replaced that stands for ASCII, at any depth of quoting.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\u") {
        let (before, escape) = rest.split_at(at);
        out.push_str(before.trim_end_matches('\\'));
        let decoded = escape
            .get(2..6)
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .and_then(char::from_u32)
            .filter(char::is_ascii);
        if let Some(decoded) = decoded {
            out.push(decoded);
            rest = &escape[6..];
        } else {
            out.push_str("\\u");
            rest = &escape[2..];
        }
    }
    out.push_str(rest);
    out
}

/// The texts within a text: itself, or, where it is JSON, those of its values, joins put together.
fn collect(text: &str, depth: u8, out: &mut Vec<String>) {
    let looks_like_json = text.trim_start().starts_with(['{', '[']);
    match looks_like_json.then(|| serde_json::from_str::<Value>(text)) {
        Some(Ok(value)) if depth > 0 => walk(&value, depth - 1, out),
        _ => out.push(text.to_owned()),
    }
}

fn walk(value: &Value, depth: u8, out: &mut Vec<String>) {
    match value {
        Value::String(text) => collect(text, depth, out),
        Value::Array(items) => items.iter().for_each(|item| walk(item, depth, out)),
        Value::Object(map) => {
            if let Some(pieces) = joined(value) {
                out.push(pieces);
                // What is within the pieces that are no texts.
                for piece in pieces_of(value).map(|(_, pieces)| pieces).unwrap_or_default() {
                    if !piece.is_string() && joined(piece).is_none() {
                        walk(piece, depth, out);
                    }
                }
                return;
            }
            for (key, item) in map {
                collect(key, 0, out);
                walk(item, depth, out);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What a join joins, and with what between.
fn pieces_of(value: &Value) -> Option<(&str, &[Value])> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    if let Some(join) = map.get("Std:Join") {
        return Some((join.get("On")?.as_str()?, join.get("Values")?.as_array()?));
    }
    match map.get("Fn::Join")?.as_array()?.as_slice() {
        [on, values] => Some((on.as_str()?, values.as_array()?)),
        _ => None,
    }
}

/// A join as a text.
fn joined(value: &Value) -> Option<String> {
    let (on, pieces) = pieces_of(value)?;
    let mut text = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        if index > 0 {
            text.push_str(on);
        }
        match piece {
            Value::String(piece) => text.push_str(piece),
            other => match joined(other) {
                Some(piece) => text.push_str(&piece),
                None => text.push(UNKNOWN),
            },
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUCKET: &str = "p-sources-1-r";

    fn key(digit: char) -> String {
        format!("code/abalone/{}/a.py", digit.to_string().repeat(64))
    }

    /// Which of three keys a text mentions; HASHA is the hash of the first.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let keys = [key('a'), key('b'), format!("definitions/abalone/{}.json", "c".repeat(64))];
        let text = "abc".chars().fold(text.replace("BUCKET", BUCKET), |text, c| {
            text.replace(&format!("HASH{}", c.to_ascii_uppercase()), &c.to_string().repeat(64))
        });
        let mut mentions = Mentions::new(BUCKET, keys.iter().map(String::as_str));
        mentions.read("test", &text);
        let found: String =
            "abc".chars().zip(&keys).filter(|(_, key)| mentions.who(key).is_some()).map(|(c, _)| c).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn hashes_wherever_they_stand() {
        check("", "");
        check("s3://BUCKET/code/abalone/HASHA/a.py", "a");
        check("s3%3A%2F%2FBUCKET%2fcode%2fabalone%2fHASHA%2fa.py", "a");
        check("xHASHAHASHBx", "ab");
        check("HASHC", "c");
        check(&"A".repeat(64), "a");
        check(&"a".repeat(63), "");
        check(&"\\u0061".repeat(64), "a");
        check(&"\\\\\\u0061".repeat(64), "a");
        check(&"\\u0061".repeat(63), "");
        check("\\u", "");
        check("\\uzzzz\\u00e4", "");
    }

    #[test]
    fn prefixes() {
        check(r#"{"S3Uri":"s3://BUCKET/code/abalone/"}"#, "ab");
        check(r#"{"S3Uri":"s3://BUCKET/code/abalone/aaaa"}"#, "a");
        check(r#"{"S3Uri":"s3://BUCKET/code/abalone/*"}"#, "ab");
        check(r#"{"S3Uri":"s3://BUCKET/code/other/"}"#, "");
        check(r#"{"S3Uri":"s3://BUCKET"}"#, "abc");
        check(r#"{"S3Uri":"s3://BUCKET/"}"#, "abc");
        check(r#"{"S3Uri":"s3://BUCKET-logs/code/"}"#, "");
        check(r#"{"S3Uri":"s3://BUCKET.logs/"}"#, "");
        check("not json s3://BUCKET/definitions/", "c");
        check("arn:aws:s3:::BUCKET/code/abalone/*", "");
        check(r#"{"BucketName":"BUCKET"}"#, "");
    }

    #[test]
    fn joins() {
        check(r#"{"Std:Join":{"On":"/","Values":["s3://BUCKET","code","abalone","HASHA","a.py"]}}"#, "a");
        check(
            r#"{"Std:Join":{"On":"","Values":["s3://BUCKET/code/",{"Get":"Parameters.P"},"/a.py"]}}"#,
            "ab",
        );
        check(
            r#"{"Std:Join":{"On":"/","Values":["s3:/","BUCKET","definitions",{"Get":"Parameters.P"}]}}"#,
            "c",
        );
        check(r#"{"Std:Join":{"On":"/","Values":["s3:/","BUCKET",{"Get":"Parameters.P"}]}}"#, "abc");
        check(r#"{"Fn::Join":["",["s3://","BUCKET","/code/abalone/b"]]}"#, "b");
        check(r#"{"Fn::Join":["",["s3://",{"Fn::Join":["",["BUCKET","/code/"]]},{"Ref":"X"}]]}"#, "ab");
        check(r#"{"Fn::Join":["",["x",{"Fn::Sub":["s3://BUCKET/definitions/",{}]}]]}"#, "c");
        // A definition within a template.
        check(
            r#"{"Body":"{\"A\":{\"Std:Join\":{\"On\":\"/\",\"Values\":[\"s3://BUCKET\",\"code/x\"]}}}"}"#,
            "",
        );
    }

    #[test]
    fn the_text_itself() {
        let text = "{}";
        let own = format!("definitions/abalone/{}.json", hex(text));
        let mut mentions = Mentions::new(BUCKET, [own.as_str()]);
        assert_eq!(mentions.who(&own), None);
        mentions.read("stack x", text);
        assert_eq!(mentions.who(&own), Some("stack x"));
    }
}
