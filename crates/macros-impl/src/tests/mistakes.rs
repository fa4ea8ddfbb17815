//! Every mistake, at its token, in one go.

use std::str::FromStr as _;

use proc_macro2::TokenStream;

use crate::errors::Errors;
use crate::{Derive, check, syntax};

/// Compares `TOKENS: message` of every mistake in an item.
#[track_caller]
fn check(derive: Derive, item: &str, expected: &[&str]) {
    let tokens = TokenStream::from_str(item).unwrap();
    let mut errors = Errors::default();
    let raw = syntax::container(syn::parse2(tokens).unwrap(), &mut errors);
    let (_, model) = check::container(raw, derive, &mut errors);
    assert_eq!(model.is_some(), expected.is_empty(), "{item}");
    let got: Vec<String> = errors
        .iter()
        .map(|error| format!("{}: {error}", error.span().source_text().unwrap_or_default()))
        .collect();
    assert_eq!(got, expected, "{item}");
}

/// The same for one field of a pipeline, written with its attributes.
#[track_caller]
pub(super) fn field(field: &str, expected: &[&str]) {
    check(Derive::Pipeline, &format!("struct P {{ {field} }}"), expected);
}

#[track_caller]
fn pipeline(item: &str, expected: &[&str]) {
    check(Derive::Pipeline, item, expected);
}

#[track_caller]
pub(super) fn config(item: &str, expected: &[&str]) {
    check(Derive::Config, item, expected);
}

#[test]
fn nothing_wrong() {
    pipeline("struct P;", &[]);
    pipeline(
        "#[pipeline(name = \"a-1--b\", display_name = \"X\", crate = \"::a::b\",)] struct P { a: i64, b: Parameter<bool> }",
        &[],
    );
    config("#[config(crate = \"x\")] struct C { r#type: Option<Vec<u8>> }", &[]);
    config("enum E { A, #[config(alias = \"Bee\")] B }", &[]);
    field("#[config(ge = 0, le = 255, default = 255)] a: u8", &[]);
    field("#[config(gt = -1.5, lt = 3, multiple_of = 0.1, default = -0.3)] a: f32", &[]);
    field("#[config(min_length = 3, max_length = 3, default = \"äöü\")] a: String", &[]);
    field("#[config(pattern = \"b\", default = \"abc\")] a: std::string::String", &[]);
    field("#[config(choices = [1, 2], default = 2)] a: i8", &[]);
    field("#[config(min_length = 1, default = [\"a\"])] a: Vec<String>", &[]);
    field("#[config(default)] a: BTreeMap<String, u8>", &[]);
    field("#[config(default)] a: Training", &[]);
    field("#[config(ge = 1)] a: Option<u8>", &[]);
    field(
        "#[parameter(default = \"a\", choices = [\"a\", \"b\"], name = \"Z\", unused = \"later\")] a: Parameter<String>",
        &[],
    );
    field("#[parameter(default = 1)] a: Parameter<f64>", &[]);
    field("a: pipewright::Parameter<i64>", &[]);
}

#[test]
fn the_grammar_of_attributes() {
    field("#[config] a: u8", &["config: write the settings in parentheses: `#[config(key = value)]`"]);
    field(
        "#[config = 3] a: u8",
        &["config = 3: write the settings in parentheses: `#[config(key = value)]`"],
    );
    field(
        "#[config()] a: u8",
        &["config(): `#[config()]` says nothing: remove it, or write a setting between the parentheses"],
    );
    field("#[config(ge)] a: u8", &["ge: `ge` needs a value: `ge = 1`"]);
    field("#[config(ge =)] a: u8", &["=: `ge` has no value after its `=`"]);
    field("#[config(ge 1)] a: u8", &["1: write `ge = value` or leave `ge` out"]);
    field("#[config(ge(1))] a: u8", &["(: write `ge = value` or leave `ge` out"]);
    field("#[config(ge = 1 2)] a: u8", &["2: expected a comma before this"]);
    field("#[config(\"ge\" = 1)] a: u8", &["\"ge\": expected a setting: `key = value`"]);
    field("#[config(ge = 1, ge = 2)] a: u8", &["ge: `ge` is set twice: remove one"]);
    field("#[config(ge = 1)] #[config(ge = 2)] a: u8", &["ge: `ge` is set twice: remove one"]);
    // One broken setting hides none of its neighbours' mistakes.
    field(
        "#[config(ge 1, lee = 2, default = 300)] a: u8",
        &[
            "1: write `ge = value` or leave `ge` out",
            "lee: unknown setting `lee`: did you mean `le`?\nknown here: `default`, `ge`, `gt`, `le`, `lt`, `multiple_of`, `min_length`, `max_length`, `pattern`, `choices`, `unique_items`, `items`, `keys`, `values`, `alias`, `rename`, `flatten`, `default_with`, `before`, `after`, `validate`, `deprecated`, `title`, `examples`, `schema_extra`",
            "300: `300` does not fit into `u8`, which goes from 0 to 255",
        ],
    );
}

#[test]
fn unknown_settings_say_what_to_write() {
    let known = "known here: `default`, `ge`, `gt`, `le`, `lt`, `multiple_of`, `min_length`, `max_length`, `pattern`, `choices`, `unique_items`, `items`, `keys`, `values`, `alias`, `rename`, `flatten`, `default_with`, `before`, `after`, `validate`, `deprecated`, `title`, `examples`, `schema_extra`";
    for (key, advice) in [
        ("min", ": write `ge`"),
        ("regex", ": write `pattern`"),
        ("key", ": write `rename`"),
        ("description", ": write a doc comment"),
        ("optional", ": make the field's type an `Option`"),
        ("min-length", ": write `min_length = value`"),
        ("minlength", ": did you mean `min_length`?"),
        ("Default", ": did you mean `default`?"),
        ("banana", ""),
    ] {
        if key == "min-length" {
            field("#[config(min-length = 1)] a: String", &["-: write `min = value` or leave `min` out"]);
            continue;
        }
        let expected = format!("{key}: unknown setting `{key}`{advice}\n{known}");
        field(&format!("#[config({key} = 1)] a: String"), &[&expected]);
    }
    let known = "known here: `default`, `name`, `choices`, `min_length`, `max_length`, `unused`";
    let ge =
        format!("ge: unknown setting `ge`: SageMaker checks no such thing when an execution starts\n{known}");
    field("#[parameter(ge = 1)] a: Parameter<i64>", &[&ge]);
    let alias = format!("alias: unknown setting `alias`: write `name`\n{known}");
    field("#[parameter(alias = \"b\")] a: Parameter<i64>", &[&alias]);
    pipeline(
        "#[pipeline(nam = \"a\")] struct P;",
        &[
            "nam: unknown setting `nam`: did you mean `name`?\nknown here: `name`, `display_name`, `crate`, `rename_all`, `validate`",
        ],
    );
    config(
        "#[config(name = \"a\")] struct P;",
        &[
            "name: unknown setting `name`: it belongs into `#[pipeline(…)]` on the struct with `#[derive(Pipeline)]`\nknown here: `crate`, `rename_all`, `validate`, `tag`, `content`, `untagged`, `from_str`, `pattern`, `transparent`, `schema_extra`",
        ],
    );
}

#[test]
fn attributes_in_the_wrong_place() {
    field(
        "#[pipeline(name = \"x\")] a: u8",
        &["pipeline: `#[pipeline(…)]` belongs on the struct, not on a field"],
    );
    field(
        "#[parameter(default = 1)] a: i64",
        &["parameter: the field is no `Parameter<…>`: write `#[config(…)]`"],
    );
    field(
        "#[config(default = 1)] a: Parameter<i64>",
        &["config: the field is a `Parameter`: write `#[parameter(…)]`"],
    );
    pipeline(
        "#[config(crate = \"x\")] struct P;",
        &["config: on the struct with `#[derive(Pipeline)]` write `#[pipeline(…)]`"],
    );
    pipeline(
        "#[parameter(default = 1)] struct P;",
        &["parameter: `#[parameter(…)]` belongs on a field of type `Parameter<…>`"],
    );
    config(
        "#[pipeline(name = \"x\")] struct P;",
        &["pipeline: `#[pipeline(…)]` belongs on the struct with `#[derive(Pipeline)]`"],
    );
    config(
        "struct P { a: Parameter<i64> }",
        &[
            "Parameter<i64>: only the top struct, the one with `#[derive(Pipeline)]`, has parameters: move the field there",
        ],
    );
}

#[test]
fn items_that_are_no_configuration() {
    pipeline(
        "enum P { A }",
        &["P: a pipeline is a struct: each configuration value and each parameter is a field"],
    );
    pipeline("struct P(u8);", &["(u8): name the fields: each one's name is its key in the configuration"]);
    config("union P { a: u8 }", &["union: name the fields: each one's name is its key in the configuration"]);
    config(
        "struct P<T> { a: T }",
        &["<T>: a configuration has no generic parameters: name the types in its fields"],
    );
    config("enum E {}", &["E: an enum without variants has no value to choose"]);
    config("enum E { A(u8), B { c: u8 }, C }", &[]);
    config("enum E { AB, #[config(alias = \"a_b\")] C, #[config(alias = \"d\")] D }", &[]);
    config(
        "enum E { Ab, #[config(alias = \"ab\")] C }",
        &["\"ab\": `Ab` is called \"ab\" too: give one of them an `alias`"],
    );
}

#[test]
fn names() {
    let long = "a".repeat(83);
    let name = |name: &str, fault: &str| {
        let expected = format!("{name:?}: this is no pipeline name: {fault}");
        pipeline(&format!("#[pipeline(name = {name:?})] struct P;"), &[&expected]);
    };
    name("", "it is empty");
    name("-a", "a hyphen can't be its first or last character");
    name(
        "a_b",
        "'_' is not allowed; write ASCII letters, digits and hyphens, a letter or digit first and last",
    );
    name(&long, "it has 83 characters, and at most 82 are allowed");
    pipeline(
        "struct Größe;",
        &[
            "Größe: this gives no pipeline name: write one, `#[pipeline(name = \"my-pipeline\")]`, of ASCII letters, digits and hyphens, a letter or digit first and last",
        ],
    );
    pipeline(
        "#[pipeline(name = 3, display_name = \"A b\", crate = \"a b\")] struct P;",
        &[
            "\"a b\": \"a b\" is not a path: write it as in `use`",
            "3: `name` is a text, not `3`: `name = \"my-pipeline\"`",
            "\"A b\": this is no display name: ' ' is not allowed; write ASCII letters, digits and hyphens, a letter or digit first and last",
        ],
    );
    field(
        "env: u8",
        &["env: `env` holds the tables of the environments in the configuration: choose another name"],
    );
    field("#[config(alias = \"\")] a: u8", &["\"\": an alias can't be empty"]);
    field("#[config(alias = \"a\")] a: u8", &[]);
    field(
        "a: u8, #[config(alias = \"a\")] b: u8",
        &["\"a\": `a` has the key `a` too: each field needs one of its own"],
    );
    field(
        "#[config(alias = \"b\")] a: u8, b: u8",
        &["b: `a` has the key `b` too: each field needs one of its own"],
    );
    field(
        "a_b: Parameter<i64>, #[parameter(name = \"AB\")] c: Parameter<i64>",
        &["\"AB\": `a_b` is the parameter \"AB\" too: each needs a name of its own"],
    );
    field(
        "#[parameter(name = \"A b\")] c: Parameter<i64>",
        &[
            "\"A b\": this is no name for a parameter: ' ' is not allowed; write ASCII letters, digits, hyphens and underscores",
        ],
    );
    field("#[parameter(name = \"C\")] c: Parameter<i64>", &[]);
}

#[test]
fn everything_wrong_at_once() {
    pipeline(
        "#[pipeline(name = \"a b\", nme = 1)]
        struct P {
            #[config(ge = 3, le = 1)] a: u8,
            #[parameter(default = 1)] b: Parameter<String>,
            c: Parameter<u8>,
            #[config(alias = \"a\")] d: &str,
        }",
        &[
            "nme: unknown setting `nme`: did you mean `name`?\nknown here: `name`, `display_name`, `crate`, `rename_all`, `validate`",
            "\"a b\": this is no pipeline name: ' ' is not allowed; write ASCII letters, digits and hyphens, a letter or digit first and last",
            "1: no value has both `ge = 3` and `le = 1`",
            "1: `1` is not a value of `String`: write text, as in \"abc\"",
            "u8: SageMaker's integers have 64 bits: write `Parameter<i64>`",
            "&str: a configuration owns its values: write `String`",
            "\"a\": `a` has the key `a` too: each field needs one of its own",
        ],
    );
}
