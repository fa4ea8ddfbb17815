//! What a bias or explainability check is about: the parts of Clarify's [analysis configuration].
//!
//! All of it goes into a file that is written with the pipeline, and so none of it can wait for a run: where a value would be known
//! only then, the check of the graph says so.
//!
//! [analysis configuration]: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html

use std::borrow::Cow;

use pipewright_model::{Expr, Node, Object};

use super::Input;

/// Names or indices as a list.
fn list<V: Into<Node>>(values: impl IntoIterator<Item = V>) -> Vec<Node> {
    values.into_iter().map(Into::into).collect()
}

fn strings<S: Into<String>>(values: impl IntoIterator<Item = S>) -> Vec<Node> {
    values.into_iter().map(|value| Node::from(value.into())).collect()
}

/// The data that a [`ClarifyCheck`](super::ClarifyCheck) looks at.
///
/// ```
/// use pipewright_sagemaker::ClarifyData;
/// let data = ClarifyData::csv("s3://bucket/train.csv").label("price").headers(["price", "area", "region"]);
/// ```
#[derive(Clone, Debug)]
pub struct ClarifyData {
    uri: Expr<String>,
    gzip: bool,
    pub(super) config: Object,
}

impl ClarifyData {
    fn new(uri: Expr<String>, kind: &'static str) -> Self {
        let mut config = Object::new();
        config.set("dataset_type", kind);
        Self { uri, gzip: false, config }
    }

    /// The CSV files below an S3 URI, which may be known only at run time.
    pub fn csv(uri: impl Into<Expr<String>>) -> Self {
        Self::new(uri.into(), "text/csv")
    }

    /// Files of JSON lines.
    pub fn json_lines(uri: impl Into<Expr<String>>) -> Self {
        Self::new(uri.into(), "application/jsonlines")
    }

    /// JSON files, with where the features are in them: a `JMESPath` that leads to a matrix.
    pub fn json(uri: impl Into<Expr<String>>, features: impl Into<String>) -> Self {
        Self::new(uri.into(), "application/json").features(features)
    }

    /// Parquet files.
    pub fn parquet(uri: impl Into<Expr<String>>) -> Self {
        Self::new(uri.into(), "application/x-parquet")
    }

    /// Images.
    pub fn images(uri: impl Into<Expr<String>>) -> Self {
        Self::new(uri.into(), "application/x-image")
    }

    /// The files are compressed by Gzip.
    pub const fn gzip(mut self) -> Self {
        self.gzip = true;
        self
    }

    /// The column of the truth, by name; for JSON a `JMESPath`.
    pub fn label(self, column: impl Into<String>) -> Self {
        self.set("label", column.into())
    }

    /// The columns' names.
    pub fn headers<S: Into<String>>(self, columns: impl IntoIterator<Item = S>) -> Self {
        self.set("headers", strings(columns))
    }

    /// Where the features are, in JSON: a `JMESPath`.
    pub fn features(self, path: impl Into<String>) -> Self {
        self.set("features", path.into())
    }

    /// The column that tells rows apart, by name or index; no feature.
    pub fn join_source(self, column: impl Into<Node>) -> Self {
        self.set("joinsource_name_or_index", column)
    }

    /// Columns that the model is not given, by name or index.
    pub fn excluded_columns<V: Into<Node>>(self, columns: impl IntoIterator<Item = V>) -> Self {
        self.set("excluded_columns", list(columns))
    }

    /// The column of predictions that are there already, by name or index, so that no model is asked.
    pub fn predicted_label(self, column: impl Into<Node>) -> Self {
        self.set("predicted_label", column)
    }

    /// Sets another member of the analysis configuration, such as `segment_config`.
    pub fn set(mut self, member: impl Into<Cow<'static, str>>, value: impl Into<Node>) -> Self {
        self.config.set(member, value);
        self
    }

    pub(super) fn into_parts(self) -> (Object, Input) {
        let input = Input::s3(self.uri, "/opt/ml/processing/input/data");
        let input = if self.gzip { input.compression("Gzip") } else { input };
        (self.config, input)
    }
}

/// What counts as a good outcome, and whose outcomes are compared.
///
/// ```
/// use pipewright_sagemaker::ClarifyBias;
/// // A price above 100,000 is good; are people over 40 treated alike, in every region?
/// let bias = ClarifyBias::new([100_000], "age").values([40]).group("region");
/// ```
#[derive(Clone, Debug)]
pub struct ClarifyBias {
    labels: Vec<Node>,
    facets: Vec<Object>,
    group: Option<String>,
}

impl ClarifyBias {
    /// Good outcomes, as values of the label or as a threshold above which they are; and the column by which groups are told apart, by
    /// name or index.
    pub fn new<V: Into<Node>>(labels: impl IntoIterator<Item = V>, facet: impl Into<Node>) -> Self {
        Self { labels: list(labels), facets: Vec::new(), group: None }.facet(facet)
    }

    /// Adds a column by which groups are told apart.
    pub fn facet(mut self, column: impl Into<Node>) -> Self {
        self.facets.push(Object::from_iter([("name_or_index", column.into())]));
        self
    }

    /// The values of the column added last that make the group looked at, or the threshold above which they do; each value in turn
    /// unless said.
    pub fn values<V: Into<Node>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        if let Some(facet) = self.facets.last_mut() {
            facet.set("value_or_threshold", list(values));
        }
        self
    }

    /// The column within whose values outcomes are compared, for conditional demographic disparity.
    pub fn group(mut self, column: impl Into<String>) -> Self {
        self.group = Some(column.into());
        self
    }

    pub(super) fn add_to(self, config: &mut Object) {
        config.set("label_values_or_threshold", self.labels);
        config.set("facet", list(self.facets));
        if let Some(group) = self.group {
            config.set("group_variable", group);
        }
    }
}

/// The model that is asked, on an endpoint that the job makes and deletes again, and how its answer is read.
///
/// ```
/// use pipewright_sagemaker::ClarifyModel;
/// let model = ClarifyModel::new("prices", 1, "ml.m5.large").accept_type("text/csv").probability_threshold(0.5);
/// ```
#[derive(Clone, Debug)]
pub struct ClarifyModel {
    pub(super) name: Expr<String>,
    pub(super) config: Object,
    pub(super) threshold: Option<f64>,
}

impl ClarifyModel {
    /// A model by its name, which may be that of a Model step, and the endpoint's instances.
    pub fn new(name: impl Into<Expr<String>>, instance_count: u32, instance_type: impl Into<String>) -> Self {
        let mut config = Object::new();
        config.set("instance_type", instance_type.into());
        config.set("initial_instance_count", i64::from(instance_count));
        Self { name: name.into(), config, threshold: None }
    }

    /// The MIME type of the model's answer: `text/csv`, `application/jsonlines` or `application/json`.
    pub fn accept_type(self, kind: impl Into<String>) -> Self {
        self.set("accept_type", kind.into())
    }

    /// The MIME type of what the model is asked; that of the data unless said.
    pub fn content_type(self, kind: impl Into<String>) -> Self {
        self.set("content_type", kind.into())
    }

    /// How a question is made of features, in JSON: text with `$features`, `$record` or `$records`.
    pub fn content_template(self, template: impl Into<String>) -> Self {
        self.set("content_template", template.into())
    }

    /// How a record of a question is made of features, in JSON.
    pub fn record_template(self, template: impl Into<String>) -> Self {
        self.set("record_template", template.into())
    }

    /// Where the label or the score is in the answer: an index, or a `JMESPath`.
    pub fn label(self, place: impl Into<Node>) -> Self {
        self.set("label", place)
    }

    /// Where the probabilities are in the answer: an index, or a `JMESPath`.
    pub fn probability(self, place: impl Into<Node>) -> Self {
        self.set("probability", place)
    }

    /// The labels that the probabilities belong to.
    pub fn label_headers<S: Into<String>>(self, labels: impl IntoIterator<Item = S>) -> Self {
        self.set("label_headers", strings(labels))
    }

    /// From which probability on an answer counts as positive; 0.5 unless said.
    pub const fn probability_threshold(mut self, threshold: f64) -> Self {
        self.threshold = Some(threshold);
        self
    }

    /// Sets another member of `predictor`, such as `custom_attributes`. With another `endpoint_name_prefix` than Clarify's own
    /// `sm-clarify`, the role needs statements that the pipeline does not know of.
    pub fn set(mut self, member: impl Into<Cow<'static, str>>, value: impl Into<Node>) -> Self {
        self.config.set(member, value);
        self
    }
}

/// How a model's answers are explained by [SHAP values].
///
/// ```
/// use pipewright_model::node;
/// use pipewright_sagemaker::ClarifyShap;
/// let shap = ClarifyShap::new().baseline(node!([[0, 0.5]])).num_samples(100).agg_method("mean_abs");
/// ```
///
/// [SHAP values]: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-shapley-values.html
#[derive(Clone, Debug)]
pub struct ClarifyShap {
    pub(super) config: Object,
}

impl Default for ClarifyShap {
    fn default() -> Self {
        Self::new()
    }
}

impl ClarifyShap {
    /// Explains by a baseline that Clarify makes of the data, and saves the values of each row.
    pub fn new() -> Self {
        let mut config = Object::new();
        config.set("use_logit", false);
        config.set("save_local_shap_values", true);
        Self { config }
    }

    /// The rows to compare with, without the label: a list of lists, or the S3 URI of a file.
    pub fn baseline(self, rows: impl Into<Node>) -> Self {
        self.set("baseline", rows)
    }

    /// How many rows a baseline has that Clarify makes; not together with [`baseline`](Self::baseline).
    pub fn num_clusters(self, count: u32) -> Self {
        self.set("num_clusters", i64::from(count))
    }

    /// How many samples each explanation takes.
    pub fn num_samples(self, count: u32) -> Self {
        self.set("num_samples", i64::from(count))
    }

    /// How the values of all rows become one for each feature: `mean_abs` (the default), `median` or `mean_sq`.
    pub fn agg_method(self, method: impl Into<String>) -> Self {
        self.set("agg_method", method.into())
    }

    /// Whether the values are log-odds.
    pub fn use_logit(self, logit: bool) -> Self {
        self.set("use_logit", logit)
    }

    /// Whether the values of each row are saved.
    pub fn save_local_shap_values(self, save: bool) -> Self {
        self.set("save_local_shap_values", save)
    }

    /// Gives the same values each time.
    pub fn seed(self, seed: u32) -> Self {
        self.set("seed", i64::from(seed))
    }

    /// The features that are explained, by name or index; all unless said.
    pub fn features_to_explain<V: Into<Node>>(self, features: impl IntoIterator<Item = V>) -> Self {
        self.set("features_to_explain", list(features))
    }

    /// Sets another member, such as `text_config` or `image_config`.
    pub fn set(mut self, member: impl Into<Cow<'static, str>>, value: impl Into<Node>) -> Self {
        self.config.set(member, value);
        self
    }
}
