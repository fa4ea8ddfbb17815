//! Two texts, line by line.

use similar::TextDiff;

use crate::secret::masked_text;

/// How many lines of each text are compared, after what both begin and end with.
const LINES: usize = 1_000;

/// Lines around a change.
const CONTEXT: usize = 3;

/// The difference in the way of `diff -u`, without the secrets in it.
pub(crate) fn difference(old: &str, new: &str) -> String {
    let (old, new) = (masked_text(old), masked_text(new));
    if old == new {
        return "only secrets differ".to_owned();
    }
    let (before, after): (Vec<&str>, Vec<&str>) = (old.split('\n').collect(), new.split('\n').collect());
    let start = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    let rest = before[start..].iter().rev().zip(after[start..].iter().rev());
    let end = rest.take_while(|(a, b)| a == b).count();
    // Comparing lines takes time that grows with the product of what differs.
    let part = |lines: &[&str]| -> Vec<String> {
        let from = start.saturating_sub(CONTEXT);
        let to = (lines.len() - end + CONTEXT).min(lines.len()).min(from + LINES);
        lines[from..to].iter().map(|line| (*line).to_owned()).collect()
    };
    let (a, b) = (part(&before), part(&after));
    let (a, b): (Vec<&str>, Vec<&str>) =
        (a.iter().map(String::as_str).collect(), b.iter().map(String::as_str).collect());
    let difference = TextDiff::from_slices(&a, &b).unified_diff().context_radius(CONTEXT).to_string();
    let cut = before.len().max(after.len()) - start - end > LINES;
    if cut { format!("{difference}(the rest is left out)\n") } else { difference }
}
