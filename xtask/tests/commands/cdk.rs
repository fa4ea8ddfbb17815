//! An assembly that nobody but the cdk CLI touches: listed, compared, published and deployed, against moto.
//!
//! moto takes every template for good, so what is looked at is what stands in its S3, and that each stack was asked for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::moto::Moto;
use crate::scene::{Scene, pipeline};

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// What a test says that can't run.
const SKIPPED: &str = "skipped: `cargo xtask test` installs moto and the cdk CLI";

/// The cdk CLI on one assembly.
struct Cdk<'s> {
    moto: &'s Moto,
    program: PathBuf,
    assembly: PathBuf,
    home: PathBuf,
}

impl<'s> Cdk<'s> {
    fn new(moto: &'s Moto, home: &Path, assembly: PathBuf) -> Option<Self> {
        let program = std::env::var_os("PIPEWRIGHT_CDK")?.into();
        Some(Self { moto, program, assembly, home: home.to_owned() })
    }

    /// Runs it, and gives what it says on standard output and standard error.
    #[track_caller]
    fn run(&self, arguments: &[&str]) -> [String; 2] {
        let output = self
            .moto
            .command("node", &self.home)
            .arg(&self.program)
            .arg("--app")
            .arg(&self.assembly)
            .args(["--no-notices", "--no-color"])
            .args(arguments)
            .envs([("CDK_DISABLE_CLI_TELEMETRY", "true"), ("NODE_NO_WARNINGS", "1")])
            // With it, cdk says on standard output what it says on standard error elsewhere.
            .env_remove("CI")
            .output()
            .unwrap();
        let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert!(output.status.success(), "cdk {arguments:?} ended with {}\n{stdout}{stderr}", output.status);
        [stdout, stderr]
    }

    /// The objects of the bucket, as text.
    fn objects(&self, bucket: &str) -> BTreeMap<String, String> {
        let found = self.moto.ask(
            &self.home,
            &format!(
                "{{o['Key']: client('s3').get_object(Bucket={bucket:?}, Key=o['Key'])['Body'].read().decode() \
                 for o in client('s3').list_objects_v2(Bucket={bucket:?}).get('Contents', [])}}"
            ),
        );
        serde_json::from_value(found).unwrap()
    }

    /// The stacks with the state of each.
    fn stacks(&self) -> Value {
        self.moto.ask(
            &self.home,
            "{s['StackName']: s['StackStatus'] for s in client('cloudformation').describe_stacks()['Stacks']}",
        )
    }
}

/// What the asset manifests of an assembly say should be where: the texts by key.
fn published(assembly: &Path) -> BTreeMap<String, String> {
    let mut objects = BTreeMap::new();
    for entry in std::fs::read_dir(assembly).unwrap() {
        let path = entry.unwrap().path();
        if !path.to_string_lossy().ends_with(".assets.json") {
            continue;
        }
        let manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        for file in manifest["files"].as_object().into_iter().flat_map(serde_json::Map::values) {
            assert_eq!(file["source"]["packaging"], "file");
            let text =
                std::fs::read_to_string(assembly.join(file["source"]["path"].as_str().unwrap())).unwrap();
            for destination in file["destinations"].as_object().unwrap().values() {
                objects.insert(destination["objectKey"].as_str().unwrap().to_owned(), text.clone());
            }
        }
    }
    objects
}

/// Both stacks, from nothing. moto knows no domain, and stumbles over the tags of a key.
#[test]
fn cdk_deploys_an_assembly_from_nothing() {
    let Some(moto) = Moto::start() else {
        eprintln!("{SKIPPED}");
        return;
    };
    let scene = Scene::new();
    scene.write(
        "pipewright.toml",
        "prefix = \"acme\"\n[domain]\ncreate = false\n[env.test]\naccount = \"123456789012\"\nregion = \"eu-west-1\"\n",
    );
    let mut example = pipeline("example");
    example["assets"] = json!([
        {"name": "hello.txt", "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
         "source": {"kind": "text", "text": "hello"}},
    ]);
    let mut large = pipeline("large");
    large["definition"]["Metadata"] = json!({"x": "y".repeat(60_000)});
    scene.krate("one", &[example, large]);
    scene.run(&["synth", "--env", "test"]).ends(0);
    let home = tempfile::tempdir().unwrap();
    let Some(cdk) = Cdk::new(&moto, home.path(), scene.path("target/assembly/test")) else {
        eprintln!("{SKIPPED}");
        return;
    };
    let published = published(&cdk.assembly);
    assert_eq!(published.len(), 2);

    assert_eq!(cdk.run(&["ls"])[0], "acme-infrastructure\nacme-pipelines\n");
    let [template, _] = cdk.run(&["synth", "--json", "acme-infrastructure"]);
    let before: Value =
        serde_json::from_slice(&scene.files("target/assembly/test")["acme-infrastructure.template.json"])
            .unwrap();
    assert_eq!(serde_json::from_str::<Value>(&template).unwrap(), before);
    let [_, said] = cdk.run(&["diff"]);
    assert!(said.contains("Number of stacks with differences: 2"), "{said}");
    assert_eq!(cdk.stacks(), json!({}));

    cdk.run(&["deploy", "--all", "--require-approval", "never"]);
    let done = json!({"acme-infrastructure": "CREATE_COMPLETE", "acme-pipelines": "CREATE_COMPLETE"});
    assert_eq!(cdk.stacks(), done);
    assert_eq!(cdk.objects("acme-sources-123456789012-eu-west-1"), published);
    let subnets = moto.ask(
        &cdk.home,
        "sorted(s['CidrBlock'] for v in client('ec2').describe_vpcs(Filters=[{'Name': 'tag:Name', 'Values': ['acme-vpc']}])['Vpcs'] \
         for s in client('ec2').describe_subnets(Filters=[{'Name': 'vpc-id', 'Values': [v['VpcId']]}])['Subnets'])",
    );
    assert_eq!(subnets.as_array().unwrap().len(), 9, "{subnets}");

    // By templates: moto never ends a change set of a stack that is there.
    let [_, said] = cdk.run(&["diff", "--method", "template"]);
    assert!(said.contains("Number of stacks with differences: 0"), "{said}");
    cdk.run(&["publish-assets", "--unstable=publish-assets", "--all"]);
    assert_eq!(cdk.objects("acme-sources-123456789012-eu-west-1"), published);
    cdk.run(&["deploy", "--all", "--require-approval", "never"]);
    assert_eq!(cdk.stacks(), done);
}

/// The pipelines of this very workspace, into buckets that are there.
#[test]
fn cdk_deploys_the_pipelines_of_this_workspace() {
    let home = tempfile::tempdir().unwrap();
    for (env, bucket) in [("dev", "dsm-sm-sources-123456789012-eu-west-1"), ("test", "dsm-sm-sources")] {
        let Some(moto) = Moto::start() else {
            eprintln!("{SKIPPED}");
            return;
        };
        let assembly = home.path().join(env);
        let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(["synth", "--env", env, "--out"])
            .arg(&assembly)
            .current_dir(WORKSPACE)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let Some(cdk) = Cdk::new(&moto, home.path(), assembly) else {
            eprintln!("{SKIPPED}");
            return;
        };
        assert_eq!(cdk.run(&["ls"])[0], "dsm-sm-infrastructure\ndsm-sm-pipelines\n");
        cdk.run(&["synth", "--quiet"]);
        let create = format!(
            "client('s3').create_bucket(Bucket={bucket:?}, CreateBucketConfiguration={{'LocationConstraint': 'eu-west-1'}})"
        );
        moto.ask(&cdk.home, &create);
        cdk.run(&["publish-assets", "--unstable=publish-assets", "--all"]);
        let published = published(&cdk.assembly);
        assert!(!published.is_empty());
        assert_eq!(cdk.objects(bucket), published, "{env}");
        cdk.run(&["deploy", "dsm-sm-pipelines", "--exclusively", "--require-approval", "never"]);
        assert_eq!(cdk.stacks(), json!({"dsm-sm-pipelines": "CREATE_COMPLETE"}));
    }
}
