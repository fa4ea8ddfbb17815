//! Templates that are too long for a request.

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use aws_sdk_s3::presigning::PresigningConfig;

use super::object;
use super::pace::{Gate, Pace};
use super::progress::Progress;
use super::read;
use super::store::Store;
use super::wanted::{Place, Wanted};
use crate::error::{Error, Kind, Result};
use crate::session::Session;
use crate::watch::Silent;

/// Stores a template in a bucket of the session's account and region, under `templates/SHA256.json`, unless it is there.
/// Returns the address that CloudFormation takes as
/// [`TemplateURL`](https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html).
///
/// `bucket` may hold `${AWS::AccountId}`, `${AWS::Region}` and `${AWS::Partition}`.
///
/// # Errors
/// When it can't be stored, or something else has that key.
pub async fn put_template(session: &Session, bucket: &str, text: &str) -> Result<String> {
    let pace = Pace::default();
    let gate = Gate::new(&pace);
    let progress = Progress::new("", &Silent);
    let at = Place { bucket: session.fill(bucket), region: session.region.clone() };
    let store = Store::new(session, at, pace, None, &gate, &progress);
    let bytes = Bytes::copy_from_slice(text.as_bytes());
    let sha256 = read::hex(&Sha256::digest(&bytes).into());
    let wanted = Wanted {
        key: format!("templates/{sha256}.json"),
        size: bytes.len() as u64,
        content: sha256.clone(),
        sha256,
        ..Wanted::default()
    };
    if let Some(condition) = object::look(&store, &wanted).await? {
        object::send_bytes(&store, &wanted, &bytes, condition).await?;
    }
    address(&store, &wanted.key).await
}

/// The object's address at the very endpoint that requests go to: it is right for every partition, and for servers of one's
/// own. Nothing is sent, and of what is signed here nothing is kept.
async fn address(store: &Store<'_>, key: &str) -> Result<String> {
    let failed = |error: &dyn std::error::Error| {
        Error::new(Kind::Usage, format!("can't tell the address of {}: {error}", store.uri(key)))
    };
    let lifetime =
        PresigningConfig::expires_in(std::time::Duration::from_mins(1)).map_err(|error| failed(&error))?;
    let signed = store.client.get_object().bucket(&store.bucket).key(key).presigned(lifetime).await;
    let signed =
        signed.map_err(|error| Error::from_sdk(&format!("tell the address of {}", store.uri(key)), error))?;
    let address = signed.uri().split('?').next().unwrap_or_default();
    Ok(address.to_owned())
}

#[cfg(test)]
mod tests {
    use aws_config::{BehaviorVersion, Region, SdkConfig};
    use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};

    use super::*;

    async fn check(region: &str, endpoint: Option<&str>, expected: &str) {
        let credentials = Credentials::new("AKID", "a-secret", Some("a-token".to_owned()), None, "test");
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(credentials));
        if let Some(endpoint) = endpoint {
            config = config.endpoint_url(endpoint);
        }
        let session = Session {
            region: region.to_owned(),
            account: "123456789012".to_owned(),
            partition: "aws".to_owned(),
            caller_arn: String::new(),
            config: config.build(),
        };
        let pace = Pace::default();
        let gate = Gate::new(&pace);
        let progress = Progress::new("", &Silent);
        let at = Place { bucket: "bucket".to_owned(), region: region.to_owned() };
        let store = Store::new(&session, at, pace, None, &gate, &progress);
        let found = address(&store, "templates/0a.json").await;
        assert!(found.as_deref().is_ok_and(|found| found == expected), "{found:?}");
    }

    #[tokio::test]
    async fn addresses_fit_partition_and_endpoint() {
        check("eu-west-1", None, "https://bucket.s3.eu-west-1.amazonaws.com/templates/0a.json").await;
        check("us-east-1", None, "https://bucket.s3.us-east-1.amazonaws.com/templates/0a.json").await;
        check("cn-north-1", None, "https://bucket.s3.cn-north-1.amazonaws.com.cn/templates/0a.json").await;
        check("us-gov-west-1", None, "https://bucket.s3.us-gov-west-1.amazonaws.com/templates/0a.json").await;
        check("us-east-1", Some("http://localhost:5000"), "http://localhost:5000/bucket/templates/0a.json")
            .await;
        check("us-east-1", Some("http://127.0.0.1:99"), "http://127.0.0.1:99/bucket/templates/0a.json").await;
    }
}
