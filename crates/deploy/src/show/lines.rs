//! Progress as lines, for logs: one for each thing that happens, none twice.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::show::text::{Ink, Role, bytes, cut, duration, excerpt, harmless, pad};
use crate::show::timeline::{Phase, Timeline};
use crate::stack::Event;
use crate::watch::{Stage, Transfer};

/// The time that passes at least between two lines about the same transfer.
const PAUSE: SignedDuration = SignedDuration::from_secs(1);
/// How long a name from elsewhere may be.
const NAME: usize = 128;

/// Makes lines of what happens. Times are UTC.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    timeline: Timeline,
    stages: BTreeMap<String, Stage>,
    transfers: BTreeMap<String, (Timestamp, u64)>,
    ink: Ink,
}

impl Lines {
    /// With or without colours.
    pub fn new(ink: Ink) -> Self {
        Self { ink, ..Self::default() }
    }

    /// A stack has come to another stage.
    pub fn stage(&mut self, stack: &str, stage: &Stage, now: Timestamp) -> Option<String> {
        if self.stages.get(stack) == Some(stage) {
            return None;
        }
        self.stages.insert(stack.to_owned(), stage.clone());
        let role = match stage {
            Stage::Done { .. } => Role::Good,
            Stage::Failed(_) => Role::Bad,
            Stage::Waiting(_) | Stage::Recovering(_) | Stage::Skipped(_) | Stage::Approving => Role::Care,
            _ => Role::Strong,
        };
        Some(format!("{} {}  {}", self.time(now), name(stack), self.ink.paint(role, &in_words(stage))))
    }

    /// Something happened to a resource.
    pub fn event(&mut self, event: &Event, now: Timestamp) -> Option<String> {
        let time = self.time(event.at);
        let step = self.timeline.apply(event, now)?;
        let role = match step.phase {
            Phase::Failed => Role::Bad,
            Phase::Done => Role::Good,
            Phase::Running => Role::Quiet,
        };
        let took = step.took().map(|took| format!("  ({})", duration(took))).unwrap_or_default();
        let reason =
            step.reason.as_deref().map(|reason| format!("  {}", excerpt(reason))).unwrap_or_default();
        let status = self.ink.paint(role, &pad(&name(&step.status), 20));
        let kind = pad(&name(&step.kind), 24);
        Some(format!(
            "{time} {}  {status}  {kind}  {}{took}{reason}",
            name(&event.stack),
            name(&event.logical_id)
        ))
    }

    /// How far a transfer is: a line for each tenth, a second apart at least, and one at the end.
    pub fn transfer(&mut self, stack: &str, transfer: Transfer, now: Timestamp) -> Option<String> {
        if transfer.files == 0 {
            return None;
        }
        let done = transfer.files_done >= transfer.files;
        // All bytes may be sent before the last file is there.
        let percent = if done { 100 } else { percent(transfer).min(99) };
        let news = match self.transfers.get(stack) {
            None => true,
            Some((_, shown)) if done => *shown != 100,
            Some((at, shown)) => now.duration_since(*at) >= PAUSE && percent / 10 != shown / 10,
        };
        if !news {
            return None;
        }
        self.transfers.insert(stack.to_owned(), (now, percent));
        Some(format!("{} {}  {percent} %: {}", self.time(now), name(stack), amounts(transfer)))
    }

    /// Something that a person should know.
    pub fn note(&self, stack: &str, text: &str, now: Timestamp) -> String {
        format!("{} {}  {}", self.time(now), name(stack), excerpt(text))
    }

    fn time(&self, at: Timestamp) -> String {
        self.ink.paint(Role::Quiet, &at.strftime("%H:%M:%SZ").to_string())
    }
}

fn name(text: &str) -> String {
    cut(&harmless(text), NAME)
}

/// How much of a transfer is done, in hundredths: of its bytes, or of its files when those are empty.
pub fn percent(transfer: Transfer) -> u64 {
    let (done, all) = match transfer.bytes {
        0 => (transfer.files_done, transfer.files),
        bytes => (transfer.bytes_done, bytes),
    };
    let percent = u128::from(done.min(all)) * 100 / u128::from(all.max(1));
    u64::try_from(percent).unwrap_or(100)
}

/// `12 of 340 files, 1.2 of 80.0 MiB, 4 were there`.
pub fn amounts(transfer: Transfer) -> String {
    let Transfer { files, files_done, bytes: all, bytes_done, present } = transfer;
    let noun = if files == 1 { "file" } else { "files" };
    let present = if present == 0 { String::new() } else { format!(", {present} were there already") };
    format!("{files_done} of {files} {noun}, {} of {}{present}", bytes(bytes_done), bytes(all))
}

/// A stage in words, without control characters.
pub fn in_words(stage: &Stage) -> String {
    match stage {
        Stage::Publishing => "publishing".to_owned(),
        Stage::Comparing => "comparing with what is deployed".to_owned(),
        Stage::Waiting(status) => format!("waiting for an operation that is under way ({})", name(status)),
        Stage::Recovering(status) => format!("clearing up what {} left", name(status)),
        Stage::ChangeSet(set) => format!("making change set {}", name(set)),
        Stage::Approving => "waiting for approval".to_owned(),
        Stage::Executing => "deploying".to_owned(),
        Stage::Deleting => "deleting".to_owned(),
        Stage::Done { changed: true } => "done".to_owned(),
        Stage::Done { changed: false } => "nothing to do".to_owned(),
        Stage::Failed(why) => format!("failed: {}", excerpt(why)),
        Stage::Skipped(because) => format!("not begun, because of {}", name(because)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn event(id: &str, second: i64, status: &str, reason: Option<&str>) -> Event {
        Event {
            id: id.to_owned(),
            at: at(second),
            stack: "dsm-sm-pipelines".to_owned(),
            logical_id: "RoleAbalone".to_owned(),
            physical_id: String::new(),
            kind: "AWS::IAM::Role".to_owned(),
            status: status.to_owned(),
            reason: reason.map(str::to_owned),
            token: None,
        }
    }

    #[test]
    fn a_deployment() {
        let mut lines = Lines::new(Ink::Plain);
        let mut out = Vec::new();
        let stack = "dsm-sm-pipelines";
        out.extend(lines.stage(stack, &Stage::Publishing, at(0)));
        out.extend(lines.stage(stack, &Stage::Publishing, at(1)));
        out.extend(lines.stage(stack, &Stage::ChangeSet("pipewright-0a1b".to_owned()), at(2)));
        out.extend(lines.stage(stack, &Stage::Executing, at(3)));
        out.extend(lines.event(&event("1", 4, "CREATE_IN_PROGRESS", None), at(5)));
        out.extend(
            lines.event(&event("2", 5, "CREATE_IN_PROGRESS", Some("Resource creation Initiated")), at(5)),
        );
        out.extend(lines.event(&event("3", 7, "CREATE_FAILED", Some("no\u{1b}[2J\nway")), at(8)));
        out.extend(lines.event(&event("3", 7, "CREATE_FAILED", Some("no\u{1b}[2J\nway")), at(9)));
        out.push(lines.note(stack, "the stack is behind", at(10)));
        out.extend(lines.stage(stack, &Stage::Failed("RoleAbalone".to_owned()), at(11)));
        insta::assert_snapshot!(out.join("\n"), @r"
        08:00:00Z dsm-sm-pipelines  publishing
        08:00:02Z dsm-sm-pipelines  making change set pipewright-0a1b
        08:00:03Z dsm-sm-pipelines  deploying
        08:00:04Z dsm-sm-pipelines  CREATE_IN_PROGRESS    AWS::IAM::Role            RoleAbalone
        08:00:07Z dsm-sm-pipelines  CREATE_FAILED         AWS::IAM::Role            RoleAbalone  (3 s)  no\u{1b}[2J way
        08:00:10Z dsm-sm-pipelines  the stack is behind
        08:00:11Z dsm-sm-pipelines  failed: RoleAbalone
        ");
    }

    /// Tenths of seconds, bytes done of 1,000 and files done of 10; the percentages that are shown.
    #[track_caller]
    fn check(steps: &[(i64, u64, u64)], expected: &[u64]) {
        let mut lines = Lines::default();
        let shown = steps.iter().filter_map(|(tenths, bytes_done, files_done)| {
            let now = Timestamp::from_millisecond(tenths * 100).unwrap();
            let transfer = Transfer {
                files: 10,
                files_done: *files_done,
                bytes: 1000,
                bytes_done: *bytes_done,
                present: 0,
            };
            lines.transfer("a", transfer, now)
        });
        let shown: Vec<u64> = shown
            .filter_map(|line| {
                line.split_once(" %").and_then(|(head, _)| head.rsplit(' ').next()?.parse().ok())
            })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_transfer_says_little() {
        check(&[(0, 0, 0), (5, 500, 5), (9, 999, 9), (10, 1000, 10), (11, 1000, 10)], &[0, 100]);
        check(&[(0, 0, 0), (20, 50, 0), (30, 120, 1), (35, 700, 7), (41, 710, 7)], &[0, 12, 71]);
        check(&[(0, 1000, 9), (30, 1000, 9), (40, 1000, 10)], &[99, 100]);
    }

    #[test]
    fn amounts_in_words() {
        let check = |files: u64, bytes: u64, present: u64, expected: &str| {
            let transfer = Transfer { files, files_done: 1, bytes, bytes_done: 0, present };
            assert_eq!(amounts(transfer), expected);
        };
        check(1, 0, 0, "1 of 1 file, 0 B of 0 B");
        check(12, 5 << 20, 3, "1 of 12 files, 0 B of 5.0 MiB, 3 were there already");
        assert_eq!(percent(Transfer::default()), 0);
        assert_eq!(percent(Transfer { bytes: 1, bytes_done: u64::MAX, ..Transfer::default() }), 100);
    }
}
