//! Against moto where it is installed, and against answers that no good server gives.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::*;

const SECRET: &str = "wJalrXUtnFEMI-SECRET";

fn variables(name: &str) -> Option<String> {
    match name {
        "AWS_ACCESS_KEY_ID" => Some("AKIATESTKEY".to_owned()),
        "AWS_SECRET_ACCESS_KEY" => Some(SECRET.to_owned()),
        _ => None,
    }
}

fn object(key: &str) -> S3Uri {
    S3Uri { bucket: "bucket".to_owned(), key: key.to_owned() }
}

#[test]
fn addresses() {
    let told = |url: &str| Endpoint::new(url, &variables).map(drop).map_err(|error| error.to_string());
    assert_eq!(told("http://localhost:9000"), Ok(()));
    assert_eq!(told("http://10.0.0.1/s3/"), Ok(()));
    for url in ["", "localhost:9000", "ftp://host", "http://", "s3://bucket"] {
        assert!(told(url).unwrap_err().contains("give an address such as"), "{url}");
    }
    let password = told("http://me:hunter2@localhost").unwrap_err();
    assert!(password.contains("user or password") && !password.contains("hunter2"), "{password}");
    assert!(told("http://localhost/?token=hunter2").unwrap_err().contains("give http://HOST:PORT"));
    assert_eq!(told("https://localhost").is_ok(), cfg!(feature = "https"));
    let none = Endpoint::new("http://localhost", &|_| None).unwrap_err().to_string();
    assert!(none.contains("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"), "{none}");
    assert!(!format!("{:?}", Endpoint::new("http://localhost", &variables)).contains(SECRET));
}

/// A server that answers one connection after another with these texts, then hangs up.
struct Scripted {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    fn new(answers: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answers: Vec<String> = answers.iter().map(|text| (*text).to_owned()).collect();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        thread::spawn(move || {
            for answer in answers {
                let Ok((stream, _)) = listener.accept() else { return };
                let mut reader = BufReader::new(stream);
                let (mut line, mut first, mut length) = (String::new(), String::new(), 0);
                while reader.read_line(&mut line).is_ok_and(|count| count > 2) {
                    if first.is_empty() {
                        first = line.trim().to_owned();
                    }
                    if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                    line.clear();
                }
                let mut body = vec![0; length];
                let _ = reader.read_exact(&mut body);
                seen.lock().unwrap().push(first);
                let _ = reader.get_mut().write_all(answer.as_bytes());
            }
        });
        Self { url, asked }
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::new(&self.url, &variables).unwrap()
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

fn answer(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

#[test]
fn what_passes_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("to");
    let busy = answer("503 Slow Down", "<Error><Code>SlowDown</Code><Message>later</Message></Error>");
    // Busy, then hung up on, then cut off in the middle, then whole.
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n12345";
    let server = Scripted::new(&[&busy, "", cut, &answer("200 OK", "content")]);
    server.endpoint().fetch(&object("key"), &to).unwrap();
    assert_eq!((fs::read_to_string(&to).unwrap().as_str(), server.asked()), ("content", 4));

    let server = Scripted::new(&[cut, cut, cut, cut]);
    let told = server.endpoint().fetch(&object("key"), &to).unwrap_err().to_string();
    assert!(told.starts_with("can't read s3://bucket/key at http://127.0.0.1:"), "{told}");
    assert_eq!(fs::read_to_string(&to).unwrap(), "content", "the earlier file stays");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn what_does_not_pass_is_told_at_once_and_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    let denied = answer(
        "403 Forbidden",
        "<Error><Code>SignatureDoesNotMatch</Code><Message>no match</Message><StringToSign>X-Amz-Credential=AKIATESTKEY</StringToSign></Error>",
    );
    for act in 0..4 {
        let server = Scripted::new(&[&denied]);
        let endpoint = server.endpoint();
        let done = match act {
            0 => endpoint.list(&object("")).map(drop),
            1 => endpoint.fetch(&object("key"), &folder.path().join("to")),
            2 => endpoint.put(&file, &object("key")),
            _ => endpoint.delete(&object("key")),
        };
        let told = done.unwrap_err().to_string();
        assert!(told.ends_with(": SignatureDoesNotMatch: no match"), "{told}");
        assert!(!told.contains("X-Amz") && !told.contains("AKIA") && !told.contains(SECRET), "{told}");
        assert_eq!(server.asked(), 1);
    }
    let elsewhere = "HTTP/1.1 301 Moved\r\nx-amz-bucket-region: eu-west-1\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let server = Scripted::new(&[elsewhere]);
    let told = server.endpoint().list(&object("")).unwrap_err().to_string();
    assert!(told.ends_with("the bucket is in region eu-west-1: set AWS_REGION"), "{told}");
    // Nobody listens there: no address of a request is shown.
    let told =
        Endpoint::new("http://127.0.0.1:1", &variables).unwrap().list(&object("")).unwrap_err().to_string();
    assert!(
        told.starts_with("can't list s3://bucket/ at http://127.0.0.1:1: ") && !told.contains("X-Amz"),
        "{told}"
    );
}

#[test]
fn nonsense_is_no_answer() {
    for body in ["", "<html>", "{}", "<ListBucketResult>"] {
        let server = Scripted::new(&[&answer("200 OK", body)]);
        let told = server.endpoint().list(&object("")).unwrap_err().to_string();
        assert!(told.ends_with("its answer to ListObjectsV2 is none"), "{body}: {told}");
    }
    let page = "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><IsTruncated>true</IsTruncated>\
                <NextContinuationToken>again</NextContinuationToken></ListBucketResult>";
    let page = answer("200 OK", page);
    let server = Scripted::new(&[&page, &page, &page]);
    let told = server.endpoint().list(&object("")).unwrap_err().to_string();
    assert!(told.ends_with("the same page again and again"), "{told}");
}

#[test]
fn keys_that_no_address_has() {
    let endpoint = Endpoint::new("http://127.0.0.1:1", &variables).unwrap();
    for key in ["..", "a/../b", "./a", "", &"x".repeat(1025)] {
        endpoint.put(Path::new("file"), &object(key)).unwrap_err();
        endpoint.fetch(&object(key), Path::new("file")).unwrap_err();
        endpoint.delete(&object(key)).unwrap_err();
    }
}

/// moto as a process of this test.
struct Moto {
    child: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl Moto {
    /// `None` where the tests run without their Python packages.
    fn start() -> Option<Self> {
        let Some(python) = std::env::var_os("PIPEWRIGHT_PYTHON").filter(|path| !path.is_empty()) else {
            eprintln!("skipped: PIPEWRIGHT_PYTHON is not set");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let log: PathBuf = folder.path().join("log");
        // Free a moment ago; nobody else takes it in the meantime but by rare chance, and then moto says so.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(python)
            .args(["-m", "moto.server", "-H", "localhost", "-p", &port.to_string()])
            .env_remove("HTTP_PROXY")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut moto = Self { child, url: format!("http://localhost:{port}"), _folder: folder };
        let begun = Instant::now();
        while std::net::TcpStream::connect(("localhost", port)).is_err() {
            let ended = moto.child.try_wait().unwrap();
            let log = || fs::read_to_string(&log).unwrap_or_default();
            assert!(
                ended.is_none() && begun.elapsed() < Duration::from_secs(90),
                "moto does not start: {}",
                log()
            );
            thread::sleep(Duration::from_millis(50));
        }
        Some(moto)
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn as_a_folder_does() {
    let Some(moto) = Moto::start() else { return };
    let store = Endpoint::new(&moto.url, &variables).unwrap().with_parts(6 << 20, 5 << 20);
    let temporary = tempfile::tempdir().unwrap();
    let file = temporary.path().join("file");
    let to = temporary.path().join("to");
    let put = |key: &str, content: &[u8]| {
        fs::write(&file, content).unwrap();
        store.put(&file, &object(key)).unwrap_or_else(|error| panic!("{key}: {error}"));
    };
    let get = |key: &str| {
        store.fetch(&object(key), &to).unwrap_or_else(|error| panic!("{key}: {error}"));
        fs::read(&to).unwrap()
    };
    let keys = |prefix: &str| -> Vec<String> {
        store.list(&object(prefix)).unwrap().into_iter().map(|object| object.key).collect()
    };
    // No bucket yet.
    assert_eq!(keys(""), [""; 0]);
    assert!(matches!(store.fetch(&object("a"), &to), Err(Error::Missing { .. })));
    store.delete(&object("a")).unwrap();

    let hostile = ["a", "a/b", "a b+c&d=e", "Größe/☃", "100%", "%2F", "a//b", "/a", "~'()*!", "x:y", "\\"];
    for key in hostile {
        put(key, key.as_bytes());
    }
    let mut sorted = hostile.map(str::to_owned);
    sorted.sort();
    assert_eq!(keys(""), sorted);
    assert_eq!(keys("a/"), ["a//b", "a/b"]);
    for key in hostile {
        assert_eq!(get(key), key.as_bytes(), "{key}");
    }
    assert_eq!(store.list(&object("100%")).unwrap(), [Object { key: "100%".to_owned(), size: 4 }]);
    assert!(matches!(store.fetch(&object("missing"), &to), Err(Error::Missing { .. })));
    for key in hostile {
        store.delete(&object(key)).unwrap();
        store.delete(&object(key)).unwrap();
    }
    assert_eq!(keys(""), [""; 0]);

    put("empty", b"");
    assert_eq!(get("empty"), b"");
    // Three parts, the last of them short.
    let large: Vec<u8> = (0..(11u32 << 20)).map(|index| index.to_le_bytes()[(index % 3) as usize]).collect();
    put("large", &large);
    assert_eq!(get("large"), large);
    put("large", b"small");
    assert_eq!(get("large"), b"small");
    store.delete(&object("large")).unwrap();

    // More than a page, from several threads: buckets are made by who is first.
    let next = AtomicUsize::new(0);
    let many = |number: usize| S3Uri { bucket: "many".to_owned(), key: format!("{number:04}") };
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= 1010 {
                        break;
                    }
                    store.put(&temporary.path().join("file"), &many(number)).unwrap();
                }
            });
        }
    });
    let listed = store.list(&S3Uri { bucket: "many".to_owned(), key: String::new() }).unwrap();
    assert_eq!(listed.len(), 1010);
    assert!(listed.is_sorted_by(|one, other| one.key < other.key));
}
