//! Errors of tools: for model and person to act on, or ours.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use thiserror::Error;

use super::help::HelpLink;

macro_rules! error_codes {
    ($($(#[$meaning:meta])* $code:ident = $word:literal, $fault:ident;)*) => {
        /// What kind of error it is. The words are stable: clients and tests may branch on them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ErrorCode {
            $($(#[$meaning])* $code,)*
        }

        impl ErrorCode {
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$code,)*];

            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$code => $word,)*
                }
            }

            pub const fn fault(self) -> Fault {
                match self {
                    $(Self::$code => Fault::$fault,)*
                }
            }
        }
    };
}

/// Whose fault an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The service's: its operator's, that of what it stands on, or for want of time. It spends the error budget.
    Services,
    /// The caller's, the user's or the organisation's, or what Microsoft 365 answers to them.
    Others,
}

error_codes! {
        /// An argument is missing, unknown, of the wrong type or out of range.
        InvalidArguments = "invalid_arguments", Others;
        /// The cursor was altered, or belongs to another call.
        InvalidCursor = "invalid_cursor", Others;
        /// The cursor was good once.
        ExpiredCursor = "expired_cursor", Others;
        /// Arguments that are fine each, and that Graph can't serve together.
        UnsupportedQuery = "unsupported_query", Others;
        NotFound = "not_found", Others;
        /// Nobody of the name that was given as a mailbox owner, or nobody whom the user may see.
        MailboxNotFound = "mailbox_not_found", Others;
        /// Somebody works on it, or an administrator has locked it.
        Locked = "locked", Others;
        /// This user may not read it.
        NoAccess = "no_access", Others;
        /// The app lacks a permission in this user's token.
        MissingScope = "missing_scope", Others;
        /// Nobody has consented to the app's permissions.
        ConsentRequired = "consent_required", Others;
        /// The same, and no user may.
        AdminConsentRequired = "admin_consent_required", Others;
        /// The app, or what it reads, is not set up in the tenant or was switched off there.
        NotInstalled = "not_installed", Others;
        /// The user has to sign in again.
        SignInRequired = "sign_in_required", Others;
        /// Conditional Access asks for more of the user.
        InteractionRequired = "interaction_required", Others;
        /// Entra's policy says no, and signing in again changes nothing.
        BlockedByPolicy = "blocked_by_policy", Others;
        /// The same for the device.
        BlockedByDevicePolicy = "blocked_by_device_policy", Others;
        /// The same for the network address of this service.
        BlockedByLocationPolicy = "blocked_by_location_policy", Others;
        /// The same for access across tenants.
        BlockedByTenantRestriction = "blocked_by_tenant_restriction", Others;
        /// The account is locked, disabled, expired, or none of the tenant's.
        AccountBlocked = "account_blocked", Others;
        /// The tenant lets assigned users alone use the app.
        NotAssigned = "not_assigned", Others;
        /// The user has no licence, or no mailbox in the cloud.
        NotLicensed = "not_licensed", Others;
        /// The service's own registration is refused.
        Misconfigured = "misconfigured", Services;
        /// The service's own credential is refused.
        CredentialRefused = "credential_refused", Services;
        /// Entra does not know the tenant.
        TenantNotFound = "tenant_not_found", Services;
        /// The tenant lies in another Microsoft cloud.
        WrongCloud = "wrong_cloud", Services;
        /// Entra does not accept what the service sends.
        RequestRefused = "request_refused", Services;
        /// Entra failed in a way that does not pass.
        SignInServiceFailed = "sign_in_service_failed", Services;
        /// Entra has found a loop of equal sign-ins.
        SignInLoop = "sign_in_loop", Others;
        /// An administrator ended the session, or the service is restarting.
        SessionEnded = "session_ended", Others;
        Throttled = "throttled", Others;
        Unavailable = "unavailable", Services;
        DeadlineExceeded = "deadline_exceeded", Services;
        TooLarge = "too_large", Others;
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

/// Of which argument an error speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// Of the one of this name, or a place within it; of several, one of which must be wrong, all.
    Argument(Cow<'static, str>),
    /// Of how the arguments stand together: the reason names those that it means; or of some of them, and nobody knows which.
    Arguments,
    /// Of none: whatever was asked for, it would be refused (sign-in, permissions, policy, limits, faults).
    NoArgument,
    /// Of one that whoever asked knows, and says by what it sought.
    Unnamed,
}

impl About {
    pub(super) const fn argument(name: &'static str) -> Self {
        Self::Argument(Cow::Borrowed(name))
    }
}

/// An error with everything that a model needs to go on, and a person to help. Never holds content.
#[derive(Debug, Clone, Error)]
#[error("{what}")]
pub struct ActionableError {
    pub code: ErrorCode,
    pub about: About,
    /// What happened, in one sentence.
    pub what: Cow<'static, str>,
    /// Why, without the argument's name: [`Self::why`] says both.
    pub reason: Cow<'static, str>,
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

impl ActionableError {
    /// Why, behind the name of the argument that it is about; without one it begins as a sentence does.
    pub fn why(&self) -> Cow<'_, str> {
        match &self.about {
            About::Argument(name) => format!("{name}: {}", self.reason).into(),
            // It begins with a name.
            About::Arguments => Cow::Borrowed(&self.reason),
            About::NoArgument | About::Unnamed => as_sentence(&self.reason),
        }
    }
}

fn as_sentence(reason: &str) -> Cow<'_, str> {
    match reason.as_bytes().first() {
        Some(first @ b'a'..=b'z') => {
            format!("{}{}", char::from(first.to_ascii_uppercase()), &reason[1..]).into()
        }
        _ => Cow::Borrowed(reason),
    }
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
        about: About,
        what: impl Into<Cow<'static, str>>,
        reason: impl Into<Cow<'static, str>>,
        who: &'static str,
        how: impl Into<Cow<'static, str>>,
    ) -> Self {
        let (what, reason, how) = (what.into(), reason.into(), how.into());
        let error = ActionableError {
            code,
            about,
            what,
            reason,
            who,
            how,
            retry_after_s: None,
            link: None,
            challenge: None,
        };
        Self::Actionable(Box::new(error))
    }

    /// The argument of this name is at fault, or one of these names.
    pub(super) fn invalid_argument(
        name: impl Into<Cow<'static, str>>,
        reason: impl Into<Cow<'static, str>>,
        how: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::invalid(About::Argument(name.into()), reason, how)
    }

    /// The arguments do not go together, or are none.
    pub(super) fn invalid_arguments(
        reason: impl Into<Cow<'static, str>>,
        how: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::invalid(About::Arguments, reason, how)
    }

    fn invalid(
        about: About,
        reason: impl Into<Cow<'static, str>>,
        how: impl Into<Cow<'static, str>>,
    ) -> Self {
        let what = "The call's arguments are not valid.";
        Self::new(ErrorCode::InvalidArguments, about, what, reason, MODEL, how)
    }

    /// A uri that is none of these forms. `why` is without its full stop.
    pub(super) fn unreadable_uri(argument: &'static str, why: impl fmt::Display, forms: &str) -> Self {
        Self::new(
            ErrorCode::InvalidArguments,
            About::argument(argument),
            "The uri can't be read.",
            format!("{why}."),
            MODEL,
            format!("Uris that can be read: {forms}. Take them from answers of tools as they are."),
        )
    }

    /// `missing`: permissions of which one would do.
    pub(super) fn missing_scope(what: impl Into<Cow<'static, str>>, missing: &[&str]) -> Self {
        Self::new(
            ErrorCode::MissingScope,
            About::NoArgument,
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
            About::NoArgument,
            "The organisation does not allow this here.",
            "Its administrator has switched the tool off.",
            ADMINISTRATOR,
            "Ask the administrator to allow it, or go on without it.",
        )
    }

    /// Whether it is about an argument that has yet to be named.
    pub(super) fn is_unnamed(&self) -> bool {
        matches!(self, Self::Actionable(error) if error.about == About::Unnamed)
    }

    /// The same, about this argument.
    #[must_use]
    pub(super) fn named(mut self, argument: &'static str) -> Self {
        if let Self::Actionable(error) = &mut self {
            error.about = About::argument(argument);
        }
        self
    }

    /// The same for a caller who knows the argument `theirs` by the name of `ours`.
    #[must_use]
    pub(super) fn renamed(mut self, theirs: &'static str, ours: &'static str) -> Self {
        if let Self::Actionable(error) = &mut self
            && error.about == About::argument(theirs)
        {
            error.about = About::argument(ours);
        }
        self
    }

    pub(super) fn is(&self, code: ErrorCode) -> bool {
        matches!(self, Self::Actionable(error) if error.code == code)
    }

    /// Whether the same call may well succeed a little later, so that what was read before is worth giving.
    pub(super) fn is_passing(&self) -> bool {
        let passing = [ErrorCode::Throttled, ErrorCode::Unavailable, ErrorCode::DeadlineExceeded];
        passing.iter().any(|code| self.is(*code))
    }

    /// The same with something else to do about it.
    #[must_use]
    pub(super) fn advising(mut self, how: impl Into<Cow<'static, str>>) -> Self {
        if let Self::Actionable(error) = &mut self {
            error.how = how.into();
        }
        self
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
    pub(super) fn because(mut self, code: ErrorCode, reason: &'static str) -> Self {
        if let Self::Actionable(error) = &mut self {
            error.code = code;
            error.reason = reason.into();
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

#[cfg(test)]
mod tests;
