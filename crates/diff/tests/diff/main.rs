//! Templates that differ, and what is said of them.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]
#![allow(clippy::needless_pass_by_value, reason = "tables of cases read better without references")]

mod broadening;
mod definitions;
mod hostile;
mod real;
mod templates;
