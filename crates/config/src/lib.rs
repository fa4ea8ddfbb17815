//! Layered configuration: a spanned tree, decoding that reports every mistake, JSON Schema.
//!
//! A program declares its configuration as a struct, with Pydantic's words for the constraints, and reads
//! it from TOML sources and overrides with [`load`]. What comes back is either the struct, along with the
//! place that every value came from, or *all* problems in one go: syntax errors, wrong types, missing and
//! unknown keys, values outside their limits, each with its place, its path, what was expected and what to
//! do. [`schema`] emits the JSON Schema of the same struct.
//!
//! The crate opens no file, reads no environment variable and no clock, and prints nothing.
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
//! | an enum of unit variants with `#[derive(Config)]` | its variants' names in `snake_case` |
//!
//! Nothing is converted behind the author's back: a string is never a number, a number never a string.

mod checks;
mod constraint;
mod context;
mod decode;
mod field;
mod literal;
mod load;
mod overrides;
mod problem;
mod read;
mod repair;
mod report;
mod schema;
mod source;
mod suggest;
mod tree;

pub use constraint::{Choice, Constraints, Measure, Number, Pattern};
pub use context::Context;
pub use decode::Decode;
pub use field::{Field, FieldSchema, FieldType, Fields};
pub use literal::Literal;
pub use load::{ENVIRONMENTS, Loaded, Resolved, load};
pub use problem::{Place, Problem, Problems, Severity, code};
pub use schema::{Describe, Schema, Schemas, Shape, file_schema, schema};
pub use source::{MAX_SOURCE_BYTES, Override, Source};
pub use tree::{Entry, MAX_DEPTH, Node, Origin, Table, Value};

/// For the output of the derive macro alone.
#[doc(hidden)]
pub mod __private {
    pub use crate::checks::{
        takes_boolean, takes_bounds, takes_empty, takes_float, takes_integer, takes_length, takes_list,
        takes_pattern, takes_text,
    };
    pub use crate::decode::choice;
}
