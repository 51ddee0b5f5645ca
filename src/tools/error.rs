//! Errors of tools: for model and person to act on, or ours.

use std::borrow::Cow;
use std::sync::Arc;

use thiserror::Error;

use super::help::HelpLink;

/// What kind of error it is. The words are stable: clients and tests may branch on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    /// An argument is missing, unknown, of the wrong type or out of range.
    InvalidArguments,
    /// The cursor was altered, or belongs to another call.
    InvalidCursor,
    /// The cursor was good once.
    ExpiredCursor,
    /// Arguments that are fine each, and that Graph can't serve together.
    UnsupportedQuery,
    NotFound,
    /// Nobody of the name that was given as a mailbox owner, or nobody whom the user may see.
    MailboxNotFound,
    /// Somebody works on it, or an administrator has locked it.
    Locked,
    /// This user may not read it.
    NoAccess,
    /// The app lacks a permission in this user's token.
    MissingScope,
    /// Nobody has consented to the app's permissions.
    ConsentRequired,
    /// The same, and no user may.
    AdminConsentRequired,
    /// The app, or what it reads, is not set up in the tenant or was switched off there.
    NotInstalled,
    /// The user has to sign in again.
    SignInRequired,
    /// Conditional Access asks for more of the user.
    InteractionRequired,
    /// Entra's policy says no, and signing in again changes nothing.
    BlockedByPolicy,
    /// The same for the device.
    BlockedByDevicePolicy,
    /// The same for the network address of this service.
    BlockedByLocationPolicy,
    /// The same for access across tenants.
    BlockedByTenantRestriction,
    /// The account is locked, disabled, expired, or none of the tenant's.
    AccountBlocked,
    /// The tenant lets assigned users alone use the app.
    NotAssigned,
    /// The user has no licence, or no mailbox in the cloud.
    NotLicensed,
    /// The service's own registration is refused.
    Misconfigured,
    /// The service's own credential is refused.
    CredentialRefused,
    /// Entra does not know the tenant.
    TenantNotFound,
    /// The tenant lies in another Microsoft cloud.
    WrongCloud,
    /// Entra does not accept what the service sends.
    RequestRefused,
    /// Entra failed in a way that does not pass.
    SignInServiceFailed,
    /// Entra has found a loop of equal sign-ins.
    SignInLoop,
    /// An administrator ended the session, or the service is restarting.
    SessionEnded,
    Throttled,
    Unavailable,
    DeadlineExceeded,
    TooLarge,
}

impl ErrorCode {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidArguments => "invalid_arguments",
            Self::InvalidCursor => "invalid_cursor",
            Self::ExpiredCursor => "expired_cursor",
            Self::UnsupportedQuery => "unsupported_query",
            Self::NotFound => "not_found",
            Self::MailboxNotFound => "mailbox_not_found",
            Self::Locked => "locked",
            Self::NoAccess => "no_access",
            Self::MissingScope => "missing_scope",
            Self::ConsentRequired => "consent_required",
            Self::AdminConsentRequired => "admin_consent_required",
            Self::NotInstalled => "not_installed",
            Self::SignInRequired => "sign_in_required",
            Self::InteractionRequired => "interaction_required",
            Self::BlockedByPolicy => "blocked_by_policy",
            Self::BlockedByDevicePolicy => "blocked_by_device_policy",
            Self::BlockedByLocationPolicy => "blocked_by_location_policy",
            Self::BlockedByTenantRestriction => "blocked_by_tenant_restriction",
            Self::AccountBlocked => "account_blocked",
            Self::NotAssigned => "not_assigned",
            Self::NotLicensed => "not_licensed",
            Self::Misconfigured => "misconfigured",
            Self::CredentialRefused => "credential_refused",
            Self::TenantNotFound => "tenant_not_found",
            Self::WrongCloud => "wrong_cloud",
            Self::RequestRefused => "request_refused",
            Self::SignInServiceFailed => "sign_in_service_failed",
            Self::SignInLoop => "sign_in_loop",
            Self::SessionEnded => "session_ended",
            Self::Throttled => "throttled",
            Self::Unavailable => "unavailable",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::TooLarge => "too_large",
        }
    }
}

/// What the client's HTTP layer could answer with, where it understands it, instead of a tool error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Challenge {
    /// A new sign-in helps: 401 `invalid_token`. The sentence says why and who can do it, as RFC 6750 lets a header say it:
    /// ASCII without quotes.
    SignIn { sentence: Arc<str> },
    /// A sign-in that satisfies these claims helps: 401 `insufficient_claims`. The sentence says what is asked for and of
    /// whom, and `link` where that can be seen to.
    Claims { claims: Arc<str>, sentence: Arc<str>, link: HelpLink },
}

/// An error with everything that a model needs to go on, and a person to help. Never holds content.
#[derive(Debug, Clone, Error)]
#[error("{what}")]
pub struct ActionableError {
    pub code: ErrorCode,
    /// What happened, in one sentence.
    pub what: Cow<'static, str>,
    pub why: Cow<'static, str>,
    /// Who can do something about it.
    pub who: &'static str,
    /// What to do next.
    pub how: Cow<'static, str>,
    /// In seconds, rounded up.
    pub retry_after_s: Option<u64>,
    /// Where it can be mended.
    pub link: Option<HelpLink>,
    pub challenge: Option<Challenge>,
}

/// Nobody but us can do something about it, or nobody is there to be told.
#[derive(Debug, Clone, Copy, Error, PartialEq, Eq)]
pub enum InternalError {
    #[error("the call was cancelled")]
    Cancelled,
    #[error("the answer could not be serialised")]
    Serialisation,
    #[error("the cursor could not be sealed")]
    Sealing,
}

/// Why a tool has no answer.
#[derive(Debug, Clone, Error)]
pub enum ToolError {
    #[error(transparent)]
    Actionable(Box<ActionableError>),
    #[error(transparent)]
    Internal(#[from] InternalError),
}

/// Who can act.
pub(super) const MODEL: &str = "you, the caller";
pub(super) const USER: &str = "the signed-in user";
pub(super) const ADMINISTRATOR: &str = "the organisation's Microsoft 365 administrator";
pub(super) const OPERATOR: &str = "the operator of this connector";
pub(super) const NOBODY: &str = "nobody in particular; it usually passes";

impl ToolError {
    pub(super) fn new(
        code: ErrorCode,
        what: impl Into<Cow<'static, str>>,
        why: impl Into<Cow<'static, str>>,
        who: &'static str,
        how: impl Into<Cow<'static, str>>,
    ) -> Self {
        let (what, why, how) = (what.into(), why.into(), how.into());
        let error =
            ActionableError { code, what, why, who, how, retry_after_s: None, link: None, challenge: None };
        Self::Actionable(Box::new(error))
    }

    /// The arguments are at fault; `why` names the one and what is wrong with it.
    pub(super) fn invalid_arguments(
        why: impl Into<Cow<'static, str>>,
        how: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(ErrorCode::InvalidArguments, "The call's arguments are not valid.", why, MODEL, how)
    }

    /// `missing`: permissions of which one would do.
    pub(super) fn missing_scope(what: impl Into<Cow<'static, str>>, missing: &[&str]) -> Self {
        Self::new(
            ErrorCode::MissingScope,
            what,
            format!("The app has not been granted {} for this user.", missing.join(" or ")),
            ADMINISTRATOR,
            "Ask an administrator to consent to the permission for this app, then sign in again; get_granted_scopes \
             shows what is granted now and which tools work with it.",
        )
    }

    /// The administrator has switched the tool off.
    pub(super) fn switched_off() -> Self {
        Self::new(
            ErrorCode::BlockedByPolicy,
            "The organisation does not allow this here.",
            "Its administrator has switched the tool off.",
            ADMINISTRATOR,
            "Ask the administrator to allow it, or go on without it.",
        )
    }

    #[must_use]
    pub(super) fn retry_after(mut self, seconds: u64) -> Self {
        if let Self::Actionable(error) = &mut self {
            error.retry_after_s = Some(seconds);
        }
        self
    }

    #[must_use]
    pub(super) fn link(mut self, link: HelpLink) -> Self {
        if let Self::Actionable(error) = &mut self {
            error.link = Some(link);
        }
        self
    }

    /// The same to do, for another reason.
    #[must_use]
    pub(super) fn because(mut self, code: ErrorCode, why: &'static str) -> Self {
        if let Self::Actionable(error) = &mut self {
            error.code = code;
            error.why = why.into();
        }
        self
    }

    #[must_use]
    pub(super) fn challenge(mut self, challenge: Challenge) -> Self {
        if let Self::Actionable(error) = &mut self {
            error.challenge = Some(challenge);
        }
        self
    }
}
