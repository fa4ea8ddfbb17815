//! What a template's check found, as a problem of the stack.

use pipewright_cloudformation::{Problem as Found, Severity as Weight};
use pipewright_model::{Problem, Severity};

/// The problem, told of `path` instead of the logical id.
pub(crate) fn at(path: &str, found: &Found) -> Problem {
    Problem {
        severity: match found.severity() {
            Weight::Error => Severity::Error,
            Weight::Warning => Severity::Warning,
        },
        value: found.value(),
        limit: found.limit(),
        ..Problem::error(found.code(), path, found.to_string())
    }
}
