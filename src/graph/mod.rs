//! Microsoft Graph, read-only: a request can only be a GET, and it goes to one origin alone.
//!
//! [`GraphRequest`] says what to read, [`UserGraph`] reads it as one user, inside that user's call: gate, lease,
//! deadline, cancellation and retries are its business and nobody else's.

mod base;
mod body;
mod challenge;
mod client;
mod codes;
mod error;
mod mail;
mod odata;
mod profile;
mod request;
mod retry;
mod retry_after;
mod segment;
mod text;
mod user;

pub use base::{GraphBase, UnusableBase};
pub use body::GraphBody;
pub use client::{ClientBuildError, GraphClient, GraphTimeouts};
pub use codes::GraphCodes;
pub use error::{Challenged, GraphError, GraphFault};
pub use mail::{EmailAddress, ItemBody, MailFolder, Message, Page, Recipient};
pub use odata::{kql_search, kql_value, string_literal};
pub use profile::Profile;
pub use request::{Consistency, GraphRequest, Preference, QueryOption};
pub use segment::{PathSegment, UnusableSegment};
pub use text::Text;
pub use user::UserGraph;
