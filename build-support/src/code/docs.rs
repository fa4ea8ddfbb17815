//! Doc comments of generated items. Texts of a script are shown as texts, whatever Markdown would make of them.

use proc_macro2::TokenStream;
use quote::quote;

use super::contract::{Argument, Arity, DefaultValue, Spelling, Takes, ValueType};

/// A text as a doc comment, line by line, with a space at the start of each as an author would write it.
pub(super) fn attributes(text: &str) -> TokenStream {
    let lines = text.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote!(#(#[doc = #lines])*)
}

/// The doc comment of an argument's setter: what the script's author says, then how it is passed.
pub(super) fn argument(argument: &Argument) -> String {
    let mut facts =
        vec![flags(argument) + ": " + &value(argument) + if argument.required { ", required." } else { "." }];
    if let Takes::Value { of: ValueType::Choice(choices), .. } = &argument.takes {
        facts.push(format!(
            "Choices: {}.",
            choices.iter().map(|choice| code(choice)).collect::<Vec<_>>().join(", ")
        ));
    }
    if let Some(choices) = &argument.choices {
        facts.push(format!("Choices, as the script computes them: {}.", code(choices)));
    }
    facts.extend(argument.default.as_ref().map(default));
    if let Takes::Value { of: ValueType::Truthy, .. } = argument.takes {
        facts.push(
            "The script takes any text but the empty one for true; false is passed as nothing.".to_owned(),
        );
    }
    match &argument.help {
        Some(help) => format!("{}\n\n{}", prose(help), facts.join("\n")),
        None => facts.join("\n"),
    }
}

fn flags(argument: &Argument) -> String {
    match &argument.spelling {
        Spelling::Positional => format!("{} by place", code(&argument.name)),
        Spelling::Option { flag, aliases } if aliases.is_empty() => code(flag),
        Spelling::Option { flag, aliases } => {
            format!(
                "{} (also {})",
                code(flag),
                aliases.iter().map(|alias| code(alias)).collect::<Vec<_>>().join(", ")
            )
        }
    }
}

fn value(argument: &Argument) -> String {
    match &argument.takes {
        Takes::Nothing => "passed without a value".to_owned(),
        Takes::Switch { when } => format!("passed for `{when}`, left out for `{}`", !when),
        Takes::Toggle { off } => format!("passed for `true`, {} for `false`", code(off)),
        Takes::Count => "passed as often as the number says".to_owned(),
        Takes::Value { of, arity, repeated } => {
            let (one, many) = match of {
                ValueType::Integer => ("an integer", "integers"),
                ValueType::Float => ("a number", "numbers"),
                ValueType::String | ValueType::Text => ("text", "texts"),
                ValueType::Truthy => ("a boolean", "booleans"),
                ValueType::Choice(_) => ("a choice", "choices"),
            };
            let values = match arity {
                Arity::One if *repeated => many.to_owned(),
                Arity::One => one.to_owned(),
                Arity::Optional => format!("{one} or nothing"),
                Arity::Any => format!("any number of {many}"),
                Arity::Some => format!("one or more {many}"),
                Arity::Exactly(count) => format!("{count} {many}"),
                Arity::Remainder => format!("the rest of the command line, {many}"),
            };
            if *repeated { format!("{values}, with the flag before each") } else { values }
        }
    }
}

/// What holds when the argument is left out.
pub(super) fn default(default: &DefaultValue) -> String {
    match default {
        DefaultValue::Literal(text) if text.is_empty() => "Default: the empty text.".to_owned(),
        DefaultValue::Literal(text) => format!("Default: {}.", code(text)),
        DefaultValue::Environment { name, otherwise } => {
            let name = name.as_ref().map(|name| format!(" ({})", code(name))).unwrap_or_default();
            let otherwise =
                otherwise.as_ref().map(|text| format!(", otherwise {}", code(text))).unwrap_or_default();
            format!("Default: from the environment{name}{otherwise}.")
        }
        DefaultValue::Computed(source) => format!("Default: computed, {}.", code(source)),
    }
}

/// Text as inline code.
pub(super) fn code(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.contains('`') {
        // As many backquotes as needed to tell the fence from the text.
        let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest + 1);
        format!("{fence} {text} {fence}")
    } else if text.trim().is_empty() {
        format!("\"{text}\"")
    } else {
        format!("`{text}`")
    }
}

/// Text as a paragraph. argparse writes `%%` for a percent sign.
pub(super) fn prose(text: &str) -> String {
    let mut escaped = String::new();
    for word in text.split_whitespace() {
        if !escaped.is_empty() {
            escaped.push(' ');
        }
        for c in word.replace("%%", "%").chars() {
            if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&') {
                escaped.push('\\');
            }
            escaped.push(c);
        }
    }
    // At the start of a line these would make a list or heading; a bare address would be a lint's business.
    if escaped.starts_with(['-', '+', '=']) {
        escaped.insert(0, '\\');
    }
    escaped.replace("://", ":\\//")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_texts() {
        for (text, expected) in [
            ("plain words", "plain words"),
            ("a  b\n c", "a b c"),
            ("<b> [x](y) *z*", r"\<b\> \[x\](y) \*z\*"),
            ("50%% of it", "50% of it"),
            ("- list", r"\- list"),
            ("see https://example.org", r"see https:\//example.org"),
        ] {
            assert_eq!(prose(text), expected);
        }
        for (text, expected) in [("x", "`x`"), ("", "\"\""), ("a`b", "`` a`b ``"), ("a\nb", "`a b`")] {
            assert_eq!(code(text), expected);
        }
    }
}
