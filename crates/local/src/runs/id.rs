//! Ids of runs: twelve characters `a-z0-9` as SageMaker's executions have, sorted by the time of their making.

use std::hash::{BuildHasher as _, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

/// Characters in the order in which text sorts.
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// Milliseconds since 1970 have eight digits until 2059.
const TIME: usize = 8;
const RANDOM: usize = 4;

/// An id that most likely nobody has: whoever makes its folder first has it.
pub(super) fn new() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = u64::try_from(now.as_millis()).unwrap_or_default();
    // The standard library's only source of chance: keys of a new hasher.
    of(millis, RandomState::new().hash_one(now))
}

fn of(millis: u64, random: u64) -> String {
    digits(millis, TIME) + &digits(random, RANDOM)
}

fn digits(mut value: u64, count: usize) -> String {
    let mut digits = vec!['0'; count];
    for digit in digits.iter_mut().rev() {
        *digit = char::from(DIGITS[usize::try_from(value % 36).unwrap_or_default()]);
        value /= 36;
    }
    digits.into_iter().collect()
}

/// Whether a folder of this name is a run's.
pub(super) fn is(name: &str) -> bool {
    name.len() == TIME + RANDOM && name.bytes().all(|byte| DIGITS.contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_sort_by_time() {
        assert_eq!(of(0, 0), "000000000000");
        assert_eq!(of(1_795_395_823_000, 35), "mwskbf6g000z");
        assert!(of(1_795_395_823_000, u64::MAX) < of(1_795_395_823_001, 0));
        assert!(is(&new()));
        for bad in ["", "..", "mwskbf6g00", "MWSKBF6G000Z", "mwskbf6g000/"] {
            assert!(!is(bad), "{bad}");
        }
    }
}
