//! Request shapes as builders.

use std::collections::BTreeSet;

use anyhow::Result;
use proc_macro2::TokenStream;
use quote::quote;

use super::names;
use super::overlay::Overlay;
use super::schema::{Model, Shape};

pub(super) fn emit(model: &Model, overlay: &Overlay, shapes: &BTreeSet<&str>) -> Result<TokenStream> {
    let mut types = Vec::new();
    for name in shapes {
        if let Shape::Structure { required, .. } = model.shape(name)? {
            types.push(structure(model, overlay, name, required)?);
        }
    }
    Ok(quote! {
        use ::std::borrow::Cow;
        use ::pipewright_model::{Expr, Node, Object, Text};
        use super::enums;
        #(#types)*
    })
}

fn structure(model: &Model, overlay: &Overlay, name: &str, required: &[String]) -> Result<TokenStream> {
    let ident = names::type_name(name);
    let mut demanded = Vec::new();
    let mut setters = Vec::new();
    for (member, shape) in model.shape(name)?.members() {
        let method = names::method(member);
        let Argument { ty, value } = argument(model, shape)?;
        if overlay.requires(name, required, member) {
            demanded.push((
                method.clone(),
                ty.clone(),
                quote! { object.set(#member, { let value = #method; #value }); },
            ));
        }
        let doc = member_doc(model, member, shape)?;
        setters.push(quote! {
            #[doc = #doc]
            pub fn #method(mut self, value: #ty) -> Self {
                self.0.set(#member, #value);
                self
            }
        });
    }
    let doc = format!(
        "[`{name}`](https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_{}.html).",
        name.strip_suffix("Request")
            .or_else(|| name.strip_suffix("Input"))
            .filter(|n| n.starts_with("Create"))
            .unwrap_or(name)
    );
    let constructor = if demanded.is_empty() {
        quote! {
            /// An empty one; nothing is required.
            #[expect(clippy::new_without_default, reason = "generated types have one way in")]
            pub fn new() -> Self {
                Self(Object::new())
            }
        }
    } else {
        let arguments = demanded.iter().map(|(method, ty, _)| quote! { #method: #ty });
        let sets = demanded.iter().map(|(_, _, set)| set);
        quote! {
            /// One with what is required.
            pub fn new(#(#arguments),*) -> Self {
                let mut object = Object::new();
                #(#sets)*
                Self(object)
            }
        }
    };
    Ok(quote! {
        #[doc = #doc]
        #[derive(Clone, Debug)]
        pub struct #ident(pub(crate) Object);
        impl #ident {
            #constructor
            #(#setters)*
        }
        impl From<#ident> for Node {
            fn from(value: #ident) -> Self {
                Self::Object(value.0)
            }
        }
    })
}

/// How a setter takes a value (called `value`) and makes a node of it.
struct Argument {
    ty: TokenStream,
    value: TokenStream,
}

fn argument(model: &Model, shape: &str) -> Result<Argument> {
    Ok(match model.shape(shape)? {
        Shape::Structure { .. } => {
            let ident = names::type_name(shape);
            Argument { ty: quote! { #ident }, value: quote! { value } }
        }
        Shape::List { member, .. } => {
            let (item, convert) = match (scalar(model, member)?, model.shape(member)?) {
                (Some(scalar), _) => {
                    (quote! { impl Into<Expr<#scalar>> }, quote! { .map(|item| item.into().into_node()) })
                }
                (None, Shape::Structure { .. }) => (argument(model, member)?.ty, quote! { .map(Node::from) }),
                (None, _) => (quote! { Node }, quote! {}),
            };
            Argument {
                ty: quote! { impl IntoIterator<Item = #item> },
                value: quote! { value.into_iter() #convert .collect::<Vec<Node>>() },
            }
        }
        Shape::Map { value, .. } => {
            let (ty, convert) = match (scalar(model, value)?, model.shape(value)?) {
                // Maps of strings are environments and hyperparameters: anything goes, as text.
                (Some(_), Shape::String { .. }) => {
                    (quote! { impl Into<Text> }, quote! { value.into().into_expr().into_node() })
                }
                (Some(scalar), _) => {
                    (quote! { impl Into<Expr<#scalar>> }, quote! { value.into().into_node() })
                }
                (None, Shape::Structure { .. }) => {
                    let ident = names::type_name(value);
                    (quote! { #ident }, quote! { Node::from(value) })
                }
                (None, _) => (quote! { Node }, quote! { value }),
            };
            Argument {
                ty: quote! { impl IntoIterator<Item = (impl Into<Cow<'static, str>>, #ty)> },
                value: quote! { value.into_iter().map(|(key, value)| (key, #convert)).collect::<Object>() },
            }
        }
        _ => {
            let scalar = scalar(model, shape)?;
            Argument { ty: quote! { impl Into<Expr<#scalar>> }, value: quote! { value.into() } }
        }
    })
}

/// The `T` of `Expr<T>` for a scalar shape, seen from the modules of requests and properties.
pub(super) fn scalar(model: &Model, shape: &str) -> Result<Option<TokenStream>> {
    Ok(match model.shape(shape)? {
        Shape::String { values, .. } if !values.is_empty() => {
            let ident = names::type_name(shape);
            Some(quote! { enums::#ident })
        }
        Shape::String { .. } | Shape::Timestamp => Some(quote! { String }),
        Shape::Integer { .. } => Some(quote! { i64 }),
        Shape::Float { .. } => Some(quote! { f64 }),
        Shape::Boolean => Some(quote! { bool }),
        Shape::Structure { .. } | Shape::List { .. } | Shape::Map { .. } => None,
    })
}

fn member_doc(model: &Model, member: &str, shape: &str) -> Result<String> {
    let limits = model.shape(shape)?.limits();
    Ok(limits.map_or_else(|| format!("`{member}`."), |limits| format!("`{member}`: {limits}.")))
}
