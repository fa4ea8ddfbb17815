//! What can be known of a text before the pipeline runs.

use crate::deploy::Environment;
use crate::expr::Expression;
use crate::node::Node;
use crate::parameter::{Literal, ParameterDecl};

/// As many readings of one text are followed; more come only from parameters with many choices.
const READINGS: usize = 64;

/// The beginning of a text, with placeholders of CloudFormation's where the environment does not know better.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) text: String,
    /// Whether this is all of it.
    pub(super) complete: bool,
}

impl Known {
    /// A text that somebody wrote: up to what would mean something else in an ARN of a policy.
    fn literal(text: &str) -> Self {
        match text.find(['*', '?', '$']) {
            Some(end) => Self { text: text[..end].to_owned(), complete: false },
            None => Self { text: text.to_owned(), complete: true },
        }
    }

    fn then(&self, next: &Self) -> Self {
        Self { text: format!("{}{}", self.text, next.text), complete: next.complete }
    }
}

/// The texts that a node may become: several where a parameter has choices.
pub(super) fn readings(node: &Node, pipeline: &str, environment: &Environment) -> Vec<Known> {
    match node {
        Node::Str(text) | Node::Vouched(text) => vec![Known::literal(text)],
        Node::Expr(expression) => of_expression(expression, pipeline, environment),
        _ => vec![Known::default()],
    }
}

fn of_expression(expression: &Expression, pipeline: &str, environment: &Environment) -> Vec<Known> {
    match expression {
        Expression::Deploy(deploy) => {
            vec![Known { text: environment.text(deploy, pipeline), complete: true }]
        }
        Expression::Execution("Execution.PipelineName") => vec![Known::literal(pipeline)],
        Expression::Parameter(decl) => of_parameter(decl),
        Expression::Join(pieces) => {
            let mut sums = vec![Known { text: String::new(), complete: true }];
            for piece in pieces {
                if sums.iter().all(|sum| !sum.complete) {
                    break;
                }
                let next = readings(piece, pipeline, environment);
                sums = sums
                    .iter()
                    .flat_map(|sum| {
                        let longer = next.iter().map(|next| sum.then(next));
                        if sum.complete { longer.collect() } else { vec![sum.clone()] }
                    })
                    .take(READINGS)
                    .collect();
            }
            sums
        }
        _ => vec![Known::default()],
    }
}

fn of_parameter(decl: &ParameterDecl) -> Vec<Known> {
    let default = match &decl.default {
        Some(Literal::String(text)) => Some(text),
        _ => None,
    };
    let mut texts: Vec<&String> = default.into_iter().chain(&decl.choices).take(READINGS).collect();
    texts.sort();
    texts.dedup();
    if texts.is_empty() {
        return vec![Known::default()];
    }
    texts.into_iter().map(|text| Known::literal(text)).collect()
}
