//! The Model Context Protocol: JSON-RPC envelope, versions, header rules, the registry of tools, dispatch.
//!
//! Two steps, so that the transport can choose deadline and audit by method before any work is done: [`parse`] turns
//! a body and its headers into a [`Message`], [`McpServer::answer`] answers the request in it. No HTTP types here,
//! and of Graph only the handle that is passed on to tools.

mod caller;
mod dispatch;
mod envelope;
mod error;
mod failure;
mod header_parameters;
mod headers;
mod nesting;
mod outcome;
mod params;
mod progress;
mod prompt_arguments;
mod raw;
mod reading;
mod registry;
mod request;
mod result;
mod server_info;
mod version;

#[cfg(test)]
mod tests;

pub use caller::{Caller, Host};
pub use dispatch::McpServer;
pub use headers::{HeaderField, TransportHeaders};
pub use outcome::{Answer, ReplyStatus};
pub use progress::ProgressNotifier;
pub use registry::RegistryError;
pub use request::{Message, Method, Offered, Request, parse};
pub use server_info::ServerInfo;
pub use version::{Era, LegacyVersion};
