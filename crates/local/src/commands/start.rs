//! `run`, `resume` and `rerun`: what is run, with what, and where its results go.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use jiff::Timestamp;
use pipewright_cli::{RerunArgs, ResumeArgs, RunArgs, RunnerKind, Running};
use pipewright_interpreter::{Control, Definition, Execution, Start, Stop};
use serde_json::Value;

use super::Here;
use super::go::{Going, go, images, obey_signals};
use super::seeds::Seeding;
use super::source::{self, Source};
use crate::launch::{self, Chosen, Kind, Launcher, Means, Process, Supervisor};
use crate::python;
use crate::runs::{Origin, Results, Run, Runs};
use crate::settings::Settings;
use crate::show::screen::Screen;
use crate::site::Site;
use crate::store::Store;
use crate::store::endpoint::Endpoint;
use crate::store::folder::Folder;
use crate::work;

/// `run`: a new run of a pipeline or of a definition in a file.
///
/// # Errors
/// Where it can't begin; how it ended is the exit status.
pub fn run(here: &Here, assembly: Option<&Path>, args: &RunArgs) -> Result<ExitCode> {
    let source = match (&args.definition, assembly, &args.pipeline) {
        (Some(file), ..) => source::of_file(file)?,
        (None, Some(assembly), Some(pipeline)) => source::of_assembly(assembly, pipeline)?,
        _ => bail!("there is nothing to run: name a pipeline and its assembly, or --definition FILE"),
    };
    let local = existing(args.local.as_deref(), args.local.is_some() && args.definition.is_some())?;
    let settings = settings(local.as_deref())?;
    let mut parameters: BTreeMap<String, Value> = settings.parameters.clone();
    parameters.extend(args.parameters.iter().map(|(name, value)| (name.clone(), value.as_str().into())));
    let runs = Runs::new(&here.root);
    let from = match (&args.from, args.only.is_empty()) {
        (Some(which), _) => Some(runs.find(which)?.id().to_owned()),
        (None, false) => Some(last_success(&runs, &source.pipeline)?),
        (None, true) => None,
    };
    let start = Start {
        pipeline: source.pipeline.clone(),
        account: source.account.clone(),
        region: source.region.clone(),
        parameters,
        parallelism: args.running.parallelism.or(source.parallelism),
        selected: args.only.clone(),
        source: from.clone(),
        use_cache: !args.running.no_cache,
        ..Start::default()
    };
    let origin = Origin {
        start,
        definition: source.told.clone(),
        environment: source.environment.clone(),
        s3: args.running.s3.clone(),
        local,
        source: from,
        ..Origin::default()
    };
    begin(here, &args.running, &runs, origin, &source, settings)
}

/// `rerun`: a new run of what an earlier one ran.
///
/// # Errors
/// As [`run`].
pub fn rerun(here: &Here, args: &RerunArgs) -> Result<ExitCode> {
    let runs = Runs::new(&here.root);
    let folder = runs.find(&args.run)?;
    let id = folder.id().to_owned();
    let before = folder.origin()?;
    let text = folder.definition()?;
    let source = Source {
        pipeline: before.start.pipeline.clone(),
        definition: source::parse(&text, &format!("the definition of run {id}"))?,
        text,
        told: before.definition.clone(),
        environment: before.environment.clone(),
        account: before.start.account.clone(),
        region: before.start.region.clone(),
        parallelism: before.start.parallelism,
        assembly: None,
    };
    let start = Start {
        execution_id: String::new(),
        parallelism: args.running.parallelism.or(before.start.parallelism),
        selected: Vec::new(),
        from: args.from.clone(),
        source: args.from.is_some().then(|| id.clone()),
        // Without a step to begin at, all are to run again.
        use_cache: !args.running.no_cache && args.from.is_some(),
        ..before.start.clone()
    };
    let s3 = args.running.s3.clone().or(before.s3.clone());
    let settings = settings(before.local.as_deref())?;
    let origin = Origin { start, s3, source: Some(id), ..before };
    begin(here, &args.running, &runs, origin, &source, settings)
}

/// `resume`: goes on with a run.
///
/// # Errors
/// As [`run`].
pub fn resume(here: &Here, args: &ResumeArgs) -> Result<ExitCode> {
    let screen = Screen::stderr(args.running.progress);
    let stop = obey_signals(&screen)?;
    let run = Runs::new(&here.root).resume(&args.run)?;
    let mut origin = run.origin()?;
    let journal = run.journal()?;
    let definition = source::parse(&run.definition()?, &format!("the definition of run {}", run.id()))?;
    if journal.is_torn {
        screen.say("the last line of the journal was cut off: what it told did not count");
    }
    origin.s3 = args.running.s3.clone().or(origin.s3);
    let store = store(here, origin.s3.as_deref())?;
    let settings = settings(origin.local.as_deref())?;
    let earlier = Results::new(Runs::new(&here.root), Arc::clone(&store));
    let start = Start {
        parallelism: args.running.parallelism.or(origin.start.parallelism),
        use_cache: origin.start.use_cache && !args.running.no_cache,
        ..origin.start.clone()
    };
    let execution =
        Execution::replay(Arc::clone(&definition), start, &journal.events, &earlier, true, Timestamp::now());
    let execution =
        execution.map_err(|problems| anyhow::anyhow!("run {} can't go on:\n{problems}", run.id()))?;
    ensure!(
        !execution.status().is_over(),
        "run {} has {}: `cargo xtask rerun {0}` runs it again",
        run.id(),
        execution.status().name().to_lowercase()
    );
    let ready = Ready { here, running: &args.running, screen: &screen, stop: &stop };
    let place = ready.place(&run, &definition, store, origin.local.as_deref(), settings)?;
    complete(&place, execution.definition(), execution.start())
        .with_context(|| format!("run {} can't go on", run.id()))?;
    let (site, host) = ready.furnish(place)?;
    let json = args.running.json;
    go(Going { run, execution, events: journal.events, site, host, earlier, stop, screen, json })
}

/// Begins a new run.
fn begin(
    here: &Here,
    running: &Running,
    runs: &Runs,
    mut origin: Origin,
    source: &Source,
    settings: Settings,
) -> Result<ExitCode> {
    let screen = Screen::stderr(running.progress);
    let stop = obey_signals(&screen)?;
    let store = store(here, origin.s3.as_deref())?;
    let earlier = Results::new(runs.clone(), Arc::clone(&store));
    // What can be told before anything is made is told now.
    let check =
        Execution::new(Arc::clone(&source.definition), origin.start.clone(), &earlier, Timestamp::now());
    check.map_err(|problems| anyhow::anyhow!("{} can't be run:\n{problems}", source.told))?;

    let run = runs.create()?;
    run.id().clone_into(&mut origin.start.execution_id);
    let ready = Ready { here, running, screen: &screen, stop: &stop };
    match ready.prepare(&run, &mut origin, source, store, settings, &earlier) {
        Ok((execution, site, host)) => {
            screen.say(&format!("run {}: {}", run.id(), source.told));
            let json = running.json;
            go(Going { run, execution, events: Vec::new(), site, host, earlier, stop, screen, json })
        }
        Err(error) => {
            // Nothing has happened in it: it is no run.
            let id = run.id().to_owned();
            drop(run);
            let _ = runs.remove(&id);
            Err(error)
        }
    }
}

/// What preparations share.
struct Ready<'r> {
    here: &'r Here,
    running: &'r Running,
    screen: &'r Screen,
    stop: &'r Stop,
}

/// A site whose processes lack their Python yet: it is made when nothing else speaks against the run.
struct Place {
    site: Site,
    chosen: Chosen,
    supervisor: Supervisor,
}

impl Ready<'_> {
    fn prepare(
        &self,
        run: &Run,
        origin: &mut Origin,
        source: &Source,
        store: Arc<dyn Store>,
        settings: Settings,
        earlier: &Results,
    ) -> Result<(Execution, Site, Arc<dyn Launcher>)> {
        let place = self.place(run, &source.definition, store, origin.local.as_deref(), settings)?;
        let execution =
            Execution::new(Arc::clone(&source.definition), origin.start.clone(), earlier, Timestamp::now());
        let execution = execution.map_err(|problems| anyhow::anyhow!("{problems}"))?;
        complete(&place, &source.definition, &origin.start)
            .with_context(|| format!("{} can't be run", source.told))?;
        origin.runner = place.chosen.kind().to_string();
        run.write_origin(origin)?;
        run.write_definition(&source.text)?;
        let (site, host) = self.furnish(place)?;
        let assembly = source.assembly.as_ref();
        let seeding = Seeding { assembly, host: host.as_ref(), stop: self.stop, screen: self.screen };
        seeding.seed(&site)?;
        Ok((execution, site, host))
    }

    /// The site of a run, with the runner that there is.
    fn place(
        &self,
        run: &Run,
        definition: &Definition,
        store: Arc<dyn Store>,
        local: Option<&Path>,
        settings: Settings,
    ) -> Result<Place> {
        let supervisor = Supervisor::new(std::env::current_exe().context("can't find this program")?);
        let means = Means {
            supervisor: supervisor.clone(),
            container: self.here.engine.clone(),
            run: run.id().to_owned(),
            images: images(definition),
        };
        let wanted = match self.running.runner {
            RunnerKind::Auto => None,
            RunnerKind::Container => Some(Kind::Container),
            RunnerKind::Bubblewrap => Some(Kind::Bubblewrap),
            RunnerKind::Process => Some(Kind::Process),
        };
        let chosen = launch::choose(wanted, &means, &|text| self.screen.say(text))?;
        let site = Site {
            root: absolute(&self.here.root)?,
            run: absolute(run.path())?,
            local: local.map(absolute).transpose()?,
            store,
            launcher: chosen.clone().launcher(None),
            settings: Arc::new(settings),
        };
        Ok(Place { site, chosen, supervisor })
    }

    /// Gives the site its Python, and says what runs stand-ins and seeds: this machine's Python, also where steps have containers.
    fn furnish(&self, place: Place) -> Result<(Site, Arc<dyn Launcher>)> {
        let Place { mut site, chosen, supervisor } = place;
        let Settings { seeds, steps, types, .. } = site.settings.as_ref();
        if !chosen.needs_python() && seeds.is_empty() && steps.is_empty() && types.is_empty() {
            let host = Arc::new(Process::new(supervisor, None));
            return Ok((site, host));
        }
        let requirements = site.local.as_ref().map(|local| local.join("requirements.txt"));
        let requirements = requirements.filter(|file| file.is_file());
        // What pip says besides is in its own log, and in the error where there is one.
        let line = |text: &str| {
            if text.starts_with("installing ") || text.starts_with("waiting ") {
                self.screen.say(text);
            }
        };
        let control = Control::new(self.stop, &line);
        let python = python::environment(&site.root, requirements.as_deref(), &supervisor, &control)?;
        let host: Arc<dyn Launcher> = Arc::new(Process::new(supervisor, Some(python.clone())));
        if chosen.needs_python() {
            site.launcher = chosen.launcher(Some(python));
        }
        Ok((site, host))
    }
}

/// Nothing that steps need is missing; all of it is told.
fn complete(place: &Place, definition: &Definition, start: &Start) -> Result<()> {
    let Site { settings, local, .. } = &place.site;
    let missing = work::missing(definition, settings, start, local.as_deref(), Some(place.chosen.kind()));
    ensure!(missing.is_empty(), "{}", missing.join("\n"));
    Ok(())
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("can't find {}", path.display()))
}

/// The folder, where there is one. One that was asked for by hand has to be there.
fn existing(local: Option<&Path>, must_exist: bool) -> Result<Option<PathBuf>> {
    let Some(local) = local else { return Ok(None) };
    if local.is_dir() {
        return absolute(local).map(Some);
    }
    ensure!(!must_exist, "--local {}: there is no such folder", local.display());
    Ok(None)
}

fn settings(local: Option<&Path>) -> Result<Settings> {
    Ok(local.map(Settings::load).transpose()?.unwrap_or_default())
}

fn store(here: &Here, endpoint: Option<&str>) -> Result<Arc<dyn Store>> {
    Ok(match endpoint {
        Some(url) => Arc::new(Endpoint::new(url, &|name| std::env::var(name).ok())?),
        None => Arc::new(Folder::new(absolute(&here.root)?.join("s3"))?),
    })
}

/// The newest run of the pipeline that succeeded.
fn last_success(runs: &Runs, pipeline: &str) -> Result<String> {
    let listing = runs.list()?;
    let found = listing.runs.iter().find(|run| run.pipeline == pipeline && run.status == "Succeeded");
    found.map(|run| run.id.clone()).with_context(|| {
        format!("--only takes what steps read of others from an earlier run, and no run of {pipeline} has succeeded; run it once, or name a run with --from")
    })
}
