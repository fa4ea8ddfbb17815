//! `validate`, `before`, `after`, `default_with`: functions that an attribute names.

#![allow(clippy::single_match_else, reason = "a match shows what is told apart")]

use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{Expr, Token};

use super::value;
use crate::errors::Errors;
use crate::keys::Taker;
use crate::model::{Field, FieldRules, Rule};
use crate::syntax::{Setting, ungroup};

/// The function that a setting names.
pub(super) fn function(setting: Setting, errors: &mut Errors) -> Option<Expr> {
    let name = setting.key.clone();
    let (_, expr) = value(setting, "path::to::function", errors)?;
    is_function(&name, expr, errors)
}

fn is_function(name: &syn::Ident, expr: Expr, errors: &mut Errors) -> Option<Expr> {
    match ungroup(&expr) {
        Expr::Path(_) => Some(expr),
        _ => {
            errors.at(&expr, format!("`{name}` takes the name of a function"));
            None
        }
    }
}

/// The functions of a field.
pub(super) fn of_field(taker: &mut Taker, errors: &mut Errors) -> FieldRules {
    let mut one = |key: &str| taker.take(key).and_then(|setting| function(setting, errors));
    let (default_with, before, after) = (one("default_with"), one("before"), one("after"));
    let schema_extra = one("schema_extra");
    let validate = taker.take_all("validate");
    let validate = validate.into_iter().filter_map(|setting| match setting.inner {
        Some(_) => {
            errors.at(&setting.key, "on a field write `validate = path`; fields are named on the struct");
            None
        }
        None => function(setting, errors),
    });
    FieldRules { default_with, before, after, validate: validate.collect(), schema_extra }
}

/// The rules of a struct: `validate = path` about all of it, `validate(path, field, …)` about some fields.
pub(super) fn of_struct(settings: Vec<Setting>, fields: &[Field], errors: &mut Errors) -> Vec<Rule> {
    let mut rules = Vec::new();
    for setting in settings {
        let name = setting.key.clone();
        let Some(inner) = setting.inner.clone() else {
            if let Some(path) = function(setting, errors) {
                rules.push(Rule { path, fields: Vec::new() });
            }
            continue;
        };
        let parts = match Punctuated::<Expr, Token![,]>::parse_terminated.parse2(inner) {
            Ok(parts) => parts,
            Err(error) => {
                errors.span(error.span(), error);
                continue;
            }
        };
        let mut parts = parts.into_iter();
        let (Some(path), true) = (parts.next(), parts.len() > 0) else {
            errors.at(
                &name,
                "write the function and the fields: `validate(function, first_field, second_field)`",
            );
            continue;
        };
        let path = is_function(&name, path, errors);
        let mut indices = Vec::new();
        for part in parts {
            let index = match ungroup(&part) {
                Expr::Path(path) => fields.iter().position(|field| path.path.is_ident(&field.ident)),
                _ => None,
            };
            match index {
                Some(index) => indices.push(index),
                None => errors.at(&part, "this is no field of the struct"),
            }
        }
        rules.extend(path.map(|path| Rule { path, fields: indices }));
    }
    rules
}
