//! Networks and services that fail now and then: it ends with what was asked for, or says truly that it did not.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pipewright_testbed::proxy::{Builder, Fault, How, Rule, Trouble};
use pipewright_testbed::random::Random;

use crate::asked::{Asked, Content};
use crate::run::{Endpoints, Program};
use crate::scene::{Scene, each, long};

const TROUBLES: [Trouble; 11] = [
    Trouble::DropBefore,
    Trouble::DropAfter,
    Trouble::DropMidway,
    Trouble::TruncateRequest,
    Trouble::TruncateAnswer,
    Trouble::Delay(Duration::from_millis(150)),
    Trouble::TooManyRequests,
    Trouble::SlowDown,
    Trouble::InternalError,
    Trouble::Throttling,
    Trouble::Repeat,
];

/// A proxy with each trouble by chance, in thousandths of the requests.
fn disturbed(endpoint: String, seed: u64, thousandths: u32, is_store: bool) -> Fault {
    let each = (thousandths / 11).max(1);
    let rules = TROUBLES.iter().filter(|trouble| is_possible(trouble, is_store));
    let rules = rules.map(|trouble| Rule::new(trouble.clone(), How::Chance(each)));
    rules.fold(Fault::before(endpoint).seed(seed), Builder::rule).start()
}

/// S3 never answers as the Query protocol does.
fn is_possible(trouble: &Trouble, is_store: bool) -> bool {
    !(is_store && *trouble == Trouble::Throttling)
}

#[test]
fn by_chance_and_everywhere() {
    let small = [1, 2].map(|code| Asked::of(Content::code(code).role(code)));
    let large = [1, 2].map(|code| Asked::of(Content::code(code).role(code).large()));
    let seeds = if long() { 300 } else { 40 };
    let met = AtomicUsize::new(0);
    each(seeds, |seed| {
        let mut random = Random::new(seed);
        let assemblies = if seed % 5 == 4 { &large } else { &small };
        let (old, new) = (&assemblies[0], &assemblies[1]);
        let scene = Scene::new();
        let is_update = random.chance(500);
        let before: &[&Asked] = if is_update { &[old] } else { &[] };
        if is_update {
            scene.deploy(old).run().ends(0);
        }
        // Of the worst, each request but a few is sent twice and more, which takes long.
        let levels: &[u32] = if long() { &[30, 80, 150, 450] } else { &[30, 80, 150] };
        let chance = levels[usize::try_from(random.below(levels.len() as u64)).unwrap()];
        let cloud = disturbed(scene.fake.endpoint(), seed, chance, false);
        let store = disturbed(scene.s3.endpoint(), seed + 1_000, chance, true);
        let endpoints = Endpoints { cloudformation: cloud.endpoint(), s3: store.endpoint() };
        let done = Program::new(&endpoints, "deploy", &new.path()).args(["--yes"]).run();
        let about = format!("seed {seed}, {} and {} troubles: {done}", cloud.troubled(), store.troubled());
        met.fetch_add(cloud.troubled() + store.troubled(), Ordering::SeqCst);
        if done.code == Some(0) {
            scene.is_but_for_uploads(new, before, &about);
        } else {
            assert_eq!(done.code, Some(1), "{about}");
            done.is_truthful_failure();
            scene.nothing_else(&[&[new], before].concat(), &about);
        }
        let done = scene.deploy(new).run();
        assert_eq!(done.code, Some(0), "{about}\nand then: {done}");
        // Of an upload whose beginning was answered by nothing, nobody knows.
        scene.is_but_for_uploads(new, before, &about);
    });
    // The proxies did what they are there for.
    assert!(met.into_inner() as u64 > seeds, "hardly any trouble");
}

/// One trouble with one action, each in turn, a few times in a row.
#[test]
fn each_trouble_with_each_request() {
    let (small, large) = (Asked::of(Content::code(1)), Asked::of(Content::code(1).large()));
    let cloud = [
        "GetCallerIdentity",
        "DescribeStacks",
        "CreateChangeSet",
        "DescribeChangeSet",
        "ExecuteChangeSet",
        "DescribeStackEvents",
    ];
    let store = [
        "ListObjectsV2",
        "PutObject",
        "CreateMultipartUpload",
        "UploadPart",
        "CompleteMultipartUpload",
        "ListMultipartUploads",
    ];
    let mut cases = Vec::new();
    for trouble in TROUBLES {
        for (at, action) in cloud.into_iter().chain(store).enumerate() {
            if is_possible(&trouble, at >= cloud.len()) {
                cases.push((trouble.clone(), action, if at > cloud.len() + 1 { &large } else { &small }));
            }
        }
    }
    // Each of them in the long run; otherwise every seventh, which meets every trouble and every action, and all answers that
    // look whole and are not.
    let is_taken =
        |at: usize, trouble: &Trouble| long() || at.is_multiple_of(7) || *trouble == Trouble::TruncateAnswer;
    let cases: Vec<_> = cases
        .into_iter()
        .enumerate()
        .filter(|(at, case)| is_taken(*at, &case.0))
        .map(|(_, case)| case)
        .collect();
    each(cases.len() as u64, |number| {
        let (trouble, action, asked) = &cases[usize::try_from(number).unwrap()];
        let scene = Scene::new();
        let rule = || Rule::new(trouble.clone(), How::First(2)).action(*action);
        let before = |endpoint: String| Fault::before(endpoint).rule(rule()).start();
        let (cloud, store) = (before(scene.fake.endpoint()), before(scene.s3.endpoint()));
        let endpoints = Endpoints { cloudformation: cloud.endpoint(), s3: store.endpoint() };
        let done = Program::new(&endpoints, "deploy", &asked.path()).args(["--yes"]).run();
        let about = format!("{trouble:?} {action}: {done}");
        // Two in a row are borne by all of them.
        assert_eq!(done.code, Some(0), "{about}");
        scene.is_but_for_uploads(asked, &[], &about);
    });
}

/// Where nothing answers at all, it says so, and soon.
#[test]
fn what_is_gone_is_said() {
    let asked = Asked::of(Content::code(1));
    let nowhere = Endpoints { cloudformation: "http://127.0.0.1:1".into(), s3: "http://127.0.0.1:1".into() };
    let done = Program::new(&nowhere, "deploy", &asked.path()).args(["--yes"]).run();
    done.is_truthful_failure();
    assert!(done.last().contains("network"), "{done}");
}
