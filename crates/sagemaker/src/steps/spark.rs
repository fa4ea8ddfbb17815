//! Spark programs in processing jobs.

#![expect(clippy::needless_pass_by_value, reason = "a script is built for the step that runs it")]

use pipewright_model::text::join_with;
use pipewright_model::{AssetSource, CodeAsset, Expr, Node, Object, Script, Text, join};

use super::Input;
use super::output::Output;
use super::run::CODE;
use crate::enums::ProcessingS3UploadMode;

/// What starts a program in SageMaker's Spark images.
const SUBMIT: &str = "smspark-submit";
/// Where inputs lie in the container.
const INPUTS: &str = "/opt/ml/processing/input/";
/// Where Spark writes its events, if they are kept.
const EVENTS: &str = "/opt/ml/processing/spark-events/";

/// A Spark program, as [`Processing::spark`](super::Processing::spark) runs it: what the SageMaker Python SDK's `PySparkProcessor`
/// and `SparkJarProcessor` submit.
///
/// ```
/// # use pipewright_model::{CodeAsset, Expr, Script};
/// use pipewright_sagemaker::{image, Processing, Spark, SparkConfiguration};
/// # struct Job;
/// # impl Script for Job {
/// #     fn asset(&self) -> CodeAsset { CodeAsset::text("job.py", "") }
/// #     fn entry(&self) -> &str { "job.py" }
/// #     fn arguments(&self) -> Vec<Expr<String>> { Vec::new() }
/// # }
/// let program = Spark::python(Job)
///     .jar_at("s3://bucket/connector.jar")
///     .configuration(SparkConfiguration::new("spark-defaults").property("spark.executor.memory", "2g"))
///     .event_logs("s3://bucket/logs");
/// let step = Processing::spark(program).image(image::spark("3.3")).instances(2, "ml.m5.xlarge");
/// ```
#[derive(Clone, Debug)]
pub struct Spark {
    program: CodeAt,
    /// The class to run, of a jar.
    main_class: Option<Expr<String>>,
    pub(super) arguments: Vec<Expr<String>>,
    py_files: Dependencies,
    jars: Dependencies,
    files: Dependencies,
    configurations: Vec<SparkConfiguration>,
    event_logs: Option<Expr<String>>,
}

/// Code that is uploaded, or lies in S3 already.
#[derive(Clone, Debug)]
struct CodeAt {
    uri: Expr<String>,
    file: Expr<String>,
    asset: Option<CodeAsset>,
}

#[derive(Clone, Debug, Default)]
struct Dependencies {
    uris: Vec<Expr<String>>,
    assets: Vec<CodeAsset>,
}

impl Spark {
    /// Runs a Python file of the pipeline's `code/`. The modules that it imports are [`py_file`](Self::py_file)s.
    pub fn python(script: impl Script) -> Self {
        Self::new(CodeAt::uploaded(&script), None, script.arguments())
    }

    /// Runs a Python file that is in S3 already; `file` is its name, the last part of the URI.
    pub fn python_at(uri: impl Into<Expr<String>>, file: impl Into<Expr<String>>) -> Self {
        Self::new(CodeAt { uri: uri.into(), file: file.into(), asset: None }, None, Vec::new())
    }

    /// Runs a class of a jar of the pipeline's `code/`.
    pub fn jar_main(jar: impl Script, main_class: impl Into<Expr<String>>) -> Self {
        Self::new(CodeAt::uploaded(&jar), Some(main_class.into()), jar.arguments())
    }

    /// Runs a class of a jar that is in S3 already; `file` is its name, the last part of the URI.
    pub fn jar_main_at(
        uri: impl Into<Expr<String>>,
        file: impl Into<Expr<String>>,
        main_class: impl Into<Expr<String>>,
    ) -> Self {
        let program = CodeAt { uri: uri.into(), file: file.into(), asset: None };
        Self::new(program, Some(main_class.into()), Vec::new())
    }

    fn new(program: CodeAt, main_class: Option<Expr<String>>, arguments: Vec<Expr<String>>) -> Self {
        Self {
            program,
            main_class,
            arguments,
            py_files: Dependencies::default(),
            jars: Dependencies::default(),
            files: Dependencies::default(),
            configurations: Vec::new(),
            event_logs: None,
        }
    }

    /// Puts a Python module or zip of the pipeline's `code/` on the program's path (`--py-files`).
    pub fn py_file(mut self, file: impl Script) -> Self {
        self.py_files.assets.push(file.asset());
        self
    }

    /// Puts a Python module or zip in S3 on the program's path (`--py-files`).
    pub fn py_file_at(mut self, uri: impl Into<Expr<String>>) -> Self {
        self.py_files.uris.push(uri.into());
        self
    }

    /// Puts a jar of the pipeline's `code/` on the class path (`--jars`).
    pub fn jar(mut self, file: impl Script) -> Self {
        self.jars.assets.push(file.asset());
        self
    }

    /// Puts a jar in S3 on the class path (`--jars`).
    pub fn jar_at(mut self, uri: impl Into<Expr<String>>) -> Self {
        self.jars.uris.push(uri.into());
        self
    }

    /// Puts a file of the pipeline's `code/` in each executor's working folder (`--files`).
    pub fn file(mut self, file: impl Script) -> Self {
        self.files.assets.push(file.asset());
        self
    }

    /// Puts a file in S3 in each executor's working folder (`--files`).
    pub fn file_at(mut self, uri: impl Into<Expr<String>>) -> Self {
        self.files.uris.push(uri.into());
        self
    }

    /// Configures Spark, Hadoop or Hive, as EMR does. It is uploaded with the pipeline.
    pub fn configuration(mut self, configuration: SparkConfiguration) -> Self {
        self.configurations.push(configuration);
        self
    }

    /// The S3 prefix that Spark's events go to while the job runs, for its history server.
    pub fn event_logs(mut self, uri: impl Into<Expr<String>>) -> Self {
        self.event_logs = Some(uri.into());
        self
    }

    /// The entry point, with `command` in place of what submits where that was given, the inputs after the step's own and those
    /// outputs; and what is uploaded beside the program.
    pub(super) fn into_request(
        self,
        command: Option<Vec<Node>>,
        app: &mut Object,
        outputs: &mut Vec<Output>,
    ) -> (Vec<Node>, Vec<CodeAsset>) {
        let mut words = command.unwrap_or_else(|| vec![Node::text(SUBMIT)]);
        let mut inputs = Vec::new();
        let mut assets = Vec::new();
        let mut bring = |name: &str, uri: Expr<String>, of_it: Vec<CodeAsset>| {
            let folder = format!("{INPUTS}{name}");
            inputs.push(Input::s3(uri, folder.clone()).name(name).into_request(0).into());
            assets.extend(of_it);
            folder
        };
        if let Some(class) = self.main_class {
            words.extend([Node::text("--class"), class.into_node()]);
        }
        for (name, option, Dependencies { mut uris, assets }) in [
            ("py-files", "--py-files", self.py_files),
            ("jars", "--jars", self.jars),
            ("files", "--files", self.files),
        ] {
            if !assets.is_empty() {
                let (uri, files) = CodeAsset::together(name, assets);
                uris.push(bring(name, uri, files).into());
            }
            if !uris.is_empty() {
                words.extend([Node::text(option), join_with(",", uris).into_node()]);
            }
        }
        if let Some(uri) = self.event_logs {
            words.extend([Node::text("--local-spark-event-logs-dir"), Node::text(EVENTS)]);
            let mut logs =
                Output::new(format!("output-{}", outputs.len() + 1).into(), EVENTS.into(), Some(uri));
            logs.upload_mode = ProcessingS3UploadMode::CONTINUOUS.into();
            outputs.push(logs);
        }
        if !self.configurations.is_empty() {
            let texts: Vec<String> = self.configurations.iter().map(SparkConfiguration::json).collect();
            let file = CodeAsset::text("configuration.json", format!("[{}]\n", texts.join(",")));
            bring("conf", file.s3_uri(), vec![file]);
        }
        let CodeAt { uri, file, asset } = self.program;
        words.push(join!(CODE, "/", file).into_node());
        inputs.push(Input::s3(uri, CODE).name("code").into_request(0).into());
        assets.extend(asset);
        app.set("ContainerEntrypoint", words);
        (inputs, assets)
    }
}

impl CodeAt {
    fn uploaded(script: &impl Script) -> Self {
        let asset = script.asset();
        let uri = match asset.source {
            AssetSource::File { .. } | AssetSource::Text { .. } => asset.s3_uri(),
            _ => Expr::invalid(
                asset.name.clone(),
                "a file",
                "Spark runs one file: take it out of its folder, and what it imports with `.py_file(…)`",
            ),
        };
        Self { uri, file: script.entry().to_owned().into(), asset: Some(asset) }
    }
}

/// Settings of Spark, Hadoop or Hive under one of EMR's [classifications], such as `spark-defaults`.
///
/// ```
/// use pipewright_sagemaker::SparkConfiguration;
/// let python = SparkConfiguration::new("spark-env")
///     .nested(SparkConfiguration::new("export").property("PYSPARK_PYTHON", "/usr/bin/python3"));
/// ```
///
/// [classifications]: https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-configure-apps.html
#[derive(Clone, Debug)]
pub struct SparkConfiguration {
    classification: String,
    properties: Vec<(String, String)>,
    nested: Vec<Self>,
}

impl SparkConfiguration {
    /// Settings under a classification.
    pub fn new(classification: impl Into<String>) -> Self {
        Self { classification: classification.into(), properties: Vec::new(), nested: Vec::new() }
    }

    /// Sets a property.
    pub fn property(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.properties.push((name.into(), value.into()));
        self
    }

    /// Adds settings under a classification below this one.
    pub fn nested(mut self, configuration: Self) -> Self {
        self.nested.push(configuration);
        self
    }

    fn json(&self) -> String {
        let properties: Vec<String> = self
            .properties
            .iter()
            .map(|(name, value)| format!("{}:{}", quoted(name), quoted(value)))
            .collect();
        let nested = match self.nested.as_slice() {
            [] => String::new(),
            all => {
                let all: Vec<String> = all.iter().map(Self::json).collect();
                format!(",\"Configurations\":[{}]", all.join(","))
            }
        };
        let classification = quoted(&self.classification);
        format!("{{\"Classification\":{classification},\"Properties\":{{{}}}{nested}}}", properties.join(","))
    }
}

/// Text as JSON.
fn quoted(text: &str) -> String {
    let json = Text::from(text.to_owned()).into_json();
    json.node().as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_as_emr_reads_it() {
        let inner = SparkConfiguration::new("export").property("A", "say \"x\"\n").property("B", "2");
        let all = SparkConfiguration::new("spark-env").nested(inner);
        assert_eq!(
            all.json(),
            r#"{"Classification":"spark-env","Properties":{},"Configurations":[{"Classification":"export","Properties":{"A":"say \"x\"\n","B":"2"}}]}"#
        );
    }
}
