//! The socket to whoever started this: what is to be run, what they want meanwhile, and how it ended.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream as StdStream;

use anyhow::{Context, Result};
use serde::Serialize;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

use crate::order::Order;

/// How it ended: what `pipewright-local` reads.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Report {
    Code(i64),
    Signal(i32),
    OutOfMemory,
    Failed(String),
}

/// What they want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// That the container is asked to end.
    End,
    /// That it is gone.
    Kill,
    /// Nothing any more: they died.
    Gone,
}

/// What they say.
pub(crate) struct Wishes {
    reader: BufReader<OwnedReadHalf>,
    line: Vec<u8>,
}

/// Takes standard input for a socket, and reads the order and the bytes that follow it.
pub(crate) async fn open() -> Result<(Order, Vec<u8>, Wishes, OwnedWriteHalf)> {
    let copy: OwnedFd = io::stdin().as_fd().try_clone_to_owned().context("standard input is closed")?;
    let stream = StdStream::from(copy);
    stream.local_addr().context("standard input has to be a socket")?;
    stream.set_nonblocking(true).context("standard input does not do")?;
    let (reader, writer) = UnixStream::from_std(stream).context("standard input does not do")?.into_split();
    let mut reader = BufReader::new(reader);
    let mut line = String::new();
    reader.read_line(&mut line).await.context("can't read the order")?;
    let order: Order = serde_json::from_str(&line).context("the order is not what was expected")?;
    let mut input = vec![0; order.input];
    reader.read_exact(&mut input).await.context("the input is not complete")?;
    Ok((order, input, Wishes { reader, line: Vec::new() }, writer))
}

impl Wishes {
    /// The next wish. May be given up at any point and asked again.
    pub(crate) async fn next(&mut self) -> Wish {
        loop {
            match self.reader.read_until(b'\n', &mut self.line).await {
                Ok(count) if count > 0 => {}
                _ => return Wish::Gone,
            }
            let line = std::mem::take(&mut self.line);
            match line.as_slice() {
                b"end\n" => return Wish::End,
                b"kill\n" => return Wish::Kill,
                _ => {}
            }
        }
    }
}

/// Tells how it ended. Whoever is gone needs no telling.
pub(crate) async fn tell(mut writer: OwnedWriteHalf, report: &Report) {
    let mut line = serde_json::to_string(report).unwrap_or_default();
    line.push('\n');
    let _unheard = writer.write_all(line.as_bytes()).await;
}
