//! How a process ended, in SageMaker's words.

use std::time::Duration;

use super::Trouble;
use crate::launch::Exit;

/// The longest `FailureReason`, in characters.
pub(crate) const LONGEST: usize = 1024;

/// What an exit means for a job. `limit` is what `MaxRuntimeInSeconds` said; `told` is what the process itself said of its failure,
/// or stands for it.
///
/// # Errors
/// The reason of the failure, as `FailureReason` has it: `AlgorithmError: TOLD, exit code: N`, at most 1,024 characters, of which
/// the exit code is never cut off.
pub fn of(exit: Exit, limit: Option<Duration>, told: impl FnOnce(i32) -> String) -> Result<(), Trouble> {
    let code = match exit {
        Exit::Code(0) => return Ok(()),
        Exit::Code(code) => code,
        // As a shell and a container engine count.
        Exit::Signal(signal) => 128 + signal,
        Exit::OutOfMemory => {
            return Err(Trouble::Failed(
                "ClientError: it was ended because it needed more memory than there is; give it less data at a time".to_owned(),
            ));
        }
        Exit::Stopped => return Err(Trouble::Stopped),
        Exit::TimedOut => {
            let seconds = limit.unwrap_or_default().as_secs();
            return Err(Trouble::Failed(format!(
                "ClientError: it ran longer than StoppingCondition.MaxRuntimeInSeconds ({seconds}) and was ended"
            )));
        }
    };
    let suffix = format!(", exit code: {code}");
    let text = format!("AlgorithmError: {}", told(code));
    let room = LONGEST - suffix.chars().count();
    Err(Trouble::Failed(text.chars().take(room).collect::<String>() + &suffix))
}

/// A text that a process left in a file: at most so many characters, without white space at its ends.
pub(crate) fn text(content: &[u8], at_most: usize) -> String {
    String::from_utf8_lossy(content).trim().chars().take(at_most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(exit: Exit, told: &str, expected: &Result<(), Trouble>) {
        let limit = Some(Duration::from_mins(1));
        assert_eq!(&of(exit, limit, |_| told.to_owned()), expected, "{exit:?}");
    }

    fn failed(reason: &str) -> Result<(), Trouble> {
        Err(Trouble::Failed(reason.to_owned()))
    }

    #[test]
    fn an_exit_becomes_a_reason() {
        check(Exit::Code(0), "x", &Ok(()));
        check(Exit::Code(1), "", &failed("AlgorithmError: , exit code: 1"));
        check(Exit::Code(3), "no data", &failed("AlgorithmError: no data, exit code: 3"));
        check(Exit::Signal(9), "", &failed("AlgorithmError: , exit code: 137"));
        check(Exit::Stopped, "", &Err(Trouble::Stopped));
        check(
            Exit::TimedOut,
            "",
            &failed(
                "ClientError: it ran longer than StoppingCondition.MaxRuntimeInSeconds (60) and was ended",
            ),
        );
    }

    #[test]
    fn a_long_reason_keeps_its_exit_code() {
        let Err(Trouble::Failed(reason)) = of(Exit::Code(2), None, |_| "é".repeat(5000)) else {
            panic!("it failed");
        };
        assert_eq!(reason.chars().count(), LONGEST);
        assert!(reason.ends_with("é, exit code: 2"));
    }
}
