//! Code objects are named by the hash of what they hold: `code/PIPELINE/SHA-256/FILE`.

/// How many hexadecimal digits a SHA-256 has.
const DIGITS: usize = 64;

/// The file whose content changed, when nothing but the hashes of code objects differs between two texts.
pub(crate) fn changed_file(old: &str, new: &str) -> Option<String> {
    let (old_plain, old_hashes) = without_hashes(old)?;
    let (new_plain, new_hashes) = without_hashes(new)?;
    if old_plain != new_plain || old_hashes.len() != new_hashes.len() {
        return None;
    }
    let (_, (hash, file)) = old_hashes.iter().zip(&new_hashes).find(|((old, _), (new, _))| old != new)?;
    debug_assert_eq!(hash.len(), DIGITS);
    Some((*file).to_owned())
}

/// The text with the hashes cut out, and what they were, each with the name that follows it.
fn without_hashes(text: &str) -> Option<(String, Vec<(&str, &str)>)> {
    let mut plain = String::new();
    let mut hashes = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("code/") {
        let (before, found) = rest.split_at(start + "code/".len());
        plain.push_str(before);
        rest = found;
        let Some((pipeline, tail)) = found.split_once('/') else { break };
        let Some((hash, name)) = tail.split_once('/') else { continue };
        if hash.len() != DIGITS || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            continue;
        }
        let end = name.find(|c: char| !(c.is_alphanumeric() || "._-+=@ ".contains(c))).unwrap_or(name.len());
        plain.push_str(pipeline);
        plain.push_str("/*/");
        hashes.push((hash, &name[..end]));
        rest = name;
    }
    plain.push_str(rest);
    (!hashes.is_empty()).then_some((plain, hashes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hash_may_differ() {
        let [a, b] = ["a", "b"].map(|digit| digit.repeat(DIGITS));
        let check = |old: String, new: String, expected: Option<&str>| {
            assert_eq!(changed_file(&old, &new).as_deref(), expected, "{old} {new}");
        };
        let uri =
            |hash: &str, file: &str| format!("s3://sources-${{AWS::Region}}/code/abalone/{hash}/{file}");
        check(uri(&a, "evaluate.py"), uri(&b, "evaluate.py"), Some("evaluate.py"));
        check(uri(&a, "evaluate.py"), uri(&a, "evaluate.py"), None);
        check(uri(&a, "evaluate.py"), uri(&b, "train.py"), None);
        check(uri("short", "evaluate.py"), uri("other", "evaluate.py"), None);
        check(
            format!("\"{}\"", uri(&a, "x.tar.gz")),
            format!("\"{}\"", uri(&b, "x.tar.gz")),
            Some("x.tar.gz"),
        );
        check(format!("code/{}", uri(&a, "x.py")), format!("code/{}", uri(&b, "x.py")), Some("x.py"));
        check(format!("code/p/{a}/"), format!("code/p/{b}/"), Some(""));
        check("code/".into(), "code/x".into(), None);
    }
}
