//! [`Roots`]: reads everything that may refer to an object. What can't be read ends in an error: nothing is ever decided on half of it.

use std::collections::BTreeSet;

use aws_sdk_cloudformation::types::{ChangeSetStatus, ExecutionStatus, TemplateStage};
use aws_sdk_sagemaker::types::PipelineExecutionStatus;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use pipewright_assembly::Assembly;
use pipewright_deploy::Session;
use pipewright_deploy::error::{Error, Kind, Result};
use serde::Serialize;

use super::key::OwnKey;
use super::mention::{Mentions, hex};
use super::reach::Object;
use super::store::Store;

/// How many pipelines, stacks and texts are read at once. Their services allow few requests a second, for a whole account.
const AT_ONCE: usize = 4;

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Pipelines of the account and region.
    pub pipelines: usize,
    /// Versions of pipelines.
    pub versions: usize,
    /// Executions that are running or young.
    pub executions: usize,
    /// Templates of stacks.
    pub stacks: usize,
    /// Templates of change sets that may still be executed.
    pub change_sets: usize,
    /// Definitions and templates in the bucket that something refers to.
    pub documents: usize,
}

/// Where to look.
pub(crate) struct Roots<'a> {
    pub(crate) session: &'a Session,
    pub(crate) sagemaker: aws_sdk_sagemaker::Client,
    pub(crate) cloudformation: aws_sdk_cloudformation::Client,
    pub(crate) store: &'a Store,
    pub(crate) assembly: &'a Assembly,
    /// Executions that began before, and ended, count no more.
    pub(crate) young: Timestamp,
}

/// A text, and whose it is.
struct Text {
    who: String,
    text: String,
}

struct Pipeline {
    texts: Vec<Text>,
    versions: usize,
    executions: usize,
}

struct Stack {
    texts: Vec<Text>,
    change_sets: usize,
}

impl Roots<'_> {
    /// Reads everything, and notes what it mentions of the objects; texts are looked for among them.
    pub(crate) async fn read(&self, objects: &[Object]) -> Result<(Mentions, Counts)> {
        self.read_for(objects, &[]).await
    }

    /// The same, for objects some of which are gone, so that they can't be looked into.
    pub(crate) async fn read_for(&self, objects: &[Object], gone: &[Object]) -> Result<(Mentions, Counts)> {
        let keys = objects.iter().chain(gone).map(|object| object.key.as_str());
        let mut mentions = Mentions::new(&self.store.bucket, keys);
        let mut counts = Counts::default();
        self.read_assembly(&mut mentions)?;
        self.read_stacks(&mut mentions, &mut counts).await?;
        self.read_pipelines(&mut mentions, &mut counts).await?;
        self.read_documents(objects, &mut mentions, &mut counts).await?;
        Ok((mentions, counts))
    }

    fn read_assembly(&self, mentions: &mut Mentions) -> Result<()> {
        let damaged = |error: pipewright_assembly::Error| {
            Error::new(Kind::Assembly, error.to_string()).hint("run `cargo xtask synth` again")
        };
        for pipeline in self.assembly.pipelines() {
            let who = format!("pipeline {} of the assembly", pipeline.name);
            let definition = self.assembly.definition(pipeline).map_err(damaged)?;
            mentions.read(&who, &self.session.fill(&definition.to_string()));
            for asset in &pipeline.assets {
                mentions.keep(&asset.key, &who);
            }
        }
        for stack in self.assembly.stacks() {
            let who = format!("stack {} of the assembly", stack.name);
            let template = self.assembly.template(stack).map_err(damaged)?;
            mentions.read(&who, &template);
            mentions.read(&who, &self.session.fill(&template));
            for asset in self.assembly.stack_assets(stack).map_err(damaged)? {
                mentions.keep(&asset.key, &who);
            }
        }
        Ok(())
    }

    /// The templates of all stacks: who else deploys to the bucket is not written down anywhere.
    async fn read_stacks(&self, mentions: &mut Mentions, counts: &mut Counts) -> Result<()> {
        let mut stacks = Vec::new();
        let mut pages = self.cloudformation.describe_stacks().into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page
                .map_err(|error| Error::from_sdk("list the stacks (cloudformation:DescribeStacks)", error))?;
            for stack in page.stacks() {
                let name = stack.stack_name().unwrap_or_default().to_owned();
                let status =
                    stack.stack_status().map(|status| status.as_str().to_owned()).unwrap_or_default();
                stacks.push((name, status));
            }
        }
        stacks.sort();
        let mut found =
            stream::iter(stacks).map(|(name, status)| self.stack(name, status)).buffer_unordered(AT_ONCE);
        while let Some(stack) = found.try_next().await? {
            counts.stacks += 1;
            counts.change_sets += stack.change_sets;
            read_all(mentions, &stack.texts);
        }
        Ok(())
    }

    async fn stack(&self, name: String, status: String) -> Result<Stack> {
        let mut texts = Vec::new();
        // It was only ever planned: there is no template but that of its change set.
        if status != "REVIEW_IN_PROGRESS" {
            let text = self.template(&name, None).await?;
            let of_ours = self.assembly.stacks().iter().any(|stack| stack.name == name)
                || text.contains(&self.assembly.marker().target.source_bucket)
                || text.contains(&self.store.bucket);
            if of_ours && is_on_its_way(&status) {
                let message =
                    format!("stack {name} is {status}, and may go back to a template that can't be read");
                return Err(
                    Error::new(Kind::Busy, message).hint("repeat the command when it is done, or repaired")
                );
            }
            self.push(&mut texts, format!("stack {name}"), text);
        }
        let mut pending = Vec::new();
        let mut pages = self.cloudformation.list_change_sets().stack_name(&name).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| {
                Error::from_sdk(
                    &format!("list the change sets of stack {name} (cloudformation:ListChangeSets)"),
                    error,
                )
            })?;
            for set in page.summaries() {
                if may_be_executed(set.status(), set.execution_status()) {
                    let id = set.change_set_id().or(set.change_set_name()).unwrap_or_default();
                    pending.push(id.to_owned());
                }
            }
        }
        for id in &pending {
            let text = self.template(&name, Some(id)).await?;
            self.push(&mut texts, format!("a change set of stack {name}"), text);
        }
        Ok(Stack { texts, change_sets: pending.len() })
    }

    /// Adds a template, as it is and with account and region filled in: the first has its hash, the second names the bucket.
    fn push(&self, texts: &mut Vec<Text>, who: String, text: String) {
        let filled = self.session.fill(&text);
        if filled != text {
            texts.push(Text { who: who.clone(), text: filled });
        }
        texts.push(Text { who, text });
    }

    async fn template(&self, stack: &str, change_set: Option<&str>) -> Result<String> {
        let of = if change_set.is_some() { "a change set of " } else { "" };
        let what = format!("read the template of {of}stack {stack} (cloudformation:GetTemplate)");
        let answer = self
            .cloudformation
            .get_template()
            .stack_name(stack)
            .set_change_set_name(change_set.map(str::to_owned))
            .template_stage(TemplateStage::Original)
            .send()
            .await
            .map_err(|error| Error::from_sdk(&what, error))?;
        answer.template_body.ok_or_else(|| lacking(&what, "a template"))
    }

    async fn read_pipelines(&self, mentions: &mut Mentions, counts: &mut Counts) -> Result<()> {
        let mut names = BTreeSet::new();
        let mut pages = self.sagemaker.list_pipelines().into_paginator().send();
        while let Some(page) = pages.next().await {
            let what = "list the pipelines (sagemaker:ListPipelines)";
            let page = page.map_err(|error| Error::from_sdk(what, error))?;
            for pipeline in page.pipeline_summaries() {
                let name = pipeline.pipeline_name().ok_or_else(|| lacking(what, "a name"))?;
                names.insert(name.to_owned());
            }
        }
        let mut found = stream::iter(names).map(|name| self.pipeline(name)).buffer_unordered(AT_ONCE);
        while let Some(pipeline) = found.try_next().await? {
            counts.pipelines += 1;
            counts.versions += pipeline.versions;
            counts.executions += pipeline.executions;
            read_all(mentions, &pipeline.texts);
        }
        Ok(())
    }

    async fn pipeline(&self, name: String) -> Result<Pipeline> {
        // A text read twice says nothing new, and executions share theirs.
        let (mut texts, mut seen) = (Vec::new(), BTreeSet::new());
        let mut push = |text: Text| {
            if seen.insert(hex(&text.text)) {
                texts.push(text);
            }
        };
        push(self.definition(&name, None).await?);
        let mut pages = self.sagemaker.list_pipeline_versions().pipeline_name(&name).into_paginator().send();
        let mut versions = Vec::new();
        while let Some(page) = pages.next().await {
            let what = format!("list the versions of pipeline {name} (sagemaker:ListPipelineVersions)");
            let page = page.map_err(|error| Error::from_sdk(&what, error))?;
            for version in page.pipeline_version_summaries() {
                versions.push(version.pipeline_version_id().ok_or_else(|| lacking(&what, "an id"))?);
            }
        }
        for version in &versions {
            push(self.definition(&name, Some(*version)).await?);
        }
        let executions = self.executions(&name).await?;
        for arn in &executions {
            self.execution(&name, arn).await?.into_iter().for_each(&mut push);
        }
        Ok(Pipeline { texts, versions: versions.len(), executions: executions.len() })
    }

    async fn definition(&self, name: &str, version: Option<i64>) -> Result<Text> {
        let who = version.map_or_else(
            || format!("pipeline {name}"),
            |version| format!("version {version} of pipeline {name}"),
        );
        let what = format!("read {who} (sagemaker:DescribePipeline)");
        let request = self.sagemaker.describe_pipeline().pipeline_name(name).set_pipeline_version_id(version);
        let answer = request.send().await.map_err(|error| Error::from_sdk(&what, error))?;
        let text = answer.pipeline_definition.ok_or_else(|| lacking(&what, "a definition"))?;
        Ok(Text { who, text })
    }

    /// The ARNs of the executions that are running or young.
    async fn executions(&self, name: &str) -> Result<Vec<String>> {
        let mut arns = Vec::new();
        let mut pages = self.sagemaker.list_pipeline_executions().pipeline_name(name).into_paginator().send();
        while let Some(page) = pages.next().await {
            let what = format!("list the executions of pipeline {name} (sagemaker:ListPipelineExecutions)");
            let page = page.map_err(|error| Error::from_sdk(&what, error))?;
            for execution in page.pipeline_execution_summaries() {
                let ended = matches!(
                    execution.pipeline_execution_status(),
                    Some(
                        PipelineExecutionStatus::Succeeded
                            | PipelineExecutionStatus::Failed
                            | PipelineExecutionStatus::Stopped
                    )
                );
                let is_old = execution.start_time().is_some_and(|time| time.secs() < self.young.as_second());
                if !(ended && is_old) {
                    let arn = execution.pipeline_execution_arn().ok_or_else(|| lacking(&what, "an ARN"))?;
                    arns.push(arn.to_owned());
                }
            }
        }
        Ok(arns)
    }

    /// The definition that an execution runs, and the parameters it was given: one may name code, too.
    async fn execution(&self, pipeline: &str, arn: &str) -> Result<Vec<Text>> {
        let id = arn.rsplit('/').next().unwrap_or(arn);
        let who = format!("execution {id} of pipeline {pipeline}");
        let what = format!("read the definition of {who} (sagemaker:DescribePipelineDefinitionForExecution)");
        let request = self.sagemaker.describe_pipeline_definition_for_execution().pipeline_execution_arn(arn);
        let answer = request.send().await.map_err(|error| Error::from_sdk(&what, error))?;
        let text = answer.pipeline_definition.ok_or_else(|| lacking(&what, "a definition"))?;
        let mut texts = vec![Text { who: who.clone(), text }];
        let request = self.sagemaker.list_pipeline_parameters_for_execution().pipeline_execution_arn(arn);
        let mut pages = request.into_paginator().send();
        while let Some(page) = pages.next().await {
            let what = format!("read the parameters of {who} (sagemaker:ListPipelineParametersForExecution)");
            let page = page.map_err(|error| Error::from_sdk(&what, error))?;
            texts.extend(page.pipeline_parameters().iter().map(|parameter| Text {
                who: who.clone(),
                text: parameter.value().unwrap_or_default().to_owned(),
            }));
        }
        Ok(texts)
    }

    /// Definitions and templates in the bucket refer to objects as long as something refers to them.
    async fn read_documents(
        &self,
        objects: &[Object],
        mentions: &mut Mentions,
        counts: &mut Counts,
    ) -> Result<()> {
        let mut seen = BTreeSet::new();
        loop {
            let unread: Vec<&Object> = objects
                .iter()
                .filter(|object| OwnKey::parse(&object.key).is_some_and(OwnKey::is_document))
                .filter(|object| mentions.who(&object.key).is_some() && !seen.contains(&object.key))
                .collect();
            if unread.is_empty() {
                return Ok(());
            }
            seen.extend(unread.iter().map(|object| object.key.clone()));
            let mut texts = stream::iter(unread)
                .map(|object| async {
                    let text = self.store.text(&object.key, object.bytes).await?;
                    Ok::<_, Error>(Text { who: object.key.clone(), text: self.session.fill(&text) })
                })
                .buffer_unordered(AT_ONCE);
            while let Some(text) = texts.try_next().await? {
                counts.documents += 1;
                mentions.read(&text.who, &text.text);
            }
        }
    }
}

fn read_all(mentions: &mut Mentions, texts: &[Text]) {
    for Text { who, text } in texts {
        mentions.read(who, text);
    }
}

fn lacking(what: &str, lacks: &str) -> Error {
    Error::new(Kind::Service { code: None }, format!("can't {what}: the answer lacks {lacks}"))
}

/// Whether a stack may yet go back to what it was before.
fn is_on_its_way(status: &str) -> bool {
    !matches!(
        status,
        "CREATE_COMPLETE"
            | "UPDATE_COMPLETE"
            | "UPDATE_ROLLBACK_COMPLETE"
            | "ROLLBACK_COMPLETE"
            | "IMPORT_COMPLETE"
            | "IMPORT_ROLLBACK_COMPLETE"
            | "DELETE_COMPLETE"
    )
}

/// Whether a change set may be executed, now or when it is complete.
fn may_be_executed(status: Option<&ChangeSetStatus>, execution: Option<&ExecutionStatus>) -> bool {
    let gone = matches!(
        status,
        Some(
            ChangeSetStatus::Failed
                | ChangeSetStatus::DeleteComplete
                | ChangeSetStatus::DeleteInProgress
                | ChangeSetStatus::DeletePending
        )
    );
    let executed = matches!(
        execution,
        Some(ExecutionStatus::ExecuteComplete | ExecutionStatus::ExecuteFailed | ExecutionStatus::Obsolete)
    );
    !gone && !executed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_that_may_go_back() {
        for status in ["CREATE_IN_PROGRESS", "UPDATE_FAILED", "UPDATE_ROLLBACK_FAILED", "SOMETHING_NEW", ""] {
            assert!(is_on_its_way(status), "{status}");
        }
        for status in ["CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "ROLLBACK_COMPLETE"] {
            assert!(!is_on_its_way(status), "{status}");
        }
    }

    #[test]
    fn change_sets_that_may_be_executed() {
        use ChangeSetStatus as Is;
        use ExecutionStatus as Run;
        for (status, execution, expected) in [
            (Some(Is::CreateComplete), Some(Run::Available), true),
            (Some(Is::CreateInProgress), Some(Run::Unavailable), true),
            (Some(Is::CreateComplete), Some(Run::ExecuteInProgress), true),
            (None, None, true),
            (Some(Is::Failed), Some(Run::Unavailable), false),
            (Some(Is::CreateComplete), Some(Run::ExecuteComplete), false),
            (Some(Is::CreateComplete), Some(Run::Obsolete), false),
            (Some(Is::DeletePending), None, false),
        ] {
            assert_eq!(may_be_executed(status.as_ref(), execution.as_ref()), expected, "{status:?}");
        }
    }
}
