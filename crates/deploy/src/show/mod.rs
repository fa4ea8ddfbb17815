//! What a person sees: progress, changes, causes, outputs.
//!
//! What is shown is made by functions of values (`tree`, `lines`, `table`, `cause`, `outputs`, `diagnose`); `console` alone
//! writes, and to standard error only: what a program may want to read is returned, for the program to print. A text that came
//! from elsewhere passes `text` first, so that no terminal obeys it.

pub mod advice;
pub mod cause;
pub mod console;
pub mod diagnose;
pub mod lines;
pub mod outputs;
pub mod table;
pub mod timeline;
pub mod tree;

pub use pipewright_terminal::text;
