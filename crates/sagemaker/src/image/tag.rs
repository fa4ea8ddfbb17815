//! The tag of an image that was chosen.

use super::fault::Fault;
use super::resolve::{HUGGING_FACE, SMP, Wanted};
use super::tables::Published;

/// What makes up a tag.
pub(super) struct Choice<'a> {
    pub(super) row: &'static Published,
    pub(super) processor: Option<&'static str>,
    pub(super) python: Option<&'a str>,
    /// The build that was asked for.
    pub(super) build: Option<&'a str>,
}

impl Choice<'_> {
    /// Joins with `-` what there is of: version or prefix, processor, Python, build.
    pub(super) fn tag(&self, wanted: &Wanted<'_>) -> Result<String, Fault> {
        let build = self.build(wanted)?;
        let start = self.start(wanted);
        // Triton's tags name the processor only where it is no GPU.
        let processor = self
            .processor
            .map(|name| wanted.neuron.unwrap_or(name))
            .filter(|name| !(wanted.framework == "sagemaker-tritonserver" && *name == "gpu"));
        let parts = [Some(start.as_str()), processor, self.python, build.as_deref()];
        let parts: Vec<&str> = parts.into_iter().flatten().filter(|p| !p.is_empty()).collect();
        let tag = parts.join("-");
        let special = (wanted.family == Some("p4d")).then(|| p4d_build(wanted.framework, &tag)).flatten();
        Ok(special.map_or_else(|| tag.clone(), |build| format!("{tag}-{build}")))
    }

    /// What the tag begins with. Tags exist for short versions too, which follow the newest patch; a short version
    /// that was asked for is kept.
    fn start(&self, wanted: &Wanted<'_>) -> String {
        let (row, image) = (self.row, wanted.image);
        if matches!(wanted.framework, "sklearn" | "xgboost") && wanted.is_for_graviton() {
            return format!("{}-arm64", image.version);
        }
        if wanted.framework != HUGGING_FACE {
            return match row.tag_prefix {
                "" => image.version.clone(),
                prefix => prefix.to_owned(),
            };
        }
        // Images with the Neuron SDK have full versions only.
        let (base, version) = if wanted.neuron.is_some() {
            (row.variant, row.version)
        } else {
            let base = image.base_framework.as_deref().unwrap_or(row.variant);
            (base, image.version.as_str())
        };
        let base = base.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        format!("{base}-transformers{version}")
    }

    /// The build of the container: operating system, CUDA, Neuron SDK.
    fn build(&self, wanted: &Wanted<'_>) -> Result<Option<String>, Fault> {
        let row = self.row;
        let mut build = match (row.container_versions, self.build) {
            ([], Some(asked)) => Some(asked.to_owned()),
            ([], None) if wanted.framework == SMP => Some(cuda(wanted).to_owned()),
            ([], None) => None,
            // Some rows name Inferentia where the image is for Trainium.
            ([(_, only)], _) => Some((*only).to_owned()),
            (several, _) => {
                let found = several.iter().find(|(of, _)| Some(*of) == self.processor);
                let known = || several.iter().map(|(of, _)| *of).collect::<Vec<_>>().join(", ");
                let (_, build) = found.ok_or_else(|| Fault {
                    value: wanted.name(),
                    limit: format!("processors of {}: {}", wanted.name(), known()),
                    help: None,
                })?;
                Some((*build).to_owned())
            }
        };
        if let Some(newest) = row.sdk_versions.iter().max() {
            let sdk = wanted.image.neuron_sdk.as_deref().unwrap_or(newest);
            build = Some(build.map_or_else(|| sdk.to_owned(), |build| format!("{sdk}-{build}")));
        }
        if row.repository.strip_suffix("-inference-graviton") == Some(wanted.framework) {
            build = build.map(|build| format!("{build}-sagemaker"));
        }
        Ok(build)
    }
}

/// The CUDA of the model-parallel library's images.
fn cuda(wanted: &Wanted<'_>) -> &'static str {
    let is = |of: &[&str]| of.iter().any(|part| wanted.image.version.contains(part));
    if is(&["2.5"]) {
        "cu124"
    } else if wanted.family.is_some_and(|f| f.starts_with("p5")) || is(&["2.1", "2.2", "2.3", "2.4"]) {
        "cu121"
    } else {
        "cu118"
    }
}

/// Before there was one image for all GPUs, the A100s of ml.p4d needed one with a newer CUDA.
fn p4d_build(framework: &str, tag: &str) -> Option<&'static str> {
    Some(match (framework, tag) {
        ("tensorflow", "2.3-gpu-py37") | ("pytorch", "1.6-gpu-py36" | "1.6-gpu-py3") => {
            "cu110-ubuntu18.04-v3"
        }
        ("tensorflow", "1.15-gpu-py37") => "cu110-ubuntu18.04-v8",
        ("tensorflow", "2.3.1-gpu-py37" | "2.3.2-gpu-py37" | "1.15.4-gpu-py37" | "1.15.5-gpu-py37")
        | ("pytorch", "1.6.0-gpu-py36" | "1.6.0-gpu-py3") => "cu110-ubuntu18.04",
        ("mxnet", "1.8-gpu-py37") => "cu110-ubuntu16.04-v1",
        ("mxnet", "1.8.0-gpu-py37") => "cu110-ubuntu16.04",
        _ => return None,
    })
}
