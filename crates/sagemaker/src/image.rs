//! The container images that SageMaker publishes, and their URIs.
//!
//! An [`Image`] goes wherever a step takes an image URI. It is what the Python SDK's
//! `sagemaker.image_uris.retrieve` finds, from the same tables, without a region: in an environment with a region the
//! URI is a literal, in one without it holds the region and a CloudFormation mapping from regions to accounts.
//!
//! ```
//! use pipewright_sagemaker::image;
//! let process = image::sklearn("1.2-1");
//! let train = image::pytorch("2.3").training().gpu();
//! let serve = image::pytorch("2.3").inference().instance_type("ml.c5.xlarge");
//! let language = image::huggingface("4.28").base_framework("pytorch2.0").training();
//! let built_in = image::retrieve("linear-learner", "1");
//! let own = image::ecr("my-image:1.0");
//! ```
//!
//! Where the tables leave one choice (one Python, one processor), it is made; where they leave several, leaving it open
//! is a mistake. A mistake (an unknown framework, version, Python or processor; a choice left open) is not an error of
//! these functions: it is found with all others when the graph is checked, at the place where the image stands, and
//! says what there is to choose from. So is an image that is not published in the environment's region.
//!
//! Nothing here asks AWS: an image newer than this release is written out with [`uri`].

mod fault;
mod instance;
mod kinds;
mod resolve;
mod tables;
mod tag;

use pipewright_model::{Deploy, Expr, Text, join};

pub use kinds::{Processor, Scope};

/// An image that SageMaker publishes: framework and version, and what else chooses among its variants.
///
/// Made by [`retrieve`] and the functions named for frameworks; converts into `Expr<String>`, the URI.
#[derive(Clone, Debug)]
#[must_use = "an image does nothing until a step takes it"]
pub struct Image {
    framework: String,
    version: String,
    scope: Option<Scope>,
    processor: Option<Processor>,
    instance_type: Option<String>,
    python: Option<String>,
    base_framework: Option<String>,
    container_version: Option<String>,
    neuron_sdk: Option<String>,
    training_compiler: bool,
}

/// An image of any framework or algorithm in SageMaker's tables, by the name that the Python SDK uses: `"xgboost"`,
/// `"linear-learner"`, `"sagemaker-tritonserver"`. The built-in algorithms have version `"1"`.
pub fn retrieve(framework: impl Into<String>, version: impl Into<String>) -> Image {
    Image {
        framework: framework.into(),
        version: version.into(),
        scope: None,
        processor: None,
        instance_type: None,
        python: None,
        base_framework: None,
        container_version: None,
        neuron_sdk: None,
        training_compiler: false,
    }
}

/// scikit-learn, for processing, training and inference: `sklearn("1.2-1")`.
pub fn sklearn(version: impl Into<String>) -> Image {
    retrieve("sklearn", version)
}

/// XGBoost, for processing, training and inference: `xgboost("1.7-1")`.
pub fn xgboost(version: impl Into<String>) -> Image {
    retrieve("xgboost", version)
}

/// PyTorch: `pytorch("2.3").training().gpu()`.
pub fn pytorch(version: impl Into<String>) -> Image {
    retrieve("pytorch", version)
}

/// TensorFlow: `tensorflow("2.16").training().cpu()`.
pub fn tensorflow(version: impl Into<String>) -> Image {
    retrieve("tensorflow", version)
}

/// Apache `MXNet`: `mxnet("1.9").training().gpu()`.
pub fn mxnet(version: impl Into<String>) -> Image {
    retrieve("mxnet", version)
}

/// `AutoGluon`: `autogluon("1.3").training().cpu()`.
pub fn autogluon(version: impl Into<String>) -> Image {
    retrieve("autogluon", version)
}

/// Hugging Face Transformers, on PyTorch or TensorFlow:
/// `huggingface("4.28").base_framework("pytorch2.0").training()`.
pub fn huggingface(transformers_version: impl Into<String>) -> Image {
    retrieve("huggingface", transformers_version)
}

/// Hugging Face's server for large language models: `huggingface_llm("2.4.0")`.
pub fn huggingface_llm(version: impl Into<String>) -> Image {
    retrieve("huggingface-llm", version)
}

/// Apache Spark, for processing: `spark("3.3")`.
pub fn spark(version: impl Into<String>) -> Image {
    retrieve("spark", version)
}

/// SageMaker Clarify, for processing: bias and explainability reports.
pub fn clarify() -> Image {
    retrieve("clarify", "1.0")
}

/// SageMaker Model Monitor's analyzer, for processing: data and model quality reports.
pub fn model_monitor() -> Image {
    retrieve("model-monitor", "")
}

/// SageMaker's bare Python, `python` being `"310"` or `"38"`.
pub fn base_python(python: impl Into<String>) -> Image {
    retrieve("sagemaker-base-python", "1.0").python(python)
}

/// An image of one's own in the account and region that the pipeline is deployed to: `ecr("my-image:1.0")`.
pub fn ecr(repository_and_tag: impl Into<Text>) -> Expr<String> {
    registry_uri(Text::from(Deploy::Account), repository_and_tag)
}

/// Any image, by its whole URI. At most 255 characters.
pub fn uri(uri: impl Into<Expr<String>>) -> Expr<String> {
    uri.into()
}

fn registry_uri(account: Text, repository_and_tag: impl Into<Text>) -> Expr<String> {
    join!(
        account.into_expr(),
        ".dkr.ecr.",
        Deploy::Region,
        ".",
        Deploy::UrlSuffix,
        "/",
        repository_and_tag.into().into_expr()
    )
}

impl Image {
    /// What the image is used for, where the framework has different images for different uses.
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = Some(scope);
        self
    }

    /// The image for training.
    pub fn training(self) -> Self {
        self.scope(Scope::Training)
    }

    /// The image for inference.
    pub fn inference(self) -> Self {
        self.scope(Scope::Inference)
    }

    /// The processor, where there are images for several. Wins over what [`instance_type`](Self::instance_type) says.
    pub fn processor(mut self, processor: Processor) -> Self {
        self.processor = Some(processor);
        self
    }

    /// The image for machines without a GPU.
    pub fn cpu(self) -> Self {
        self.processor(Processor::Cpu)
    }

    /// The image for machines with GPUs.
    pub fn gpu(self) -> Self {
        self.processor(Processor::Gpu)
    }

    /// Derives the processor from an instance type: `"ml.p3.2xlarge"` has GPUs, `"ml.m5.xlarge"` has none. An instance
    /// type with a Graviton processor chooses the scope for it too.
    ///
    /// An instance type that is a run-time parameter is not known when the image is chosen: say
    /// [`cpu`](Self::cpu) or [`gpu`](Self::gpu).
    pub fn instance_type(mut self, instance_type: impl Into<String>) -> Self {
        self.instance_type = Some(instance_type.into());
        self
    }

    /// The Python version, `"py311"`, where there are images with several. Ignored where images have none in their tag.
    pub fn python(mut self, python: impl Into<String>) -> Self {
        self.python = Some(python.into());
        self
    }

    /// For Hugging Face: the framework beneath, and its version: `"pytorch2.0"`, `"tensorflow2.6.3"`.
    pub fn base_framework(mut self, base_framework: impl Into<String>) -> Self {
        self.base_framework = Some(base_framework.into());
        self
    }

    /// The build of the container, for the frameworks whose tags carry one that the tables do not know: Spark (`"v1"`,
    /// together with [`python`](Self::python)) and `pytorch-smp` (`"cu121"`).
    pub fn container_version(mut self, container_version: impl Into<String>) -> Self {
        self.container_version = Some(container_version.into());
        self
    }

    /// The version of the Neuron SDK, `"sdk2.20.0"`; without it the newest one in the tables.
    pub fn neuron_sdk(mut self, sdk_version: impl Into<String>) -> Self {
        self.neuron_sdk = Some(sdk_version.into());
        self
    }

    /// The image with SageMaker Training Compiler, which exists for PyTorch and Hugging Face.
    pub fn training_compiler(mut self) -> Self {
        self.training_compiler = true;
        self
    }
}

impl From<&Image> for Expr<String> {
    fn from(image: &Image) -> Self {
        match resolve::resolve(image) {
            Ok(found) => {
                registry_uri(Text::from(Deploy::ImageRegistry(found.registry)), found.repository_and_tag)
            }
            Err(faults) => Self::from_node(fault::invalid(faults)),
        }
    }
}

impl From<Image> for Expr<String> {
    fn from(image: Image) -> Self {
        Self::from(&image)
    }
}

impl From<Image> for Text {
    fn from(image: Image) -> Self {
        Expr::from(image).into()
    }
}

#[cfg(test)]
mod tests;
