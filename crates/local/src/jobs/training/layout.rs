//! The files below `/opt/ml/input/config`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::request::Channel;

/// `inputdataconfig.json`: a member for each channel.
pub(crate) fn channels(channels: &[Channel]) -> Value {
    let member = |channel: &Channel| {
        let mut about = Map::new();
        if let Some(kind) = &channel.content_type {
            about.insert("ContentType".to_owned(), Value::from(kind.clone()));
        }
        // `FastFile` is `File` to the program that reads it.
        about.insert("TrainingInputMode".to_owned(), Value::from("File"));
        about.insert("S3DistributionType".to_owned(), Value::from(channel.distribution));
        about.insert("RecordWrapperType".to_owned(), Value::from(channel.wrapper));
        (channel.name.clone(), Value::Object(about))
    };
    Value::Object(channels.iter().map(member).collect())
}

/// `hyperparameters.json`: texts, as the request has them.
pub(crate) fn hyperparameters(texts: &BTreeMap<String, String>) -> Value {
    Value::Object(texts.iter().map(|(name, text)| (name.clone(), Value::from(text.clone()))).collect())
}
