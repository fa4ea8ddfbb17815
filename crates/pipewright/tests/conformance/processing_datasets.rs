//! Processing inputs that are queried from Athena and Redshift.

use pipewright::prelude::*;
use pipewright::requests::{
    AthenaDatasetDefinition, DatasetDefinition, ProcessingInput, ProcessingS3Input, RedshiftDatasetDefinition,
};

use crate::{KEY, data, prep};

#[derive(Pipeline)]
#[pipeline(name = "processing-datasets")]
pub(crate) struct ProcessingDatasets {}

impl Steps for ProcessingDatasets {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let athena = AthenaDatasetDefinition::new("AwsDataCatalog", "db", "select 1", data("ath"), "PARQUET")
            .work_group("wg")
            .output_compression("SNAPPY")
            .kms_key_id(KEY);
        let redshift =
            RedshiftDatasetDefinition::new("c", "db", "u", "select 1", Deploy::RoleArn, data("red"), "CSV");
        let into = |folder: &str, distribution: &str| {
            DatasetDefinition::new()
                .local_path(folder)
                .data_distribution_type(distribution)
                .input_mode("File")
        };
        p.add(
            "Datasets",
            prep!()
                .with_input(Input::request(ProcessingInput::new("ath").app_managed(true).dataset_definition(
                    into("/opt/ml/processing/a", "FullyReplicated").athena_dataset_definition(athena),
                )))
                .with_input(Input::request(ProcessingInput::new("red").app_managed(true).dataset_definition(
                    into("/opt/ml/processing/r", "ShardedByS3Key").redshift_dataset_definition(redshift),
                )))
                .with_input(Input::request(
                    ProcessingInput::new("s3i").s3_input(
                        ProcessingS3Input::new(data("x"), "S3Prefix")
                            .local_path("/opt/ml/processing/x")
                            .s3_input_mode("File")
                            .s3_data_distribution_type("FullyReplicated"),
                    ),
                )),
        );
        Ok(())
    }
}
