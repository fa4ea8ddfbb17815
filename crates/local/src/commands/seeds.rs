//! What is in S3 before a run begins: the pipeline's code, the files of `local/data`, and what the seeds of `local/run.toml` make.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use pipewright_assembly::{Assembly, PipelineRecord};
use pipewright_interpreter::{Control, Stop};

use crate::launch::{Exit, Launcher, Task};
use crate::settings::Seed;
use crate::show::screen::Screen;
use crate::site::Site;
use crate::store::seed;

/// How many lines of a failed program's log are shown: the last.
const TAIL: usize = 20;

/// What is needed to fill the store.
pub(super) struct Seeding<'s> {
    pub(super) assembly: Option<&'s (Assembly, PipelineRecord)>,
    /// What runs the programs of seeds: over this machine's Python, whatever runs the steps.
    pub(super) host: &'s dyn Launcher,
    pub(super) stop: &'s Stop,
    pub(super) screen: &'s Screen,
}

impl Seeding<'_> {
    /// Fills the store. What is there unchanged is not written again.
    pub(super) fn seed(&self, site: &Site) -> Result<()> {
        let store = site.store.as_ref();
        if let Some((assembly, record)) = self.assembly {
            let bucket = &assembly.marker().target.source_bucket;
            seed::assets(store, assembly, record, bucket)?;
        }
        let Some(local) = &site.local else { return Ok(()) };
        seed::data_folder(store, &site.root, &local.join("data"))?;
        for made in &site.settings.seeds {
            let inputs = seed::inputs_of(&made.run, local)?;
            let make = |to: &Path| self.make(site, local, made, to).map_err(|error| format!("{error:#}"));
            seed::put_generated(store, &site.root, &made.to, &inputs, make)
                .with_context(|| format!("the seed of {} can't be made", made.to))?;
        }
        Ok(())
    }

    /// Runs a seed's program in the folder `local`; its standard output is the object.
    fn make(&self, site: &Site, local: &Path, seed: &Seed, to: &Path) -> Result<()> {
        let command = seed.run.join(" ");
        self.screen.say(&format!("making {}: {command}", seed.to));
        let log = site.run.join("seeds.txt");
        let task = Task {
            name: "seed".to_owned(),
            entrypoint: seed.run.clone(),
            working_directory: local.display().to_string(),
            environment: BTreeMap::from([("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned())]),
            output: Some(to.to_owned()),
            log: log.clone(),
            ..Task::default()
        };
        let line = |_: &str| {};
        match self.host.run(&task, &Control::new(self.stop, &line))? {
            Exit::Code(0) => Ok(()),
            Exit::Stopped => bail!("stopped"),
            exit => {
                let text = std::fs::read_to_string(&log).unwrap_or_default();
                let lines: Vec<&str> = text.lines().collect();
                let how = match exit {
                    Exit::Code(code) => format!("ended with status {code}"),
                    Exit::Signal(signal) => format!("was ended by signal {signal}"),
                    Exit::OutOfMemory => "ran out of memory".to_owned(),
                    Exit::TimedOut | Exit::Stopped => "was ended".to_owned(),
                };
                bail!("{command} {how}:\n{}", lines[lines.len().saturating_sub(TAIL)..].join("\n"))
            }
        }
    }
}
