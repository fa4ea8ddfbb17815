//! An account in this process: CloudFormation, S3, and what belongs to somebody else in both.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pipewright_testbed::cloudformation::{Builder, Fake, Preset};
use pipewright_testbed::s3::Server;
use serde_json::Value;

use crate::asked::{ABOVE, ACCOUNT, Asked, BELOW, REGION};
use crate::run::{Endpoints, Program};

/// Objects of others, in the same bucket.
const FOREIGN: [(&str, &[u8]); 3] = [
    ("notes.txt", b"mine"),
    ("code/train/0000000000000000000000000000000000000000000000000000000000000000/train.py", b"old"),
    ("templates/0000.json", b"{}"),
];
/// A stack of others.
const THEIRS: &str = "somebody-elses";
/// A change set of others.
const THEIR_CHANGE_SET: &str = "a-colleagues";

pub(crate) struct Scene {
    pub(crate) fake: Arc<Fake>,
    pub(crate) s3: Arc<Server>,
    pub(crate) bucket: String,
    making: Option<(Arc<AtomicBool>, std::thread::JoinHandle<()>)>,
}

impl Scene {
    /// An account with the source bucket, and in it what is somebody else's.
    pub(crate) fn new() -> Self {
        Self::with(Fake::builder())
    }

    /// The same, with a CloudFormation of the test's own.
    pub(crate) fn with(builder: Builder) -> Self {
        let scene = Self::without_bucket(builder);
        scene.s3.create_bucket(&scene.bucket);
        scene.furnish();
        scene
    }

    /// An account with nothing of ours in it: S3 has the bucket as soon as CloudFormation makes it.
    pub(crate) fn empty() -> Self {
        let mut scene = Self::without_bucket(Fake::builder().resource_ms(60));
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, fake, s3) = (Arc::clone(&stop), Arc::clone(&scene.fake), Arc::clone(&scene.s3));
        let bucket = scene.bucket.clone();
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::SeqCst) {
                let stack = fake.stack(BELOW);
                if stack.is_some_and(|stack| stack.resources.iter().any(|one| one.logical_id == "Sources")) {
                    s3.create_bucket(&bucket);
                    return;
                }
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        scene.making = Some((stop, thread));
        scene
    }

    fn without_bucket(builder: Builder) -> Self {
        let s3 = Server::builder().owner(ACCOUNT).start();
        let fake = builder.s3(s3.endpoint()).stack(Preset::new(THEIRS)).start();
        let bucket = format!("dev-a-sources-{ACCOUNT}-{REGION}");
        Self { fake: Arc::new(fake), s3: Arc::new(s3), bucket, making: None }
    }

    fn furnish(&self) {
        for (key, bytes) in FOREIGN {
            self.s3.put(&self.bucket, key, bytes);
        }
        self.foreign_change_set(THEIRS);
    }

    /// Somebody else makes a change set for a stack.
    pub(crate) fn foreign_change_set(&self, stack: &str) {
        use aws_sdk_cloudformation::config::{BehaviorVersion, Credentials, Region};
        let config = aws_sdk_cloudformation::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url(self.fake.endpoint())
            .build();
        let client = aws_sdk_cloudformation::Client::from_conf(config);
        let template = r#"{"Resources":{"Other":{"Type":"AWS::SNS::Topic"}}}"#;
        let request = client.create_change_set().stack_name(stack).change_set_name(THEIR_CHANGE_SET);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(request.template_body(template).send()).unwrap();
        // Requests are counted from here.
        self.fake.clear_requests();
    }

    pub(crate) fn endpoints(&self) -> Endpoints {
        Endpoints { cloudformation: self.fake.endpoint(), s3: self.s3.endpoint() }
    }

    /// A run of a command.
    pub(crate) fn program(&self, command: &str, asked: &Asked) -> Program {
        Program::new(&self.endpoints(), command, &asked.path())
    }

    /// A run of `deploy --yes`.
    pub(crate) fn deploy(&self, asked: &Asked) -> Program {
        self.program("deploy", asked).args(["--yes"])
    }

    /// How many requests came in, of all services.
    pub(crate) fn requests(&self) -> usize {
        self.fake.requests().len() + self.s3.requests().len()
    }

    pub(crate) fn clear_requests(&self) {
        self.fake.clear_requests();
        self.s3.clear_requests();
    }

    /// Whether the stack of this name is as asked for.
    pub(crate) fn stack_is(&self, name: &str, asked: &Asked) -> Result<(), String> {
        let stack = self.fake.stack(name).ok_or_else(|| format!("there is no stack {name}"))?;
        let good = ["CREATE_COMPLETE", "UPDATE_COMPLETE"].contains(&stack.status.as_str());
        let json = |text: &str| serde_json::from_str::<Value>(text).ok();
        let tags = BTreeMap::from([("team".to_owned(), "a".to_owned())]);
        if !good || stack.tags != tags || json(&stack.template) != json(&asked.templates[name]) {
            return Err(format!("stack {name} is {} {:?}:\n{}", stack.status, stack.tags, stack.template));
        }
        Ok(())
    }

    /// Everything is as asked for, and what is not ours as it was. `before` is what was asked for earlier: its objects stay.
    #[track_caller]
    pub(crate) fn is(&self, asked: &Asked, before: &[&Asked], about: &str) {
        self.is_but_for_uploads(asked, before, about);
        assert!(self.s3.uploads().is_empty(), "{about}: {:?}", self.s3.uploads());
    }

    /// The same where two may have begun to send one file; S3 clears away what one of them left.
    #[track_caller]
    pub(crate) fn is_but_for_uploads(&self, asked: &Asked, before: &[&Asked], about: &str) {
        for name in asked.templates.keys() {
            self.stack_is(name, asked).unwrap_or_else(|found| panic!("{about}: {found}"));
        }
        let objects = self.s3.objects(&self.bucket);
        for (key, bytes) in &asked.objects {
            assert!(objects.get(key) == Some(bytes), "{about}: object {key} is not what was asked for");
        }
        self.nothing_else(&[&[asked], before].concat(), about);
    }

    /// Nothing that is not asked for was made, and nothing that is not ours was touched.
    #[track_caller]
    pub(crate) fn nothing_else(&self, asked: &[&Asked], about: &str) {
        let is_foreign = |key: &str| FOREIGN.iter().find(|(foreign, _)| *foreign == key);
        for (key, bytes) in self.s3.objects(&self.bucket) {
            let ours = asked.iter().any(|asked| asked.objects.get(&key) == Some(&bytes));
            let theirs = is_foreign(&key).is_some_and(|(_, content)| bytes == *content);
            assert!(ours || theirs, "{about}: object {key} was nobody's, or has other bytes");
        }
        let keys: BTreeSet<String> = self.s3.sizes(&self.bucket).into_keys().collect();
        if self.making.is_none() {
            assert!(FOREIGN.iter().all(|(key, _)| keys.contains(*key)), "{about}: {keys:?}");
            let theirs = self.fake.stack(THEIRS).unwrap();
            assert_eq!(theirs.status, "CREATE_COMPLETE", "{about}");
            assert_eq!(theirs.change_sets[THEIR_CHANGE_SET], "CREATE_COMPLETE", "{about}");
        }
        for request in self.fake.requests() {
            let reads = ["Describe", "Get", "List"].iter().any(|verb| request.action.starts_with(verb));
            let of = |name: &str| request.params.get(name).map(String::as_str).unwrap_or_default();
            let set = of("ChangeSetName").rsplit("changeSet/").next().unwrap_or_default();
            let ours = [BELOW, ABOVE].iter().any(|name| {
                let stack = of("StackName");
                stack == *name || stack.contains(&format!(":stack/{name}/"))
            });
            let ours = ours || of("StackName").is_empty() && set.starts_with("pipewright-");
            assert!(reads || ours, "{about}: {request:?}");
            let deletes = request.action == "DeleteChangeSet";
            assert!(!deletes || set.starts_with("pipewright-"), "{about}: {request:?}");
        }
        let deletes = ["DeleteObject", "DeleteObjects", "CopyObject", "DeleteBucket"];
        assert_eq!(deletes.map(|operation| self.s3.count(operation)), [0; 4], "{about}");
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.making.take() {
            stop.store(true, Ordering::SeqCst);
            drop(thread.join());
        }
    }
}

/// Whether the long tests are wanted.
pub(crate) fn long() -> bool {
    std::env::var_os("PIPEWRIGHT_LONG").is_some()
}

/// Says that a test is skipped, and why.
#[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
pub(crate) fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

/// Does something for every number below `count`, four at a time; a failure ends the test.
pub(crate) fn each(count: u64, work: impl Fn(u64) + Sync) {
    let next = std::sync::atomic::AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= count {
                        return;
                    }
                    work(number);
                }
            });
        }
    });
}
