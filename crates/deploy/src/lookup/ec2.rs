//! The three requests to EC2, signed and sent by the SDK's own parts.
//!
//! `aws-sdk-ec2` would do it too: it is the largest of all of AWS's crates and compiles for minutes. Requests are forms
//! (EC2's Query API), and answers XML.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use pipewright_cli::FoundSubnet;

use super::answer::{self, Page, Read, Refusal, RouteTable, Vpc};
use crate::error::{Error, Kind, Result};
use crate::session::Session;

/// The version of the API.
const VERSION: &str = "2016-11-15";

/// How many parts a list may have. More than an account can have of anything, and an end for a service that repeats itself.
const PAGES: usize = 1000;

/// Names of filters, each with its value.
type Filters<'f> = &'f [(String, String)];

/// EC2, as far as it is needed.
pub(super) struct Ec2 {
    credentials: Credentials,
    region: String,
    endpoint: String,
    config: aws_config::SdkConfig,
}

impl Ec2 {
    pub(super) async fn new(session: &Session) -> Result<Self> {
        let config = session.config.clone();
        let without = || Error::new(Kind::Credentials, "there are no credentials to ask EC2 with");
        let provider = config.credentials_provider().ok_or_else(without)?;
        let credentials = provider.provide_credentials().await.map_err(|error| without().caused_by(error))?;
        let given = std::env::var("AWS_ENDPOINT_URL_EC2").ok().filter(|url| !url.is_empty());
        let endpoint = given
            .or_else(|| config.endpoint_url().map(str::to_owned))
            .unwrap_or_else(|| endpoint(&session.region, &session.partition));
        Ok(Self { credentials, region: session.region.clone(), endpoint, config })
    }

    pub(super) async fn vpcs(&self, filters: Filters<'_>) -> Result<Vec<Vpc>> {
        self.all("DescribeVpcs", filters, answer::vpcs).await
    }

    pub(super) async fn subnets(&self, filters: Filters<'_>) -> Result<Vec<FoundSubnet>> {
        self.all("DescribeSubnets", filters, answer::subnets).await
    }

    pub(super) async fn route_tables(&self, filters: Filters<'_>) -> Result<Vec<RouteTable>> {
        self.all("DescribeRouteTables", filters, answer::route_tables).await
    }

    /// All parts of a list.
    async fn all<T>(&self, action: &'static str, filters: Filters<'_>, read: Read<T>) -> Result<Vec<T>> {
        let mut all = Vec::new();
        let mut token = None;
        for _ in 0..PAGES {
            let text = self.send(action, form(action, filters, token.as_deref())).await?;
            let Page { items, next } = read(&text).map_err(|error| {
                Error::new(Kind::Fault, format!("can't read what EC2 answers to {action}")).caused_by(error)
            })?;
            all.extend(items);
            if next.is_none() {
                return Ok(all);
            }
            token = next;
        }
        Err(Error::new(Kind::Fault, format!("the answer to {action} has no end: more than {PAGES} parts")))
    }

    /// Sends a form, again where that may help, and gives the text of the answer.
    async fn send(&self, action: &'static str, form: String) -> Result<String> {
        let mut operation = Operation::builder()
            .service_name("ec2")
            .operation_name(action)
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(&self.endpoint)
            .no_auth()
            .retry_classifier(HttpStatusCodeClassifier::default())
            .retry_classifier(TransientErrorClassifier::<Refusal>::new())
            .interceptor(Signer { credentials: self.credentials.clone(), region: self.region.clone() });
        if let Some(retries) = self.config.retry_config() {
            operation = operation.standard_retry(retries);
        }
        if let Some(timeouts) = self.config.timeout_config() {
            operation = operation.timeout_config(timeouts.clone());
        }
        if let Some(sleep) = self.config.sleep_impl() {
            operation = operation.sleep_impl(sleep);
        }
        if let Some(client) = self.config.http_client() {
            operation = operation.http_client(client);
        }
        let operation = operation
            .serializer(|form: String| {
                let mut request = HttpRequest::new(SdkBody::from(form));
                request.set_method("POST")?;
                request.set_uri("/")?;
                request
                    .headers_mut()
                    .insert("content-type", "application/x-www-form-urlencoded; charset=utf-8");
                Ok(request)
            })
            .deserializer(|response| {
                let body = response.body().bytes().unwrap_or_default();
                let text = String::from_utf8_lossy(body).into_owned();
                if response.status().is_success() {
                    Ok(text)
                } else {
                    Err(OrchestratorError::operation(answer::refusal(&text)))
                }
            })
            .build();
        operation
            .invoke(form)
            .await
            .map_err(|error| Error::from_sdk(&format!("look up the network (ec2:{action})"), error))
    }
}

/// Signs every attempt, each with the time at which it is made.
#[derive(Debug)]
struct Signer {
    credentials: Credentials,
    region: String,
}

#[dyn_dispatch_hint]
impl Intercept for Signer {
    fn name(&self) -> &'static str {
        "Signer"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> std::result::Result<(), BoxError> {
        let request = context.request_mut();
        let identity = self.credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("ec2")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        // The type of the content is all that is signed beside what the signer adds: a retry brings headers of its own.
        let kind = request.headers().get("content-type").map(|kind| ("content-type", kind));
        let body = SignableBody::Bytes(request.body().bytes().unwrap_or_default());
        let signable = SignableRequest::new(request.method(), request.uri(), kind.into_iter(), body)?;
        let (instructions, _) = sign(signable, &parameters)?.into_parts();
        let headers: Vec<(String, String)> =
            instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        for (name, value) in headers {
            request.headers_mut().insert(name, value);
        }
        Ok(())
    }
}

/// Where EC2 is in a region.
fn endpoint(region: &str, partition: &str) -> String {
    let domain = match partition {
        "aws-cn" => "amazonaws.com.cn",
        "aws-iso" => "c2s.ic.gov",
        "aws-iso-b" => "sc2s.sgov.gov",
        "aws-iso-e" => "cloud.adc-e.uk",
        "aws-iso-f" => "csp.hci.ic.gov",
        "aws-eusc" => "amazonaws.eu",
        _ => "amazonaws.com",
    };
    format!("https://ec2.{region}.{domain}")
}

/// A request as a form.
fn form(action: &str, filters: Filters<'_>, token: Option<&str>) -> String {
    let mut form = format!("Action={action}&Version={VERSION}");
    let mut add = |name: &str, value: &str| {
        form.push('&');
        form.push_str(name);
        form.push('=');
        encode(value, &mut form);
    };
    for (index, (name, value)) in filters.iter().enumerate() {
        let filter = format!("Filter.{}", index + 1);
        add(&format!("{filter}.Name"), name);
        add(&format!("{filter}.Value.1"), value);
    }
    if let Some(token) = token {
        add("NextToken", token);
    }
    form
}

/// Percent-encodes all but what RFC 3986 calls unreserved.
fn encode(text: &str, form: &mut String) {
    use std::fmt::Write as _;
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            form.push(char::from(byte));
        } else {
            let _ = write!(form, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        assert_eq!(form("DescribeVpcs", &[], None), "Action=DescribeVpcs&Version=2016-11-15");
        let filters =
            [("vpc-id".to_owned(), "vpc-1".to_owned()), ("tag:Näme".to_owned(), "a b&c=*".to_owned())];
        assert_eq!(
            form("DescribeSubnets", &filters, Some("x+/=")),
            "Action=DescribeSubnets&Version=2016-11-15&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1\
             &Filter.2.Name=tag%3AN%C3%A4me&Filter.2.Value.1=a%20b%26c%3D%2A&NextToken=x%2B%2F%3D"
        );
    }

    #[test]
    fn endpoints() {
        assert_eq!(endpoint("eu-west-1", "aws"), "https://ec2.eu-west-1.amazonaws.com");
        assert_eq!(endpoint("cn-north-1", "aws-cn"), "https://ec2.cn-north-1.amazonaws.com.cn");
    }
}
