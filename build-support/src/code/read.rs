//! A Python script → what it says about its command line.

use super::contract::{Contract, Reading, Reason};
use super::interpret::Interpreter;
use super::parsers::Parser;
use super::rules;
use super::survey::{self, survey};
use super::syntax::{Source, line};

/// Reads the argument declarations of a Python script. It never fails and runs nothing: what can't be understood is
/// [`Reading::Plain`].
pub fn read(script: &[u8]) -> Reading {
    if !survey::is_worth_reading(script) {
        return Reading::Plain(None);
    }
    let source = match Source::parse(script) {
        Ok(source) => source,
        Err(why) => return Reading::Plain(Some(Reason::new(1, why))),
    };
    let survey = survey(&source);
    if let Some(line) = survey.error {
        return Reading::Plain(Some(Reason::new(line, "it is not Python from here on")));
    }
    if survey.argparse.is_none() && survey.declarations.is_empty() {
        return Reading::Plain(survey.other_reader);
    }
    let interpreter = Interpreter::run(&source, &survey);
    if interpreter.gave_up() {
        return Reading::Plain(Some(Reason::new(
            1,
            "its functions call each other too often to be followed",
        )));
    }
    let unseen = survey.declarations.iter().find(|call| !interpreter.seen.contains(&call.id()));
    match choose(interpreter.parsers) {
        Choice::One(Parser { trouble: Some(reason), .. }) => Reading::Plain(Some(reason)),
        Choice::One(parser) => match unseen {
            Some(call) => {
                Reading::Plain(Some(Reason::new(line(*call), "whose argument this is can't be followed")))
            }
            None => match rules::contract(parser) {
                Ok(contract) => Reading::Contract(contract),
                Err(reason) => Reading::Plain(Some(reason)),
            },
        },
        Choice::Several(line) => {
            Reading::Plain(Some(Reason::new(line, "a second parser reads the command line")))
        }
        Choice::None => Reading::Plain(Some(match (unseen, survey.argparse, survey.other_reader) {
            (Some(call), ..) => Reason::new(line(*call), "whose argument this is can't be followed"),
            (None, _, Some(reason)) => reason,
            (None, Some(line), None) => {
                Reason::new(line, "it imports argparse, but its parser can't be followed")
            }
            // Without argparse there was an `add_argument`, and no parser to see it.
            (None, None, None) => return Reading::Contract(Contract::default()),
        })),
    }
}

enum Choice {
    None,
    One(Parser),
    Several(usize),
}

/// The parser that reads the command line: the one that is told to, or the only one.
fn choose(parsers: Vec<Parser>) -> Choice {
    let (mut parsing, mut idle): (Vec<_>, Vec<_>) = parsers.into_iter().partition(|parser| parser.parses);
    let from = if parsing.is_empty() { &mut idle } else { &mut parsing };
    match from.len() {
        0 => Choice::None,
        1 => Choice::One(from.remove(0)),
        _ => Choice::Several(from[1].line),
    }
}
