//! An action, an artifact and a context, and how they belong together.

use pipewright::prelude::*;
use pipewright::requests::{
    ActionSource, ArtifactSource, ContextSource, CreateActionRequest, CreateArtifactRequest,
    CreateContextRequest,
};

#[derive(Pipeline)]
#[pipeline(name = "lineage-step")]
pub(crate) struct LineageStep {}

impl Steps for LineageStep {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let run = ActionSource::new("s3://b/r").source_type("S3ETag");
        p.add(
            "L",
            Lineage::new()
                .action(CreateActionRequest::new("act", run, "ModelTraining"))
                .artifact(
                    CreateArtifactRequest::new(ArtifactSource::new("s3://b/m"), "Model").artifact_name("art"),
                )
                .context(CreateContextRequest::new("ctx", ContextSource::new("s3://b/c"), "T"))
                .association(LineageEntity::action("act"), "Produced", LineageEntity::artifact("art")),
        );
        Ok(())
    }
}
