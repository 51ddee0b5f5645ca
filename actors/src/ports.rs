//! What the actors need of the outside world.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use connector_observability::TraceId;
use futures_util::future::BoxFuture;
use thiserror::Error;
use uuid::Uuid;

use crate::assertion::Assertion;
use crate::clock::Clock;
use crate::graph_token::GraphToken;
use crate::identity::{Principal, TenantId};
use crate::jitter::Jitter;
use crate::lease::GrantedScopes;
use crate::tenant_size::TenantSize;

/// One On-Behalf-Of exchange to make.
#[derive(Debug, Clone)]
pub struct ExchangeRequest {
    pub principal: Principal,
    pub assertion: Assertion,
    /// The claims JSON of a challenge that the new token must satisfy.
    pub claims: Option<Arc<str>>,
    /// Sent as `client-request-id`, so that one id links the call, the sign-in log and Graph's activity log.
    pub correlation_id: Uuid,
    /// Of the call that caused it; a renewal has a trace of its own.
    pub trace_id: TraceId,
}

/// What Entra answered.
pub struct ExchangedToken {
    pub token: GraphToken,
    pub scopes: GrantedScopes,
    pub expires_in: Duration,
    /// When Entra would like to see the token renewed, for long-lived tokens.
    pub refresh_in: Option<Duration>,
}

impl fmt::Debug for ExchangedToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ExchangedToken")
            .field("scopes", &self.scopes)
            .field("expires_in", &self.expires_in)
            .field("refresh_in", &self.refresh_in)
            .finish_non_exhaustive()
    }
}

/// Why Entra gave no token. The AADSTS number is for diagnosis only; nothing branches on it outside the adapter.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
pub enum ExchangeError {
    /// The user's token is no longer good: a new sign-in helps (`invalid_grant`, expired, revoked).
    #[error("Entra no longer accepts the user's token ({})", .0)]
    AssertionRejected(AadstsCode),
    /// Conditional Access wants more of the user; `claims` is the challenge to pass on, when Entra gave one.
    #[error("Entra asks for more from the user ({code})")]
    InteractionRequired { step: Step, code: AadstsCode, claims: Option<Arc<str>> },
    /// Nobody has consented to the permissions yet.
    #[error("the permissions have not been consented to ({})", .1)]
    ConsentRequired(Consent, AadstsCode),
    /// The tenant's policy, the user's account or a missing assignment says no, and no sign-in changes that.
    #[error("access is blocked in Entra ({})", .1)]
    Blocked(Block, AadstsCode),
    /// This service's own registration or credential is wrong: the operator must act.
    #[error("the connector's own registration is refused ({})", .1)]
    Misconfigured(Misconfiguration, AadstsCode),
    /// Too much is asked of Entra: it says so itself, or this service spares it.
    #[error("too many exchanges ({})", by.as_str())]
    Throttled { by: ThrottledBy, retry_after: Option<Duration> },
    /// Entra could not be reached, did not answer in time, or answered something unintelligible.
    #[error("Entra is not available: {0}")]
    Unavailable(ExchangeFault),
}

impl ExchangeError {
    /// One word for logs and metrics.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::AssertionRejected(_) => "assertion_rejected",
            Self::InteractionRequired { .. } => "interaction_required",
            Self::ConsentRequired(..) => "consent_required",
            Self::Blocked(..) => "blocked",
            Self::Misconfigured(..) => "misconfigured",
            Self::Throttled { by, .. } => by.as_str(),
            Self::Unavailable(_) => "unavailable",
        }
    }

    /// Entra's own number for it; 0 when there was none.
    pub const fn aadsts(&self) -> AadstsCode {
        match self {
            Self::AssertionRejected(code)
            | Self::InteractionRequired { code, .. }
            | Self::ConsentRequired(_, code)
            | Self::Blocked(_, code)
            | Self::Misconfigured(_, code) => *code,
            Self::Throttled { .. } | Self::Unavailable(_) => AadstsCode(0),
        }
    }
}

/// What Conditional Access asks of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    SecondFactor,
    /// To set up a second factor first.
    Enrolment,
    /// A check by somebody else: a third party's second factor, terms of use.
    External,
    /// A proof by the device.
    Device,
    /// A new password: the old one has expired.
    Password,
    /// Entra does not say.
    Unnamed,
}

/// Whose consent is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// The user's, where the tenant lets users consent, or an administrator's.
    User,
    Administrator,
    /// The application, or what it reads, is not in the tenant yet, or was switched off there.
    Installation,
}

/// What shuts the user out for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// Conditional Access or security defaults.
    Policy,
    /// A rule on devices, platforms or approved applications.
    Device,
    /// The same challenge again on a token that already satisfied it: a location policy that the address of this
    /// service can't meet.
    Location,
    /// Tenant restrictions and cross-tenant access settings.
    TenantRestriction,
    /// The account is locked, disabled, expired, or of another tenant.
    Account,
    /// The tenant lets assigned users alone use the application.
    Assignment,
}

/// What the operator has to put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misconfiguration {
    Registration,
    /// The secret, the certificate, or the trust in another identity provider.
    Credential,
    /// Entra does not know the tenant.
    Tenant,
    /// The tenant lies in another cloud.
    Cloud,
    /// A fault of this service: Entra does not understand what it sends.
    Request,
}

/// Who wants fewer exchanges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThrottledBy {
    /// Entra, of this application in this tenant (429, AADSTS90055).
    Entra,
    /// Entra, of this user, for whom the same thing was asked over and over (AADSTS50196).
    LoopDetection,
    /// This service: the user's client has used up the user's exchanges.
    Budget,
    /// This service: more exchanges wait for their turn than the set rate lets through in time.
    Queue,
}

impl ThrottledBy {
    /// One word for logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Entra => "throttled",
            Self::LoopDetection => "loop_detected",
            Self::Budget => "over_budget",
            Self::Queue => "no_turn_in_time",
        }
    }
}

/// What went wrong on the way to Entra.
#[derive(Debug, Clone, Copy, Error, PartialEq, Eq)]
pub enum ExchangeFault {
    #[error("no connection")]
    Unreachable,
    #[error("no answer in time")]
    TimedOut,
    #[error("server error {0}")]
    ServerError(u16),
    #[error("unintelligible answer")]
    Unintelligible,
    /// An error of Entra's own that does not pass by itself.
    #[error("a lasting error")]
    Lasting,
    /// The adapter itself failed.
    #[error("the exchange broke off")]
    BrokenOff,
}

/// The number in an `AADSTS…` message; 0 when there was none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AadstsCode(pub u32);

impl fmt::Display for AadstsCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "AADSTS{}", self.0)
    }
}

/// What the actors are given of the outside world.
#[derive(Debug, Clone)]
pub struct Ports {
    pub exchange: Arc<dyn TokenExchange>,
    pub clock: Arc<dyn Clock>,
    pub registry: Arc<dyn TenantRegistry>,
    pub jitter: Arc<dyn Jitter>,
}

/// Port: exchanges an assertion for a Graph token at the tenant's own token endpoint. The adapter bounds it in time,
/// and rides out a passing fault inside that bound, where `second` lets it; the future is `Send` and runs wherever the
/// adapter wants it to.
pub trait TokenExchange: Send + Sync + fmt::Debug {
    fn exchange(
        &self,
        request: ExchangeRequest,
        second: SecondTurn,
    ) -> BoxFuture<'static, Result<ExchangedToken, ExchangeError>>;
}

/// Leave to ask Entra once more for one exchange, after a fault that may pass. It costs as much as the first turn: a place
/// in the line, and what the tenant may repeat.
pub struct SecondTurn(Box<dyn FnOnce() -> BoxFuture<'static, bool> + Send>);

impl SecondTurn {
    /// `ask` asks for the turn, when it is wanted.
    pub fn new(ask: impl FnOnce() -> BoxFuture<'static, bool> + Send + 'static) -> Self {
        Self(Box::new(ask))
    }

    /// Resolves when the turn has come; `false` when there is none to be had. Who does not wait any more gives it back.
    pub async fn comes(self) -> bool {
        (self.0)().await
    }
}

impl fmt::Debug for SecondTurn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SecondTurn").finish_non_exhaustive()
    }
}

/// What a tenant may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TenantLimits {
    /// Calls of the tenant in progress at once.
    pub concurrent_calls: usize,
    /// Calls of one session in progress at once; more wait inside their deadline.
    pub concurrent_calls_per_session: usize,
    /// Of Graph's limits, those of tenants of this size.
    pub size: TenantSize,
}

/// Port: which tenants are served, and within which limits.
pub trait TenantRegistry: Send + Sync + fmt::Debug {
    /// `None` when the tenant is unknown or switched off.
    fn limits(&self, tenant: TenantId) -> Option<TenantLimits>;
}
