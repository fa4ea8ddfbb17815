//! Steps done by real programs: stand-ins, inference scripts, and the built-in XGBoost.
//!
//! Needs Python 3: `PIPEWRIGHT_PYTHON`, or `python3` in `PATH`. XGBoost is only tried where `PIPEWRIGHT_LOCAL_PYTHON` names an
//! interpreter that has the packages of `pipelines/abalone/local/requirements.txt`.
#![cfg(target_os = "linux")]
#![allow(
    clippy::needless_pass_by_value,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests are read more than run, say why they are skipped, and may fail where they stand"
)]

mod scene;
mod scripts;
mod stand_ins;
mod xgboost;
