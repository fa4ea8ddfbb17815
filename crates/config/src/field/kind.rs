//! [`FieldType`]: what reading, checking, writing and describing a field needs of its type and its rules.

use crate::constraint::{Constraints, Measure};
use crate::context::Context;
use crate::decode::Decode;
use crate::field::Field;
use crate::plain::Plain;
use crate::rule::{Before, Failures, judge};
use crate::schema::{Schema, Schemas, Shape};
use crate::tree::{Node, Origin, Value};

/// Reads a value that has to keep limits.
type ReadWithin<T> = fn(&Node<'_>, &mut Context<'_>, &Constraints) -> Option<T>;

/// Reads a value from a table's key.
type ReadKey<T> = fn(&str, Origin, &mut Context<'_>) -> Option<T>;

/// Says whether a value keeps a rule.
type Judge<T> = fn(&T) -> Result<(), Failures>;

/// What is needed to read a field of a type and to describe it.
///
/// The derive macro makes one in a constant of its own for each field, so that a type that is not [`Decode`]
/// is one compiler error, at the field's type.
pub struct FieldType<T> {
    decode: ReadWithin<T>,
    absent: fn() -> Option<T>,
    encode: fn(&T) -> Option<Plain>,
    decode_key: ReadKey<T>,
    measure: fn(&T) -> Measure<'_>,
    secret: fn() -> bool,
    schema: FieldSchema,
    default: Option<fn() -> T>,
    before: Option<Before>,
    after: Option<fn(T) -> Result<T, Failures>>,
    validate: Option<Judge<T>>,
}

impl<T> FieldType<T> {
    /// That of a type that can be decoded.
    pub const fn of() -> Self
    where
        T: Decode,
    {
        let schema = FieldSchema {
            shape: T::SHAPE,
            optional: T::OPTIONAL,
            describe: T::describe,
            describe_key: T::describe_key,
            extra: None,
            default: None,
            secret: T::is_secret,
            open: false,
        };
        Self {
            decode: T::decode_within,
            absent: T::absent,
            encode: T::encode,
            decode_key: T::decode_key,
            measure: T::measure,
            secret: T::is_secret,
            schema,
            default: None,
            before: None,
            after: None,
            validate: None,
        }
    }

    /// With a function that makes the value when the key is absent, and the same as it is written.
    pub const fn default_with(mut self, default: fn() -> T, written: fn() -> Option<Plain>) -> Self {
        self.default = Some(default);
        self.schema.optional = true;
        self.schema.default = Some(written);
        self
    }

    /// With a rule that normalises what is written before it is decoded.
    pub const fn before(mut self, rule: Before) -> Self {
        self.before = Some(rule);
        // What the rule takes, no schema can say.
        self.schema.open = true;
        self
    }

    /// With a function that says more in the schema: what rules decide, or what only a program of its own reads.
    pub const fn schema_extra(mut self, extra: fn() -> Schema) -> Self {
        self.schema.extra = Some(extra);
        self
    }

    /// With a rule that normalises the value after it was decoded and its constraints hold.
    pub const fn after(mut self, rule: fn(T) -> Result<T, Failures>) -> Self {
        self.after = Some(rule);
        self
    }

    /// With a rule that the value has to keep.
    pub const fn validate(mut self, rule: fn(&T) -> Result<(), Failures>) -> Self {
        self.validate = Some(rule);
        self
    }

    /// What kind of value the type is read from.
    pub const fn shape(&self) -> Shape {
        self.schema.shape
    }

    /// What a schema needs to know of the type.
    pub const fn schema(&self) -> FieldSchema {
        self.schema
    }

    /// The value as it is written.
    pub fn encode(&self, value: &T) -> Option<Plain> {
        (self.encode)(value)
    }

    /// Reads a value, in the order of Pydantic: normalised, decoded, constraints, normalised again, rules.
    pub fn read(&self, node: &Node<'_>, field: &Field, cx: &mut Context<'_>) -> Option<T> {
        let Some(before) = self.before else {
            return self.checked(node, field, cx);
        };
        let given = Plain::of(node);
        let normal = self.hiding(cx, |cx| judge(before(given.clone()), node, cx))?;
        if normal == given {
            return self.checked(node, field, cx);
        }
        self.checked(&normal.node(node.origin), field, cx)
    }

    fn checked(&self, node: &Node<'_>, field: &Field, cx: &mut Context<'_>) -> Option<T> {
        let value = (self.decode)(node, cx, &field.constraints)?;
        self.ruled(value, node, cx)
    }

    fn ruled(&self, mut value: T, node: &Node<'_>, cx: &mut Context<'_>) -> Option<T> {
        if let Some(after) = self.after {
            value = self.hiding(cx, |cx| judge(after(value), node, cx))?;
        }
        if let Some(validate) = self.validate {
            self.hiding(cx, |cx| judge(validate(&value), node, cx))?;
        }
        Some(value)
    }

    /// Reads a value from a table's key, as [`read`](Self::read) does from a value.
    pub fn read_key(&self, key: &str, at: Origin, field: &Field, cx: &mut Context<'_>) -> Option<T> {
        let node = Node { value: Value::Text(key.into()), origin: at };
        if self.before.is_some() {
            return cx.without_leaves(|cx| self.read(&node, field, cx));
        }
        let value = (self.decode_key)(key, at, cx)?;
        let kept = field.constraints.check(self.measure(&value), &node, cx);
        kept.then(|| self.ruled(value, &node, cx)).flatten()
    }

    /// What constraints can see of a value.
    pub fn measure<'v>(&self, value: &'v T) -> Measure<'v> {
        (self.measure)(value)
    }

    /// A rule's words about a secret name no value.
    fn hiding<R>(&self, cx: &mut Context<'_>, judge: impl FnOnce(&mut Context<'_>) -> R) -> R {
        if (self.secret)() { cx.secret(judge) } else { judge(cx) }
    }

    /// Whether the key may be absent.
    pub const fn is_optional(&self) -> bool {
        self.schema.optional
    }

    /// The value that the type has when the key is absent.
    pub fn absent(&self) -> Option<T> {
        (self.absent)()
    }

    /// Whether what is written for the field is shown nowhere.
    pub fn is_secret(&self) -> bool {
        (self.secret)()
    }

    /// The value when the key is absent.
    pub(super) fn missing(&self) -> Option<T> {
        match self.default {
            Some(default) => Some(default()),
            None => (self.absent)(),
        }
    }

    /// Lists a value that stands nowhere in the sources.
    pub(super) fn list(&self, value: &T, origin: Origin, cx: &mut Context<'_>) {
        let plain = (self.encode)(value);
        let plain = plain.filter(|plain| !matches!(plain, Plain::Unwritable(_)));
        cx.leaves_of(plain.as_ref(), origin);
    }
}

/// What a struct's schema needs to know of a field's type.
#[derive(Clone, Copy)]
pub struct FieldSchema {
    pub(crate) shape: Shape,
    pub(crate) optional: bool,
    pub(crate) describe: fn(&mut Schemas) -> Schema,
    pub(crate) describe_key: fn(&mut Schemas) -> Schema,
    pub(crate) extra: Option<fn() -> Schema>,
    pub(crate) default: Option<fn() -> Option<Plain>>,
    pub(crate) secret: fn() -> bool,
    /// Whether a rule turns into the type what the type itself does not take.
    pub(crate) open: bool,
}
