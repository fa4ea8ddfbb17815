use serde_json::json;

use super::*;

fn change(action: &str, logical_id: &str, kind: &str, replacement: Option<&str>) -> Change {
    Change {
        action: action.to_owned(),
        logical_id: logical_id.to_owned(),
        kind: format!("AWS::{kind}"),
        replacement: replacement.map(str::to_owned),
        ..Change::default()
    }
}

fn detail(name: &str, recreation: &str, cause: &str) -> ChangeDetail {
    ChangeDetail {
        attribute: "Properties".to_owned(),
        name: Some(name.to_owned()),
        requires_recreation: Some(recreation.to_owned()).filter(|word| !word.is_empty()),
        causing_entity: Some(cause.to_owned()).filter(|cause| !cause.is_empty()),
    }
}

fn prepared(changes: Vec<Change>) -> Prepared {
    Prepared {
        stack: "dsm".to_owned(),
        stack_id: None,
        change_set: Some("pipewright-1".to_owned()),
        change_set_id: None,
        template_sha256: String::new(),
        deployed_sha256: None,
        changes,
    }
}

fn bucket(name: &str, policy: Option<&str>) -> String {
    let mut template =
        json!({"Resources": {"Data": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}}}});
    if let Some(policy) = policy {
        template["Resources"]["Data"]["UpdateReplacePolicy"] = json!(policy);
        template["Resources"]["Data"]["DeletionPolicy"] = json!(policy);
    }
    template.to_string()
}

#[test]
fn the_change_set_decides_about_replacement() {
    let check = |replacement: Option<&str>, recreation: &str, expected: Action| {
        let mut change = change("Modify", "Data", "S3::Bucket", replacement);
        if !recreation.is_empty() {
            change.details = vec![detail("BucketName", recreation, "")];
        }
        let changes = Changes::of(&prepared(vec![change]), Some(&bucket("a", None)), &bucket("b", None));
        assert_eq!(changes.rows[0].action, expected, "{replacement:?} {recreation}");
    };
    // The schema says that another name means another bucket.
    check(None, "", Action::Replace);
    check(None, "Never", Action::Modify);
    check(None, "Conditionally", Action::MayReplace);
    check(None, "Always", Action::Replace);
    check(Some("True"), "Never", Action::Replace);
    check(Some("Conditional"), "", Action::MayReplace);
    check(Some("False"), "Always", Action::Modify);
    check(Some("nonsense"), "Always", Action::Replace);
}

#[test]
fn what_is_taken_over_is_asked_about() {
    let changes =
        Changes::of(&prepared(vec![change("Import", "Data", "S3::Bucket", None)]), None, &bucket("a", None));
    assert_eq!(changes.rows[0].action, Action::Import);
    assert_eq!(changes.needs_approval(Approval::Broadening), ["it takes over Data (AWS::S3::Bucket)"]);
}

#[test]
fn data_is_lost_unless_it_is_retained() {
    let check = |action: &str,
                 replacement: Option<&str>,
                 template: Option<&str>,
                 policy_action: Option<&str>,
                 expected: Option<Data>| {
        let mut change = change(action, "Data", "S3::Bucket", replacement);
        change.policy_action = policy_action.map(str::to_owned);
        let changes =
            Changes::of(&prepared(vec![change]), Some(&bucket("a", template)), &bucket("b", template));
        let found = changes.rows[0].data.as_ref().map(|data| data.fate);
        assert_eq!(found, expected, "{action} {replacement:?} {template:?} {policy_action:?}");
        assert_eq!(changes.needs_approval(Approval::Broadening).is_empty(), expected.is_none());
        assert!(changes.needs_approval(Approval::Never).is_empty());
        assert!(!changes.needs_approval(Approval::Any).is_empty());
    };
    check("Remove", None, None, None, Some(Data::Lost));
    check("Remove", None, Some("Retain"), None, Some(Data::Kept));
    check("Remove", None, Some("Retain"), Some("Delete"), Some(Data::Lost));
    check("Remove", None, None, Some("Retain"), Some(Data::Kept));
    check("Modify", Some("True"), None, None, Some(Data::Lost));
    check("Modify", Some("True"), Some("Retain"), None, Some(Data::Kept));
    check("Modify", Some("True"), None, Some("ReplaceAndRetain"), Some(Data::Kept));
    check("Modify", Some("True"), None, Some("ReplaceAndSnapshot"), Some(Data::Snapshot));
    check("Modify", Some("True"), Some("Retain"), Some("ReplaceAndDelete"), Some(Data::Lost));
    check("Modify", Some("Conditional"), None, None, Some(Data::AtRisk));
    check("Modify", Some("False"), None, None, None);
    check("Add", None, None, None, None);
}

#[test]
fn a_domain_is_never_replaced_by_mistake() {
    let check = |action: &str, kind: &str, replacement: Option<&str>, expected: bool| {
        let changes = Changes::of(&prepared(vec![change(action, "Domain", kind, replacement)]), None, "{}");
        assert_eq!(changes.stops().count() > 0, expected, "{action} {kind} {replacement:?}");
    };
    check("Modify", "SageMaker::Domain", Some("True"), true);
    check("Modify", "SageMaker::Domain", Some("Conditional"), true);
    check("Modify", "SageMaker::Domain", Some("False"), false);
    check("Add", "SageMaker::Domain", None, false);
    check("Modify", "S3::Bucket", Some("True"), false);
}

#[test]
fn what_changes_is_named() {
    let check = |details: Vec<ChangeDetail>, expected: &str| {
        let change = Change { details, ..change("Modify", "Data", "S3::Bucket", Some("False")) };
        let old = json!({"Resources": {"Data": {"Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"Status": "Suspended"}}}}});
        let new = json!({"Resources": {"Data": {"Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"Status": "Enabled"}}}}});
        let changes = Changes::of(&prepared(vec![change]), Some(&old.to_string()), &new.to_string());
        assert_eq!(changes.rows[0].what.join(", "), expected);
    };
    check(vec![], "VersioningConfiguration.Status");
    check(vec![detail("VersioningConfiguration", "Never", "")], "VersioningConfiguration.Status");
    check(
        vec![detail("BucketEncryption", "Never", "Key.Arn"), detail("BucketEncryption", "Never", "Key.Arn")],
        "VersioningConfiguration.Status, BucketEncryption (follows Key.Arn)",
    );
    let tags = ChangeDetail { attribute: "Tags".to_owned(), ..ChangeDetail::default() };
    check(vec![tags], "VersioningConfiguration.Status, Tags");
    let many = (0..12).map(|n| detail(&format!("P{n:02}"), "", "")).collect();
    check(many, "VersioningConfiguration.Status, P00, P01, P02, P03, P04, P05, P06, and 5 more");
}

#[test]
fn more_is_allowed() {
    let role = |actions: serde_json::Value| {
        let statement = json!({"Effect": "Allow", "Action": actions, "Resource": "arn:aws:s3:::data/*"});
        let policy =
            json!({"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}});
        let properties = json!({"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}, "Policies": [policy]});
        json!({"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}}}).to_string()
    };
    let (less, more) = (role(json!(["s3:GetObject"])), role(json!(["s3:GetObject", "s3:PutObject"])));
    let of = |old: Option<&str>, new: &str| {
        Changes::of(&prepared(vec![change("Modify", "Role", "IAM::Role", Some("False"))]), old, new)
    };
    let wider = of(Some(&less), &more);
    assert_eq!(wider.rows[0].broadens, ["Allow s3:PutObject on arn:aws:s3:::data/*"]);
    assert_eq!(wider.needs_approval(Approval::Broadening), ["it allows more than before"]);
    assert_eq!(wider.rows[0].what, ["1 permission added"]);
    assert!(of(Some(&more), &less).needs_approval(Approval::Broadening).is_empty());
    assert!(of(None, &less).broadens());
    // CloudFormation does not list it, and it is said all the same.
    let beside = Changes::of(&prepared(Vec::new()), Some(&less), &more);
    assert_eq!(beside.broadens, ["Role: Allow s3:PutObject on arn:aws:s3:::data/*"]);
    assert!(beside.broadens());
}

#[test]
fn templates_that_are_none() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for old in [None, Some("Resources: {}"), Some(deep.as_str())] {
        for new in ["", "[]", deep.as_str(), r#"{"Resources": 3}"#] {
            let changes = Changes::of(&prepared(vec![change("Add", "A", "S3::Bucket", None)]), old, new);
            assert_eq!(changes.rows.len(), 1);
        }
    }
}

#[test]
fn what_goes_comes_first() {
    let changes = [
        change("Add", "B", "IAM::Role", None),
        change("Modify", "C", "IAM::Role", Some("False")),
        change("Remove", "Z", "IAM::Role", None),
        change("Modify", "D", "IAM::Role", Some("True")),
        change("Add", "A", "IAM::Role", None),
    ];
    let changes = Changes::of(&prepared(changes.to_vec()), None, "{}");
    let order: Vec<&str> = changes.rows.iter().map(|row| row.logical_id.as_str()).collect();
    assert_eq!(order, ["D", "Z", "A", "B", "C"]);
    let shape = serde_json::to_value(&changes).unwrap();
    assert_eq!(shape["rows"][0], json!({"action": "replace", "logical_id": "D", "type": "AWS::IAM::Role"}));
}
