//! The types that authors of templates use.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::docs;
use super::names;
use super::shape::{Attribute, Enum, Object, Presence, Property, Resource, Shape};
use super::tables;

/// How many modules a type stands below the module that holds `kinds` and `tables`.
#[derive(Clone, Copy)]
enum Depth {
    /// In the module of a service.
    Service,
    /// In the module of a resource.
    Resource,
}

/// The struct of a resource, its attributes, and the module of its property types.
pub(super) fn resource(resource: &Resource) -> TokenStream {
    let name = names::ident(&resource.name);
    let depth = Depth::Service;
    let doc = docs::attributes(&docs::resource(resource));
    let type_name = &resource.type_name;
    let create_only = &resource.create_only;
    let derives = derives(&resource.root);
    let schema = tables::static_name(resource, None);
    let constructors =
        constructors(&resource.root, resource, depth, &quote! { crate::resource::Body::default() });
    let setters = setters(&resource.root, resource, depth);
    let reference = if let Some(kind) = &resource.reference {
        let kind = names::ident(&kind.name);
        quote! { super::kinds::#kind }
    } else {
        quote! { String }
    };
    let attributes = attributes(resource);
    let property_types = property_types(resource);
    quote! {
        #doc
        #derives
        pub struct #name(crate::resource::Body);

        impl #name {
            /// The type's name in a template.
            pub const TYPE: &'static str = #type_name;
            /// Properties whose change replaces the resource: paths with `.`, and `*` for the items of a list.
            pub const CREATE_ONLY: &'static [&'static str] = &[#(#create_only),*];
            /// All that is known of the type.
            pub const SCHEMA: &'static crate::schema::ResourceSchema = &super::tables::#schema;
            #constructors
            #(#setters)*
        }

        impl crate::resource::Resource for #name {
            type Ref = #reference;
            fn type_name(&self) -> &str {
                Self::TYPE
            }
            fn body(&mut self) -> &mut crate::resource::Body {
                &mut self.0
            }
            fn into_body(self) -> crate::resource::Body {
                self.0
            }
        }

        #attributes

        #property_types

    }
}

/// What can be made from nothing has a default.
fn derives(object: &Object) -> TokenStream {
    let needs_some = |property: &Property| property.presence == Presence::Required;
    if object.alternatives.is_empty() && !object.properties.iter().any(needs_some) {
        quote! { #[derive(Clone, Debug, Default)] }
    } else {
        quote! { #[derive(Clone, Debug)] }
    }
}

/// `new`, or a constructor for each alternative.
fn constructors(object: &Object, resource: &Resource, depth: Depth, empty: &TokenStream) -> TokenStream {
    let one = |name: &Ident, alternative: Option<&str>| {
        let given = |property: &&Property| {
            property.presence == Presence::Required || alternative == Some(property.name.as_str())
        };
        let properties: Vec<&Property> = object.properties.iter().filter(given).collect();
        let parameters = properties.iter().map(|property| {
            let name = names::method(&property.name);
            let value = value_type(&property.shape, resource, depth);
            quote! { #name: impl Into<crate::value::Value<#value>> }
        });
        let sets = properties.iter().map(|property| {
            let key = &property.name;
            let name = names::method(key);
            quote! { .set(#key, #name.into()) }
        });
        let mut lines = vec![match (alternative, properties.len()) {
            (Some(name), _) => format!("With `{name}`."),
            (None, 0) => "With nothing set.".to_owned(),
            (None, _) => "With all that is required, in alphabetical order.".to_owned(),
        }];
        lines.extend(properties.iter().map(|property| format!("- {}", docs::property(property))));
        let doc = docs::attributes(&lines.join("\n\n"));
        quote! {
            #doc
            pub fn #name(#(#parameters),*) -> Self {
                Self(#empty #(#sets)*)
            }
        }
    };
    if object.alternatives.is_empty() {
        return one(&format_ident!("new"), None);
    }
    object.alternatives.iter().map(|name| one(&names::method(name), Some(name))).collect()
}

fn setters(object: &Object, resource: &Resource, depth: Depth) -> Vec<TokenStream> {
    let optional = |property: &&Property| {
        property.presence == Presence::Optional && !object.alternatives.contains(&property.name)
    };
    object
        .properties
        .iter()
        .filter(optional)
        .map(|property| {
            let doc = docs::attributes(&docs::property(property));
            let key = &property.name;
            let name = names::method(key);
            let value = value_type(&property.shape, resource, depth);
            quote! {
                #doc
                pub fn #name(self, value: impl Into<crate::value::Value<#value>>) -> Self {
                    Self(self.0.set(#key, value.into()))
                }
            }
        })
        .collect()
}

fn attributes(resource: &Resource) -> TokenStream {
    let methods = resource.attributes.iter().filter_map(|Attribute { name, shape }| {
        let shape = shape.as_ref()?;
        let method = names::method(&name.replace('.', "_"));
        let value = value_type(shape, resource, Depth::Service);
        let doc = docs::attributes(&format!("`Fn::GetAtt` of `{name}`: {}.", docs::shape(shape)));
        Some(quote! {
            #doc
            pub fn #method(&self) -> crate::value::Value<#value> {
                self.attribute(#name)
            }
        })
    });
    let methods: Vec<TokenStream> = methods.collect();
    if methods.is_empty() {
        return TokenStream::new();
    }
    let name = names::ident(&resource.name);
    quote! {
        impl crate::resource::Handle<#name> {
            #(#methods)*
        }
    }
}

fn property_types(resource: &Resource) -> TokenStream {
    let objects = resource.objects.iter().filter(|object| !object.is_tag);
    let objects: Vec<TokenStream> = objects.map(|object| property_type(object, resource)).collect();
    let enums: Vec<TokenStream> = resource.enums.iter().map(|each| enumeration(each, resource)).collect();
    if objects.is_empty() && enums.is_empty() {
        return TokenStream::new();
    }
    let module = names::ident(&resource.module);
    let doc = docs::attributes(&format!("Property types and enumerations of `{}`.", resource.type_name));
    quote! {
        #doc
        pub mod #module {
            #(#objects)*
            #(#enums)*
        }
    }
}

fn property_type(object: &Object, resource: &Resource) -> TokenStream {
    let name = names::ident(&object.name);
    let depth = Depth::Resource;
    let derives = derives(object);
    let doc = docs::attributes(&format!("`{}` of `{}`.", object.name, resource.type_name));
    let constructors =
        constructors(object, resource, depth, &quote! { crate::resource::Properties::default() });
    let setters = setters(object, resource, depth);
    quote! {
        #doc
        #derives
        pub struct #name(crate::resource::Properties);

        impl #name {
            #constructors
            #(#setters)*
        }

        impl From<#name> for crate::value::Value<#name> {
            fn from(object: #name) -> Self {
                Self::raw(object.0.into_node())
            }
        }
    }
}

fn enumeration(each: &Enum, resource: &Resource) -> TokenStream {
    let name = names::ident(&each.name);
    let doc = docs::attributes(&format!("Values of `{}` of `{}`.", each.name, resource.type_name));
    let constants = each.values.iter().map(|(constant, value)| {
        let constant = names::ident(constant);
        let doc = docs::attributes(&format!("`{value}`"));
        quote! {
            #doc
            pub const #constant: Self = Self(std::borrow::Cow::Borrowed(#value));
        }
    });
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct #name(std::borrow::Cow<'static, str>);

        impl #name {
            #(#constants)*
            /// A value that is newer than this list.
            pub fn other(value: impl Into<std::borrow::Cow<'static, str>>) -> Self {
                Self(value.into())
            }
            /// The value as the template has it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<#name> for crate::value::Value<#name> {
            fn from(value: #name) -> Self {
                Self::raw(value.0.into_owned().into())
            }
        }
    }
}

/// The type argument of `Value`.
fn value_type(shape: &Shape, resource: &Resource, depth: Depth) -> TokenStream {
    let local = |name: &str| {
        let name = names::ident(name);
        match depth {
            Depth::Service => {
                let module = names::ident(&resource.module);
                quote! { #module::#name }
            }
            Depth::Resource => quote! { #name },
        }
    };
    match shape {
        Shape::Text(text) => match (&text.enumeration, &text.kind) {
            (Some(name), _) => local(name),
            (None, Some(kind)) => {
                let kind = names::ident(&kind.name);
                match depth {
                    Depth::Service => quote! { super::kinds::#kind },
                    Depth::Resource => quote! { super::super::kinds::#kind },
                }
            }
            (None, None) => quote! { String },
        },
        Shape::Integer { .. } => quote! { i64 },
        Shape::Number { .. } => quote! { f64 },
        Shape::Boolean => quote! { bool },
        Shape::List { item, .. } => {
            let item = value_type(item, resource, depth);
            quote! { crate::value::List<#item> }
        }
        Shape::Map { value, .. } => {
            let value = value_type(value, resource, depth);
            quote! { crate::value::Map<#value> }
        }
        Shape::Object { is_tag: true, .. } => quote! { crate::tag::Tag },
        Shape::Object { name, .. } => local(name),
        Shape::Json => quote! { crate::value::Json },
    }
}
