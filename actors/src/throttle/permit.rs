//! Leave to make one request.

use super::breaker::{BreakerPass, Outcome};
use super::meters::Meters;
use super::signal::LoadReport;
use super::time::GateTime;

/// From this much of a limit on, it is used less: Graph is about to refuse.
const NEARLY_USED_THOUSANDTHS: u32 = 970;

/// Counts a request to Graph against its key's concurrency until it is dropped: hold it until the answer's
/// body has been read.
#[derive(Debug)]
#[must_use = "the request is counted only while its permit is held"]
pub struct GatePermit {
    meters: Meters,
    pass: BreakerPass,
    places: u32,
    time: GateTime,
    held_by: Option<&'static str>,
}

impl GatePermit {
    /// `places` are those that it has taken of its lane.
    pub(super) fn new(meters: Meters, pass: BreakerPass, places: u32, time: GateTime) -> Self {
        Self { meters, pass, places, time, held_by: None }
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

    /// Says how the request has ended. One that is dropped without a word says nothing about the service.
    pub fn ended(&mut self, outcome: Outcome) {
        self.pass.ended(outcome, self.time.now());
    }

    /// The same for a permit that has stood for several requests, as the items of a batch.
    pub fn all_ended(&mut self, outcomes: &[Outcome]) {
        self.pass.all_ended(outcomes, self.time.now());
    }

    /// Takes in what the service has said of its limits in an answer.
    pub fn hear(&self, report: LoadReport) {
        if let Some(minute) = report.limit {
            self.meters.announce(minute);
        }
        if report.used_thousandths.is_some_and(|used| used >= NEARLY_USED_THOUSANDTHS)
            && let Some(tenant) = self.meters.tenant()
        {
            tenant.tighten(self.time.now());
        }
    }
}

impl Drop for GatePermit {
    fn drop(&mut self) {
        if let Some(lane) = self.meters.lane() {
            lane.leave_places(self.places);
        }
    }
}
