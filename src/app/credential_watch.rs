//! Looks after the service's own credential while nobody calls.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{MissedTickBehavior, interval};

use crate::entra::CredentialTerm;

/// How old what is shown of the credential's end can be. A look costs one `stat` a file.
const PAUSE: Duration = Duration::from_secs(1);

/// Looks until it is dropped.
#[derive(Debug)]
pub(super) struct CredentialWatch(JoinHandle<()>);

impl CredentialWatch {
    pub(super) fn start(credential: CredentialTerm, io: &Handle) -> Self {
        Self(io.spawn(async move {
            let mut looks = interval(PAUSE);
            looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                looks.tick().await;
                let credential = credential.clone();
                // A look that panicked is over; the next one comes all the same.
                drop(spawn_blocking(move || credential.look()).await);
            }
        }))
    }
}

impl Drop for CredentialWatch {
    fn drop(&mut self) {
        self.0.abort();
    }
}
