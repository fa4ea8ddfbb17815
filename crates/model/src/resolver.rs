//! What deploy-time references are in one environment, worked out once for a whole graph.

use std::borrow::Cow;

use crate::deploy::{Deploy, Environment, Resolved, UnknownRegion};
use crate::expr::Expression;
use crate::graph::Graph;
use crate::node::Node;

/// References that take no argument of their own.
const FIXED: [Deploy; 8] = [
    Deploy::Account,
    Deploy::Region,
    Deploy::Partition,
    Deploy::UrlSuffix,
    Deploy::SourceBucket,
    Deploy::DataBucket,
    Deploy::RoleArn,
    Deploy::PipelineName,
];

/// Knows what deploy-time references are here.
#[derive(Debug)]
pub(crate) struct Resolver<'a> {
    pipeline: &'a str,
    environment: &'a Environment,
    /// Whether the text is read by `Fn::Sub`, so that an author's own `${` has to be escaped.
    portable: bool,
    fixed: [Text<'static>; FIXED.len()],
}

/// A reference as it stands in a definition.
#[derive(Clone, Debug)]
pub(crate) struct Text<'a> {
    pub(crate) text: Cow<'a, str>,
    /// Whether the text holds no placeholder.
    pub(crate) known: bool,
}

impl<'a> Resolver<'a> {
    /// A resolver for text that is no definition: nothing is escaped.
    pub(crate) fn new(pipeline: &'a str, environment: &'a Environment) -> Self {
        Self::with(pipeline, environment, false)
    }

    /// A resolver for the definition of a graph, which escapes where the graph has a placeholder.
    pub(crate) fn for_definition(pipeline: &'a str, environment: &'a Environment, graph: &Graph) -> Self {
        let resolver = Self::new(pipeline, environment);
        let mut portable = false;
        graph.expressions(&mut |_, expression| {
            if let Expression::Deploy(deploy) = expression {
                portable |= !resolver.text(deploy).known;
            }
        });
        if portable { Self::with(pipeline, environment, true) } else { resolver }
    }

    fn with(pipeline: &'a str, environment: &'a Environment, portable: bool) -> Self {
        let fixed = FIXED.map(|deploy| {
            // None of these can fail: they name no image.
            let pieces = environment.resolve(&deploy, pipeline).unwrap_or_default();
            pieces.into_iter().fold(Text { text: Cow::Borrowed(""), known: true }, |mut sum, piece| {
                let text = sum.text.to_mut();
                match piece {
                    Resolved::Literal(literal) => text.push_str(&escaped(&literal, portable)),
                    Resolved::Placeholder(name) => {
                        text.push_str("${");
                        text.push_str(&name);
                        text.push('}');
                        sum.known = false;
                    }
                }
                sum
            })
        });
        Self { pipeline, environment, portable, fixed }
    }

    pub(crate) const fn is_portable(&self) -> bool {
        self.portable
    }

    /// What a reference is here. An image that the region lacks is an error of the check; here its
    /// place is left visible.
    pub(crate) fn text(&self, deploy: &Deploy) -> Text<'_> {
        if let Some(index) = FIXED.iter().position(|fixed| fixed == deploy) {
            let Text { text, known } = &self.fixed[index];
            return Text { text: Cow::Borrowed(text), known: *known };
        }
        match self.account_of_image(deploy) {
            Ok(Some(account)) => Text { text: Cow::Borrowed(account), known: true },
            Ok(None) => Text { text: Cow::Owned(self.environment.text(deploy, self.pipeline)), known: false },
            Err(error) => Text { text: Cow::Owned(format!("<{error}>")), known: false },
        }
    }

    /// The account that holds an image, where the reference is one and the region is known.
    ///
    /// # Errors
    /// An image that is not published in the region.
    pub(crate) fn account_of_image(&self, deploy: &Deploy) -> Result<Option<&'static str>, UnknownRegion> {
        match (deploy, self.environment.region.as_deref()) {
            (Deploy::ImageRegistry(registry), Some(region)) => {
                let unknown = || UnknownRegion { registry, region: region.to_owned() };
                registry.account(region).map(Some).ok_or_else(unknown)
            }
            _ => Ok(None),
        }
    }

    /// An author's own text as it stands in the definition.
    pub(crate) fn escaped<'t>(&self, text: &'t str) -> Cow<'t, str> {
        escaped(text, self.portable)
    }

    /// The text of a node, where all of it is known now.
    pub(crate) fn literal<'n>(&'n self, node: &'n Node) -> Option<Cow<'n, str>> {
        match node {
            Node::Str(text) | Node::Vouched(text) => Some(Cow::Borrowed(text)),
            Node::Expr(Expression::Deploy(deploy)) => {
                Some(self.text(deploy)).filter(|t| t.known).map(|t| t.text)
            }
            Node::Expr(Expression::Join(pieces)) => {
                let mut text = String::new();
                for piece in pieces {
                    text.push_str(&self.literal(piece)?);
                }
                Some(Cow::Owned(text))
            }
            _ => None,
        }
    }
}

fn escaped(text: &str, portable: bool) -> Cow<'_, str> {
    if portable && text.contains("${") { Cow::Owned(text.replace("${", "${!")) } else { Cow::Borrowed(text) }
}
