//! What an instance type says about the image it can run.

/// The family of an instance type: `m5` of `ml.m5.xlarge`, and of `ml_m5`, as the names of compilation targets are.
pub(super) fn family(instance_type: &str) -> Option<&str> {
    let rest = instance_type.strip_prefix("ml.").or_else(|| instance_type.strip_prefix("ml_"))?;
    let is_size = |size: &str| size.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let is_family = |family: &str| {
        !family.is_empty()
            && family.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let (family, size) = rest.split_once('.').unwrap_or((rest, ""));
    (is_family(family) && is_size(size)).then_some(family)
}

/// Whether the family has Graviton processors: a `g` follows its number, as in `m6g` and `c7gn`.
pub(super) fn is_graviton(family: &str) -> bool {
    let kind = family.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let options = kind.trim_start_matches(|c: char| c.is_ascii_digit());
    kind.len() > options.len() && options.starts_with('g')
}

/// The processor's names in the tables for an instance type, the best first; `None` for what is no instance type.
pub(super) fn processors(instance_type: &str) -> Option<Vec<&str>> {
    if instance_type.starts_with("local") {
        return Some(vec![if instance_type == "local" { "cpu" } else { "gpu" }]);
    }
    let family = family(instance_type)?;
    let kind = if family.starts_with("inf") {
        "inf"
    } else if family.starts_with("trn") {
        "trn"
    } else if family.starts_with(['g', 'p']) {
        "gpu"
    } else {
        "cpu"
    };
    Some(vec![family, kind])
}

/// Whether the instance type has AWS's own accelerators, which need images with the Neuron SDK.
pub(super) fn is_neuron(instance_type: &str) -> bool {
    family(instance_type).is_some_and(|f| f.starts_with("inf") || f.starts_with("trn"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graviton_is_known_by_the_name() {
        for (family, expected) in [
            ("m6g", true),
            ("c6gn", true),
            ("r8gd", true),
            ("m5", false),
            ("g5", false),
            ("p4d", false),
            ("inf2", false),
            ("u-6tb1", false),
            ("", false),
        ] {
            assert_eq!(is_graviton(family), expected, "{family}");
        }
    }

    #[test]
    fn the_processor_follows_from_the_family() {
        for (instance_type, expected) in [
            ("ml.m5.xlarge", Some("cpu")),
            ("ml.p3.2xlarge", Some("gpu")),
            ("ml.g5.12xlarge", Some("gpu")),
            ("ml.inf2.8xlarge", Some("inf")),
            ("ml.trn1.2xlarge", Some("trn")),
            ("ml.u-6tb1.metal", Some("cpu")),
            ("ml_p2", Some("gpu")),
            ("ml.m5", Some("cpu")),
            ("local", Some("cpu")),
            ("local_gpu", Some("gpu")),
            ("m5.xlarge", None),
            ("ml.M5.xlarge", None),
            ("ml..xlarge", None),
            ("", None),
        ] {
            let found = processors(instance_type);
            assert_eq!(found.and_then(|f| f.last().copied()), expected, "{instance_type}");
        }
    }
}
