//! The infrastructure stack: whole templates, and what holds for all of them.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod rules;

use std::collections::BTreeMap;

use pipewright_cloudformation::BODY_LIMIT;
use pipewright_model::Environment;
use pipewright_stacks::infrastructure::{
    Auth, Buckets, Domain, Endpoint, ExistingNetwork, InfrastructureSettings, Network, NewNetwork, Roles,
};
use pipewright_stacks::infrastructure_stack;
use serde_json::Value;

fn environment(known: bool) -> Environment {
    Environment {
        name: "test".into(),
        prefix: "dsm-sm".into(),
        account: known.then(|| "123456789012".to_owned()),
        region: known.then(|| "eu-west-1".to_owned()),
        ..Environment::default()
    }
}

fn full() -> InfrastructureSettings {
    InfrastructureSettings {
        network: Network::Create(NewNetwork { nat_gateways: 3, ..NewNetwork::default() }),
        buckets: Buckets { kms: true, data_days: Some(30), ..Buckets::default() },
        domain: Some(Domain {
            auth: Auth::Sso,
            users: vec!["ada@example.com".into(), "grace".into()],
            ..Domain::default()
        }),
        roles: Roles {
            path: Some("/ml/".into()),
            boundary: Some("arn:aws:iam::123456789012:policy/boundary".into()),
        },
        tags: BTreeMap::from([("team".into(), "forecasting".into()), ("Name".into(), "x".into())]),
        ..InfrastructureSettings::default()
    }
}

fn small() -> InfrastructureSettings {
    InfrastructureSettings {
        network: Network::None,
        buckets: Buckets { access_log_days: None, ..Buckets::default() },
        ..InfrastructureSettings::default()
    }
}

#[track_caller]
fn text(known: bool, settings: &InfrastructureSettings) -> String {
    let stack = infrastructure_stack(&environment(known), settings).unwrap();
    assert_eq!(stack.name, "dsm-sm-infrastructure");
    assert_eq!(stack.warnings, []);
    assert!(stack.text.len() <= BODY_LIMIT, "{}", stack.text.len());
    stack.template.text()
}

#[test]
fn a_small_one() {
    insta::assert_snapshot!(text(true, &small()));
}

#[test]
fn a_full_one() {
    insta::assert_snapshot!(text(false, &full()));
}

fn networks() -> Vec<Network> {
    let mut networks = vec![Network::None];
    for nat_gateways in [0, 1, 3] {
        for flow_log_days in [None, Some(90)] {
            for endpoints in [vec![], Endpoint::ALL.to_vec()] {
                let public_addresses = nat_gateways == 1;
                let cidr = "10.1.0.0/20".to_owned();
                networks.push(Network::Create(NewNetwork {
                    cidr,
                    nat_gateways,
                    public_addresses,
                    flow_log_days,
                    endpoints,
                }));
            }
        }
    }
    for security_group_ids in [vec![], vec!["sg-0123456789abcdef0".to_owned()]] {
        let subnet_ids = vec!["subnet-0123456789abcdef0".to_owned(), "subnet-0123456789abcdef1".to_owned()];
        let vpc_id = "vpc-0123456789abcdef0".to_owned();
        networks.push(Network::Existing(ExistingNetwork { vpc_id, subnet_ids, security_group_ids }));
    }
    networks
}

fn domains() -> Vec<Option<Domain>> {
    let of = |auth, public_internet, kms, users: &[&str]| {
        let users = users.iter().map(|user| (*user).to_owned()).collect();
        Some(Domain { auth, public_internet, kms, users })
    };
    vec![
        None,
        of(Auth::Iam, false, true, &[]),
        of(Auth::Iam, true, false, &["ada"]),
        of(Auth::Sso, false, false, &["ada@example.com"]),
    ]
}

fn buckets() -> Vec<Buckets> {
    let mut buckets = Vec::new();
    for kms in [false, true] {
        for access_log_days in [None, Some(30)] {
            for data_days in [None, Some(30)] {
                buckets.push(Buckets { kms, access_log_days, data_days, retain: kms, ..Buckets::default() });
            }
        }
    }
    buckets
}

/// Every template there is, more or less.
fn all(check: &mut dyn FnMut(&InfrastructureSettings, Value)) {
    for network in networks() {
        for domain in domains() {
            if network == Network::None && domain.is_some() {
                continue;
            }
            for buckets in buckets() {
                for known in [false, true] {
                    let settings = InfrastructureSettings {
                        network: network.clone(),
                        domain: domain.clone(),
                        buckets: buckets.clone(),
                        ..full()
                    };
                    check(&settings, serde_json::from_str(&text(known, &settings)).unwrap());
                }
            }
        }
    }
}

#[test]
fn no_template_has_a_problem_and_no_policy_breaks_a_rule() {
    let mut count = 0;
    all(&mut |settings, template| {
        count += 1;
        assert_eq!(rules::broken(&template), Vec::<String>::new(), "{settings:?}");
        let resources = template["Resources"].as_object().unwrap();
        for (id, resource) in resources {
            let properties = &resource["Properties"];
            match resource["Type"].as_str().unwrap() {
                "AWS::S3::Bucket" => {
                    let block = properties["PublicAccessBlockConfiguration"].as_object().unwrap();
                    assert!(block.len() == 4 && block.values().all(|blocked| blocked == true), "{id}");
                    assert_eq!(properties["VersioningConfiguration"]["Status"], "Enabled", "{id}");
                    assert_eq!(resource["UpdateReplacePolicy"], "Retain", "{id}");
                    assert!(resources[&format!("{id}Policy")].to_string().contains("aws:SecureTransport"));
                }
                "AWS::KMS::Key" => assert_eq!(properties["EnableKeyRotation"], true),
                "AWS::EC2::Subnet" => {
                    let asked = matches!(&settings.network, Network::Create(new) if new.public_addresses);
                    let public = asked && id.starts_with("Public");
                    assert_eq!(properties["MapPublicIpOnLaunch"], public, "{id}");
                }
                "AWS::EC2::SecurityGroup" => {
                    assert!(
                        properties["SecurityGroupEgress"].as_array().is_some_and(|rules| !rules.is_empty())
                    );
                }
                "AWS::SSM::Parameter" => {
                    assert!(properties["Name"].as_str().unwrap().starts_with("/dsm-sm/"), "{id}");
                }
                _ => {}
            }
            let untaggable = [
                "AWS::EC2::Route",
                "AWS::EC2::SubnetRouteTableAssociation",
                "AWS::EC2::VPCGatewayAttachment",
                "AWS::EC2::SecurityGroupIngress",
                "AWS::EC2::SecurityGroupEgress",
                "AWS::KMS::Alias",
                "AWS::S3::BucketPolicy",
                "AWS::IAM::Policy",
            ];
            if !untaggable.contains(&resource["Type"].as_str().unwrap()) {
                assert!(properties["Tags"].to_string().contains("forecasting"), "{id} has no tags");
            }
        }
        let nats = resources.values().filter(|resource| resource["Type"] == "AWS::EC2::NatGateway").count();
        if let Network::Create(new) = &settings.network {
            assert_eq!(nats, usize::from(new.nat_gateways));
        }
    });
    assert!(count > 800, "{count}");
}

#[test]
fn a_domain_stays_inside_of_its_network_unless_asked() {
    let template: Value = serde_json::from_str(&text(true, &InfrastructureSettings::with_domain())).unwrap();
    let domain = &template["Resources"]["Domain"]["Properties"];
    assert_eq!(domain["AppNetworkAccessType"], "VpcOnly");
    assert_eq!(domain["AuthMode"], "IAM");
    assert_eq!(domain["SubnetIds"].as_array().unwrap().len(), 3);
    assert_eq!(domain["KmsKeyId"], serde_json::json!({"Fn::GetAtt": ["Key", "KeyId"]}));
}

#[test]
fn names_of_buckets_are_those_that_pipelines_know() {
    let given = Environment { data_bucket: Some("results".into()), ..environment(true) };
    let stack = infrastructure_stack(&given, &InfrastructureSettings::default()).unwrap();
    let template: Value = serde_json::from_str(&stack.template.text()).unwrap();
    let name = |id: &str| template["Resources"][id]["Properties"]["BucketName"].clone();
    assert_eq!(name("SourceBucket"), "dsm-sm-sources-123456789012-eu-west-1");
    assert_eq!(name("DataBucket"), "results");
    assert_eq!(name("LogBucket"), "dsm-sm-logs-123456789012-eu-west-1");
}

#[test]
fn what_does_not_fit_into_a_request_has_no_line_breaks_and_then_is_refused() {
    let with = |users: usize| InfrastructureSettings {
        domain: Some(Domain { users: (0..users).map(|i| format!("user{i}")).collect(), ..Domain::default() }),
        ..InfrastructureSettings::default()
    };
    let pretty = infrastructure_stack(&environment(false), &with(0)).unwrap();
    assert_eq!(pretty.text, pretty.template.text());
    let compact = infrastructure_stack(&environment(false), &with(60)).unwrap();
    assert_eq!(compact.text.lines().count(), 1);
    let problems = infrastructure_stack(&environment(false), &with(400)).unwrap_err();
    assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), ["infrastructure/size"]);
}

#[test]
fn all_mistakes_at_once() {
    let new = NewNetwork {
        cidr: "10.0.0.0/8".into(),
        nat_gateways: 4,
        flow_log_days: Some(2),
        ..NewNetwork::default()
    };
    let users = vec!["ada".into(), "ADA".into(), "é".into()];
    let settings = InfrastructureSettings {
        network: Network::Create(new),
        domain: Some(Domain { users, ..Domain::default() }),
        ..InfrastructureSettings::default()
    };
    let check = |settings: &InfrastructureSettings, expected: &[&str]| {
        let problems = infrastructure_stack(&environment(true), settings).unwrap_err();
        let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, expected);
    };
    check(&settings, &["network/cidr", "network/nat", "network/flow-logs", "domain/user", "domain/user"]);
    let settings = InfrastructureSettings { network: Network::None, ..InfrastructureSettings::with_domain() };
    check(&settings, &["domain/network"]);
    let existing =
        ExistingNetwork { security_group_ids: vec![String::new(); 4], ..ExistingNetwork::default() };
    let settings =
        InfrastructureSettings { network: Network::Existing(existing), ..InfrastructureSettings::default() };
    check(&settings, &["network/existing", "network/existing"]);
}
