//! What a field's type is, as far as its name tells.
//!
//! A type alias or a type of the author's own tells nothing; for those the compiler decides what the macro
//! can't (see `Assertion` in the model).

use quote::ToTokens as _;
use syn::{GenericArgument, PathArguments, Type};

use crate::constant::{Constant, Number};
use crate::syntax::ungroup_type;

/// A type, as far as its name tells.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Integer {
        name: &'static str,
        min: i128,
        max: i128,
    },
    Float(&'static str),
    /// `String` or `PathBuf`.
    Text(&'static str),
    Boolean,
    /// With what it is called in a message, and its elements.
    List(&'static str, Box<Kind>),
    /// With its name, its keys and its values.
    Map(&'static str, Box<Kind>, Box<Kind>),
    Optional(Box<Kind>),
    /// `Parameter<T>`, with its `T`.
    Parameter(Option<Box<Type>>),
    /// A type that can't be a field, and what to write instead.
    Refused(String),
    /// Anything else, by its name.
    Other(String),
}

macro_rules! integers {
    ($name:expr; $($int:ident)*) => {
        match $name {
            $(stringify!($int) => Some(Kind::Integer {
                name: stringify!($int),
                min: i128::try_from($int::MIN).unwrap_or(i128::MIN),
                max: i128::try_from($int::MAX).unwrap_or(i128::MAX),
            }),)*
            // On every target that can build this the range is that of 64 bits.
            "isize" => Some(Kind::Integer { name: "isize", min: i64::MIN.into(), max: i64::MAX.into() }),
            "usize" => Some(Kind::Integer { name: "usize", min: 0, max: u64::MAX.into() }),
            _ => None,
        }
    };
}

impl Kind {
    pub(crate) fn of(ty: &Type) -> Self {
        match ungroup_type(ty) {
            Type::Path(path) if path.qself.is_none() => match path.path.segments.last() {
                Some(segment) => {
                    let arguments = type_arguments(&segment.arguments);
                    Self::named(&segment.ident.to_string(), &arguments)
                }
                None => Self::Other("this type".to_owned()),
            },
            Type::Reference(reference) => match ungroup_type(&reference.elem) {
                Type::Path(path) if path.path.is_ident("str") => {
                    Self::Refused("a configuration owns its values: write `String`".to_owned())
                }
                _ => Self::Refused("a configuration owns its values: leave out the `&`".to_owned()),
            },
            Type::Array(array) => Self::List("an array", Box::new(Self::of(&array.elem))),
            other => Self::Other(format!("`{}`", other.to_token_stream())),
        }
    }

    fn named(name: &str, arguments: &[&Type]) -> Self {
        if let Some(integer) = integers!(name; i8 i16 i32 i64 i128 u8 u16 u32 u64 u128) {
            return integer;
        }
        match (name, arguments) {
            ("f32", _) => Self::Float("f32"),
            ("f64", _) => Self::Float("f64"),
            ("bool", _) => Self::Boolean,
            ("String", _) => Self::Text("String"),
            ("PathBuf", _) => Self::Text("PathBuf"),
            ("Box", [inner]) => Self::of(inner),
            ("Vec", [inner]) => Self::List("a `Vec`", Box::new(Self::of(inner))),
            ("BTreeSet", [inner]) => Self::List("a `BTreeSet`", Box::new(Self::of(inner))),
            ("HashSet", [inner, ..]) => Self::List("a `HashSet`", Box::new(Self::of(inner))),
            ("Option", [inner]) => Self::Optional(Box::new(Self::of(inner))),
            ("BTreeMap", [key, value]) => {
                Self::Map("a `BTreeMap`", Box::new(Self::of(key)), Box::new(Self::of(value)))
            }
            ("HashMap", [key, value, ..]) => {
                Self::Map("a `HashMap`", Box::new(Self::of(key)), Box::new(Self::of(value)))
            }
            ("Parameter", []) => Self::Parameter(None),
            ("Parameter", [inner, ..]) => Self::Parameter(Some(Box::new((*inner).clone()))),
            (name, _) => Self::Other(format!("`{name}`")),
        }
    }

    /// The type itself, or what its `Option` holds.
    pub(crate) fn inner(&self) -> &Self {
        match self {
            Self::Optional(inner) => inner.inner(),
            other => other,
        }
    }

    /// What a value of the type looks like, in words with an example.
    pub(crate) fn example(&self) -> String {
        match self {
            Self::Integer { .. } => "a whole number, as in 3".to_owned(),
            Self::Float(_) => "a number, as in 0.5".to_owned(),
            Self::Text(_) => "text, as in \"abc\"".to_owned(),
            Self::Boolean => "`true` or `false`".to_owned(),
            Self::List(_, inner) => format!("a list of {} in brackets", inner.name()),
            _ => "a literal".to_owned(),
        }
    }

    /// The type's name for a message.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Integer { name, .. } | Self::Float(name) | Self::Text(name) => {
                format!("`{name}`")
            }
            Self::Boolean => "`bool`".to_owned(),
            Self::List(name, _) | Self::Map(name, ..) => (*name).to_owned(),
            Self::Optional(inner) => inner.name(),
            Self::Parameter(_) => "a `Parameter`".to_owned(),
            Self::Refused(_) => "this type".to_owned(),
            Self::Other(name) => name.clone(),
        }
    }

    /// Why a literal is not a value of the type; `Ok` where that can't be known.
    pub(crate) fn accepts(&self, constant: &Constant) -> Result<(), String> {
        match (self, constant) {
            (Self::Integer { name, min, max }, Constant::Number(Number::Integer(n))) => {
                if min <= n && n <= max {
                    Ok(())
                } else {
                    Err(format!("`{n}` does not fit into `{name}`, which goes from {min} to {max}"))
                }
            }
            (Self::Float(_), Constant::Number(_))
            | (Self::Text(_), Constant::Text(_))
            | (Self::Boolean, Constant::Boolean(_))
            | (Self::Parameter(_) | Self::Refused(_) | Self::Other(_), _) => Ok(()),
            (Self::List(_, inner), Constant::List(items)) => {
                items.iter().try_for_each(|item| inner.accepts(item))
            }
            (Self::Optional(inner), constant) => inner.accepts(constant),
            (kind, constant) => {
                Err(format!("`{constant}` is not a value of {}: write {}", kind.name(), kind.example()))
            }
        }
    }
}

/// The types that a list, set, map, option or box is written with.
pub(crate) fn held_types(ty: &Type) -> Vec<&Type> {
    match ungroup_type(ty) {
        Type::Path(path) => match path.path.segments.last() {
            Some(segment) if ["Option", "Box", "Rc", "Arc"].contains(&segment.ident.to_string().as_str()) => {
                type_arguments(&segment.arguments).first().map(|inner| held_types(inner)).unwrap_or_default()
            }
            Some(segment) => type_arguments(&segment.arguments),
            None => Vec::new(),
        },
        Type::Array(array) => vec![&array.elem],
        _ => Vec::new(),
    }
}

fn type_arguments(arguments: &PathArguments) -> Vec<&Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else {
        return Vec::new();
    };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}
