//! Circles in a graph of names.

use std::collections::{BTreeMap, BTreeSet};

/// Circles, sorted; the first name of each is also its last. Every group of names that reach each other shows at least one.
///
/// Depth-first without recursion: a chain may be as long as a template has resources.
pub(super) fn find(edges: &BTreeMap<&str, BTreeSet<&str>>) -> Vec<Vec<String>> {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut circles = Vec::new();
    for start in edges.keys().copied() {
        let mut path: Vec<&str> = Vec::new();
        let mut on_path: BTreeSet<&str> = BTreeSet::new();
        // Each entry is a name to enter, or a name to leave.
        let mut work = vec![(start, true)];
        while let Some((name, enter)) = work.pop() {
            if !enter {
                path.pop();
                on_path.remove(name);
                done.insert(name);
                continue;
            }
            if on_path.contains(name) {
                if let Some(from) = path.iter().position(|each| *each == name) {
                    circles.push(circle(&path[from..]));
                }
                continue;
            }
            if done.contains(name) {
                continue;
            }
            path.push(name);
            on_path.insert(name);
            work.push((name, false));
            for next in edges.get(name).into_iter().flatten().rev() {
                work.push((next, true));
            }
        }
    }
    circles.sort();
    circles.dedup();
    circles
}

/// Begins with the name that sorts first, so that one circle is always told the same way.
fn circle(names: &[&str]) -> Vec<String> {
    let first = names.iter().enumerate().min_by_key(|(_, name)| **name).map_or(0, |(at, _)| at);
    let (before, after) = names.split_at(first);
    let mut out: Vec<String> = after.iter().chain(before).map(|name| (*name).to_owned()).collect();
    out.extend(out.first().cloned());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(edges: &[(&str, &[&str])], expected: &[&str]) {
        let edges = edges.iter().map(|(from, to)| (*from, to.iter().copied().collect())).collect();
        let found: Vec<String> = find(&edges).iter().map(|names| names.join(" ")).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn circles_are_found_and_told_once() {
        check(&[], &[]);
        check(&[("a", &["b"]), ("b", &["c"])], &[]);
        check(&[("a", &["a"])], &["a a"]);
        check(&[("c", &["a"]), ("a", &["b"]), ("b", &["c"])], &["a b c a"]);
        check(&[("a", &["b", "c"]), ("b", &["d"]), ("c", &["d"])], &[]);
        check(&[("a", &["b"]), ("b", &["a"]), ("x", &["y"]), ("y", &["x", "a"])], &["a b a", "x y x"]);
    }

    #[test]
    fn a_long_chain_is_no_trouble() {
        let names: Vec<String> = (0..50_000).map(|n| format!("{n:06}")).collect();
        let edges =
            names.windows(2).map(|pair| (pair[0].as_str(), BTreeSet::from([pair[1].as_str()]))).collect();
        assert!(find(&edges).is_empty());
    }
}
