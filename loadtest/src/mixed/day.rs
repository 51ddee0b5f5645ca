//! A person's day: signing in, working, signing in again.

use std::time::Instant;

use super::person::{Person, think};
use super::work::Work;
use crate::load::now;

/// After so many pieces of work, a person signs in anew.
const PIECES: usize = 2;

/// Works until `end`.
pub(super) async fn spend(person: Person, end: Instant) {
    let mut pieces = 0..;
    while now() < end {
        think().await;
        let Some(token) = person.sign_in().await else { continue };
        for number in pieces.by_ref().take(PIECES) {
            if now() >= end {
                return;
            }
            Work::turn(person.number, number).carry_out(&person.with(&token)).await;
        }
        // Somebody's client sends a token that is none, now and then.
        think().await;
        person.knock("not.a.token").await;
    }
}
