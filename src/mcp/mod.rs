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
mod header;
mod header_parameters;
mod headers;
mod method;
mod negotiation;
mod nesting;
mod outcome;
mod params;
mod progress;
mod prompt_arguments;
mod raw;
mod reading;
mod registry;
mod reply_status;
mod request;
mod request_id;
mod result;
mod server_info;
mod version;

#[cfg(test)]
mod tests;

pub use caller::{Caller, Host};
pub use dispatch::McpServer;
pub use headers::{HeaderField, TransportHeaders};
pub use method::Method;
pub use outcome::Answer;
pub use progress::ProgressNotifier;
pub use registry::RegistryError;
pub use reply_status::ReplyStatus;
pub use request::{Message, Offered, Request, parse};
pub use server_info::ServerInfo;
pub use version::{Era, LegacyVersion};
