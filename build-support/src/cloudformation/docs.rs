//! Documentation of generated items: what the schema says, in our words.

use proc_macro2::TokenStream;
use quote::quote;

use super::shape::{Network, Presence, Property, Replaces, Resource, Shape};

/// The attributes of a documentation, one for each line.
pub(super) fn attributes(text: &str) -> TokenStream {
    let lines = text.lines().map(|line| {
        // As in a comment, where a space stands after the slashes.
        let line = if line.is_empty() { String::new() } else { format!(" {line}") };
        quote! { #[doc = #line] }
    });
    quote! { #(#lines)* }
}

pub(super) fn resource(resource: &Resource) -> String {
    let page = resource.type_name.to_ascii_lowercase();
    let page = page.trim_start_matches("aws::").replace("::", "-");
    format!(
        "A resource of type `{}`.\n\nMirrors [AWS's page of the type](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-{page}.html).",
        resource.type_name
    )
}

pub(super) fn property(property: &Property) -> String {
    let mut text = format!("`{}`: {}.", property.name, shape(&property.shape));
    if property.presence == Presence::Required {
        text.push_str(" Required.");
    }
    text.push_str(match property.replaces {
        Replaces::Never => "",
        Replaces::Sometimes => " A change may replace the resource.",
        Replaces::Always => " A change replaces the resource.",
    });
    text
}

/// What a value may be: `text of 3 to 63 characters`.
pub(super) fn shape(shape: &Shape) -> String {
    match shape {
        Shape::Text(text) => {
            let mut out = match (&text.kind, text.network) {
                _ if text.enumeration.is_some() => "one of its values".to_owned(),
                (Some(kind), _) => format!("`{}`", kind.format),
                (None, Some(Network::V4)) => "a block of IPv4 addresses".to_owned(),
                (None, Some(Network::V6)) => "a block of IPv6 addresses".to_owned(),
                (None, None) => "text".to_owned(),
            };
            if text.values.is_empty() {
                if let Some(range) = range(text.min.map(i64::from), text.max.map(i64::from)) {
                    out.extend([" of ", &range, " characters"]);
                }
                // Backquotes would end the code.
                if let Some(pattern) = text.pattern.as_ref().filter(|pattern| !pattern.contains('`')) {
                    out.extend([" that matches `", pattern, "`"]);
                }
            }
            out
        }
        Shape::Integer { values, .. } if !values.is_empty() => {
            let values: Vec<String> = values.iter().map(ToString::to_string).collect();
            format!("a whole number, one of {}", values.join(", "))
        }
        Shape::Integer { min, max, .. } => match range(*min, *max) {
            Some(range) => format!("a whole number, {range}"),
            None => "a whole number".to_owned(),
        },
        Shape::Number { min, max } => match range(*min, *max) {
            Some(range) => format!("a number, {range}"),
            None => "a number".to_owned(),
        },
        Shape::Boolean => "true or false".to_owned(),
        Shape::List { min, max, unique, item } => {
            let unique = if *unique { ", none twice" } else { "" };
            let count = match range(min.filter(|min| *min > 0), *max) {
                Some(range) => format!(" of {range} items"),
                None => String::new(),
            };
            format!("a list{count}{unique}; each {}", self::shape(item))
        }
        Shape::Map { value, .. } => format!("a map; each value {}", self::shape(value)),
        Shape::Object { is_tag: true, .. } => "a tag".to_owned(),
        Shape::Object { .. } => "an object".to_owned(),
        Shape::Json => "a JSON document".to_owned(),
    }
}

fn range<T: std::fmt::Display + PartialEq>(min: Option<T>, max: Option<T>) -> Option<String> {
    match (min, max) {
        (Some(min), Some(max)) if min == max => Some(min.to_string()),
        (Some(min), Some(max)) => Some(format!("{min} to {max}")),
        (Some(min), None) => Some(format!("{min} or more")),
        (None, Some(max)) => Some(format!("up to {max}")),
        (None, None) => None,
    }
}
