//! Publishing beside `aws s3 sync`: the same files to the same server, one after the other.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::{cpu, succeed};
use crate::list::columns;
use crate::report::{line, say};
use crate::test::tools::{install_python, script};
use crate::workspace::{Workspace, cargo};

/// What the program may take, in bytes.
const MEMORY_LIMIT: f64 = 200e6;

/// How much slower than the other a single run may seem by chance.
const NOISE: f64 = 1.05;

const BUCKET: &str = "bench";

/// What is published.
struct Load {
    name: &'static str,
    files: u64,
    /// Of each file, at most.
    bytes: u64,
    /// How often both are measured; the best run of each counts.
    runs: u32,
}

const LOADS: [Load; 2] = [
    Load { name: "5,000 files of 1 to 4 KB", files: 5_000, bytes: 4_000, runs: 3 },
    Load { name: "one file of 5 GB", files: 1, bytes: 5_000_000_000, runs: 1 },
];

/// One run.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Figures {
    seconds: f64,
    cpu: f64,
    /// In bytes.
    peak: f64,
}

impl Figures {
    /// The better of two runs, each figure for itself: what disturbs only makes them worse.
    fn best(self, other: Self) -> Self {
        Self {
            seconds: self.seconds.min(other.seconds),
            cpu: self.cpu.min(other.cpu),
            peak: self.peak.max(other.peak),
        }
    }
}

/// Measures all loads and prints a table; whether it was as fast as the CLI and within memory.
pub(super) fn measure(workspace: &Workspace) -> Result<bool> {
    let environment = workspace.target.join("awscli");
    install_python(&environment, &workspace.root.join("xtask/python/awscli.txt"))?;
    let programs = Programs::build(workspace, script(&environment, "aws"))?;
    let folder = workspace.target.join("bench/publish");
    let mut rows =
        vec![["FILES", "SECONDS", "AWS CLI", "RATIO", "CPU", "AWS CLI CPU", "MEMORY MB"].map(str::to_owned)];
    let mut within = true;
    for load in &LOADS {
        let measured = programs.compare(load, &folder);
        remove(&folder)?;
        let (ours, theirs) = measured?;
        within &= ours.peak <= MEMORY_LIMIT && ours.seconds <= theirs.seconds * NOISE;
        rows.push(row(load.name, ours, theirs));
    }
    line(&columns(&rows))?;
    Ok(within)
}

fn row(name: &str, ours: Figures, theirs: Figures) -> [String; 7] {
    let over = if ours.peak > MEMORY_LIMIT { " (over)" } else { "" };
    [
        name.to_owned(),
        format!("{:.1}", ours.seconds),
        format!("{:.1}", theirs.seconds),
        format!("{:.2}", theirs.seconds / ours.seconds),
        format!("{:.1}", ours.cpu),
        format!("{:.1}", theirs.cpu),
        format!("{:.0}{over}", ours.peak / 1e6),
    ]
}

struct Programs {
    publish: PathBuf,
    server: PathBuf,
    aws: PathBuf,
}

impl Programs {
    /// What publishes is built as `deploy` is; the server for speed, so that it is not what is measured.
    fn build(workspace: &Workspace, aws: PathBuf) -> Result<Self> {
        let root = &workspace.root;
        let build = ["build", "--quiet", "--package"];
        let publish = ["pipewright-deploy", "--example", "publish"];
        succeed(cargo().current_dir(root).args(build).args(publish))?;
        let server = ["pipewright-testbed", "--bin", "testbed-s3", "--release"];
        succeed(cargo().current_dir(root).args(build).args(server))?;
        let target = &workspace.target;
        Ok(Self {
            publish: target.join("debug/examples/publish"),
            server: target.join("release/testbed-s3"),
            aws,
        })
    }

    fn compare(&self, load: &Load, folder: &Path) -> Result<(Figures, Figures)> {
        say(&format!("publishing {}", load.name));
        let mut make = Command::new(&self.publish);
        succeed(make.args(["make", &load.files.to_string(), &load.bytes.to_string()]).arg(folder))?;
        let mut best: Option<(Figures, Figures)> = None;
        for _ in 0..load.runs {
            let ours = self.with_server(folder, |endpoint| self.ours(endpoint, folder, load))?;
            let theirs = self.with_server(folder, |endpoint| self.theirs(endpoint, folder))?;
            best = Some(best.map_or((ours, theirs), |best| (best.0.best(ours), best.1.best(theirs))));
        }
        best.context("there were no runs")
    }

    /// A server of its own for each run, with nothing in it.
    fn with_server<T>(&self, folder: &Path, run: impl FnOnce(&str) -> Result<T>) -> Result<T> {
        let bodies = folder.join("bodies");
        remove(&bodies)?;
        fs::create_dir_all(&bodies).with_context(|| format!("can't make {}", bodies.display()))?;
        let mut server = Command::new(&self.server)
            .arg(&bodies)
            .arg(BUCKET)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("can't start the S3 server")?;
        let result = endpoint(&mut server).and_then(|endpoint| run(&endpoint));
        // It ends with its standard input.
        drop(server.stdin.take());
        let _ = server.wait();
        remove(&bodies)?;
        result
    }

    fn ours(&self, endpoint: &str, folder: &Path, load: &Load) -> Result<Figures> {
        let output = Command::new(&self.publish)
            .args(["run", endpoint])
            .arg(folder)
            .stderr(Stdio::inherit())
            .output()
            .context("can't start what publishes")?;
        ensure!(output.status.success(), "publishing ended with {}", output.status);
        let figures: Value = serde_json::from_slice(&output.stdout).context("publishing gave no figures")?;
        ensure!(figures["sent"] == load.files, "not all files were sent: {figures}");
        let figure = |name: &str| figures[name].as_f64().with_context(|| format!("{name} is missing"));
        Ok(Figures { seconds: figure("seconds")?, cpu: figure("cpu_seconds")?, peak: figure("peak_bytes")? })
    }

    fn theirs(&self, endpoint: &str, folder: &Path) -> Result<Figures> {
        let began = Instant::now();
        let cpu = cpu::of_children(|| {
            let mut sync = Command::new(&self.aws);
            sync.args(["--endpoint-url", endpoint, "s3", "sync", "--only-show-errors"])
                .arg(folder.join("assembly/assets"))
                .arg(format!("s3://{BUCKET}/code"))
                .env("AWS_ACCESS_KEY_ID", "test")
                .env("AWS_SECRET_ACCESS_KEY", "test")
                .env("AWS_DEFAULT_REGION", "eu-west-1")
                .env("AWS_EC2_METADATA_DISABLED", "true")
                .env("AWS_CONFIG_FILE", "/dev/null")
                .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
                .env_remove("AWS_PROFILE")
                .env_remove("AWS_SESSION_TOKEN");
            succeed(&mut sync)
        })?;
        Ok(Figures { seconds: began.elapsed().as_secs_f64(), cpu, peak: 0.0 })
    }
}

fn endpoint(server: &mut Child) -> Result<String> {
    let stdout = server.stdout.as_mut().context("the server has no output")?;
    let mut text = String::new();
    BufReader::new(stdout).read_line(&mut text).context("can't read where the server listens")?;
    ensure!(text.starts_with("http://"), "the server said {text:?}");
    Ok(text.trim_end().to_owned())
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("can't remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_compares() {
        let ours = Figures { seconds: 4.0, cpu: 3.0, peak: 150e6 };
        let theirs = Figures { seconds: 10.0, cpu: 12.0, peak: 0.0 };
        let expected = ["x", "4.0", "10.0", "2.50", "3.0", "12.0", "150"].map(str::to_owned);
        assert_eq!(row("x", ours, theirs), expected);
        assert_eq!(row("x", Figures { peak: 201e6, ..ours }, theirs)[6], "201 (over)");
        let best = ours.best(Figures { seconds: 5.0, cpu: 2.0, peak: 160e6 });
        assert_eq!(best, Figures { seconds: 4.0, cpu: 2.0, peak: 160e6 });
    }
}
