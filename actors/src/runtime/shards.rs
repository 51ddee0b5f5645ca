//! The threads that actors live on.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use actix_rt::{Arbiter, ArbiterHandle};

use crate::identity::TenantId;

/// A fixed set of arbiters, each an OS thread with a runtime of its own. A tenant stays on one of them.
#[derive(Debug)]
pub(super) struct Shards {
    first: ArbiterHandle,
    others: Vec<ArbiterHandle>,
    owned: Mutex<Vec<Arbiter>>,
}

impl Shards {
    pub(super) fn start(count: NonZeroUsize) -> Self {
        let first = Arbiter::new();
        let others: Vec<Arbiter> = (1..count.get()).map(|_| Arbiter::new()).collect();
        Self {
            first: first.handle(),
            others: others.iter().map(Arbiter::handle).collect(),
            owned: Mutex::new(std::iter::once(first).chain(others).collect()),
        }
    }

    /// The caller's own thread alone: paused time reaches no other.
    #[cfg(test)]
    pub(super) fn here() -> Self {
        Self { first: Arbiter::current(), others: Vec::new(), owned: Mutex::default() }
    }

    pub(super) fn first(&self) -> &ArbiterHandle {
        &self.first
    }

    /// The tenant's shard. Tenant ids are random, so they spread by themselves.
    pub(super) fn of(&self, tenant: TenantId) -> &ArbiterHandle {
        let (high, low) = tenant.as_uuid().as_u64_pair();
        let shards = self.others.len() as u64 + 1;
        match (high ^ low) % shards {
            0 => &self.first,
            other => {
                usize::try_from(other - 1).ok().and_then(|at| self.others.get(at)).unwrap_or(&self.first)
            }
        }
    }

    /// Does `what` on each of the threads, soon.
    pub(super) fn on_each(&self, what: impl Fn() + Clone + Send + 'static) {
        for shard in std::iter::once(&self.first).chain(&self.others) {
            // A shard that has ended does nothing any more.
            shard.spawn_fn(what.clone());
        }
    }

    /// Stops the threads and waits for their end.
    pub(super) async fn end(&self) {
        let owned = std::mem::take(&mut *self.owned.lock().unwrap_or_else(PoisonError::into_inner));
        for arbiter in owned {
            arbiter.stop();
            // Joining blocks, and a shard that panicked is over all the same.
            drop(tokio::task::spawn_blocking(move || arbiter.join()).await);
        }
    }
}
