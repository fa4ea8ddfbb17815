//! Types that are read as one value: text with a spelling of its own, and a single field without a name.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;

use super::{described, field_items, rule_calls, type_constant};
use crate::model::{Field, Model, Rule};

/// A type with a spelling of its own.
pub(super) fn from_str(model: &Model, expected: &str, pattern: Option<&str>) -> TokenStream {
    let Model { ident, description, config, .. } = model;
    let name = ident.unraw().to_string();
    let pattern_static =
        pattern.map(|pattern| quote!(static __PATTERN: #config::Pattern = #config::Pattern::new(#pattern);));
    let pattern = match pattern {
        Some(_) => quote!(::core::option::Option::Some(&__PATTERN)),
        None => quote!(::core::option::Option::None),
    };
    let describe = described(model, quote!(__schemas.text::<Self>(#name, #description, #pattern)));
    quote! {
        #pattern_static
        #[automatically_derived]
        impl #config::Describe for #ident {
            const SHAPE: #config::Shape = #config::Shape::Text;
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
                Self::decode_within(__node, __cx, &#config::Constraints::NONE)
            }
            fn decode_within(
                __node: &#config::Node<'_>,
                __cx: &mut #config::Context<'_>,
                __limits: &#config::Constraints,
            ) -> ::core::option::Option<Self> {
                #config::__private::spelt(__node, __cx, #expected, #pattern, __limits)
            }
            fn encode(&self) -> ::core::option::Option<#config::Plain> {
                ::core::option::Option::Some(#config::Plain::Text(::std::string::ToString::to_string(self)))
            }
        }
    }
}

/// A type that is what its only field is.
pub(super) fn transparent(model: &Model, field: &Field, rules: &[Rule]) -> TokenStream {
    let Model { ident, description, config, .. } = model;
    let name = ident.unraw().to_string();
    let items = field_items(std::slice::from_ref(field), config);
    let ty = type_constant(0);
    let rules = rule_calls(rules, config);
    let describe = quote!(__schemas.transparent::<Self>(#name, #description, &__FIELDS[0], #ty.schema()));
    let describe = described(model, describe);
    quote! {
        #items
        fn __kept(
            __value: ::core::option::Option<#ident>,
            __node: &#config::Node<'_>,
            __cx: &mut #config::Context<'_>,
        ) -> ::core::option::Option<#ident> {
            let __value = __value?;
            #rules
            ::core::option::Option::Some(__value)
        }
        #[automatically_derived]
        impl #config::Describe for #ident {
            const SHAPE: #config::Shape = #ty.shape();
            const OPTIONAL: bool = #ty.is_optional();
            fn describe(__schemas: &mut #config::Schemas) -> #config::Schema {
                #describe
            }
            fn describe_key(__schemas: &mut #config::Schemas) -> #config::Schema {
                __schemas.transparent_key(&__FIELDS[0], #ty.schema())
            }
        }
        #[automatically_derived]
        impl #config::Decode for #ident {
            fn decode(
                __node: &#config::Node<'_>,
                __cx: &mut #config::Context<'_>,
            ) -> ::core::option::Option<Self> {
                let __value = #ty.read(__node, &__FIELDS[0], __cx);
                __kept(__value.map(Self), __node, __cx)
            }
            fn decode_key(
                __key: &str,
                __at: #config::Origin,
                __cx: &mut #config::Context<'_>,
            ) -> ::core::option::Option<Self> {
                let __value = #ty.read_key(__key, __at, &__FIELDS[0], __cx);
                let __node = #config::Node { value: #config::Value::Text(__key.into()), origin: __at };
                __kept(__value.map(Self), &__node, __cx)
            }
            fn encode(&self) -> ::core::option::Option<#config::Plain> {
                #ty.encode(&self.0)
            }
            fn absent() -> ::core::option::Option<Self> {
                #ty.absent().map(Self)
            }
            fn is_secret() -> bool {
                #ty.is_secret()
            }
            fn measure(&self) -> #config::Measure<'_> {
                #ty.measure(&self.0)
            }
        }
    }
}
