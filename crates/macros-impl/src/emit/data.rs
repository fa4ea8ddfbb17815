//! Fields, constraints and literals as the configuration library's data.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use syn::{Ident, Path};

use crate::constant::{Constant, Number};
use crate::model::{Constraints, Default, Field};

/// The static that holds a field's compiled pattern.
pub(super) fn pattern_static(index: usize) -> Ident {
    format_ident!("__PATTERN_{index}")
}

/// A field as data.
pub(super) fn field(index: usize, field: &Field, config: &Path) -> TokenStream {
    let Field { key, description, default, constraints, .. } = field;
    let mut settings = TokenStream::new();
    if !description.is_empty() {
        settings.extend(quote!(description: #description,));
    }
    if let Some(default) = default {
        let literal = match default {
            Default::Constant(constant) => literal(constant, config),
            Default::Empty => quote!(#config::Literal::Empty),
        };
        settings.extend(quote!(default: ::core::option::Option::Some(#literal),));
    }
    let constraints = self::constraints(index, constraints, config);
    if !constraints.is_empty() {
        settings
            .extend(quote!(constraints: #config::Constraints { #constraints ..#config::Constraints::NONE },));
    }
    if settings.is_empty() {
        quote!(#config::Field::new(#key))
    } else {
        quote!(#config::Field { #settings ..#config::Field::new(#key) })
    }
}

fn constraints(index: usize, constraints: &Constraints, config: &Path) -> TokenStream {
    let Constraints { ge, gt, le, lt, multiple_of, min_length, max_length, pattern, choices } = constraints;
    let mut out = TokenStream::new();
    let numbers = [("ge", ge), ("gt", gt), ("le", le), ("lt", lt), ("multiple_of", multiple_of)];
    for (key, bound) in numbers {
        if let Some(bound) = bound {
            let (key, number) = (format_ident!("{key}"), number(*bound, config));
            out.extend(quote!(#key: ::core::option::Option::Some(#number),));
        }
    }
    for (key, length) in [("min_length", min_length), ("max_length", max_length)] {
        if let Some(length) = length {
            let key = format_ident!("{key}");
            out.extend(quote!(#key: ::core::option::Option::Some(#length),));
        }
    }
    if pattern.is_some() {
        let name = pattern_static(index);
        out.extend(quote!(pattern: ::core::option::Option::Some(&#name),));
    }
    if !choices.is_empty() {
        let choices = choices.iter().filter_map(|choice| match choice {
            Constant::Text(text) => Some(quote!(#config::Choice::Text(#text))),
            Constant::Number(n) => {
                let number = number(*n, config);
                Some(quote!(#config::Choice::Number(#number)))
            }
            Constant::Boolean(_) | Constant::List(_) => None,
        });
        out.extend(quote!(choices: &[#(#choices),*],));
    }
    out
}

fn number(number: Number, config: &Path) -> TokenStream {
    match number {
        Number::Integer(n) => {
            let n = integer(n);
            quote!(#config::Number::Integer(#n))
        }
        Number::Float(n) => quote!(#config::Number::Float(#n)),
    }
}

/// A literal without a suffix, with its sign.
fn integer(n: i128) -> TokenStream {
    let digits = Literal::u128_unsuffixed(n.unsigned_abs());
    if n < 0 { quote!(-#digits) } else { quote!(#digits) }
}

fn literal(constant: &Constant, config: &Path) -> TokenStream {
    match constant {
        Constant::Text(text) => quote!(#config::Literal::Text(#text)),
        Constant::Number(n) => {
            let number = number(*n, config);
            quote!(#config::Literal::Number(#number))
        }
        Constant::Boolean(b) => quote!(#config::Literal::Boolean(#b)),
        Constant::List(items) => {
            let items = items.iter().map(|item| literal(item, config));
            quote!(#config::Literal::List(&[#(#items),*]))
        }
    }
}

/// Asks whether a literal is a value of a type's shape.
pub(super) fn takes(constant: &Constant, shape: &TokenStream, config: &Path) -> TokenStream {
    match constant {
        Constant::Text(text) => quote!(#config::__private::takes_text(#shape, #text)),
        Constant::Number(Number::Integer(n)) => {
            let n = integer(*n);
            quote!(#config::__private::takes_integer(#shape, #n))
        }
        Constant::Number(Number::Float(_)) => quote!(#config::__private::takes_float(#shape)),
        Constant::Boolean(_) => quote!(#config::__private::takes_boolean(#shape)),
        Constant::List(_) => quote!(#config::__private::takes_list(#shape)),
    }
}

pub(super) fn choice_text(choice: &Constant) -> Option<&str> {
    match choice {
        Constant::Text(text) => Some(text),
        _ => None,
    }
}

pub(super) fn option(value: Option<TokenStream>) -> TokenStream {
    value.map_or_else(
        || quote!(::core::option::Option::None),
        |value| quote!(::core::option::Option::Some(#value)),
    )
}
