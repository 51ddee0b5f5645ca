//! Which grants the scripts of a page may redeem: those of single-page applications, and nobody else may redeem those.

use super::Entra;
use super::refusal::Refusal;
use crate::directory::Platform;
use crate::message::{Answer, Fields, Request};

impl Entra {
    /// The platform of whoever may redeem what a token request shows; nothing where it shows a grant that nobody knows.
    pub(crate) fn platform_of_grant(&self, fields: &Fields) -> Option<Platform> {
        if let Some(code) = fields.get("code") {
            return Some(self.codes.peek(code)?.platform);
        }
        if let Some(token) = fields.get("refresh_token") {
            return Some(self.refresh_tokens.read_grant(token)?.platform());
        }
        Some(Platform::Native)
    }
}

/// A browser names the origin of the page whose script asks. Both numbers are documented for redirects of type `spa`.
pub(crate) fn check(platform: Option<Platform>, request: &Request<'_>) -> Result<(), Refusal> {
    match (platform, request.header("origin")) {
        (Some(Platform::Native), Some(origin)) => Err(Refusal::CrossOrigin(origin.to_owned())),
        (Some(Platform::SinglePage), None) => Err(Refusal::SameOrigin),
        _ => Ok(()),
    }
}

/// Lets the page read the answer where its script may ask.
pub(crate) fn readable_by_pages(answer: Answer, platform: Option<Platform>, request: &Request<'_>) -> Answer {
    match (platform, request.header("origin")) {
        (Some(Platform::SinglePage), Some(_)) => answer.header("Access-Control-Allow-Origin", "*"),
        _ => answer,
    }
}
