//! A proxy that puts a token into requests whose sender has none, and touches nothing else of them.
//!
//! It reads the head of a request as bytes and relays all that follows as it comes, in both directions, until one side
//! hangs up; then it hangs up on the other. Every connection carries one request, so that no body needs to be measured.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// The longest head of a request, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;

/// A bound port, known before the server behind it is.
#[derive(Debug)]
pub(crate) struct Gate {
    listener: TcpListener,
    address: SocketAddr,
}

impl Gate {
    pub(crate) async fn bind() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Relays to `upstream`, in the name of whom `token` belongs to, until the proxy is dropped.
    pub(crate) fn open(self, upstream: SocketAddr, token: String) -> BearerProxy {
        BearerProxy(tokio::spawn(relay_all(self.listener, upstream, token)))
    }
}

/// Ends, with all of its connections, when it is dropped.
#[derive(Debug)]
pub(crate) struct BearerProxy(JoinHandle<()>);

impl Drop for BearerProxy {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn relay_all(listener: TcpListener, upstream: SocketAddr, token: String) {
    let mut connections = JoinSet::new();
    while let Ok((downstream, _)) = listener.accept().await {
        let token = token.clone();
        connections.spawn(async move { drop(relay(downstream, upstream, &token).await) });
        while connections.try_join_next().is_some() {}
    }
}

async fn relay(mut downstream: TcpStream, upstream: SocketAddr, token: &str) -> io::Result<()> {
    let Some((head, rest)) = read_head(&mut downstream).await? else { return Ok(()) };
    let mut upstream = TcpStream::connect(upstream).await?;
    upstream.set_nodelay(true)?;
    downstream.set_nodelay(true)?;
    upstream.write_all(&with_token(&head, token)).await?;
    upstream.write_all(&rest).await?;
    copy_bidirectional(&mut downstream, &mut upstream).await?;
    Ok(())
}

/// The head with its empty line, and what came with it of the body. `None`: the peer left before its end.
async fn read_head(downstream: &mut TcpStream) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let mut head = Vec::new();
    loop {
        if let Some(end) = head.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let rest = head.split_off(end + 4);
            return Ok(Some((head, rest)));
        }
        if head.len() > LONGEST_HEAD || downstream.read_buf(&mut head).await? == 0 {
            return Ok(None);
        }
    }
}

/// The head with the token, and with the wish to close in place of any other wish about the connection.
fn with_token(head: &[u8], token: &str) -> Vec<u8> {
    let mut lines = head.split_inclusive(|byte| *byte == b'\n');
    let mut out = lines.next().unwrap_or_default().to_vec();
    out.extend_from_slice(b"connection: close\r\n");
    let headers: Vec<&[u8]> = lines.collect();
    if !headers.iter().any(|line| is_named(line, b"authorization:")) {
        out.extend_from_slice(format!("authorization: Bearer {token}\r\n").as_bytes());
    }
    for line in headers.into_iter().filter(|line| !is_named(line, b"connection:")) {
        out.extend_from_slice(line);
    }
    out
}

fn is_named(line: &[u8], name: &[u8]) -> bool {
    line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this failed, the suite would test the proxy, and not the connector.
    #[test]
    fn a_token_comes_in_and_all_else_stays_as_it_is() {
        let head =
            b"POST /mcp HTTP/1.1\r\nHost: evil.example\r\nConnection: keep-alive\r\nX: \xff\r\nX: 2\r\n\r\n";
        let expected: &[u8] = b"POST /mcp HTTP/1.1\r\nconnection: close\r\nauthorization: Bearer t\r\n\
                                Host: evil.example\r\nX: \xff\r\nX: 2\r\n\r\n";
        assert_eq!(with_token(head, "t"), expected);
    }

    /// If this failed, a request with a token of its own would have two.
    #[test]
    fn a_token_that_is_there_stays_alone() {
        let head = b"GET / HTTP/1.1\r\nAuthorization: Bearer own\r\n\r\n";
        let expected: &[u8] = b"GET / HTTP/1.1\r\nconnection: close\r\nAuthorization: Bearer own\r\n\r\n";
        assert_eq!(with_token(head, "t"), expected);
    }
}
