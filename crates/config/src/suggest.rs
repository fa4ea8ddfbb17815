//! "Did you mean": the closest of a few known names.

/// The name most like this one, if one is like it at all.
pub(crate) fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    // Comparing costs the product of the lengths; nobody misspells a name this long.
    if name.len() > 80 {
        return None;
    }
    let plain = |s: &str| s.to_lowercase().replace(['-', ' '], "_");
    let name = plain(name);
    known
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(&name, &plain(candidate)), *candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().max(name.chars().count()) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// What to write instead of an unknown name.
pub(crate) fn help(name: &str, known: &[&str], none: &str) -> String {
    match (closest(name, known), known) {
        (Some(similar), _) => format!("did you mean `{similar}`?"),
        (None, []) => none.to_owned(),
        (None, _) => format!("known: {}", list(known)),
    }
}

/// The names one after the other.
pub(crate) fn list(known: &[&str]) -> String {
    match known {
        [] => "no keys".to_owned(),
        _ => known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: Option<&str>) {
        assert_eq!(closest(name, &["epochs", "learning_rate", "max_runtime", "lr"]), expected);
    }

    #[test]
    fn only_similar_names_are_suggested() {
        check("epoch", Some("epochs"));
        check("ephocs", Some("epochs"));
        check("learning-rate", Some("learning_rate"));
        check("LearningRate", Some("learning_rate"));
        check("maxRuntime", Some("max_runtime"));
        check("greeting", None);
        check("", None);
        check(&"e".repeat(1000), None);
    }
}
