//! Property paths: what a step's job will say of itself, as typed methods.
//!
//! The types that these paths lead through are generated from SageMaker's Describe responses.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::expr::{Expr, Expression};

/// A place below a step: `Steps.NAME.…`.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    step: Arc<str>,
    text: Cow<'static, str>,
}

impl Path {
    /// The step itself.
    pub fn of_step(step: Arc<str>) -> Self {
        Self { step, text: Cow::Borrowed("") }
    }

    /// A member of the structure at this place.
    pub fn member(&self, name: &'static str) -> Self {
        let text = if self.text.is_empty() {
            Cow::Borrowed(name)
        } else {
            Cow::Owned(format!("{}.{name}", self.text))
        };
        Self { step: Arc::clone(&self.step), text }
    }

    /// An element of the list at this place, from 0.
    pub fn index(&self, index: usize) -> Self {
        Self { step: Arc::clone(&self.step), text: Cow::Owned(format!("{}[{index}]", self.text)) }
    }

    /// An element by key: a list's member of that name, or a map's value.
    pub fn key(&self, key: &str) -> Self {
        Self { step: Arc::clone(&self.step), text: Cow::Owned(format!("{}['{key}']", self.text)) }
    }

    /// The step's name.
    pub fn step(&self) -> &Arc<str> {
        &self.step
    }

    /// What a `Get` of this place is.
    pub fn expression(&self) -> Expression {
        Expression::Property { step: Arc::clone(&self.step), path: self.text.clone() }
    }
}

/// What can stand at a [`Path`]: a generated structure, a [`List`], a [`Map`], or a scalar.
pub trait FromPath {
    /// The value at `path`.
    fn from_path(path: Path) -> Self;
}

impl<T> FromPath for Expr<T> {
    fn from_path(path: Path) -> Self {
        Self::from_node(path.expression().into())
    }
}

/// A step without properties, such as Fail.
impl FromPath for () {
    fn from_path(_: Path) -> Self {}
}

/// A list among a step's properties.
#[derive(Clone, Debug)]
pub struct List<T> {
    path: Path,
    item: PhantomData<fn() -> T>,
}

impl<T> FromPath for List<T> {
    fn from_path(path: Path) -> Self {
        Self { path, item: PhantomData }
    }
}

impl<T: FromPath> List<T> {
    /// The element at an index, from 0: `ContainerEntrypoint[0]`.
    pub fn at(&self, index: usize) -> T {
        T::from_path(self.path.index(index))
    }
}

/// A list among a step's properties whose items have names.
#[derive(Clone, Debug)]
pub struct KeyedList<T> {
    path: Path,
    item: PhantomData<fn() -> T>,
}

impl<T> FromPath for KeyedList<T> {
    fn from_path(path: Path) -> Self {
        Self { path, item: PhantomData }
    }
}

impl<T: FromPath> KeyedList<T> {
    /// The element at an index, from 0.
    pub fn at(&self, index: usize) -> T {
        T::from_path(self.path.index(index))
    }

    /// The element of a name: `Outputs['train']`.
    pub fn key(&self, key: &str) -> T {
        T::from_path(self.path.key(key))
    }
}

/// A map among a step's properties.
#[derive(Clone, Debug)]
pub struct Map<T> {
    path: Path,
    value: PhantomData<fn() -> T>,
}

impl<T> FromPath for Map<T> {
    fn from_path(path: Path) -> Self {
        Self { path, value: PhantomData }
    }
}

impl<T: FromPath> Map<T> {
    /// The value of a key: `Environment['MODE']`.
    pub fn key(&self, key: &str) -> T {
        T::from_path(self.path.key(key))
    }
}
