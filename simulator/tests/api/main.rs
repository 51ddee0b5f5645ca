//! The simulator over real HTTP: sign-in, tokens, the door of Graph, and the control API.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod batch;
mod control;
mod discovery;
mod download;
mod faults;
mod graph_door;
mod guests;
mod keys;
mod methods;
mod on_behalf_of;
mod sign_in;
mod support;
mod token_refusals;
mod tokens_to_order;
