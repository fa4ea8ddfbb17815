//! `pipewright.context.json`: what was looked up in an account, for synth to read.
//!
//! Synth asks nobody, so that the same inputs give the same bytes. What it can't know (which VPC has a name, and which
//! subnets are in it) `cargo xtask lookup` asks once and writes here; the file belongs under version control. It holds one
//! entry for each query, sorted, so that the same entries are the same text.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use pipewright_cli::{FoundSubnet, FoundVpc, VpcQuery};
use serde::{Deserialize, Serialize};

use crate::report::{Report, Texts};
use crate::sources;

/// The file's name, at the workspace's root.
pub(crate) const FILE: &str = "pipewright.context.json";

/// Of its format.
const VERSION: u32 = 1;

/// What was looked up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Context {
    version: u32,
    vpcs: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    query: VpcQuery,
    found: FoundVpc,
}

impl Default for Context {
    fn default() -> Self {
        Self { version: VERSION, vpcs: Vec::new() }
    }
}

impl Context {
    /// Reads the file; where there is none, nothing was looked up.
    ///
    /// # Errors
    /// When it can't be read, or is not what `lookup` writes.
    pub(crate) fn read(root: &Path, texts: &mut Texts) -> Result<Self, Vec<Report>> {
        let path = root.join(FILE);
        if !path.exists() {
            return Ok(Self::default());
        }
        let wrong = |why: &str| {
            let message = format!("can't read {FILE}: {why}");
            let help =
                "`cargo xtask lookup` writes it; where it was changed by hand, delete it and look up again";
            vec![Report::error("context/file", message).help(help)]
        };
        let text = sources::text(&path, root).map_err(|why| wrong(&why))?;
        let context = Self::parse(&text).map_err(|why| wrong(&why))?;
        texts.insert(FILE.to_owned(), text);
        Ok(context)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let context: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if context.version != VERSION {
            return Err(format!(
                "its version is {}, and this program reads version {VERSION}",
                context.version
            ));
        }
        let mut queries = BTreeSet::new();
        for Entry { query, found } in &context.vpcs {
            if !queries.insert(query) {
                return Err(format!("two entries are for {}", described(query)));
            }
            wrong_id(found).map_or(Ok(()), |id| Err(format!("{id:?} is no id")))?;
        }
        Ok(context)
    }

    /// What was found for this query.
    pub(crate) fn vpc(&self, query: &VpcQuery) -> Option<&FoundVpc> {
        self.vpcs.iter().find(|entry| entry.query == *query).map(|entry| &entry.found)
    }

    /// Takes in what was found, in the place of what was found before.
    ///
    /// # Errors
    /// When an id in it is none.
    pub(crate) fn set(&mut self, query: VpcQuery, found: FoundVpc) -> Result<(), String> {
        wrong_id(&found).map_or(Ok(()), |id| Err(format!("{id:?} is no id")))?;
        self.vpcs.retain(|entry| entry.query != query);
        self.vpcs.push(Entry { query, found });
        self.vpcs.sort_by(|a, b| a.query.cmp(&b.query));
        Ok(())
    }

    /// Writes the file beside its place and renames it: it is whole or as it was.
    pub(crate) fn write(&self, root: &Path) -> Result<()> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        let path = root.join(FILE);
        let aside = root.join(format!(".{FILE}.new"));
        fs::write(&aside, text).with_context(|| format!("can't write {}", aside.display()))?;
        fs::rename(&aside, &path).with_context(|| format!("can't replace {}", path.display()))
    }
}

/// What a query asks for, in words.
pub(crate) fn described(query: &VpcQuery) -> String {
    let VpcQuery { account, region, tags, subnet_tags } = query;
    let words = |tags: &std::collections::BTreeMap<String, String>| {
        tags.iter().map(|(key, value)| format!("{key:?} = {value:?}")).collect::<Vec<_>>().join(", ")
    };
    let mut text = format!("the VPC with {} in account {account}, region {region}", words(tags));
    if !subnet_tags.is_empty() {
        text.push_str(", and its subnets with ");
        text.push_str(&words(subnet_tags));
    }
    text
}

/// An id that goes into a template and is none.
fn wrong_id(found: &FoundVpc) -> Option<&str> {
    let is_id = |id: &str, prefix: &str| {
        id.strip_prefix(prefix).is_some_and(|rest| {
            (8..=17).contains(&rest.len())
                && rest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        })
    };
    let FoundVpc { vpc_id, public, private, isolated, .. } = found;
    if !is_id(vpc_id, "vpc-") {
        return Some(vpc_id);
    }
    let mut subnets =
        [public, private, isolated].into_iter().flatten().map(|FoundSubnet { id, .. }| id.as_str());
    subnets.find(|id| !is_id(id, "subnet-"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn query(name: &str) -> VpcQuery {
        VpcQuery {
            account: "123456789012".into(),
            region: "eu-west-1".into(),
            tags: BTreeMap::from([("Name".into(), name.into())]),
            ..VpcQuery::default()
        }
    }

    fn found(id: &str) -> FoundVpc {
        let subnet = FoundSubnet {
            zone: "eu-west-1a".into(),
            id: "subnet-0123456789abcdef0".into(),
            cidr: "10.0.0.0/20".into(),
        };
        FoundVpc {
            vpc_id: id.into(),
            cidr: "10.0.0.0/16".into(),
            private: vec![subnet],
            ..FoundVpc::default()
        }
    }

    #[test]
    fn the_same_entries_are_the_same_text_whatever_came_first() {
        let folder = tempfile::tempdir().unwrap();
        let mut texts = Texts::new();
        assert_eq!(Context::read(folder.path(), &mut texts), Ok(Context::default()));
        let mut written = Vec::new();
        for names in [["a", "b"], ["b", "a"]] {
            let mut context = Context::default();
            for name in names {
                context.set(query(name), found("vpc-00000000")).unwrap();
                context.set(query(name), found("vpc-0123456789abcdef0")).unwrap();
            }
            context.write(folder.path()).unwrap();
            assert_eq!(Context::read(folder.path(), &mut texts), Ok(context.clone()));
            assert_eq!(context.vpc(&query("a")), Some(&found("vpc-0123456789abcdef0")));
            assert_eq!(context.vpc(&query("c")), None);
            written.push(fs::read_to_string(folder.path().join(FILE)).unwrap());
        }
        assert_eq!(written[0], written[1]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let first = r#"{
  "version": 1,
  "vpcs": [
    {
      "query": {
        "account": "123456789012",
        "region": "eu-west-1",
        "tags": {
          "Name": "a"
        }
      },
      "found": {
        "vpc_id": "vpc-0123456789abcdef0",
        "cidr": "10.0.0.0/16",
        "public": [],
        "private": [
          {
            "zone": "eu-west-1a",
            "id": "subnet-0123456789abcdef0",
            "cidr": "10.0.0.0/20"
          }
        ],
        "isolated": []
      }
    },
    {
      "query": {
        "account": "123456789012",
        "region": "eu-west-1",
        "tags": {
          "Name": "b"
"#;
        assert!(written[0].starts_with(first), "{}", written[0]);
    }

    #[test]
    fn what_lookup_did_not_write_is_refused() {
        let check = |text: &str, expected: &str| {
            let why = Context::parse(text).unwrap_err();
            assert!(why.contains(expected), "{why}");
        };
        check("", "EOF");
        check("{}", "missing field");
        check(r#"{"version": 2, "vpcs": []}"#, "its version is 2");
        check(r#"{"version": 1, "vpcs": [], "more": 1}"#, "unknown field");
        check(&format!(r#"{{"version": {}1"#, "[".repeat(100_000)), "expected u32");
        let entry = |id: &str| serde_json::to_string(&Entry { query: query("a"), found: found(id) }).unwrap();
        let file = |entries: &[String]| format!(r#"{{"version": 1, "vpcs": [{}]}}"#, entries.join(","));
        check(
            &file(&[entry("vpc-00000000"), entry("vpc-00000001")]),
            "two entries are for the VPC with \"Name\" = \"a\"",
        );
        for id in ["", "vpc-", "vpc-xyzxyzxyz", "${AWS::Region}", "subnet-0123456789abcdef0"] {
            check(&file(&[entry(id)]), "is no id");
        }
        assert!(Context::default().set(query("a"), found("x")).is_err());
    }
}
