//! Script mode: what the framework images' toolkits read from hyperparameters.

use pipewright_model::{CodeAsset, Deploy, Expr, Object, Script, Text, join};

use super::set_entry;

/// How a framework's image spreads one training over processes and instances: the `distribution` of
/// the SageMaker Python SDK's framework estimators.
///
/// ```
/// # use pipewright_model::{CodeAsset, Expr, Script};
/// use pipewright_sagemaker::{image, Distribution, Training};
/// # struct Train;
/// # impl Script for Train {
/// #     fn asset(&self) -> CodeAsset { CodeAsset::text("train.py", "") }
/// #     fn entry(&self) -> &str { "train.py" }
/// #     fn arguments(&self) -> Vec<Expr<String>> { Vec::new() }
/// # }
/// let train = Training::script(image::pytorch("2.1.0").training().gpu(), Train)
///     .instances(2, "ml.p4d.24xlarge")
///     .distribution(Distribution::TorchDistributed);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Distribution {
    /// `PyTorch`, started by `torchrun`.
    TorchDistributed,
    /// `PyTorch`'s distributed data parallel, started by MPI.
    PytorchDdp,
    /// SageMaker's own distributed data parallel library.
    DataParallel,
    /// A parameter server on each instance (`TensorFlow`, `MXNet`).
    ParameterServer,
    /// `TensorFlow`'s multi-worker mirrored strategy.
    MultiWorkerMirrored,
    /// MPI, with so many processes on each instance.
    Mpi {
        /// Processes on each instance.
        processes_per_host: u32,
    },
}

impl Distribution {
    /// The hyperparameters that ask for it, as JSON.
    pub(super) fn hyperparameters(self) -> Vec<(&'static str, Text)> {
        let on = || Text::from(true);
        match self {
            Self::TorchDistributed => vec![("sagemaker_torch_distributed_enabled", on())],
            Self::PytorchDdp => vec![("sagemaker_pytorch_ddp_enabled", on())],
            Self::DataParallel => vec![
                ("sagemaker_distributed_dataparallel_enabled", on()),
                ("sagemaker_distributed_dataparallel_custom_mpi_options", "".into()),
            ],
            Self::ParameterServer => vec![("sagemaker_parameter_server_enabled", on())],
            Self::MultiWorkerMirrored => vec![("sagemaker_multi_worker_mirrored_strategy_enabled", on())],
            Self::Mpi { processes_per_host } => vec![
                ("sagemaker_mpi_enabled", on()),
                ("sagemaker_mpi_num_of_processes_per_host", processes_per_host.into()),
                ("sagemaker_mpi_custom_mpi_options", "".into()),
            ],
        }
    }

    /// Whether the toolkit has to know what it runs on.
    pub(super) const fn needs_instance_type(self) -> bool {
        matches!(self, Self::TorchDistributed | Self::PytorchDdp | Self::DataParallel)
    }
}

/// What the toolkit needs to find and start the script, as hyperparameters; and the code to upload.
pub(super) fn start(script: &impl Script) -> (Vec<(String, Expr<String>)>, CodeAsset) {
    // The toolkit unpacks what it downloads: a lone file has to be packed, too.
    let asset = script.asset().archived();
    let mut entries: Vec<(String, Expr<String>)> = [
        ("sagemaker_submit_directory", Text::from(asset.s3_uri())),
        ("sagemaker_program", script.entry().into()),
        ("sagemaker_container_log_level", 20.into()),
        ("sagemaker_region", Deploy::Region.into()),
    ]
    .map(|(name, value)| (name.to_owned(), value.into_json()))
    .into();
    entries.extend(options(script.arguments()));
    (entries, asset)
}

/// A command line as the hyperparameters that the toolkit makes it of again: `--name value`.
fn options(words: Vec<Expr<String>>) -> Vec<(String, Expr<String>)> {
    let mut options: Vec<(String, Option<Expr<String>>)> = Vec::new();
    for word in words {
        match (word.node().as_str(), options.last_mut()) {
            // What follows an option is its value, even if it begins with a dash as `-1` does.
            (text, Some((_, value @ None))) if !text.is_some_and(is_long_option) => *value = Some(json(word)),
            (Some(flag), _) if flag.starts_with('-') => {
                let (name, value) = flag.split_once('=').map_or((flag, None), |(n, v)| (n, Some(v)));
                options.push((name.trim_start_matches('-').to_owned(), value.map(|v| json(v.into()))));
            }
            _ => options.push((String::new(), Some(not_an_option(&word)))),
        }
    }
    let lone = |name: &str| not_an_option(&name.into());
    options.into_iter().map(|(name, value)| (name.clone(), value.unwrap_or_else(|| lone(&name)))).collect()
}

fn is_long_option(word: &str) -> bool {
    word.starts_with("--")
}

/// An argument as JSON. Numbers that read the same again need no quotes, all other text does: the
/// toolkit would make `True` of `true` and 1.1 of `1.10`.
fn json(word: Expr<String>) -> Expr<String> {
    let plain = word.node().as_str().is_some_and(|text| {
        text.parse::<i64>().is_ok_and(|number| number.to_string() == text)
            || text.parse::<f64>().is_ok_and(|number| number.is_finite() && format!("{number:?}") == text)
    });
    if plain { word } else { Text::from(word).into_json() }
}

/// An argument that can't be a hyperparameter, reported with the rest of the graph.
fn not_an_option(word: &Expr<String>) -> Expr<String> {
    Expr::invalid(
        word.node().as_str().unwrap_or("an expression"),
        "an option with one value",
        "hyperparameters are handed on as `--name value`: give the script an option that takes one value",
    )
}

/// What a serving image's toolkit needs to find its script, as environment variables; and the code
/// to upload.
pub(super) fn serve(container: &mut Object, script: &impl Script) -> CodeAsset {
    let asset = script.asset().archived();
    let program = match script.arguments().first() {
        None => script.entry().into(),
        Some(word) => Expr::invalid(
            word.node().as_str().unwrap_or("an expression"),
            "a script without arguments",
            "a serving container imports the script: hand values over with `.environment(…)`",
        ),
    };
    for (name, value) in [
        ("SAGEMAKER_PROGRAM", program),
        ("SAGEMAKER_SUBMIT_DIRECTORY", asset.s3_uri()),
        ("SAGEMAKER_CONTAINER_LOG_LEVEL", "20".into()),
        ("SAGEMAKER_REGION", join!(Deploy::Region)),
    ] {
        set_entry(container, "Environment", name, value);
    }
    asset
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_as_hyperparameters() {
        let check = |words: &[&str], expected: &[(&str, &str)]| {
            let found = options(words.iter().map(|word| Expr::from(*word)).collect());
            let found: Vec<_> =
                found.iter().map(|(name, value)| (name.as_str(), value.node().as_str())).collect();
            let expected: Vec<_> = expected.iter().map(|(name, value)| (*name, Some(*value))).collect();
            assert_eq!(found, expected, "{words:?}");
        };
        check(&["--epochs", "3", "--rate", "0.5"], &[("epochs", "3"), ("rate", "0.5")]);
        check(&["--epochs=3"], &[("epochs", "3")]);
        check(&["--shift", "-1"], &[("shift", "-1")]);
        check(&["--version", "1.10"], &[("version", "\"1.10\"")]);
        check(&["--fast", "true", "--name", "a\"b"], &[("fast", "\"true\""), ("name", "\"a\\\"b\"")]);
    }

    #[test]
    fn what_is_no_option_is_refused() {
        for words in [&["--fast"][..], &["input.csv"], &["--fast", "--name", "x"], &["--name", "x", "y"]] {
            let found = options(words.iter().map(|word| Expr::from(*word)).collect());
            let refused =
                found.iter().filter(|(_, v)| matches!(v.node(), pipewright_model::Node::Invalid(_)));
            assert_eq!(refused.count(), 1, "{words:?}");
        }
    }
}
