//! Steps that a service would only write down: models, endpoints, lineage; and the step that deletes what others made.
//!
//! A record is the shape of the service's `Describe…` response, one JSON file for each name below `target/local`: `models/`,
//! `endpoint-configs/`, `endpoints/`, `inference-components/`, `lineage/`. Nothing is served from them but models, to transform
//! jobs. Two records of one name are one record: the later one, as a run that is resumed writes again what it wrote.

use std::fs;
use std::io;
use std::path::PathBuf;

use jiff::Timestamp;
use pipewright_interpreter::{Control, Failure, Job, Outcome, S3Uri, Success};
use serde_json::{Map, Value, json};

use crate::aside;
use crate::escape::path_of_name;
use crate::registry::{Registrar, Registry};
use crate::site::Site;

mod cleanup;

#[cfg(test)]
mod tests;

pub use cleanup::cleanup;

/// The description of a model that was made on this machine.
///
/// # Errors
/// Where its record can't be read.
pub fn model(site: &Site, name: &str) -> Result<Option<Value>, String> {
    read(&path(site, "models", name))
}

/// The description of a model package in this machine's registry, by its ARN.
pub fn package(site: &Site, arn: &str) -> Option<Value> {
    Registry::new(&site.root).describe(arn).ok().map(|package| package.description)
}

/// A Model step: writes the model's record. Properties are the shape of `DescribeModelOutput`.
pub fn create_model(site: &Site, job: &Job, control: &Control<'_>) -> Outcome {
    let mut record = Record::new(job, "Model");
    if !["PrimaryContainer", "Containers"].iter().any(|name| record.has(name)) {
        return failed("PrimaryContainer or Containers is missing".to_owned());
    }
    record.default("EnableNetworkIsolation", json!(false));
    for container in record.containers() {
        // A model whose files are not there is found out here, not by the step that serves it.
        let Some(place) = container.get("ModelDataUrl").and_then(Value::as_str) else { continue };
        match S3Uri::parse(place).map(|object| (site.store.list(&object), object)) {
            Some((Ok(objects), object)) if !objects.iter().any(|found| found.key == object.key) => {
                control.line(&format!("{place} does not exist: {}", site.store.address(&object)));
                return failed(format!("ModelDataUrl: could not find model data at {place}"));
            }
            Some((Err(error), _)) => return failed(format!("ModelDataUrl: {error}")),
            Some(_) => {}
            None => {
                return failed(format!("ModelDataUrl: `{place}` is no place in S3; give s3://BUCKET/KEY"));
            }
        }
    }
    record.keep(site, "models")
}

/// A `RegisterModel` step: the next version in its group of this machine's registry. Properties are the shape of
/// `DescribeModelPackageOutput`.
pub fn register(site: &Site, job: &Job, control: &Control<'_>) -> Outcome {
    let members = job.arguments.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    let mut request: Map<_, _> = members.map(|(name, value)| (name.clone(), value.clone())).collect();
    if !["ModelPackageGroupName", "ModelPackageName"].iter().any(|name| request.contains_key(*name)) {
        request.insert("ModelPackageName".to_owned(), json!(job.name));
    }
    let start = &job.start;
    let by = Registrar {
        account: start.account.clone(),
        region: start.region.clone(),
        pipeline: start.pipeline.clone(),
        run: start.execution_id.clone(),
        step: job.step.clone(),
    };
    match Registry::new(&site.root).register(&Value::Object(request), &by) {
        Ok(package) => {
            control.line(&format!("registered: {}", package.arn));
            Outcome::Succeeded(Success { properties: package.description, metadata: None })
        }
        Err(error) => failed(error.to_string()),
    }
}

/// An `EndpointConfig` step.
pub fn create_endpoint_config(site: &Site, job: &Job, control: &Control<'_>) -> Outcome {
    let record = Record::new(job, "EndpointConfig");
    let variants = record.value.get("ProductionVariants").and_then(Value::as_array);
    for variant in variants.into_iter().flatten() {
        let Some(name) = variant.get("ModelName").and_then(Value::as_str) else { continue };
        if matches!(model(site, name), Ok(None)) {
            control.line(&format!("model {name:?} is not on this machine"));
        }
    }
    record.keep(site, "endpoint-configs")
}

/// An Endpoint step, which creates or updates. Nothing is served: the record says that it is in service.
pub fn create_endpoint(site: &Site, job: &Job, control: &Control<'_>) -> Outcome {
    let mut record = Record::new(job, "Endpoint");
    let config = record.text("EndpointConfigName").unwrap_or_default();
    let configured = match read(&path(site, "endpoint-configs", &config)) {
        Ok(configured) => configured,
        Err(error) => return failed(error),
    };
    if configured.is_none() {
        control.line(&format!("endpoint configuration {config:?} is not on this machine"));
    }
    let variants =
        configured.as_ref().and_then(|config| config.get("ProductionVariants")).and_then(Value::as_array);
    let variants: Vec<_> = variants.into_iter().flatten().map(variant).collect();
    if !variants.is_empty() {
        record.default("ProductionVariants", Value::Array(variants));
    }
    record.default("EndpointStatus", json!("InService"));
    record.default("LastModifiedTime", time());
    control.line("written down, not served: there are no endpoints on this machine");
    record.keep(site, "endpoints")
}

/// An `InferenceComponent` step, which creates or updates. Nothing is served.
pub fn create_inference_component(site: &Site, job: &Job, control: &Control<'_>) -> Outcome {
    let mut record = Record::new(job, "InferenceComponent");
    if let Some(endpoint) = record.text("EndpointName") {
        record.default("EndpointArn", json!(arn(job, "endpoint", &endpoint)));
    }
    let copies = record.value.get("RuntimeConfig").and_then(|config| config.get("CopyCount")).cloned();
    if let Some(copies) = copies {
        let runtime = json!({"DesiredCopyCount": copies, "CurrentCopyCount": copies});
        record.value.insert("RuntimeConfig".to_owned(), runtime);
    }
    record.default("InferenceComponentStatus", json!("InService"));
    record.default("LastModifiedTime", time());
    control.line("written down, not served: there are no endpoints on this machine");
    record.keep(site, "inference-components")
}

/// What an endpoint says of a variant of its configuration.
fn variant(configured: &Value) -> Value {
    let mut variant = Map::new();
    for (from, to) in [
        ("VariantName", &["VariantName"][..]),
        ("InitialVariantWeight", &["CurrentWeight", "DesiredWeight"]),
        ("InitialInstanceCount", &["CurrentInstanceCount", "DesiredInstanceCount"]),
        ("ManagedInstanceScaling", &["ManagedInstanceScaling"]),
        ("RoutingConfig", &["RoutingConfig"]),
    ] {
        if let Some(value) = configured.get(from).filter(|value| !value.is_null()) {
            variant.extend(to.iter().map(|name| ((*name).to_owned(), value.clone())));
        }
    }
    Value::Object(variant)
}

/// A Lineage step: writes down actions, artifacts, contexts and associations. Properties are their ARNs, by name.
pub fn lineage(site: &Site, job: &Job) -> Outcome {
    let mut properties = Map::new();
    let mut record = job.arguments.clone();
    for (list, name, resource, arns) in [
        ("Actions", "ActionName", "action", "ActionArns"),
        ("Artifacts", "ArtifactName", "artifact", "ArtifactArns"),
        ("Contexts", "ContextName", "context", "ContextArns"),
    ] {
        let mut named = Map::new();
        for (index, entity) in
            record.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten().enumerate()
        {
            let Some(called) = entity.get(name).and_then(Value::as_str).map(str::to_owned) else {
                return failed(format!("{list}[{index}].{name} is missing"));
            };
            // An artifact's ARN has a hash where the others have their name.
            let id =
                if resource == "artifact" { hash(&format!("{}/{called}", job.name)) } else { called.clone() };
            let arn = arn(job, resource, &id);
            entity[format!("{}Arn", name.trim_end_matches("Name"))] = json!(arn);
            if named.insert(called.clone(), json!(arn)).is_some() {
                return failed(format!("{list}[{index}].{name}: `{called}` is there twice"));
            }
        }
        if !named.is_empty() {
            properties.insert(arns.to_owned(), Value::Object(named));
        }
    }
    for (index, association) in
        record.get("Associations").and_then(Value::as_array).into_iter().flatten().enumerate()
    {
        for end in ["Source", "Destination"] {
            let Some(name) = association.pointer(&format!("/{end}/Name")).and_then(Value::as_str) else {
                continue;
            };
            let known = properties.values().any(|arns| arns.get(name).is_some());
            if !known {
                return failed(format!("Associations[{index}].{end}: there is no `{name}` in this step"));
            }
        }
    }
    match aside::replace_json(&path(site, "lineage", &job.name), &record) {
        Ok(()) => Outcome::Succeeded(Success { properties: Value::Object(properties), metadata: None }),
        Err(error) => failed(format!("writing the record of {:?}: {error}", job.name)),
    }
}

/// A description that is being made.
struct Record {
    kind: &'static str,
    name: String,
    value: Map<String, Value>,
}

impl Record {
    /// Begins with what was asked for. `kind` is what the API calls it, such as `Model` in `ModelName` and `ModelArn`.
    fn new(job: &Job, kind: &'static str) -> Self {
        let members = job.arguments.as_object().into_iter().flatten();
        let mut value: Map<_, _> = members
            .filter(|(name, value)| !value.is_null() && name.as_str() != "Tags")
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let given = value.get(&format!("{kind}Name")).and_then(Value::as_str).filter(|name| !name.is_empty());
        let name = given.map_or_else(|| job.name.clone(), str::to_owned);
        let resource = match kind {
            "EndpointConfig" => "endpoint-config",
            "Endpoint" => "endpoint",
            "InferenceComponent" => "inference-component",
            _ => "model",
        };
        value.insert(format!("{kind}Name"), json!(name));
        value.insert(format!("{kind}Arn"), json!(arn(job, resource, &name)));
        value.insert("CreationTime".to_owned(), time());
        Self { kind, name, value }
    }

    fn has(&self, name: &str) -> bool {
        self.value.contains_key(name)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.value.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    fn default(&mut self, name: &str, value: Value) {
        self.value.entry(name).or_insert(value);
    }

    fn containers(&self) -> Vec<Value> {
        let several = self.value.get("Containers").and_then(Value::as_array).cloned().unwrap_or_default();
        self.value.get("PrimaryContainer").cloned().into_iter().chain(several).collect()
    }

    fn keep(self, site: &Site, folder: &str) -> Outcome {
        match aside::replace_json(&path(site, folder, &self.name), &self.value) {
            Ok(()) => Outcome::Succeeded(Success { properties: Value::Object(self.value), metadata: None }),
            Err(error) => failed(format!("writing the record of {} {:?}: {error}", self.kind, self.name)),
        }
    }
}

fn failed(reason: String) -> Outcome {
    Outcome::Failed(Failure::new(reason))
}

fn time() -> Value {
    json!(Timestamp::now().to_string())
}

/// The ARN of something in the account and region of the job.
fn arn(job: &Job, resource: &str, name: &str) -> String {
    let partition = match job.start.region.as_str() {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    let (region, account) = (&job.start.region, &job.start.account);
    format!("arn:{partition}:sagemaker:{region}:{account}:{resource}/{}", name.to_ascii_lowercase())
}

/// 32 hexadecimal digits that follow from the text.
fn hash(text: &str) -> String {
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    for byte in text.bytes() {
        hash = (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
    }
    format!("{hash:032x}")
}

fn path(site: &Site, folder: &str, name: &str) -> PathBuf {
    let mut path = site.root.join(folder).join(path_of_name(name)).into_os_string();
    path.push(".json");
    path.into()
}

fn read(path: &std::path::Path) -> Result<Option<Value>, String> {
    match fs::read(path) {
        Ok(text) => {
            serde_json::from_slice(&text).map(Some).map_err(|error| format!("{}: {error}", path.display()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}
