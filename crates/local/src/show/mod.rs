//! What a person sees of a run: a tree that is drawn anew, or lines; afterwards a summary.
//!
//! What is shown is made by functions of values; [`screen`] alone writes, and to standard error only. A text that came from
//! elsewhere (names, log lines, reasons) is made harmless first, so that no terminal obeys it.

pub mod board;
pub mod lines;
pub mod screen;
pub mod summary;
