//! [`Whole`]: an answer that was cut off on its way is an error, and not half of the truth.
//!
//! The SDK reads XML as far as it goes: an answer that ends in the middle, behind a proxy that breaks off, gives `UPDATE` as
//! the status of a stack, no account to whoever asks whose credentials these are, and lists that end early. All of the answers
//! of CloudFormation, STS and S3 are one element of XML; what S3 streams is not looked at here.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, InterceptorContext,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Refuses answers that were cut off; as a classifier it has their requests sent again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whole;

#[dyn_dispatch_hint]
impl Intercept for Whole {
    fn name(&self) -> &'static str {
        "Whole"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if is_cut(context.response()) { Err("the answer was cut off on its way".into()) } else { Ok(()) }
    }
}

impl ClassifyRetry for Whole {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        if context.response().is_some_and(is_cut) {
            RetryAction::transient_error()
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "Whole"
    }
}

fn is_cut(response: &HttpResponse) -> bool {
    response.body().bytes().is_some_and(|body| !is_whole(body))
}

/// Whether XML ends with the element that it begins with; what is no XML is not judged.
fn is_whole(body: &[u8]) -> bool {
    let mut rest = body.trim_ascii();
    // The declaration, comments and the like come first.
    while rest.starts_with(b"<?") || rest.starts_with(b"<!") {
        let Some(end) = rest.iter().position(|byte| *byte == b'>') else { return false };
        rest = rest[end + 1..].trim_ascii_start();
    }
    let Some(inner) = rest.strip_prefix(b"<") else {
        // A declaration alone is the beginning of something.
        return rest.len() == body.trim_ascii().len();
    };
    let length = inner.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
    let name = length.map_or(inner, |length| &inner[..length]);
    if name.eq_ignore_ascii_case(b"html") {
        // Of a proxy; nobody reads it, and its end may be missing.
        return true;
    }
    let is_one_tag = rest.iter().position(|byte| *byte == b'>') == Some(rest.len() - 1);
    if is_one_tag {
        return rest.ends_with(b"/>");
    }
    let end = rest.strip_suffix(b">").map(<[u8]>::trim_ascii_end);
    end.and_then(|end| end.strip_suffix(name)).is_some_and(|end| end.ends_with(b"</"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_end_with_what_they_begin_with() {
        for whole in [
            "",
            "  ",
            "not found",
            "{\"a\": 1",
            "<DescribeStacksResponse xmlns=\"http://x/y\"></DescribeStacksResponse>\n",
            "<?xml version=\"1.0\"?><!-- a --><ErrorResponse><Error/></ErrorResponse>",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult><Name>b</Name></ListBucketResult >",
            "<Empty/>",
            "<Empty xmlns=\"x\" />",
            "<!DOCTYPE html><html><p>busy",
        ] {
            assert!(is_whole(whole.as_bytes()), "{whole}");
        }
    }

    #[test]
    fn answers_that_end_anywhere_else_are_cut() {
        let whole = "<?xml version=\"1.0\"?>\n<R xmlns=\"x/y\"><A><R>1</R></A><B/></R>";
        for length in 1..whole.len() {
            // One inner element has the outer one's name: only how deep it is would tell, and no service does that.
            let is_inner = whole[..length].ends_with("</R>");
            assert!(is_inner || !is_whole(&whole.as_bytes()[..length]), "{}", &whole[..length]);
        }
        assert!(is_whole(whole.as_bytes()));
    }
}
