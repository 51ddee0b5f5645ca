//! The token endpoint: one door for every grant.

use std::net::IpAddr;

use actix_web::http::Method;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::authority::Authority;
use super::client_authentication::TokenClient;
use super::error_body::traced;
use super::mint::Subject;
use super::refusal::Refusal;
use super::{Entra, correlation, cross_origin, grants};
use crate::directory::Platform;
use crate::message::{Answer, Fields, Request};
use crate::origins::Origin;

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const ON_BEHALF_OF: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// A token request whose client has been authenticated.
pub(crate) struct TokenRequest<'a> {
    pub(crate) fields: &'a Fields,
    /// The tenant segment of the path, as sent.
    pub(crate) segment: &'a str,
    pub(crate) authority: Authority,
    pub(crate) client: TokenClient<'a>,
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

    /// Adds `client_info` when it was asked for.
    pub(crate) fn with_client_info(&self, mut response: Value, subject: &Subject<'_>) -> Value {
        if self.fields.get("client_info").is_some_and(|asked| asked != "0") {
            let info = json!({ "uid": subject.principal.user().id, "utid": subject.principal.tenant().id });
            response["client_info"] = URL_SAFE_NO_PAD.encode(info.to_string()).into();
        }
        response
    }
}

pub(crate) fn answer(entra: &Entra, segment: &str, request: &Request<'_>) -> Answer {
    let correlation = correlation(request);
    let fields = request.form();
    let platform = entra.platform_of_grant(&fields);
    let answer = match grant(entra, segment, request, &fields, platform) {
        Ok(response) => traced(Answer::json(200, &response), Uuid::new_v4(), correlation),
        Err(refusal) => refusal.to_answer(&request.origin.base, correlation),
    };
    cross_origin::readable_by_pages(answer, platform, request)
}

fn grant(
    entra: &Entra,
    segment: &str,
    request: &Request<'_>,
    fields: &Fields,
    platform: Option<Platform>,
) -> Result<Value, Refusal> {
    if *request.method != Method::POST {
        return Err(Refusal::PostOnly);
    }
    let authority = entra.application_authority(segment)?;
    let kind = fields.get("grant_type").ok_or(Refusal::MissingParameter("grant_type"))?;
    // A service whose clock is wrong dates its tokens by it.
    let now = Timestamp::now().as_second().saturating_add(request.disturbance.clock_skew_s);
    let client = entra.authenticate(request, fields, segment, now)?;
    cross_origin::check(platform, request)?;
    let (origin, peer) = (request.origin, request.peer);
    let lost_scopes = &request.disturbance.lost_scopes;
    let request = TokenRequest { fields, segment, authority, client, now, lost_scopes, origin, peer };
    match kind {
        "authorization_code" => grants::authorization_code::redeem(entra, &request),
        "refresh_token" => grants::refresh_token::redeem(entra, &request),
        "client_credentials" => grants::client_credentials::issue(entra, &request),
        // Microsoft's own clients still say it in the first form.
        "device_code" | DEVICE_CODE => grants::device_code::redeem(entra, &request),
        ON_BEHALF_OF => grants::on_behalf_of::exchange(entra, &request),
        other => Err(Refusal::UnsupportedGrant(other.to_owned())),
    }
}
