//! Programs beside this one that people use with it. None is needed to deploy.

use std::env;
use std::path::Path;

use super::{Finding, Verdict};

const TOOLS: [(&str, &str); 4] = [
    ("cargo", "builds pipelines; not needed where an assembly is deployed that another job made"),
    ("aws", "signs in (`aws sso login`)"),
    ("session-manager-plugin", "opens a shell in a running job"),
    ("cdk", "deploys the same assembly"),
];

pub(super) fn findings() -> Vec<Finding> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = env::split_paths(&path).collect();
    TOOLS
        .iter()
        .map(|(tool, use_of_it)| {
            let found = folders.iter().map(|folder| folder.join(tool)).find(|file| is_program(file));
            match found {
                Some(file) => Finding::new(format!("tool {tool}"), Verdict::Good, file.display().to_string()),
                None => Finding::new(
                    format!("tool {tool}"),
                    Verdict::Unknown,
                    format!("is not installed; it {use_of_it}"),
                ),
            }
        })
        .collect()
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.with_extension("exe").is_file() || file.with_extension("cmd").is_file()
}
