//! What stands for an image's own programs where no container engine runs it: the built-in XGBoost, the serving half of the
//! framework images, and what `[images]` of `local/run.toml` says.
//!
//! Images are told by their repository: `…/sagemaker-xgboost:1.7-1` is `sagemaker-xgboost`. The programs are Python files of
//! this crate; they are written below `target/local/programs` and never changed there.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use crate::aside;
use crate::launch::Mount;
use crate::settings::ImagePrograms;
use crate::site::Site;

#[cfg(test)]
mod tests;

/// The Python files, by name.
const FILES: [(&str, &str); 6] = [
    ("call_lambda.py", include_str!("../../python/call_lambda.py")),
    ("serve_script.py", include_str!("../../python/serve_script.py")),
    ("serve_xgboost.py", include_str!("../../python/serve_xgboost.py")),
    ("server.py", include_str!("../../python/server.py")),
    ("tables.py", include_str!("../../python/tables.py")),
    ("train_xgboost.py", include_str!("../../python/train_xgboost.py")),
];

/// What an image is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// What a processing job without `ContainerEntrypoint` starts.
    Entrypoint,
    /// What a training job starts: the image's `train`.
    Train,
    /// What a model starts: the image's `serve`.
    Serve,
}

impl Purpose {
    fn key(self) -> &'static str {
        match self {
            Self::Entrypoint => "entrypoint",
            Self::Train => "train",
            Self::Serve => "serve",
        }
    }
}

/// What a [`Task`](crate::launch::Task) starts for an image's own program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// The program and its first arguments.
    pub entrypoint: Vec<String>,
    /// What follows.
    pub arguments: Vec<String>,
    /// Added to the task's environment.
    pub environment: BTreeMap<String, String>,
    /// Added to the task's mounts.
    pub mounts: Vec<Mount>,
    /// Where it is to run, if that is not up to the job.
    pub working_directory: Option<String>,
}

/// The program that does what `image` would do.
///
/// Only asked where no container engine runs: there it is the image itself. `[images]` of `local/run.toml` says, and then this
/// crate, which has the built-in XGBoost.
///
/// # Errors
/// A sentence for the user where nobody has such a program, or where it can't be written to disk.
pub fn program(site: &Site, image: &str, purpose: Purpose) -> Result<Program, String> {
    match choice(&site.settings.images, image, purpose) {
        Choice::Told(command) => {
            let Some(local) = &site.local else {
                return Err(format!(
                    "[images] needs the folder local/ that its programs are in: image {image}"
                ));
            };
            let local = absolute(local)?;
            Ok(Program {
                entrypoint: command.to_vec(),
                working_directory: Some(local.display().to_string()),
                mounts: vec![in_place(&local)],
                ..Program::default()
            })
        }
        Choice::Ours(name) => python(site, name, vec!["/opt/ml".to_owned()]),
        Choice::None => Err(lack(image, purpose)),
    }
}

/// The server for a model with an inference script: `SAGEMAKER_PROGRAM` in the model's environment.
///
/// # Errors
/// Where it can't be written to disk.
pub fn script_server(site: &Site) -> Result<Program, String> {
    python(site, "serve_script.py", vec!["/opt/ml".to_owned()])
}

/// One of this crate's programs, with its arguments.
pub(crate) fn python(site: &Site, name: &str, arguments: Vec<String>) -> Result<Program, String> {
    let folder = absolute(&site.root.join("programs"))?;
    let folder = write(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let entrypoint = vec!["python3".to_owned(), folder.join(name).display().to_string()];
    Ok(Program { entrypoint, arguments, mounts: vec![in_place(&folder)], ..Program::default() })
}

/// Who has the program of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finder {
    /// `[images]` of `local/run.toml`.
    Told,
    /// This crate.
    Ours,
}

/// Who would say what [`program`] starts.
///
/// # Errors
/// The sentence that [`program`] would give where nobody does.
pub fn find(
    images: &BTreeMap<String, ImagePrograms>,
    image: &str,
    purpose: Purpose,
) -> Result<Finder, String> {
    match choice(images, image, purpose) {
        Choice::None => Err(lack(image, purpose)),
        Choice::Told(_) => Ok(Finder::Told),
        Choice::Ours(_) => Ok(Finder::Ours),
    }
}

enum Choice<'s> {
    Told(&'s [String]),
    Ours(&'static str),
    None,
}

fn choice<'s>(images: &'s BTreeMap<String, ImagePrograms>, image: &str, purpose: Purpose) -> Choice<'s> {
    let repository = repository(image);
    // The last part of a repository is enough where the whole is not there.
    let last = repository.rsplit('/').next().unwrap_or(repository);
    let told = [image, repository, last].into_iter().find_map(|name| {
        let programs = images.get(name)?;
        match purpose {
            Purpose::Entrypoint => programs.entrypoint.as_deref(),
            Purpose::Train => programs.train.as_deref(),
            Purpose::Serve => programs.serve.as_deref(),
        }
    });
    match (told, last, purpose) {
        (Some(command), ..) => Choice::Told(command),
        // `xgboost` was the algorithm's repository before version 0.90-1.
        (None, "sagemaker-xgboost" | "xgboost", Purpose::Train) => Choice::Ours("train_xgboost.py"),
        (None, "sagemaker-xgboost" | "xgboost", Purpose::Serve) => Choice::Ours("serve_xgboost.py"),
        (None, ..) => Choice::None,
    }
}

fn lack(image: &str, purpose: Purpose) -> String {
    let (key, repository) = (purpose.key(), repository(image));
    let what = match purpose {
        Purpose::Entrypoint => "starts (the step has no ContainerEntrypoint)",
        Purpose::Train => "trains with",
        Purpose::Serve => "serves models with",
    };
    format!(
        "without a container engine nobody knows what image {image} {what}: use `--runner container`, \
         or write `[images.{repository:?}]` with `{key} = [\"python3\", \"{key}.py\"]` in local/run.toml"
    )
}

/// `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG` is `NAME`; what has no registry keeps its path.
pub(crate) fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    let path = match image.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => path,
        _ => image,
    };
    path.split(':').next().unwrap_or(path)
}

/// A folder under its own path.
pub(crate) fn in_place(folder: &Path) -> Mount {
    Mount { host: folder.to_owned(), inside: folder.display().to_string(), writable: false }
}

pub(crate) fn absolute(path: &Path) -> Result<PathBuf, String> {
    std::path::absolute(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Writes the files, and says into which folder.
fn write(programs: &Path) -> io::Result<PathBuf> {
    let mut hasher = DefaultHasher::new();
    FILES.hash(&mut hasher);
    let folder = programs.join(format!("{:016x}", hasher.finish()));
    for (name, content) in FILES {
        let path = folder.join(name);
        // Another run may be about to read it: what is right stays as it is.
        if !fs::read(&path).is_ok_and(|there| there == content.as_bytes()) {
            aside::replace(&path, content.as_bytes())?;
        }
    }
    Ok(folder)
}
