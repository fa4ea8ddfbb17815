//! [`Pipelines`]: reads and updates definitions in SageMaker.

use std::time::Duration;

use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::operation::describe_pipeline::DescribePipelineError;
use aws_sdk_sagemaker::types::{PipelineDefinitionS3Location, PipelineStatus};
use pipewright_deploy::Session;
use pipewright_deploy::error::{Error, Kind, Result};

use super::wanted::Wanted;

/// How often it is looked whether an update can be seen, a second apart.
const LOOKS: u32 = 5;

pub(super) struct Pipelines {
    client: Client,
}

impl Pipelines {
    pub(super) fn new(session: &Session) -> Self {
        Self { client: crate::sagemaker(session) }
    }

    /// The definition of a pipeline; `None` when there is no such pipeline, or it is being deleted.
    ///
    /// [DescribePipeline](https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribePipeline.html)
    pub(super) async fn definition(&self, name: &str) -> Result<Option<String>> {
        let what = format!("read pipeline {name} (sagemaker:DescribePipeline)");
        match self.client.describe_pipeline().pipeline_name(name).send().await {
            Ok(answer) if answer.pipeline_status() == Some(&PipelineStatus::Deleting) => Ok(None),
            Ok(answer) => Ok(Some(answer.pipeline_definition.unwrap_or_default())),
            Err(error)
                if error.as_service_error().is_some_and(DescribePipelineError::is_resource_not_found) =>
            {
                Ok(None)
            }
            Err(error) => Err(Error::from_sdk(&what, error)),
        }
    }

    /// Gives a pipeline another definition, and looks whether it has it: the request may be repeated, but another may come after.
    ///
    /// [UpdatePipeline](https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdatePipeline.html)
    pub(super) async fn update(&self, wanted: &Wanted) -> Result<()> {
        let Wanted { name, text, location, .. } = wanted;
        let what = format!("update pipeline {name} (sagemaker:UpdatePipeline)");
        let request = self.client.update_pipeline().pipeline_name(name);
        let request = match location {
            None => request.pipeline_definition(text),
            Some((bucket, key)) => {
                let location = PipelineDefinitionS3Location::builder().bucket(bucket).object_key(key).build();
                request.pipeline_definition_s3_location(location)
            }
        };
        request.send().await.map_err(|error| Error::from_sdk(&what, error))?;
        for look in 0..LOOKS {
            if look > 0 {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            let now = self.definition(name).await?;
            if now.is_some_and(|now| super::same(&now, text)) {
                return Ok(());
            }
        }
        let message = format!(
            "pipeline {name} was updated, and has another definition now: somebody else updates it too"
        );
        Err(Error::new(Kind::Drifted, message).hint("repeat the command, or deploy without --fast"))
    }
}
