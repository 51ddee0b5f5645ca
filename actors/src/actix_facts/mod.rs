//! What actix 0.13 really does: the facts that the actors are built on. A release that changes one fails here, before a
//! user meets it. Each test says which fact it shows.
//!
//! | Facts | Are shown by |
//! |---|---|
//! | 1–5: what a panic ends, and who makes it anew | [`crashes`] |
//! | 6, 7, 17: who has a turn | [`turns`] |
//! | 8, 9, 12: what a mailbox takes, and what it forgets | [`mailboxes`] |
//! | 10, 11, 13: what keeps an actor alive, and what its end takes along | [`ends`] |
//! | 14, 15: what an actor weighs, and what a thread of them bears | [`arbiters`] |
//! | 16: what a shared HTTP client ties together | `tests/api/pooled_connections.rs` |
//! | 18: that spans stay behind | [`spans`]; that a session learns of its caller's all the same, `session/actor_tests.rs` |
//! | 19: one flight for all who wait | `session/actor_tests.rs` |
//! | 20: whose time a test owns | [`time`] |
//! | 22: who takes the signals | `tests/signals.rs`; that it is we, `tests/api/stop.rs` |
//!
//! Nothing rests on 21, actix's own doubles: tests replace the ports, and actors stay what they are.
//!
//! `scripts/test.sh` runs the tests of this crate once more with the feature `mailbox-assert`, with which actix ends an actor
//! that handles 256 messages without letting go of its thread. What is built to run, and what is tested over HTTP, is without
//! it: there a crowd may come faster than its actor's thread has a turn, and be served.

mod arbiters;
mod crashes;
mod ends;
mod mailboxes;
mod spans;
mod subject;
mod time;
mod turns;
