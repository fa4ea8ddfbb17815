//! Enums whose variants hold something.

#![allow(clippy::single_match_else, reason = "a match shows what is told apart")]

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;
use syn::{Ident, Path};

use super::structure::{encode_fields, reads};
use super::{data, described, field_items, local, rule_calls, type_constant};
use crate::model::{Content, Model, Rule, Tagging, Variant};

/// The implementations for an enum.
pub(super) fn variants(
    model: &Model,
    tagging: &Tagging,
    variants: &[Variant],
    rules: &[Rule],
) -> TokenStream {
    let Model { ident, description, config, .. } = model;
    let type_name = ident.unraw().to_string();
    let (names, indices) = all_names(variants.iter().map(|variant| variant.name.names.as_slice()));
    let count = names.len();
    let holds = indices.iter().map(|index| !matches!(variants[*index].content, Content::Unit));
    let functions = variants.iter().map(|variant| function(ident, variant, tagging, config));
    let read = read(tagging, variants, &indices, config);
    let describe = variants.iter().map(|variant| describe(variant, config));
    let encode = variants.iter().map(|variant| encode(variant, tagging, config));
    let spec = match tagging {
        Tagging::External => quote!(#config::Tagging::External),
        Tagging::Internal { tag } => quote!(#config::Tagging::Internal { tag: #tag }),
        Tagging::Adjacent { tag, content } => {
            quote!(#config::Tagging::Adjacent { tag: #tag, content: #content })
        }
        Tagging::Untagged => quote!(#config::Tagging::Untagged),
    };
    let rules = rule_calls(rules, config);
    let describe = quote!(__schemas.variants::<Self>(#type_name, #description, #spec, &[#(#describe),*]));
    let describe = described(model, describe);
    let statics = match tagging {
        Tagging::Untagged => TokenStream::new(),
        Tagging::Internal { .. } => quote!(static __NAMES: [&str; #count] = [#(#names),*];),
        _ => quote! {
            static __NAMES: [&str; #count] = [#(#names),*];
            static __HOLDS: [bool; #count] = [#(#holds),*];
        },
    };
    quote! {
        #statics
        #(#functions)*
        #[automatically_derived]
        impl #config::Describe for #ident {
            const SHAPE: #config::Shape = #config::Shape::Any;
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
                let __value: Self = { #read };
                #rules
                ::core::option::Option::Some(__value)
            }
            fn encode(&self) -> ::core::option::Option<#config::Plain> {
                match self { #(#encode),* }
            }
        }
    }
}

/// All names, the first of each variant at the variant's index, and the variant that each means.
pub(super) fn all_names<'n>(names: impl Iterator<Item = &'n [String]>) -> (Vec<String>, Vec<usize>) {
    let lists: Vec<&[String]> = names.collect();
    let first = lists.iter().enumerate().filter_map(|(i, names)| Some((names.first()?, i)));
    let others =
        lists.iter().enumerate().flat_map(|(i, names)| names.iter().skip(1).map(move |name| (name, i)));
    first.chain(others).map(|(name, i)| (name.clone(), i)).unzip()
}

/// The function that reads a variant from what it holds.
fn function_name(variant: &Variant) -> Ident {
    quote::format_ident!("__read_{}", variant.name.ident.unraw())
}

fn function(ident: &Ident, variant: &Variant, tagging: &Tagging, config: &Path) -> TokenStream {
    let (name, own) = (function_name(variant), &variant.name.ident);
    let beside = match tagging {
        Tagging::Internal { tag } => quote!(&[#tag]),
        _ => quote!(&[]),
    };
    let body = match &variant.content {
        Content::Unit if matches!(tagging, Tagging::Internal { .. }) => quote! {
            #config::Fields::of(__node, &[], __cx)?.finish_beside(__cx, #beside);
            ::core::option::Option::Some(#ident::#own)
        },
        Content::Unit => return TokenStream::new(),
        Content::Fields(fields) => {
            let (items, reads) = (field_items(fields, config), reads(fields));
            let values = fields.iter().enumerate().map(|(i, field)| {
                let (ident, local) = (&field.ident, local(i));
                quote!(#ident: #local?)
            });
            quote! {
                #items
                let __fields = #config::Fields::of(__node, &__FIELDS, __cx)?;
                #reads
                __fields.finish_beside(__cx, #beside);
                ::core::option::Option::Some(#ident::#own { #(#values),* })
            }
        }
        Content::Value { field, flat: true } => {
            let ty = &field.ty;
            quote! {
                let mut __known = #config::Known::default();
                __known.add(*#beside);
                <#ty as #config::Flatten>::keys(&mut __known);
                let __value = <#ty as #config::Flatten>::decode_flat(__node, __cx, &__known);
                __known.finish(__node, __cx);
                ::core::option::Option::Some(#ident::#own(__value?))
            }
        }
        Content::Value { field, .. } => {
            let items = field_items(std::slice::from_ref(field), config);
            let ty = type_constant(0);
            quote! {
                #items
                ::core::option::Option::Some(#ident::#own(#ty.read(__node, &__FIELDS[0], __cx)?))
            }
        }
        Content::Tuple { field, length } => {
            let items = field_items(std::slice::from_ref(field), config);
            let ty = type_constant(0);
            let parts = (0..*length).map(syn::Index::from);
            quote! {
                #items
                let __values = #ty.read(__node, &__FIELDS[0], __cx)?;
                ::core::option::Option::Some(#ident::#own(#(__values.#parts),*))
            }
        }
    };
    quote! {
        #[allow(non_snake_case)]
        fn #name(
            __node: &#config::Node<'_>,
            __cx: &mut #config::Context<'_>,
        ) -> ::core::option::Option<#ident> {
            #body
        }
    }
}

/// Finds the variant and reads it.
fn read(tagging: &Tagging, variants: &[Variant], indices: &[usize], config: &Path) -> TokenStream {
    let patterns: Vec<TokenStream> = (0..variants.len())
        .map(|i| {
            let all = indices.iter().enumerate().filter(|(_, variant)| **variant == i).map(|(n, _)| n);
            quote!(#(#all)|*)
        })
        .collect();
    let functions: Vec<Ident> = variants.iter().map(function_name).collect();
    let none = quote!(_ => return ::core::option::Option::None,);
    match tagging {
        Tagging::Untagged => {
            let names = variants.iter().map(|variant| variant.name.ident.unraw().to_string());
            quote!(#config::__private::untagged::<Self>(__node, __cx, &[#((#names, #functions)),*])?)
        }
        Tagging::Internal { tag } => quote! {
            match #config::__private::internal(__node, __cx, #tag, &__NAMES)? {
                #(#patterns => #functions(__node, __cx)?,)*
                #none
            }
        },
        Tagging::External | Tagging::Adjacent { .. } => {
            let find = match tagging {
                Tagging::Adjacent { tag, content } => {
                    quote!(#config::__private::adjacent(__node, __cx, (#tag, #content), &__NAMES, &__HOLDS)?)
                }
                _ => quote!(#config::__private::external(__node, __cx, &__NAMES, &__HOLDS)?),
            };
            let arms =
                variants.iter().zip(&functions).zip(&patterns).map(|((variant, function), pattern)| {
                    let own = &variant.name.ident;
                    match variant.content {
                        Content::Unit => quote!((#pattern, _) => Self::#own,),
                        _ => quote! {
                            (#pattern, ::core::option::Option::Some((__key, __inner))) => {
                                __cx.at_key(__key, |__cx| #function(__inner, __cx))?
                            }
                        },
                    }
                });
            quote!(match #find { #(#arms)* #none })
        }
    }
}

/// The variant for the schema.
fn describe(variant: &Variant, config: &Path) -> TokenStream {
    let (names, description) = (&variant.name.names, &variant.name.description);
    let content = match &variant.content {
        Content::Unit => quote!(#config::__private::Content::Unit),
        Content::Fields(fields) => {
            let items = field_items(fields, config);
            let types = (0..fields.len()).map(type_constant);
            quote!({
                #items
                #config::__private::Content::Fields(
                    &__FIELDS,
                    ::std::vec![#(#types.schema()),*],
                    ::std::vec::Vec::new(),
                )
            })
        }
        Content::Value { field, .. } | Content::Tuple { field, .. } => {
            let items = field_items(std::slice::from_ref(&**field), config);
            let ty = type_constant(0);
            quote!({
                #items
                #config::__private::Content::Value(&__FIELDS[0], #ty.schema())
            })
        }
    };
    quote!(#config::__private::Variant { names: &[#(#names),*], description: #description, content: #content })
}

/// The arm that writes a variant.
fn encode(variant: &Variant, tagging: &Tagging, config: &Path) -> TokenStream {
    let own = &variant.name.ident;
    let name = variant.name.names.first();
    let (pattern, content) = match &variant.content {
        Content::Unit => (quote!(Self::#own), quote!(::core::option::Option::None)),
        Content::Fields(fields) => {
            let names = fields.iter().map(|field| &field.ident);
            let locals: Vec<_> = (0..fields.len()).map(local).collect();
            let entries = encode_fields(fields, locals.iter().map(|local| quote!(#local)), config);
            (quote!(Self::#own { #(#names: #locals),* }), quote!(::core::option::Option::Some(#entries)))
        }
        Content::Value { .. } => {
            let local = local(0);
            (quote!(Self::#own(#local)), quote!(#config::Decode::encode(#local)))
        }
        Content::Tuple { length, .. } => {
            let locals: Vec<_> = (0..*length).map(local).collect();
            let list = quote! {
                ::core::option::Option::Some(#config::Plain::List(
                    [#(#config::Decode::encode(#locals)),*].into_iter().flatten().collect(),
                ))
            };
            (quote!(Self::#own(#(#locals),*)), list)
        }
    };
    let unit = matches!(variant.content, Content::Unit);
    let some = |value: TokenStream| quote!(::core::option::Option::Some(#value));
    let text = quote!(#config::Plain::from(#name));
    let written = match tagging {
        Tagging::External if unit => some(text),
        Tagging::External => {
            let table =
                quote!(#config::Plain::Table(::std::vec![(::std::string::String::from(#name), __content)]));
            quote!(::core::option::Option::map(#content, |__content| #table))
        }
        Tagging::Internal { tag } => some(quote!(#config::__private::tagged(#tag, #name, #content))),
        Tagging::Adjacent { tag, content: key } => {
            let table = quote! {
                let mut __entries = ::std::vec![(::std::string::String::from(#tag), #text)];
                #config::__private::entry(&mut __entries, #key, #content);
                #config::Plain::Table(__entries)
            };
            some(quote!({ #table }))
        }
        Tagging::Untagged => content,
    };
    quote!(#pattern => #written)
}

/// The names of a variant that holds nothing, as the pattern of a match.
pub(super) fn name_pattern(indices: &[usize], variant: usize) -> TokenStream {
    let all = indices.iter().enumerate().filter(|(_, of)| **of == variant).map(|(n, _)| n);
    let all = data::numbers(all);
    quote!(#(#all)|*)
}
