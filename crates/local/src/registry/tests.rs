use std::collections::BTreeSet;
use std::thread;

use serde_json::json;

use super::*;

fn by(run: &str, step: &str) -> Registrar {
    Registrar {
        account: "000000000000".to_owned(),
        region: "eu-west-1".to_owned(),
        pipeline: "abalone".to_owned(),
        run: run.to_owned(),
        step: step.to_owned(),
    }
}

struct Scene {
    temporary: tempfile::TempDir,
    registry: Registry,
}

impl Scene {
    fn new() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let registry = Registry::new(temporary.path());
        Self { temporary, registry }
    }

    fn register(&self, group: &str, run: &str) -> Result<String, String> {
        let request = json!({"ModelPackageGroupName": group});
        let package = self.registry.register(&request, &by(run, "Register"));
        package.map(|package| package.short_name()).map_err(|error| error.to_string())
    }
}

/// A request with all that a `RegisterModel` step of an example has, and more.
fn request() -> Value {
    json!({
        "ModelPackageGroupName": "arn:aws:sagemaker:eu-west-1:000000000000:model-package-group/abalone",
        "ModelPackageDescription": "ages of abalones",
        "ModelApprovalStatus": "PendingManualApproval",
        "InferenceSpecification": {
            "Containers": [{
                "Image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/xgboost:1.7-1",
                "ModelDataUrl": "s3://bucket/model.tar.gz",
                "Environment": {"A": "1"},
            }],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
            "SupportedTransformInstanceTypes": ["ml.m5.large"],
        },
        "ModelMetrics": {"ModelQuality": {"Statistics": {
            "ContentType": "application/json", "S3Uri": "s3://bucket/evaluation.json",
        }}},
        "DriftCheckBaselines": {"ModelQuality": {"Statistics": {
            "ContentType": "application/json", "S3Uri": "s3://bucket/evaluation.json",
        }}},
        "CustomerMetadataProperties": {"team": "molluscs"},
        "MetadataProperties": {"CommitId": "abc", "Repository": null},
        "Domain": "MACHINE_LEARNING",
        "Task": "REGRESSION",
        "SamplePayloadUrl": "s3://bucket/sample",
        "SkipModelValidation": "All",
        "SourceUri": null,
        "Tags": [{"Key": "a", "Value": "b"}],
        "ClientToken": "token",
    })
}

#[test]
fn it_is_described_as_it_was_registered() {
    let scene = Scene::new();
    let package = scene.registry.register(&request(), &by("run1", "Register")).unwrap();
    assert_eq!(package.arn, "arn:aws:sagemaker:eu-west-1:000000000000:model-package/abalone/1");
    assert_eq!(package.description["ModelApprovalStatus"], PENDING);
    assert_eq!(package.description["ModelPackageStatus"], "Completed");
    assert_eq!(package.description["InferenceSpecification"], request()["InferenceSpecification"]);
    assert_eq!(package.description["ModelMetrics"], request()["ModelMetrics"]);
    assert_eq!(
        package.description["MetadataProperties"]["GeneratedBy"],
        "arn:aws:sagemaker:eu-west-1:000000000000:pipeline/abalone/execution/run1"
    );
    for absent in ["Tags", "ClientToken", "SourceUri", "Origin"] {
        assert_eq!(package.description.get(absent), None, "{absent}");
    }
    for which in ["abalone/1", "abalone", package.arn.as_str()] {
        assert_eq!(scene.registry.describe(which).unwrap(), package, "{which}");
    }
    assert!(scene.temporary.path().join("registry/abalone/1.json").is_file());
}

#[test]
fn what_describe_answers_has_the_shape_of_the_model() {
    let scene = Scene::new();
    let text = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/sagemaker.json")).unwrap();
    let models: Value = serde_json::from_slice(&text).unwrap();
    let check = |package: &Package| {
        let mut wrong = Vec::new();
        fits(&models["shapes"], "DescribeModelPackageOutput", &package.description, "", &mut wrong);
        assert_eq!(wrong, [""; 0], "{:#}", package.description);
    };
    check(&scene.registry.register(&request(), &by("run1", "Register")).unwrap());
    check(&scene.registry.approve("abalone/1", APPROVED, Some("good enough")).unwrap());
    let alone = json!({"ModelPackageName": "alone", "SkipModelValidation": "None"});
    check(&scene.registry.register(&alone, &by("run1", "Alone")).unwrap());
    // The walker finds what is wrong.
    let mut wrong = Vec::new();
    let bad = json!({"ModelPackageName": 1, "Nonsense": 2, "ModelApprovalStatus": "Perhaps", "CreationTime": "now"});
    fits(&models["shapes"], "DescribeModelPackageOutput", &bad, "", &mut wrong);
    for part in ["/ModelPackageName", "/Nonsense", "/ModelApprovalStatus", "/CreationTime", "ModelPackageArn"]
    {
        assert!(wrong.iter().any(|line| line.contains(part)), "{part}: {wrong:?}");
    }
}

/// Where a value is not of a shape of SageMaker's model.
fn fits(shapes: &Value, name: &str, value: &Value, path: &str, wrong: &mut Vec<String>) {
    let shape = &shapes[name];
    let mut say = |what: String| wrong.push(format!("{path}: {what}"));
    match shape["type"].as_str().unwrap_or_else(|| panic!("no shape {name}")) {
        "structure" => {
            let Some(members) = value.as_object() else { return say("no object".to_owned()) };
            for required in shape["required"].as_array().into_iter().flatten() {
                if !members.contains_key(required.as_str().unwrap()) {
                    say(format!("{required} is missing"));
                }
            }
            for (member, value) in members {
                let path = format!("{path}/{member}");
                match shape["members"][member].as_str() {
                    Some(shape) => fits(shapes, shape, value, &path, wrong),
                    None => wrong.push(format!("{path}: unknown")),
                }
            }
        }
        "list" => {
            let Some(items) = value.as_array() else { return say("no list".to_owned()) };
            for item in items {
                fits(shapes, shape["member"].as_str().unwrap(), item, path, wrong);
            }
        }
        "map" => {
            let Some(entries) = value.as_object() else { return say("no map".to_owned()) };
            for value in entries.values() {
                fits(shapes, shape["value"].as_str().unwrap(), value, path, wrong);
            }
        }
        "string" => {
            let Some(text) = value.as_str() else { return say("no text".to_owned()) };
            let is_known = shape["enum"].as_array().is_none_or(|known| known.iter().any(|one| one == text));
            if !is_known {
                say(format!("{text:?} is not known"));
            }
        }
        "timestamp" if value.as_str().is_none_or(|text| text.parse::<Timestamp>().is_err()) => {
            say("no time".to_owned());
        }
        "boolean" if !value.is_boolean() => say("not true or false".to_owned()),
        "integer" | "long" if !value.is_i64() => say("no whole number".to_owned()),
        _ => {}
    }
}

#[test]
fn versions_are_counted_up() {
    let scene = Scene::new();
    assert_eq!(scene.register("g", "run1").unwrap(), "g/1");
    assert_eq!(scene.register("g", "run2").unwrap(), "g/2");
    assert_eq!(scene.register("h", "run2").unwrap(), "h/1");
    // The run was interrupted before it could write down that the step succeeded.
    assert_eq!(scene.register("g", "run2").unwrap(), "g/2");
    // A version that was removed by hand is not made again while there are later ones.
    fs::remove_file(scene.temporary.path().join("registry/g/1.json")).unwrap();
    assert_eq!(scene.register("g", "run3").unwrap(), "g/3");
    scene.registry.approve("g/2", APPROVED, None).unwrap();
    let group = |name: &str, versions, latest, latest_approved| Group {
        name: name.to_owned(),
        versions,
        latest,
        latest_approved,
    };
    assert_eq!(scene.registry.groups().unwrap(), [group("g", 2, 3, Some(2)), group("h", 1, 1, None)]);
    for _ in 3..12 {
        let packages = scene.registry.list("g").unwrap();
        scene.register("g", &format!("another{}", packages.len())).unwrap();
    }
    let versions: Vec<_> =
        scene.registry.list("g").unwrap().iter().map(|package| package.version.unwrap()).collect();
    assert_eq!(versions, (2..=12).collect::<Vec<_>>());
}

#[test]
fn a_hundred_at_once_get_different_versions() {
    let scene = Scene::new();
    let names: BTreeSet<String> = thread::scope(|scope| {
        let scene = &scene;
        let threads: Vec<_> = (0..100)
            .map(|run| scope.spawn(move || scene.register("g", &format!("run{run}")).unwrap()))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(names.len(), 100);
    assert!(names.contains("g/1") && names.contains("g/100"));
}

#[test]
fn approval() {
    let scene = Scene::new();
    scene.register("g", "run1").unwrap();
    let rejected = scene.registry.approve("g/1", REJECTED, Some("too slow")).unwrap();
    assert_eq!(
        (rejected.approval(), &rejected.description["ApprovalDescription"]),
        (REJECTED, &json!("too slow"))
    );
    assert!(rejected.description["LastModifiedTime"].is_string());
    assert_eq!(scene.registry.describe("g/1").unwrap(), rejected);
    assert_eq!(rejected.origin, Some(by("run1", "Register")));
    let refused = |which: &str, status: &str, description: &str| {
        scene.registry.approve(which, status, Some(description)).unwrap_err().to_string()
    };
    assert!(refused("g/1", "approved", "").contains("it is Approved, Rejected or PendingManualApproval"));
    assert!(refused("g/1", APPROVED, &"x".repeat(1025)).contains("1025 characters"));
    assert!(refused("g/2", APPROVED, "").contains("there is no model package \"g/2\""));
    assert_eq!(scene.registry.describe("g/1").unwrap(), rejected);
}

#[test]
fn packages_in_no_group() {
    let scene = Scene::new();
    let request = json!({"ModelPackageName": "alone"});
    let package = scene.registry.register(&request, &by("run1", "Register")).unwrap();
    assert_eq!(package.arn, "arn:aws:sagemaker:eu-west-1:000000000000:model-package/alone");
    assert_eq!(package.short_name(), "alone");
    assert_eq!(scene.registry.register(&request, &by("run1", "Register")).unwrap(), package);
    let told = scene.registry.register(&request, &by("run2", "Register")).unwrap_err().to_string();
    assert!(told.starts_with("there is a model package alone already"), "{told}");
    assert_eq!(scene.registry.describe("alone").unwrap(), package);
    assert_eq!(scene.registry.describe(&package.arn).unwrap(), package);
    assert_eq!(scene.registry.approve("alone", APPROVED, None).unwrap().approval(), APPROVED);
    assert_eq!(scene.registry.ungrouped().unwrap().len(), 1);
    assert!(scene.registry.groups().unwrap().is_empty());
}

#[test]
fn hostile_names_and_requests() {
    let scene = Scene::new();
    for name in ["", "..", "../x", "a/b", "/etc", "a\0", "-a", "a-", "ü", "%ungrouped", &"x".repeat(64)] {
        let told = scene.register(name, "run1").unwrap_err();
        assert!(told.contains("1 to 63 letters, digits and hyphens"), "{name}: {told}");
        scene.registry.list(name).unwrap_err();
        scene.registry.describe(name).unwrap_err();
    }
    for which in
        ["g/0", "g/01", "g/+1", "g/../x", "g/1/2", "g/99999999999999999999", "arn:aws:x:model-package/../y"]
    {
        let told = scene.registry.describe(which).unwrap_err().to_string();
        assert!(told.starts_with("there is no model package"), "{which}: {told}");
    }
    let told =
        |request: Value| scene.registry.register(&request, &by("run1", "Register")).unwrap_err().to_string();
    assert!(told(json!({})).starts_with("neither ModelPackageGroupName"));
    assert!(told(json!(null)).starts_with("neither ModelPackageGroupName"));
    assert!(
        told(json!({"ModelPackageGroupName": "a", "ModelPackageName": "b"})).contains("exclude each other")
    );
    assert!(told(json!({"ModelPackageGroupName": ["a"]})).contains("it is a text"));
    assert!(
        told(json!({"ModelPackageGroupName": "a", "ModelApprovalStatus": 1}))
            .contains("ModelApprovalStatus is \"1\"")
    );
    assert!(!scene.temporary.path().join("registry").exists(), "nothing was made");
}

#[test]
fn a_damaged_file_is_told() {
    let scene = Scene::new();
    scene.register("g", "run1").unwrap();
    for content in
        ["", "[]", "{}", "{\"ModelPackageArn\": \"a\", \"ModelPackageName\": \"../x\"}", "{\"Origin\": 1}"]
    {
        fs::write(scene.temporary.path().join("registry/g/1.json"), content).unwrap();
        let told = scene.registry.list("g").unwrap_err().to_string();
        assert!(told.contains("1.json is damaged: "), "{content}: {told}");
        scene.register("g", "run2").unwrap_err();
    }
}
