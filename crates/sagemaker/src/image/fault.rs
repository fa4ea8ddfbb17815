//! What is wrong with a choice of image, and what there is to choose from.

use pipewright_model::Node;
use pipewright_model::node::Invalid;

/// One thing that is wrong.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// What was asked for.
    pub(super) value: String,
    /// What there is.
    pub(super) limit: String,
    /// What to do.
    pub(super) help: Option<String>,
}

impl Fault {
    /// `what` was `given` and is none of `known`.
    pub(super) fn unknown(value: impl Into<String>, what: &str, given: &str, known: &[&str]) -> Self {
        let newer = "an image newer than this release: `image::uri(\"…\")`";
        let help = nearest(given, known)
            .map_or_else(|| newer.to_owned(), |name| format!("did you mean {name:?}? {newer}"));
        Self { value: value.into(), limit: format!("{what}: {}", known.join(", ")), help: Some(help) }
    }

    /// A choice between several was left open.
    pub(super) fn open(
        value: impl Into<String>,
        what: &str,
        known: &[&str],
        help: impl Into<String>,
    ) -> Self {
        Self { value: value.into(), limit: format!("{what}: {}", known.join(", ")), help: Some(help.into()) }
    }
}

/// The faults as a literal that the check of the graph reports at its place.
pub(super) fn invalid(faults: Vec<Fault>) -> Node {
    let mut faults = faults.into_iter();
    let mut all = faults.next().map_or_else(
        || Invalid { value: String::new(), limit: String::new(), help: None },
        |first| Invalid { value: first.value, limit: first.limit, help: first.help },
    );
    // One place takes one report: what else is wrong is told in the same one.
    for fault in faults {
        if !all.value.contains(&fault.value) {
            all.value = format!("{}, {}", all.value, fault.value);
        }
        all.limit = format!("{}; {}", all.limit, fault.limit);
        all.help = match (all.help, fault.help) {
            (Some(a), Some(b)) if a != b => Some(format!("{a}; {b}")),
            (a, b) => a.or(b),
        };
    }
    Node::Invalid(Box::new(all))
}

/// The known name that is most like the given one, where one is alike at all.
fn nearest<'a>(given: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|name| (strsim::jaro_winkler(given, name), *name))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(score, _)| *score > 0.8)
        .map(|(_, name)| name)
}
