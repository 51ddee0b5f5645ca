//! The figures of schedules.

/// What has happened in one schedule, or in many.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Played {
    pub(super) happenings: u64,
    pub(super) calls: u64,
    /// Of those, the ones that ask for several things at once.
    pub(super) batches: u64,
    pub(super) answered: u64,
    pub(super) exchanges: u64,
    /// At the gate.
    pub(super) waits: u64,
    pub(super) throttled: u64,
    pub(super) faults: u64,
    pub(super) crashes: u64,
    pub(super) revocations: u64,
    /// Callers who left before their answer.
    pub(super) left: u64,
    /// Found a session full.
    pub(super) crowded: u64,
    /// Told to come back, for the session crashes again and again.
    pub(super) put_off: u64,
    /// Failed for want of a budget to repeat them.
    pub(super) not_repeated: u64,
    pub(super) drains: u64,
    /// Calls for which there was no room, or which policy refused.
    pub(super) turned_away: u64,
    /// Changes of a tenant's policy.
    pub(super) policies: u64,
    /// Refusals without a time.
    pub(super) backed_off: u64,
    /// Refused by a breaker.
    pub(super) left_alone: u64,
    /// Answered with 4xx.
    pub(super) denied: u64,
    /// A fingerprint of everything that happened, in its order.
    pub(super) story: u64,
}

impl Played {
    pub(super) fn add(&mut self, other: &Self) {
        self.happenings += other.happenings;
        self.calls += other.calls;
        self.batches += other.batches;
        self.answered += other.answered;
        self.exchanges += other.exchanges;
        self.waits += other.waits;
        self.throttled += other.throttled;
        self.faults += other.faults;
        self.crashes += other.crashes;
        self.revocations += other.revocations;
        self.left += other.left;
        self.crowded += other.crowded;
        self.put_off += other.put_off;
        self.not_repeated += other.not_repeated;
        self.drains += other.drains;
        self.turned_away += other.turned_away;
        self.policies += other.policies;
        self.backed_off += other.backed_off;
        self.left_alone += other.left_alone;
        self.denied += other.denied;
        self.story ^= other.story;
    }
}
