//! What an operator may set.

use std::num::{NonZeroU32, NonZeroUsize};
use std::thread::available_parallelism;
use std::time::Duration;

/// How sessions, tenants and throttling behave.
#[derive(Debug, Clone)]
pub struct ActorSettings {
    /// Threads that the actors are spread over; a tenant lives on one of them. Default: one a processor.
    pub shards: NonZeroUsize,
    pub lease: LeaseSettings,
    pub exchanges: ExchangeLimits,
    /// A session that nobody has used for this long ends. Default: 15 minutes.
    pub session_idle: Duration,
    /// How long a refusal by Entra is remembered for the assertion it was about. Default: 120 seconds, which is
    /// long enough not to trip Entra's loop detection (AADSTS50196) and short enough not to be noticed.
    pub refusal_memory: Duration,
    pub throttle: ThrottleSettings,
}

impl Default for ActorSettings {
    fn default() -> Self {
        Self {
            shards: available_parallelism().unwrap_or(NonZeroUsize::MIN),
            lease: LeaseSettings::default(),
            exchanges: ExchangeLimits::default(),
            session_idle: Duration::from_secs(15 * 60),
            refusal_memory: Duration::from_secs(120),
            throttle: ThrottleSettings::default(),
        }
    }
}

/// How long a Graph token is served.
#[derive(Debug, Clone, Copy)]
pub struct LeaseSettings {
    /// The longest life of a lease, counted from the start of its exchange: a permission that is taken away in
    /// Entra is gone here within this time. Default: 15 minutes.
    pub max_lease: Duration,
    /// How long before its end a token counts as expired, for clocks that differ and for requests under way.
    /// Default: 300 seconds, as in Microsoft's own client libraries.
    pub expiry_margin: Duration,
}

impl Default for LeaseSettings {
    fn default() -> Self {
        Self { max_lease: Duration::from_secs(15 * 60), expiry_margin: Duration::from_secs(300) }
    }
}

/// How Entra is spared.
#[derive(Debug, Clone, Copy)]
pub struct ExchangeLimits {
    /// Exchanges that begin in one second in the whole process, renewals included. Default: 500.
    pub per_second: NonZeroU32,
    /// Exchanges that the calls of one user may cause, through all clients together. Default: 100 at once and one more every
    /// 2 seconds, which is far above what eight devices need, and far below what a client asks for that brings a fresh
    /// token with every call. What Entra takes for a loop is the repetition of one assertion: that has a bound of its own.
    pub per_user: Allowance,
    /// Exchanges of one and the same assertion that calls may cause. Default: 5 at once and one more a minute: Entra
    /// takes some fifteen in five minutes for a loop (AADSTS50196).
    pub per_assertion: Allowance,
}

impl Default for ExchangeLimits {
    fn default() -> Self {
        Self {
            per_second: NonZeroU32::MIN.saturating_add(499),
            per_user: Allowance { at_once: 100, one_more_every: Duration::from_secs(2) },
            per_assertion: Allowance { at_once: 5, one_more_every: Duration::from_secs(60) },
        }
    }
}

/// So many at once, and after that one more each time a span has passed.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    pub at_once: u32,
    pub one_more_every: Duration,
}

/// How Graph is spared.
#[derive(Debug, Clone, Copy)]
pub struct ThrottleSettings {
    /// The share of a published limit that is used, in percent; the rest is left to the user's other
    /// applications. Default: 90. More than 100 is for measurements at an upstream that has no limits.
    pub limit_share_percent: u16,
    /// Requests at once for one mailbox. Default: 4, which is what Exchange Online allows an application.
    pub outlook_concurrency: NonZeroUsize,
    /// Requests at once for one user of any other workload, none of which publishes a number. Default: 16.
    pub default_concurrency: NonZeroUsize,
    /// What is known about a user is forgotten after this long without a request. Default: 10 minutes, the
    /// longest window of a published limit: by then there is nothing left to remember.
    pub forget_after: Duration,
}

impl Default for ThrottleSettings {
    fn default() -> Self {
        Self {
            limit_share_percent: 90,
            outlook_concurrency: NonZeroUsize::MIN.saturating_add(3),
            default_concurrency: NonZeroUsize::MIN.saturating_add(15),
            forget_after: Duration::from_secs(10 * 60),
        }
    }
}
