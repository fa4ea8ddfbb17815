//! A scanned folder of code → the Rust that `pipewright::code!()` includes.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::command_line;
use super::contract::Reading;
use super::docs;
use super::fields::name_all;
use super::names::{Names, type_name, value_name};
use super::read::read;
use super::scan::{File, Folder, Scan};
use super::structs::{Place, Run, allowed, plain, typed};

/// What became of a folder of code.
#[derive(Default)]
pub struct Generated {
    /// The items of the module.
    pub items: TokenStream,
    /// What the author should know.
    pub warnings: Vec<String>,
    /// What the author must put right; the items are not to be used then.
    pub errors: Vec<String>,
    scripts: bool,
}

/// Generates the module of a folder of code; `root` is the path of the items that it refers to.
pub fn generate(scan: &Scan, root: &TokenStream) -> Generated {
    let mut generated = Generated::default();
    let mut names = Names::default();
    let here = Place { root, code: quote!(self) };
    // Scripts and folders first: an enum of choices is the one that has to be called otherwise.
    let files: Vec<_> = scan.files.iter().map(|file| (file, generated.file_name(file, &mut names))).collect();
    let folders: Vec<_> =
        scan.folders.iter().map(|folder| (folder, generated.folder_name(folder, &mut names))).collect();
    for (file, name) in files {
        if let Some(name) = name {
            let asset = file_asset(root, file);
            generated.script(&here, file, &name, asset, &file.name, &mut names);
        }
    }
    for (folder, name) in folders {
        if let Some(name) = name {
            generated.folder(root, folder, &name);
        }
    }
    if generated.scripts {
        let (module, allowed) = (command_line::module(root), allowed());
        generated.items.extend(quote!(#allowed #module));
    }
    generated
}

impl Generated {
    fn file_name(&mut self, file: &File, names: &mut Names) -> Option<Ident> {
        // `train.py` is the script `Train`; beside it `train.json` is `TrainJson`.
        let text = file.name.strip_suffix(".py").filter(|_| file.script.is_some()).unwrap_or(&file.name);
        self.name(type_name(text), &file.path, names)
    }

    fn folder_name(&mut self, folder: &Folder, names: &mut Names) -> Option<Ident> {
        self.name(value_name(&folder.name), &folder.path, names)
    }

    fn name(&mut self, name: Option<Ident>, path: &str, names: &mut Names) -> Option<Ident> {
        let Some(name) = name else {
            self.errors
                .push(format!("{path}: its name has nothing that a Rust name could be made of; rename it"));
            return None;
        };
        match names.take(&name, path) {
            Ok(()) => Some(name),
            Err(other) => {
                self.errors
                    .push(format!("{other} and {path} would both be called `{name}` in Rust; rename one"));
                None
            }
        }
    }

    fn script(
        &mut self,
        place: &Place<'_>,
        file: &File,
        name: &Ident,
        asset: TokenStream,
        entry: &str,
        names: &mut Names,
    ) {
        let run = Run { asset, entry, path: &file.path };
        let item = match file.script.as_deref().map_or(Reading::Plain(None), read) {
            Reading::Plain(reason) => {
                if let Some(reason) = &reason {
                    self.warnings.push(format!(
                        "{}:{}: {}; it takes plain arguments",
                        file.path, reason.line, reason.text
                    ));
                }
                plain(place, name, &run, reason.as_ref())
            }
            Reading::Contract(contract) => {
                let (mut problems, mut notes) = (Vec::new(), Vec::new());
                let fields = name_all(&contract, name, names, &file.path, &mut problems, &mut notes);
                notes.extend(contract.notes.iter().map(|note| (note.line, note.text.clone())));
                notes.sort();
                let place_of = |(line, text): (usize, String)| format!("{}:{line}: {text}", file.path);
                self.errors.extend(problems.into_iter().map(place_of));
                self.warnings.extend(notes.into_iter().map(place_of));
                typed(place, name, &run, &contract, &fields)
            }
        };
        self.scripts = true;
        self.items.extend(item);
    }

    fn folder(&mut self, root: &TokenStream, folder: &Folder, name: &Ident) {
        let allowed = allowed();
        let place = Place { root, code: quote!(super) };
        let mut inner = Generated::default();
        let mut names = Names::default();
        let scripts: Vec<_> =
            folder.scripts.iter().map(|file| (file, inner.file_name(file, &mut names))).collect();
        for (file, name) in scripts {
            if let Some(name) = name {
                inner.script(&place, file, &name, quote!(folder()), &file.name, &mut names);
            }
        }
        self.errors.append(&mut inner.errors);
        self.warnings.append(&mut inner.warnings);
        self.scripts |= inner.scripts;
        let Folder { path, sha256, .. } = folder;
        let doc = docs::attributes(&format!("{}, uploaded as a whole.", docs::code(path)));
        let items = inner.items;
        self.items.extend(quote! {
            #doc
            #allowed
            pub mod #name {
                /// The folder as an archive.
                pub fn folder() -> #root::CodeAsset {
                    #root::CodeAsset {
                        name: ::std::borrow::Cow::Borrowed("sourcedir.tar.gz"),
                        sha256: ::std::borrow::Cow::Borrowed(#sha256),
                        source: #root::AssetSource::Folder { path: ::std::borrow::Cow::Borrowed(#path) },
                    }
                }

                #items
            }
        });
    }
}

fn file_asset(root: &TokenStream, File { name, path, sha256, .. }: &File) -> TokenStream {
    quote! {
        #root::CodeAsset {
            name: ::std::borrow::Cow::Borrowed(#name),
            sha256: ::std::borrow::Cow::Borrowed(#sha256),
            source: #root::AssetSource::File { path: ::std::borrow::Cow::Borrowed(#path) },
        }
    }
}
