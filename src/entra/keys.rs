//! The ring of Entra's signing keys: fetched once however many wait for it, renewed in the background, and kept
//! as it was while Entra is away.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use arc_swap::{ArcSwapOption, Guard};
use connector_actors::clock::Clock;
use connector_observability::emit;
use connector_observability::event::jwks::{JwksRefreshFailed, JwksRefreshed};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use self::flight::{Flight, FlightDeck};
use super::cloud::Cloud;
use super::jwks::KeySet;
use super::key_source::{FetchKeys, KeyFetchFault, KeySource};
use super::memory::IdentityMemory;
use super::outbound::{ClientNotBuilt, unpooled_client};
use super::refusal::TokenRefusal;

mod flight;
mod settings;

pub use settings::KeyRingSettings;

/// How many tokens with an unknown key may wait for a fetch at once. A token that waits has not been verified, and its
/// call holds a permit of the whole process: while Entra is silent, forged tokens must not hold them all.
const MAX_WAITING: usize = 64;

/// One key set, and what has been verified with it: when the keys change, everything verified is forgotten.
#[derive(Debug)]
pub(super) struct Generation {
    keys: KeySet,
    memory: IdentityMemory,
}

impl Generation {
    pub(super) fn keys(&self) -> &KeySet {
        &self.keys
    }

    pub(super) fn memory(&self) -> &IdentityMemory {
        &self.memory
    }
}

/// The signing keys of one cloud. Ends its background task when it is dropped.
#[derive(Debug)]
pub(super) struct KeyRing {
    shared: Arc<Ring>,
    background: AbortHandle,
}

impl KeyRing {
    /// Begins to fetch the keys on `io`, and renews them there.
    pub(super) fn start(
        cloud: &Cloud,
        settings: KeyRingSettings,
        io: Handle,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ClientNotBuilt> {
        // Fetches are seldom, and not tried again: one must not meet a connection that Entra has just closed.
        let client = unpooled_client(cloud, settings.fetch_timeout)?;
        let source = KeySource::new(client, cloud, settings.address_good_for, Arc::clone(&clock));
        Ok(Self::fed_by(Box::new(source), settings, io, clock))
    }

    fn fed_by(
        source: Box<dyn FetchKeys>,
        settings: KeyRingSettings,
        io: Handle,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let ring = Arc::new(Ring {
            source,
            io,
            clock,
            current: ArcSwapOption::empty(),
            deck: Mutex::new(FlightDeck::new(&settings)),
            waiting: Semaphore::new(MAX_WAITING),
            settings,
        });
        let background = ring.io.spawn(keep_fresh(Arc::downgrade(&ring))).abort_handle();
        Self { shared: ring, background }
    }

    /// The keys in force; `None` until the first fetch has succeeded.
    pub(super) fn current(&self) -> Guard<Option<Arc<Generation>>> {
        self.shared.current.load()
    }

    /// The keys in force, if this one is among them.
    pub(super) fn with_key(&self, key_id: &str) -> Option<Arc<Generation>> {
        self.shared.generation_with(key_id)
    }

    /// A generation that holds the key. For an unknown key one fetch is waited for that begins no sooner than this is
    /// asked; all who wait share it. Beyond [`MAX_WAITING`] a token is told to come back.
    pub(super) async fn holding(&self, key_id: &str) -> Result<Arc<Generation>, TokenRefusal> {
        let came = self.shared.clock.instant();
        let mut place = None;
        loop {
            let flight = match self.shared.seek(key_id) {
                Sought::Found(generation) => return Ok(generation),
                Sought::Refused(refusal) => return Err(refusal),
                Sought::Flight(flight) => flight,
            };
            // Before the first keys are there, nobody can be served: then all wait, and honest callers are answered.
            if place.is_none() && self.shared.current.load().is_some() {
                let free = self.shared.waiting.try_acquire();
                place = Some(free.map_err(|_| self.shared.unavailable())?);
            }
            flight.landed().await.map_err(|_| self.shared.unavailable())?;
            if let Some(generation) = self.shared.generation_with(key_id) {
                return Ok(generation);
            }
            // One that was under way already may have read the keys of before a rollover: the next one decides.
            if flight.begins() >= came {
                return Err(TokenRefusal::UnknownKey);
            }
        }
    }
}

impl Drop for KeyRing {
    fn drop(&mut self) {
        self.background.abort();
    }
}

#[derive(Debug)]
struct Ring {
    source: Box<dyn FetchKeys>,
    settings: KeyRingSettings,
    io: Handle,
    clock: Arc<dyn Clock>,
    current: ArcSwapOption<Generation>,
    deck: Mutex<FlightDeck>,
    waiting: Semaphore,
}

enum Sought {
    Found(Arc<Generation>),
    Flight(Flight),
    Refused(TokenRefusal),
}

impl Ring {
    fn deck(&self) -> MutexGuard<'_, FlightDeck> {
        self.deck.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn generation_with(&self, key_id: &str) -> Option<Arc<Generation>> {
        self.current.load_full().filter(|generation| generation.keys.get(key_id).is_some())
    }

    /// Looks again under the lock, where a fetch that has just ended is seen, then joins or begins a fetch.
    fn seek(self: &Arc<Self>, key_id: &str) -> Sought {
        let now = self.clock.instant();
        let mut deck = self.deck();
        if let Some(generation) = self.generation_with(key_id) {
            return Sought::Found(generation);
        }
        if let Some(running) = deck.running() {
            return Sought::Flight(running);
        }
        if deck.rests(now) {
            return Sought::Refused(TokenRefusal::KeysUnavailable(deck.settled_in(now)));
        }
        // Before the first keys, only failures keep fetches apart.
        let begins = if self.current.load().is_some() { deck.budget.take(now) } else { now };
        Sought::Flight(self.take_off(&mut deck, now, begins))
    }

    /// It may be a new key, as after a rollover: a sign-in would not help its user, and a little time will.
    fn unavailable(&self) -> TokenRefusal {
        TokenRefusal::KeysUnavailable(self.deck().settled_in(self.clock.instant()))
    }

    fn join_or_take_off(self: &Arc<Self>) -> Flight {
        let now = self.clock.instant();
        let mut deck = self.deck();
        match deck.running() {
            Some(running) => running,
            None => self.take_off(&mut deck, now, now),
        }
    }

    fn take_off(self: &Arc<Self>, deck: &mut FlightDeck, now: Instant, begins: Instant) -> Flight {
        let ring = Arc::clone(self);
        let pause = begins.saturating_duration_since(now);
        let task = self.io.spawn(async move {
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            let fetched = ring.source.fetch().await;
            ring.land(fetched)
        });
        deck.take_off(begins, task)
    }

    fn land(&self, fetched: Result<KeySet, KeyFetchFault>) -> Result<(), KeyFetchFault> {
        let now = self.clock.instant();
        let mut deck = self.deck();
        match fetched {
            Ok(keys) => {
                deck.succeeded(now);
                let count = keys.count();
                self.put_in_force(keys);
                drop(deck);
                emit(JwksRefreshed { keys: count });
                Ok(())
            }
            Err(fault) => {
                deck.failed(now);
                drop(deck);
                emit(JwksRefreshFailed { reason: fault.reason() });
                Err(fault)
            }
        }
    }

    /// Called with the deck locked, so that generations follow each other one by one.
    fn put_in_force(&self, keys: KeySet) {
        let current = self.current.load();
        if current.as_ref().is_some_and(|generation| generation.keys == keys) {
            return;
        }
        let memory = IdentityMemory::new(self.settings.remembered_identities);
        self.current.store(Some(Arc::new(Generation { keys, memory })));
    }

    /// How long the keys stay fresh; zero when a fetch is due.
    fn fresh_for(&self) -> Duration {
        let Some(succeeded_at) = self.deck().succeeded_at() else { return Duration::ZERO };
        (succeeded_at + self.settings.refresh_every).saturating_duration_since(self.clock.instant())
    }
}

async fn keep_fresh(ring: Weak<Ring>) {
    while let Some(ring_in_use) = ring.upgrade() {
        let mut pause = ring_in_use.fresh_for();
        if pause.is_zero() {
            pause = match ring_in_use.join_or_take_off().landed().await {
                Ok(()) => ring_in_use.settings.refresh_every,
                Err(_) => ring_in_use.settings.retry_after_failure,
            };
        }
        drop(ring_in_use);
        tokio::time::sleep(pause).await;
    }
}

#[cfg(test)]
mod tests;
