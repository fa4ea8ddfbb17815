//! What the service sets by itself: read-only properties, and what `Fn::GetAtt` gives.

use std::collections::{BTreeMap, BTreeSet};

use super::kinds::Kinds;
use super::shape::{Attribute, Object, Presence, Shape};

/// Types that give all their properties to `Fn::GetAtt`, not just those that the service sets.
const ALL_ARE_ATTRIBUTES: &[&str] = &[
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Subnet",
    "AWS::EC2::VPC",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SSM::Parameter",
];

/// The objects of a resource by name; `None` for one that is still being read.
type Objects = BTreeMap<String, Option<Object>>;

/// Marks the property at the end of a path. A definition that is used elsewhere, too, is marked for all.
pub(super) fn mark_read_only(objects: &mut Objects, root: &mut Object, path: &str) {
    let mut parts = path.split('.').filter(|part| *part != "*").peekable();
    let mut current: Option<String> = None;
    while let Some(part) = parts.next() {
        let object = match &current {
            None => Some(&mut *root),
            Some(name) => objects.get_mut(name).and_then(Option::as_mut),
        };
        let Some(property) = object.and_then(|object| object.properties.iter_mut().find(|p| p.name == part))
        else {
            return;
        };
        if parts.peek().is_none() {
            property.presence = Presence::ReadOnly;
            return;
        }
        current = object_name(&property.shape).map(str::to_owned);
        if current.is_none() {
            return;
        }
    }
}

/// What `Fn::GetAtt` takes, sorted by name.
pub(super) fn attributes(
    type_name: &str,
    kinds: &Kinds,
    objects: &Objects,
    root: &Object,
    read_only: &[String],
) -> Vec<Attribute> {
    let mut names: BTreeSet<String> = read_only.iter().filter(|path| !path.contains('*')).cloned().collect();
    if ALL_ARE_ATTRIBUTES.contains(&type_name) {
        let plain = root.properties.iter().filter(|property| is_plain(&property.shape));
        names.extend(plain.map(|property| property.name.clone()));
    }
    names
        .into_iter()
        .map(|name| {
            let mut shape = at(objects, root, &name).filter(|shape| is_plain(shape)).cloned();
            if let Some(Shape::Text(text)) = &mut shape {
                let own = kinds.of_attribute(type_name, &name);
                // What the service makes up for this type is not what another type's property of the same name takes.
                let other = if read_only.contains(&name) { None } else { text.kind.take() };
                text.kind = own.or(other);
            }
            Attribute { name, shape }
        })
        .collect()
}

fn at<'s>(objects: &'s Objects, root: &'s Object, path: &str) -> Option<&'s Shape> {
    let mut object = root;
    let mut parts = path.split('.').peekable();
    loop {
        let part = parts.next()?;
        let property = object.properties.iter().find(|property| property.name == part)?;
        if parts.peek().is_none() {
            return Some(&property.shape);
        }
        object = objects.get(object_name(&property.shape)?)?.as_ref()?;
    }
}

fn object_name(shape: &Shape) -> Option<&str> {
    match shape {
        Shape::Object { name, .. } => Some(name),
        Shape::List { item, .. } => object_name(item),
        _ => None,
    }
}

/// What `Fn::GetAtt` can give: a scalar, or a list of scalars.
fn is_plain(shape: &Shape) -> bool {
    match shape {
        Shape::Text(_) | Shape::Integer { .. } | Shape::Number { .. } | Shape::Boolean => true,
        Shape::List { item, .. } => matches!(**item, Shape::Text(_)),
        _ => false,
    }
}
