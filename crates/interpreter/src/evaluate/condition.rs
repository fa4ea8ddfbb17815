//! The conditions of a Condition step.
//!
//! Values are compared by what they are: numbers as numbers, whatever their type; texts as texts, but by
//! order as numbers or as times where both are such. A number compares with a text that is one, a boolean
//! with `"true"` and `"false"`. Anything else at odds is an error, not a "no".

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::{Map, Number, Value};

use super::path::shown;
use super::{EvaluationError, Evaluator, MOST_DEPTH, Scope};
use crate::problem::shortened;

/// Conditions of two values.
pub(crate) const COMPARISONS: [&str; 5] =
    ["Equals", "GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo"];

/// All conditions.
pub(crate) const CONDITION_TYPES: [&str; 8] =
    ["Equals", "GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo", "In", "Not", "Or"];

/// Whether all of a Condition step's `Conditions` hold; true where there are none. Those after one that
/// doesn't hold are not looked at.
///
/// # Errors
/// What can't be evaluated or compared: its place (from the list on, such as `[0].LeftValue`) and the values.
pub fn conditions(conditions: &Value, scope: &dyn Scope) -> Result<bool, EvaluationError> {
    Evaluator::new(scope).all(conditions, MOST_DEPTH)
}

impl Evaluator<'_> {
    fn all(&mut self, conditions: &Value, depth: usize) -> Result<bool, EvaluationError> {
        for (index, condition) in list(conditions)?.iter().enumerate() {
            if !self.holds(condition, depth).map_err(|error| error.in_item(index))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn any(&mut self, conditions: &Value, depth: usize) -> Result<bool, EvaluationError> {
        for (index, condition) in list(conditions)?.iter().enumerate() {
            if self.holds(condition, depth).map_err(|error| error.in_item(index))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn holds(&mut self, condition: &Value, depth: usize) -> Result<bool, EvaluationError> {
        let below = depth.checked_sub(2).ok_or_else(|| EvaluationError::new(super::too_deep()))?;
        let members = condition.as_object().ok_or_else(|| {
            EvaluationError::new(format!("a condition is an object, not {}", shown(condition)))
        })?;
        let kind = members.get("Type").and_then(Value::as_str).unwrap_or_default();
        match kind {
            "Not" => {
                let inner = member(members, "Condition")?;
                self.holds(inner, below).map(|holds| !holds).map_err(|error| error.within("Condition"))
            }
            "Or" => {
                let inner = member(members, "Conditions")?;
                self.any(inner, below).map_err(|error| error.within("Conditions"))
            }
            "In" => self.is_in(members, below),
            comparison if COMPARISONS.contains(&comparison) => {
                let left = self.side(members, "LeftValue", below)?;
                let right = self.side(members, "RightValue", below)?;
                compare(comparison, &left, &right)
            }
            other => Err(EvaluationError::new(format!(
                "the condition {:?} is not known: there are {}",
                shortened(other),
                CONDITION_TYPES.join(", ")
            ))),
        }
    }

    fn is_in(&mut self, members: &Map<String, Value>, depth: usize) -> Result<bool, EvaluationError> {
        let query = self.side(members, "QueryValue", depth)?;
        let mut at_odds = None;
        for (index, value) in list(member(members, "Values")?)?.iter().enumerate() {
            let at = |error: EvaluationError| error.in_item(index).within("Values");
            let value = self.value(value, depth).map_err(at)?;
            match compare("Equals", &query, &value) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(error) => at_odds = at_odds.or(Some(at(error))),
            }
        }
        at_odds.map_or(Ok(false), Err)
    }

    fn side(
        &mut self,
        members: &Map<String, Value>,
        name: &str,
        depth: usize,
    ) -> Result<Value, EvaluationError> {
        self.value(member(members, name)?, depth).map_err(|error| error.within(name))
    }
}

fn member<'c>(members: &'c Map<String, Value>, name: &str) -> Result<&'c Value, EvaluationError> {
    members.get(name).ok_or_else(|| EvaluationError::new(format!("the condition has no {name}")))
}

fn list(value: &Value) -> Result<&[Value], EvaluationError> {
    value
        .as_array()
        .map(Vec::as_slice)
        .ok_or_else(|| EvaluationError::new(format!("a list is expected, not {}", shown(value))))
}

/// Whether `left COMPARISON right` holds.
fn compare(comparison: &str, left: &Value, right: &Value) -> Result<bool, EvaluationError> {
    if comparison == "Equals" {
        return equal(left, right).ok_or_else(|| at_odds(comparison, left, right));
    }
    let order = order(left, right).ok_or_else(|| at_odds(comparison, left, right))?;
    Ok(match comparison {
        "GreaterThan" => order.is_gt(),
        "GreaterThanOrEqualTo" => order.is_ge(),
        "LessThan" => order.is_lt(),
        _ => order.is_le(),
    })
}

fn at_odds(comparison: &str, left: &Value, right: &Value) -> EvaluationError {
    EvaluationError::new(format!(
        "{comparison} can't compare {} with {}: {} and {} are of different kinds, or have no order",
        shown(left),
        shown(right),
        kind(left),
        kind(right)
    ))
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Whether two values are equal; `None` where they can't be compared.
fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::String(left), Value::String(right)) => Some(left == right),
        (Value::Bool(left), Value::Bool(right)) => Some(left == right),
        (Value::Bool(boolean), Value::String(text)) | (Value::String(text), Value::Bool(boolean)) => {
            text.to_ascii_lowercase().parse::<bool>().ok().map(|text| text == *boolean)
        }
        _ => numbers(left, right).map(Ordering::is_eq),
    }
}

/// Which of two values comes first; `None` where they have no order.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::String(a), Value::String(b)) => Some(
            numbers(left, right)
                .or_else(|| Some(a.parse::<Timestamp>().ok()?.cmp(&b.parse::<Timestamp>().ok()?)))
                .unwrap_or_else(|| a.cmp(b)),
        ),
        _ => numbers(left, right),
    }
}

fn numbers(left: &Value, right: &Value) -> Option<Ordering> {
    let (left, right) = (number(left)?, number(right)?);
    // Whole numbers beyond 53 bits keep every digit.
    match (left, right) {
        (Numeric::Whole(left), Numeric::Whole(right)) => Some(left.cmp(&right)),
        (left, right) => left.float().partial_cmp(&right.float()),
    }
}

#[derive(Clone, Copy, Debug)]
enum Numeric {
    Whole(i128),
    Float(f64),
}

impl Numeric {
    #[expect(clippy::cast_precision_loss, reason = "a number beside one with a fraction is compared as one")]
    const fn float(self) -> f64 {
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Float(float) => float,
        }
    }
}

fn number(value: &Value) -> Option<Numeric> {
    match value {
        Value::Number(number) => of_number(number),
        Value::String(text) => {
            text.trim().parse::<i64>().map(|whole| Numeric::Whole(whole.into())).ok().or_else(|| {
                let looks_so = text.trim().starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
                let float = text.trim().parse::<f64>().ok().filter(|float| looks_so && float.is_finite());
                float.map(Numeric::Float)
            })
        }
        _ => None,
    }
}

fn of_number(number: &Number) -> Option<Numeric> {
    number
        .as_i64()
        .map(i128::from)
        .or_else(|| number.as_u64().map(i128::from))
        .map(Numeric::Whole)
        .or_else(|| number.as_f64().map(Numeric::Float))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn equality() {
        for (left, right, expected) in [
            (json!("a"), json!("a"), Some(true)),
            (json!("a"), json!("A"), Some(false)),
            (json!("1.0"), json!("1"), Some(false)),
            (json!(1), json!(1.0), Some(true)),
            (json!(1), json!("1.0"), Some(true)),
            (json!("0.5"), json!(0.5), Some(true)),
            (json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992_i64), Some(false)),
            (json!(u64::MAX), json!(-1), Some(false)),
            (json!(true), json!(true), Some(true)),
            (json!(true), json!("True"), Some(true)),
            (json!("false"), json!(true), Some(false)),
            (json!("yes"), json!(true), None),
            (json!("a"), json!(1), None),
            (json!("inf"), json!(1), None),
            (json!("-inf"), json!(1), None),
            (json!("NaN"), json!(1), None),
            (json!(true), json!(1), None),
            (json!(null), json!(null), None),
            (json!([1]), json!([1]), None),
            (json!({}), json!("a"), None),
        ] {
            assert_eq!(equal(&left, &right), expected, "{left} {right}");
        }
    }

    #[test]
    fn orders() {
        use Ordering::{Equal, Greater, Less};
        for (left, right, expected) in [
            (json!(1), json!(2), Some(Less)),
            (json!(0.5), json!(0.5), Some(Equal)),
            (json!(3), json!(2.5), Some(Greater)),
            (json!("10"), json!("9"), Some(Greater)),
            (json!("1e3"), json!(999), Some(Greater)),
            (json!("b"), json!("a"), Some(Greater)),
            (json!("2024-05-06T07:08:09.100Z"), json!("2024-05-06T07:08:09Z"), Some(Greater)),
            (json!("2024-05-06T09:08:09+02:00"), json!("2024-05-06T07:08:09Z"), Some(Equal)),
            (json!("2024-05-06"), json!("2024-05-07"), Some(Less)),
            (json!("a"), json!(1), None),
            (json!(true), json!(false), None),
        ] {
            assert_eq!(order(&left, &right), expected, "{left} {right}");
        }
    }
}
