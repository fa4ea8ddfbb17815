//! Finds paths in texts, and says where they are on this machine.
//!
//! A path counts where it stands by itself (`/opt/ml/x`), or after something that can't belong to a path (`--dir=/opt/ml/x`,
//! `a:/opt/ml/b`, `"/opt/ml"`, `file:///opt/ml`). `/opt/ml2`, `s3://b/opt/ml` and `$HOME/opt/ml` are other paths.

use std::path::{Path, PathBuf};

use super::Mount;

/// The folders of a task, the longest path first.
#[derive(Clone, Debug, Default)]
pub(super) struct Paths<'m> {
    mounts: Vec<(&'m str, &'m Path)>,
}

impl<'m> Paths<'m> {
    pub(super) fn new(mounts: &'m [Mount]) -> Self {
        let mut mounts: Vec<_> = mounts
            .iter()
            .map(|mount| (mount.inside.trim_end_matches('/'), mount.host.as_path()))
            .filter(|(inside, _)| inside.starts_with('/'))
            .collect();
        mounts.sort_by(|(left, _), (right, _)| right.len().cmp(&left.len()).then(left.cmp(right)));
        Self { mounts }
    }

    /// Where a path inside is on this machine; `None` where no mount holds it.
    pub(super) fn host(&self, inside: &str) -> Option<PathBuf> {
        self.mounts.iter().find_map(|(mount, host)| {
            let rest = inside.strip_prefix(mount)?;
            if rest.is_empty() || rest == "/" {
                return Some(host.to_path_buf());
            }
            rest.strip_prefix('/').map(|rest| host.join(rest.trim_start_matches('/')))
        })
    }

    /// The text with all paths inside replaced by where they are, and which ones there were. `None` where it holds none.
    pub(super) fn replace<'t>(&self, text: &'t str) -> Option<(String, Vec<&'t str>)> {
        let (mut out, mut found) = (String::new(), Vec::new());
        let (mut done, mut at) = (0, 0);
        while let Some(slash) = text[at..].find('/').map(|offset| at + offset) {
            at = slash + 1;
            if !may_begin(&text[..slash]) {
                continue;
            }
            let here = self
                .mounts
                .iter()
                .find(|(mount, _)| text[slash..].strip_prefix(mount).is_some_and(may_follow));
            if let Some((mount, host)) = here {
                out.push_str(&text[done..slash]);
                out.push_str(&host.to_string_lossy());
                found.push(whole(&text[slash..]));
                done = slash + mount.len();
                at = done;
            }
        }
        (!found.is_empty()).then(|| {
            out.push_str(&text[done..]);
            (out, found)
        })
    }

    /// The text with paths replaced, whether it held any or not.
    pub(super) fn replaced(&self, text: &str) -> String {
        self.replace(text).map_or_else(|| text.to_owned(), |(text, _)| text)
    }
}

/// The path that the text begins with.
fn whole(text: &str) -> &str {
    let end = text.find(|character| character != '/' && !is_of_name(character)).unwrap_or(text.len());
    text[..end].trim_end_matches(['.', '/'])
}

/// Whether a path may begin after this text.
fn may_begin(before: &str) -> bool {
    if before.ends_with("file://") {
        return true;
    }
    let mut last = before.chars().rev();
    match last.next() {
        None => true,
        // A default in a shell's `${DIR:-/opt/ml}`.
        Some('-') => last.next() == Some(':'),
        Some(':') => !before.ends_with("://"),
        Some(last) => last.is_whitespace() || "\"'`=,;([{<>|&@!?#".contains(last),
    }
}

/// Whether this may follow a whole path, or a folder of it.
fn may_follow(after: &str) -> bool {
    let mut next = after.chars();
    match next.next() {
        None => true,
        Some('.') => next.next().is_none_or(|next| !is_of_name(next)),
        Some(next) => !is_of_name(next),
    }
}

fn is_of_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mounts() -> Vec<Mount> {
        let mount =
            |inside: &str, host: &str| Mount { host: host.into(), inside: inside.to_owned(), writable: true };
        vec![mount("/opt/ml", "/h"), mount("/opt/ml/processing/input/", "/in"), mount("relative", "/no")]
    }

    #[test]
    fn paths_in_texts() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            assert_eq!(Paths::new(&mounts()).replaced(text), expected);
        }
        check("/opt/ml", "/h");
        check("/opt/ml/", "/h/");
        check("/opt/ml/x/y", "/h/x/y");
        check("/opt/ml/processing/input", "/in");
        check("/opt/ml/processing/input/a.csv", "/in/a.csv");
        check("/opt/ml/processing/inputs", "/h/processing/inputs");
        check("--dir=/opt/ml/x", "--dir=/h/x");
        check("a:/opt/ml/b", "a:/h/b");
        check("/usr/lib:/opt/ml/b:/opt/ml", "/usr/lib:/h/b:/h");
        check("open('/opt/ml/x') # /opt/ml.", "open('/h/x') # /h.");
        check("{\"a\":\"/opt/ml\"}", "{\"a\":\"/h\"}");
        check("${DIR:-/opt/ml/x}", "${DIR:-/h/x}");
        check("file:///opt/ml/x", "file:///h/x");
        check("cp /opt/ml/a /opt/ml/processing/input/b", "cp /h/a /in/b");
        check("caf\u{e9} /opt/ml", "caf\u{e9} /h");
        for other in [
            "",
            "/",
            "/opt",
            "/opt/mlx",
            "/opt/ml2/x",
            "/opt/ml-old",
            "/opt/ml.old",
            "/x/opt/ml",
            "s3://bucket/opt/ml",
            "s3:///opt/ml",
            "$HOME/opt/ml",
            "./opt/ml",
            "../opt/ml",
            "-I/opt/ml",
            "relative/x",
        ] {
            check(other, other);
        }
    }

    #[test]
    fn which_paths_there_were() {
        let mounts = mounts();
        let found = Paths::new(&mounts).replace("cp '/opt/ml/a b' /opt/ml/processing/input/x.csv, /opt/ml/.");
        assert_eq!(found.unwrap().1, ["/opt/ml/a", "/opt/ml/processing/input/x.csv", "/opt/ml"]);
    }

    #[test]
    fn where_a_path_is() {
        #[track_caller]
        fn check(inside: &str, expected: Option<&str>) {
            assert_eq!(Paths::new(&mounts()).host(inside), expected.map(PathBuf::from));
        }
        check("/opt/ml", Some("/h"));
        check("/opt/ml/processing/input", Some("/in"));
        check("/opt/ml/processing//input", Some("/h/processing//input"));
        check("/opt/ml//etc", Some("/h/etc"));
        check("/opt", None);
        check("/opt/mlx", None);
        check("", None);
    }
}
