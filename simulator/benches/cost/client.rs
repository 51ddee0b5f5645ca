//! Keep-alive connections, each of which sends prepared bytes and reads answers to their end.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;

/// So many that the server always has a request to answer: to wake a processor that sleeps between two requests costs more
/// than an answer does.
const AT_ONCE: u8 = 8;

pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// Connections that are used at once.
pub(crate) struct Clients(Vec<Client>);

impl Clients {
    pub(crate) fn connect(address: SocketAddr) -> io::Result<Self> {
        (0..AT_ONCE).map(|_| Client::connect(address)).collect::<Result<_, _>>().map(Self)
    }

    /// Sends the request so many times in all.
    pub(crate) fn repeat(&mut self, request: &[u8], times: u32) -> io::Result<()> {
        let share = times / u32::from(AT_ONCE);
        thread::scope(|scope| {
            let work = |client| scope.spawn(move || Client::repeat(client, request, share));
            let tasks: Vec<_> = self.0.iter_mut().map(work).collect();
            tasks.into_iter().try_for_each(|task| {
                task.join().unwrap_or_else(|_| Err(io::Error::other("a connection broke down")))
            })
        })
    }
}

pub(crate) fn get(target: &str, bearer: &str) -> Vec<u8> {
    format!("GET {target} HTTP/1.1\r\nhost: bench.example\r\nauthorization: Bearer {bearer}\r\n\r\n")
        .into_bytes()
}

pub(crate) fn post(target: &str, body: &str) -> Vec<u8> {
    format!("POST {target} HTTP/1.1\r\nhost: bench.example\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

/// A form, as browsers and clients of Entra send it. The values must need no encoding.
pub(crate) fn form(target: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let body = fields.join("&");
    format!(
        "POST {target} HTTP/1.1\r\nhost: bench.example\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 1 << 20] })
    }

    /// Sends one request and returns the body of its answer, which must be 200.
    pub(crate) fn send(&mut self, request: &[u8]) -> io::Result<String> {
        let (start, end) = self.exchange(request)?;
        let body = std::str::from_utf8(&self.buffer[start..end]).map_err(io::Error::other)?;
        Ok(body.to_owned())
    }

    fn repeat(&mut self, request: &[u8], times: u32) -> io::Result<()> {
        (0..times).try_for_each(|_| self.exchange(request).map(drop))
    }

    /// Where the body of the answer stands in the buffer.
    fn exchange(&mut self, request: &[u8]) -> io::Result<(usize, usize)> {
        self.stream.write_all(request)?;
        let mut filled = 0;
        let body = loop {
            filled += self.read(filled)?;
            if let Some(at) = self.buffer[..filled].windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
        };
        let head = std::str::from_utf8(&self.buffer[..body]).map_err(io::Error::other)?;
        if !head.starts_with("HTTP/1.1 200") {
            return Err(io::Error::other(head.lines().next().unwrap_or_default().to_owned()));
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        let end = body + length.ok_or_else(|| io::Error::other("an answer without a length"))?;
        if self.buffer.len() < end {
            self.buffer.resize(end, 0);
        }
        while filled < end {
            filled += self.read(filled)?;
        }
        Ok((body, end))
    }

    fn read(&mut self, from: usize) -> io::Result<usize> {
        match self.stream.read(&mut self.buffer[from..])? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => Ok(read),
        }
    }
}
