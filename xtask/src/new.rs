//! `new`: a pipeline crate to begin with.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail, ensure};

use crate::report::{line, say};
use crate::workspace::Workspace;

/// The longest name, in characters: SageMaker takes 256, and a role's name is PREFIX-NAME with 64 at most.
const LONGEST: usize = 39;

/// The files, and what stands in them; `{{name}}` and `{{Name}}` are filled in, in the files' names too.
const FILES: [(&str, &str); 9] = [
    ("Cargo.toml", include_str!("../templates/new/Cargo.toml.txt")),
    ("build.rs", include_str!("../templates/new/build.rs.txt")),
    ("src/main.rs", include_str!("../templates/new/src/main.rs.txt")),
    ("code/prepare.py", include_str!("../templates/new/code/prepare.py.txt")),
    ("config.toml", include_str!("../templates/new/config.toml.txt")),
    ("tests/pipeline.rs", include_str!("../templates/new/tests/pipeline.rs.txt")),
    ("local/run.toml", include_str!("../templates/new/local/run.toml.txt")),
    ("local/data/my-bucket/{{name}}/first.csv", include_str!("../templates/new/local/first.csv")),
    ("schema/{{name}}.json", include_str!("../templates/new/schema.json.txt")),
];

/// Makes a pipeline crate that synthesises and runs at once, with a script, configuration, data and tests.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What the pipeline and its crate are called: lower-case letters, digits and hyphens, a letter first.
    #[arg(value_name = "NAME")]
    name: String,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let name = args.name.as_str();
    check(name)?;
    ensure!(
        workspace.members.iter().all(|member| member.name != name),
        "there is a crate {name:?} already; choose another name"
    );
    write(&workspace.root.join("pipelines"), name)?;
    line(&format!("pipelines/{name} is written"))?;
    say(&format!("see pipelines/{name}/src/main.rs; then: cargo xtask run {name}, cargo test -p {name}"));
    Ok(ExitCode::SUCCESS)
}

fn check(name: &str) -> Result<()> {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let fits = name.len() <= LONGEST
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.split('-').all(is_word);
    ensure!(
        fits,
        "{name:?} can't be the name of a pipeline: use up to {LONGEST} lower-case letters, digits and single hyphens, a letter first"
    );
    // Crates of the standard library, of this workspace, and folders that cargo makes.
    let reserved = [
        "alloc",
        "build-support",
        "core",
        "deps",
        "example-pipeline",
        "examples",
        "pipewright",
        "proc-macro",
        "self",
        "std",
        "test",
        "xtask",
    ];
    if reserved.contains(&name) {
        bail!("{name:?} means something else already; choose another name");
    }
    Ok(())
}

/// Writes the crate beside its place and renames it, so that it is there whole or not at all.
fn write(pipelines: &Path, name: &str) -> Result<()> {
    let place = pipelines.join(name);
    ensure!(
        fs::symlink_metadata(&place).is_err(),
        "{} is there already; choose another name",
        place.display()
    );
    fs::create_dir_all(pipelines).with_context(|| format!("can't create {}", pipelines.display()))?;
    let beside = pipelines.join(format!(".{name}.pipewright-new"));
    let made = fill(&beside, name).and_then(|()| {
        fs::rename(&beside, &place).with_context(|| format!("can't create {}", place.display()))
    });
    if made.is_err() {
        // What was made is of no use; why it was not more is what matters.
        let _ = fs::remove_dir_all(&beside);
    }
    made
}

fn fill(folder: &Path, name: &str) -> Result<()> {
    let filled = |text: &str| text.replace("{{name}}", name).replace("{{Name}}", &pascal(name));
    for (file, text) in FILES {
        let path = folder.join(filled(file));
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).with_context(|| format!("can't create {}", parent.display()))?;
        fs::write(&path, filled(text)).with_context(|| format!("can't write {}", path.display()))?;
    }
    Ok(())
}

/// `house-prices` as a type is called: `HousePrices`.
fn pascal(name: &str) -> String {
    let word = |word: &str| {
        let mut chars = word.chars();
        chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
    };
    name.split('-').map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["a", "house-prices", "a1", "v2-churn", &"a".repeat(LONGEST)] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in
            ["", "A", "1a", "-a", "a-", "a--b", "a_b", "a b", "../a", "é", "test", &"a".repeat(LONGEST + 1)]
        {
            assert!(check(bad).is_err(), "{bad}");
        }
        assert_eq!(pascal("house-prices-2"), "HousePrices2");
    }

    #[test]
    fn a_crate_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "house-prices").unwrap();
        for (file, _) in FILES {
            let file = file.replace("{{name}}", "house-prices");
            let text = fs::read_to_string(folder.path().join("house-prices").join(&file)).unwrap();
            assert!(!text.contains("{{"), "{file}");
        }
        assert!(write(folder.path(), "house-prices").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
