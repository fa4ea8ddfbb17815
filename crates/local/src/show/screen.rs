//! [`Screen`]: shows a run's progress on standard error.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use pipewright_cli::Progress;
use pipewright_interpreter::Event;
use pipewright_terminal::canvas::{Canvas, ink, is_drawable, size};
use pipewright_terminal::text::{Ink, excerpt};

use crate::show::board::{Board, Row};
use crate::show::lines::Lines;

/// How often the tree is drawn.
const TICK: Duration = Duration::from_millis(100);

/// Shows progress. Copies show on the same screen, from any thread.
#[derive(Clone, Debug)]
pub struct Screen {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    canvas: Canvas,
    ink: Ink,
    how: How,
}

#[derive(Debug)]
enum How {
    Nothing,
    Lines(Lines),
    Live(Board),
}

impl Screen {
    /// Shows progress on standard error: [`Progress::Auto`] is a tree on a terminal, lines elsewhere.
    pub fn stderr(progress: Progress) -> Self {
        let how = match progress {
            Progress::None => How::Nothing,
            Progress::Auto if !is_drawable() => How::Lines(Lines::default()),
            Progress::Lines => How::Lines(Lines::default()),
            Progress::Auto | Progress::Live => How::Live(Board::default()),
        };
        let live = matches!(how, How::Live(_));
        let state = State { canvas: Canvas::new(Box::new(io::stderr())), ink: ink(), how };
        let state = Arc::new(Mutex::new(state));
        if live {
            // Without it the tree is drawn when something happens, so a thread that can't be had is no failure.
            let weak = Arc::downgrade(&state);
            let _ = thread::Builder::new().name("screen".to_owned()).spawn(move || tick(&weak));
        }
        Self { state }
    }

    /// The steps that there are; a tree begins.
    pub fn steps(&self, rows: Vec<Row>) {
        if let How::Live(board) = &mut self.state().how {
            *board = Board::new(rows);
        }
    }

    /// Something happened.
    pub fn event(&self, event: &Event) {
        let mut state = self.state();
        let ink = state.ink;
        let line = match &mut state.how {
            How::Nothing => None,
            How::Lines(lines) => lines.event(event, ink),
            How::Live(board) => {
                board.event(event);
                None
            }
        };
        if let Some(line) = line {
            state.draw(&[line]);
        }
    }

    /// A step wrote a line.
    pub fn line(&self, step: &str, text: &str) {
        // Thousands a second: the thread draws it.
        if let How::Live(board) = &mut self.state().how {
            board.line(step, text);
        }
    }

    /// Writes something that a person should know, above the tree; also where no progress is wanted.
    pub fn say(&self, text: &str) {
        let lines: Vec<String> = text.lines().map(excerpt).collect();
        self.state().draw(&lines);
    }

    /// Draws the tree for the last time and leaves it on the screen.
    pub fn finish(&self) {
        let mut state = self.state();
        state.draw(&[]);
        state.canvas.leave();
        state.how = How::Nothing;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl State {
    fn draw(&mut self, stay: &[String]) {
        let (columns, rows) = size();
        let tree = match &self.how {
            // The last row is the cursor's, and the last column of some terminals breaks the line.
            How::Live(board) => {
                board.draw(Timestamp::now(), columns.saturating_sub(1), rows.saturating_sub(1), self.ink)
            }
            How::Nothing | How::Lines(_) => Vec::new(),
        };
        self.canvas.draw(stay, &tree);
    }
}

/// Draws again and again, for as long as there is a screen.
fn tick(state: &Weak<Mutex<State>>) {
    loop {
        thread::sleep(TICK);
        let Some(state) = state.upgrade() else { return };
        lock(&state).draw(&[]);
    }
}

/// A mutex whose owner panicked holds a state that is good enough to be shown.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
