//! Content hashes and deterministic archives of files and source folders.
//!
//! Two places must agree on what a folder of code contains: the build script that writes the folder's hash into the
//! pipeline, and the command that uploads the folder under that hash. Both ask this crate.
//!
//! What belongs to a folder:
//! - every file below it, by its path relative to the folder, its executable bit and its bytes; nothing else (no time,
//!   owner, or place on the disk), so a copy of the folder has the same hash and the same archive, byte for byte;
//! - not what a `.gitignore` or `.pipewrightignore` in the folder (or below) excludes; the second wins over the first.
//!   Ignore files above the folder, git's own excludes and the user's configuration are not read;
//! - not hidden files and folders (`.git`, `.venv`, `.env`), unless `.pipewrightignore` asks for them with `!.name`;
//! - never `__pycache__` and `*.pyc`, which come and go as scripts run;
//! - no empty folders: like git, this crate knows only files.
//!
//! A symbolic link to a file inside of the folder counts as that file. A link that leaves the folder, leads nowhere or
//! leads to another folder is refused, and so are paths that are not UTF-8 and anything that is neither file nor folder:
//! what is uploaded must not depend on the machine.
//!
//! File contents are streamed; memory grows with the number of files, not with their size. This crate never writes to
//! the file system.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let root = std::path::Path::new("code/pkg");
//! let listing = pipewright_archive::hash_folder(root)?;
//! let file = std::fs::File::create(format!("{}.tar.gz", listing.sha256))?;
//! pipewright_archive::pack(root, &listing, file)?;
//! # Ok(())
//! # }
//! ```

mod error;
mod hash;
mod pack;
mod walk;

pub use error::Error;
pub use hash::{Entry, FolderListing, hash_alone, hash_file, hash_folder};
pub use pack::pack;
pub use walk::{Child, ChildKind, children};
