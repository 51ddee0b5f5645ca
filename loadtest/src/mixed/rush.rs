//! Somebody in a hurry: one user's client that makes many calls at once, and does not wait when it is told to.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::person::Person;
use crate::load::now;

type Failure = Box<dyn std::error::Error>;

/// Calls at once: more than one user may have, and than there is room for.
const AT_ONCE: usize = 64;
const PAUSE: Duration = Duration::from_millis(100);

/// The calls of somebody in a hurry.
pub(super) struct Rush {
    person: Arc<Person>,
    end: Instant,
    /// Calls of everybody for which there was no room, before it began.
    turned_away_before: usize,
    calls: Vec<JoinHandle<()>>,
}

impl Rush {
    /// Calls until `end`.
    pub(super) async fn begin(person: Arc<Person>, end: Instant) -> Result<Self, Failure> {
        let token = person.sign_in().await.ok_or("the one in a hurry cannot sign in")?;
        let turned_away_before = person.turned_away();
        let calls = (0..AT_ONCE).map(|number| {
            let (person, token) = (Arc::clone(&person), token.clone());
            let tool = if number % 2 == 0 { "get_granted_scopes" } else { "get_me" };
            tokio::spawn(async move {
                while now() < end {
                    person.call_at_once(&token, tool, json!({})).await;
                    sleep(PAUSE).await;
                }
            })
        });
        let calls = calls.collect();
        Ok(Self { person, end, turned_away_before, calls })
    }

    /// Waits until there has been no room for a call, or the rush is at its end.
    pub(super) async fn fill_all_places(&self) {
        while self.person.turned_away() == self.turned_away_before && now() < self.end {
            sleep(PAUSE).await;
        }
    }

    /// Waits until the last call was answered.
    pub(super) async fn end(self) {
        for call in self.calls {
            // One that panicked is missing in the figures, which do not agree then.
            drop(call.await);
        }
    }
}
