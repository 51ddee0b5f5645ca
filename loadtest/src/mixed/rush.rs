//! Somebody in a hurry: one user's client that makes many calls at once, and does not wait when it is told to.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::sleep;

use super::person::Person;
use crate::load::now;

/// Calls at once: more than one user may have, and than there is room for.
const AT_ONCE: usize = 64;
const PAUSE: Duration = Duration::from_millis(100);

/// Calls until `end`.
pub(super) async fn until(end: Instant, person: Arc<Person>) {
    let Some(token) = person.sign_in().await else { return };
    let calls: Vec<_> = (0..AT_ONCE)
        .map(|number| {
            let (person, token) = (Arc::clone(&person), token.clone());
            let tool = if number % 2 == 0 { "get_granted_scopes" } else { "get_me" };
            tokio::spawn(async move {
                while now() < end {
                    person.call_at_once(&token, tool, json!({})).await;
                    sleep(PAUSE).await;
                }
            })
        })
        .collect();
    for call in calls {
        // One that panicked is missing in the figures, which do not agree then.
        drop(call.await);
    }
}
