//! Step caching and retry policies.

use std::borrow::Cow;

use crate::node::{Node, Object};

/// Whether SageMaker may take a step's results from an earlier execution ([step caching]).
///
/// [step caching]: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-caching.html
#[derive(Clone, Debug, PartialEq)]
pub struct Cache {
    enabled: bool,
    expire_after: Option<Cow<'static, str>>,
}

impl Cache {
    /// Results are taken however old they are.
    pub const fn enabled() -> Self {
        Self { enabled: true, expire_after: None }
    }

    /// Results are never taken.
    pub const fn disabled() -> Self {
        Self { enabled: false, expire_after: None }
    }

    /// Results up to so many days old are taken.
    pub fn days(days: u32) -> Self {
        Self::expire_after(format!("P{days}D"))
    }

    /// Results up to so many hours old are taken.
    pub fn hours(hours: u32) -> Self {
        Self::expire_after(format!("PT{hours}H"))
    }

    /// Results up to this age are taken: an ISO 8601 duration such as `P30DT12H`, or SageMaker's
    /// short form such as `30d` or `12h`. The graph's check refuses anything else.
    pub fn expire_after(duration: impl Into<Cow<'static, str>>) -> Self {
        Self { enabled: true, expire_after: Some(duration.into()) }
    }

    pub(crate) fn node(&self) -> Node {
        let mut object = Object::new();
        object.set("Enabled", self.enabled);
        if let Some(duration) = &self.expire_after {
            object.set("ExpireAfter", duration_node(duration.clone()));
        }
        object.into()
    }
}

fn duration_node(duration: Cow<'static, str>) -> Node {
    if is_duration(&duration) {
        return Node::Str(duration);
    }
    Node::Invalid(Box::new(crate::node::Invalid {
        value: duration.into_owned(),
        limit: "an ISO 8601 duration such as P30DT12H, or a short one such as 30d".to_owned(),
        help: Some("write `Cache::days(30)`".to_owned()),
    }))
}

/// `P…` with at least one number and unit, in order; or one number with a unit.
fn is_duration(text: &str) -> bool {
    let Some(iso) = text.strip_prefix('P') else {
        return numbers(text, "ymwdhs").is_some_and(|units| units.len() == 1);
    };
    let (date, time) = iso.split_once('T').map_or((iso, None), |(d, t)| (d, Some(t)));
    let date = if date.is_empty() { Some(String::new()) } else { numbers(date, "YMWD") };
    let time = time.map(|t| numbers(t, "HMS"));
    match (date, time) {
        (Some(date), None) => !date.is_empty(),
        (Some(_), Some(Some(_))) => true,
        _ => false,
    }
}

/// The units of a run of `NUMBER UNIT` in the order of `units`, none twice; `None` for anything else.
fn numbers(mut text: &str, units: &str) -> Option<String> {
    let mut found = String::new();
    let mut next = 0;
    while !text.is_empty() {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let unit = text[digits..].chars().next().filter(|_| digits > 0)?;
        next += units[next..].find(unit)? + 1;
        found.push(unit);
        text = &text[digits + unit.len_utf8()..];
    }
    (!found.is_empty()).then_some(found)
}

/// Failures of any step that can be tried again ([retry policy]).
///
/// [retry policy]: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-retry-policy.html
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepException {
    /// The service that the step calls failed.
    ServiceFault,
    /// The service that the step calls throttled it.
    Throttling,
}

/// Failures of a step that runs a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobException {
    /// One of those that any step can have.
    Step(StepException),
    /// SageMaker failed inside of the job.
    InternalError,
    /// SageMaker had no instance of that type.
    CapacityError,
    /// The account's quota of instances was used up.
    ResourceLimit,
}

impl From<StepException> for JobException {
    fn from(exception: StepException) -> Self {
        Self::Step(exception)
    }
}

impl StepException {
    const fn wire(self) -> &'static str {
        match self {
            Self::ServiceFault => "Step.SERVICE_FAULT",
            Self::Throttling => "Step.THROTTLING",
        }
    }
}

impl JobException {
    const fn wire(self) -> &'static str {
        match self {
            Self::Step(step) => step.wire(),
            Self::InternalError => "SageMaker.JOB_INTERNAL_ERROR",
            Self::CapacityError => "SageMaker.CAPACITY_ERROR",
            Self::ResourceLimit => "SageMaker.RESOURCE_LIMIT",
        }
    }
}

/// When and how often a failed step is tried again.
///
/// SageMaker wants a number of attempts or a time limit, not both: hence two constructors.
///
/// ```
/// use pipewright_model::{JobException, Retry, StepException};
/// let throttled = Retry::attempts(5).on(StepException::Throttling).interval_seconds(2);
/// let capacity = Retry::for_minutes(120).on(JobException::CapacityError);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    bound: (&'static str, u32, u32),
    exceptions: Vec<JobException>,
    interval_seconds: u32,
    backoff_rate: f64,
}

impl Retry {
    /// Tries at most so many times: 1 to 20.
    pub const fn attempts(attempts: u32) -> Self {
        Self::bounded(("MaxAttempts", attempts, 20))
    }

    /// Tries for at most so many minutes: 1 to 14,400 (ten days).
    pub const fn for_minutes(minutes: u32) -> Self {
        Self::bounded(("ExpireAfterMin", minutes, 14_400))
    }

    const fn bounded(bound: (&'static str, u32, u32)) -> Self {
        Self { bound, exceptions: Vec::new(), interval_seconds: 1, backoff_rate: 2.0 }
    }

    /// Adds a failure that is tried again: a [`StepException`] or a [`JobException`].
    pub fn on(mut self, exception: impl Into<JobException>) -> Self {
        self.exceptions.push(exception.into());
        self
    }

    /// Seconds before the first retry; 1 unless said.
    pub const fn interval_seconds(mut self, seconds: u32) -> Self {
        self.interval_seconds = seconds;
        self
    }

    /// What each wait is multiplied by for the next; 2.0 unless said.
    pub const fn backoff_rate(mut self, rate: f64) -> Self {
        self.backoff_rate = rate;
        self
    }

    /// The failures that only steps with a job have.
    pub(crate) fn job_exceptions(&self) -> impl Iterator<Item = &'static str> {
        self.exceptions.iter().filter(|e| !matches!(e, JobException::Step(_))).map(|e| e.wire())
    }

    pub(crate) fn node(&self) -> Node {
        let (bound, value, most) = self.bound;
        let mut object = Object::new();
        object.set("BackoffRate", Node::Float(self.backoff_rate));
        object.set("IntervalSeconds", i64::from(self.interval_seconds));
        object.set(
            bound,
            if (1..=most).contains(&value) { Node::Int(value.into()) } else { out_of_range(value, most) },
        );
        let exceptions: Vec<Node> = self.exceptions.iter().map(|e| Node::text(e.wire())).collect();
        object.set("ExceptionType", if exceptions.is_empty() { no_exception() } else { exceptions.into() });
        object.into()
    }
}

fn out_of_range(value: u32, most: u32) -> Node {
    let limit = format!("1 to {most}");
    Node::Invalid(Box::new(crate::node::Invalid { value: value.to_string(), limit, help: None }))
}

fn no_exception() -> Node {
    Node::Invalid(Box::new(crate::node::Invalid {
        value: "[]".to_owned(),
        limit: "at least one failure".to_owned(),
        help: Some("say on what to retry: `.on(StepException::Throttling)`".to_owned()),
    }))
}

#[cfg(test)]
mod tests {
    use super::is_duration;

    #[test]
    fn durations() {
        for good in ["P30D", "P30DT12H", "PT5M", "P1Y2M3W4DT5H6M7S", "30d", "12h", "P1D"] {
            assert!(is_duration(good), "{good}");
        }
        for bad in
            ["", "P", "PT", "30", "d", "P30", "P30H", "PT1D", "P1D2Y", "30 d", "1d2h", "P1DT", "Pü", "-1d"]
        {
            assert!(!is_duration(bad), "{bad}");
        }
    }
}
