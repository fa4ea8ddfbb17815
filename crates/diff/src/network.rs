//! Rules of security groups: what may reach whom.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde_json::{Map, Value};

use crate::intrinsic::{unescaped, written};
use crate::policy::holdings::{properties, scope_of, type_of};
use crate::template::resources;

/// A rule of a security group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rule {
    /// The logical id of the resource that holds it.
    pub(crate) holder: String,
    pub(crate) resource_type: String,
    pub(crate) what: Reach,
}

/// What a rule lets through.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reach {
    /// The security group: its logical id, or what names it.
    group: String,
    pub(crate) ingress: bool,
    protocol: String,
    from: String,
    to: String,
    peer: Peer,
    /// The condition of the template it stands under.
    when: BTreeSet<String>,
}

/// Whom a rule is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Peer {
    /// Addresses: version, and the range as it is written.
    Cidr(u8, String),
    /// A security group, a prefix list, or what isn't understood.
    Other(String),
}

/// The rules of a template, those that stand for themselves and those inside of groups. A group that names no egress rule
/// has the default one.
pub(crate) fn rules(template: Option<&Value>) -> Vec<Rule> {
    let mut out = Vec::new();
    for (id, resource) in resources(template).into_iter().flatten() {
        let (resource_type, properties) = (type_of(resource), properties(resource));
        let condition = resource.get("Condition").and_then(Value::as_str);
        let when: BTreeSet<String> = condition.map(str::to_owned).into_iter().collect();
        let mut add = |group: &str, ingress: bool, rule: &Value| {
            out.extend(reaches(group, ingress, rule, &when).into_iter().map(|what| Rule {
                holder: id.clone(),
                resource_type: resource_type.to_owned(),
                what,
            }));
        };
        match resource_type {
            "AWS::EC2::SecurityGroup" => {
                for (key, ingress) in [("SecurityGroupIngress", true), ("SecurityGroupEgress", false)] {
                    match properties.get(key) {
                        Some(Value::Array(rules)) => rules.iter().for_each(|rule| add(id, ingress, rule)),
                        Some(rule) => add(id, ingress, rule),
                        None if ingress => {}
                        None => {
                            add(id, false, &serde_json::json!({"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}));
                        }
                    }
                }
            }
            "AWS::EC2::SecurityGroupIngress" | "AWS::EC2::SecurityGroupEgress" => {
                let group = properties.get("GroupId").or_else(|| properties.get("GroupName"));
                let group = group.map(scope_of).unwrap_or_default();
                add(&group, resource_type.ends_with("Ingress"), &Value::Object(properties.clone()));
            }
            _ => {}
        }
    }
    out
}

fn reaches(group: &str, ingress: bool, rule: &Value, when: &BTreeSet<String>) -> Vec<Reach> {
    let empty = Map::new();
    let fields = rule.as_object().unwrap_or(&empty);
    let text = |key: &str| fields.get(key).map(written).unwrap_or_default();
    let protocol = match text("IpProtocol").to_ascii_lowercase().as_str() {
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "1" => "icmp".to_owned(),
        other => other.to_owned(),
    };
    let mut peers: Vec<Peer> = [("CidrIp", 4), ("CidrIpv6", 6)]
        .iter()
        .filter_map(|(key, version)| fields.get(*key).map(|value| Peer::Cidr(*version, written(value))))
        .collect();
    let others = [
        "SourceSecurityGroupId",
        "SourceSecurityGroupName",
        "SourcePrefixListId",
        "DestinationSecurityGroupId",
        "DestinationPrefixListId",
    ];
    peers.extend(others.iter().filter_map(|key| fields.get(*key)).map(|value| Peer::Other(written(value))));
    if peers.is_empty() {
        peers.push(Peer::Other(written(rule)));
    }
    let reach = |peer| Reach {
        group: group.to_owned(),
        ingress,
        protocol: protocol.clone(),
        from: text("FromPort"),
        to: text("ToPort"),
        peer,
        when: when.clone(),
    };
    peers.into_iter().map(reach).collect()
}

impl Reach {
    /// Whether everything that `narrow` lets through, this lets through.
    pub(crate) fn covers(&self, narrow: &Self) -> bool {
        self.group == narrow.group
            && self.ingress == narrow.ingress
            && (self.protocol == "-1" || self.protocol == narrow.protocol && self.ports_cover(narrow))
            && self.peer.covers(&narrow.peer)
            && self.when.is_subset(&narrow.when)
    }

    /// Whether it reaches nothing: what templates write where they want no rule, since none means the default one.
    pub(crate) fn is_void(&self) -> bool {
        matches!(&self.peer, Peer::Cidr(4, range) if range.starts_with("127.") || range == "255.255.255.255/32")
    }

    fn ports_cover(&self, narrow: &Self) -> bool {
        if (&self.from, &self.to) == (&narrow.from, &narrow.to) {
            return true;
        }
        let numbers = [&self.from, &self.to, &narrow.from, &narrow.to].map(|port| port.parse::<i32>().ok());
        let [Some(from), Some(to), Some(first), Some(last)] = numbers else { return false };
        let ports = matches!(self.protocol.as_str(), "tcp" | "udp");
        if ports {
            from <= first && last <= to && first >= 0
        } else {
            from == -1 && (to == -1 || first == last)
        }
    }

    /// For people: `ingress tcp 443 from 0.0.0.0/0`.
    pub(crate) fn shown(&self) -> String {
        let direction = if self.ingress { "ingress" } else { "egress" };
        let preposition = if self.ingress { "from" } else { "to" };
        let what = match (self.protocol.as_str(), self.from.as_str(), self.to.as_str()) {
            ("-1" | "", ..) => "everything".to_owned(),
            (protocol, "" | "-1", _) => protocol.to_owned(),
            (protocol, from, to) if from == to => format!("{protocol} {from}"),
            (protocol, from, to) => format!("{protocol} {from}-{to}"),
        };
        let peer = match &self.peer {
            Peer::Cidr(_, range) | Peer::Other(range) => range.as_str(),
        };
        unescaped(&format!("{direction} {what} {preposition} {peer}"))
    }
}

impl Peer {
    fn covers(&self, narrow: &Self) -> bool {
        match (self, narrow) {
            (Self::Cidr(a, wide), Self::Cidr(b, narrow)) if a == b => {
                wide == narrow || wide == "0.0.0.0/0" || wide == "::/0" || range_covers(wide, narrow)
            }
            _ => self == narrow,
        }
    }
}

/// An address as a number, with how many bits it has and how many of them count.
fn range(text: &str) -> Option<(u128, u32, u32)> {
    let (address, length) = text.split_once('/')?;
    let (bits, size) = match address.parse().ok()? {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    };
    let length: u32 = length.parse().ok()?;
    (length <= size).then_some((bits, size, length))
}

fn range_covers(wide: &str, narrow: &str) -> bool {
    let (Some((a, size_a, wide)), Some((b, size_b, narrow))) = (range(wide), range(narrow)) else {
        return false;
    };
    size_a == size_b && wide <= narrow && (wide == 0 || a >> (size_a - wide) == b >> (size_b - wide))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reach(rule: &Value) -> Reach {
        reaches("G", true, rule, &BTreeSet::new()).remove(0)
    }

    #[test]
    fn ranges_and_ports() {
        let check = |wide: Value, narrow: Value, expected: bool| {
            assert_eq!(reach(&wide).covers(&reach(&narrow)), expected, "{wide} {narrow}");
        };
        let tcp = |cidr: &str, from: i32, to: i32| json!({"IpProtocol": "tcp", "CidrIp": cidr, "FromPort": from, "ToPort": to});
        check(tcp("0.0.0.0/0", 0, 65535), tcp("10.0.0.0/8", 443, 443), true);
        check(tcp("10.0.0.0/8", 443, 443), tcp("10.1.0.0/16", 443, 443), true);
        check(tcp("10.1.0.0/16", 443, 443), tcp("10.0.0.0/8", 443, 443), false);
        check(tcp("10.0.0.0/8", 443, 443), tcp("10.0.0.0/8", 80, 443), false);
        check(tcp("11.0.0.0/8", 443, 443), tcp("10.0.0.0/16", 443, 443), false);
        check(json!({"IpProtocol": -1, "CidrIp": "0.0.0.0/0"}), tcp("10.0.0.0/16", 1, 2), true);
        check(
            json!({"IpProtocol": 6, "CidrIp": "0.0.0.0/0", "FromPort": 1, "ToPort": 2}),
            tcp("1.2.3.4/32", 1, 2),
            true,
        );
        check(json!({"IpProtocol": "-1", "CidrIpv6": "::/0"}), tcp("0.0.0.0/0", 1, 2), false);
        check(
            json!({"IpProtocol": "-1", "SourceSecurityGroupId": "a"}),
            json!({"IpProtocol": "tcp", "SourceSecurityGroupId": "b"}),
            false,
        );
        check(json!(5), json!(6), false);
    }

    #[test]
    fn a_rule_is_readable() {
        let rule = json!({"IpProtocol": "tcp", "CidrIp": {"Fn::GetAtt": ["Vpc", "CidrBlock"]}, "FromPort": 443, "ToPort": 443});
        assert_eq!(reach(&rule).shown(), "ingress tcp 443 from ${Vpc.CidrBlock}");
        assert!(reach(&json!({"IpProtocol": "icmp", "CidrIp": "127.0.0.1/32"})).is_void());
    }
}
