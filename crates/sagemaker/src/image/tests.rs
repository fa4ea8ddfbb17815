use pipewright_model::expr::Expression;
use pipewright_model::{Deploy, Expr, Node, Text, join};

use super::*;

/// The mistake in an image: value, limit, help.
#[track_caller]
fn refused(image: impl Into<Expr<String>>, value: &str, limit: &str, help: &str) {
    match image.into().node() {
        Node::Invalid(invalid) => {
            let found = (invalid.value.as_str(), invalid.limit.as_str());
            assert_eq!(found, (value, limit));
            assert_eq!(invalid.help.as_deref().unwrap_or(""), help);
        }
        other => panic!("no mistake: {other:?}"),
    }
}

/// Repository and tag of an image.
#[track_caller]
fn tag(image: impl Into<Expr<String>>) -> String {
    match image.into().node() {
        Node::Expr(Expression::Join(pieces)) => match pieces.last() {
            Some(Node::Str(text)) => text.trim_start_matches('/').to_owned(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_uri_has_its_registry_region_and_domain_open() {
    let uri: Expr<String> = sklearn("0.23-1").into();
    let Node::Expr(Expression::Join(pieces)) = uri.node() else {
        panic!("{uri:?}");
    };
    let Node::Expr(Expression::Deploy(Deploy::ImageRegistry(registry))) = &pieces[0] else {
        panic!("{pieces:?}");
    };
    assert_eq!(registry.name, "Sklearn");
    assert_eq!(registry.account("eu-west-1"), Some("141502667606"));
    let rest =
        join!(".dkr.ecr.", Deploy::Region, ".", Deploy::UrlSuffix, "/sagemaker-scikit-learn:0.23-1-cpu-py3");
    assert_eq!(Node::Expr(Expression::Join(pieces[1..].to_vec())), *rest.node());
}

#[test]
fn an_image_of_one_s_own_is_in_the_account_of_the_pipeline() {
    let expected = join!(Deploy::Account, ".dkr.ecr.", Deploy::Region, ".", Deploy::UrlSuffix, "/mine:1");
    assert_eq!(ecr("mine:1").node(), expected.node());
    assert_eq!(uri("a/b:c").node(), &Node::text("a/b:c"));
}

#[test]
fn choices_are_made_where_there_is_one() {
    for (image, expected) in [
        (xgboost("1.7-1"), "sagemaker-xgboost:1.7-1"),
        (xgboost("1.7-1").python("py3").cpu(), "sagemaker-xgboost:1.7-1"),
        (xgboost("1.5-1").instance_type("ml.c7g.large"), "sagemaker-xgboost:1.5-1-arm64"),
        (sklearn("1.0-1").scope(Scope::InferenceGraviton), "sagemaker-scikit-learn:1.0-1-arm64-cpu-py3"),
        (retrieve("linear-learner", "1"), "linear-learner:1"),
        (pytorch("2.3").training().python("py311").gpu(), "pytorch-training:2.3-gpu-py311"),
        (
            pytorch("1.11").instance_type("ml.trn1.2xlarge"),
            "pytorch-training-neuron:1.11-neuron-py38-sdk2.4.0-ubuntu20.04",
        ),
        (
            pytorch("1.11").processor(Processor::Neuron).neuron_sdk("sdk9"),
            "pytorch-training-neuron:1.11-neuron-py38-sdk9-ubuntu20.04",
        ),
        (pytorch("1.13").training_compiler(), "pytorch-trcomp-training:1.13-gpu-py39"),
        (
            huggingface("4.28").training(),
            "huggingface-pytorch-training:2.0.0-transformers4.28-gpu-py310-cu118-ubuntu20.04",
        ),
        (
            huggingface("4.28").training().processor(Processor::Neuronx),
            "huggingface-pytorch-training-neuronx:1.13.0-transformers4.28.1-neuronx-py38-sdk2.9.1-ubuntu20.04",
        ),
        (
            huggingface_llm("2.4.0"),
            "huggingface-pytorch-tgi-inference:2.4.0-tgi2.4.0-gpu-py311-cu124-ubuntu22.04-v2.2",
        ),
        (spark("3.3"), "sagemaker-spark-processing:3.3-cpu"),
        (spark("3.3").python("py39").container_version("v1"), "sagemaker-spark-processing:3.3-cpu-py39-v1"),
        (
            pytorch("1.6").training().python("py36").instance_type("ml.p4d.24xlarge"),
            "pytorch-training:1.6-gpu-py36-cu110-ubuntu18.04-v3",
        ),
        (retrieve("sagemaker-tritonserver", "24.09").gpu(), "sagemaker-tritonserver:24.09-py3"),
        (retrieve("sagemaker-tritonserver", "24.09").cpu(), "sagemaker-tritonserver:24.09-py3-cpu"),
        (retrieve("pytorch-smp", "2.4.1"), "smdistributed-modelparallel:2.4.1-gpu-py311-cu121"),
        (clarify(), "sagemaker-clarify-processing:1.0"),
        (model_monitor(), "sagemaker-model-monitor-analyzer"),
        (base_python("310"), "sagemaker-base-python-310:1.0"),
    ] {
        assert_eq!(tag(image), expected);
    }
}

#[test]
fn an_image_is_a_part_of_a_text() {
    let uri = join!("docker://", sklearn("1.2-1"));
    let Node::Expr(Expression::Join(pieces)) = uri.node() else {
        panic!("{uri:?}");
    };
    assert_eq!(pieces[0], Node::text("docker://"));
    assert!(matches!(Text::from(sklearn("0")).into_expr().node(), Node::Invalid(_)));
}

const NEWER: &str = "an image newer than this release: `image::uri(\"…\")`";

#[test]
fn what_does_not_exist_is_refused_with_what_does() {
    refused(
        sklearn("1.2"),
        "sklearn 1.2",
        "versions of sklearn for training: 0.20.0, 0.23-1, 1.0-1, 1.2-1, 1.4-2",
        &format!("did you mean \"1.2-1\"? {NEWER}"),
    );
    refused(retrieve("linear-learner", "2"), "linear-learner 2", "versions of linear-learner: 1", NEWER);
    refused(
        retrieve("spark", "3.4").python("py39").container_version("v1"),
        "spark 3.4",
        "versions of spark: 2.4, 3.0, 3.1, 3.2, 3.3, 3.5",
        &format!("did you mean \"3.5\"? {NEWER}"),
    );
    match Expr::from(retrieve("xgbost", "1.7-1")).node() {
        Node::Invalid(invalid) => {
            assert_eq!(invalid.value, "xgbost");
            assert!(invalid.limit.starts_with("frameworks with images: autogluon, blazingtext"));
            let help = invalid.help.as_deref();
            assert!(help.is_some_and(|h| h.starts_with("did you mean \"xgboost\"?")));
        }
        other => panic!("{other:?}"),
    }
    refused(
        pytorch("2.3").scope(Scope::Processing),
        "pytorch 2.3 for processing",
        "uses of pytorch: eia, inference, inference_graviton, training",
        NEWER,
    );
    refused(
        pytorch("2.3").processor(Processor::Neuronx),
        "pytorch 2.3 with neuronx",
        "there are no neuronx images of pytorch",
        "",
    );
}

#[test]
fn a_choice_left_open_is_refused() {
    refused(
        pytorch("2.3"),
        "pytorch 2.3",
        "one use of pytorch: eia, inference, inference_graviton, training",
        "say which: `.training()`, `.inference()` or `.scope(…)`",
    );
    refused(
        pytorch("2.3").training(),
        "pytorch 2.3",
        "processors of pytorch 2.3: cpu, gpu",
        "say which: `.cpu()`, `.gpu()`, `.processor(…)` or `.instance_type(\"…\")`",
    );
    refused(
        huggingface("4.6").inference().cpu(),
        "huggingface 4.6",
        "base frameworks of huggingface 4.6: pytorch1.7.1, pytorch1.8.1, tensorflow2.4.1",
        "say which: `.base_framework(\"…\")`",
    );
    refused(
        tensorflow("1.13.1").training().cpu(),
        "tensorflow 1.13.1",
        "Python versions of tensorflow 1.13.1: py2, py3",
        "say which: `.python(\"…\")`",
    );
}

#[test]
fn independent_mistakes_are_told_together() {
    refused(
        pytorch("2.3").training().python("py31").processor(Processor::Trainium),
        "pytorch 2.3",
        "versions of pytorch-neuron: 1.11.0",
        NEWER,
    );
    refused(
        tensorflow("2.19").training().python("py31"),
        "tensorflow 2.19, py31",
        "Python versions of tensorflow 2.19: py312; processors of tensorflow 2.19: cpu, gpu",
        &format!(
            "did you mean \"py312\"? {NEWER}; say which: `.cpu()`, `.gpu()`, `.processor(…)` or `.instance_type(\"…\")`"
        ),
    );
}

#[test]
fn what_does_not_go_together_is_refused() {
    refused(
        spark("3.3").python("py39"),
        "spark 3.3",
        "Python and container version both, or neither",
        "for example `.python(\"py39\").container_version(\"v1\")`",
    );
    refused(
        sklearn("1.2-1").container_version("v1"),
        "sklearn 1.2-1, v1",
        "the images of sklearn have no container version to choose",
        "leave `.container_version(…)` out",
    );
    refused(
        pytorch("2.3").training().instance_type("ml.p2.xlarge"),
        "pytorch 2.3 on ml.p2",
        "PyTorch before 1.13, TensorFlow before 2.12",
        "choose a newer instance type, such as ml.g5",
    );
    refused(
        pytorch("2.3").training().instance_type("m5.xlarge"),
        "m5.xlarge",
        "an instance type",
        "instance types look like \"ml.m5.xlarge\"",
    );
    refused(
        huggingface("4.28").training().cpu(),
        "huggingface 4.28 on cpu",
        "processors of huggingface 4.28: gpu",
        "",
    );
    refused(
        mxnet("1.9").inference().instance_type("ml.m6g.large"),
        "mxnet 1.9 on ml.m6g",
        "mxnet has no images for Graviton processors",
        "choose an instance type with an x86 processor, such as ml.m5",
    );
    refused(
        sklearn("1.0-1").scope(Scope::InferenceGraviton).instance_type("ml.m5.large"),
        "sklearn 1.0-1 on ml.m5",
        "Graviton processors",
        "choose an instance type such as ml.m6g",
    );
    refused(
        xgboost("1.7-1").instance_type("ml.trn1.2xlarge"),
        "xgboost 1.7-1 on ml.trn1",
        "no Trainium",
        "choose an instance type such as ml.m5 or ml.g5",
    );
}
