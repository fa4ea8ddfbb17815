//! How far this machine's clock is from the service's. Signatures are refused beyond five minutes.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use jiff::Timestamp;
use jiff::fmt::rfc2822;

use super::{Finding, Verdict};

/// From where on signatures are refused, in seconds.
const REFUSED: i64 = 300;

/// From where on it is worth a word, in seconds.
const NOTABLE: i64 = 60;

/// Reads the date of every answer that passes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    /// How many seconds this machine is ahead.
    ahead: Arc<Mutex<Option<i64>>>,
}

impl Clock {
    pub(super) fn finding(&self) -> Finding {
        judge(*self.ahead.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[dyn_dispatch_hint]
impl Intercept for Clock {
    fn name(&self) -> &'static str {
        "Clock"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(theirs) = context.response().headers().get("date").and_then(parsed) {
            let ahead = Timestamp::now().as_second() - theirs.as_second();
            *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) = Some(ahead);
        }
        Ok(())
    }
}

fn parsed(date: &str) -> Option<Timestamp> {
    rfc2822::parse(date).ok().map(|date| date.timestamp())
}

fn judge(ahead: Option<i64>) -> Finding {
    let Some(ahead) = ahead else {
        return Finding::new("clock", Verdict::Unknown, "no answer came to compare it with");
    };
    let (by, direction) = (ahead.abs(), if ahead < 0 { "behind" } else { "ahead of" });
    if by < NOTABLE {
        return Finding::new("clock", Verdict::Good, "agrees with the service's");
    }
    let says = format!("is {by} s {direction} the service's");
    let verdict = if by < REFUSED { Verdict::Warning } else { Verdict::Bad };
    Finding::new("clock", verdict, says)
        .hint(format!("set it: signatures are refused when it is off by {REFUSED} s"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_answers() {
        let date = parsed("Sun, 22 Nov 2026 21:53:10 GMT").unwrap();
        assert_eq!(date.to_string(), "2026-11-22T21:53:10Z");
        assert_eq!(parsed("yesterday"), None);
    }

    #[test]
    fn a_clock_is_judged_by_how_far_it_is_off() {
        for (ahead, verdict) in [
            (None, Verdict::Unknown),
            (Some(0), Verdict::Good),
            (Some(-59), Verdict::Good),
            (Some(60), Verdict::Warning),
            (Some(-299), Verdict::Warning),
            (Some(300), Verdict::Bad),
            (Some(-86_400), Verdict::Bad),
        ] {
            assert_eq!(judge(ahead).verdict, verdict, "{ahead:?}");
        }
        assert_eq!(judge(Some(-400)).says, "is 400 s behind the service's");
    }
}
