//! Every generated table can be used.

use pipewright_model::shape::Kind;

use crate::tables::ALL;

#[test]
fn every_pattern_compiles() {
    let refused: Vec<String> = ALL
        .iter()
        .filter_map(|shape| match &shape.kind {
            Kind::String { pattern: Some(pattern), .. } if pattern.matches("").is_none() => {
                Some(format!("{}: {}", shape.name, pattern.source))
            }
            _ => None,
        })
        .collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    assert!(ALL.len() > 300, "{} tables", ALL.len());
}

#[test]
fn bounds_are_the_right_way_round() {
    for shape in ALL {
        let (Kind::List { size: range, .. }
        | Kind::Map { size: range, .. }
        | Kind::String { length: range, .. }
        | Kind::Integer(range)
        | Kind::Float(range)) = &shape.kind
        else {
            continue;
        };
        assert!(range.min.zip(range.max).is_none_or(|(min, max)| min <= max), "{}", shape.name);
    }
}

/// Values that the service takes, against the patterns that its model gives.
#[test]
fn patterns_take_what_the_service_takes() {
    for (name, text) in [
        ("TagKey", "team: data/ml_1"),
        ("TagValue", "Zürich 2"),
        ("S3Uri", "s3://bucket/key/*"),
        ("ImageUri", "1.dkr.ecr.eu-west-1.amazonaws.com/a:b"),
        ("RoleArn", "arn:aws:iam::123456789012:role/path/name"),
        ("KmsKeyId", "alias/my-key"),
    ] {
        let shape = ALL.iter().find(|shape| shape.name == name).unwrap();
        let Kind::String { pattern, .. } = &shape.kind else { panic!("{name}") };
        assert!(pattern.is_none_or(|p| p.matches(text) == Some(true)), "{name}: {text}");
    }
}
