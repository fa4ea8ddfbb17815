//! Names of resources inside of a template.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// The part of a long name that is kept. CloudFormation takes 255 characters.
const LONGEST: usize = 200;

/// The logical id of a pipeline: its name in letters and digits, `example-pipeline` → `ExamplePipeline`.
///
/// It depends on the name alone: another id would make CloudFormation delete the pipeline and create it anew, so it
/// must stay when other pipelines come and go. Names that would collide with another that way (those with upper-case
/// letters, with a digit after a hyphen, with more than one hyphen in a row) get a part of their hash at the end.
///
/// ```
/// use pipewright_stacks::logical_id;
/// assert_eq!(logical_id("example-pipeline"), "ExamplePipeline");
/// assert_ne!(logical_id("exampleA"), logical_id("example-a"));
/// ```
pub fn logical_id(name: &str) -> String {
    let mut id = String::with_capacity(name.len());
    let mut reversible = name.len() <= LONGEST && !name.is_empty();
    let mut at_word = true;
    for c in name.chars() {
        match c {
            'a'..='z' if at_word => id.push(c.to_ascii_uppercase()),
            'a'..='z' => id.push(c),
            '0'..='9' if !at_word => id.push(c),
            _ => {
                // What upper-case letters and digits mean can be read back only after a lower-case beginning.
                reversible &= c == '-' && !at_word;
                if c.is_ascii_alphanumeric() {
                    id.push(c.to_ascii_uppercase());
                }
            }
        }
        at_word = c == '-';
    }
    if reversible && !at_word {
        return id;
    }
    id.truncate(LONGEST);
    if !id.starts_with(|c: char| c.is_ascii_alphabetic()) {
        id.insert_str(0, "Pipeline");
    }
    for byte in Sha256::digest(name.as_bytes()).iter().take(4) {
        // Writing to a String can't fail.
        let _ = write!(id, "{byte:02X}");
    }
    id
}

/// A word in lower case for a name of lower-case letters, digits and hyphens, to stand inside of an id: `every-2h` →
/// `every2h` and a part of its hash, because `every2h` is a name too.
pub(crate) fn lower_id(name: &str) -> String {
    let mut id: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    if id != name {
        id.push_str(&hash(name));
    }
    id
}

/// Eight characters of the text's hash.
pub(crate) fn hash(text: &str) -> String {
    let mut hash = String::with_capacity(8);
    for byte in Sha256::digest(text.as_bytes()).iter().take(4) {
        // Writing to a String can't fail.
        let _ = write!(hash, "{byte:02x}");
    }
    hash
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn plain_names_stay_readable() {
        for (name, expected) in [
            ("example-pipeline", "ExamplePipeline"),
            ("abalone", "Abalone"),
            ("a-b2-c", "AB2C"),
            ("v2model", "V2model"),
        ] {
            assert_eq!(logical_id(name), expected);
        }
    }

    #[test]
    fn no_two_names_have_one_id() {
        // Every name of up to five characters over what matters.
        let mut names = vec![String::new()];
        let mut ids: BTreeMap<String, String> = BTreeMap::new();
        for _ in 0..5 {
            names = names
                .iter()
                .flat_map(|name| ["a", "b", "A", "B", "1", "-"].map(|c| format!("{name}{c}")))
                .collect();
            for name in &names {
                let id = logical_id(name);
                assert!(id.bytes().all(|b| b.is_ascii_alphanumeric()), "{id}");
                assert!(id.starts_with(|c: char| c.is_ascii_alphabetic()), "{id}");
                if let Some(other) = ids.insert(id, name.clone()) {
                    panic!("{name} and {other}");
                }
            }
        }
        let long = logical_id(&"x".repeat(300));
        assert!(long.len() <= 255);
        assert_ne!(long, logical_id(&"x".repeat(299)));
        assert_eq!(logical_id("ü"), format!("Pipeline{}", &logical_id("ü")[8..]));
    }
}
