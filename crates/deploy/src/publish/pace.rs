//! How many requests at once, and how long a failure is put up with.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// How patient publishing is. Tests are less so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How long nothing may succeed before publishing gives up.
    pub patience: Duration,
    /// The wait after a first failure; each further one waits twice as long.
    pub first_wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
    /// How long a request may stand still: nothing is taken by the server, and nothing comes from it.
    pub stall: Duration,
    /// The requests at once to begin with.
    pub requests: usize,
    /// The most requests at once.
    pub most_requests: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            patience: Duration::from_mins(3),
            first_wait: Duration::from_millis(200),
            longest_wait: Duration::from_secs(10),
            stall: Duration::from_mins(1),
            requests: 16,
            most_requests: 48,
        }
    }
}

impl Pace {
    /// The wait after so many failures in a row, of which the first is 0; `spread`, 0 to 1, keeps requests that failed
    /// together from coming back together.
    pub(super) fn wait(&self, failures: u32, spread: f64) -> Duration {
        let longest = self.first_wait.saturating_mul(1 << failures.min(16)).min(self.longest_wait);
        longest.mul_f64(0.5 + spread.clamp(0.0, 1.0) / 2.0)
    }
}

/// Lets so many requests through at once: one more for each round that went well, half when the service asks for fewer.
#[derive(Debug)]
pub(super) struct Gate {
    state: Mutex<State>,
    freed: Notify,
    most: f64,
    /// Requests that were sent together are refused together: that counts once.
    round: Duration,
}

#[derive(Debug)]
struct State {
    limit: f64,
    inside: usize,
    cut: Option<Instant>,
    last_success: Instant,
}

/// A request that was let through.
#[derive(Debug)]
pub(super) struct Entry<'g>(&'g Gate);

impl Gate {
    #[expect(clippy::cast_precision_loss, reason = "tens of requests")]
    pub(super) fn new(pace: &Pace) -> Self {
        let state =
            State { limit: pace.requests.max(1) as f64, inside: 0, cut: None, last_success: Instant::now() };
        Self {
            state: Mutex::new(state),
            freed: Notify::new(),
            most: pace.most_requests.max(1) as f64,
            round: pace.first_wait.saturating_mul(2),
        }
    }

    /// Waits until there is room.
    pub(super) async fn enter(&self) -> Entry<'_> {
        loop {
            let freed = self.freed.notified();
            {
                let mut state = self.state();
                #[expect(clippy::cast_precision_loss, reason = "tens of requests")]
                if (state.inside as f64) < state.limit.floor() {
                    state.inside += 1;
                    return Entry(self);
                }
            }
            freed.await;
        }
    }

    /// A request went well.
    pub(super) fn went_well(&self) {
        let mut state = self.state();
        state.last_success = Instant::now();
        state.limit = (state.limit + 1.0 / state.limit).min(self.most);
    }

    /// The service asks for fewer requests.
    pub(super) fn slow_down(&self) {
        let mut state = self.state();
        let now = Instant::now();
        if state.cut.is_none_or(|cut| now.duration_since(cut) >= self.round) {
            state.cut = Some(now);
            state.limit = (state.limit / 2.0).max(1.0);
        }
    }

    /// How long ago a request went well, or all began.
    pub(super) fn since_success(&self) -> Duration {
        self.state().last_success.elapsed()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.0.state().inside -= 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_limit() {
        let pace = Pace::default();
        for (failures, spread, milliseconds) in
            [(0, 1.0, 200), (0, 0.0, 100), (1, 1.0, 400), (3, 1.0, 1600), (6, 1.0, 10_000), (90, 0.0, 5_000)]
        {
            assert_eq!(pace.wait(failures, spread), Duration::from_millis(milliseconds), "{failures}");
        }
    }

    #[tokio::test]
    async fn the_gate_halves_once_a_round_and_grows_by_one_a_round() {
        let gate = Gate::new(&Pace { requests: 8, most_requests: 9, ..Pace::default() });
        let mut inside = Vec::new();
        for _ in 0..8 {
            inside.push(gate.enter().await);
        }
        let soon = tokio::time::timeout(Duration::from_millis(20), gate.enter()).await;
        assert!(soon.is_err());
        for _ in 0..8 {
            gate.slow_down();
        }
        assert!((gate.state().limit - 4.0).abs() < 0.01);
        inside.truncate(4);
        assert!(tokio::time::timeout(Duration::from_millis(20), gate.enter()).await.is_err());
        drop(inside);
        for _ in 0..4 {
            gate.went_well();
        }
        let limit = gate.state().limit;
        assert!(limit > 4.8 && limit <= 5.0, "{limit}");
        for _ in 0..1000 {
            gate.went_well();
        }
        assert!((gate.state().limit - 9.0).abs() < 0.01);
    }
}
