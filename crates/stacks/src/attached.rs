//! What stands around a pipeline, as data: what starts it, and who hears of its end.

use std::collections::BTreeMap;

use serde_json::Value as Json;

/// What a stack makes for a pipeline beside the pipeline and its role.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attached {
    /// Starts by the clock.
    pub schedules: Vec<Schedule>,
    /// Starts by events.
    pub events: Vec<Event>,
    /// Whether starts that failed for good are kept in a queue.
    pub dead_letters: bool,
    /// Who hears of this pipeline's executions.
    pub notify: Notify,
    /// An alarm on failed executions.
    pub alarm: Option<Alarm>,
}

impl Attached {
    /// Nothing.
    pub const NONE: &'static Self = &Self {
        schedules: Vec::new(),
        events: Vec::new(),
        dead_letters: false,
        notify: Notify::Shared,
        alarm: None,
    };
}

/// Starts a pipeline by the clock: an [`AWS::Scheduler::Schedule`].
///
/// [`AWS::Scheduler::Schedule`]: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-scheduler-schedule.html
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// Its name among the pipeline's schedules: up to 32 lower-case letters, digits and single hyphens, a letter first.
    pub name: String,
    /// `rate(1 day)`, `cron(0 3 * * ? *)` or `at(2030-01-31T03:00:00)`.
    pub expression: String,
    /// The time zone of the expression, such as `Europe/Berlin`; UTC where none is given.
    pub timezone: Option<String>,
    /// Whether it starts anything.
    pub enabled: bool,
    /// The first moment, in UTC: `2030-01-31T03:00:00Z`.
    pub start: Option<String>,
    /// The last moment, in UTC.
    pub end: Option<String>,
    /// For how many minutes after its time it may start, 1 to 1440; at its time where none is given.
    pub flexible_window_minutes: Option<u16>,
    /// Values of the pipeline's parameters: texts, numbers, `true` or `false`.
    pub parameters: BTreeMap<String, Json>,
}

/// Starts a pipeline when something happened: an [`AWS::Events::Rule`].
///
/// [`AWS::Events::Rule`]: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-events-rule.html
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its name among the pipeline's events: as that of a [`Schedule`].
    pub name: String,
    /// What happened.
    pub source: EventSource,
    /// Whether it starts anything.
    pub enabled: bool,
    /// Values of the pipeline's parameters: as in a [`Schedule`], or paths into the event, `$.detail.object.key`.
    pub parameters: BTreeMap<String, Json>,
}

/// What an [`Event`] waits for.
#[derive(Clone, Debug, PartialEq)]
pub enum EventSource {
    /// An object was written.
    Object {
        /// The bucket; the environment's data bucket where none is given. Another one must send its events to `EventBridge`.
        bucket: Option<String>,
        /// What its key begins with.
        prefix: Option<String>,
        /// What its key ends with.
        suffix: Option<String>,
    },
    /// Whatever this event pattern matches.
    Pattern(Json),
}

/// Who hears of a pipeline's executions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Notify {
    /// Those who hear of all pipelines.
    #[default]
    Shared,
    /// These instead: mail addresses and ARNs of SNS topics; may be nobody.
    Own(Vec<String>),
}

/// An alarm that goes off when executions fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Over how many minutes failures are counted, 1 to 1440.
    pub period_minutes: u16,
    /// How many failures in that time set it off.
    pub threshold: u32,
}

impl Default for Alarm {
    /// One failure in five minutes.
    fn default() -> Self {
        Self { period_minutes: 5, threshold: 1 }
    }
}

/// Who hears of what becomes of executions, for all pipelines that say nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notifications {
    /// Mail addresses and ARNs of SNS topics.
    pub to: Vec<String>,
    /// What they hear of.
    pub on: Vec<Outcome>,
}

impl Default for Notifications {
    /// Nobody, and for those that a pipeline names: failures.
    fn default() -> Self {
        Self { to: Vec::new(), on: vec![Outcome::Failed] }
    }
}

/// How an execution ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// A step failed.
    Failed,
    /// Somebody stopped it.
    Stopped,
    /// All is done.
    Succeeded,
}

impl Outcome {
    /// As an event says it in `currentPipelineExecutionStatus`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "Failed",
            Self::Stopped => "Stopped",
            Self::Succeeded => "Succeeded",
        }
    }
}
