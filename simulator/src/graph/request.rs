//! What is asked of Graph, by whom, and what it answers.

use bytes::Bytes;
use uuid::Uuid;

/// What is done with the resource. Nothing here writes: a POST only reads what does not fit into an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphMethod<'a> {
    Get,
    Post(Payload<'a>),
}

/// The body of a POST that reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payload<'a> {
    /// The value of `Content-Type`.
    pub content_type: Option<&'a str>,
    pub bytes: &'a [u8],
}

/// A request that reached Graph with a valid bearer.
#[derive(Debug, Clone)]
pub struct GraphRequest<'a> {
    pub method: GraphMethod<'a>,
    /// What follows `/v1.0`, still percent-encoded; begins with `/`.
    pub path: &'a str,
    /// What follows `?`, still percent-encoded; empty when there is none.
    pub query: &'a str,
    /// The values of all `Prefer` headers.
    pub prefer: Vec<&'a str>,
    /// The value of `Accept`.
    pub accept: Option<&'a str>,
    /// The value of `ConsistencyLevel`.
    pub consistency_level: Option<&'a str>,
    /// The value of `If-None-Match`.
    pub if_none_match: Option<&'a str>,
    /// The value of `client-request-id`, echoed.
    pub client_request_id: Option<&'a str>,
    /// The public address of this Graph with its version, without a slash at the end: next links begin with it.
    pub base_url: &'a str,
}

/// Whom the bearer belongs to, and what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The application that the bearer was issued to.
    pub app: Uuid,
    pub tenant: Uuid,
    /// Object id within `tenant`.
    pub user: Uuid,
    /// Delegated scopes as short names (`Mail.Read`).
    pub scopes: Vec<String>,
}

/// A complete answer.
#[derive(Debug, Clone)]
pub struct GraphResponse {
    pub status: u16,
    /// Lower-case names.
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
}
