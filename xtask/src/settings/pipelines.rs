//! The tables of `pipewright.toml` that say something of single pipelines, and of who hears of them.

use std::collections::BTreeMap;

use pipewright_macros::Config;
use pipewright_model::{Permission, Problem};
use pipewright_stacks::{
    Added, Alarm, Attached, Event, EventSource, Notifications, Notify, Outcome, Schedule,
};

use super::values::{Free, Moment, Scalar, Switch, Texts};

/// The stack of pipelines that say nothing else.
const STACK: &str = "pipelines";

/// The stack below them.
const INFRASTRUCTURE: &str = "infrastructure";

/// What is said of one pipeline.
#[derive(Clone, Debug)]
pub(crate) struct PipelineSettings {
    /// The stack it is in, without the prefix.
    pub(crate) stack: String,
    /// What its role is allowed by hand.
    pub(crate) added: Vec<Added>,
    /// Instead of what its program says.
    pub(crate) parallelism: Option<u32>,
    /// Instead of what its program says.
    pub(crate) display_name: Option<String>,
    /// Over those that its program says.
    pub(crate) tags: BTreeMap<String, String>,
    /// What starts it, and who hears of its end.
    pub(crate) attached: Attached,
    /// Whether the groups it registers models in are made.
    pub(crate) makes_groups: bool,
    /// Those that are made elsewhere.
    pub(crate) external_groups: Vec<String>,
}

impl PipelineSettings {
    /// Whether it is started by what is written to this bucket, which is the data bucket.
    pub(super) fn waits_for(&self, data_bucket: &str) -> bool {
        self.attached.events.iter().any(|event| match &event.source {
            EventSource::Object { bucket, .. } => bucket.as_deref().is_none_or(|name| name == data_bucket),
            EventSource::Pattern(_) => false,
        })
    }
}

impl Default for PipelineSettings {
    fn default() -> Self {
        Self {
            stack: STACK.to_owned(),
            added: Vec::new(),
            parallelism: None,
            display_name: None,
            tags: BTreeMap::new(),
            attached: Attached::default(),
            makes_groups: true,
            external_groups: Vec::new(),
        }
    }
}

/// One pipeline.
#[derive(Config)]
#[config(crate = "pipewright_config")]
pub(super) struct PipelineTable {
    /// The stack it lives in, PREFIX- before it; `pipelines` unless said otherwise. Several may share one.
    // With a prefix of 24 characters this is far from the 128 that a stack's name may have.
    #[config(default = "pipelines", max_length = 64, pattern = "^[a-z]([a-z0-9-]*[a-z0-9])?$")]
    stack: String,
    /// What its role is allowed beside what its graph needs.
    #[config(default)]
    permissions: Vec<PermissionTable>,
    /// How many steps may run at once, instead of what the code says.
    #[config(ge = 1)]
    parallelism: Option<u32>,
    /// The name that Studio shows, instead of what the code says.
    #[config(min_length = 1, max_length = 256)]
    display_name: Option<String>,
    /// Tags of the pipeline and of all that is made for it.
    #[config(default, max_length = 50)]
    tags: BTreeMap<String, String>,
    /// When it starts.
    #[config(default)]
    schedules: Vec<ScheduleTable>,
    /// What it starts on.
    #[config(default)]
    events: Vec<EventTable>,
    /// Whether starts that failed for good are kept in a queue.
    #[config(default = false)]
    dead_letters: bool,
    /// Who hears of its executions, instead of those under `notifications`: mail addresses and ARNs of SNS topics.
    notify: Option<Vec<String>>,
    /// An alarm on failed executions.
    alarm: Switch<AlarmTable>,
    /// Whether the model package groups are made that its steps name.
    #[config(default = true)]
    model_package_groups: bool,
    /// Model package groups that are made elsewhere.
    #[config(default)]
    external_model_package_groups: Vec<String>,
}

/// A statement of a pipeline's role.
#[derive(Config)]
#[config(crate = "pipewright_config")]
struct PermissionTable {
    /// Its name in the policy.
    #[config(max_length = 64)]
    sid: Option<String>,
    /// The actions, such as `s3:GetObject`.
    actions: Vec<String>,
    /// The ARNs. `${AWS::AccountId}`, `${AWS::Region}` and `${AWS::Partition}` are filled in.
    resources: Vec<String>,
    /// Operator, key and values.
    #[config(default)]
    conditions: BTreeMap<String, BTreeMap<String, Texts>>,
    /// Why it is so broad, where `*` stands for the resource.
    reason: Option<String>,
}

/// A start by the clock.
#[derive(Config)]
#[config(crate = "pipewright_config")]
struct ScheduleTable {
    /// Its name among the pipeline's schedules.
    name: String,
    /// `rate(1 day)`, `cron(0 3 * * ? *)` or `at(2030-01-31T03:00:00)`.
    expression: String,
    /// The time zone, such as `Europe/Berlin`; UTC unless said otherwise.
    timezone: Option<String>,
    /// Whether it starts anything.
    #[config(default = true)]
    enabled: bool,
    /// The first moment, in UTC.
    start: Option<Moment>,
    /// The last moment, in UTC.
    end: Option<Moment>,
    /// For how many minutes after its time it may start.
    flexible_window_minutes: Option<u16>,
    /// Values of the pipeline's parameters.
    #[config(default)]
    parameters: BTreeMap<String, Scalar>,
}

/// A start by an event.
#[derive(Config)]
#[config(crate = "pipewright_config")]
struct EventTable {
    /// Its name among the pipeline's events.
    name: String,
    /// The bucket whose new objects it waits for; the data bucket unless said otherwise.
    #[config(pattern = "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    bucket: Option<String>,
    /// What an object's key begins with.
    prefix: Option<String>,
    /// What an object's key ends with.
    suffix: Option<String>,
    /// Any other event: a pattern as `EventBridge` has it.
    pattern: Option<Free>,
    /// Whether it starts anything.
    #[config(default = true)]
    enabled: bool,
    /// Values of the pipeline's parameters; `$.detail.object.key` is taken from the event.
    #[config(default)]
    parameters: BTreeMap<String, Scalar>,
}

/// An alarm on failed executions.
#[derive(Config)]
#[config(crate = "pipewright_config")]
struct AlarmTable {
    /// Over how many minutes failures are counted.
    #[config(default = 5, ge = 1, le = 1440)]
    period_minutes: u16,
    /// How many failures in that time set it off.
    #[config(default = 1, ge = 1)]
    threshold: u32,
}

/// Who hears of what becomes of executions.
#[derive(Config)]
#[config(crate = "pipewright_config")]
pub(super) struct NotificationsTable {
    /// Mail addresses and ARNs of SNS topics.
    #[config(default)]
    to: Vec<String>,
    /// What they hear of; failures unless said otherwise.
    on: Option<Vec<End>>,
}

/// How an execution ends.
#[derive(Clone, Copy, Config)]
#[config(crate = "pipewright_config")]
enum End {
    Failed,
    Stopped,
    Succeeded,
}

impl NotificationsTable {
    /// The settings.
    ///
    /// # Errors
    /// An empty list of what they hear of.
    pub(super) fn settings(self) -> Result<Notifications, Vec<Problem>> {
        let Self { to, on } = self;
        if on.as_ref().is_some_and(Vec::is_empty) {
            let message = "`notifications.on` is empty: nobody would hear of anything";
            let problem = Problem::error("settings/notifications", "notifications.on", message);
            return Err(vec![problem.help("leave it out for failures, or empty notifications.to")]);
        }
        let on = on.map_or_else(
            || Notifications::default().on,
            |on| {
                on.into_iter()
                    .map(|end| match end {
                        End::Failed => Outcome::Failed,
                        End::Stopped => Outcome::Stopped,
                        End::Succeeded => Outcome::Succeeded,
                    })
                    .collect()
            },
        );
        Ok(Notifications { to, on })
    }
}

/// The settings of all pipelines that the file names.
///
/// # Errors
/// What does not go together.
pub(super) fn settings(
    tables: BTreeMap<String, PipelineTable>,
) -> Result<BTreeMap<String, PipelineSettings>, Vec<Problem>> {
    let mut problems = Vec::new();
    let settings = tables
        .into_iter()
        .map(|(name, table)| {
            let settings = table.settings(&name, &mut problems);
            (name, settings)
        })
        .collect();
    if problems.is_empty() { Ok(settings) } else { Err(problems) }
}

impl PipelineTable {
    fn settings(self, name: &str, problems: &mut Vec<Problem>) -> PipelineSettings {
        let Self {
            stack,
            permissions,
            parallelism,
            display_name,
            tags,
            schedules,
            events,
            dead_letters,
            notify,
            alarm,
            model_package_groups: makes_groups,
            external_model_package_groups: external_groups,
        } = self;
        if stack == INFRASTRUCTURE {
            let message = format!("pipeline {name:?} can't be in the stack {stack:?}: it stands on that");
            let path = format!("pipelines.{name}.stack");
            problems.push(Problem::error("settings/stack", path, message).help("take another name"));
        }
        if dead_letters && schedules.is_empty() && events.is_empty() {
            let message =
                format!("pipeline {name:?} has dead_letters, and nothing that could fail to start it");
            let path = format!("pipelines.{name}.dead_letters");
            problems.push(
                Problem::error("settings/starts", path, message)
                    .help("add schedules or events, or leave it out"),
            );
        }
        let events = events
            .into_iter()
            .enumerate()
            .map(|(index, event)| event.settings(&format!("pipelines.{name}.events[{index}]"), problems))
            .collect();
        let attached = Attached {
            schedules: schedules.into_iter().map(ScheduleTable::settings).collect(),
            events,
            dead_letters,
            notify: notify.map_or(Notify::Shared, Notify::Own),
            alarm: alarm
                .0
                .map(|AlarmTable { period_minutes, threshold }| Alarm { period_minutes, threshold }),
        };
        let added = permissions.into_iter().enumerate().map(|(index, table)| table.settings(index)).collect();
        PipelineSettings {
            stack,
            added,
            parallelism,
            display_name,
            tags,
            attached,
            makes_groups,
            external_groups,
        }
    }
}

impl PermissionTable {
    fn settings(self, index: usize) -> Added {
        let Self { sid, actions, resources, conditions, reason } = self;
        let conditions = conditions
            .into_iter()
            .map(|(operator, keys)| {
                (operator, keys.into_iter().map(|(key, values)| (key, values.0)).collect())
            })
            .collect();
        let sid = sid.unwrap_or_else(|| Added::name(index));
        Added { permission: Permission { sid, actions, resources, conditions, steps: Vec::new() }, reason }
    }
}

impl ScheduleTable {
    fn settings(self) -> Schedule {
        let Self { name, expression, timezone, enabled, start, end, flexible_window_minutes, parameters } =
            self;
        Schedule {
            name,
            expression,
            timezone,
            enabled,
            start: start.map(|moment| moment.0),
            end: end.map(|moment| moment.0),
            flexible_window_minutes,
            parameters: parameters.into_iter().map(|(name, value)| (name, value.0)).collect(),
        }
    }
}

impl EventTable {
    fn settings(self, path: &str, problems: &mut Vec<Problem>) -> Event {
        let Self { name, bucket, prefix, suffix, pattern, enabled, parameters } = self;
        if pattern.is_some() {
            for (key, value) in [("bucket", &bucket), ("prefix", &prefix), ("suffix", &suffix)] {
                if value.is_some() {
                    let message = format!("`{key}` means nothing beside `pattern`");
                    problems.push(
                        Problem::error("settings/events", format!("{path}.{key}"), message)
                            .help("say it in the pattern, or leave the pattern out"),
                    );
                }
            }
        }
        let source = match pattern {
            Some(pattern) => EventSource::Pattern(pattern.0),
            None => EventSource::Object { bucket, prefix, suffix },
        };
        let parameters = parameters.into_iter().map(|(name, value)| (name, value.0)).collect();
        Event { name, source, enabled, parameters }
    }
}
