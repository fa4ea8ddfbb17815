//! The tables that checks walk: one static for each object, and one for each resource.

use heck::ToShoutySnakeCase;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::names;
use super::shape::{Network, Object, Presence, Property, Resource, Rule, Shape, Text};

pub(super) fn emit(resources: &[Resource]) -> TokenStream {
    let statics = resources.iter().map(resource);
    let names = resources.iter().map(|resource| static_name(resource, None));
    quote! {
        /// What the schemas allow.
        pub(crate) mod tables {
            use crate::schema::{
                Entries, Format, Integer, Items, Number, Object, Presence, Property, ResourceSchema, Rule, Shape, Text,
            };

            /// Text without limits.
            static TEXT: Text =
                Text { min: None, max: None, pattern: None, values: &[], ignore_case: false, format: Format::Any };
            /// A whole number without limits.
            static INTEGER: Integer = Integer { min: None, max: None, values: &[] };
            /// A number without limits.
            static NUMBER: Number = Number { min: None, max: None };

            /// All resource types, sorted by name.
            pub(crate) static RESOURCES: &[&ResourceSchema] = &[#(&#names),*];

            #(#statics)*
        }
    }
}

/// The static of a resource, or of one of its objects.
pub(super) fn static_name(resource: &Resource, object: Option<&str>) -> Ident {
    let mut name = format!("{}_{}", resource.service, resource.module).to_shouty_snake_case();
    if let Some(object) = object {
        // Two underscores, so that no object of one resource has the name of another resource.
        name.push_str("__");
        name.push_str(&object.to_shouty_snake_case());
    }
    names::ident(&name)
}

fn resource(resource: &Resource) -> TokenStream {
    let name = static_name(resource, None);
    let type_name = &resource.type_name;
    let attributes = resource.attributes.iter().map(|attribute| &attribute.name);
    let service = names::ident(&resource.service);
    let rust_name = names::ident(&resource.name);
    let conditional = &resource.conditional_create_only;
    let root_name = static_name(resource, Some("root"));
    let root = object(&resource.root, resource);
    let objects = resource.objects.iter().map(|each| {
        let name = static_name(resource, Some(&each.name));
        let object = object(each, resource);
        quote! { static #name: Object = #object; }
    });
    quote! {
        pub(crate) static #name: ResourceSchema = ResourceSchema {
            name: #type_name,
            root: &#root_name,
            attributes: &[#(#attributes),*],
            create_only: super::#service::#rust_name::CREATE_ONLY,
            conditional_create_only: &[#(#conditional),*],
        };
        static #root_name: Object = #root;
        #(#objects)*
    }
}

fn object(object: &Object, resource: &Resource) -> TokenStream {
    let properties = object.properties.iter().map(|Property { name, presence, shape, .. }| {
        let presence = match presence {
            Presence::Optional => quote! { Optional },
            Presence::Required => quote! { Required },
            Presence::ReadOnly => quote! { ReadOnly },
        };
        let shape = self::shape(shape, resource);
        quote! { Property { name: #name, presence: Presence::#presence, shape: #shape } }
    });
    let rules = object.rules.iter().map(rule);
    quote! { Object { properties: &[#(#properties),*], rules: &[#(#rules),*] } }
}

fn rule(rule: &Rule) -> TokenStream {
    match rule {
        Rule::AtLeastOne(names) => quote! { Rule::AtLeastOne(&[#(#names),*]) },
        Rule::ExactlyOne(names) => quote! { Rule::ExactlyOne(&[#(#names),*]) },
        Rule::Requires(name, others) => quote! { Rule::Requires(#name, &[#(#others),*]) },
        Rule::Excludes(name, others) => quote! { Rule::Excludes(#name, &[#(#others),*]) },
    }
}

fn shape(shape: &Shape, resource: &Resource) -> TokenStream {
    match shape {
        Shape::Text(text) => self::text(text),
        Shape::Integer { min: None, max: None, values } if values.is_empty() => {
            quote! { Shape::Integer(&INTEGER) }
        }
        Shape::Integer { min, max, values } => {
            let (min, max) = (option(*min, Literal::i64_unsuffixed), option(*max, Literal::i64_unsuffixed));
            let values = values.iter().map(|value| Literal::i64_unsuffixed(*value));
            quote! { Shape::Integer(&Integer { min: #min, max: #max, values: &[#(#values),*] }) }
        }
        Shape::Number { min: None, max: None } => quote! { Shape::Number(&NUMBER) },
        Shape::Number { min, max } => {
            let (min, max) = (option(*min, Literal::f64_unsuffixed), option(*max, Literal::f64_unsuffixed));
            quote! { Shape::Number(&Number { min: #min, max: #max }) }
        }
        Shape::Boolean => quote! { Shape::Boolean },
        Shape::List { min, max, unique, item } => {
            let (min, max) = counts(*min, *max);
            let item = self::shape(item, resource);
            quote! { Shape::List(&Items { min: #min, max: #max, unique: #unique, item: #item }) }
        }
        Shape::Map { min, max, key, value } => {
            let (min, max) = counts(*min, *max);
            let key = option(key.as_deref(), Literal::string);
            let value = self::shape(value, resource);
            quote! { Shape::Map(&Entries { min: #min, max: #max, key: #key, value: #value }) }
        }
        Shape::Object { name, .. } => {
            let name = static_name(resource, Some(name));
            quote! { Shape::Object(&#name) }
        }
        Shape::Json => quote! { Shape::Json },
    }
}

fn text(text: &Text) -> TokenStream {
    let Text { min, max, pattern, values, ignore_case, network, .. } = text;
    if min.is_none() && max.is_none() && pattern.is_none() && values.is_empty() && network.is_none() {
        return quote! { Shape::Text(&TEXT) };
    }
    let (min, max) = counts(*min, *max);
    let pattern = option(pattern.as_deref(), Literal::string);
    let format = match network {
        None => quote! { Any },
        Some(Network::V4) => quote! { Ipv4Network },
        Some(Network::V6) => quote! { Ipv6Network },
    };
    quote! {
        Shape::Text(&Text {
            min: #min,
            max: #max,
            pattern: #pattern,
            values: &[#(#values),*],
            ignore_case: #ignore_case,
            format: Format::#format,
        })
    }
}

fn counts(min: Option<u32>, max: Option<u32>) -> (TokenStream, TokenStream) {
    (option(min, Literal::u32_unsuffixed), option(max, Literal::u32_unsuffixed))
}

fn option<T>(value: Option<T>, literal: impl FnOnce(T) -> Literal) -> TokenStream {
    if let Some(literal) = value.map(literal) {
        quote! { Some(#literal) }
    } else {
        quote! { None }
    }
}
