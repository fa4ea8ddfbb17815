//! Rust names for what scripts, arguments and choices are called.

use heck::{ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, Span};

/// Names that a setter can't have: `new` makes the struct.
const TAKEN: &[&str] = &["new"];

/// The name of a type: `train_model` → `TrainModel`. `None` when nothing of the text can stand in a name.
pub(super) fn type_name(text: &str) -> Option<Ident> {
    identifier(text.to_upper_camel_case())
}

/// The name of a method or module: `learning-rate` → `learning_rate`.
pub(super) fn value_name(text: &str) -> Option<Ident> {
    let name = text.to_snake_case();
    identifier(if TAKEN.contains(&name.as_str()) { name + "_" } else { name })
}

/// The name of a choice: `reg:linear` → `RegLinear`, `16` → `N16`, `-0.5` → `Minus0_5`.
pub(super) fn choice_name(text: &str) -> Option<Ident> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => ("Minus", rest),
        _ => ("", text),
    };
    if text.is_empty() {
        return identifier("Empty".to_owned());
    }
    if rest.starts_with(|c: char| c.is_ascii_digit()) && rest.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    {
        let sign = if sign.is_empty() { "N" } else { sign };
        return identifier(format!("{sign}{}", rest.replace('.', "_")));
    }
    type_name(text)
}

/// Makes a name of text that has the right case already.
fn identifier(mut text: String) -> Option<Ident> {
    if text.starts_with(|c: char| c.is_numeric()) {
        text.insert(0, '_');
    }
    // A keyword since edition 2024 that syn takes for a name.
    if text == "gen" {
        return Some(Ident::new_raw(&text, Span::call_site()));
    }
    if let Ok(name) = syn::parse_str::<Ident>(&text) {
        return Some(name);
    }
    // Keywords: most can be written `r#type`, a few can't.
    if syn::parse_str::<Ident>(&format!("r#{text}")).is_ok() {
        return Some(Ident::new_raw(&text, Span::call_site()));
    }
    syn::parse_str::<Ident>(&format!("{text}_")).ok().filter(|_| !text.is_empty())
}

/// Names that were given out in one place of the generated code, each with who has it.
#[derive(Default)]
pub(super) struct Names {
    taken: Vec<(String, String)>,
}

impl Names {
    /// Gives `name` to `owner`; the error is the owner that has it already.
    pub(super) fn take(&mut self, name: &Ident, owner: &str) -> Result<(), String> {
        let name = name.to_string();
        if let Some((_, other)) = self.taken.iter().find(|(taken, _)| *taken == name) {
            return Err(other.clone());
        }
        self.taken.push((name, owner.to_owned()));
        Ok(())
    }

    /// Whether a name was given out.
    pub(super) fn has(&self, name: &str) -> bool {
        self.taken.iter().any(|(taken, _)| taken == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_valid_rust() {
        let check = |make: fn(&str) -> Option<Ident>, text: &str, expected: &str| {
            assert_eq!(make(text).map(|name| name.to_string()).unwrap_or_default(), expected, "{text}");
        };
        for (text, expected) in [
            ("train", "Train"),
            ("train-model.v2", "TrainModelV2"),
            ("type", "Type"),
            ("self", "Self_"),
            ("2prep", "_2prep"),
            ("größe", "Größe"),
            ("---", ""),
            ("", ""),
            ("a²", ""),
            ("数", "数"),
        ] {
            check(type_name, text, expected);
        }
        for (text, expected) in [
            ("learning-rate", "learning_rate"),
            ("learningRate", "learning_rate"),
            ("type", "r#type"),
            ("self", "self_"),
            ("crate", "crate_"),
            ("async", "r#async"),
            ("gen", "r#gen"),
            ("new", "new_"),
            ("2nd", "_2nd"),
            ("_", ""),
            ("x", "x"),
        ] {
            check(value_name, text, expected);
        }
        for (text, expected) in [
            ("reg:squarederror", "RegSquarederror"),
            ("16", "N16"),
            ("-1", "Minus1"),
            ("0.5", "N0_5"),
            ("-0.5", "Minus0_5"),
            ("", "Empty"),
            ("2d", "_2d"),
            ("<", ""),
            ("Self", "Self_"),
        ] {
            check(choice_name, text, expected);
        }
    }

    #[test]
    fn no_keyword_is_a_name() {
        // The Rust reference: strict and reserved keywords of edition 2024.
        for keyword in "as async await break const continue crate dyn else enum extern false fn for gen if impl in let loop \
                        match mod move mut pub ref return self static struct super trait true type unsafe use where while \
                        abstract become box do final macro override priv try typeof unsized virtual yield"
            .split_whitespace()
        {
            let name = value_name(keyword).unwrap().to_string();
            assert!(name == format!("r#{keyword}") || name == format!("{keyword}_"), "{name}");
        }
    }

    #[test]
    fn a_name_is_given_once() {
        let mut names = Names::default();
        let name = type_name("train").unwrap();
        assert_eq!(names.take(&name, "train.py"), Ok(()));
        assert_eq!(names.take(&name, "Train.py"), Err("train.py".to_owned()));
        assert!(names.has("Train") && !names.has("train"));
    }
}
