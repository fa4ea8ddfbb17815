//! The API's actions over the preset data.

use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::data::{Domain, Execution, Pipeline, Version, World, seconds};

/// An answer, or an error's code and message.
type Answer = Result<Value, (&'static str, String)>;

#[allow(clippy::too_many_lines, reason = "one arm for each action")]
pub(super) fn dispatch(world: &mut World, action: &str, params: &Value) -> Answer {
    let permission = format!("sagemaker:{action}");
    if world.denied.contains(&permission) {
        let account = &world.account;
        return Err((
            "AccessDeniedException",
            format!(
                "User: arn:aws:iam::{account}:user/deployer is not authorized to perform: {permission} on resource: * \
                 because no identity-based policy allows the {permission} action"
            ),
        ));
    }
    if let Some(left) = world.throttled.get_mut(action)
        && *left > 0
    {
        *left -= 1;
        return Err(("ThrottlingException", "Rate exceeded".to_owned()));
    }
    match action {
        "ListPipelines" => {
            let prefix = params["PipelineNamePrefix"].as_str().unwrap_or_default();
            let pipelines = world.pipelines.iter().filter(|one| one.name.starts_with(prefix));
            let all = pipelines.map(|one| summary(world, one)).collect();
            page(world, params, "PipelineSummaries", all)
        }
        "DescribePipeline" => describe_pipeline(world, params),
        "CreatePipeline" => create_pipeline(world, params),
        "UpdatePipeline" => update_pipeline(world, params),
        "ListPipelineVersions" => {
            let pipeline = find(world, params)?;
            let last = pipeline.versions.len();
            let versions = pipeline.versions.iter().enumerate().rev();
            let all = versions.map(|(index, version)| {
                json!({
                    "PipelineArn": arn(world, &pipeline.name), "PipelineVersionId": index + 1,
                    "CreationTime": seconds(version.created),
                    "PipelineVersionDisplayName": format!("version {} of {last}", index + 1),
                })
            });
            page(world, params, "PipelineVersionSummaries", all.collect())
        }
        "ListPipelineExecutions" => {
            let pipeline = find(world, params)?;
            let after = params["CreatedAfter"].as_f64();
            let mut executions: Vec<_> = pipeline.executions.iter().collect();
            executions.retain(|one| after.is_none_or(|after| seconds(one.started) >= after));
            executions.sort_by_key(|one| std::cmp::Reverse(one.started));
            let all = executions.into_iter().map(|one| {
                json!({
                    "PipelineExecutionArn": execution_arn(world, &pipeline.name, one),
                    "StartTime": seconds(one.started), "PipelineExecutionStatus": one.status,
                })
            });
            page(world, params, "PipelineExecutionSummaries", all.collect())
        }
        "DescribePipelineExecution" => {
            let (pipeline, execution) = execution(world, params)?;
            Ok(json!({
                "PipelineArn": arn(world, &pipeline.name),
                "PipelineExecutionArn": execution_arn(world, &pipeline.name, execution),
                "PipelineExecutionStatus": execution.status, "CreationTime": seconds(execution.started),
                "LastModifiedTime": seconds(execution.started), "PipelineVersionId": execution.version,
            }))
        }
        "DescribePipelineDefinitionForExecution" => {
            let (_, execution) = execution(world, params)?;
            let created = seconds(execution.started);
            Ok(json!({ "PipelineDefinition": execution.definition, "CreationTime": created }))
        }
        "StartPipelineExecution" => start(world, params),
        "ListTags" => list_tags(world, params),
        "ListDomains" => {
            let all = world.domains.iter().map(|one| domain(world, one)).collect();
            page(world, params, "Domains", all)
        }
        "DescribeDomain" => {
            let id = params["DomainId"].as_str().unwrap_or_default();
            let missing = || ("ResourceNotFound", format!("Domain [{id}] does not exist."));
            let one = world.domains.iter().find(|one| one.id == id).ok_or_else(missing)?;
            let mut about = domain(world, one);
            about["HomeEfsFileSystemId"] = json!(one.file_system);
            about["VpcId"] = json!(one.vpc);
            Ok(about)
        }
        "ListApps" => {
            let all = domains(world, params, "DomainIdEquals").flat_map(|domain| {
                domain.apps.iter().map(|app| {
                    let mut about = json!({
                        "DomainId": domain.id, "AppName": app.name, "AppType": app.kind, "Status": app.status,
                    });
                    if let Some(user) = &app.user_profile {
                        about["UserProfileName"] = json!(user);
                    }
                    if let Some(space) = &app.space {
                        about["SpaceName"] = json!(space);
                    }
                    about
                })
            });
            page(world, params, "Apps", all.collect())
        }
        "ListSpaces" => {
            let all = domains(world, params, "DomainIdEquals").flat_map(|domain| {
                domain.spaces.iter().map(
                    |space| json!({ "DomainId": domain.id, "SpaceName": space.name, "Status": space.status }),
                )
            });
            page(world, params, "Spaces", all.collect())
        }
        "ListUserProfiles" => {
            let all = domains(world, params, "DomainIdEquals").flat_map(|domain| {
                domain.user_profiles.iter().map(
                    |name| json!({ "DomainId": domain.id, "UserProfileName": name, "Status": "InService" }),
                )
            });
            page(world, params, "UserProfiles", all.collect())
        }
        other => Err(("UnknownOperationException", format!("no operation {other}"))),
    }
}

/// One page, by `MaxResults` and `NextToken`.
fn page(world: &World, params: &Value, name: &str, all: Vec<Value>) -> Answer {
    let wanted = params["MaxResults"].as_u64().and_then(|count| usize::try_from(count).ok());
    let size = wanted.unwrap_or(world.page).min(world.page);
    let start: usize = match params["NextToken"].as_str() {
        None => 0,
        Some(token) => token
            .strip_prefix("page-")
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| ("ValidationException", "invalid NextToken".to_owned()))?,
    };
    let more = start + size < all.len();
    let mut answer = Map::new();
    answer.insert(name.to_owned(), all.into_iter().skip(start).take(size).collect());
    if more {
        answer.insert("NextToken".to_owned(), json!(format!("page-{}", start + size)));
    }
    Ok(Value::Object(answer))
}

fn arn(world: &World, name: &str) -> String {
    format!("arn:aws:sagemaker:{}:{}:pipeline/{}", world.region, world.account, name.to_lowercase())
}

fn execution_arn(world: &World, name: &str, execution: &Execution) -> String {
    format!("{}/execution/{}", arn(world, name), execution.id)
}

/// The pipeline that a request names, by name or ARN.
fn position(world: &World, params: &Value) -> Result<usize, (&'static str, String)> {
    let name = params["PipelineName"].as_str().unwrap_or_default();
    let found = world.pipelines.iter().position(|one| one.name == name || arn(world, &one.name) == name);
    found.ok_or_else(|| ("ResourceNotFound", format!("Pipeline '{name}' does not exist.")))
}

fn find<'a>(world: &'a World, params: &Value) -> Result<&'a Pipeline, (&'static str, String)> {
    position(world, params).map(|position| &world.pipelines[position])
}

fn execution<'a>(
    world: &'a World,
    params: &Value,
) -> Result<(&'a Pipeline, &'a Execution), (&'static str, String)> {
    let wanted = params["PipelineExecutionArn"].as_str().unwrap_or_default();
    let all = world
        .pipelines
        .iter()
        .flat_map(|pipeline| pipeline.executions.iter().map(move |execution| (pipeline, execution)));
    let mut all =
        all.filter(|(pipeline, execution)| execution_arn(world, &pipeline.name, execution) == wanted);
    all.next().ok_or_else(|| ("ResourceNotFound", format!("Pipeline execution '{wanted}' does not exist.")))
}

fn summary(world: &World, pipeline: &Pipeline) -> Value {
    let mut about = json!({
        "PipelineArn": arn(world, &pipeline.name), "PipelineName": pipeline.name, "RoleArn": pipeline.role,
        "CreationTime": pipeline.versions.first().map(|version| seconds(version.created)),
        "LastModifiedTime": seconds(pipeline.modified),
    });
    if let Some(name) = &pipeline.display_name {
        about["PipelineDisplayName"] = json!(name);
    }
    if let Some(last) = pipeline.executions.iter().map(|one| one.started).max() {
        about["LastExecutionTime"] = json!(seconds(last));
    }
    about
}

fn describe_pipeline(world: &World, params: &Value) -> Answer {
    let pipeline = find(world, params)?;
    let last = pipeline.versions.len();
    let number = params["PipelineVersionId"].as_u64().and_then(|number| usize::try_from(number).ok());
    let number = number.unwrap_or(last);
    let missing = || ("ResourceNotFound", format!("Pipeline version {number} does not exist."));
    let version = pipeline.versions.get(number.wrapping_sub(1)).ok_or_else(missing)?;
    let mut about = summary(world, pipeline);
    about["PipelineDefinition"] = json!(version.definition);
    about["PipelineStatus"] = json!("Active");
    Ok(about)
}

fn create_pipeline(world: &mut World, params: &Value) -> Answer {
    let name = params["PipelineName"].as_str().unwrap_or_default().to_owned();
    if position(world, params).is_ok() {
        return Err(("ConflictException", format!("Pipeline '{name}' already exists.")));
    }
    let mut pipeline = Pipeline::new(&name, params["PipelineDefinition"].as_str().unwrap_or_default());
    if let Some(role) = params["RoleArn"].as_str() {
        role.clone_into(&mut pipeline.role);
    }
    pipeline.display_name = params["PipelineDisplayName"].as_str().map(str::to_owned);
    world.pipelines.push(pipeline);
    Ok(json!({ "PipelineArn": arn(world, &name) }))
}

fn update_pipeline(world: &mut World, params: &Value) -> Answer {
    let position = position(world, params)?;
    let pipeline = &mut world.pipelines[position];
    if let Some(definition) = params["PipelineDefinition"].as_str() {
        if serde_json::from_str::<Value>(definition).is_err() {
            let text = "Unable to parse pipeline definition. Invalid JSON string in PipelineDefinition.";
            return Err(("ValidationException", text.to_owned()));
        }
        pipeline.versions.push(Version { definition: definition.to_owned(), created: SystemTime::now() });
    }
    if let Some(role) = params["RoleArn"].as_str() {
        role.clone_into(&mut pipeline.role);
    }
    if let Some(name) = params["PipelineDisplayName"].as_str() {
        pipeline.display_name = Some(name.to_owned());
    }
    pipeline.modified = SystemTime::now();
    let (name, version) = (pipeline.name.clone(), pipeline.versions.len());
    Ok(json!({ "PipelineArn": arn(world, &name), "PipelineVersionId": version }))
}

fn start(world: &mut World, params: &Value) -> Answer {
    let position = position(world, params)?;
    let pipeline = &mut world.pipelines[position];
    let execution = Execution {
        id: format!("{:012x}", pipeline.executions.len() + 1),
        status: "Executing".to_owned(),
        definition: pipeline.definition().to_owned(),
        version: pipeline.versions.len(),
        started: SystemTime::now(),
    };
    pipeline.executions.push(execution.clone());
    let name = pipeline.name.clone();
    Ok(json!({ "PipelineExecutionArn": execution_arn(world, &name, &execution) }))
}

fn list_tags(world: &World, params: &Value) -> Answer {
    let wanted = params["ResourceArn"].as_str().unwrap_or_default();
    let found = world.pipelines.iter().find(|pipeline| arn(world, &pipeline.name) == wanted);
    let missing = || ("ValidationException", format!("Resource {wanted} does not exist."));
    let tags = found.ok_or_else(missing)?.tags.iter();
    let all = tags.map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    page(world, params, "Tags", all)
}

fn domain(world: &World, domain: &Domain) -> Value {
    let (region, account) = (&world.region, &world.account);
    json!({
        "DomainArn": format!("arn:aws:sagemaker:{region}:{account}:domain/{}", domain.id),
        "DomainId": domain.id, "DomainName": domain.name, "Status": "InService",
        "Url": format!("https://{}.studio.{region}.sagemaker.aws", domain.id),
    })
}

fn domains<'a>(world: &'a World, params: &Value, filter: &str) -> impl Iterator<Item = &'a Domain> {
    let wanted = params[filter].as_str().map(str::to_owned);
    world.domains.iter().filter(move |domain| wanted.as_ref().is_none_or(|id| *id == domain.id))
}
