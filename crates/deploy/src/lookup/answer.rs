//! What EC2 answers: XML in which lists are elements named `item`. What is not asked for is passed over.

use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use aws_smithy_xml::decode::{Document, ScopedDecoder, XmlDecodeError, try_data};
use pipewright_cli::FoundSubnet;

type Result<T> = std::result::Result<T, XmlDecodeError>;

/// A VPC (`Vpc`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Vpc {
    pub(super) id: String,
    pub(super) cidr: String,
    pub(super) name: Option<String>,
}

/// A route table (`RouteTable`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RouteTable {
    /// Whether it counts for subnets without one of their own.
    pub(super) is_main: bool,
    /// The subnets that it belongs to.
    pub(super) subnets: Vec<String>,
    /// Where its routes lead: `igw-…`, `nat-…`, `tgw-…`.
    pub(super) gateways: Vec<String>,
}

/// A part of a list, and what to ask for the next.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Option<String>,
}

/// Reads an answer with a list.
pub(super) type Read<T> = fn(&str) -> Result<Page<T>>;

pub(super) fn vpcs(text: &str) -> Result<Page<Vpc>> {
    page(text, "vpcSet", |item| {
        let mut vpc = Vpc::default();
        each(item, |name, tag| {
            match name {
                "vpcId" => vpc.id = data(tag)?,
                "cidrBlock" => vpc.cidr = data(tag)?,
                "tagSet" => each(tag, |_, item| {
                    let (mut key, mut value) = (String::new(), String::new());
                    each(item, |name, tag| {
                        match name {
                            "key" => key = data(tag)?,
                            "value" => value = data(tag)?,
                            _ => {}
                        }
                        Ok(())
                    })?;
                    if key == "Name" {
                        vpc.name = Some(value);
                    }
                    Ok(())
                })?,
                _ => {}
            }
            Ok(())
        })?;
        Ok(vpc)
    })
}

pub(super) fn subnets(text: &str) -> Result<Page<FoundSubnet>> {
    page(text, "subnetSet", |item| {
        let mut subnet = FoundSubnet::default();
        each(item, |name, tag| {
            match name {
                "subnetId" => subnet.id = data(tag)?,
                "availabilityZone" => subnet.zone = data(tag)?,
                "cidrBlock" => subnet.cidr = data(tag)?,
                _ => {}
            }
            Ok(())
        })?;
        Ok(subnet)
    })
}

pub(super) fn route_tables(text: &str) -> Result<Page<RouteTable>> {
    page(text, "routeTableSet", |item| {
        let mut table = RouteTable::default();
        each(item, |name, tag| match name {
            "routeSet" => each(tag, |_, item| {
                each(item, |name, tag| {
                    if matches!(name, "gatewayId" | "natGatewayId" | "transitGatewayId") {
                        table.gateways.push(data(tag)?);
                    }
                    Ok(())
                })
            }),
            "associationSet" => each(tag, |_, item| {
                each(item, |name, tag| {
                    match name {
                        "subnetId" => table.subnets.push(data(tag)?),
                        "main" => table.is_main |= data(tag)? == "true",
                        _ => {}
                    }
                    Ok(())
                })
            }),
            _ => Ok(()),
        })?;
        Ok(table)
    })
}

fn page<T>(
    text: &str,
    list: &str,
    mut read: impl FnMut(&mut ScopedDecoder<'_, '_>) -> Result<T>,
) -> Result<Page<T>> {
    let mut document = Document::new(text);
    let mut page = Page { items: Vec::new(), next: None };
    let mut is_there = false;
    each(&mut document.root_element()?, |name, tag| {
        if name == list {
            is_there = true;
            return each(tag, |_, item| {
                page.items.push(read(item)?);
                Ok(())
            });
        }
        if name == "nextToken" {
            page.next = Some(data(tag)?).filter(|token| !token.is_empty());
        }
        Ok(())
    })?;
    // An answer that says nothing of the list does not say that the list is empty.
    if is_there { Ok(page) } else { Err(XmlDecodeError::custom(format!("there is no {list}"))) }
}

/// Visits what is directly inside.
fn each(
    parent: &mut ScopedDecoder<'_, '_>,
    mut visit: impl FnMut(&str, &mut ScopedDecoder<'_, '_>) -> Result<()>,
) -> Result<()> {
    while let Some(mut tag) = parent.next_tag() {
        let name = tag.start_el().local().to_owned();
        visit(&name, &mut tag)?;
    }
    Ok(())
}

fn data(tag: &mut ScopedDecoder<'_, '_>) -> Result<String> {
    try_data(tag).map(std::borrow::Cow::into_owned)
}

/// EC2's reason for an answer that is none.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.message().or(.0.code()).unwrap_or("EC2 gave no reason"))]
pub(super) struct Refusal(ErrorMetadata);

impl ProvideErrorMetadata for Refusal {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

/// What the body of an error says; nothing where it is not what EC2 sends.
pub(super) fn refusal(text: &str) -> Refusal {
    let mut metadata = ErrorMetadata::builder();
    let (mut code, mut message) = (None, None);
    let mut document = Document::new(text);
    let read = document.root_element().and_then(|mut root| {
        each(&mut root, |name, tag| {
            if name != "Errors" {
                return Ok(());
            }
            each(tag, |_, error| {
                each(error, |name, tag| {
                    match name {
                        "Code" => code = Some(data(tag)?),
                        "Message" => message = Some(data(tag)?),
                        _ => {}
                    }
                    Ok(())
                })
            })
        })
    });
    if read.is_ok() {
        metadata = metadata.code(code.unwrap_or_default()).message(message.unwrap_or_default());
    }
    Refusal(metadata.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

    #[test]
    fn lists() {
        let text = format!(
            r#"{XML}<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
              <requestId>1</requestId>
              <vpcSet>
                <item><vpcId>vpc-1</vpcId><cidrBlock>10.0.0.0/16</cidrBlock>
                  <cidrBlockAssociationSet><item><cidrBlock>10.1.0.0/16</cidrBlock></item></cidrBlockAssociationSet>
                  <tagSet><item><key>team</key><value>x</value></item><item><key>Name</key><value>a &amp; b</value></item></tagSet>
                </item>
                <item><vpcId>vpc-2</vpcId><tagSet/></item>
              </vpcSet>
              <nextToken>more</nextToken>
            </DescribeVpcsResponse>"#
        );
        let page = vpcs(&text).unwrap();
        let first = Vpc { id: "vpc-1".into(), cidr: "10.0.0.0/16".into(), name: Some("a & b".into()) };
        assert_eq!(page.items, [first, Vpc { id: "vpc-2".into(), ..Vpc::default() }]);
        assert_eq!(page.next.as_deref(), Some("more"));
        let text = "<R><subnetSet><item><subnetId>s</subnetId><availabilityZone>z</availabilityZone>\
                    <cidrBlock>c</cidrBlock></item></subnetSet><nextToken/></R>";
        let subnet = FoundSubnet { id: "s".into(), zone: "z".into(), cidr: "c".into() };
        assert_eq!(subnets(text).unwrap(), Page { items: vec![subnet], next: None });
        let text = "<R><routeTableSet><item><routeSet><item><gatewayId>local</gatewayId></item>\
                    <item><natGatewayId>nat-1</natGatewayId><state>active</state></item></routeSet>\
                    <associationSet><item><main>true</main></item><item><subnetId>s</subnetId><main>false</main></item>\
                    </associationSet></item></routeTableSet></R>";
        let table = RouteTable {
            is_main: true,
            subnets: vec!["s".into()],
            gateways: vec!["local".into(), "nat-1".into()],
        };
        assert_eq!(route_tables(text).unwrap().items, [table]);
    }

    #[test]
    fn what_is_no_answer_is_no_empty_list() {
        for text in
            ["", "x", "<R/>", "<R><vpcSet>", "<R><vpcSet><item><vpcId><a/></vpcId></item></vpcSet></R>"]
        {
            let read = vpcs(text);
            assert!(read.is_err() || text == "<R><vpcSet>", "{text}: {read:?}");
        }
        // Depth costs nothing: nobody descends.
        let deep = format!("<R>{}</R>", "<a>".repeat(100_000));
        assert!(vpcs(&deep).is_err());
    }

    #[test]
    fn refusals() {
        let text = format!(
            "{XML}<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not</Message></Error></Errors></Response>"
        );
        let error = refusal(&text);
        assert_eq!((error.code(), error.message()), (Some("UnauthorizedOperation"), Some("You are not")));
        assert_eq!(refusal("<html").to_string(), "EC2 gave no reason");
    }
}
