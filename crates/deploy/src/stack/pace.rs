//! [`Pace`]: how often CloudFormation is asked, and for how long.

use std::time::Duration;

/// How often CloudFormation is asked, and for how long. Tests make everything shorter.
#[derive(Clone, Debug)]
pub struct Pace {
    /// The pause after the first look at something that takes its time.
    pub first: Duration,
    /// The longest pause; each is longer than the one before, up to this.
    pub longest: Duration,
    /// How long requests that fail for a while (throttled, no network) are repeated before that counts.
    pub patience: Duration,
    /// How long somebody else's operation is waited for.
    pub busy: Duration,
    /// How long a change set may take until it is made.
    pub change_set: Duration,
    /// How long after the beginning of an operation a stack may still look as before. Reads may be late.
    pub stale: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            longest: Duration::from_secs(5),
            patience: Duration::from_mins(5),
            busy: Duration::from_hours(1),
            change_set: Duration::from_mins(15),
            stale: Duration::from_mins(1),
        }
    }
}

impl Pace {
    /// Everything in milliseconds: for a CloudFormation on this machine.
    pub fn quick() -> Self {
        Self {
            first: Duration::from_millis(2),
            longest: Duration::from_millis(20),
            patience: Duration::from_secs(2),
            busy: Duration::from_secs(2),
            change_set: Duration::from_secs(5),
            stale: Duration::from_millis(300),
        }
    }

    /// The pauses, one after the other.
    pub(crate) fn pauses(&self) -> Pauses {
        Pauses { next: self.first, first: self.first, longest: self.longest }
    }

    /// The pauses while a change set is made, which takes seconds rather than minutes.
    pub(crate) fn short_pauses(&self) -> Pauses {
        let longest = (self.longest * 2) / 5;
        Pauses { next: (self.first * 2) / 5, first: self.first, longest: longest.max(self.first) }
    }
}

/// Pauses that grow.
#[derive(Clone, Debug)]
pub(crate) struct Pauses {
    next: Duration,
    first: Duration,
    longest: Duration,
}

impl Pauses {
    /// The next pause.
    pub(crate) fn next(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 13 / 10).min(self.longest);
        pause
    }

    /// Short again: something happens.
    pub(crate) fn restart(&mut self) {
        self.next = self.first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_longest() {
        let mut pauses = Pace::default().pauses();
        let all: Vec<u128> = (0..12).map(|_| pauses.next().as_millis()).collect();
        assert_eq!(all[0], 500);
        assert_eq!(all[1], 650);
        assert!(all.windows(2).all(|two| two[0] <= two[1]), "{all:?}");
        assert_eq!(all[11], 5000);
        pauses.restart();
        assert_eq!(pauses.next().as_millis(), 500);
        assert_eq!(Pace::default().short_pauses().next().as_millis(), 200);
    }
}
