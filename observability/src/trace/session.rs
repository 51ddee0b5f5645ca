//! What a call asked of its session.

use std::sync::Arc;
use std::time::Duration;

use super::exchange::ExchangeSpan;
use super::id::SpanId;
use crate::time::UnixNanos;

/// The word of a lease that nobody had to be asked for.
pub(super) const PUBLISHED: &str = "published";

/// A call did not find its session and its lease ready, and waited.
#[derive(Debug, Clone)]
pub struct SessionWait {
    /// Known beforehand: an exchange that the call causes hangs below it.
    pub span_id: SpanId,
    pub started: UnixNanos,
    /// Until the lease was there, or it was clear that there would be none.
    pub duration: Duration,
    /// `None` where the call never came in.
    pub entry: Option<SessionEntry>,
    /// How much of `duration` went by before the call was in.
    pub entry_wait: Duration,
    pub reason: LeaseReason,
    /// What the call got its answer from; `None` where it got none, or one that there was no exchange for.
    pub source: Option<LeaseSource>,
    /// A word for why there is no lease; `None` when there is one.
    pub refusal: Option<&'static str>,
    /// The number of Entra's `AADSTS…` code; 0 when there was none.
    pub aadsts: u32,
}

/// How a call came into its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionEntry {
    /// The session was there and had room.
    AtOnce,
    /// It had to be made.
    Created,
    /// As many calls as may be were in it.
    AfterOthers,
}

/// Where a call's lease, or the refusal of one, came from.
#[derive(Debug, Clone)]
pub enum LeaseSource {
    /// The session had published it.
    Published,
    /// The session's actor had it when it was asked.
    Held,
    /// The call waited for an exchange: its own, another call's, or a renewal.
    Exchange(Arc<ExchangeSpan>),
}

/// Why a call wanted a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaseReason {
    /// It had none yet.
    First,
    /// Graph had refused the one that it had.
    Replacement,
}

impl SessionEntry {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::AtOnce => "at_once",
            Self::Created => "created",
            Self::AfterOthers => "after_others",
        }
    }
}

impl LeaseReason {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Replacement => "replacement",
        }
    }
}

impl SessionWait {
    /// How long the call waited for a place in its session. To make the session is our own work.
    pub(super) fn queue_wait(&self) -> Duration {
        match self.entry {
            Some(SessionEntry::AfterOthers) => self.entry_wait,
            Some(SessionEntry::AtOnce | SessionEntry::Created) => Duration::ZERO,
            None => self.duration,
        }
    }

    /// How long the call waited for an exchange.
    pub(super) fn exchange_wait(&self) -> Duration {
        match self.exchange() {
            Some(_) => self.duration.saturating_sub(self.entry_wait),
            None => Duration::ZERO,
        }
    }

    pub(super) fn exchange(&self) -> Option<&Arc<ExchangeSpan>> {
        match &self.source {
            Some(LeaseSource::Exchange(exchange)) => Some(exchange),
            Some(LeaseSource::Published | LeaseSource::Held) | None => None,
        }
    }

    /// Whether the call waited for an exchange that it had not caused.
    pub(super) fn shares(&self, exchange: &ExchangeSpan) -> bool {
        exchange.cause().is_none_or(|cause| cause.span_id != self.span_id)
    }

    pub(super) fn source_word(&self) -> Option<&'static str> {
        Some(match self.source.as_ref()? {
            LeaseSource::Published => PUBLISHED,
            LeaseSource::Held => "held",
            LeaseSource::Exchange(exchange) if exchange.cause().is_none() => "renewal",
            LeaseSource::Exchange(exchange) if self.shares(exchange) => "shared_exchange",
            LeaseSource::Exchange(_) => "own_exchange",
        })
    }
}
