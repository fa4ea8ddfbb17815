//! ECMA regular expressions → those that `regex-lite` takes.

use regex_lite::Regex;

/// The expression in the other dialect; `None` when it can't be said there, for example because of lookaround.
///
/// `regex-lite` knows no classes of Unicode. One inside a bracket is widened to what ASCII has of it and everything
/// beyond ASCII: nothing that the service takes is refused.
pub(super) fn translate(pattern: &str) -> Option<String> {
    let pattern = pattern.replace(r"\Z", r"\z");
    let pattern = if pattern.contains(r"\p") { widen(&pattern)? } else { pattern };
    // What matches everything is not worth a check.
    if matches!(pattern.as_str(), ".*" | "^.*$" | "" | "[\\s\\S]*") {
        return None;
    }
    Regex::new(&pattern).ok()?;
    Some(pattern)
}

fn widen(pattern: &str) -> Option<String> {
    // In a negated class, widening would narrow.
    if pattern.contains("[^") || pattern.contains(r"\P") {
        return None;
    }
    let mut out = String::new();
    let mut rest = pattern;
    let mut inside = false;
    while let Some(first) = rest.chars().next() {
        if let Some(class) = rest.strip_prefix(r"\p{") {
            let end = class.find('}')?;
            let ascii = match &class[..end] {
                "L" => "A-Za-z",
                "N" => "0-9",
                "Z" => " ",
                "M" => "",
                "S" => r"$+<=>^`|~",
                "P" => r##"!"#%&'()*,\-./:;?@\[\\\]_{}"##,
                _ => return None,
            };
            if !inside {
                return None;
            }
            out.push_str(ascii);
            out.push_str(r"\u{80}-\u{10FFFF}");
            rest = &class[end + 1..];
            continue;
        }
        let length = match first {
            '\\' => 1 + rest[1..].chars().next()?.len_utf8(),
            other => other.len_utf8(),
        };
        match first {
            '[' if inside => return None,
            '[' => inside = true,
            ']' => inside = false,
            _ => {}
        }
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, takes: &[&str], refuses: &[&str]) {
        let translated = translate(pattern).unwrap_or_else(|| panic!("{pattern} is left out"));
        let regex = Regex::new(&translated).unwrap();
        for text in takes {
            assert!(regex.is_match(text), "{pattern} refuses {text:?}");
        }
        for text in refuses {
            assert!(!regex.is_match(text), "{pattern} takes {text:?}");
        }
    }

    #[test]
    fn what_can_be_said_is_said() {
        check(r"^[a-z]+\Z", &["abc"], &["abc1", ""]);
        check(r"^\/\S*$", &["/a"], &["a"]);
        check(r"^(\u002F)|(\u002F[\u0021-\u007E]+\u002F)$", &["/"], &["a"]);
        check(r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$", &["Größe 3", "a-b@c", ""], &["a;b", "a<b"]);
        check(r"[\p{P}\p{S}]", &["]", "\\", "^", "-"], &["a", "1"]);
    }

    #[test]
    fn what_cannot_be_said_is_left_out() {
        for pattern in [r"^(?!aws)", ".*", r"[^\p{L}]", r"\p{L}", r"[\p{Greek}]", "(", r"[\p{L"] {
            assert_eq!(translate(pattern), None, "{pattern}");
        }
    }
}
