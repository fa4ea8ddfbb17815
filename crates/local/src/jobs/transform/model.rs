//! The model of a transform job: what its record says, and its files in `/opt/ml/model`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use pipewright_interpreter::{Control, S3Uri};

use crate::jobs::request::{Problems, Read};
use crate::jobs::{Trouble, fetch, unpack};
use crate::records;
use crate::site::Site;

/// One container of a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Container {
    pub(super) image: String,
    pub(super) data: Option<Data>,
    pub(super) environment: BTreeMap<String, String>,
}

/// Where a container's files are.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Data {
    place: S3Uri,
    is_archive: bool,
    is_prefix: bool,
}

/// The containers of a model that was made on this machine, in the order in which they answer.
///
/// # Errors
/// Where there is no such model, or it is of a kind that can't be served here.
pub(super) fn containers(site: &Site, name: &str) -> Result<Vec<Container>, Trouble> {
    let record = records::model(site, name).map_err(Trouble::Failed)?;
    let Some(record) = record else {
        return Err(Trouble::Failed(format!(
            "ModelName: there is no model {name:?} on this machine; a Model step makes one"
        )));
    };
    let problems = Problems::default();
    let read = Read::new(&record, &problems);
    let mut sources = read.get("Containers").list();
    if sources.is_empty() {
        sources.push(read.get("PrimaryContainer"));
    }
    let containers = sources.iter().map(|source| container(site, source)).collect();
    problems.or(containers).map_err(|trouble| match trouble {
        Trouble::Failed(reason) => Trouble::Failed(format!("model {name:?}: {reason}")),
        Trouble::Stopped => Trouble::Stopped,
    })
}

fn container(site: &Site, read: &Read<'_>) -> Container {
    if let Some(package) = read.get("ModelPackageName").text() {
        // The package has the containers; the model may add to the environment.
        let found = records::package(site, &package);
        let problems = Problems::default();
        let read_package = found.as_ref().map(|package| Read::new(package, &problems));
        let listed = read_package.map(|read| read.get("InferenceSpecification").get("Containers").list());
        let Some([inner]) = listed.as_deref() else {
            read.get("ModelPackageName").problem(format!(
                "`{package}` is no model package of this machine's registry with one container"
            ));
            return Container::default();
        };
        let mut container = plain(inner);
        container.environment.extend(read.get("Environment").entries());
        return container;
    }
    plain(read)
}

fn plain(read: &Read<'_>) -> Container {
    if read.get("Mode").text().is_some_and(|mode| mode != "SingleModel") {
        read.get("Mode").problem("transform jobs serve one model: SingleModel");
    }
    let source = read.get("ModelDataSource").get("S3DataSource");
    let data = if read.get("ModelDataUrl").is_some() {
        Some(Data { place: read.get("ModelDataUrl").place(), is_archive: true, is_prefix: false })
    } else if source.is_some() {
        Some(Data {
            place: source.get("S3Uri").place(),
            is_archive: source.get("CompressionType").one_of(&["None", "Gzip"]) == "Gzip",
            is_prefix: source.get("S3DataType").one_of(&["S3Object", "S3Prefix"]) == "S3Prefix",
        })
    } else {
        None
    };
    Container { image: read.get("Image").required(), data, environment: read.get("Environment").entries() }
}

impl Container {
    /// Lays out `/opt/ml` in the folder `ml`: the model's files in `model`, and an inference script that is in S3 in `code`.
    /// Says where scripts are that may be changed.
    ///
    /// # Errors
    /// Where something can't be brought or unpacked.
    pub(super) fn lay_out(
        &mut self,
        site: &Site,
        control: &Control<'_>,
        ml: &Path,
        scratch: &Path,
    ) -> Result<Vec<std::path::PathBuf>, Trouble> {
        let model = ml.join("model");
        fs::create_dir_all(&model).map_err(|error| Trouble::io("making", &model, &error))?;
        match &self.data {
            None => {}
            Some(Data { place, is_prefix: true, .. }) => drop(fetch::prefix(site, control, place, &model)?),
            Some(Data { place, is_archive: true, .. }) => unpacked(site, control, place, &model, scratch)?,
            Some(Data { place, .. }) => {
                let name = place.key.rsplit('/').next().unwrap_or_default();
                fetch::object(site, control, place, &model.join(name))?;
            }
        }
        let submitted = self.environment.get("SAGEMAKER_SUBMIT_DIRECTORY").cloned();
        if let Some(place) = submitted.as_deref().and_then(S3Uri::parse) {
            unpacked(site, control, &place, &ml.join("code"), scratch)?;
            self.environment.insert("SAGEMAKER_SUBMIT_DIRECTORY".to_owned(), "/opt/ml/code".to_owned());
        } else if self.has_script() && submitted.is_none_or(|folder| folder.is_empty()) {
            // Where the SDK puts it when it repacks a model.
            self.environment.insert("SAGEMAKER_SUBMIT_DIRECTORY".to_owned(), "/opt/ml/model/code".to_owned());
        }
        Ok(["model/code", "code"]
            .map(|name| ml.join(name))
            .into_iter()
            .filter(|path| path.is_dir())
            .collect())
    }

    /// Whether a script of the author's own answers.
    pub(super) fn has_script(&self) -> bool {
        self.environment.get("SAGEMAKER_PROGRAM").is_some_and(|program| !program.is_empty())
    }
}

fn unpacked(
    site: &Site,
    control: &Control<'_>,
    place: &S3Uri,
    into: &Path,
    scratch: &Path,
) -> Result<(), Trouble> {
    let name = place.key.rsplit('/').next().unwrap_or_default();
    let archive = scratch.join(if name.is_empty() { "archive" } else { name });
    fetch::object(site, control, place, &archive)?;
    unpack::tar_gz(&archive, into, control).map_err(|trouble| match trouble {
        Trouble::Failed(reason) => Trouble::Failed(format!("{place}: {reason}")),
        Trouble::Stopped => Trouble::Stopped,
    })?;
    fs::remove_file(&archive).map_err(|error| Trouble::io("removing", &archive, &error))
}
