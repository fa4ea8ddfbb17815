//! The rules about a struct's fields.

use std::collections::BTreeMap;

use proc_macro2::Span;
use syn::Ident;
use syn::ext::IdentExt as _;

use super::{constraints, default, misplaced, names, parameter};
use crate::Derive;
use crate::errors::Errors;
use crate::keys::{Attribute, Taker};
use crate::kind::Kind;
use crate::model::{Field, Role};
use crate::syntax::{self, Attributes};

/// The key that holds the tables of the environments, so that no top-level field can have it.
const ENVIRONMENTS: &str = "env";

/// Checks the fields of a struct, and that no two share a name.
pub(super) fn fields(raw: Vec<syntax::Field>, derive: Derive, errors: &mut Errors) -> Vec<Field> {
    let mut names = Names { derive, keys: BTreeMap::new(), parameters: BTreeMap::new() };
    raw.into_iter().filter_map(|field| self::field(field, derive, &mut names, errors)).collect()
}

fn field(raw: syntax::Field, derive: Derive, names: &mut Names, errors: &mut Errors) -> Option<Field> {
    let syntax::Field { ident, ty, attributes } = raw;
    let Attributes { docs, config, parameter, pipeline } = attributes;
    misplaced(&pipeline, "`#[pipeline(…)]` belongs on the struct, not on a field", errors);
    let kind = Kind::of(&ty);
    let own = ident.unraw().to_string();
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
            Some(Field { ident, ty, key: own, description: docs, default, constraints, role })
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
            let (key, span) = match names::alias(taker.take("alias"), errors) {
                Some(alias) => alias,
                None => (own, ident.span()),
            };
            names.key(&key, span, &ident, errors);
            let mut assertions = Vec::new();
            let subject = constraints::Subject { ident: &ident, kind: &kind };
            let constraints = constraints::all(&mut taker, subject, &mut assertions, errors);
            let default = taker
                .take("default")
                .and_then(|setting| default::value(setting, subject, &constraints, &mut assertions, errors));
            let role = Role::Value(assertions);
            Some(Field { ident, ty, key, description: docs, default, constraints, role })
        }
    }
}

/// Whether a `Parameter` hides inside an `Option` or `Vec`.
fn holds_parameter(kind: &Kind) -> bool {
    match kind {
        Kind::Optional(inner) | Kind::List(inner) => {
            matches!(**inner, Kind::Parameter(_)) || holds_parameter(inner)
        }
        _ => false,
    }
}

/// The names that are taken.
struct Names {
    derive: Derive,
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
