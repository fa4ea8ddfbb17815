//! Which registries a framework's images are in, and what they are called.
//!
//! A registry's name ends up in CloudFormation templates and in messages, so it is made of the framework's name:
//! `Pytorch`. Where the versions of a framework are not all published in the same regions they fall into groups, and
//! the later ones are numbered: `PytorchGroup2`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use heck::ToUpperCamelCase;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// The registries of all frameworks, as they are met.
#[derive(Debug)]
pub(super) struct Registries<'a> {
    /// Index of the accounts under their name in `models/images.json`.
    accounts: BTreeMap<&'a str, usize>,
    names: BTreeSet<String>,
    /// Name, and index of the accounts.
    rows: Vec<(String, usize)>,
}

impl<'a> Registries<'a> {
    /// None yet; `accounts` are the names in `models/images.json`.
    pub(super) fn new(accounts: impl Iterator<Item = &'a str>) -> Self {
        let accounts = accounts.enumerate().map(|(index, name)| (name, index)).collect();
        Self { accounts, names: BTreeSet::new(), rows: Vec::new() }
    }

    /// The registries of one more framework.
    pub(super) fn framework<'r>(&'r mut self, name: &'r str) -> Framework<'r, 'a> {
        Framework { name, first: self.rows.len(), all: self }
    }

    /// The rows of the table; those of `accounts` are the statics `ACCOUNTS`, in the order of their names.
    pub(super) fn emit(&self) -> Vec<TokenStream> {
        let row = |(name, accounts): &(String, usize)| {
            let accounts = Literal::usize_unsuffixed(*accounts);
            quote! { Registry { name: #name, accounts: ACCOUNTS[#accounts] } }
        };
        self.rows.iter().map(row).collect()
    }
}

/// The registries of a framework, as they are met.
#[derive(Debug)]
pub(super) struct Framework<'r, 'a> {
    name: &'r str,
    first: usize,
    all: &'r mut Registries<'a>,
}

impl Framework<'_, '_> {
    /// The index of the registry with these accounts, given by their name in `models/images.json`.
    pub(super) fn index(&mut self, accounts: &str) -> Result<usize> {
        let known = self.all.accounts.get(accounts);
        let accounts = *known.with_context(|| format!("no registry {accounts:?} in the list"))?;
        let mine = &self.all.rows[self.first..];
        if let Some(place) = mine.iter().position(|(_, of)| *of == accounts) {
            return Ok(self.first + place);
        }
        let mut name = self.name.to_upper_camel_case();
        if !mine.is_empty() {
            name = format!("{name}Group{}", mine.len() + 1);
        }
        ensure!(
            name.bytes().all(|b| b.is_ascii_alphanumeric()) && self.all.names.insert(name.clone()),
            "{name:?} can't be the name of a registry: it is taken, or has more than letters and digits"
        );
        self.all.rows.push((name, accounts));
        Ok(self.all.rows.len() - 1)
    }
}
