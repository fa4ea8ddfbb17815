//! Durations that are written as text, below a bound: `"1h30m"` in a pattern, as far as one can say it.
//!
//! Such a text is a sum over six units. No pattern of a length worth writing says which sums are small enough; that no single
//! summand is too large one can, and most durations have one.

use serde_json::Value as Json;

use super::{Schema, digits};
use crate::constraint::{Constraints, Number};
use crate::types::DURATION_PATTERN;

const SECOND: i128 = 1_000_000_000;

/// The units in their order, each as a word, as ISO 8601's letter and in nanoseconds.
const UNITS: [(&str, &str, i128); 6] = [
    ("w", "W", 604_800 * SECOND),
    ("d", "D", 86_400 * SECOND),
    ("h", "H", 3_600 * SECOND),
    ("m", "M", 60 * SECOND),
    ("s", "S", SECOND),
    ("ms", "", SECOND / 1000),
];

/// The part of a schema that describes durations written as text.
pub(super) fn text_branch(schema: &mut Schema) -> Option<&mut Schema> {
    let branches = schema.get_mut("anyOf").and_then(Json::as_array_mut)?;
    branches.iter_mut().find(|branch| branch["pattern"] == DURATION_PATTERN)
}

/// A pattern that matches every duration that keeps the upper bound, and none with a summand that alone breaks it.
pub(super) fn pattern(constraints: &Constraints) -> Option<String> {
    let nanos = |bound: Number| match bound {
        Number::Nanoseconds(n) => n,
        Number::Integer(n) => n.saturating_mul(SECOND),
        Number::Bytes(n) => i128::from(n).saturating_mul(SECOND),
        #[expect(clippy::cast_possible_truncation, reason = "beyond the limits of i128 the nearest is meant")]
        Number::Float(n) => (n * 1e9).ceil() as i128,
    };
    let most = [constraints.le, constraints.lt].into_iter().flatten().map(nanos).min()?.max(0);
    let summand = |(word, letter, unit): &(&str, &str, i128), iso: bool| {
        let number = match most / unit {
            999_999.. => "[0-9]{1,6}".to_owned(),
            0 => "0+".to_owned(),
            most => format!("0*{}", digits::up_to(most.unsigned_abs())),
        };
        let fraction = if *word == "s" { "(?:\\.[0-9]{1,9})?" } else { "" };
        format!("(?:{number}{fraction}{})?", if iso { letter } else { word })
    };
    let words: String = UNITS.iter().map(|unit| summand(unit, false)).collect();
    let days: String = UNITS[..2].iter().map(|unit| summand(unit, true)).collect();
    let times: String = UNITS[2..5].iter().map(|unit| summand(unit, true)).collect();
    Some(format!("^(?:{words}|P{days}(?:T{times})?)$"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(constraints: &Constraints, within: &[&str], beyond: &[&str]) {
        let pattern = pattern(constraints).unwrap();
        let regex = regex_lite::Regex::new(&pattern).unwrap();
        for text in within {
            assert!(regex.is_match(text), "{text}: {pattern}");
        }
        for text in beyond {
            assert!(!regex.is_match(text), "{text}: {pattern}");
        }
    }

    #[test]
    fn no_summand_is_beyond_the_bound() {
        let most = |le| Constraints { le: Some(le), ..Constraints::NONE };
        check(
            &most(Number::Nanoseconds(5_400 * SECOND)),
            &["1h30m", "1h", "90m", "0090m", "5400s", "999999ms", "PT1H30M", "0d", "P0DT5400S", "1h31m"],
            &["2h", "91m", "5401s", "1d", "P1D", "PT2H", "1w"],
        );
        check(&most(Number::Integer(0)), &["0s", "0.0s", "PT0S"], &["1s", "1ms"]);
        check(&most(Number::Float(0.5)), &["500ms", "0.5s"], &["501ms", "1s"]);
        check(&most(Number::Nanoseconds(i128::MAX)), &["999999w"], &["1000000w"]);
        assert_eq!(pattern(&Constraints { ge: Some(Number::Integer(1)), ..Constraints::NONE }), None);
    }
}
