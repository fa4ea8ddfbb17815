//! Layered configuration: a spanned tree, decoding that reports every mistake, JSON Schema.
//!
//! A program declares its configuration as a struct, with Pydantic's words for the constraints, and reads
//! it from sources in TOML, JSON or YAML and from overrides with [`load`]. What comes back is either the struct, along with the
//! place that every value came from, or *all* problems in one go: syntax errors, wrong types, missing and
//! unknown keys, values outside their limits, each with its place, its path, what was expected and what to
//! do. [`schema`] emits the JSON Schema of the same struct.
//!
//! The crate opens no file, reads no environment variable and no clock, and prints nothing: a program hands over
//! texts and variables.
//!
//! ```
//! use std::collections::BTreeMap;
//! use pipewright_config::{Source, load, schema};
//! use pipewright_macros::Config;
//!
//! /// A web server.
//! #[derive(Config)]
//! #[config(crate = "pipewright_config")]
//! struct Server {
//!     /// Name to listen on.
//!     #[config(default = "localhost", min_length = 1)]
//!     host: String,
//!     #[config(ge = 1024)]
//!     port: u16,
//!     #[config(default)]
//!     limits: Limits,
//!     log: Option<Level>,
//!     #[config(default)]
//!     headers: BTreeMap<String, String>,
//! }
//!
//! #[derive(Config)]
//! #[config(crate = "pipewright_config")]
//! struct Limits {
//!     #[config(default = 30.0, gt = 0)]
//!     timeout: f64,
//! }
//!
//! #[derive(Config, Debug, PartialEq)]
//! #[config(crate = "pipewright_config")]
//! enum Level {
//!     Quiet,
//!     Verbose,
//! }
//!
//! let text = "port = 8080\nlog = 'verbose'\n";
//! let server = load::<Server>(&[Source::new("server.toml", text)], None, &[])?.value;
//! assert_eq!((server.host.as_str(), server.port), ("localhost", 8080));
//! assert_eq!(server.log, Some(Level::Verbose));
//! assert_eq!(server.limits.timeout, 30.0);
//!
//! let text = "prt = 80\nlog = 'loud'\n[limits]\ntimeout = '5'\n";
//! let problems = load::<Server>(&[Source::new("server.toml", text)], None, &[]).err().unwrap();
//! assert_eq!(problems.to_string(), "\
//! error: `port` is missing
//!   at server.toml:1:1
//!   help: give it a value: port = …
//! error: `prt` is not a key of the configuration
//!   at server.toml:1:1
//!   help: did you mean `port`?
//! error: `log` must be one of \"quiet\", \"verbose\", but is \"loud\"
//!   at server.toml:2:7
//! error: `limits.timeout` must be a number, not the string \"5\"
//!   at server.toml:4:11
//!   help: leave out the quotes: 5");
//!
//! assert_eq!(schema::<Server>()["properties"]["port"]["minimum"], 1024);
//! # Ok::<(), pipewright_config::Problems>(())
//! ```
//!
//! # How values are read
//!
//! | field | takes |
//! | --- | --- |
//! | `i8` … `i128`, `isize`, `u8` … `u128`, `usize` | integers in range (up to 127 bits); a float without a fraction counts as one |
//! | `f32`, `f64` | finite numbers; `inf` and `nan` are refused |
//! | `bool` | `true`, `false` |
//! | `String`, [`PathBuf`](std::path::PathBuf) | strings; from an override also what is not quoted |
//! | `Option<T>` | what `T` takes; `None` when absent |
//! | `Vec<T>` | lists |
//! | `BTreeMap<String, T>` | tables with any keys |
//! | a struct with `#[derive(Config)]` | tables with its fields' keys and no others |
//! | a struct with `#[config(transparent)]` | what its only field takes |
//! | an enum of unit variants with `#[derive(Config)]` | its variants' names in `snake_case` |
//!
//! [`pydantic`] has a table of everything that a field can say, and of what the schema can't.
//!
//! Nothing is converted behind the author's back: a string is never a number, a number never a string.
//!
//! # Where values come from
//!
//! Later ones win: defaults; each [`Source`] in its order, first its top level and then its table `[env.NAME]`; and
//! the [`Override`]s in their order, which come from environment variables or a command line. A source may hold values
//! that several configurations [share](Source::shared). Variables may also come from a `.env` file, by [`env_file`], and
//! texts may hold [`Placeholders`]. [`Reading`] says which of all this there is.

mod checks;
mod constraint;
mod context;
mod decode;
mod entries;
mod env_file;
mod field;
mod flatten;
mod json;
mod literal;
mod load;
mod overrides;
mod placeholder;
mod plain;
mod problem;
mod quick;
mod read;
mod repair;
mod report;
mod resolved;
mod rule;
mod schema;
mod source;
mod suggest;
mod tree;
mod types;
mod variable;
mod variants;
mod yaml;

pub use constraint::{Choice, Constraints, Measure, Number, Pattern};
pub use context::Context;
pub use decode::{Decode, parse};
pub use env_file::env_file;
pub use field::{Field, FieldSchema, FieldType, Fields};
pub use flatten::{Flatten, Known};
pub use literal::Literal;
pub use load::{ENVIRONMENTS, Loaded, Reading, Unused, load};
pub use placeholder::{Placeholders, named_variables};
pub use plain::{Plain, Unwritable, to_toml};
pub use problem::{Place, Problem, Problems, Severity, code};
pub use resolved::{Iter, Resolved, ResolvedValues};
pub use rule::{Before, Failures};
pub use schema::{Describe, Schema, Schemas, Shape, file_schema, schema};
pub use source::{Format, MAX_SOURCE_BYTES, Override, Source};
pub use tree::{Entry, MAX_DEPTH, Node, Origin, Table, Value};
pub use types::{
    Arn, ArnKind, ArnOf, ByteSize, Date, DateTime, InstanceType, Misspelt, Region, S3Uri, Secret, SecretRef,
    Time, Url, kinds,
};
pub use variants::Tagging;

#[doc = include_str!("pydantic.md")]
pub mod pydantic {}

/// For the output of the derive macro alone.
#[doc(hidden)]
pub mod __private {
    pub use crate::checks::{
        amount, takes_amount, takes_boolean, takes_bounds, takes_empty, takes_float, takes_integer,
        takes_items, takes_length, takes_list, takes_pattern, takes_text,
    };
    pub use crate::decode::{choice, spelt};
    pub use crate::field::add_keys;
    pub use crate::plain::{entry, tagged};
    pub use crate::rule::judge;
    pub use crate::variants::{
        Content, DescribeFn, Found, ReadVariant, Variant, adjacent, external, internal, untagged,
    };
}
