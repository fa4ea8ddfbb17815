//! What a tuning job may try for a hyperparameter.

use std::borrow::Cow;

use pipewright_model::{Expr, Node, Object, Scalar, Text};

use crate::enums::HyperParameterScalingType;

/// The values that a tuning job may try for one hyperparameter.
///
/// Bounds and values become text on the wire, where SageMaker reads them.
///
/// ```
/// use pipewright_sagemaker::TuningRange;
/// let eta = TuningRange::continuous(0.01, 0.3).scaling("Logarithmic");
/// let depth = TuningRange::integer(2, 10);
/// let booster = TuningRange::categorical(["gbtree", "dart"]);
/// ```
#[derive(Clone, Debug)]
pub struct TuningRange(Range);

#[derive(Clone, Debug)]
enum Range {
    Bounded { list: &'static str, least: Text, most: Text, scaling: Expr<HyperParameterScalingType> },
    Categorical(Vec<Text>),
    Auto(Text),
}

/// The lists of a request's ranges, as the SageMaker Python SDK writes them: empty ones too.
const LISTS: [&str; 3] = [INTEGER, CONTINUOUS, CATEGORICAL];
const INTEGER: &str = "IntegerParameterRanges";
const CONTINUOUS: &str = "ContinuousParameterRanges";
const CATEGORICAL: &str = "CategoricalParameterRanges";
const AUTO: &str = "AutoParameters";

impl TuningRange {
    /// Any number from `least` to `most`, both included.
    pub fn continuous(least: impl Into<Expr<f64>>, most: impl Into<Expr<f64>>) -> Self {
        Self::bounded(CONTINUOUS, least.into(), most.into())
    }

    /// Any integer from `least` to `most`, both included.
    pub fn integer(least: impl Into<Expr<i64>>, most: impl Into<Expr<i64>>) -> Self {
        Self::bounded(INTEGER, least.into(), most.into())
    }

    fn bounded<T: Scalar>(list: &'static str, least: Expr<T>, most: Expr<T>) -> Self {
        let most = match (number(least.node()), number(most.node())) {
            (Some(low), Some(high)) if low > high => {
                let help = "the least value comes first: swap the two";
                Expr::invalid(high.to_string(), format!("at least {low}"), help).into()
            }
            _ => Text::from(most),
        };
        Self(Range::Bounded {
            list,
            least: least.into(),
            most,
            scaling: HyperParameterScalingType::AUTO.into(),
        })
    }

    /// One of these values: up to 30.
    pub fn categorical<V: Into<Text>>(values: impl IntoIterator<Item = V>) -> Self {
        Self(Range::Categorical(values.into_iter().map(Into::into).collect()))
    }

    /// What the service finds to be sensible, given a value that is.
    pub fn auto(hint: impl Into<Text>) -> Self {
        Self(Range::Auto(hint.into()))
    }

    /// How a bounded range is searched: `Auto` (unless said), `Linear`, `Logarithmic` or `ReverseLogarithmic`.
    /// Other ranges have no scale, and stay as they are.
    pub fn scaling(mut self, scaling: impl Into<Expr<HyperParameterScalingType>>) -> Self {
        if let Range::Bounded { scaling: slot, .. } = &mut self.0 {
            *slot = scaling.into();
        }
        self
    }

    /// Adds it to a request's ranges. `json` is for values that a script reads as JSON.
    pub(super) fn add_to(self, ranges: &mut Object, name: Cow<'static, str>, json: bool) {
        let name = ("Name", Node::Str(name));
        let text = |text: Text| if json { text.into_json() } else { text.into_expr() }.into_node();
        match self.0 {
            Range::Bounded { list, least, most, scaling } => {
                let (least, most) = (least.into_expr().into_node(), most.into_expr().into_node());
                let members =
                    [name, ("MinValue", least), ("MaxValue", most), ("ScalingType", scaling.into_node())];
                ranges.push(list, Object::from_iter(members));
            }
            Range::Categorical(values) => {
                let values: Vec<Node> = values.into_iter().map(text).collect();
                ranges.push(CATEGORICAL, Object::from_iter([name, ("Values", values.into())]));
            }
            Range::Auto(hint) => {
                ranges.push(AUTO, Object::from_iter([name, ("ValueHint", text(hint))]));
            }
        }
    }
}

/// Ranges to which nothing was added yet.
pub(super) fn none() -> Object {
    LISTS.iter().map(|list| (*list, Node::List(Vec::new()))).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a comparison of what an author wrote")]
const fn number(node: &Node) -> Option<f64> {
    match node {
        Node::Int(i) => Some(*i as f64),
        Node::Float(f) => Some(*f),
        _ => None,
    }
}
