//! Whether an attempt that failed is made again, and when.

use jiff::{SignedDuration, Timestamp};

use crate::definition::{RetryLimit, RetryPolicy};

/// The time of the next attempt by the first policy for this exception; `None` where none is for it, or its limit is reached.
///
/// `retries` is how many were made so far and `began` when the first attempt did.
pub(crate) fn next_attempt(
    policies: &[RetryPolicy],
    exception: Option<&str>,
    retries: u32,
    began: Timestamp,
    now: Timestamp,
) -> Option<Timestamp> {
    let exception = exception?;
    let policy = policies.iter().find(|policy| policy.exceptions.iter().any(|one| one == exception))?;
    let exponent = i32::try_from(retries).unwrap_or(i32::MAX);
    let wait = policy.interval * policy.backoff_rate.powi(exponent);
    let at = now.checked_add(SignedDuration::try_from_secs_f64(wait.max(0.0)).ok()?).ok()?;
    let within = match policy.limit {
        RetryLimit::MaxAttempts(most) => retries < most,
        RetryLimit::ExpireAfter(minutes) => {
            let age = SignedDuration::try_from_secs_f64(minutes * 60.0).unwrap_or(SignedDuration::MAX);
            at.duration_since(began) <= age
        }
    };
    within.then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts() {
        let policy = |exception: &str, interval, backoff_rate, limit| RetryPolicy {
            exceptions: vec![exception.to_owned()],
            interval,
            backoff_rate,
            limit,
        };
        let policies = [
            policy("Step.THROTTLING", 2.0, 2.0, RetryLimit::MaxAttempts(3)),
            policy("SageMaker.CAPACITY_ERROR", 60.0, 1.0, RetryLimit::ExpireAfter(10.0)),
            policy("Step.THROTTLING", 5.0, 1.0, RetryLimit::MaxAttempts(20)),
            policy("Absurd", 1e300, 1e300, RetryLimit::MaxAttempts(20)),
        ];
        let began = Timestamp::UNIX_EPOCH;
        let check = |exception: Option<&str>, retries, after: i64, expected: Option<i64>| {
            let now = began + SignedDuration::from_secs(after);
            let at = next_attempt(&policies, exception, retries, began, now);
            assert_eq!(at.map(|at| at.as_second() - after), expected, "{exception:?} {retries} {after}");
        };
        check(Some("Step.THROTTLING"), 0, 0, Some(2));
        check(Some("Step.THROTTLING"), 1, 9, Some(4));
        check(Some("Step.THROTTLING"), 2, 9, Some(8));
        // The first policy for an exception decides, and it has had its attempts.
        check(Some("Step.THROTTLING"), 3, 9, None);
        check(Some("SageMaker.CAPACITY_ERROR"), 7, 540, Some(60));
        check(Some("SageMaker.CAPACITY_ERROR"), 8, 541, None);
        check(Some("Step.SERVICE_FAULT"), 0, 0, None);
        check(Some("Absurd"), 3, 0, None);
        check(None, 0, 0, None);
    }
}
