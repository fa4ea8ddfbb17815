//! Which definitions stand in the template and which go to S3.

/// What placement has to know of a definition.
pub(crate) struct Candidate<'c> {
    /// The pipeline's name.
    pub(crate) name: &'c str,
    /// The length of the definition in bytes.
    pub(crate) size: usize,
    /// Whether the definition may become a file: CloudFormation fills in nothing there.
    pub(crate) movable: bool,
}

/// Says for each definition whether it goes to S3: as few as make the template fit, the largest first and of equals the
/// first by name. `None` when it does not fit even with all of them there.
///
/// `size_with` is the size of the template with these definitions in S3; fewer bytes with each more.
pub(crate) fn place(
    candidates: &[Candidate<'_>],
    limit: usize,
    size_with: impl Fn(&[bool]) -> usize,
) -> Option<Vec<bool>> {
    let mut order: Vec<usize> = (0..candidates.len()).filter(|i| candidates[*i].movable).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&candidates[*a], &candidates[*b]);
        b.size.cmp(&a.size).then_with(|| a.name.cmp(b.name))
    });
    let moved = |count: usize| {
        let mut moved = vec![false; candidates.len()];
        for index in &order[..count] {
            moved[*index] = true;
        }
        moved
    };
    // A template of a hundred definitions is large: each size costs writing it out, so the number is searched by halves.
    let counts: Vec<usize> = (0..=order.len()).collect();
    let count = counts.partition_point(|count| size_with(&moved(*count)) > limit);
    (count <= order.len()).then(|| moved(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(definitions: &[(&str, usize, bool)], limit: usize, expected: Option<&[&str]>) {
        let candidates: Vec<_> = definitions
            .iter()
            .map(|(name, size, movable)| Candidate { name, size: *size, movable: *movable })
            .collect();
        let size = |moved: &[bool]| {
            definitions.iter().zip(moved).map(|((_, size, _), moved)| if *moved { 10 } else { *size }).sum()
        };
        let found = place(&candidates, limit, size);
        let names = found.map(|moved| {
            definitions
                .iter()
                .zip(moved)
                .filter(|(_, moved)| *moved)
                .map(|((name, ..), _)| *name)
                .collect::<Vec<_>>()
        });
        assert_eq!(names.as_deref(), expected);
    }

    #[test]
    fn the_largest_go_first_and_no_more_than_must() {
        let three = [("b", 500, true), ("a", 500, true), ("c", 900, true)];
        check(&three, 1900, Some(&[]));
        check(&three, 1899, Some(&["c"]));
        check(&three, 1009, Some(&["a", "c"]));
        check(&three, 500, Some(&["b", "a", "c"]));
        check(&three, 29, None);
        check(&[("a", 500, false), ("b", 400, true)], 510, Some(&["b"]));
        check(&[("a", 500, false), ("b", 400, true)], 509, None);
        check(&[], 0, Some(&[]));
    }
}
