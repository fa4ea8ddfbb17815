//! The real program, started as a process, against servers on this machine: from nothing to everything, killed, disturbed,
//! interrupted, and two at a time.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on fails, and says where")]

mod asked;
mod run;
mod scene;

mod approval;
mod faults;
mod first;
mod interrupt;
mod kill;
mod plans;
mod real;
mod terminal;
mod two;
mod words;
