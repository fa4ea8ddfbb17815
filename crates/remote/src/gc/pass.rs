//! [`Pass`]: one pass over the bucket.

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::{SignedDuration, Timestamp};
use pipewright_deploy::error::{Error, Kind, Result};
use pipewright_deploy::watch::Watch;

use super::mention::Mentions;
use super::reach::{Fate, Object, decide, plan};
use super::report::{Report, Share};
use super::roots::Roots;
use super::store::Store;

/// How many objects are looked at, tagged or deleted at once.
const AT_ONCE: usize = 16;

pub(super) struct Pass<'a> {
    pub(super) store: &'a Store,
    pub(super) roots: &'a Roots<'a>,
    pub(super) now: Timestamp,
    pub(super) grace: SignedDuration,
    pub(super) watch: &'a dyn Watch,
}

/// An object that was deleted, and the delete marker that stands before it, where the bucket keeps it.
struct Deleted {
    object: Object,
    marker: Option<String>,
}

impl Pass<'_> {
    /// Looks, decides, and, when it may, acts.
    pub(super) async fn run(&self, acts: bool) -> Result<Report> {
        // The list comes first: what is published later is no candidate.
        self.note("listing the bucket");
        let listed = self.store.list().await.map_err(untouched)?;
        self.note(&format!("{} objects; reading what may refer to them", listed.len()));
        let (mentions, counts) = self.roots.read(&listed).await.map_err(untouched)?;
        let objects = self.complete(listed, &mentions).await.map_err(untouched)?;
        let plan = plan(&mentions, &objects, self.now, self.grace);
        let mut report = Report {
            bucket: self.store.bucket.clone(),
            at: self.now,
            dry_run: !acts,
            versioned: self.store.is_versioned().await,
            read: counts,
            whole_bucket: mentions.whole().map(str::to_owned),
            kept: Share::of(&objects, &plan.keep, false),
            untagged: Share::of(&objects, &plan.untag, true),
            tagged: Share::of(&objects, &plan.tag, true),
            waiting: Share::of(&objects, &plan.wait, false),
            deleted: Share::of(&objects, &plan.delete, true),
            left_alone: Share::of(&objects, &plan.alone, false),
            restored: Share::default(),
        };
        if acts {
            let since = self.now.to_string();
            self.tag(&objects, &plan.untag, None).await?;
            self.tag(&objects, &plan.tag, Some(&since)).await?;
            let chosen = plan.delete.iter().filter_map(|index| objects.get(*index)).collect();
            self.delete(chosen, &mut report).await?;
        }
        Ok(report)
    }

    /// Reads tags, and of what nothing refers to whether a deploy wrote it. What is gone by now is left out.
    async fn complete(&self, objects: Vec<Object>, mentions: &Mentions) -> Result<Vec<Object>> {
        let found: Vec<Option<Object>> = stream::iter(objects)
            .map(|mut object| async {
                if mentions.who(&object.key).is_none() {
                    return self.store.look(&object.key).await;
                }
                object.tag = self.store.tags(&object.key).await?.remove(super::TAG);
                Ok::<_, Error>(Some(object))
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn tag(&self, objects: &[Object], indices: &[usize], value: Option<&str>) -> Result<()> {
        stream::iter(indices.iter().filter_map(|index| objects.get(*index)))
            .map(|object| self.store.set_tag(&object.key, value))
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await
            .map_err(|error| error.hint("some tags were set, and nothing was deleted; repeat the command"))
    }

    /// Deletes what still may be, and puts back what turns out to be needed.
    ///
    /// A deploy at the same time may have found an object in the bucket, and refer to it a moment later. So everything is read
    /// again before, when most of what a deploy does is visible, and after.
    async fn delete(&self, chosen: Vec<&Object>, report: &mut Report) -> Result<()> {
        if chosen.is_empty() {
            return Ok(());
        }
        self.note(&format!("{} objects may go; reading again what may refer to them", chosen.len()));
        let all: Vec<Object> = chosen.into_iter().cloned().collect();
        let undecided =
            |error: Error| error.hint("tags were set, and nothing was deleted; repeat the command");
        let (mentions, _) =
            self.roots.read(&self.store.list().await.map_err(undecided)?).await.map_err(undecided)?;
        let results: Vec<Result<Option<Deleted>>> = stream::iter(&all)
            .map(|object| self.delete_one(object, &mentions))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let (mut deleted, mut failed) = (Vec::new(), None);
        for result in results {
            match result {
                Ok(Some(one)) => deleted.push(one),
                Ok(None) => {}
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        report.deleted = Share::default();
        for one in &deleted {
            report.deleted.add(&one.object);
        }
        if !deleted.is_empty() {
            // What happened counts more than what the bucket says of itself.
            report.versioned = Some(deleted.iter().all(|one| one.marker.is_some()));
        }
        self.check(deleted, report).await?;
        match failed {
            None => Ok(()),
            Some(error) => {
                let count = report.deleted.objects;
                Err(error
                    .hint(format!("{count} objects were deleted before; repeat the command for the rest")))
            }
        }
    }

    /// Deletes one object, if what was decided of it is still right.
    async fn delete_one(&self, object: &Object, mentions: &Mentions) -> Result<Option<Deleted>> {
        let Some(object) = self.store.look(&object.key).await? else { return Ok(None) };
        if decide(mentions, &object, self.now, self.grace) != Fate::Delete {
            self.note(&format!("{} is left: something changed since", object.key));
            return Ok(None);
        }
        let marker = self.store.delete(&object.key).await?;
        Ok(Some(Deleted { object, marker }))
    }

    /// Reads once more what may refer to what was deleted, and puts that back; all of it, if it can't be read.
    async fn check(&self, deleted: Vec<Deleted>, report: &mut Report) -> Result<()> {
        if deleted.is_empty() {
            return Ok(());
        }
        let objects: Vec<Object> = deleted.iter().map(|one| one.object.clone()).collect();
        let (mentions, unread) = match self.recheck(&objects).await {
            Ok(mentions) => (Some(mentions), None),
            Err(error) => (None, Some(error)),
        };
        let mut lost = Vec::new();
        for one in deleted {
            if mentions.as_ref().is_some_and(|mentions| mentions.who(&one.object.key).is_none()) {
                continue;
            }
            let back = match &one.marker {
                Some(marker) => self.store.undelete(&one.object.key, marker).await.is_ok(),
                None => false,
            };
            if back {
                report.restored.add(&one.object);
            } else {
                lost.push(one.object.key);
            }
        }
        report.deleted.keys.retain(|key| !report.restored.keys.contains(key));
        report.deleted.objects -= report.restored.objects;
        report.deleted.bytes -= report.restored.bytes;
        match (unread, lost.is_empty()) {
            (None, true) => Ok(()),
            (None, false) => {
                let message =
                    format!("deployed while they were deleted, and not to be put back: {}", lost.join(", "));
                Err(Error::new(Kind::Busy, message).hint("deploy again: it sends what is missing"))
            }
            (Some(error), true) => Err(error.hint("what had been deleted was put back")),
            (Some(error), false) => Err(error.hint(format!(
                "these were deleted, can't be put back, and may be needed; deploy again if so: {}",
                lost.join(", ")
            ))),
        }
    }

    /// What may refer to these, which are gone by now.
    async fn recheck(&self, deleted: &[Object]) -> Result<Mentions> {
        let there = self.store.list().await?;
        Ok(self.roots.read_for(&there, deleted).await?.0)
    }

    fn note(&self, text: &str) {
        self.watch.note("gc", text);
    }
}

/// Says that a failure had no consequences.
fn untouched(error: Error) -> Error {
    error.hint("nothing was tagged or deleted: what can't be read may refer to anything")
}
