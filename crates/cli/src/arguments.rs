//! One struct for each command.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What every command takes that talks to AWS.
#[derive(Clone, Debug, Default, Args)]
pub struct Target {
    /// The profile of ~/.aws/config whose credentials and region are used.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,

    /// The region, where the environment names none.
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
}

/// Which changes need somebody's word before they are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Approval {
    /// None.
    Never,
    /// Those that allow more than before (IAM, security groups), and those that replace or remove what holds data.
    #[default]
    Broadening,
    /// All.
    Any,
}

/// What Ctrl-C does to a stack operation that is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Interrupt {
    /// Asks on a terminal; elsewhere as `detach`.
    #[default]
    Ask,
    /// Leaves it to CloudFormation, and says how to pick it up again.
    Detach,
    /// Has CloudFormation take it back, and waits for that.
    Cancel,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Progress {
    /// Bars and a tree on a terminal, lines elsewhere.
    #[default]
    Auto,
    /// Bars and a tree.
    Live,
    /// A line for each event.
    Lines,
    /// None.
    None,
}

/// Publishes assets and deploys stacks.
///
/// Stacks come in the order of their dependencies, independent ones at once. Each is changed by a change set, which is shown
/// before it is executed. What is deployed already is left alone.
#[derive(Clone, Debug, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct DeployArgs {
    /// Stacks to deploy, with those that they depend on; all when none is named.
    #[arg(value_name = "STACK")]
    pub stacks: Vec<String>,

    /// Approve all changes beforehand.
    #[arg(long, short)]
    pub yes: bool,

    /// Which changes need approval.
    #[arg(long, value_enum, value_name = "WHICH", default_value_t)]
    pub require_approval: Approval,

    /// Publish assets and make change sets, execute none.
    #[arg(long, conflicts_with_all = ["attach", "plan", "fast"])]
    pub no_execute: bool,

    /// Execute what this plan, written by `plan`, says, and nothing else.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["attach", "stacks", "fast"])]
    pub plan: Option<PathBuf>,

    /// Follow the operation that is under way instead of beginning one.
    #[arg(long, conflicts_with = "fast")]
    pub attach: bool,

    /// Where only definitions of pipelines changed, update those directly; the stack is then behind until the next deploy.
    #[arg(long)]
    pub fast: bool,

    /// Leave what was made where it is when a stack fails, instead of taking it back.
    #[arg(long)]
    pub no_rollback: bool,

    /// Take over resources that are there already by the name that the template gives them, such as buckets that an earlier
    /// `destroy` left; only those that stay when their stack goes.
    #[arg(long)]
    pub import_existing_resources: bool,

    /// Write the outputs of the stacks to this file, as JSON.
    #[arg(long, short = 'O', value_name = "FILE")]
    pub outputs_file: Option<PathBuf>,

    /// A role that CloudFormation takes on.
    #[arg(long, short, value_name = "ARN")]
    pub role_arn: Option<String>,

    /// How many stacks are deployed at once.
    #[arg(long, value_name = "COUNT", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=32))]
    pub concurrency: u8,

    /// What Ctrl-C does to an operation that is under way.
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    pub on_interrupt: Interrupt,

    /// How progress is shown.
    #[arg(long, value_enum, value_name = "HOW", default_value_t)]
    pub progress: Progress,

    /// Print what was done as JSON.
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show a comment here as the description of the command")]
    pub target: Target,
}

/// Makes change sets and writes them to a file, for `deploy --plan FILE` to execute just them.
#[derive(Clone, Debug, Default, Args)]
pub struct PlanArgs {
    /// Stacks to plan, with those that they depend on; all when none is named.
    #[arg(value_name = "STACK")]
    pub stacks: Vec<String>,

    /// Where to write the plan.
    #[arg(long, short, value_name = "FILE", default_value = "plan.json")]
    pub out: PathBuf,

    /// Take over resources that are there already by the name that the template gives them, such as buckets that an earlier
    /// `destroy` left; only those that stay when their stack goes.
    #[arg(long)]
    pub import_existing_resources: bool,

    /// A role that CloudFormation takes on.
    #[arg(long, short, value_name = "ARN")]
    pub role_arn: Option<String>,

    /// How progress is shown.
    #[arg(long, value_enum, value_name = "HOW", default_value_t)]
    pub progress: Progress,

    /// Print the plan as JSON.
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show a comment here as the description of the command")]
    pub target: Target,
}

/// Says what differs between the assembly and what is deployed: resources, definitions step by step, roles by permission.
#[derive(Clone, Debug, Default, Args)]
pub struct DiffArgs {
    /// Stacks to compare; all when none is named.
    #[arg(value_name = "STACK")]
    pub stacks: Vec<String>,

    /// Compare with this assembly instead, offline.
    #[arg(long, value_name = "DIR")]
    pub against: Option<PathBuf>,

    /// End with status 3 when something differs.
    #[arg(long)]
    pub exit_code: bool,

    /// Print the differences as JSON.
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show a comment here as the description of the command")]
    pub target: Target,
}

/// Takes stacks down, those that depend on others first.
///
/// Says beforehand what stays (buckets, the domain's file system) and what must go first (apps, spaces).
#[derive(Clone, Debug, Default, Args)]
pub struct DestroyArgs {
    /// Stacks to take down, with those that depend on them; all when none is named.
    #[arg(value_name = "STACK")]
    pub stacks: Vec<String>,

    /// Do not ask.
    #[arg(long, short)]
    pub yes: bool,

    /// A role that CloudFormation takes on.
    #[arg(long, short, value_name = "ARN")]
    pub role_arn: Option<String>,

    /// How progress is shown.
    #[arg(long, value_enum, value_name = "HOW", default_value_t)]
    pub progress: Progress,

    /// Print what was done as JSON.
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show a comment here as the description of the command")]
    pub target: Target,
}

/// Removes code objects that no deployed definition, no pipeline version and no young execution refers to.
///
/// Without `--delete` it only says what it would do. With it, what nothing refers to is tagged first, and deleted on a later
/// pass, when it has been tagged for as long as `--grace` says.
#[derive(Clone, Debug, Default, Args)]
pub struct GcArgs {
    /// Executions younger than this keep what they refer to, in days.
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    pub keep: u32,

    /// How long an object must have been tagged before it is deleted, in days.
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    pub grace: u32,

    /// Tag and delete, instead of only saying so.
    #[arg(long)]
    pub delete: bool,

    /// Print what was found and done as JSON.
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show a comment here as the description of the command")]
    pub target: Target,
}

/// Looks at what a deployment needs: credentials, region, account, bucket names, quotas, clock, tools.
#[derive(Clone, Debug, Default, Args)]
pub struct DoctorArgs {
    /// Print what was found as JSON.
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show a comment here as the description of the command")]
    pub target: Target,
}

/// Looks up the VPC that `pipewright.toml` describes by name or tag, for synth.
///
/// Writes what it found to `pipewright.context.json`, which synth reads and which belongs under version control.
#[derive(Clone, Debug, Default, Args)]
pub struct LookupArgs {
    /// Fail if what is written differs from what was found, and write nothing.
    #[arg(long)]
    pub check: bool,

    /// Print what was found as JSON.
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show a comment here as the description of the command")]
    pub target: Target,
}
