//! How often CloudFormation is asked: at the pace that suits AWS, unless a test says otherwise.

use std::time::Duration;

use pipewright_deploy::error::{Error, Kind, Result};
use pipewright_deploy::stack::Pace;

/// The first pause in milliseconds; every other time of [`Pace`] shrinks or grows with it. For tests, whose CloudFormation is
/// on this machine and done in no time: no help mentions it.
const VARIABLE: &str = "PIPEWRIGHT_PACE_MS";

/// The longest first pause that makes sense.
const LONGEST: u32 = 60_000;

/// The pace of this run.
///
/// # Errors
/// [`Kind::Usage`] when the variable holds something else than a number of milliseconds.
pub(super) fn pace() -> Result<Pace> {
    match std::env::var(VARIABLE) {
        Ok(text) => of(&text),
        Err(_) => Ok(Pace::default()),
    }
}

fn of(text: &str) -> Result<Pace> {
    let first = text.parse::<u32>().ok().filter(|first| (1..=LONGEST).contains(first));
    let Some(first) = first else {
        let message = format!("{VARIABLE} is {text:?}, and takes milliseconds from 1 to {LONGEST}");
        return Err(Error::new(Kind::Usage, message).hint(format!("unset {VARIABLE}: it is for tests")));
    };
    let usual = Pace::default();
    let first = Duration::from_millis(first.into());
    let factor = first.div_duration_f64(usual.first);
    Ok(Pace {
        first,
        longest: usual.longest.mul_f64(factor),
        patience: usual.patience.mul_f64(factor),
        busy: usual.busy.mul_f64(factor),
        change_set: usual.change_set.mul_f64(factor),
        stale: usual.stale.mul_f64(factor),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_times_keep_their_proportions() {
        let pace = of("5").unwrap();
        assert_eq!(pace.first, Duration::from_millis(5));
        assert_eq!(pace.longest, Duration::from_millis(50));
        assert_eq!(pace.patience, Duration::from_secs(3));
        assert_eq!(pace.stale, Duration::from_millis(600));
        let usual = of("500").unwrap();
        assert_eq!((usual.busy, usual.change_set), (Pace::default().busy, Pace::default().change_set));
    }

    #[test]
    fn anything_else_is_a_mistake() {
        for text in ["", "0", "-1", "fast", "60001", "99999999999"] {
            assert_eq!(of(text).unwrap_err().kind, Kind::Usage, "{text:?}");
        }
    }
}
