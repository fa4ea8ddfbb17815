//! Mistakes in enums that hold something, in functions, in limits on elements.

use super::mistakes::{config, field};

#[test]
fn nothing_wrong() {
    config("#[config(tag = \"kind\")] enum E { A { x: u8 }, B(Inner), C }", &[]);
    config(
        "#[config(tag = \"t\", content = \"c\", rename_all = \"kebab-case\")] enum E { A(u8), B(u8, u8), C }",
        &[],
    );
    config("#[config(untagged)] enum E { A(u8), B { x: u8 } }", &[]);
    config("#[config(validate = ordered, validate(differ, a, b))] struct S { a: u8, b: u8 }", &[]);
    config("#[config(from_str = \"a colour\")] struct S(u8);", &[]);
    config("#[config(from_str, pattern = \"^#\", schema_extra = more)] struct S(u8);", &[]);
    config("#[config(transparent)] struct S(#[config(ge = 1, validate = odd)] u8);", &[]);
    config("#[config(transparent, validate = rule, schema_extra = more)] struct S(Vec<Inner>);", &[]);
    field("#[config(before = split, schema_extra = more)] a: Foo", &[]);
    field("#[config(items(ge = 1, le = 9), unique_items, min_length = 1)] a: Vec<u8>", &[]);
    field(
        "#[config(keys(pattern = \"^a\"), values(items(max_length = 3)))] a: BTreeMap<String, Vec<String>>",
        &[],
    );
    field(
        "#[config(rename = \"b\", alias = [\"c\", \"d\"], title = \"T\", deprecated = \"x\", examples = [1])] a: u8",
        &[],
    );
    field(
        "#[config(default_with = now, before = trim, after = norm, validate = a, validate = b)] a: Foo",
        &[],
    );
    field("#[config(flatten)] a: Inner", &[]);
    field(
        "#[config(le = limits::MAX, min_length = LEAST)] a: Foo",
        &["limits::MAX: a constant can't stand for `Foo`: write a literal"],
    );
}

#[test]
fn how_variants_are_told_apart() {
    config(
        "#[config(tag = \"t\")] struct S { a: u8 }",
        &["tag: only the variants of an enum are told apart: remove it"],
    );
    config(
        "#[config(content = \"c\")] enum E { A(u8) }",
        &["content: `content` needs a `tag` beside it: `tag = \"kind\"`"],
    );
    config(
        "#[config(tag = \"t\", content = \"t\")] enum E { A(u8) }",
        &["\"t\": `tag` and `content` are two keys of one table: give them different names"],
    );
    config(
        "#[config(untagged, tag = \"t\")] enum E { A(u8) }",
        &["tag: `tag` has no place beside `untagged`: keep one"],
    );
    config(
        "#[config(untagged)] enum E { A, B(u8) }",
        &["A: nothing tells this variant: it holds nothing, and the enum is `untagged`"],
    );
    config(
        "#[config(tag = \"t\")] enum E { A(u8, u8), B { t: u8 } }",
        &[
            "(u8, u8): the tag stands among the variant's own keys, so name its fields",
            "t: the key `t` holds the variant's name: choose another",
        ],
    );
    config(
        "enum E { A(), B { #[config(flatten)] x: Inner } }",
        &[
            "(): a variant without names holds 1 to 8 values: name its fields",
            "x: nothing is flattened into a variant: give it a struct of its own",
        ],
    );
    config(
        "#[config(rename_all = \"Kebab\")] enum E { A }",
        &[
            "\"Kebab\": \"Kebab\" is no case: write one of \"snake_case\", \"kebab-case\", \"camelCase\", \"PascalCase\", \"SCREAMING_SNAKE_CASE\", \"SCREAMING-KEBAB-CASE\", \"lowercase\", \"UPPERCASE\"",
        ],
    );
    config(
        "#[config(from_str, tag = \"t\")] struct S;",
        &["tag: `tag` has no place beside `from_str`: the type reads itself"],
    );
}

#[test]
fn types_that_are_what_their_field_is() {
    config(
        "struct S(u8);",
        &[
            "(u8): write `#[config(transparent)]` for a type that is what its field is, or name the field, for a table with that key",
        ],
    );
    config(
        "struct S(u8, u8);",
        &["(u8, u8): name the fields: each one's name is its key in the configuration"],
    );
    for item in [
        "#[config(transparent)] struct S(u8, u8);",
        "#[config(transparent)] struct S { a: u8 }",
        "#[config(transparent)] enum S { A }",
    ] {
        config(
            item,
            &[
                "transparent: only a struct of one field without a name is what the field is: `struct Name(u8);`",
            ],
        );
    }
    config(
        "#[config(transparent = true, tag = \"t\")] struct S(u8);",
        &[
            "true: `transparent` takes no value: write it alone, or leave it out",
            "tag: `tag` has no place beside `transparent`: there are no keys",
        ],
    );
    config(
        "#[config(transparent)] struct S(#[config(default = 1, alias = [\"a\", \"b\"], ge = 300)] u8);",
        &[
            "300: `300` does not fit into `u8`, which goes from 0 to 255",
            "u8: `default` belongs on the fields of this type: here is no key that it is about",
            "u8: `alias` belongs on the fields of this type: here is no key that it is about",
            "u8: `rename` belongs on the fields of this type: here is no key that it is about",
        ],
    );
    config(
        "#[config(transparent)] struct S(#[config(pattern = \"a\")] u8);",
        &["pattern: `pattern` is about text, and `S` is `u8`"],
    );
    config(
        "#[config(pattern = \"a\")] struct S { a: u8 }",
        &["pattern: the pattern of a type stands beside its `from_str`; otherwise it belongs on a field"],
    );
    config(
        "#[config(from_str, pattern = \"(\")] struct S;",
        &["\"(\": this pattern can't be compiled: found open group without closing ')'"],
    );
}

#[test]
fn functions_and_fields() {
    config(
        "#[config(validate = \"ordered\")] struct S { a: u8 }",
        &["\"ordered\": `validate` takes the name of a function"],
    );
    config("#[config(validate(ordered, b))] struct S { a: u8 }", &["b: this is no field of the struct"]);
    config(
        "#[config(validate(ordered))] struct S { a: u8 }",
        &["validate: write the function and the fields: `validate(function, first_field, second_field)`"],
    );
    field("#[config(before)] a: u8", &["before: `before` needs a value: `before = path::to::function`"]);
    field(
        "#[config(default = 1, default_with = one)] a: u8",
        &["one: `default` and `default_with` both say what the value is: keep one"],
    );
    field(
        "#[config(flatten, ge = 1)] a: Inner",
        &["ge: `ge` has no place beside `flatten`: the keys are those of the type"],
    );
    field("#[config(flatten)] a: u8", &["u8: only a struct or a map has keys to flatten, and `a` is `u8`"]);
    field("#[config(examples = 1)] a: u8", &["1: `examples` takes a list: `examples = [1, 2]`"]);
    field(
        "#[config(examples = [\"x\"])] a: u8",
        &["\"x\": `\"x\"` is not a value of `u8`: write a whole number, as in 3"],
    );
}

#[test]
fn limits_on_elements() {
    field(
        "#[config(items = 1)] a: Vec<u8>",
        &["items: write the limits in parentheses: `items(max_length = 10)`"],
    );
    field(
        "#[config(items(ge = 1))] a: String",
        &["items: `items` is about lists and sets, and `a` is `String`"],
    );
    field("#[config(keys(ge = 1))] a: Vec<u8>", &["keys: `keys` is about maps, and `a` is a `Vec`"]);
    field(
        "#[config(items(ge = 300))] a: Vec<u8>",
        &["300: `300` does not fit into `u8`, which goes from 0 to 255"],
    );
    field(
        "#[config(items(pattern = \"(\"))] a: Vec<String>",
        &["\"(\": this pattern can't be compiled: found open group without closing ')'"],
    );
    field(
        "#[config(items(pattern = \"a\"))] a: Vec<u8>",
        &["pattern: `pattern` is about text, and what `a` holds is `u8`"],
    );
    field("#[config(unique_items)] a: u8", &["unique_items: `unique_items` is about lists, and `a` is `u8`"]);
    field(
        "#[config(unique_items)] a: BTreeSet<u8>",
        &["unique_items: the items of a set are unique anyway: remove it"],
    );
}
