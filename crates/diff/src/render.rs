//! A difference for people.

mod page;
mod value;

use std::fmt::{self, Write as _};

use crate::broadening::Broadening;
use crate::change::{Difference, Note, PermissionChange, PropertyChange, ResourceChange, Sign, StackChange};
use crate::data::{Data, holds_data};
use crate::definition::{DefinitionChange, StepChange};
use crate::render::page::{Page, Tone};
use crate::render::value::{pair, plain, shortened, single};
use crate::update::Update;

/// How a difference is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// With ANSI colours.
    pub color: bool,
    /// Columns that a line may have; what is longer goes on in the next one. At least 40 are used.
    pub width: usize,
}

impl Default for Style {
    /// 100 columns, no colours.
    fn default() -> Self {
        Self { color: false, width: 100 }
    }
}

/// Characters of a permission. IAM takes policies of a few thousand.
const LONGEST: usize = 4_000;

/// Sections that say nothing new of a stack that comes or goes as a whole.
const FURNITURE: [&str; 3] = ["AWSTemplateFormatVersion", "Description", "Mappings"];

/// The difference as text, each line ended by a line feed.
///
/// `[+]` came, `[-]` went, `[~]` changed. Long values are shortened around what differs; control characters are written
/// as escapes, so that no template can write on a terminal what it likes.
pub fn render(difference: &Difference, style: Style) -> String {
    let mut page = Page::new(style);
    match difference.stack {
        _ if difference.is_empty() => {
            page.line(0, None, "There were no differences");
            return page.finish();
        }
        StackChange::Created => page.line(0, None, "The stack is new"),
        StackChange::Deleted => page.line(0, None, "The stack is to be deleted"),
        StackChange::Updated | StackChange::Absent => {}
    }
    if !difference.broadening.is_empty() {
        page.heading("Allowed that was not allowed before");
        for found in &difference.broadening {
            page.toned(
                0,
                Sign::Added,
                Tone::Alarm,
                &format!("{}: {}", plain(&found.logical_id), plain(&found.what)),
            );
        }
    }
    let mut section = "";
    for change in &difference.sections {
        let name = change.path.split('.').next().unwrap_or_default();
        if difference.stack != StackChange::Updated && FURNITURE.contains(&name) {
            continue;
        }
        if name != section {
            page.heading(&plain(name));
            section = name;
        }
        property(&mut page, 0, change);
    }
    if !difference.resources.is_empty() {
        page.heading("Resources");
        for change in &difference.resources {
            resource(&mut page, change, &difference.broadening);
        }
    }
    page.finish()
}

fn resource(page: &mut Page, change: &ResourceChange, broadening: &[Broadening]) {
    let mut title = format!("{} {}", plain(&change.resource_type), plain(&change.logical_id));
    if let Some(old) = &change.old_type {
        append(&mut title, format_args!(", was {}", plain(old)));
    }
    match (&change.renamed, change.sign) {
        (Some(other), Sign::Removed) => append(&mut title, format_args!(" (renamed to {})", plain(other))),
        (Some(other), _) => append(&mut title, format_args!(" (renamed from {})", plain(other))),
        (None, _) => {}
    }
    let what = holds_data(change.old_type.as_deref().unwrap_or(&change.resource_type)).unwrap_or("data");
    let mut tone = Tone::Sign;
    match change.replacement {
        Update::Never => {}
        Update::Conditional => title.push_str(" (may be replaced)"),
        Update::Replacement => {
            title.push_str(" (is replaced)");
            tone = Tone::Alarm;
        }
    }
    match change.data {
        None => {}
        Some(Data::Lost) => {
            append(&mut title, format_args!(" — loses {what}"));
            tone = Tone::Alarm;
        }
        Some(Data::AtRisk) => append(&mut title, format_args!(" — may lose {what}")),
        Some(Data::Kept) if change.sign == Sign::Removed => title.push_str(" — stays, outside of the stack"),
        Some(Data::Kept) => title.push_str(" — the old one stays, outside of the stack"),
        Some(Data::Snapshot) => title.push_str(" — a snapshot stays"),
    }
    page.toned(0, change.sign, tone, &title);
    for found in change.properties.iter().chain(&change.attributes) {
        property(page, 1, found);
    }
    // What comes with a new resource stands above already.
    let told = |permission: &PermissionChange| {
        let what = permission.to_string();
        change.sign == Sign::Added
            && broadening.iter().any(|found| found.logical_id == change.logical_id && found.what == what)
    };
    for found in change.permissions.iter().filter(|permission| !told(permission)) {
        permission(page, found);
    }
    if let Some(found) = &change.definition {
        definition(page, found);
    }
}

fn property(page: &mut Page, indent: usize, change: &PropertyChange) {
    let path = plain(&change.path);
    let replaces = match change.update {
        Update::Never => "",
        Update::Conditional => " (may replace)",
        Update::Replacement => " (replaces)",
    };
    let text = match (&change.note, &change.old, &change.new) {
        (Some(Note::Code { file }), ..) => format!("code of {} changed ({path})", plain(file)),
        (Some(Note::Secret), ..) => format!("{path}: differs (not shown)"),
        (Some(Note::Follows { logical_id }), ..) => {
            format!("{path}: refers to {}, which is replaced", plain(logical_id))
        }
        (note, Some(old), Some(new)) => {
            let (old, new) = pair(old, new);
            match note {
                Some(Note::Order) => format!("{path}: the order is {new}, was {old}"),
                Some(Note::Rewritten) => format!("{path}: {old} → {new} (permits the same)"),
                _ => format!("{path}: {old} → {new}"),
            }
        }
        (_, Some(value), None) | (_, None, Some(value)) => format!("{path}: {}", single(value)),
        (_, None, None) => path,
    };
    let tone = if change.update == Update::Replacement { Tone::Alarm } else { Tone::Sign };
    page.toned(indent, change.sign(), tone, &format!("{text}{replaces}"));
}

fn append(title: &mut String, more: fmt::Arguments<'_>) {
    // Writing to a text can't fail.
    let _ = title.write_fmt(more);
}

/// In one line where it fits, otherwise each resource in its own.
fn permission(page: &mut Page, change: &PermissionChange) {
    let whole = plain(&shortened(&change.to_string(), LONGEST));
    if page.fits(1, &whole) {
        return page.line(1, Some(change.sign), &whole);
    }
    page.line(
        1,
        Some(change.sign),
        &plain(&shortened(&format!("{:?} {}", change.effect, change.actions.join(", ")), LONGEST)),
    );
    let each = |word: &str, values: &[String]| -> Vec<String> {
        values.iter().map(|value| plain(&shortened(&format!("{word} {value}"), LONGEST))).collect()
    };
    let mut lines = each("on", &change.resources);
    lines.extend(each("to", &change.principals));
    lines.extend(each("where", &change.conditions));
    if !change.steps.is_empty() {
        lines.push(plain(&format!("steps: {}", change.steps.join(", "))));
    }
    for line in lines {
        page.line(2, None, &line);
    }
}

fn definition(page: &mut Page, change: &DefinitionChange) {
    for found in change.properties.iter().chain(&change.parameters) {
        property(page, 1, found);
    }
    for found in &change.steps {
        step(page, found);
    }
    for found in &change.reordered {
        let place = if found.branch.is_empty() { "steps".to_owned() } else { plain(&found.branch) };
        let [old, new] = [&found.old, &found.new].map(|names| plain(&names.join(", ")));
        page.line(1, Some(Sign::Changed), &format!("{place}: the order is {new}, was {old}"));
    }
    if let Some(text) = &change.text {
        page.line(1, Some(Sign::Changed), "the definition, as text");
        for line in text.lines() {
            let sign = match line.chars().next() {
                Some('+') => Tone::Added,
                Some('-') => Tone::Removed,
                _ => Tone::Plain,
            };
            page.verbatim(2, sign, &plain(&shortened(line, 400)));
        }
    }
}

fn step(page: &mut Page, change: &StepChange) {
    let mut title = format!("step {}", plain(&change.name));
    if !change.kind.is_empty() {
        append(&mut title, format_args!(" ({})", plain(&change.kind)));
    }
    if !change.branch.is_empty() {
        append(&mut title, format_args!(" in {}", plain(&change.branch)));
    }
    if let Some(from) = &change.moved_from {
        let from = if from.is_empty() { "the pipeline itself".to_owned() } else { plain(from) };
        append(&mut title, format_args!(", was in {from}"));
    }
    match (&change.renamed, change.sign) {
        (Some(other), Sign::Removed) => append(&mut title, format_args!(" (renamed to {})", plain(other))),
        (Some(other), _) => append(&mut title, format_args!(" (renamed from {})", plain(other))),
        (None, _) => {}
    }
    page.line(1, Some(change.sign), &title);
    for found in &change.changes {
        property(page, 2, found);
    }
}
