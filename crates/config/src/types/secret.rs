//! [`Secret`]: a value that nothing shows; [`SecretRef`]: where a secret is kept.

use std::fmt;

use super::spelt::spelt;
use crate::constraint::{Constraints, Measure};
use crate::context::{Context, MASK};
use crate::decode::Decode;
use crate::plain::Plain;
use crate::schema::{Describe, Schema, Schemas, Shape};
use crate::tree::Node;

/// A value that no message, log, list of values or written configuration shows: each shows `******`.
///
/// It turns into nothing that a template or definition takes. For what a run needs, write a [`SecretRef`].
///
/// ```
/// use pipewright_config::{Secret, Source, load};
///
/// #[derive(Debug, pipewright_macros::Config)]
/// #[config(crate = "pipewright_config")]
/// struct Settings {
///     #[config(min_length = 8)]
///     token: Secret<String>,
/// }
///
/// let sources = [Source::new("a", "token = 'hunter2-and-more'")];
/// let settings = load::<Settings>(&sources, None, &[]).unwrap();
/// assert_eq!(format!("{:?}", settings.value), "Settings { token: ****** }");
/// assert_eq!(settings.resolved.iter().next().unwrap().value, "******");
/// assert_eq!(settings.value.token.expose(), "hunter2-and-more");
///
/// let problems = load::<Settings>(&[Source::new("a", "token = 'hunter2'")], None, &[]).err().unwrap();
/// assert!(!format!("{problems:?} {problems}").contains("hunter2"));
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// A value to be kept secret.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Whoever calls this sees to it that the value goes nowhere else.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl<T> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl<T: Decode> Decode for Secret<T> {
    fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
        cx.secret(|cx| T::decode(node, cx)).map(Self)
    }

    fn decode_within(node: &Node<'_>, cx: &mut Context<'_>, limits: &Constraints) -> Option<Self> {
        cx.secret(|cx| T::decode_within(node, cx, limits)).map(Self)
    }

    fn measure(&self) -> Measure<'_> {
        self.0.measure()
    }

    /// The mask: a secret is not written.
    fn encode(&self) -> Option<Plain> {
        Some(Plain::Text(MASK.to_owned()))
    }

    fn is_secret() -> bool {
        true
    }
}

impl<T: Describe> Describe for Secret<T> {
    const SHAPE: Shape = T::SHAPE;

    fn describe(schemas: &mut Schemas) -> Schema {
        let mut schema = T::describe(schemas);
        if let Schema::Object(schema) = &mut schema {
            schema.insert("writeOnly".to_owned(), true.into());
        }
        schema
    }
}

spelt! {
    /// Where a secret is kept: the only form in which one may reach a template.
    ///
    /// Either a dynamic reference of CloudFormation, `{{resolve:secretsmanager:…}}`, `{{resolve:ssm-secure:…}}` or
    /// `{{resolve:ssm:…}}`, or the ARN of a secret in Secrets Manager. It names the secret and does not hold it, so
    /// it is shown as any other text.
    SecretRef, "a reference to a secret", "{{resolve:secretsmanager:name}}", concat!(
        r"^(?:\{\{resolve:(?:secretsmanager|ssm-secure|ssm):[A-Za-z0-9_.+=@/:!-]{1,1024}\}\}",
        "|arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@!-]{1,512})$",
    )
}

impl SecretRef {
    /// The dynamic reference that CloudFormation fills in when it deploys.
    pub fn dynamic_reference(&self) -> String {
        if self.as_str().starts_with("arn:") {
            format!("{{{{resolve:secretsmanager:{self}}}}}")
        } else {
            self.as_str().to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        let arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf";
        assert_eq!(
            arn.parse::<SecretRef>().unwrap().dynamic_reference(),
            format!("{{{{resolve:secretsmanager:{arn}}}}}")
        );
        let reference = "{{resolve:ssm-secure:/a/b:3}}";
        assert_eq!(reference.parse::<SecretRef>().unwrap().dynamic_reference(), reference);
        for wrong in
            ["hunter2", "{{resolve:s3:x}}", "{{resolve:ssm:}}", "{{resolve:ssm:a}} ", "arn:aws:s3:::x", ""]
        {
            assert!(wrong.parse::<SecretRef>().is_err(), "{wrong}");
        }
    }
}
