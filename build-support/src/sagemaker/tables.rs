//! The constraints of request shapes as static tables.

use std::collections::BTreeSet;

use anyhow::Result;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::names;
use super::overlay::Overlay;
use super::schema::{Model, Shape, matches_all};

pub(super) fn emit(model: &Model, overlay: &Overlay, shapes: &BTreeSet<&str>) -> Result<TokenStream> {
    let mut tables = Vec::new();
    for name in shapes {
        let ident = names::table(name);
        let (kind, pattern) = kind(model, overlay, name)?;
        tables.push(quote! {
            #pattern
            pub static #ident: Shape = Shape { name: #name, kind: #kind };
        });
    }
    let all = shapes.iter().map(|name| names::table(name));
    Ok(quote! {
        use ::pipewright_model::shape::{Kind, Member, Pattern, Range, Rule, Shape};
        #(#tables)*
        /// Every shape, for the tests of the tables.
        #[cfg(test)]
        pub(crate) static ALL: &[&Shape] = &[#(&#all),*];
    })
}

fn kind(model: &Model, overlay: &Overlay, name: &str) -> Result<(TokenStream, Option<TokenStream>)> {
    let kind = match model.shape(name)? {
        shape @ Shape::Structure { required, .. } => {
            let members = shape.members().map(|(member, shape)| {
                let required = overlay.requires(name, required, member);
                let table = names::table(shape);
                quote! { Member { name: #member, required: #required, shape: &#table } }
            });
            let rules = rules(overlay, name);
            quote! { Kind::Structure { members: &[#(#members),*], rules: &[#(#rules),*] } }
        }
        Shape::List { member, min, max } => {
            let (item, size) = (names::table(member), range(*min, *max));
            quote! { Kind::List { item: &#item, size: #size } }
        }
        Shape::Map { key, value, min, max } => {
            let (key, value, size) = (names::table(key), names::table(value), range(*min, *max));
            quote! { Kind::Map { key: &#key, value: &#value, size: #size } }
        }
        Shape::String { min, max, pattern, values } => {
            // The known values bound the length already.
            let length = if values.is_empty() { range(*min, *max) } else { range(None, None) };
            let ignored = overlay.of(name).is_some_and(|c| c.no_pattern) || !values.is_empty();
            let source = pattern.as_deref().filter(|p| !ignored && !matches_all(p)).map(ascii_classes);
            let ident = format_ident!("{}_PATTERN", names::table(name));
            let declared = source.map(|source| quote! { static #ident: Pattern = Pattern::new(#source); });
            let pattern = if declared.is_some() {
                quote! { Some(&#ident) }
            } else {
                quote! { None }
            };
            let kind =
                quote! { Kind::String { length: #length, pattern: #pattern, values: &[#(#values),*] } };
            return Ok((kind, declared));
        }
        Shape::Integer { min, max } => {
            let range = range(*min, *max);
            quote! { Kind::Integer(#range) }
        }
        #[expect(clippy::cast_possible_truncation, reason = "the model's bounds are whole numbers")]
        Shape::Float { min, max } => {
            let range = range(min.map(|m| m as i64), max.map(|m| m as i64));
            quote! { Kind::Float(#range) }
        }
        Shape::Boolean => quote! { Kind::Boolean },
        Shape::Timestamp => quote! { Kind::Timestamp },
    };
    Ok((kind, None))
}

fn range(min: Option<i64>, max: Option<i64>) -> TokenStream {
    let bound = |bound: Option<i64>| bound.map_or_else(|| quote! { None }, |value| quote! { Some(#value) });
    match (min, max) {
        (None, None) => quote! { Range::ANY },
        (min, max) => {
            let (min, max) = (bound(min), bound(max));
            quote! { Range::new(#min, #max) }
        }
    }
}

fn rules(overlay: &Overlay, name: &str) -> Vec<TokenStream> {
    let Some(correction) = overlay.of(name) else { return Vec::new() };
    let exactly = correction.exactly_one.iter().map(|names| quote! { Rule::ExactlyOne(&[#(#names),*]) });
    let at_most = correction.at_most_one.iter().map(|names| quote! { Rule::AtMostOne(&[#(#names),*]) });
    exactly.chain(at_most).collect()
}

/// Writes Unicode classes as what a small engine knows: ASCII's part of the class, and everything
/// beyond ASCII. That lets a few characters pass that the service refuses; it refuses none that
/// the service takes.
fn ascii_classes(pattern: &str) -> String {
    const BEYOND: &str = r"\u{80}-\u{10FFFF}";
    [
        (r"\p{Alnum}", "A-Za-z0-9".to_owned()),
        (r"\p{L}", format!("A-Za-z{BEYOND}")),
        (r"\p{M}", BEYOND.to_owned()),
        (r"\p{N}", format!("0-9{BEYOND}")),
        (r"\p{Z}", format!(" {BEYOND}")),
        (r"\p{S}", format!(r"$+<=>^`|~{BEYOND}")),
        (r"\p{P}", format!(r##"!"#%&'()*,\-./:;?@\[\\\]_{{}}{BEYOND}"##)),
    ]
    .iter()
    .fold(pattern.to_owned(), |text, (class, ascii)| text.replace(class, ascii))
}
