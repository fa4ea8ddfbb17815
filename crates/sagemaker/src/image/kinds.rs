//! What chooses among the images of a version.

use std::borrow::Cow;

/// What an image is used for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// Training jobs.
    Training,
    /// Endpoints and batch transforms.
    Inference,
    /// Inference on Graviton processors; an instance type that has one chooses this.
    InferenceGraviton,
    /// Inference with an Elastic Inference accelerator.
    Eia,
    /// Processing jobs.
    Processing,
    /// Any other scope in the tables, such as `"monitoring"`.
    Other(Cow<'static, str>),
}

impl Scope {
    /// The name in the tables.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Training => "training",
            Self::Inference => "inference",
            Self::InferenceGraviton => "inference_graviton",
            Self::Eia => "eia",
            Self::Processing => "processing",
            Self::Other(name) => name,
        }
    }
}

/// What an image runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Processor {
    /// No accelerator.
    Cpu,
    /// NVIDIA GPUs.
    Gpu,
    /// AWS Inferentia.
    Inferentia,
    /// AWS Inferentia2.
    Inferentia2,
    /// AWS Trainium.
    Trainium,
    /// Inferentia or Trainium with the Neuron SDK of the first generation, for PyTorch and Hugging Face.
    Neuron,
    /// Inferentia2 or Trainium with the Neuron SDK's `neuronx` packages, for Hugging Face.
    Neuronx,
}

impl Processor {
    /// The names it can have in the tables, the best first.
    pub(super) const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Cpu => &["cpu"],
            Self::Gpu => &["gpu"],
            Self::Inferentia => &["inf"],
            Self::Inferentia2 => &["inf2", "inf"],
            Self::Trainium => &["trn"],
            Self::Neuron => &["neuron"],
            Self::Neuronx => &["neuronx"],
        }
    }
}
