//! `diff`: the templates of an assembly against those that are deployed.

use std::collections::BTreeMap;
use std::fs;

use pipewright_assembly::Assembly;
use pipewright_diff::{Difference, Lookups, compare};
use serde_json::Value;

use crate::error::{Error, Kind, Result};
use crate::session::Session;
use crate::stack;

/// The longest definition that is fetched, in bytes: SageMaker takes 1,048,576 characters, of up to four bytes.
const LONGEST: i64 = 4 << 20;

/// What differs between the deployed stacks and those of the assembly; all stacks when none is named. Definitions that are in
/// S3 are fetched, so that they are compared step by step as well.
///
/// Two requests for each stack, and one for each definition in S3 that the assembly does not hold.
///
/// # Errors
/// [`Kind::Usage`] for a name that no stack of the assembly has, [`Kind::Assembly`], and what the services say.
pub async fn diff(
    session: &Session,
    assembly: &Assembly,
    names: &[String],
) -> Result<Vec<(String, Difference)>> {
    let known = || assembly.stacks().iter().map(|stack| stack.name.as_str()).collect::<Vec<_>>().join(", ");
    if let Some(unknown) =
        names.iter().find(|name| assembly.stacks().iter().all(|stack| stack.name != **name))
    {
        return Err(Error::new(Kind::Usage, format!("the assembly has no stack {unknown:?}"))
            .hint(format!("there are: {}", known())));
    }
    let client = session.cloudformation();
    let mut differences = Vec::new();
    for record in assembly.stacks().iter().filter(|stack| names.is_empty() || names.contains(&stack.name)) {
        let wanted = assembly
            .template(record)
            .map_err(|error| Error::new(Kind::Assembly, error.to_string()))
            .and_then(|text| parsed(&text, &record.name))?;
        let deployed = match stack::observe(&client, &record.name).await? {
            // A stack that only has change sets has no template.
            Some(state) if state.status != "REVIEW_IN_PROGRESS" => {
                Some(parsed(&stack::template(&client, &record.name).await?, &record.name)?)
            }
            _ => None,
        };
        let mut stored = held(assembly);
        for location in deployed.iter().flat_map(locations) {
            fetch(session, assembly, location, &mut stored).await;
        }
        let text = |location: &Value| stored.get(key(location)?).cloned();
        let lookups = Lookups { stored: &text, ..Lookups::default() };
        differences.push((record.name.clone(), compare(deployed.as_ref(), Some(&wanted), &lookups)));
    }
    Ok(differences)
}

fn parsed(text: &str, stack: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| {
        Error::new(Kind::Stack, format!("the template of stack {stack} is not JSON: {error}"))
            .hint("it was not deployed by this tool: compare it by hand, or deploy over it")
    })
}

/// The definitions that the assembly keeps for S3, by key.
fn held(assembly: &Assembly) -> BTreeMap<String, String> {
    assembly
        .pipelines()
        .iter()
        .flat_map(|pipeline| &pipeline.assets)
        .filter(|asset| asset.key.starts_with("definitions/"))
        // One that can't be read is compared by its key: the deployment will say what is wrong with it.
        .filter_map(|asset| Some((asset.key.clone(), fs::read_to_string(assembly.asset(asset).ok()?).ok()?)))
        .collect()
}

/// Where a template says that definitions are.
fn locations(template: &Value) -> Vec<&Value> {
    let resources = template.get("Resources").and_then(Value::as_object);
    resources
        .into_iter()
        .flat_map(|resources| resources.values())
        .filter_map(|resource| {
            resource.pointer("/Properties/PipelineDefinition/PipelineDefinitionS3Location")
        })
        .collect()
}

fn key(location: &Value) -> Option<&str> {
    location.get("Key")?.as_str()
}

/// Gets a definition that is not held yet; one that can't be had is compared by its key.
async fn fetch(
    session: &Session,
    assembly: &Assembly,
    location: &Value,
    stored: &mut BTreeMap<String, String>,
) {
    let Some(key) = key(location).filter(|key| !stored.contains_key(*key)) else { return };
    let bucket = match location.get("Bucket").and_then(Value::as_str) {
        Some(bucket) => bucket.to_owned(),
        None => session.fill(&assembly.marker().target.source_bucket),
    };
    let request =
        session.s3().get_object().bucket(bucket).key(key).expected_bucket_owner(&session.account).send();
    let Ok(answer) = request.await else { return };
    if answer.content_length().is_none_or(|length| length > LONGEST) {
        return;
    }
    if let Ok(bytes) = answer.body.collect().await
        && let Ok(text) = String::from_utf8(bytes.to_vec())
    {
        stored.insert(key.to_owned(), text);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn locations_are_found_where_pipelines_have_them() {
        let location = json!({"Bucket": "b", "Key": "definitions/a/1.json"});
        let template = json!({"Resources": {
            "A": {"Type": "AWS::SageMaker::Pipeline", "Properties": {
                "PipelineDefinition": {"PipelineDefinitionS3Location": location}}},
            "B": {"Type": "AWS::SageMaker::Pipeline", "Properties": {
                "PipelineDefinition": {"PipelineDefinitionBody": "{}"}}},
            "C": 3,
        }});
        assert_eq!(locations(&template), [&location]);
        assert_eq!(key(&location), Some("definitions/a/1.json"));
        for odd in [json!(null), json!([]), json!({"Resources": []}), json!({"Resources": {"A": null}})] {
            assert!(locations(&odd).is_empty());
        }
        assert_eq!(key(&json!({"Key": {"Ref": "x"}})), None);
    }
}
