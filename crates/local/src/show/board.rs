//! Progress as a tree that is drawn anew: [`Board`], what is known; [`Board::draw`], how it looks.

use std::collections::HashMap;

use jiff::Timestamp;
use pipewright_interpreter::{Event, What};
use pipewright_terminal::text::{Ink, Role, count, cut, duration, excerpt, harmless, pad, width};

/// A step as the tree shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Its type, such as `Training`.
    pub kind: String,
    /// How many steps it is nested in.
    pub depth: usize,
}

/// Everything that is known of a run's steps.
#[derive(Clone, Debug, Default)]
pub struct Board {
    steps: Vec<Step>,
    places: HashMap<String, usize>,
}

#[derive(Clone, Debug)]
struct Step {
    row: Row,
    state: State,
    /// The last line of its log.
    line: String,
}

#[derive(Clone, Debug, PartialEq)]
enum State {
    Waiting,
    /// The run has ended without it.
    NotRun,
    Running {
        since: Timestamp,
        attempt: u32,
    },
    Retrying {
        at: Timestamp,
        reason: String,
    },
    Ended {
        how: How,
        took: Option<jiff::SignedDuration>,
        note: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Succeeded,
    Taken,
    Failed,
    Stopped,
}

impl Board {
    /// The steps of a definition, in its order.
    pub fn new(rows: Vec<Row>) -> Self {
        let mut board = Self::default();
        for row in rows {
            board.add(row);
        }
        board
    }

    fn add(&mut self, row: Row) -> usize {
        let place = self.steps.len();
        self.places.insert(row.name.clone(), place);
        self.steps.push(Step { row, state: State::Waiting, line: String::new() });
        place
    }

    /// The step's place; an iteration of a `ForEach`, which no definition lists, is added at the end.
    fn place(&mut self, step: &str) -> usize {
        match self.places.get(step) {
            Some(place) => *place,
            None => self.add(Row { name: step.to_owned(), kind: "ForEach".to_owned(), depth: 1 }),
        }
    }

    /// Something happened.
    pub fn event(&mut self, event: &Event) {
        let now = event.time;
        let (step, state) = match &event.what {
            What::Began { .. } => {
                for step in self.steps.iter_mut().filter(|step| step.state == State::NotRun) {
                    step.state = State::Waiting;
                }
                return;
            }
            What::Ended { .. } => {
                for step in self.steps.iter_mut().filter(|step| step.state == State::Waiting) {
                    step.state = State::NotRun;
                }
                return;
            }
            What::StepBegan { step, attempt, .. } => (step, State::Running { since: now, attempt: *attempt }),
            What::StepRetries { step, reason, at, .. } => {
                (step, State::Retrying { at: *at, reason: reason.clone() })
            }
            What::StepSucceeded { step, metadata, taken_from: None, .. } => {
                let outcome = metadata.pointer("/Condition/Outcome").and_then(serde_json::Value::as_str);
                let note =
                    outcome.map(|outcome| format!("is {}", outcome.to_lowercase())).unwrap_or_default();
                (step, State::Ended { how: How::Succeeded, took: None, note })
            }
            What::StepSucceeded { step, taken_from: Some(run), .. } => {
                let note = format!("taken from run {run}");
                (step, State::Ended { how: How::Taken, took: None, note })
            }
            What::StepFailed { step, reason, .. } => {
                (step, State::Ended { how: How::Failed, took: None, note: reason.clone() })
            }
            What::StepStopped { step } => {
                (step, State::Ended { how: How::Stopped, took: None, note: String::new() })
            }
        };
        let place = self.place(step);
        let Some(known) = self.steps.get_mut(place) else { return };
        let since = match known.state {
            State::Running { since, .. } => Some(since),
            _ => None,
        };
        known.state = match state {
            State::Ended { how, note, .. } => {
                State::Ended { how, took: since.map(|since| now.duration_since(since)), note }
            }
            state => state,
        };
    }

    /// A step wrote a line.
    pub fn line(&mut self, step: &str, text: &str) {
        let place = self.place(step);
        if let Some(known) = self.steps.get_mut(place) {
            text.clone_into(&mut known.line);
        }
    }

    /// The tree in at most `rows` lines of at most `columns`. Where there is no room, what waits is left out first, then what
    /// has succeeded.
    pub fn draw(&self, now: Timestamp, columns: usize, rows: usize, ink: Ink) -> Vec<String> {
        let names = self.steps.iter().map(|step| step.row.depth * 2 + width(&harmless(&step.row.name)));
        let names = names.max().unwrap_or_default().min(columns / 2);
        let mut lines: Vec<(String, u8)> =
            self.steps.iter().map(|step| (step.draw(now, columns, names, ink), step.expendable())).collect();
        if lines.len() > rows {
            let mut left_out = 0;
            while lines.len() >= rows.max(1) {
                let Some(most) = lines.iter().map(|(_, expendable)| *expendable).max() else { break };
                if let Some(at) = lines.iter().rposition(|(_, expendable)| *expendable == most) {
                    lines.remove(at);
                    left_out += 1;
                }
            }
            if rows > 0 {
                let more = format!("  … and {} more", count(left_out, "step", "steps"));
                lines.push((ink.paint(Role::Quiet, &cut(&more, columns)), 0));
            }
        }
        lines.into_iter().map(|(line, _)| line).collect()
    }
}

impl Step {
    fn expendable(&self) -> u8 {
        match self.state {
            State::Waiting | State::NotRun => 3,
            State::Ended { how: How::Succeeded | How::Taken | How::Stopped, .. } => 2,
            State::Running { .. } | State::Retrying { .. } => 1,
            State::Ended { how: How::Failed, .. } => 0,
        }
    }

    fn draw(&self, now: Timestamp, columns: usize, names: usize, ink: Ink) -> String {
        let (mark, role) = match &self.state {
            State::Waiting => ("·", Role::Quiet),
            State::NotRun => ("-", Role::Quiet),
            State::Running { .. } | State::Retrying { .. } => ("▸", Role::Strong),
            State::Ended { how: How::Succeeded, .. } => ("✓", Role::Good),
            State::Ended { how: How::Taken, .. } => ("=", Role::Good),
            State::Ended { how: How::Failed, .. } => ("✗", Role::Bad),
            State::Ended { how: How::Stopped, .. } => ("■", Role::Care),
        };
        let (time, rest) = match &self.state {
            State::Waiting => (String::new(), self.row.kind.clone()),
            State::NotRun => (String::new(), "not run".to_owned()),
            State::Running { since, attempt } => {
                let again = if *attempt > 0 { format!("attempt {}  ", attempt + 1) } else { String::new() };
                (duration(now.duration_since(*since)), format!("{again}{}", self.line))
            }
            State::Retrying { at, reason } => {
                (String::new(), format!("again in {}: {reason}", duration(at.duration_since(now))))
            }
            State::Ended { took, note, .. } => (took.map(duration).unwrap_or_default(), note.clone()),
        };
        let name = format!("{}{}", "  ".repeat(self.row.depth), harmless(&self.row.name));
        let text = format!("{}  {time:>10}  {}", pad(&cut(&name, names), names), excerpt(&rest));
        let text = cut(text.trim_end(), columns.saturating_sub(2));
        let text = if matches!(role, Role::Quiet | Role::Bad) { ink.paint(role, &text) } else { text };
        format!("{} {text}", ink.paint(role, mark))
    }
}

#[cfg(test)]
mod tests {
    use pipewright_terminal::text::width;
    use serde_json::{Value, json};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn board() -> Board {
        let row = |name: &str, kind: &str, depth| Row { name: name.into(), kind: kind.into(), depth };
        Board::new(vec![
            row("Prepare", "Processing", 0),
            row("Train", "Training", 0),
            row("GoodEnough", "Condition", 0),
            row("Register", "RegisterModel", 1),
        ])
    }

    fn began(step: &str, attempt: u32) -> What {
        What::StepBegan {
            step: step.into(),
            attempt,
            job: String::new(),
            arguments: Value::Null,
            cache: None,
        }
    }

    fn succeeded(step: &str, metadata: Value, taken_from: Option<&str>) -> What {
        let taken_from = taken_from.map(str::to_owned);
        What::StepSucceeded { step: step.into(), properties: Value::Null, metadata, taken_from }
    }

    #[test]
    fn a_run_is_shown_as_it_goes() {
        let mut board = board();
        let mut tell = |second, what| board.event(&Event { time: at(second), what });
        tell(0, succeeded("Prepare", json!({}), Some("abc")));
        tell(0, began("Train", 0));
        let retry =
            What::StepRetries { step: "Train".into(), reason: "no room".into(), attempt: 1, at: at(30) };
        tell(10, retry);
        tell(30, began("Train", 1));
        board.line("Train", "[3] \u{1b}[2Jrmse:2.5");
        assert_eq!(
            board.draw(at(95), 80, 10, Ink::Plain),
            [
                "= Prepare                 taken from run abc",
                "▸ Train       1 min 05 s  attempt 2  [3] \\u{1b}[2Jrmse:2.5",
                "· GoodEnough              Condition",
                "·   Register              RegisterModel",
            ]
        );
        let mut tell = |second, what| board.event(&Event { time: at(second), what });
        tell(100, succeeded("Train", json!({}), None));
        tell(100, began("GoodEnough", 0));
        tell(100, succeeded("GoodEnough", json!({"Condition": {"Outcome": "True"}}), None));
        tell(101, began("Register", 0));
        let failed = What::StepFailed {
            step: "Register".into(),
            reason: "no such group".into(),
            properties: Value::Null,
            metadata: Value::Null,
        };
        tell(102, failed);
        assert_eq!(
            board.draw(at(103), 80, 10, Ink::Plain),
            [
                "= Prepare                 taken from run abc",
                "✓ Train       1 min 10 s",
                "✓ GoodEnough         0 s  is true",
                "✗   Register         1 s  no such group",
            ]
        );
        assert_eq!(
            board.draw(at(103), 40, 3, Ink::Plain),
            [
                "= Prepare                 taken from ru…",
                "✗   Register         1 s  no such group",
                "  … and 2 steps more"
            ]
        );
    }

    #[test]
    fn what_was_not_run_is_told_at_the_end() {
        let mut board = board();
        board.event(&Event { time: at(0), what: succeeded("Prepare", json!({}), None) });
        let ended = What::Ended { status: "Stopped".into(), reason: None };
        board.event(&Event { time: at(1), what: ended });
        assert_eq!(
            board.draw(at(1), 80, 10, Ink::Plain)[..2],
            ["✓ Prepare", "- Train                   not run"]
        );
    }

    #[test]
    fn it_fits_whatever_the_terminal() {
        let mut board = board();
        board.event(&Event { time: at(0), what: began("Each[0].Work", 0) });
        board.line("Each[0].Work", &"x".repeat(500));
        for columns in 0..100 {
            for rows in 0..8 {
                let lines = board.draw(at(5), columns, rows, Ink::Plain);
                assert!(lines.len() <= rows.max(1), "{rows}: {lines:#?}");
                assert!(
                    columns < 20 || lines.iter().all(|line| width(line) <= columns),
                    "{columns} {lines:#?}"
                );
            }
        }
    }
}
