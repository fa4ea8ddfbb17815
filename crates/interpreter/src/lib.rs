//! Evaluates a SageMaker pipeline definition: what each step's arguments are, which branch is taken, what runs when.
//!
//! Any definition in SageMaker's language will do, whoever wrote it. The interpreter knows nothing of processes, files or
//! services: a [`Runner`] does a step's work, [`Files`] reads what conditions ask for, and a [`Clock`] says what time it is.

pub mod definition;
pub mod drive;
pub mod evaluate;
pub mod event;
pub mod execution;
pub mod job;
pub mod location;
pub mod problem;
pub mod record;
pub mod scripted;

pub use definition::Definition;
pub use drive::{Hands, drive};
pub use evaluate::{EvaluationError, Scope};
pub use event::{Event, What};
pub use execution::{Earlier, Execution, Hit, Status};
pub use job::{Clock, Control, Failure, Files, Job, Outcome, Runner, Start, Stop, Success};
pub use location::S3Uri;
pub use problem::{Problem, Problems};
