use super::*;

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn console(how: How) -> (Console, Paper) {
    let paper = Paper::default();
    let console =
        Console::new(how, Box::new(paper.clone()), || (60, 10), || Timestamp::UNIX_EPOCH, Ink::Plain);
    (console, paper)
}

/// What is on the screen after everything was obeyed: just lines, cursor up, and erase.
fn screen(written: &str) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    let mut rest = written;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("\r\u{1b}[") {
            let (up, after) = after.split_once("A\u{1b}[J").unwrap();
            let keep = lines.len() - 1 - up.parse::<usize>().unwrap();
            lines.truncate(keep);
            lines.push(String::new());
            rest = after;
            continue;
        }
        if c == '\n' {
            lines.push(String::new());
        } else {
            lines.last_mut().unwrap().push(c);
        }
        rest = &rest[c.len_utf8()..];
    }
    lines.pop();
    lines
}

#[test]
fn a_tree_is_drawn_in_place() {
    let (console, paper) = console(How::Live { board: Board::default() });
    console.stage("dsm", Stage::Publishing);
    console.stage("dsm", Stage::Executing);
    console.note("dsm", "look\u{1b}[2J");
    console.stage("other", Stage::Comparing);
    console.aside(|| {
        assert_eq!(screen(&paper.text()), ["dsm: look\\u{1b}[2J"]);
        console.stage("dsm", Stage::Done { changed: true });
        console.say("kept\n");
        assert_eq!(screen(&paper.text()), ["dsm: look\\u{1b}[2J"]);
    });
    console.finish();
    console.finish();
    let expected = [
        "dsm: look\\u{1b}[2J",
        "kept",
        "✓ dsm    0 s  done",
        "▸ other  0 s  comparing with what is deployed",
    ];
    assert_eq!(screen(&paper.text()), expected);
}

#[test]
fn lines_are_kept_while_somebody_is_asked() {
    let (console, paper) = console(How::Lines(Lines::new(Ink::Plain)));
    console.stage("dsm", Stage::Approving);
    console.aside(|| {
        let clone = console.clone();
        // Another task goes on.
        thread::scope(|scope| scope.spawn(move || clone.stage("other", Stage::Executing)).join().unwrap());
        assert!(!paper.text().contains("other"));
    });
    assert_eq!(paper.text(), "00:00:00Z dsm  waiting for approval\n00:00:00Z other  deploying\n");
}

#[test]
fn nothing_but_notes() {
    let (console, paper) = console(How::Nothing);
    console.stage("dsm", Stage::Approving);
    console.transfer("dsm", Transfer { files: 1, ..Transfer::default() });
    console.events("dsm", &[]);
    console.note("dsm", "the stack is behind");
    console.finish();
    assert_eq!(paper.text(), "dsm: the stack is behind\n");
}

#[test]
fn a_panic_leaves_it_usable() {
    let (console, paper) = console(How::Lines(Lines::new(Ink::Plain)));
    let failed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| console.aside(|| panic!("no"))));
    assert!(failed.is_err());
    console.say("on it goes");
    assert_eq!(paper.text(), "on it goes\n");
}
