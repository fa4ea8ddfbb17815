use pipewright_interpreter::Event;

use super::*;
use crate::jobs::fake::{Fake, failed as failure, succeeded};

#[test]
fn a_model_is_written_down() {
    #[track_caller]
    fn check(fake: &Fake, arguments: Value, expected: &str) {
        let (reason, _) = failure(fake.run(create_model, "Model", arguments));
        assert_eq!(reason, expected);
    }
    let fake = Fake::idle().with(&[("s3://b/m.tar.gz", "x")]);
    let container = json!({"Image": "i", "ModelDataUrl": "s3://b/m.tar.gz", "Environment": null});
    let arguments = json!({"PrimaryContainer": container, "ExecutionRoleArn": "r", "Tags": []});
    let properties = succeeded(fake.run(create_model, "Model", arguments));
    assert_eq!(properties["ModelName"], "pipelines-abc-Step-1");
    assert_eq!(properties["ModelArn"], "arn:aws:sagemaker:eu-west-1:000000000000:model/pipelines-abc-step-1");
    assert_eq!(properties["ExecutionRoleArn"], "r");
    assert!(properties.get("Tags").is_none());
    assert_eq!(model(&fake.site(), "pipelines-abc-Step-1").unwrap(), Some(properties));
    assert_eq!(model(&fake.site(), "other").unwrap(), None);
    assert_eq!(model(&fake.site(), "../../etc").unwrap(), None);

    let named = json!({"ModelName": "../x", "Containers": [{"Image": "i"}]});
    assert_eq!(succeeded(fake.run(create_model, "Model", named))["ModelName"], "../x");
    assert!(model(&fake.site(), "../x").unwrap().is_some());
    assert!(!fake.folder.path().join("x.json").exists());

    check(&fake, json!({}), "PrimaryContainer or Containers is missing");
    check(
        &fake,
        json!({"PrimaryContainer": {"ModelDataUrl": "s3://b/m.tar"}}),
        "ModelDataUrl: could not find model data at s3://b/m.tar",
    );
    check(
        &fake,
        json!({"Containers": [{"ModelDataUrl": "m"}]}),
        "ModelDataUrl: `m` is no place in S3; give s3://BUCKET/KEY",
    );
    fs::write(path(&fake.site(), "models", "broken"), "{").unwrap();
    model(&fake.site(), "broken").unwrap_err();
}

#[test]
fn a_package_is_registered() {
    let fake = Fake::idle();
    let first = succeeded(fake.run(
        register,
        "RegisterModel",
        json!({"ModelPackageGroupName": "g", "ModelPackageDescription": null}),
    ));
    let second = succeeded(fake.run(register, "RegisterModel", json!({"ModelPackageGroupName": "g"})));
    assert_eq!(first["ModelPackageVersion"], 1);
    // The same step of the same run registers once.
    assert_eq!(first, second);
    let arn = first["ModelPackageArn"].as_str().unwrap();
    assert_eq!(package(&fake.site(), arn), Some(first.clone()));
    assert_eq!(package(&fake.site(), "arn:other"), None);
    let alone = succeeded(fake.run(register, "RegisterModel", json!({})));
    assert_eq!(alone["ModelPackageName"], "pipelines-abc-Step-1");
    let both = json!({"ModelPackageGroupName": "g", "ModelPackageName": "n"});
    failure(fake.run(register, "RegisterModel", both));
}

#[test]
fn endpoints_are_written_down() {
    let fake = Fake::idle();
    let config = json!({"EndpointConfigName": "c", "ProductionVariants": [
        {"VariantName": "all", "ModelName": "m", "InitialInstanceCount": 2, "InitialVariantWeight": 1.0}]});
    let properties = succeeded(fake.run(create_endpoint_config, "EndpointConfig", config));
    assert_eq!(properties["EndpointConfigArn"], "arn:aws:sagemaker:eu-west-1:000000000000:endpoint-config/c");
    assert!(fake.said().contains("model \"m\" is not on this machine"));

    let endpoint = succeeded(fake.run(
        create_endpoint,
        "Endpoint",
        json!({"EndpointName": "E", "EndpointConfigName": "c"}),
    ));
    assert_eq!(endpoint["EndpointArn"], "arn:aws:sagemaker:eu-west-1:000000000000:endpoint/e");
    assert_eq!(endpoint["EndpointStatus"], "InService");
    let variant = json!({"VariantName": "all", "CurrentWeight": 1.0, "DesiredWeight": 1.0, "CurrentInstanceCount": 2, "DesiredInstanceCount": 2});
    assert_eq!(endpoint["ProductionVariants"], json!([variant]));

    let component =
        json!({"InferenceComponentName": "i", "EndpointName": "E", "RuntimeConfig": {"CopyCount": 3}});
    let properties = succeeded(fake.run(create_inference_component, "InferenceComponent", component));
    assert_eq!(properties["RuntimeConfig"], json!({"DesiredCopyCount": 3, "CurrentCopyCount": 3}));
    assert_eq!(properties["EndpointArn"], endpoint["EndpointArn"]);
}

#[test]
fn lineage_has_arns_by_name() {
    let fake = Fake::idle();
    let run = |arguments| fake.run(|site, job, _| lineage(site, job), "Lineage", arguments);
    let arguments = json!({
        "Actions": [{"ActionName": "act"}],
        "Artifacts": [{"ArtifactName": "art", "Source": {"SourceUri": "s3://b/m"}}],
        "Associations": [{"Source": {"Name": "act", "Type": "Action"}, "Destination": {"Name": "art", "Type": "Artifact"}}],
    });
    let properties = succeeded(run(arguments));
    assert_eq!(
        properties["ActionArns"],
        json!({"act": "arn:aws:sagemaker:eu-west-1:000000000000:action/act"})
    );
    let artifact = properties["ArtifactArns"]["art"].as_str().unwrap();
    assert_eq!(artifact.rsplit('/').next().unwrap().len(), 32, "{artifact}");
    assert!(properties.get("ContextArns").is_none());
    let record = read(&path(&fake.site(), "lineage", "pipelines-abc-Step-1")).unwrap().unwrap();
    assert_eq!(record["Artifacts"][0]["ArtifactArn"], artifact);

    for (arguments, expected) in [
        (json!({"Contexts": [{}]}), "Contexts[0].ContextName is missing"),
        (
            json!({"Actions": [{"ActionName": "a"}, {"ActionName": "a"}]}),
            "Actions[1].ActionName: `a` is there twice",
        ),
        (
            json!({"Associations": [{"Source": {"Name": "x"}}]}),
            "Associations[0].Source: there is no `x` in this step",
        ),
    ] {
        assert_eq!(failure(run(arguments)).0, expected);
    }
}

#[test]
fn cleanup_deletes_what_steps_made() {
    let objects = [
        "s3://b/data/1",
        "s3://b/data/x/2",
        "s3://b/database",
        "s3://b/model.tar.gz",
        "s3://b/model.tar.gz.old",
        "s3://c/other",
    ];
    let fake = Fake::idle();
    for object in objects {
        fake.store.set(object, b"x");
    }
    let journal = [
        json!({"time": "2026-01-01T00:00:00Z", "event": "step_succeeded", "step": "Process", "metadata": {}, "properties": {
            "ProcessingOutputConfig": {"Outputs": [{"OutputName": "d", "S3Output": {"S3Uri": "s3://b/data"}}]}}}),
        json!({"time": "2026-01-01T00:00:00Z", "event": "step_failed", "step": "Process2", "reason": "", "metadata": {}, "properties": {
            "ModelArtifacts": {"S3ModelArtifacts": "s3://c/other"}}}),
    ];
    for line in &journal {
        serde_json::from_value::<Event>(line.clone()).unwrap();
    }
    fs::create_dir_all(fake.site().run).unwrap();
    let lines = journal.iter().fold(String::new(), |text, line| text + &line.to_string() + "\n");
    fs::write(fake.site().run.join("events.jsonl"), lines + "{\"time").unwrap();
    let resources = json!({"Resources": {"S3": [
        {"StepName": "Process"}, {"StepName": "Train", "S3Uris": ["s3://b/model.tar.gz"]}, {"StepName": "Process2"}]}});
    let Outcome::Succeeded(success) = fake.run(cleanup, "Cleanup", resources) else { panic!() };
    assert_eq!(fake.store.places(), ["s3://b/database", "s3://b/model.tar.gz.old", "s3://c/other"]);
    let expected = json!({"Cleanup": {"CleanedSteps": ["Process", "Train"], "FailedSteps": [], "SkippedSteps": ["Process2"]}});
    assert_eq!(success.metadata, Some(expected));

    for place in ["s3://b", "s3://b/", "s3://b//", "b/x"] {
        let (reason, _) = failure(fake.run(
            cleanup,
            "Cleanup",
            json!({"Resources": {"S3": [{"StepName": "T", "S3Uris": [place]}]}}),
        ));
        assert!(reason.contains("is no object or folder in S3"), "{reason}");
    }
    assert_eq!(fake.store.places().len(), 3);
}
