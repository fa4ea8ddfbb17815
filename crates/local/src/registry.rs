//! The model registry of this machine: versions of models in groups, with their metrics and whether they are approved.
//!
//! ```text
//! registry/GROUP/VERSION.json        a version of a group
//! registry/%ungrouped/NAME.json      a model package that is in no group
//! ```
//!
//! Each file is what `DescribeModelPackage` answers, and beside it, under `Origin`, the run and the step that registered it.
//! Versions are counted up under a lock of the group: runs at once get different ones. The same step of the same run registers
//! once, however often it is asked, so that a run that was interrupted in between makes no second version.

mod package;

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::aside;
pub use package::{APPROVED, PENDING, Package, REJECTED};
use package::{Named, named};

/// The folder of packages in no group: no group's name begins so.
const UNGROUPED: &str = "%ungrouped";
/// The most characters of an `ApprovalDescription`.
const LONGEST_DESCRIPTION: usize = 1024;

/// Why a model package can't be registered, found or changed; a sentence for the user.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request is none that SageMaker takes, or there is no such package.
    #[error("{0}")]
    Invalid(String),
    /// A file is not what was written.
    #[error("{path} is damaged: {message}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// A file or folder can't be read or written.
    #[error("can't {what} {path}: {error}", path = path.display())]
    Io {
        /// What was to be done with it.
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
}

impl Error {
    fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io { what, path, error }
    }
}

/// Who registers a package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Registrar {
    /// The account that ARNs name, twelve digits.
    pub account: String,
    /// The region that ARNs name.
    pub region: String,
    /// The pipeline.
    pub pipeline: String,
    /// The run's id.
    pub run: String,
    /// The step's name.
    pub step: String,
}

/// A group in a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Group {
    /// Its name: `ModelPackageGroupName`.
    pub name: String,
    /// How many versions it has.
    pub versions: usize,
    /// The newest version's number.
    pub latest: u64,
    /// The newest version that is approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest_approved: Option<u64>,
}

/// The registry. Nothing is kept in memory: several processes may use it at once.
#[derive(Clone, Debug)]
pub struct Registry {
    root: PathBuf,
}

impl Registry {
    /// The registry below `root`, which is `target/local`. Nothing is read or made.
    pub fn new(root: &Path) -> Self {
        Self { root: root.join("registry") }
    }

    /// Registers a package, as `CreateModelPackage` does; returns it as it then is.
    ///
    /// A request with `ModelPackageGroupName` (a name or an ARN) makes the group's next version and the group where there is none;
    /// one with `ModelPackageName` a package in no group. `ModelApprovalStatus` is `PendingManualApproval` unless the request says
    /// something else.
    ///
    /// # Errors
    /// Where the request has neither name or both, a name that is none, a status that is none, or an ungrouped package has the name
    /// of another; where it can't be written.
    pub fn register(&self, request: &Value, by: &Registrar) -> Result<Package, Error> {
        let named = named(request).map_err(Error::Invalid)?;
        package::check(request).map_err(Error::Invalid)?;
        let folder = self.folder(&named);
        fs::create_dir_all(&folder).map_err(Error::io("make", &folder))?;
        let _lock = lock(&folder)?;
        match &named {
            Named::Group(group) => {
                let there = self.list(group)?;
                if let Some(same) = there.iter().find(|package| package.origin.as_ref() == Some(by)) {
                    return Ok(same.clone());
                }
                let version = there.last().map_or(1, |package| package.version.unwrap_or_default() + 1);
                self.create(request, by, &named, Some(version))
            }
            Named::Alone(name) => match read(&self.file(&named, None))? {
                Some(same) if same.origin.as_ref() == Some(by) => Ok(same),
                Some(other) => Err(Error::Invalid(format!(
                    "there is a model package {name} already ({}): give another ModelPackageName, or ModelPackageGroupName for \
                     versions",
                    other.arn
                ))),
                None => self.create(request, by, &named, None),
            },
        }
    }

    fn create(
        &self,
        request: &Value,
        by: &Registrar,
        named: &Named,
        version: Option<u64>,
    ) -> Result<Package, Error> {
        let description = package::describe(request, by, named, version, Timestamp::now());
        let package = Package::of(description, Some(by.clone())).map_err(Error::Invalid)?;
        write(&self.file(named, version), &package)?;
        Ok(package)
    }

    /// All groups, sorted by name.
    ///
    /// # Errors
    /// Where one can't be read.
    pub fn groups(&self) -> Result<Vec<Group>, Error> {
        let mut groups = Vec::new();
        for name in names(&self.root)? {
            if !package::is_name(&name) {
                continue;
            }
            let packages = self.list(&name)?;
            let Some(last) = packages.last() else { continue };
            let approved = packages.iter().rfind(|package| package.approval() == APPROVED);
            groups.push(Group {
                versions: packages.len(),
                latest: last.version.unwrap_or_default(),
                latest_approved: approved.and_then(|package| package.version),
                name,
            });
        }
        Ok(groups)
    }

    /// The versions of a group, the oldest first; none where there is no such group.
    ///
    /// # Errors
    /// Where the name is no group's, or a version can't be read.
    pub fn list(&self, group: &str) -> Result<Vec<Package>, Error> {
        package::check_name("ModelPackageGroupName", group).map_err(Error::Invalid)?;
        let folder = self.root.join(group);
        let mut versions: Vec<u64> =
            names(&folder)?.iter().filter_map(|name| package::version(name)).collect();
        versions.sort_unstable();
        let named = Named::Group(group.to_owned());
        let packages = versions.into_iter().map(|version| read(&self.file(&named, Some(version))));
        // `None`: removed by hand since.
        packages.filter_map(Result::transpose).collect()
    }

    /// The packages in no group, sorted by name.
    ///
    /// # Errors
    /// Where one can't be read.
    pub fn ungrouped(&self) -> Result<Vec<Package>, Error> {
        let names = names(&self.root.join(UNGROUPED))?;
        let names =
            names.iter().filter_map(|name| name.strip_suffix(".json")).filter(|name| package::is_name(name));
        let packages = names.map(|name| read(&self.file(&Named::Alone(name.to_owned()), None)));
        packages.filter_map(Result::transpose).collect()
    }

    /// The package of this ARN, of `GROUP/VERSION`, the newest of `GROUP`, or the one in no group of this name.
    ///
    /// # Errors
    /// Where there is none, or it can't be read.
    pub fn describe(&self, which: &str) -> Result<Package, Error> {
        let missing = || {
            Error::Invalid(format!(
                "there is no model package {which:?} in the local registry: `cargo xtask registry` lists them; give GROUP/VERSION"
            ))
        };
        let name = which.rsplit_once(":model-package/").map_or(which, |(_, name)| name);
        let (name, version) = match name.split_once('/') {
            Some((name, version)) => {
                (name, Some(package::version(&format!("{version}.json")).ok_or_else(missing)?))
            }
            None => (name, None),
        };
        if !package::is_name(name) {
            return Err(missing());
        }
        let found = match version {
            Some(_) => read(&self.file(&Named::Group(name.to_owned()), version))?,
            None => match self.list(name)?.pop() {
                Some(latest) if !which.starts_with("arn:") => Some(latest),
                _ => read(&self.file(&Named::Alone(name.to_owned()), None))?,
            },
        };
        found.ok_or_else(missing)
    }

    /// Sets a package's `ModelApprovalStatus` ([`APPROVED`], [`REJECTED`] or [`PENDING`]) and why, as `UpdateModelPackage` does.
    ///
    /// # Errors
    /// As for [`Self::describe`]; where the status is none or the description has more than 1,024 characters; where it can't be
    /// written.
    pub fn approve(&self, which: &str, status: &str, description: Option<&str>) -> Result<Package, Error> {
        package::check_status(status).map_err(Error::Invalid)?;
        let length = description.map_or(0, |text| text.chars().count());
        if length > LONGEST_DESCRIPTION {
            return Err(Error::Invalid(format!(
                "the description has {length} characters: SageMaker takes at most {LONGEST_DESCRIPTION}"
            )));
        }
        let named = self.describe(which)?.named();
        let folder = self.folder(&named);
        let _lock = lock(&folder)?;
        // Once more: another process may have changed it.
        let mut package = self.describe(which)?;
        package.set_approval(status, description, Timestamp::now());
        write(&self.file(&package.named(), package.version), &package)?;
        Ok(package)
    }

    fn folder(&self, named: &Named) -> PathBuf {
        match named {
            Named::Group(group) => self.root.join(group),
            Named::Alone(_) => self.root.join(UNGROUPED),
        }
    }

    fn file(&self, named: &Named, version: Option<u64>) -> PathBuf {
        let folder = self.folder(named);
        match named {
            Named::Group(_) => folder.join(format!("{}.json", version.unwrap_or_default())),
            Named::Alone(name) => folder.join(format!("{name}.json")),
        }
    }
}

fn write(path: &Path, package: &Package) -> Result<(), Error> {
    aside::replace_json(path, &package.stored()).map_err(Error::io("write", path))
}

fn read(path: &Path) -> Result<Option<Package>, Error> {
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        bytes => bytes.map_err(Error::io("read", path))?,
    };
    let package =
        serde_json::from_slice(&bytes).map_err(|error| error.to_string()).and_then(Package::restored);
    package.map(Some).map_err(|message| Error::Damaged { path: path.to_owned(), message })
}

/// The names in a folder, sorted; none where there is no folder.
fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(Error::io("read", folder))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(Error::io("read", folder))?;
        names.extend(entry.file_name().to_str().map(str::to_owned));
    }
    names.sort_unstable();
    Ok(names)
}

/// Keeps others from changing the packages of a folder until the value is dropped.
fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join(".lock");
    let options = File::options().create(true).truncate(false).write(true).open(&path);
    let file = options.map_err(Error::io("write", &path))?;
    match file.lock() {
        // A file system without locks: two at once are the user's to keep apart.
        Err(error) if error.kind() != ErrorKind::Unsupported => Err(Error::io("lock", &path)(error)),
        _ => Ok(file),
    }
}

#[cfg(test)]
mod tests;
