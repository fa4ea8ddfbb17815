//! From an empty account to everything in one command, again with nothing to do, and with something changed.

use crate::asked::{ABOVE, Asked, BELOW, Content};
use crate::run::json_of;
use crate::scene::Scene;

/// The most requests, of all services, of a run that has nothing to do.
const FEW: usize = 8;

#[test]
fn an_empty_account_in_one_command() {
    let scene = Scene::empty();
    let asked = Asked::of(Content::code(1).large());
    let outputs = asked.beside("outputs.json");
    let done = scene.deploy(&asked).args(["--json", "--outputs-file"]).arg(&outputs).run().ends(0);
    scene.is(&asked, &[], "first");
    assert_eq!(scene.fake.stacks().iter().filter(|name| name.starts_with("dev-a")).count(), 2);

    let said = done.json();
    assert_eq!(said["environment"], "dev");
    assert_eq!(said["failures"].as_array().unwrap().len(), 0);
    for (at, name) in [BELOW, ABOVE].into_iter().enumerate() {
        let stack = &said["stacks"][at];
        assert_eq!(
            (stack["name"].as_str(), stack["result"].as_str(), stack["changed"].as_bool()),
            (Some(name), Some("deployed"), Some(true)),
            "{done}"
        );
        assert_eq!(stack["status"], "CREATE_COMPLETE");
        assert!(stack["seconds"].as_f64().unwrap() > 0.0);
        // What was approved is told as it was shown.
        let changes = said["changes"].as_array().unwrap();
        assert!(changes.iter().any(|changes| changes["stack"] == name), "{done}");
    }
    assert_eq!(said["stacks"][0]["outputs"]["SourceBucket"], asked.bucket.as_str());
    let written = json_of(&outputs);
    assert_eq!(written[BELOW]["SourceBucket"], asked.bucket.as_str());
    assert_eq!(written[BELOW], said["stacks"][0]["outputs"]);
    assert!(written[ABOVE]["Definition"].is_string(), "{written}");
    // Events, and the end of it.
    done.says(["Sources", "Train", "2 stacks deployed"]);
}

#[test]
fn nothing_changed_takes_few_requests() {
    let scene = Scene::new();
    let asked = Asked::of(Content::code(1));
    let first = scene.deploy(&asked).run().ends(0);
    assert!(first.out.contains(&asked.bucket) || first.err.contains(&asked.bucket), "the outputs: {first}");
    scene.is(&asked, &[], "first");
    for args in [["--yes"], ["--json"], ["--progress=lines"], ["--require-approval=any"]] {
        scene.clear_requests();
        let done = scene.program("deploy", &asked).args(args).run().ends(0).says(["2 stacks unchanged"]);
        let (clouds, stored) = (scene.fake.actions(), scene.s3.requests());
        assert!(scene.requests() <= FEW, "{} requests: {clouds:?} {stored:?}", scene.requests());
        assert!(clouds.iter().all(|action| action.starts_with("Get") || action.starts_with("Describe")));
        assert!(stored.iter().all(|request| request.method == "GET"), "{stored:?}");
        if args == ["--json"] {
            assert_eq!(done.json()["stacks"][1]["result"], "unchanged", "{done}");
            assert_eq!(done.json()["stacks"][1]["changed"], false);
        }
    }
    scene.is(&asked, &[], "again");
}

#[test]
fn only_what_changed_is_sent_and_made() {
    let scene = Scene::new();
    let (old, new) = (Asked::of(Content::code(1)), Asked::of(Content::code(2)));
    scene.deploy(&old).run().ends(0);
    scene.clear_requests();
    // Code alone broadens nothing: nobody is asked.
    let done = scene.program("deploy", &new).run().ends(0);
    scene.is(&new, &[&old], "second");
    assert_eq!(scene.s3.count("PutObject"), 2, "the two files that differ");
    assert_eq!(scene.fake.count("ExecuteChangeSet"), 1);
    done.says(["0 of 2 files", "2 of 2 files", "1 stack deployed, 1 unchanged", "Train"]);
}

#[test]
fn single_stacks_with_what_they_need() {
    let scene = Scene::new();
    let asked = Asked::of(Content::code(1));
    scene.deploy(&asked).args([BELOW]).run().ends(0);
    scene.stack_is(BELOW, &asked).unwrap();
    assert!(scene.fake.stack(ABOVE).is_none());
    scene.deploy(&asked).args([ABOVE]).run().ends(0).says(["1 stack deployed, 1 unchanged"]);
    scene.is(&asked, &[], "both");
}

#[test]
fn a_template_too_long_for_a_request_goes_through_the_bucket() {
    let scene = Scene::new();
    let asked = Asked::in_account(Content::code(1), crate::asked::ACCOUNT, |name, template| {
        if name == ABOVE {
            template["Metadata"]["Long"] = "x".repeat(60_000).into();
        }
    });
    scene.deploy(&asked).run().ends(0);
    scene.stack_is(ABOVE, &asked).unwrap();
    let objects = scene.s3.objects(&scene.bucket);
    assert!(objects.values().any(|bytes| bytes.as_slice() == asked.templates[ABOVE].as_bytes()));
}

#[test]
fn to_and_fro_sends_each_content_once() {
    let scene = Scene::new();
    let all = [1, 2].map(|code| Asked::of(Content::code(code)));
    for turn in 0..6 {
        let (asked, other) = (&all[turn % 2], &all[(turn + 1) % 2]);
        scene.deploy(asked).run().ends(0);
        scene.is(asked, &[other], "in turn");
    }
    assert_eq!(scene.s3.count("PutObject"), 6, "each content once");
}
