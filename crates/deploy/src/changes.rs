//! What a change set means: [`Changes`], made of what CloudFormation says and of what differs between the templates.
//!
//! Where the two disagree about a replacement, CloudFormation is right: it knows the resource, the schema only its type.

use pipewright_cli::Approval;
use pipewright_diff::{
    Data, Difference, Lookups, Note, PropertyChange, ResourceChange, Update, compare, holds_data,
};
use serde::Serialize;
use serde_json::Value;

use crate::stack::{Change, ChangeDetail, Prepared};

/// The type whose replacement takes all its users' work away from them.
const DOMAIN: &str = "AWS::SageMaker::Domain";
/// How many names a row shows.
const NAMES: usize = 8;

/// What a change set does to a stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// The stack.
    pub stack: String,
    /// Whether there is anything to execute; a change of tags or outputs alone has no rows.
    pub anything: bool,
    /// A row for each resource: what is removed or replaced first, otherwise in the order of logical ids.
    pub rows: Vec<Row>,
    /// What is allowed that was not, by resources that have no row.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub broadens: Vec<String>,
    /// What could not be told, one sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What happens to a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What is done with it.
    pub action: Action,
    /// The resource.
    pub logical_id: String,
    /// What it is called in its service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub physical_id: Option<String>,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// What of it changes, in a few words each; empty for what comes or goes as a whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub what: Vec<String>,
    /// Why it is, or may be, replaced: the properties that can't be changed in place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<String>,
    /// What becomes of what it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Held>,
    /// What it allows that was not allowed before, one line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub broadens: Vec<String>,
}

/// What is done with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is removed.
    Remove,
    /// Another one is made, and this one removed.
    Replace,
    /// Perhaps; CloudFormation knows when it gets there.
    MayReplace,
    /// It is changed in place.
    Modify,
    /// It is made.
    Add,
    /// One that is there already becomes part of the stack.
    Import,
}

/// What a resource holds, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// What it holds, in a few words.
    pub what: String,
    /// What becomes of it.
    pub fate: Data,
}

impl Row {
    /// Whether it is removed or replaced, or may be.
    pub fn goes(&self) -> bool {
        matches!(self.action, Action::Remove | Action::Replace | Action::MayReplace)
    }

    /// Whether what it holds is lost, or may be.
    pub fn loses_data(&self) -> bool {
        self.data.as_ref().is_some_and(|data| matches!(data.fate, Data::Lost | Data::AtRisk))
    }

    /// Whether it is never done by mistake: a domain that is replaced comes back empty, under another id, and with it go
    /// everybody's apps and spaces. `UpdateReplacePolicy` does not help those who work in it.
    pub fn stops(&self) -> bool {
        self.kind == DOMAIN && matches!(self.action, Action::Replace | Action::MayReplace)
    }
}

impl Changes {
    /// What was prepared, read with the deployed template, where there is one, and the new one.
    pub fn of(prepared: &Prepared, old: Option<&str>, new: &str) -> Self {
        let mut notes = Vec::new();
        let mut parse = |which: &str, text: &str| -> Option<Value> {
            let value = serde_json::from_str(text).ok();
            if value.is_none() {
                notes.push(format!(
                    "the {which} template is not JSON, so all that the new one allows counts as new"
                ));
            }
            value
        };
        let old = old.and_then(|old| parse("deployed", old));
        let new = parse("new", new);
        let difference = compare(old.as_ref(), new.as_ref(), &Lookups::default());
        let mut changes = Self::read(prepared, &difference, old.as_ref(), new.as_ref());
        changes.notes = notes;
        changes
    }

    fn read(prepared: &Prepared, difference: &Difference, old: Option<&Value>, new: Option<&Value>) -> Self {
        let mut rows: Vec<Row> =
            prepared.changes.iter().map(|change| row(change, difference, old, new)).collect();
        rows.sort_by(|a, b| {
            let first =
                |row: &Row| !matches!(row.action, Action::Remove | Action::Replace | Action::MayReplace);
            (first(a), &a.logical_id, a.action).cmp(&(first(b), &b.logical_id, b.action))
        });
        let without = difference
            .broadening
            .iter()
            .filter(|broadening| !rows.iter().any(|row| row.logical_id == broadening.logical_id));
        let broadens = without.map(|found| format!("{}: {}", found.logical_id, found.what)).collect();
        Self {
            stack: prepared.stack.clone(),
            anything: prepared.change_set.is_some(),
            rows,
            broadens,
            notes: Vec::new(),
        }
    }

    /// Whether anything is allowed that was not.
    pub fn broadens(&self) -> bool {
        !self.broadens.is_empty() || self.rows.iter().any(|row| !row.broadens.is_empty())
    }

    /// Why somebody has to approve it under this policy, one reason each; empty when nobody has to.
    pub fn needs_approval(&self, policy: Approval) -> Vec<String> {
        if !self.anything || policy == Approval::Never {
            return Vec::new();
        }
        let mut reasons = Vec::new();
        if self.broadens() {
            reasons.push("it allows more than before".to_owned());
        }
        let holding = self.rows.iter().filter(|row| row.data.is_some() && row.goes());
        for row in holding {
            let verb = match row.action {
                Action::Remove => "removes",
                Action::MayReplace => "may replace",
                _ => "replaces",
            };
            reasons.push(format!("it {verb} {} ({})", row.logical_id, row.kind));
        }
        // What was made by others, or by a stack that is gone, belongs to this one from then on.
        let imported = self.rows.iter().filter(|row| row.action == Action::Import);
        reasons.extend(imported.map(|row| format!("it takes over {} ({})", row.logical_id, row.kind)));
        if reasons.is_empty() && policy == Approval::Any {
            reasons.push("every change needs approval".to_owned());
        }
        reasons
    }

    /// The resources that are never replaced by mistake; see [`Row::stops`].
    pub fn stops(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.stops())
    }
}

fn row(change: &Change, difference: &Difference, old: Option<&Value>, new: Option<&Value>) -> Row {
    let differs = difference.resource(&change.logical_id);
    let action = action(change, differs);
    let whole = matches!(action, Action::Add | Action::Remove | Action::Import);
    let broadening = difference.broadening.iter().filter(|found| found.logical_id == change.logical_id);
    Row {
        action,
        logical_id: change.logical_id.clone(),
        physical_id: change.physical_id.clone(),
        kind: change.kind.clone(),
        what: if whole { Vec::new() } else { what(change, differs) },
        because: if whole { Vec::new() } else { because(change, differs) },
        data: held(change, action, old, new),
        broadens: broadening.map(|found| found.what.clone()).collect(),
    }
}

fn action(change: &Change, differs: Option<&ResourceChange>) -> Action {
    match change.action.as_str() {
        "Add" => return Action::Add,
        "Remove" => return Action::Remove,
        "Import" => return Action::Import,
        // `Modify`, `Dynamic` and what may come.
        _ => {}
    }
    match change.replacement.as_deref() {
        Some("True") => return Action::Replace,
        Some("Conditional") => return Action::MayReplace,
        Some("False") => return Action::Modify,
        _ => {}
    }
    let by_policy = change.policy_action.as_deref().is_some_and(|action| action.starts_with("Replace"));
    let details = change.details.iter().filter_map(|detail| detail.requires_recreation.as_deref());
    // CloudFormation's word before the schema's.
    let said = details.map(recreation).max();
    match said.or(differs.map(|differs| differs.replacement)).unwrap_or_default() {
        Update::Replacement => Action::Replace,
        _ if by_policy => Action::Replace,
        Update::Conditional => Action::MayReplace,
        Update::Never => Action::Modify,
    }
}

fn recreation(word: &str) -> Update {
    match word {
        "Always" => Update::Replacement,
        "Never" => Update::Never,
        _ => Update::Conditional,
    }
}

/// What a detail is about: `BucketName`, `Tags`.
fn about(detail: &ChangeDetail) -> &str {
    detail.name.as_deref().filter(|_| detail.attribute == "Properties").unwrap_or(&detail.attribute)
}

/// What of a resource changes: what differs between the templates as exactly as they say it, and what CloudFormation knows beside.
fn what(change: &Change, differs: Option<&ResourceChange>) -> Vec<String> {
    let mut what: Vec<String> = Vec::new();
    let mut covered: Vec<String> = Vec::new();
    if let Some(differs) = differs {
        for property in differs.properties.iter().chain(&differs.attributes) {
            covered.push(head(&property.path).to_owned());
            let said = match &property.note {
                Some(Note::Follows { logical_id }) => format!("{} (follows {logical_id})", property.path),
                Some(Note::Order) => format!("{} (order)", property.path),
                Some(Note::Rewritten) => format!("{} (other words)", property.path),
                Some(Note::Code { file }) => format!("{} (code {file})", property.path),
                _ => property.path.clone(),
            };
            push(&mut what, said);
        }
        if let Some(definition) = &differs.definition {
            covered.extend(["PipelineDefinition", "PipelineDefinitionS3Location"].map(str::to_owned));
            what.extend(in_definition(definition));
        }
        let permissions =
            [(pipewright_diff::Sign::Added, "added"), (pipewright_diff::Sign::Removed, "removed")];
        for (sign, word) in permissions {
            let count = differs.permissions.iter().filter(|permission| permission.sign == sign).count();
            if count > 0 {
                covered.extend(["Policies", "PolicyDocument", "AssumeRolePolicyDocument"].map(str::to_owned));
                what.push(format!("{count} permission{} {word}", if count == 1 { "" } else { "s" }));
            }
        }
    }
    for detail in &change.details {
        let about = about(detail);
        if !covered.iter().any(|name| name == about) {
            let cause = detail.causing_entity.as_deref().filter(|cause| !cause.is_empty());
            push(
                &mut what,
                cause.map_or_else(|| about.to_owned(), |cause| format!("{about} (follows {cause})")),
            );
        }
    }
    if what.len() > NAMES {
        let more = what.len() - NAMES;
        what.truncate(NAMES);
        what.push(format!("and {more} more"));
    }
    what
}

fn push(what: &mut Vec<String>, said: String) {
    if !what.contains(&said) {
        what.push(said);
    }
}

/// The first name of a path.
fn head(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or(path)
}

fn in_definition(definition: &pipewright_diff::DefinitionChange) -> Vec<String> {
    let mut what: Vec<String> = Vec::new();
    for step in &definition.steps {
        let word = match step.sign {
            pipewright_diff::Sign::Added => "added",
            pipewright_diff::Sign::Removed => "removed",
            pipewright_diff::Sign::Changed if is_code(&step.changes) => "code",
            pipewright_diff::Sign::Changed => "changed",
        };
        what.push(format!("step {} {word}", step.name));
    }
    let names =
        |changes: &[PropertyChange]| changes.iter().map(|change| change.path.clone()).collect::<Vec<_>>();
    what.extend(names(&definition.parameters));
    what.extend(names(&definition.properties));
    if !definition.reordered.is_empty() {
        what.push("order of steps".to_owned());
    }
    if definition.text.is_some() {
        what.push("the definition's text".to_owned());
    }
    what
}

fn is_code(changes: &[PropertyChange]) -> bool {
    !changes.is_empty() && changes.iter().all(|change| matches!(change.note, Some(Note::Code { .. })))
}

/// The properties for which it is, or may be, replaced.
fn because(change: &Change, differs: Option<&ResourceChange>) -> Vec<String> {
    let mut names: Vec<String> = change
        .details
        .iter()
        .filter(|detail| {
            detail.requires_recreation.as_deref().is_some_and(|word| recreation(word) != Update::Never)
        })
        .map(|detail| about(detail).to_owned())
        .collect();
    let said = change.details.iter().any(|detail| detail.requires_recreation.is_some());
    if let Some(differs) = differs.filter(|_| !said && change.replacement.as_deref() != Some("False")) {
        let properties = differs.properties.iter().filter(|property| property.update != Update::Never);
        names.extend(properties.map(|property| property.path.clone()));
    }
    names.sort();
    names.dedup();
    names
}

/// What becomes of what the resource holds: as CloudFormation says, or else as the policies in the templates do.
fn held(change: &Change, action: Action, old: Option<&Value>, new: Option<&Value>) -> Option<Held> {
    let what = holds_data(&change.kind)?.to_owned();
    let policy = |template: Option<&Value>, key: &str| -> String {
        let resource = template.and_then(|template| template.get("Resources")?.get(&change.logical_id));
        resource.and_then(|resource| resource.get(key)?.as_str()).unwrap_or("Delete").to_owned()
    };
    let policy = match action {
        Action::Remove => policy(old, "DeletionPolicy"),
        Action::Replace | Action::MayReplace => policy(new, "UpdateReplacePolicy"),
        Action::Add | Action::Import | Action::Modify => return None,
    };
    let fate = match change.policy_action.as_deref().unwrap_or(&policy) {
        action if action.ends_with("Retain") || action == "RetainExceptOnCreate" => Data::Kept,
        action if action.ends_with("Snapshot") => Data::Snapshot,
        _ if action == Action::MayReplace => Data::AtRisk,
        _ => Data::Lost,
    };
    Some(Held { what, fate })
}

#[cfg(test)]
#[path = "changes_tests.rs"]
mod tests;
