//! A person's day: signing in, working, signing in again.

use std::sync::Arc;

use super::person::{Person, think};
use super::schedule::Schedule;
use super::work::Work;
use crate::load::now;

/// After so many pieces of work, a person signs in anew.
const PIECES: usize = 2;

/// Works until so many percent of the `schedule` have passed.
pub(super) async fn spend(person: Person, schedule: Arc<Schedule>, until: u32) {
    let mut pieces = 0..;
    while now() < schedule.at(until) {
        think().await;
        let Some(token) = person.sign_in().await else { continue };
        for number in pieces.by_ref().take(PIECES) {
            if now() >= schedule.at(until) {
                return;
            }
            Work::turn(person.number, number).carry_out(&person.with(&token)).await;
        }
        // Somebody's client sends a token that is none, now and then.
        think().await;
        person.knock("not.a.token").await;
    }
}
