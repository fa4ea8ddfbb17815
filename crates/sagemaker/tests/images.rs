//! Image URIs, held against what the Python SDK says (`images.tsv`, written by `images.py`).

use pipewright_model::deploy::Resolved;
use pipewright_model::expr::Expression;
use pipewright_model::{Environment, Expr, Node};
use pipewright_sagemaker::image::{self, Image, Processor, Scope};

/// A row of `images.tsv`.
struct Row<'a> {
    framework: &'a str,
    version: &'a str,
    scope: Option<&'a str>,
    python: Option<&'a str>,
    instance_type: Option<&'a str>,
    base_framework: Option<&'a str>,
    container_version: Option<&'a str>,
    training_compiler: bool,
    region: &'a str,
    uri: &'a str,
}

impl<'a> Row<'a> {
    fn parse(line: &'a str) -> Self {
        let cells: Vec<&str> = line.split('\t').collect();
        let cell = |index: usize| Some(cells[index]).filter(|text| !text.is_empty());
        Self {
            framework: cells[0],
            version: cells[1],
            scope: cell(2),
            python: cell(3),
            instance_type: cell(4),
            base_framework: cell(5),
            container_version: cell(6),
            training_compiler: cell(7).is_some(),
            region: cells[8],
            uri: cells[9],
        }
    }

    /// The image without what chooses the processor.
    fn image(&self) -> Image {
        let mut image = image::retrieve(self.framework, self.version);
        if let Some(scope) = self.scope {
            image = image.scope(match scope {
                "training" => Scope::Training,
                "inference" => Scope::Inference,
                "inference_graviton" => Scope::InferenceGraviton,
                "eia" => Scope::Eia,
                "processing" => Scope::Processing,
                other => Scope::Other(other.to_owned().into()),
            });
        }
        if let Some(python) = self.python {
            image = image.python(python);
        }
        if let Some(base) = self.base_framework {
            image = image.base_framework(base);
        }
        if let Some(build) = self.container_version {
            image = image.container_version(build);
        }
        if self.training_compiler {
            image = image.training_compiler();
        }
        image
    }
}

/// The URI in a region, or what is wrong.
fn uri_in(region: &str, image: impl Into<Expr<String>>) -> Result<String, String> {
    let environment = Environment {
        account: Some("123456789012".to_owned()),
        region: Some(region.to_owned()),
        ..Environment::default()
    };
    let piece = |node: &Node| match node {
        Node::Str(text) => Ok(text.to_string()),
        Node::Expr(Expression::Deploy(deploy)) => {
            let parts = environment.resolve(deploy, "p").map_err(|error| error.to_string())?;
            let literal = |part| match part {
                Resolved::Literal(text) => text,
                Resolved::Placeholder(name) => format!("${{{name}}}"),
            };
            Ok(parts.into_iter().map(literal).collect())
        }
        other => Err(format!("{other:?}")),
    };
    match image.into().node() {
        Node::Expr(Expression::Join(pieces)) => pieces.iter().map(piece).collect(),
        Node::Invalid(invalid) => Err(format!("{}: {}", invalid.value, invalid.limit)),
        other => piece(other),
    }
}

#[test]
fn every_uri_is_the_python_sdk_s() {
    let mut count = 0;
    for line in include_str!("images.tsv").lines().skip(1) {
        let row = Row::parse(line);
        let mut image = row.image();
        if let Some(instance_type) = row.instance_type {
            image = image.instance_type(instance_type);
        }
        assert_eq!(uri_in(row.region, &image).as_deref(), Ok(row.uri), "{line}");
        // The processor by its name leads to the same image as by an instance type that has it.
        let by_name = match row.instance_type {
            Some("ml.m5.xlarge") => row.image().cpu(),
            Some("ml.g5.xlarge") => row.image().gpu(),
            Some("ml.inf2.xlarge") => row.image().processor(Processor::Inferentia2),
            _ => continue,
        };
        assert_eq!(uri_in(row.region, by_name).as_deref(), Ok(row.uri), "by processor: {line}");
        count += 1;
    }
    assert!(count > 50, "{count} rows with an instance type");
}
