//! Answers that are worth keeping, and what they are kept by.

use std::sync::Arc;

use bytes::Bytes;

use super::permissions;
use super::policy::TenantPolicy;
use super::request::{Caller, GraphMethod, GraphRequest};

/// An answer without what is new in every request.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    pub(super) body: Bytes,
    /// Value of `Preference-Applied`.
    pub(super) applied: Option<Arc<str>>,
    /// Where the body is no JSON of Graph's.
    pub(super) content_type: Option<&'static str>,
}

/// What a request comes to.
pub(super) enum Outcome {
    /// The same for everybody who asks the same.
    Lasting(Prepared),
    /// At an address that soon is worth nothing.
    Elsewhere(String),
}

impl Prepared {
    pub(super) const fn json(body: Bytes) -> Self {
        Self { body, applied: None, content_type: None }
    }
}

/// Everything that a successful answer depends on. Parts end in a line feed, which no part can hold.
pub(super) fn key(caller: &Caller, policy: TenantPolicy, request: &GraphRequest<'_>) -> String {
    let mut key = String::with_capacity(128 + request.path.len() + request.query.len());
    let mut uuid = uuid::Uuid::encode_buffer();
    key.push_str(caller.tenant.simple().encode_lower(&mut uuid));
    key.push_str(caller.user.simple().encode_lower(&mut uuid));
    // The address of what is read is never that of what is posted to, but that is for others to decide.
    key.push(if request.method == GraphMethod::Get { 'G' } else { 'P' });
    key.push(policy.class());
    for letter in permissions::class(&caller.scopes).to_be_bytes() {
        // Two letters of sixteen for every byte.
        key.push(char::from(b'@' + (letter >> 4)));
        key.push(char::from(b'@' + (letter & 15)));
    }
    for part in [request.base_url, request.path, request.query] {
        key.push_str(part);
        key.push('\n');
    }
    for header in [request.accept, request.consistency_level] {
        key.push_str(header.unwrap_or_default());
        key.push('\n');
    }
    for preference in &request.prefer {
        key.push_str(preference);
        key.push('\n');
    }
    if let GraphMethod::Post(payload) = request.method {
        key.push_str(payload.content_type.unwrap_or_default());
        key.push('\n');
        key.push_str(&String::from_utf8_lossy(payload.bytes));
    }
    key
}
