//! Where the data comes from, as data.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::lines;
use super::pins::Pins;

/// Which files of which package were read for which of our files.
#[derive(Debug, Default)]
pub(super) struct Reads {
    by_package: BTreeMap<String, Vec<(String, Vec<String>)>>,
}

impl Reads {
    pub(super) fn add(&mut self, package: &str, for_file: &str, paths: impl IntoIterator<Item = String>) {
        let paths = paths.into_iter().collect();
        self.by_package.entry(package.to_owned()).or_default().push((for_file.to_owned(), paths));
    }
}

/// `PROVENANCE.json`: one package a line, with one line for each of our files made from it.
pub(super) fn extract(pins: &Pins, reads: &Reads) -> Result<String> {
    let mut packages = Map::new();
    for pin in &pins.package {
        let mut files = Map::new();
        for (name, paths) in reads.by_package.get(&pin.name).into_iter().flatten() {
            files.insert(name.clone(), json!(paths));
        }
        let notices: Vec<String> = pin
            .notices
            .iter()
            .map(|path| format!("licenses/{}/{}", pin.name, path.rsplit('/').next().unwrap_or(path)))
            .collect();
        let entry = json!({
            "version": pin.version,
            "wheel": pin.wheel,
            "sha256": pin.sha256,
            "license": pin.license,
            "notices": notices,
            "changes": "selected, compacted, documentation removed",
            "read": Value::Object(files),
        });
        packages.insert(pin.name.clone(), entry);
    }
    packages.sort_keys();
    lines::write(&json!({ "packages": packages }), &|path| path.len() < 3 || path.last() == Some(&"read"))
}

#[cfg(test)]
mod tests {
    use super::super::pins::Pin;
    use super::*;

    #[test]
    fn a_package_and_what_was_read_of_it() {
        let pin = Pin {
            name: "demo".into(),
            version: "1.0".into(),
            wheel: "demo.whl".into(),
            sha256: "00".into(),
            license: "MIT-0".into(),
            notices: vec!["demo.dist-info/licenses/NOTICE".into()],
        };
        let mut reads = Reads::default();
        reads.add("demo", "demo.json", ["demo/a.json".to_owned()]);
        assert_eq!(
            extract(&Pins { package: vec![pin] }, &reads).unwrap(),
            r#"{
 "packages": {
  "demo": {
   "version": "1.0",
   "wheel": "demo.whl",
   "sha256": "00",
   "license": "MIT-0",
   "notices": ["licenses/demo/NOTICE"],
   "changes": "selected, compacted, documentation removed",
   "read": {
    "demo.json": ["demo/a.json"]
   }
  }
 }
}
"#
        );
    }
}
