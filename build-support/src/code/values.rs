//! What a Python expression is worth to the reader of scripts.

use std::rc::Rc;

use tree_sitter::Node;

/// Texts longer than this many bytes are not kept: a script could double one with every line.
const MAX_TEXT: usize = 16 * 1024;

/// Neither are lists with more values than this, those of lists in them included.
const MAX_VALUES: usize = 500;

/// The value of an expression, as far as it can be known without running the script.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'s> {
    /// Computed.
    Unknown,
    /// `None`.
    None,
    /// `True`, `False`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number with a point or exponent, as it is written.
    Float(String),
    /// A text.
    Str(String),
    /// A list, tuple or set.
    List(Rc<[Value<'s>]>),
    /// The keys of a dictionary.
    Dict(Rc<[Value<'s>]>),
    /// Read from an environment variable.
    Environment {
        /// Its name.
        name: Option<String>,
        /// What is used where that is not set.
        otherwise: Option<String>,
    },
    /// Something imported or built in, by its full name: `argparse.ArgumentParser`, `builtins.int`.
    Path(String),
    /// An `ArgumentParser` of this script.
    Parser(usize),
    /// An argument group of a parser.
    Group {
        /// The parser.
        parser: usize,
        /// The mutually exclusive group of that parser, where it is one.
        exclusive: Option<usize>,
    },
    /// The list of a parser's argument groups.
    ArgumentGroups(usize),
    /// What `add_argument` of a parser returned.
    Action(usize),
    /// A function of this script, with the frame it was defined in.
    Function {
        /// Its `function_definition`.
        node: Node<'s>,
        /// Index of the frame.
        frame: usize,
    },
}

impl Value<'_> {
    /// What an `integer` node says, where it fits.
    pub(super) fn integer(text: &str) -> Self {
        let digits = text.replace('_', "").to_ascii_lowercase();
        let (digits, radix) = match digits.get(..2) {
            Some("0x") => (&digits[2..], 16),
            Some("0o") => (&digits[2..], 8),
            Some("0b") => (&digits[2..], 2),
            _ => (digits.as_str(), 10),
        };
        i64::from_str_radix(digits, radix).map_or(Self::Unknown, Self::Int)
    }

    /// The value with a minus before it.
    pub(super) fn negated(self) -> Self {
        match self {
            Self::Int(number) => number.checked_neg().map_or(Self::Unknown, Self::Int),
            Self::Float(text) => Self::Float(match text.strip_prefix('-') {
                Some(positive) => positive.to_owned(),
                None => format!("-{text}"),
            }),
            _ => Self::Unknown,
        }
    }

    /// A text, where it is not too long.
    pub(super) fn text(text: String) -> Self {
        if text.len() > MAX_TEXT { Self::Unknown } else { Self::Str(text) }
    }

    /// A list, where it is not too large.
    pub(super) fn list(values: Vec<Self>) -> Self {
        if weight(&values) > MAX_VALUES { Self::Unknown } else { Self::List(values.into()) }
    }

    /// A dictionary by its keys, where it is not too large.
    pub(super) fn dictionary(keys: Vec<Self>) -> Self {
        if weight(&keys) > MAX_VALUES { Self::Unknown } else { Self::Dict(keys.into()) }
    }

    /// `self + other` of texts and lists.
    pub(super) fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Str(left), Self::Str(right)) => Self::text(left + &right),
            (Self::List(left), Self::List(right)) => {
                Self::list(left.iter().chain(right.iter()).cloned().collect())
            }
            _ => Self::Unknown,
        }
    }

    /// A text; argparse's named texts count.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            Self::Path(path) => match path.as_str() {
                "argparse.OPTIONAL" => Some("?"),
                "argparse.ZERO_OR_MORE" => Some("*"),
                "argparse.ONE_OR_MORE" => Some("+"),
                "argparse.REMAINDER" => Some("..."),
                "argparse.PARSER" => Some("A..."),
                "argparse.SUPPRESS" => Some("==SUPPRESS=="),
                _ => None,
            },
            _ => None,
        }
    }

    /// The elements of a list, or the keys of a dictionary.
    pub(super) fn elements(&self) -> Option<&[Self]> {
        match self {
            Self::List(values) | Self::Dict(values) => Some(values),
            _ => None,
        }
    }

    /// The parser that is in it: handed on, it could get arguments elsewhere.
    pub(super) fn parser(&self) -> Option<usize> {
        match self {
            Self::Parser(parser) | Self::Group { parser, .. } | Self::ArgumentGroups(parser) => Some(*parser),
            Self::List(values) | Self::Dict(values) => values.iter().find_map(Self::parser),
            _ => None,
        }
    }

    /// The value for people to read; `None` when it is not a plain one.
    pub(super) fn shown(&self) -> Option<String> {
        match self {
            Self::None => Some("None".to_owned()),
            Self::Bool(true) => Some("True".to_owned()),
            Self::Bool(false) => Some("False".to_owned()),
            Self::Int(number) => Some(number.to_string()),
            Self::Float(text) | Self::Str(text) => Some(text.clone()),
            Self::List(values) => {
                let shown: Option<Vec<String>> = values.iter().map(Self::shown).collect();
                shown.map(|values| format!("[{}]", values.join(", ")))
            }
            _ => None,
        }
    }
}

fn weight(values: &[Value<'_>]) -> usize {
    values.iter().map(|value| 1 + value.elements().map_or(0, weight)).sum()
}
