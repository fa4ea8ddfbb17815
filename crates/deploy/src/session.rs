//! [`Session`]: who we are, where, and the clients that speak for us.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use pipewright_assembly as assembly;
use pipewright_cli as cli;

use crate::doctor::Clock;
use crate::error::{Error, Kind, Result};
use crate::whole::Whole;

/// How often a request is sent before its failure counts. CloudFormation allows few requests a second, for a whole account.
const ATTEMPTS: u32 = 8;

/// How often the very first request is sent: where there is no network, that is said in seconds.
const FIRST_ATTEMPTS: u32 = 4;

/// Credentials and region, seen to belong to the assembly's account.
#[derive(Clone, Debug)]
pub struct Session {
    /// The region.
    pub region: String,
    /// The account, twelve digits.
    pub account: String,
    /// The partition: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// The ARN of whoever deploys.
    pub caller_arn: String,
    /// What clients are made of.
    pub config: SdkConfig,
}

impl Session {
    /// Finds credentials and region as the AWS CLI does, and asks STS whose they are: one request.
    ///
    /// # Errors
    /// [`Kind::Credentials`], [`Kind::Usage`] without a region, [`Kind::Account`] when the assembly is for another account or
    /// region.
    pub async fn open(target: &cli::Target, wanted: &assembly::Target) -> Result<Self> {
        Self::with(config(target, wanted.region.as_deref()).await, target, wanted, None).await
    }

    /// The same with what clients are made of, and with somebody who reads the date of the answer.
    pub(crate) async fn with(
        config: SdkConfig,
        target: &cli::Target,
        wanted: &assembly::Target,
        clock: Option<Clock>,
    ) -> Result<Self> {
        let Some(region) = config.region().map(ToString::to_string) else {
            return Err(Error::new(Kind::Usage, "no region is known").hint(format!(
                "give environment {:?} a region in pipewright.toml, or use --region, AWS_REGION or a profile with one",
                wanted.environment
            )));
        };
        if let (Some(wanted_region), Some(asked)) = (&wanted.region, &target.region)
            && wanted_region != asked
        {
            let message = format!("the assembly is for region {wanted_region}, and --region says {asked}");
            return Err(Error::new(Kind::Account, message));
        }
        let mut sts = aws_sdk_sts::config::Builder::from(&config)
            .retry_config(RetryConfig::standard().with_max_attempts(FIRST_ATTEMPTS))
            .interceptor(Whole)
            .retry_classifier(Whole);
        if let Some(clock) = clock {
            sts = sts.interceptor(clock);
        }
        let sts = aws_sdk_sts::Client::from_conf(sts.build());
        let identity = sts.get_caller_identity().send().await.map_err(|error| {
            let error = Error::from_sdk("tell whose credentials these are (sts:GetCallerIdentity)", error);
            // The SDK passes over a profile that is not there, and does not name it.
            match &target.profile {
                Some(profile) if error.kind == Kind::Credentials => error
                    .hint(format!("see whether profile {profile:?} is in ~/.aws/config, spelt like this")),
                _ => error,
            }
        })?;
        let account = identity.account().unwrap_or_default().to_owned();
        let caller_arn = identity.arn().unwrap_or_default().to_owned();
        let partition =
            caller_arn.split(':').nth(1).filter(|part| !part.is_empty()).unwrap_or("aws").to_owned();
        if let Some(wanted_account) = &wanted.account
            && *wanted_account != account
        {
            let message = format!(
                "the assembly of environment {:?} is for account {wanted_account}, and the credentials belong to {account} ({caller_arn})",
                wanted.environment
            );
            return Err(Error::new(Kind::Account, message)
                .hint("use another profile, or another environment with --env"));
        }
        Ok(Self { region, account, partition, caller_arn, config })
    }

    /// A client for CloudFormation.
    pub fn cloudformation(&self) -> aws_sdk_cloudformation::Client {
        let config = aws_sdk_cloudformation::config::Builder::from(&self.config);
        let config = config.interceptor(Whole).retry_classifier(Whole).build();
        aws_sdk_cloudformation::Client::from_conf(config)
    }

    /// A client for S3.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let endpoint = std::env::var("AWS_ENDPOINT_URL_S3")
            .ok()
            .or_else(|| self.config.endpoint_url().map(str::to_owned))
            .unwrap_or_default();
        let config = aws_sdk_s3::config::Builder::from(&self.config)
            // A bucket has no host name of its own where the server has none.
            .force_path_style(is_local(&endpoint))
            .interceptor(Whole)
            .retry_classifier(Whole)
            .build();
        aws_sdk_s3::Client::from_conf(config)
    }

    /// A text with account, region and partition in the place of `${AWS::AccountId}`, `${AWS::Region}` and `${AWS::Partition}`.
    pub fn fill(&self, text: &str) -> String {
        text.replace("${AWS::AccountId}", &self.account)
            .replace("${AWS::Region}", &self.region)
            .replace("${AWS::Partition}", &self.partition)
    }
}

/// What clients are made of, before anybody is asked whether the credentials are right.
pub async fn config(target: &cli::Target, region: Option<&str>) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(10))
        // Of no upload: those have a limit on how long they may stand still instead.
        .read_timeout(Duration::from_mins(1))
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(timeouts);
    if let Some(profile) = &target.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = region.or(target.region.as_deref()) {
        loader = loader.region(Region::new(region.to_owned()));
    }
    loader.load().await
}

/// Whether an endpoint is a host without names below it: an address, or this machine.
fn is_local(endpoint: &str) -> bool {
    let Some((_, rest)) = endpoint.split_once("://") else { return false };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.starts_with('[') {
        return true;
    }
    let host = authority.split(':').next().unwrap_or_default();
    host == "localhost" || host.ends_with(".localhost") || host.parse::<std::net::Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_without_names_below_them() {
        for local in
            ["http://localhost:5000", "http://127.0.0.1", "http://[::1]:4566/x", "https://10.0.0.3:9000/"]
        {
            assert!(is_local(local), "{local}");
        }
        for remote in
            ["", "https://s3.eu-west-1.amazonaws.com", "https://minio.example.com:9000", "localhost"]
        {
            assert!(!is_local(remote), "{remote}");
        }
    }
}
