//! An actor that is made anew when it has crashed: actix restarts none that panicked.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use actix::dev::ToEnvelope;
use actix::{Actor, Addr, Handler, Message};

/// The address of the one there is. All clones lead to the same. What is sent while there is none is dropped, as what is
/// sent to one that crashes over it.
pub(crate) struct Renewed<A: Actor> {
    current: Arc<Mutex<Option<Addr<A>>>>,
}

impl<A: Actor> Renewed<A> {
    /// Leads to nobody yet.
    pub(crate) fn vacant() -> Self {
        Self { current: Arc::default() }
    }

    /// From now on it leads here.
    pub(crate) fn is(&self, address: Addr<A>) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(address);
    }

    pub(crate) fn send<M>(&self, message: M)
    where
        M: Message + Send + 'static,
        M::Result: Send,
        A: Handler<M>,
        A::Context: ToEnvelope<A, M>,
    {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(address) = current {
            address.do_send(message);
        }
    }
}

impl<A: Actor> Clone for Renewed<A> {
    fn clone(&self) -> Self {
        Self { current: Arc::clone(&self.current) }
    }
}

impl<A: Actor> fmt::Debug for Renewed<A> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Renewed").finish_non_exhaustive()
    }
}
