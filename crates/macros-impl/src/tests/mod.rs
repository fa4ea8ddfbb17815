//! The macros on token streams: what they say about mistakes, and what they emit.

mod goldens;
mod mistakes;
mod shapes;
mod values;
