//! `pipewright.toml`: what holds for all pipelines of the workspace, and its environments.

mod infrastructure;
mod lints;
mod network;
mod pipelines;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use pipewright_cli::VpcQuery;
use pipewright_config::{ENVIRONMENTS, Resolved, Source, code, load};
use pipewright_macros::Config;
use pipewright_model::protocol::{ConfigSource, Place};
use pipewright_model::{Deploy, Environment, Problem};
use pipewright_stacks::{InfrastructureSettings, Notifications, bucket_name};

use crate::context::Context;
use crate::lints::Lints;
use crate::report::{Report, Texts};
use crate::sources;

use self::infrastructure::{BucketsTable, DomainTable, RolesTable, Tables};
use self::lints::LintsTable;
use self::network::NetworkTable;
pub(crate) use self::pipelines::PipelineSettings;
use self::pipelines::{NotificationsTable, PipelineTable};
use self::values::{Anything, Texts as TextList};

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
    /// What is said of single pipelines, by their names.
    pub(crate) pipelines: BTreeMap<String, PipelineSettings>,
    /// Who hears of pipelines that say nothing else.
    pub(crate) notifications: Notifications,
    /// What becomes of what is right, and yet not as careful as it could be.
    pub(crate) lints: Lints,
    /// The file itself, where it holds values that the pipelines share.
    pub(crate) shared: Option<ConfigSource>,
    /// Files of environment variables, from the workspace's root.
    pub(crate) env_files: Vec<String>,
    places: Places,
}

impl Settings {
    /// The same, with more files of environment variables.
    pub(crate) fn with_env_files(mut self, files: &[String]) -> Self {
        self.env_files.extend_from_slice(files);
        self
    }

    /// The same, with this account and region where the environment names none.
    pub(crate) fn with_target(mut self, (account, region): (&str, &str)) -> Self {
        self.environment.account.get_or_insert_with(|| account.to_owned());
        self.environment.region.get_or_insert_with(|| region.to_owned());
        self
    }

    /// What is said of a pipeline.
    pub(crate) fn pipeline(&self, name: &str) -> PipelineSettings {
        self.pipelines.get(name).cloned().unwrap_or_default()
    }

    /// Where the value of this path, or the first one below it, stands in the file.
    pub(crate) fn place(&self, path: &str) -> Option<Place> {
        self.places.get(path).cloned()
    }

    /// The problem, at its place in the file where it has one.
    pub(crate) fn report(&self, problem: Problem) -> Report {
        self.places.report(problem)
    }
}

/// Where the values of the file stand, by their paths.
#[derive(Clone, Debug, Default)]
struct Places(BTreeMap<String, Place>);

impl Places {
    fn of(resolved: &[Resolved]) -> Self {
        let places = resolved.iter().filter_map(|value| {
            let place = value.origin.as_ref()?;
            let span = place.span();
            let place = Place { source: place.source().into_owned(), start: span.start, end: span.end };
            Some((value.path.clone(), place))
        });
        Self(places.collect())
    }

    /// That of the value, or of the first one below the path.
    fn get(&self, path: &str) -> Option<&Place> {
        let below = |known: &str| known[path.len()..].starts_with(['.', '[']);
        let mut beginning = self.0.range(path.to_owned()..).take_while(|(known, _)| known.starts_with(path));
        self.0.get(path).or_else(|| beginning.find(|(known, _)| below(known)).map(|(_, place)| place))
    }

    fn report(&self, problem: Problem) -> Report {
        let place = self.get(&problem.full_path()).filter(|_| !problem.path.is_empty()).cloned();
        Report::new(problem.into()).place(place)
    }
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
    /// What is said of single pipelines, by their names.
    #[config(default)]
    pipelines: BTreeMap<String, PipelineTable>,
    /// Who hears of what becomes of executions.
    #[config(default)]
    notifications: NotificationsTable,
    /// What becomes of what is right, and yet not as careful as it could be.
    #[config(default)]
    lints: LintsTable,
    /// Values for the configurations of all pipelines, each of which takes the keys that it has.
    shared: Option<Anything>,
    /// Files of environment variables, `NAME=VALUE` in each line, from the workspace's root.
    #[expect(clippy::struct_field_names, reason = "it is the key's name")]
    env_file: Option<TextList>,
}

/// What the file says in one environment.
struct Chosen {
    name: String,
    file: File,
    places: Places,
}

/// Reads the file for the environment of this name, or for the default one.
///
/// # Errors
/// Everything that is wrong with the file, in any of its environments; and what it asks for that was not looked up.
pub(crate) fn read(root: &Path, env: Option<&str>, texts: &mut Texts) -> Result<Settings, Vec<Report>> {
    let text = text(root, texts)?;
    let chosen = choose(text.clone(), env)?;
    let context = Context::read(root, texts)?;
    let mut settings = settings(chosen, &context)?;
    if let Some(shared) = &mut settings.shared {
        shared.text = text;
    }
    Ok(settings)
}

/// The name of the environment, and what is to be looked up for it.
///
/// # Errors
/// Everything that is wrong with the file.
pub(crate) fn query(
    root: &Path,
    env: Option<&str>,
    texts: &mut Texts,
) -> Result<(String, Option<VpcQuery>), Vec<Report>> {
    let Chosen { name, file, places } = choose(text(root, texts)?, env)?;
    let query = file.network.query(&network::Place {
        environment: &name,
        account: file.account.as_deref(),
        region: file.region.as_deref(),
    });
    let query =
        query.map_err(|problems| problems.into_iter().map(|p| places.report(p)).collect::<Vec<_>>())?;
    Ok((name, query))
}

fn text(root: &Path, texts: &mut Texts) -> Result<String, Vec<Report>> {
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
    Ok(text)
}

/// What the text says in the environment of this name, or in the default one.
fn choose(text: String, env: Option<&str>) -> Result<Chosen, Vec<Report>> {
    let sources = [Source::new(FILE, text)];
    let names = environments(&sources[0].text);
    let mut reports: Vec<Report> = Vec::new();
    let mut files = BTreeMap::new();
    let mut is_broken = false;
    for name in std::iter::once(None).chain(names.iter().map(Some)) {
        let problems = match load::<File>(&sources, name.map(String::as_str), &[]) {
            Ok(loaded) => {
                files.insert(name, (loaded.value, loaded.resolved.to_vec()));
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
        Some((file, resolved)) if !reports.iter().any(Report::is_error) => {
            Ok(Chosen { name, file, places: Places::of(&resolved) })
        }
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

fn settings(chosen: Chosen, context: &Context) -> Result<Settings, Vec<Report>> {
    let Chosen { name, file, places } = chosen;
    let (account, region) = (file.account.clone(), file.region.clone());
    let place = network::Place { environment: &name, account: account.as_deref(), region: region.as_deref() };
    let File {
        prefix,
        tags,
        account: _,
        region: _,
        partition,
        source_bucket,
        data_bucket,
        role_arn,
        network,
        buckets,
        domain,
        roles,
        pipelines,
        notifications,
        lints,
        default_env: _,
        shared,
        env_file,
    } = file;
    let mut problems = Vec::new();
    let infrastructure = Tables { network, buckets, domain, roles }.settings(&place, context);
    let infrastructure = infrastructure.unwrap_or_else(|found| {
        problems.extend(found);
        InfrastructureSettings::default()
    });
    let pipelines = pipelines::settings(pipelines).unwrap_or_else(|found| {
        problems.extend(found);
        BTreeMap::new()
    });
    let notifications = notifications.settings().unwrap_or_else(|found| {
        problems.extend(found);
        Notifications::default()
    });
    if !problems.is_empty() {
        return Err(problems.into_iter().map(|problem| places.report(problem)).collect());
    }
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
    let lints = lints.settings(infrastructure.buckets_have_key());
    let data_bucket = bucket_name(&environment, &Deploy::DataBucket);
    let data_events = pipelines.values().any(|pipeline| pipeline.waits_for(&data_bucket));
    let infrastructure = InfrastructureSettings { tags: tags.clone(), data_events, ..infrastructure };
    let shared = shared.map(|Anything| ConfigSource { name: FILE.to_owned(), text: String::new() });
    let env_files = env_file.map(|TextList(files)| files).unwrap_or_default();
    Ok(Settings {
        environment,
        tags,
        infrastructure,
        pipelines,
        notifications,
        lints,
        shared,
        env_files,
        places,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: String, env: Option<&str>) -> Result<Settings, Vec<Report>> {
        settings(choose(text, env)?, &Context::default())
    }

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
