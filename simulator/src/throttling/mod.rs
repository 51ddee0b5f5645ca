//! Throttling as Microsoft publishes it: who may ask how much of which service, and how a refusal is told.
//!
//! A state machine without a clock, a socket or a thread: time is whatever [`Throttling::admit`] is told, so that the same
//! engine serves the simulator's front in real time and a deterministic simulation in virtual time.
//!
//! ```
//! use std::time::Duration;
//! use m365_simulator::throttling::{Admission, RequestFacts, Settings, Throttling};
//! use uuid::Uuid;
//!
//! let mut throttling = Throttling::new(Settings::default());
//! let facts = RequestFacts {
//!     app: Uuid::from_u128(1),
//!     tenant: Uuid::from_u128(2),
//!     user: Uuid::from_u128(3),
//!     mailbox: None,
//!     tenant_users: 12,
//!     path: "/me/messages",
//!     query: "$top=10",
//! };
//! let now = Duration::from_secs(60);
//! let Admission::Admitted(pass) = throttling.admit(&facts, now) else { unreachable!() };
//! // … the request is answered with `pass.headers` …
//! if let Some(permit) = pass.permit {
//!     throttling.release(permit);
//! }
//! ```

mod engine;
mod headers;
mod limits;
mod meter;
mod settings;
mod target;

pub use engine::{Admission, Pass, Permit, Reason, RequestFacts, Throttled, Throttling};
pub use headers::Header;
pub use limits::{Limit, Refused, Scope, Size, TeamsRoute, Unit};
pub use meter::{Algorithm, Allowance, Meter};
pub use settings::{Foreign, Settings};
pub use target::{Target, Workload, named_owner};
