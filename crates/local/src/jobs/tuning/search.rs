//! Which hyperparameters a tuning job tries: a function of the ranges and a seed.

use serde_json::Value;

use crate::jobs::request::Read;

/// The most combinations of a grid; more training jobs nobody starts.
const MOST: usize = 750;

/// A hyperparameter that is searched.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Range {
    name: String,
    values: Values,
}

#[derive(Clone, Debug, PartialEq)]
enum Values {
    Continuous { from: f64, to: f64, scaling: Scaling },
    Integer { from: i64, to: i64, scaling: Scaling },
    Categorical(Vec<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scaling {
    Linear,
    Logarithmic,
    ReverseLogarithmic,
}

/// Hyperparameters and their values, as texts.
pub(super) type Choice = Vec<(String, String)>;

/// Reads `ParameterRanges`.
pub(super) fn read(ranges: &Read<'_>) -> Vec<Range> {
    let mut all = Vec::new();
    for range in ranges.get("ContinuousParameterRanges").list() {
        let bound = |name: &str| number::<f64>(&range.get(name));
        if let Some((from, to)) = bounds(&range, bound("MinValue"), bound("MaxValue")) {
            let scaling = scaling(&range, from, to, true);
            all.push(Range {
                name: range.get("Name").required(),
                values: Values::Continuous { from, to, scaling },
            });
        }
    }
    for range in ranges.get("IntegerParameterRanges").list() {
        let bound = |name: &str| number::<i64>(&range.get(name));
        if let Some((from, to)) = bounds(&range, bound("MinValue"), bound("MaxValue")) {
            #[expect(clippy::cast_precision_loss, reason = "only for whether it is a large range")]
            let scaling = scaling(&range, from as f64, to as f64, false);
            all.push(Range {
                name: range.get("Name").required(),
                values: Values::Integer { from, to, scaling },
            });
        }
    }
    for range in ranges.get("CategoricalParameterRanges").list() {
        let values = range.get("Values").texts();
        if values.is_empty() {
            range.get("Values").problem("is empty");
            continue;
        }
        all.push(Range { name: range.get("Name").required(), values: Values::Categorical(values) });
    }
    for hint in ranges.get("AutoParameters").list() {
        // What SageMaker would search around is taken as it is.
        let values = vec![hint.get("ValueHint").required()];
        all.push(Range { name: hint.get("Name").required(), values: Values::Categorical(values) });
    }
    all
}

fn number<T: std::str::FromStr>(read: &Read<'_>) -> Option<T> {
    let text = read.required();
    let number = text.trim().parse().ok();
    if number.is_none() && read.is_some() {
        read.problem(format!("`{text}` is no number"));
    }
    number
}

fn bounds<T: PartialOrd + std::fmt::Display>(
    range: &Read<'_>,
    from: Option<T>,
    to: Option<T>,
) -> Option<(T, T)> {
    let (from, to) = (from?, to?);
    if from <= to {
        return Some((from, to));
    }
    range.problem(format!("MinValue {from} is not below MaxValue {to}"));
    None
}

fn scaling(range: &Read<'_>, from: f64, to: f64, is_continuous: bool) -> Scaling {
    let read = range.get("ScalingType");
    match read.one_of(&["Auto", "Linear", "Logarithmic", "ReverseLogarithmic"]) {
        "Logarithmic" if from > 0.0 => Scaling::Logarithmic,
        "Logarithmic" => {
            read.problem("Logarithmic needs a MinValue above 0");
            Scaling::Linear
        }
        "ReverseLogarithmic" if is_continuous && from >= 0.0 && to < 1.0 => Scaling::ReverseLogarithmic,
        "ReverseLogarithmic" => {
            read.problem("ReverseLogarithmic needs a continuous range within 0 and 1");
            Scaling::Linear
        }
        "Auto" if from > 0.0 && to / from >= 100.0 => Scaling::Logarithmic,
        _ => Scaling::Linear,
    }
}

/// Every combination of categorical ranges.
///
/// # Errors
/// Where a range is not categorical, or there are too many combinations.
pub(super) fn grid(ranges: &[Range]) -> Result<Vec<Choice>, String> {
    let mut choices: Vec<Choice> = vec![Vec::new()];
    for range in ranges {
        let Values::Categorical(values) = &range.values else {
            return Err(format!("Strategy Grid takes categorical ranges alone, and {} is none", range.name));
        };
        if choices.len().saturating_mul(values.len()) > MOST {
            return Err(format!("the grid has more than {MOST} combinations"));
        }
        choices = choices
            .iter()
            .flat_map(|choice| {
                values.iter().map(|value| {
                    let mut longer = choice.clone();
                    longer.push((range.name.clone(), value.clone()));
                    longer
                })
            })
            .collect();
    }
    Ok(choices)
}

/// A sequence of choices that looks like chance and depends on the seed alone.
#[derive(Debug)]
pub(super) struct Random {
    state: u64,
    made: Vec<Choice>,
}

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed, made: Vec::new() }
    }

    /// The next choice; one that was made before only where there is hardly another one.
    pub(super) fn next(&mut self, ranges: &[Range]) -> Choice {
        let mut choice = Vec::new();
        for _ in 0..20 {
            choice = ranges.iter().map(|range| (range.name.clone(), range.values.at(self.unit()))).collect();
            if !self.made.contains(&choice) {
                break;
            }
        }
        self.made.push(choice.clone());
        choice
    }

    /// A number from 0 to below 1: splitmix64.
    fn unit(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let unit = (bits >> 11) as f64 / (1_u64 << 53) as f64;
        unit
    }
}

impl Values {
    /// The value at a place from 0 to below 1.
    fn at(&self, unit: f64) -> String {
        match self {
            Self::Continuous { from, to, scaling } => scaling.at(*from, *to, unit).to_string(),
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                reason = "hyperparameters are small"
            )]
            Self::Integer { from, to, scaling } => {
                let value = match scaling {
                    Scaling::Linear => *from as f64 + (unit * ((to - from) as f64 + 1.0)).floor(),
                    _ => scaling.at(*from as f64, *to as f64, unit).round(),
                };
                (value as i64).clamp(*from, *to).to_string()
            }
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "an index of a short list"
            )]
            Self::Categorical(values) => {
                let at = (unit * values.len() as f64) as usize;
                values.get(at).cloned().unwrap_or_default()
            }
        }
    }
}

impl Scaling {
    fn at(self, from: f64, to: f64, unit: f64) -> f64 {
        let between = |from: f64, to: f64| from + (to - from) * unit;
        match self {
            Self::Linear => between(from, to),
            Self::Logarithmic => between(from.ln(), to.ln()).exp().clamp(from, to),
            Self::ReverseLogarithmic => {
                (1.0 - between((1.0 - from).ln(), (1.0 - to).ln()).exp()).clamp(from, to)
            }
        }
    }
}

/// A choice as an object.
pub(super) fn object(choice: &Choice) -> Value {
    choice.iter().map(|(name, value)| (name.clone(), Value::from(value.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::jobs::request::Problems;

    fn ranges(value: &Value) -> Result<Vec<Range>, String> {
        let problems = Problems::default();
        let ranges = read(&Read::new(value, &problems));
        problems.or(ranges).map_err(|trouble| trouble.to_string())
    }

    #[test]
    fn values_stay_in_their_ranges() {
        let value = json!({
            "ContinuousParameterRanges": [
                {"Name": "eta", "MinValue": "0.001", "MaxValue": "0.3", "ScalingType": "Logarithmic"},
                {"Name": "decay", "MinValue": "0.9", "MaxValue": "0.999", "ScalingType": "ReverseLogarithmic"},
                {"Name": "wide", "MinValue": "1", "MaxValue": "1000"},
            ],
            "IntegerParameterRanges": [{"Name": "depth", "MinValue": "2", "MaxValue": "4", "ScalingType": "Auto"}],
            "CategoricalParameterRanges": [{"Name": "booster", "Values": ["gbtree", "dart"]}],
            "AutoParameters": [{"Name": "auto", "ValueHint": "7"}],
        });
        let ranges = ranges(&value).unwrap();
        let choices = |seed| {
            let mut random = Random::new(seed);
            (0..200).map(|_| random.next(&ranges)).collect::<Vec<_>>()
        };
        assert_eq!(choices(7), choices(7));
        assert_ne!(choices(7), choices(8));
        let of = |name: &str| -> Vec<String> {
            choices(7)
                .iter()
                .map(|choice| choice.iter().find(|(other, _)| other == name).unwrap().1.clone())
                .collect()
        };
        let numbers =
            |name: &str| -> Vec<f64> { of(name).iter().map(|text| text.parse().unwrap()).collect() };
        for (name, from, to) in
            [("eta", 0.001, 0.3), ("decay", 0.9, 0.999), ("wide", 1.0, 1000.0), ("depth", 2.0, 4.0)]
        {
            assert!(numbers(name).iter().all(|number| (from..=to).contains(number)), "{name}");
        }
        // Half of a logarithmic range is below its geometric mean.
        let small = numbers("wide").iter().filter(|number| **number < 31.6).count();
        assert!((70..130).contains(&small), "{small}");
        for (name, expected) in
            [("depth", &["2", "3", "4"][..]), ("booster", &["dart", "gbtree"]), ("auto", &["7"])]
        {
            let mut found = of(name);
            found.sort();
            found.dedup();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn grids() {
        let categorical = |name: &str, values: &[&str]| json!({"Name": name, "Values": values});
        let value = json!({"CategoricalParameterRanges": [categorical("a", &["1", "2"]), categorical("b", &["x", "y", "z"])]});
        let choices = grid(&ranges(&value).unwrap()).unwrap();
        assert_eq!(choices.len(), 6);
        assert_eq!(object(&choices[1]), json!({"a": "1", "b": "y"}));
        let many: Vec<_> = (0..10).map(|name| categorical(&name.to_string(), &["1", "2"])).collect();
        grid(&ranges(&json!({"CategoricalParameterRanges": many})).unwrap()).unwrap_err();
        let other = json!({"IntegerParameterRanges": [{"Name": "n", "MinValue": "1", "MaxValue": "2"}]});
        grid(&ranges(&other).unwrap()).unwrap_err();
    }

    #[test]
    fn ranges_that_are_none() {
        #[track_caller]
        fn check(value: &Value, expected: &str) {
            assert_eq!(ranges(value).unwrap_err(), expected);
        }
        let continuous = |from: &str, to: &str, scaling: &str| json!({"ContinuousParameterRanges": [{"Name": "a", "MinValue": from, "MaxValue": to, "ScalingType": scaling}]});
        check(&continuous("x", "1", "Auto"), "ContinuousParameterRanges[0].MinValue: `x` is no number");
        check(
            &continuous("2", "1", "Auto"),
            "ContinuousParameterRanges[0]: MinValue 2 is not below MaxValue 1",
        );
        check(
            &continuous("0", "1", "Logarithmic"),
            "ContinuousParameterRanges[0].ScalingType: Logarithmic needs a MinValue above 0",
        );
        check(
            &continuous("0", "1", "ReverseLogarithmic"),
            "ContinuousParameterRanges[0].ScalingType: ReverseLogarithmic needs a continuous range within 0 and 1",
        );
        check(
            &json!({"CategoricalParameterRanges": [{"Name": "a", "Values": []}]}),
            "CategoricalParameterRanges[0].Values: is empty",
        );
    }
}
