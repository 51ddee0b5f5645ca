//! How calls in progress learn that something has changed about who may go on: a revocation, a policy, the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

use super::refusal::Refusal;

/// Wakes the calls of every worker.
#[derive(Debug)]
pub(crate) struct Interrupts(Box<[Arc<Interrupt>]>);

/// Wakes the calls of one worker: no two threads wait on one.
#[derive(Debug, Default)]
pub(crate) struct Interrupt {
    changes: AtomicU64,
    rung: Notify,
}

/// What a call has seen of the changes.
#[derive(Debug)]
pub(super) struct Watch<'w> {
    interrupt: &'w Interrupt,
    seen: u64,
}

impl Interrupts {
    pub(crate) fn new(workers: usize) -> Self {
        Self((0..workers).map(|_| Arc::default()).collect())
    }

    /// One for each worker.
    pub(crate) fn each(&self) -> impl Iterator<Item = &Arc<Interrupt>> {
        self.0.iter()
    }

    /// Tells every call in progress to look again. To be called after the change is there to be seen.
    pub(crate) fn ring(&self) {
        for interrupt in &self.0 {
            interrupt.changes.fetch_add(1, Ordering::Release);
            interrupt.rung.notify_waiters();
        }
    }
}

impl Interrupt {
    /// To be taken before a call is first checked: whatever changes after that is noticed.
    pub(super) fn watch(&self) -> Watch<'_> {
        Watch { interrupt: self, seen: self.changes.load(Ordering::Acquire) }
    }
}

impl Watch<'_> {
    /// Resolves when something has changed and `verdict` then says that the call may not go on.
    pub(super) async fn interrupted(&mut self, verdict: impl Fn() -> Result<(), Refusal>) -> Refusal {
        loop {
            // From here on a ring is heard, so that none passes between the look and the wait.
            let rung = self.interrupt.rung.notified();
            let changes = self.interrupt.changes.load(Ordering::Acquire);
            if changes != self.seen {
                self.seen = changes;
                if let Err(refusal) = verdict() {
                    return refusal;
                }
            }
            rung.await;
        }
    }

    /// Whether a call whose answer is there may have it: its session may have ended under it by a change that it has
    /// not heard of yet, and then it is the change that it is told of.
    pub(super) fn may_answer(&self, verdict: impl FnOnce() -> Result<(), Refusal>) -> Result<(), Refusal> {
        if self.interrupt.changes.load(Ordering::Acquire) == self.seen { Ok(()) } else { verdict() }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures_util::FutureExt;

    use super::*;

    fn ended_when(flag: &Cell<bool>) -> impl Fn() -> Result<(), Refusal> {
        || if flag.get() { Err(Refusal::Ended) } else { Ok(()) }
    }

    /// If this failed, a call would go on although it must not, or end because another one must.
    #[tokio::test]
    async fn a_ring_ends_the_calls_that_may_not_go_on_and_no_others() {
        let interrupts = Interrupts::new(2);
        let (ended, spared) = (Cell::new(false), Cell::new(false));
        let each: Vec<_> = interrupts.each().collect();
        let (mut one, mut other) = (each[0].watch(), each[1].watch());
        let mut first = Box::pin(one.interrupted(ended_when(&ended)));
        let mut second = Box::pin(other.interrupted(ended_when(&spared)));
        assert!(first.as_mut().now_or_never().is_none() && second.as_mut().now_or_never().is_none());
        ended.set(true);
        assert!(first.as_mut().now_or_never().is_none(), "nobody has rung");
        interrupts.ring();
        assert_eq!(first.now_or_never(), Some(Refusal::Ended));
        assert!(second.as_mut().now_or_never().is_none());
        spared.set(true);
        interrupts.ring();
        assert_eq!(second.now_or_never(), Some(Refusal::Ended));
    }

    /// If this failed, a change between a call's first check and its first wait would pass it by.
    #[tokio::test]
    async fn a_change_before_the_first_wait_is_noticed() {
        let interrupts = Interrupts::new(1);
        let interrupt = interrupts.each().next().unwrap();
        let mut watch = interrupt.watch();
        interrupts.ring();
        assert_eq!(watch.interrupted(|| Err(Refusal::Ended)).now_or_never(), Some(Refusal::Ended));
    }

    /// If this failed, a call that is revoked in the very moment of its answer would be told that its session has ended,
    /// and its client not to sign in anew; or each call would be checked twice.
    #[test]
    fn an_answer_is_held_against_what_has_changed_and_against_nothing_else() {
        let interrupts = Interrupts::new(1);
        let watch = interrupts.each().next().unwrap().watch();
        assert_eq!(watch.may_answer(|| Err(Refusal::Ended)), Ok(()));
        interrupts.ring();
        assert_eq!(watch.may_answer(|| Err(Refusal::Ended)), Err(Refusal::Ended));
        assert_eq!(watch.may_answer(|| Ok(())), Ok(()));
    }
}
