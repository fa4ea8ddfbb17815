//! [`Difference`]: what differs between two templates.

use std::fmt;

use serde::Serialize;
use serde_json::{Value, json};

use crate::broadening::Broadening;
use crate::data::Data;
use crate::definition::DefinitionChange;
use crate::update::Update;

/// What differs between two templates.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Difference {
    /// What happens to the stack as a whole.
    pub stack: StackChange,
    /// Everything beside the resources, by path from the template's root (`Parameters.Env.Default`), sorted by section.
    pub sections: Vec<PropertyChange>,
    /// The resources that differ, sorted by logical id.
    pub resources: Vec<ResourceChange>,
    /// What is allowed that was not allowed before, sorted by logical id.
    pub broadening: Vec<Broadening>,
}

/// What happens to a stack as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StackChange {
    /// There was none: everything is added.
    Created,
    /// There was one, and will be.
    #[default]
    Updated,
    /// There will be none: everything is removed.
    Deleted,
    /// There was none and will be none.
    Absent,
}

/// Whether something came, went or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// It was not there.
    Added,
    /// It is no longer there.
    Removed,
    /// It was there, and is other than it was.
    Changed,
}

/// A resource that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResourceChange {
    /// Its logical id.
    pub logical_id: String,
    /// Its type; the new one where it changed.
    pub resource_type: String,
    /// The type that it had, where it changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_type: Option<String>,
    /// Whether it came, went or changed.
    pub sign: Sign,
    /// The logical id that a resource with just this content has on the other side: it was only renamed in the template, which
    /// is a removal and an addition to `CloudFormation`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renamed: Option<String>,
    /// Whether `CloudFormation` replaces it; [`Update::Never`] unless it changed.
    pub replacement: Update,
    /// What becomes of the data it holds; `None` when it holds none, or nothing becomes of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
    /// The properties that differ, by path from `Properties`. Empty for what was added or removed as a whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<PropertyChange>,
    /// What differs beside the properties: `DependsOn`, `DeletionPolicy`, `Metadata` and so on, by path.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<PropertyChange>,
    /// What its policies allow or deny that they didn't, and the reverse.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<PermissionChange>,
    /// What differs in the definition, where it is a pipeline and both definitions are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition: Option<DefinitionChange>,
}

/// A value that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PropertyChange {
    /// Where: names separated by dots, elements in brackets, by what they are called or by index (of the old list, or of
    /// the new one for what was added).
    pub path: String,
    /// What it was; `None` when it was not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// What it is; `None` when it is no longer there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
    /// Whether `CloudFormation` replaces the resource for it.
    pub update: Update,
    /// What is to be said beside the values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
}

impl PropertyChange {
    pub(crate) fn new(path: impl Into<String>, old: Option<Value>, new: Option<Value>) -> Self {
        Self { path: path.into(), old, new, update: Update::Never, note: None }
    }

    pub(crate) fn noted(mut self, note: Note) -> Self {
        self.note = Some(note);
        self
    }

    /// Whether it came, went or changed.
    pub fn sign(&self) -> Sign {
        match (&self.old, &self.new) {
            (None, _) => Sign::Added,
            (_, None) => Sign::Removed,
            _ => Sign::Changed,
        }
    }
}

/// What is to be said of a changed value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Note {
    /// The elements are the same in another order; old and new are what they are called.
    Order,
    /// Nothing but the content of a code object changed.
    Code {
        /// The name of the file or archive.
        file: String,
    },
    /// It says the same in other words: statements divided otherwise, other names of statements.
    Rewritten,
    /// It differs, and is masked.
    Secret,
    /// The definition is kept in another place or form; old and new say which.
    Form,
    /// Nothing differs here, but it refers to a resource that is replaced.
    Follows {
        /// The logical id of that resource.
        logical_id: String,
    },
}

/// Whether a statement allows or denies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Effect {
    /// `Allow`.
    Allow,
    /// `Deny`.
    Deny,
}

/// What a policy is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyKind {
    /// What a role, user or group may do.
    Identity,
    /// Who may take on a role.
    Trust,
    /// Who may do what with a resource.
    Resource,
}

/// Permissions that came or went together: each of the actions on each of the resources, for each of the principals.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PermissionChange {
    /// [`Sign::Added`] or [`Sign::Removed`].
    pub sign: Sign,
    /// What the policy is about.
    pub policy: PolicyKind,
    /// Whether they allow or deny.
    pub effect: Effect,
    /// The actions; `all but a, b` is one text for `NotAction`.
    pub actions: Vec<String>,
    /// The resources, references written as `Fn::Sub` has them; empty where a policy names none.
    pub resources: Vec<String>,
    /// The principals, as `Service sagemaker.amazonaws.com`; empty where a policy names none.
    pub principals: Vec<String>,
    /// The conditions, all of which have to hold, as `s3:prefix StringLike a or b`; `if Name` for one of the template.
    pub conditions: Vec<String>,
    /// The steps of the pipeline that need them, where the template's metadata says so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<String>,
}

/// In one line: `Allow s3:GetObject on ${Bucket.Arn}/* (steps: Train)`. Whether it came or went is not in it.
impl fmt::Display for PermissionChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.effect, self.actions.join(", "))?;
        for (word, values, between) in [
            ("on", &self.resources, ", "),
            ("to", &self.principals, ", "),
            ("where", &self.conditions, " and "),
        ] {
            if !values.is_empty() {
                write!(f, " {word} {}", values.join(between))?;
            }
        }
        if !self.steps.is_empty() {
            write!(f, " (steps: {})", self.steps.join(", "))?;
        }
        Ok(())
    }
}

impl Difference {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty() && self.resources.is_empty()
    }

    /// The change of this logical id.
    pub fn resource(&self, logical_id: &str) -> Option<&ResourceChange> {
        let found = self.resources.binary_search_by(|change| change.logical_id.as_str().cmp(logical_id));
        found.ok().map(|position| &self.resources[position])
    }

    /// Resources that are removed or replaced, or may be, and whose data then goes with them.
    pub fn losing_data(&self) -> impl Iterator<Item = &ResourceChange> {
        self.resources.iter().filter(|change| matches!(change.data, Some(Data::Lost | Data::AtRisk)))
    }

    /// Everything as JSON.
    ///
    /// An object of `format` (1), `empty`, and the fields of [`Difference`] under their Rust names. Enumerations are texts in
    /// lower case with underscores (`"added"`, `"replacement"`; `Allow` and `Deny` as IAM writes them), a [`Note`] is an
    /// object with `kind`. Fields that are `None` are left out, as are the lists of a resource or step that are empty. Secrets
    /// are masked. Fields may be added within a format; their meaning does not change.
    pub fn to_json(&self) -> Value {
        let mut value = json!({"format": 1, "empty": self.is_empty()});
        // Structs of texts and JSON values: there is nothing that can't be written.
        if let (Some(object), Ok(Value::Object(fields))) = (value.as_object_mut(), serde_json::to_value(self))
        {
            object.extend(fields);
        }
        value
    }
}
