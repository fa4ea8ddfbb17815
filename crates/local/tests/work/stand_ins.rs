//! Functions and programs in the place of services.

use serde_json::{Value, json};

use crate::scene::{Scene, each, python};

fn outputs() -> Value {
    json!({
        "FunctionArn": "arn:aws:lambda:eu-west-1:000000000000:function:notify",
        "OutputParameters": [
            {"OutputName": "sent", "OutputType": "Boolean"},
            {"OutputName": "count", "OutputType": "Integer"},
        ],
    })
}

fn scenes(act: impl Fn(&mut Scene)) {
    each(python("PIPEWRIGHT_PYTHON").as_ref(), act);
}

#[test]
fn a_function_is_called_as_lambda_calls_it() {
    scenes(|scene| {
        scene.settings("[types.Lambda]\nlambda = \"notify.py:handler\"");
        scene.local("beside.py", "FACTOR = 2\n");
        scene.local(
            "notify.py",
            "import os, subprocess, beside
def handler(event, context):
    print('hello', context.function_name, context.get_remaining_time_in_millis() > 590_000, flush=True)
    subprocess.run(['echo', 'from a program'])
    assert context.invoked_function_arn.endswith(':function:notify')
    return {'sent': True, 'count': event['n'] * beside.FACTOR, 'more': os.environ['AWS_REGION']}
",
        );
        let properties = scene.succeeds("Lambda", json!({"n": 21}), outputs());
        assert_eq!(properties, json!({"OutputParameters": {"sent": true, "count": 42}}));
        assert!(scene.said().contains("hello notify True\nfrom a program"), "{}", scene.said());

        let reason = scene.fails("Lambda", json!({"n": "x"}), outputs());
        assert_eq!(
            reason,
            "output parameter `count`: \"xx\" is no Integer; the result has sent, count, more"
        );
        let reason = scene.fails("Lambda", json!({}), outputs());
        assert!(reason.starts_with("the function ended with status 1; the end of its log: "), "{reason}");
        assert!(reason.ends_with("KeyError: 'n'"), "{reason}");
    });
}

#[test]
fn functions_that_can_not_be_called() {
    scenes(|scene| {
        scene.local("broken.py", "import nothing_of_this_name\n");
        scene.local("fine.py", "def handler(event, context):\n    return [1]\n");
        for (function, expected) in [
            ("missing.py:f", "the stand-in missing.py is not in "),
            ("broken.py:f", "ModuleNotFoundError: No module named 'nothing_of_this_name'"),
            ("fine.py:other", "fine.py has no function other"),
            ("fine.py:handler", "handler in fine.py must return a dict of output parameters, not [1]"),
        ] {
            scene.settings(&format!("[steps.MyLambda]\nlambda = {function:?}"));
            let reason = scene.fails("Lambda", json!({}), outputs());
            assert!(reason.contains(expected), "{reason}");
        }
    });
}

#[test]
fn a_callback_gets_the_message() {
    scenes(|scene| {
        scene.settings("[types.Callback]\nlambda = \"ask.py:answer\"");
        scene.local(
            "ask.py",
            "def answer(message, context):\n    return {'sent': len(message['token']) == 10, 'count': message['arguments']['n']}\n",
        );
        let members =
            json!({"SqsQueueUrl": "https://queue", "OutputParameters": outputs()["OutputParameters"]});
        let properties = scene.succeeds("Callback", json!({"n": 3}), members);
        assert_eq!(properties, json!({"OutputParameters": {"sent": true, "count": 3}}));
    });
}

#[test]
fn a_program_reads_the_step_and_writes_properties() {
    scenes(|scene| {
        scene.settings("[types.QualityCheck]\nrun = [\"python3\", \"check.py\", \"loud\"]");
        scene.local(
            "check.py",
            "import json, sys
step = json.load(sys.stdin)
print('checking', step['step'], sys.argv[1], file=sys.stderr)
if 'bad' in step['arguments']:
    print('too much drift', file=sys.stderr)
    sys.exit(3)
if 'talk' in step['arguments']:
    print('what?')
print(json.dumps({'CalculatedBaselineConstraints': 's3://bucket/' + step['type'] + step['members']['CheckType']}))
",
        );
        let members = || json!({"CheckType": "DATA_QUALITY"});
        let properties = scene.succeeds("QualityCheck", json!({}), members());
        assert_eq!(
            properties,
            json!({"CalculatedBaselineConstraints": "s3://bucket/QualityCheckDATA_QUALITY"})
        );
        assert!(scene.said().contains("checking MyQualityCheck loud"), "{}", scene.said());
        let reason = scene.fails("QualityCheck", json!({"bad": 1}), members());
        let expected = "python3 check.py loud ended with status 3; the end of its log: checking MyQualityCheck loud | too much drift";
        assert_eq!(reason, expected);
        let reason = scene.fails("QualityCheck", json!({"talk": 1}), members());
        assert!(
            reason.starts_with("what python3 check.py loud wrote to standard output is no JSON"),
            "{reason}"
        );
    });
}

#[test]
fn without_a_stand_in_the_step_fails() {
    scenes(|scene| {
        let reason = scene.fails("EMR", json!({}), json!({}));
        assert!(
            reason.starts_with(
                "step \"MyEMR\" (EMR) has no local stand-in: write [steps.MyEMR] in local/run.toml"
            ),
            "{reason}"
        );
        scene.settings("[steps.MyEMR]\noutput = { Id = \"s-1\" }");
        assert_eq!(scene.succeeds("EMR", json!({}), json!({})), json!({"Id": "s-1"}));
    });
}
