//! Which names may become file names: what comes from a program must not lead out of the assembly.

use std::collections::BTreeSet;

use crate::contents::Contents;
use crate::error::Error;

/// Checks every name that becomes part of a path, and that no two of a kind are the same.
pub(crate) fn check(contents: &Contents) -> Result<(), Error> {
    let mut found = Vec::new();
    let stacks = contents.stacks.iter().map(|stack| stack.name.as_str());
    unique("stack", stacks, is_stack_name, &mut found);
    let pipelines = contents.pipelines.iter().map(|pipeline| pipeline.record.name.as_str());
    unique("pipeline", pipelines, is_pipeline_name, &mut found);
    for asset in contents.stacks.iter().flat_map(|stack| &stack.assets) {
        let mut wrong = |name: &str, why| {
            found.push(Error::Name { what: "asset", name: name.to_owned(), why });
        };
        if !is_file_name(&asset.name) {
            wrong(&asset.name, "is no file name");
        }
        if !is_sha256(&asset.sha256) {
            wrong(&asset.sha256, "is no SHA-256 in lower-case hex");
        }
    }
    Error::from_found(found)
}

fn unique<'a>(
    what: &'static str,
    names: impl Iterator<Item = &'a str>,
    is_valid: fn(&str) -> bool,
    found: &mut Vec<Error>,
) {
    let mut seen = BTreeSet::new();
    for name in names {
        let mut wrong = |why| {
            found.push(Error::Name { what, name: name.to_owned(), why });
        };
        if !is_valid(name) {
            wrong("is not made of letters, digits and hyphens");
        } else if !seen.insert(name.to_ascii_lowercase()) {
            // File systems that ignore case would keep one file for the two.
            wrong("is there twice (upper and lower case count as the same)");
        }
    }
}

fn is_stack_name(name: &str) -> bool {
    name.len() <= 128 && name.starts_with(|c: char| c.is_ascii_alphabetic()) && is_word(name)
}

/// What SageMaker takes, up to what a file name can hold together with an extension.
pub(crate) fn is_pipeline_name(name: &str) -> bool {
    name.len() <= 240 && name.starts_with(|c: char| c.is_ascii_alphanumeric()) && is_word(name)
}

fn is_word(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// One normal component of a path, on every system.
pub(crate) fn is_file_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 255
        && name != "."
        && name != ".."
        && !name.contains(|c: char| c.is_control() || "/\\:*?\"<>|".contains(c))
}

pub(crate) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// A path of file names, `/` between them: relative, and never leading up.
pub(crate) fn is_relative_path(path: &str) -> bool {
    path.split('/').all(is_file_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for good in ["a", "a.py", "sourcedir.tar.gz", "ü", ".hidden", "a b"] {
            assert!(is_file_name(good), "{good}");
        }
        for bad in ["", ".", "..", "a/b", "a\\b", "/a", "C:", "a\0", "a\n", &"x".repeat(256)] {
            assert!(!is_file_name(bad), "{bad}");
        }
        for bad in ["", "/a", "a/", "a//b", "../a", "a/../b", "./a"] {
            assert!(!is_relative_path(bad), "{bad}");
        }
        assert!(is_relative_path("code/pkg/a.py"));
        for bad in ["", "-a", "a_b", "a/b", "a.b", "ü"] {
            assert!(!is_pipeline_name(bad), "{bad}");
        }
        assert!(is_sha256(&"0a".repeat(32)));
        assert!(!is_sha256(&"0A".repeat(32)));
    }
}
