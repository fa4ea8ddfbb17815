//! What needs SageMaker's own API: definitions updated at once, code that nothing refers to removed.
//!
//! A room of its own, so that a plain deploy never compiles `aws-sdk-sagemaker`. It adds to `pipewright-deploy`, which gives
//! it credentials, errors and the way to S3; what is decided is decided by functions of values ([`gc::plan`],
//! [`fast::differences`], [`fast::Renderer`]).

pub mod fast;
pub mod gc;

use aws_config::retry::RetryConfig;
use pipewright_deploy::Session;

/// A client for SageMaker.
///
/// It tries a little less often than the others: a server that lacks a call answers 500, and would be asked for minutes.
pub fn sagemaker(session: &Session) -> aws_sdk_sagemaker::Client {
    let config = aws_sdk_sagemaker::config::Builder::from(&session.config)
        .retry_config(RetryConfig::standard().with_max_attempts(5))
        .build();
    aws_sdk_sagemaker::Client::from_conf(config)
}
