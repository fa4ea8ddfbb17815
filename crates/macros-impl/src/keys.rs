//! The settings each attribute knows, and what to say about one it does not know.

use syn::Ident;
use syn::ext::IdentExt as _;

use crate::errors::Errors;
use crate::syntax::{Setting, Settings};

/// An attribute in one of the places it may stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Attribute {
    /// `#[pipeline(…)]` on the top struct.
    Pipeline,
    /// `#[config(…)]` on a struct or enum.
    Config,
    /// `#[config(…)]` on a field.
    Field,
    /// `items(…)`, `keys(…)` and `values(…)` within `#[config(…)]` on a field.
    Elements,
    /// `#[config(…)]` on a variant.
    Variant,
    /// `#[parameter(…)]` on a field.
    Parameter,
}

impl Attribute {
    pub(crate) const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Pipeline => &["name", "display_name", "crate", "rename_all", "validate"],
            Self::Config => &[
                "crate",
                "rename_all",
                "validate",
                "tag",
                "content",
                "untagged",
                "from_str",
                "pattern",
                "transparent",
                "schema_extra",
            ],
            Self::Field => &[
                "default",
                "ge",
                "gt",
                "le",
                "lt",
                "multiple_of",
                "min_length",
                "max_length",
                "pattern",
                "choices",
                "unique_items",
                "items",
                "keys",
                "values",
                "alias",
                "rename",
                "flatten",
                "default_with",
                "before",
                "after",
                "validate",
                "deprecated",
                "title",
                "examples",
                "schema_extra",
            ],
            Self::Elements => &[
                "ge",
                "gt",
                "le",
                "lt",
                "multiple_of",
                "min_length",
                "max_length",
                "pattern",
                "choices",
                "unique_items",
                "items",
                "keys",
                "values",
            ],
            Self::Variant => &["alias", "rename"],
            Self::Parameter => &["default", "name", "choices", "min_length", "max_length", "unused"],
        }
    }

    /// What to do about a key of somebody else's vocabulary, or of another attribute.
    fn advice(self, key: &str) -> Option<&'static str> {
        Some(match (self, key) {
            (Self::Field, "min" | "minimum") => "write `ge`",
            (Self::Field, "max" | "maximum") => "write `le`",
            (Self::Field, "exclusive_minimum") => "write `gt`",
            (Self::Field, "exclusive_maximum") => "write `lt`",
            (Self::Field, "step") => "write `multiple_of`",
            (Self::Field, "regex" | "matches") => "write `pattern`",
            (Self::Field | Self::Parameter, "enum" | "one_of" | "values" | "options" | "literal") => {
                "write `choices`"
            }
            (Self::Field | Self::Parameter, "min_items" | "min_len") => "write `min_length`",
            (Self::Field | Self::Parameter, "max_items" | "max_len") => "write `max_length`",
            (Self::Field | Self::Variant, "name" | "key") => "write `rename`",
            (Self::Field | Self::Variant, "validation_alias" | "aliases") => "write `alias`",
            (Self::Field, "default_factory") => "write `default_with`",
            (Self::Field, "example") => "write `examples` with a list",
            (Self::Field, "unique") => "write `unique_items`",
            (Self::Field | Self::Config, "field_validator" | "model_validator" | "validator" | "check") => {
                "write `validate`"
            }
            (Self::Config, "discriminator") => "write `tag`",
            (Self::Field | Self::Config, "json_schema_extra") => "write `schema_extra`",
            (Self::Config, "root" | "newtype") => "write `transparent`",
            (Self::Field, "unused") => "only a `Parameter` can be declared unused",
            (Self::Field, "required") => "a field is required unless it has a `default` or is an `Option`",
            (Self::Field, "optional") => "make the field's type an `Option`",
            (Self::Parameter, "required") => "a parameter without a `default` is required",
            (Self::Parameter, "alias" | "rename") => "write `name`",
            (Self::Parameter, "ge" | "gt" | "le" | "lt" | "multiple_of" | "pattern") => {
                "SageMaker checks no such thing when an execution starts"
            }
            (_, "description" | "doc" | "help") => "write a doc comment",
            (Self::Config, "name" | "display_name") => {
                "it belongs into `#[pipeline(…)]` on the struct with `#[derive(Pipeline)]`"
            }
            _ => return None,
        })
    }
}

/// Takes settings out of an attribute one by one; what is left over is unknown.
pub(crate) struct Taker {
    settings: Vec<Setting>,
}

impl Taker {
    /// Reports the settings that the attribute does not know.
    pub(crate) fn new(settings: Settings, attribute: Attribute, errors: &mut Errors) -> Self {
        let keys = attribute.keys();
        let (known, unknown): (Vec<_>, Vec<_>) =
            settings.list.into_iter().partition(|setting| keys.contains(&name(&setting.key).as_str()));
        for setting in unknown {
            let key = name(&setting.key);
            let advice = match (attribute.advice(&key), closest(&key, keys)) {
                (Some(advice), _) => format!(": {advice}"),
                (None, Some(similar)) => format!(": did you mean `{similar}`?"),
                (None, None) => String::new(),
            };
            let list = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
            errors.at(&setting.key, format!("unknown setting `{key}`{advice}\nknown here: {list}"));
        }
        Self { settings: known }
    }

    /// What nobody took.
    pub(crate) fn rest(self) -> Vec<Setting> {
        self.settings
    }

    /// Whether there is a setting of this name.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.settings.iter().any(|setting| setting.key.unraw() == key)
    }

    /// Takes every setting of this name.
    pub(crate) fn take_all(&mut self, key: &str) -> Vec<Setting> {
        let (taken, rest) =
            std::mem::take(&mut self.settings).into_iter().partition(|s| s.key.unraw() == key);
        self.settings = rest;
        taken
    }

    pub(crate) fn take(&mut self, key: &str) -> Option<Setting> {
        let index = self.settings.iter().position(|setting| setting.key.unraw() == key)?;
        Some(self.settings.remove(index))
    }
}

/// The name of a key as it is meant: `crate` and `r#crate` are the same.
fn name(key: &Ident) -> String {
    key.unraw().to_string()
}

/// The key most like a misspelt one, if one is like it at all.
fn closest<'k>(key: &str, keys: &[&'k str]) -> Option<&'k str> {
    let key = key.to_lowercase().replace('-', "_");
    keys.iter()
        .map(|candidate| (strsim::damerau_levenshtein(&key, candidate), *candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().max(key.len()) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
