//! The command `deploy`: every stack in its order, from its assets to its outputs.
//!
//! Nothing is kept on this side. Killed at any moment and run again, it reaches what was asked for: assets that are there are
//! not sent again, a change set that is there is found by its name, an operation under way is waited for, and a stack that is
//! as wanted is left alone. It ends with success only when CloudFormation said so of every stack.

mod report;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use pipewright_assembly::{Assembly, StackRecord};

use crate::approve::Approver;
use crate::error::{Error, Kind, Result};
use crate::interrupt::Interrupts;
use crate::order::{self, Node, Outcome};
use crate::publish::{publish, put_template};
use crate::session::Session;
use crate::stack::{
    self, Busy, Cloud, Executed, Pace, Prepared, Ready, StackState, Wanted, Way, attach as attach_to,
    execute, prepare, verify,
};
use crate::watch::{Silent, Stage, Watch};

pub use report::{Ended, Report, StackReport};

/// How often a stack is prepared again because somebody else changed it between preparing and executing.
const ROUNDS: usize = 5;

/// How to deploy.
#[derive(Clone, Debug)]
pub struct Options {
    /// The stacks, with those they depend on; all when none is named.
    pub stacks: Vec<String>,
    /// Whether change sets are executed.
    pub execute: bool,
    /// What is executed, and nothing else, where there is a plan. Nobody is asked again.
    pub plan: Option<Vec<Prepared>>,
    /// Whether what was made stays where it is when something fails.
    pub no_rollback: bool,
    /// Whether resources that are there already, by the name that the template gives them, are taken over.
    pub import_existing: bool,
    /// The role that CloudFormation takes on.
    pub role_arn: Option<String>,
    /// How many stacks are worked on at once.
    pub concurrency: usize,
    /// What is done about somebody else's operation.
    pub busy: Busy,
    /// How often CloudFormation is asked.
    pub pace: Pace,
    /// Who may stop it.
    pub interrupts: Interrupts,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            stacks: Vec::new(),
            execute: true,
            plan: None,
            no_rollback: false,
            import_existing: false,
            role_arn: None,
            concurrency: 4,
            busy: Busy::Wait,
            pace: Pace::default(),
            interrupts: Interrupts::none(),
        }
    }
}

/// Deploys the stacks of an assembly.
///
/// # Errors
/// What concerns no single stack: [`Kind::Usage`] for a stack that is not there, [`Kind::Drifted`] when a plan is no longer
/// true, in which case nothing was executed. What failed of single stacks is in the report.
pub async fn deploy(
    session: &Session,
    assembly: &Assembly,
    options: &Options,
    watch: &dyn Watch,
    approver: Arc<dyn Approver>,
) -> Result<Report> {
    let nodes = select(assembly, options)?;
    let work = Work {
        session,
        assembly,
        options,
        cloud: cloud(session, options, watch),
        approver,
        prompt: tokio::sync::Mutex::new(()),
        absent: Mutex::default(),
    };
    if options.plan.is_some() {
        // All of them before any: a plan is true as a whole or not at all.
        for node in &nodes {
            work.verify(node).await?;
        }
    }
    let begun = Instant::now();
    let outcomes = order::run(&nodes, options.concurrency, |at| work.one(&nodes[at])).await?;
    Ok(report(outcomes, begun, watch))
}

/// Follows what is under way on the stacks of an assembly; begins nothing.
///
/// # Errors
/// As [`deploy`].
pub async fn attach(
    session: &Session,
    assembly: &Assembly,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Report> {
    // Independent of each other here: each is followed wherever it is.
    let nodes = order::select(&nodes(assembly), &options.stacks)?;
    let nodes: Vec<Node> = nodes.into_iter().map(|node| Node { after: Vec::new(), ..node }).collect();
    let cloud = cloud(session, options, watch);
    let begun = Instant::now();
    let one = async |at: usize| -> std::result::Result<StackReport, (Error, f64)> {
        let name = &nodes[at].name;
        let begun = Instant::now();
        let attached = attach_to(&cloud, name).await;
        let attached = attached.map_err(|error| failed(watch, name, error, begun))?;
        watch.stage(name, Stage::Done { changed: attached.was_moving });
        let result = match (&attached.state, attached.was_moving) {
            (None, _) => Ended::Absent,
            (Some(_), true) => Ended::Deployed,
            (Some(_), false) => Ended::Unchanged,
        };
        Ok(done(name, result, attached.state.as_ref(), begun))
    };
    let outcomes = order::run(&nodes, nodes.len(), one).await?;
    Ok(report(outcomes, begun, watch))
}

fn cloud<'a>(session: &Session, options: &Options, watch: &'a dyn Watch) -> Cloud<'a> {
    Cloud {
        client: session.cloudformation(),
        pace: options.pace.clone(),
        watch,
        interrupts: options.interrupts.clone(),
    }
}

fn nodes(assembly: &Assembly) -> Vec<Node> {
    let node = |stack: &StackRecord| Node { name: stack.name.clone(), after: stack.depends_on.clone() };
    assembly.stacks().iter().map(node).collect()
}

fn select(assembly: &Assembly, options: &Options) -> Result<Vec<Node>> {
    let nodes = nodes(assembly);
    let Some(plan) = &options.plan else { return order::select(&nodes, &options.stacks) };
    let missing = plan.iter().find(|planned| !nodes.iter().any(|node| node.name == planned.stack));
    if let Some(planned) = missing {
        let message = format!("the plan is no longer true: the assembly has no stack {}", planned.stack);
        return Err(Error::new(Kind::Drifted, message).hint("make a new one with `cargo xtask plan`"));
    }
    Ok(nodes.into_iter().filter(|node| plan.iter().any(|planned| planned.stack == node.name)).collect())
}

/// Everything that the work on one stack needs.
struct Work<'a> {
    session: &'a Session,
    assembly: &'a Assembly,
    options: &'a Options,
    cloud: Cloud<'a>,
    approver: Arc<dyn Approver>,
    /// One question at a time.
    prompt: tokio::sync::Mutex<()>,
    /// Stacks that are not there and will not be, since nothing is executed.
    absent: Mutex<BTreeSet<String>>,
}

impl Work<'_> {
    async fn one(&self, node: &Node) -> std::result::Result<StackReport, (Error, f64)> {
        let begun = Instant::now();
        let report = Box::pin(self.stack(node, begun)).await;
        report.map_err(|error| failed(self.cloud.watch, &node.name, error, begun))
    }

    async fn stack(&self, node: &Node, begun: Instant) -> Result<StackReport> {
        let (name, watch) = (&node.name, self.cloud.watch);
        self.cloud.interrupts.go_on(name).await?;
        if let Some(other) = self.waits_for(node) {
            let reason = format!("nothing can be prepared before stack {other} is there");
            watch.note(name, &reason);
            watch.stage(name, Stage::Skipped(other));
            let report = done(name, Ended::Deferred, None, begun);
            return Ok(StackReport { reason: Some(reason), ..report });
        }
        let (record, wanted) = self.wanted(node)?;
        // Before anything else: a change set refers to what is in the bucket.
        self.publish(record).await?;
        let mut ready = match self.planned(name) {
            Some(planned) => verify(&self.cloud, &wanted, planned).await?,
            None => self.prepare(&wanted).await?,
        };
        let mut approved: Option<Prepared> = None;
        for _ in 0..ROUNDS {
            if ready.is_unchanged() {
                watch.stage(name, Stage::Done { changed: false });
                return Ok(prepared(
                    done(name, Ended::Unchanged, ready.state.as_ref(), begun),
                    &ready,
                    self.options,
                ));
            }
            if !self.options.execute {
                self.approver.show(&ready.prepared, ready.deployed.as_deref(), &wanted.template);
                if ready.is_new() {
                    self.absent().insert(name.clone());
                }
                watch.stage(name, Stage::Done { changed: false });
                return Ok(prepared(
                    done(name, Ended::Prepared, ready.state.as_ref(), begun),
                    &ready,
                    self.options,
                ));
            }
            let is_approved = self.options.plan.is_some()
                || approved.as_ref().is_some_and(|approved| is_same(approved, &ready.prepared));
            if !is_approved {
                self.approve(&wanted, &ready).await?;
                approved = Some(ready.prepared.clone());
            }
            match execute(&self.cloud, &wanted, &ready).await? {
                Executed::Done(state) => {
                    self.publish_again(node).await;
                    watch.stage(name, Stage::Done { changed: true });
                    return Ok(done(name, Ended::Deployed, Some(&state), begun));
                }
                Executed::Raced if self.options.plan.is_some() => {
                    let message =
                        format!("the plan for stack {name} is no longer true: somebody changed the stack");
                    return Err(
                        Error::new(Kind::Drifted, message).hint("make a new one with `cargo xtask plan`")
                    );
                }
                Executed::Raced => {
                    watch.note(name, "somebody changed the stack meanwhile; looking again");
                    ready = self.prepare(&wanted).await?;
                }
            }
        }
        Err(Error::new(Kind::Busy, format!("somebody else keeps changing stack {name}"))
            .hint("deploy again when they are done"))
    }

    /// A stack that this one depends on, and that is not there.
    fn waits_for(&self, node: &Node) -> Option<String> {
        let mut absent = self.absent();
        let other = node.after.iter().find(|other| absent.contains(*other)).cloned();
        if other.is_some() {
            absent.insert(node.name.clone());
        }
        other
    }

    fn absent(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.absent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn planned(&self, name: &str) -> Option<&Prepared> {
        self.options.plan.as_ref()?.iter().find(|planned| planned.stack == *name)
    }

    fn wanted(&self, node: &Node) -> Result<(&StackRecord, Wanted)> {
        let damaged =
            |why: String| Error::new(Kind::Assembly, format!("can't read stack {}: {why}", node.name));
        let record = self.assembly.stacks().iter().find(|stack| stack.name == node.name);
        let record = record.ok_or_else(|| damaged("the assembly does not have it".to_owned()))?;
        let template = self.assembly.template(record).map_err(|error| damaged(error.to_string()))?;
        let wanted = Wanted {
            name: record.name.clone(),
            template,
            tags: record.tags.clone(),
            role_arn: self.options.role_arn.clone(),
            no_rollback: self.options.no_rollback,
            import_existing: self.options.import_existing,
            partial: self.assembly.marker().partial,
        };
        Ok((record, wanted))
    }

    async fn verify(&self, node: &Node) -> Result<()> {
        let Some(planned) = self.planned(&node.name) else { return Ok(()) };
        let (_, wanted) = self.wanted(node)?;
        verify(&self.cloud, &wanted, planned).await.map(|_| ())
    }

    async fn publish(&self, record: &StackRecord) -> Result<()> {
        self.cloud.watch.stage(&record.name, Stage::Publishing);
        let work = publish(self.session, self.assembly, record, self.cloud.watch);
        self.cloud.interrupts.guard(&record.name, work).await.map(|_| ())
    }

    /// Sends what `gc` took away between our look at the bucket and the stack that now refers to it: it reads what is referred
    /// to before it deletes, but can't see what is about to be.
    async fn publish_again(&self, node: &Node) {
        let Some(record) = self.assembly.stacks().iter().find(|stack| stack.name == node.name) else {
            return;
        };
        if let Err(error) = publish(self.session, self.assembly, record, &Silent).await {
            let text = format!("the assets could not be looked at again: {error}");
            self.cloud.watch.note(&node.name, &text);
        }
    }

    async fn prepare(&self, wanted: &Wanted) -> Result<Ready> {
        let way = Way { recover: self.options.execute, busy: self.options.busy };
        let bucket = self.session.fill(&self.assembly.marker().target.source_bucket);
        let put = async |text: &str| put_template(self.session, &bucket, text).await;
        prepare(&self.cloud, wanted, way, put).await
    }

    async fn approve(&self, wanted: &Wanted, ready: &Ready) -> Result<()> {
        let name = &wanted.name;
        let asking = async {
            let _turn = self.prompt.lock().await;
            self.cloud.watch.stage(name, Stage::Approving);
            let (approver, prepared) = (Arc::clone(&self.approver), ready.prepared.clone());
            let (old, new) = (ready.deployed.clone(), wanted.template.clone());
            // A person may think for long, and other stacks are being followed meanwhile.
            let answer =
                tokio::task::spawn_blocking(move || approver.approve(&prepared, old.as_deref(), &new)).await;
            answer.unwrap_or_else(|error| {
                let message = format!("the changes of stack {name} could not be shown");
                Err(Error::new(Kind::Refused, message).caused_by(error))
            })
        };
        self.cloud.interrupts.guard(name, asking).await
    }
}

/// Whether what was approved is what is to be executed now.
fn is_same(approved: &Prepared, now: &Prepared) -> bool {
    (&approved.stack_id, &approved.deployed_sha256, &approved.template_sha256, &approved.changes)
        == (&now.stack_id, &now.deployed_sha256, &now.template_sha256, &now.changes)
}

fn prepared(report: StackReport, ready: &Ready, options: &Options) -> StackReport {
    StackReport { prepared: (!options.execute).then(|| ready.prepared.clone()), ..report }
}

fn done(name: &str, result: Ended, state: Option<&StackState>, begun: Instant) -> StackReport {
    StackReport {
        name: name.to_owned(),
        result,
        changed: result == Ended::Deployed,
        status: state.map(|state| state.status.clone()),
        outputs: state.map(|state| state.outputs.clone()).unwrap_or_default(),
        seconds: begun.elapsed().as_secs_f64(),
        reason: None,
        prepared: None,
    }
}

fn failed(watch: &dyn Watch, name: &str, error: Error, begun: Instant) -> (Error, f64) {
    let first = error.message.lines().next().unwrap_or_default().to_owned();
    watch.stage(name, Stage::Failed(first));
    (error, begun.elapsed().as_secs_f64())
}

type Outcomes = Vec<(String, Outcome<StackReport, (Error, f64)>)>;

fn report(outcomes: Outcomes, begun: Instant, watch: &dyn Watch) -> Report {
    let mut report = Report::default();
    for (name, outcome) in outcomes {
        let stack = match outcome {
            Outcome::Done(stack) => stack,
            Outcome::Skipped(other) => {
                watch.stage(&name, Stage::Skipped(other.clone()));
                let stack = done(&name, Ended::Skipped, None, begun);
                StackReport { seconds: 0.0, reason: Some(format!("stack {other} failed")), ..stack }
            }
            Outcome::Failed((error, seconds)) => {
                let state = error.failure().map(|failure: &stack::Failure| failure.state.clone());
                let stack = done(&name, Ended::Failed, state.as_ref(), begun);
                let reason = Some(error.message.clone());
                // Whether anything was changed can't be told of what was interrupted or lost.
                let stack =
                    StackReport { seconds, reason, outputs: std::collections::BTreeMap::new(), ..stack };
                report.failures.push((name, error));
                stack
            }
        };
        report.stacks.push(stack);
    }
    report
}
