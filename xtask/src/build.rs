//! Builds the pipeline programs, all in one run of cargo.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, IsTerminal as _, Read, Write as _};
use std::path::PathBuf;
use std::process::Stdio;
use std::thread;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::report::Report;
use crate::workspace::{Member, Workspace, cargo};

/// A pipeline program that is ready to run.
#[derive(Clone, Debug)]
pub(crate) struct Program<'w> {
    /// The crate it is of.
    pub(crate) member: &'w Member,
    /// Its file.
    pub(crate) path: PathBuf,
}

/// What came of a build.
#[derive(Debug)]
pub(crate) struct Built<'w> {
    /// The programs that could be built, in the order of their crates' names.
    pub(crate) programs: Vec<Program<'w>>,
    /// An error for each crate that could not.
    pub(crate) reports: Vec<Report>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    package_id: String,
    executable: Option<PathBuf>,
}

/// Builds every program of these crates. One that does not compile does not keep the others from it; what the
/// compiler says goes to standard error.
pub(crate) fn build(workspace: &Workspace) -> Result<Built<'_>> {
    let members = &workspace.members;
    let mut command = cargo();
    command.current_dir(&workspace.root);
    command.args(["build", "--bins", "--keep-going", "--message-format=json-render-diagnostics"]);
    if std::io::stderr().is_terminal() {
        command.arg("--color=always");
    }
    for member in members {
        command.arg("--package").arg(&member.id);
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("can't start cargo")?;
    let stderr = child.stderr.take();
    let progress = thread::spawn(move || stderr.map(pass_on));
    let mut programs = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        read_messages(stdout, members, &mut programs)?;
    }
    let status = child.wait().context("can't wait for cargo")?;
    let _ = progress.join();

    programs.sort_by(|a, b| (&a.member.name, &a.path).cmp(&(&b.member.name, &b.path)));
    let mut reports = Vec::new();
    if !status.success() {
        let built: BTreeSet<&str> = programs.iter().map(|program| program.member.id.as_str()).collect();
        let failed = members.iter().filter(|member| !built.contains(member.id.as_str()));
        reports.extend(failed.map(|member| {
            Report::error("build/failed", format!("crate {} does not build", member.name))
                .of_crate(&member.name)
                .help("what cargo says of it stands above")
        }));
        if reports.is_empty() {
            // One of several programs of a crate failed.
            reports.push(Report::error("build/failed", format!("cargo build ended with {status}")));
        }
    }
    Ok(Built { programs, reports })
}

fn read_messages<'w>(
    stdout: impl Read,
    members: &'w [Member],
    programs: &mut Vec<Program<'w>>,
) -> Result<()> {
    for line in BufReader::new(stdout).lines() {
        let line = line.context("can't read what cargo build says")?;
        // Most messages are of libraries: not worth parsing.
        if !line.contains("\"executable\":\"") {
            continue;
        }
        let Ok(Message { package_id, executable: Some(path) }) = serde_json::from_str(&line) else {
            continue;
        };
        if let Some(member) = members.iter().find(|member| member.id == package_id) {
            programs.push(Program { member, path });
        }
    }
    Ok(())
}

/// Passes on what cargo says, but for the line that says that there was nothing to do.
fn pass_on(from: impl Read) {
    let mut to = std::io::stderr().lock();
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&line);
        if !(text.contains("Finished") && text.contains(" profile [")) {
            // There is nobody to tell that standard error is gone.
            let _ = to.write_all(&line);
        }
        line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_of_the_members_are_found_among_the_messages() {
        let member = Member {
            name: "a".into(),
            folder: "/w/pipelines/a".into(),
            id: "path+file:///w/pipelines/a#0.1.0".into(),
        };
        let lines = [
            r#"{"reason":"compiler-artifact","package_id":"registry+x#serde@1","executable":null}"#,
            r#"{"reason":"compiler-artifact","package_id":"path+file:///w/pipelines/a#0.1.0","target":{"kind":["bin"]},"executable":"/w/target/debug/a"}"#,
            r#"{"reason":"compiler-artifact","package_id":"path+file:///w/xtask#0.1.0","executable":"/w/target/debug/xtask"}"#,
            r#"not json "executable":"x""#,
            r#"{"reason":"build-finished","success":true}"#,
        ];
        let members = [member];
        let mut programs = Vec::new();
        read_messages(lines.join("\n").as_bytes(), &members, &mut programs).unwrap();
        let paths: Vec<_> = programs.iter().map(|program| program.path.to_str().unwrap()).collect();
        assert_eq!(paths, ["/w/target/debug/a"]);
    }
}
