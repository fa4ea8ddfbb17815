//! Runs an execution to its end: a thread for every step that runs.
//!
//! One thread, the caller's, decides, tells events and waits; what it tells is told before what it says is done. The others run one step
//! each and hold nothing else.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, Scope};
use std::time::Duration;

use crate::execution::{Action, Execution, Status, Surroundings};
use crate::{Clock, Control, Earlier, Event, Failure, Files, Job, Outcome, Runner, Stop};

/// How many steps run at once where nothing says fewer.
pub const MOST_AT_ONCE: usize = 64;

/// How often it is looked whether somebody asked to stop, while steps run.
const GLANCE: Duration = Duration::from_millis(50);

/// What an execution is run with.
#[derive(Clone, Copy)]
pub struct Hands<'h> {
    /// Does the steps' work.
    pub runner: &'h dyn Runner,
    /// What conditions and arguments read.
    pub files: &'h dyn Files,
    /// What the cache has.
    pub earlier: &'h dyn Earlier,
    /// The time of events, and how retries are waited for.
    pub clock: &'h dyn Clock,
    /// Asks for the whole execution to stop.
    pub stop: &'h Stop,
}

/// Runs the execution until it ended, and returns how.
///
/// Every event is handed to `tell` in order, before the steps begin that it tells of, and every line of a step's log to `line`, with the
/// step's name. No more than [`MOST_AT_ONCE`] steps run at once. A runner that panics has failed. All threads have ended when this returns.
///
/// # Errors
/// What `tell` returned: the event may not be written down, so nothing new begins, what runs is told to stop, and its end is told to nobody.
pub fn drive<E>(
    execution: &mut Execution,
    hands: Hands<'_>,
    tell: &mut dyn FnMut(&Event) -> Result<(), E>,
    line: &(dyn Fn(&str, &str) + Sync),
) -> Result<Status, E> {
    execution.limit(MOST_AT_ONCE);
    // What steps hear: that everything is to stop, because somebody asked, a `Fail` step was reached, or events can't be told.
    let work = Stop::default();
    std::thread::scope(|scope| {
        // Threads are waited for on every way out, so they must know of it.
        let _asks = AskOnDrop(&work);
        let (sender, ended) = channel();
        let threads = Threads { scope, runner: hands.runner, work: &work, line, sender };
        let mut running = 0;
        loop {
            if hands.stop.is_asked() {
                execution.stop();
            }
            let around = Surroundings { files: hands.files, earlier: hands.earlier };
            let actions = execution.next(hands.clock.now(), around);
            for event in execution.take_events() {
                tell(&event)?;
            }
            if execution.wants_stop() {
                work.ask();
            }
            for Action::Start(job) in actions {
                threads.start(job);
                running += 1;
            }
            if execution.status().is_over() {
                return Ok(execution.status());
            }
            running -= wait(execution, hands, &ended, running);
        }
    })
}

/// Waits until something is to be done, and takes in what ended; returns how many did.
fn wait(
    execution: &mut Execution,
    hands: Hands<'_>,
    ended: &Receiver<(Arc<Job>, Outcome)>,
    running: usize,
) -> usize {
    let until_retry = execution.wake_at().map(|at| {
        let left = at.duration_since(hands.clock.now());
        Duration::try_from(left).unwrap_or_default()
    });
    if running == 0 {
        if let Some(time) = until_retry {
            hands.clock.pause(time, hands.stop);
        }
        return 0;
    }
    let first = match ended.recv_timeout(until_retry.unwrap_or(GLANCE).min(GLANCE)) {
        Ok(first) => first,
        // The sender is held by the caller: it can't be gone.
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return 0,
    };
    let mut count = 0;
    for (job, outcome) in std::iter::once(first).chain(ended.try_iter()) {
        execution.ended(&job.step, outcome, hands.clock.now());
        count += 1;
    }
    count
}

/// What threads are started with.
struct Threads<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    runner: &'env dyn Runner,
    work: &'env Stop,
    line: &'env (dyn Fn(&str, &str) + Sync),
    sender: Sender<(Arc<Job>, Outcome)>,
}

impl Threads<'_, '_> {
    fn start(&self, job: Arc<Job>) {
        let (runner, work, line, sender) = (self.runner, self.work, self.line, self.sender.clone());
        let name = job.step.clone();
        let failed = Arc::clone(&job);
        let thread = move || {
            let say = |text: &str| line(&job.step, text);
            let control = Control::new(work, &say);
            let outcome = catch_unwind(AssertUnwindSafe(|| runner.run(&job, &control)));
            let outcome = outcome.unwrap_or_else(|panic| {
                Outcome::Failed(Failure::new(format!(
                    "what runs the step panicked: {}",
                    message(panic.as_ref())
                )))
            });
            // Nobody listens any more where events can't be told.
            let _ = sender.send((job, outcome));
        };
        if let Err(error) = Builder::new().name(name).spawn_scoped(self.scope, thread) {
            let failure = Failure::new(format!("no thread could be started for the step: {error}"));
            let _ = self.sender.send((failed, Outcome::Failed(failure)));
        }
    }
}

/// What a panic said.
fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

struct AskOnDrop<'s>(&'s Stop);

impl Drop for AskOnDrop<'_> {
    fn drop(&mut self) {
        self.0.ask();
    }
}
