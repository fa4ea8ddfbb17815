//! A VPC by name or tag: synth takes what was looked up from `pipewright.context.json`, and asks nobody.

use serde_json::{Value, json};

use crate::scene::{Scene, pipeline};

const SETTINGS: &str =
    "prefix = \"acme\"\n[env.dev]\n[env.test]\naccount = \"123456789012\"\nregion = \"eu-west-1\"\n";

const FILE: &str = "pipewright.context.json";

fn scene(network: &str) -> Scene {
    let scene = Scene::new();
    scene.krate("one", &[pipeline("example")]);
    scene.write("pipewright.toml", &format!("{SETTINGS}{network}"));
    scene
}

fn subnet(index: u8) -> Value {
    json!({"zone": "eu-west-1a", "id": format!("subnet-0000000{index}"), "cidr": format!("10.0.{index}.0/24")})
}

/// The file with one entry for these tags.
fn context(tags: &Value, subnet_tags: Option<Value>) -> String {
    let mut query = json!({"account": "123456789012", "region": "eu-west-1", "tags": tags});
    if let Some(tags) = subnet_tags {
        query["subnet_tags"] = tags;
    }
    let found = json!({
        "vpc_id": "vpc-01234567", "cidr": "10.0.0.0/16",
        "public": [], "private": [subnet(1), subnet(2)], "isolated": [subnet(3)],
    });
    json!({"version": 1, "vpcs": [{"query": query, "found": found}]}).to_string()
}

#[test]
fn synth_takes_what_was_looked_up() {
    let check = |network: &str, context: &str, subnets: &Value| {
        let scene = scene(&format!("[network]\n{network}\n"));
        scene.write(FILE, context);
        scene.run(&["synth", "--env", "test"]).ends(0);
        let files = scene.files("target/assembly/test");
        let template: Value = serde_json::from_slice(&files["acme-infrastructure.template.json"]).unwrap();
        let domain = &template["Resources"]["Domain"]["Properties"];
        assert_eq!(domain["VpcId"], "vpc-01234567", "{network}");
        assert_eq!(domain["SubnetIds"], *subnets, "{network}");
    };
    let private = json!(["subnet-00000001", "subnet-00000002"]);
    let named = context(&json!({"Name": "shared"}), None);
    check("vpc_name = 'shared'", &named, &private);
    check("vpc_tags = {Name = 'shared'}", &named, &private);
    check("vpc_name = 'shared'\nsubnets = 'isolated'", &named, &json!(["subnet-00000003"]));
    let tagged = context(&json!({"Name": "shared", "team": "ml"}), Some(json!({"tier": "jobs"})));
    check("vpc_name = 'shared'\nvpc_tags = {team = 'ml'}\nsubnet_tags = {tier = 'jobs'}", &tagged, &private);
}

#[test]
fn what_is_missing_or_contradicts_itself_is_said() {
    let check = |network: &str, env: &str, context: Option<&str>, says: &[&str]| {
        let scene = scene(&format!("[network]\n{network}\n"));
        if let Some(context) = context {
            scene.write(FILE, context);
        }
        scene.run(&["synth", "--env", env]).ends(1).says(says);
    };
    let missing = [
        "error[context/missing]: pipewright.context.json has no entry for the VPC with \"Name\" = \"shared\" in account \
         123456789012, region eu-west-1",
        "pipewright.toml:7",
        "run `cargo xtask lookup --env test`",
    ];
    check("vpc_name = 'shared'", "test", None, &missing);
    let other = context(&json!({"Name": "other"}), None);
    check("vpc_name = 'shared'", "test", Some(&other), &missing);
    let where_it_is = ["does not say which", "give environment \"dev\" account and region"];
    check("vpc_name = 'shared'", "dev", None, &where_it_is);
    let named = context(&json!({"Name": "shared"}), None);
    let without =
        ["jobs can't be in the public subnets of vpc-01234567", "set network.subnets to one of these"];
    check("vpc_name = 'shared'\nsubnets = 'public'", "test", Some(&named), &without);
    check(
        "vpc_name = 'shared'",
        "test",
        Some("{"),
        &["error[context/file]: can't read pipewright.context.json"],
    );
    check(
        "vpc = 'vpc-01234567'\nvpc_name = 'a'\nvpc_tags = {x = 'y'}\nsubnet_tags = {x = 'y'}",
        "test",
        None,
        &[
            "`network.vpc_name` belongs to",
            "`network.vpc_tags` belongs to",
            "`network.subnet_tags` belongs to",
        ],
    );
    check(
        "vpc_name = 'a'\nsubnet_ids = ['subnet-1']",
        "test",
        None,
        &["`network.subnet_ids` belongs to a VPC that is given by its id"],
    );
    check("vpc_name = 'a'\nvpc_tags = {Name = 'b'}", "test", None, &["name two VPCs"]);
}

#[cfg(unix)]
#[test]
fn the_file_is_no_way_out_of_the_workspace() {
    let scene = scene("[network]\nvpc_name = 'shared'\n");
    std::os::unix::fs::symlink("/etc/hostname", scene.path(FILE)).unwrap();
    scene.run(&["synth", "--env", "test"]).ends(1).says(&["a link that leads out of the workspace"]);
}

#[test]
fn where_nothing_is_to_be_looked_up_nobody_is_asked() {
    let scene = scene("");
    scene.run(&["lookup", "--env", "test"]).ends(0).says(&["there is nothing to look up"]);
    let scene = self::scene("[network]\nvpc_name = 'shared'\n");
    scene.run(&["lookup", "--env", "dev"]).ends(1).says(&["give environment \"dev\" account and region"]);
}

/// A stand-in for the program that talks to AWS: says what it was asked, and prints the text of a file.
const PROGRAM: &str = r#"
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    eprintln!("asked {arguments:?}");
    match std::fs::read_to_string("answer.json") {
        Ok(text) => print!("{text}"),
        Err(_) => std::process::exit(1),
    }
}
"#;

#[test]
fn what_was_found_is_written_and_compared() {
    let scene = scene("[network]\nvpc_name = 'shared'\n");
    scene.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"pipelines/*\", \"deploy\"]\n");
    scene.write(
        "deploy/Cargo.toml",
        "[package]\nname = \"pipewright-deploy\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    scene.write("deploy/src/main.rs", PROGRAM);
    let found = |id: &str, subnets: &[Value]| {
        json!({"vpc_id": id, "cidr": "10.0.0.0/16", "public": [], "private": subnets, "isolated": []})
            .to_string()
    };
    let lookup = |more: &[&str]| scene.run(&[&["lookup", "--env", "test"], more].concat());
    let file = || std::fs::read_to_string(scene.path(FILE)).ok();

    // The program fails, and says why itself.
    lookup(&[]).ends(1).says(&[
        r#"asked ["lookup", "--query", "{\"account\":\"123456789012\",\"region\":\"eu-west-1\",\"tags\":{\"Name\":\"shared\"}}"]"#,
    ]);
    assert_eq!(file(), None);
    for (answer, says) in
        [("no JSON", "can't read what pipewright-deploy found"), (&found("x", &[]), "\"x\" is no id")]
    {
        scene.write("answer.json", answer);
        lookup(&[]).ends(1).says(&[says]);
        assert_eq!(file(), None);
    }

    scene.write("answer.json", &found("vpc-01234567", &[subnet(1)]));
    lookup(&["--check"])
        .ends(1)
        .says(&["differs from what was found", "`cargo xtask lookup --env test` writes it"]);
    assert_eq!(file(), None);
    let done = lookup(&["--json", "--profile", "p"]).ends(0).says(&["is written", "\"--profile\", \"p\"]"]);
    assert_eq!(done.json()["vpc_id"], "vpc-01234567");
    let written = file().unwrap();
    scene.run(&["synth", "--env", "test"]).ends(0);
    lookup(&["--check"]).ends(0).says(&["is unchanged"]);
    lookup(&[]).ends(0).says(&["is unchanged"]);
    assert_eq!(file().as_deref(), Some(written.as_str()));

    // What was found before for the same query gives way.
    scene.write("answer.json", &found("vpc-89abcdef", &[subnet(2)]));
    lookup(&[]).ends(0).says(&["is written"]);
    let renewed = file().unwrap();
    assert!(renewed.contains("vpc-89abcdef") && !renewed.contains("vpc-01234567"), "{renewed}");
}
