//! Typed events: each is a struct that knows how to write itself, once, as one line.
//!
//! Rules for an event: a lower-case message that reads on its own, dotted field names, the unit in the name
//! (`duration_ms`), `trace_id` where a call is meant. Never a user's name, a token, a query, or anything out
//! of a mail, a chat or a file; ids of tenants and calls are fine. Words are `&'static str`, so that they
//! come from code and not from a request.

pub mod audit;
pub mod call;
pub mod exchange;
pub mod graph;
pub mod http;
pub mod jwks;
pub mod lifecycle;
pub mod revocation;
pub mod session;
pub mod telemetry;
pub mod tenant;

#[cfg(test)]
mod tests;

pub use audit::{AuditRecordsWritten, AuditWriteFailed};
pub use call::{CallCompleted, CallRefused, InternalFault};
pub use exchange::{
    CredentialExpiring, CredentialNotReloaded, CredentialReloaded, ExchangeCompleted, WriteScopeGranted,
};
pub use graph::{GateRefused, GraphErrorCode, GraphRefused, GraphRequestEnded, RetryWanted};
pub use http::HttpAnswered;
pub use jwks::{JwksAddressKept, JwksRefreshFailed, JwksRefreshed};
pub use lifecycle::{ConfigurationLoaded, Draining, ListenerStarted, Panicked, StartFailed, Stopped};
pub use revocation::{AccessRevoked, RecentTokensNotStored, RecentTokensStored, UncleanShutdown};
pub use session::SessionEnded;
pub use telemetry::{TelemetryLost, TraceExportFailed, TraceExportRecovered};
pub use tenant::{TenantChanged, TenantFileRefused};

use std::time::Duration;

use crate::metric::{self, Meters};

/// The `target` of every line: it does not follow the modules, so that filters and queries outlive a move.
pub(crate) const TARGET: &str = "connector";

/// Something that happened and that operators want to know.
pub trait Event {
    /// Writes the event as one log line. An event that comes with every request of a call has none.
    fn log(&self);

    /// Counts the event, where its kind is counted.
    fn count(&self, _meters: &Meters) {}
}

/// Tells everyone who listens that `event` happened.
#[expect(clippy::needless_pass_by_value, reason = "an event is used up by being emitted")]
pub fn emit(event: impl Event) {
    event.log();
    if let Some(meters) = metric::installed() {
        event.count(meters);
    }
}

/// Milliseconds with three decimals: a warm call takes less than one.
fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
