//! A VPC by its tags, against moto; and against answers that moto never gives.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use pipewright_cli::{FoundVpc, VpcQuery};
use pipewright_deploy::{Error, Kind, Session, lookup};
use pipewright_testbed::servers;

fn session(endpoint: &str) -> Session {
    let credentials = Credentials::new("AKIDTEST", "secret", Some("token".to_owned()), None, "test");
    let backoff = std::time::Duration::from_millis(1);
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::standard().with_max_attempts(3).with_initial_backoff(backoff))
        .build();
    Session {
        region: "eu-west-1".to_owned(),
        account: "123456789012".to_owned(),
        partition: "aws".to_owned(),
        caller_arn: "arn:aws:iam::123456789012:user/ann".to_owned(),
        config,
    }
}

fn query(tags: &[(&str, &str)], subnet_tags: &[(&str, &str)]) -> VpcQuery {
    let owned = |tags: &[(&str, &str)]| -> BTreeMap<String, String> {
        tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    VpcQuery {
        account: "123456789012".to_owned(),
        region: "eu-west-1".to_owned(),
        tags: owned(tags),
        subnet_tags: owned(subnet_tags),
    }
}

fn find(session: &Session, query: &VpcQuery) -> Result<FoundVpc, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(lookup::find(session, query))
}

/// A VPC named `shared` with subnets of each kind, and two named `twin`.
const NETWORKS: &str = r#"
import boto3, json
ec2 = boto3.client("ec2", region_name="eu-west-1")
def tags(kind, **tags):
    return [{"ResourceType": kind, "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}]
for cidr in ("10.1.0.0/16", "10.2.0.0/16"):
    ec2.create_vpc(CidrBlock=cidr, TagSpecifications=tags("vpc", Name="twin"))
vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags("vpc", Name="shared", team="a*b"))["Vpc"]["VpcId"]
def subnet(index, zone, **more):
    return ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{index}.0/24", AvailabilityZone=f"eu-west-1{zone}",
                             TagSpecifications=tags("subnet", **more) if more else [])["Subnet"]["SubnetId"]
def table(*subnets, **route):
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    for subnet in subnets:
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    if route:
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **route)
public, nat, transit, isolated = subnet(1, "a"), subnet(2, "b", tier="jobs"), subnet(3, "a"), subnet(4, "a")
fallback = subnet(5, "c")
gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
table(public, GatewayId=gateway)
address = ec2.allocate_address(Domain="vpc")["AllocationId"]
table(nat, NatGatewayId=ec2.create_nat_gateway(SubnetId=public, AllocationId=address)["NatGateway"]["NatGatewayId"])
table(transit, TransitGatewayId=ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"])
table(isolated)
print(json.dumps({"vpc": vpc, "public": public, "nat": nat, "transit": transit, "isolated": isolated, "fallback": fallback}))
"#;

#[test]
fn vpcs_of_a_server() {
    let (Ok(server), Ok(python)) = (servers::moto(), servers::python()) else {
        eprintln!("skipped: `cargo xtask test` installs moto");
        return;
    };
    let output = Command::new(python)
        .args(["-c", NETWORKS])
        .env("AWS_ENDPOINT_URL", server.endpoint())
        .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made: BTreeMap<String, String> = serde_json::from_slice(&output.stdout).unwrap();
    let session = session(&server.endpoint());

    let found = find(&session, &query(&[("Name", "shared")], &[])).unwrap();
    assert_eq!((found.vpc_id.as_str(), found.cidr.as_str()), (made["vpc"].as_str(), "10.0.0.0/16"));
    let ids = |subnets: &[pipewright_cli::FoundSubnet]| -> Vec<String> {
        subnets.iter().map(|subnet| subnet.id.clone()).collect()
    };
    assert_eq!(ids(&found.public), [made["public"].clone()]);
    assert_eq!(ids(&found.private), [made["transit"].clone(), made["nat"].clone()]);
    assert_eq!(ids(&found.isolated), [made["isolated"].clone(), made["fallback"].clone()]);
    assert_eq!(
        (found.private[1].zone.as_str(), found.private[1].cidr.as_str()),
        ("eu-west-1b", "10.0.2.0/24")
    );

    let tagged = find(&session, &query(&[("Name", "shared")], &[("tier", "jobs")])).unwrap();
    assert_eq!((ids(&tagged.private), tagged.public.len()), (vec![made["nat"].clone()], 0));

    let error = find(&session, &query(&[("Name", "twin")], &[])).unwrap_err();
    assert_eq!(error.kind, Kind::Usage);
    assert!(error.message.starts_with("2 VPCs in account 123456789012"), "{error}");
    assert!(error.hints[0].contains("10.1.0.0/16") && error.hints[0].contains("10.2.0.0/16"), "{error:?}");

    let error = find(&session, &query(&[("Name", "sh*")], &[])).unwrap_err();
    assert!(error.message.starts_with("no VPC in account 123456789012"), "{error}");
    assert!(error.hints[0].contains("\"shared\""), "{error:?}");
}

/// What one request said: its headers, and its form.
type Seen = Arc<Mutex<Vec<(String, String)>>>;

/// A server that gives these answers, one each, whatever it is asked.
fn scripted(answers: Vec<(u16, String)>) -> (String, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let seen = Seen::default();
    let log = Arc::clone(&seen);
    thread::spawn(move || {
        for (status, body) in answers {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut headers, mut line, mut length) = (String::new(), String::new(), 0);
            while reader.read_line(&mut line).is_ok() && line != "\r\n" {
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                headers.push_str(&line);
                line.clear();
            }
            let mut form = vec![0; length];
            reader.read_exact(&mut form).unwrap();
            log.lock().unwrap().push((headers, String::from_utf8(form).unwrap()));
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
        }
    });
    (endpoint, seen)
}

fn vpc(id: &str) -> String {
    format!("<item><vpcId>{id}</vpcId><cidrBlock>10.0.0.0/16</cidrBlock></item>")
}

fn refusal(code: &str, message: &str) -> String {
    format!(
        "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors></Response>"
    )
}

#[test]
fn lists_in_parts_and_requests_that_are_repeated() {
    let vpcs = |items: &str, next: &str| {
        (200, format!("<R><vpcSet>{items}</vpcSet><nextToken>{next}</nextToken></R>"))
    };
    let (endpoint, seen) = scripted(vec![
        vpcs("", "a+b"),
        (503, refusal("RequestLimitExceeded", "Request limit exceeded.")),
        vpcs(&vpc("vpc-00000001"), ""),
        (200, "<R><routeTableSet/></R>".to_owned()),
        (200, "<R><subnetSet><item><subnetId>subnet-00000001</subnetId></item></subnetSet></R>".to_owned()),
    ]);
    let found = find(&session(&endpoint), &query(&[("Name", "shared")], &[])).unwrap();
    assert_eq!((found.vpc_id.as_str(), found.isolated.len()), ("vpc-00000001", 1));
    let seen = seen.lock().unwrap();
    let forms: Vec<&str> = seen.iter().map(|(_, form)| form.as_str()).collect();
    let first = "Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=tag%3AName&Filter.1.Value.1=shared";
    let of_vpc = "Version=2016-11-15&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-00000001";
    let next = format!("{first}&NextToken=a%2Bb");
    assert_eq!(
        forms,
        [
            first,
            &next,
            &next,
            &format!("Action=DescribeRouteTables&{of_vpc}"),
            &format!("Action=DescribeSubnets&{of_vpc}"),
        ]
    );
    for (headers, _) in seen.iter() {
        let headers = headers.to_ascii_lowercase();
        assert!(headers.starts_with("post / http/1.1\r\n"), "{headers}");
        assert!(headers.contains("authorization: aws4-hmac-sha256 credential=akidtest/"), "{headers}");
        assert!(
            headers.contains(
                "/eu-west-1/ec2/aws4_request, signedheaders=content-type;host;x-amz-date;x-amz-security-token"
            ),
            "{headers}"
        );
        assert!(!headers.contains("secret\r\n"), "{headers}");
    }
}

#[test]
fn answers_that_are_none() {
    let check = |answers: Vec<(u16, String)>, kind: &Kind, says: &str| {
        let (endpoint, _) = scripted(answers);
        let error = find(&session(&endpoint), &query(&[("Name", "shared")], &[])).unwrap_err();
        assert_eq!(error.kind, *kind, "{error:?}");
        assert!(error.message.contains(says), "{error}");
        for secret in ["secret", "token"] {
            assert!(!format!("{error:?}").contains(secret), "{error:?}");
        }
    };
    let denied = "You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/ann is not authorized to perform: ec2:DescribeVpcs because";
    let action = Some("ec2:DescribeVpcs".to_owned());
    check(
        vec![(403, refusal("UnauthorizedOperation", denied))],
        &Kind::Denied { action },
        "can't look up the network (ec2:DescribeVpcs)",
    );
    check(vec![(400, refusal("RequestExpired", "Request has expired."))], &Kind::Expired, "has expired");
    check(vec![(200, "<html>".to_owned())], &Kind::Fault, "can't read what EC2 answers to DescribeVpcs");
    let throttled = vec![(503, refusal("RequestLimitExceeded", "Request limit exceeded.")); 3];
    check(throttled, &Kind::Throttled, "Request limit exceeded.");
    check(vec![], &Kind::Network, "can't look up the network");
}
