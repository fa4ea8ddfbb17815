//! `pipewright.toml`: what holds for all pipelines of the workspace, and its environments.

mod infrastructure;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use pipewright_config::{ENVIRONMENTS, Source, code, load};
use pipewright_macros::Config;
use pipewright_model::Environment;
use pipewright_model::protocol::Place;
use pipewright_stacks::InfrastructureSettings;

use crate::report::{Report, Texts};
use crate::sources;

use self::infrastructure::{BucketsTable, DomainTable, NetworkTable, RolesTable, Tables};

/// The file's name, at the workspace's root.
pub(crate) const FILE: &str = "pipewright.toml";

/// The environment that is meant when none is named, unless the file says otherwise.
const DEFAULT: &str = "dev";

/// What holds in one environment.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// What the pipelines are told.
    pub(crate) environment: Environment,
    /// Tags of every resource.
    pub(crate) tags: BTreeMap<String, String>,
    /// What the pipelines stand on.
    pub(crate) infrastructure: InfrastructureSettings,
}

/// The file: values for every environment at its top, and a table `[env.NAME]` for each environment, in which
/// any of them may stand again.
#[derive(Config)]
#[config(crate = "pipewright_config")]
struct File {
    /// What the names of all resources begin with: up to 24 lower-case letters, digits and hyphens, a letter first.
    // Bucket names are PREFIX-sources-ACCOUNT-REGION and have at most 63 characters.
    #[config(max_length = 24, pattern = "^[a-z]([a-z0-9-]*[a-z0-9])?$")]
    prefix: String,
    /// The environment that is meant when none is named with `--env`.
    default_env: Option<String>,
    /// Tags of every resource.
    #[config(default, max_length = 50)]
    tags: BTreeMap<String, String>,
    /// The account, twelve digits.
    #[config(pattern = "^[0-9]{12}$")]
    account: Option<String>,
    /// The region, such as `eu-west-1`.
    #[config(pattern = "^[a-z]{2,5}(-[a-z]+)+-[0-9]{1,2}$")]
    region: Option<String>,
    /// The partition; follows from the region where that is given.
    #[config(pattern = "^aws(-[a-z]+)*$")]
    partition: Option<String>,
    /// The bucket for code, instead of `PREFIX-sources-ACCOUNT-REGION`.
    #[config(pattern = "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    source_bucket: Option<String>,
    /// The bucket for results, instead of `PREFIX-data-ACCOUNT-REGION`.
    #[config(pattern = "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    data_bucket: Option<String>,
    /// One role for every pipeline, instead of one for each, `PREFIX-PIPELINE`.
    #[config(pattern = "^arn:aws[a-z-]*:iam::[0-9]{12}:role/[!-~]{1,512}$")]
    role_arn: Option<String>,
    /// The network of jobs and notebooks.
    #[config(default)]
    network: NetworkTable,
    /// The source bucket, the data bucket, and that of their access logs.
    #[config(default)]
    buckets: BucketsTable,
    /// The SageMaker domain.
    #[config(default)]
    domain: DomainTable,
    /// What all roles have in common.
    #[config(default)]
    roles: RolesTable,
}

/// Reads the file for the environment of this name, or for the default one.
///
/// # Errors
/// Everything that is wrong with the file, in any of its environments.
pub(crate) fn read(root: &Path, env: Option<&str>, texts: &mut Texts) -> Result<Settings, Vec<Report>> {
    let path = root.join(FILE);
    if !path.exists() {
        return Err(vec![
            Report::error("settings/missing", format!("{FILE} is missing at the root of the workspace"))
                .value(root.display().to_string())
                .help("write one: prefix = \"my-team\" and below it [env.dev]"),
        ]);
    }
    let text = sources::text(&path, root)
        .map_err(|why| vec![Report::error("settings/unreadable", format!("can't read {FILE}: {why}"))])?;
    texts.insert(FILE.to_owned(), text.clone());
    parse(text, env)
}

fn parse(text: String, env: Option<&str>) -> Result<Settings, Vec<Report>> {
    let sources = [Source::new(FILE, text)];
    let names = environments(&sources[0].text);
    let mut reports: Vec<Report> = Vec::new();
    let mut files = BTreeMap::new();
    let mut is_broken = false;
    for name in std::iter::once(None).chain(names.iter().map(Some)) {
        let problems = match load::<File>(&sources, name.map(String::as_str), &[]) {
            Ok(loaded) => {
                files.insert(name, (loaded.value, loaded.resolved));
                loaded.warnings
            }
            // What the top leaves out, each environment may say.
            Err(problems) if name.is_none() && !names.is_empty() => {
                problems.into_iter().filter(|problem| problem.code != code::MISSING).collect()
            }
            Err(problems) => problems.into_vec(),
        };
        // In a text that can't be read to its end, environments may be hidden.
        is_broken |= problems.iter().any(|problem| [code::SYNTAX, code::SIZE].contains(&problem.code));
        for report in problems.into_iter().map(Report::from) {
            // What is wrong at the top is wrong in every environment.
            if !reports.contains(&report) {
                reports.push(report);
            }
        }
    }
    for name in &names {
        if !is_name(name) {
            let message = format!("environment {name:?} needs another name: it is that of a folder");
            reports.push(
                Report::error("settings/environment", message)
                    .limit("up to 64 letters, digits, hyphens and underscores, a letter or digit first"),
            );
        }
    }
    let (default, place) = default_env(&files);
    let name = env.map_or_else(|| default.unwrap_or_else(|| only(&names)), str::to_owned);
    let is_known = names.contains(&name) || (is_broken && names.is_empty());
    if !is_known {
        let place = place.filter(|_| env.is_none());
        reports.push(unknown(&name, &names).place(place));
    }
    match files.remove(&Some(&name)) {
        Some((file, _)) if !reports.iter().any(Report::is_error) => settings(name, file),
        _ => Err(reports),
    }
}

/// The names below `[env]`, as far as the text can be read.
fn environments(text: &str) -> BTreeSet<String> {
    let (document, _) = toml::de::DeTable::parse_recoverable(text);
    let environments = document.get_ref().get(ENVIRONMENTS).and_then(|table| table.get_ref().as_table());
    environments.into_iter().flatten().map(|(name, _)| name.get_ref().clone().into_owned()).collect()
}

type Files<'n> = BTreeMap<Option<&'n String>, (File, Vec<pipewright_config::Resolved>)>;

/// What `default_env` says, and where.
fn default_env(files: &Files<'_>) -> (Option<String>, Option<Place>) {
    let Some((file, resolved)) = files.values().next() else {
        return (None, None);
    };
    let origin =
        resolved.iter().find(|value| value.path == "default_env").and_then(|value| value.origin.as_ref());
    let place = origin.map(|place| {
        let span = place.span();
        Place { source: place.source().into_owned(), start: span.start, end: span.end }
    });
    (file.default_env.clone(), place)
}

fn only(names: &BTreeSet<String>) -> String {
    match names.first() {
        Some(only) if names.len() == 1 => only.clone(),
        _ => DEFAULT.to_owned(),
    }
}

fn unknown(name: &str, names: &BTreeSet<String>) -> Report {
    let report = Report::error("settings/environment", format!("{FILE} has no environment {name:?}"));
    if names.is_empty() {
        return report.help(format!("add the table [{ENVIRONMENTS}.{name}]; it may be empty"));
    }
    let all = names.iter().map(String::as_str);
    let known = format!("there are: {}", all.clone().collect::<Vec<_>>().join(", "));
    match closest(name, all) {
        Some(similar) => report.help(format!("did you mean {similar:?}? {known}")),
        None => report.help(known),
    }
}

/// The name that was probably meant.
pub(crate) fn closest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    names
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(distance, known)| *distance <= (known.len().max(name.len()) / 3).max(1))
        .min()
        .map(|(_, known)| known)
}

fn is_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn settings(name: String, file: File) -> Result<Settings, Vec<Report>> {
    let File {
        prefix,
        tags,
        account,
        region,
        partition,
        source_bucket,
        data_bucket,
        role_arn,
        network,
        buckets,
        domain,
        roles,
        default_env: _,
    } = file;
    let infrastructure = Tables { network, buckets, domain, roles }.settings().map_err(|problems| {
        problems.into_iter().map(|problem| Report::new(problem.into())).collect::<Vec<_>>()
    })?;
    let infrastructure = InfrastructureSettings { tags: tags.clone(), ..infrastructure };
    let environment = Environment {
        name,
        account,
        region,
        partition,
        prefix,
        source_bucket,
        data_bucket,
        role_arn,
        role_path: infrastructure.roles.path.clone(),
    };
    Ok(Settings { environment, tags, infrastructure })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
prefix = "dsm-sm"
tags = { team = "x" }

[env.dev]

[env.test]
account = "123456789012"
region = "eu-west-1"
tags = { stage = "test" }
"#;

    #[test]
    fn an_environment_is_the_top_with_its_own_table_laid_over() {
        let dev = parse(TEXT.to_owned(), None).unwrap();
        assert_eq!(dev.environment.name, "dev");
        assert_eq!(dev.environment.account, None);
        assert_eq!(dev.tags.len(), 1);
        let test = parse(TEXT.to_owned(), Some("test")).unwrap();
        assert_eq!(test.environment.account.as_deref(), Some("123456789012"));
        assert_eq!(test.environment.prefix, "dsm-sm");
        assert_eq!(test.tags.len(), 2);
        let test = parse(format!("default_env = 'test'\n{TEXT}"), None).unwrap();
        assert_eq!(test.environment.name, "test");
        let only = parse("prefix = 'a'\n[env.prod]".to_owned(), None).unwrap();
        assert_eq!(only.environment.name, "prod");
        let each = parse("[env.prod]\nprefix = 'a'\n".to_owned(), None).unwrap();
        assert_eq!(each.environment.prefix, "a");
    }

    #[track_caller]
    fn check(text: &str, env: Option<&str>, expected: &[&str]) {
        let reports = parse(text.to_owned(), env).unwrap_err();
        let messages: Vec<_> = reports.iter().map(Report::message).collect();
        assert_eq!(messages.len(), expected.len(), "{messages:#?}");
        for (message, expected) in messages.iter().zip(expected) {
            assert!(message.contains(expected), "{messages:#?}");
        }
    }

    #[test]
    fn all_mistakes_at_once() {
        check(TEXT, Some("tset"), &["no environment \"tset\""]);
        check("", None, &["`prefix` is missing", "no environment \"dev\""]);
        check("prefix = 'a'", None, &["no environment \"dev\""]);
        check("default_env = 'prod'\nprefix = 'a'\n[env.dev]", None, &["no environment \"prod\""]);
        check("prefix = 'a'\n[env.'../x']", Some("../x"), &["needs another name"]);
        check("[env.dev", None, &["unclosed table"]);
        check(
            "prefx = 'a'\nprefix = 'A'\n[env.dev]\naccount = 123456789012\n[env.prod]\nregion = 'Ireland'\n",
            None,
            &["`prefx` is not a key", "`prefix`", "`account` must be a string", "`region`"],
        );
    }
}
