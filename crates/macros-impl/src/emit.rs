//! Model to tokens. Nothing can be wrong any more.
//!
//! The output stands in `const _: () = { … };`, is marked `#[automatically_derived]`, names everything by
//! an absolute path and its own items with `__`. A field's type is named just once in a place where the
//! compiler could object to it, with the span that the author gave it, so that it objects once.

mod data;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Generics, Ident, Path, Type};

use crate::Derive;
use crate::check::Roots;
use crate::model::{
    Assertion, Body, Field, Model, Parameter, ParameterKind, Pipeline, Question, Role, Variant,
};

/// The implementations that the derive stands for.
pub(crate) fn model(model: &Model) -> TokenStream {
    let Model { ident, description, config, .. } = model;
    let items = match &model.body {
        Body::Struct(fields) => {
            let (items, locals) = (field_items(fields, config), fields.iter().enumerate());
            let values = locals.map(|(i, field)| {
                let (ident, local) = (&field.ident, local(i));
                quote!(#ident: #local?)
            });
            let values = quote!(#(#values),*);
            let implementations = implementations(ident, description, config, fields, &values);
            quote!(#items #implementations)
        }
        Body::Enum(variants) => names(ident, description, config, variants),
        Body::Pipeline(pipeline) => self::pipeline(ident, description, config, pipeline),
    };
    quote! {
        const _: () = { #items };
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
    let patterns = fields.iter().enumerate().filter_map(|(i, field)| {
        let pattern = field.constraints.pattern.as_ref()?;
        let name = data::pattern_static(i);
        Some(quote!(static #name: #config::Pattern = #config::Pattern::new(#pattern);))
    });
    let specs = fields.iter().enumerate().map(|(i, field)| data::field(i, field, config));
    let count = fields.len();
    let types = fields.iter().enumerate().map(|(i, field)| {
        let (name, ty, span) = (type_constant(i), read_type(field), field.ty.span());
        let config = located(config, span);
        quote_spanned!(span=> const #name: #config::FieldType<#ty> = #config::FieldType::<#ty>::of();)
    });
    let assertions = fields.iter().enumerate().flat_map(|(i, field)| {
        let list = match &field.role {
            Role::Value(assertions) => assertions.as_slice(),
            Role::Parameter(_) => &[],
        };
        list.iter().map(move |assertion| self::assertion(i, assertion, config))
    });
    quote! {
        #(#patterns)*
        static __FIELDS: [#config::Field; #count] = [#(#specs),*];
        #(#types)*
        #(#assertions)*
    }
}

fn assertion(index: usize, assertion: &Assertion, config: &Path) -> TokenStream {
    let Assertion { span, question, message } = assertion;
    let ty = type_constant(index);
    let shape = quote!(#ty.shape());
    let holds = match question {
        Question::TakesBounds => quote!(#config::__private::takes_bounds(#shape)),
        Question::TakesLength => quote!(#config::__private::takes_length(#shape)),
        Question::TakesPattern => quote!(#config::__private::takes_pattern(#shape)),
        Question::TakesEmpty => quote!(#config::__private::takes_empty(#shape)),
        Question::Takes(constant) => data::takes(constant, &shape, config),
    };
    // Braces are the placeholders of a panic's message.
    let message = message.replace('{', "{{").replace('}', "}}");
    quote_spanned!(*span=> const _: () = ::core::assert!(#holds, #message);)
}

/// `Describe` and `Decode` for a struct; `values` are its fields with their values.
fn implementations(
    ident: &Ident,
    description: &str,
    config: &Path,
    fields: &[Field],
    values: &TokenStream,
) -> TokenStream {
    let name = ident.unraw().to_string();
    let types: Vec<_> = (0..fields.len()).map(type_constant).collect();
    let reads = types.iter().enumerate().map(|(i, ty)| {
        let local = local(i);
        quote!(let #local = __fields.read(#i, &#ty, __cx);)
    });
    quote! {
        #[automatically_derived]
        impl #config::Describe for #ident {
            const SHAPE: #config::Shape = #config::Shape::Struct;
            fn describe(__schemas: &mut #config::Schemas) -> #config::Schema {
                __schemas.object::<Self>(#name, #description, &__FIELDS, &[#(#types.schema()),*])
            }
        }
        #[automatically_derived]
        impl #config::Decode for #ident {
            fn decode(
                __node: &#config::Node<'_>,
                __cx: &mut #config::Context<'_>,
            ) -> ::core::option::Option<Self> {
                let __fields = #config::Fields::of(__node, &__FIELDS, __cx)?;
                #(#reads)*
                __fields.finish(__cx);
                ::core::option::Option::Some(Self { #values })
            }
        }
    }
}

fn names(ident: &Ident, description: &str, config: &Path, variants: &[Variant]) -> TokenStream {
    let type_name = ident.unraw().to_string();
    let names: Vec<_> = variants.iter().map(|variant| &variant.name).collect();
    let idents: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    let descriptions = variants.iter().map(|variant| &variant.description);
    let indices = 0..variants.len();
    let count = variants.len();
    quote! {
        static __NAMES: [&str; #count] = [#(#names),*];
        #[automatically_derived]
        impl #config::Describe for #ident {
            const SHAPE: #config::Shape = #config::Shape::Choice(&[#(#names),*]);
            fn describe(__schemas: &mut #config::Schemas) -> #config::Schema {
                __schemas.names::<Self>(#type_name, #description, &[#((#names, #descriptions)),*])
            }
        }
        #[automatically_derived]
        impl #config::Decode for #ident {
            fn decode(
                __node: &#config::Node<'_>,
                __cx: &mut #config::Context<'_>,
            ) -> ::core::option::Option<Self> {
                match #config::__private::choice(__node, __cx, &__NAMES)? {
                    #(#indices => ::core::option::Option::Some(Self::#idents),)*
                    _ => ::core::option::Option::None,
                }
            }
            fn measure(&self) -> #config::Measure<'_> {
                #config::Measure::Text(match self { #(Self::#idents => #names),* })
            }
        }
    }
}

fn pipeline(ident: &Ident, description: &str, config: &Path, pipeline: &Pipeline) -> TokenStream {
    let Pipeline { private, name, display_name, fields } = pipeline;
    let items = field_items(fields, config);
    let values = fields.iter().enumerate().map(|(i, field)| {
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
    let implementations = implementations(ident, description, config, fields, &values);
    let display_name = data::option(display_name.as_ref().map(|name| quote!(#name)));
    let parameters = fields.iter().filter(|field| matches!(field.role, Role::Parameter(_)));
    let parameters = parameters.map(|field| {
        let ident = &field.ident;
        quote_spanned!(field.ty.span()=> ::core::clone::Clone::clone(self.#ident.decl()))
    });
    quote! {
        #items
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
    for (key, length) in [("min_length", constraints.min_length), ("max_length", constraints.max_length)] {
        if let Some(length) = length {
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
