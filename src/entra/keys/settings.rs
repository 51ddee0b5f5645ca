//! How the key set is kept fresh.

use std::time::Duration;

/// How the key set is kept fresh.
#[derive(Debug, Clone)]
pub struct KeyRingSettings {
    /// Time from one fetch to the next. Entra asks for a day at most; a key that is withdrawn in an emergency is
    /// refused here after this time, so an hour is the default.
    pub refresh_every: Duration,
    /// Pause before a failed background fetch is tried again.
    pub retry_after_failure: Duration,
    /// How long the address of the keys is used before discovery is asked for it again, with the fetch that comes next:
    /// a move is noticed even if the former address goes on answering. Less than `refresh_every`, so that every
    /// background refresh finds out; those who bring an unknown key wait for it this seldom. Five minutes is what
    /// Microsoft's own libraries leave between two look-ups for unknown keys.
    pub address_good_for: Duration,
    /// Bound of each request to Entra.
    pub fetch_timeout: Duration,
    /// Fetches for unknown keys that may follow each other at once.
    pub refetch_burst: u32,
    /// One more fetch for an unknown key is allowed each time this passes. A new key that Entra signs with is known here
    /// after this time at the latest, however many made-up ones are sent.
    pub refetch_interval: Duration,
    /// Identities remembered per generation of keys.
    pub remembered_identities: usize,
}

impl Default for KeyRingSettings {
    fn default() -> Self {
        Self {
            refresh_every: Duration::from_secs(60 * 60),
            retry_after_failure: Duration::from_secs(15),
            address_good_for: Duration::from_secs(5 * 60),
            fetch_timeout: Duration::from_secs(5),
            refetch_burst: 5,
            refetch_interval: Duration::from_secs(1),
            remembered_identities: 100_000,
        }
    }
}
