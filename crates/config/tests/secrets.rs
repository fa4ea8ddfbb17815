//! No problem, and nobody who prints one with its source line, shows a secret.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::collections::BTreeMap;

use pipewright_config::{Decode, Failures, Override, Place, Problem, Reading, Secret, Source, load, to_toml};
use pipewright_macros::Config;

#[derive(Config, Debug)]
#[config(crate = "pipewright_config", validate = keep, validate(differ, user, password))]
struct Account {
    user: String,
    #[config(max_length = 20)]
    password: Secret<String>,
    #[config(default, max_length = 1)]
    tokens: BTreeMap<String, Secret<String>>,
    #[config(default, unique_items)]
    list: Vec<Secret<String>>,
    #[config(default = 0, ge = 0)]
    number: i64,
}

fn keep(account: &Account) -> Result<(), Failures> {
    let mut failures = Failures::default();
    if account.password.expose().contains(&account.user) {
        failures.at("password", "must not hold the user's name");
    }
    if account.number == 1 {
        failures.add("is not consistent");
    }
    failures.finish()
}

fn differ(user: &String, password: &Secret<String>) -> Result<(), Failures> {
    let mut failures = Failures::default();
    if user == password.expose() {
        failures.at("password", "must differ from the user's name");
    }
    failures.finish()
}

#[derive(Config, Debug)]
#[config(crate = "pipewright_config")]
#[allow(dead_code, reason = "read for its mistakes")]
struct Outer {
    account: Option<Account>,
    either: Option<Either>,
}

#[derive(Config, Debug)]
#[config(crate = "pipewright_config")]
#[allow(dead_code, reason = "read for its mistakes")]
enum Either {
    Token(Secret<String>),
    Key(Secret<String>),
}

const SECRET: &str = "hunter2";

/// What somebody sees who prints a problem with the lines of its place, unless it says that it is secret.
fn shown(problem: &Problem, text: &str) -> String {
    let mut out = format!("{problem} {problem:?} {}", serde_json::to_string(problem).unwrap());
    match &problem.place {
        Some(Place::File { .. }) if problem.secret => {}
        Some(place @ Place::File { .. }) => {
            let span = place.span();
            let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
            let end = text[span.end..].find('\n').map_or(text.len(), |at| span.end + at);
            out.push_str(&text[start..end]);
        }
        Some(place) => out.push_str(&place.source()),
        None => {}
    }
    out
}

/// The messages, none of which shows the secret.
#[track_caller]
fn check(text: &str, set: &[(&str, &str)], expected: &[&str]) {
    assert!(text.contains(SECRET) || set.iter().any(|(_, value)| value.contains(SECRET)), "{text}");
    let sources = [Source::new("a.toml", text)];
    let set: Vec<_> = set.iter().map(|(key, value)| Override::new(*key, *value)).collect();
    let problems = Reading::new(&sources).overrides(&set).load::<Outer>().err().unwrap();
    let messages: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(messages, expected, "{text}");
    for problem in &problems {
        let shown = shown(problem, text);
        assert!(!shown.contains(SECRET), "{text}\n{shown}");
    }
}

#[test]
fn a_rule_of_the_struct_about_a_secret() {
    let expected = "`account.password` must not hold the user's name";
    check("[account]\nuser = 'unte'\npassword = 'hunter2'", &[], &[expected]);
    check("account = { user = 'unte', password = 'hunter2' }", &[], &[expected]);
    check("account.user = 'unte'", &[("account.password", "hunter2")], &[expected]);
    check("", &[("account", "{ user = 'unte', password = 'hunter2' }")], &[expected]);
    check(
        "account = { user = 'ada', password = 'hunter2', number = 1 }",
        &[],
        &["`account` is not consistent"],
    );
}

#[test]
fn a_mistake_beside_a_secret() {
    let at_least = "`account.number` must be at least 0, but is -1";
    check("account = { user = 'ada', password = 'hunter2', number = -1 }", &[], &[at_least]);
    check("", &[("account", "{ user = 'ada', password = 'hunter2', number = -1 }")], &[at_least]);
    check(
        "account = { user = 'ada', password = 'hunter2', number = -1 }\n[either]\nboth = 1",
        &[],
        &[at_least, "`both` is not a key of `either`"],
    );
    // The misspelt key may hold what should be the secret.
    check(
        "[account]\nuser = 'ada'\npasword = 'hunter2'",
        &[],
        &["`account.password` is missing", "`pasword` is not a key of `account`"],
    );
}

#[test]
fn a_mistake_around_a_secret() {
    check(
        "[account]\nuser = 'ada'\npassword = 'p'\ntokens = { a = 'hunter2', b = 'x' }",
        &[],
        &["`account.tokens` must have at most 1 item, but is ******"],
    );
    check(
        "[account]\nuser = 'ada'\npassword = 'p'\nlist = ['hunter2', 'hunter2']",
        &[],
        &["`account.list[1]` must differ from every other item: item 0 is the same, but is ******"],
    );
    check(
        "either = { token = 'x', key = 'hunter2' }",
        &[],
        &["`either` must have exactly one of the keys `token`, `key`, but has `key`, `token`"],
    );
}

#[test]
fn elsewhere_lines_are_shown_and_values_too() {
    let text = "[account]\nuser = 'ada'\npassword = 'hunter2'\nnumber = -1";
    let problems = load::<Outer>(&[Source::new("a.toml", text)], None, &[]).err().unwrap();
    assert_eq!(problems.iter().map(|problem| problem.secret).collect::<Vec<_>>(), [false]);
    assert!(shown(problems.iter().next().unwrap(), text).contains("number = -1"));
}

#[test]
fn printing_and_writing() {
    let text = "[account]\nuser = 'ada'\npassword = 'hunter2'\ntokens = { a = 'hunter2' }";
    let sources = [Source::new("a.toml", text)];
    let loaded = load::<Outer>(&sources, None, &[]).unwrap();
    let resolved = serde_json::to_string(&loaded.resolved.to_vec()).unwrap();
    let shown = format!("{loaded:?} {resolved} {}", to_toml(&loaded.value).unwrap());
    assert!(!shown.contains(SECRET), "{shown}");
    assert_eq!(loaded.value.account.unwrap().password.expose(), SECRET);
    assert!(Secret::<String>::is_secret() && Option::<Secret<String>>::is_secret());
}
