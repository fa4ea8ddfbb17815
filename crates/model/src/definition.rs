//! From a graph to the text of a pipeline definition.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::deploy::{Environment, Substitution};
use crate::expr::{Document, Expression};
use crate::graph::Graph;
use crate::node::{Node, Object};
use crate::parameter::ParameterDecl;
use crate::resolver::Resolver;
use crate::step::StepNode;

/// A pipeline definition, ready to be serialised.
///
/// In an environment with account and region it holds literals only. In one without, references
/// such as the account stand as `${AWS::AccountId}` in the text, as CloudFormation's `Fn::Sub`
/// reads it, and an author's own `${` is written `${!` ([`Definition::is_portable`]).
#[derive(Debug)]
pub struct Definition<'a> {
    parameters: &'a [ParameterDecl],
    graph: &'a Graph,
    resolver: Resolver<'a>,
}

impl<'a> Definition<'a> {
    /// The definition of the pipeline `name` in an environment. Meant for a graph whose
    /// [check](crate::check::check) found no error; one that has errors serialises all the same.
    pub fn new(
        name: &'a str,
        parameters: &'a [ParameterDecl],
        graph: &'a Graph,
        environment: &'a Environment,
    ) -> Self {
        Self { parameters, graph, resolver: Resolver::for_definition(name, environment, graph) }
    }

    /// Whether the text holds placeholders that CloudFormation fills in.
    pub fn is_portable(&self) -> bool {
        self.resolver.is_portable()
    }

    /// What the placeholders stand for that are no pseudo parameters.
    pub fn substitutions(&self) -> BTreeMap<String, Substitution> {
        let mut substitutions = BTreeMap::new();
        self.graph.expressions(&mut |_, expression| {
            if let Expression::Deploy(deploy) = expression
                && !self.resolver.text(deploy).known
            {
                substitutions.extend(Substitution::of(deploy));
            }
        });
        substitutions
    }
}

impl Serialize for Definition<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("Version", "2020-12-01")?;
        map.serialize_entry("Metadata", &BTreeMap::<(), ()>::new())?;
        let parameters: Vec<_> = self.parameters.iter().map(Declared).collect();
        map.serialize_entry("Parameters", &parameters)?;
        if let Some((name, trial)) = &self.graph.experiment {
            let config = Experiment { name: self.rendered(name), trial: self.rendered(trial) };
            map.serialize_entry("PipelineExperimentConfig", &config)?;
        }
        map.serialize_entry("Steps", &Steps { steps: self.graph.steps(), resolver: &self.resolver })?;
        map.end()
    }
}

impl Definition<'_> {
    fn rendered<'b>(&'b self, node: &'b Node) -> Rendered<'b> {
        Rendered { node, resolver: &self.resolver }
    }
}

/// A parameter as the definition declares it.
struct Declared<'a>(&'a ParameterDecl);

impl Serialize for Declared<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(decl) = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("Name", &decl.name)?;
        map.serialize_entry("Type", &decl.kind)?;
        if let Some(default) = &decl.default {
            map.serialize_entry("DefaultValue", default)?;
        }
        if !decl.choices.is_empty() {
            map.serialize_entry("EnumValues", &decl.choices)?;
        }
        map.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Experiment<'a> {
    #[serde(rename = "ExperimentName")]
    name: Rendered<'a>,
    #[serde(rename = "TrialName")]
    trial: Rendered<'a>,
}

struct Steps<'a> {
    steps: &'a [StepNode],
    resolver: &'a Resolver<'a>,
}

impl Serialize for Steps<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.steps.iter().map(|step| OneStep { step, resolver: self.resolver }))
    }
}

struct OneStep<'a> {
    step: &'a StepNode,
    resolver: &'a Resolver<'a>,
}

impl Serialize for OneStep<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { step, resolver } = self;
        let common = &step.common;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("Name", &*step.name)?;
        map.serialize_entry("Type", &step.kind)?;
        if let Some(text) = &common.display_name {
            map.serialize_entry("DisplayName", text)?;
        }
        if let Some(text) = &common.description {
            map.serialize_entry("Description", text)?;
        }
        if !common.depends_on.is_empty() {
            let waits: Vec<Node> = common.depends_on.iter().map(crate::Dependency::node).collect();
            map.serialize_entry("DependsOn", &List { items: &waits, resolver })?;
        }
        map.serialize_entry("Arguments", &Arguments { step, resolver })?;
        for (key, node) in step.members.iter() {
            map.serialize_entry(key, &Rendered { node, resolver })?;
        }
        if !common.property_files.is_empty() {
            let files: Vec<Node> = common.property_files.iter().map(property_file).collect();
            map.serialize_entry("PropertyFiles", &List { items: &files, resolver })?;
        }
        if !common.retry.is_empty() {
            let policies: Vec<Node> = common.retry.iter().map(crate::Retry::node).collect();
            map.serialize_entry("RetryPolicies", &List { items: &policies, resolver })?;
        }
        if let Some(cache) = &common.cache {
            map.serialize_entry("CacheConfig", &Rendered { node: &cache.node(), resolver })?;
        }
        map.end()
    }
}

fn property_file(file: &crate::PropertyFile) -> Node {
    Node::Object(
        [("PropertyFileName", &file.name), ("OutputName", &file.output), ("FilePath", &file.path)]
            .into_iter()
            .map(|(key, value)| (key, Node::Str(value.clone())))
            .collect::<Object>(),
    )
}

struct Arguments<'a> {
    step: &'a StepNode,
    resolver: &'a Resolver<'a>,
}

impl Serialize for Arguments<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { step, resolver } = self;
        let mut map = serializer.serialize_map(None)?;
        for (key, node) in step.arguments.iter() {
            map.serialize_entry(key, &Rendered { node, resolver })?;
        }
        if let Some(branches) = &step.branches {
            map.serialize_entry("IfSteps", &Steps { steps: &branches.if_steps, resolver })?;
            map.serialize_entry("ElseSteps", &Steps { steps: &branches.else_steps, resolver })?;
        }
        map.end()
    }
}

struct List<'a> {
    items: &'a [Node],
    resolver: &'a Resolver<'a>,
}

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.items.iter().map(|node| Rendered { node, resolver: self.resolver }))
    }
}

/// A node with its references resolved.
struct Rendered<'a> {
    node: &'a Node,
    resolver: &'a Resolver<'a>,
}

impl Serialize for Rendered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let resolver = self.resolver;
        match self.node {
            Node::Null => serializer.serialize_unit(),
            Node::Bool(b) => serializer.serialize_bool(*b),
            Node::Int(i) => serializer.serialize_i64(*i),
            Node::Float(f) => serializer.serialize_f64(*f),
            Node::Str(text) | Node::Vouched(text) => serializer.serialize_str(&resolver.escaped(text)),
            Node::Invalid(invalid) => serializer.serialize_str(&invalid.value),
            Node::List(items) => List { items, resolver }.serialize(serializer),
            Node::Object(object) => {
                let mut map = serializer.serialize_map(Some(object.len()))?;
                for (key, node) in object.iter() {
                    let rendered = Rendered { node, resolver };
                    map.serialize_entry(&resolver.escaped(key), &rendered)?;
                }
                map.end()
            }
            Node::Expr(expression) => self.expression(expression, serializer),
        }
    }
}

impl Rendered<'_> {
    fn expression<S: Serializer>(&self, expression: &Expression, serializer: S) -> Result<S::Ok, S::Error> {
        let resolver = self.resolver;
        match expression {
            Expression::Parameter(decl) => get(serializer, &format!("Parameters.{}", decl.name)),
            Expression::Execution(variable) => get(serializer, variable),
            Expression::Output { step, name, .. } => {
                get(serializer, &format!("Steps.{step}.OutputParameters['{name}']"))
            }
            Expression::Property { step, path } => get(serializer, &format!("Steps.{step}.{path}")),
            Expression::Get(what) => get(serializer, what),
            Expression::Deploy(deploy) => serializer.serialize_str(&resolver.text(deploy).text),
            Expression::Join(pieces) => {
                let pieces = merge(pieces, resolver);
                match pieces.as_slice() {
                    [] => serializer.serialize_str(""),
                    [Piece::Text(text)] => serializer.serialize_str(text),
                    pieces => wrap(serializer, "Std:Join", &Join { on: "", values: pieces, resolver }),
                }
            }
            Expression::JsonGet(json_get) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("Std:JsonGet", &JsonGetBody { json_get, resolver })?;
                map.end()
            }
        }
    }
}

fn get<S: Serializer>(serializer: S, what: &str) -> Result<S::Ok, S::Error> {
    wrap(serializer, "Get", what)
}

fn wrap<S: Serializer, V: Serialize + ?Sized>(
    serializer: S,
    key: &str,
    value: &V,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(key, value)?;
    map.end()
}

/// A piece of a join once deploy-time references are text.
enum Piece<'a> {
    Text(Cow<'a, str>),
    Later(&'a Node),
}

fn merge<'a>(nodes: &'a [Node], resolver: &'a Resolver<'_>) -> Vec<Piece<'a>> {
    let mut pieces: Vec<Piece<'a>> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let text = match node {
            Node::Str(text) | Node::Vouched(text) => resolver.escaped(text),
            Node::Expr(Expression::Deploy(deploy)) => resolver.text(deploy).text,
            later => {
                pieces.push(Piece::Later(later));
                continue;
            }
        };
        match pieces.last_mut() {
            Some(Piece::Text(last)) => last.to_mut().push_str(&text),
            _ => pieces.push(Piece::Text(text)),
        }
    }
    pieces
}

struct Join<'a> {
    on: &'static str,
    values: &'a [Piece<'a>],
    resolver: &'a Resolver<'a>,
}

impl Serialize for Join<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("On", self.on)?;
        map.serialize_entry("Values", &Values(self))?;
        map.end()
    }
}

struct Values<'a>(&'a Join<'a>);

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.0.values.len()))?;
        for piece in self.0.values {
            match piece {
                Piece::Text(text) => seq.serialize_element(text)?,
                Piece::Later(node) => seq.serialize_element(&Rendered { node, resolver: self.0.resolver })?,
            }
        }
        seq.end()
    }
}

/// What stands inside of `Std:JsonGet`.
struct JsonGetBody<'a> {
    json_get: &'a crate::expr::JsonGet,
    resolver: &'a Resolver<'a>,
}

impl Serialize for JsonGetBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        match &self.json_get.document {
            Document::PropertyFile { step, name } => {
                let file = BTreeMap::from([("Get", format!("Steps.{step}.PropertyFiles.{name}"))]);
                map.serialize_entry("PropertyFile", &file)?;
            }
            Document::S3Uri(node) => {
                map.serialize_entry("S3Uri", &Rendered { node, resolver: self.resolver })?;
            }
        }
        map.serialize_entry("Path", &self.json_get.path)?;
        map.end()
    }
}
