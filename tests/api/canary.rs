//! An address that nobody has a reason to visit.

use std::net::{TcpListener, TcpStream};

/// A listener that only ever hears from whoever opens what stands in content. It answers nothing.
pub(crate) struct Canary {
    listener: TcpListener,
    port: u16,
}

impl Canary {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        Self { listener, port }
    }

    /// By another name than the simulator has, whose files a connector may fetch.
    pub(crate) fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Whether anybody has come since it was asked last. The system takes connections in by itself, so none is missed.
    pub(crate) fn was_visited(&self) -> bool {
        self.listener.accept().is_ok()
    }

    /// Proves that a visit would have been noticed.
    pub(crate) fn assert_it_sings(&self) {
        let visitor = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        assert!(self.was_visited(), "a visitor was not heard");
        drop(visitor);
    }
}
