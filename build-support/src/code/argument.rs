//! One `add_argument(…)` call: its values become an [`Argument`], or a reason why they can't.

use tree_sitter::Node;

use super::contract::{Argument, Arity, DefaultValue, Reason, Spelling, Takes, ValueType};
use super::syntax::{Source, line};
use super::values::Value;

/// A closed set of choices becomes an enum; a larger one stays a text that is checked by the script.
const MAX_CHOICES: usize = 100;

/// SageMaker passes 100 arguments at most.
const MAX_VALUES: i64 = 100;

/// The evaluated arguments of a call.
#[derive(Default)]
pub(super) struct Arguments<'s> {
    /// Without a name, in order.
    pub(super) positional: Vec<(Value<'s>, Node<'s>)>,
    /// With a name.
    pub(super) named: Vec<(&'s str, Value<'s>, Node<'s>)>,
    /// A `*list` or `**dictionary` among them.
    pub(super) splat: bool,
}

impl<'s> Arguments<'s> {
    /// The value and place of a named argument.
    pub(super) fn named(&self, name: &str) -> Option<(&Value<'s>, Node<'s>)> {
        self.named.iter().find(|(other, ..)| *other == name).map(|(_, value, node)| (value, *node))
    }

    /// A named text.
    fn text(&self, name: &str) -> Option<&str> {
        self.named(name).and_then(|(value, _)| value.as_text())
    }

    /// A named truth value, `unset` where it is not given.
    pub(super) fn truth(&self, name: &str, unset: bool) -> Truth {
        match self.named(name) {
            None => Truth::Known(unset),
            Some((Value::Bool(truth), _)) => Truth::Known(*truth),
            Some((Value::None, _)) => Truth::Known(false),
            Some(_) => Truth::Computed,
        }
    }
}

/// What is known of a truth value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    /// It is written in the script.
    Known(bool),
    /// It is not.
    Computed,
}

/// What a call declares.
#[derive(Debug, PartialEq)]
pub(super) struct Declared {
    /// The argument; `None` for `help` and `version`, which a pipeline has no use for.
    pub(super) argument: Option<Argument>,
    /// All flags it takes; none for a positional argument.
    pub(super) flags: Vec<String>,
    /// What the author should know.
    pub(super) note: Option<Reason>,
}

/// Reads a call of `add_argument`. The error is a clause for the author.
pub(super) fn read(source: &Source<'_>, call: Node<'_>, given: &Arguments<'_>) -> Result<Declared, String> {
    if given.splat {
        return Err("the arguments of `add_argument` are computed".to_owned());
    }
    let name = name(given)?;
    let action = Action::read(given, &name)?;
    let spelling = name.spelling;
    let shown = spelling.shown(&name.dest);

    let required = match (&spelling, given.truth("required", false)) {
        (Spelling::Positional, _) => true,
        (Spelling::Option { .. }, Truth::Known(required)) => required,
        (Spelling::Option { .. }, Truth::Computed) => {
            return Err(format!("whether `{shown}` is required is computed"));
        }
    };
    let mut note = None;
    let mut choices = None;
    let takes = match action {
        Action::Ignored => return Ok(Declared { argument: None, flags: name.flags, note: None }),
        Action::Flag(_) if spelling == Spelling::Positional => {
            return Err(format!("`{shown}` is positional and takes no value"));
        }
        // A required switch can't be left out, so there is nothing to choose.
        Action::Flag(Takes::Switch { .. }) if required => Takes::Nothing,
        Action::Flag(takes) => takes,
        Action::Value { repeated } => {
            let arity = arity(given, shown)?;
            let (of, open) = value_type(source, given);
            choices = open;
            if of == ValueType::Truthy {
                note = Some(Reason::new(line(call), truthy_note(shown)));
            }
            // A positional argument stands for itself once, whatever its action.
            Takes::Value { of, arity, repeated: repeated && spelling != Spelling::Positional }
        }
    };
    let required = match (&spelling, &takes) {
        (Spelling::Positional, Takes::Value { arity, .. }) => !arity.may_be_empty(),
        _ => required,
    };
    let help = given.text("help").filter(|help| *help != "==SUPPRESS==").map(str::to_owned);
    let default = default(source, given, &takes);
    let argument = Argument {
        line: line(call),
        name: name.dest,
        spelling,
        takes,
        required,
        group: None,
        help,
        default,
        choices,
    };
    Ok(Declared { argument: Some(argument), flags: name.flags, note })
}

fn truthy_note(shown: &str) -> String {
    format!(
        "`{shown}` has `type=bool`, which takes any text but the empty one for True, \"False\" too; \
         it is passed as `True` or as nothing (`action=argparse.BooleanOptionalAction` says what is meant)"
    )
}

/// What an argument is called, by script and author.
struct Name {
    dest: String,
    explicit: bool,
    spelling: Spelling,
    flags: Vec<String>,
}

fn name(given: &Arguments<'_>) -> Result<Name, String> {
    let texts: Option<Vec<&str>> = given.positional.iter().map(|(value, _)| value.as_text()).collect();
    let Some(texts) = texts else { return Err("the name of an argument is computed".to_owned()) };
    let dest = match given.named("dest") {
        None | Some((Value::None, _)) => None,
        Some((value, _)) => Some(value.as_text().ok_or("the `dest` of an argument is computed")?),
    };
    if let Some(odd) = texts.iter().find(|text| text.contains('=') || **text == "--" || **text == "-") {
        return Err(format!("no argument can be called `{odd}`"));
    }
    let flags: Vec<&str> = texts.iter().copied().filter(|text| text.starts_with('-')).collect();
    if flags.is_empty() {
        let dest = match (texts.as_slice(), dest) {
            ([name], None) => *name,
            ([], Some(dest)) => dest,
            _ => return Err("an argument has no name, or more than one".to_owned()),
        };
        return Ok(Name {
            dest: dest.to_owned(),
            explicit: false,
            spelling: Spelling::Positional,
            flags: Vec::new(),
        });
    }
    if flags.len() < texts.len() {
        return Err(format!("`{}` is a flag and a positional argument at once", flags[0]));
    }
    let best = flags.iter().position(|flag| flag.starts_with("--")).unwrap_or(0);
    let implied = flags[best].trim_start_matches('-').replace('-', "_");
    Ok(Name {
        dest: dest.map_or(implied, str::to_owned),
        explicit: dest.is_some(),
        spelling: Spelling::Option {
            flag: flags[best].to_owned(),
            aliases: flags
                .iter()
                .enumerate()
                .filter(|(index, _)| *index != best)
                .map(|(_, flag)| (*flag).to_owned())
                .collect(),
        },
        flags: flags.into_iter().map(str::to_owned).collect(),
    })
}

enum Action {
    Flag(Takes),
    Value { repeated: bool },
    Ignored,
}

impl Action {
    fn read(given: &Arguments<'_>, name: &Name) -> Result<Self, String> {
        let shown = name.spelling.shown(&name.dest);
        let Some((action, _)) = given.named("action") else { return Ok(Self::Value { repeated: false }) };
        if matches!(action, Value::Path(path) if path == "argparse.BooleanOptionalAction") {
            return Ok(Self::Flag(toggle(name)));
        }
        let Some(action) = action.as_text() else {
            return Err(format!("the action of `{shown}` is the script's own"));
        };
        Ok(match action {
            "store" | "extend" => Self::Value { repeated: false },
            "append" => Self::Value { repeated: true },
            "store_true" => Self::Flag(Takes::Switch { when: true }),
            // Without a name of its own the value is called like the flag that makes it false: `no_cache` is False when
            // `--no-cache` is given. Nobody could read that at the place of use, so the flag itself is what is set.
            "store_false" if !name.explicit => Self::Flag(Takes::Nothing),
            "store_false" => Self::Flag(Takes::Switch { when: false }),
            "store_const" | "append_const" => Self::Flag(Takes::Nothing),
            "count" => Self::Flag(Takes::Count),
            "help" | "version" => Self::Ignored,
            other => return Err(format!("the action \"{other}\" of `{shown}` is not known to argparse")),
        })
    }
}

/// `--flag` and `--no-flag`. argparse negates long flags only.
fn toggle(name: &Name) -> Takes {
    match &name.spelling {
        Spelling::Option { flag, .. } => match flag.strip_prefix("--") {
            Some(long) => Takes::Toggle { off: format!("--no-{long}") },
            None => Takes::Nothing,
        },
        Spelling::Positional => Takes::Nothing,
    }
}

fn arity(given: &Arguments<'_>, shown: &str) -> Result<Arity, String> {
    let Some((nargs, _)) = given.named("nargs") else { return Ok(Arity::One) };
    match (nargs, nargs.as_text()) {
        (Value::None, _) => Ok(Arity::One),
        (_, Some("?")) => Ok(Arity::Optional),
        (_, Some("*")) => Ok(Arity::Any),
        (_, Some("+")) => Ok(Arity::Some),
        (_, Some("...")) => Ok(Arity::Remainder),
        (Value::Int(count), _) if (1..=MAX_VALUES).contains(count) => {
            Ok(Arity::Exactly(usize::try_from(*count).unwrap_or_default()))
        }
        (Value::Int(count), _) => {
            Err(format!("`{shown}` takes {count} values; 1 to {MAX_VALUES} are possible"))
        }
        _ => Err(format!("how many values `{shown}` takes is computed")),
    }
}

/// The type of a value, and the choices where they are no closed set.
fn value_type(source: &Source<'_>, given: &Arguments<'_>) -> (ValueType, Option<String>) {
    let plain = match given.named("type") {
        None | Some((Value::None, _)) => ValueType::String,
        Some((Value::Path(path), _)) => match path.as_str() {
            "builtins.int" => ValueType::Integer,
            "builtins.float" => ValueType::Float,
            "builtins.bool" => ValueType::Truthy,
            "builtins.str" | "builtins.str.lower" | "builtins.str.upper" | "builtins.str.strip" => {
                ValueType::String
            }
            path if path.starts_with("pathlib.") => ValueType::String,
            _ => ValueType::Text,
        },
        Some(_) => ValueType::Text,
    };
    let Some((choices, node)) = given.named("choices") else { return (plain, None) };
    if *choices == Value::None {
        return (plain, None);
    }
    match closed(&plain, choices) {
        Some(values) => (ValueType::Choice(values), None),
        None => (plain, Some(source.excerpt(node))),
    }
}

/// The choices as texts, when each of them is sure to be what the script makes of that text.
fn closed(of: &ValueType, choices: &Value<'_>) -> Option<Vec<String>> {
    let texts: Option<Vec<String>> = match (of, choices) {
        (ValueType::String, Value::Str(letters)) => Some(letters.chars().map(String::from).collect()),
        _ => choices
            .elements()?
            .iter()
            .map(|choice| match (of, choice) {
                (ValueType::String, Value::Str(text)) | (ValueType::Float, Value::Float(text)) => {
                    Some(text.clone())
                }
                (ValueType::Integer | ValueType::Float, Value::Int(number)) => Some(number.to_string()),
                _ => None,
            })
            .collect(),
    };
    let mut unique: Vec<String> = Vec::new();
    for text in texts? {
        if !unique.contains(&text) {
            unique.push(text);
        }
    }
    (1..=MAX_CHOICES).contains(&unique.len()).then_some(unique)
}

fn default(source: &Source<'_>, given: &Arguments<'_>, takes: &Takes) -> Option<DefaultValue> {
    let (value, node) = given.named("default")?;
    if matches!(takes, Takes::Nothing | Takes::Switch { .. }) && matches!(value, Value::Bool(_)) {
        return None;
    }
    shown_default(source, value, node)
}

/// A default for people to read; `None` when it is `None` or suppressed.
pub(super) fn shown_default(source: &Source<'_>, value: &Value<'_>, node: Node<'_>) -> Option<DefaultValue> {
    match value {
        Value::None => None,
        _ if value.as_text() == Some("==SUPPRESS==") => None,
        Value::Environment { name, otherwise } => {
            Some(DefaultValue::Environment { name: name.clone(), otherwise: otherwise.clone() })
        }
        value => Some(match value.shown() {
            Some(text) => DefaultValue::Literal(text),
            None => DefaultValue::Computed(source.excerpt(node)),
        }),
    }
}
