//! What is right, and yet not as careful as it could be: shown, refused or let pass, as `[lints]` says.

use serde_json::{Value, json};

use crate::scene::{Scene, pipeline};

const SETTINGS: &str =
    "prefix = \"acme\"\n[env.dev]\n[env.test]\naccount = \"123456789012\"\nregion = \"eu-west-1\"\n";

fn scene() -> Scene {
    let scene = Scene::new();
    let mut open = pipeline("open");
    open["definition"]["Steps"] = json!([
        {"Name": "train", "Type": "Training", "Arguments": {"OutputDataConfig": {}, "ResourceConfig": {"InstanceCount": 2}}},
    ]);
    scene.krate("one", &[open]);
    scene
}

/// The findings with these tables in the settings: severity, lint and place, and how synth ends.
fn findings(scene: &Scene, more: &str) -> (bool, Vec<String>) {
    scene.write("pipewright.toml", &format!("{SETTINGS}{more}"));
    let outcome = scene.run(&["synth", "--env", "test", "--json"]);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let diagnostics = outcome.json()["diagnostics"].as_array().unwrap().clone();
    let found = diagnostics.iter().map(|d| {
        let code = text(&d["code"]);
        let code = code.trim_start_matches("lint/");
        format!("{} {code} {}", text(&d["severity"]), text(&d["path"]))
    });
    (outcome.code == Some(0), found.collect())
}

#[test]
fn levels_and_exceptions() {
    let scene = scene();
    let check = |more: &str, written: bool, expected: &[&str]| {
        let expected = (written, expected.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(findings(&scene, more), expected, "{more}");
    };
    let network = "job-without-network steps.train.Arguments.VpcConfig";
    let traffic = "unencrypted-traffic steps.train.Arguments.EnableInterContainerTrafficEncryption";
    let output = "unencrypted-output steps.train.Arguments.OutputDataConfig.KmsKeyId";
    let volume = "unencrypted-volume steps.train.Arguments.ResourceConfig.VolumeKmsKeyId";
    let warning = |what: &str| format!("warning {what}");
    check("", true, &[&warning(network), &warning(traffic)]);
    check("[buckets]\nkms = true\n", true, &[&warning(network), &warning(output), &warning(traffic)]);
    check(
        "[lints]\njob_without_network = 'deny'\nunencrypted_traffic = 'allow'\nunencrypted_volume = 'warn'\n",
        false,
        &[&format!("error {network}"), &warning(volume)],
    );
    // An environment says otherwise.
    check(
        "[lints]\njob_without_network = 'deny'\n[env.test.lints]\njob_without_network = 'allow'\n",
        true,
        &[&warning(traffic)],
    );
    let except = "[lints]\nexcept = [{lint = 'job_without_network', pipeline = 'open', step = 'train', reason = 'r'}]\n";
    check(except, true, &[&warning(traffic)]);
    check(
        &except.replace("'train'", "'tran'"),
        true,
        &[&warning(network), &warning(traffic), "warning unused-exception lints.except[0]"],
    );
    check(
        "[domain]\npublic_internet = true\n[lints]\ndomain_not_vpc_only = 'deny'\n",
        false,
        &["error domain-not-vpc-only domain.public_internet", &warning(network), &warning(traffic)],
    );
}

#[test]
fn a_finding_says_where_and_what_to_do() {
    let scene = scene();
    scene.run(&["synth"]).ends(0).says(&[
        "warning[lint/job-without-network]: this Training step runs in SageMaker's own network",
        "pipeline: open",
        "at: steps.train.Arguments.VpcConfig",
        "set VpcConfig: subnets and security groups of yours; or say lints.job_without_network = \"allow\" in pipewright.toml",
    ]);
    scene.write("pipewright.toml", &format!("{SETTINGS}[domain]\npublic_internet = true\n"));
    scene.run(&["synth"]).ends(0).says(&[
        "warning[lint/domain-not-vpc-only]",
        "pipewright.toml:7",
        "public_internet = true",
    ]);
    let wrong = "[lints]\njob_without_network = 'no'\nexcept = [{lint = 'x', pipeline = ''}]\n";
    scene.write("pipewright.toml", &format!("{SETTINGS}{wrong}"));
    scene.run(&["synth"]).ends(1).says(&["`lints.job_without_network`", "`lints.except[0].lint`", "reason"]);
}

/// `lint` shows the same findings alone, with `--all` those of allowed rules too, and writes nothing.
#[test]
fn findings_alone() {
    let scene = scene();
    scene.write("pipewright.toml", SETTINGS);
    let codes = |arguments: &[&str], code: i32| -> Vec<String> {
        let outcome = scene.run(&[&["lint", "--env", "test", "--json"], arguments].concat()).ends(code);
        let diagnostics = outcome.json()["diagnostics"].as_array().unwrap().clone();
        diagnostics
            .iter()
            .map(|d| d["code"].as_str().unwrap().trim_start_matches("lint/").to_owned())
            .collect()
    };
    assert_eq!(codes(&[], 0), ["job-without-network", "unencrypted-traffic"]);
    assert_eq!(
        codes(&["--all"], 0),
        ["job-without-network", "unencrypted-output", "unencrypted-volume", "unencrypted-traffic"]
    );
    assert_eq!(codes(&["open"], 0).len(), 2);
    assert_eq!(codes(&["nobody"], 1), ["pipeline/unknown"]);
    scene.write("pipewright.toml", &format!("{SETTINGS}[lints]\njob_without_network = \"deny\"\n"));
    assert_eq!(codes(&[], 1).len(), 2);
    assert!(!scene.path("target/assembly").exists());
    scene.run(&["lint", "--env", "test"]).ends(1).says(&["error[lint/job-without-network]"]);
}
