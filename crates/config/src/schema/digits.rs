//! Patterns of the numbers within a range, for the keys of a map and for sizes.

use std::fmt::Write as _;

/// A pattern that matches the numbers from `min` to `max` as they are written without a sign or zeros before.
pub(super) fn pattern(min: i128, max: i128) -> String {
    let mut parts: Vec<String> = Vec::new();
    if min < 0 {
        let below = (-1_i128).min(max).unsigned_abs();
        positive(below, min.unsigned_abs(), &mut parts);
        for part in &mut parts {
            part.insert(0, '-');
        }
    }
    if min <= 0 && max >= 0 {
        parts.push("0".to_owned());
    }
    if max > 0 {
        positive(min.max(1).unsigned_abs(), max.unsigned_abs(), &mut parts);
    }
    format!("^(?:{})$", parts.join("|"))
}

/// A pattern that matches the numbers up to this one, without zeros before.
pub(super) fn up_to(max: u128) -> String {
    let mut parts = vec!["0".to_owned()];
    if max > 0 {
        positive(1, max, &mut parts);
    }
    format!("(?:{})", parts.join("|"))
}

/// The patterns of the numbers from `min`, at least 1, to `max`.
pub(super) fn positive(min: u128, max: u128, parts: &mut Vec<String>) {
    let (mut start, mut digits) = (min, min.to_string().len());
    // One number of digits after the other.
    loop {
        let last =
            u32::try_from(digits).ok().and_then(|n| 10_u128.checked_pow(n)).map_or(u128::MAX, |n| n - 1);
        let end = last.min(max);
        between(&start.to_string(), &end.to_string(), parts);
        if end == max {
            return;
        }
        (start, digits) = (end + 1, digits + 1);
    }
}

/// The patterns of the numbers between two of as many digits.
pub(super) fn between(min: &str, max: &str, parts: &mut Vec<String>) {
    let common = min.bytes().zip(max.bytes()).take_while(|(a, b)| a == b).count();
    let (prefix, rest) = min.split_at(common);
    let upper = &max[common..];
    let (Some(low), Some(high)) = (rest.bytes().next(), upper.bytes().next()) else {
        parts.push(prefix.to_owned());
        return;
    };
    let (low_rest, high_rest) = (&rest[1..], &upper[1..]);
    let all_zeros = low_rest.bytes().all(|b| b == b'0');
    let all_nines = high_rest.bytes().all(|b| b == b'9');
    let with = |digit: u8| format!("{prefix}{}", char::from(digit));
    let from = if all_zeros { low } else { low + 1 };
    let to = if all_nines { high } else { high - 1 };
    if !all_zeros {
        let mut inner = Vec::new();
        between(low_rest, &"9".repeat(low_rest.len()), &mut inner);
        parts.extend(inner.into_iter().map(|part| with(low) + &part));
    }
    if from <= to {
        let mut part = if from == to {
            with(from)
        } else {
            format!("{prefix}[{}-{}]", char::from(from), char::from(to))
        };
        if !low_rest.is_empty() {
            let _ = write!(part, "[0-9]{{{}}}", low_rest.len());
        }
        parts.push(part);
    }
    if !all_nines {
        let mut inner = Vec::new();
        between(&"0".repeat(high_rest.len()), high_rest, &mut inner);
        parts.extend(inner.into_iter().map(|part| with(high) + &part));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(min: i128, max: i128) {
        let regex = regex_lite::Regex::new(&pattern(min, max)).unwrap();
        let around = |n: i128| (n.saturating_sub(300)..=n.saturating_add(300)).collect::<Vec<_>>();
        for n in around(min).into_iter().chain(around(max)).chain(around(0)) {
            assert_eq!(regex.is_match(&n.to_string()), (min..=max).contains(&n), "{n} in {min}..={max}");
        }
        for wrong in ["", "-0", "+1", "01", "1.0", "a", "-"] {
            assert!(!regex.is_match(wrong), "{wrong}");
        }
    }

    #[test]
    fn ranges() {
        check(0, 255);
        check(-128, 127);
        check(0, 65_535);
        check(i32::MIN.into(), i32::MAX.into());
        check(0, u64::MAX.into());
        check(i64::MIN.into(), i64::MAX.into());
        check(5, 7);
        check(-20, -3);
        check(i128::MIN, i128::MAX);
    }
}
