//! Several stacks: which of them, in which order, how many at once. Knows nothing of what is done with each.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::error::{Error, Kind, Result};

/// A stack and those that come before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// The names of those that come before it; what is not among the stacks is not waited for.
    pub after: Vec<String>,
}

/// What became of a stack.
#[derive(Debug)]
pub enum Outcome<T, E> {
    /// It was done.
    Done(T),
    /// It failed.
    Failed(E),
    /// It was not begun, because this one failed or was not begun.
    Skipped(String),
}

/// The stacks that are named, with all that they depend on, in the order given; all stacks when none is named.
///
/// # Errors
/// [`Kind::Usage`] with all unknown names.
pub fn select(nodes: &[Node], named: &[String]) -> Result<Vec<Node>> {
    if named.is_empty() {
        return Ok(nodes.to_vec());
    }
    check_names(nodes, named)?;
    let mut wanted: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = named.iter().map(String::as_str).collect();
    while let Some(name) = open.pop() {
        if wanted.insert(name)
            && let Some(node) = nodes.iter().find(|node| node.name == name)
        {
            open.extend(node.after.iter().map(String::as_str));
        }
    }
    Ok(nodes.iter().filter(|node| wanted.contains(node.name.as_str())).cloned().collect())
}

/// The stacks that are named, with all that depend on them, in the order given; all stacks when none is named.
///
/// # Errors
/// [`Kind::Usage`] with all unknown names.
pub fn select_dependants(nodes: &[Node], named: &[String]) -> Result<Vec<Node>> {
    select(&reversed(nodes), named)
}

/// The same stacks with every arrow turned round: the order of taking them down.
pub fn reversed(nodes: &[Node]) -> Vec<Node> {
    let dependants = |of: &Node| {
        nodes.iter().filter(|other| other.after.contains(&of.name)).map(|other| other.name.clone()).collect()
    };
    nodes.iter().rev().map(|node| Node { name: node.name.clone(), after: dependants(node) }).collect()
}

fn check_names(nodes: &[Node], named: &[String]) -> Result<()> {
    let mut lines = Vec::new();
    for name in named.iter().filter(|name| !nodes.iter().any(|node| node.name == **name)) {
        let near = nodes.iter().map(|node| (strsim::damerau_levenshtein(&node.name, name), &node.name)).min();
        let near = match near {
            Some((distance, near)) if distance <= 1 + near.chars().count() / 4 => {
                format!("; did you mean {near:?}?")
            }
            _ => String::new(),
        };
        lines.push(format!("the assembly has no stack {name:?}{near}"));
    }
    if lines.is_empty() {
        return Ok(());
    }
    let all: Vec<&str> = nodes.iter().map(|node| node.name.as_str()).collect();
    Err(Error::new(Kind::Usage, lines.join("\n")).hint(format!("it has {}", all.join(", "))))
}

/// Works on the stacks, each after those it depends on, independent ones at once, at most `limit` at a time. When one fails,
/// those that depend on it are not begun, and the others are finished. What became of each comes in the order given.
///
/// # Errors
/// [`Kind::Assembly`] when stacks depend on each other in a circle; nothing is begun then.
pub async fn run<T, E, F>(
    nodes: &[Node],
    limit: usize,
    work: impl Fn(usize) -> F,
) -> Result<Vec<(String, Outcome<T, E>)>>
where
    F: Future<Output = std::result::Result<T, E>>,
{
    check_circles(nodes)?;
    let index: BTreeMap<&str, usize> =
        nodes.iter().enumerate().map(|(at, node)| (node.name.as_str(), at)).collect();
    let mut outcomes: Vec<Option<Outcome<T, E>>> = nodes.iter().map(|_| None).collect();
    let mut begun: BTreeSet<usize> = BTreeSet::new();
    let mut running = FuturesUnordered::new();
    loop {
        // What was skipped may skip others in turn.
        while skip_one(nodes, &index, &begun, &mut outcomes) {}
        for (at, node) in nodes.iter().enumerate() {
            let is_ready = running.len() < limit.max(1)
                && outcomes[at].is_none()
                && !begun.contains(&at)
                && before(node, &index).all(|other| matches!(outcomes[other], Some(Outcome::Done(_))));
            if is_ready {
                begun.insert(at);
                let future = work(at);
                running.push(async move { (at, future.await) });
            }
        }
        let Some((at, result)) = running.next().await else { break };
        outcomes[at] = Some(match result {
            Ok(done) => Outcome::Done(done),
            Err(error) => Outcome::Failed(error),
        });
    }
    let outcomes = nodes.iter().zip(outcomes);
    Ok(outcomes.filter_map(|(node, outcome)| Some((node.name.clone(), outcome?))).collect())
}

fn before(node: &Node, index: &BTreeMap<&str, usize>) -> impl Iterator<Item = usize> {
    node.after.iter().filter_map(|name| index.get(name.as_str()).copied())
}

fn skip_one<T, E>(
    nodes: &[Node],
    index: &BTreeMap<&str, usize>,
    begun: &BTreeSet<usize>,
    outcomes: &mut [Option<Outcome<T, E>>],
) -> bool {
    for (at, node) in nodes.iter().enumerate() {
        if begun.contains(&at) || outcomes[at].is_some() {
            continue;
        }
        let because = before(node, index)
            .find(|other| matches!(outcomes[*other], Some(Outcome::Failed(_) | Outcome::Skipped(_))));
        if let Some(because) = because {
            outcomes[at] = Some(Outcome::Skipped(nodes[because].name.clone()));
            return true;
        }
    }
    false
}

fn check_circles(nodes: &[Node]) -> Result<()> {
    let mut left: Vec<&Node> = nodes.iter().collect();
    loop {
        let names: BTreeSet<&str> = left.iter().map(|node| node.name.as_str()).collect();
        let count = left.len();
        left.retain(|node| node.after.iter().any(|other| names.contains(other.as_str())));
        if left.is_empty() {
            return Ok(());
        }
        if left.len() == count {
            let names: Vec<&str> = names.into_iter().collect();
            let message =
                format!("stacks depend on each other in a circle, or on such a circle: {}", names.join(", "));
            return Err(Error::new(Kind::Assembly, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use super::*;

    /// `a b<a c<a,b`: stacks with what comes before them.
    fn nodes(text: &str) -> Vec<Node> {
        let node = |word: &str| {
            let (name, after) = word.split_once('<').unwrap_or((word, ""));
            let after = after.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
            Node { name: name.to_owned(), after }
        };
        text.split_whitespace().map(node).collect()
    }

    fn names(nodes: &[Node]) -> String {
        nodes.iter().map(|node| node.name.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// Runs them with those in `failing` failing; what became of each, and the order of beginnings and ends.
    async fn check(text: &str, limit: usize, failing: &str, outcomes: &str) -> Vec<String> {
        let nodes = nodes(text);
        let log = Mutex::new(Vec::new());
        let done = run(&nodes, limit, |at| {
            let (name, log) = (nodes[at].name.clone(), &log);
            async move {
                log.lock().unwrap().push(format!("+{name}"));
                tokio::time::sleep(Duration::from_millis(5)).await;
                log.lock().unwrap().push(format!("-{name}"));
                if failing.split_whitespace().any(|other| other == name) { Err(()) } else { Ok(()) }
            }
        })
        .await
        .unwrap();
        let told: Vec<String> = done
            .iter()
            .map(|(name, outcome)| match outcome {
                Outcome::Done(()) => name.clone(),
                Outcome::Failed(()) => format!("{name}!"),
                Outcome::Skipped(because) => format!("{name}/{because}"),
            })
            .collect();
        assert_eq!(told.join(" "), outcomes);
        log.into_inner().unwrap()
    }

    #[tokio::test]
    async fn each_comes_after_those_it_depends_on() {
        let log = check("c<b b<a a", 4, "", "c b a").await;
        assert_eq!(log.join(" "), "+a -a +b -b +c -c");
        let log = check("a b c<a,b", 4, "", "a b c").await;
        assert_eq!(log[..2].join(" "), "+a +b");
        assert_eq!(log[4..].join(" "), "+c -c");
        check("", 4, "", "").await;
        check("a<elsewhere", 4, "", "a").await;
    }

    #[tokio::test]
    async fn a_failure_skips_what_depends_on_it_and_nothing_else() {
        check("a b<a c<b d e<d", 4, "a", "a! b/a c/b d e").await;
        check("a b c<a,b", 1, "b", "a b! c/b").await;
        check("a b", 1, "a b", "a! b!").await;
    }

    #[tokio::test]
    async fn no_more_at_once_than_allowed() {
        for limit in [1, 2, 3] {
            let log = check("a b c d e", limit, "", "a b c d e").await;
            let (mut now, mut most) = (0_usize, 0);
            for line in log {
                now = if line.starts_with('+') { now + 1 } else { now - 1 };
                most = most.max(now);
            }
            assert_eq!(most, limit);
        }
        check("a b", 0, "", "a b").await;
    }

    #[tokio::test]
    async fn circles_are_told_and_nothing_is_begun() {
        for text in ["a<a", "a<b b<a", "x a<c b<a c<b d<c"] {
            let nodes = nodes(text);
            let error = run(&nodes, 4, async |_| -> std::result::Result<(), ()> { panic!("begun") })
                .await
                .unwrap_err();
            assert_eq!(error.kind, Kind::Assembly);
            assert!(error.message.contains(&nodes.last().unwrap().name), "{error}");
        }
    }

    #[test]
    fn selected_are_those_named_and_what_they_need() {
        let all = nodes("a b<a c<b d");
        assert_eq!(names(&select(&all, &[]).unwrap()), "a b c d");
        assert_eq!(names(&select(&all, &owned(&["c"])).unwrap()), "a b c");
        assert_eq!(names(&select(&all, &owned(&["d", "a"])).unwrap()), "a d");
        assert_eq!(names(&select_dependants(&all, &owned(&["b"])).unwrap()), "c b");
        assert_eq!(names(&select_dependants(&all, &[]).unwrap()), "d c b a");
    }

    #[test]
    fn unknown_names_are_all_told() {
        let all = nodes("dev-pipelines dev-infrastructure");
        let error = select(&all, &owned(&["dev-pipeline", "x", "dev-pipelines"])).unwrap_err();
        assert_eq!(error.kind, Kind::Usage);
        assert_eq!(
            error.message,
            "the assembly has no stack \"dev-pipeline\"; did you mean \"dev-pipelines\"?\nthe assembly has no stack \"x\""
        );
        assert_eq!(error.hints, ["it has dev-pipelines, dev-infrastructure"]);
    }
}
