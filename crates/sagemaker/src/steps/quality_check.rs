//! `QualityCheck` steps.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use pipewright_model::step::Common;
use pipewright_model::{
    Cacheable, CodeAsset, Expr, FromPath, Missing, Path, Script, Step, StepNode, StepSettings, Text, join,
};

use super::check::{Job, OUTPUT, baseline, check};
use super::{Input, Instances, add_tag, set_entry};
use crate::enums::{ProblemType, ProcessingInstanceType, ProcessingS3UploadMode};
use crate::image;
use crate::requests::{CreateProcessingJobRequest, NetworkConfig};

const DATASET: &str = "baseline_dataset_input";
const PREPROCESSOR: &str = "record_preprocessor_script_input";
const POST_ANALYTICS: &str = "post_analytics_processor_script_input";

/// Measures the quality of data or of a model's predictions, and holds it against a baseline ([QualityCheck step]).
///
/// The baseline is the one supplied, or that of the latest approved model package of a group; the first time there is none,
/// and [`skip_check`](Self::skip_check) goes with [`register_new_baseline`](Self::register_new_baseline). Statistics and
/// constraints go to `s3://DATA/PIPELINE/EXECUTION/STEP/output/quality_check_output` unless [`output_to`](Self::output_to)
/// says otherwise.
///
/// ```
/// use pipewright_model::Graph;
/// use pipewright_sagemaker::{DatasetFormat, QualityCheck};
/// let mut p = Graph::new();
/// let data = p.add("DataQuality", QualityCheck::data("s3://bucket/train.csv", DatasetFormat::csv())
///     .instances(1, "ml.m5.xlarge")
///     .model_package_group("prices")
///     .register_new_baseline(true));
/// p.add("ModelQuality", QualityCheck::model("s3://bucket/predictions.csv", DatasetFormat::csv(), "Regression")
///     .instances(1, "ml.m5.xlarge")
///     .inference_attribute("prediction")
///     .ground_truth_attribute("price")
///     .supplied_baseline_constraints(data.calculated_baseline_constraints())
///     .fail_on_violation(false));
/// ```
///
/// On this machine a stand-in takes its place: `[steps.NAME]` or `[types.QualityCheck]` in `local/run.toml`.
///
/// [QualityCheck step]: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-quality-check
#[derive(Clone, Debug)]
pub struct QualityCheck<K = DataQuality, C = Missing> {
    job: Job,
    dataset: Expr<String>,
    format: DatasetFormat,
    /// What the container is told beside the dataset and its format.
    told: Vec<(&'static str, Expr<String>)>,
    scripts: Vec<MonitorScript>,
    state: PhantomData<(K, C)>,
}

/// A check of data.
#[derive(Clone, Copy, Debug)]
pub struct DataQuality;

/// A check of a model's predictions.
#[derive(Clone, Copy, Debug)]
pub struct ModelQuality;

/// A script that the container runs on the way.
#[derive(Clone, Debug)]
struct MonitorScript {
    /// Its input's name, and that of the folder that it lies in.
    input: &'static str,
    /// The environment variable that names it.
    variable: &'static str,
    file: Expr<String>,
    uri: Expr<String>,
    assets: Vec<CodeAsset>,
}

impl QualityCheck {
    /// Checks the data below an S3 URI: completeness, types, distributions.
    pub fn data(dataset: impl Into<Expr<String>>, format: DatasetFormat) -> Self {
        Self::of("DATA_QUALITY", dataset.into(), format)
    }
}

impl<C> QualityCheck<DataQuality, C> {
    /// Runs a script on each record before it is looked at: a single Python file.
    #[expect(clippy::needless_pass_by_value, reason = "a script is built for the step that runs it")]
    pub fn record_preprocessor(self, script: impl Script) -> Self {
        self.script(PREPROCESSOR, "record_preprocessor_script", &script)
    }

    /// Runs a script that is in S3 already on each record; `file` is its name, the last part of the URI.
    pub fn record_preprocessor_at(self, uri: impl Into<Expr<String>>, file: impl Into<Expr<String>>) -> Self {
        self.script_at(PREPROCESSOR, "record_preprocessor_script", uri.into(), file.into())
    }
}

impl QualityCheck<ModelQuality> {
    /// Checks a model's predictions below an S3 URI, together with the truth: `Regression`, `BinaryClassification` or
    /// `MulticlassClassification`.
    pub fn model(
        dataset: impl Into<Expr<String>>,
        format: DatasetFormat,
        problem: impl Into<Expr<ProblemType>>,
    ) -> Self {
        let mut step = Self::of("MODEL_QUALITY", dataset.into(), format);
        step.told.push(("analysis_type", "MODEL_QUALITY".into()));
        step.told.push(("problem_type", problem.into().into()));
        step
    }
}

impl<C> QualityCheck<ModelQuality, C> {
    fn tell(mut self, variable: &'static str, value: impl Into<Text>) -> Self {
        let value = value.into().into_expr();
        match self.told.iter_mut().find(|(told, _)| *told == variable) {
            Some(known) => known.1 = value,
            None => self.told.push((variable, value)),
        }
        self
    }

    /// Where the prediction is: an index or a column of CSV, a `JSONPath` otherwise.
    pub fn inference_attribute(self, place: impl Into<Text>) -> Self {
        self.tell("inference_attribute", place)
    }

    /// Where the probability is.
    pub fn probability_attribute(self, place: impl Into<Text>) -> Self {
        self.tell("probability_attribute", place)
    }

    /// Where the truth is.
    pub fn ground_truth_attribute(self, place: impl Into<Text>) -> Self {
        self.tell("ground_truth_attribute", place)
    }

    /// From which probability on a prediction counts as positive.
    pub fn probability_threshold(self, threshold: impl Into<Text>) -> Self {
        self.tell("probability_threshold_attribute", threshold)
    }
}

impl<K> QualityCheck<K, Missing> {
    fn of(check_type: &'static str, dataset: Expr<String>, format: DatasetFormat) -> Self {
        let job = Job::new(check_type, image::model_monitor());
        Self { job, dataset, format, told: Vec::new(), scripts: Vec::new(), state: PhantomData }
    }

    /// How many instances of what type: 1 to 100, such as `ml.m5.xlarge`.
    pub fn instances(
        mut self,
        count: impl Into<Expr<i64>>,
        instance_type: impl Into<Expr<ProcessingInstanceType>>,
    ) -> QualityCheck<K, Instances> {
        self.job.instances(count.into(), instance_type.into());
        let Self { job, dataset, format, told, scripts, state: _ } = self;
        QualityCheck { job, dataset, format, told, scripts, state: PhantomData }
    }
}

impl<K, C> QualityCheck<K, C> {
    /// Runs a script once the results are there: a single Python file.
    #[expect(clippy::needless_pass_by_value, reason = "a script is built for the step that runs it")]
    pub fn post_analytics(self, script: impl Script) -> Self {
        self.script(POST_ANALYTICS, "post_analytics_processor_script", &script)
    }

    /// Runs a script that is in S3 already once the results are there; `file` is its name, the last part of the URI.
    pub fn post_analytics_at(self, uri: impl Into<Expr<String>>, file: impl Into<Expr<String>>) -> Self {
        self.script_at(POST_ANALYTICS, "post_analytics_processor_script", uri.into(), file.into())
    }

    /// The S3 URI of the statistics to hold the results against: a JSON file.
    pub fn supplied_baseline_statistics(mut self, uri: impl Into<Expr<String>>) -> Self {
        self.job.members.set("SuppliedBaselineStatistics", uri.into());
        self
    }

    fn script(self, input: &'static str, variable: &'static str, script: &impl Script) -> Self {
        let entry = script.entry().to_owned();
        if !script.arguments().is_empty() {
            let help = "leave the arguments out: the container calls the script's functions, not the script";
            let uri = Expr::invalid(entry.as_str(), "a script without arguments", help);
            return self.script_at(input, variable, uri, entry.into());
        }
        // What is mapped into the container is a folder, called as the SageMaker Python SDK calls it.
        let (uri, assets) = CodeAsset::together(input, [script.asset()]);
        self.add(MonitorScript { input, variable, file: entry.into(), uri, assets })
    }

    fn script_at(
        self,
        input: &'static str,
        variable: &'static str,
        uri: Expr<String>,
        file: Expr<String>,
    ) -> Self {
        self.add(MonitorScript { input, variable, file, uri, assets: Vec::new() })
    }

    fn add(mut self, script: MonitorScript) -> Self {
        // One of each.
        self.scripts.retain(|known| known.input != script.input);
        self.scripts.push(script);
        self
    }
}

check!(QualityCheck<K, C>);

impl<K> Step for QualityCheck<K, Instances> {
    type Properties = QualityCheckProperties;

    fn into_step(self, name: Arc<str>) -> StepNode {
        let Self { mut job, dataset, format, told, scripts, state: _ } = self;
        let local = |input: &str| format!("/opt/ml/processing/input/{input}");
        let mut variables = vec![
            ("output_path", Expr::from(OUTPUT)),
            // Monitoring schedules alone have metrics.
            ("publish_cloudwatch_metrics", "Disabled".into()),
            ("dataset_format", format.0.into()),
            ("dataset_source", local(DATASET).into()),
        ];
        variables.extend(told);
        job.input(DATASET, Input::s3(dataset, local(DATASET)));
        for MonitorScript { input, variable, file, uri, assets } in scripts {
            variables.push((variable, join!(local(input), "/", file)));
            job.common.assets.extend(assets);
            job.input(input, Input::s3(uri, local(input)));
        }
        for (variable, value) in variables {
            set_entry(&mut job.request.0, "Environment", variable, value);
        }
        let mode = ProcessingS3UploadMode::END_OF_JOB;
        job.into_step(name, "QualityCheck", "quality_check_output", mode)
    }
}

/// The format of the data that a [`QualityCheck`] reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetFormat(String);

impl DatasetFormat {
    /// CSV whose first line names the columns; output columns, if there are any, come first.
    pub fn csv() -> Self {
        Self::csv_with(true, false)
    }

    /// CSV: whether its first line names the columns, and whether output columns come last.
    pub fn csv_with(header: bool, output_columns_at_end: bool) -> Self {
        let position = if output_columns_at_end { "END" } else { "START" };
        Self(format!(r#"{{"csv": {{"header": {header}, "output_columns_position": "{position}"}}}}"#))
    }

    /// JSON, one object in each line.
    pub fn json_lines() -> Self {
        Self(r#"{"json": {"lines": true}}"#.to_owned())
    }

    /// JSON, one for a whole file.
    pub fn json() -> Self {
        Self(r#"{"json": {"lines": false}}"#.to_owned())
    }

    /// What an endpoint's data capture writes.
    pub fn sagemaker_capture_json() -> Self {
        Self(r#"{"sagemakerCaptureJson": {}}"#.to_owned())
    }
}

/// What a [`QualityCheck`] gives back: S3 URIs of JSON files.
#[derive(Clone, Debug)]
pub struct QualityCheckProperties {
    path: Path,
}

impl FromPath for QualityCheckProperties {
    fn from_path(path: Path) -> Self {
        Self { path }
    }
}

impl QualityCheckProperties {
    /// The statistics that this step calculated.
    pub fn calculated_baseline_statistics(&self) -> Expr<String> {
        baseline(&self.path, "CalculatedBaselineStatistics")
    }

    /// The constraints that this step calculated.
    pub fn calculated_baseline_constraints(&self) -> Expr<String> {
        baseline(&self.path, "CalculatedBaselineConstraints")
    }

    /// The statistics that later checks are held against: the new ones, where they are registered.
    pub fn baseline_used_for_drift_check_statistics(&self) -> Expr<String> {
        baseline(&self.path, "BaselineUsedForDriftCheckStatistics")
    }

    /// The constraints that later checks are held against: the new ones, where they are registered.
    pub fn baseline_used_for_drift_check_constraints(&self) -> Expr<String> {
        baseline(&self.path, "BaselineUsedForDriftCheckConstraints")
    }
}
