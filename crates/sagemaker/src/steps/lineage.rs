//! Lineage steps.

use std::sync::Arc;

use pipewright_model::shape::{Kind, Member, Range, Rule, Shape};
use pipewright_model::step::Common;
use pipewright_model::{EnumValue, Expr, FromPath, Node, Object, Path, Step, StepNode};

use super::settings;
use crate::enums::AssociationEdgeType;
use crate::requests::{CreateActionRequest, CreateArtifactRequest, CreateContextRequest};
use crate::tables;

/// Writes down what was made of what ([lineage tracking]): actions, artifacts, contexts, and how they belong together.
///
/// ```
/// use pipewright_model::Graph;
/// use pipewright_sagemaker::requests::{ActionSource, ArtifactSource, CreateActionRequest, CreateArtifactRequest};
/// use pipewright_sagemaker::{Lineage, LineageEntity};
/// let training = CreateActionRequest::new("training", ActionSource::new("s3://bucket/run"), "ModelTraining");
/// let model = CreateArtifactRequest::new(ArtifactSource::new("s3://bucket/model.tar.gz"), "Model").artifact_name("model");
/// let mut p = Graph::new();
/// let lineage = p.add("Lineage", Lineage::new()
///     .action(training)
///     .artifact(model)
///     .association(LineageEntity::action("training"), "Produced", LineageEntity::artifact("model")));
/// let arn = lineage.artifact_arn("model");
/// ```
///
/// On this machine a stand-in takes its place: `[steps.NAME]` or `[types.Lineage]` in `local/run.toml`.
///
/// [lineage tracking]: https://docs.aws.amazon.com/sagemaker/latest/dg/lineage-tracking.html
#[derive(Clone, Debug, Default)]
pub struct Lineage {
    request: Object,
    common: Common,
}

/// One end of an association: something that the same step writes down, by its name, or anything that has an ARN.
#[derive(Clone, Debug)]
pub struct LineageEntity(Entity);

#[derive(Clone, Debug)]
enum Entity {
    Named { kind: &'static str, name: Expr<String> },
    Arn(Expr<String>),
}

impl LineageEntity {
    /// An action of the step.
    pub fn action(name: impl Into<Expr<String>>) -> Self {
        Self(Entity::Named { kind: "Action", name: name.into() })
    }

    /// An artifact of the step.
    pub fn artifact(name: impl Into<Expr<String>>) -> Self {
        Self(Entity::Named { kind: "Artifact", name: name.into() })
    }

    /// A context of the step.
    pub fn context(name: impl Into<Expr<String>>) -> Self {
        Self(Entity::Named { kind: "Context", name: name.into() })
    }

    /// Anything that has an ARN, such as a job of an earlier step.
    pub fn arn(arn: impl Into<Expr<String>>) -> Self {
        Self(Entity::Arn(arn.into()))
    }

    fn into_request(self) -> Object {
        match self.0 {
            Entity::Named { kind, name } => {
                Object::from_iter([("Name", name.into_node()), ("Type", Node::text(kind))])
            }
            Entity::Arn(arn) => Object::from_iter([("Arn", arn)]),
        }
    }
}

impl Lineage {
    /// A step that writes nothing down yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes down an action, such as a training.
    pub fn action(mut self, action: CreateActionRequest) -> Self {
        self.request.push("Actions", action);
        self
    }

    /// Writes down an artifact, such as a model or a data set.
    pub fn artifact(mut self, artifact: CreateArtifactRequest) -> Self {
        self.request.push("Artifacts", artifact);
        self
    }

    /// Writes down a context, such as an endpoint.
    pub fn context(mut self, context: CreateContextRequest) -> Self {
        self.request.push("Contexts", context);
        self
    }

    /// Says how two belong together: `ContributedTo`, `AssociatedWith`, `DerivedFrom`, `Produced` or `SameAs`.
    pub fn association(
        mut self,
        source: LineageEntity,
        kind: impl Into<Expr<AssociationEdgeType>>,
        destination: LineageEntity,
    ) -> Self {
        let members = [
            ("Source", source.into_request().into()),
            ("Destination", destination.into_request().into()),
            ("AssociationType", kind.into().into_node()),
        ];
        self.request.push("Associations", Object::from_iter(members));
        self
    }

    /// Whether the step writes down something of this kind and name. What is known only later is taken to be there.
    fn has(&self, kind: &str, name: &str) -> bool {
        let (list, member) = match kind {
            "Action" => ("Actions", "ActionName"),
            "Artifact" => ("Artifacts", "ArtifactName"),
            _ => ("Contexts", "ContextName"),
        };
        let entries = self.request.get(list).and_then(Node::as_list).unwrap_or_default();
        entries.iter().filter_map(|entry| entry.at(&[member])).any(|node| match node {
            Node::Str(text) | Node::Vouched(text) => text == name,
            _ => true,
        })
    }

    /// Names at the ends of associations that the step does not have become mistakes.
    fn checked(&self, association: &Node) -> Node {
        let Node::Object(association) = association else { return association.clone() };
        let ends = association.iter().map(|(key, node)| {
            let kind = node.at(&["Type"]).and_then(Node::as_str);
            let name = node.at(&["Name"]).and_then(Node::as_str);
            let node = match (kind, name) {
                (Some(kind), Some(name)) if !self.has(kind, name) => {
                    let limit =
                        format!("the name of an {kind} of this step").replace("an Context", "a Context");
                    let help = "write it down in the same step, or refer to its ARN: `LineageEntity::arn(…)`";
                    let members = [
                        ("Name", Expr::invalid(name, limit, help).into_node()),
                        ("Type", kind.to_owned().into()),
                    ];
                    Object::from_iter(members).into()
                }
                _ => node.clone(),
            };
            (key.to_owned(), node)
        });
        ends.collect::<Object>().into()
    }
}

settings!(Lineage);

impl Step for Lineage {
    type Properties = LineageProperties;

    fn into_step(mut self, name: Arc<str>) -> StepNode {
        if let Some(Node::List(associations)) = self.request.get("Associations") {
            let checked: Vec<Node> = associations.iter().map(|one| self.checked(one)).collect();
            self.request.set("Associations", checked);
        }
        StepNode::new(name, "Lineage", Some(&LINEAGE), self.request, self.common)
    }
}

/// The ARNs of what a Lineage step wrote down.
#[derive(Clone, Debug)]
pub struct LineageProperties {
    path: Path,
}

impl FromPath for LineageProperties {
    fn from_path(path: Path) -> Self {
        Self { path }
    }
}

impl LineageProperties {
    /// The ARN of an action: `ActionArns['NAME']`.
    pub fn action_arn(&self, name: &str) -> Expr<String> {
        Expr::from_path(self.path.member("ActionArns").key(name))
    }

    /// The ARN of an artifact: `ArtifactArns['NAME']`.
    pub fn artifact_arn(&self, name: &str) -> Expr<String> {
        Expr::from_path(self.path.member("ArtifactArns").key(name))
    }

    /// The ARN of a context: `ContextArns['NAME']`.
    pub fn context_arn(&self, name: &str) -> Expr<String> {
        Expr::from_path(self.path.member("ContextArns").key(name))
    }
}

const fn list(item: &'static Shape) -> Kind {
    Kind::List { item, size: Range::ANY }
}

const fn optional(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, required: false, shape }
}

const fn required(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, required: true, shape }
}

static TEXT: Shape = Shape {
    name: "LineageEntityReference",
    kind: Kind::String { length: Range { min: Some(1), max: None }, pattern: None, values: &[] },
};
static TYPE: Shape = Shape {
    name: "LineageEntityType",
    kind: Kind::String { length: Range::ANY, pattern: None, values: &["Action", "Artifact", "Context"] },
};
static EDGE: Shape = Shape {
    name: "AssociationEdgeType",
    kind: Kind::String {
        length: Range::ANY,
        pattern: None,
        values: <AssociationEdgeType as EnumValue>::VALUES,
    },
};
static ENTITY: Shape = Shape {
    name: "LineageEntityReference",
    kind: Kind::Structure {
        members: &[optional("Name", &TEXT), optional("Type", &TYPE), optional("Arn", &TEXT)],
        rules: &[Rule::ExactlyOne(&["Name", "Arn"])],
    },
};
static ASSOCIATION: Shape = Shape {
    name: "LineageAssociation",
    kind: Kind::Structure {
        members: &[
            required("Source", &ENTITY),
            required("Destination", &ENTITY),
            optional("AssociationType", &EDGE),
        ],
        rules: &[],
    },
};
static ACTIONS: Shape = Shape { name: "Actions", kind: list(&tables::CREATE_ACTION_REQUEST) };
static ARTIFACTS: Shape = Shape { name: "Artifacts", kind: list(&tables::CREATE_ARTIFACT_REQUEST) };
static CONTEXTS: Shape = Shape { name: "Contexts", kind: list(&tables::CREATE_CONTEXT_REQUEST) };
static ASSOCIATIONS: Shape = Shape { name: "Associations", kind: list(&ASSOCIATION) };
static LINEAGE: Shape = Shape {
    name: "LineageStep",
    kind: Kind::Structure {
        members: &[
            optional("Actions", &ACTIONS),
            optional("Artifacts", &ARTIFACTS),
            optional("Contexts", &CONTEXTS),
            optional("Associations", &ASSOCIATIONS),
        ],
        rules: &[],
    },
};
