//! Which buckets and keys there can be.

use pipewright_interpreter::S3Uri;

use super::Error;

/// The most bytes of a key.
const LONGEST_KEY: usize = 1024;

/// Checks a bucket's name by S3's rules: nothing in it can lead out of a folder.
pub(super) fn check_bucket(place: &S3Uri) -> Result<(), Error> {
    let bucket = &place.bucket;
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let fits = (3..=63).contains(&bucket.len())
        && bucket.bytes().all(|byte| is_word(byte) || byte == b'-' || byte == b'.')
        && bucket.bytes().next().is_some_and(is_word)
        && bucket.bytes().next_back().is_some_and(is_word)
        && !bucket.contains("..");
    if fits {
        return Ok(());
    }
    Err(Error::Other(format!(
        "bucket {bucket:?} of {place} is no bucket's name: 3 to 63 of a-z, 0-9, hyphens and single dots, a letter or digit at \
         both ends"
    )))
}

/// Checks the place of an object.
pub(super) fn check_object(object: &S3Uri) -> Result<(), Error> {
    check_bucket(object)?;
    match object.key.len() {
        0 => Err(Error::Other(format!("{object} has no key: name an object of the bucket"))),
        length if length > LONGEST_KEY => {
            let start: String = object.key.chars().take(80).collect();
            let bucket = &object.bucket;
            Err(Error::Other(format!(
                "the key of s3://{bucket}/{start}… has {length} bytes: S3 takes at most {LONGEST_KEY}"
            )))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets() {
        let check = |bucket: &str, expected: bool| {
            let place = S3Uri { bucket: bucket.to_owned(), key: String::new() };
            assert_eq!(check_bucket(&place).is_ok(), expected, "{bucket}");
        };
        for good in ["abc", "pipewright-dev-data-000000000000", "a.b.c", "1-2", &"x".repeat(63)] {
            check(good, true);
        }
        for bad in [
            "",
            "..",
            "...",
            "ab",
            "a/b",
            "a\\b",
            "A-b",
            ".abc",
            "abc.",
            "-abc",
            "a..b",
            "ab\0",
            &"x".repeat(64),
        ] {
            check(bad, false);
        }
    }

    #[test]
    fn keys() {
        let check = |key: &str, expected: bool| {
            let place = S3Uri { bucket: "abc".to_owned(), key: key.to_owned() };
            assert_eq!(check_object(&place).is_ok(), expected, "{key}");
        };
        check("../x", true);
        check(&"x".repeat(1024), true);
        check("", false);
        check(&"ü".repeat(513), false);
    }
}
