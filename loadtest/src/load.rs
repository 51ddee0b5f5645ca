//! The load: keep-alive connections that each send one request after the other.
//!
//! It writes prepared bytes and reads only as much of an answer as tells where it ends, so that the generator takes
//! as little as it can of the cores that it shares with what it measures.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Requests, ready to be sent in turn, and where to.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) requests: Arc<[Vec<u8>]>,
}

/// What one round measured.
#[derive(Debug, Default)]
pub(crate) struct Round {
    pub(crate) elapsed: Duration,
    pub(crate) latencies: Vec<Duration>,
}

/// The bytes of a `POST` of `body` to `path` with the headers given.
pub(crate) fn post(address: SocketAddr, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        request.extend([name, ": ", value, "\r\n"]);
    }
    request.push_str("\r\n");
    request.push_str(body);
    request.into_bytes()
}

/// Sends for `duration` over `connections`. Any answer but 200 ends the round with an error.
pub(crate) async fn run_for(target: &Target, connections: usize, duration: Duration) -> io::Result<Round> {
    let started = now();
    let until = started + duration;
    run(target, connections, move |_| now() < until).await
}

/// Sends exactly `calls` over `connections`.
pub(crate) async fn run_count(target: &Target, connections: usize, calls: usize) -> io::Result<Round> {
    let share = calls.div_ceil(connections);
    run(target, connections, move |sent| sent < share).await
}

async fn run(
    target: &Target,
    connections: usize,
    goes_on: impl Fn(usize) -> bool + Clone + Send + 'static,
) -> io::Result<Round> {
    let started = now();
    let tasks: Vec<_> = (0..connections)
        .map(|number| tokio::spawn(one_connection(target.clone(), number, connections, goes_on.clone())))
        .collect();
    let mut round = Round::default();
    for task in tasks {
        round.latencies.extend(task.await.map_err(io::Error::other)??);
    }
    round.elapsed = started.elapsed();
    Ok(round)
}

/// Connection `number` of `connections` sends every `connections`-th request, round and round.
async fn one_connection(
    target: Target,
    number: usize,
    connections: usize,
    goes_on: impl Fn(usize) -> bool,
) -> io::Result<Vec<Duration>> {
    let mut own = target.requests.iter().skip(number).step_by(connections).cycle();
    let mut stream = TcpStream::connect(target.address).await?;
    stream.set_nodelay(true)?;
    let mut latencies = Vec::with_capacity(1024);
    let mut buffer = Vec::with_capacity(64 * 1024);
    while goes_on(latencies.len()) {
        let Some(request) = own.next() else { break };
        let sent = now();
        stream.write_all(request).await?;
        read_answer(&mut stream, &mut buffer).await?;
        latencies.push(sent.elapsed());
    }
    Ok(latencies)
}

async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<()> {
    buffer.clear();
    let end_of_head = loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(position) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break position + 4;
        }
    };
    let head = std::str::from_utf8(&buffer[..end_of_head]).map_err(io::Error::other)?;
    if !head.starts_with("HTTP/1.1 200") {
        return Err(io::Error::other(format!("answer: {}", head.lines().next().unwrap_or_default())));
    }
    let length = content_length(head).ok_or_else(|| io::Error::other("an answer without Content-Length"))?;
    while buffer.len() < end_of_head + length {
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    refuse_tool_errors(&buffer[end_of_head..])
}

/// A tool that fails answers 200 as well. Its answers are short, so only short ones are searched.
fn refuse_tool_errors(body: &[u8]) -> io::Result<()> {
    const MARK: &[u8] = br#""isError":true"#;
    if body.len() < 4_096 && body.windows(MARK.len()).any(|window| window == MARK) {
        return Err(io::Error::other(String::from_utf8_lossy(body).into_owned()));
    }
    Ok(())
}

fn content_length(head: &str) -> Option<usize> {
    head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    })
}

#[expect(clippy::disallowed_methods, reason = "a load generator measures real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
