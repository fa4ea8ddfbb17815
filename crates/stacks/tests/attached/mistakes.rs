//! What the stack says of what can't be.

use pipewright_stacks::{Alarm, Attached, Event, EventSource, Notifications, Notify, Schedule};
use serde_json::{Value, json};

use crate::scene::{Scene, TOPIC, data, event, parameters, schedule};

#[test]
fn wrong_schedules() {
    let scene = Scene { parameters: parameters(), ..Scene::new(true) };
    let with = |schedule| Attached { schedules: vec![schedule], ..Attached::default() };
    let at = |key: &str| format!("pipelines.ant.schedules[0]{key}");
    let given = |values: &[(&str, Value)]| Schedule {
        parameters: values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        ..schedule("a")
    };
    scene.wrong(&with(given(&[])), &[(&at(".parameters"), "\"Input\" of pipeline \"ant\" has no default")]);
    scene.wrong(
        &with(given(&[
            ("Input", json!("x")),
            ("inptu", json!("x")),
            ("Mode", json!("fast")),
            ("Rounds", json!(1.5)),
        ])),
        &[
            (&at(".parameters.Mode"), "can't be \"fast\""),
            (&at(".parameters.Rounds"), "can't be 1.5"),
            (&at(".parameters.inptu"), "did you mean \"Input\"?"),
        ],
    );
    // A path means nothing where there is no event.
    scene.wrong(
        &with(given(&[("Input", json!("x")), ("Mode", json!("$.a"))])),
        &[(&at(".parameters.Mode"), "can't be")],
    );
    let wrong = Schedule {
        name: "Nightly".into(),
        expression: "daily".into(),
        timezone: Some("+01:00".into()),
        start: Some("2031-01-01T00:00:00Z".into()),
        end: Some("2030-01-01T00:00:00Z".into()),
        flexible_window_minutes: Some(0),
        ..given(&[("Input", json!("x"))])
    };
    scene.wrong(
        &with(wrong),
        &[
            (&at(".name"), "can't be the name"),
            (&at(".expression"), "is no time to start at"),
            (&at(".timezone"), "is no time zone"),
            (&at(".end"), "ends before it begins"),
            (&at(".flexible_window_minutes"), "length that there is not"),
        ],
    );
    let twice = Attached {
        schedules: vec![given(&[("Input", json!("x"))]), given(&[("Input", json!("x"))])],
        ..Attached::default()
    };
    scene.wrong(&twice, &[("pipelines.ant.schedules[1].name", "have the name \"a\"")]);
}

#[test]
fn wrong_events() {
    let scene = Scene { parameters: parameters(), ..Scene::new(true) };
    let with = |source, values: &[(&str, Value)]| Attached {
        events: vec![Event {
            parameters: values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            ..event("a", source)
        }],
        ..Attached::default()
    };
    let input = [("Input", json!("$.detail.object.key"))];
    scene.wrong(&with(data(), &input), &[]);
    scene.wrong(
        &with(EventSource::Pattern(json!({"source": "a"})), &input),
        &[("pipelines.ant.events[0].pattern", "takes no such pattern: source: \"a\" must be in a list")],
    );
    scene.wrong(
        &with(EventSource::Pattern(json!({"source": ["a".repeat(2050)]})), &input),
        &[("pipelines.ant.events[0]", "too long")],
    );
    let empty = EventSource::Object { bucket: None, prefix: Some(String::new()), suffix: None };
    scene.wrong(&with(empty, &input), &[("pipelines.ant.events[0].prefix", "an empty prefix")]);
    scene.wrong(
        &with(data(), &[("Input", json!("x")), ("Rounds", json!("3"))]),
        &[("pipelines.ant.events[0].parameters.Rounds", "can't be \"3\"")],
    );
}

#[test]
fn wrong_recipients_and_alarms() {
    let scene = Scene::new(true);
    let notify = |to: &[&str]| Attached {
        notify: Notify::Own(to.iter().map(|to| (*to).to_owned()).collect()),
        ..Attached::default()
    };
    scene.wrong(&notify(&["a@b", "nobody"]), &[("pipelines.ant.notify[1]", "neither a mail address")]);
    scene.wrong(
        &notify(&["arn:aws:sns:us-east-1:123456789012:ops"]),
        &[("pipelines.ant.notify[0]", "is in another region")],
    );
    let topics: Vec<String> = (0..6).map(|i| format!("{TOPIC}{i}")).collect();
    let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
    scene.wrong(&notify(&topics), &[("pipelines.ant.notify", "too many topics")]);
    let alarm = Attached { alarm: Some(Alarm { period_minutes: 0, threshold: 0 }), ..Attached::default() };
    scene.wrong(
        &alarm,
        &[
            ("pipelines.ant.alarm.period_minutes", "does not count"),
            ("pipelines.ant.alarm.threshold", "never end"),
        ],
    );
    let notifications = Notifications { to: vec!["x".into()], ..Notifications::default() };
    Scene { notifications, ..Scene::new(true) }
        .wrong(Attached::NONE, &[("notifications.to[0]", "neither a mail address")]);
}
