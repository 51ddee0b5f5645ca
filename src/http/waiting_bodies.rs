//! Calls that wait for a body which has not come with its head. They hold permits without working, so they are few.

use std::sync::Arc;

use connector_actors::identity::{ByIdentity, TenantId};
use dashmap::mapref::entry::Entry;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::refusal::Refusal;

/// The part of the process's permits that may wait for bodies, and the part of those that one tenant may have.
const PART: usize = 4;

/// Room for calls that wait for their bodies. A call whose body comes with its head needs none.
#[derive(Debug, Clone)]
pub(crate) struct WaitingBodies(Arc<Room>);

#[derive(Debug)]
struct Room {
    all: Arc<Semaphore>,
    most_of_a_tenant: usize,
    /// Tenants without a waiting call have no entry.
    of_tenants: ByIdentity<TenantId, usize>,
}

/// One waiting call, until this is dropped.
#[derive(Debug)]
pub(super) struct WaitingBody {
    waiting: WaitingBodies,
    tenant: TenantId,
    _permit: OwnedSemaphorePermit,
}

impl WaitingBodies {
    /// For a process that serves `concurrent` calls at once.
    pub(crate) fn new(concurrent: usize) -> Self {
        let all = (concurrent / PART).max(1);
        Self(Arc::new(Room {
            all: Arc::new(Semaphore::new(all)),
            most_of_a_tenant: (all / PART).max(1),
            of_tenants: ByIdentity::default(),
        }))
    }

    /// A place to wait, or the call is shed: at once, for others have their bodies ready.
    pub(super) fn begin(&self, tenant: TenantId) -> Result<WaitingBody, Refusal> {
        let permit = Arc::clone(&self.0.all).try_acquire_owned().map_err(|_| Refusal::Overloaded)?;
        let mut count = self.0.of_tenants.entry(tenant).or_insert(0);
        if *count >= self.0.most_of_a_tenant {
            return Err(Refusal::TenantBusy);
        }
        *count += 1;
        drop(count);
        Ok(WaitingBody { waiting: self.clone(), tenant, _permit: permit })
    }
}

impl Drop for WaitingBody {
    fn drop(&mut self) {
        if let Entry::Occupied(mut count) = self.waiting.0.of_tenants.entry(self.tenant) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn tenant(number: u128) -> TenantId {
        TenantId::from_uuid(Uuid::from_u128(number))
    }

    /// If this failed, calls without bodies could hold every permit of the process, or one tenant's all the room there is.
    #[test]
    fn a_quarter_may_wait_and_a_quarter_of_that_for_one_tenant() {
        let waiting = WaitingBodies::new(128);
        let mut places: Vec<_> = (0..8).map(|_| waiting.begin(tenant(1)).unwrap()).collect();
        assert_eq!(waiting.begin(tenant(1)).unwrap_err(), Refusal::TenantBusy);
        for other in 2..5 {
            places.extend((0..8).map(|_| waiting.begin(tenant(other)).unwrap()));
        }
        assert_eq!(waiting.begin(tenant(5)).unwrap_err(), Refusal::Overloaded);
        drop(places);
        assert!(waiting.0.of_tenants.is_empty());
        assert!(waiting.begin(tenant(5)).is_ok());
    }

    /// If this failed, a small process would take no body that comes after its head.
    #[test]
    fn one_may_always_wait() {
        assert!(WaitingBodies::new(1).begin(tenant(1)).is_ok());
    }
}
