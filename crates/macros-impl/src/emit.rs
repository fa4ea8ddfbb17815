//! Model to tokens. Nothing can be wrong any more.
//!
//! The output stands in `const _: () = { … };`, is marked `#[automatically_derived]`, names everything by
//! an absolute path and its own items with `__`. A field's type is named just once in a place where the
//! compiler could object to it, with the span that the author gave it, so that it objects once.

#![allow(clippy::single_match_else, reason = "a match shows what is told apart")]

mod data;
mod single;
mod structure;
mod variants;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Generics, Ident, Path, Type};

use crate::Derive;
use crate::check::Roots;
use crate::model::{
    Assertion, Body, Field, Model, Name, Parameter, ParameterKind, Pipeline, Question, Role, Rule,
};

/// The implementations that the derive stands for.
pub(crate) fn model(model: &Model) -> TokenStream {
    let items = match &model.body {
        Body::Struct(fields, rules) => {
            let values = struct_values(fields);
            structure::implementations(model, (fields, rules), &values, None)
        }
        Body::Enum(names) => self::names(model, names),
        Body::Variants(tagging, list, rules) => variants::variants(model, tagging, list, rules),
        Body::FromStr(expected, pattern) => single::from_str(model, expected, pattern.as_deref()),
        Body::Transparent(field, rules) => single::transparent(model, field, rules),
        Body::Pipeline(pipeline) => self::pipeline(model, pipeline),
    };
    quote! {
        const _: () = { #items };
    }
}

/// The schema of the type, with what the author says of it besides.
fn described(model: &Model, schema: TokenStream) -> TokenStream {
    match &model.schema_extra {
        None => schema,
        Some(path) => quote! {
            let __schema = #schema;
            __schemas.extended(__schema, #path)
        },
    }
}

/// Implementations that do nothing, so that a mistake in the item has no echo where the item is used.
pub(crate) fn stub(ident: &Ident, generics: &Generics, roots: &Roots, derive: Derive) -> TokenStream {
    let Roots { private, config } = roots;
    let (implementation, types, conditions) = generics.split_for_impl();
    let pipeline = (derive == Derive::Pipeline).then(|| {
        quote! {
            #[automatically_derived]
            impl #implementation #private::Pipeline for #ident #types #conditions {
                const NAME: &'static str = "";
                const DISPLAY_NAME: ::core::option::Option<&'static str> = ::core::option::Option::None;
                const DESCRIPTION: &'static str = "";
                fn parameters(&self) -> ::std::vec::Vec<#private::ParameterDecl> {
                    ::std::vec::Vec::new()
                }
            }
        }
    });
    quote! {
        const _: () = {
            #[automatically_derived]
            impl #implementation #config::Describe for #ident #types #conditions {
                const SHAPE: #config::Shape = #config::Shape::Any;
                fn describe(_: &mut #config::Schemas) -> #config::Schema {
                    ::core::default::Default::default()
                }
            }
            #[automatically_derived]
            impl #implementation #config::Decode for #ident #types #conditions {
                fn decode(_: &#config::Node<'_>, _: &mut #config::Context<'_>) -> ::core::option::Option<Self> {
                    ::core::option::Option::None
                }
            }
            #[automatically_derived]
            impl #implementation #config::Flatten for #ident #types #conditions {
                fn keys(_: &mut #config::Known) {}
                fn decode_flat(
                    _: &#config::Node<'_>,
                    _: &mut #config::Context<'_>,
                    _: &#config::Known,
                ) -> ::core::option::Option<Self> {
                    ::core::option::Option::None
                }
            }
            #pipeline
        };
    }
}

/// A path that the compiler finds at this place when it has something to object to.
fn located(path: &Path, span: Span) -> TokenStream {
    let place = |mut token: TokenTree| {
        token.set_span(Span::call_site().located_at(span));
        token
    };
    path.to_token_stream().into_iter().map(place).collect()
}

/// The local that holds a field's value.
fn local(index: usize) -> Ident {
    format_ident!("__field_{index}")
}

/// The constant that holds a field's type.
fn type_constant(index: usize) -> Ident {
    format_ident!("__TYPE_{index}")
}

/// The type that a field's key is read as.
fn read_type(field: &Field) -> TokenStream {
    match &field.role {
        Role::Value(_) => field.ty.to_token_stream(),
        Role::Parameter(parameter) => {
            let held = held_type(parameter.kind);
            quote!(::core::option::Option<#held>)
        }
    }
}

fn held_type(kind: ParameterKind) -> TokenStream {
    match kind {
        ParameterKind::String => quote!(::std::string::String),
        ParameterKind::Integer => quote!(i64),
        ParameterKind::Float => quote!(f64),
        ParameterKind::Boolean => quote!(bool),
    }
}

/// The fields as data, their types, and what the compiler has to decide about these.
fn field_items(fields: &[Field], config: &Path) -> TokenStream {
    let fields: Vec<&Field> = structure::own_fields(fields).map(|(_, field)| field).collect();
    let patterns = fields.iter().enumerate().flat_map(|(i, field)| {
        let patterns = data::patterns(&data::pattern_static(i), &field.constraints);
        patterns
            .into_iter()
            .map(|(name, pattern)| quote!(static #name: #config::Pattern = #config::Pattern::new(#pattern);))
    });
    let specs = fields.iter().enumerate().map(|(i, field)| data::field(i, field, config));
    let count = fields.len();
    let types = fields.iter().enumerate().map(|(i, field)| {
        let (name, ty, span) = (type_constant(i), read_type(field), field.ty.span());
        let located = located(config, span);
        let rules = field_rules(&ty, field, config);
        quote_spanned!(span=> const #name: #located::FieldType<#ty> = #located::FieldType::<#ty>::of() #rules;)
    });
    let assertions = fields.iter().enumerate().flat_map(|(i, field)| {
        let list = match &field.role {
            Role::Value(assertions) => assertions.as_slice(),
            Role::Parameter(_) => &[],
        };
        list.iter().map(move |assertion| self::assertion(i, field, assertion, config))
    });
    quote! {
        #(#patterns)*
        static __FIELDS: [#config::Field; #count] = [#(#specs),*];
        #(#types)*
        #(#assertions)*
    }
}

/// The calls that add a field's functions to its type.
fn field_rules(ty: &TokenStream, field: &Field, config: &Path) -> TokenStream {
    let mut out = TokenStream::new();
    let rules = &field.rules;
    let into = quote!(::core::convert::Into::into);
    if let Some(path) = &rules.default_with {
        out.extend(quote!(.default_with(#path, || { let __value: #ty = #path(); #config::Decode::encode(&__value) })));
    }
    if let Some(path) = &rules.schema_extra {
        out.extend(quote!(.schema_extra(#path)));
    }
    if let Some(path) = &rules.before {
        out.extend(quote!(.before(|__value| ::core::result::Result::map_err(#path(__value), #into))));
    }
    if let Some(path) = &rules.after {
        out.extend(quote!(.after(|__value| ::core::result::Result::map_err(#path(__value), #into))));
    }
    match rules.validate.as_slice() {
        [] => {}
        [path] => {
            out.extend(quote!(.validate(|__value| ::core::result::Result::map_err(#path(__value), #into))));
        }
        several => out.extend(quote! {
            .validate(|__value| {
                #(::core::result::Result::map_err(#several(__value), #config::Failures::from)?;)*
                ::core::result::Result::Ok(())
            })
        }),
    }
    out
}

fn assertion(index: usize, field: &Field, assertion: &Assertion, config: &Path) -> TokenStream {
    let Assertion { span, question, ty, message } = assertion;
    let own = type_constant(index);
    let shape = match ty {
        Some(ty) => quote!(<#ty as #config::Describe>::SHAPE),
        None => quote!(#own.shape()),
    };
    let private = quote!(#config::__private);
    let limits = || data::limits(index, &field.constraints, config);
    let holds = match question {
        Question::TakesBounds => quote!(#private::takes_bounds(#shape)),
        Question::TakesLength => quote!(#private::takes_length(#shape)),
        Question::TakesPattern => quote!(#private::takes_pattern(#shape)),
        Question::TakesEmpty => quote!(#private::takes_empty(#shape)),
        Question::TakesItems => quote!(#private::takes_items(#shape)),
        Question::TakesAmount(text) => quote!(#private::takes_amount(#shape, #text)),
        Question::Takes(constant) => data::takes(constant, &shape, config),
        Question::HasAValue => {
            let limits = limits();
            quote!(#limits.has_a_value())
        }
        Question::DefaultFits => {
            let (limits, default) = (limits(), data::default_number(field, config));
            quote!(#limits.admits(#default))
        }
    };
    // Braces are the placeholders of a panic's message.
    let message = message.replace('{', "{{").replace('}', "}}");
    quote_spanned!(*span=> const _: () = ::core::assert!(#holds, #message);)
}

/// Each field with what was read for it.
fn struct_values(fields: &[Field]) -> TokenStream {
    let ordered =
        fields.iter().filter(|field| !field.flatten).chain(fields.iter().filter(|field| field.flatten));
    let values = ordered.enumerate().map(|(i, field)| {
        let (ident, local) = (&field.ident, local(i));
        quote!(#ident: #local?)
    });
    quote!(#(#values),*)
}

/// Calls the rules on a value and returns when one says no; those about some fields run before.
fn rule_calls(rules: &[Rule], config: &Path) -> TokenStream {
    if rules.is_empty() {
        return TokenStream::new();
    }
    let calls = rules.iter().filter(|rule| rule.fields.is_empty()).map(|rule| {
        let path = &rule.path;
        quote!(__kept &= #config::__private::judge(#path(&__value), __node, __cx).is_some();)
    });
    quote! {
        let mut __kept = true;
        #(#calls)*
        if !__kept {
            return ::core::option::Option::None;
        }
    }
}

fn names(model: &Model, list: &[Name]) -> TokenStream {
    let Model { ident, description, config, .. } = model;
    let type_name = ident.unraw().to_string();
    let (names, of) = variants::all_names(list.iter().map(|name| name.names.as_slice()));
    let idents: Vec<_> = list.iter().map(|name| &name.ident).collect();
    let firsts: Vec<_> = names.iter().take(list.len()).collect();
    let descriptions = of.iter().map(|i| &list[*i].description);
    let patterns = (0..list.len()).map(|i| variants::name_pattern(&of, i));
    let count = names.len();
    let describe = quote!(__schemas.names::<Self>(#type_name, #description, &[#((#names, #descriptions)),*]));
    let describe = described(model, describe);
    quote! {
        static __NAMES: [&str; #count] = [#(#names),*];
        #[automatically_derived]
        impl #config::Describe for #ident {
            const SHAPE: #config::Shape = #config::Shape::Choice(&[#(#names),*]);
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
                match #config::__private::choice(__node, __cx, &__NAMES)? {
                    #(#patterns => ::core::option::Option::Some(Self::#idents),)*
                    _ => ::core::option::Option::None,
                }
            }
            fn measure(&self) -> #config::Measure<'_> {
                #config::Measure::Text(match self { #(Self::#idents => #firsts),* })
            }
            fn encode(&self) -> ::core::option::Option<#config::Plain> {
                ::core::option::Option::Some(#config::Plain::from(match self {
                    #(Self::#idents => #firsts),*
                }))
            }
        }
    }
}

fn pipeline(model: &Model, pipeline: &Pipeline) -> TokenStream {
    let Model { ident, description, .. } = model;
    let Pipeline { private, name, display_name, fields, rules } = pipeline;
    let ordered =
        fields.iter().filter(|field| !field.flatten).chain(fields.iter().filter(|field| field.flatten));
    let values = ordered.enumerate().map(|(i, field)| {
        let (ident, local) = (&field.ident, local(i));
        match &field.role {
            Role::Value(_) => quote!(#ident: #local?),
            Role::Parameter(parameter) => {
                let value = declaration(parameter, field, &local, private);
                quote_spanned!(field.ty.span()=> #ident: #value)
            }
        }
    });
    let values = quote!(#(#values),*);
    let fields_and_rules = (fields.as_slice(), rules.as_slice());
    let implementations = structure::implementations(model, fields_and_rules, &values, Some(private));
    let display_name = data::option(display_name.as_ref().map(|name| quote!(#name)));
    let parameters = fields.iter().filter(|field| matches!(field.role, Role::Parameter(_)));
    let parameters = parameters.map(|field| {
        let ident = &field.ident;
        quote_spanned!(field.ty.span()=> ::core::clone::Clone::clone(self.#ident.decl()))
    });
    quote! {
        #implementations
        #[automatically_derived]
        impl #private::Pipeline for #ident {
            const NAME: &'static str = #name;
            const DISPLAY_NAME: ::core::option::Option<&'static str> = #display_name;
            const DESCRIPTION: &'static str = #description;
            fn parameters(&self) -> ::std::vec::Vec<#private::ParameterDecl> {
                ::std::vec![#(#parameters),*]
            }
        }
    }
}

/// A parameter with its default as the configuration has it.
fn declaration(parameter: &Parameter, field: &Field, local: &Ident, private: &Path) -> TokenStream {
    let Parameter { kind, name, unused } = parameter;
    let kind = match kind {
        ParameterKind::String => quote!(String),
        ParameterKind::Integer => quote!(Integer),
        ParameterKind::Float => quote!(Float),
        ParameterKind::Boolean => quote!(Boolean),
    };
    let ty: &Type = &field.ty;
    let span = ty.span();
    let private = located(private, span);
    let description = &field.description;
    let mut rest = TokenStream::new();
    let constraints = &field.constraints;
    if !constraints.choices.is_empty() {
        let choices = constraints.choices.iter().filter_map(data::choice_text);
        rest.extend(quote!(choices: ::std::vec![#(::std::string::String::from(#choices)),*],));
    }
    for (key, length) in [("min_length", &constraints.min_length), ("max_length", &constraints.max_length)] {
        if let Some(length) = length.as_ref().and_then(crate::model::Length::count) {
            let key = format_ident!("{key}");
            rest.extend(quote!(#key: ::core::option::Option::Some(#length),));
        }
    }
    if let Some(reason) = unused {
        rest.extend(
            quote!(unused_reason: ::core::option::Option::Some(::std::string::String::from(#reason)),),
        );
    }
    quote_spanned! {span=>
        #private::Parameter::declare(#private::ParameterDecl {
            default: ::core::option::Option::map(#local?, ::core::convert::From::from),
            description: ::std::string::String::from(#description),
            #rest
            ..#private::ParameterDecl::new(#name, #private::ParameterKind::#kind)
        })
    }
}
