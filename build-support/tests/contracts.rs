//! Python snippets and what is read from them: one line for each argument, or the reason why there is no contract.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::format_push_string,
    clippy::format_collect,
    clippy::too_many_lines,
    reason = "a test may fail where it stands"
)]

use build_support::code::contract::{
    Argument, Arity, Contract, DefaultValue, Reading, Spelling, Takes, ValueType,
};
use build_support::code::read;

/// `--lr (-l): Float, required, default 0.1`.
fn describe(argument: &Argument) -> String {
    let mut text = match &argument.spelling {
        Spelling::Positional => argument.name.clone(),
        Spelling::Option { flag, aliases } => {
            let mut text = flag.clone();
            if !aliases.is_empty() {
                text += &format!(" ({})", aliases.join(" "));
            }
            if flag.trim_start_matches('-').replace('-', "_") != argument.name {
                text += &format!(" = {}", argument.name);
            }
            text
        }
    };
    text += ": ";
    text += &match &argument.takes {
        Takes::Nothing => "flag".to_owned(),
        Takes::Switch { when } => format!("switch {when}"),
        Takes::Toggle { off } => format!("toggle {off}"),
        Takes::Count => "count".to_owned(),
        Takes::Value { of, arity, repeated } => {
            let of = match of {
                ValueType::Choice(choices) => format!("{{{}}}", choices.join("|")),
                other => format!("{other:?}"),
            };
            let arity = match arity {
                Arity::One => String::new(),
                Arity::Optional => "?".to_owned(),
                Arity::Any => "*".to_owned(),
                Arity::Some => "+".to_owned(),
                Arity::Exactly(count) => format!("x{count}"),
                Arity::Remainder => "...".to_owned(),
            };
            format!("{of}{arity}{}", if *repeated { " again" } else { "" })
        }
    };
    if argument.required {
        text += ", required";
    }
    if let Some(group) = argument.group {
        text += &format!(", group {group}");
    }
    text += &match &argument.default {
        None => String::new(),
        Some(DefaultValue::Literal(value)) => format!(", default {value}"),
        Some(DefaultValue::Environment { name, otherwise }) => {
            format!(
                ", from {} or {}",
                name.as_deref().unwrap_or("?"),
                otherwise.as_deref().unwrap_or("nothing")
            )
        }
        Some(DefaultValue::Computed(source)) => format!(", default by {source}"),
    };
    if let Some(choices) = &argument.choices {
        text += &format!(", choices by {choices}");
    }
    if let Some(help) = &argument.help {
        text += &format!(", help {help}");
    }
    text
}

fn contract(script: &str) -> Contract {
    match read(script.as_bytes()) {
        Reading::Contract(contract) => contract,
        Reading::Plain(reason) => panic!("no contract: {reason:?}\n{script}"),
    }
}

/// Whole scripts.
#[track_caller]
fn check(script: &str, expected: &[&str]) {
    let found: Vec<String> = contract(script).arguments.iter().map(describe).collect();
    assert_eq!(found, expected, "{script}");
}

/// Statements between the making of `parser` and its use.
#[track_caller]
fn check_lines(lines: &str, expected: &[&str]) {
    check(&script(lines), expected);
}

fn script(lines: &str) -> String {
    format!(
        "import argparse\nimport os\nparser = argparse.ArgumentParser()\n{lines}\nargs = parser.parse_args()\n"
    )
}

/// The arguments of one `add_argument` call.
#[track_caller]
fn check_one(arguments: &str, expected: &str) {
    check_lines(&format!("parser.add_argument({arguments})"), &[expected]);
}

/// No contract, and why: "LINE: reason", or nothing where nothing has to be said.
#[track_caller]
fn check_plain(script: &str, expected: &str) {
    let found = match read(script.as_bytes()) {
        Reading::Plain(reason) => reason.map(|r| format!("{}: {}", r.line, r.text)).unwrap_or_default(),
        Reading::Contract(contract) => panic!("a contract: {contract:?}\n{script}"),
    };
    assert_eq!(found, expected, "{script}");
}

/// Like [`check_plain`] for statements from line 4 on.
#[track_caller]
fn check_lines_plain(lines: &str, expected: &str) {
    check_plain(&script(lines), expected);
}

#[test]
fn names_and_flags() {
    for (arguments, expected) in [
        ("'--config_parameter', type=str", "--config_parameter: String"),
        ("'--config-parameter'", "--config-parameter: String"),
        ("'-e', '--epochs', type=int", "--epochs (-e): Integer"),
        ("'--epochs', '-e', '--rounds', type=int", "--epochs (-e --rounds): Integer"),
        ("'-e', type=int", "-e: Integer"),
        ("'-single'", "-single: String"),
        ("'--learning-rate', dest='lr', type=float", "--learning-rate = lr: Float"),
        ("'data'", "data: String, required"),
        ("dest='data'", "data: String, required"),
        ("'data-dir', metavar='DIR'", "data-dir: String, required"),
        ("'--' 'lr'", "--lr: String"),
        ("'--' + 'lr'", "--lr: String"),
        (r"r'--lr'", "--lr: String"),
        (r#""""--lr""""#, "--lr: String"),
        (r"'\x2d\055lr'", "--lr: String"),
        (r"'--gr\u00f6\N{x}' if 0 else '--x'", ""),
        ("f'--lr'", "--lr: String"),
        ("('--lr')", "--lr: String"),
    ] {
        if expected.is_empty() {
            check_lines_plain(
                &format!("parser.add_argument({arguments})"),
                "4: the name of an argument is computed",
            );
        } else {
            check_one(arguments, expected);
        }
    }
}

#[test]
fn types() {
    for (arguments, expected) in [
        ("'--a', type=int", "--a: Integer"),
        ("'--a', type=float", "--a: Float"),
        ("'--a', type=str", "--a: String"),
        ("'--a', type=None", "--a: String"),
        ("'--a', type=bool", "--a: Truthy"),
        ("'--a', type=str.lower", "--a: String"),
        ("'--a', type=json.loads", "--a: Text"),
        ("'--a', type=lambda s: s == 'true'", "--a: Text"),
        ("'--a', type=argparse.FileType('r')", "--a: Text"),
        ("'--a', type=str2bool", "--a: Text"),
        ("'--a', type='int'", "--a: Text"),
    ] {
        check_one(arguments, expected);
    }
    check_lines("from pathlib import Path\nparser.add_argument('--a', type=Path)", &["--a: String"]);
    check_lines("import pathlib as p\nparser.add_argument('--a', type=p.PurePath)", &["--a: String"]);
    check_lines("def int(x):\n  return x\nparser.add_argument('--a', type=int)", &["--a: Text"]);
}

#[test]
fn choices() {
    for (arguments, expected) in [
        ("'--a', choices=['x', \"y\"]", "--a: {x|y}"),
        ("'--a', choices=('x', 'y', 'x')", "--a: {x|y}"),
        ("'--a', choices={'x': 1, 'y': 2}", "--a: {x|y}"),
        ("'--a', choices={'x': 1, 'y': 2}.keys()", "--a: {x|y}"),
        ("'--a', choices=sorted({'y', 'x'})", "--a: {x|y}"),
        ("'--a', choices='xy'", "--a: {x|y}"),
        ("'--a', choices=['x'] + ['y']", "--a: {x|y}"),
        ("'--a', choices=[*['x', 'y'], 'z']", "--a: {x|y|z}"),
        ("'--a', type=int, choices=[1, -2, 0x10]", "--a: {1|-2|16}"),
        ("'--a', type=float, choices=[1, 0.5]", "--a: {1|0.5}"),
        ("'--a', type=int, choices=range(3)", "--a: Integer, choices by range(3)"),
        ("'--a', type=str2bool, choices=[True, False]", "--a: Text, choices by [True, False]"),
        ("'--a', choices=[1, 2]", "--a: String, choices by [1, 2]"),
        ("'--a', choices=[c.value for c in Color]", "--a: String, choices by [c.value for c in Color]"),
        ("'--a', choices=None", "--a: String"),
        ("'--a', choices=[]", "--a: String, choices by []"),
        ("'--a', nargs='+', choices=['x']", "--a: {x}+"),
    ] {
        check_one(arguments, expected);
    }
}

#[test]
fn actions_and_counts_of_values() {
    for (arguments, expected) in [
        ("'--a', action='store'", "--a: String"),
        ("'--a', action='store_true'", "--a: switch true"),
        ("'--a', action='store_true', default=False", "--a: switch true"),
        ("'--a', action='store_true', required=True", "--a: flag, required"),
        ("'--no-a', action='store_false'", "--no-a: flag"),
        ("'--no-a', dest='a', action='store_false'", "--no-a = a: switch false"),
        ("'--a', action='store_const', const=3", "--a: flag"),
        ("'--a', action='append_const', dest='b', const=3", "--a = b: flag"),
        ("'-v', '--verbose', action='count', default=0", "--verbose (-v): count, default 0"),
        ("'--a', action='append', type=int", "--a: Integer again"),
        ("'--a', action='append', nargs=2", "--a: Stringx2 again"),
        ("'--a', action='extend', nargs='+'", "--a: String+"),
        ("'--a', action=argparse.BooleanOptionalAction", "--a: toggle --no-a"),
        ("'-a', action=argparse.BooleanOptionalAction", "-a: flag"),
        ("'--a', nargs='?'", "--a: String?"),
        ("'--a', nargs='*', type=float", "--a: Float*"),
        ("'--a', nargs=argparse.ONE_OR_MORE", "--a: String+"),
        ("'--a', nargs=3, type=int", "--a: Integerx3"),
        ("'--a', nargs=None", "--a: String"),
        ("'a', nargs='?'", "a: String?"),
        ("'a', nargs='*'", "a: String*"),
        ("'a', nargs='+'", "a: String+, required"),
        ("'a', nargs=2", "a: Stringx2, required"),
        ("'a', nargs=argparse.REMAINDER", "a: String..."),
        ("'a', nargs='...'", "a: String..."),
        ("'a', action='append'", "a: String, required"),
    ] {
        check_one(arguments, expected);
    }
    check_lines("parser.add_argument('--version', action='version', version='1')", &[]);
}

#[test]
fn defaults_and_help() {
    for (arguments, expected) in [
        ("'--a', default=0.1", "--a: String, default 0.1"),
        ("'--a', default=-1", "--a: String, default -1"),
        ("'--a', default=1_000", "--a: String, default 1000"),
        ("'--a', default='x' 'y'", "--a: String, default xy"),
        ("'--a', default=None", "--a: String"),
        ("'--a', default=argparse.SUPPRESS", "--a: String"),
        ("'--a', default=[1, 'b']", "--a: String, default [1, b]"),
        ("'--a', default=os.environ['X']", "--a: String, from X or nothing"),
        ("'--a', default=os.environ.get('X')", "--a: String, from X or nothing"),
        ("'--a', default=os.environ.get('X', 'y')", "--a: String, from X or y"),
        ("'--a', default=os.getenv('X', default='y')", "--a: String, from X or y"),
        ("'--a', default=os.environ.get('X') or 'y'", "--a: String, from X or y"),
        ("'--a', default=json.loads(os.environ['X'])", "--a: String, from X or nothing"),
        ("'--a', default=int(os.environ.get('X', 3))", "--a: String, from X or 3"),
        ("'--a', default=os.path.join('a', 'b')", "--a: String, default by os.path.join('a', 'b')"),
        ("'--a', required=True", "--a: String, required"),
        ("'--a', required=False", "--a: String"),
        ("'--a', help='What ' 'it is'", "--a: String, help What it is"),
        ("'--a', help=argparse.SUPPRESS", "--a: String"),
        ("'--a', help=f'one of {x}'", "--a: String"),
    ] {
        check_one(arguments, expected);
    }
    check_lines(
        "parser.add_argument('--a')\nparser.set_defaults(a=3, func=main)",
        &["--a: String, default 3"],
    );
}

#[test]
fn ways_to_make_and_use_a_parser() {
    let a = &["--a: String"];
    for script in [
        "from argparse import ArgumentParser\np = ArgumentParser()\np.add_argument('--a')\np.parse_args()",
        "from argparse import ArgumentParser as P\np = P()\np.add_argument('--a')\np.parse_args()",
        "import argparse as ap\np = ap.ArgumentParser()\np.add_argument('--a')\np.parse_known_args()",
        "from argparse import *\np = ArgumentParser()\np.add_argument('--a')\np.parse_args()",
        "import argparse\np: argparse.ArgumentParser = argparse.ArgumentParser()\np.add_argument('--a')\np.parse_args()",
        // The library may be imported late, or with care.
        "def main():\n  import argparse\n  p = argparse.ArgumentParser()\n  p.add_argument('--a')\n  p.parse_args()\nmain()",
        "try:\n  import argparse\nexcept ImportError:\n  raise\np = argparse.ArgumentParser()\np.add_argument('--a')\np.parse_args()",
        // Nobody parses here; there is one parser all the same.
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--a')",
        // Functions.
        "import argparse\ndef parse():\n  p = argparse.ArgumentParser()\n  p.add_argument('--a')\n  return p.parse_args()\nif __name__ == '__main__':\n  args = parse()",
        "import argparse\ndef parser():\n  p = argparse.ArgumentParser()\n  return p\ndef main():\n  p = parser()\n  p.add_argument('--a')\n  args, rest = p.parse_known_args()\nif __name__ == '__main__':\n  main()",
        "import argparse\ndef add(p):\n  p.add_argument('--a')\np = argparse.ArgumentParser()\nadd(p)\np.parse_args()",
        "import argparse\ndef add(*, to: argparse.ArgumentParser, x=1):\n  to.add_argument('--a')\n  return to\nadd(to=argparse.ArgumentParser()).parse_args()",
        "import argparse\ndef main():\n  p = argparse.ArgumentParser()\n  def add():\n    p.add_argument('--a')\n  add()\n  p.parse_args()\nmain()",
        // Functions that something else calls, and methods.
        "import argparse, app\ndef main():\n  p = argparse.ArgumentParser()\n  p.add_argument('--a')\n  p.parse_args()\napp.run(main)",
        "import argparse\nclass Config:\n  @classmethod\n  def read(cls):\n    p = argparse.ArgumentParser()\n    p.add_argument('--a')\n    return p.parse_args()\nc = Config.read()",
        "import argparse\nclass T:\n  def __init__(self):\n    self.p = argparse.ArgumentParser()\n    self.p.add_argument('--a')\n    self.args = self.p.parse_args()",
        "import argparse\nasync def main(argv=None):\n  p = argparse.ArgumentParser()\n  p.add_argument('--a')\n  args = p.parse_args(argv)\nimport asyncio\nasyncio.run(main())",
        "import argparse\n@decorated\ndef main():\n  p = argparse.ArgumentParser()\n  p.add_argument('--a')\n  p.parse_args()\nmain()",
        // Groups.
        "import argparse\np = argparse.ArgumentParser()\ng = p.add_argument_group('x')\ng.add_argument('--a')\np.parse_args()",
        "import argparse\np = argparse.ArgumentParser()\np.add_argument_group('x').add_argument('--a')\np.parse_args()",
        "import argparse\np = argparse.ArgumentParser()\no = p._action_groups.pop()\nr = p.add_argument_group('x')\nr.add_argument('--a')\np._action_groups.append(o)\np.parse_args()",
        // A parser that is made in a branch, with all that belongs to it.
        "import argparse\nif True:\n  p = argparse.ArgumentParser()\n  p.add_argument('--a')\n  p.parse_args()",
        "import argparse\nwith x as y:\n  p = argparse.ArgumentParser()\n  p.add_argument('--a')\n  p.parse_args()",
        // Another parser that is not used.
        "import argparse\nq = argparse.ArgumentParser()\nq.add_argument('--b')\np = argparse.ArgumentParser()\np.add_argument('--a')\np.parse_args()",
        "import argparse, sys\np = argparse.ArgumentParser()\np.add_argument('--a')\np.parse_args(sys.argv[1:])",
        "import argparse, argcomplete\np = argparse.ArgumentParser()\np.add_argument('--a')\nargcomplete.autocomplete(p)\nprint(p)\np.print_help()\np.parse_args()",
    ] {
        check(script, a);
    }
}

#[test]
fn constants_of_the_script() {
    check_lines(
        "RATE = 0.1\nNAMES = ['x', 'y']\nparser.add_argument('--a', type=float, default=RATE)\nparser.add_argument('--b', choices=NAMES)",
        &["--a: Float, default 0.1", "--b: {x|y}"],
    );
    check_lines("A, B = 'x', 'y'\nparser.add_argument('--a', choices=[A, B])", &["--a: {x|y}"]);
    check_lines("A = B = 'x'\nparser.add_argument('--a', default=B)", &["--a: String, default x"]);
    check_lines(
        "MODELS = {'x': f, 'y': g}\nparser.add_argument('--a', choices=list(MODELS))",
        &["--a: {x|y}"],
    );
    // What may have changed is not relied on.
    for change in [
        "N += ['z']",
        "N.append('z')",
        "N[0] = 'z'",
        "if c:\n  N = ['z']",
        "for N in m:\n  pass",
        "del N",
        "try:\n  pass\nexcept E:\n  N = ['z']",
        "def f():\n  global N\n  N = ['z']",
    ] {
        check_lines(
            &format!("N = ['x']\n{change}\nparser.add_argument('--a', choices=N)"),
            &["--a: String, choices by N"],
        );
    }
}

#[test]
fn descriptions_and_notes() {
    let description = |text: &str| contract(text).description;
    assert_eq!(
        description(
            "'''About.'''\nimport argparse\np = argparse.ArgumentParser(description=__doc__)\np.parse_args()"
        ),
        Some("About.".to_owned())
    );
    let found = contract(&script("parser.add_argument('--a', type=bool)"));
    assert_eq!(found.notes.len(), 1);
    assert!(
        found.notes[0].line == 4 && found.notes[0].text.starts_with("`--a` has `type=bool`"),
        "{found:?}"
    );
    assert!(contract(&script("parser.add_argument('-1', dest='one')")).numeric_options);
}

#[test]
fn exclusive_groups() {
    check_lines(
        "g = parser.add_mutually_exclusive_group()\nparser.add_mutually_exclusive_group()\ng.add_argument('--a')\ng.add_argument('--b', action='store_true')\nparser.add_argument('--c')",
        &["--a: String, group 0", "--b: flag, group 0", "--c: String"],
    );
    for (arguments, required) in
        [("", false), ("required=True", true), ("True", true), ("required=False", false)]
    {
        let found = contract(&script(&format!(
            "g = parser.add_mutually_exclusive_group({arguments})\ng.add_argument('--a')"
        )));
        assert_eq!(found.groups.len(), 1);
        assert_eq!(found.groups[0].required, required, "{arguments}");
    }
    // Two flags for one value are one argument.
    check_lines(
        "parser.add_argument('--x', dest='x', action='store_true')\nparser.add_argument('--no-x', dest='x', action='store_false')\nparser.set_defaults(x=True)",
        &["--x: toggle --no-x, default True"],
    );
    check_lines(
        "g = parser.add_mutually_exclusive_group()\ng.add_argument('--no-x', dest='x', action='store_false')\ng.add_argument('--x', dest='x', action='store_true')",
        &["--x: toggle --no-x, group 0"],
    );
}

#[test]
fn what_is_computed_gives_plain_arguments() {
    for (lines, reason) in [
        ("parser.add_argument(f'--{x}')", "4: the name of an argument is computed"),
        ("parser.add_argument(name)", "4: the name of an argument is computed"),
        ("parser.add_argument('--{}'.format(x))", "4: the name of an argument is computed"),
        ("parser.add_argument(*names)", "4: the arguments of `add_argument` are computed"),
        ("parser.add_argument('--a', **options)", "4: the arguments of `add_argument` are computed"),
        ("parser.add_argument('--a', dest=x)", "4: the `dest` of an argument is computed"),
        ("parser.add_argument('--a', required=x)", "4: whether `--a` is required is computed"),
        ("parser.add_argument('--a', nargs=n)", "4: how many values `--a` takes is computed"),
        ("parser.add_argument('--a', nargs=0)", "4: `--a` takes 0 values; 1 to 100 are possible"),
        ("parser.add_argument('--a', action=Mine)", "4: the action of `--a` is the script's own"),
        (
            "parser.add_argument('--a', action='mine')",
            "4: the action \"mine\" of `--a` is not known to argparse",
        ),
        ("parser.add_argument('--a', 'b')", "4: `--a` is a flag and a positional argument at once"),
        ("parser.add_argument()", "4: an argument has no name, or more than one"),
        ("parser.add_argument('--a=b')", "4: no argument can be called `--a=b`"),
        ("parser.add_argument('a', action='store_true')", "4: `a` is positional and takes no value"),
        ("for n in m:\n  parser.add_argument('--a')", "5: an argument is declared in a loop"),
        ("if x:\n  parser.add_argument('--a')", "5: an argument is declared under a condition"),
        ("x and parser.add_argument('--a')", "4: an argument is declared under a condition"),
        ("[parser.add_argument(n) for n in m]", "4: an argument is declared in a loop"),
        (
            "match x:\n  case 1:\n    parser.add_argument('--a')",
            "6: an argument is declared under a condition",
        ),
        (
            "def add(p):\n  p.add_argument('--a')\nfor n in m:\n  add(parser)",
            "5: an argument is declared in a loop",
        ),
        ("parser.add_subparsers()", "4: it has subcommands"),
        ("parser.register('type', 'x', y)", "4: `register` of its parser can't be followed"),
        ("from lib import add\nadd(parser)", "5: the parser is handed to `lib.add`, which can't be followed"),
        ("x.add([parser])", "4: the parser is handed to `x.add`, which can't be followed"),
        ("parser.add_argument('--a').nargs = 2", "4: `nargs` is assigned afterwards"),
        ("parser.prefix_chars = '+'", "4: `prefix_chars` is assigned afterwards"),
        ("parser.parse_args(['--a'])", "4: it parses `['--a']`, not the whole command line"),
        ("parser.parse_args(sys.argv[2:])", "4: it parses `sys.argv[2:]`, not the whole command line"),
        ("other.add_argument('--a')", "4: whose argument this is can't be followed"),
        (
            "parser = x(parser) if y else parser\nparser.add_argument('--a')",
            "4: the parser is handed to `x`, which can't be followed",
        ),
        ("p = argparse.ArgumentParser()\np.parse_args()", "4: a second parser reads the command line"),
        ("f(", "4: it is not Python from here on"),
    ] {
        check_lines_plain(lines, reason);
    }
}

#[test]
fn what_argparse_or_a_command_line_can_not_do_gives_plain_arguments() {
    for (lines, reason) in [
        (
            "parser.add_argument('--a')\nparser.add_argument('--a')",
            "5: `--a` is declared a second time, which argparse refuses",
        ),
        (
            "parser.add_argument('-h', '--height')",
            "4: `-h` is declared a second time, which argparse refuses",
        ),
        (
            "g = parser.add_mutually_exclusive_group()\ng.add_argument('--a', required=True)",
            "5: `--a` is required in a mutually exclusive group, which argparse refuses",
        ),
        (
            "g = parser.add_mutually_exclusive_group()\ng.add_mutually_exclusive_group()",
            "5: mutually exclusive groups are nested",
        ),
        (
            "parser.add_argument('a', nargs='?')\nparser.add_argument('b', nargs='*')",
            "5: `a` and `b` both take a variable number of values by place",
        ),
        (
            "parser.add_argument('a', nargs='...')\nparser.add_argument('b')",
            "4: `a` takes the rest of the command line, so no argument by place can follow",
        ),
        (
            "parser.add_argument('a')\nparser.add_argument('--b', nargs='...')",
            "5: `--b` takes the rest of the command line, so arguments by place could not follow",
        ),
        (
            "parser.add_argument('a', nargs='...')\nparser.add_argument('--b', nargs='*')",
            "4: `a` takes the rest of the command line, and an option before it would take its values",
        ),
    ] {
        check_lines_plain(lines, reason);
    }
    for (settings, reason) in [
        ("prefix_chars='+'", "its flags do not begin with `-` (`prefix_chars`)"),
        ("fromfile_prefix_chars='@'", "it reads arguments from files (`fromfile_prefix_chars`)"),
        ("parents=[common]", "its parser takes arguments from others (`parents`)"),
        ("conflict_handler='resolve'", "later arguments replace earlier ones (`conflict_handler`)"),
        ("**settings", "the settings of its parser are computed"),
    ] {
        check_plain(
            &format!("import argparse\np = argparse.ArgumentParser({settings})\np.parse_args()"),
            &format!("2: {reason}"),
        );
    }
    check(
        "import argparse\np = argparse.ArgumentParser(prefix_chars='-', parents=None, add_help=False)\np.add_argument('-h')\np.parse_args()",
        &["-h: String"],
    );
}

#[test]
fn scripts_without_argparse() {
    for (script, reason) in [
        ("", ""),
        ("print('evaluate')\n", ""),
        ("from lib import parse_args\nargs = parse_args()", ""),
        ("import sys\nprint(sys.argv[1])", "2: it reads `sys.argv` itself"),
        ("from sys import argv", "1: it reads `sys.argv` itself"),
        ("import click\n@click.command()\ndef main(): pass", "1: its arguments are read by `click`"),
        ("from absl import app, flags", "1: its arguments are read by `absl`"),
        ("import argparse\n", "1: it imports argparse, but its parser can't be followed"),
        (
            "import argparse\nclass P(argparse.ArgumentParser): pass\nP().parse_args()",
            "1: it imports argparse, but its parser can't be followed",
        ),
        (
            "import argparse\nfrom lib import make\np = make()\np.add_argument('--a')",
            "4: whose argument this is can't be followed",
        ),
        (
            "from lib import make\np = make()\np.add_argument('--a')",
            "3: whose argument this is can't be followed",
        ),
    ] {
        check_plain(script, reason);
    }
    let Reading::Plain(Some(reason)) = read(b"\xff\xfe") else { panic!("not UTF-8") };
    assert_eq!(reason.text, "it is not UTF-8");
    check(
        "\u{feff}import argparse\r\np = argparse.ArgumentParser()\r\np.add_argument('--a')\r\np.parse_args()\r\n",
        &["--a: String"],
    );
}

#[test]
fn hostile_scripts_end() {
    let deep = 200_000;
    let doubling: String = (0..60).map(|_| "s = s + s\nl = [l, l]\n").collect();
    let calls: String = (0..60).map(|n| format!("def f{n}(p):\n  f{m}(p)\n  f{m}(p)\n", m = n + 1)).collect();
    for script in [
        "(".repeat(deep),
        format!("{}{}", "(".repeat(deep), ")".repeat(deep)),
        format!("x = {}1{}", "[".repeat(deep), "]".repeat(deep)),
        format!(
            "import argparse\nargparse.ArgumentParser().add_argument({}'--a'{})",
            "(".repeat(deep),
            ")".repeat(deep)
        ),
        format!("x = {}1", "-".repeat(deep)),
        format!("a{}", ".b".repeat(deep)),
        format!("f{}", "()".repeat(deep)),
        (0..2000).map(|n| format!("{}if x:\n", " ".repeat(n))).collect(),
        format!(
            "import argparse\ns = 'x'\nl = ['x']\n{doubling}p = argparse.ArgumentParser()\np.add_argument('--a', default=l)"
        ),
        format!("import argparse\n{calls}def f60(p): p.add_argument('--a')\nf0(argparse.ArgumentParser())"),
        "import argparse\ndef f(p): f(p); p.add_argument('--a')\nf(argparse.ArgumentParser())".to_owned(),
        "def f():\n def f():\n  add_argument\n".repeat(5000),
        "x".repeat(2 << 20),
    ] {
        let _ = read(script.as_bytes());
    }
}
