//! Deploying against a scripted CloudFormation: every state, every fault, every race.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on fails, and says where")]

mod faults;
mod interrupts;
mod plans;
mod races;
mod scene;
mod stacks;
mod states;
