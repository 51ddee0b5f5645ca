//! The JSON-RPC envelope of one message, with everything inside it left raw.
//!
//! Own, because the SDK's untagged message enum takes a known method with wrong params for an unknown method, and
//! answers text that is not JSON at all with a status of the transport.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::{EnvelopeFault, RpcError};
use super::request_id::RequestId;
use super::{nesting, raw};

/// A message that is formed as JSON-RPC 2.0 says.
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    /// `None` makes it a notification.
    pub(super) id: Option<RequestId<'a>>,
    pub(super) method: Cow<'a, str>,
    pub(super) params: Option<&'a RawValue>,
}

/// Why a body is no message, with the id of the request where there is one to answer.
#[derive(Debug)]
pub(super) struct Unreadable<'a> {
    pub(super) id: Option<RequestId<'a>>,
    pub(super) error: RpcError,
}

impl From<RpcError> for Unreadable<'_> {
    fn from(error: RpcError) -> Self {
        Self { id: None, error }
    }
}

impl From<EnvelopeFault> for Unreadable<'_> {
    fn from(fault: EnvelopeFault) -> Self {
        RpcError::InvalidRequest(fault).into()
    }
}

/// What the envelope may hold. Members of other names are passed over, as JSON-RPC extensions are.
#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow, default, deserialize_with = "raw::present")]
    jsonrpc: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "raw::present")]
    id: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "raw::present")]
    method: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "raw::present")]
    params: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "raw::present")]
    result: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "raw::present")]
    error: Option<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    /// Reads a whole body. Time is linear in its length; nothing of it is copied but a method with escapes.
    pub(super) fn read(body: &'a [u8]) -> Result<Self, Unreadable<'a>> {
        if !nesting::is_within_limit(body) {
            return Err(RpcError::TooDeep.into());
        }
        let text = std::str::from_utf8(body).map_err(|_| RpcError::Malformed)?;
        let members = Members::read(text)?;
        let id = members.id.map(|id| RequestId::read(id).ok_or(EnvelopeFault::IllegalId)).transpose()?;
        let at_fault = |fault| Unreadable { id, error: RpcError::InvalidRequest(fault) };
        if members.result.is_some() || members.error.is_some() {
            // The id of a response is ours, not the client's: only with a method it names something to answer.
            return Err(match members.method {
                Some(_) => at_fault(EnvelopeFault::Response),
                None => EnvelopeFault::Response.into(),
            });
        }
        if members.jsonrpc.and_then(raw::string).as_deref() != Some("2.0") {
            return Err(at_fault(EnvelopeFault::NotVersion2));
        }
        let method = members.method.and_then(raw::string).ok_or_else(|| at_fault(EnvelopeFault::NoMethod))?;
        Ok(Self { id, method, params: members.params })
    }
}

impl<'a> Members<'a> {
    fn read(text: &'a str) -> Result<Self, Unreadable<'a>> {
        let start = text.trim_start_matches([' ', '\t', '\n', '\r']);
        if !start.starts_with('{') {
            return Err(not_an_object(start));
        }
        serde_json::from_str(start).map_err(|_| fault_of(start, EnvelopeFault::RepeatedMember))
    }
}

fn not_an_object(text: &str) -> Unreadable<'_> {
    let fault = if text.starts_with('[') { EnvelopeFault::Batch } else { EnvelopeFault::NotAnObject };
    fault_of(text, fault)
}

/// `fault` is right only for a text that is JSON.
fn fault_of(text: &str, fault: EnvelopeFault) -> Unreadable<'_> {
    if serde_json::from_str::<&RawValue>(text).is_err() {
        return RpcError::Malformed.into();
    }
    fault.into()
}
