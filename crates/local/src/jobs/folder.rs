//! The folder of one attempt at a step: its log, and what the process sees as `/opt/ml`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use pipewright_interpreter::{Control, Job};
use serde_json::Value;

use super::Trouble;
use crate::aside;
use crate::launch::Mount;
use crate::runs::step_folder;
use crate::site::Site;

/// Where SageMaker's files are inside.
pub const ML: &str = "/opt/ml";

/// `runs/ID/steps/STEP/ATTEMPT`. `log.txt`, `arguments.json` and `properties.json` stay; `opt/ml` is there while the job runs.
#[derive(Clone, Debug)]
pub struct StepFolder {
    root: PathBuf,
    ml: PathBuf,
}

impl StepFolder {
    /// Makes the folder of `job`, with an empty `opt/ml`: what an interrupted attempt left there is removed.
    ///
    /// # Errors
    /// Where a folder can't be removed or made.
    pub fn begin(site: &Site, job: &Job) -> Result<Self, Trouble> {
        let root = step_folder(&site.run, &job.step, job.attempt);
        let folder = Self { ml: root.join("opt/ml"), root };
        folder.clear()?;
        fs::create_dir_all(&folder.ml).map_err(|e| Trouble::io("making", &folder.ml, &e))?;
        let arguments = folder.root.join("arguments.json");
        aside::replace_json(&arguments, &job.arguments)
            .map_err(|e| Trouble::io("writing", &arguments, &e))?;
        Ok(folder)
    }

    /// Keeps what is known of a job that has ended as `properties.json` in its step's folder. For people: an execution has it in its
    /// journal, so that a disk that is full by now does no more harm.
    pub fn keep_properties(site: &Site, job: &Job, properties: &Value) {
        let path = step_folder(&site.run, &job.step, job.attempt).join("properties.json");
        let _ = aside::replace_json(&path, properties);
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What is `/opt/ml` inside.
    pub fn ml(&self) -> &Path {
        &self.ml
    }

    /// The file that keeps the log.
    pub fn log(&self) -> PathBuf {
        self.root.join("log.txt")
    }

    /// A file of this step that the process does not see, such as an archive on its way.
    pub fn scratch(&self, name: &str) -> PathBuf {
        self.root.join("opt").join(name)
    }

    /// `/opt/ml`, writable.
    pub fn mount(&self) -> Mount {
        Mount { host: self.ml.clone(), inside: ML.to_owned(), writable: true }
    }

    /// The place on this machine of a path inside. `what` is named in messages, such as `ProcessingInputs[0].S3Input.LocalPath`.
    ///
    /// # Errors
    /// Where the path is not below `/opt/ml`, or goes through `..`.
    pub fn place(&self, inside: &str, what: &str) -> Result<PathBuf, Trouble> {
        let below = below_ml(inside).map_err(|problem| Trouble::Failed(format!("{what}: {problem}")))?;
        Ok(if below.is_empty() { self.ml.clone() } else { self.ml.join(below) })
    }

    /// Makes a folder inside, with those above it.
    ///
    /// # Errors
    /// As [`StepFolder::place`], and where it can't be made.
    pub fn make(&self, inside: &str, what: &str) -> Result<PathBuf, Trouble> {
        let path = self.place(inside, what)?;
        fs::create_dir_all(&path).map_err(|e| Trouble::io("making", &path, &e))?;
        Ok(path)
    }

    /// Writes a JSON file below `/opt/ml`.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn write_json(&self, below: &str, value: &Value) -> Result<(), Trouble> {
        let path = self.ml.join(below);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|e| Trouble::io("making", folder, &e))?;
        }
        fs::write(&path, value.to_string()).map_err(|e| Trouble::io("writing", &path, &e))
    }

    /// The first `at_most` bytes of a file that the process may have left below `/opt/ml`; `None` where there is none, or it is
    /// no regular file: links are not followed.
    pub fn left_behind(&self, below: &str, at_most: u64) -> Option<Vec<u8>> {
        let path = self.unlinked(below)?;
        if !fs::symlink_metadata(&path).ok()?.is_file() {
            return None;
        }
        let mut content = Vec::new();
        File::open(path).ok()?.take(at_most).read_to_end(&mut content).ok()?;
        Some(content)
    }

    /// The path below `/opt/ml`, where no part of it has become a link.
    pub fn unlinked(&self, below: &str) -> Option<PathBuf> {
        let mut path = self.ml.clone();
        for part in below.split('/').filter(|part| !part.is_empty()) {
            path.push(part);
            if fs::symlink_metadata(&path).ok()?.is_symlink() {
                return None;
            }
        }
        Some(path)
    }

    /// Says something about the job in its log and to those who watch.
    pub fn say(&self, control: &Control<'_>, text: &str) {
        let text = format!("pipewright: {text}");
        // A log that can't be written fails the job at its first line; this one is shown all the same.
        if let Ok(mut log) = OpenOptions::new().append(true).create(true).open(self.log()) {
            let _ = writeln!(log, "{text}");
        }
        control.line(&text);
    }

    /// How long the log is by now: what follows is this attempt's.
    pub fn log_size(&self) -> u64 {
        fs::metadata(self.log()).map_or(0, |log| log.len())
    }

    /// After success: removes what the process saw. The results are in S3, log and records stay.
    pub fn end(&self) {
        // What can't be removed now (a container may have made it as another user) only costs space.
        let _ = self.clear();
    }

    fn clear(&self) -> Result<(), Trouble> {
        let path = self.root.join("opt");
        let mut removed = fs::remove_dir_all(&path);
        if removed.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied) {
            unlock(&path);
            removed = fs::remove_dir_all(&path);
        }
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Trouble::io("removing", &path, &error))
            }
            _ => Ok(()),
        }
    }
}

/// Lets its owner into every folder below, as far as that is allowed: scripts lock folders.
#[cfg(unix)]
fn unlock(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mut left = vec![folder.to_owned()];
    while let Some(folder) = left.pop() {
        // What can't be unlocked can't be removed either, and that is told.
        let _ = fs::set_permissions(&folder, fs::Permissions::from_mode(0o700));
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        left.extend(entries.filter(|e| e.file_type().is_ok_and(|kind| kind.is_dir())).map(|e| e.path()));
    }
}

#[cfg(not(unix))]
fn unlock(_: &Path) {}

/// The part of an absolute path that follows `/opt/ml/`.
///
/// # Errors
/// What is wrong with the path.
pub(crate) fn below_ml(inside: &str) -> Result<String, String> {
    let refused = |why: &str| Err(format!("`{inside}` {why}; give a path below {ML}"));
    let Some(rest) = inside.strip_prefix(ML).filter(|rest| rest.is_empty() || rest.starts_with('/')) else {
        return refused("is not below /opt/ml");
    };
    let mut parts = Vec::new();
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." => return refused("goes through `..`"),
            _ if part.contains('\0') => return refused("contains a null byte"),
            _ => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_below(inside: &str, expected: Result<&str, &str>) {
        match (below_ml(inside), expected) {
            (Ok(below), Ok(expected)) => assert_eq!(below, expected, "{inside}"),
            (Err(problem), Err(part)) => assert!(problem.contains(part), "{inside}: {problem}"),
            (found, _) => panic!("{inside}: {found:?}"),
        }
    }

    #[test]
    fn only_paths_below_opt_ml_have_a_place() {
        check_below("/opt/ml", Ok(""));
        check_below("/opt/ml/", Ok(""));
        check_below("/opt/ml/model", Ok("model"));
        check_below("/opt/ml/processing//input/./code/", Ok("processing/input/code"));
        check_below("/opt/ml/processing/a b", Ok("processing/a b"));
        check_below("/opt/mlx", Err("is not below /opt/ml"));
        check_below("/etc/passwd", Err("`/etc/passwd` is not below /opt/ml; give a path below /opt/ml"));
        check_below("opt/ml/model", Err("is not below"));
        check_below("", Err("is not below"));
        check_below("/opt/ml/../../etc", Err("goes through `..`"));
        check_below("/opt/ml/processing/..", Err("goes through `..`"));
        check_below("/opt/ml/a\0b", Err("null byte"));
    }
}
