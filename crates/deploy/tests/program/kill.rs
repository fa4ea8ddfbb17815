//! The program killed at any moment, and run again to the end.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use pipewright_testbed::random::Random;

use crate::asked::{Asked, Content};
use crate::scene::{Scene, each, long};

/// At how many moments it is killed.
fn moments() -> u64 {
    if long() { 1_000 } else { 200 }
}

/// The moments of one kind of run are drawn from the length of such a run; what is asked for is reached from each.
#[test]
fn killed_at_any_moment_and_run_again() {
    let small = [1, 2].map(|code| Asked::of(Content::code(code).role(code)));
    let large = [1, 2].map(|code| Asked::of(Content::code(code).role(code).large()));
    let lengths: Vec<u64> = [false, true, false]
        .into_iter()
        .enumerate()
        .map(|(kind, is_large)| {
            let assemblies = if is_large { &large } else { &small };
            let scene = begin(kind as u64, assemblies);
            let took = scene.deploy(&assemblies[1]).run().ends(0).took;
            u64::try_from(took.as_millis()).unwrap()
        })
        .collect();
    let killed = AtomicU64::new(0);
    each(moments(), |seed| {
        let mut random = Random::new(seed);
        // A new account, one with a large file to send, one that is changed; the large ones take longest.
        let kind = if seed % 10 == 9 { 1 } else { 2 * (seed % 2) };
        let assemblies = if kind == 1 { &large } else { &small };
        let (old, new) = (&assemblies[0], &assemblies[1]);
        let before: &[&Asked] = if kind == 0 { &[] } else { &[old] };
        let scene = begin(kind, assemblies);
        // Now and then the second attempt is killed as well.
        let times = 1 + u64::from(random.chance(300));
        for _ in 0..times {
            let run = scene.deploy(new).start();
            let length = lengths[usize::try_from(kind).unwrap()];
            std::thread::sleep(Duration::from_millis(random.below(length + length / 20)));
            let done = run.kill();
            // Whatever was reached: nothing wrong is there, and no success was told that was none.
            scene.nothing_else(&[&[new], before].concat(), &format!("seed {seed}, killed: {done}"));
            if done.code == Some(0) {
                scene.is(new, before, &format!("seed {seed}, ended before it was killed"));
            }
            assert!(matches!(done.code, None | Some(0)), "seed {seed}: {done}");
            killed.fetch_add(u64::from(done.code.is_none()), Ordering::SeqCst);
        }
        let done = scene.deploy(new).run();
        assert_eq!(done.code, Some(0), "seed {seed}: {done}");
        scene.is(new, before, &format!("seed {seed}: {done}"));
        if seed % 5 == 0 {
            scene.fake.clear_requests();
            scene.deploy(new).run().ends(0).says(["2 stacks unchanged"]);
            assert_eq!(scene.fake.count("ExecuteChangeSet"), 0, "seed {seed}");
        }
    });
    assert!(killed.into_inner() > moments() / 2, "most of them had ended before");
}

/// An account before a run of this kind: without stacks, or with what was asked for before.
fn begin(kind: u64, assemblies: &[Asked; 2]) -> Scene {
    let scene = Scene::new();
    if kind != 0 {
        scene.deploy(&assemblies[0]).run().ends(0);
    }
    scene
}

/// Taking down can be killed, too.
#[test]
fn killed_while_taking_down() {
    let asked = Asked::of(Content::code(1));
    let destroy = |scene: &Scene| scene.program("destroy", &asked).args(["--yes"]);
    let scene = Scene::new();
    scene.deploy(&asked).run().ends(0);
    let length = u64::try_from(destroy(&scene).run().ends(0).took.as_millis()).unwrap();
    each(moments() / 20, |seed| {
        let scene = Scene::new();
        scene.deploy(&asked).run().ends(0);
        let run = destroy(&scene).start();
        std::thread::sleep(Duration::from_millis(Random::new(seed).below(length + length / 20)));
        let done = run.kill();
        if done.code == Some(0) {
            assert!(ours(&scene).is_empty(), "seed {seed}: {done}");
        }
        let done = destroy(&scene).run().ends(0);
        assert!(ours(&scene).is_empty(), "seed {seed}: {done}");
        scene.nothing_else(&[&asked], &format!("seed {seed}"));
        scene.deploy(&asked).run().ends(0);
        scene.is(&asked, &[], &format!("seed {seed}, made anew"));
    });
}

fn ours(scene: &Scene) -> Vec<String> {
    scene.fake.stacks().into_iter().filter(|name| name.starts_with("dev-a")).collect()
}
