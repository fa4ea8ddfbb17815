//! The rules about the variants of an enum.

use heck::ToSnakeCase as _;
use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::{Ident, Type, parse_quote};

use super::names::{self, Case};
use super::{field, misplaced, text};
use crate::Derive;
use crate::errors::Errors;
use crate::keys::{Attribute, Taker};
use crate::model::{Content, Field, Name, Tagging, Variant};
use crate::syntax::{self, Attributes, VariantFields};

/// `tag`, `content` and `untagged`; `None` where nothing is said.
pub(super) fn tagging(taker: &mut Taker, errors: &mut Errors) -> Option<(Tagging, Span)> {
    let untagged = taker.take("untagged");
    let (tag_key, content_key) = (taker.take("tag"), taker.take("content"));
    let span = [&untagged, &tag_key, &content_key].into_iter().flatten().next().map(|s| s.key.span())?;
    if let Some(untagged) = &untagged {
        if let Some(value) = &untagged.value {
            errors.at(value, "`untagged` takes no value");
        }
        for other in [&tag_key, &content_key].into_iter().flatten() {
            errors.at(&other.key, format!("`{}` has no place beside `untagged`: keep one", other.key));
        }
        return Some((Tagging::Untagged, span));
    }
    let mut name = |setting| text(setting, "kind", errors);
    let (tag, content) = (tag_key.map(&mut name), content_key.map(&mut name));
    let tagging = match (tag, content) {
        (Some(tag), None) => Tagging::Internal { tag: tag?.0 },
        (Some(tag), Some(content)) => {
            let ((tag, _), (content, at)) = (tag?, content?);
            if tag == content {
                errors.span(at, "`tag` and `content` are two keys of one table: give them different names");
            }
            Tagging::Adjacent { tag, content }
        }
        (None, _) => {
            errors.span(span, "`content` needs a `tag` beside it: `tag = \"kind\"`");
            return None;
        }
    };
    Some((tagging, span))
}

/// Names, and the check that no two variants share one.
pub(super) struct Names {
    case: Option<Case>,
    taken: Vec<(String, Ident)>,
}

impl Names {
    pub(super) fn new(case: Option<Case>) -> Self {
        Self { case, taken: Vec::new() }
    }

    fn of(&mut self, ident: Ident, attributes: Attributes, errors: &mut Errors) -> Name {
        let Attributes { docs, config, parameter, pipeline } = attributes;
        misplaced(&parameter, "`#[parameter(…)]` belongs on a field of type `Parameter<…>`", errors);
        misplaced(&pipeline, "`#[pipeline(…)]` belongs on the struct with `#[derive(Pipeline)]`", errors);
        let mut taker = Taker::new(config, Attribute::Variant, errors);
        let own = ident.unraw().to_string();
        let own = self.case.map_or_else(|| own.to_snake_case(), |case| case.apply(&own));
        let keys = names::keys(&mut taker, (own, ident.span()), errors);
        for (name, span) in &keys {
            if let Some((_, earlier)) = self.taken.iter().find(|(taken, _)| taken == name) {
                let message = format!("`{earlier}` is called \"{name}\" too: give one of them an `alias`");
                errors.span(*span, message);
            }
            self.taken.push((name.clone(), ident.clone()));
        }
        Name { ident, names: keys.into_iter().map(|(name, _)| name).collect(), description: docs }
    }
}

/// The variants of an enum all of which hold nothing.
pub(super) fn units(raw: Vec<syntax::Variant>, mut names: Names, errors: &mut Errors) -> Vec<Name> {
    raw.into_iter().map(|variant| names.of(variant.ident, variant.attributes, errors)).collect()
}

/// The variants of an enum some of which hold something.
pub(super) fn all(
    raw: Vec<syntax::Variant>,
    tagging: &Tagging,
    mut names: Names,
    errors: &mut Errors,
) -> Vec<Variant> {
    let mut out = Vec::new();
    for syntax::Variant { ident, attributes, fields } in raw {
        let span = ident.span();
        let name = names.of(ident, attributes, errors);
        if let Some(content) = content(fields, tagging, span, errors) {
            out.push(Variant { name, content });
        }
    }
    out
}

fn content(fields: VariantFields, tagging: &Tagging, span: Span, errors: &mut Errors) -> Option<Content> {
    match (fields, tagging) {
        (VariantFields::Unit, Tagging::Untagged) => {
            errors.span(span, "nothing tells this variant: it holds nothing, and the enum is `untagged`");
            None
        }
        (VariantFields::Unit, _) => Some(Content::Unit),
        (VariantFields::Named(fields), tagging) => {
            let fields = field::fields(fields, Derive::Config, None, errors);
            for field in &fields {
                if field.flatten {
                    errors
                        .at(&field.ident, "nothing is flattened into a variant: give it a struct of its own");
                }
                if let Tagging::Internal { tag } = tagging
                    && field.key == *tag
                {
                    errors.at(
                        &field.ident,
                        format!("the key `{tag}` holds the variant's name: choose another"),
                    );
                }
            }
            Some(Content::Fields(fields))
        }
        (VariantFields::Unnamed(fields, _), tagging) if fields.len() == 1 => {
            let field = field::fields(fields, Derive::Config, None, errors).pop()?;
            Some(Content::Value { field: Box::new(field), flat: matches!(tagging, Tagging::Internal { .. }) })
        }
        (VariantFields::Unnamed(_, span), Tagging::Internal { .. }) => {
            errors.span(span, "the tag stands among the variant's own keys, so name its fields");
            None
        }
        (VariantFields::Unnamed(fields, span), _) => {
            let length = fields.len();
            let mut types: Vec<Type> = Vec::new();
            for field in fields {
                if let Some(span) = field.attributes.config.attribute {
                    errors.span(span, "name the fields of the variant to say something about one of them");
                }
                types.push(field.ty);
            }
            if length == 0 || length > 8 {
                errors.span(span, "a variant without names holds 1 to 8 values: name its fields");
                return None;
            }
            let ty: Type = parse_quote!((#(#types),*));
            Some(Content::Tuple { field: Box::new(plain(ty, span)), length })
        }
    }
}

/// A field about which nothing is said.
fn plain(ty: Type, span: Span) -> Field {
    Field {
        ident: Ident::new("values", span),
        ty,
        key: String::new(),
        aliases: Vec::new(),
        title: None,
        deprecated: None,
        examples: Vec::new(),
        description: String::new(),
        rules: crate::model::FieldRules::default(),
        flatten: false,
        default: None,
        constraints: crate::model::Constraints::default(),
        role: crate::model::Role::Value(Vec::new()),
    }
}
