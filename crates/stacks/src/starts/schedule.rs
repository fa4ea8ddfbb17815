//! A start by the clock.

use pipewright_cloudformation::intrinsic::sub;
use pipewright_cloudformation::scheduler::schedule::{
    DeadLetterConfig, FlexibleTimeWindow, FlexibleTimeWindowMode, SageMakerPipelineParameter,
    SageMakerPipelineParameters, ScheduleState, Target,
};
use pipewright_cloudformation::{Handle, Resource as _, Value, iam, scheduler, sqs};
use pipewright_model::Problem;
use serde_json::json;

use super::{Start, arguments, expression};
use crate::attached::Schedule;
use crate::logical_id::logical_id;
use crate::pipelines::PipelineInput;

/// The longest flexible window, in minutes.
const WINDOW_LIMIT: u16 = 1440;

pub(super) fn resource(
    start: &Start<'_>,
    schedule: &Schedule,
    role: &Handle<iam::Role>,
    queue: Option<&Handle<sqs::Queue>>,
) -> scheduler::Schedule {
    let Schedule {
        name,
        expression,
        timezone,
        enabled,
        start: first,
        end: last,
        flexible_window_minutes,
        parameters,
    } = schedule;
    let window = match flexible_window_minutes {
        Some(minutes) => FlexibleTimeWindow::new(FlexibleTimeWindowMode::FLEXIBLE)
            .maximum_window_in_minutes(Value::raw(json!(minutes))),
        None => FlexibleTimeWindow::new(FlexibleTimeWindowMode::OFF),
    };
    let mut target = Target::new(sub(start.arn()), role.arn());
    if !parameters.is_empty() {
        let parameters = parameters
            .iter()
            .map(|(name, value)| SageMakerPipelineParameter::new(name.as_str(), arguments::text(value)));
        target = target.sage_maker_pipeline_parameters(
            SageMakerPipelineParameters::new().pipeline_parameter_list(parameters.collect::<Vec<_>>()),
        );
    }
    if let Some(queue) = queue {
        target = target.dead_letter_config(DeadLetterConfig::new().arn(queue.arn()));
    }
    let state = if *enabled { ScheduleState::ENABLED } else { ScheduleState::DISABLED };
    let mut resource = scheduler::Schedule::new(window, expression.as_str(), target)
        .description(format!("Starts pipeline {}: {name}", start.input.name))
        .state(state)
        .depends_on(logical_id(start.input.name));
    if let Some(timezone) = timezone {
        resource = resource.schedule_expression_timezone(timezone.as_str());
    }
    if let Some(first) = first {
        resource = resource.start_date(first.as_str());
    }
    if let Some(last) = last {
        resource = resource.end_date(last.as_str());
    }
    resource
}

pub(super) fn problems(
    input: &PipelineInput<'_>,
    path: &str,
    schedule: &Schedule,
    problems: &mut Vec<Problem>,
) {
    if let Err(why) = expression::check(&schedule.expression) {
        let message = format!("{:?} is no time to start at: {why}", schedule.expression);
        problems.push(
            Problem::error("starts/expression", format!("{path}.expression"), message)
                .value(&schedule.expression)
                .limit("rate(1 day), cron(0 3 * * ? *) or at(2030-01-31T03:00:00)"),
        );
    }
    if let Some(timezone) = &schedule.timezone
        && !expression::is_timezone(timezone)
    {
        let message = format!("{timezone:?} is no time zone");
        problems.push(
            Problem::error("starts/timezone", format!("{path}.timezone"), message)
                .value(timezone)
                .limit("a name of the IANA database, such as Europe/Berlin or UTC"),
        );
    }
    for (key, moment) in [("start", &schedule.start), ("end", &schedule.end)] {
        let Some(moment) = moment else { continue };
        if !moment.strip_suffix('Z').is_some_and(expression::is_moment) {
            let message = format!("{moment:?} is no moment in UTC");
            problems.push(
                Problem::error("starts/moment", format!("{path}.{key}"), message)
                    .value(moment)
                    .limit("2030-01-31T03:00:00Z"),
            );
        }
    }
    // Both are written in one way, so their order is that of the texts.
    if let (Some(first), Some(last)) = (&schedule.start, &schedule.end)
        && first >= last
    {
        problems.push(
            Problem::error("starts/moment", format!("{path}.end"), "the schedule ends before it begins")
                .value(last)
                .limit(format!("after {first}")),
        );
    }
    if let Some(minutes) = schedule.flexible_window_minutes
        && !(1..=WINDOW_LIMIT).contains(&minutes)
    {
        let path = format!("{path}.flexible_window_minutes");
        problems.push(
            Problem::error("starts/window", path, "the flexible window has a length that there is not")
                .value(minutes.to_string())
                .limit(format!("1 to {WINDOW_LIMIT} minutes")),
        );
    }
    arguments::problems(input, path, &schedule.parameters, false, problems);
}
