//! As little of the run-time crates as generated code needs to be type-checked, so that no dependency has to be built.

use std::borrow::Cow;
use std::marker::PhantomData;

#[derive(Clone, Debug)]
pub enum Node {
    Str(Cow<'static, str>),
    Invalid(Box<Invalid>),
}

#[derive(Clone, Debug)]
pub struct Invalid {
    pub value: String,
    pub limit: String,
    pub help: Option<String>,
}

impl Node {
    pub fn text(text: &'static str) -> Self {
        Self::Str(Cow::Borrowed(text))
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            Self::Invalid(_) => None,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Expr<T>(Node, PhantomData<fn() -> T>);

impl<T> Expr<T> {
    pub fn from_node(node: Node) -> Self {
        Self(node, PhantomData)
    }

    pub fn node(&self) -> &Node {
        &self.0
    }
}

#[derive(Clone, Debug)]
pub struct Text(Node);

impl Text {
    pub fn into_expr(self) -> Expr<String> {
        Expr::from_node(self.0)
    }
}

#[derive(Clone, Debug)]
pub struct Missing;

pub trait EnumValue {
    const NAME: &'static str;
    const VALUES: &'static [&'static str];
    fn wire(&self) -> Cow<'static, str>;
}

macro_rules! literals {
    ($($from:ty => $to:ty),*) => {$(
        impl From<$from> for Expr<$to> {
            fn from(value: $from) -> Self {
                Self::from_node(Node::Str(value.to_string().into()))
            }
        }
        impl From<$from> for Text {
            fn from(value: $from) -> Self {
                Self(Node::Str(value.to_string().into()))
            }
        }
    )*};
}
literals!(&str => String, String => String, i32 => i64, f64 => f64);

impl<E: EnumValue> From<E> for Expr<E> {
    fn from(value: E) -> Self {
        Self::from_node(Node::Str(value.wire()))
    }
}

impl<T> From<&Expr<T>> for Text {
    fn from(expr: &Expr<T>) -> Self {
        Self(expr.0.clone())
    }
}

pub struct CodeAsset {
    pub name: Cow<'static, str>,
    pub sha256: Cow<'static, str>,
    pub source: AssetSource,
}

pub enum AssetSource {
    File { path: Cow<'static, str> },
    Folder { path: Cow<'static, str> },
}

pub trait Script {
    fn asset(&self) -> CodeAsset;
    fn entry(&self) -> &str;
    fn arguments(&self) -> Vec<Expr<String>>;
}
