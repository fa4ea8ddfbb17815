//! What a training job leaves in S3.

use pipewright_interpreter::{Control, Job, S3Uri};

use super::request::Request;
use crate::jobs::folder::{StepFolder, below_ml};
use crate::jobs::{Trouble, pack, upload, walk};
use crate::site::Site;

/// The two folders that are sent, below `/opt/ml`, and what they are called in S3.
const FOLDERS: [(&str, &str); 2] = [("model", "model"), ("output/data", "output")];

/// `ModelArtifacts.S3ModelArtifacts`: the archive, or the folder of files that are not packed.
pub(super) fn model(request: &Request, job: &str) -> S3Uri {
    let name = if request.packed { "model.tar.gz" } else { "model/" };
    place(request, job, name)
}

fn place(request: &Request, job: &str, name: &str) -> S3Uri {
    let prefix = request.output.clone().unwrap_or(S3Uri { bucket: String::new(), key: String::new() });
    upload::below(&prefix, &format!("{job}/output/{name}"))
}

/// A place as a folder: `s3://b/checkpoints` is not `s3://b/checkpoints-old`.
pub(super) fn folder_of(place: &S3Uri) -> S3Uri {
    let mut folder = place.clone();
    if !folder.key.is_empty() && !folder.key.ends_with('/') {
        folder.key.push('/');
    }
    folder
}

/// Sends model and output data. Both are packed before either is sent.
///
/// # Errors
/// Where something can't be read, packed or sent.
pub(super) fn send(
    site: &Site,
    job: &Job,
    control: &Control<'_>,
    folder: &StepFolder,
    request: &Request,
) -> Result<(), Trouble> {
    let mut archives = Vec::new();
    for (below, name) in FOLDERS {
        let Some(from) = folder.unlinked(below) else {
            return Err(Trouble::Failed(format!("/opt/ml/{below} has become a link, or is gone")));
        };
        let left_out = if walk::entries(&from)?.is_empty() {
            if name == "model" {
                folder.say(control, "nothing is in /opt/ml/model: there will be no model in S3");
            }
            Vec::new()
        } else if request.packed {
            let archive = folder.scratch(&format!("{name}.tar.gz"));
            let left_out = pack::tar_gz(&from, &archive, control)?;
            archives.push((archive, place(request, &job.name, &format!("{name}.tar.gz"))));
            left_out
        } else {
            let name = if name == "output" { "data" } else { name };
            upload::folder(site, &from, &place(request, &job.name, name)).map_err(upload_failed)?.left_out
        };
        for path in left_out {
            folder.say(
                control,
                &format!("/opt/ml/{below}/{path} is not sent: a link that is not followed, or no file"),
            );
        }
    }
    for (archive, place) in archives {
        site.store.put(&archive, &place).map_err(|why| upload_failed(why.into()))?;
    }
    Ok(())
}

/// Sends checkpoints; those that a program removed stay in S3, as they do there.
///
/// # Errors
/// Where one can't be read or sent.
pub(super) fn checkpoints(site: &Site, folder: &StepFolder, request: &Request) -> Result<(), Trouble> {
    let Some((place, local)) = &request.checkpoints else { return Ok(()) };
    let below = below_ml(local).map_err(Trouble::Failed)?;
    let Some(from) = folder.unlinked(&below) else { return Ok(()) };
    upload::folder(site, &from, place).map(drop).map_err(upload_failed)
}

fn upload_failed(why: Trouble) -> Trouble {
    match why {
        Trouble::Failed(why) => Trouble::Failed(format!("ClientError: Data upload failed: {why}")),
        Trouble::Stopped => Trouble::Stopped,
    }
}
