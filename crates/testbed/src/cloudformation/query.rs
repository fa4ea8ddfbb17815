//! The Query protocol: a form comes in, XML goes out, errors are wrapped in `ErrorResponse`.

use std::collections::BTreeMap;
use std::fmt::Display;

/// What a request says: `Action`, `StackName`, `Tags.member.1.Key` and so on.
#[derive(Debug, Clone, Default)]
pub(super) struct Params(pub(super) BTreeMap<String, String>);

impl Params {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Refused> {
        let lower = format!("{}{}", name[..1].to_lowercase(), &name[1..]);
        self.get(name).filter(|value| !value.is_empty()).ok_or_else(|| {
            Refused::validation(format!(
                "1 validation error detected: Value null at '{lower}' failed to satisfy constraint: Member must \
                 not be null"
            ))
        })
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// `Name.member.1`, `Name.member.2` and so on.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let values = (1..).map_while(|number| self.get(&format!("{name}.member.{number}")));
        values.map(str::to_owned).collect()
    }

    /// The members of a list of structures.
    pub(super) fn structures(&self, name: &str) -> Vec<Params> {
        let members = (1..).map_while(|number| {
            let start = format!("{name}.member.{number}.");
            let fields: BTreeMap<_, _> = self
                .0
                .iter()
                .filter_map(|(key, value)| Some((key.strip_prefix(&start)?.to_owned(), value.clone())))
                .collect();
            (!fields.is_empty()).then_some(Params(fields))
        });
        members.collect()
    }
}

/// An error answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The HTTP status.
    pub status: u16,
    /// The error code, for example `ValidationError`.
    pub code: String,
    /// The message.
    pub message: String,
}

impl Refused {
    /// An error answer in full.
    pub fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into() }
    }

    /// 400 `ValidationError`, CloudFormation's answer to most mistakes.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new(400, "ValidationError", message)
    }

    pub(super) fn xml(&self) -> String {
        let kind = if self.status < 500 { "Sender" } else { "Receiver" };
        let error =
            format!("{}{}{}", text("Type", kind), text("Code", &self.code), text("Message", &self.message));
        format!(
            "<ErrorResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\">{}{}</ErrorResponse>",
            element("Error", &error),
            text("RequestId", "testbed")
        )
    }
}

/// An element around XML.
pub(super) fn element(name: &str, inner: &str) -> String {
    format!("<{name}>{inner}</{name}>")
}

/// An element around text, escaped.
pub(super) fn text(name: &str, value: impl Display) -> String {
    let mut escaped = String::new();
    for character in value.to_string().chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\r' => escaped.push_str("&#xD;"),
            other => escaped.push(other),
        }
    }
    element(name, &escaped)
}

/// An element around text, or nothing.
pub(super) fn maybe(name: &str, value: Option<&(impl Display + ?Sized)>) -> String {
    value.map(|value| text(name, value)).unwrap_or_default()
}

/// A list of members.
pub(super) fn list(name: &str, members: impl IntoIterator<Item = String>) -> String {
    let members: String = members.into_iter().map(|member| element("member", &member)).collect();
    element(name, &members)
}

/// A whole answer.
pub(super) fn response(action: &str, result: &str) -> String {
    let namespace = if action == "GetCallerIdentity" {
        "https://sts.amazonaws.com/doc/2011-06-15/"
    } else {
        "http://cloudformation.amazonaws.com/doc/2010-05-15/"
    };
    let result = element(&format!("{action}Result"), result);
    let metadata = element("ResponseMetadata", &text("RequestId", "testbed"));
    format!("<{action}Response xmlns=\"{namespace}\">{result}{metadata}</{action}Response>")
}
