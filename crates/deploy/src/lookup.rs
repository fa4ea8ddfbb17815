//! Looks up the VPC that `pipewright.toml` describes by name or tag, with its subnets by what they reach.
//!
//! Synth asks nobody: what is found here goes to standard output, and into a file that stands under version control.

mod answer;
mod ec2;

use std::collections::BTreeMap;

use pipewright_assembly as assembly;
use pipewright_cli::{FindVpcArgs, FoundSubnet, FoundVpc, VpcQuery};

use self::answer::{RouteTable, Vpc};
use self::ec2::Ec2;
use crate::error::{Error, Kind, Result};
use crate::session::Session;

/// How many VPCs an error lists.
const LISTED: usize = 20;

/// Answers the query of the arguments, as JSON.
///
/// # Errors
/// [`Kind::Usage`] when the query can't be read, those of [`Session::open`] and of [`find`].
pub async fn answer(args: &FindVpcArgs) -> Result<String> {
    let query: VpcQuery = serde_json::from_str(&args.query)
        .map_err(|error| Error::new(Kind::Usage, format!("can't read --query: {error}")))?;
    let wanted = assembly::Target {
        account: Some(query.account.clone()),
        region: Some(query.region.clone()),
        ..assembly::Target::default()
    };
    let session = Session::open(&args.target, &wanted).await?;
    let found = find(&session, &query).await?;
    serde_json::to_string_pretty(&found)
        .map_err(|error| Error::new(Kind::Usage, "can't write what was found").caused_by(error))
}

/// The one VPC with these tags.
///
/// # Errors
/// [`Kind::Usage`] unless there is exactly one: the message lists the candidates. Otherwise what EC2 says.
pub async fn find(session: &Session, query: &VpcQuery) -> Result<FoundVpc> {
    let ec2 = Ec2::new(session).await?;
    let mut found = ec2.vpcs(&of_tags(&query.tags)).await?;
    let vpc = match (found.pop(), found.is_empty()) {
        (Some(vpc), true) => vpc,
        (Some(vpc), false) => {
            found.push(vpc);
            return Err(several(query, &found));
        }
        (None, _) => return Err(none(query, &ec2.vpcs(&[]).await?)),
    };
    let mut filters = vec![("vpc-id".to_owned(), vpc.id.clone())];
    let tables = ec2.route_tables(&filters).await?;
    filters.extend(of_tags(&query.subnet_tags));
    let subnets = ec2.subnets(&filters).await?;
    Ok(sorted(vpc, subnets, &tables))
}

/// Filters of EC2's, in which `*` and `?` stand for anything unless they are escaped.
fn of_tags(tags: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let exactly = |value: &str| {
        let mut text = String::with_capacity(value.len());
        for c in value.chars() {
            if matches!(c, '*' | '?' | '\\') {
                text.push('\\');
            }
            text.push(c);
        }
        text
    };
    tags.iter().map(|(key, value)| (format!("tag:{key}"), exactly(value))).collect()
}

/// What a subnet reaches, by its route table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Public,
    Private,
    Isolated,
}

/// The subnets by what they reach, as the AWS CDK tells them apart: by the subnet's own route table, or else the VPC's main
/// one.
fn sorted(vpc: Vpc, mut subnets: Vec<FoundSubnet>, tables: &[RouteTable]) -> FoundVpc {
    subnets.sort();
    let mut found = FoundVpc { vpc_id: vpc.id, cidr: vpc.cidr, ..FoundVpc::default() };
    for subnet in subnets {
        let list = match reach(&subnet.id, tables) {
            Reach::Public => &mut found.public,
            Reach::Private => &mut found.private,
            Reach::Isolated => &mut found.isolated,
        };
        list.push(subnet);
    }
    found
}

fn reach(subnet: &str, tables: &[RouteTable]) -> Reach {
    let own = tables.iter().find(|table| table.subnets.iter().any(|id| id == subnet));
    let Some(table) = own.or_else(|| tables.iter().find(|table| table.is_main)) else {
        return Reach::Isolated;
    };
    let leads = |prefix: &str| table.gateways.iter().any(|gateway| gateway.starts_with(prefix));
    if leads("igw-") {
        Reach::Public
    } else if leads("nat-") || leads("tgw-") {
        Reach::Private
    } else {
        Reach::Isolated
    }
}

fn several(query: &VpcQuery, found: &[Vpc]) -> Error {
    let message = format!("{} VPCs in {} have {}", found.len(), place(query), described(&query.tags));
    Error::new(Kind::Usage, message)
        .hint(format!("they are {}", listed(found)))
        .hint("name one more tag in network.vpc_tags, or set network.vpc to an id")
}

fn none(query: &VpcQuery, others: &[Vpc]) -> Error {
    let error = Error::new(Kind::Usage, format!("no VPC in {} has {}", place(query), described(&query.tags)));
    if others.is_empty() {
        return error.hint("there are no VPCs at all");
    }
    error.hint(format!("there are {}", listed(others)))
}

fn place(query: &VpcQuery) -> String {
    format!("account {}, region {}", query.account, query.region)
}

fn described(tags: &BTreeMap<String, String>) -> String {
    let tags: Vec<String> = tags.iter().map(|(key, value)| format!("tag {key:?} = {value:?}")).collect();
    tags.join(" and ")
}

fn listed(vpcs: &[Vpc]) -> String {
    let mut vpcs: Vec<&Vpc> = vpcs.iter().collect();
    vpcs.sort_by(|a, b| a.id.cmp(&b.id));
    let mut texts: Vec<String> = vpcs
        .iter()
        .take(LISTED)
        .map(|vpc| match &vpc.name {
            Some(name) => format!("{} ({name:?}, {})", vpc.id, vpc.cidr),
            None => format!("{} (without a name, {})", vpc.id, vpc.cidr),
        })
        .collect();
    if vpcs.len() > LISTED {
        texts.push(format!("{} more", vpcs.len() - LISTED));
    }
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(is_main: bool, subnets: &[&str], gateways: &[&str]) -> RouteTable {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        RouteTable { is_main, subnets: owned(subnets), gateways: owned(gateways) }
    }

    #[test]
    fn subnets_by_what_they_reach() {
        let tables = [
            table(true, &[], &["local", "tgw-1"]),
            table(false, &["a"], &["local", "igw-1"]),
            table(false, &["b"], &["local", "nat-1", "vpce-1"]),
            table(false, &["c"], &["local", "pcx-1", "vpce-1"]),
            table(false, &["e"], &["nat-1", "igw-1"]),
        ];
        let check = |subnet: &str, tables: &[RouteTable], expected| {
            assert_eq!(reach(subnet, tables), expected, "{subnet}");
        };
        check("a", &tables, Reach::Public);
        check("b", &tables, Reach::Private);
        check("c", &tables, Reach::Isolated);
        check("d", &tables, Reach::Private);
        check("e", &tables, Reach::Public);
        check("d", &tables[1..], Reach::Isolated);
    }

    #[test]
    fn nothing_in_a_tag_stands_for_anything() {
        let tags = BTreeMap::from([("Na*me".to_owned(), r"a*b?c\d".to_owned())]);
        assert_eq!(of_tags(&tags), [("tag:Na*me".to_owned(), r"a\*b\?c\\d".to_owned())]);
    }

    #[test]
    fn candidates_are_listed() {
        let vpc = |id: &str, name: Option<&str>| Vpc {
            id: id.to_owned(),
            cidr: "10.0.0.0/16".to_owned(),
            name: name.map(str::to_owned),
        };
        let query = VpcQuery {
            account: "123456789012".into(),
            region: "eu-west-1".into(),
            tags: BTreeMap::from([("Name".into(), "shared".into()), ("team".into(), "x".into())]),
            ..VpcQuery::default()
        };
        let error = several(&query, &[vpc("vpc-2", None), vpc("vpc-1", Some("shared"))]);
        assert_eq!(
            error.message,
            "2 VPCs in account 123456789012, region eu-west-1 have tag \"Name\" = \"shared\" and tag \"team\" = \"x\""
        );
        assert_eq!(
            error.hints[0],
            "they are vpc-1 (\"shared\", 10.0.0.0/16), vpc-2 (without a name, 10.0.0.0/16)"
        );
        assert_eq!(none(&query, &[]).hints, ["there are no VPCs at all"]);
        let many: Vec<Vpc> = (0..23).map(|i| vpc(&format!("vpc-{i:02}"), None)).collect();
        assert!(none(&query, &many).hints[0].ends_with("10.0.0.0/16), 3 more"));
    }
}
