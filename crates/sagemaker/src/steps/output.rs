//! Outputs of a processing job.

use std::borrow::Cow;

use pipewright_model::{Expr, Object, join};

use super::results;
use crate::enums::ProcessingS3UploadMode;
use crate::requests::{ProcessingOutput, ProcessingS3Output};

/// A folder of the container that goes to S3.
#[derive(Clone, Debug)]
pub(super) struct Output {
    name: Cow<'static, str>,
    local_path: Expr<String>,
    uri: Option<Expr<String>>,
    pub(super) set: Object,
    pub(super) upload_mode: Expr<ProcessingS3UploadMode>,
}

impl Output {
    pub(super) fn new(name: Cow<'static, str>, local_path: Expr<String>, uri: Option<Expr<String>>) -> Self {
        let upload_mode = ProcessingS3UploadMode::END_OF_JOB.into();
        Self { name, local_path, uri, set: Object::new(), upload_mode }
    }

    pub(super) fn into_request(self, step: &str) -> ProcessingOutput {
        let uri = self.uri.unwrap_or_else(|| join!(results(step), "/output/", self.name.as_ref()));
        let s3 = ProcessingS3Output::new(uri, self.upload_mode).local_path(self.local_path);
        let mut request = ProcessingOutput::new(self.name).s3_output(s3);
        for (key, node) in self.set.iter() {
            request.0.set(key.to_owned(), node.clone());
        }
        request
    }
}
