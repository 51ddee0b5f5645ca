//! Leave to make one request, or one batch.

use super::breaker::{Outcome, Passes};
use super::claims::Claims;
use super::signal::{LoadReport, Workload};
use super::time::GateTime;

/// From this much of a limit on, it is used less: Graph is about to refuse.
const NEARLY_USED_THOUSANDTHS: u32 = 970;

/// Counts a request to Graph, or what Graph carries out of a batch at a time, among the requests at once until it is
/// dropped: hold it until the answer's body has been read.
#[derive(Debug)]
#[must_use = "the request is counted only while its permit is held"]
pub struct GatePermit {
    claims: Claims,
    passes: Passes,
    time: GateTime,
    held_by: Option<&'static str>,
}

impl GatePermit {
    pub(super) fn new(claims: Claims, passes: Passes, time: GateTime) -> Self {
        Self { claims, passes, time, held_by: None }
    }

    /// The same after a wait, for the limit that was in the way last.
    pub(super) fn after_waiting(mut self, held_by: Option<&'static str>) -> Self {
        self.held_by = held_by;
        self
    }

    /// The limit that the request waited for last, in the words of [`GateRefusal::limit`](super::GateRefusal::limit);
    /// `None` where nothing stood in the way.
    pub fn held_by(&self) -> Option<&'static str> {
        self.held_by
    }

    /// Says how the request, or the batch as a whole, has ended. One that is dropped without a word says nothing about the
    /// service.
    pub fn ended(&mut self, outcome: Outcome) {
        self.passes.ended(outcome, self.time.now());
    }

    /// Says how the items of a batch have ended that were asked of this service.
    pub fn items_ended(&mut self, workload: Workload, outcomes: &[Outcome]) {
        self.passes.ended_at(workload, outcomes, self.time.now());
    }

    /// Takes in what the service has said of its limits in an answer.
    pub fn hear(&self, workload: Workload, report: LoadReport) {
        if let Some(minute) = report.limit {
            self.claims.announce(workload, minute);
        }
        if report.used_thousandths.is_some_and(|used| used >= NEARLY_USED_THOUSANDTHS)
            && let Some(tenant) = self.claims.tenant(workload)
        {
            tenant.tighten(self.time.now());
        }
    }
}

impl Drop for GatePermit {
    fn drop(&mut self) {
        self.claims.leave_places();
    }
}
