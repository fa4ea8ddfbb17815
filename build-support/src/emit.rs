//! The last steps of every generator: tokens → formatted Rust → `OUT_DIR`, and the lines that cargo reads.
//!
//! It knows nothing about what is generated.

use std::fmt::Display;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use proc_macro2::TokenStream;

/// Formats generated code the way it is written to `OUT_DIR`.
///
/// # Errors
///
/// When the tokens are not a Rust source file; that is a mistake of the generator.
pub fn format(tokens: TokenStream) -> Result<String> {
    let file: syn::File = syn::parse2(tokens).context("the generated code is not valid Rust")?;
    Ok(prettyplease::unparse(&file))
}

/// Formats generated code and writes it to `OUT_DIR/file_name`.
///
/// # Errors
///
/// When the tokens are not a Rust source file, `OUT_DIR` is not set, or the file can't be written.
pub fn write_out_dir(file_name: &str, tokens: TokenStream) -> Result<()> {
    let text = format(tokens).with_context(|| format!("generating {file_name}"))?;
    write_if_changed(&out_dir()?.join(file_name), &text)
}

/// Writes `text` unless the file holds it already, so that its time stamp changes only with its content.
///
/// # Errors
///
/// When the file can't be written.
pub fn write_if_changed(path: &Path, text: &str) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}

/// `OUT_DIR`, the folder that cargo gives to a build script for what it generates.
///
/// # Errors
///
/// When the variable is not set: not run by cargo.
pub fn out_dir() -> Result<PathBuf> {
    folder_from("OUT_DIR")
}

/// `CARGO_MANIFEST_DIR`, the folder of the crate whose build script runs.
///
/// # Errors
///
/// When the variable is not set: not run by cargo.
pub fn manifest_dir() -> Result<PathBuf> {
    folder_from("CARGO_MANIFEST_DIR")
}

fn folder_from(variable: &str) -> Result<PathBuf> {
    let value = std::env::var_os(variable)
        .with_context(|| format!("{variable} is not set: this function belongs in a build script"))?;
    Ok(PathBuf::from(value))
}

/// Tells cargo to run the build script again when this file, or anything below this folder, changes.
pub fn rerun_if_changed(path: &Path) {
    line("rerun-if-changed", &path.display());
}

/// Shows a warning to whoever builds the crate.
pub fn warning(message: impl Display) {
    line("warning", &message);
}

/// Shows an error and makes the build fail once the build script has ended; the script goes on, to report the next one.
pub fn error(message: impl Display) {
    line("error", &message);
}

/// Reports every error with `cargo::error=` and ends the build script. Cargo then fails the build of this crate.
///
/// The exit status is 0: for a status other than that cargo prints everything the script wrote, which would bury the
/// errors. The error lines alone fail the build.
pub fn fail<E: Display>(errors: impl IntoIterator<Item = E>) -> ! {
    let mut silent = true;
    for each in errors {
        error(each);
        silent = false;
    }
    if silent {
        error("the build script failed without saying why");
    }
    std::process::exit(0)
}

/// What a build script does with a generator's result: nothing when it is well, [`fail`] with the error and its causes
/// otherwise.
pub fn finish(result: Result<()>) {
    if let Err(error) = result {
        fail([format!("{error:#}")]);
    }
}

fn line(instruction: &str, value: &impl Display) {
    // If stdout is closed there is nobody to tell.
    let _ = writeln!(io::stdout(), "cargo::{instruction}={}", one_line(&value.to_string()));
}

/// Cargo reads line by line: what follows a line break would be lost, or read as an instruction of its own.
fn one_line(text: &str) -> String {
    text.split(['\n', '\r']).map(str::trim_end).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn formats_valid_code_and_refuses_the_rest() {
        assert_eq!(format(quote! { pub fn f ( ) { } }).unwrap(), "pub fn f() {}\n");
        let error = format(quote! { pub fn }).unwrap_err();
        assert_eq!(error.to_string(), "the generated code is not valid Rust");
    }

    #[test]
    fn a_message_stays_on_one_line() {
        for (text, expected) in
            [("a\nb", "a b"), ("a\r\n\r\ncargo::x=1", "a cargo::x=1"), ("plain", "plain"), ("", "")]
        {
            assert_eq!(one_line(text), expected);
        }
    }

    #[test]
    fn an_unchanged_file_is_left_alone() {
        let path = std::env::temp_dir().join(format!("build-support-emit-{}", std::process::id()));
        write_if_changed(&path, "a").unwrap();
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        write_if_changed(&path, "a").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
        write_if_changed(&path, "b").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "b");
        fs::remove_file(&path).unwrap();
    }
}
