//! What goes into one request of a transform job, and what becomes of the answer: splitting, batching, filtering, joining.
//!
//! Functions of bytes: nothing here knows where they come from.

use std::ops::Range;

use serde_json::{Map, Value, json};

use super::filter::Filter;
use super::request::{Assemble, Split, Strategy};

/// How the records of a job are made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Csv,
    Json,
    JsonLines,
    /// Anything else; its records can't be filtered or joined.
    Other,
}

impl Form {
    /// The form of a media type.
    pub(super) fn of(media_type: &str) -> Self {
        match media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "text/csv" | "csv" => Self::Csv,
            "application/json" => Self::Json,
            "application/jsonlines" | "application/x-jsonlines" | "application/jsonlines+json" => {
                Self::JsonLines
            }
            _ => Self::Other,
        }
    }

    fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::JsonLines)
    }
}

/// What is done to records on their way.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) split: Split,
    pub(super) strategy: Strategy,
    pub(super) assemble: Assemble,
    /// The largest request, in bytes; `None`: any size.
    pub(super) payload: Option<usize>,
    pub(super) input: Form,
    pub(super) output: Form,
    pub(super) input_filter: Filter,
    pub(super) output_filter: Filter,
    pub(super) joins: bool,
}

/// One request: which records of the object it holds, and its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Batch {
    /// The records as they stand in the object, without line ends.
    pub(super) records: Vec<Range<usize>>,
    /// Their number in the object, counted from 1.
    pub(super) numbers: Range<usize>,
    pub(super) body: Vec<u8>,
}

impl Plan {
    /// The requests for the content of an object, in order. Nothing for an empty one.
    ///
    /// # Errors
    /// A record that can't be filtered, or is larger than a request may be.
    pub(super) fn batches(&self, content: &[u8]) -> Result<Vec<Batch>, String> {
        let records = match self.split {
            Split::None if content.is_empty() => Vec::new(),
            Split::None => whole(content),
            Split::Line => lines(content),
        };
        let mut batches: Vec<Batch> = Vec::new();
        for (index, record) in records.into_iter().enumerate() {
            let number = index + 1;
            let mut body =
                self.filtered(&content[record.clone()]).map_err(|error| self.at(number, &error))?;
            if self.split == Split::Line {
                body.push(b'\n');
            }
            if let Some(limit) = self.payload.filter(|limit| body.len() > *limit) {
                let remedy = match self.split {
                    Split::None => "raise MaxPayloadInMB (up to 100), or split it: SplitType Line",
                    Split::Line => "raise MaxPayloadInMB (up to 100)",
                };
                let message = format!(
                    "{} bytes are more than MaxPayloadInMB allows ({limit} bytes): {remedy}",
                    body.len()
                );
                return Err(self.at(number, &message));
            }
            match batches.last_mut() {
                Some(batch)
                    if self.strategy == Strategy::MultiRecord
                        && self.payload.is_none_or(|limit| batch.body.len() + body.len() <= limit) =>
                {
                    batch.records.push(record);
                    batch.numbers.end = number + 1;
                    batch.body.append(&mut body);
                }
                _ => batches.push(Batch { records: vec![record], numbers: number..number + 1, body }),
            }
        }
        Ok(batches)
    }

    /// What the answer to a request adds to the output.
    ///
    /// # Errors
    /// An answer that can't be joined or filtered.
    pub(super) fn assembled(&self, content: &[u8], batch: &Batch, answer: &[u8]) -> Result<Vec<u8>, String> {
        let mut out = if self.joins || !self.output_filter.is_all() {
            self.joined(content, batch, answer)?
        } else {
            answer.to_vec()
        };
        if self.assemble == Assemble::Line && out.last().is_some_and(|last| *last != b'\n') {
            out.push(b'\n');
        }
        Ok(out)
    }

    fn at(&self, number: usize, message: &str) -> String {
        match self.split {
            Split::None => message.to_owned(),
            Split::Line => format!("line {number}: {message}"),
        }
    }

    /// A record as it is sent.
    fn filtered(&self, record: &[u8]) -> Result<Vec<u8>, String> {
        if self.input_filter.is_all() {
            return Ok(record.to_vec());
        }
        // An object of several lines that is not split is still a table of rows.
        let whole_table = self.split == Split::None && self.input != Form::Json;
        let rows = if whole_table { lines(record) } else { whole(record) };
        let mut out = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            let value = read(self.input, &record[row.clone()])?;
            let chosen = self.input_filter.select(&value).map_err(|error| format!("InputFilter: {error}"))?;
            if index > 0 {
                out.push(b'\n');
            }
            out.extend(write(self.input, &chosen)?);
        }
        if whole_table && record.ends_with(b"\n") {
            out.push(b'\n');
        }
        Ok(out)
    }

    fn joined(&self, content: &[u8], batch: &Batch, answer: &[u8]) -> Result<Vec<u8>, String> {
        let whole = self.split == Split::None && self.input == Form::Json;
        let inputs: Vec<&[u8]> = match self.split {
            Split::None if self.input != Form::Json => {
                lines(content).into_iter().map(|line| &content[line]).collect()
            }
            _ => batch.records.iter().map(|record| &content[record.clone()]).collect(),
        };
        // One record and one JSON document: the document may have lines of its own.
        let single = self.output == Form::Json && (whole || inputs.len() == 1);
        let outputs: Vec<&[u8]> =
            if single { vec![answer] } else { lines(answer).into_iter().map(|line| &answer[line]).collect() };
        if self.joins && inputs.len() != outputs.len() {
            let many =
                |count: usize| if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
            return Err(format!(
                "{} went in and {} came out, and JoinSource Input puts them together one by one: the model must answer one \
                 line for each, or use BatchStrategy SingleRecord",
                many(inputs.len()),
                many(outputs.len())
            ));
        }
        let mut out = Vec::new();
        for (index, output) in outputs.iter().enumerate() {
            let mut value = read(self.output, output)?;
            if self.joins {
                value = join(self.input, read(self.input, inputs[index])?, value);
            }
            let chosen =
                self.output_filter.select(&value).map_err(|error| format!("OutputFilter: {error}"))?;
            if index > 0 {
                out.push(b'\n');
            }
            out.extend(write(if self.joins { self.input } else { self.output }, &chosen)?);
        }
        if !single && !out.is_empty() {
            out.push(b'\n');
        }
        Ok(out)
    }

    /// Whether the forms of records allow what is to be done to them.
    pub(super) fn problem(&self) -> Option<String> {
        if !self.input_filter.is_all() && self.input == Form::Other {
            return Some(
                "InputFilter needs ContentType text/csv, application/json or application/jsonlines"
                    .to_owned(),
            );
        }
        if !self.output_filter.is_all() && !self.joins && self.output == Form::Other {
            return Some(
                "OutputFilter needs Accept text/csv, application/json or application/jsonlines".to_owned(),
            );
        }
        let alike = (self.input == Form::Csv && self.output == Form::Csv)
            || (self.input.is_json() && self.output.is_json());
        (self.joins && !alike)
            .then(|| "JoinSource Input needs ContentType and Accept both text/csv, or both JSON".to_owned())
    }
}

/// The place of all of it.
fn whole(content: &[u8]) -> Vec<Range<usize>> {
    std::iter::once(0..content.len()).collect()
}

/// The places of all lines, without their ends.
fn lines(content: &[u8]) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut begin = 0;
    for line in content.split_inclusive(|byte| *byte == b'\n') {
        let end = begin + line.len();
        let mut text = line.strip_suffix(b"\n").unwrap_or(line);
        text = text.strip_suffix(b"\r").unwrap_or(text);
        if !text.is_empty() {
            lines.push(begin..begin + text.len());
        }
        begin = end;
    }
    lines
}

fn read(form: Form, record: &[u8]) -> Result<Value, String> {
    if form == Form::Csv {
        let text = std::str::from_utf8(record).map_err(|_| "it is no UTF-8 text".to_owned())?;
        return Ok(fields(text).into_iter().map(Value::from).collect());
    }
    serde_json::from_slice(record).map_err(|error| format!("it is no JSON: {error}"))
}

/// The fields of a line, as they are written there: a comma in quotes does not separate.
fn fields(line: &str) -> Vec<&str> {
    let (mut fields, mut begin, mut quoted) = (Vec::new(), 0, false);
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                fields.push(&line[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    fields.push(&line[begin..]);
    fields
}

fn write(form: Form, value: &Value) -> Result<Vec<u8>, String> {
    if form != Form::Csv {
        return serde_json::to_vec(value).map_err(|error| error.to_string());
    }
    let field = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let text = match value {
        Value::Array(fields) => fields.iter().map(field).collect::<Vec<_>>().join(","),
        value => field(value),
    };
    Ok(text.into_bytes())
}

/// A record and its prediction in one: a longer row, or `SageMakerOutput` beside what was there.
fn join(form: Form, input: Value, output: Value) -> Value {
    match (form, input, output) {
        (Form::Csv, Value::Array(mut row), Value::Array(more)) => {
            row.extend(more);
            Value::Array(row)
        }
        (_, Value::Object(mut object), output) => {
            object.insert("SageMakerOutput".to_owned(), output);
            Value::Object(object)
        }
        (_, input, output) => Value::Object(Map::from_iter([
            ("SageMakerInput".to_owned(), input),
            ("SageMakerOutput".to_owned(), output),
        ])),
    }
}

/// The strategy in the words of the container's environment.
pub(super) fn strategy_name(strategy: Strategy) -> Value {
    match strategy {
        Strategy::MultiRecord => json!("MULTI_RECORD"),
        Strategy::SingleRecord => json!("SINGLE_RECORD"),
    }
}

#[cfg(test)]
#[path = "records_tests.rs"]
mod tests;
