//! One address before three servers: S3, CloudFormation with STS, and SageMaker. It tells by the request whose it is, answers some
//! itself, and calls the test at any of them, so that something can happen at just that moment.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Called with each action and how many there were of it.
type Hook = Box<dyn FnMut(&str, usize) + Send>;

#[derive(Default)]
struct Script {
    answers: BTreeMap<String, (u16, String)>,
    seen: BTreeMap<String, usize>,
    /// Of these actions, only so many are let through.
    denied: BTreeMap<String, usize>,
    hook: Option<Hook>,
}

pub(crate) struct Front {
    endpoint: String,
    script: Arc<Mutex<Script>>,
}

impl Front {
    /// Stands before servers at these endpoints. Its thread ends with the tests.
    pub(crate) fn before(s3: &str, cloudformation: &str, sagemaker: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Mutex::new(Script::default()));
        let hosts =
            Arc::new([s3, cloudformation, sagemaker].map(|one| one.trim_start_matches("http://").to_owned()));
        let here = Arc::clone(&script);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, hosts) = (Arc::clone(&here), Arc::clone(&hosts));
                std::thread::spawn(move || serve(stream, &script, &hosts));
            }
        });
        let front = Self { endpoint, script };
        front.answer("ListPipelineParametersForExecution", 200, "{}");
        front
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// From now on answers this action of SageMaker itself.
    pub(crate) fn answer(&self, action: &str, status: u16, body: &str) {
        self.script.lock().unwrap().answers.insert(action.to_owned(), (status, body.to_owned()));
    }

    /// From now on denies this action of SageMaker, but for the first so many.
    pub(crate) fn deny_after(&self, action: &str, count: usize) {
        let mut script = self.script.lock().unwrap();
        script.seen.clear();
        script.denied.insert(action.to_owned(), count);
    }

    /// Calls this before each request goes on, with the action and how many there were of it.
    pub(crate) fn hook(&self, hook: impl FnMut(&str, usize) + Send + 'static) {
        let mut script = self.script.lock().unwrap();
        script.seen.clear();
        script.hook = Some(Box::new(hook));
    }
}

fn serve(mut stream: TcpStream, script: &Mutex<Script>, hosts: &[String; 3]) -> Option<()> {
    let (head, body) = request(&mut stream)?;
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let (host, action) = match header("x-amz-target") {
        Some(target) => (&hosts[2], target.rsplit('.').next()?.to_owned()),
        None => match String::from_utf8_lossy(&body).split('&').find_map(|part| part.strip_prefix("Action="))
        {
            Some(action) => (&hosts[1], action.to_owned()),
            None => (&hosts[0], head.split(' ').next()?.to_owned()),
        },
    };
    let answer = {
        let mut script = script.lock().ok()?;
        let count = script.seen.entry(action.clone()).or_default();
        *count += 1;
        let count = *count;
        if let Some(hook) = &mut script.hook {
            hook(&action, count);
        }
        if script.denied.get(&action).is_some_and(|most| count > *most) {
            Some((400, r#"{"__type":"AccessDeniedException","message":"no more"}"#.to_owned()))
        } else {
            script.answers.get(&action).cloned()
        }
    };
    if let Some((status, body)) = answer {
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 {status} X\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )
        .ok()?;
        return Some(());
    }
    let mut server = TcpStream::connect(host).ok()?;
    server.write_all(head.trim_end().as_bytes()).ok()?;
    server.write_all(b"\r\nconnection: close\r\n\r\n").ok()?;
    server.write_all(&body).ok()?;
    std::io::copy(&mut server, &mut stream).ok()?;
    Some(())
}

/// Head and body of a request.
fn request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head.lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            let (from, length) = (end + 4, length.unwrap_or(0));
            while bytes.len() < from + length {
                match stream.read(&mut buffer).ok()? {
                    0 => return None,
                    count => bytes.extend_from_slice(&buffer[..count]),
                }
            }
            return Some((head, bytes[from..].to_vec()));
        }
        match stream.read(&mut buffer).ok()? {
            0 => return None,
            count => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}
