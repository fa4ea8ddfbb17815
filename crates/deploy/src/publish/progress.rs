//! Counts what is done, and tells it now and then.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::watch::{Transfer, Watch};

/// A person sees no more than ten steps a second.
const INTERVAL: Duration = Duration::from_millis(100);

/// How far the files of one stack are.
pub(super) struct Progress<'w> {
    stack: &'w str,
    watch: &'w dyn Watch,
    state: Mutex<(Transfer, Option<Instant>)>,
}

impl<'w> Progress<'w> {
    pub(super) fn new(stack: &'w str, watch: &'w dyn Watch) -> Self {
        Self { stack, watch, state: Mutex::default() }
    }

    /// Changes the figures, and tells them if that has not just been done.
    pub(super) fn add(&self, change: impl FnOnce(&mut Transfer)) {
        let told = {
            let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            change(&mut state.0);
            let now = Instant::now();
            let due = state.1.is_none_or(|last| now.duration_since(last) >= INTERVAL);
            if due {
                state.1 = Some(now);
            }
            due.then_some(state.0)
        };
        if let Some(transfer) = told {
            self.watch.transfer(self.stack, transfer);
        }
    }

    /// Tells the figures as they are now.
    pub(super) fn tell(&self) -> Transfer {
        let transfer = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner).0;
        self.watch.transfer(self.stack, transfer);
        transfer
    }

    pub(super) fn note(&self, text: &str) {
        self.watch.note(self.stack, text);
    }
}
