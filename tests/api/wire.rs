//! Requests as bytes, for what no client library would say.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::World;

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct RawAnswer {
    pub(crate) status: u16,
    /// Everything before the body.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl RawAnswer {
    /// The value of a header; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        let fields = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut values = fields.filter(|(field, _)| field.eq_ignore_ascii_case(name));
        values.next().map_or("", |(_, value)| value.trim())
    }
}

/// A connection to the connector, for what comes in pieces.
pub(crate) struct Connection(TcpStream);

impl Connection {
    pub(crate) async fn to(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// What comes until that is enough, or no more does.
    pub(crate) async fn read_until(&mut self, is_enough: impl Fn(&str) -> bool) -> String {
        let (mut read, mut some) = (Vec::new(), [0; 8_192]);
        loop {
            let text = String::from_utf8_lossy(&read).into_owned();
            if is_enough(&text) {
                return text;
            }
            match self.0.read(&mut some).await {
                Ok(0) | Err(_) => return text,
                Ok(count) => read.extend_from_slice(&some[..count]),
            }
        }
    }

    pub(crate) async fn read_to_end(&mut self) -> String {
        self.read_until(|_| false).await
    }
}

/// Sends the lines of a head, and `body`, to `address`, and reads the answer to the end of the connection.
pub(crate) async fn exchange(address: SocketAddr, head: &[&str], body: &str) -> RawAnswer {
    let mut connection = Connection::to(address).await;
    let lines = head.join("\r\n");
    let request = format!("{lines}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    connection.send(request.as_bytes()).await;
    let answer = connection.read_to_end().await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    RawAnswer { status, head: head.to_owned(), body: body.to_owned() }
}

/// The lines of a good `tools/list` of the person with `token`, its `Host` included.
pub(crate) fn good_head(world: &World, token: &str) -> Vec<String> {
    vec![
        "POST /mcp HTTP/1.1".to_owned(),
        format!("Host: {}", world.stage.connector.public_address()),
        format!("Authorization: Bearer {token}"),
        "Content-Type: application/json".to_owned(),
        "Accept: application/json, text/event-stream".to_owned(),
    ]
}

/// A message that any good head goes with.
pub(crate) const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
