//! The door for the operator's commands: a Unix socket of the serving process, so that one process alone writes state.
//!
//! A connection carries one request and one answer, each a line of JSON. Whoever may open the socket may give commands:
//! it is its owner's alone (mode 0600).

mod client;
mod protocol;
mod server;

pub use client::{ControlError, ask};
pub use protocol::{ControlAnswer, ControlRequest, ListedRevocation, NamedSubject};
pub(crate) use server::{Commands, ControlSocket};

/// The name of the socket in the state directory.
const SOCKET_NAME: &str = "control.sock";
