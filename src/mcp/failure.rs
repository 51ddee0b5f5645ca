//! What goes wrong for the user: a tool's error, or a refusal of policy.

use std::borrow::Cow;

use serde::Serialize;

use crate::policy::Refusal;
use crate::tools::{ActionableError, HelpLink};

/// An error that a person or the model can act on, in its parts: what machines read.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Failure<'a> {
    pub(super) code: &'static str,
    pub(super) what: &'a str,
    pub(super) why: Cow<'a, str>,
    pub(super) who: &'a str,
    pub(super) how: &'a str,
    /// An address where it can be mended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retry_after_s: Option<u64>,
}

impl<'a> Failure<'a> {
    /// `help` knows the addresses.
    pub(super) fn of(error: &'a ActionableError, help: impl Fn(HelpLink) -> Option<String>) -> Self {
        Self {
            code: error.code.as_str(),
            what: &error.what,
            why: error.why(),
            who: error.who,
            how: &error.how,
            link: error.link.and_then(help),
            retry_after_s: error.retry_after_s,
        }
    }
}

impl From<Refusal> for Failure<'static> {
    fn from(refusal: Refusal) -> Self {
        let (what, why) = match refusal {
            Refusal::ToolSwitchedOff => (
                "This tool is switched off for the organisation.",
                "The organisation's administrator has switched it off in the connector's policy.",
            ),
            Refusal::ClientNotAllowed => (
                "This application may not use the connector.",
                "It is not on the organisation's list of allowed applications.",
            ),
            Refusal::GuestNotAllowed => (
                "Guests may not use the connector here.",
                "The organisation's policy lets in its own members alone.",
            ),
            Refusal::AccountUnstated => (
                "The sign-in does not say whether the account is a guest.",
                "The organisation's policy lets in no guests, and the registration lacks the optional claim acct.",
            ),
            Refusal::ServiceSwitchedOff => (
                "This service is switched off for the organisation.",
                "The organisation's administrator has switched it off in the connector's policy.",
            ),
            Refusal::UserBlocked | Refusal::UserNotAllowed => (
                "This user may not use the connector.",
                "The organisation's policy lets in other users and groups.",
            ),
            Refusal::GroupsUnstated | Refusal::GroupsTooMany => (
                "The sign-in does not say of which groups the user is.",
                "The organisation's policy lets users in by their groups, and the token does not name them.",
            ),
            Refusal::TenantRestricted => (
                "The network does not allow this organisation.",
                "The proxy that the request came through lists other organisations.",
            ),
            Refusal::ForeignTenant => (
                "The account belongs to another organisation.",
                "The policy that was asked is not that of the account's own organisation.",
            ),
        };
        Self {
            code: refusal.code(),
            what,
            why: why.into(),
            who: "the organisation's Microsoft 365 administrator",
            how: "Ask the administrator to allow it. Trying again does not help until then.",
            link: None,
            retry_after_s: None,
        }
    }
}
