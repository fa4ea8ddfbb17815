//! Values that an attribute can write: literals, and lists of them.

use std::fmt;

use syn::{Expr, Lit, UnOp};

use crate::errors::Errors;
use crate::syntax::ungroup;

/// A literal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Constant {
    Text(String),
    Number(Number),
    Boolean(bool),
    List(Vec<Constant>),
}

/// A literal number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Integer(i128),
    Float(f64),
}

impl Number {
    pub(crate) fn float(self) -> f64 {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "compared with a float, it is one")]
            Self::Integer(n) => n as f64,
            Self::Float(n) => n,
        }
    }

    /// Exact between integers.
    pub(crate) fn compare(self, other: Self) -> Option<std::cmp::Ordering> {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => Some(a.cmp(&b)),
            (a, b) => a.float().partial_cmp(&b.float()),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(n) => n.fmt(f),
            // Debug keeps the point: 1.0.
            Self::Float(n) => write!(f, "{n:?}"),
        }
    }
}

impl fmt::Display for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Number(number) => number.fmt(f),
            Self::Boolean(b) => b.fmt(f),
            Self::List(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str("]")
            }
        }
    }
}

/// Reads a literal or a list of literals; reports anything else at its place.
pub(crate) fn constant(expr: &Expr, errors: &mut Errors) -> Option<Constant> {
    match ungroup(expr) {
        Expr::Lit(literal) => scalar(&literal.lit, false, errors),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => match ungroup(&unary.expr) {
            Expr::Lit(literal) if matches!(literal.lit, Lit::Int(_) | Lit::Float(_)) => {
                scalar(&literal.lit, true, errors)
            }
            other => not_literal(other, errors),
        },
        Expr::Array(array) => {
            // Each element is read before the first failure counts.
            let items: Vec<_> = array.elems.iter().map(|item| constant(item, errors)).collect();
            items.into_iter().collect::<Option<Vec<_>>>().map(Constant::List)
        }
        Expr::Reference(reference) => {
            errors.at(reference, "leave out the `&`");
            None
        }
        other => not_literal(other, errors),
    }
}

fn not_literal(expr: &Expr, errors: &mut Errors) -> Option<Constant> {
    let mut message =
        "write a literal: a string, a number, `true`, `false`, or a list of them in brackets".to_owned();
    if let Expr::Path(path) = expr
        && let Some(name) = path.path.get_ident()
    {
        message = format!("`{name}` is not a literal; for text write \"{name}\"");
    }
    errors.at(expr, message);
    None
}

fn scalar(lit: &Lit, negative: bool, errors: &mut Errors) -> Option<Constant> {
    match lit {
        Lit::Str(text) => Some(Constant::Text(text.value())),
        Lit::Bool(b) => Some(Constant::Boolean(b.value)),
        Lit::Int(n) => {
            if !n.suffix().is_empty() {
                errors.span(
                    lit.span(),
                    format!("leave out the suffix `{}`: the field's type decides", n.suffix()),
                );
                return None;
            }
            let Ok(value) = n.base10_parse::<i128>() else {
                errors.span(lit.span(), "this number has more than 127 bits");
                return None;
            };
            Some(Constant::Number(Number::Integer(if negative { -value } else { value })))
        }
        Lit::Float(n) => {
            if !n.suffix().is_empty() {
                errors.span(
                    lit.span(),
                    format!("leave out the suffix `{}`: the field's type decides", n.suffix()),
                );
                return None;
            }
            match n.base10_parse::<f64>() {
                Ok(value) if value.is_finite() => {
                    Some(Constant::Number(Number::Float(if negative { -value } else { value })))
                }
                _ => {
                    errors.span(lit.span(), format!("this number is beyond the largest one, {:e}", f64::MAX));
                    None
                }
            }
        }
        _ => {
            errors.at(lit, "write a string, a number, `true` or `false`");
            None
        }
    }
}
