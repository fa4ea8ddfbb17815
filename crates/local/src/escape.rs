//! File names for names that may hold anything: keys of objects, names of steps.
//!
//! A usual name is its own file name. In any other, bytes that a path can't have or that mean something in one are written
//! `%XX`, as in a URL; what else stands for something begins with `%`, too, so that no two names share a path and each path
//! tells its name:
//!
//! | in the name | in the path |
//! | --- | --- |
//! | `%`, `\`, control characters; `/` in [`path_of_name`] | `%25`, `%5C`, `%0A`, …, `%2F` |
//! | a part that is `.` or `..` | `%2E`, `%2E.` |
//! | a part that begins as unfinished files do | `%2Epipewright-…` |
//! | an empty part, as in `a//b`, `a/` and `/a` | `%-` |
//! | a part longer than a file name may be | folders whose names end with `%+`, then the rest |
//! | a key that other keys continue after a `/` | the file `NAME%.` beside the folder `NAME` |
//!
//! The last row is the folder store's own. File systems that ignore case keep one file for two names that differ in nothing else.

use std::path::PathBuf;

use crate::aside;

/// The most bytes of a part that one file name holds. File systems allow 255; marks come on top.
const LONGEST: usize = 240;
/// Ends the name of a folder that holds a part's beginning.
const GOES_ON: &str = "%+";
/// A part without a letter.
const EMPTY: &str = "%-";
/// Ends the name of a file whose plain name is a folder's.
pub(crate) const BESIDE_FOLDER: &str = "%.";

/// The path of a key: its parts between slashes, each made safe. Relative, without `..`, never empty.
pub(crate) fn path_of_key(key: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for part in key.split('/') {
        push(&mut path, part);
    }
    path
}

/// The path of a name that is no path itself: one file name, or several below each other for a name that is too long.
///
/// ```
/// use std::path::Path;
/// use pipewright_local::escape::path_of_name;
///
/// assert_eq!(path_of_name("TrainModel"), Path::new("TrainModel"));
/// assert_eq!(path_of_name("../../etc"), Path::new("..%2F..%2Fetc"));
/// ```
pub fn path_of_name(name: &str) -> PathBuf {
    let mut path = PathBuf::new();
    push_escaped(&mut path, &escape(name, true));
    path
}

fn push(path: &mut PathBuf, part: &str) {
    push_escaped(path, &escape(part, false));
}

fn push_escaped(path: &mut PathBuf, mut rest: &str) {
    while rest.len() > LONGEST {
        let (head, tail) = rest.split_at(cut(rest));
        path.push(format!("{head}{GOES_ON}"));
        rest = tail;
    }
    path.push(rest);
}

/// Where a part that is too long is cut: between characters, and not inside of a `%XX`.
fn cut(escaped: &str) -> usize {
    let mut at = escaped.floor_char_boundary(LONGEST);
    let bytes = escaped.as_bytes();
    for back in 1..3 {
        if bytes.get(at - back) == Some(&b'%') {
            at -= back;
            break;
        }
    }
    at
}

fn escape(part: &str, is_name: bool) -> String {
    if part.is_empty() {
        return EMPTY.to_owned();
    }
    let mut escaped = String::with_capacity(part.len());
    let is_dots = part == "." || part == ".." || part.starts_with(aside::PREFIX);
    for (at, char) in part.char_indices() {
        let is_special = matches!(char, '%' | '\\' | '/') || char.is_control();
        if is_special || (is_dots && at == 0) {
            debug_assert!(is_name || char != '/');
            for byte in char.encode_utf8(&mut [0; 4]).bytes() {
                escaped.push('%');
                escaped.push(digit(byte >> 4));
                escaped.push(digit(byte & 15));
            }
        } else {
            escaped.push(char);
        }
    }
    escaped
}

fn digit(value: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(value & 15)])
}

/// A key from the names of folders that lead to its file, and the file's. `None` where no key has this path.
///
/// The mark of a file beside its folder is taken off before.
pub(crate) fn key_of_path<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut key = String::new();
    let mut is_begun = false;
    let mut goes_on = false;
    for name in names {
        if is_begun && !goes_on {
            key.push('/');
        }
        is_begun = true;
        let (part, more) = name.strip_suffix(GOES_ON).map_or((name, false), |part| (part, true));
        goes_on = more;
        if part != EMPTY {
            key.push_str(&unescape(part)?);
        }
    }
    (is_begun && !goes_on).then_some(key)
}

fn unescape(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let value = |digit: Option<u8>| match digit? {
                digit @ b'0'..=b'9' => Some(digit - b'0'),
                digit @ b'A'..=b'F' => Some(digit - b'A' + 10),
                _ => None,
            };
            let high = value(rest.next())?;
            bytes.push(high << 4 | value(rest.next())?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Component;

    use proptest::prelude::*;

    use super::*;

    fn back(path: &std::path::Path) -> Option<String> {
        key_of_path(path.iter().map(|name| name.to_str().unwrap()))
    }

    #[test]
    fn paths() {
        let check = |key: &str, expected: &str| {
            let path = path_of_key(key);
            assert_eq!(path.to_str(), Some(expected));
            assert_eq!(back(&path).as_deref(), Some(key));
        };
        check("abalone/data/part-0.csv", "abalone/data/part-0.csv");
        check("year=2026/Größe (1).json", "year=2026/Größe (1).json");
        check(".hidden", ".hidden");
        check("..", "%2E.");
        check("a/../../b", "a/%2E./%2E./b");
        check("./a/.", "%2E/a/%2E");
        check("...", "...");
        check("/etc/passwd", "%-/etc/passwd");
        check("a//b/", "a/%-/b/%-");
        check("", "%-");
        check("a\\b\n\0\u{7f}\u{85}", "a%5Cb%0A%00%7F%C2%85");
        check("100%", "100%25");
        check("%2F", "%252F");
        check("%-", "%25-");
        check(".pipewright-1-1", "%2Epipewright-1-1");
        check(&"x".repeat(240), &"x".repeat(240));
        check(&"x".repeat(300), &format!("{}%+/{}", "x".repeat(240), "x".repeat(60)));
        check(&format!("{}%x", "x".repeat(239)), &format!("{}%+/%25x", "x".repeat(239)));
        check(&format!("{}%x", "x".repeat(238)), &format!("{}%+/%25x", "x".repeat(238)));
        check(&format!("{}üx", "x".repeat(239)), &format!("{}%+/üx", "x".repeat(239)));
    }

    #[test]
    fn paths_of_no_key() {
        for path in ["%", "a%2", "a%2f", "a%zz", "%FF", "a%+", "%+"] {
            assert_eq!(back(path.as_ref()), None, "{path}");
        }
    }

    #[test]
    fn names() {
        for (name, expected) in
            [("Train", "Train"), ("Loop[0].Body", "Loop[0].Body"), ("a/b", "a%2Fb"), ("..", "%2E.")]
        {
            assert_eq!(path_of_name(name).to_str(), Some(expected));
        }
    }

    proptest! {
        #[test]
        fn no_two_keys_share_a_path(keys in prop::collection::vec("[a%./\\\\\u{0}ü+-]{0,8}|.{0,12}|(x|%|ü){230,260}", 1..20)) {
            let mut seen = BTreeMap::new();
            for key in keys {
                let path = path_of_key(&key);
                prop_assert!(path.components().all(|part| matches!(part, Component::Normal(name) if name.len() <= 255)));
                prop_assert_eq!(back(&path), Some(key.clone()));
                let before = seen.insert(path, key.clone());
                prop_assert!(before.is_none_or(|before| before == key));
                let name = path_of_name(&key);
                prop_assert!(name.components().all(|part| matches!(part, Component::Normal(name) if name.len() <= 255)));
                prop_assert_eq!(back(&name), Some(key));
            }
        }
    }
}
