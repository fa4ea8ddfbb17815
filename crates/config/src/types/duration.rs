//! `std::time::Duration`: `"1h30m"`, `"PT30M"`, or a number of seconds.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::constraint::Measure;
use crate::context::Context;
use crate::decode::Decode;
use crate::plain::Plain;
use crate::schema::{Describe, Schema, Schemas, Shape};
use crate::tree::{Node, Value};

/// The units in the order in which they are written, each with the letter of ISO 8601 and its nanoseconds.
const UNITS: [(&[u8], u8, u128); 6] = [
    (b"w", b'W', 604_800_000_000_000),
    (b"d", b'D', 86_400_000_000_000),
    (b"h", b'H', 3_600_000_000_000),
    (b"m", b'M', 60_000_000_000),
    (b"s", b'S', 1_000_000_000),
    (b"ms", 0, 1_000_000),
];

/// How many digits a number may have before its point.
const DIGITS: usize = 6;

/// The most seconds that a bare number may say, about 19,000 years.
const MAX_SECONDS: f64 = 6e11;

/// What all durations that are written as text match.
pub(crate) const PATTERN: &str = "^(?:(?:[0-9]{1,6}w)?(?:[0-9]{1,6}d)?(?:[0-9]{1,6}h)?(?:[0-9]{1,6}m)?\
    (?:[0-9]{1,6}(?:\\.[0-9]{1,9})?s)?(?:[0-9]{1,6}ms)?\
    |P(?:[0-9]{1,6}W)?(?:[0-9]{1,6}D)?(?:T(?:[0-9]{1,6}H)?(?:[0-9]{1,6}M)?(?:[0-9]{1,6}(?:\\.[0-9]{1,9})?S)?)?)$";

/// The nanoseconds that a text says, as `1h30m` or `PT1H30M`; the compiler asks it for defaults.
pub(crate) const fn duration_literal(text: &str) -> Option<u128> {
    let bytes = text.as_bytes();
    let iso = !bytes.is_empty() && bytes[0] == b'P';
    let mut at = iso as usize;
    let (mut unit, mut total, mut parts, mut time) = (0, 0, 0, false);
    while at < bytes.len() {
        if iso && !time && bytes[at] == b'T' {
            time = true;
            parts = 0;
            at += 1;
            // Only hours and below follow a `T`.
            if unit < 2 {
                unit = 2;
            }
            continue;
        }
        let (mut number, mut digits): (u128, usize) = (0, 0);
        while at < bytes.len() && bytes[at].is_ascii_digit() {
            number = number * 10 + (bytes[at] - b'0') as u128;
            digits += 1;
            at += 1;
            if digits > DIGITS {
                return None;
            }
        }
        if digits == 0 {
            return None;
        }
        let (mut fraction, mut places) = (0, 0);
        if at < bytes.len() && bytes[at] == b'.' {
            at += 1;
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                fraction = fraction * 10 + (bytes[at] - b'0') as u128;
                places += 1;
                at += 1;
            }
            if places == 0 || places > 9 {
                return None;
            }
        }
        let found = loop {
            if unit >= UNITS.len() {
                return None;
            }
            let (word, letter, nanos) = UNITS[unit];
            unit += 1;
            let length = if iso { (letter != 0) as usize } else { word.len() };
            let fits = length > 0 && at + length <= bytes.len() && {
                let first = if iso { letter } else { word[0] };
                bytes[at] == first && (length == 1 || bytes[at + 1] == word[1])
            };
            // `m` is not the beginning of `ms`.
            let minute = !iso && word.len() == 1 && word[0] == b'm';
            let cut = minute && at + 1 < bytes.len() && bytes[at + 1] == b's';
            if fits && !cut && (!iso || time == (unit > 2)) {
                at += length;
                break nanos;
            }
        };
        if places > 0 {
            if found != 1_000_000_000 {
                return None;
            }
            while places < 9 {
                fraction *= 10;
                places += 1;
            }
        }
        total += number * found + fraction;
        parts += 1;
    }
    if parts == 0 { None } else { Some(total) }
}

/// The shortest spelling that says the same.
pub(crate) fn duration_text(duration: Duration) -> Option<String> {
    let mut nanos = duration.as_nanos();
    let mut out = String::new();
    let last = UNITS.len() - 2;
    for (i, (word, _, unit)) in UNITS.iter().enumerate().take(last + 1) {
        let number = (nanos / unit).min(999_999);
        nanos -= number * unit;
        let fraction = if i == last { nanos } else { 0 };
        if number == 0 && fraction == 0 && (i < last || !out.is_empty()) {
            continue;
        }
        out.push_str(&number.to_string());
        if fraction > 0 {
            if fraction >= 1_000_000_000 {
                return None;
            }
            out.push('.');
            out.push_str(format!("{fraction:09}").trim_end_matches('0'));
        }
        out.push_str(std::str::from_utf8(word).unwrap_or_default());
    }
    Some(out)
}

/// Nanoseconds as a duration.
fn of_nanos(nanos: u128) -> Option<Duration> {
    let seconds = u64::try_from(nanos / 1_000_000_000).ok()?;
    Some(Duration::new(seconds, u32::try_from(nanos % 1_000_000_000).ok()?))
}

const EXPECTED: &str = "a duration, as in \"1h30m\" or \"PT30M\"";

impl Decode for Duration {
    /// Text as `1h30m` or, in ISO 8601, `PT1H30M`; a number counts seconds, as it does in Pydantic.
    fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
        let seconds = |n: f64| (0.0..=MAX_SECONDS).contains(&n).then(|| Self::try_from_secs_f64(n).ok());
        let (duration, written): (_, Json) = match &node.value {
            Value::Text(text) => (duration_literal(text).and_then(of_nanos), text.as_ref().into()),
            #[expect(clippy::cast_precision_loss, reason = "far below 2⁵³ where it counts")]
            Value::Integer(n) => (seconds(*n as f64).flatten(), duration_json(*n)),
            Value::Float(n) => (seconds(*n).flatten(), (*n).into()),
            _ => return cx.mismatch(node, EXPECTED),
        };
        let Some(duration) = duration else {
            let help = "units are w, d, h, m, s and ms, the largest first; a number counts seconds";
            return cx.invalid(node, &format!("be {EXPECTED}"), EXPECTED, Some(help.to_owned()));
        };
        cx.leaf(node, written);
        Some(duration)
    }

    fn measure(&self) -> Measure<'_> {
        i128::try_from(self.as_nanos()).map_or(Measure::Opaque, Measure::Nanoseconds)
    }

    fn encode(&self) -> Option<Plain> {
        Some(duration_text(*self).map_or_else(|| Plain::Float(self.as_secs_f64()), Plain::Text))
    }
}

fn duration_json(n: i128) -> Json {
    serde_json::Number::from_i128(n).map_or(Json::Null, Json::Number)
}

impl Describe for Duration {
    const SHAPE: Shape = Shape::Duration;

    fn describe(_: &mut Schemas) -> Schema {
        json!({
            "anyOf": [
                // A lone `P`, and a `T` without anything behind it, match the pattern and say nothing.
                { "type": "string", "minLength": 2, "pattern": PATTERN, "not": { "pattern": "[PT]$" } },
                { "type": "number", "minimum": 0, "maximum": MAX_SECONDS },
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, seconds: Option<f64>) {
        assert_eq!(duration_literal(text).and_then(of_nanos).map(|d| d.as_secs_f64()), seconds, "{text}");
        let matched = regex_lite::Regex::new(PATTERN).unwrap().is_match(text);
        assert_eq!(matched && text.len() > 1 && !text.ends_with(['P', 'T']), seconds.is_some(), "{text}");
        if let Some(duration) = duration_literal(text).and_then(of_nanos) {
            let written = duration_text(duration).unwrap();
            assert_eq!(duration_literal(&written).and_then(of_nanos), Some(duration), "{text}: {written}");
        }
    }

    #[test]
    fn spellings() {
        check("30m", Some(1800.0));
        check("1h30m", Some(5400.0));
        check("1w1d1h1m1s1ms", Some(694_861.001));
        check("0s", Some(0.0));
        check("1.5s", Some(1.5));
        check("250ms", Some(0.25));
        check("5m250ms", Some(300.25));
        check("999999w999999d", Some(999_999.0 * 604_800.0 + 999_999.0 * 86_400.0));
        check("PT30M", Some(1800.0));
        check("P1DT2H", Some(93_600.0));
        check("P2W", Some(1_209_600.0));
        check("PT0.5S", Some(0.5));
        for wrong in [
            "", "s", "30", "1.5h", "30m1h", "1h 30m", "-1s", "1.s", "1000000s", "P", "PT", "P1H", "P1DT",
            "PT1D",
        ] {
            check(wrong, None);
        }
        for wrong in ["1S", "pt30m", "P1M", "1.0000000001s", "30m\n", "1ms1s", "1m1m", "PT1MS"] {
            check(wrong, None);
        }
    }
}
