//! One stack: what it is now, what is to be done about that, and doing it.
//!
//! [`prepare`] looks at a stack, gets it out of what an earlier failure left and makes a change set; [`execute`] executes
//! that and follows it; [`attach`] follows what somebody else began. Killed at any moment and run again, they reach the same
//! end: nothing is kept but in CloudFormation, where change sets are found again by names made of their content. What is
//! nobody's here, such as another's change set, is never touched.

mod attach;
mod change_set;
mod cloud;
mod compare;
mod decide;
mod described;
mod events;
mod execute;
mod follow;
mod observe;
mod pace;
mod prepare;
mod recover;
mod types;
mod validation;
mod verify;

pub use attach::{Attached, attach};
pub use cloud::Cloud;
pub use compare::{BODY_LIMIT, S3_LIMIT, has_open_references, same_template, sha256};
pub use decide::{Busy, Next, decide};
pub use execute::{Executed, execute};
pub use observe::{observe, template};
pub use pace::Pace;
pub use prepare::{Ready, Wanted, Way, prepare};
pub use recover::delete;
pub use types::{Change, ChangeDetail, Event, Failure, Prepared, StackState};
pub use verify::verify;
