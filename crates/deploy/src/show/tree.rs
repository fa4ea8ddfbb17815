//! Progress as a tree that is drawn anew: [`Board`], what is known; [`Board::draw`], how it looks.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::show::lines::{amounts, in_words, percent};
use crate::show::text::{Ink, Role, count, cut, duration, excerpt, harmless, pad, width};
use crate::show::timeline::{Phase, Timeline};
use crate::stack::Event;
use crate::watch::{Stage, Transfer};

/// How many columns a bar takes.
const BAR: usize = 20;

/// Everything that is known of the stacks that are worked on.
#[derive(Clone, Debug, Default)]
pub struct Board {
    stacks: Vec<Progress>,
    timelines: BTreeMap<String, Timeline>,
}

#[derive(Clone, Debug)]
struct Progress {
    name: String,
    stage: Option<Stage>,
    began: Timestamp,
    ended: Option<Timestamp>,
    transfer: Option<Transfer>,
}

/// A line of the tree, and how soon it is left out when there is no room: the greater, the sooner.
struct Line {
    text: String,
    expendable: u8,
}

impl Board {
    /// A stack has come to another stage.
    pub fn stage(&mut self, stack: &str, stage: Stage, now: Timestamp) {
        let progress = self.stack(stack, now);
        let ended = matches!(stage, Stage::Done { .. } | Stage::Failed(_) | Stage::Skipped(_));
        progress.ended = ended.then_some(now);
        progress.stage = Some(stage);
    }

    /// Something happened to the resources of a stack, or of stacks nested in it.
    pub fn events(&mut self, stack: &str, events: &[Event], now: Timestamp) {
        self.stack(stack, now);
        let timeline = self.timelines.entry(stack.to_owned()).or_default();
        for event in events {
            timeline.apply(event, now);
        }
    }

    /// How far the assets of a stack are.
    pub fn transfer(&mut self, stack: &str, transfer: Transfer, now: Timestamp) {
        self.stack(stack, now).transfer = Some(transfer);
    }

    fn stack(&mut self, name: &str, now: Timestamp) -> &mut Progress {
        let position = self.stacks.iter().position(|stack| stack.name == name).unwrap_or_else(|| {
            let name = name.to_owned();
            self.stacks.push(Progress { name, stage: None, began: now, ended: None, transfer: None });
            self.stacks.len() - 1
        });
        &mut self.stacks[position]
    }

    /// The tree at this moment, in at most so many rows of at most so many columns.
    pub fn draw(&self, now: Timestamp, columns: usize, rows: usize, ink: Ink) -> Vec<String> {
        let names = self.stacks.iter().map(|stack| width(&harmless(&stack.name))).max().unwrap_or_default();
        let mut lines = Vec::new();
        for stack in &self.stacks {
            self.draw_stack(stack, names.min(columns / 2), now, columns, ink, &mut lines);
        }
        fit(lines, rows, ink)
    }

    fn draw_stack(
        &self,
        stack: &Progress,
        names: usize,
        now: Timestamp,
        columns: usize,
        ink: Ink,
        lines: &mut Vec<Line>,
    ) {
        let timeline = self.timelines.get(&stack.name);
        let steps = || timeline.into_iter().flat_map(Timeline::steps).filter(|(of, id, _)| of != id);
        let took = duration(stack.ended.unwrap_or(now).duration_since(stack.began));
        let finished = steps().filter(|(_, _, step)| step.phase == Phase::Done).count();
        let all = steps().count();
        let (mark, role) = match &stack.stage {
            Some(Stage::Done { .. }) => ("✓", Role::Good),
            Some(Stage::Failed(_)) => ("✗", Role::Bad),
            Some(Stage::Skipped(_)) | None => ("·", Role::Quiet),
            Some(Stage::Waiting(_) | Stage::Recovering(_) | Stage::Approving) => ("▸", Role::Care),
            Some(_) => ("▸", Role::Strong),
        };
        let words = stack.stage.as_ref().map(in_words).unwrap_or_default();
        let tally = match (finished, all) {
            (_, 0) => String::new(),
            (finished, all) if finished == all => format!(", {}", count(all, "resource", "resources")),
            (finished, all) => format!(", {finished} of {all} resources"),
        };
        let name = pad(&cut(&harmless(&stack.name), names), names);
        let rest = cut(&format!("{took}{tally}  {words}"), columns.saturating_sub(names + 4));
        let head = format!("{} {}  {rest}", ink.paint(role, mark), ink.paint(Role::Strong, &name));
        lines.push(Line { text: head, expendable: 0 });

        if let (Some(transfer), Some(Stage::Publishing)) = (stack.transfer, &stack.stage)
            && transfer.files > 0
        {
            let text = format!("    {} {}", bar(percent(transfer)), amounts(transfer));
            lines.push(Line { text: cut(&text, columns), expendable: 1 });
        }
        let over = matches!(stack.stage, Some(Stage::Done { .. }));
        for (of, id, step) in steps().filter(|(_, _, step)| !over && step.phase != Phase::Done) {
            let failed = step.phase == Phase::Failed;
            if !failed && stack.ended.is_some() {
                continue;
            }
            let nested = if of == stack.name { String::new() } else { format!(" in {}", harmless(of)) };
            let doing = harmless(&doing(&step.status));
            let time = match (step.took(), failed) {
                (Some(took), _) => duration(took),
                (None, true) => String::new(),
                // The two clocks may differ, so only this machine's is used.
                (None, false) => duration(now.duration_since(step.heard)),
            };
            let reason =
                step.reason.as_deref().map(|reason| format!("  {}", excerpt(reason))).unwrap_or_default();
            let text = format!("{}{nested}  {}  {doing}  {time}{reason}", harmless(id), harmless(&step.kind));
            let text = cut(text.trim_end(), columns.saturating_sub(6));
            let (mark, role) = if failed { ("✗", Role::Bad) } else { ("▸", Role::Quiet) };
            let line = format!(
                "    {} {}",
                ink.paint(role, mark),
                if failed { ink.paint(role, &text) } else { text }
            );
            lines.push(Line { text: line, expendable: if failed { 2 } else { 3 } });
        }
    }
}

/// What is done in a status, for people: `creating`, `update failed`.
fn doing(status: &str) -> String {
    let doing = match status {
        "CREATE_IN_PROGRESS" => "creating",
        "UPDATE_IN_PROGRESS" => "updating",
        "DELETE_IN_PROGRESS" => "deleting",
        "IMPORT_IN_PROGRESS" => "importing",
        other => return other.strip_suffix("_IN_PROGRESS").unwrap_or(other).to_lowercase().replace('_', " "),
    };
    doing.to_owned()
}

/// Leaves out what matters least until the rest fits, and says how much that is.
fn fit(mut lines: Vec<Line>, rows: usize, ink: Ink) -> Vec<String> {
    if lines.len() > rows {
        let mut left_out = 0;
        // One row is for saying so.
        while lines.len() >= rows.max(1) {
            let Some(most) = lines.iter().map(|line| line.expendable).max() else { break };
            if let Some(position) = lines.iter().rposition(|line| line.expendable == most) {
                lines.remove(position);
                left_out += 1;
            }
        }
        if rows > 0 {
            lines.push(Line {
                text: ink.paint(Role::Quiet, &format!("  … and {left_out} more")),
                expendable: 0,
            });
        }
    }
    lines.into_iter().map(|line| line.text).collect()
}

fn bar(percent: u64) -> String {
    let full = usize::try_from(percent.min(100)).unwrap_or(100) * BAR / 100;
    format!("[{}{}] {percent:>3} %", "#".repeat(full), "-".repeat(BAR - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn event(second: i64, stack: &str, logical_id: &str, kind: &str, status: &str) -> Event {
        Event {
            id: format!("{stack}/{logical_id}/{status}"),
            at: at(second),
            stack: stack.to_owned(),
            logical_id: logical_id.to_owned(),
            physical_id: String::new(),
            kind: format!("AWS::{kind}"),
            status: status.to_owned(),
            reason: status.ends_with("FAILED").then(|| "Role already\u{1b}[1m exists".to_owned()),
            token: None,
        }
    }

    fn board() -> Board {
        let mut board = Board::default();
        let (first, second, third) = ("dsm-infrastructure", "dsm-pipelines", "dsm-extra");
        board.stage(first, Stage::Executing, at(0));
        board.stage(second, Stage::Publishing, at(1));
        let transfer =
            Transfer { files: 340, files_done: 12, bytes: 80 << 20, bytes_done: 33 << 20, present: 2 };
        board.transfer(second, transfer, at(2));
        board.stage(third, Stage::Skipped(first.to_owned()), at(2));
        let events = [
            event(3, first, first, "CloudFormation::Stack", "CREATE_IN_PROGRESS"),
            event(4, first, "Vpc", "EC2::VPC", "CREATE_IN_PROGRESS"),
            event(9, first, "Vpc", "EC2::VPC", "CREATE_COMPLETE"),
            event(9, first, "Domain", "SageMaker::Domain", "CREATE_IN_PROGRESS"),
            event(10, first, "Role", "IAM::Role", "CREATE_IN_PROGRESS"),
            event(12, first, "Role", "IAM::Role", "CREATE_FAILED"),
        ];
        board.events(first, &events, at(12));
        board
    }

    #[test]
    fn in_the_middle() {
        insta::assert_snapshot!(board().draw(at(75), 100, 24, Ink::Plain).join("\n"), @r"
        ▸ dsm-infrastructure  1 min 15 s, 1 of 3 resources  deploying
            ▸ Domain  AWS::SageMaker::Domain  creating  1 min 03 s
            ✗ Role  AWS::IAM::Role  create failed  2 s  Role already\u{1b}[1m exists
        ▸ dsm-pipelines       1 min 14 s  publishing
            [########------------]  41 % 12 of 340 files, 33.0 MiB of 80.0 MiB, 2 were there already
        · dsm-extra           0 s  not begun, because of dsm-infrastructure
        ");
    }

    #[test]
    fn on_a_small_screen() {
        let board = board();
        insta::assert_snapshot!(board.draw(at(75), 40, 5, Ink::Plain).join("\n"), @r"
        ▸ dsm-infrastructure  1 min 15 s, 1 of …
        ▸ dsm-pipelines       1 min 14 s  publi…
            [########------------]  41 % 12 of …
        · dsm-extra           0 s  not begun, b…
          … and 2 more
        ");
        for columns in [0, 1, 7, 20, 39] {
            for rows in [0, 1, 2, 3] {
                let drawn = board.draw(at(75), columns, rows, Ink::Plain);
                assert!(drawn.len() <= rows, "{rows} rows");
                assert!(
                    columns < 20 || drawn.iter().all(|line| width(line) <= columns),
                    "{columns} {drawn:#?}"
                );
            }
        }
    }

    #[test]
    fn at_the_end() {
        let mut board = board();
        board.stage("dsm-infrastructure", Stage::Failed("Role".to_owned()), at(80));
        board.stage("dsm-pipelines", Stage::Done { changed: true }, at(90));
        insta::assert_snapshot!(board.draw(at(500), 100, 24, Ink::Plain).join("\n"), @r"
        ✗ dsm-infrastructure  1 min 20 s, 1 of 3 resources  failed: Role
            ✗ Role  AWS::IAM::Role  create failed  2 s  Role already\u{1b}[1m exists
        ✓ dsm-pipelines       1 min 29 s  done
        · dsm-extra           0 s  not begun, because of dsm-infrastructure
        ");
        assert!(board.draw(at(500), 100, 24, Ink::Colours)[0].starts_with("\u{1b}["));
    }
}
