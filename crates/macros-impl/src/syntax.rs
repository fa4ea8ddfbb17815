//! Tokens to a raw model: what was written, before anybody asks whether it makes sense.
//!
//! Only the grammar of attributes is decided here: `#[NAME(KEY = VALUE, KEY, …)]`. Each setting is parsed on
//! its own, so that one broken setting does not hide its neighbours' mistakes.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Attribute, Data, DeriveInput, Expr, Fields, Generics, Ident, Lit, Meta, Token, Type};

use crate::errors::Errors;

/// One `key = value` or bare `key`.
pub(crate) struct Setting {
    pub(crate) key: Ident,
    pub(crate) value: Option<Expr>,
    /// What stands in parentheses behind the keys that take that.
    pub(crate) inner: Option<TokenStream>,
}

/// The settings that may stand several times.
const REPEATABLE: [&str; 1] = ["validate"];

/// The settings that take others, or names, in parentheses.
const WITH_PARENTHESES: [&str; 4] = ["items", "keys", "values", "validate"];

/// All settings that one name of attribute gives an item.
#[derive(Default)]
pub(crate) struct Settings {
    /// Where the attribute's name stands, if it is there at all.
    pub(crate) attribute: Option<Span>,
    pub(crate) list: Vec<Setting>,
}

/// The attributes of an item that concern this crate.
#[derive(Default)]
pub(crate) struct Attributes {
    pub(crate) docs: String,
    pub(crate) config: Settings,
    pub(crate) parameter: Settings,
    pub(crate) pipeline: Settings,
}

/// The item under the derive.
pub(crate) struct Container {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) attributes: Attributes,
    pub(crate) body: Body,
}

pub(crate) enum Body {
    /// A struct with named fields, or without any.
    Struct(Vec<Field>),
    Enum(Vec<Variant>),
    /// A tuple struct; the span is that of its fields.
    Tuple(Vec<Field>, Span),
    Union(Span),
}

pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) attributes: Attributes,
}

pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) attributes: Attributes,
    pub(crate) fields: VariantFields,
}

pub(crate) enum VariantFields {
    Unit,
    Named(Vec<Field>),
    /// Without names, which are made up; the span is that of all of them.
    Unnamed(Vec<Field>, Span),
}

/// Reads the item under the derive.
pub(crate) fn container(input: DeriveInput, errors: &mut Errors) -> Container {
    let attributes = attributes(&input.attrs, errors);
    let body = match input.data {
        Data::Struct(data) => match data.fields {
            Fields::Named(named) => Body::Struct(fields(named.named, errors)),
            Fields::Unit => Body::Struct(Vec::new()),
            Fields::Unnamed(unnamed) => {
                let span = unnamed.span();
                Body::Tuple(fields(unnamed.unnamed, errors), span)
            }
        },
        Data::Enum(data) => {
            let mut variant = |variant: syn::Variant| Variant {
                attributes: self::attributes(&variant.attrs, errors),
                fields: match variant.fields {
                    Fields::Unit => VariantFields::Unit,
                    Fields::Named(named) => VariantFields::Named(fields(named.named, errors)),
                    Fields::Unnamed(unnamed) => {
                        let span = unnamed.span();
                        VariantFields::Unnamed(fields(unnamed.unnamed, errors), span)
                    }
                },
                ident: variant.ident,
            };
            Body::Enum(data.variants.into_iter().map(&mut variant).collect())
        }
        Data::Union(data) => Body::Union(data.union_token.span()),
    };
    Container { ident: input.ident, generics: input.generics, attributes, body }
}

fn fields(fields: Punctuated<syn::Field, Token![,]>, errors: &mut Errors) -> Vec<Field> {
    let mut out = Vec::new();
    for (i, field) in fields.into_iter().enumerate() {
        let attributes = attributes(&field.attrs, errors);
        let ident = field.ident.unwrap_or_else(|| quote::format_ident!("value{i}", span = field.ty.span()));
        out.push(Field { ident, ty: field.ty, attributes });
    }
    out
}

fn attributes(attrs: &[Attribute], errors: &mut Errors) -> Attributes {
    let mut out = Attributes { docs: docs(attrs), ..Attributes::default() };
    for attr in attrs {
        let Some(name) = attr.path().get_ident() else {
            continue;
        };
        let settings = if name == "config" {
            &mut out.config
        } else if name == "parameter" {
            &mut out.parameter
        } else if name == "pipeline" {
            &mut out.pipeline
        } else {
            continue;
        };
        settings.attribute.get_or_insert(name.span());
        match &attr.meta {
            Meta::List(list) if list.tokens.is_empty() => {
                let instead = "remove it, or write a setting between the parentheses";
                errors.at(&attr.meta, format!("`#[{name}()]` says nothing: {instead}"));
            }
            Meta::List(list) => read_settings(list.tokens.clone(), settings, errors),
            Meta::Path(_) | Meta::NameValue(_) => {
                let message = format!("write the settings in parentheses: `#[{name}(key = value)]`");
                errors.at(&attr.meta, message);
            }
        }
    }
    out
}

/// Reads the settings that stand in parentheses behind another.
pub(crate) fn inner_settings(tokens: TokenStream, errors: &mut Errors) -> Settings {
    let mut settings = Settings::default();
    read_settings(tokens, &mut settings, errors);
    settings
}

fn read_settings(tokens: TokenStream, settings: &mut Settings, errors: &mut Errors) {
    for piece in split_at_commas(tokens) {
        match setting.parse2(piece) {
            Ok(setting) => match settings.list.iter().find(|earlier| earlier.key == setting.key) {
                Some(_) if !REPEATABLE.contains(&setting.key.unraw().to_string().as_str()) => {
                    errors.at(&setting.key, format!("`{}` is set twice: remove one", setting.key.unraw()));
                }
                _ => settings.list.push(setting),
            },
            Err(error) => errors.span(error.span(), error),
        }
    }
}

/// The settings between the commas; a comma after the last one is fine.
fn split_at_commas(tokens: TokenStream) -> Vec<TokenStream> {
    let mut pieces = vec![TokenStream::new()];
    for token in tokens {
        match (&token, pieces.last_mut()) {
            (TokenTree::Punct(punct), Some(last)) if punct.as_char() == ',' && !last.is_empty() => {
                pieces.push(TokenStream::new());
            }
            (_, Some(last)) => last.extend([token]),
            (_, None) => {}
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn setting(input: ParseStream<'_>) -> syn::Result<Setting> {
    let key = match input.call(Ident::parse_any) {
        Ok(key) => key,
        Err(error) => {
            return Err(syn::Error::new(error.span(), "expected a setting: `key = value`"));
        }
    };
    if input.is_empty() {
        return Ok(Setting { key, value: None, inner: None });
    }
    if input.peek(syn::token::Paren) && WITH_PARENTHESES.contains(&key.unraw().to_string().as_str()) {
        let content;
        syn::parenthesized!(content in input);
        let inner = content.parse::<TokenStream>()?;
        if !input.is_empty() {
            return Err(syn::Error::new(input.span(), "expected a comma before this"));
        }
        return Ok(Setting { key, value: None, inner: Some(inner) });
    }
    let shape = || format!("write `{0} = value` or leave `{0}` out", key.unraw());
    if !input.peek(Token![=]) {
        return Err(syn::Error::new(input.span(), shape()));
    }
    let equals: Token![=] = input.parse()?;
    if input.is_empty() {
        return Err(syn::Error::new_spanned(equals, format!("`{}` has no value after its `=`", key.unraw())));
    }
    let value = input.parse::<Expr>().map_err(|error| {
        syn::Error::new(error.span(), format!("the value of `{}` can't be read: {error}", key.unraw()))
    })?;
    match input.cursor().token_tree() {
        None => Ok(Setting { key, value: Some(value), inner: None }),
        Some((token, _)) => Err(syn::Error::new(token.span(), "expected a comma before this")),
    }
}

/// The doc comment as prose: lines of a paragraph joined, paragraphs kept apart.
fn docs(attrs: &[Attribute]) -> String {
    let mut paragraphs: Vec<Vec<String>> = vec![Vec::new()];
    for attr in attrs {
        let Meta::NameValue(meta) = &attr.meta else {
            continue;
        };
        let Expr::Lit(literal) = &meta.value else {
            continue;
        };
        let (true, Lit::Str(text)) = (meta.path.is_ident("doc"), &literal.lit) else {
            continue;
        };
        for line in text.value().lines() {
            // The asterisks that block comments carry down their left edge.
            let line = line.trim();
            let line = line.strip_prefix("* ").unwrap_or(if line == "*" { "" } else { line });
            match (line.is_empty(), paragraphs.last_mut()) {
                (false, Some(paragraph)) => paragraph.push(line.to_owned()),
                _ => paragraphs.push(Vec::new()),
            }
        }
        // An empty `///` is a line without a text.
        if text.value().is_empty() {
            paragraphs.push(Vec::new());
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs.iter().map(|paragraph| paragraph.join(" ")).collect::<Vec<_>>().join("\n\n")
}

/// Takes an expression out of the invisible group that a `macro_rules!` fragment comes in.
pub(crate) fn ungroup(mut expr: &Expr) -> &Expr {
    loop {
        expr = match expr {
            Expr::Group(group) => &group.expr,
            Expr::Paren(paren) => &paren.expr,
            _ => return expr,
        };
    }
}

/// Takes a type out of the invisible group that a `macro_rules!` fragment comes in.
pub(crate) fn ungroup_type(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Group(group) => &group.elem,
            Type::Paren(paren) => &paren.elem,
            _ => return ty,
        };
    }
}
