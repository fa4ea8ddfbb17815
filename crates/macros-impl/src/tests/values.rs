//! Mistakes in constraints, defaults and parameters.

use super::mistakes::field;

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
    field("#[config(ge = min)] a: u8", &["min: `min` is not a literal; for text write \"min\""]);
    field("#[config(ge = MIN, le = u8::MAX, default = 2 * MIN)] a: u8", &[]);
    field("a: &'static str", &["&'static str: a configuration owns its values: write `String`"]);
    field("a: HashMap<String, u8>", &[]);
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
