//! A token request, as every grant reads it.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::authority::Authority;
use super::client_authentication::TokenClient;
use super::mint::Subject;
use super::refusal::Refusal;
use crate::message::Fields;
use crate::origins::Origin;

/// A token request whose client has been authenticated.
pub(crate) struct TokenRequest<'a> {
    pub(crate) fields: &'a Fields,
    /// The tenant segment of the path, as sent.
    pub(crate) segment: &'a str,
    pub(crate) authority: Authority,
    pub(crate) client: TokenClient,
    /// Seconds since 1970.
    pub(crate) now: i64,
    /// Graph scopes that are granted no more.
    pub(crate) lost_scopes: &'a [String],
    pub(crate) origin: &'a Origin,
    /// Whose connection it came by.
    pub(crate) peer: Option<IpAddr>,
}

impl TokenRequest<'_> {
    pub(crate) fn required(&self, name: &'static str) -> Result<&str, Refusal> {
        self.fields.get(name).ok_or(Refusal::MissingParameter(name))
    }

    /// Of granted scopes those that are granted still.
    pub(crate) fn kept(&self, mut granted: Vec<String>) -> Vec<String> {
        granted.retain(|scope| !self.lost_scopes.contains(scope));
        granted
    }

    /// Adds `client_info` when it was asked for.
    pub(crate) fn with_client_info(&self, mut response: Value, subject: &Subject<'_>) -> Value {
        if self.fields.get("client_info").is_some_and(|asked| asked != "0") {
            let info = json!({ "uid": subject.principal.user().id, "utid": subject.principal.tenant().id });
            response["client_info"] = URL_SAFE_NO_PAD.encode(info.to_string()).into();
        }
        response
    }
}
