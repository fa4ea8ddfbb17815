//! Environment variables that every container of SageMaker gets.

use std::collections::BTreeMap;

use pipewright_interpreter::Job;

/// The region under both of its names; and Python's output is not held back, so that a log's lines can be watched. What the
/// job's own `Environment` says wins.
///
/// ```
/// # use pipewright_local::jobs::environment::with;
/// let own = [("MODE".to_owned(), "fast".to_owned())].into();
/// let all = with("eu-west-1", own);
/// assert_eq!(all["AWS_DEFAULT_REGION"], "eu-west-1");
/// assert_eq!(all["MODE"], "fast");
/// ```
pub fn with(region: &str, own: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut all = BTreeMap::from(
        [("AWS_REGION", region), ("AWS_DEFAULT_REGION", region), ("PYTHONUNBUFFERED", "1")]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    all.extend(own);
    all.retain(|name, value| can_be(name, value));
    all
}

/// The environment of a job's container: [`with`] its region and its own variables.
pub fn of_every_container(job: &Job, own: BTreeMap<String, String>) -> BTreeMap<String, String> {
    with(&job.start.region, own)
}

/// Whether the system can hand on such a variable at all.
pub(crate) fn can_be(name: &str, value: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0']) && !value.contains('\0')
}
