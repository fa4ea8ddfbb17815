//! What begins now, and what comes of a step that ended.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::cache::{cache_key, not_older_than};
use super::loops::{LoopResult, MOST_AT_ONCE, MOST_ITEMS};
use super::name::{job_arn, job_name};
use super::node::{End, NodeId, State};
use super::view::View;
use super::{Action, Execution, Hit, Status, Surroundings, result, retry};
use crate::definition::Step;
use crate::evaluate::{self, EvaluationError};
use crate::{Failure, Job, Outcome, Success, What};

/// What SageMaker says of an execution with a step that failed.
const STEPS_FAILED: &str = "Step failure: One or multiple steps failed.";

/// The longest reason of an execution.
const LONGEST_REASON: usize = 1300;

impl Execution {
    /// What is to begin now. Conditions, loops and `Fail` steps are decided here. Call it again when something ended or
    /// [`Execution::wake_at`] came; where it has nothing to begin, nothing runs and nothing will be retried, the execution has ended.
    pub fn next(&mut self, now: Timestamp, around: Surroundings<'_>) -> Vec<Action> {
        let mut actions = Vec::new();
        while !self.status.is_over() {
            if let Some(id) = self.over.first().copied() {
                self.loop_ends(id, now);
                continue;
            }
            if self.winds_up() {
                self.wind_up(now);
                break;
            }
            while let Some((at, id)) = self.retrying.first().copied().filter(|(at, _)| *at <= now) {
                self.retrying.remove(&(at, id));
                self.nodes[id].state = State::Waiting;
                self.is_ready(id);
            }
            let Some(id) = self.next_ready() else {
                if self.running == 0 && self.retrying.is_empty() && self.ready.is_empty() {
                    let status =
                        if self.trouble.expected { Status::CompletedWithFailures } else { Status::Succeeded };
                    self.finish(now, status, None);
                }
                break;
            };
            self.is_not_ready(id);
            actions.extend(self.begin_step(id, now, around));
        }
        actions
    }

    /// The first step that may begin: a job only where one more may run.
    fn next_ready(&self) -> Option<NodeId> {
        self.ready.first().filter(|(is_job, _)| !is_job || self.running < self.at_once).map(|(_, id)| *id)
    }

    /// Ends what will not go on, once nothing runs.
    fn wind_up(&mut self, now: Timestamp) {
        if self.running > 0 {
            return;
        }
        for id in 0..self.nodes.len() {
            let node = &self.nodes[id];
            let step = node.name.clone();
            match (node.state, &node.reason) {
                // It was to be retried.
                (State::Retrying(_) | State::Waiting, Some(reason)) if !self.stopping => {
                    let (reason, properties, metadata) = (reason.clone(), Value::Null, json!({}));
                    self.emit(now, What::StepFailed { step, reason, properties, metadata });
                }
                (State::Retrying(_), _) => self.emit(now, What::StepStopped { step }),
                // It was to begin again, after an interruption.
                (State::Waiting, _) if node.attempted => self.emit(now, What::StepStopped { step }),
                _ => {}
            }
        }
        for id in 0..self.nodes.len() {
            // Only loops are left, and they end as their iterations did.
            if self.nodes[id].state == State::Running {
                self.loop_ends(id, now);
            }
        }
        if self.stopping {
            self.finish(now, Status::Stopped, None);
        } else if let Some(id) = self.trouble.failed_by {
            let reason = self.nodes[id].reason.clone();
            self.finish(now, Status::Failed, reason);
        } else if self.trouble.failing {
            self.finish(now, Status::Failed, Some(STEPS_FAILED.to_owned()));
        } else {
            self.finish(now, Status::Stopped, None);
        }
    }

    fn finish(&mut self, now: Timestamp, status: Status, reason: Option<String>) {
        let reason = reason.map(|reason| result::cut(&reason, LONGEST_REASON));
        self.emit(now, What::Ended { status: status.name().to_owned(), reason });
    }

    fn begin_step(&mut self, id: NodeId, now: Timestamp, around: Surroundings<'_>) -> Option<Action> {
        let definition = Arc::clone(&self.definition);
        let step = &definition.steps[self.nodes[id].step];
        let begun = match step.kind.as_str() {
            "Condition" => self.decide(id, step, now, around).map(|()| None),
            "Fail" => self.fail(id, step, now, around).map(|()| None),
            "ForEach" => self.begin_loop(id, step, now, around).map(|()| None),
            _ => self.begin_job(id, step, now, around),
        };
        begun.unwrap_or_else(|error| {
            let reason = result::reason(&error.to_string());
            let name = self.nodes[id].name.clone();
            self.emit(
                now,
                What::StepFailed { step: name, reason, properties: Value::Null, metadata: json!({}) },
            );
            None
        })
    }

    fn begins(&mut self, id: NodeId, now: Timestamp, job: String, arguments: Value, cache: Option<String>) {
        let node = &self.nodes[id];
        let (step, attempt) = (node.name.clone(), node.attempt);
        self.emit(now, What::StepBegan { step, attempt, job, arguments, cache });
    }

    fn view<'e>(&'e self, id: NodeId, job: &'e str, now: Timestamp, around: Surroundings<'e>) -> View<'e> {
        View { execution: self, node: Some(id), job, now, files: around.files }
    }

    fn decide(
        &mut self,
        id: NodeId,
        step: &Step,
        now: Timestamp,
        around: Surroundings<'_>,
    ) -> Result<(), EvaluationError> {
        let conditions = step.arguments.get("Conditions").unwrap_or(&Value::Null);
        let holds = evaluate::conditions(conditions, &self.view(id, "", now, around));
        let holds = holds.map_err(|error| error.within("Arguments.Conditions"))?;
        let outcome = json!({"Outcome": if holds { "True" } else { "False" }});
        self.begins(id, now, String::new(), json!({}), None);
        let step = self.nodes[id].name.clone();
        let metadata = json!({"Condition": outcome});
        self.emit(now, What::StepSucceeded { step, properties: outcome, metadata, taken_from: None });
        Ok(())
    }

    fn fail(
        &mut self,
        id: NodeId,
        step: &Step,
        now: Timestamp,
        around: Surroundings<'_>,
    ) -> Result<(), EvaluationError> {
        let arguments = evaluate::evaluate(&step.arguments, &self.view(id, "", now, around));
        let arguments = arguments.map_err(|error| error.within("Arguments"))?;
        let message = match &arguments["ErrorMessage"] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        self.begins(id, now, String::new(), arguments, None);
        let step = self.nodes[id].name.clone();
        let metadata = json!({"Fail": {"ErrorMessage": result::cut(&message, 3072)}});
        let reason = result::reason(&message);
        self.emit(now, What::StepFailed { step, reason, properties: Value::Null, metadata });
        Ok(())
    }

    fn begin_loop(
        &mut self,
        id: NodeId,
        step: &Step,
        now: Timestamp,
        around: Surroundings<'_>,
    ) -> Result<(), EvaluationError> {
        let view = self.view(id, "", now, around);
        let iterable = step.arguments.get("IterableItems").unwrap_or(&Value::Null);
        let items =
            evaluate::items(iterable, &view).map_err(|error| error.within("Arguments.IterableItems"))?;
        if items.is_empty() || items.len() > MOST_ITEMS {
            return Err(error(
                "Arguments.IterableItems",
                format!("{} items; a loop has 1 to {MOST_ITEMS}", items.len()),
            ));
        }
        let mut arguments = Map::new();
        arguments.insert("IterableItems".to_owned(), items.into());
        for (name, value) in step.arguments.as_object().into_iter().flatten() {
            // The selector reads what iterations leave, and there are none yet.
            if name != "IterableItems" && name != "Selector" {
                let place = format!("Arguments.{name}");
                let value = evaluate::evaluate(value, &view).map_err(|error| error.within(&place))?;
                arguments.insert(name.clone(), value);
            }
        }
        if let Some(width) = arguments.get("MaxConcurrency").filter(|width| !width.is_null())
            && !width.as_u64().is_some_and(|width| (1..=MOST_AT_ONCE).contains(&width))
        {
            let message = format!("{width} is not between 1 and {MOST_AT_ONCE}");
            return Err(error("Arguments.MaxConcurrency", message));
        }
        self.begins(id, now, String::new(), arguments.into(), None);
        Ok(())
    }

    fn begin_job(
        &mut self,
        id: NodeId,
        step: &Step,
        now: Timestamp,
        around: Surroundings<'_>,
    ) -> Result<Option<Action>, EvaluationError> {
        let node = &self.nodes[id];
        let name = job_name(&self.start, &node.name, &step.kind, node.attempt);
        let view = self.view(id, &name, now, around);
        let arguments =
            evaluate::evaluate(&step.arguments, &view).map_err(|error| error.within("Arguments"))?;
        let mut members = Map::new();
        for (name, value) in &step.members {
            let value = evaluate::evaluate(value, &view).map_err(|error| error.within(name))?;
            members.insert(name.clone(), value);
        }
        // The key has the step's name in the definition: iterations with the same arguments do the same work.
        let cache = step.cache.as_ref().filter(|cache| cache.enabled);
        let key =
            cache.map(|_| cache_key(&self.start.pipeline, &step.name, &step.kind, &arguments, &members));
        let hit = cache.zip(key.as_deref()).filter(|_| self.start.use_cache);
        let hit = hit.and_then(|(cache, key)| {
            around.earlier.cached(&self.start.pipeline, key, not_older_than(now, cache))
        });
        let step_name = node.name.clone();
        if let Some(Hit { run, properties, metadata }) = hit {
            self.begins(id, now, name, arguments, key);
            let what = What::StepSucceeded { step: step_name, properties, metadata, taken_from: Some(run) };
            self.emit(now, what);
            return Ok(None);
        }
        let job = Arc::new(Job {
            arn: job_arn(&self.start, &step.kind, &name, &arguments, &members),
            step: step_name,
            kind: step.kind.clone(),
            name,
            arguments,
            members,
            attempt: node.attempt,
            start: Arc::clone(&self.start),
            began: now,
        });
        self.begins(id, now, job.name.clone(), job.arguments.clone(), key);
        self.jobs.insert(id, Arc::clone(&job));
        Ok(Some(Action::Start(job)))
    }

    /// Takes in how a step ended that [`Action::Start`] had asked for. A step that does not run is left as it is.
    pub fn ended(&mut self, step: &str, outcome: Outcome, now: Timestamp) {
        let Some(id) = self.node(step) else { return };
        let Some(job) = self.jobs.remove(&id) else { return };
        let step = job.step.clone();
        match outcome {
            Outcome::Succeeded(Success { properties, metadata }) => {
                let properties = result::properties(&job, properties);
                let metadata = metadata.unwrap_or_else(|| result::metadata(&job, &properties));
                self.emit(now, What::StepSucceeded { step, properties, metadata, taken_from: None });
            }
            Outcome::Failed(Failure { reason, exception, properties }) => {
                let reason = result::reason(&reason);
                let node = &self.nodes[id];
                let policies = &self.definition.steps[node.step].retry;
                let began = node.began.unwrap_or(now);
                let over = self.winds_up();
                match retry::next_attempt(policies, exception.as_deref(), node.retries, began, now) {
                    Some(at) if !over => {
                        let attempt = node.attempt + 1;
                        self.emit(now, What::StepRetries { step, reason, attempt, at });
                    }
                    _ => {
                        let properties = result::failed_properties(&job, properties, &reason);
                        let metadata = result::failed_metadata(&job, &properties);
                        self.emit(now, What::StepFailed { step, reason, properties, metadata });
                    }
                }
            }
            Outcome::Stopped => self.emit(now, What::StepStopped { step }),
        }
    }

    fn loop_ends(&mut self, id: NodeId, now: Timestamp) {
        let step = self.nodes[id].name.clone();
        let LoopResult { end, reason, properties, metadata } = self.loop_result(id, now);
        let what = match end {
            End::Succeeded => What::StepSucceeded { step, properties, metadata, taken_from: None },
            End::Failed => What::StepFailed { step, reason: result::reason(&reason), properties, metadata },
            End::Stopped | End::Skipped => What::StepStopped { step },
        };
        self.emit(now, what);
    }
}

fn error(path: &str, message: String) -> EvaluationError {
    EvaluationError { path: path.to_owned(), message }
}
