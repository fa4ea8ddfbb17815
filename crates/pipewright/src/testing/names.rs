//! What to say of a name that does not exist.

/// `did you mean "X"? there are: …`, as far as it helps.
pub(super) fn help<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let similar = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(&name.to_lowercase(), &known.to_lowercase()), *known))
        .filter(|(distance, known)| *distance <= (known.len().max(name.len()) / 3).max(1))
        .min();
    match (similar, known.as_slice()) {
        (_, []) => "there is none".to_owned(),
        (Some((_, similar)), _) => format!("did you mean {similar:?}? there are: {}", known.join(", ")),
        (None, _) => format!("there are: {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: &str) {
        assert_eq!(help(name, ["Train", "Evaluate"]), expected);
    }

    #[test]
    fn a_similar_name_is_suggested() {
        check("train", "did you mean \"Train\"? there are: Train, Evaluate");
        check("Evalaute", "did you mean \"Evaluate\"? there are: Train, Evaluate");
        check("Deploy", "there are: Train, Evaluate");
        assert_eq!(help("x", []), "there is none");
    }
}
