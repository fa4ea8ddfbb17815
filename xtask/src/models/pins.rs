//! `models/pins.toml` (which packages) and `models/roots.toml` (what of them).

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// The packages, each pinned by version and hash.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pins {
    pub(super) package: Vec<Pin>,
}

/// One wheel.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pin {
    pub(super) name: String,
    pub(super) version: String,
    /// File name of the wheel.
    pub(super) wheel: String,
    /// SHA-256 of the wheel, lower hex.
    pub(super) sha256: String,
    /// SPDX expression.
    pub(super) license: String,
    /// Licence and notice files inside the wheel that must go where the data goes.
    pub(super) notices: Vec<String>,
}

/// What is extracted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Roots {
    pub(super) sagemaker: SagemakerRoots,
    pub(super) cloudformation: CloudformationRoots,
    pub(super) images: ImageRoots,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SagemakerRoots {
    pub(super) shapes: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CloudformationRoots {
    pub(super) region: String,
    pub(super) types: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImageRoots {
    /// Files of the folder that hold no images, without `.json`.
    pub(super) skip: Vec<String>,
}

impl Pins {
    pub(super) fn read(path: &Path) -> Result<Self> {
        Self::parse(&read(path)?).with_context(|| format!("in {}", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let pins: Self = toml::from_str(text)?;
        for pin in &pins.package {
            ensure!(
                pin.sha256.len() == 64
                    && pin.sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)),
                "sha256 of {} is {:?}: 64 lower-case hexadecimal digits are wanted",
                pin.name,
                pin.sha256
            );
            // These become arguments, lines of a requirements file and paths.
            for (what, value) in [("name", &pin.name), ("version", &pin.version), ("wheel", &pin.wheel)] {
                ensure!(
                    value.starts_with(|c: char| c.is_ascii_alphanumeric())
                        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)),
                    "{what} of package {:?} is {value:?}: letters, digits, `.`, `_` and `-` are allowed",
                    pin.name
                );
            }
        }
        Ok(pins)
    }
}

impl Roots {
    pub(super) fn read(path: &Path) -> Result<Self> {
        toml::from_str(&read(path)?).with_context(|| format!("in {}", path.display()))
    }
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, sha256: &str, error: Option<&str>) {
        let text = format!(
            "[[package]]\nname = {name:?}\nversion = \"1.0\"\nwheel = \"x.whl\"\nsha256 = {sha256:?}\n\
             license = \"MIT-0\"\nnotices = []\n"
        );
        match (Pins::parse(&text), error) {
            (Ok(pins), None) => assert_eq!(pins.package[0].name, name),
            (Err(found), Some(wanted)) => assert_eq!(found.to_string(), wanted),
            (found, wanted) => panic!("{found:?} instead of {wanted:?}"),
        }
    }

    #[test]
    fn pins_are_refused_unless_complete_and_plain() {
        let sha = "0123456789abcdef".repeat(4);
        check("botocore", &sha, None);
        check(
            "botocore",
            "0123",
            Some("sha256 of botocore is \"0123\": 64 lower-case hexadecimal digits are wanted"),
        );
        check(
            "../x",
            &sha,
            Some("name of package \"../x\" is \"../x\": letters, digits, `.`, `_` and `-` are allowed"),
        );
        check(
            "--index-url",
            &sha,
            Some(
                "name of package \"--index-url\" is \"--index-url\": letters, digits, `.`, `_` and `-` are allowed",
            ),
        );
    }
}
