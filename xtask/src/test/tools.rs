//! What tests need that cargo does not bring: installed below target/, by pins that are checked in, and again only when
//! those change. Nothing is installed anywhere else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// The tools, and where they are.
pub(super) struct Tools {
    root: PathBuf,
    /// The servers, and cfn-lint.
    python: PathBuf,
    checkov: PathBuf,
    cdk: PathBuf,
    /// What the scripts and models of abalone import.
    abalone: PathBuf,
}

impl Tools {
    pub(super) fn new(root: &Path, target: &Path) -> Self {
        let root = root.to_owned();
        let [python, checkov, cdk, abalone] =
            ["python", "checkov", "cdk", "abalone"].map(|name| target.join(name));
        Self { root, python, checkov, cdk, abalone }
    }

    /// Tells tests where the tools are.
    pub(super) fn tell(&self, command: &mut Command) {
        command
            .env("PIPEWRIGHT_PYTHON", interpreter(&self.python))
            .env("PIPEWRIGHT_LOCAL_PYTHON", interpreter(&self.abalone))
            .env("PIPEWRIGHT_CHECKOV", script(&self.checkov, "checkov"))
            .env("PIPEWRIGHT_CDK", self.cdk.join("node_modules/aws-cdk/bin/cdk"));
    }

    pub(super) fn install_python(&self) -> Result<()> {
        install_python(&self.python, &self.root.join("xtask/python/requirements.txt"))
    }

    pub(super) fn install_checkov(&self) -> Result<()> {
        install_python(&self.checkov, &self.root.join("xtask/python/checkov.txt"))
    }

    pub(super) fn install_abalone(&self) -> Result<()> {
        install_python(&self.abalone, &self.root.join("pipelines/abalone/local/requirements.txt"))
    }

    pub(super) fn install_cdk(&self) -> Result<()> {
        let pins = self.root.join("xtask/node");
        let (manifest, lock) = (read(&pins.join("package.json"))?, read(&pins.join("package-lock.json"))?);
        anew(&self.cdk, &format!("{manifest}{lock}"), || {
            for (name, text) in [("package.json", &manifest), ("package-lock.json", &lock)] {
                write(&self.cdk.join(name), text)?;
            }
            let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
            let mut install = Command::new(npm);
            install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]);
            quiet(install.current_dir(&self.cdk)).context("Node.js with npm is needed")
        })
    }
}

/// A virtual environment with pinned packages.
pub(crate) fn install_python(environment: &Path, pins: &Path) -> Result<()> {
    let wanted = read(pins)?;
    if quiet(Command::new(interpreter(environment)).arg("--version")).is_err() {
        // The python that it was made with is gone.
        remove(environment)?;
    }
    anew(environment, &wanted, || {
        quiet(Command::new("python3").args(["-m", "venv"]).arg(environment))
            .context("python3 with venv is needed")?;
        let mut pip = Command::new(interpreter(environment));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
        quiet(pip.arg(pins))
    })
}

/// Fills a folder anew, unless it was filled from these pins.
fn anew(folder: &Path, pins: &str, fill: impl FnOnce() -> Result<()>) -> Result<()> {
    // Written last: it says that the folder is complete.
    let made_from = folder.join("made-from.txt");
    if fs::read_to_string(&made_from).is_ok_and(|made_from| made_from == pins) {
        return Ok(());
    }
    remove(folder)?;
    fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))?;
    fill()?;
    write(&made_from, pins)
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("can't remove {}", folder.display()))?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("can't write {}", path.display()))
}

fn interpreter(environment: &Path) -> PathBuf {
    script(environment, if cfg!(windows) { "python.exe" } else { "python" })
}

pub(crate) fn script(environment: &Path, name: &str) -> PathBuf {
    environment.join(if cfg!(windows) { "Scripts" } else { "bin" }).join(name)
}

/// Runs a command of which nobody wants to see anything, unless it fails.
pub(super) fn quiet(command: &mut Command) -> Result<()> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("can't start {}", command.get_program().to_string_lossy()))?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!("{command:?} ended with {}\n{}", output.status, String::from_utf8_lossy(&said).trim());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_filled_once_for_the_same_pins_and_again_after_a_failure() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("tool");
        let mut fills = 0;
        for (pins, works, expected) in
            [("a", true, 1), ("a", true, 1), ("b", false, 2), ("b", true, 3), ("b", true, 3), ("a", true, 4)]
        {
            let done = anew(&folder, pins, || {
                fills += 1;
                assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
                write(&folder.join("x"), pins)?;
                if works { Ok(()) } else { bail!("no") }
            });
            assert_eq!((done.is_ok(), fills), (works, expected));
        }
    }
}
