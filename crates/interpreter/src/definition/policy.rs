//! What a step says about retries and about the cache.

use std::time::Duration;

use jiff::{Span, Timestamp, tz::TimeZone};

/// When a failed attempt is made again ([retry policies]).
///
/// [retry policies]: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-retry-policy.html
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    /// The exceptions that it is for, such as `Step.SERVICE_FAULT`.
    pub exceptions: Vec<String>,
    /// Seconds before the first retry: 1 where the definition says nothing.
    pub interval: f64,
    /// What the interval is multiplied by at each further retry: 2 where the definition says nothing.
    pub backoff_rate: f64,
    /// When no more retries are made.
    pub limit: RetryLimit,
}

impl RetryPolicy {
    /// How long to wait before a retry; 0 is the first. At most ten days, which is as long as any policy
    /// lasts.
    pub fn delay(&self, retry: u32) -> Duration {
        const MOST: f64 = 864_000.0;
        let grown = self.interval * self.backoff_rate.powi(i32::try_from(retry).unwrap_or(i32::MAX));
        // Nothing that grows without end is no number, and no wait either.
        Duration::try_from_secs_f64(grown.clamp(0.0, MOST)).unwrap_or_default()
    }
}

/// When a step is no longer retried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RetryLimit {
    /// `MaxAttempts`: after so many retries, 1 to 20.
    MaxAttempts(u32),
    /// `ExpireAfterMin`: so many minutes after the step first began, 1 to 14,400.
    ExpireAfter(f64),
}

/// Whether results of earlier executions may be taken ([step caching]).
///
/// [step caching]: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-caching.html
#[derive(Clone, Debug)]
pub struct Cache {
    /// Whether they may.
    pub enabled: bool,
    /// How old they may be. `None`: any age.
    pub expire_after: Option<Span>,
}

impl Cache {
    /// Whether a result of the time `made` may be taken at the time `now`: the cache is enabled, and it is
    /// not too old.
    pub fn allows(&self, made: Timestamp, now: Timestamp) -> bool {
        self.enabled
            && self.expire_after.is_none_or(|age| {
                // An end beyond the calendar never comes.
                let end = made.to_zoned(TimeZone::UTC).checked_add(age);
                end.ok().is_none_or(|end| now <= end.timestamp())
            })
    }
}

impl PartialEq for Cache {
    fn eq(&self, other: &Self) -> bool {
        self.enabled == other.enabled
            && self.expire_after.map(Span::fieldwise) == other.expire_after.map(Span::fieldwise)
    }
}
