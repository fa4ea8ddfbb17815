//! Strings with known values: a newtype with a constant for each, and an escape for newer ones.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::names;
use super::schema::{Model, Shape};

pub(super) fn emit<'a>(model: &Model, shapes: impl Iterator<Item = &'a str>) -> TokenStream {
    let enums = shapes.filter_map(|name| match model.shapes.get(name) {
        Some(Shape::String { values, .. }) if !values.is_empty() => Some(one(name, values)),
        _ => None,
    });
    let enums: Vec<TokenStream> = enums.collect();
    quote! {
        use ::std::borrow::Cow;
        use ::pipewright_model::EnumValue;
        #(#enums)*
    }
}

fn one(name: &str, values: &[String]) -> TokenStream {
    let ident = names::type_name(name);
    let mut seen = BTreeSet::new();
    let constants = values.iter().filter_map(|value| {
        let constant = names::constant(value);
        // Two values that differ in punctuation alone: the first has the name, both are known.
        seen.insert(constant.to_string()).then(|| {
            let doc = format!("`{value}`");
            quote! {
                #[doc = #doc]
                pub const #constant: Self = Self(Cow::Borrowed(#value));
            }
        })
    });
    let doc = format!("`{name}`: {} known values.", values.len());
    quote! {
        #[doc = #doc]
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct #ident(Cow<'static, str>);
        impl #ident {
            #(#constants)*
            /// A value that is newer than this release.
            pub fn other(value: impl Into<String>) -> Self {
                Self(Cow::Owned(value.into()))
            }
        }
        impl EnumValue for #ident {
            const NAME: &'static str = #name;
            const VALUES: &'static [&'static str] = &[#(#values),*];
            const OPEN: bool = true;
            fn wire(&self) -> Cow<'static, str> {
                self.0.clone()
            }
        }
    }
}
