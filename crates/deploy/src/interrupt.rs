//! Ctrl-C: leave what is under way to CloudFormation, have it taken back, or go on.
//!
//! As long as nothing is executed, Ctrl-C just ends the program; a change set that was made stays, and the next deploy finds
//! it by its name. While a stack is changed, the first one does what was asked for, the second one always leaves at once.
//! SIGTERM leaves at once. Nothing is ever cancelled without having been asked for.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pipewright_cli::Interrupt;
use tokio::sync::{mpsc, watch};

use crate::error::{Error, Kind, Result};

/// What somebody wants of the work under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// Nothing: that it goes on.
    #[default]
    Nothing,
    /// Somebody pressed Ctrl-C and is being asked; nothing is begun meanwhile.
    Pending,
    /// That updates are taken back, and that is waited for.
    Cancel,
    /// That the program ends at once.
    Detach,
}

/// An answer to the question what is to become of the operation under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Go on.
    GoOn,
    /// Have it taken back.
    Cancel,
    /// Leave it to CloudFormation.
    Detach,
}

/// Asks a person.
pub trait Ask: Send + Sync {
    /// What is to become of the operation; blocks until there is an answer.
    fn ask(&self) -> Choice;
}

/// Whether somebody wants the work to end; shared by all who do it.
#[derive(Clone, Debug)]
pub struct Interrupts {
    asked: Arc<watch::Sender<Asked>>,
    running: Arc<AtomicUsize>,
}

impl Default for Interrupts {
    fn default() -> Self {
        Self::none()
    }
}

impl Interrupts {
    /// Nobody ever interrupts, but by [`Interrupts::set`].
    pub fn none() -> Self {
        Self { asked: Arc::new(watch::Sender::new(Asked::Nothing)), running: Arc::default() }
    }

    /// Listens to Ctrl-C and SIGTERM from now on. `ask` is there where a terminal is; without it, `Ask` means `Detach`.
    ///
    /// # Errors
    /// When the system does not deliver signals.
    pub fn listen(policy: Interrupt, ask: Option<Arc<dyn Ask>>) -> Result<Self> {
        let this = Self::none();
        let signals = Signals::new();
        let signals =
            signals.map_err(|error| Error::new(Kind::Usage, "can't listen to signals").caused_by(error))?;
        tokio::spawn(this.clone().serve(policy, ask, signals));
        Ok(this)
    }

    async fn serve(self, policy: Interrupt, ask: Option<Arc<dyn Ask>>, mut signals: Signals) {
        let (answers, mut answered) = mpsc::channel::<Choice>(1);
        loop {
            let signal = tokio::select! {
                signal = signals.next() => match signal {
                    Some(signal) => signal,
                    None => return,
                },
                Some(choice) = answered.recv() => Signal::Answer(choice),
            };
            let before = self.asked();
            let after = respond(before, signal, self.is_running(), policy, ask.is_some());
            self.set(after);
            if let (Asked::Pending, true, Some(ask)) = (after, before != after, &ask) {
                let (ask, answers) = (ask.clone(), answers.clone());
                tokio::task::spawn_blocking(move || answers.blocking_send(ask.ask()));
            }
        }
    }

    /// What is wanted now.
    pub fn asked(&self) -> Asked {
        *self.asked.borrow()
    }

    /// Says what is wanted.
    pub fn set(&self, asked: Asked) {
        self.asked.send_replace(asked);
    }

    /// Whether the program is to end at once.
    pub fn detached(&self) -> bool {
        self.asked() == Asked::Detach
    }

    /// Says that an operation is under way, until the guard is dropped.
    pub(crate) fn run(&self) -> Running {
        self.running.fetch_add(1, Ordering::SeqCst);
        Running(self.running.clone())
    }

    fn is_running(&self) -> bool {
        self.running.load(Ordering::SeqCst) > 0
    }

    /// Sleeps, less if something else is wanted meanwhile.
    pub(crate) async fn sleep(&self, duration: Duration) {
        let mut changes = self.asked.subscribe();
        tokio::select! {
            () = tokio::time::sleep(duration) => {}
            _ = changes.changed() => {}
        }
    }

    /// Does what changes nothing yet, unless somebody wants the end. What was begun is dropped then.
    ///
    /// # Errors
    /// [`Kind::Interrupted`].
    pub(crate) async fn guard<T>(&self, stack: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            done = work => done,
            () = self.until(|asked| matches!(asked, Asked::Cancel | Asked::Detach)) => Err(ended(stack)),
        }
    }

    /// Waits for an answer where somebody is being asked.
    ///
    /// # Errors
    /// [`Kind::Interrupted`] if the answer, or what was asked for before, is not to go on.
    pub(crate) async fn go_on(&self, stack: &str) -> Result<()> {
        self.until(|asked| asked != Asked::Pending).await;
        if self.asked() == Asked::Nothing { Ok(()) } else { Err(ended(stack)) }
    }

    /// Waits for something unless, or until, somebody wants the end at once; `None` then.
    pub(crate) async fn unless_detached<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.until(|asked| asked == Asked::Detach) => None,
        }
    }

    async fn until(&self, is: impl Fn(Asked) -> bool) {
        let mut changes = self.asked.subscribe();
        // The sender is in `self`, so it is not gone before this ends.
        let _ = changes.wait_for(|asked| is(*asked)).await;
    }
}

/// As long as it lives, an operation is under way.
#[derive(Debug)]
pub(crate) struct Running(Arc<AtomicUsize>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn ended(stack: &str) -> Error {
    Error::new(Kind::Interrupted, format!("stopped before anything of stack {stack} was changed"))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signal {
    CtrlC,
    Terminate,
    Answer(Choice),
}

/// What is wanted after a signal.
fn respond(before: Asked, signal: Signal, running: bool, policy: Interrupt, terminal: bool) -> Asked {
    match (signal, before) {
        // What somebody decided is not taken back by an answer that comes late.
        (_, Asked::Detach) | (Signal::Terminate, _) => Asked::Detach,
        (Signal::Answer(_), Asked::Cancel) | (Signal::Answer(Choice::Cancel), _) => Asked::Cancel,
        (Signal::Answer(Choice::GoOn), _) => Asked::Nothing,
        // Nothing is under way, or it is the second time.
        (Signal::Answer(Choice::Detach), _) | (Signal::CtrlC, Asked::Cancel | Asked::Pending) => {
            Asked::Detach
        }
        (Signal::CtrlC, Asked::Nothing) if !running => Asked::Detach,
        (Signal::CtrlC, Asked::Nothing) => match policy {
            Interrupt::Ask if terminal => Asked::Pending,
            Interrupt::Ask | Interrupt::Detach => Asked::Detach,
            Interrupt::Cancel => Asked::Cancel,
        },
    }
}

/// The system's signals, from one listener: none is lost between two.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> Option<Signal> {
        tokio::select! {
            pressed = self.interrupt.recv() => pressed.map(|()| Signal::CtrlC),
            ended = self.terminate.recv() => ended.map(|()| Signal::Terminate),
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "it may fail elsewhere")]
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Option<Signal> {
        tokio::signal::ctrl_c().await.ok().map(|()| Signal::CtrlC)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: Asked, signal: Signal, running: bool, policy: Interrupt, terminal: bool, after: Asked) {
        assert_eq!(respond(before, signal, running, policy, terminal), after);
    }

    #[test]
    fn the_first_ctrl_c_does_what_was_asked_for() {
        use Interrupt::{Ask, Cancel, Detach};
        check(Asked::Nothing, Signal::CtrlC, true, Ask, true, Asked::Pending);
        check(Asked::Nothing, Signal::CtrlC, true, Ask, false, Asked::Detach);
        check(Asked::Nothing, Signal::CtrlC, true, Detach, true, Asked::Detach);
        check(Asked::Nothing, Signal::CtrlC, true, Cancel, true, Asked::Cancel);
        for policy in [Ask, Cancel, Detach] {
            check(Asked::Nothing, Signal::CtrlC, false, policy, true, Asked::Detach);
        }
    }

    #[test]
    fn the_second_one_and_sigterm_leave_at_once() {
        for before in [Asked::Pending, Asked::Cancel, Asked::Detach] {
            check(before, Signal::CtrlC, true, Interrupt::Ask, true, Asked::Detach);
        }
        for before in [Asked::Nothing, Asked::Pending, Asked::Cancel, Asked::Detach] {
            check(before, Signal::Terminate, true, Interrupt::Cancel, true, Asked::Detach);
        }
    }

    #[test]
    fn an_answer_counts_unless_it_is_late() {
        let answer = |before, choice, after| {
            check(before, Signal::Answer(choice), true, Interrupt::Ask, true, after);
        };
        answer(Asked::Pending, Choice::GoOn, Asked::Nothing);
        answer(Asked::Pending, Choice::Cancel, Asked::Cancel);
        answer(Asked::Pending, Choice::Detach, Asked::Detach);
        answer(Asked::Detach, Choice::GoOn, Asked::Detach);
        answer(Asked::Cancel, Choice::GoOn, Asked::Cancel);
    }

    #[tokio::test]
    async fn who_is_being_asked_begins_nothing() {
        let interrupts = Interrupts::none();
        assert!(interrupts.go_on("dev").await.is_ok());
        interrupts.set(Asked::Pending);
        let waiting = tokio::spawn({
            let interrupts = interrupts.clone();
            async move { interrupts.go_on("dev").await }
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!waiting.is_finished());
        interrupts.set(Asked::Nothing);
        assert!(waiting.await.unwrap().is_ok());
        interrupts.set(Asked::Cancel);
        assert_eq!(interrupts.go_on("dev").await.unwrap_err().kind, Kind::Interrupted);
    }

    #[tokio::test]
    async fn work_that_changes_nothing_is_dropped() {
        let interrupts = Interrupts::none();
        interrupts.set(Asked::Detach);
        let never = std::future::pending::<Result<()>>();
        assert_eq!(interrupts.guard("dev", never).await.unwrap_err().kind, Kind::Interrupted);
        let running = interrupts.run();
        assert!(interrupts.is_running());
        drop(running);
        assert!(!interrupts.is_running());
    }
}
