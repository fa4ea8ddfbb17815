use std::collections::BTreeMap;

use super::*;
use crate::jobs::fake::Fake;
use crate::settings::Settings;

#[test]
fn repositories() {
    for (image, expected) in [
        ("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1", "sagemaker-xgboost"),
        ("1.dkr.ecr.eu-west-1.amazonaws.com/team/net@sha256:abc", "team/net"),
        ("localhost/a:b", "a"),
        ("localhost:5000/a/b", "a/b"),
        ("team/net:1", "team/net"),
        ("python", "python"),
        ("python:3.11", "python"),
        ("", ""),
    ] {
        assert_eq!(repository(image), expected);
    }
}

#[test]
fn who_has_a_program() {
    #[track_caller]
    fn check(
        images: &BTreeMap<String, ImagePrograms>,
        image: &str,
        purpose: Purpose,
        expected: Option<Finder>,
    ) {
        assert_eq!(find(images, image, purpose).ok(), expected, "{image} {purpose:?}");
    }
    let settings = Settings::read(
        "[images.\"team/net\"]\ntrain = [\"a\"]\n[images.sagemaker-xgboost]\nserve = [\"b\"]\n[images.\"x.com/other:2\"]\nentrypoint = [\"c\"]",
        "run.toml",
    )
    .unwrap();
    let xgboost = "1.dkr.ecr.x.amazonaws.com/sagemaker-xgboost:1.7-1";
    let none = BTreeMap::new();
    check(&none, xgboost, Purpose::Train, Some(Finder::Ours));
    check(&none, xgboost, Purpose::Serve, Some(Finder::Ours));
    check(&none, xgboost, Purpose::Entrypoint, None);
    check(
        &none,
        "433757028032.dkr.ecr.us-west-2.amazonaws.com/xgboost:1",
        Purpose::Train,
        Some(Finder::Ours),
    );
    check(&none, "sagemaker-scikit-learn:1.2-1", Purpose::Train, None);
    let told = &settings.images;
    check(told, xgboost, Purpose::Train, Some(Finder::Ours));
    check(told, xgboost, Purpose::Serve, Some(Finder::Told));
    check(told, "x.com/team/net:7", Purpose::Train, Some(Finder::Told));
    check(told, "x.com/team/net:7", Purpose::Serve, None);
    check(told, "x.com/other:2", Purpose::Entrypoint, Some(Finder::Told));
    check(told, "x.com/other:3", Purpose::Entrypoint, None);
    let lack = find(told, "x.com/team/net:7", Purpose::Serve).unwrap_err();
    assert!(lack.contains("`[images.\"team/net\"]` with `serve = "), "{lack}");
}

#[test]
fn programs_are_written_and_repaired() {
    let fake = Fake::idle();
    let write = || program(&fake.site(), "sagemaker-xgboost:1.7-1", Purpose::Train).unwrap();
    let first = write();
    let path = PathBuf::from(&first.entrypoint[1]);
    assert_eq!(fs::read_to_string(&path).unwrap(), include_str!("../../python/train_xgboost.py"));
    assert_eq!(first.mounts, [in_place(path.parent().unwrap())]);
    fs::write(&path, "broken").unwrap();
    assert_eq!(write(), first);
    assert!(fs::read_to_string(&path).unwrap().contains("def train("));
    for (name, _) in FILES {
        assert!(path.with_file_name(name).is_file(), "{name}");
    }
}
