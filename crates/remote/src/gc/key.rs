//! [`OwnKey`]: which keys of the source bucket a deploy writes. No other key is ever touched.

/// A key that a deploy writes, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnKey<'k> {
    /// What lies there.
    pub kind: Kind,
    /// The SHA-256 in the key, lower-case hex.
    pub sha256: &'k str,
}

/// What lies under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `code/PIPELINE/SHA256/NAME`, or `code/PIPELINE/SHA256/FOLDER/NAME` for files that lie together.
    Code,
    /// `definitions/PIPELINE/SHA256.json`.
    Definition,
    /// `templates/SHA256.json`.
    Template,
}

/// What the keys that a deploy writes begin with.
pub(super) const PREFIXES: [&str; 3] = ["code/", "definitions/", "templates/"];

impl<'k> OwnKey<'k> {
    /// Takes a key apart; `None` when a deploy writes no such key.
    pub fn parse(key: &'k str) -> Option<Self> {
        let mut parts = key.split('/');
        let (kind, sha256) = match parts.next()? {
            "code" => {
                let (pipeline, sha256, name) = (parts.next()?, parts.next()?, parts.next()?);
                let is_named = is_name(name) && parts.next().is_none_or(is_name);
                (is_pipeline(pipeline) && is_named).then_some((Kind::Code, sha256))?
            }
            "definitions" => {
                let (pipeline, file) = (parts.next()?, parts.next()?);
                is_pipeline(pipeline).then_some((Kind::Definition, file.strip_suffix(".json")?))?
            }
            "templates" => (Kind::Template, parts.next()?.strip_suffix(".json")?),
            _ => return None,
        };
        (parts.next().is_none() && is_sha256(sha256)).then_some(Self { kind, sha256 })
    }

    /// Whether what lies there is a text that may itself refer to objects.
    pub fn is_document(self) -> bool {
        self.kind != Kind::Code
    }
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether SageMaker takes it as a pipeline's name.
fn is_pipeline(text: &str) -> bool {
    (1..=256).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_name(text: &str) -> bool {
    !matches!(text, "" | "." | "..") && !text.contains(|c: char| c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(key: &str, expected: Option<Kind>) {
        let key = key.replace("HASH", &"0123456789abcdef".repeat(4));
        assert_eq!(OwnKey::parse(&key).map(|own| own.kind), expected, "{key}");
    }

    #[test]
    fn keys_of_a_deploy() {
        check("code/abalone/HASH/evaluate.py", Some(Kind::Code));
        check("code/a/HASH/source dir.tar.gz", Some(Kind::Code));
        check("code/abalone/HASH/py-files/helper.py", Some(Kind::Code));
        check("definitions/abalone/HASH.json", Some(Kind::Definition));
        check("templates/HASH.json", Some(Kind::Template));
    }

    #[test]
    fn keys_of_others() {
        for key in [
            "",
            "/",
            "HASH",
            "code",
            "code/abalone/HASH",
            "code/abalone/HASH/",
            "code/abalone/HASH/..",
            "code/abalone/HASH/a/",
            "code/abalone/HASH/a/..",
            "code/abalone/HASH/a/b/c",
            "code/abalone/HASH0/a",
            "code/abalone/0HASH/a",
            "code/-abalone/HASH/a",
            "code/a b/HASH/a",
            "code//HASH/a",
            "/code/abalone/HASH/a",
            "Code/abalone/HASH/a",
            "definitions/abalone/HASH",
            "definitions/abalone/HASH.json.bak",
            "definitions/abalone/HASH.json/x",
            "definitions/HASH.json",
            "templates/a/HASH.json",
            "templates/HASH.yaml",
            "data/abalone/HASH/a",
        ] {
            check(key, None);
        }
        let upper = format!("templates/{}.json", "0123456789ABCDEF".repeat(4));
        assert_eq!(OwnKey::parse(&upper), None);
    }
}
