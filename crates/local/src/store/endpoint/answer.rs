//! What an endpoint answers, and what is wrong where it is not what was asked for.

use std::fmt;
use std::io;

use ureq::http::Response;
use ureq::{Body, BodyReader};

/// The most bytes of an answer that is not an object: a page of 1,000 keys of 1,024 bytes, escaped, has less.
const LARGEST: u64 = 16 << 20;
/// The most characters of a message that are shown.
const LONGEST: usize = 300;

/// An answer that says that it was done.
pub(super) struct Answer {
    response: Response<Body>,
}

impl Answer {
    /// Tells whether it was done.
    pub(super) fn of(response: Response<Body>) -> Result<Self, Problem> {
        let mut answer = Self { response };
        let status = answer.response.status().as_u16();
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        let region = answer.header("x-amz-bucket-region");
        let text = answer.response.body_mut().with_config().limit(LARGEST).lossy_utf8(true).read_to_string();
        let text = text.unwrap_or_default();
        let code = element(&text, "Code").unwrap_or(match status {
            404 => "NoSuchKey",
            _ => "",
        });
        let mut message = match element(&text, "Message") {
            Some(message) => shown(message),
            None => format!("status {status}"),
        };
        if let Some(region) = region.filter(|_| status == 301 || status == 400) {
            message = format!("{message}; the bucket is in region {}: set AWS_REGION", shown(&region));
        }
        let is_passing = matches!(status, 429 | 500 | 502 | 503 | 504) || code == "RequestTimeout";
        Err(Problem { code: shown(code), message, is_passing })
    }

    /// All of it.
    pub(super) fn text(mut self) -> Result<String, Problem> {
        let text = self.response.body_mut().with_config().limit(LARGEST).read_to_string();
        text.map_err(|error| Problem::transport(&error))
    }

    /// What tells the content of a part.
    pub(super) fn etag(&self) -> Option<String> {
        self.header("etag")
    }

    /// How long it says to be, bytes.
    pub(super) fn length(&self) -> Option<u64> {
        self.header("content-length")?.parse().ok()
    }

    pub(super) fn reader(&mut self) -> BodyReader<'_> {
        self.response.body_mut().as_reader()
    }

    fn header(&self, name: &str) -> Option<String> {
        self.response.headers().get(name)?.to_str().ok().map(str::to_owned)
    }
}

/// Why something was not done. Its text has neither addresses of requests nor anything of the credentials.
#[derive(Debug)]
pub(super) struct Problem {
    /// S3's word for it; empty where it did not come from S3.
    code: String,
    message: String,
    is_passing: bool,
}

impl Problem {
    /// The request did not get through, or its answer did not.
    pub(super) fn transport(error: &ureq::Error) -> Self {
        let (message, is_passing) = match error {
            // A certificate that is not trusted comes as data that is not valid.
            ureq::Error::Io(error) => (error.to_string(), error.kind() != io::ErrorKind::InvalidData),
            ureq::Error::Timeout(_) => ("it did not answer in time".to_owned(), true),
            ureq::Error::ConnectionFailed => ("no connection".to_owned(), true),
            ureq::Error::HostNotFound => ("there is no such host".to_owned(), false),
            ureq::Error::InvalidProxyUrl => {
                ("the address of the proxy is none: see HTTP_PROXY".to_owned(), false)
            }
            ureq::Error::BodyExceedsLimit(limit) => {
                (format!("its answer has more than {limit} bytes"), false)
            }
            ureq::Error::Protocol(error) => (format!("it does not speak HTTP as it should: {error}"), true),
            #[cfg(feature = "https")]
            ureq::Error::Rustls(error) => (format!("TLS: {error}"), false),
            ureq::Error::Tls(error) => (format!("TLS: {error}"), false),
            // Others may name the address.
            _ => ("the request could not be made".to_owned(), false),
        };
        Self { code: String::new(), message, is_passing }
    }

    /// What was to be sent can't be read.
    pub(super) fn file(error: &io::Error) -> Self {
        Self {
            code: String::new(),
            message: format!("can't read the file to send: {error}"),
            is_passing: false,
        }
    }

    /// The endpoint answers in a way that S3 does not.
    pub(super) fn protocol(message: &str) -> Self {
        Self { code: String::new(), message: message.to_owned(), is_passing: false }
    }

    /// The answer ended before its end.
    pub(super) fn cut(length: u64, expected: u64) -> Self {
        let message = format!("its answer ended after {length} of {expected} bytes");
        Self { code: String::new(), message, is_passing: true }
    }

    /// The answer began well and tells in its body that it failed.
    pub(super) fn of_body(text: &str) -> Self {
        let code = element(text, "Code").unwrap_or_default();
        let message = element(text, "Message").unwrap_or("its answer is none");
        Self { code: shown(code), message: shown(message), is_passing: code == "InternalError" }
    }

    /// Whether S3 gave this word for it.
    pub(super) fn is(&self, code: &str) -> bool {
        self.code == code
    }

    /// Whether it may be different next time.
    pub(super) fn is_passing(&self) -> bool {
        self.is_passing
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.code.is_empty() {
            write!(f, "{}: ", self.code)?;
        }
        f.write_str(&self.message)
    }
}

/// The text of the first element of this name. Only these are shown of an answer: others may echo what was signed.
fn element<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once("</").map(|(content, _)| content)
}

/// A text of the endpoint's, as far as it is shown: one line, no control characters.
fn shown(text: &str) -> String {
    let clean = text.chars().map(|char| if char.is_control() { ' ' } else { char });
    clean.take(LONGEST).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_and_message_are_shown() {
        let text = "<?xml?><Error><Code>SignatureDoesNotMatch</Code><Message>no\nmatch</Message>\
                    <AWSAccessKeyId>KEY</AWSAccessKeyId><StringToSign>X-Amz-Signature</StringToSign></Error>";
        let response = Response::builder().status(403).body(Body::builder().data(text)).unwrap();
        let problem = Answer::of(response).err().unwrap();
        assert_eq!(problem.to_string(), "SignatureDoesNotMatch: no match");
        assert!(!problem.is_passing());
    }

    #[test]
    fn what_passes() {
        let check = |status: u16, text: &str, expected: bool| {
            let response = Response::builder().status(status).body(Body::builder().data(text)).unwrap();
            let passes = Answer::of(response).err().map(|problem| problem.is_passing());
            assert_eq!(passes, Some(expected), "{status} {text}");
        };
        check(503, "<Code>SlowDown</Code>", true);
        check(500, "", true);
        check(429, "", true);
        check(400, "<Code>RequestTimeout</Code>", true);
        check(400, "<Code>InvalidArgument</Code>", false);
        check(404, "", false);
        check(301, "", false);
    }
}
