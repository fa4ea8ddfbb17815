//! What programs that show progress share: texts made fit for a terminal, and lines that are drawn anew.
//!
//! Knows nothing of what is shown.

pub mod canvas;
pub mod text;
