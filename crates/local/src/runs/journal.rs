//! The journal of a run: an event a line, only ever added to.

use std::fs::{self, File};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use pipewright_interpreter::Event;

use super::Error;

/// What is in a journal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Journal {
    /// The events, the oldest first.
    pub events: Vec<Event>,
    /// Whether the last line was cut off, by a kill or a full disk. It is not among the events: what it told never counted.
    pub is_torn: bool,
}

impl Journal {
    /// Reads a journal; where there is none it is empty.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let bytes = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            bytes => bytes.map_err(Error::io("read", path))?,
        };
        Self::parse(&bytes).map_err(|message| Error::Damaged { path: path.to_owned(), message })
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let whole = whole(bytes);
        let lines = bytes[..whole].split_inclusive(|byte| *byte == b'\n');
        let events = lines.enumerate().map(|(index, line)| {
            serde_json::from_slice(line).map_err(|error| format!("line {}: {error}", index + 1))
        });
        Ok(Self { events: events.collect::<Result<_, _>>()?, is_torn: whole < bytes.len() })
    }
}

/// How many bytes are whole lines.
fn whole(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)
}

/// Adds to a journal.
#[derive(Debug)]
pub(super) struct Appender {
    path: PathBuf,
    file: File,
    /// The length of what is whole.
    length: u64,
}

impl Appender {
    /// Opens a journal; a line that was cut off is removed.
    pub(super) fn open(path: PathBuf) -> Result<Self, Error> {
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            bytes => bytes.map_err(Error::io("read", &path))?,
        };
        let length = whole(&bytes) as u64;
        let options = File::options().create(true).truncate(false).write(true).open(&path);
        let file = options.map_err(Error::io("write", &path))?;
        let mut appender = Self { path, file, length };
        if length < bytes.len() as u64 {
            appender.cut().map_err(Error::io("write", &appender.path))?;
        }
        Ok(appender)
    }

    /// Adds an event: the whole line, or nothing of it.
    pub(super) fn append(&mut self, event: &Event) -> Result<(), Error> {
        let mut line = serde_json::to_vec(event).map_err(|error| Error::Io {
            what: "write",
            path: self.path.clone(),
            error: error.into(),
        })?;
        line.push(b'\n');
        if let Err(error) = self.write(&line) {
            // So that the next line does not continue this one. Where even that fails, the next attempt does it again.
            let _ = self.cut();
            return Err(Error::io("write", &self.path)(error));
        }
        self.length += line.len() as u64;
        Ok(())
    }

    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.write_all(line)
    }

    fn cut(&mut self) -> io::Result<()> {
        self.file.set_len(self.length)
    }
}

#[cfg(test)]
mod tests {
    use pipewright_interpreter::What;

    use super::*;

    fn event(step: &str) -> Event {
        Event {
            time: "2026-01-02T03:04:05Z".parse().unwrap(),
            what: What::StepStopped { step: step.to_owned() },
        }
    }

    #[test]
    fn whole_lines_count_and_a_torn_one_is_said() {
        let line = serde_json::to_string(&event("a")).unwrap();
        let check = |text: String, events: usize, is_torn: bool| {
            let journal = Journal::parse(text.as_bytes()).unwrap();
            assert_eq!((journal.events.len(), journal.is_torn), (events, is_torn), "{text}");
        };
        check(String::new(), 0, false);
        check(format!("{line}\n"), 1, false);
        check(format!("{line}\n{line}\n{}", &line[..20]), 2, true);
        // Whole but for its end: nobody was told that it counted.
        check(format!("{line}\n{line}"), 1, true);
        check(line[..1].to_owned(), 0, true);

        let error = Journal::parse(format!("{line}\n{}\n{line}\n", &line[..20]).as_bytes()).unwrap_err();
        assert!(error.starts_with("line 2: "), "{error}");
    }

    #[test]
    fn what_was_torn_is_cut_off_before_the_next_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        assert_eq!(Journal::read(&path).unwrap(), Journal::default());
        Appender::open(path.clone()).unwrap().append(&event("a")).unwrap();
        let mut text = fs::read(&path).unwrap();
        text.extend_from_slice(
            b"{\"time\":\"2026-01-02T03:04:05Z\",\"event\":\"step_stopped\",\"step\":\"a very long one",
        );
        fs::write(&path, &text).unwrap();
        assert!(Journal::read(&path).unwrap().is_torn);
        let mut appender = Appender::open(path.clone()).unwrap();
        appender.append(&event("b")).unwrap();
        appender.append(&event("c")).unwrap();
        let events = vec![event("a"), event("b"), event("c")];
        assert_eq!(Journal::read(&path).unwrap(), Journal { events, is_torn: false });
    }

    #[test]
    fn a_full_disk_leaves_whole_lines() {
        // Each write to it fails as on a full disk; its length can't be set either.
        let Ok(file) = File::options().write(true).open("/dev/full") else { return };
        let mut appender = Appender { path: "/dev/full".into(), file, length: 0 };
        let error = appender.append(&event("a")).unwrap_err().to_string();
        assert!(error.starts_with("can't write /dev/full: "), "{error}");
        assert_eq!(appender.length, 0);
    }
}
