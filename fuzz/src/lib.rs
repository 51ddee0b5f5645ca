//! What must hold for every token, every message and every body of Graph's, whoever made them up.
//!
//! Each module has one function, `check`, that takes any bytes, sends them through the service's own entry points and
//! panics when something does not hold. `tests/corpus.rs` calls it for each file of the corpus, in every test run;
//! `make fuzz` calls it for whatever libFuzzer comes up with, beginning at the same files.

#![expect(
    clippy::unwrap_used,
    reason = "a check that meets what it did not expect should end there and say so"
)]

pub mod body;
pub mod envelope;
pub mod large;
pub mod modern;
pub mod token;
