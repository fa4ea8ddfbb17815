//! What can be wrong with a template.

use std::fmt;

use thiserror::Error;

/// A fault, and where it is.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("{}{fault}", Place(self))]
pub struct Problem {
    /// The section: `Resources`, `Outputs`, …; empty for the template as a whole.
    pub section: &'static str,
    /// The name in that section: a resource's logical id; empty for the section as a whole.
    pub logical_id: String,
    /// The path from there: `Properties.LifecycleConfiguration.Rules[0].Status`; may be empty.
    pub path: String,
    /// What is wrong.
    pub fault: Fault,
}

struct Place<'a>(&'a Problem);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { section, logical_id, path, .. } = self.0;
        let parts = [section, logical_id.as_str(), path.as_str()];
        let mut any = false;
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            // A resource needs no section: its logical id is how AWS names it, too.
            if part == "Resources" && !logical_id.is_empty() {
                continue;
            }
            write!(f, "{}{part}", if any { "." } else { "" })?;
            any = true;
        }
        if any { f.write_str(": ") } else { Ok(()) }
    }
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Fault {
    /// Two entries of a section have one name.
    #[error("the name is used twice")]
    DuplicateName,
    /// The name is no name for CloudFormation.
    #[error("the name is not made of 1 to 255 letters and digits")]
    InvalidName,
    /// A property that has to be set is not.
    #[error("the required property {property} is missing")]
    Missing {
        /// The property.
        property: &'static str,
    },
    /// A property that the type does not have.
    #[error("there is no such property; known are {}", listed(.known))]
    UnknownProperty {
        /// All that there are.
        known: Vec<&'static str>,
    },
    /// A property that the service sets.
    #[error("the property is read-only: the service sets it")]
    ReadOnly,
    /// A value of another type.
    #[error("{value} is no {wanted}")]
    WrongType {
        /// What stands there.
        value: String,
        /// What is wanted: `text`, `whole number`, …
        wanted: &'static str,
    },
    /// A text that is too short or too long.
    #[error("{value} has {known}{length} characters; {allowed} are allowed")]
    Length {
        /// What stands there, shortened.
        value: String,
        /// Its length.
        length: usize,
        /// How well the length is known.
        known: Known,
        /// What is allowed.
        allowed: Bounds,
    },
    /// A number outside its range.
    #[error("{value} is out of range; {allowed} is allowed")]
    Range {
        /// What stands there.
        value: String,
        /// What is allowed.
        allowed: Bounds,
    },
    /// A list or map that is too short or too long.
    #[error("there are {count} items; {allowed} are allowed")]
    Count {
        /// How many there are.
        count: usize,
        /// What is allowed.
        allowed: Bounds,
    },
    /// An item that is in a list twice.
    #[error("{value} is in the list twice")]
    DuplicateItem {
        /// What stands there.
        value: String,
    },
    /// A text that does not match.
    #[error("{value} does not match {pattern}")]
    Pattern {
        /// What stands there, shortened.
        value: String,
        /// The regular expression.
        pattern: &'static str,
    },
    /// A text that is not written as it should be.
    #[error("{value} is no {wanted}")]
    Format {
        /// What stands there.
        value: String,
        /// What is wanted.
        wanted: &'static str,
    },
    /// A value that is not one of those allowed.
    #[error("{value} is none of the known values: {}", listed(.allowed))]
    NotAllowed {
        /// What stands there.
        value: String,
        /// All that are allowed.
        allowed: Vec<String>,
    },
    /// None of some properties is set.
    #[error("at least one of {} has to be set", listed(.properties))]
    NoneOf {
        /// The properties.
        properties: &'static [&'static str],
    },
    /// Not exactly one of some properties is set.
    #[error("exactly one of {} has to be set, and {} are", listed(.properties), count_listed(.set))]
    NotOneOf {
        /// The properties.
        properties: &'static [&'static str],
        /// Those that are set.
        set: Vec<&'static str>,
    },
    /// A property needs another.
    #[error("{property} needs {missing} to be set, too")]
    Requires {
        /// The property that is set.
        property: &'static str,
        /// The one that is not.
        missing: &'static str,
    },
    /// Two properties exclude each other.
    #[error("{property} and {other} can't both be set")]
    Excludes {
        /// A property that is set.
        property: &'static str,
        /// The other one.
        other: &'static str,
    },
    /// A reference to nothing.
    #[error("{target:?} is no resource or parameter of this template")]
    DanglingReference {
        /// What is referred to.
        target: String,
    },
    /// An attribute that the type does not have.
    #[error("{type_name} {target:?} has no attribute {attribute:?}; known are {}", listed(.known))]
    UnknownAttribute {
        /// The resource.
        target: String,
        /// Its type.
        type_name: String,
        /// The attribute.
        attribute: String,
        /// All that there are.
        known: &'static [&'static str],
    },
    /// A condition that is not declared.
    #[error("{target:?} is no condition of this template")]
    UnknownCondition {
        /// The condition.
        target: String,
    },
    /// A mapping, or a key of one, that is not declared.
    #[error("{target:?} is no {what} of this template")]
    UnknownMapping {
        /// The mapping, or the mapping and the keys with dots between them.
        target: String,
        /// `mapping` or `entry of a mapping`.
        what: &'static str,
    },
    /// A variable given to `Fn::Sub` that its text does not use.
    #[error("the text of Fn::Sub does not use the variable {variable:?}")]
    UnusedVariable {
        /// The variable.
        variable: String,
    },
    /// A function with arguments that it does not take.
    #[error("{function} does not take {value}")]
    Malformed {
        /// The function.
        function: String,
        /// What stands there, shortened.
        value: String,
    },
    /// Something that is declared and never used.
    #[error("it is never used")]
    Unused,
    /// Entries that depend on each other in a circle.
    #[error("they depend on each other in a circle: {}", .names.join(" → "))]
    Cycle {
        /// The circle; the first name is also the last.
        names: Vec<String>,
    },
    /// More entries than CloudFormation takes.
    #[error("there are {count}; at most {limit} are allowed")]
    TooMany {
        /// How many there are.
        count: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// A template or description with more bytes than CloudFormation takes.
    #[error("it has {size} bytes; at most {limit} are allowed")]
    TooLarge {
        /// The size in bytes.
        size: usize,
        /// What is allowed.
        limit: usize,
    },
    /// Values inside values, deeper than any template needs.
    #[error("values are nested more than {limit} deep")]
    TooDeep {
        /// What is allowed.
        limit: usize,
    },
}

/// How well a length is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// It is this.
    Exactly,
    /// It is this or more: parts of the text are worked out by CloudFormation.
    AtLeast,
}

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exactly => "",
            Self::AtLeast => "at least ",
        })
    }
}

/// How bad a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// CloudFormation or the service would refuse the template.
    Error,
    /// It would be taken, or only the service can tell: a value newer than `models/` looks the same as a
    /// misspelt one.
    Warning,
}

/// What is allowed of a number; both ends are included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The least.
    pub min: Option<f64>,
    /// The greatest.
    pub max: Option<f64>,
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min, self.max) {
            (Some(min), Some(max)) => write!(f, "{min} to {max}"),
            (Some(min), None) => write!(f, "{min} or more"),
            (None, Some(max)) => write!(f, "up to {max}"),
            (None, None) => f.write_str("anything"),
        }
    }
}

impl Problem {
    /// How bad it is.
    pub fn severity(&self) -> Severity {
        match self.fault {
            Fault::NotAllowed { .. } | Fault::Unused | Fault::UnusedVariable { .. } => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// A stable name of the kind of fault: `cloudformation/length`.
    pub fn code(&self) -> &'static str {
        match self.fault {
            Fault::DuplicateName => "cloudformation/duplicate-name",
            Fault::InvalidName => "cloudformation/invalid-name",
            Fault::Missing { .. } => "cloudformation/missing-property",
            Fault::UnknownProperty { .. } => "cloudformation/unknown-property",
            Fault::ReadOnly => "cloudformation/read-only-property",
            Fault::WrongType { .. } => "cloudformation/type",
            Fault::Length { .. } => "cloudformation/length",
            Fault::Range { .. } => "cloudformation/range",
            Fault::Count { .. } => "cloudformation/count",
            Fault::DuplicateItem { .. } => "cloudformation/duplicate-item",
            Fault::Pattern { .. } => "cloudformation/pattern",
            Fault::Format { .. } => "cloudformation/format",
            Fault::NotAllowed { .. } => "cloudformation/enum",
            Fault::NoneOf { .. }
            | Fault::NotOneOf { .. }
            | Fault::Requires { .. }
            | Fault::Excludes { .. } => "cloudformation/combination",
            Fault::DanglingReference { .. } => "cloudformation/dangling-reference",
            Fault::UnknownAttribute { .. } => "cloudformation/unknown-attribute",
            Fault::UnknownCondition { .. } => "cloudformation/unknown-condition",
            Fault::UnknownMapping { .. } => "cloudformation/unknown-mapping",
            Fault::UnusedVariable { .. } => "cloudformation/unused-variable",
            Fault::Malformed { .. } => "cloudformation/malformed-function",
            Fault::Unused => "cloudformation/unused",
            Fault::Cycle { .. } => "cloudformation/cycle",
            Fault::TooMany { .. } => "cloudformation/too-many",
            Fault::TooLarge { .. } => "cloudformation/too-large",
            Fault::TooDeep { .. } => "cloudformation/too-deep",
        }
    }

    /// What stands there.
    pub fn value(&self) -> Option<String> {
        match &self.fault {
            Fault::WrongType { value, .. }
            | Fault::Length { value, .. }
            | Fault::Range { value, .. }
            | Fault::DuplicateItem { value }
            | Fault::Pattern { value, .. }
            | Fault::Format { value, .. }
            | Fault::NotAllowed { value, .. }
            | Fault::Malformed { value, .. } => Some(value.clone()),
            Fault::Count { count, .. } | Fault::TooMany { count, .. } => Some(count.to_string()),
            Fault::TooLarge { size, .. } => Some(size.to_string()),
            Fault::DanglingReference { target }
            | Fault::UnknownCondition { target }
            | Fault::UnknownMapping { target, .. } => Some(target.clone()),
            Fault::UnknownAttribute { target, attribute, .. } => Some(format!("{target}.{attribute}")),
            Fault::UnusedVariable { variable } => Some(variable.clone()),
            Fault::NotOneOf { set, .. } => Some(set.join(", ")),
            Fault::InvalidName | Fault::DuplicateName => Some(self.logical_id.clone()),
            _ => None,
        }
    }

    /// What is allowed there.
    pub fn limit(&self) -> Option<String> {
        match &self.fault {
            Fault::InvalidName => Some("1 to 255 letters and digits".to_owned()),
            Fault::UnknownProperty { known } => Some(known.join(", ")),
            Fault::WrongType { wanted, .. } | Fault::Format { wanted, .. } => Some((*wanted).to_owned()),
            Fault::Length { allowed, .. } | Fault::Range { allowed, .. } | Fault::Count { allowed, .. } => {
                Some(allowed.to_string())
            }
            Fault::Pattern { pattern, .. } => Some((*pattern).to_owned()),
            Fault::NotAllowed { allowed, .. } => Some(allowed.join(", ")),
            Fault::NoneOf { properties } | Fault::NotOneOf { properties, .. } => Some(properties.join(", ")),
            Fault::UnknownAttribute { known, .. } => Some(known.join(", ")),
            Fault::TooMany { limit, .. } | Fault::TooLarge { limit, .. } | Fault::TooDeep { limit } => {
                Some(limit.to_string())
            }
            _ => None,
        }
    }
}

fn listed<T: fmt::Display>(names: &[T]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn count_listed(names: &[&str]) -> String {
    match names {
        [] => "none".to_owned(),
        [one] => format!("only {one}"),
        many => format!("{} ({})", many.len(), many.join(", ")),
    }
}
