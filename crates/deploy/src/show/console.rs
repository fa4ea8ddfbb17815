//! [`Console`]: shows progress on standard error, as a tree that is drawn anew or as lines, and steps aside for questions.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use pipewright_cli::Progress;
use pipewright_terminal::canvas::{Canvas, ink, is_drawable, size};

use crate::show::lines::Lines;
use crate::show::text::{Ink, excerpt, harmless};
use crate::show::tree::Board;
use crate::stack::Event;
use crate::watch::{Stage, Transfer, Watch};

/// How often the tree is drawn.
const TICK: Duration = Duration::from_millis(150);

/// Shows progress. Copies show on the same screen.
///
/// Events may come from any task at any time: they are taken in and never wait for a person. While [`Console::aside`] runs,
/// nothing is drawn; what happened meanwhile is shown afterwards.
#[derive(Clone)]
pub struct Console {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    /// Whose turn it is to ask a person something.
    turn: Mutex<()>,
}

struct State {
    canvas: Canvas,
    size: fn() -> (usize, usize),
    clock: fn() -> Timestamp,
    ink: Ink,
    how: How,
    /// While somebody is asked something.
    aside: bool,
    /// What was to be shown meanwhile.
    kept: Vec<String>,
}

/// How progress is shown.
enum How {
    Nothing,
    Lines(Lines),
    Live { board: Board },
}

impl Console {
    /// Shows progress on standard error.
    ///
    /// [`Progress::Auto`] is a tree where standard error is a terminal that can be drawn on, and lines elsewhere. Colours are
    /// used as `NO_COLOR`, `CLICOLOR` and `CLICOLOR_FORCE` say, otherwise on terminals.
    pub fn stderr(progress: Progress) -> Self {
        let how = match progress {
            Progress::None => How::Nothing,
            Progress::Lines => How::Lines(Lines::new(ink())),
            Progress::Auto if !is_drawable() => How::Lines(Lines::new(ink())),
            Progress::Live | Progress::Auto => How::Live { board: Board::default() },
        };
        Self::new(how, Box::new(io::stderr()), size, Timestamp::now, ink())
    }

    /// Shows nothing to nobody.
    #[cfg(test)]
    pub(crate) fn nowhere() -> Self {
        Self::new(
            How::Nothing,
            Box::new(io::sink()),
            || pipewright_terminal::canvas::SIZE,
            || Timestamp::UNIX_EPOCH,
            Ink::Plain,
        )
    }

    fn new(
        how: How,
        out: Box<dyn Write + Send>,
        size: fn() -> (usize, usize),
        clock: fn() -> Timestamp,
        ink: Ink,
    ) -> Self {
        let live = matches!(how, How::Live { .. });
        let state = State { canvas: Canvas::new(out), size, clock, ink, how, aside: false, kept: Vec::new() };
        let shared = Arc::new(Shared { state: Mutex::new(state), turn: Mutex::new(()) });
        if live {
            // Without it the tree is drawn when something happens, so a thread that can't be had is no failure.
            let weak = Arc::downgrade(&shared);
            let _ = thread::Builder::new().name("console".to_owned()).spawn(move || tick(&weak));
        }
        Self { shared }
    }

    /// Takes the tree off the screen, does `work` (which may write to standard error and ask), and draws it again. One after the
    /// other, whoever calls.
    pub fn aside<R>(&self, work: impl FnOnce() -> R) -> R {
        let _turn = lock(&self.shared.turn);
        {
            let mut state = self.state();
            state.erase();
            state.aside = true;
        }
        // Also when `work` panics.
        let _back = Back(self);
        work()
    }

    /// Writes lines that stay, above the tree.
    pub fn say(&self, text: &str) {
        self.state().keep(text.trim_end_matches('\n').to_owned());
    }

    /// Draws the tree for the last time and leaves it on the screen. Nothing more is shown of it, unless something more happens.
    pub fn finish(&self) {
        let mut state = self.state();
        if state.aside {
            return;
        }
        state.draw();
        if let How::Live { board } = &mut state.how {
            *board = Board::default();
            state.canvas.leave();
        }
    }

    /// Whether colours are used.
    pub fn ink(&self) -> Ink {
        self.state().ink
    }

    /// How many columns there are.
    pub fn columns(&self) -> usize {
        (self.state().size)().0
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.shared.state)
    }
}

impl Watch for Console {
    fn stage(&self, stack: &str, to: Stage) {
        let mut state = self.state();
        let now = (state.clock)();
        match &mut state.how {
            How::Nothing => {}
            How::Lines(lines) => {
                let line = lines.stage(stack, &to, now);
                state.keep_all(line);
            }
            How::Live { board, .. } => {
                board.stage(stack, to, now);
                state.redraw();
            }
        }
    }

    fn events(&self, stack: &str, events: &[Event]) {
        let mut state = self.state();
        let now = (state.clock)();
        match &mut state.how {
            How::Nothing => {}
            How::Lines(lines) => {
                let lines: Vec<String> = events.iter().filter_map(|event| lines.event(event, now)).collect();
                state.keep_all(lines);
            }
            How::Live { board, .. } => {
                board.events(stack, events, now);
                state.redraw();
            }
        }
    }

    fn transfer(&self, stack: &str, transfer: Transfer) {
        let mut state = self.state();
        let now = (state.clock)();
        match &mut state.how {
            How::Nothing => {}
            How::Lines(lines) => {
                let line = lines.transfer(stack, transfer, now);
                state.keep_all(line);
            }
            // Thousands a second: the thread draws it.
            How::Live { board, .. } => board.transfer(stack, transfer, now),
        }
    }

    fn note(&self, stack: &str, text: &str) {
        let mut state = self.state();
        let now = (state.clock)();
        let line = match &state.how {
            How::Lines(lines) => lines.note(stack, text, now),
            // Also where no progress is wanted: it is something that a person should know.
            How::Nothing | How::Live { .. } => format!("{}: {}", harmless(stack), excerpt(text)),
        };
        state.keep(line);
    }
}

impl State {
    /// Shows lines that stay, now or when nobody is asked any more.
    fn keep_all(&mut self, lines: impl IntoIterator<Item = String>) {
        self.kept.extend(lines);
        if !self.aside && !self.kept.is_empty() {
            self.draw();
        }
    }

    fn keep(&mut self, line: String) {
        self.keep_all([line]);
    }

    fn redraw(&mut self) {
        if !self.aside {
            self.draw();
        }
    }

    fn erase(&mut self) {
        self.canvas.draw(&[], &[]);
    }

    /// Writes what was kept and the tree below it.
    fn draw(&mut self) {
        let tree = self.tree();
        self.canvas.draw(&std::mem::take(&mut self.kept), &tree);
    }

    /// The tree as it is now.
    fn tree(&self) -> Vec<String> {
        let (columns, rows) = (self.size)();
        match &self.how {
            // The last row is the cursor's, and the last column of some terminals breaks the line.
            How::Live { board } => {
                board.draw((self.clock)(), columns.saturating_sub(1), rows.saturating_sub(1), self.ink)
            }
            How::Nothing | How::Lines(_) => Vec::new(),
        }
    }
}

/// Draws again when it is dropped.
struct Back<'c>(&'c Console);

impl Drop for Back<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.aside = false;
        state.draw();
    }
}

/// Draws the tree again and again, for as long as there is a console.
fn tick(shared: &Weak<Shared>) {
    loop {
        thread::sleep(TICK);
        let Some(shared) = shared.upgrade() else { return };
        lock(&shared.state).redraw();
    }
}

/// A mutex whose owner panicked holds a state that is good enough to be shown.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "console_tests.rs"]
mod tests;
