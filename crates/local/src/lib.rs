//! Runs pipelines on this machine, without an account: steps as processes or containers, a folder as S3, a registry.
//!
//! [`site::Site`] is what a run has at hand. [`work`] does a step by its type: [`jobs`] run scripts and models under a real
//! `/opt/ml`, [`records`] are what a service would only write down, [`stand_in`]s take the place of everything else.
//! [`launch`] starts the processes, [`store`] is S3, [`runs`] keeps what happened, [`show`] tells it.

pub mod aside;
pub mod builtin;
pub mod commands;
pub mod escape;
pub mod jobs;
pub mod launch;
pub mod python;
pub mod records;
pub mod registry;
pub mod runs;
pub mod settings;
pub mod show;
pub mod site;
pub mod stand_in;
pub mod store;
pub mod work;
