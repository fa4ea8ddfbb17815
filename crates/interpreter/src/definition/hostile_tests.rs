//! Definitions that nobody should write: what can't be run is refused at its place, and time grows with the
//! size.

use serde_json::{Value, json};

use super::*;
use crate::evaluate::MOST_DEPTH;

#[track_caller]
fn refused(definition: &Value, expected: &[&str]) {
    let problems = Definition::from_value(definition).unwrap_err();
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(told, expected);
}

fn step(name: &str, depends_on: &[&str]) -> Value {
    json!({"Name": name, "Type": "Training", "Arguments": {}, "DependsOn": depends_on})
}

fn reading(name: &str, read: &str) -> Value {
    json!({"Name": name, "Type": "Training", "Arguments": {"X": {"Get": format!("Steps.{read}.X")}}})
}

fn condition(name: &str, yes: &[Value], no: &[Value]) -> Value {
    json!({"Name": name, "Type": "Condition", "Arguments": {"Conditions": [], "IfSteps": yes, "ElseSteps": no}})
}

fn repeat(name: &str, body: &[Value]) -> Value {
    let arguments = json!({"IterableItems": ["a"], "MaxConcurrency": 1, "ForEachBody": body});
    json!({"Name": name, "Type": "ForEach", "Arguments": arguments})
}

const UNTIE: &str = "take one of the references or DependsOn away";

#[test]
fn cycles() {
    let message = |path: &str, step: &str, round: &str| {
        format!("{path} (step {step:?}): steps wait for each other: {round}; {UNTIE}")
    };
    let deciding_by_its_own = json!({"Name": "C", "Type": "Condition", "Arguments": {
        "Conditions": [{"Type": "Equals", "LeftValue": {"Get": "Steps.In.X"}, "RightValue": 1}],
        "IfSteps": [step("In", &[])],
    }});
    for (steps, expected) in [
        (json!([step("A", &["B"]), step("B", &["A"])]), vec![message("Steps[0]", "A", "A → B → A")]),
        (
            json!([step("Z", &[]), reading("A", "B"), step("B", &["C"]), reading("C", "A")]),
            vec![message("Steps[1]", "A", "A → B → C → A")],
        ),
        (
            json!([step("A", &["B"]), step("B", &["A"]), step("C", &["D"]), step("D", &["C"])]),
            vec![message("Steps[0]", "A", "A → B → A"), message("Steps[2]", "C", "C → D → C")],
        ),
        (json!([deciding_by_its_own]), vec![message("Steps[0]", "C", "C → In → C")]),
        (
            json!([repeat("Loop", &[reading("Body", "After")]), step("After", &["Loop"])]),
            vec![message("Steps[0]", "Loop", "Loop → Body → After → Loop")],
        ),
        (
            json!([repeat("Loop", &[step("Body", &["Loop"])])]),
            vec![message("Steps[0]", "Loop", "Loop → Body → Loop")],
        ),
    ] {
        let problems = Definition::from_value(&json!({"Steps": steps})).unwrap_err();
        let mut told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        told.sort();
        assert_eq!(told, expected);
    }
}

#[test]
fn a_step_of_a_branch_may_wait_for_its_condition() {
    let steps = json!([condition("C", &[step("In", &["C"]), reading("Out", "C")], &[])]);
    assert!(Definition::from_value(&json!({"Steps": steps})).is_ok());
}

#[test]
fn a_long_cycle_is_not_told_in_full() {
    let steps: Vec<Value> =
        (0..1_000).map(|n| step(&format!("S{n}"), &[&format!("S{}", (n + 1) % 1_000)])).collect();
    refused(
        &json!({"Steps": steps}),
        &[&format!(
            "Steps[0] (step \"S0\"): steps wait for each other: S0 → S1 → S2 → S3 → S4 → S5 → S6 → S7 → S8 → S9 → … (990 more) → S0; {UNTIE}"
        )],
    );
}

#[test]
fn what_is_out_of_reach() {
    refused(
        &json!({"Steps": [condition("C", &[step("Yes", &[])], &[reading("No", "Yes"), step("Not", &["Yes"])])]}),
        &[
            "Steps[0].Arguments.ElseSteps[0] (step \"No\"): it reads \"Yes\", which stands in the other branch of \"C\"; only one of the branches runs",
            "Steps[0].Arguments.ElseSteps[1] (step \"Not\"): it depends on \"Yes\", which stands in the other branch of \"C\"; only one of the branches runs",
        ],
    );
    refused(
        &json!({"Steps": [repeat("Loop", &[step("Body", &[]), reading("Two", "Body")]), reading("After", "Body")]}),
        &[
            "Steps[1] (step \"After\"): it reads \"Body\", which stands in the body of \"Loop\"; outside of the loop there is \"Loop\", with IterationOutputs[0].Body",
        ],
    );
    refused(
        &json!({"Steps": [repeat("Loop", &[step("Body", &[])]), step("Body-12", &[]), step("Body-a", &[])]}),
        &[
            "Steps[1].Name (step \"Body-12\"): the name is that of an iteration of \"Body\"; rename it: what runs of a loop is named BODY-INDEX",
        ],
    );
    let inner = condition("D", &[reading("E", "Yes")], &[]);
    assert!(
        Definition::from_value(
            &json!({"Steps": [condition("C", &[step("Yes", &[]), inner], &[]), reading("Z", "Yes")]})
        )
        .is_ok()
    );
}

#[test]
fn names() {
    refused(
        &json!({"Steps": [step("A", &[]), condition("C", &[step("A", &[])], &[])], "Parameters": [
            {"Name": "P", "Type": "String"}, {"Name": "P", "Type": "Float"}]}),
        &[
            "Parameters[1].Name: two parameters are named \"P\"; rename one",
            "Steps[1].Arguments.IfSteps[0] (step \"A\"): two steps are named \"A\"; the other is Steps[0]: a name is unique, branches and loops included",
        ],
    );
    for name in ["", "a b", "../a", "a.b", "ä", "a\0", &"a".repeat(65)] {
        let problems = Definition::from_value(&json!({"Steps": [step(name, &[])]})).unwrap_err();
        assert!(problems.to_string().contains("is no step's name"), "{problems}");
    }
}

#[test]
fn loops_that_are_none() {
    let of = |arguments: Value| json!({"Steps": [{"Name": "L", "Type": "ForEach", "Arguments": arguments}]});
    refused(
        &of(json!({})),
        &[
            "Steps[0].Arguments.ForEachBody (step \"L\"): a loop has at least one step",
            "Steps[0].Arguments (step \"L\"): the loop has no IterableItems",
            "Steps[0].Arguments (step \"L\"): the loop has no MaxConcurrency",
        ],
    );
    refused(
        &of(
            json!({"IterableItems": "abc", "MaxConcurrency": 51, "Selector": {"Pick": "Most", "Field": 1}, "ForEachBody": [
            {"Name": "F", "Type": "Fail"}]}),
        ),
        &[
            "Steps[0].Arguments.ForEachBody[0].Type (step \"F\"): a step of type Fail can't stand in a loop's body",
            "Steps[0].Arguments.IterableItems (step \"L\"): a list is expected, not \"abc\"",
            "Steps[0].Arguments.MaxConcurrency (step \"L\"): 51 is no whole number from 1 to 50",
            "Steps[0].Arguments.Selector.Pick (step \"L\"): \"Most\" is neither MaxBy nor MinBy",
            "Steps[0].Arguments.Selector.Field (step \"L\"): the selector's field is no result of an iteration; write {\"Get\": \"IterationOutput.STEP.PROPERTY\"}",
        ],
    );
    refused(
        &of(json!({"IterableItems": [], "MaxConcurrency": 1, "ForEachBody": [step("B", &[])],
            "Selector": {"Pick": "MaxBy", "Field": {"Get": "IterationOutput.C.X"}}})),
        &[
            "Steps[0].Arguments.IterableItems (step \"L\"): 0 items are listed: there are 1 to 100; a parameter or a property of a step can hold a longer JSON list",
            "Steps[0].Arguments.Selector.Field (step \"L\"): the loop's body has no step \"C\"",
        ],
    );
}

#[test]
fn conditions_that_are_none() {
    let of = |conditions: Value| json!({"Steps": [{"Name": "C", "Type": "Condition", "Arguments": {"Conditions": conditions}}]});
    refused(
        &of(json!({})),
        &[
            "Steps[0].Arguments.Conditions (step \"C\"): a list of conditions is expected, not an object of 0 members",
        ],
    );
    refused(
        &of(json!([
            1,
            {"Type": "GreaterThen", "LeftValue": 1, "RightValue": 2},
            {"Type": "Equals", "LeftValue": [1]},
            {"Type": "Not", "Expression": {}},
            {"Type": "Or", "Conditions": [{"Type": "In", "QueryValue": 1, "Values": 2}]},
        ])),
        &[
            "Steps[0].Arguments.Conditions[0] (step \"C\"): a condition is an object, not 1",
            "Steps[0].Arguments.Conditions[1].Type (step \"C\"): \"GreaterThen\" is no condition; did you mean \"GreaterThan\"?",
            "Steps[0].Arguments.Conditions[2].LeftValue (step \"C\"): a list of 1 can't be compared; compare texts, numbers, booleans and expressions of them",
            "Steps[0].Arguments.Conditions[2] (step \"C\"): the condition has no RightValue",
            "Steps[0].Arguments.Conditions[3] (step \"C\"): the condition has no Condition",
            "Steps[0].Arguments.Conditions[4].Conditions[0].Values (step \"C\"): a list is expected, not 2",
        ],
    );
}

#[test]
fn no_definition_at_all() {
    for (text, expected) in [
        ("", "the definition is no JSON: EOF while parsing a value at line 1 column 0"),
        ("{", "the definition is no JSON: EOF while parsing an object at line 1 column 1"),
        ("[]", "a definition is an object, not a list of 0"),
        ("{}", "the definition has no Steps; write \"Steps\": [ … ], a list of at least one step"),
        ("{\"Steps\": {}}", "Steps: a list is expected, not an object of 0 members"),
        (
            "{\"Steps\": [], \"x\": 1e999}",
            "the definition is no JSON: number out of range at line 1 column 24",
        ),
    ] {
        assert_eq!(Definition::parse(text).unwrap_err().to_string(), expected);
    }
}

#[test]
fn absurd_sizes() {
    let long = format!("{{\"Steps\": [], \"x\": \"{}\"}}", "ä".repeat(MOST_CHARACTERS));
    let problems = Definition::parse(&long).unwrap_err();
    assert!(problems.to_string().contains("more than the 1048576 that SageMaker takes"), "{problems}");
    let fits = format!("{{\"Steps\": [], \"x\": \"{}\"}}", "ä".repeat(MOST_CHARACTERS / 2));
    assert!(Definition::parse(&fits).is_ok());

    // Text that nests deeper than the reader of JSON goes, and values that no text held.
    let text = format!("{{\"Steps\": [{}{}]}}", "[".repeat(100_000), "]".repeat(100_000));
    let problems = Definition::parse(&text).unwrap_err();
    assert!(problems.to_string().contains("recursion limit"), "{problems}");
    let nest = |depth: usize| {
        let wrap = |inner, _| Value::Object([("a".to_owned(), inner)].into_iter().collect());
        (0..depth).fold(json!([]), wrap)
    };
    // Not `json!`: it would copy the value, and go into it to do so.
    let at = |depth: usize| {
        let mut definition = json!({"Steps": [step("A", &[]), step("B", &[])]});
        definition["Steps"][1]["Arguments"] = nest(depth);
        definition
    };
    assert!(Definition::from_value(&at(MOST_DEPTH - 4)).is_ok());
    for depth in [MOST_DEPTH - 3, 500, 2_000] {
        refused(&at(depth), &["Steps[1]: lists and objects nest deeper than 120 levels"]);
    }
}

/// So many problems, each with a look for similar names, and each end in a bounded time and text.
#[test]
fn many_mistakes() {
    let steps: Vec<Value> = (0..5_000).map(|n| step(&format!("Step{n}"), &[&format!("Stp{n}")])).collect();
    let problems = Definition::from_value(&json!({"Steps": steps})).unwrap_err();
    assert_eq!(problems.len(), 500);
    assert_eq!(problems.untold(), 4_500);
    assert!(problems.to_string().ends_with("and 4500 more"));
    let ring = |n: usize| format!("R{}", n % 300);
    let steps: Vec<Value> = (0..300)
        .map(|n| {
            let all: Vec<String> = (0..300).map(ring).collect();
            step(&ring(n), &all.iter().map(String::as_str).collect::<Vec<_>>())
        })
        .collect();
    assert!(Definition::from_value(&json!({"Steps": steps})).unwrap_err().len() <= 20);
}

/// A chain of steps, each reading the one before: nothing about it is done once for each pair.
#[test]
fn ten_thousand_steps() {
    let steps: Vec<Value> = (0..10_000)
        .map(|n| if n == 0 { step("S0", &[]) } else { reading(&format!("S{n}"), &format!("S{}", n - 1)) })
        .collect();
    let definition = Definition::from_value(&json!({"Steps": steps})).unwrap();
    assert_eq!(definition.steps.len(), 10_000);
    assert_eq!(definition.steps[9_999].reads, [9_998]);
}
