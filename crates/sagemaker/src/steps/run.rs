//! What a processing job runs.

use pipewright_model::{AssetSource, CodeAsset, Expr, Node, Object, Script, join, node};

use super::output::Output;
use super::{Input, Spark};

/// Where a script lies in the container, as the SageMaker Python SDK has it.
pub(super) const CODE: &str = "/opt/ml/processing/input/code";
/// Where the start script of a source folder lies.
const ENTRYPOINT: &str = "/opt/ml/processing/input/entrypoint";

/// What the container runs.
#[derive(Clone, Debug)]
pub(super) enum Run {
    /// Its own entry point, or the one given.
    Container(Vec<Node>),
    /// A script that is copied into it.
    Script { uri: Expr<String>, file: Expr<String>, command: Vec<Node> },
    /// A script of a folder that is copied and unpacked.
    Folder { uri: Expr<String>, entry: String, command: String },
    /// A program that is submitted to Spark, by `command` where that is not the image's own.
    Spark { program: Box<Spark>, command: Option<Vec<Node>> },
}

impl Run {
    /// A script that is uploaded, alone or with its folder, with `python3` for a command.
    pub(super) fn script(script: &impl Script, asset: &CodeAsset) -> Self {
        let uri = asset.s3_uri();
        if matches!(asset.source, AssetSource::Folder { .. } | AssetSource::Archive { .. }) {
            Self::Folder { uri, entry: script.entry().to_owned(), command: "python3".to_owned() }
        } else {
            Self::file(uri, script.entry().into())
        }
    }

    /// A script in S3, with `python3` for a command.
    pub(super) fn file(uri: Expr<String>, file: Expr<String>) -> Self {
        Self::Script { uri, file, command: vec![Node::text("python3")] }
    }

    pub(super) fn set_command(&mut self, words: Vec<Node>) {
        match self {
            Self::Container(entrypoint) => *entrypoint = words,
            Self::Script { command, .. } => *command = words,
            Self::Folder { command, .. } => {
                *command = words.iter().filter_map(Node::as_str).collect::<Vec<_>>().join(" ");
            }
            Self::Spark { command, .. } => *command = Some(words),
        }
    }

    /// Sets the entry point and adds outputs of its own; what is left are the inputs that bring the code, and code of its own.
    pub(super) fn into_request(
        self,
        app: &mut Object,
        outputs: &mut Vec<Output>,
    ) -> (Vec<Node>, Vec<CodeAsset>) {
        let input = |name: &str, uri, folder: &str| Input::s3(uri, folder).name(name).into_request(0).into();
        match self {
            Self::Container(entrypoint) if entrypoint.is_empty() => (Vec::new(), Vec::new()),
            Self::Container(entrypoint) => {
                app.set("ContainerEntrypoint", entrypoint);
                (Vec::new(), Vec::new())
            }
            Self::Script { uri, file, mut command } => {
                command.push(join!(CODE, "/", file).into_node());
                app.set("ContainerEntrypoint", command);
                (vec![input("code", uri, CODE)], Vec::new())
            }
            Self::Folder { uri, entry, command } => {
                let start = CodeAsset::text("runproc.sh", start_script(&command, &entry));
                app.set("ContainerEntrypoint", node!(["/bin/bash", (join!(ENTRYPOINT, "/runproc.sh"))]));
                let inputs = vec![
                    input("code", uri, &format!("{CODE}/")),
                    input("entrypoint", start.s3_uri(), ENTRYPOINT),
                ];
                (inputs, vec![start])
            }
            Self::Spark { program, command } => program.into_request(command, app, outputs),
        }
    }
}

/// The start script of a source folder: unpack, install, run. It stops at the first failure, and
/// hands the script's own status and arguments through.
fn start_script(command: &str, entry: &str) -> String {
    format!(
        "#!/bin/bash\n\
         # Unpacks the source folder, installs what it requires, and runs its script.\n\
         set -euo pipefail\n\
         cd {CODE}/\n\
         tar -xzf sourcedir.tar.gz\n\
         if [[ -f requirements.txt ]]; then\n    \
             python3 -m pip install --requirement requirements.txt\n\
         fi\n\
         exec {command} {} \"$@\"\n",
        shell_quoted(entry)
    )
}

fn shell_quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
