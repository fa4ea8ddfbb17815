//! [`Describe`]: the JSON Schema (2020-12) of a type, from the same description that decodes it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Value as Json, json};

use crate::constraint::Pattern;
use crate::field::{Field, FieldSchema};
use crate::variants::{DescribeFn, Tagging, Variant};

/// Lists the keys of a table that have to stand in one of several files, or come from elsewhere.
const REQUIRED_SOMEWHERE: &str = "x-required";

mod byte_size;
mod constrain;
mod digits;
mod duration;
mod object;
mod variants;

/// A JSON Schema: an object, or a reference to a definition.
pub type Schema = Json;

/// What kind of value a type is read from, known to the compiler, so that constraints and defaults that do
/// not fit a field's type do not compile.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Shape {
    /// A whole number between two, both included.
    Integer {
        /// The least.
        min: i128,
        /// The greatest.
        max: i128,
    },
    /// Any finite number.
    Float,
    /// Text.
    Text,
    /// One of a few texts.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Boolean,
    /// A single character.
    Character,
    /// A duration.
    Duration,
    /// A number of bytes.
    Bytes,
    /// A list.
    List,
    /// A table with any keys.
    Table,
    /// A table with the keys of a struct.
    Struct,
    /// Not said: everything is left to the decoder.
    Any,
}

/// A type whose values JSON Schema can describe.
///
/// A value that the schema accepts decodes, and the other way round, as far as JSON Schema has words for it (the end of
/// [`pydantic`](crate::pydantic) says where it has none). See [`Decode`](crate::Decode) for an example by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no configuration schema",
    label = "not a configuration type",
    note = "numbers, `bool`, `String`, `PathBuf`, `Option<T>`, lists, sets, maps, tuples and this crate's types have one",
    note = "for a struct or enum of your own, write `#[derive(Config)]` on it"
)]
pub trait Describe {
    /// What kind of value the type is read from.
    const SHAPE: Shape;

    /// Whether a field of this type may be absent.
    const OPTIONAL: bool = false;

    /// The schema; types with a name put theirs among the definitions and return a reference.
    fn describe(schemas: &mut Schemas) -> Schema;

    /// The schema of the texts that are the type's values as keys of a map.
    fn describe_key(schemas: &mut Schemas) -> Schema {
        Self::describe(schemas)
    }
}

/// The definitions that the schema of a type refers to.
#[derive(Default)]
pub struct Schemas {
    definitions: BTreeMap<String, Json>,
    /// From the type's full name, so that two types may have one short name.
    names: BTreeMap<&'static str, String>,
    partial: bool,
    /// The definitions that a program has said more of.
    extended: BTreeSet<String>,
}

impl Schemas {
    /// A reference to a type's definition, which is built unless it is there already.
    ///
    /// `name` is what the definition is called, unless another type took that name.
    pub fn define<T: ?Sized>(&mut self, name: &str, build: impl FnOnce(&mut Self) -> Schema) -> Schema {
        let full_name = std::any::type_name::<T>();
        let name = if let Some(name) = self.names.get(full_name) {
            name.clone()
        } else {
            let mut unique = name.to_owned();
            for n in 2.. {
                if !self.definitions.contains_key(&unique) {
                    break;
                }
                unique = format!("{name}{n}");
            }
            self.names.insert(full_name, unique.clone());
            // Taken now, so that a type that contains itself finds its own name.
            self.definitions.insert(unique.clone(), Json::Null);
            let schema = build(self);
            self.definitions.insert(unique.clone(), schema);
            unique
        };
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    /// The definition of a struct with these fields; `types` has the fields' types in the same order.
    pub fn object<T: ?Sized>(
        &mut self,
        name: &str,
        description: &str,
        fields: &'static [Field],
        types: &[FieldSchema],
    ) -> Schema {
        self.object_with::<T>(name, description, fields, types, &[])
    }

    /// The same with the keys of other types among its own.
    pub fn object_with<T: ?Sized>(
        &mut self,
        name: &str,
        description: &str,
        fields: &'static [Field],
        types: &[FieldSchema],
        flat: &[DescribeFn],
    ) -> Schema {
        self.define::<T>(name, |schemas| {
            let mut schema = object::object(schemas, fields, types);
            for describe in flat {
                object::flatten(schemas, &mut schema, *describe);
            }
            object::described(schema, description)
        })
    }

    /// The definition of an enum whose variants hold something.
    pub fn variants<T: ?Sized>(
        &mut self,
        name: &str,
        description: &str,
        tagging: Tagging,
        variants: &[Variant],
    ) -> Schema {
        self.define::<T>(name, |schemas| {
            let schema = variants::variants(schemas, tagging, variants);
            object::described(schema, description)
        })
    }

    /// The definition of a type with a spelling of its own.
    pub fn text<T: ?Sized>(
        &mut self,
        name: &str,
        description: &str,
        pattern: Option<&'static Pattern>,
    ) -> Schema {
        let mut schema = json!({ "type": "string" });
        if let Some(pattern) = pattern {
            schema["pattern"] = pattern.as_str().into();
        }
        self.define::<T>(name, |_| object::described(schema, description))
    }

    /// The definition of a type that is what its only field is.
    pub fn transparent<T: ?Sized>(
        &mut self,
        name: &str,
        description: &str,
        field: &'static Field,
        ty: FieldSchema,
    ) -> Schema {
        self.define::<T>(name, |schemas| {
            let schema = object::field(schemas, field, ty);
            object::described(schema, description)
        })
    }

    /// The schema of the texts that such a type is as the key of a map.
    pub fn transparent_key(&mut self, field: &'static Field, ty: FieldSchema) -> Schema {
        object::key(self, field, ty)
    }

    /// A definition with what a program says of it besides; keywords that are there already stay, and both hold.
    ///
    /// A file need not say everything, so that what is said of a table as a whole holds for [`schema`] alone.
    pub fn extended(&mut self, schema: Schema, extra: fn() -> Schema) -> Schema {
        let name = schema["$ref"].as_str().and_then(|to| to.strip_prefix("#/$defs/"));
        let definition = name.and_then(|name| self.definitions.get_mut(name));
        // While a type that contains itself is described its definition is not there yet; it is extended once.
        if let Some(definition) = definition.filter(|definition| !definition.is_null())
            && !(self.partial && definition["type"] == "object")
            && self.extended.insert(name.unwrap_or_default().to_owned())
        {
            object::extend(definition, extra());
        }
        schema
    }

    /// The definition that a reference leads to, or the schema itself.
    pub(crate) fn resolve(&self, schema: Schema) -> Schema {
        let name = schema["$ref"].as_str().and_then(|to| to.strip_prefix("#/$defs/"));
        name.and_then(|name| self.definitions.get(name)).cloned().unwrap_or(schema)
    }

    /// The definition of an enum with these names, each with its description.
    pub fn names<T: ?Sized>(&mut self, name: &str, description: &str, names: &[(&str, &str)]) -> Schema {
        self.define::<T>(name, |_| {
            let mut schema = json!({});
            if !description.is_empty() {
                schema["description"] = description.into();
            }
            if names.iter().all(|(_, description)| description.is_empty()) {
                schema["enum"] = names.iter().map(|(name, _)| *name).collect();
            } else {
                let one = |(name, description): &(&str, &str)| match *description {
                    "" => json!({ "const": name }),
                    _ => json!({ "const": name, "description": description }),
                };
                schema["oneOf"] = names.iter().map(one).collect();
            }
            schema
        })
    }

    /// The root schema: the type's own, with the definitions that something refers to.
    fn finish(mut self, root: Schema) -> Schema {
        let target = root["$ref"].as_str().and_then(|to| to.strip_prefix("#/$defs/")).map(str::to_owned);
        let mut document = serde_json::Map::new();
        document.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
        let mut root = root;
        if let Some(name) = target {
            let own = self.definitions.remove(&name).unwrap_or_default();
            let recursive = refers_to(&own, &name) || self.definitions.values().any(|d| refers_to(d, &name));
            if recursive {
                self.definitions.insert(name, own.clone());
            }
            root = own;
        }
        if let Json::Object(own) = root {
            document.extend(own);
        }
        if !self.definitions.is_empty() {
            document.insert("$defs".to_owned(), self.definitions.into_iter().collect());
        }
        Json::Object(document)
    }
}

fn refers_to(schema: &Json, name: &str) -> bool {
    match schema {
        Json::Object(entries) => entries.iter().any(|(key, value)| match value.as_str() {
            Some(to) => key == "$ref" && to.strip_prefix("#/$defs/") == Some(name),
            None => refers_to(value, name),
        }),
        Json::Array(items) => items.iter().any(|item| refers_to(item, name)),
        _ => false,
    }
}

/// The JSON Schema (2020-12) of a type's values.
pub fn schema<T: Describe>() -> Schema {
    let mut schemas = Schemas::default();
    let root = T::describe(&mut schemas);
    schemas.finish(root)
}

/// The JSON Schema (2020-12) of a file from which [`load`](crate::load) reads a type.
///
/// It differs from [`schema`] in two ways: `env` may hold one table per environment, and nothing is
/// required, since a required key may stand in the environment's table or come from an override. Which keys
/// have to stand somewhere the annotation `x-required` says, which validators pass over.
pub fn file_schema<T: Describe>() -> Schema {
    let mut schemas = Schemas { partial: true, ..Schemas::default() };
    let root = T::describe(&mut schemas);
    let mut document = schemas.finish(root);
    let Json::Object(document_entries) = &mut document else {
        return document;
    };
    let mut values = document_entries.clone();
    let of_the_whole = ["$schema", "$defs", "description", REQUIRED_SOMEWHERE];
    values.retain(|key, _| !of_the_whole.contains(&key.as_str()));
    let env = json!({
        "type": "object",
        "description": "What is different in an environment: one table for each, by its name.",
        "additionalProperties": values,
    });
    if let Some(Json::Object(properties)) = document_entries.get_mut("properties") {
        properties.insert(crate::load::ENVIRONMENTS.to_owned(), env);
    }
    document
}

macro_rules! integers {
    ($($int:ty: $min:expr, $max:expr;)*) => {$(
        impl Describe for $int {
            const SHAPE: Shape = Shape::Integer { min: $min, max: $max };

            fn describe(_: &mut Schemas) -> Schema {
                integer(Self::SHAPE)
            }

            fn describe_key(_: &mut Schemas) -> Schema {
                let Shape::Integer { min, max } = Self::SHAPE else {
                    return json!({ "type": "string" });
                };
                json!({ "type": "string", "pattern": digits::pattern(min, max) })
            }
        }
    )*};
    ($($int:ty)*) => { integers! { $($int: <$int>::MIN as i128, <$int>::MAX as i128;)* } };
}

integers!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize);
// The tree's integers end at 127 bits and a sign.
integers! {
    i128: i128::MIN, i128::MAX;
    u128: 0, i128::MAX;
}

fn integer(shape: Shape) -> Schema {
    let mut schema = json!({ "type": "integer" });
    let Shape::Integer { min, max } = shape else {
        return schema;
    };
    for (key, bound) in [("minimum", min), ("maximum", max)] {
        // JSON's numbers end at 64 bits, so wider types have no limit that it could state.
        if let Some(bound) = serde_json::Number::from_i128(bound) {
            schema[key] = Json::Number(bound);
        }
    }
    schema
}

macro_rules! plain {
    ($($ty:ty: $shape:expr, $schema:tt;)*) => {$(
        impl Describe for $ty {
            const SHAPE: Shape = $shape;

            fn describe(_: &mut Schemas) -> Schema {
                json!($schema)
            }
        }
    )*};
}

plain! {
    f64: Shape::Float, { "type": "number" };
    f32: Shape::Float, { "type": "number", "minimum": f32::MIN, "maximum": f32::MAX };
    String: Shape::Text, { "type": "string" };
    PathBuf: Shape::Text, { "type": "string", "not": { "pattern": "\\x00" } };
}

impl Describe for bool {
    const SHAPE: Shape = Shape::Boolean;

    fn describe(_: &mut Schemas) -> Schema {
        json!({ "type": "boolean" })
    }

    fn describe_key(_: &mut Schemas) -> Schema {
        json!({ "enum": ["true", "false"] })
    }
}
