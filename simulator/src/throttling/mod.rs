//! Throttling as Microsoft publishes it: who may ask how much of which service, and how a refusal is told.
//!
//! A state machine without a clock, a socket or a thread: time is whatever [`Throttling::admit`] is told, so that the same
//! engine serves the simulator's front in real time and a deterministic simulation in virtual time.
//!
//! ```
//! use std::time::Duration;
//! use m365_simulator::throttling::{Admission, Intent, RequestFacts, Settings, Throttling};
//! use uuid::Uuid;
//!
//! let mut throttling = Throttling::new(Settings::default());
//! let facts = RequestFacts {
//!     app: Uuid::from_u128(1),
//!     tenant: Uuid::from_u128(2),
//!     user: Uuid::from_u128(3),
//!     mailbox: None,
//!     tenant_users: 12,
//!     intent: Intent::Reads,
//!     path: "/me/messages",
//!     query: "$top=10",
//!     body: &[],
//! };
//! let now = Duration::from_secs(60);
//! let Admission::Admitted(pass) = throttling.admit(&facts, now) else { unreachable!() };
//! // … the request is answered with `pass.headers` …
//! if let Some(egress) = &pass.egress {
//!     throttling.sent(egress, 4_096, now);
//! }
//! if let Some(permit) = pass.permit {
//!     throttling.release(permit);
//! }
//! ```

mod applied;
mod download;
mod egress;
mod engine;
mod foreign;
mod headers;
mod holder;
mod limits;
mod meter;
mod named;
#[cfg(test)]
mod published_tests;
mod request;
mod settings;
mod target;
mod workload;

pub use download::Download;
pub use egress::Egress;
pub use engine::{Admission, Pass, Permit, Reason, Throttled, Throttling};
pub use foreign::{Foreign, ForeignApplication};
pub use headers::Header;
pub use limits::{Limit, Refused, Scope, Size, TeamsRoute, Unit};
pub use meter::{Algorithm, Allowance, Meter};
pub use named::{named_mailbox, named_owner};
pub use request::{Intent, RequestFacts};
pub use settings::Settings;
pub use target::Target;
pub use workload::Workload;
