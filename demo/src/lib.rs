//! The connector and a simulated Microsoft 365 in one process: what the demo shows, and what tests and
//! measurements start too, so that there is one way to wire the two together.

mod sign_in;
mod stage;

pub use sign_in::{SignIn, SignInError};
pub use stage::{Stage, StageError, StageOptions, settings};
