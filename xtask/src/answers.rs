//! All programs asked, and their answers put together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use pipewright_model::protocol::{Operation, PROTOCOL, PipelineAnswer, Request, SetValue, UnusedValue};

use crate::build::{Program, build};
use crate::process::Limits;
use crate::program::{OUTPUT_LIMIT, Said, ask};
use crate::report::{self, Report, Texts};
use crate::settings::{Settings, closest};
use crate::sources;
use crate::variables::Variables;
use crate::workspace::{Member, Workspace};

/// What the programs are asked.
pub(crate) struct Question<'q> {
    pub(crate) operation: Operation,
    pub(crate) settings: &'q Settings,
    pub(crate) set: &'q [SetValue],
    /// How long each may take.
    pub(crate) time: Duration,
}

/// What they answered.
pub(crate) struct Answers<'w> {
    /// Every pipeline that a program has, sorted by name.
    pub(crate) pipelines: Vec<Found<'w>>,
    /// What is wrong outside of the answers: crates that do not build, programs that do not answer.
    pub(crate) reports: Vec<Report>,
    /// The texts that the reports' places are in.
    pub(crate) texts: Texts,
}

/// A pipeline that a program answered for.
pub(crate) struct Found<'w> {
    pub(crate) member: &'w Member,
    pub(crate) answer: PipelineAnswer,
}

/// The programs of a workspace, built.
pub(crate) struct Programs<'w> {
    workspace: &'w Workspace,
    ready: Vec<Program<'w>>,
    reports: Vec<Report>,
}

impl<'w> Programs<'w> {
    /// Builds them. Those that can't be built are reported when the others answer.
    pub(crate) fn build(workspace: &'w Workspace) -> Result<Self> {
        if workspace.members.is_empty() {
            let report = Report::error("workspace/empty", "there is no pipeline crate under pipelines/")
                .value(workspace.root.display().to_string())
                .help("a pipeline crate is a member of the workspace, below pipelines/, with a program");
            return Ok(Self { workspace, ready: Vec::new(), reports: vec![report] });
        }
        let built = build(workspace)?;
        Ok(Self { workspace, ready: built.programs, reports: built.reports })
    }

    /// Each program by itself.
    pub(crate) fn each(&self) -> impl Iterator<Item = Self> {
        self.ready.iter().map(|program| Self {
            workspace: self.workspace,
            ready: vec![program.clone()],
            reports: Vec::new(),
        })
    }

    /// Asks all of them, as many at once as there are processors.
    pub(crate) fn ask(&self, question: &Question<'_>) -> Answers<'w> {
        let mut reports = self.reports.clone();
        let mut texts = Texts::new();
        let settings = question.settings;
        let variables = Variables::read(&self.workspace.root, &settings.env_files, &mut reports);
        let mut requests = BTreeMap::new();
        for program in &self.ready {
            requests.entry(program.member.name.as_str()).or_insert_with(|| {
                let sources = sources::read(self.workspace, program.member, &mut reports);
                texts.extend(sources.iter().map(|source| (source.name.clone(), source.text.clone())));
                let variables = variables.told(sources.iter().chain(&settings.shared), question.set);
                Request {
                    protocol: PROTOCOL,
                    operation: question.operation,
                    environment: settings.environment.clone(),
                    sources,
                    shared: settings.shared.clone(),
                    variables,
                    set: question.set.to_vec(),
                    pipelines: None,
                }
            });
        }
        let limits = Limits { time: question.time, output: OUTPUT_LIMIT };
        let said =
            in_parallel(&self.ready, |program| ask(program, &requests[program.member.name.as_str()], limits));
        let mut pipelines = Vec::new();
        for (program, said) in self.ready.iter().zip(said) {
            match said {
                Ok(Said { answer, stderr }) => {
                    for line in stderr.lines() {
                        report::say(&format!("[{}] {line}", program.member.name));
                    }
                    let member = program.member;
                    pipelines.extend(answer.pipelines.into_iter().map(|answer| Found { member, answer }));
                }
                Err(report) => reports.push(*report),
            }
        }
        pipelines.sort_by(|a, b| (&a.answer.name, &a.member.name).cmp(&(&b.answer.name, &b.member.name)));
        if question.operation == Operation::Synth && reports.iter().all(|report| !report.is_error()) {
            reports.extend(variables.strays(pipelines.iter().map(|found| found.answer.name.as_str())));
        }
        if let Some(shared) = &settings.shared {
            texts.insert(shared.name.clone(), shared.text.clone());
            if reports.iter().all(|report| !report.is_error()) {
                reports.extend(unused(&pipelines));
            }
        }
        Answers { pipelines, reports, texts }
    }
}

/// Shared values that no pipeline has a key for; nothing where one of them could not tell.
fn unused(pipelines: &[Found<'_>]) -> Vec<Report> {
    let mut all = pipelines.iter().map(|found| found.answer.unused.clone());
    let Some(mut unused) = all.next().flatten() else { return Vec::new() };
    for other in all {
        let Some(other) = other else { return Vec::new() };
        unused.retain(|value| other.contains(value));
    }
    let report = |UnusedValue { path, place }| {
        Report::error("config/unused", format!("no pipeline has the shared key `{path}`"))
            .warning()
            .place(Some(place))
            .help("correct its name, or leave it out")
    };
    unused.into_iter().map(report).collect()
}

/// The results, in the order of the items.
fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(items.len()));
    let workers = thread::available_parallelism().map_or(1, usize::from).min(items.len());
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    let result = work(item);
                    if let Ok(mut results) = results.lock() {
                        results.push((index, result));
                    }
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// The pipelines that were asked for, and everything that speaks against going on with them.
pub(crate) struct Selection<'w> {
    /// Sorted by name, each name once.
    pub(crate) pipelines: Vec<Found<'w>>,
    /// Whether others were left out.
    pub(crate) partial: bool,
    pub(crate) reports: Vec<Report>,
    pub(crate) texts: Texts,
    /// Every pipeline that a program has, asked for or not.
    known: BTreeSet<String>,
    /// Whether every program has answered.
    is_complete: bool,
}

impl Selection<'_> {
    /// What pipewright.toml says of pipelines that there are not. Where a program has not answered, its pipelines are not known,
    /// and that was told.
    pub(crate) fn strays(&self, settings: &Settings) -> Vec<Report> {
        if !self.is_complete {
            return Vec::new();
        }
        let names = settings.pipelines.keys().filter(|name| !self.known.contains(*name));
        names
            .map(|name| {
                let report = unknown_pipeline(name, &self.known, true);
                report.place(settings.place(&format!("pipelines.{name}")))
            })
            .collect()
    }
}

impl<'w> Answers<'w> {
    /// Keeps the pipelines of these names, or all when there is none, with what is wrong with them.
    pub(crate) fn select(self, names: &[String], set: &[SetValue]) -> Selection<'w> {
        let Self { pipelines, mut reports, texts } = self;
        let known: BTreeSet<String> = pipelines.iter().map(|found| found.answer.name.clone()).collect();
        let asked = |name: &str| names.is_empty() || names.iter().any(|asked| asked == name);
        let is_complete = reports.is_empty();
        let unknown: BTreeSet<&String> = names.iter().filter(|name| !known.contains(*name)).collect();
        if !names.is_empty() && unknown.is_empty() {
            // What was asked for is here: the rest is worth saying, and no reason to stop.
            reports = reports.into_iter().map(Report::warning).collect();
        }
        reports.extend(unknown.iter().map(|name| unknown_pipeline(name, &known, is_complete)));
        reports.extend(set.iter().filter_map(|set| stray(set, &known, is_complete, asked(&set.pipeline))));

        let total = known.len();
        let mut selected: Vec<Found<'w>> = Vec::new();
        for found in pipelines.into_iter().filter(|found| asked(&found.answer.name)) {
            match selected.last() {
                Some(twin) if twin.answer.name == found.answer.name => reports.push(duplicate(twin, &found)),
                _ => selected.push(found),
            }
        }
        for Found { answer, .. } in &mut selected {
            let of_answer = answer.diagnostics.drain(..).map(|d| Report::new(d).of_pipeline(&answer.name));
            reports.extend(of_answer);
        }
        let partial = !names.is_empty() && (selected.len() < total || !is_complete);
        Selection { pipelines: selected, partial, reports, texts, known, is_complete }
    }
}

fn unknown_pipeline(name: &str, known: &BTreeSet<String>, is_complete: bool) -> Report {
    let report = Report::error("pipeline/unknown", format!("there is no pipeline {name:?}"));
    if !is_complete {
        return report.help("it may be one of those that could not be asked: see the other errors");
    }
    match closest(name, known.iter().map(String::as_str)) {
        Some(similar) => report.help(format!("did you mean {similar:?}?")),
        None => report.help("`cargo xtask list` names them all"),
    }
}

/// A value of the command line that nobody would read.
fn stray(set: &SetValue, known: &BTreeSet<String>, is_complete: bool, is_asked: bool) -> Option<Report> {
    let SetValue { pipeline, key, value } = set;
    let written = format!("--set {pipeline}.{key}={value}");
    if !known.contains(pipeline) {
        return Some(unknown_pipeline(pipeline, known, is_complete).value(written));
    }
    (!is_asked).then(|| {
        Report::error(
            "set/unused",
            format!("a value is set for pipeline {pipeline:?}, which is not asked for"),
        )
        .value(written)
        .help("leave it out, or name the pipeline")
    })
}

fn duplicate(one: &Found<'_>, two: &Found<'_>) -> Report {
    let name = &one.answer.name;
    let (one, two) = (&one.member.name, &two.member.name);
    let place = if one == two { format!("crate {one}") } else { format!("crates {one} and {two}") };
    Report::error("pipeline/duplicate", format!("pipeline {name:?} is there twice, in {place}"))
        .of_pipeline(name)
        .help("a pipeline's name is its identity in the account; rename one of them")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'w>(member: &'w Member, name: &str) -> Found<'w> {
        let answer = serde_json::from_value(serde_json::json!({"name": name})).unwrap();
        Found { member, answer }
    }

    fn set(pipeline: &str) -> SetValue {
        SetValue { pipeline: pipeline.into(), key: "k".into(), value: "v".into() }
    }

    #[track_caller]
    fn check(names: &[&str], sets: &[&str], broken: bool, expected: &[&str], partial: bool) {
        let member = |name: &str| Member { name: name.into(), folder: name.into(), id: name.into() };
        let (one, two) = (member("one"), member("two"));
        let answers = Answers {
            pipelines: vec![
                found(&one, "abalone"),
                found(&one, "example"),
                found(&two, "twice"),
                found(&one, "twice"),
            ],
            reports: if broken { vec![Report::error("build/failed", "broken")] } else { Vec::new() },
            texts: Texts::new(),
        };
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let sets: Vec<SetValue> = sets.iter().map(|name| set(name)).collect();
        let selection = answers.select(&names, &sets);
        let errors: Vec<_> =
            selection.reports.iter().filter(|report| report.is_error()).map(Report::message).collect();
        assert_eq!(errors, expected);
        assert_eq!(selection.partial, partial);
    }

    #[test]
    fn names_are_looked_up_and_every_mistake_is_told() {
        let twice = "pipeline \"twice\" is there twice, in crates two and one";
        check(&[], &[], false, &[twice], false);
        check(&["example"], &["example"], false, &[], true);
        check(&["exmaple"], &[], false, &["there is no pipeline \"exmaple\""], true);
        check(
            &["x", "y"],
            &["z"],
            false,
            &["there is no pipeline \"x\"", "there is no pipeline \"y\"", "there is no pipeline \"z\""],
            true,
        );
        check(
            &["abalone"],
            &["example"],
            false,
            &["a value is set for pipeline \"example\", which is not asked for"],
            true,
        );
        check(&["example"], &[], true, &[], true);
        check(&["x"], &[], true, &["broken", "there is no pipeline \"x\""], true);
        check(&[], &[], true, &["broken", twice], false);
    }

    #[test]
    fn results_keep_the_order_of_the_items() {
        let items: Vec<usize> = (0..100).collect();
        assert_eq!(in_parallel(&items, |n| n * 2), items.iter().map(|n| n * 2).collect::<Vec<_>>());
        assert!(in_parallel(&[] as &[u8], |n| *n).is_empty());
    }
}
