//! What must hold before declared arguments become a contract, one rule a function: argparse's own rules, and those that
//! make sure that a command line is read the way it was meant.

use super::contract::{Argument, Arity, Contract, Group, Reason, Spelling, Takes};
use super::parsers::Parser;

/// Makes the contract of a parser, or says which rule stands against it.
pub(super) fn contract(parser: Parser) -> Result<Contract, Reason> {
    let Parser { description, mut arguments, flags, groups, defaults, notes, .. } = parser;
    no_flag_twice(&flags)?;
    exclusive_arguments_are_optional(&arguments)?;
    one_positional_of_variable_length(&arguments)?;
    remainder_is_last(&arguments)?;
    arguments = pairs_of_switches(arguments);
    for (name, default) in defaults {
        for argument in arguments.iter_mut().filter(|argument| argument.name == name) {
            argument.default.clone_from(&default);
        }
    }
    arguments = lone_switches_in_groups(arguments);
    let numeric_options = flags.iter().any(|(flag, _)| is_negative_number(flag));
    let (arguments, groups) = groups_in_use(arguments, &groups);
    Ok(Contract { description, arguments, groups, numeric_options, notes })
}

/// argparse refuses a flag that is declared twice.
fn no_flag_twice(flags: &[(String, usize)]) -> Result<(), Reason> {
    for (index, (flag, line)) in flags.iter().enumerate() {
        if flags[..index].iter().any(|(earlier, _)| earlier == flag) {
            return Err(Reason::new(
                *line,
                format!("`{flag}` is declared a second time, which argparse refuses"),
            ));
        }
    }
    Ok(())
}

/// argparse refuses a required argument in a mutually exclusive group: the group may be required, not its members.
fn exclusive_arguments_are_optional(arguments: &[Argument]) -> Result<(), Reason> {
    match arguments.iter().find(|argument| argument.group.is_some() && argument.required) {
        Some(argument) => Err(Reason::new(
            argument.line,
            format!(
                "`{}` is required in a mutually exclusive group, which argparse refuses",
                argument.shown()
            ),
        )),
        None => Ok(()),
    }
}

/// With two of them, which value belongs to which depends on how many there are.
fn one_positional_of_variable_length(arguments: &[Argument]) -> Result<(), Reason> {
    let mut varying = positionals(arguments).filter(|argument| argument.arity().is_some_and(Arity::varies));
    match (varying.next(), varying.next()) {
        (Some(first), Some(second)) => Err(Reason::new(
            second.line,
            format!("`{}` and `{}` both take a variable number of values by place", first.name, second.name),
        )),
        _ => Ok(()),
    }
}

/// `argparse.REMAINDER` takes everything after it, so nothing may follow and nothing before it may be open-ended.
fn remainder_is_last(arguments: &[Argument]) -> Result<(), Reason> {
    let mut remainders = arguments.iter().filter(|argument| argument.arity() == Some(Arity::Remainder));
    let Some(rest) = remainders.next() else { return Ok(()) };
    let refuse = |argument: &Argument, why: &str| {
        Err(Reason::new(
            argument.line,
            format!("`{}` takes the rest of the command line, {why}", argument.shown()),
        ))
    };
    if let Some(second) = remainders.next() {
        return refuse(second, "and so does another argument");
    }
    if matches!(rest.takes, Takes::Value { repeated: true, .. }) {
        return refuse(rest, "so it can't be repeated");
    }
    if !rest.is_positional() {
        return match positionals(arguments).next() {
            Some(_) => refuse(rest, "so arguments by place could not follow"),
            None => Ok(()),
        };
    }
    if positionals(arguments).last().is_some_and(|last| last != rest) {
        return refuse(rest, "so no argument by place can follow");
    }
    let alone = positionals(arguments).count() == 1;
    let open = arguments
        .iter()
        .any(|argument| !argument.is_positional() && argument.arity().is_some_and(Arity::varies));
    if alone && open {
        return refuse(rest, "and an option before it would take its values");
    }
    Ok(())
}

/// `--cache` and `--no-cache` for one value are one argument.
fn pairs_of_switches(arguments: Vec<Argument>) -> Vec<Argument> {
    let mut paired: Vec<Argument> = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let counterpart = paired.iter_mut().find(|other| {
            other.name == argument.name
                && other.group == argument.group
                && matches!(
                    (&other.takes, &argument.takes),
                    (Takes::Switch { when: true }, Takes::Switch { when: false })
                        | (Takes::Switch { when: false }, Takes::Switch { when: true })
                )
        });
        let (Some(other), Spelling::Option { flag, .. }) = (counterpart, &argument.spelling) else {
            paired.push(argument);
            continue;
        };
        let help = other.help.take().or_else(|| argument.help.clone());
        let default = other.default.take().or_else(|| argument.default.clone());
        if argument.takes == (Takes::Switch { when: false }) {
            other.takes = Takes::Toggle { off: flag.clone() };
        } else {
            let off = other.shown().to_owned();
            *other = Argument { takes: Takes::Toggle { off }, ..argument };
        }
        (other.help, other.default) = (help, default);
    }
    paired
}

/// In a mutually exclusive group a switch is given or not; to say "not" would use up the group for nothing.
fn lone_switches_in_groups(arguments: Vec<Argument>) -> Vec<Argument> {
    arguments
        .into_iter()
        .map(|argument| match (&argument.takes, argument.group) {
            (Takes::Switch { .. }, Some(_)) => Argument { takes: Takes::Nothing, ..argument },
            _ => argument,
        })
        .collect()
}

/// Leaves out groups that have no argument; a required one of these can't be satisfied, nor can it be asked for.
fn groups_in_use(arguments: Vec<Argument>, groups: &[Group]) -> (Vec<Argument>, Vec<Group>) {
    let used: Vec<usize> = (0..groups.len())
        .filter(|index| arguments.iter().any(|argument| argument.group == Some(*index)))
        .collect();
    let renumbered = arguments
        .into_iter()
        .map(|argument| {
            let group = argument.group.and_then(|group| used.iter().position(|index| *index == group));
            Argument { group, ..argument }
        })
        .collect();
    (renumbered, used.into_iter().map(|index| groups[index].clone()).collect())
}

fn positionals(arguments: &[Argument]) -> impl Iterator<Item = &Argument> {
    arguments.iter().filter(|argument| argument.is_positional())
}

/// What argparse takes for a negative number: `^-\d+$|^-\d*\.\d+$`.
pub(super) fn is_negative_number(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match text.strip_prefix('-') {
        Some(number) => match number.split_once('.') {
            Some((whole, fraction)) => digits(whole) && !fraction.is_empty() && digits(fraction),
            None => !number.is_empty() && digits(number),
        },
        None => false,
    }
}
