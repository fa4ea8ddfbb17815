//! `local/run.toml` of a pipeline: values, made-up data and stand-ins for runs on this machine.
//!
//! Reading is a function of the text alone. Every mistake is reported at once, with line and column; nothing is guessed:
//! an unknown key is a mistake. What a stand-in then does is told in [`crate::stand_in`].

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use pipewright_interpreter::S3Uri;
use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

#[cfg(test)]
mod tests;

/// What `local/run.toml` says. Empty where there is no such file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// `[parameters]`: values of run-time parameters; `-p` overrides them.
    pub parameters: BTreeMap<String, Value>,
    /// `[[seed]]`: programs that write objects before the first step runs.
    pub seeds: Vec<Seed>,
    /// `[steps.NAME]`: what stands for one step. Wins over `types`.
    pub steps: BTreeMap<String, StandIn>,
    /// `[types.TYPE]`: what stands for every step of a type, such as `Lambda`.
    pub types: BTreeMap<String, StandIn>,
    /// `[images."REPOSITORY"]`: what stands for an image's own programs where no container engine runs it.
    pub images: BTreeMap<String, ImagePrograms>,
}

/// A program whose standard output becomes an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed {
    /// The program and its arguments; run in `local/`.
    pub run: Vec<String>,
    /// The object.
    pub to: S3Uri,
}

/// What stands for a step that calls another service.
#[derive(Clone, Debug, PartialEq)]
pub enum StandIn {
    /// Always this result: output parameters of a Lambda or Callback step, properties of any other.
    Output(Map<String, Value>),
    /// A function of a Python file, called as Lambda calls it.
    Lambda {
        /// The file, below `local/`.
        file: String,
        /// The function.
        function: String,
    },
    /// A program: it reads the step as JSON and writes the result as JSON. Run in `local/`.
    Run(Vec<String>),
}

/// Programs that stand for an image's own, each with its arguments. Run in `local/`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImagePrograms {
    /// For processing jobs without a `ContainerEntrypoint`.
    pub entrypoint: Option<Vec<String>>,
    /// For training jobs: what the image does when it is called with `train`.
    pub train: Option<Vec<String>>,
    /// For models: what the image does when it is called with `serve`. Listens on the port `SAGEMAKER_BIND_TO_PORT`.
    pub serve: Option<Vec<String>>,
}

/// Mistakes of a settings file, one a line, each with its place.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct Error(pub Vec<String>);

impl Settings {
    /// Reads `run.toml` in `folder`; no file means no settings.
    ///
    /// # Errors
    /// All mistakes of the file at once, or why it can't be read.
    pub fn load(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("run.toml");
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::read(&text, &path.display().to_string()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Error(vec![format!("{}: {error}", path.display())])),
        }
    }

    /// Reads the text of a settings file; `name` is what messages call it.
    ///
    /// # Errors
    /// All mistakes at once.
    pub fn read(text: &str, name: &str) -> Result<Self, Error> {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut reader = Reader { text, name, problems: Vec::new() };
        for error in errors {
            reader.problem(error.span().unwrap_or(0..0), error.message());
        }
        // What a broken text was repaired to may have mistakes that its author didn't make.
        if reader.problems.is_empty() {
            let settings = reader.settings(table.get_ref());
            if reader.problems.is_empty() {
                return Ok(settings);
            }
        }
        Err(Error(reader.problems.into_iter().map(|(_, text)| text).collect()))
    }
}

type Entry<'t, 'i> = (&'t Spanned<std::borrow::Cow<'i, str>>, &'t Spanned<DeValue<'i>>);

struct Reader<'a> {
    text: &'a str,
    name: &'a str,
    problems: Vec<(usize, String)>,
}

impl Reader<'_> {
    fn problem(&mut self, span: Range<usize>, message: impl std::fmt::Display) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        let text = format!("{}:{line}:{column}: {message}", self.name);
        let at = self.problems.partition_point(|(start, _)| *start <= span.start);
        self.problems.insert(at, (span.start, text));
    }

    fn settings(&mut self, table: &DeTable<'_>) -> Settings {
        let mut settings = Settings::default();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "parameters" => {
                    for (name, value) in self.entries(value, "[parameters]") {
                        if let Some(value) = self.parameter(name.get_ref(), value) {
                            settings.parameters.insert(name.get_ref().to_string(), value);
                        }
                    }
                }
                "seed" => settings.seeds = self.seeds(value),
                "steps" => settings.steps = self.stand_ins(value, "steps"),
                "types" => settings.types = self.stand_ins(value, "types"),
                "images" => {
                    for (name, value) in self.entries(value, "[images]") {
                        let programs = self.image(value, name.get_ref());
                        settings.images.insert(name.get_ref().to_string(), programs);
                    }
                }
                other => self.problem(
                    key.span(),
                    format_args!(
                        "unknown key `{other}`: there are parameters, seed, steps, types and images"
                    ),
                ),
            }
        }
        settings
    }

    /// The entries of a table, in the order of the text.
    fn entries<'t, 'i>(&mut self, value: &'t Spanned<DeValue<'i>>, what: &str) -> Vec<Entry<'t, 'i>> {
        let Some(table) = value.get_ref().as_table() else {
            self.problem(value.span(), format_args!("{what} must be a table, not {}", kind(value.get_ref())));
            return Vec::new();
        };
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        entries
    }

    fn parameter(&mut self, name: &str, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        match value.get_ref() {
            DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) => {
                self.json(value)
            }
            other => {
                let kind = kind(other);
                self.problem(
                    value.span(),
                    format_args!("parameter `{name}` must be a text, a number or a boolean, not {kind}"),
                );
                None
            }
        }
    }

    fn seeds(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<Seed> {
        let Some(list) = value.get_ref().as_array() else {
            self.problem(value.span(), "seed must be a list of tables: write [[seed]]");
            return Vec::new();
        };
        let mut seeds = Vec::new();
        for seed in list {
            let (mut run, mut to) = (None, None);
            for (key, value) in self.entries(seed, "[[seed]]") {
                match key.get_ref().as_ref() {
                    "run" => run = Some(self.command(value, "run")),
                    "to" => to = Some(self.object(value)),
                    other => {
                        self.problem(
                            key.span(),
                            format_args!("unknown key `{other}`: a seed has run and to"),
                        );
                    }
                }
            }
            for (there, missing) in
                [(run.is_some(), "run = [\"PROGRAM\", …]"), (to.is_some(), "to = \"s3://BUCKET/KEY\"")]
            {
                if !there && seed.get_ref().is_table() {
                    self.problem(seed.span(), format_args!("this seed lacks {missing}"));
                }
            }
            if let (Some(Some(run)), Some(Some(to))) = (run, to) {
                seeds.push(Seed { run, to });
            }
        }
        seeds
    }

    fn object(&mut self, value: &Spanned<DeValue<'_>>) -> Option<S3Uri> {
        let uri = self.text(value, "to").and_then(|text| S3Uri::parse(&text));
        let uri = uri.filter(|uri| !uri.key.is_empty() && !uri.key.ends_with('/'));
        if uri.is_none() && value.get_ref().is_str() {
            self.problem(value.span(), "to must be an object: s3://BUCKET/KEY");
        }
        uri
    }

    fn stand_ins(&mut self, value: &Spanned<DeValue<'_>>, what: &str) -> BTreeMap<String, StandIn> {
        let mut stand_ins = BTreeMap::new();
        for (name, value) in self.entries(value, &format!("[{what}]")) {
            let place = format!("[{what}.{}]", name.get_ref());
            if let Some(stand_in) = self.stand_in(value, &place) {
                stand_ins.insert(name.get_ref().to_string(), stand_in);
            }
        }
        stand_ins
    }

    fn stand_in(&mut self, value: &Spanned<DeValue<'_>>, place: &str) -> Option<StandIn> {
        const ONE_OF: &str = "output = { … }, lambda = \"FILE.py:FUNCTION\" or run = [\"PROGRAM\", …]";
        let mut found = Vec::new();
        let mut keys = 0;
        for (key, value) in self.entries(value, place) {
            let stand_in = match key.get_ref().as_ref() {
                "output" => self.output(value, place).map(StandIn::Output),
                "lambda" => self.function(value),
                "run" => self.command(value, "run").map(StandIn::Run),
                other => {
                    self.problem(
                        key.span(),
                        format_args!("unknown key `{other}`: {place} has one of {ONE_OF}"),
                    );
                    continue;
                }
            };
            keys += 1;
            found.extend(stand_in);
        }
        if keys != 1 && value.get_ref().is_table() {
            self.problem(value.span(), format_args!("{place} has {keys} of these, and needs one: {ONE_OF}"));
        }
        found.pop()
    }

    fn output(&mut self, value: &Spanned<DeValue<'_>>, place: &str) -> Option<Map<String, Value>> {
        if let Value::Object(output) = self.json(value)? {
            return Some(output);
        }
        let kind = kind(value.get_ref());
        self.problem(value.span(), format_args!("output of {place} must be a table, not {kind}"));
        None
    }

    fn function(&mut self, value: &Spanned<DeValue<'_>>) -> Option<StandIn> {
        let text = self.text(value, "lambda")?;
        let parts = text.rsplit_once(':').filter(|(file, function)| {
            let below =
                Path::new(file).components().all(|part| matches!(part, std::path::Component::Normal(_)));
            let name = !function.is_empty() && function.chars().all(|c| c.is_alphanumeric() || c == '_');
            below && name && Path::new(file).extension().is_some_and(|extension| extension == "py")
        });
        let Some((file, function)) = parts else {
            self.problem(
                value.span(),
                format_args!("lambda must be FILE.py:FUNCTION, a file below local/, not {text:?}"),
            );
            return None;
        };
        Some(StandIn::Lambda { file: file.to_owned(), function: function.to_owned() })
    }

    fn image(&mut self, value: &Spanned<DeValue<'_>>, name: &str) -> ImagePrograms {
        let place = format!("[images.{name:?}]");
        let mut programs = ImagePrograms::default();
        for (key, value) in self.entries(value, &place) {
            let program = match key.get_ref().as_ref() {
                "entrypoint" => &mut programs.entrypoint,
                "train" => &mut programs.train,
                "serve" => &mut programs.serve,
                other => {
                    let message = format!("unknown key `{other}`: {place} has entrypoint, train and serve");
                    self.problem(key.span(), message);
                    continue;
                }
            };
            *program = self.command(value, key.get_ref());
        }
        if programs == ImagePrograms::default() && value.get_ref().as_table().is_some_and(DeTable::is_empty) {
            self.problem(value.span(), format_args!("{place} is empty: it has entrypoint, train or serve"));
        }
        programs
    }

    fn text(&mut self, value: &Spanned<DeValue<'_>>, key: &str) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.problem(value.span(), format_args!("{key} must be a text, not {}", kind(value.get_ref())));
        }
        text
    }

    fn command(&mut self, value: &Spanned<DeValue<'_>>, key: &str) -> Option<Vec<String>> {
        let parts = value.get_ref().as_array().filter(|list| !list.is_empty());
        let Some(parts) = parts else {
            self.problem(
                value.span(),
                format_args!("{key} must be a program and its arguments: [\"python3\", \"FILE.py\"]"),
            );
            return None;
        };
        let texts: Vec<_> =
            parts.iter().filter_map(|part| self.text(part, &format!("each part of {key}"))).collect();
        (texts.len() == parts.len()).then_some(texts)
    }

    fn json(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        Some(match value.get_ref() {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Boolean(value) => Value::Bool(*value),
            DeValue::Integer(number) => {
                let number = i64::from_str_radix(number.as_str(), number.radix()).ok();
                if number.is_none() {
                    self.problem(value.span(), "this whole number is beyond 64 bits");
                }
                Value::from(number?)
            }
            DeValue::Float(number) => {
                let number = number.as_str().parse::<f64>().ok().and_then(serde_json::Number::from_f64);
                if number.is_none() {
                    self.problem(value.span(), "JSON has no such number");
                }
                Value::Number(number?)
            }
            DeValue::Datetime(time) => Value::String(time.to_string()),
            DeValue::Array(list) => {
                let values: Vec<_> = list.iter().filter_map(|item| self.json(item)).collect();
                (values.len() == list.len()).then_some(Value::Array(values))?
            }
            DeValue::Table(_) => {
                let mut object = Map::new();
                for (key, value) in self.entries(value, "") {
                    object.insert(key.get_ref().to_string(), self.json(value)?);
                }
                Value::Object(object)
            }
        })
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
