//! [`Error`]: what went wrong, of which kind it is, and what to do.

use std::error::Error as StdError;

use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};

use crate::stack::Failure;

/// What kind of failure it is: what may be tried again, and what is said beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The assembly is missing or damaged.
    Assembly,
    /// There are no credentials, or they are wrong.
    Credentials,
    /// The credentials were right, and are no longer.
    Expired,
    /// The caller may not do it.
    Denied {
        /// The action that is missing, such as `cloudformation:CreateChangeSet`, where it could be told.
        action: Option<String>,
    },
    /// The service asks for fewer requests.
    Throttled,
    /// The service can't be reached, or the connection broke.
    Network,
    /// The credentials belong to another account or region than the assembly.
    Account,
    /// A stack operation failed.
    Stack,
    /// What was planned is no longer true.
    Drifted,
    /// The changes were not approved.
    Refused,
    /// Somebody pressed Ctrl-C.
    Interrupted,
    /// Somebody else's operation is under way.
    Busy,
    /// An asset could not be published.
    Publish,
    /// What was asked for does not make sense.
    Usage,
    /// The service refused for another reason; the code it gave.
    Service {
        /// The code: `ValidationError`.
        code: Option<String>,
    },
    /// The service failed.
    Fault,
}

/// Why something could not be done.
///
/// Its message is one sentence and names what was done; its source, where there is one, is what the SDK says. Neither holds
/// credentials: the SDK's errors don't, and requests are never part of a message.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// Of which kind it is.
    pub kind: Kind,
    /// What went wrong.
    pub message: String,
    /// What to do, or to know, one sentence each.
    pub hints: Vec<String>,
    /// What caused it.
    #[source]
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

/// Most functions here return it.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A failure of this kind.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hints: Vec::new(), source: None }
    }

    /// Adds what to do.
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        self.hints.push(text.into());
        self
    }

    /// Adds what caused it.
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Whether the same request may succeed when it is sent again, later.
    pub fn is_transient(&self) -> bool {
        matches!(self.kind, Kind::Throttled | Kind::Network | Kind::Fault)
    }

    /// The code of the service's answer, where it gave one that has no kind of its own.
    pub fn code(&self) -> Option<&str> {
        match &self.kind {
            Kind::Service { code } => code.as_deref(),
            _ => None,
        }
    }

    /// How the stack operation failed, where that is what went wrong.
    pub fn failure(&self) -> Option<&Failure> {
        self.source.as_ref()?.downcast_ref()
    }

    /// What the SDK says about a request; `what` is what the request was for: `create change set X`.
    pub fn from_sdk<E>(what: &str, error: SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    {
        let status = error.raw_response().map(|response| response.status().as_u16());
        match error {
            SdkError::ServiceError(error) => {
                let error = error.into_err();
                let kind = kind_of(error.code(), error.message(), status);
                let said = error.message().or(error.code()).unwrap_or("the service gave no reason");
                let message = format!("can't {what}: {said}");
                Self::new(kind.clone(), message).hints_for(&kind)
            }
            SdkError::TimeoutError(_) => {
                Self::new(Kind::Network, format!("can't {what}: no answer came in time"))
            }
            other => {
                let chain = chain(&other);
                let reason = chain.last().map(ToString::to_string).unwrap_or_default();
                // The SDK has no variant of its own for credentials: it fails before it sends anything.
                let of_credentials = |error: &&(dyn StdError + 'static)| {
                    let text = error.to_string().to_lowercase();
                    text.contains("credential") || text.contains("identity")
                };
                let kind = if chain.iter().any(of_credentials) {
                    Kind::Credentials
                } else if matches!(other, SdkError::ConstructionFailure(_)) {
                    Kind::Usage
                } else {
                    Kind::Network
                };
                Self::new(kind.clone(), format!("can't {what}: {reason}")).hints_for(&kind)
            }
        }
    }

    fn hints_for(self, kind: &Kind) -> Self {
        match kind {
            Kind::Credentials => self.hint(
                "sign in (`aws sso login`, `aws login`), name a profile with --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            ),
            Kind::Expired => self.hint("sign in again and repeat the command: it goes on where it stopped"),
            Kind::Denied { action: Some(action) } => {
                self.hint(format!("allow {action} to whoever deploys, or use another profile"))
            }
            Kind::Denied { action: None } => self.hint("ask for the permission, or use another profile"),
            Kind::Throttled => self.hint("repeat the command in a minute: it goes on where it stopped"),
            Kind::Network => self.hint("look at the network, and repeat the command: it goes on where it stopped"),
            _ => self,
        }
    }
}

/// The error and what caused it, outermost first.
fn chain<'e>(error: &'e (dyn StdError + 'static)) -> Vec<&'e (dyn StdError + 'static)> {
    let mut chain = vec![error];
    let mut next = error.source();
    while let Some(error) = next {
        chain.push(error);
        next = error.source();
    }
    chain
}

/// The kind of a service's error, by its code, its message and the status of the HTTP response.
fn kind_of(code: Option<&str>, message: Option<&str>, status: Option<u16>) -> Kind {
    let text = message.unwrap_or_default();
    match code.unwrap_or_default() {
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "TokenRefreshRequired" => Kind::Expired,
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "MissingAuthenticationToken"
        | "IncompleteSignature" => Kind::Credentials,
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "AuthorizationError" => {
            Kind::Denied { action: action_in(text) }
        }
        code if code.starts_with("Throttl")
            || code.starts_with("TooManyRequests")
            || matches!(
                code,
                "RequestLimitExceeded" | "SlowDown" | "PriorRequestNotComplete" | "LimitExceededThrottling"
            ) =>
        {
            Kind::Throttled
        }
        _ if status == Some(429) => Kind::Throttled,
        _ if text.contains("Rate exceeded") => Kind::Throttled,
        _ if status.is_some_and(|status| status >= 500) => Kind::Fault,
        _ if status == Some(403) && text.contains("not authorized to perform") => {
            Kind::Denied { action: action_in(text) }
        }
        code => Kind::Service { code: (!code.is_empty()).then(|| code.to_owned()) },
    }
}

/// The action in `User: … is not authorized to perform: s3:PutObject on resource: …`.
pub fn action_in(message: &str) -> Option<String> {
    // EC2 says first that one is "not authorized to perform this operation".
    message.split("not authorized to perform").skip(1).find_map(|rest| {
        let action = rest.trim_start_matches([':', ' ']);
        let end = action
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == ':' || c == '-'))
            .unwrap_or(action.len());
        let action = &action[..end];
        action.contains(':').then(|| action.trim_end_matches(':').to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &str, message: &str, status: u16, expected: &Kind) {
        assert_eq!(
            kind_of(Some(code).filter(|code| !code.is_empty()), Some(message), Some(status)),
            *expected
        );
    }

    #[test]
    fn kinds() {
        check("ExpiredToken", "The security token included in the request is expired", 403, &Kind::Expired);
        check("InvalidClientTokenId", "", 403, &Kind::Credentials);
        check("Throttling", "Rate exceeded", 400, &Kind::Throttled);
        check("SlowDown", "Please reduce your request rate.", 503, &Kind::Throttled);
        check("InternalError", "", 500, &Kind::Fault);
        check("", "", 503, &Kind::Fault);
        check("", "", 429, &Kind::Throttled);
        let code = Some("ValidationError".to_owned());
        check("ValidationError", "Stack with id x does not exist", 400, &Kind::Service { code });
        let denied = "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: cloudformation:CreateChangeSet on resource: arn:aws:cloudformation:eu-west-1:123456789012:stack/a/* because no identity-based policy allows the cloudformation:CreateChangeSet action";
        let action = Some("cloudformation:CreateChangeSet".to_owned());
        check("AccessDenied", denied, 403, &Kind::Denied { action: action.clone() });
        check("Forbidden", denied, 403, &Kind::Denied { action });
        check("AccessDenied", "Access Denied", 403, &Kind::Denied { action: None });
    }

    #[test]
    fn actions_are_read_with_care() {
        assert_eq!(action_in("not authorized to perform"), None);
        assert_eq!(action_in("not authorized to perform: "), None);
        assert_eq!(action_in("not authorized to perform: everything"), None);
        assert_eq!(action_in("not authorized to perform: iam:PassRole"), Some("iam:PassRole".to_owned()));
        let twice = "not authorized to perform this operation. X is not authorized to perform: ec2:DescribeVpcs because";
        assert_eq!(action_in(twice), Some("ec2:DescribeVpcs".to_owned()));
    }
}
