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
fn field(field: &str, expected: &[&str]) {
    check(Derive::Pipeline, &format!("struct P {{ {field} }}"), expected);
}

#[track_caller]
fn pipeline(item: &str, expected: &[&str]) {
    check(Derive::Pipeline, item, expected);
}

#[track_caller]
fn config(item: &str, expected: &[&str]) {
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
            "lee: unknown setting `lee`: did you mean `le`?\nknown here: `default`, `ge`, `gt`, `le`, `lt`, `multiple_of`, `min_length`, `max_length`, `pattern`, `choices`, `alias`",
            "300: `300` does not fit into `u8`, which goes from 0 to 255",
        ],
    );
}

#[test]
fn unknown_settings_say_what_to_write() {
    let known = "known here: `default`, `ge`, `gt`, `le`, `lt`, `multiple_of`, `min_length`, `max_length`, `pattern`, `choices`, `alias`";
    for (key, advice) in [
        ("min", ": write `ge`"),
        ("regex", ": write `pattern`"),
        ("rename", ": write `alias`"),
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
        &["nam: unknown setting `nam`: did you mean `name`?\nknown here: `name`, `display_name`, `crate`"],
    );
    config(
        "#[config(name = \"a\")] struct P;",
        &[
            "name: unknown setting `name`: it belongs into `#[pipeline(…)]` on the struct with `#[derive(Pipeline)]`\nknown here: `crate`",
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
    config(
        "enum E { A(u8), B { c: u8 }, C }",
        &[
            "(u8): a variant is just a name in the configuration: leave out its fields, or make the type a struct",
            "{ c: u8 }: a variant is just a name in the configuration: leave out its fields, or make the type a struct",
        ],
    );
    config(
        "enum E { AB, #[config(alias = \"a_b\")] C, #[config(alias = \"d\")] D }",
        &["\"d\": it is called \"d\" without this too: remove it"],
    );
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
    field("#[config(alias = \"a\")] a: u8", &["\"a\": it is called \"a\" without this too: remove it"]);
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
    field(
        "#[parameter(name = \"C\")] c: Parameter<i64>",
        &["\"C\": this is no name for a parameter: it is \"C\" without this too: remove it"],
    );
}

#[test]
fn constraints_that_do_not_fit_the_type() {
    field(
        "#[config(ge = 1)] a: String",
        &["ge: `ge` is about numbers, and `a` is `String`; for its length write `min_length`"],
    );
    field(
        "#[config(lt = 1)] a: Vec<u8>",
        &["lt: `lt` is about numbers, and `a` is a `Vec`; for its length write `max_length`"],
    );
    field(
        "#[config(multiple_of = 2)] a: bool",
        &["multiple_of: `multiple_of` is about numbers, and `a` is `bool`"],
    );
    field(
        "#[config(min_length = 1)] a: i64",
        &["min_length: `min_length` counts characters or items, and `a` is `i64`; write `ge`"],
    );
    field(
        "#[config(max_length = 1)] a: bool",
        &["max_length: `max_length` counts characters or items, and `a` is `bool`"],
    );
    field("#[config(pattern = \"a\")] a: Option<u8>", &["pattern: `pattern` is about text, and `a` is `u8`"]);
    field(
        "#[config(pattern = \"a\")] a: Vec<String>",
        &["pattern: `pattern` is about text, and `a` is a `Vec`"],
    );
    field("#[config(choices = [true])] a: bool", &["choices: `a` is `bool`, so it has just two values"]);
    field(
        "#[config(choices = [\"a\"])] a: Vec<String>",
        &["choices: `choices` lists texts or numbers, and `a` is a `Vec`"],
    );
    field(
        "#[config(choices = [1])] a: String",
        &["1: `1` is not a value of `String`: write text, as in \"abc\""],
    );
    field("#[config(ge = 0.5)] a: u8", &["0.5: `a` is `u8`: write a whole number"]);
    field("#[config(le = 256)] a: u8", &["256: `256` does not fit into `u8`, which goes from 0 to 255"]);
    field("#[config(ge = \"1\")] a: u8", &["\"1\": `ge` takes a number, not `\"1\"`"]);
    field("#[config(ge = 1u8)] a: u8", &["1u8: leave out the suffix `u8`: the field's type decides"]);
    field("#[config(ge = MIN)] a: u8", &["MIN: `MIN` is not a literal; for text write \"MIN\""]);
    field("a: &'static str", &["&'static str: a configuration owns its values: write `String`"]);
    field(
        "a: HashMap<String, u8>",
        &["HashMap<String, u8>: write `BTreeMap`: its order is the same in every run"],
    );
    field(
        "a: Option<Parameter<i64>>",
        &["Option<Parameter<i64>>: a parameter is always declared: write `Parameter<…>` alone"],
    );
}

#[test]
fn constraints_that_contradict_each_other() {
    field(
        "#[config(ge = 1, gt = 1)] a: u8",
        &["gt: `ge` and `gt` both limit the value from below: keep one"],
    );
    field(
        "#[config(le = 1, lt = 1)] a: u8",
        &["lt: `le` and `lt` both limit the value from above: keep one"],
    );
    field("#[config(ge = 3, le = 2)] a: u8", &["2: no value has both `ge = 3` and `le = 2`"]);
    field("#[config(gt = 0.5, lt = 0.5)] a: f64", &["0.5: no value has both `gt = 0.5` and `lt = 0.5`"]);
    field("#[config(gt = 1, lt = 2)] a: u8", &["2: no whole number has both `gt = 1` and `lt = 2`"]);
    field(
        "#[config(ge = 6, le = 9, multiple_of = 5)] a: u8",
        &["5: no multiple of 5 has both `ge = 6` and `le = 9`"],
    );
    field("#[config(multiple_of = 0)] a: u8", &["0: `multiple_of` takes a number above 0"]);
    field(
        "#[config(min_length = 3, max_length = 2)] a: String",
        &["2: no value has both `min_length = 3` and `max_length = 2`"],
    );
    field("#[config(min_length = 0)] a: String", &["0: every length is at least 0: remove it"]);
    field(
        "#[config(max_length = -1)] a: String",
        &["-1: `max_length` takes a whole number from 0 to 4294967295, not `-1`"],
    );
    field("#[config(choices = [])] a: String", &["[]: `choices` is empty, so no value is allowed"]);
    field(
        "#[config(choices = \"a\")] a: String",
        &["\"a\": `choices` takes a list: `choices = [\"a\", \"b\"]`"],
    );
    field(
        "#[config(choices = [\"a\", \"b\", \"a\"])] a: String",
        &["\"a\": `\"a\"` is among the choices already"],
    );
    field(
        "#[config(choices = [\"a\"], min_length = 1, pattern = \"a\")] a: String",
        &[
            "min_length: `min_length` has no place beside `choices`: list just the values that are allowed",
            "pattern: `pattern` has no place beside `choices`: list just the values that are allowed",
        ],
    );
}

#[test]
fn patterns() {
    field("#[config(pattern = \"\")] a: String", &["\"\": an empty pattern matches every text: remove it"]);
    field(
        "#[config(pattern = \"(\")] a: String",
        &["\"(\": this pattern can't be compiled: found open group without closing ')'"],
    );
    field(
        "#[config(pattern = \"(?=a)\")] a: String",
        &["\"(?=a)\": this pattern can't be compiled: look-around is not supported"],
    );
}

#[test]
fn defaults() {
    field("#[config(default)] a: u8", &["default: write the default, a whole number, as in 3"]);
    field(
        "#[config(default = \"3\")] a: u8",
        &["\"3\": `\"3\"` is not a value of `u8`: write a whole number, as in 3"],
    );
    field(
        "#[config(default = 3)] a: String",
        &["3: `3` is not a value of `String`: write text, as in \"abc\""],
    );
    field(
        "#[config(default = 0.5)] a: i64",
        &["0.5: `0.5` is not a value of `i64`: write a whole number, as in 3"],
    );
    field(
        "#[config(default = [1, 300])] a: Vec<u8>",
        &["[1, 300]: `300` does not fit into `u8`, which goes from 0 to 255"],
    );
    field(
        "#[config(default = [\"a\", b, &c])] a: Vec<String>",
        &["b: `b` is not a literal; for text write \"b\"", "&c: leave out the `&`"],
    );
    field(
        "#[config(default = String::new())] a: String",
        &[
            "String::new(): write a literal: a string, a number, `true`, `false`, or a list of them in brackets",
        ],
    );
    field(
        "#[config(ge = 1, multiple_of = 5, default = -3)] a: i64",
        &["-3: the default `-3` breaks the field's own `ge = 1` and `multiple_of = 5`"],
    );
    field(
        "#[config(min_length = 4, pattern = \"^b\", default = \"abc\")] a: String",
        &["\"abc\": the default `\"abc\"` breaks the field's own `min_length = 4` and `pattern = \"^b\"`"],
    );
    field(
        "#[config(choices = [1, 2], default = 3)] a: u8",
        &["3: the default `3` breaks the field's own `choices`"],
    );
    field(
        "#[config(min_length = 1, default)] a: Vec<u8>",
        &["default: the default is empty, and `min_length` is 1"],
    );
    field(
        "#[config(default = None)] a: Option<u8>",
        &["default: an `Option` is `None` when its key is absent: remove `default`"],
    );
    field(
        "#[config(default = 3)] a: Option<u8>",
        &["default: with a default it is never `None`: make its type `u8` instead of an `Option`"],
    );
}

#[test]
fn parameters() {
    field(
        "a: Parameter",
        &[
            "Parameter: say what the parameter holds: `Parameter<String>`, `Parameter<i64>`, `Parameter<f64>` or `Parameter<bool>`",
        ],
    );
    field("a: Parameter<u32>", &["u32: SageMaker's integers have 64 bits: write `Parameter<i64>`"]);
    field("a: Parameter<f32>", &["f32: SageMaker's floats have 64 bits: write `Parameter<f64>`"]);
    field("a: Parameter<&'static str>", &["&'static str: a text parameter is a `Parameter<String>`"]);
    field(
        "a: Parameter<Option<i64>>",
        &["Option<i64>: a parameter always has a value: leave out the `Option`"],
    );
    field(
        "a: Parameter<Mode>",
        &["Mode: a parameter holds a `String`, `i64`, `f64` or `bool`, written as one of these"],
    );
    field(
        "#[parameter(default = 0.5)] a: Parameter<i64>",
        &["0.5: `0.5` is not a value of `i64`: write a whole number, as in 3"],
    );
    field(
        "#[parameter(default = 1)] a: Parameter<bool>",
        &["1: `1` is not a value of `bool`: write `true` or `false`"],
    );
    field(
        "#[parameter(default)] a: Parameter<String>",
        &["default: `default` needs a value: `default = \"ml.m5.large\"`"],
    );
    field(
        "#[parameter(choices = [\"a\"], default = \"b\")] a: Parameter<String>",
        &["\"b\": the default `\"b\"` breaks the field's own `choices`"],
    );
    field(
        "#[parameter(choices = [1], min_length = 1)] a: Parameter<i64>",
        &[
            "choices: `choices` is for a `Parameter<String>`, and this one holds an `i64`",
            "min_length: `min_length` is for a `Parameter<String>`, and this one holds an `i64`",
        ],
    );
    let choices: Vec<String> = (0..17).map(|i| format!("\"{i}\"")).collect();
    field(
        &format!("#[parameter(choices = [{}])] a: Parameter<String>", choices.join(", ")),
        &["\"16\": a parameter takes at most 16 choices, and there are 17"],
    );
    let long = format!("\"{}\"", "x".repeat(1025));
    let expected = format!("{long}: a parameter's value has at most 1024 characters, and this has 1025");
    field(&format!("#[parameter(default = {long})] a: Parameter<String>"), &[&expected]);
    field(&format!("#[parameter(choices = [{long}])] a: Parameter<String>"), &[&expected]);
    field(
        "#[parameter(max_length = 1025)] a: Parameter<String>",
        &["1025: a parameter's value has at most 1024 characters anyway"],
    );
    field(
        "#[parameter(unused = \" \")] a: Parameter<String>",
        &["\" \": say why nothing refers to the parameter"],
    );
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
            "nme: unknown setting `nme`: did you mean `name`?\nknown here: `name`, `display_name`, `crate`",
            "\"a b\": this is no pipeline name: ' ' is not allowed; write ASCII letters, digits and hyphens, a letter or digit first and last",
            "1: no value has both `ge = 3` and `le = 1`",
            "1: `1` is not a value of `String`: write text, as in \"abc\"",
            "u8: SageMaker's integers have 64 bits: write `Parameter<i64>`",
            "&str: a configuration owns its values: write `String`",
            "\"a\": `a` has the key `a` too: each field needs one of its own",
        ],
    );
}
