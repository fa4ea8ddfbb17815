//! Looking at a stack: its state, its template.

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{Stack, TemplateStage};
use aws_smithy_types::DateTime;
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::stack::StackState;

/// The stack of this name or id as it is now; `None` when there is none. One request.
///
/// [DescribeStacks](https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html)
///
/// # Errors
/// What the service says, but for "does not exist".
pub async fn observe(client: &Client, name: &str) -> Result<Option<StackState>> {
    let answer = client.describe_stacks().stack_name(name).send().await;
    match answer {
        Ok(answer) => Ok(answer.stacks().first().map(state)),
        Err(error) => {
            let what = format!("look at stack {} (cloudformation:DescribeStacks)", short(name));
            let error = Error::from_sdk(&what, error);
            if is_absent(&error) { Ok(None) } else { Err(error) }
        }
    }
}

/// The template that the stack was last given, as it was given. One request.
///
/// [GetTemplate](https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html)
///
/// # Errors
/// What the service says.
pub async fn template(client: &Client, name: &str) -> Result<String> {
    let answer = client.get_template().stack_name(name).template_stage(TemplateStage::Original).send().await;
    let what = format!("read the template of stack {} (cloudformation:GetTemplate)", short(name));
    Ok(answer.map_err(|error| Error::from_sdk(&what, error))?.template_body.unwrap_or_default())
}

/// The name in a stack's id; a name stays as it is.
pub(crate) fn short(id: &str) -> &str {
    if id.starts_with("arn:") { id.split('/').nth(1).unwrap_or(id) } else { id }
}

/// Whether the service says that there is no such stack.
pub(crate) fn is_absent(error: &Error) -> bool {
    error.code() == Some("ValidationError") && error.message.contains("does not exist")
}

pub(crate) fn timestamp(time: Option<&DateTime>) -> Option<Timestamp> {
    let time = time?;
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).unwrap_or(0)).ok()
}

fn state(stack: &Stack) -> StackState {
    let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    // The last of them tells one operation from the next: an update, or a second attempt to delete.
    let times = [stack.creation_time(), stack.last_updated_time(), stack.deletion_time()];
    StackState {
        name: stack.stack_name().unwrap_or_default().to_owned(),
        id: stack.stack_id().unwrap_or_default().to_owned(),
        status: stack.stack_status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        reason: text(stack.stack_status_reason()),
        since: times.into_iter().filter_map(timestamp).max(),
        tags: (stack.tags().iter())
            .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())))
            .filter(|(key, _)| !key.starts_with("aws:"))
            .collect(),
        outputs: (stack.outputs().iter())
            .filter_map(|output| {
                Some((output.output_key()?.to_owned(), output.output_value().unwrap_or_default().to_owned()))
            })
            .collect(),
        termination_protection: stack.enable_termination_protection().unwrap_or(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn absent_is_only_what_does_not_exist() {
        let service = |code: &str, message: &str| {
            Error::new(Kind::Service { code: Some(code.to_owned()) }, message.to_owned())
        };
        assert!(is_absent(&service("ValidationError", "can't look: Stack with id x does not exist")));
        assert!(!is_absent(&service("ValidationError", "can't look: stackName is too long")));
        assert!(!is_absent(&service("ChangeSetNotFound", "ChangeSet [x] does not exist")));
        assert!(!is_absent(&Error::new(Kind::Fault, "does not exist")));
    }

    #[test]
    fn a_name_is_read_from_an_id() {
        assert_eq!(
            short("arn:aws:cloudformation:eu-west-1:123456789012:stack/dev-pipelines/7c1"),
            "dev-pipelines"
        );
        assert_eq!(short("dev-pipelines"), "dev-pipelines");
        assert_eq!(short("arn:x"), "arn:x");
    }
}
