//! What the steps of a definition leave open.

use pipewright_model::Problem;
use serde_json::Value;

use super::Lint;

/// How deep branches are followed; a definition can't nest deeper than this and be read at all.
const DEPTH: usize = 64;

/// A rule that a step does not keep.
pub(super) struct Finding {
    pub(super) lint: Lint,
    pub(super) step: String,
    pub(super) problem: Problem,
}

/// Where a kind of step says what the rules are about: fields below its arguments.
struct Kind {
    name: &'static str,
    /// Subnets and security groups.
    network: Option<&'static str>,
    /// What describes the results, and the key in it. Where there are none, no key is missing.
    output: Option<&'static str>,
    /// The instances: their number, and the key of their disks.
    instances: Option<&'static str>,
    /// Whether instances encrypt what they send each other.
    traffic: Option<&'static str>,
}

const KINDS: [Kind; 4] = [
    Kind {
        name: "Processing",
        network: Some("NetworkConfig.VpcConfig"),
        output: Some("ProcessingOutputConfig"),
        instances: Some("ProcessingResources.ClusterConfig"),
        traffic: Some("NetworkConfig.EnableInterContainerTrafficEncryption"),
    },
    Kind {
        name: "Training",
        network: Some("VpcConfig"),
        output: Some("OutputDataConfig"),
        instances: Some("ResourceConfig"),
        traffic: Some("EnableInterContainerTrafficEncryption"),
    },
    // A transform job runs in the network of its model, and its instances don't talk to each other.
    Kind {
        name: "Transform",
        network: None,
        output: Some("TransformOutput"),
        instances: Some("TransformResources"),
        traffic: None,
    },
    Kind { name: "Model", network: Some("VpcConfig"), output: None, instances: None, traffic: None },
];

/// Everything that the steps leave open, in their order, those of branches after the step that has them.
pub(super) fn findings(definition: &Value) -> Vec<Finding> {
    let mut findings = Vec::new();
    walk(&definition["Steps"], &definition["Parameters"], DEPTH, &mut findings);
    findings
}

fn walk(steps: &Value, parameters: &Value, depth: usize, findings: &mut Vec<Finding>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    for step in steps.as_array().into_iter().flatten() {
        let (Some(name), Some(kind)) = (step["Name"].as_str(), step["Type"].as_str()) else { continue };
        let arguments = &step["Arguments"];
        for branch in ["IfSteps", "ElseSteps"] {
            walk(&arguments[branch], parameters, depth, findings);
        }
        if let Some(kind) = KINDS.iter().find(|known| known.name == kind) {
            let found = kind.findings(arguments, parameters);
            findings.extend(found.map(|(lint, problem)| Finding { lint, step: name.to_owned(), problem }));
        }
    }
}

impl Kind {
    fn findings(&self, arguments: &Value, parameters: &Value) -> impl Iterator<Item = (Lint, Problem)> {
        let problem = |lint: Lint, path: &str, message: String, help: String| {
            (lint, Problem::error(lint.code(), format!("Arguments.{path}"), message).help(help))
        };
        let kind = self.name;
        let network = self.network.filter(|path| !is_set(at(arguments, path))).map(|path| {
            let help = format!("set {path}: subnets and security groups of yours");
            problem(
                Lint::JobWithoutNetwork,
                path,
                format!("this {kind} step runs in SageMaker's own network"),
                help,
            )
        });
        let output = self.output.filter(|path| at(arguments, path).is_object()).and_then(|path| {
            let path = format!("{path}.KmsKeyId");
            let message = "no key of yours encrypts what this step writes".to_owned();
            let help = format!("set {path} to a key");
            (!is_set(at(arguments, &path))).then(|| problem(Lint::UnencryptedOutput, &path, message, help))
        });
        let volume = self.instances.filter(|path| at(arguments, path).is_object()).and_then(|path| {
            let path = format!("{path}.VolumeKmsKeyId");
            let message = "no key of yours encrypts the disks of this step".to_owned();
            let help = format!("set {path} to a key");
            (!is_set(at(arguments, &path))).then(|| problem(Lint::UnencryptedVolume, &path, message, help))
        });
        let several =
            self.instances.is_some_and(|path| is_several(&at(arguments, path)["InstanceCount"], parameters));
        let traffic = self.traffic.filter(|path| several && !is_set(at(arguments, path))).map(|path| {
            let message = "the instances of this step talk to each other in the clear".to_owned();
            problem(Lint::UnencryptedTraffic, path, message, format!("set {path}"))
        });
        [network, output, volume, traffic].into_iter().flatten()
    }
}

/// The value below these arguments, `null` where there is none.
fn at<'v>(arguments: &'v Value, path: &str) -> &'v Value {
    path.split('.').fold(arguments, |value, key| &value[key])
}

/// Whether something stands there; what is known at run time only counts.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(object) => !object.is_empty(),
        _ => true,
    }
}

/// Whether there are several instances, or as many as a run says; a parameter counts as its default.
fn is_several(count: &Value, parameters: &Value) -> bool {
    match count {
        Value::Null => false,
        Value::Number(number) => number.as_f64().is_some_and(|count| count > 1.0),
        expression => {
            let name = expression["Get"].as_str().and_then(|path| path.strip_prefix("Parameters."));
            let mut all = parameters.as_array().into_iter().flatten();
            let parameter = name.and_then(|name| all.find(|parameter| parameter["Name"] == name));
            parameter.and_then(|parameter| parameter["DefaultValue"].as_f64()).is_none_or(|count| count > 1.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(kind: &str, arguments: &Value, expected: &[&str]) {
        let definition = json!({"Steps": [{"Name": "s", "Type": kind, "Arguments": arguments}]});
        let found: Vec<String> = findings(&definition)
            .iter()
            .map(|f| format!("{} {}", f.lint.code().trim_start_matches("lint/"), f.problem.path))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_each_kind_of_step_leaves_open() {
        check(
            "Processing",
            &json!({
                "ProcessingOutputConfig": {"Outputs": []},
                "ProcessingResources": {"ClusterConfig": {"InstanceCount": {"Get": "Parameters.Count"}}},
            }),
            &[
                "job-without-network Arguments.NetworkConfig.VpcConfig",
                "unencrypted-output Arguments.ProcessingOutputConfig.KmsKeyId",
                "unencrypted-volume Arguments.ProcessingResources.ClusterConfig.VolumeKmsKeyId",
                "unencrypted-traffic Arguments.NetworkConfig.EnableInterContainerTrafficEncryption",
            ],
        );
        check(
            "Processing",
            &json!({
                "NetworkConfig": {"VpcConfig": {"Subnets": ["s"]}, "EnableInterContainerTrafficEncryption": true},
                "ProcessingOutputConfig": {"KmsKeyId": {"Get": "Parameters.Key"}},
                "ProcessingResources": {"ClusterConfig": {"InstanceCount": 2, "VolumeKmsKeyId": "k"}},
            }),
            &[],
        );
        check(
            "Training",
            &json!({
                "VpcConfig": {}, "OutputDataConfig": {"KmsKeyId": ""},
                "ResourceConfig": {"InstanceCount": 1, "VolumeKmsKeyId": "k"},
            }),
            &[
                "job-without-network Arguments.VpcConfig",
                "unencrypted-output Arguments.OutputDataConfig.KmsKeyId",
            ],
        );
        check(
            "Training",
            &json!({
                "VpcConfig": {"Subnets": []}, "ResourceConfig": {"InstanceCount": 2, "VolumeKmsKeyId": "k"},
                "EnableInterContainerTrafficEncryption": false,
            }),
            &["unencrypted-traffic Arguments.EnableInterContainerTrafficEncryption"],
        );
        check(
            "Transform",
            &json!({"TransformOutput": {}, "TransformResources": {"InstanceCount": 4}}),
            &[
                "unencrypted-output Arguments.TransformOutput.KmsKeyId",
                "unencrypted-volume Arguments.TransformResources.VolumeKmsKeyId",
            ],
        );
        check("Model", &json!({}), &["job-without-network Arguments.VpcConfig"]);
        for kind in ["RegisterModel", "Fail", "Lambda", "Unknown"] {
            check(kind, &json!({}), &[]);
        }
    }

    #[test]
    fn a_number_of_instances_that_a_run_says() {
        let parameters =
            json!([{"Name": "One", "DefaultValue": 1}, {"Name": "Two", "DefaultValue": 2}, {"Name": "Open"}]);
        let get = |path: &str| json!({"Get": path});
        for (count, expected) in [
            (json!(null), false),
            (json!(1), false),
            (json!(2), true),
            (get("Parameters.One"), false),
            (get("Parameters.Two"), true),
            (get("Parameters.Open"), true),
            (get("Parameters.Unknown"), true),
            (get("Steps.x.y"), true),
        ] {
            assert_eq!(is_several(&count, &parameters), expected, "{count}");
        }
    }

    #[test]
    fn branches_are_followed() {
        let inner = json!({"Name": "inner", "Type": "Model", "Arguments": {}});
        let mut step =
            json!({"Name": "c", "Type": "Condition", "Arguments": {"IfSteps": [], "ElseSteps": [inner]}});
        let found = findings(&json!({"Steps": [step.clone()]}));
        assert_eq!(found.iter().map(|f| f.step.as_str()).collect::<Vec<_>>(), ["inner"]);
        for _ in 0..100 {
            step = json!({"Name": "c", "Type": "Condition", "Arguments": {"IfSteps": [step]}});
        }
        assert_eq!(findings(&json!({"Steps": [step]})).len(), 0);
        for nothing in [json!(null), json!({"Steps": 1}), json!({"Steps": [1, {"Name": 2}, {}]})] {
            assert_eq!(findings(&nothing).len(), 0);
        }
    }
}
