//! The quick reader against the `toml` crate: what it reads is what the crate reads, place by place.

use proptest::prelude::*;

use crate::read;
use crate::report::Reports;
use crate::source::{Inputs, Source};

/// Reads a text both ways; says whether the quick way did it.
#[track_caller]
fn same(text: &str) -> bool {
    let Some(quick) = super::document(text, 0) else { return false };
    let sources = [Source::new("c.toml", text)];
    let inputs = Inputs::new(&sources, &[]);
    let mut reports = Reports::new(&inputs);
    let thorough = read::thoroughly(0, &mut reports);
    let problems = reports.finish();
    assert!(problems.is_empty(), "{text}\n{problems}");
    assert_eq!(quick, thorough, "{text}");
    true
}

#[track_caller]
fn quick(text: &str) {
    assert!(same(text), "{text}");
}

#[track_caller]
fn left(text: &str) {
    assert!(super::document(text, 0).is_none(), "{text}");
}

#[test]
#[expect(clippy::format_collect, reason = "two texts, made once")]
fn usual_texts_are_read_quickly() {
    for text in [
        "",
        "\n\r\n \t\n",
        "# comment",
        "a = 1",
        "a=1#x\r\nb\t=\t2 # é\n",
        "a = -1\nb = 0\nc = -0\nd = 123456789012345678",
        "a = 1_000\nb = 0xff\nc = 0o7\nd = 0b1\ne = +1\nf = 1234567890123456789012",
        "a = 1.5\nb = -0.5e3\nc = 1e9\nd = 1E-2\ne = inf\nf = -inf\ng = +1.5\nh = 1_0.0_1",
        "a = true\nb = false",
        "a = 1979-05-27\nb = 1979-05-27T07:32:00Z\nc = 1979-05-27 07:32:00.5+01:00\nd = 07:32:00\ne = 1979-05-27t07:32:00",
        "a = ''\nb = 'é'\nc = \"\"\nd = \"é\"\ne = 'a\\b'",
        r#"a = "\b\e\f\n\r\t\\\"\x41\u00e9\U0001F600""#,
        "a = '''\nx'y''z\n'''\nb = '''x'''''\nc = ''''''",
        "a = \"\"\"\nx\"y\"\"z\n\"\"\"\nb = \"\"\"x\"\"\"\"\"\nc = \"\"\"a\\\n   b\\\"\"\"\"",
        "a = '''\r\nx\r\n'''\nb = \"\"\"\r\nx\r\n\"\"\"",
        "a = []\nb = [1, 2,]\nc = [\n# x\n[1], # y\n\n'z'\n]\nd = [{a = 1}, {}]",
        "a = {}\nb = {c = 1, 'd' = 2}\ne = {\n# x\nf = 1,\n}",
        "a.b = 1\na.c.d = 2\n'x'.\"y\" . z = 3\na.c.e = {f = 1}",
        "[a]\nb = 1\n[c.d]\ne = 1\n[c.f]\n[ g . h ]\n[a.i]",
        "[[a]]\nb = 1\n[a.c]\nd = 1\n[[a.e]]\nf = 1\n[[a.e]]\n[a.e.g]\n[[a]]\nb = 2\n[a.c]\nd = 2",
        "[a]\nb.c = 1\nb.d = 2\n[a.b.e]\nf = 1",
        "1.2 = 1\n-_ = 1",
        "'' . \"\" = 1",
    ] {
        quick(text);
    }
    let many: String = (0..1000).map(|i| format!("k{} = {i}\n", i * 7919 % 1000)).collect();
    quick(&many);
    let many: String = (0..1000).map(|i| format!("[t.k{}.x]\na = {i}\n", i * 7919 % 1000)).collect();
    quick(&many);
    quick(&format!("{} = {{}}", vec!["e"; 63].join(".")));
    // Not a number is equal to nothing, itself included.
    assert!(super::document("a = nan", 0).is_some());
}

#[test]
fn what_is_wrong_or_unusual_is_left_to_the_crate() {
    for text in [
        "\u{feff}a = 1",
        "a",
        "a =",
        "a = \n1",
        "= 1",
        "a = 1 b = 2",
        "a = 1\ra = 2",
        "a = 1\na = 2",
        "a = 1\na.b = 2",
        "a.b = 1\na = 2",
        "a = {}\na.b = 1",
        "a = {b = 1, b = 2}",
        "a = {b.c = 1}",
        "a = {b = 1 c = 2}",
        "a = {,}",
        "a = [,]",
        "a = [1 2]",
        "a = [",
        "a = {",
        "a = {\nb\n= 1}",
        "a = 01\n",
        "a = -01",
        "a = 1.",
        "a = .1",
        "a = 1e",
        "a = 1e999",
        "a = 1__0",
        "a = 0x",
        "a = +-1",
        "a = 12abc",
        "a = 1979-13-01",
        "a = 25:00:00",
        "a = truex",
        "a = True",
        "a = \"",
        "a = \"\n\"",
        "a = \"\\",
        "a = \"\\q\"",
        "a = \"\\u12\"",
        "a = \"\\ud800\"",
        "a = \"\\u00é\"",
        "a = '\u{1}'",
        "a = \"\u{7f}\"",
        "# \u{1}",
        "a = '''",
        "a = '''\u{1}'''",
        "a = \"\"\"\\q\"\"\"",
        "\"\"\"a\"\"\" = 1",
        "é = 1",
        "[]",
        "[a",
        "[a]]",
        "[[a]",
        "[[a] ]",
        "[ [a]]",
        "[a] b = 1",
        "[a]\n[a]",
        "[a.b]\n[a]",
        "[a]\n[[a]]",
        "[[a]]\n[a]",
        "a = []\n[[a]]",
        "a = [{}]\n[[a]]",
        "a = [{}]\n[a.b]",
        "a = {}\n[a.b]",
        "a = 1\n[a.b]",
        "[a]\n[b]\n[a]",
        "[a.b]\n[x]\n[a]\nb.c = 1",
    ] {
        left(text);
    }
    left(&format!("{} = {{}}", vec!["e"; 64].join(".")));
    left(&format!("[{}]", vec!["e"; 64].join(".")));
    left(&format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000)));
}

/// Lines of TOML, nearly all of them well-formed, with few enough keys to meet again.
fn document() -> impl Strategy<Value = String> {
    let key = || prop::sample::select(vec!["a", "b", "c-d", "_", "'e f'", "\"g\\n\"", "1", "''"]);
    let path = move || prop::collection::vec(key(), 1..4).prop_map(|keys| keys.join("."));
    let scalar = prop::sample::select(vec![
        "1",
        "-7",
        "0",
        "1_0",
        "0xff",
        "1.5",
        "-1e3",
        "inf",
        "true",
        "false",
        "1979-05-27",
        "1979-05-27 07:32:00Z",
        "07:32:00.123",
        "'x'",
        "\"é\"",
        "\"\\t\\u00e9\"",
        "'''\nx'\n'''",
        "\"\"\"a\\\n  b\"\"\"",
        "''",
        "\"\"",
        "99999999999999999999",
        "1e400",
        "[",
        "01",
    ]);
    let value = scalar.prop_map(str::to_owned).prop_recursive(3, 12, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[\n{}\n# x\n]", items.join(",\n"))),
            prop::collection::vec((key(), inner), 0..3).prop_map(|entries| {
                let entries: Vec<_> = entries.iter().map(|(key, value)| format!("{key} = {value}")).collect();
                format!("{{ {} }}", entries.join(", "))
            }),
        ]
    });
    let line = prop_oneof![
        4 => (path(), value).prop_map(|(path, value)| format!("{path} = {value}")),
        2 => path().prop_map(|path| format!("[{path}]")),
        2 => path().prop_map(|path| format!("[[{path}]] # x")),
        1 => Just(String::new()),
        1 => Just(" # comment\r".to_owned()),
    ];
    prop::collection::vec(line, 0..12).prop_map(|lines| lines.join("\n"))
}

/// Many more in the long tests.
fn config() -> ProptestConfig {
    let cases = if std::env::var_os("PIPEWRIGHT_LONG").is_some() { 100_000 } else { 3000 };
    ProptestConfig { failure_persistence: None, cases, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn generated_documents_are_read_alike(text in document()) {
        same(&text);
    }

    #[test]
    fn mutated_documents_are_read_alike(
        text in document(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..3, any::<prop::sample::Index>()), 1..4),
    ) {
        let pieces: Vec<char> = "[]{}=.,\"'#\\\n\r\t a1-_é\u{1}+:eTZ0x".chars().collect();
        let mut text: Vec<char> = text.chars().collect();
        for (place, kind, piece) in changes {
            let place = place.index(text.len() + 1);
            match kind {
                0 if place < text.len() => { text.remove(place); }
                1 if place < text.len() => text[place] = *piece.get(&pieces),
                _ => text.insert(place, *piece.get(&pieces)),
            }
        }
        same(&text.into_iter().collect::<String>());
    }

    #[test]
    fn any_text_is_read_alike(text in any::<String>()) {
        same(&text);
    }
}
