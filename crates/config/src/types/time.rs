//! [`Date`], [`Time`] and [`DateTime`]: RFC 3339's spelling, as TOML's own dates or as text.
//!
//! They hold what was written; nothing here knows a clock or a time zone by name.

use std::fmt;
use std::str::FromStr;

use serde_json::json;

use super::Misspelt;
use crate::constraint::Measure;
use crate::context::Context;
use crate::decode::Decode;
use crate::plain::Plain;
use crate::schema::{Describe, Schema, Schemas, Shape};
use crate::tree::{Node, Value};

/// A day of the Gregorian calendar, `2026-11-22`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// 0 to 9999.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

/// A time of day, `23:45:00.5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59: leap seconds are not read.
    pub second: u8,
    /// 0 to 999,999,999.
    pub nanosecond: u32,
}

/// A day and a time, `2026-11-22T23:45:00Z`, with the offset from UTC when one was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime {
    /// The day.
    pub date: Date,
    /// The time.
    pub time: Time,
    /// Minutes that local time is ahead of UTC, -1439 to 1439; `None` for a time without a zone.
    pub offset: Option<i16>,
}

/// Two digits, and the rest.
fn two(text: &str) -> Option<(u8, &str)> {
    let (digits, rest) = text.split_at_checked(2)?;
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?.map(|n| (n, rest))
}

fn date(text: &str) -> Option<(Date, &str)> {
    let (century, rest) = two(text)?;
    let (year, rest) = two(rest)?;
    let (month, rest) = two(rest.strip_prefix('-')?)?;
    let (day, rest) = two(rest.strip_prefix('-')?)?;
    let year = u16::from(century) * 100 + u16::from(year);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u8::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (1..=days).contains(&day).then_some((Date { year, month, day }, rest))
}

fn time(text: &str) -> Option<(Time, &str)> {
    let (hour, rest) = two(text)?;
    let (minute, rest) = two(rest.strip_prefix(':')?)?;
    let (second, mut rest) = two(rest.strip_prefix(':')?)?;
    let mut nanosecond = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let end = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
        let (digits, after) = fraction.split_at(end);
        if !(1..=9).contains(&digits.len()) {
            return None;
        }
        nanosecond = format!("{digits:0<9}").parse().ok()?;
        rest = after;
    }
    (hour < 24 && minute < 60 && second < 60).then_some((Time { hour, minute, second, nanosecond }, rest))
}

#[expect(clippy::option_option, reason = "none was written, and none could be read")]
fn offset(text: &str) -> Option<Option<i16>> {
    if text.is_empty() {
        return Some(None);
    }
    if text == "Z" || text == "z" {
        return Some(Some(0));
    }
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let (hours, rest) = two(rest)?;
    let (minutes, rest) = two(rest.strip_prefix(':')?)?;
    let within = rest.is_empty() && hours < 24 && minutes < 60;
    within.then_some(Some(sign * (i16::from(hours) * 60 + i16::from(minutes))))
}

impl FromStr for Date {
    type Err = Misspelt;

    fn from_str(text: &str) -> Result<Self, Misspelt> {
        date(text)
            .filter(|(_, rest)| rest.is_empty())
            .map(|(date, _)| date)
            .ok_or(Misspelt("write it as in 2026-11-22"))
    }
}

impl FromStr for Time {
    type Err = Misspelt;

    fn from_str(text: &str) -> Result<Self, Misspelt> {
        time(text)
            .filter(|(_, rest)| rest.is_empty())
            .map(|(time, _)| time)
            .ok_or(Misspelt("write it as in 23:45:00"))
    }
}

impl FromStr for DateTime {
    type Err = Misspelt;

    fn from_str(text: &str) -> Result<Self, Misspelt> {
        let parsed = || {
            let (date, rest) = date(text)?;
            let (time, rest) = time(rest.strip_prefix(['T', 't', ' '])?)?;
            Some(Self { date, time, offset: offset(rest)? })
        };
        parsed().ok_or(Misspelt("write it as in 2026-11-22T23:45:00Z"))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}:{:02}", self.hour, self.minute, self.second)?;
        if self.nanosecond > 0 {
            write!(f, ".{}", format!("{:09}", self.nanosecond).trim_end_matches('0'))?;
        }
        Ok(())
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{}", self.date, self.time)?;
        match self.offset {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(minutes) => {
                let (sign, minutes) = (if minutes < 0 { '-' } else { '+' }, minutes.unsigned_abs());
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

macro_rules! spelt_as_datetime {
    ($($ty:ident, $expected:literal, $schema:tt;)*) => {$(
        impl Decode for $ty {
            fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
                let (Value::Datetime(text) | Value::Text(text)) = &node.value else {
                    return cx.mismatch(node, $expected);
                };
                match text.parse::<Self>() {
                    Ok(value) => {
                        cx.leaf(node, text.as_ref().into());
                        Some(value)
                    }
                    Err(error) => {
                        cx.invalid(node, concat!("be ", $expected), $expected, Some(error.to_string()))
                    }
                }
            }

            fn measure(&self) -> Measure<'_> {
                Measure::Opaque
            }

            fn encode(&self) -> Option<Plain> {
                Some(Plain::Datetime(self.to_string()))
            }
        }

        impl Describe for $ty {
            const SHAPE: Shape = Shape::Any;

            fn describe(_: &mut Schemas) -> Schema {
                json!($schema)
            }
        }
    )*};
}

spelt_as_datetime! {
    Date, "a date", { "type": "string", "format": "date" };
    Time, "a time of day", {
        "type": "string",
        "pattern": "^(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?$"
    };
    DateTime, "a date with a time", {
        "type": "string",
        "pattern": DATE_TIME
    };
}

/// The days of each month, and for the 29th of February the years that have one.
const DATE_TIME: &str = "^(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])\
    |(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))\
    |(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)\
    [Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?\
    (?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?$";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<T: FromStr + fmt::Display>(text: &str, written: Option<&str>) {
        assert_eq!(text.parse::<T>().ok().map(|value| value.to_string()).as_deref(), written, "{text}");
    }

    #[test]
    fn spellings() {
        check::<Date>("2024-02-29", Some("2024-02-29"));
        check::<Date>("2000-02-29", Some("2000-02-29"));
        for wrong in
            ["1900-02-29", "2023-02-29", "2023-13-01", "2023-00-01", "2023-04-31", "2023-4-1", "", "é"]
        {
            check::<Date>(wrong, None);
        }
        check::<Time>("23:59:59.120", Some("23:59:59.12"));
        for wrong in ["24:00:00", "23:60:00", "23:59:60", "23:59", "23:59:59.", "1:00:00"] {
            check::<Time>(wrong, None);
        }
        check::<DateTime>("2024-02-29t23:59:59z", Some("2024-02-29T23:59:59Z"));
        check::<DateTime>("2024-02-29 23:59:59-01:30", Some("2024-02-29T23:59:59-01:30"));
        check::<DateTime>("2024-02-29T23:59:59", Some("2024-02-29T23:59:59"));
        for wrong in
            ["2024-02-29", "2024-02-29T23:59:59+24:00", "2024-02-29T23:59:59+1:00", "2023-02-29T00:00:00"]
        {
            check::<DateTime>(wrong, None);
        }
    }

    #[test]
    fn the_pattern_knows_the_calendar() {
        let pattern = regex_lite::Regex::new(DATE_TIME).unwrap();
        for year in [1899_u16, 1900, 1904, 1999, 2000, 2023, 2024, 2096, 2100] {
            for month in 0..=13 {
                for day in 0..=32 {
                    let text = format!("{year:04}-{month:02}-{day:02}T00:00:00Z");
                    assert_eq!(pattern.is_match(&text), text.parse::<DateTime>().is_ok(), "{text}");
                }
            }
        }
    }
}
