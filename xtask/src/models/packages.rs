//! Wheels: fetched by pip, unpacked, read. Nothing of them is installed or run.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use super::pins::{Pin, Pins};

/// The unpacked packages.
pub(super) struct Packages {
    all: Vec<Package>,
}

/// One unpacked wheel.
pub(super) struct Package {
    name: String,
    folder: PathBuf,
}

impl Packages {
    /// Makes every pinned wheel available under `cache`, fetching those that are not there yet.
    pub(super) fn fetch(pins: &Pins, cache: &Path) -> Result<Self> {
        let all = pins
            .package
            .iter()
            .map(|pin| fetch(pin, cache).with_context(|| format!("can't get {} {}", pin.name, pin.version)))
            .collect::<Result<_>>()?;
        Ok(Self { all })
    }

    pub(super) fn open(&self, name: &str) -> Result<&Package> {
        self.all
            .iter()
            .find(|package| package.name == name)
            .with_context(|| format!("package {name} is missing from models/pins.toml"))
    }
}

/// The folder is named after the hash and renamed into place only when it is complete, so its existence is
/// the proof that pip saw the pinned bytes.
fn fetch(pin: &Pin, cache: &Path) -> Result<Package> {
    let folder = cache.join(&pin.sha256);
    if !folder.is_dir() {
        let aside = cache.join(format!("{}.new", pin.sha256));
        if aside.exists() {
            fs::remove_dir_all(&aside).with_context(|| format!("can't remove {}", aside.display()))?;
        }
        fs::create_dir_all(&aside).with_context(|| format!("can't create {}", aside.display()))?;
        let requirements = aside.join("requirements.txt");
        fs::write(&requirements, format!("{}=={} --hash=sha256:{}\n", pin.name, pin.version, pin.sha256))
            .with_context(|| format!("can't write {}", requirements.display()))?;
        python(
            "pip download",
            Command::new("python3")
                .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check"])
                .args(["--no-deps", "--only-binary", ":all:", "--require-hashes", "--dest"])
                .arg(&aside)
                .arg("--requirement")
                .arg(&requirements),
        )?;
        let wheel = aside.join(&pin.wheel);
        ensure!(wheel.is_file(), "pip fetched it, but under another name than {}", pin.wheel);
        let unpacked = aside.join("unpacked");
        python(
            "unpacking",
            Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&wheel).arg(&unpacked),
        )?;
        fs::remove_file(&wheel).with_context(|| format!("can't remove {}", wheel.display()))?;
        fs::rename(&aside, &folder).with_context(|| format!("can't rename {}", aside.display()))?;
    }
    Ok(Package { name: pin.name.clone(), folder: folder.join("unpacked") })
}

fn python(doing: &str, command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output().context("python3 with pip is needed to refresh models/")?;
    if !output.status.success() {
        bail!("{doing} ended with {}: {}", output.status, cause(&String::from_utf8_lossy(&output.stderr)));
    }
    Ok(output.stdout)
}

/// What Python and pip say of a failure comes last; warnings about attempts and call stacks stand before it.
fn cause(stderr: &str) -> String {
    let lines: Vec<&str> = stderr.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let first = lines.iter().position(|line| line.starts_with("ERROR"));
    lines[first.unwrap_or(lines.len().saturating_sub(1))..].join("; ")
}

impl Package {
    /// The bytes of a file of the wheel; `path` is `/` separated and relative.
    pub(super) fn bytes(&self, path: &str) -> Result<Vec<u8>> {
        let full = self.locate(path)?;
        fs::read(&full).with_context(|| format!("{} has no readable {path}", self.name))
    }

    /// The text of a file of the wheel.
    pub(super) fn text(&self, path: &str) -> Result<String> {
        String::from_utf8(self.bytes(path)?).with_context(|| format!("{path} of {} is not UTF-8", self.name))
    }

    /// The text of a gzipped file of the wheel.
    pub(super) fn gunzip(&self, path: &str) -> Result<String> {
        let code = "import gzip, sys; sys.stdout.buffer.write(gzip.open(sys.argv[1]).read())";
        let bytes =
            python("reading gzip", Command::new("python3").args(["-c", code]).arg(self.locate(path)?))?;
        String::from_utf8(bytes).with_context(|| format!("{path} of {} is not UTF-8", self.name))
    }

    /// The files directly in a folder with an extension, sorted.
    pub(super) fn list(&self, folder: &str, extension: &str) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for name in self.names(folder)? {
            if name.rsplit_once('.').is_some_and(|(_, end)| end == extension) {
                found.push(format!("{folder}/{name}"));
            }
        }
        Ok(found)
    }

    /// The one file called `name` one folder below `folder`.
    pub(super) fn only_match(&self, folder: &str, name: &str) -> Result<String> {
        let mut found = Vec::new();
        for below in self.names(folder)? {
            let path = format!("{folder}/{below}/{name}");
            if self.locate(&path)?.is_file() {
                found.push(path);
            }
        }
        ensure!(
            found.len() == 1,
            "{} files match {folder}/*/{name} in {}: one is wanted",
            found.len(),
            self.name
        );
        Ok(found.remove(0))
    }

    fn names(&self, folder: &str) -> Result<Vec<String>> {
        let full = self.locate(folder)?;
        let mut names = Vec::new();
        for entry in fs::read_dir(&full).with_context(|| format!("{} has no folder {folder}", self.name))? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    fn locate(&self, path: &str) -> Result<PathBuf> {
        let path = Path::new(path);
        ensure!(
            path.components().all(|part| matches!(part, Component::Normal(_))),
            "{} leaves the package {}",
            path.display(),
            self.name
        );
        Ok(self.folder.join(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package() -> (tempfile::TempDir, Package) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in
            [("data/b.json", "B"), ("data/a.json", "A"), ("data/x.txt", "X"), ("s/2017/m.gz", "")]
        {
            let full = folder.path().join(path);
            fs::create_dir_all(full.parent().unwrap()).unwrap();
            fs::write(full, text).unwrap();
        }
        let package = Package { name: "demo".into(), folder: folder.path().to_owned() };
        (folder, package)
    }

    #[test]
    fn files_are_found_in_a_fixed_order() {
        let (_folder, package) = package();
        assert_eq!(package.list("data", "json").unwrap(), ["data/a.json", "data/b.json"]);
        assert_eq!(package.only_match("s", "m.gz").unwrap(), "s/2017/m.gz");
        assert_eq!(package.text("data/a.json").unwrap(), "A");
    }

    #[test]
    fn of_a_failure_the_cause_is_told() {
        for (stderr, expected) in [
            ("", ""),
            ("Traceback:\n  File x\nValueError: bad\n", "ValueError: bad"),
            ("WARNING: Retrying\nERROR: No matching\n  hint\n", "ERROR: No matching; hint"),
        ] {
            assert_eq!(cause(stderr), expected);
        }
    }

    #[test]
    fn faults_name_the_package_and_the_path() {
        let (_folder, package) = package();
        let check = |result: Result<String>, wanted: &str| {
            assert_eq!(result.unwrap_err().to_string(), wanted);
        };
        check(package.text("data/none.json"), "demo has no readable data/none.json");
        check(package.text("../etc/passwd"), "../etc/passwd leaves the package demo");
        check(package.only_match("s", "other"), "0 files match s/*/other in demo: one is wanted");
    }
}
