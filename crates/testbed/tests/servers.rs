//! SageMaker's fake asked by hand, and the starters of moto and ministack.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that can't go on fails, and says where")]

use std::io::{Read, Write};
use std::net::TcpStream;

use pipewright_testbed::sagemaker::{App, Domain, Fake, Pipeline};
use pipewright_testbed::servers;
use serde_json::{Value, json};

/// One request by hand; the status and the body.
fn post(endpoint: &str, headers: &str, body: &str) -> (u16, String) {
    let address = endpoint.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let head =
        format!("POST / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n");
    stream.write_all(format!("{head}{headers}\r\n{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

fn ask(fake: &Fake, action: &str, params: &Value) -> (u16, Value) {
    let headers = format!("X-Amz-Target: SageMaker.{action}\r\nContent-Type: application/x-amz-json-1.1\r\n");
    let (status, body) = post(&fake.endpoint(), &headers, &params.to_string());
    (status, serde_json::from_str(&body).unwrap())
}

#[test]
fn pipelines_keep_versions_and_executions() {
    let pipeline = Pipeline::new("Train", "{\"v\":1}")
        .execution("old", "Succeeded", "{\"v\":1}", 10_000)
        .version("{\"v\":2}")
        .tag("owner", "ml");
    let fake = Fake::builder().pipeline(pipeline).pipeline(Pipeline::new("Other", "{}")).page(1).start();
    let (_, first) = ask(&fake, "ListPipelines", &json!({}));
    assert_eq!(first["PipelineSummaries"][0]["PipelineName"], "Train");
    let (_, second) = ask(&fake, "ListPipelines", &json!({ "NextToken": first["NextToken"] }));
    assert_eq!(second["PipelineSummaries"][0]["PipelineName"], "Other");
    assert_eq!(second.get("NextToken"), None);
    let by_version = json!({ "PipelineName": "Train", "PipelineVersionId": 1 });
    assert_eq!(ask(&fake, "DescribePipeline", &by_version).1["PipelineDefinition"], "{\"v\":1}");
    let update = json!({ "PipelineName": "Train", "PipelineDefinition": "{\"v\":3}" });
    assert_eq!(ask(&fake, "UpdatePipeline", &update).1["PipelineVersionId"], 3);
    assert_eq!(fake.pipeline("Train").unwrap().definition(), "{\"v\":3}");
    let (_, executions) = ask(&fake, "ListPipelineExecutions", &json!({ "PipelineName": "Train" }));
    let arn = &executions["PipelineExecutionSummaries"][0]["PipelineExecutionArn"];
    let of = json!({ "PipelineExecutionArn": arn });
    assert_eq!(
        ask(&fake, "DescribePipelineDefinitionForExecution", &of).1["PipelineDefinition"],
        "{\"v\":1}"
    );
    let (status, missing) = ask(&fake, "DescribePipeline", &json!({ "PipelineName": "None" }));
    assert_eq!((status, &missing["__type"]), (400, &json!("ResourceNotFound")));
    assert_eq!(fake.count("DescribePipeline"), 2);
}

#[test]
fn domains_show_what_runs_in_them() {
    let mut domain = Domain::new("d-1", "studio");
    domain.apps.push(App {
        name: "default".to_owned(),
        kind: "JupyterLab".to_owned(),
        status: "InService".to_owned(),
        user_profile: Some("ann".to_owned()),
        space: None,
    });
    let fake = Fake::builder().domain(domain).deny("sagemaker:ListSpaces").start();
    let (_, apps) = ask(&fake, "ListApps", &json!({ "DomainIdEquals": "d-1" }));
    assert_eq!(apps["Apps"][0]["UserProfileName"], "ann");
    let (_, none) = ask(&fake, "ListApps", &json!({ "DomainIdEquals": "d-2" }));
    assert_eq!(none["Apps"], json!([]));
    let (status, denied) = ask(&fake, "ListSpaces", &json!({}));
    assert_eq!((status, &denied["__type"]), (400, &json!("AccessDeniedException")));
}

/// A server comes up, answers, and is gone with its process when dropped.
fn check(start: fn() -> Result<servers::Server, String>) {
    let server = match start() {
        Ok(server) => server,
        Err(why) => return eprintln!("skipped: {why}"),
    };
    let form = "Content-Type: application/x-www-form-urlencoded\r\nAuthorization: AWS4-HMAC-SHA256 \
                Credential=test/20260101/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0\r\n";
    let (status, body) = post(&server.endpoint(), form, "Action=GetCallerIdentity&Version=2011-06-15");
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("GetCallerIdentityResult"), "{body}");
    let address = server.endpoint().trim_start_matches("http://").to_owned();
    drop(server);
    assert!(TcpStream::connect(address).is_err(), "it listens after it was dropped");
}

#[test]
fn moto_comes_and_goes() {
    check(servers::moto);
}

#[test]
fn ministack_comes_and_goes() {
    check(servers::ministack);
}
