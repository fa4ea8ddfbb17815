//! Values near a schema: mostly what it asks for, often a little beside it.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

/// Makes values.
pub(crate) struct Generator<'s> {
    state: u64,
    root: &'s Json,
    /// For each schema of a text, the texts that it takes.
    fits: BTreeMap<String, Vec<&'static str>>,
}

/// Texts, one of which most patterns of this crate take.
const TEXTS: [&str; 63] = [
    "",
    "a",
    "b",
    "ab",
    "aaa",
    "é",
    "x y",
    "30m",
    "1h30m",
    "30m1h",
    "PT30M",
    "PT",
    "P1DT",
    "1.5s",
    "50 GiB",
    "1.5 kB",
    "50",
    "eu-west-1",
    "eu-west",
    "ml.m5.large",
    "m5",
    "s3://abc/d",
    "s3://A",
    "https://a.b:80/c",
    "https://a:99999",
    "arn:aws:iam::111122223333:role/x",
    "arn:aws:iam::111122223333:user/x",
    "arn:aws:s3:::b",
    "arn:aws:kms:eu-west-1:111122223333:key/k",
    "{{resolve:secretsmanager:a}}",
    "{{resolve:s3:a}}",
    "2024-02-29",
    "2023-02-29",
    "23:59:59",
    "24:00:00",
    "2024-02-29T23:59:59Z",
    "2024-02-29 23:59:59",
    "2023-02-29T23:59:59Z",
    "fast",
    "very_fast",
    "0",
    "-1",
    "300",
    "true",
    "a\u{0}b",
    "#ff0000",
    "#FF",
    "b;c",
    "999 B",
    "1000b",
    "1 KiB",
    "1.001 kB",
    "10240 kib",
    "10 MB",
    "10.001 MB",
    "0.5 GiB",
    "3",
    "20",
    "1h",
    "2h",
    "0h60m",
    "PT90M",
    "1m30s",
];

impl<'s> Generator<'s> {
    pub(crate) fn new(seed: u64, root: &'s Json) -> Self {
        Self { state: seed | 1, root, fits: BTreeMap::new() }
    }

    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next()).unwrap() % n.max(1)
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// Anything.
    fn stray(&mut self) -> Json {
        match self.below(8) {
            0 => json!(self.below(300)),
            1 => json!(-(i64::try_from(self.below(300)).unwrap())),
            2 => json!(0.5),
            3 => json!(2.0),
            4 => json!(true),
            5 => json!([]),
            6 => json!({}),
            _ => json!(*self.pick(&TEXTS)),
        }
    }

    pub(crate) fn value(&mut self, schema: &Json) -> Json {
        if self.one_in(40) { self.stray() } else { self.near(schema) }
    }

    fn near(&mut self, schema: &Json) -> Json {
        if let Some(to) = schema["$ref"].as_str() {
            let root = self.root;
            let target = if to == "#" { root } else { root.pointer(to.trim_start_matches('#')).unwrap() };
            return self.value(target);
        }
        for key in ["oneOf", "anyOf", "enum"] {
            if let Some(list) = schema[key].as_array() {
                let choice = self.pick(list).clone();
                return if key == "enum" { choice } else { self.value(&choice) };
            }
        }
        if let Some(only) = schema.get("const") {
            return only.clone();
        }
        match schema["type"].as_str() {
            Some("integer") => self.integer(schema),
            Some("number") => self.number(schema),
            Some("boolean") => json!(self.one_in(2)),
            Some("array") => self.array(schema),
            Some("object") => self.object(schema),
            Some("string") => self.text(schema),
            _ => self.stray(),
        }
    }

    fn text(&mut self, schema: &Json) -> Json {
        let fits = self.fits.entry(schema.to_string()).or_insert_with(|| {
            let validator = jsonschema::validator_for(schema).unwrap();
            TEXTS.iter().copied().filter(|text| validator.is_valid(&json!(text))).collect()
        });
        let fits = fits.clone();
        if fits.is_empty() || self.one_in(8) { json!(*self.pick(&TEXTS)) } else { json!(*self.pick(&fits)) }
    }

    fn integer(&mut self, schema: &Json) -> Json {
        let bound = |keys: [&str; 2]| keys.iter().find_map(|key| schema[*key].as_i64());
        let (low, high) = (bound(["minimum", "exclusiveMinimum"]), bound(["maximum", "exclusiveMaximum"]));
        match self.below(12) {
            0 => json!(low.unwrap_or(-5)),
            1 => json!(high.unwrap_or(5)),
            2 => json!(low.unwrap_or(-5).saturating_sub(1)),
            3 => json!(high.unwrap_or(5).saturating_add(1)),
            4 => json!(1.0),
            5 => json!(u64::MAX),
            _ => {
                let low = low.unwrap_or(-20).max(-20);
                json!(low + i64::try_from(self.below(25)).unwrap())
            }
        }
    }

    fn number(&mut self, schema: &Json) -> Json {
        match self.below(8) {
            0 => schema.get("minimum").or(schema.get("exclusiveMinimum")).cloned().unwrap_or(json!(0)),
            1 => schema.get("maximum").or(schema.get("exclusiveMaximum")).cloned().unwrap_or(json!(1)),
            2 => json!(-0.5),
            3 => json!(1e300),
            4 => json!(self.below(10)),
            _ => json!(f64::from(u8::try_from(self.below(40)).unwrap()) / 4.0),
        }
    }

    fn array(&mut self, schema: &Json) -> Json {
        if let Some(parts) = schema["prefixItems"].as_array() {
            let mut items: Vec<Json> = parts.iter().map(|part| self.value(part)).collect();
            if self.one_in(15) {
                items.pop();
            }
            if self.one_in(15) {
                items.push(json!(1));
            }
            return items.into();
        }
        let least = schema["minItems"].as_u64().unwrap_or(0);
        let most = schema["maxItems"].as_u64().unwrap_or(least + 3);
        let span = usize::try_from(most - least).unwrap() + 1;
        let mut length = usize::try_from(least).unwrap() + self.below(span);
        if self.one_in(10) {
            length += 1;
        }
        let mut items: Vec<Json> = (0..length).map(|_| self.value(&schema["items"])).collect();
        if schema["uniqueItems"] == true && !self.one_in(10) {
            let mut seen = Vec::new();
            items.retain(|item| {
                !seen.contains(item) && {
                    seen.push(item.clone());
                    true
                }
            });
        }
        items.into()
    }

    fn object(&mut self, schema: &Json) -> Json {
        let mut entries = Map::new();
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        for (key, inner) in schema["properties"].as_object().into_iter().flatten() {
            let skip = if required.contains(&key.as_str()) { self.one_in(60) } else { !self.one_in(4) };
            if !skip {
                entries.insert(key.clone(), self.value(inner));
            }
        }
        let most = schema["maxProperties"].as_u64().map(|most| usize::try_from(most).unwrap());
        while most.is_some_and(|most| entries.len() > most) && !self.one_in(8) {
            let key = entries.keys().next().unwrap().clone();
            entries.remove(&key);
        }
        match &schema["additionalProperties"] {
            Json::Bool(false) => {
                if self.one_in(60) {
                    entries.insert("stray".to_owned(), json!(1));
                }
            }
            Json::Null => {}
            inner => {
                for _ in 0..self.below(3) {
                    let key = match schema.get("propertyNames") {
                        Some(names) => self.near(names),
                        None => json!(*self.pick(&TEXTS)),
                    };
                    if let Json::String(key) = key {
                        let value = self.value(inner);
                        entries.entry(key).or_insert(value);
                    }
                }
            }
        }
        entries.into()
    }
}
