//! The arguments of the commands that are programs of their own.
//!
//! They are a room of their own so that `cargo xtask` can check them, and show their help, without compiling what
//! does the work; the programs that do (`pipewright-deploy`, `pipewright-remote`, `pipewright-local`) read the same structs
//! again. This crate does nothing else.

mod arguments;
mod local;
mod lookup;

pub use arguments::{
    Approval, DeployArgs, DestroyArgs, DiffArgs, DoctorArgs, GcArgs, Interrupt, LookupArgs, PlanArgs,
    Progress, Target,
};
pub use local::{LogsArgs, RegistryArgs, RerunArgs, ResumeArgs, RunArgs, RunnerKind, Running, RunsArgs};
pub use lookup::{FindVpcArgs, FoundSubnet, FoundVpc, VpcQuery};
