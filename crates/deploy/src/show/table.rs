//! [`table`]: what a change set does, for people.

use pipewright_diff::Data;

use crate::changes::{Action, Changes, Row};
use crate::show::text::{Ink, Role, cut, excerpt, harmless, pad, width, wrap};

/// The widest that a column of names gets while there are others.
const WIDEST: usize = 40;
/// The narrowest that the column of what changes gets.
const NARROWEST: usize = 20;

/// What a change set does, in lines of at most so many columns.
///
/// A head, a line for each resource, and below it in capitals what to look at: `REPLACES`, `MAY REPLACE`, `LOSES DATA`,
/// `BROADENS`. Ends with a line break.
pub fn table(changes: &Changes, columns: usize, ink: Ink) -> String {
    let columns = columns.max(NARROWEST);
    let mut lines = head(changes, columns, ink);
    let widest = |of: fn(&Row) -> &str| {
        let widths = changes.rows.iter().map(|row| width(&harmless(of(row))));
        widths.max().unwrap_or_default().min(WIDEST)
    };
    let (ids, kinds) = (widest(|row| &row.logical_id), widest(|row| &row.kind));
    // Sign, names, and two spaces between.
    let left = 5 + ids + 2 + kinds + 2;
    let rest = columns.saturating_sub(left);
    for row in &changes.rows {
        let (sign, role) = sign(row.action);
        let what = harmless(&row.what.join(", "));
        let (id, kind) = (harmless(&row.logical_id), harmless(&row.kind));
        if rest >= NARROWEST {
            let mut parts = wrap(&what, rest).into_iter();
            let (id, kind) = (pad(&cut(&id, ids), ids), pad(&cut(&kind, kinds), kinds));
            let first = parts.next().unwrap_or_default();
            let line = format!("  {} {id}  {kind}  {first}", ink.paint(role, &pad(sign, 2)));
            lines.push(line.trim_end().to_owned());
            lines.extend(parts.map(|part| format!("{}{part}", " ".repeat(left))));
        } else {
            lines.push(format!(
                "  {} {}",
                ink.paint(role, &pad(sign, 2)),
                cut(&id, columns.saturating_sub(5))
            ));
            lines.push(format!("     {}", cut(&kind, columns.saturating_sub(5))));
            if !what.is_empty() {
                lines.extend(indented(&what, columns, 5));
            }
        }
        for (mark, said, role) in marks(row) {
            lines.extend(marked(mark, &said, role, columns, ink));
        }
    }
    for broadens in &changes.broadens {
        lines.extend(marked("BROADENS", broadens, Role::Care, columns, ink));
    }
    for note in &changes.notes {
        lines.extend(indented(&excerpt(note), columns, 2));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// `dsm-sm-pipelines: 2 to add, 1 to change`.
fn head(changes: &Changes, columns: usize, ink: Ink) -> Vec<String> {
    let mut lines = wrap(&line(changes), columns);
    let name = harmless(&changes.stack);
    if let Some(rest) = lines.first().and_then(|line| line.strip_prefix(&name)) {
        lines[0] = format!("{}{rest}", ink.paint(Role::Strong, &name));
    }
    lines
}

/// `2 to add, 1 to replace`; empty without rows.
pub fn tally(changes: &Changes) -> String {
    let kinds = [
        (Action::Remove, "remove"),
        (Action::Replace, "replace"),
        (Action::MayReplace, "change or replace"),
        (Action::Modify, "change"),
        (Action::Add, "add"),
        (Action::Import, "import"),
    ];
    let parts = kinds.iter().filter_map(|(action, word)| {
        let count = changes.rows.iter().filter(|row| row.action == *action).count();
        (count > 0).then(|| format!("{count} to {word}"))
    });
    parts.collect::<Vec<_>>().join(", ")
}

fn sign(action: Action) -> (&'static str, Role) {
    match action {
        Action::Remove => ("-", Role::Bad),
        Action::Replace => ("-+", Role::Bad),
        Action::MayReplace => ("~+", Role::Care),
        Action::Modify => ("~", Role::Care),
        Action::Add => ("+", Role::Good),
        Action::Import => (">", Role::Good),
    }
}

fn marks(row: &Row) -> Vec<(&'static str, String, Role)> {
    let mut marks = Vec::new();
    let because = |row: &Row| {
        if row.because.is_empty() { String::new() } else { format!("because of {}", row.because.join(", ")) }
    };
    match row.action {
        Action::Replace => marks.push(("REPLACES", because(row), Role::Bad)),
        Action::MayReplace => marks.push(("MAY REPLACE", because(row), Role::Care)),
        _ => {}
    }
    if let Some(data) = &row.data {
        let what = &data.what;
        marks.push(match data.fate {
            Data::Lost => ("LOSES DATA", what.clone(), Role::Bad),
            Data::AtRisk => ("MAY LOSE DATA", what.clone(), Role::Bad),
            Data::Kept => ("LEAVES DATA", format!("{what}, outside of the stack"), Role::Care),
            Data::Snapshot => ("LEAVES SNAPSHOT", what.clone(), Role::Care),
        });
    }
    marks.extend(row.broadens.iter().map(|what| ("BROADENS", what.clone(), Role::Care)));
    marks
}

/// A mark and what is said to it, the lines after the first below it.
fn marked(mark: &str, said: &str, role: Role, columns: usize, ink: Ink) -> Vec<String> {
    let said = excerpt(said);
    let painted = ink.paint(role, mark);
    if said.is_empty() {
        return vec![format!("       {painted}")];
    }
    let lead = 7 + mark.len() + 2;
    let parts = wrap(&said, columns.saturating_sub(lead).max(NARROWEST));
    let indent = " ".repeat(lead);
    let mut lines = Vec::with_capacity(parts.len());
    for (position, part) in parts.into_iter().enumerate() {
        lines.push(if position == 0 {
            format!("       {painted}  {part}")
        } else {
            format!("{indent}{part}")
        });
    }
    lines
}

fn indented(text: &str, columns: usize, by: usize) -> Vec<String> {
    let parts = wrap(text, columns.saturating_sub(by).max(1));
    parts.into_iter().map(|part| format!("{}{part}", " ".repeat(by))).collect()
}

/// One line: `dsm-sm-pipelines: 2 to add`.
pub fn line(changes: &Changes) -> String {
    let tally = tally(changes);
    let what = match (changes.anything, tally.is_empty()) {
        (false, _) => "nothing to change",
        (true, true) => "tags, outputs or other parts of the stack itself",
        (true, false) => &tally,
    };
    format!("{}: {what}", harmless(&changes.stack))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::changes::Held;

    fn row(action: Action, logical_id: &str, kind: &str) -> Row {
        Row {
            action,
            logical_id: logical_id.to_owned(),
            physical_id: None,
            kind: format!("AWS::{kind}"),
            what: Vec::new(),
            because: Vec::new(),
            data: None,
            broadens: Vec::new(),
        }
    }

    fn changes() -> Changes {
        let mut bucket = row(Action::Remove, "DataBucket", "S3::Bucket");
        bucket.data = Some(Held { what: "objects".to_owned(), fate: Data::Lost });
        let mut domain = row(Action::MayReplace, "Domain", "SageMaker::Domain");
        domain.what = vec!["VpcId (follows Vpc)".to_owned(), "DefaultUserSettings.ExecutionRole".to_owned()];
        domain.because = vec!["VpcId".to_owned()];
        domain.data = Some(Held { what: "the domain".to_owned(), fate: Data::Kept });
        let mut role = row(Action::Modify, "Role\u{1b}[31mAbalone", "IAM::Role");
        role.what = vec!["1 permission added".to_owned()];
        role.broadens = vec!["Allow s3:GetObject, s3:PutObject on arn:${AWS::Partition}:s3:::a-very-long-bucket-name/with/a/prefix/*".to_owned()];
        let pipeline = row(Action::Add, "Abalone", "SageMaker::Pipeline");
        Changes {
            stack: "dsm-sm-pipelines".to_owned(),
            anything: true,
            rows: vec![bucket, domain, pipeline, role],
            broadens: vec!["Elsewhere: more".to_owned()],
            notes: vec!["something could not be told".to_owned()],
        }
    }

    #[test]
    fn wide() {
        insta::assert_snapshot!(table(&changes(), 100, Ink::Plain), @r"
        dsm-sm-pipelines: 1 to remove, 1 to change or replace, 1 to change, 1 to add
          -  DataBucket             AWS::S3::Bucket
               LOSES DATA  objects
          ~+ Domain                 AWS::SageMaker::Domain    VpcId (follows Vpc),
                                                              DefaultUserSettings.ExecutionRole
               MAY REPLACE  because of VpcId
               LEAVES DATA  the domain, outside of the stack
          +  Abalone                AWS::SageMaker::Pipeline
          ~  Role\u{1b}[31mAbalone  AWS::IAM::Role            1 permission added
               BROADENS  Allow s3:GetObject, s3:PutObject on
                         arn:${AWS::Partition}:s3:::a-very-long-bucket-name/with/a/prefix/*
               BROADENS  Elsewhere: more
          something could not be told
        ");
    }

    #[test]
    fn narrow() {
        insta::assert_snapshot!(table(&changes(), 44, Ink::Plain), @r"
        dsm-sm-pipelines: 1 to remove, 1 to change
        or replace, 1 to change, 1 to add
          -  DataBucket
             AWS::S3::Bucket
               LOSES DATA  objects
          ~+ Domain
             AWS::SageMaker::Domain
             VpcId (follows Vpc),
             DefaultUserSettings.ExecutionRole
               MAY REPLACE  because of VpcId
               LEAVES DATA  the domain, outside of
                            the stack
          +  Abalone
             AWS::SageMaker::Pipeline
          ~  Role\u{1b}[31mAbalone
             AWS::IAM::Role
             1 permission added
               BROADENS  Allow s3:GetObject,
                         s3:PutObject on
                         arn:${AWS::Partition}:s3:::
                         a-very-long-bucket-name/wit
                         h/a/prefix/*
               BROADENS  Elsewhere: more
          something could not be told
        ");
        for columns in 40..120 {
            let table = table(&changes(), columns, Ink::Plain);
            assert!(table.lines().all(|line| width(line) <= columns), "{columns}\n{table}");
        }
    }

    #[test]
    fn nothing() {
        let mut changes = Changes { stack: "dsm".to_owned(), ..Changes::default() };
        assert_eq!(table(&changes, 80, Ink::Plain), "dsm: nothing to change\n");
        changes.anything = true;
        assert_eq!(
            table(&changes, 80, Ink::Plain),
            "dsm: tags, outputs or other parts of the stack itself\n"
        );
    }
}
