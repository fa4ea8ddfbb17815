//! Fields, constraints and literals as the configuration library's data.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use syn::{Ident, Path};

use crate::constant::{Constant, Number};
use crate::model::{Bound, Constraints, Default, Field, Length, Named, NamedType};

/// The static that holds a field's compiled pattern.
pub(super) fn pattern_static(index: usize) -> Ident {
    format_ident!("__PATTERN_{index}")
}

/// A field as data.
pub(super) fn field(index: usize, field: &Field, config: &Path) -> TokenStream {
    let Field { key, description, default, constraints, aliases, title, deprecated, examples, .. } = field;
    let mut settings = TokenStream::new();
    if !aliases.is_empty() {
        settings.extend(quote!(aliases: &[#(#aliases),*],));
    }
    if let Some(title) = title {
        settings.extend(quote!(title: #title,));
    }
    if let Some(instead) = deprecated {
        settings.extend(quote!(deprecated: ::core::option::Option::Some(#instead),));
    }
    if !examples.is_empty() {
        let examples = examples.iter().map(|example| literal(example, config));
        settings.extend(quote!(examples: &[#(#examples),*],));
    }
    if !description.is_empty() {
        settings.extend(quote!(description: #description,));
    }
    if let Some(default) = default {
        let literal = match default {
            Default::Constant(constant) => literal(constant, config),
            Default::Named(named) => named_literal(named, config),
            Default::Empty => quote!(#config::Literal::Empty),
        };
        settings.extend(quote!(default: ::core::option::Option::Some(#literal),));
    }
    let constraints = self::constraints(&pattern_static(index), index, constraints, config);
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

/// All patterns of a field and its elements, each with its static.
pub(super) fn patterns(name: &Ident, constraints: &Constraints) -> Vec<(Ident, String)> {
    let mut out: Vec<(Ident, String)> =
        constraints.pattern.iter().map(|pattern| (name.clone(), pattern.clone())).collect();
    for (part, inner) in parts(constraints) {
        out.extend(patterns(&part_static(name, part), inner));
    }
    out
}

fn parts(constraints: &Constraints) -> impl Iterator<Item = (&'static str, &Constraints)> {
    let Constraints { items, keys, values, .. } = constraints;
    let parts = [("items", items), ("keys", keys), ("values", values)];
    parts.into_iter().filter_map(|(part, inner)| Some((part, inner.as_deref()?)))
}

fn part_static(name: &Ident, part: &str) -> Ident {
    format_ident!("{name}_{}", part.to_uppercase())
}

/// The limits on numbers and lengths alone, for the compiler to look at.
pub(super) fn limits(index: usize, constraints: &Constraints, config: &Path) -> TokenStream {
    let Constraints { ge, gt, le, lt, multiple_of, min_length, max_length, choices, .. } = constraints;
    let alone = Constraints {
        ge: ge.clone(),
        gt: gt.clone(),
        le: le.clone(),
        lt: lt.clone(),
        multiple_of: multiple_of.clone(),
        min_length: min_length.clone(),
        max_length: max_length.clone(),
        choices: choices.clone(),
        ..Constraints::default()
    };
    let fields = self::constraints(&pattern_static(index), index, &alone, config);
    quote!((#config::Constraints { #fields ..#config::Constraints::NONE }))
}

/// A field's default as a number.
pub(super) fn default_number(field: &Field, config: &Path) -> TokenStream {
    match &field.default {
        Some(Default::Constant(Constant::Number(n))) => number(*n, config),
        Some(Default::Named(named)) => named_number(named, config),
        _ => quote!(#config::Number::Integer(0)),
    }
}

/// The number that an expression is.
fn named_number(named: &Named, config: &Path) -> TokenStream {
    let expr = &named.expr;
    match named.ty {
        NamedType::Integer(name) => {
            let ty = format_ident!("{name}");
            quote!(#config::Number::Integer({ const __VALUE: #ty = #expr; __VALUE as i128 }))
        }
        NamedType::Float(name) => {
            let ty = format_ident!("{name}");
            quote!(#config::Number::Float({ const __VALUE: #ty = #expr; __VALUE as f64 }))
        }
        NamedType::Text | NamedType::Boolean => quote!(#config::Number::Integer(0)),
    }
}

fn named_literal(named: &Named, config: &Path) -> TokenStream {
    let expr = &named.expr;
    match named.ty {
        NamedType::Text => quote!(#config::Literal::Text({ const __VALUE: &str = #expr; __VALUE })),
        NamedType::Boolean => quote!(#config::Literal::Boolean({ const __VALUE: bool = #expr; __VALUE })),
        NamedType::Integer(_) | NamedType::Float(_) => {
            let number = named_number(named, config);
            quote!(#config::Literal::Number(#number))
        }
    }
}

fn bound(bound: &Bound, index: usize, config: &Path) -> TokenStream {
    match bound {
        Bound::Number(n) => number(*n, config),
        Bound::Named(named) => named_number(named, config),
        Bound::Text(text, Some(ty)) => {
            quote!(#config::__private::amount(<#ty as #config::Describe>::SHAPE, #text))
        }
        Bound::Text(text, None) => {
            let ty = super::type_constant(index);
            quote!(#config::__private::amount(#ty.shape(), #text))
        }
    }
}

fn constraints(name: &Ident, index: usize, constraints: &Constraints, config: &Path) -> TokenStream {
    let Constraints { ge, gt, le, lt, multiple_of, min_length, max_length, pattern, choices, .. } =
        constraints;
    let mut out = TokenStream::new();
    let numbers = [("ge", ge), ("gt", gt), ("le", le), ("lt", lt), ("multiple_of", multiple_of)];
    for (key, bound) in numbers {
        if let Some(bound) = bound {
            let (key, number) = (format_ident!("{key}"), self::bound(bound, index, config));
            out.extend(quote!(#key: ::core::option::Option::Some(#number),));
        }
    }
    for (key, length) in [("min_length", min_length), ("max_length", max_length)] {
        if let Some(length) = length {
            let key = format_ident!("{key}");
            let length = match length {
                Length::Count(count) => quote!(#count),
                Length::Named(expr) => quote!({ const __VALUE: usize = #expr; __VALUE }),
            };
            out.extend(quote!(#key: ::core::option::Option::Some(#length),));
        }
    }
    if pattern.is_some() {
        out.extend(quote!(pattern: ::core::option::Option::Some(&#name),));
    }
    if constraints.unique_items {
        out.extend(quote!(unique_items: true,));
    }
    for (part, inner) in parts(constraints) {
        let (key, inner_name) = (format_ident!("{part}"), part_static(name, part));
        let inner = self::constraints(&inner_name, index, inner, config);
        out.extend(quote! {
            #key: ::core::option::Option::Some(&#config::Constraints { #inner ..#config::Constraints::NONE }),
        });
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

/// Indices without a suffix.
pub(super) fn numbers(list: impl Iterator<Item = usize>) -> impl Iterator<Item = TokenStream> {
    list.map(|n| quote!(#n))
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
