//! One container from its making to its end. It is removed whatever happens.

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use bollard::container::LogOutput;
use bollard::errors::Error;
use bollard::models::ContainerState;
use bollard::query_parameters::{
    AttachContainerOptionsBuilder, CreateContainerOptions, InspectContainerOptions,
    KillContainerOptionsBuilder, LogsOptionsBuilder, RemoveContainerOptionsBuilder, StartContainerOptions,
    WaitContainerOptions,
};
use futures_util::StreamExt;
use tokio::fs::File;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::engine::{Engine, plain};
use crate::order::Order;
use crate::socket::{Report, Wish, Wishes};
use crate::{image, owner, socket};

/// How long the last lines of a log are waited for once the container has ended.
const LAST_LINES: Duration = Duration::from_secs(10);

/// Pause between questions where waiting does not work.
const PAUSE: Duration = Duration::from_millis(500);

const SIGTERM: i32 = 15;
const SIGKILL: i32 = 9;

/// Does what the socket says, and tells it how that ended.
pub(crate) async fn run() -> Result<()> {
    let mut asked = Asked::new()?;
    let (order, input, wishes, writer) = socket::open().await?;
    asked.wishes = Some(wishes);
    let report = match Engine::connect().await {
        Ok(engine) => in_container(&engine, &order, &input, &mut asked).await,
        Err(error) => Err(error),
    };
    let report = report.unwrap_or_else(|error| Report::Failed(format!("{error:#}")));
    socket::tell(writer, &report).await;
    Ok(())
}

/// Who may ask that it ends: the socket, or a signal.
struct Asked {
    wishes: Option<Wishes>,
    signals: [Signal; 3],
}

impl Asked {
    fn new() -> Result<Self> {
        let listen = |kind| signal(kind).context("the system does not deliver signals");
        let signals = [
            listen(SignalKind::terminate())?,
            listen(SignalKind::interrupt())?,
            listen(SignalKind::hangup())?,
        ];
        Ok(Self { wishes: None, signals })
    }

    async fn next(&mut self) -> Wish {
        let wish = async {
            match &mut self.wishes {
                Some(wishes) => wishes.next().await,
                None => std::future::pending().await,
            }
        };
        let [terminate, interrupt, hangup] = &mut self.signals;
        tokio::select! {
            wish = wish => wish,
            _ = terminate.recv() => Wish::Gone,
            _ = interrupt.recv() => Wish::Gone,
            _ = hangup.recv() => Wish::Gone,
        }
    }

    /// Waits until anything is asked for.
    async fn any(&mut self) -> Report {
        match self.next().await {
            Wish::End => Report::Signal(SIGTERM),
            Wish::Kill | Wish::Gone => Report::Signal(SIGKILL),
        }
    }
}

async fn in_container(engine: &Engine, order: &Order, input: &[u8], asked: &mut Asked) -> Result<Report> {
    owner::remove_leftovers(engine).await;
    let say = |text: &str| crate::tell(text);
    tokio::select! {
        report = asked.any() => return Ok(report),
        there = image::ensure(engine, &order.image, &say) => there?,
    }
    // Nothing may come between this and the removal: a container whose id nobody knows can't be removed.
    let id = make(engine, order).await?;
    let done = follow(engine, order, &id, input, asked).await;
    match (remove(engine, &id).await, done) {
        (Ok(()), done) => done,
        (Err(error), Ok(_)) => Err(error),
        (Err(left), Err(error)) => Err(anyhow!("{error:#}; {left:#}")),
    }
}

async fn make(engine: &Engine, order: &Order) -> Result<String> {
    let request = order.request(&owner::own(), engine.is_rootless);
    let made = engine.docker.create_container(None::<CreateContainerOptions>, request).await;
    let made = made.map_err(plain).with_context(|| format!("can't make a container of {}", order.image))?;
    Ok(made.id)
}

/// Starts the container and stays with it to its end.
async fn follow(engine: &Engine, order: &Order, id: &str, input: &[u8], asked: &mut Asked) -> Result<Report> {
    let docker = &engine.docker;
    let mut output = match &order.output {
        Some(path) => {
            let file = File::create(path).await;
            Some(file.with_context(|| format!("can't write {}", path.display()))?)
        }
        None => None,
    };
    let stdin = if input.is_empty() {
        None
    } else {
        let options = AttachContainerOptionsBuilder::default().stdin(true).stream(true).build();
        let attached = docker.attach_container(id, Some(options)).await;
        Some(attached.map_err(plain).context("can't reach the container's standard input")?.input)
    };
    let started = docker.start_container(id, None::<StartContainerOptions>).await;
    started.map_err(plain).with_context(|| format!("can't start a container of {}", order.image))?;
    let feed = async {
        if let Some(mut stdin) = stdin {
            // One that does not read it is no reason to wait.
            let _unread = stdin.write_all(input).await;
            let _closed = stdin.shutdown().await;
        }
    };
    let log = copy_log(engine, id, output.as_mut());
    let mut log = std::pin::pin!(log);
    let mut feed = std::pin::pin!(feed);
    let mut ended = std::pin::pin!(wait(engine, id));
    let (mut log_done, mut input_done) = (false, false);
    let state = loop {
        tokio::select! {
            state = &mut ended => break state?,
            done = &mut log, if !log_done => {
                done?;
                log_done = true;
            }
            () = &mut feed, if !input_done => input_done = true,
            wish = asked.next() => match wish {
                Wish::End => {
                    let options = KillContainerOptionsBuilder::default().signal("SIGTERM").build();
                    // One that has just ended can't be asked.
                    let _ended = docker.kill_container(id, Some(options)).await;
                }
                Wish::Kill | Wish::Gone => return Ok(Report::Signal(SIGKILL)),
            },
        }
    };
    if !log_done && let Ok(done) = tokio::time::timeout(LAST_LINES, log).await {
        done?;
    }
    Ok(report(&state))
}

fn report(state: &ContainerState) -> Report {
    match (state.exit_code, state.oom_killed) {
        (Some(code), Some(true)) if code != 0 => Report::OutOfMemory,
        (Some(code), _) => Report::Code(code),
        (None, _) => Report::Failed("the engine does not say how the container ended".to_owned()),
    }
}

/// Waits for the container's end. The engine is asked what became of it whatever the waiting said: a connection may break, and a
/// status other than 0 is told as an error.
async fn wait(engine: &Engine, id: &str) -> Result<ContainerState> {
    loop {
        let _told = engine.docker.wait_container(id, None::<WaitContainerOptions>).boxed().next().await;
        let inspected = engine.docker.inspect_container(id, None::<InspectContainerOptions>).await;
        match inspected {
            Ok(found) => {
                let state = found.state.unwrap_or_default();
                if state.running != Some(true) && state.exit_code.is_some() {
                    return Ok(state);
                }
            }
            Err(Error::DockerResponseServerError { status_code: 404, .. }) => {
                return Err(anyhow!("the container was removed from outside"));
            }
            Err(error) => {
                return Err(plain(error).context(format!("{} does not answer any more", engine.name)));
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Copies what the container writes: standard output to the file, if there is one, all else to this program's own output.
async fn copy_log(engine: &Engine, id: &str, mut output: Option<&mut File>) -> Result<()> {
    let options = LogsOptionsBuilder::default().follow(true).stdout(true).stderr(true).build();
    let mut stream = engine.docker.logs(id, Some(options)).boxed();
    let own = io::stdout().as_fd().try_clone_to_owned().context("standard output is closed")?;
    let mut own = File::from_std(std::fs::File::from(own));
    while let Some(piece) = stream.next().await {
        let Ok(piece) = piece.map_err(plain) else {
            // What became of the container is not the log's to say.
            break;
        };
        match (&mut output, &piece) {
            (Some(file), LogOutput::StdOut { message }) => {
                // At once: an error would come with the next piece else.
                let written = async {
                    file.write_all(message).await?;
                    file.flush().await
                }
                .await;
                written.context("the container's output can't be written")?;
            }
            _ => pass_on(&mut own, &piece).await,
        }
    }
    Ok(())
}

/// Where nobody reads any more, the socket tells so.
async fn pass_on(own: &mut (impl AsyncWrite + Unpin), piece: &LogOutput) {
    let _unread = own.write_all(piece.as_ref()).await;
    let _unread = own.flush().await;
}

/// Removes the container, running or not.
async fn remove(engine: &Engine, id: &str) -> Result<()> {
    let mut tries = 0;
    loop {
        let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
        let error = match engine.docker.remove_container(id, Some(options)).await {
            Ok(()) | Err(Error::DockerResponseServerError { status_code: 404, .. }) => return Ok(()),
            Err(error) => error,
        };
        tries += 1;
        if tries == 5 {
            return Err(
                plain(error).context(format!("the container {id} can't be removed: `docker rm -f {id}`"))
            );
        }
        tokio::time::sleep(PAUSE).await;
    }
}
