//! Permits whose number may change while they are held.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, TryAcquireError};

/// Cheap to clone; all clones give the same permits.
#[derive(Debug, Clone)]
pub(crate) struct Permits {
    semaphore: Arc<Semaphore>,
    size: Arc<Size>,
}

#[derive(Debug)]
struct Size {
    wanted: Mutex<usize>,
    /// The ones in use included. More than wanted for as long as surplus ones are in use.
    existing: AtomicUsize,
}

impl Permits {
    /// As many as there can be, where `size` is more.
    pub(crate) fn new(size: usize) -> Self {
        let size = size.min(Semaphore::MAX_PERMITS);
        Self {
            semaphore: Arc::new(Semaphore::new(size)),
            size: Arc::new(Size { wanted: Mutex::new(size), existing: AtomicUsize::new(size) }),
        }
    }

    /// One of them, if one is free; [`TryAcquireError::Closed`] when it is all over.
    pub(crate) fn try_take(&self) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        Arc::clone(&self.semaphore).try_acquire_owned()
    }

    /// One of them, in order of arrival.
    pub(crate) async fn take(&self) -> Result<OwnedSemaphorePermit, AcquireError> {
        Arc::clone(&self.semaphore).acquire_owned().await
    }

    /// Never fewer than are in use; for a moment after a change of the size, more.
    pub(crate) fn in_use(&self) -> usize {
        self.size.existing.load(Ordering::Acquire).saturating_sub(self.semaphore.available_permits())
    }

    /// Those in use stay: where there are to be fewer, those that come back are taken out before anybody gets one. Must
    /// be called inside a tokio runtime.
    pub(crate) fn resize(&self, size: usize) {
        let wanted = size.min(Semaphore::MAX_PERMITS);
        let mut now = self.size.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        if wanted > *now {
            self.size.existing.fetch_add(wanted - *now, Ordering::AcqRel);
            self.semaphore.add_permits(wanted - *now);
        } else if let Ok(surplus @ 1..) = u32::try_from(*now - wanted) {
            let (semaphore, size) = (Arc::clone(&self.semaphore), Arc::clone(&self.size));
            tokio::spawn(async move {
                // Closed: nobody gets one any more.
                if let Ok(taken) = semaphore.acquire_many_owned(surplus).await {
                    taken.forget();
                    size.existing.fetch_sub(surplus as usize, Ordering::AcqRel);
                }
            });
        }
        *now = wanted;
    }

    /// Nobody gets one any more.
    pub(crate) fn close(&self) {
        self.semaphore.close();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.semaphore.is_closed()
    }

    /// Whether these are the same permits, and not as many others.
    pub(crate) fn are(&self, others: &Self) -> bool {
        Arc::ptr_eq(&self.semaphore, &others.semaphore)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this failed, a limit that was lowered would hold calls of the moment up, or be exceeded by those that follow;
    /// and a session with a call in it would be taken for an empty one.
    #[tokio::test]
    async fn permits_in_use_outlive_a_smaller_size_and_none_is_given_beyond_it() {
        let permits = Permits::new(3);
        let mut held: Vec<_> = (0..2).map(|_| permits.try_take().unwrap()).collect();
        permits.resize(1);
        assert!(permits.in_use() >= 2, "also before the surplus has been taken out");
        tokio::task::yield_now().await;
        assert!(permits.try_take().is_err());
        held.pop();
        tokio::task::yield_now().await;
        assert_eq!(permits.in_use(), 1);
        assert!(permits.try_take().is_err());
        held.pop();
        assert_eq!(permits.in_use(), 0);
        let _last = permits.try_take().unwrap();
        assert!(permits.try_take().is_err());

        permits.resize(2);
        assert_eq!(permits.in_use(), 1);
        let _second = permits.try_take().unwrap();
        assert!(permits.try_take().is_err());
    }
}
