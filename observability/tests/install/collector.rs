//! A collector of one test: takes OTLP over HTTP, hands on what it got.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

pub(crate) struct Collector {
    pub(crate) endpoint: String,
    pub(crate) requests: Receiver<Request>,
}

pub(crate) struct Request {
    pub(crate) target: String,
    pub(crate) headers: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl Collector {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (sender, requests) = mpsc::channel();
        thread::spawn(move || {
            for connection in listener.incoming() {
                let sender = sender.clone();
                thread::spawn(move || serve(connection.unwrap(), &sender));
            }
        });
        Self { endpoint, requests }
    }
}

/// Answers one request and closes the connection.
fn serve(mut connection: TcpStream, requests: &Sender<Request>) {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    let mut head = reader.by_ref().lines().map(Result::unwrap).take_while(|line| !line.is_empty());
    let target = head.next().unwrap();
    let headers: Vec<String> = head.map(|line| line.to_ascii_lowercase()).collect();
    let length = headers.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    // The test may have seen enough.
    drop(requests.send(Request { target, headers, body }));
    connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
}
