//! Response shapes as property paths.

use std::collections::BTreeSet;

use anyhow::Result;
use proc_macro2::TokenStream;
use quote::quote;

use super::names;
use super::overlay::Overlay;
use super::requests::scalar;
use super::schema::{Model, Shape};

pub(super) fn emit(model: &Model, overlay: &Overlay, shapes: &BTreeSet<&str>) -> Result<TokenStream> {
    let mut types = Vec::new();
    for name in shapes {
        if matches!(model.shape(name)?, Shape::Structure { .. }) {
            types.push(structure(model, overlay, name)?);
        }
    }
    Ok(quote! {
        use ::pipewright_model::{Expr, FromPath, KeyedList, List, Map, Path};
        use super::enums;
        #(#types)*
    })
}

fn structure(model: &Model, overlay: &Overlay, name: &str) -> Result<TokenStream> {
    let ident = names::type_name(name);
    let methods = model.shape(name)?.members().map(|(member, shape)| {
        let method = names::method(member);
        let ty = path_type(model, overlay, shape)?;
        let doc = format!("`{member}`.");
        Ok(quote! {
            #[doc = #doc]
            pub fn #method(&self) -> #ty {
                FromPath::from_path(self.0.member(#member))
            }
        })
    });
    let methods = methods.collect::<Result<Vec<_>>>()?;
    let doc = format!("Property paths of `{name}`.");
    Ok(quote! {
        #[doc = #doc]
        #[derive(Clone, Debug)]
        pub struct #ident(Path);
        impl FromPath for #ident {
            fn from_path(path: Path) -> Self {
                Self(path)
            }
        }
        impl #ident {
            #(#methods)*
        }
    })
}

fn path_type(model: &Model, overlay: &Overlay, shape: &str) -> Result<TokenStream> {
    Ok(match model.shape(shape)? {
        Shape::Structure { .. } => {
            let ident = names::type_name(shape);
            quote! { #ident }
        }
        Shape::List { member, .. } => {
            let item = path_type(model, overlay, member)?;
            if overlay.of(shape).is_some_and(|c| c.keyed_by.is_some()) {
                quote! { KeyedList<#item> }
            } else {
                quote! { List<#item> }
            }
        }
        Shape::Map { value, .. } => {
            let value = path_type(model, overlay, value)?;
            quote! { Map<#value> }
        }
        _ => {
            let scalar = scalar(model, shape)?;
            quote! { Expr<#scalar> }
        }
    })
}
