//! Structs: reading, writing and describing their fields.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;
use syn::{Ident, Path};

use super::{described, field_items, local, rule_calls, type_constant};
use crate::model::{Field, Model, ParameterKind, Role, Rule};

/// Reads each field into its local.
pub(super) fn reads(fields: &[Field]) -> TokenStream {
    let reads = own_fields(fields).map(|(i, _)| {
        let (local, ty) = (local(i), type_constant(i));
        quote!(let #local = __fields.read(#i, &#ty, __cx);)
    });
    quote!(#(#reads)*)
}

/// The fields that have a key of their own, with their indices.
pub(super) fn own_fields(fields: &[Field]) -> impl Iterator<Item = (usize, &Field)> {
    // What is flattened stands last, so that the others' indices count their keys.
    fields.iter().filter(|field| !field.flatten).enumerate()
}

/// `Describe`, `Decode` and, for what is no pipeline, `Flatten`; `values` are the fields with their values.
#[expect(clippy::too_many_lines, reason = "one output, read from top to bottom")]
pub(super) fn implementations(
    model: &Model,
    (fields, rules): (&[Field], &[Rule]),
    values: &TokenStream,
    private: Option<&Path>,
) -> TokenStream {
    let Model { ident, description, config, .. } = model;
    let name = ident.unraw().to_string();
    let items = field_items(fields, config);
    let own = own_fields(fields).count();
    let types: Vec<_> = (0..own).map(type_constant).collect();
    let flat: Vec<&Field> = fields.iter().filter(|field| field.flatten).collect();
    let flat_types: Vec<_> = flat.iter().map(|field| &field.ty).collect();
    let reads = reads(fields);
    let flat_reads = flat.iter().enumerate().map(|(i, field)| {
        let (local, ty) = (local(own + i), &field.ty);
        quote!(let #local = <#ty as #config::Flatten>::decode_flat(__node, __cx, __known);)
    });
    let partial = partial_rules(rules, fields, config);
    let rules = rule_calls(rules, config);
    let describe = if flat.is_empty() {
        quote!(__schemas.object::<Self>(#name, #description, &__FIELDS, &[#(#types.schema()),*]))
    } else {
        quote! {
            __schemas.object_with::<Self>(
                #name,
                #description,
                &__FIELDS,
                &[#(#types.schema()),*],
                &[#(<#flat_types as #config::Describe>::describe),*],
            )
        }
    };
    let describe = described(model, describe);
    let known_parameter = (!flat.is_empty()).then(|| quote!(__known: &#config::Known,));
    let known_argument = (!flat.is_empty()).then(|| quote!(__known,));
    let decode = if flat.is_empty() {
        quote! {
            let __fields = #config::Fields::of(__node, &__FIELDS, __cx)?;
            let __value = __read(&__fields, __node, __cx);
            __fields.finish(__cx);
            __value
        }
    } else {
        quote! {
            let __fields = #config::Fields::of(__node, &__FIELDS, __cx)?;
            let mut __known = #config::Known::default();
            <Self as #config::Flatten>::keys(&mut __known);
            let __value = __read(&__fields, __node, __cx, &__known);
            __known.finish(__node, __cx);
            __value
        }
    };
    let places = fields.iter().map(|field| {
        let ident = &field.ident;
        quote!(&self.#ident)
    });
    let encode = match private {
        Some(private) => encode_pipeline(fields, config, private),
        None => encode_fields(fields, places, config),
    };
    quote! {
        #items
        fn __read(
            __fields: &#config::Fields<'_>,
            __node: &#config::Node<'_>,
            __cx: &mut #config::Context<'_>,
            #known_parameter
        ) -> ::core::option::Option<#ident> {
            #reads
            #(#flat_reads)*
            #partial
            let __value = #ident { #values };
            #rules
            ::core::option::Option::Some(__value)
        }
        #[automatically_derived]
        impl #config::Describe for #ident {
            const SHAPE: #config::Shape = #config::Shape::Struct;
            fn describe(__schemas: &mut #config::Schemas) -> #config::Schema {
                #describe
            }
        }
        #[automatically_derived]
        impl #config::Decode for #ident {
            fn decode(
                __node: &#config::Node<'_>,
                __cx: &mut #config::Context<'_>,
            ) -> ::core::option::Option<Self> {
                #decode
            }
            fn encode(&self) -> ::core::option::Option<#config::Plain> {
                ::core::option::Option::Some(#encode)
            }
        }
        #[automatically_derived]
        impl #config::Flatten for #ident {
            fn keys(__known: &mut #config::Known) {
                #config::__private::add_keys(&__FIELDS, __known);
                #(<#flat_types as #config::Flatten>::keys(__known);)*
            }
            fn decode_flat(
                __node: &#config::Node<'_>,
                __cx: &mut #config::Context<'_>,
                __known: &#config::Known,
            ) -> ::core::option::Option<Self> {
                let __fields = #config::Fields::of(__node, &__FIELDS, __cx)?;
                __read(&__fields, __node, __cx, #known_argument)
            }
        }
    }
}

/// The rules about some fields, which run when these were read.
fn partial_rules(rules: &[Rule], fields: &[Field], config: &Path) -> TokenStream {
    let rules: Vec<&Rule> = rules.iter().filter(|rule| !rule.fields.is_empty()).collect();
    if rules.is_empty() {
        return TokenStream::new();
    }
    let ordered: Vec<&Ident> = fields
        .iter()
        .filter(|field| !field.flatten)
        .chain(fields.iter().filter(|field| field.flatten))
        .map(|field| &field.ident)
        .collect();
    let calls = rules.iter().map(|rule| {
        let locals: Vec<Ident> = rule
            .fields
            .iter()
            .filter_map(|i| ordered.iter().position(|ident| **ident == fields[*i].ident))
            .map(local)
            .collect();
        let path = &rule.path;
        quote! {
            if let (#(::core::option::Option::Some(#locals),)*) = (#(&#locals,)*) {
                __whole &= #config::__private::judge(#path(#(#locals),*), __node, __cx).is_some();
            }
        }
    });
    quote! {
        let mut __whole = true;
        #(#calls)*
        if !__whole {
            return ::core::option::Option::None;
        }
    }
}

/// The table of what is written for each field.
pub(super) fn encode_fields(
    fields: &[Field],
    places: impl Iterator<Item = TokenStream>,
    config: &Path,
) -> TokenStream {
    let entries = fields.iter().zip(places).map(|(field, place)| {
        let key = &field.key;
        if field.flatten {
            quote! {
                if let ::core::option::Option::Some(#config::Plain::Table(__inner)) =
                    #config::Decode::encode(#place)
                {
                    __entries.extend(__inner);
                }
            }
        } else {
            quote!(#config::__private::entry(&mut __entries, #key, #config::Decode::encode(#place));)
        }
    });
    table(entries, config)
}

fn table(entries: impl Iterator<Item = TokenStream>, config: &Path) -> TokenStream {
    quote!({
        let mut __entries = ::std::vec::Vec::new();
        #(#entries)*
        #config::Plain::Table(__entries)
    })
}

/// The same for a pipeline, whose parameters are written as their defaults.
fn encode_pipeline(fields: &[Field], config: &Path, private: &Path) -> TokenStream {
    let entries = fields.iter().map(|field| {
        let (key, ident) = (&field.key, &field.ident);
        let value = match &field.role {
            Role::Value(_) => quote!(#config::Decode::encode(&self.#ident)),
            Role::Parameter(parameter) => {
                let (variant, value) = match parameter.kind {
                    ParameterKind::String => {
                        (quote!(String), quote!(#config::Plain::from(::core::clone::Clone::clone(__value))))
                    }
                    ParameterKind::Integer => (quote!(Integer), quote!(#config::Plain::from(*__value))),
                    ParameterKind::Float => (quote!(Float), quote!(#config::Plain::from(*__value))),
                    ParameterKind::Boolean => (quote!(Boolean), quote!(#config::Plain::from(*__value))),
                };
                quote! {
                    match &self.#ident.decl().default {
                        ::core::option::Option::Some(#private::Literal::#variant(__value)) => {
                            ::core::option::Option::Some(#value)
                        }
                        _ => ::core::option::Option::None,
                    }
                }
            }
        };
        quote!(#config::__private::entry(&mut __entries, #key, #value);)
    });
    table(entries, config)
}
