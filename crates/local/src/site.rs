//! What a run has at hand, wherever its steps run.

use std::path::PathBuf;
use std::sync::Arc;

use crate::launch::Launcher;
use crate::settings::Settings;
use crate::store::Store;

/// What every step's work needs to know. Made once for a run.
#[derive(Clone)]
pub struct Site {
    /// The folder of everything local: `target/local`.
    pub root: PathBuf,
    /// The run's own folder: `target/local/runs/ID`.
    pub run: PathBuf,
    /// The pipeline crate's folder `local/`, where there is one.
    pub local: Option<PathBuf>,
    /// S3.
    pub store: Arc<dyn Store>,
    /// What starts processes.
    pub launcher: Arc<dyn Launcher>,
    /// What `local/run.toml` says.
    pub settings: Arc<Settings>,
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("root", &self.root).field("run", &self.run).finish_non_exhaustive()
    }
}
