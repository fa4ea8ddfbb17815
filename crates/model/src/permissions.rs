//! What a pipeline's role must be allowed, read off its graph.
//!
//! Nothing here is CloudFormation: a [`Permission`] is data. Its resources are ARNs in which what the environment
//! does not know stands as `${AWS::AccountId}`, as in a definition.
//!
//! What is not known until a run stays out: an S3 URI that comes as a parameter without a default, say.

mod emr;
mod known;
mod places;
mod resources;
mod steps;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::deploy::{Deploy, Environment};
use crate::graph::Graph;
use crate::problem::{Problem, Severity};

use self::known::Known;
use self::places::Buckets;

/// A statement of a role's policy, with the steps that need it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// Its name in the policy: letters and digits, unique.
    pub sid: String,
    /// The actions, such as `sagemaker:CreateProcessingJob`, sorted.
    pub actions: Vec<String>,
    /// ARNs, sorted; `*` only for actions that know no resource.
    pub resources: Vec<String>,
    /// Operator, key and values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub conditions: Conditions,
    /// The steps that need it, sorted; empty where it is the pipeline as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<String>,
}

/// Conditions of a statement: operator, key and values.
pub type Conditions = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// What the role of pipeline `name` must be allowed in an environment, sorted by [`Permission::sid`].
///
/// Code is there to be read: nothing allows writing below `code/` and `definitions/` of the source bucket.
pub fn permissions(name: &str, graph: &Graph, environment: &Environment) -> Vec<Permission> {
    let mut collector = Collector {
        pipeline: name,
        environment,
        statements: BTreeMap::new(),
        buckets: Buckets::default(),
        step: None,
        on_emr: false,
    };
    if let Some((experiment, _)) = &graph.experiment {
        collector.experiment(experiment);
    }
    graph.visit(&mut |step, _| {
        collector.step = Some(step.name.to_string());
        collector.of_step(step);
    });
    collector.finish()
}

/// A warning for each step whose needs are not known: its role lacks what the step's kind takes.
pub fn unknown(graph: &Graph) -> Vec<Problem> {
    let mut problems = Vec::new();
    graph.visit(&mut |step, _| {
        if !steps::is_known(&step.kind) {
            let problem = Problem {
                severity: Severity::Warning,
                ..Problem::error(
                    "permissions/kind",
                    "Type",
                    format!(
                        "what a step of kind {:?} needs is not known: its pipeline's role lacks it",
                        step.kind
                    ),
                )
            };
            problems.push(
                problem
                    .in_step(&*step.name)
                    .help("give the environment a role_arn that allows it, in pipewright.toml"),
            );
        }
    });
    problems
}

/// What was found so far.
struct Collector<'c> {
    pipeline: &'c str,
    environment: &'c Environment,
    statements: BTreeMap<String, Statement>,
    buckets: Buckets,
    /// The step that is being looked at.
    step: Option<String>,
    /// Whether that step's role is EMR's to take.
    on_emr: bool,
}

#[derive(Default)]
struct Statement {
    actions: BTreeSet<String>,
    resources: BTreeSet<String>,
    conditions: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
    steps: BTreeSet<String>,
}

impl Collector<'_> {
    /// Adds to the statement of this name.
    fn allow<R: Into<String>>(
        &mut self,
        sid: &str,
        actions: &[&str],
        resources: impl IntoIterator<Item = R>,
    ) -> &mut Statement {
        let statement = self.statements.entry(sid.to_owned()).or_default();
        statement.actions.extend(actions.iter().map(|action| (*action).to_owned()));
        statement.resources.extend(resources.into_iter().map(Into::into));
        statement.steps.extend(self.step.clone());
        statement
    }

    /// An ARN in the account and region.
    fn arn(&self, service: &str, resource: &str) -> String {
        let text = |deploy| self.environment.text(&deploy, self.pipeline);
        let (partition, region) = (text(Deploy::Partition), text(Deploy::Region));
        format!("arn:{partition}:{service}:{region}:{}:{resource}", text(Deploy::Account))
    }

    /// ARNs of something of SageMaker's that people name: SageMaker writes such names in lower case in some ARNs.
    fn named_arns(&self, resource: &str, name: &Known, below: &str) -> BTreeSet<String> {
        let end = if name.complete { "" } else { "*" };
        [name.text.clone(), lower_case(&name.text)]
            .iter()
            .map(|name| self.arn("sagemaker", &format!("{resource}/{name}{end}{below}")))
            .collect()
    }

    fn finish(mut self) -> Vec<Permission> {
        places::finish(&mut self);
        let permission = |(sid, statement): (String, Statement)| Permission {
            sid,
            actions: statement.actions.into_iter().collect(),
            resources: statement.resources.into_iter().collect(),
            conditions: statement
                .conditions
                .into_iter()
                .map(|(operator, keys)| {
                    let keys = keys.into_iter().map(|(key, values)| (key, values.into_iter().collect()));
                    (operator, keys.collect())
                })
                .collect(),
            steps: statement.steps.into_iter().collect(),
        };
        self.statements.into_iter().map(permission).collect()
    }
}

impl Statement {
    /// Holds only where `key` is one of the values.
    fn only_where(&mut self, operator: &str, key: &str, value: impl Into<String>) -> &mut Self {
        let keys = self.conditions.entry(operator.to_owned()).or_default();
        keys.entry(key.to_owned()).or_default().insert(value.into());
        self
    }
}

/// The text in lower case, placeholders left as they are.
fn lower_case(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(&before.to_ascii_lowercase());
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        out.push_str("${");
        out.push_str(name);
        out.push('}');
        rest = after;
    }
    out.push_str(&rest.to_ascii_lowercase());
    out
}

#[cfg(test)]
mod tests;
