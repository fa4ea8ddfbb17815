//! The rules about a struct's fields.

use std::collections::BTreeMap;

use proc_macro2::Span;
use syn::Ident;
use syn::ext::IdentExt as _;

use super::names::Case;
use super::{constraints, default, flag, misplaced, names, parameter, rules, text};
use crate::Derive;
use crate::errors::Errors;
use crate::keys::{Attribute, Taker};
use crate::kind::Kind;
use crate::model::{Field, FieldRules, Role};
use crate::syntax::{self, Attributes};

/// The key that holds the tables of the environments, so that no top-level field can have it.
const ENVIRONMENTS: &str = "env";

/// Checks the fields of a struct, and that no two share a name.
pub(super) fn fields(
    raw: Vec<syntax::Field>,
    derive: Derive,
    case: Option<Case>,
    errors: &mut Errors,
) -> Vec<Field> {
    let mut names = Names { derive, case, keys: BTreeMap::new(), parameters: BTreeMap::new() };
    raw.into_iter().filter_map(|field| self::field(field, derive, &mut names, errors)).collect()
}

fn field(raw: syntax::Field, derive: Derive, names: &mut Names, errors: &mut Errors) -> Option<Field> {
    let syntax::Field { ident, ty, attributes } = raw;
    let Attributes { docs, config, parameter, pipeline } = attributes;
    misplaced(&pipeline, "`#[pipeline(…)]` belongs on the struct, not on a field", errors);
    let kind = Kind::of(&ty);
    let own = ident.unraw().to_string();
    let own = names.case.map_or_else(|| own.clone(), |case| case.apply(&own));
    match (kind, derive) {
        (Kind::Parameter(_), Derive::Config) => {
            let message = "only the top struct, the one with `#[derive(Pipeline)]`, has parameters: move the field there";
            errors.at(&ty, message);
            None
        }
        (Kind::Parameter(inner), Derive::Pipeline) => {
            misplaced(&config, "the field is a `Parameter`: write `#[parameter(…)]`", errors);
            names.key(&own, ident.span(), &ident, errors);
            let taker = Taker::new(parameter, Attribute::Parameter, errors);
            let (checked, span) = parameter::parameter(&ident, &ty, inner.as_deref(), taker, errors)?;
            names.parameter(&checked.parameter.name, span, &ident, errors);
            let parameter::Checked { parameter, default, constraints } = checked;
            let role = Role::Parameter(parameter);
            Some(Field {
                ident,
                ty,
                key: own,
                aliases: Vec::new(),
                title: None,
                deprecated: None,
                examples: Vec::new(),
                description: docs,
                rules: FieldRules::default(),
                flatten: false,
                default,
                constraints,
                role,
            })
        }
        (kind, _) => {
            misplaced(&parameter, "the field is no `Parameter<…>`: write `#[config(…)]`", errors);
            let mut taker = Taker::new(config, Attribute::Field, errors);
            let refused = match &kind {
                Kind::Refused(instead) => Some(instead.clone()),
                kind if holds_parameter(kind) => {
                    Some("a parameter is always declared: write `Parameter<…>` alone".to_owned())
                }
                _ => None,
            };
            if let Some(instead) = refused {
                errors.at(&ty, instead);
            }
            if flag(taker.take("flatten"), errors) {
                return Some(flattened(ident, ty, &kind, taker, errors));
            }
            let keys = names::keys(&mut taker, (own, ident.span()), errors);
            for (key, span) in &keys {
                names.key(key, *span, &ident, errors);
            }
            let mut keys = keys.into_iter().map(|(key, _)| key);
            let (key, aliases) = (keys.next().unwrap_or_default(), keys.collect());
            let mut assertions = Vec::new();
            let subject = constraints::Subject { ident: &ident, kind: &kind, ty: &ty, element: false };
            let constraints = constraints::all(&mut taker, subject, &mut assertions, errors);
            let default = taker
                .take("default")
                .and_then(|setting| default::value(setting, subject, &constraints, &mut assertions, errors));
            let rules = rules::of_field(&mut taker, errors);
            if let (Some(path), true) = (&rules.default_with, default.is_some()) {
                errors.at(path, "`default` and `default_with` both say what the value is: keep one");
            }
            let title = taker.take("title").and_then(|setting| text(setting, "Title", errors));
            let deprecated = taker.take("deprecated").and_then(|setting| match setting.value {
                None => Some(String::new()),
                Some(_) => text(setting, "write `other` instead", errors).map(|(text, _)| text),
            });
            let examples = taker.take("examples").map(|setting| default::examples(setting, subject, errors));
            let role = Role::Value(assertions);
            Some(Field {
                ident,
                key,
                aliases,
                title: title.map(|(title, _)| title),
                deprecated,
                examples: examples.unwrap_or_default(),
                description: docs,
                rules,
                flatten: false,
                default,
                constraints,
                role,
                ty,
            })
        }
    }
}

/// A field whose keys stand among those of the struct.
fn flattened(ident: Ident, ty: syn::Type, kind: &Kind, taker: Taker, errors: &mut Errors) -> Field {
    for setting in taker.rest() {
        let message =
            format!("`{}` has no place beside `flatten`: the keys are those of the type", setting.key);
        errors.at(&setting.key, message);
    }
    if !matches!(kind.inner(), Kind::Map(..) | Kind::Other(_) | Kind::Refused(_)) {
        errors
            .at(&ty, format!("only a struct or a map has keys to flatten, and `{ident}` is {}", kind.name()));
    }
    Field {
        key: String::new(),
        aliases: Vec::new(),
        title: None,
        deprecated: None,
        examples: Vec::new(),
        description: String::new(),
        rules: FieldRules::default(),
        flatten: true,
        default: None,
        constraints: crate::model::Constraints::default(),
        role: Role::Value(Vec::new()),
        ident,
        ty,
    }
}

/// Whether a `Parameter` hides inside an `Option` or `Vec`.
fn holds_parameter(kind: &Kind) -> bool {
    match kind {
        Kind::Optional(inner) | Kind::List(_, inner) => {
            matches!(**inner, Kind::Parameter(_)) || holds_parameter(inner)
        }
        _ => false,
    }
}

/// The names that are taken.
struct Names {
    derive: Derive,
    case: Option<Case>,
    keys: BTreeMap<String, Ident>,
    parameters: BTreeMap<String, Ident>,
}

impl Names {
    fn key(&mut self, key: &str, span: Span, field: &Ident, errors: &mut Errors) {
        if self.derive == Derive::Pipeline && key == ENVIRONMENTS {
            errors.span(
                span,
                "`env` holds the tables of the environments in the configuration: choose another name",
            );
        }
        if let Some(earlier) = self.keys.insert(key.to_owned(), field.clone()) {
            errors
                .span(span, format!("`{earlier}` has the key `{key}` too: each field needs one of its own"));
        }
    }

    fn parameter(&mut self, name: &str, span: Span, field: &Ident, errors: &mut Errors) {
        if let Some(earlier) = self.parameters.insert(name.to_owned(), field.clone()) {
            errors.span(
                span,
                format!("`{earlier}` is the parameter {name:?} too: each needs a name of its own"),
            );
        }
    }
}
