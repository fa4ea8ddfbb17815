//! Progress as lines, for where nothing can be drawn anew: one for each event, none for lines of logs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pipewright_interpreter::{Event, What};
use pipewright_terminal::text::{Ink, Role, duration, excerpt, harmless};

/// What is needed to say how long something took.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    began: BTreeMap<String, Timestamp>,
}

impl Lines {
    /// The line for an event, if it is worth one.
    pub fn event(&mut self, event: &Event, ink: Ink) -> Option<String> {
        let (step, role, text) = match &event.what {
            What::Began { .. } | What::Ended { .. } => return None,
            What::StepBegan { step, attempt, .. } => {
                self.began.insert(step.clone(), event.time);
                let again = if *attempt > 0 { format!(", attempt {}", attempt + 1) } else { String::new() };
                (step, None, format!("begins{again}"))
            }
            What::StepRetries { step, reason, at, .. } => {
                let pause = duration(at.duration_since(event.time));
                (step, Some(Role::Care), format!("tries again in {pause}: {}", excerpt(reason)))
            }
            What::StepSucceeded { step, taken_from: Some(run), .. } => {
                (step, Some(Role::Good), format!("is taken from run {}", harmless(run)))
            }
            What::StepSucceeded { step, metadata, .. } => {
                let outcome = metadata.pointer("/Condition/Outcome").and_then(serde_json::Value::as_str);
                match outcome {
                    Some(outcome) => (step, Some(Role::Good), format!("is {}", outcome.to_lowercase())),
                    None => (step, Some(Role::Good), format!("succeeded{}", self.took(step, event.time))),
                }
            }
            What::StepFailed { step, reason, .. } => {
                let took = self.took(step, event.time);
                (step, Some(Role::Bad), format!("failed{took}: {}", excerpt(reason)))
            }
            What::StepStopped { step } => (step, Some(Role::Care), "was stopped".to_owned()),
        };
        let text = role.map_or(text.clone(), |role| ink.paint(role, &text));
        let time = event.time.strftime("%H:%M:%S");
        Some(format!("{time}  {}  {text}", harmless(step)))
    }

    fn took(&mut self, step: &str, now: Timestamp) -> String {
        self.began
            .remove(step)
            .map(|began| format!(" after {}", duration(now.duration_since(began))))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn each_event_has_a_line() {
        let mut lines = Lines::default();
        let mut check = |second: i64, what: What, expected: Option<&str>| {
            let time = Timestamp::from_second(1_800_000_000 + second).unwrap();
            assert_eq!(lines.event(&Event { time, what }, Ink::Plain).as_deref(), expected);
        };
        let step = || "Train".to_owned();
        let began = |attempt| What::StepBegan {
            step: step(),
            attempt,
            job: String::new(),
            arguments: Value::Null,
            cache: None,
        };
        let (properties, metadata) = (Value::Null, Value::Null);
        check(0, What::Began { parameters: BTreeMap::new(), retry: false }, None);
        check(0, began(0), Some("08:00:00  Train  begins"));
        let at = Timestamp::from_second(1_800_000_064).unwrap();
        check(
            4,
            What::StepRetries { step: step(), reason: "no\nroom".into(), attempt: 1, at },
            Some("08:00:04  Train  tries again in 1 min 00 s: no room"),
        );
        check(64, began(1), Some("08:01:04  Train  begins, attempt 2"));
        check(
            70,
            What::StepFailed {
                step: step(),
                reason: "\u{1b}[2J".into(),
                properties: json!({}),
                metadata: json!({}),
            },
            Some("08:01:10  Train  failed after 6 s: \\u{1b}[2J"),
        );
        let taken_from = Some("r1".to_owned());
        check(
            71,
            What::StepSucceeded {
                step: step(),
                properties: properties.clone(),
                metadata: metadata.clone(),
                taken_from,
            },
            Some("08:01:11  Train  is taken from run r1"),
        );
        let metadata = json!({"Condition": {"Outcome": "False"}});
        check(
            72,
            What::StepSucceeded { step: step(), properties, metadata, taken_from: None },
            Some("08:01:12  Train  is false"),
        );
        check(73, What::StepStopped { step: step() }, Some("08:01:13  Train  was stopped"));
    }
}
