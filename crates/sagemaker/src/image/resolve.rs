//! From what was asked for to repository and tag, by the rules of the Python SDK's `image_uris.retrieve`.
//!
//! Three rules differ from it on purpose. A version, scope or container version that does not exist is a mistake here
//! even where the SDK goes on with another one. Every instance family with a Graviton processor is known by its name,
//! where the SDK has a list that ends with the seventh generation. And images with the Neuron SDK get the tags that
//! are published, where the SDK's own rules lead to none (training with Hugging Face).

use pipewright_model::Registry;

use super::fault::Fault;
use super::instance;
use super::tables::{FRAMEWORKS, Framework, Published, Scope};
use super::tag;
use super::{Image, Processor};

/// An image that exists.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) registry: &'static Registry,
    pub(super) repository_and_tag: String,
}

/// Finds the image.
pub(super) fn resolve(image: &Image) -> Result<Found, Vec<Fault>> {
    let wanted = Wanted::new(image);
    let row = wanted.row()?;
    // Neither depends on the other: both mistakes are told.
    let (python, processor, build) = match (wanted.python(row), wanted.processor(row), wanted.allowed(row)) {
        (Ok(python), Ok(processor), Ok(build)) => (python, processor, build),
        (python, processor, build) => {
            return Err([python.err(), processor.err(), build.err()].into_iter().flatten().collect());
        }
    };
    let choice = tag::Choice { row, processor, python: python.as_deref(), build };
    let tag = choice.tag(&wanted).map_err(|fault| vec![fault])?;
    let mut repository = row.repository.to_owned();
    if wanted.framework == BASE_PYTHON {
        // The one image that has its Python in the repository's name.
        repository = format!("{repository}-{}", image.python.as_deref().unwrap_or("310"));
    }
    Ok(Found {
        registry: row.registry,
        repository_and_tag: if tag.is_empty() { repository } else { format!("{repository}:{tag}") },
    })
}

pub(super) const GRAVITON: &str = "inference_graviton";
pub(super) const HUGGING_FACE: &str = "huggingface";
pub(super) const SMP: &str = "pytorch-smp";
const BASE_PYTHON: &str = "sagemaker-base-python";
const SPARK: &str = "spark";

/// What was asked for, with what follows from it.
pub(super) struct Wanted<'a> {
    pub(super) image: &'a Image,
    /// The framework, without what chooses its table.
    pub(super) framework: &'a str,
    /// The name of the framework's table.
    table: String,
    /// The generation of the Neuron SDK, which stands in the tag in the processor's place.
    pub(super) neuron: Option<&'static str>,
    /// The family of the instance type.
    pub(super) family: Option<&'a str>,
}

impl<'a> Wanted<'a> {
    fn new(image: &'a Image) -> Self {
        let name = image.framework.as_str();
        let family = image.instance_type.as_deref().and_then(instance::family);
        // The tables of PyTorch and Hugging Face that are chosen by other means can be named as well.
        for framework in ["pytorch", HUGGING_FACE] {
            let rest = name.strip_prefix(framework);
            let by_name = match rest {
                Some("-neuron") => Some("neuron"),
                Some("-neuronx") => Some("neuronx"),
                _ => None,
            };
            let compiler = rest == Some("-training-compiler") || image.training_compiler && rest == Some("");
            if compiler {
                let table = format!("{framework}-training-compiler");
                return Self { image, framework, table, neuron: None, family };
            }
            if rest == Some("") || by_name.is_some() {
                let neuron = by_name.or_else(|| neuron(image));
                let table = neuron
                    .map_or_else(|| framework.to_owned(), |generation| format!("{framework}-{generation}"));
                return Self { image, framework, table, neuron, family };
            }
        }
        let neuron = name.ends_with("-neuronx").then_some("neuronx");
        Self { image, framework: name, table: name.to_owned(), neuron, family }
    }

    /// How messages name the image.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.framework, self.image.version)
    }

    fn row(&self) -> Result<&'static Published, Vec<Fault>> {
        let framework = self.table().map_err(|fault| vec![fault])?;
        let scope = self.scope(framework).map_err(|fault| vec![fault])?;
        let rows = self.rows(framework, scope).map_err(|fault| vec![fault])?;
        self.variant(scope, &rows).map_err(|fault| vec![fault])
    }

    fn table(&self) -> Result<&'static Framework, Fault> {
        let find = |name: &str| {
            FRAMEWORKS.binary_search_by(|f| f.name.cmp(name)).ok().map(|index| &FRAMEWORKS[index])
        };
        if let Some(framework) = find(&self.table) {
            return Ok(framework);
        }
        if let Some(known) = find(self.framework) {
            let kind = self.table.trim_start_matches(known.name).trim_start_matches('-');
            return Err(Fault {
                value: format!("{} with {kind}", self.name()),
                limit: format!("there are no {kind} images of {}", known.name),
                help: None,
            });
        }
        let known: Vec<&str> = FRAMEWORKS.iter().map(|f| f.name).collect();
        Err(Fault::unknown(self.framework, "frameworks with images", self.framework, &known))
    }

    fn scope(&self, framework: &'static Framework) -> Result<&'static Scope, Fault> {
        let names =
            || -> Vec<&str> { framework.scopes.iter().flat_map(|s| s.names.iter().copied()).collect() };
        let find = |name: &str| framework.scopes.iter().find(|s| s.names.contains(&name));
        if let Some(family) = self.family.filter(|family| instance::is_graviton(family)) {
            return find(GRAVITON).ok_or_else(|| Fault {
                value: format!("{} on ml.{family}", self.name()),
                limit: format!("{} has no images for Graviton processors", self.framework),
                help: Some("choose an instance type with an x86 processor, such as ml.m5".to_owned()),
            });
        }
        if let Some(scope) = &self.image.scope {
            return find(scope.name()).ok_or_else(|| {
                let value = format!("{} for {}", self.name(), scope.name());
                Fault::unknown(value, &format!("uses of {}", self.framework), scope.name(), &names())
            });
        }
        if let [only] = framework.scopes {
            return Ok(only);
        }
        // Training and inference differ in nothing but the versions they have.
        let training = matches!(framework.name, "sklearn" | "xgboost").then(|| find("training"));
        training.flatten().ok_or_else(|| {
            Fault::open(
                self.name(),
                &format!("one use of {}", self.framework),
                &names(),
                "say which: `.training()`, `.inference()` or `.scope(…)`",
            )
        })
    }

    /// The images of the version; several where they have variants.
    fn rows(
        &self,
        framework: &'static Framework,
        scope: &'static Scope,
    ) -> Result<Vec<&'static Published>, Fault> {
        let asked = self.image.version.as_str();
        let version = scope
            .aliases
            .iter()
            .find_map(|(alias, version)| (*alias == asked).then_some(*version))
            .unwrap_or(asked);
        let rows: Vec<_> = scope.images.iter().filter(|row| row.version == version).collect();
        if !rows.is_empty() {
            return Ok(rows);
        }
        let mut known: Vec<&str> = scope.images.iter().map(|row| row.version).collect();
        known.dedup();
        let what = if framework.scopes.len() == 1 {
            format!("versions of {}", framework.name)
        } else {
            format!("versions of {} for {}", framework.name, scope.names.join(" and "))
        };
        Err(Fault::unknown(self.name(), &what, asked, &known))
    }

    fn variant(
        &self,
        scope: &'static Scope,
        rows: &[&'static Published],
    ) -> Result<&'static Published, Fault> {
        let by_python = rows.iter().all(|row| row.variant.starts_with("py") && row.variant.len() < 6);
        let (asked, what, how) = if by_python {
            (self.image.python.as_deref(), "Python versions", "`.python(\"…\")`")
        } else {
            (self.image.base_framework.as_deref(), "base frameworks", "`.base_framework(\"…\")`")
        };
        let asked = asked.map(|asked| {
            scope
                .variant_aliases
                .iter()
                .find(|(version, alias, _)| *version == rows[0].version && *alias == asked)
                .map_or(asked, |(_, _, full)| *full)
        });
        let known = || -> Vec<&str> { rows.iter().map(|row| row.variant).collect() };
        let what = format!("{what} of {}", self.name());
        match (rows, asked) {
            ([only], None) => Ok(only),
            ([only], Some(_)) if only.variant.is_empty() => Ok(only),
            (_, None) => Err(Fault::open(self.name(), &what, &known(), format!("say which: {how}"))),
            (_, Some(asked)) => {
                rows.iter().find(|row| row.variant == asked).copied().ok_or_else(|| {
                    Fault::unknown(format!("{}, {asked}", self.name()), &what, asked, &known())
                })
            }
        }
    }

    fn python(&self, row: &'static Published) -> Result<Option<String>, Fault> {
        let known: &[&str] = if row.variant.starts_with("py") && row.pythons.is_empty() {
            &[row.variant]
        } else {
            row.pythons
        };
        let what = || format!("Python versions of {}", self.name());
        match (self.image.python.as_deref(), known) {
            (_, []) => Ok(None),
            (None, _) if self.framework == SPARK => Ok(None),
            (None, [only]) => Ok(Some((*only).to_owned())),
            (None, _) => {
                let help = "say which: `.python(\"…\")`";
                Err(Fault::open(self.name(), &what(), known, help))
            }
            (Some(asked), _) if known.contains(&asked) => Ok(Some(asked.to_owned())),
            (Some(asked), _) => {
                Err(Fault::unknown(format!("{}, {asked}", self.name()), &what(), asked, known))
            }
        }
    }

    fn processor(&self, row: &'static Published) -> Result<Option<&'static str>, Fault> {
        let known = row.processors;
        let what = || format!("processors of {}", self.name());
        let [first, ..] = known else {
            return Ok(None);
        };
        let asked: Option<Vec<&str>> = match (self.image.processor, &self.image.instance_type) {
            // They have chosen the table.
            (Some(Processor::Neuron | Processor::Neuronx), _) if self.neuron.is_some() => None,
            (Some(processor), _) => Some(processor.names().to_vec()),
            (None, Some(instance_type)) => {
                Some(instance::processors(instance_type).ok_or_else(|| Fault {
                    value: instance_type.clone(),
                    limit: "an instance type".to_owned(),
                    help: Some("instance types look like \"ml.m5.xlarge\"".to_owned()),
                })?)
            }
            (None, None) => None,
        };
        match asked {
            None if known.len() == 1 => Ok(Some(*first)),
            None => Err(Fault::open(
                self.name(),
                &what(),
                known,
                "say which: `.cpu()`, `.gpu()`, `.processor(…)` or `.instance_type(\"…\")`",
            )),
            Some(names) => {
                let found = names.iter().find_map(|name| known.iter().find(|k| *k == name));
                found.copied().map(Some).ok_or_else(|| {
                    let asked = self.image.instance_type.as_deref();
                    let asked = asked.filter(|_| self.image.processor.is_none());
                    Fault {
                        value: format!("{} on {}", self.name(), asked.unwrap_or(names[0])),
                        limit: format!("{}: {}", what(), known.join(", ")),
                        help: None,
                    }
                })
            }
        }
    }

    /// Rules over several settings; gives back the build that was asked for.
    fn allowed(&self, row: &'static Published) -> Result<Option<&'a str>, Fault> {
        let asked = self.image.container_version.as_deref();
        if self.framework == SPARK && asked.is_some() != self.image.python.is_some() {
            return Err(Fault {
                value: self.name(),
                limit: "Python and container version both, or neither".to_owned(),
                help: Some("for example `.python(\"py39\").container_version(\"v1\")`".to_owned()),
            });
        }
        if let Some(asked) = asked
            && !(matches!(self.framework, SPARK | SMP) && row.container_versions.is_empty())
        {
            return Err(Fault {
                value: format!("{}, {asked}", self.name()),
                limit: format!("the images of {} have no container version to choose", self.framework),
                help: Some("leave `.container_version(…)` out".to_owned()),
            });
        }
        let refused = |family: &str, limit: &str, help: &str| {
            Err(Fault {
                value: format!("{} on ml.{family}", self.name()),
                limit: limit.to_owned(),
                help: Some(help.to_owned()),
            })
        };
        let since = match self.framework {
            "pytorch" => (1, 13),
            "tensorflow" => (2, 12),
            _ => (u32::MAX, 0),
        };
        match self.family {
            Some(family @ "p2") if numbers(row.version) >= since => refused(
                family,
                "PyTorch before 1.13, TensorFlow before 2.12",
                "choose a newer instance type, such as ml.g5",
            ),
            Some(family) if self.is_for_graviton() && !instance::is_graviton(family) => {
                refused(family, "Graviton processors", "choose an instance type such as ml.m6g")
            }
            Some(family)
                if family.starts_with("trn")
                    && row.processors.is_empty()
                    && !self.table.contains("neuron") =>
            {
                refused(family, "no Trainium", "choose an instance type such as ml.m5 or ml.g5")
            }
            _ => Ok(asked),
        }
    }

    /// Whether the image is one for Graviton processors.
    pub(super) fn is_for_graviton(&self) -> bool {
        self.family.is_some_and(instance::is_graviton)
            || self.image.scope.as_ref().is_some_and(|scope| scope.name() == GRAVITON)
    }
}

/// The generation of the Neuron SDK that the processor needs, for the frameworks that have images with it.
fn neuron(image: &Image) -> Option<&'static str> {
    match image.processor {
        Some(Processor::Neuronx) => Some("neuronx"),
        Some(Processor::Neuron | Processor::Inferentia | Processor::Inferentia2 | Processor::Trainium) => {
            Some("neuron")
        }
        Some(Processor::Cpu | Processor::Gpu) => None,
        None => image.instance_type.as_deref().is_some_and(instance::is_neuron).then_some("neuron"),
    }
}

/// The first two numbers of a version.
fn numbers(version: &str) -> (u32, u32) {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}
