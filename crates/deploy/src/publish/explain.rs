//! What S3's refusals mean, and what to do about them.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use super::store::{Ask, Store};
use crate::error::{Error, Kind};

/// A request that failed.
#[derive(Debug)]
pub(super) struct Failure {
    /// The status of the answer, where there was one.
    pub(super) status: Option<u16>,
    /// S3's code; of a HEAD request there is none.
    pub(super) code: Option<String>,
    /// How often it had failed before.
    pub(super) failures: u32,
    pub(super) error: Error,
}

impl Failure {
    pub(super) fn of(error: Error) -> Self {
        Self { status: None, code: None, failures: 0, error }
    }

    pub(super) fn has_code(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// Whether it may go well when it is sent again.
    pub(super) fn is_transient(&self) -> bool {
        self.error.is_transient()
            || matches!(
                self.code.as_deref(),
                Some("RequestTimeout" | "OperationAborted" | "InternalError" | "ServiceUnavailable")
            )
    }

    /// Whether what arrived was not what was sent.
    pub(super) fn is_damage(&self) -> bool {
        matches!(
            self.code.as_deref(),
            Some(
                "BadDigest" | "IncompleteBody" | "XAmzContentSHA256Mismatch" | "XAmzContentChecksumMismatch"
            )
        )
    }

    /// Whether a condition of the request does not hold, or somebody else is writing just now.
    pub(super) fn is_condition(&self) -> bool {
        self.status == Some(412) || self.status == Some(409) && self.has_code("ConditionalRequestConflict")
    }
}

/// A request that nothing came of.
pub(super) fn stalled(store: &Store<'_>, ask: &Ask<'_>) -> Failure {
    let seconds = store.pace.stall.as_secs();
    let message = format!("can't {}: nothing moved for {seconds} s", store.what(ask));
    Failure::of(again(Error::new(Kind::Network, message)))
}

/// What the SDK says about a request, made plain.
pub(super) fn explain<E>(store: &Store<'_>, ask: &Ask<'_>, error: SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let response = error.raw_response();
    let status = response.map(|response| response.status().as_u16());
    let region =
        response.and_then(|response| response.headers().get("x-amz-bucket-region")).map(str::to_owned);
    let code = error.code().map(str::to_owned);
    let ours = match &error {
        SdkError::DispatchFailure(failure) => failure.is_user(),
        _ => false,
    };
    let mut error = Error::from_sdk(&store.what(ask), error);
    if ours && error.kind == Kind::Network {
        error.kind = Kind::Usage;
    }
    let error = if code.is_none() && status.is_some_and(|status| (200..300).contains(&status)) {
        let message = format!("can't {}: the answer broke off", store.what(ask));
        again(Error::new(Kind::Network, message))
    } else {
        refine(store, ask, error, status, code.as_deref(), region.as_deref())
    };
    Failure { status, code, failures: 0, error }
}

fn refine(
    store: &Store<'_>,
    ask: &Ask<'_>,
    error: Error,
    status: Option<u16>,
    code: Option<&str>,
    region: Option<&str>,
) -> Error {
    let what = store.what(ask);
    let bucket = &store.bucket;
    match (status, code.unwrap_or_default()) {
        (Some(301 | 307), _) | (_, "PermanentRedirect" | "AuthorizationHeaderMalformed") => {
            let there =
                region.map_or_else(|| "another region".to_owned(), |region| format!("region {region}"));
            let message = format!("can't {what}: the bucket is in {there}, and not in {}", store.region);
            Error::new(Kind::Publish, message)
                .hint("SageMaker reads code from its own region: name a bucket there in pipewright.toml, or deploy to the bucket's region")
        }
        (_, "NoSuchBucket") => {
            let message = format!("can't {what}: there is no bucket {bucket} in account {}", store.owner);
            let error = Error::new(Kind::Publish, message);
            match &store.maker {
                Some(stack) => error.hint(format!("stack {stack} makes it: deploy that one first")),
                None => error.hint("make it, or name another one in pipewright.toml"),
            }
        }
        (_, "InvalidBucketName") => {
            Error::new(Kind::Publish, format!("can't {what}: {bucket:?} is no name for a bucket"))
        }
        (_, "RequestTimeTooSkewed") => error.hint("this computer's clock is wrong: set it"),
        (_, code) if code.starts_with("KMS.") => {
            error.hint("the bucket is encrypted with a KMS key that is disabled, deleted or out of reach")
        }
        _ if error.kind == (Kind::Denied { action: None }) || (status == Some(403) && code.is_none()) => {
            let action = ask.action.to_owned();
            let message = format!("can't {what}: access denied (it takes {action})");
            Error::new(Kind::Denied { action: Some(action.clone()) }, message)
                .hint(format!("allow {action} to whoever deploys, or use another profile"))
                .hint(format!(
                    "S3 says the same when the bucket belongs to another account than {}, and when a bucket policy or a KMS key forbids it",
                    store.owner
                ))
        }
        // As its own kind has no hint that would fit: what was sent stays.
        _ if error.kind == Kind::Fault => again(error),
        _ => error,
    }
}

fn again(error: Error) -> Error {
    error.hint("repeat the command: what was sent stays, and it goes on from there")
}
