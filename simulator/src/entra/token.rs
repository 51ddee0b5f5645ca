//! The token endpoint: one door for every grant.

use actix_web::http::Method;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::correlation::correlation;
use super::error_body::traced;
use super::refusal::Refusal;
use super::token_request::TokenRequest;
use super::{Entra, cross_origin, grants};
use crate::directory::Platform;
use crate::message::{Answer, Fields, Request};

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const ON_BEHALF_OF: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

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
