//! `gc`: takes code, definitions and templates out of the source bucket that nothing can reach any more.
//!
//! Nothing is decided on half of what there is to know: whatever can't be read ends the command before anything is touched. What
//! to do is decided by [`plan`], of values. An object is tagged in one pass and goes in a later one; in between, and once more
//! right before, everything that may refer to it is read anew. It never touches a key that no deploy wrote.

mod key;
mod mention;
mod pass;
mod reach;
mod report;
mod roots;
mod store;

use jiff::{SignedDuration, Timestamp};
use pipewright_assembly::Assembly;
use pipewright_cli::GcArgs;
use pipewright_deploy::Session;
use pipewright_deploy::error::{Error, Kind, Result};
use pipewright_deploy::watch::Watch;

pub use key::{Kind as KeyKind, OwnKey};
pub use mention::Mentions;
pub use reach::{Fate, MARK, Object, Plan, TAG, decide, plan};
pub use report::{Report, Share};
pub use roots::Counts;

use pass::Pass;
use roots::Roots;
use store::Store;

/// Looks at the source bucket of the assembly, and with `--delete` tags and deletes.
///
/// `now` is the time that tags and ages are measured against.
///
/// # Errors
/// [`Kind::Usage`] for `--grace 0`; [`Kind::Busy`] while a stack that uses the bucket changes; and whatever could not be read: nothing
/// was changed then. A request that changes an object and fails ends the command; what was done until then is in the message.
pub async fn gc(
    session: &Session,
    assembly: &Assembly,
    args: &GcArgs,
    now: Timestamp,
    watch: &dyn Watch,
) -> Result<Report> {
    if args.grace == 0 {
        let message = "--grace 0 would delete what a deploy under way may rely on; the least is 1 day";
        return Err(Error::new(Kind::Usage, message));
    }
    let grace = days(args.grace);
    let young = now.checked_sub(days(args.keep)).unwrap_or(Timestamp::MIN);
    let bucket = session.fill(&assembly.marker().target.source_bucket);
    let store = Store { client: session.s3(), bucket, owner: session.account.clone() };
    let roots = Roots {
        session,
        sagemaker: crate::sagemaker(session),
        cloudformation: session.cloudformation(),
        store: &store,
        assembly,
        young,
    };
    let pass = Pass { store: &store, roots: &roots, now, grace, watch };
    pass.run(args.delete).await
}

fn days(count: u32) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(count))
}
