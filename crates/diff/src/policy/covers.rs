//! Whether a grant is part of another: everything that it matches, the other one matches too.
//!
//! Yes is certain, no is not: where it can't be told, the answer is no.

use crate::policy::grant::{Conditions, Grant, Term, Text};

/// Whether `wide` matches every request that `narrow` matches.
pub(crate) fn covers(wide: &Grant, narrow: &Grant) -> bool {
    wide.effect == narrow.effect
        && term_covers(&wide.principal, &narrow.principal, true)
        && term_covers(&wide.action, &narrow.action, false)
        && term_covers(&wide.resource, &narrow.resource, false)
        && wide.when.is_subset(&narrow.when)
        && conditions_cover(&wide.conditions, &narrow.conditions)
}

fn term_covers(wide: &Term, narrow: &Term, principal: bool) -> bool {
    match (wide, narrow) {
        (Term::Absent, Term::Absent) => true,
        (Term::One(wide), Term::One(_) | Term::AllBut(_)) if wide.key == "*" => true,
        // A principal is no pattern, but for the lone star.
        (Term::One(wide), Term::One(narrow)) => wide == narrow || (!principal && glob_covers(wide, narrow)),
        (Term::AllBut(wide), Term::AllBut(narrow)) => wide.is_subset(narrow),
        _ => false,
    }
}

/// Each condition of the wide one is one of the narrow one, and no stricter.
fn conditions_cover(wide: &Conditions, narrow: &Conditions) -> bool {
    wide.iter().all(|(at, values)| {
        narrow.get(at).is_some_and(|found| match at.0.as_str() {
            operator if operator.contains(':') || operator.ends_with("IfExists") => values == found,
            // To match none of more values is stricter.
            operator if operator.contains("Not") => values.is_subset(found),
            _ => found.is_subset(values),
        })
    })
}

/// A part of a pattern.
#[derive(PartialEq)]
enum Piece<'a> {
    Char(char),
    /// `*`
    Any,
    /// `?`
    One,
    /// A reference, whose value is not known.
    Reference(&'a str),
}

fn pieces(text: &Text) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = text.key.as_str();
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("${") && !rest.starts_with("${!") {
            let end = reference_end(rest);
            out.push(Piece::Reference(&rest[..end]));
            rest = &rest[end..];
            continue;
        }
        out.push(match c {
            '*' => Piece::Any,
            '?' => Piece::One,
            other => Piece::Char(other),
        });
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// Where the reference ends that the text begins with; references may hold references.
fn reference_end(text: &str) -> usize {
    let mut depth = 0_usize;
    for (position, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return position + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// Whether every text that `narrow` matches, `wide` matches: as if the wildcards of `narrow` were letters that only a
/// star (or the same wildcard) matches.
fn glob_covers(wide: &Text, narrow: &Text) -> bool {
    if !wide.key.contains(['*', '?']) {
        return wide == narrow;
    }
    let (wide, narrow) = (pieces(wide), pieces(narrow));
    let (mut w, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < narrow.len() {
        let matches = match wide.get(w) {
            Some(Piece::Any) => {
                star = Some((w, n));
                w += 1;
                continue;
            }
            Some(Piece::One) => matches!(narrow[n], Piece::Char(_) | Piece::One),
            Some(piece) => *piece == narrow[n],
            None => false,
        };
        if matches {
            w += 1;
            n += 1;
        } else if let Some((at, from)) = star {
            // The last star takes one more.
            star = Some((at, from + 1));
            w = at + 1;
            n = from + 1;
        } else {
            return false;
        }
    }
    wide[w..].iter().all(|piece| *piece == Piece::Any)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::*;
    use crate::policy::grant::grants;

    fn grant(statement: &Value) -> Grant {
        grants(&json!({"Statement": statement}), &BTreeSet::new()).remove(0).0
    }

    #[test]
    fn patterns_cover_patterns() {
        let check = |wide: &str, narrow: &str, expected: bool| {
            let [a, b] = [wide, narrow].map(|text| {
                grant(&json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": {"Fn::Sub": text}}))
            });
            assert_eq!(covers(&a, &b), expected, "{wide} covers {narrow}");
        };
        check("*", "anything*", true);
        check("a*", "a", true);
        check("a*", "ab*", true);
        check("ab*", "a*", false);
        check("a?", "a*", false);
        check("a?", "ab", true);
        check("a*c", "abbbc", true);
        check("a*c*", "axcxcx", true);
        check("a*c", "abbbcd", false);
        check("${Bucket.Arn}/*", "${Bucket.Arn}/code/*", true);
        check("${Bucket.Arn}/*", "${Other.Arn}/code/*", false);
        check("arn:*:x", "arn:${AWS::Partition}:x", true);
        check("arn:?:x", "arn:${A}:x", false);
        check("arn:????:x", "arn:${A}:x", false);
        check("a*}", "a${X}", false);
        check("**a", "bba", true);
    }

    #[test]
    fn conditions_and_terms() {
        let base = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Principal": {"AWS": "*"}});
        let with = |key: &str, value: Value| {
            let mut statement = base.clone();
            statement[key] = value;
            grant(&statement)
        };
        let where_ = |condition: Value| with("Condition", condition);
        let check = |wide: &Grant, narrow: &Grant, expected: bool, why: &str| {
            assert_eq!(covers(wide, narrow), expected, "{why}");
        };
        let plain = grant(&base);
        let one = where_(json!({"StringEquals": {"aws:SourceAccount": "1"}}));
        let two = where_(json!({"StringEquals": {"AWS:sourceaccount": ["1", "2"]}}));
        check(&plain, &one, true, "a condition narrows");
        check(&one, &plain, false, "without it there is more");
        check(&two, &one, true, "fewer values are less");
        check(&one, &two, false, "more values are more");
        let not_one = where_(json!({"StringNotEquals": {"aws:SourceVpc": "1"}}));
        let not_two = where_(json!({"StringNotEquals": {"aws:SourceVpc": ["1", "2"]}}));
        check(&not_one, &not_two, true, "none of more values is less");
        check(&not_two, &not_one, false, "none of fewer values is more");
        check(&plain, &with("Action", json!("S3:GetObject")), true, "case says nothing");
        check(&plain, &with("Action", json!("ec2:*")), false, "another service");
        check(&plain, &with("Effect", json!("Deny")), false, "an effect is an effect");
        check(&plain, &with("Principal", json!({"Service": "x"})), true, "everybody");
        let service = with("Principal", json!({"Service": "a*"}));
        check(&service, &with("Principal", json!({"Service": "ab"})), false, "a principal is no pattern");
    }
}
