//! Fuzzing with libFuzzer: inputs that lead to new code are kept and changed further.
//!
//! The coverage that libFuzzer needs comes from a pass of LLVM that the stable compiler has too, so that neither nightly nor
//! `cargo-fuzz` has to be installed. What is fuzzed forbids unsafe code: there is nothing for an address sanitizer to find.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::workspace::cargo;

/// The packages that are fuzzed, each outside of the workspace, and their programs.
const TARGETS: [(&str, &str); 2] = [("crates/config/fuzz", "read"), ("crates/interpreter/fuzz", "run")];

/// How long each runs, in seconds.
const SECONDS: u32 = 60;

/// What `cargo fuzz` sets as well.
const FLAGS: [&str; 6] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4 -sanitizer-coverage-inline-8bit-counters \
     -sanitizer-coverage-pc-table -sanitizer-coverage-trace-compares",
    "-Cdebug-assertions",
    "-Coverflow-checks",
    "-Ccodegen-units=1",
    "--cfg=fuzzing",
];

/// Builds each program and runs it. What was found stays below `target`: inputs in `fuzz/corpus`, those that fail in
/// `fuzz/failures`.
pub(super) fn run(root: &Path, target: &Path) -> Result<()> {
    let folder = target.join("fuzz");
    let host = host()?;
    for (package, program) in TARGETS {
        let package = root.join(package);
        let mut build = cargo();
        build
            .args(["build", "--release", "--quiet", "--target", &host, "--bin", program])
            .arg("--manifest-path")
            .arg(package.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(folder.join("build"))
            .env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"));
        let status = build.status().context("can't start cargo")?;
        ensure!(status.success(), "{} does not build: {status}", package.display());

        let (corpus, failures) = (folder.join("corpus").join(program), folder.join("failures").join(program));
        for folder in [&corpus, &failures] {
            fs::create_dir_all(folder).with_context(|| format!("can't create {}", folder.display()))?;
        }
        let ran = Command::new(folder.join("build").join(&host).join("release").join(program))
            .arg(format!("-max_total_time={SECONDS}"))
            .args(["-max_len=4096", "-timeout=10", "-print_final_stats=1", "-verbosity=0"])
            .arg(format!("-artifact_prefix={}/", failures.display()))
            .arg(&corpus)
            .arg(package.join("corpus").join(program))
            .status()
            .context("can't start what was built")?;
        ensure!(
            ran.success(),
            "{program} ended with {ran}: the input is in {}; keep it in the corpus of {}",
            failures.display(),
            package.display()
        );
    }
    Ok(())
}

/// What the compiler calls this machine: with a target of its own name, build scripts and macros are built without the flags.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("can't start rustc")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc does not say which machine this is")
}
