//! The order in which versions are listed: by their numbers, `1.9` before `1.13`.

use std::cmp::Ordering;

/// Compares two versions piece by piece, numbers as numbers.
pub(super) fn versions(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (pieces(a), pieces(b));
    loop {
        match (left.next(), right.next()) {
            // Equal in all their pieces: `1.0` and `1.00`. The text decides, so that the order is total.
            (None, None) => return a.cmp(b),
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) => match compare(x, y) {
                Ordering::Equal => {}
                unequal => return unequal,
            },
        }
    }
}

/// Runs of digits, and runs of anything else.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest.find(|c: char| c.is_ascii_digit() != first.is_ascii_digit()).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

fn compare(a: &str, b: &str) -> Ordering {
    match (a.parse::<u64>(), b.parse::<u64>()) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        _ => a.cmp(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_numbers() {
        let mut list = ["1.13.1", "latest", "1.9", "0.90-2", "1.9.1", "0.90-1", "pytorch2.0", "pytorch1.13"];
        list.sort_by(|a, b| versions(a, b));
        assert_eq!(
            list,
            ["0.90-1", "0.90-2", "1.9", "1.9.1", "1.13.1", "latest", "pytorch1.13", "pytorch2.0"]
        );
    }
}
