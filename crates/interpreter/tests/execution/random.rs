//! Random pipelines with random outcomes.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use pipewright_interpreter::definition::{Branch, Trigger};
use pipewright_interpreter::scripted::{Ran, Script, Scripted, run_scripted};
use pipewright_interpreter::{Definition, Event, Failure, Start, Status, What};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::{Value, json};

use crate::resume::{finish, results};
use crate::shapes::misfits;
use crate::{definition, start};

/// What is random about a step: its type, whom it waits for and how, and how it ends.
#[derive(Clone, Debug)]
struct Random {
    kind: u8,
    needs: Vec<(prop::sample::Index, u8)>,
    outcome: u8,
    /// Whether it stands in the branch or body of the step before that has one.
    inside: bool,
}

fn random() -> impl Strategy<Value = Random> {
    let need = (any::<prop::sample::Index>(), 0..8_u8);
    (0..10_u8, prop::collection::vec(need, 0..3), 0..8_u8, any::<bool>())
        .prop_map(|(kind, needs, outcome, inside)| Random { kind, needs, outcome, inside })
}

/// A pipeline and what its steps do. Each step waits for earlier ones only, and in a body for earlier ones of the body.
fn pipeline(random: &[Random]) -> (Arc<Definition>, BTreeMap<String, Script>) {
    let (mut steps, mut scripts): (Vec<Value>, _) = (Vec::new(), BTreeMap::new());
    let mut outside: Vec<String> = Vec::new();
    let mut body: Vec<String> = Vec::new();
    let mut branches: HashMap<String, (usize, &str)> = HashMap::new();
    for (index, random) in random.iter().enumerate() {
        let name = format!("S{index}");
        let holder = steps.last().map_or("", |step| step["Type"].as_str().unwrap()).to_owned();
        let inside = random.inside && matches!(holder.as_str(), "ForEach" | "Condition");
        let in_loop = inside && holder == "ForEach";
        if !inside {
            body.clear();
        }
        let list = match holder.as_str() {
            "ForEach" => "ForEachBody",
            _ if random.outcome % 3 == 0 => "ElseSteps",
            _ => "IfSteps",
        };
        // The other branch of the same condition is out of reach.
        let reachable = |name: &&String| {
            !inside || in_loop || branches.get(*name).is_none_or(|one| *one == (steps.len(), list))
        };
        let same = |name: &&String| branches.get(*name).is_none_or(|(holder, _)| *holder != steps.len());
        let known = if in_loop { &body } else { &outside };
        let known: Vec<String> = known.iter().filter(|name| reachable(name) || same(name)).cloned().collect();
        let mut needs: Vec<Value> = Vec::new();
        for (need, trigger) in random.needs.iter().filter(|_| !known.is_empty()) {
            let step = need.get(&known);
            if needs.iter().any(|need| need == step || need["Step"] == **step) {
                continue;
            }
            needs.push(match trigger {
                0 => json!({"Step": step, "Trigger": "Failed"}),
                1 => json!({"Step": step, "Trigger": "Stopped"}),
                2 => json!({"Step": step, "Trigger": "Any"}),
                _ => json!(step),
            });
        }
        let kind = match random.kind {
            0 if !in_loop => "ForEach",
            1 if !in_loop => "Condition",
            2 if !in_loop && random.outcome == 0 => "Fail",
            _ => "Training",
        };
        let arguments = match kind {
            "ForEach" => {
                json!({"IterableItems": [1, 2, 3], "MaxConcurrency": 1 + random.outcome % 4, "ForEachBody": [{"Name": format!("{name}-Body"), "Type": "Training"}]})
            }
            "Condition" => {
                let left = i32::from(random.outcome % 2 == 0);
                let condition = json!({"Type": "Equals", "LeftValue": left, "RightValue": 1});
                json!({"Conditions": [condition], "IfSteps": [], "ElseSteps": []})
            }
            "Fail" => json!({"ErrorMessage": "enough"}),
            _ => json!({}),
        };
        let step = json!({
            "Name": name, "Type": kind, "DependsOn": needs, "Arguments": arguments,
            "RetryPolicies": if kind == "Training" { json!([{"ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 2}]) } else { Value::Null }
        });
        let again = || Failure { exception: Some("Step.THROTTLING".into()), ..Failure::new("slow down") };
        let script = match random.outcome {
            1 => Script::new().fails("no"),
            2 => Script::new().stops(),
            3 => Script::new().fails_times(1, again()),
            4 => Script::new().fails_times(5, again()),
            _ => Script::new(),
        };
        if kind == "Training" {
            scripts.insert(name.clone(), script);
        }
        if inside {
            steps.last_mut().unwrap()["Arguments"][list].as_array_mut().unwrap().push(step);
            branches.insert(name.clone(), (steps.len(), list));
            body.push(name.clone());
        } else {
            steps.push(step);
        }
        if !in_loop {
            outside.push(name);
        }
    }
    (definition(steps.into()), scripts)
}

fn scripted(scripts: &BTreeMap<String, Script>) -> Scripted {
    scripts.iter().fold(Scripted::new(), |all, (name, script)| all.on(name, script.clone()))
}

/// How steps stand while events are told.
#[derive(Clone, Debug, PartialEq)]
enum Stand {
    Runs(u32),
    Waits(u32),
    Ended(&'static str),
}

/// Goes through the events, and holds each against those before it.
fn check(definition: &Definition, ran: &Ran) -> Result<(), TestCaseError> {
    let mut stands: HashMap<String, Stand> = HashMap::new();
    let mut outcomes: HashMap<String, bool> = HashMap::new();
    for (index, event) in ran.events().iter().enumerate() {
        let ends = |stands: &mut HashMap<String, Stand>, step: &str, end| {
            let before = stands.insert(step.to_owned(), Stand::Ended(end));
            !matches!(before, Some(Stand::Ended(_)))
        };
        match &event.what {
            What::Began { .. } => prop_assert_eq!(index, 0),
            What::StepBegan { step, attempt, .. } => {
                let before = stands.insert(step.clone(), Stand::Runs(*attempt));
                let fits = before.is_none() && *attempt == 0 || before == Some(Stand::Waits(*attempt));
                prop_assert!(fits, "{step} begins, and it was {before:?}");
                needs_are_met(definition, step, &stands, &outcomes)?;
            }
            What::StepRetries { step, attempt, .. } => {
                let before = stands.insert(step.clone(), Stand::Waits(*attempt));
                prop_assert_eq!(before, Some(Stand::Runs(attempt - 1)));
            }
            What::StepSucceeded { step, properties, .. } => {
                prop_assert!(ends(&mut stands, step, "Succeeded"));
                if let Some(outcome) = properties.get("Outcome") {
                    outcomes.insert(step.clone(), outcome == "True");
                }
            }
            What::StepFailed { step, .. } => prop_assert!(ends(&mut stands, step, "Failed")),
            What::StepStopped { step } => prop_assert!(ends(&mut stands, step, "Stopped")),
            What::Ended { status, .. } => {
                prop_assert_eq!(index, ran.events().len() - 1);
                prop_assert_eq!(Status::named(status), Some(ran.status()));
                let left: Vec<_> =
                    stands.iter().filter(|(_, stand)| !matches!(stand, Stand::Ended(_))).collect();
                prop_assert!(left.is_empty(), "{left:?}");
                let all_well = stands.values().all(|stand| *stand == Stand::Ended("Succeeded"));
                prop_assert_eq!(all_well, ran.status() == Status::Succeeded);
            }
        }
    }
    prop_assert!(ran.status().is_over());
    Ok(())
}

fn needs_are_met(
    definition: &Definition,
    name: &str,
    stands: &HashMap<String, Stand>,
    outcomes: &HashMap<String, bool>,
) -> Result<(), TestCaseError> {
    let (prefix, body) =
        name.rsplit_once('.').map_or((String::new(), name), |(one, body)| (format!("{one}."), body));
    let step = &definition.steps[definition.step(body).unwrap()];
    for need in &step.depends_on {
        let stand = stands.get(&format!("{prefix}{}", definition.steps[need.step].name));
        let met = match need.trigger {
            Trigger::Completed => stand == Some(&Stand::Ended("Succeeded")),
            Trigger::Failed => stand == Some(&Stand::Ended("Failed")),
            Trigger::Stopped => stand == Some(&Stand::Ended("Stopped")),
            Trigger::Any => matches!(stand, Some(Stand::Ended(_))),
        };
        prop_assert!(met, "{name} begins, and {need:?} is {stand:?}");
    }
    if let Some((parent, branch)) = step.parent {
        let parent = &definition.steps[parent].name;
        match branch {
            Branch::If => prop_assert_eq!(outcomes.get(parent), Some(&true)),
            Branch::Else => prop_assert_eq!(outcomes.get(parent), Some(&false)),
            Branch::Body => prop_assert!(matches!(stands.get(parent), Some(Stand::Runs(_)))),
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn every_run_is_consistent(random in prop::collection::vec(random(), 0..14), parallelism in 1..5_u32) {
        let (definition, scripts) = pipeline(&random);
        let limited = || Start { parallelism: Some(parallelism), ..start() };
        let ran = run_scripted(&definition, limited(), &scripted(&scripts)).unwrap();
        check(&definition, &ran)?;
        let again = run_scripted(&definition, limited(), &scripted(&scripts)).unwrap();
        prop_assert_eq!(ran.events(), again.events());
        let wrong = misfits("ListPipelineExecutionStepsResponse", &ran.steps_record());
        prop_assert!(wrong.is_empty(), "{:#?}", wrong);
    }

    #[test]
    fn every_beginning_goes_on_to_an_end(random in prop::collection::vec(random(), 0..10), cut in any::<prop::sample::Index>()) {
        let (definition, scripts) = pipeline(&random);
        let scripted = scripted(&scripts);
        let ran = run_scripted(&definition, start(), &scripted).unwrap();
        let count = cut.index(ran.events().len() + 1);
        for retry in [false, true] {
            let now = Timestamp::from_second(2_000_000_000).unwrap();
            let events = &ran.events()[..count];
            let mut execution = pipewright_interpreter::Execution::replay(
                Arc::clone(&definition), start(), events, &pipewright_interpreter::execution::Nothing, retry, now,
            ).unwrap();
            let (more, _) = finish(&mut execution, &scripted, now);
            prop_assert!(execution.status().is_over());
            let all: Vec<Event> = events.iter().cloned().chain(more).collect();
            let told = pipewright_interpreter::Execution::look_at(Arc::clone(&definition), start(), &all).unwrap();
            prop_assert_eq!(results(&told), results(&execution));
            // Attempts that were interrupted count, and may let a step succeed that failed at first.
            if !retry && scripts.values().all(|script| *script == Script::new()) {
                prop_assert_eq!(results(&execution), results(ran.execution()));
            }
        }
    }
}
