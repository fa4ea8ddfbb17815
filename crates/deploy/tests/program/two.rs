//! Two deployers at the same time: both get there, or one stops with the reason; nothing is mixed up.

use std::time::Duration;

use pipewright_testbed::random::Random;

use crate::asked::{ABOVE, Asked, BELOW, Content};
use crate::run::Done;
use crate::scene::{Scene, each, long};

fn rounds() -> u64 {
    if long() { 60 } else { 12 }
}

/// Starts both, the second one a moment later.
fn both(scene: &Scene, first: &Asked, second: &Asked, random: &mut Random) -> [Done; 2] {
    let one = scene.deploy(first).start();
    std::thread::sleep(Duration::from_millis(random.below(250)));
    let two = scene.deploy(second).start();
    [one.wait(), two.wait()]
}

/// One that did not succeed says why, and that it was somebody else.
fn reason_is_told(done: &Done, about: &str) {
    if done.code == Some(0) {
        return;
    }
    done.is_truthful_failure();
    let last = done.last();
    let told = ["somebody", "meanwhile", "under way", "changed"].iter().any(|word| last.contains(word));
    assert!(told, "{about}: {done}");
}

#[test]
fn with_the_same_content() {
    let old = Asked::of(Content::code(1));
    let new = Asked::of(Content::code(2).role(2));
    let large = Asked::of(Content::code(3).role(2).large());
    each(rounds(), |seed| {
        let mut random = Random::new(seed);
        let scene = Scene::new();
        let is_update = random.chance(500);
        let asked = if seed % 6 == 5 { &large } else { &new };
        let before: &[&Asked] = if is_update { &[&old] } else { &[] };
        if is_update {
            scene.deploy(&old).run().ends(0);
        }
        let runs = both(&scene, asked, asked, &mut random);
        let about = format!("seed {seed}: {}{}", runs[0], runs[1]);
        assert!(runs.iter().any(|done| done.code == Some(0)), "{about}");
        for done in &runs {
            reason_is_told(done, &about);
        }
        scene.is_but_for_uploads(asked, before, &about);
        for name in [BELOW, ABOVE] {
            let stack = scene.fake.stack(name).unwrap();
            let begins = ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"];
            let operations = (stack.events.iter())
                .filter(|event| event.logical_id == name && begins.contains(&event.status.as_str()))
                .count();
            assert_eq!(operations, 1 + usize::from(is_update), "{name} was changed once: {about}");
        }
        scene.deploy(asked).run().ends(0).says(["2 stacks unchanged"]);
    });
}

#[test]
fn with_different_content() {
    let old = Asked::of(Content::code(1));
    let wanted = [2, 3].map(|code| Asked::of(Content::code(code)));
    each(rounds(), |seed| {
        let mut random = Random::new(seed + 500);
        let scene = Scene::new();
        let is_update = random.chance(500);
        if is_update {
            scene.deploy(&old).run().ends(0);
        }
        let runs = both(&scene, &wanted[0], &wanted[1], &mut random);
        let about = format!("seed {seed}: {}{}", runs[0], runs[1]);
        assert!(runs.iter().any(|done| done.code == Some(0)), "{about}");
        for done in &runs {
            reason_is_told(done, &about);
        }
        scene.stack_is(BELOW, &wanted[0]).unwrap_or_else(|found| panic!("{found} {about}"));
        let one: Vec<&Asked> = wanted.iter().filter(|wanted| scene.stack_is(ABOVE, wanted).is_ok()).collect();
        assert_eq!(one.len(), 1, "{about}");
        let objects = scene.s3.objects(&scene.bucket);
        for (key, bytes) in &one[0].objects {
            assert!(objects.get(key) == Some(bytes), "{key}: {about}");
        }
        scene.nothing_else(&[&old, &wanted[0], &wanted[1]], &about);
        scene.deploy(&wanted[1]).run().ends(0);
        scene.is(&wanted[1], &[&old, &wanted[0]], &about);
    });
}

#[test]
fn with_somebody_elses_operation() {
    let (old, new) = (Asked::of(Content::code(1)), Asked::of(Content::code(2)));
    let scene = Scene::new();
    scene.deploy(&old).run().ends(0);
    scene.fake.start_foreign_update(ABOVE, 1_500);
    // It waits for the end of that, and sees what has changed since.
    let done = scene.deploy(&new).run().ends(0);
    let done = done.says(["somebody else"]);
    scene.stack_is(ABOVE, &new).unwrap_or_else(|found| panic!("{found} {done}"));
    // Not forever.
    scene.fake.start_foreign_update(ABOVE, 600_000);
    let done = scene.deploy(&old).env("PIPEWRIGHT_PACE_MS", "1").run().ends(1);
    done.is_truthful_failure();
    assert!(done.last().contains("somebody else"), "{done}");
}

#[test]
fn with_somebody_elses_change_set() {
    let (old, new) = (Asked::of(Content::code(1)), Asked::of(Content::code(2)));
    let scene = Scene::new();
    scene.deploy(&old).run().ends(0);
    scene.foreign_change_set(ABOVE);
    // Looking changes nothing of it.
    scene.program("deploy", &new).args(["--no-execute"]).run().ends(0);
    assert!(scene.fake.stack(ABOVE).unwrap().change_sets.keys().any(|name| name == "a-colleagues"));
    scene.deploy(&new).run().ends(0);
    scene.is(&new, &[&old], "nobody's change set is overwritten or deleted");
}
