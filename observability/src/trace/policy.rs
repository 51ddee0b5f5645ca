//! What policy said in a call.

use std::cell::Cell;

/// The decisions of policy in one call. It belongs to the thread that the call runs on.
#[derive(Debug, Default)]
pub struct PolicyRecord {
    decision: Cell<Option<PolicyDecision>>,
    withheld: Cell<u32>,
    left_out: Cell<u32>,
}

/// The last decision: the one that a refused call ended with.
#[derive(Debug, Clone, Copy)]
pub(super) struct PolicyDecision {
    pub(super) question: &'static str,
    pub(super) answer: &'static str,
}

impl PolicyRecord {
    /// `answer` is `allow`, or the code of the refusal.
    pub fn decided(&self, question: &'static str, answer: &'static str) {
        self.decision.set(Some(PolicyDecision { question, answer }));
    }

    /// The content of an item was taken out.
    pub fn withheld(&self) {
        self.withheld.set(self.withheld.get().saturating_add(1));
    }

    /// An item was not even named.
    pub fn left_out(&self) {
        self.left_out.set(self.left_out.get().saturating_add(1));
    }

    pub(super) fn decision(&self) -> Option<PolicyDecision> {
        self.decision.get()
    }

    pub(super) fn items_withheld(&self) -> u32 {
        self.withheld.get()
    }

    pub(super) fn items_left_out(&self) -> u32 {
        self.left_out.get()
    }
}
