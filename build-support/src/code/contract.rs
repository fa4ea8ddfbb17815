//! What a script says about its command line: the model between reading Python and writing Rust.
//!
//! A [`Contract`] that exists can be kept: what argparse would refuse, or what can't be written on a command line without
//! doubt, was turned away before.

/// What was found out about a script.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// The script declares its arguments.
    Contract(Contract),
    /// It does not, or not so that it can be read: it takes plain arguments. With a reason where the author would expect
    /// a contract.
    Plain(Option<Reason>),
}

/// Why something in a script can't be used, or should be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Counted from 1.
    pub line: usize,
    /// A clause that goes on after "code/train.py:12: ".
    pub text: String,
}

impl Reason {
    /// A reason at a line, counted from 1.
    pub fn new(line: usize, text: impl Into<String>) -> Self {
        Self { line, text: text.into() }
    }
}

/// The arguments that a script declares.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contract {
    /// The parser's `description`.
    pub description: Option<String>,
    /// In the order of their declaration.
    pub arguments: Vec<Argument>,
    /// Mutually exclusive groups; [`Argument::group`] is an index into it.
    pub groups: Vec<Group>,
    /// Whether some option looks like a negative number (`-1`): then argparse takes every negative number for an option.
    pub numeric_options: bool,
    /// What the author should know although the contract could be read.
    pub notes: Vec<Reason>,
}

/// A mutually exclusive group: at most one of its arguments may be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Whether one of them must be given.
    pub required: bool,
}

/// One argument.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// Where it is declared, counted from 1.
    pub line: usize,
    /// The attribute under which the script finds the value (`dest`).
    pub name: String,
    /// How it stands on the command line.
    pub spelling: Spelling,
    /// What is given with it.
    pub takes: Takes,
    /// Whether argparse insists on it.
    pub required: bool,
    /// The mutually exclusive group it belongs to.
    pub group: Option<usize>,
    /// argparse's `help`.
    pub help: Option<String>,
    /// What the script uses when the argument is left out.
    pub default: Option<DefaultValue>,
    /// Choices that are no closed set of values here, for people to read.
    pub choices: Option<String>,
}

/// What a script uses when an argument is left out, for people to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefaultValue {
    /// A value.
    Literal(String),
    /// An environment variable of the container, and what is used where that is not set.
    Environment {
        /// Its name, where that is no expression.
        name: Option<String>,
        /// The value without it.
        otherwise: Option<String>,
    },
    /// An expression, as the script has it.
    Computed(String),
}

/// How an argument stands on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// By its place.
    Positional,
    /// By a flag.
    Option {
        /// The flag that is used, as the script spells it: the first long one.
        flag: String,
        /// The others.
        aliases: Vec<String>,
    },
}

/// What is given with an argument.
#[derive(Clone, Debug, PartialEq)]
pub enum Takes {
    /// The flag alone.
    Nothing,
    /// The flag alone, which makes the value `when`; left out for the opposite.
    Switch {
        /// The value that the flag stands for.
        when: bool,
    },
    /// The flag for true, another one for false.
    Toggle {
        /// The flag for false.
        off: String,
    },
    /// The flag as often as the number says.
    Count,
    /// Values.
    Value {
        /// Of this type.
        of: ValueType,
        /// So many.
        arity: Arity,
        /// The whole may be given more than once (`append`).
        repeated: bool,
    },
}

/// How many values follow a flag, or stand for a positional argument (`nargs`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// One.
    One,
    /// One or none (`?`).
    Optional,
    /// Any number (`*`).
    Any,
    /// At least one (`+`).
    Some,
    /// So many.
    Exactly(usize),
    /// All that is left (`argparse.REMAINDER`).
    Remainder,
}

impl Arity {
    /// Whether the number of values depends on the call.
    pub fn varies(self) -> bool {
        !matches!(self, Self::One | Self::Exactly(_))
    }

    /// Whether argparse accepts none.
    pub fn may_be_empty(self) -> bool {
        matches!(self, Self::Optional | Self::Any | Self::Remainder)
    }
}

/// The type of one value (`type`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// `int`.
    Integer,
    /// `float`.
    Float,
    /// `str`, no type at all, or a path.
    String,
    /// `bool`: any text but the empty one is true.
    Truthy,
    /// Another callable: anything that has a text.
    Text,
    /// One of these, in the script's order.
    Choice(Vec<String>),
}

impl Spelling {
    /// The argument as an author would name it.
    pub fn shown<'a>(&'a self, name: &'a str) -> &'a str {
        match self {
            Self::Positional => name,
            Self::Option { flag, .. } => flag,
        }
    }
}

impl Argument {
    /// The argument as an author would name it: its flag, or its name.
    pub fn shown(&self) -> &str {
        self.spelling.shown(&self.name)
    }

    /// Whether it is positional.
    pub fn is_positional(&self) -> bool {
        self.spelling == Spelling::Positional
    }

    /// How many values it takes; `None` for flags.
    pub fn arity(&self) -> Option<Arity> {
        match self.takes {
            Takes::Value { arity, .. } => Some(arity),
            _ => None,
        }
    }
}
