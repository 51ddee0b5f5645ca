//! The sockets.

use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::SockRef;

use super::error::StartError;

/// Connections that may wait to be accepted: a burst of clients must not meet a closed door.
const BACKLOG: i32 = 4_096;

/// The sockets, bound before anything else: a taken port is found first, and a free one known.
#[derive(Debug)]
pub struct Listeners {
    pub(super) public: TcpListener,
    pub(super) operations: TcpListener,
}

impl Listeners {
    pub fn bind(public: SocketAddr, operations: SocketAddr) -> Result<Self, StartError> {
        Ok(Self { public: listen(public)?, operations: listen(operations)? })
    }

    pub fn public_address(&self) -> io::Result<SocketAddr> {
        self.public.local_addr()
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).map_err(failed)?;
    SockRef::from(&listener).listen(BACKLOG).map_err(failed)?;
    Ok(listener)
}
