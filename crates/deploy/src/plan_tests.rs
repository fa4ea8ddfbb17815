use std::fs;

use pipewright_assembly::{Contents, Stack, Target};

use super::*;

fn planned() -> Plan {
    let sha256 = "0".repeat(64);
    let prepared = |stack: &str, change_set: bool| Prepared {
        stack: stack.to_owned(),
        stack_id: None,
        change_set: change_set.then(|| "pipewright-1".to_owned()),
        change_set_id: change_set
            .then(|| "arn:aws:cloudformation:eu-west-1:123456789012:changeSet/pipewright-1/2".to_owned()),
        template_sha256: sha256.clone(),
        deployed_sha256: None,
        changes: Vec::new(),
    };
    Plan {
        format: FORMAT,
        created_by: "0.1.0".to_owned(),
        created_at: Timestamp::from_second(1_800_000_000).unwrap(),
        environment: "dev".to_owned(),
        account: "123456789012".to_owned(),
        region: "eu-west-1".to_owned(),
        assembly: sha256.clone(),
        stacks: vec![prepared("dsm-infrastructure", false), prepared("dsm-pipelines", true)],
    }
}

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    planned().write(&path).unwrap();
    assert_eq!(Plan::read(&path).unwrap(), planned());
    insta::assert_snapshot!(fs::read_to_string(&path).unwrap(), @r#"
    {
      "format": 1,
      "created_by": "0.1.0",
      "created_at": "2027-01-15T08:00:00Z",
      "environment": "dev",
      "account": "123456789012",
      "region": "eu-west-1",
      "assembly": "0000000000000000000000000000000000000000000000000000000000000000",
      "stacks": [
        {
          "stack": "dsm-infrastructure",
          "template_sha256": "0000000000000000000000000000000000000000000000000000000000000000"
        },
        {
          "stack": "dsm-pipelines",
          "change_set": "pipewright-1",
          "change_set_id": "arn:aws:cloudformation:eu-west-1:123456789012:changeSet/pipewright-1/2",
          "template_sha256": "0000000000000000000000000000000000000000000000000000000000000000"
        }
      ]
    }
    "#);
    assert_eq!(Plan::read(folder.path()).unwrap_err().kind, Kind::Usage);
    assert!(Plan::read(&folder.path().join("absent")).is_err());
    assert!(planned().write(&folder.path().join("absent/plan.json")).unwrap_err().hints[0].contains("--out"));
}

/// A plan with one value, by its JSON pointer, replaced; all that is said about it.
#[track_caller]
fn check(pointer: &str, value: Value, expected: &[&str]) {
    let mut plan = serde_json::to_value(planned()).unwrap();
    *plan.pointer_mut(pointer).unwrap() = value;
    match Plan::parse(plan.to_string().as_bytes()) {
        Ok(_) => assert!(expected.is_empty(), "{pointer} was taken"),
        Err(said) => {
            assert!(
                !expected.is_empty() && expected.iter().all(|part| said.contains(part)),
                "{pointer}: {said}"
            );
        }
    }
}

#[test]
fn a_hostile_file_is_refused() {
    check("/environment", json!("prod"), &[]);
    check("/format", json!(2), &["format 2", "reads 1"]);
    check("/format", json!("1"), &["no plan"]);
    check("/account", json!("12"), &["\"12\"", "twelve digits"]);
    check("/region", json!("eu/../west"), &["region"]);
    check("/assembly", json!("A".repeat(64)), &["SHA-256"]);
    check("/created_at", json!("yesterday"), &["year"]);
    check("/stacks", json!(3), &["expected a sequence"]);
    check("/stacks/0/stack", json!("-x"), &["no name of a stack"]);
    check("/stacks/0/stack", json!("dsm-pipelines"), &["twice"]);
    check("/stacks/1/change_set", json!("../../x"), &["no name of a change set"]);
    check("/stacks/1/change_set", Value::Null, &["name or id alone"]);
    check("/stacks/1/change_set_id", json!("https://example.com/:changeSet/"), &["no change set's ARN"]);
    check("/stacks/1/change_set_id", json!("arn:aws:x:changeSet/a\u{1b}[2J"), &["no change set's ARN"]);
    check("/stacks/1/template_sha256", json!(""), &["no SHA-256"]);
    // All at once.
    let mut plan = serde_json::to_value(planned()).unwrap();
    plan["account"] = json!("1");
    plan["region"] = json!("");
    let said = Plan::parse(plan.to_string().as_bytes()).unwrap_err();
    assert!(said.contains("twelve") && said.contains("region"), "{said}");
    for bytes in [&b""[..], b"[]", b"\xff\xff", "[".repeat(1_000_000).as_bytes(), br#"{"format": 1}"#] {
        assert!(Plan::parse(bytes).is_err());
    }
}

#[test]
fn everything_that_differs_is_named() {
    let check = |of: &dyn Fn(&mut Plan), templates: &[(&str, &str)], expected: &[&str]| {
        let mut plan = planned();
        of(&mut plan);
        let templates: BTreeMap<String, String> =
            templates.iter().map(|(name, digit)| ((*name).to_owned(), digit.repeat(64))).collect();
        let sha256 = "0".repeat(64);
        let now = Now {
            environment: "dev",
            account: "123456789012",
            region: "eu-west-1",
            assembly: &sha256,
            templates: &templates,
        };
        let found: Vec<String> = plan.against(&now).into_iter().map(|mismatch| mismatch.of).collect();
        assert_eq!(found, expected);
    };
    let same = [("dsm-infrastructure", "0"), ("dsm-pipelines", "0"), ("other", "0")];
    check(&|_| {}, &same, &[]);
    check(&|plan| plan.account = "210987654321".to_owned(), &same, &["account"]);
    check(&|_| {}, &[("dsm-infrastructure", "1")], &["dsm-infrastructure", "dsm-pipelines"]);
    let all = |plan: &mut Plan| {
        plan.environment = "prod".to_owned();
        plan.region = "eu-west-2".to_owned();
        plan.assembly = "1".repeat(64);
    };
    check(&all, &same, &["environment", "region", "assembly"]);
}

#[test]
fn an_assembly_has_a_fingerprint() {
    let folder = tempfile::tempdir().unwrap();
    let of = |environment: &str, template: &str, tag: &str| {
        let target =
            Target { environment: environment.to_owned(), prefix: "dsm".to_owned(), ..Target::default() };
        let tags = BTreeMap::from([("team".to_owned(), tag.to_owned())]);
        let stack = Stack { name: "dsm".to_owned(), template: template.to_owned(), tags, ..Stack::default() };
        let contents = Contents { target, partial: false, stacks: vec![stack], pipelines: Vec::new() };
        let out = folder.path().join("out");
        pipewright_assembly::write(&out, &contents).unwrap();
        fingerprint(&Assembly::open(&out).unwrap()).unwrap()
    };
    let first = of("dev", "{}", "a");
    assert!(is_sha256(&first));
    assert_eq!(of("dev", "{}", "a"), first);
    assert_ne!(of("prod", "{}", "a"), first);
    assert_ne!(of("dev", "{\"Resources\": {}}", "a"), first);
    assert_ne!(of("dev", "{}", "b"), first);
}
