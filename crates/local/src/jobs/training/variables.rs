//! The `SM_*` variables that the training toolkit sets for a script.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::hyperparameters::{Hyperparameters, Script};
use super::python;
use crate::jobs::environment::can_be;

/// What the variables are made of.
#[derive(Debug)]
pub(crate) struct Known<'k> {
    pub(crate) job: &'k str,
    pub(crate) region: &'k str,
    pub(crate) hyperparameters: &'k Hyperparameters,
    pub(crate) script: Option<&'k Script>,
    /// `inputdataconfig.json`; its names are the channels.
    pub(crate) channels: &'k Value,
    /// `resourceconfig.json`.
    pub(crate) resources: &'k Value,
    /// Processors that this process may use.
    pub(crate) cpus: usize,
    /// Graphics processors that this process may use.
    pub(crate) gpus: usize,
}

/// All of them.
pub(crate) fn of(known: &Known<'_>) -> BTreeMap<String, String> {
    let settings = settings(known);
    let mut variables = BTreeMap::new();
    let mut set = |name: &str, value: &Value| {
        let text = match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => python::dumps(other),
        };
        let name = format!("SM_{}", name.to_uppercase());
        if can_be(&name, &text) {
            variables.insert(name, text);
        }
    };
    for (name, value) in &settings {
        let name = match name.as_str() {
            "additional_framework_parameters" => "framework_params",
            "hyperparameters" => "hps",
            "channel_input_dirs" | "is_master" | "job_name" | "master_hostname" | "distribution_hosts" => {
                continue;
            }
            name => name,
        };
        set(name, value);
    }
    for (channel, folder) in settings["channel_input_dirs"].as_object().into_iter().flatten() {
        set(&format!("channel_{channel}"), folder);
    }
    let channels: Vec<_> =
        settings["channel_input_dirs"].as_object().into_iter().flatten().map(|(c, _)| c).collect();
    set("channels", &json!(channels));
    for (name, value) in &known.hyperparameters.own {
        set(&format!("hp_{name}"), value);
    }
    set("user_args", &json!(known.hyperparameters.arguments()));
    set("training_env", &Value::Object(settings));

    variables.insert("CURRENT_HOST".to_owned(), "algo-1".to_owned());
    variables.insert("SAGEMAKER_REGION".to_owned(), known.region.to_owned());
    variables.insert("SAGEMAKER_JOB_NAME".to_owned(), known.job.to_owned());
    variables
}

/// The toolkit's view of the job: `SM_TRAINING_ENV`.
fn settings(known: &Known<'_>) -> Map<String, Value> {
    let hyperparameters = known.hyperparameters;
    let mut channels: Vec<_> =
        known.channels.as_object().into_iter().flatten().map(|(name, _)| name).collect();
    channels.sort();
    let folders: Map<_, _> = channels
        .into_iter()
        .map(|name| (name.clone(), Value::from(format!("/opt/ml/input/data/{name}"))))
        .collect();
    let level = hyperparameters
        .toolkit("sagemaker_container_log_level")
        .and_then(|level| level.parse::<i64>().ok())
        .unwrap_or(20);
    let group = &known.resources["instance_groups"][0];
    let name = group["instance_group_name"].clone();
    let value = json!({
        "additional_framework_parameters": hyperparameters.framework,
        "channel_input_dirs": folders,
        "current_host": known.resources["current_host"],
        "current_instance_group": name,
        "current_instance_group_hosts": group["hosts"],
        "current_instance_type": known.resources["current_instance_type"],
        "distribution_hosts": [],
        "distribution_instance_groups": [],
        "framework_module": null,
        "hosts": known.resources["hosts"],
        "hyperparameters": hyperparameters.own,
        "input_config_dir": "/opt/ml/input/config",
        "input_data_config": known.channels,
        "input_dir": "/opt/ml/input",
        "instance_groups": [name],
        "instance_groups_dict": { name.as_str().unwrap_or_default(): group },
        "is_hetero": false,
        "is_master": true,
        "job_name": known.job,
        "log_level": level,
        "master_hostname": known.resources["current_host"],
        "model_dir": "/opt/ml/model",
        "module_dir": hyperparameters
            .toolkit("sagemaker_submit_directory")
            .unwrap_or_else(|| "/opt/ml/code".to_owned()),
        "module_name": known.script.map(Script::module),
        "network_interface_name": known.resources["network_interface_name"],
        "num_cpus": known.cpus,
        "num_gpus": known.gpus,
        "output_data_dir": "/opt/ml/output/data",
        "output_dir": "/opt/ml/output",
        "output_intermediate_dir": "/opt/ml/output/intermediate",
        "resource_config": known.resources,
        "user_entry_point": known.script.map(|script| script.program.as_str()),
    });
    match value {
        Value::Object(settings) => settings,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_finds_what_the_toolkit_sets() {
        let texts: BTreeMap<String, String> = [
            ("epochs", "3"),
            ("lr", "3e-05"),
            ("batch-size", "32"),
            ("name", "\"x y\""),
            ("nothing", "null"),
            ("bad=name", "1"),
            ("sagemaker_program", "\"src/train.py\""),
            ("sagemaker_submit_directory", "\"s3://b/k/sourcedir.tar.gz\""),
            ("sagemaker_mpi_enabled", "false"),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        let hyperparameters = Hyperparameters::read(&texts);
        let script = Script::of(&hyperparameters, &BTreeMap::new()).unwrap();
        let variables = of(&Known {
            job: "job-1",
            region: "eu-west-1",
            hyperparameters: &hyperparameters,
            script: script.as_ref(),
            channels: &json!({"validation": {}, "train": {"ContentType": "text/csv"}}),
            resources: &crate::jobs::host::resources("ml.m5.large"),
            cpus: 4,
            gpus: 1,
        });
        let check = |name: &str, expected: &str| {
            assert_eq!(variables.get(name).map(String::as_str), Some(expected), "{name}");
        };
        check("SM_MODEL_DIR", "/opt/ml/model");
        check("SM_INPUT_DIR", "/opt/ml/input");
        check("SM_INPUT_CONFIG_DIR", "/opt/ml/input/config");
        check("SM_OUTPUT_DIR", "/opt/ml/output");
        check("SM_OUTPUT_DATA_DIR", "/opt/ml/output/data");
        check("SM_OUTPUT_INTERMEDIATE_DIR", "/opt/ml/output/intermediate");
        check("SM_CHANNELS", r#"["train","validation"]"#);
        check("SM_CHANNEL_TRAIN", "/opt/ml/input/data/train");
        check("SM_CHANNEL_VALIDATION", "/opt/ml/input/data/validation");
        check(
            "SM_HPS",
            r#"{"bad=name":1,"batch-size":32,"epochs":3,"lr":3e-05,"name":"x y","nothing":null}"#,
        );
        check("SM_HP_EPOCHS", "3");
        check("SM_HP_LR", "3e-05");
        check("SM_HP_BATCH-SIZE", "32");
        check("SM_HP_NAME", "x y");
        check("SM_HP_NOTHING", "");
        check(
            "SM_USER_ARGS",
            r#"["--bad=name","1","--batch-size","32","--epochs","3","--lr","3e-05","--name","x y","--nothing",""]"#,
        );
        check("SM_HOSTS", r#"["algo-1"]"#);
        check("SM_CURRENT_HOST", "algo-1");
        check("SM_CURRENT_INSTANCE_TYPE", "ml.m5.large");
        check("SM_CURRENT_INSTANCE_GROUP", "homogeneousCluster");
        check("SM_NUM_CPUS", "4");
        check("SM_NUM_GPUS", "1");
        check("SM_LOG_LEVEL", "20");
        check("SM_MODULE_NAME", "src/train");
        check("SM_MODULE_DIR", "s3://b/k/sourcedir.tar.gz");
        check("SM_USER_ENTRY_POINT", "src/train.py");
        check("SM_FRAMEWORK_PARAMS", r#"{"sagemaker_mpi_enabled":false}"#);
        check("SM_FRAMEWORK_MODULE", "");
        check("SM_NETWORK_INTERFACE_NAME", "eth0");
        check("SM_INPUT_DATA_CONFIG", r#"{"train":{"ContentType":"text/csv"},"validation":{}}"#);
        check("SAGEMAKER_REGION", "eu-west-1");
        assert!(
            variables["SM_RESOURCE_CONFIG"].starts_with(r#"{"current_group_name":"homogeneousCluster","#)
        );
        assert!(!variables.contains_key("SM_HP_BAD=NAME"));
        let whole: Value = serde_json::from_str(&variables["SM_TRAINING_ENV"]).unwrap();
        assert_eq!(whole["hyperparameters"]["epochs"], 3);
        assert_eq!(whole["is_master"], true);
        assert_eq!(whole["job_name"], "job-1");
    }
}
