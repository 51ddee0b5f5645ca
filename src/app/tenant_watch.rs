//! Looks for changes of the tenant files.

use std::time::Duration;

use actix_web::web::Data;
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{MissedTickBehavior, interval};

use super::gauges::name_served_tenants;
use crate::http::Front;

/// How soon a change is in force. A look costs one `stat` a file.
const PAUSE: Duration = Duration::from_secs(1);

/// Looks until it is dropped.
#[derive(Debug)]
pub(super) struct TenantWatch(JoinHandle<()>);

impl TenantWatch {
    pub(super) fn start(front: Data<Front>, io: &Handle) -> Self {
        Self(io.spawn(async move {
            let mut looks = interval(PAUSE);
            looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                looks.tick().await;
                let front = front.clone();
                // A look that panicked is over; the next one comes all the same.
                drop(spawn_blocking(move || look(&front)).await);
            }
        }))
    }
}

fn look(front: &Front) {
    if !front.reload_tenants().is_empty() {
        name_served_tenants(front);
    }
}

impl Drop for TenantWatch {
    fn drop(&mut self) {
        self.0.abort();
    }
}
