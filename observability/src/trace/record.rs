//! What a call remembers of itself while it runs.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::id::TraceId;
use super::parent::TraceParent;
use crate::outcome::CallOutcome;
use crate::time::UnixNanos;

/// How many Graph requests of one call get a span; more are only counted.
const GRAPH_ATTEMPTS: usize = 32;
/// How many waits for an exchange get a span: a cold session, a lease that Graph refused, and some to spare.
const EXCHANGE_WAITS: usize = 4;

/// The times and facts of one call, bounded in size. It belongs to the thread that the call runs on, so that
/// writing to it costs neither a lock nor an atomic. It holds nothing that a caller wrote or that Graph
/// answered.
#[derive(Debug)]
pub struct CallRecord {
    trace_id: TraceId,
    caller: Cell<Option<TraceParent>>,
    started: UnixNanos,
    method: Cell<Option<&'static str>>,
    tool: Cell<Option<&'static str>>,
    protocol_version: Cell<Option<&'static str>>,
    exchanges: RefCell<Bounded<ExchangeWait, EXCHANGE_WAITS>>,
    graph: RefCell<Bounded<GraphAttempt, GRAPH_ATTEMPTS>>,
    end: Cell<Option<CallEnd>>,
}

/// One request to Graph; a retry is a request of its own.
#[derive(Debug, Clone)]
pub struct GraphAttempt {
    /// The HTTP method.
    pub method: &'static str,
    /// The host that was asked.
    pub server: Arc<str>,
    pub port: u16,
    /// What of Microsoft 365 was asked: `outlook`, `teams`, …
    pub workload: &'static str,
    /// When the request was sent, after any wait.
    pub started: UnixNanos,
    /// From sending until the answer's body was there, or until the attempt was given up.
    pub duration: Duration,
    /// How long the request waited before it was sent: at the gate, and after a failure of the one before.
    pub throttle_wait: Duration,
    /// The HTTP status, or a word for why there was none (`timeout`, `connection`).
    pub answer: Result<u16, &'static str>,
    /// The `request-id` of Graph's answer.
    pub request_id: Option<Uuid>,
}

/// The call waited for an On-Behalf-Of exchange, its own or one that another call had begun.
#[derive(Debug, Clone, Copy)]
pub struct ExchangeWait {
    pub started: UnixNanos,
    pub duration: Duration,
    /// A word for why no token came; `None` when one did.
    pub refusal: Option<&'static str>,
    /// The number of Entra's `AADSTS…` code; 0 when there was none.
    pub aadsts: u32,
}

/// How long a call waited for others. Requests that ran side by side count for each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phases {
    /// For an exchange.
    pub entra: Duration,
    /// At the gate, and between an attempt that failed and the next.
    pub throttle: Duration,
    /// For Graph's answers.
    pub graph: Duration,
}

impl Phases {
    /// The parts of a call that took `whole`, by name. What is nobody else's is our own; a part that took no time is
    /// left out.
    pub(crate) fn of(self, whole: Duration) -> impl Iterator<Item = (&'static str, Duration)> {
        let own = whole.saturating_sub(self.entra).saturating_sub(self.throttle).saturating_sub(self.graph);
        [("own", own), ("entra", self.entra), ("throttle", self.throttle), ("graph", self.graph)]
            .into_iter()
            .filter(|(name, duration)| *name == "own" || !duration.is_zero())
    }
}

/// When and how a call ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallEnd {
    pub(crate) at: UnixNanos,
    pub(crate) outcome: CallOutcome,
}

impl CallRecord {
    /// Begins a call with a trace of its own. `caller` is where the client says that the call comes from.
    pub fn begin(caller: Option<TraceParent>, at: UnixNanos) -> Self {
        Self {
            trace_id: TraceId::random(),
            caller: Cell::new(caller),
            started: at,
            method: Cell::default(),
            tool: Cell::default(),
            protocol_version: Cell::default(),
            exchanges: RefCell::default(),
            graph: RefCell::default(),
            end: Cell::default(),
        }
    }

    pub fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// Where the client says that the call comes from, when that is known after the call began.
    pub fn called_from(&self, caller: TraceParent) {
        self.caller.set(Some(caller));
    }

    pub fn started(&self) -> UnixNanos {
        self.started
    }

    /// The MCP method and, for a call of a known tool, the tool. Known names only, for they name spans.
    pub fn describe(&self, method: &'static str, tool: Option<&'static str>) {
        self.method.set(Some(method));
        self.tool.set(tool);
    }

    /// The version of MCP that the call is answered in.
    pub fn protocol_version(&self, version: &'static str) {
        self.protocol_version.set(Some(version));
    }

    pub fn exchange(&self, wait: ExchangeWait) {
        self.exchanges.borrow_mut().push(wait);
    }

    pub fn graph_request(&self, attempt: GraphAttempt) {
        self.graph.borrow_mut().push(attempt);
    }

    /// How many requests were made to Graph, those without a span included.
    pub fn graph_requests(&self) -> u32 {
        self.graph.borrow().count
    }

    /// The `request-id`s of Graph's answers, of those requests that get a span.
    pub fn graph_request_ids(&self) -> Vec<Uuid> {
        self.graph.borrow().kept.iter().filter_map(|attempt| attempt.request_id).collect()
    }

    /// Where the call's time went, as far as it was not our own.
    pub fn phases(&self) -> Phases {
        let exchanges = self.exchanges.borrow();
        let graph = self.graph.borrow();
        Phases {
            entra: exchanges.kept.iter().map(|wait| wait.duration).sum(),
            throttle: graph.kept.iter().map(|attempt| attempt.throttle_wait).sum(),
            graph: graph.kept.iter().map(|attempt| attempt.duration).sum(),
        }
    }

    /// Ends the call. The first end counts, so that a guard may end it again when it is dropped.
    pub fn finish(&self, outcome: CallOutcome, at: UnixNanos) {
        if self.end.get().is_none() {
            self.end.set(Some(CallEnd { at, outcome }));
        }
    }

    pub(super) fn caller(&self) -> Option<TraceParent> {
        self.caller.get()
    }

    /// The method's name, or the convention's word for one that is not known.
    pub(super) fn method(&self) -> &'static str {
        self.method.get().unwrap_or("_OTHER")
    }

    pub(super) fn tool(&self) -> Option<&'static str> {
        self.tool.get()
    }

    pub(super) fn version(&self) -> Option<&'static str> {
        self.protocol_version.get()
    }

    pub(super) fn end(&self) -> Option<CallEnd> {
        self.end.get()
    }

    /// How many spans the call makes.
    pub(super) fn spans(&self) -> usize {
        1 + self.exchanges.borrow().kept.len() + self.graph.borrow().kept.len()
    }

    pub(super) fn for_each_exchange(&self, visit: impl FnMut(&ExchangeWait)) {
        self.exchanges.borrow().kept.iter().for_each(visit);
    }

    pub(super) fn for_each_attempt(&self, visit: impl FnMut(&GraphAttempt)) {
        self.graph.borrow().kept.iter().for_each(visit);
    }
}

/// Keeps the first `LIMIT` and counts all.
#[derive(Debug)]
struct Bounded<T, const LIMIT: usize> {
    kept: Vec<T>,
    count: u32,
}

impl<T, const LIMIT: usize> Default for Bounded<T, LIMIT> {
    fn default() -> Self {
        Self { kept: Vec::new(), count: 0 }
    }
}

impl<T, const LIMIT: usize> Bounded<T, LIMIT> {
    fn push(&mut self, item: T) {
        self.count = self.count.saturating_add(1);
        if self.kept.len() < LIMIT {
            self.kept.push(item);
        }
    }
}
