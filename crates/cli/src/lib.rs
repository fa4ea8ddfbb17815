//! The arguments of the commands that talk to AWS.
//!
//! They are a room of their own so that `cargo xtask` can check them, and show their help, without compiling what
//! talks to AWS; the programs that do (`pipewright-deploy`, `pipewright-remote`) read the same structs again. This crate
//! does nothing else.

mod arguments;
mod lookup;

pub use arguments::{
    Approval, DeployArgs, DestroyArgs, DiffArgs, DoctorArgs, GcArgs, Interrupt, LookupArgs, PlanArgs,
    Progress, Target,
};
pub use lookup::{FindVpcArgs, FoundSubnet, FoundVpc, VpcQuery};
