//! `Std:JsonGet`: a value from a JSON document that a step wrote.

use serde_json::Value;

use super::expression::Document;
use super::path::{follow, json_segments, shown};
use super::{EvaluationError, Evaluator, led_astray, property, too_deep, too_large, value};
use crate::S3Uri;
use crate::problem::shortened;

impl Evaluator<'_> {
    pub(super) fn json_get(
        &mut self,
        document: &Document<'_>,
        path: &str,
        depth: usize,
    ) -> Result<Value, EvaluationError> {
        let uri = match document {
            Document::PropertyFile { step, name } => self
                .property_file(step, name)
                .map_err(|reason| EvaluationError::new(reason).within("Std:JsonGet.PropertyFile"))?,
            Document::S3Uri(uri) => {
                self.uri(uri, depth).map_err(|error| error.within("Std:JsonGet.S3Uri"))?
            }
        };
        let document = match self.document.take() {
            Some((last, document)) if last == uri => document,
            _ => self.document(&uri).map_err(EvaluationError::new)?,
        };
        let found = self.found(&document, path, &uri, depth);
        self.document = Some((uri, document));
        found
    }

    fn document(&self, uri: &S3Uri) -> Result<Value, String> {
        let content = self.scope.read(uri).map_err(|reason| format!("{uri} can't be read: {reason}"))?;
        parse(&content).map_err(|reason| format!("{uri} {reason}"))
    }

    fn found(
        &mut self,
        document: &Value,
        path: &str,
        uri: &S3Uri,
        depth: usize,
    ) -> Result<Value, EvaluationError> {
        let found = follow(document, json_segments(path)).map_err(|lost| {
            EvaluationError::new(format!(
                "{:?} leads nowhere in {uri}: {}",
                shortened(path),
                led_astray(path, json_segments(path), &lost)
            ))
        })?;
        self.room = value::fits(&found, depth, self.room).map_err(|misfit| {
            let why = if misfit == value::Misfit::Deep { too_deep() } else { too_large() };
            EvaluationError::new(format!("{:?} of {uri}: {why}", shortened(path)))
        })?;
        Ok(found.into_owned())
    }

    fn uri(&mut self, uri: &Value, depth: usize) -> Result<S3Uri, EvaluationError> {
        let room = self.room;
        let value = self.value(uri, depth.saturating_sub(1))?;
        self.room = room;
        value
            .as_str()
            .and_then(S3Uri::parse)
            .ok_or_else(|| EvaluationError::new(format!("{} is no s3://BUCKET/KEY", shown(&value))))
    }

    /// Where a property file is: in the output that it is declared for.
    fn property_file(&self, step: &str, name: &str) -> Result<S3Uri, String> {
        let file = self
            .scope
            .property_file(step, name)
            .ok_or_else(|| format!("step {step:?} declares no property file {name:?}"))?;
        let path = format!("ProcessingOutputConfig.Outputs['{}'].S3Output.S3Uri", file.output);
        let found = property(step, &path, self.scope)?;
        let mut uri = found.as_str().and_then(S3Uri::parse).ok_or_else(|| {
            format!(
                "output {:?} of step {step:?} is at {}, which is no s3://BUCKET/KEY",
                file.output,
                shown(&found)
            )
        })?;
        if !uri.key.is_empty() && !uri.key.ends_with('/') {
            uri.key.push('/');
        }
        uri.key.push_str(file.path.strip_prefix("./").unwrap_or(&file.path));
        Ok(uri)
    }
}

fn parse(content: &[u8]) -> Result<Value, String> {
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    serde_json::from_slice(content).map_err(|error| {
        let words = |word: &str| content.windows(word.len()).any(|window| window == word.as_bytes());
        let remedy = if words("NaN") || words("Infinity") {
            "; Python's json.dumps writes NaN and Infinity, which JSON doesn't have: write null or a number"
        } else {
            ""
        };
        format!("is no JSON: {error}{remedy}")
    })
}
