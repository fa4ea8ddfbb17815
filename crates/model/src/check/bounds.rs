//! How long a text can be, as far as that is known at synth.

use crate::expr::Expression;
use crate::node::Node;
use crate::parameter::{Literal, ParameterDecl, ParameterKind};
use crate::resolver::Resolver;

/// The length of a text in characters: at least `min`, at most `max` where that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Length {
    /// The fewest characters it can have.
    pub min: usize,
    /// The most, if bounded.
    pub max: Option<usize>,
}

impl Length {
    const fn exactly(n: usize) -> Self {
        Self { min: n, max: Some(n) }
    }

    fn plus(self, other: Self) -> Self {
        Self { min: self.min + other.min, max: self.max.zip(other.max).map(|(a, b)| a + b) }
    }
}

/// The length that a node has as text.
pub(crate) fn length(node: &Node, resolver: &Resolver<'_>) -> Length {
    if let Some(text) = resolver.literal(node) {
        return Length::exactly(text.chars().count());
    }
    match node {
        Node::Expr(Expression::Join(pieces)) => {
            pieces.iter().fold(Length::exactly(0), |sum, piece| sum.plus(length(piece, resolver)))
        }
        Node::Expr(Expression::Parameter(decl)) => parameter(decl),
        Node::Bool(b) => Length::exactly(if *b { 4 } else { 5 }),
        Node::Int(i) => Length::exactly(i.to_string().len()),
        _ => Length { min: 0, max: None },
    }
}

/// The length that a parameter's value can have.
fn parameter(decl: &ParameterDecl) -> Length {
    match decl.kind {
        ParameterKind::String if !decl.choices.is_empty() => {
            let lengths = || decl.choices.iter().map(|c| c.chars().count());
            Length { min: lengths().min().unwrap_or(0), max: lengths().max() }
        }
        ParameterKind::String => Length { min: decl.min_length.unwrap_or(0), max: decl.max_length },
        // -9223372036854775808
        ParameterKind::Integer => Length { min: 1, max: Some(20) },
        ParameterKind::Float => Length { min: 1, max: Some(32) },
        ParameterKind::Boolean => Length { min: 4, max: Some(5) },
    }
}

/// The literals that a parameter is known to take: its choices, or else its default.
pub(super) fn known_values(decl: &ParameterDecl) -> Vec<&str> {
    if !decl.choices.is_empty() {
        return decl.choices.iter().map(String::as_str).collect();
    }
    match &decl.default {
        Some(Literal::String(text)) => vec![text],
        _ => Vec::new(),
    }
}
