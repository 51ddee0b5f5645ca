//! What a call remembers of itself while it runs.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use super::id::{SpanContext, TraceId};
use super::parent::TraceParent;
use super::phases::Phases;
use super::policy::PolicyRecord;
use super::session::SessionWait;
use crate::outcome::CallOutcome;
use crate::time::UnixNanos;

/// How many Graph requests of one call get a span; more are only counted.
const GRAPH_ATTEMPTS: usize = 32;
/// How many waits for a session get a span: a cold one, a lease that Graph refused, and some to spare.
const SESSION_WAITS: usize = 4;

/// The times and facts of one call, bounded in size. It belongs to the thread that the call runs on, so that
/// writing to it costs neither a lock nor an atomic. It holds nothing that a caller wrote or that Graph
/// answered.
#[derive(Debug)]
pub struct CallRecord {
    trace_id: Cell<TraceId>,
    caller: Cell<Option<Caller>>,
    carrier: Cell<Option<TraceParent>>,
    started: UnixNanos,
    began: Instant,
    understood: Cell<UnixNanos>,
    method: Cell<Option<&'static str>>,
    target: Cell<Option<CallTarget>>,
    http_version: Cell<Option<&'static str>>,
    protocol_version: Cell<Option<&'static str>>,
    policy: PolicyRecord,
    found_lease: Cell<bool>,
    sessions: RefCell<Bounded<SessionWait, SESSION_WAITS>>,
    graph: RefCell<Bounded<GraphAttempt, GRAPH_ATTEMPTS>>,
    never_sent: Cell<HeldBack>,
    end: Cell<Option<CallEnd>>,
}

/// Where a call comes from, and what its caller's span is to it.
#[derive(Debug, Clone, Copy)]
enum Caller {
    Linked(TraceParent),
    Parent(TraceParent),
}

impl Caller {
    fn span(self) -> SpanContext {
        let (Self::Linked(caller) | Self::Parent(caller)) = self;
        caller.span
    }
}

/// What of the catalogue a call is about. Known names only, for they name spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallTarget {
    Tool(&'static str),
    Prompt(&'static str),
}

impl CallTarget {
    /// The name of the tool, where it is one.
    pub const fn tool(self) -> Option<&'static str> {
        match self {
            Self::Tool(name) => Some(name),
            Self::Prompt(_) => None,
        }
    }

    /// The name of the prompt, where it is one.
    pub const fn prompt(self) -> Option<&'static str> {
        match self {
            Self::Prompt(name) => Some(name),
            Self::Tool(_) => None,
        }
    }
}

/// What a method of MCP is in the conventions for generative AI, where it is anything.
pub(crate) fn gen_ai_operation(method: &str) -> Option<&'static str> {
    (method == "tools/call").then_some("execute_tool")
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
    /// How the request was held back before it was sent.
    pub held_back: HeldBack,
    /// How often the same had been asked before.
    pub resend_count: u8,
    /// The HTTP status, or a word for why there was none (`timeout`, `connection`).
    pub answer: Result<u16, &'static str>,
    /// The `request-id` of Graph's answer.
    pub request_id: Option<Uuid>,
}

/// How long a request waited before it was sent, at the gate and after a failure of the attempt before, and what for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HeldBack {
    pub duration: Duration,
    /// The limit that stood in the way last, one word of a closed list; `None` where nothing did.
    pub by: Option<&'static str>,
}

/// When and how a call ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallEnd {
    pub(crate) at: UnixNanos,
    pub(crate) outcome: CallOutcome,
}

impl CallRecord {
    /// Begins a call with a trace of its own. `caller` is where the client says that the call comes from; `at` and `now`
    /// are the same moment by both clocks.
    pub fn begin(caller: Option<TraceParent>, at: UnixNanos, now: Instant) -> Self {
        Self {
            trace_id: Cell::new(TraceId::random()),
            caller: Cell::new(caller.map(Caller::Linked)),
            carrier: Cell::default(),
            started: at,
            began: now,
            understood: Cell::new(at),
            method: Cell::default(),
            target: Cell::default(),
            http_version: Cell::default(),
            protocol_version: Cell::default(),
            policy: PolicyRecord::default(),
            found_lease: Cell::default(),
            sessions: RefCell::default(),
            graph: RefCell::default(),
            never_sent: Cell::default(),
            end: Cell::default(),
        }
    }

    pub fn trace_id(&self) -> TraceId {
        self.trace_id.get()
    }

    /// Where the client says that the call comes from, when that is known after the call began.
    pub fn called_from(&self, caller: TraceParent) {
        self.caller.set(Some(Caller::Linked(caller)));
    }

    /// The call belongs to the trace of a caller who is trusted with ours, from here on: as a child of this span.
    pub fn belongs_to(&self, parent: TraceParent) {
        self.trace_id.set(parent.span.trace_id);
        self.caller.set(Some(Caller::Parent(parent)));
    }

    /// The span of the HTTP request that the call came in. Whoever handled the request can name it, so that it is linked
    /// and never the parent.
    pub fn carried_by(&self, request: TraceParent) {
        self.carrier.set(Some(request));
    }

    pub fn started(&self) -> UnixNanos {
        self.started
    }

    /// The wall-clock time of a moment of the call.
    pub fn at(&self, moment: Instant) -> UnixNanos {
        self.started + moment.saturating_duration_since(self.began)
    }

    /// How long the call has run at this moment.
    pub fn elapsed(&self, moment: Instant) -> Duration {
        moment.saturating_duration_since(self.began)
    }

    /// The message has been read, and what follows begins.
    pub fn understood(&self, moment: Instant) {
        self.understood.set(self.at(moment));
    }

    /// The MCP method, and what of the catalogue it is about. Known names only, for they name spans.
    pub fn describe(&self, method: &'static str, target: Option<CallTarget>) {
        self.method.set(Some(method));
        self.target.set(target);
    }

    /// The version of HTTP that the call came over: `1.1`, `2`.
    pub fn came_over_http(&self, version: &'static str) {
        self.http_version.set(Some(version));
    }

    /// The version of MCP that the call is answered in.
    pub fn protocol_version(&self, version: &'static str) {
        self.protocol_version.set(Some(version));
    }

    /// What policy says in the course of the call.
    pub fn policy(&self) -> &PolicyRecord {
        &self.policy
    }

    /// The call found its session open and its lease published.
    pub fn found_lease(&self) {
        self.found_lease.set(true);
    }

    /// The call had to wait for its session or its lease.
    pub fn session_wait(&self, wait: SessionWait) {
        self.sessions.borrow_mut().push(wait);
    }

    pub fn graph_request(&self, attempt: GraphAttempt) {
        self.graph.borrow_mut().push(attempt);
    }

    /// A request was held back for so long, and never sent: the gate refused it, or the call ended.
    pub fn never_sent(&self, held_back: HeldBack) {
        let HeldBack { duration, by } = self.never_sent.get();
        let duration = duration.saturating_add(held_back.duration);
        self.never_sent.set(HeldBack { duration, by: held_back.by.or(by) });
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
        let sessions = self.sessions.borrow();
        let graph = self.graph.borrow();
        Phases {
            queue: sessions.kept.iter().map(SessionWait::queue_wait).sum(),
            entra: sessions.kept.iter().map(SessionWait::exchange_wait).sum(),
            throttle: graph.kept.iter().map(|attempt| attempt.held_back.duration).sum::<Duration>()
                + self.never_sent.get().duration,
            graph: graph.kept.iter().map(|attempt| attempt.duration).sum(),
        }
    }

    /// Ends the call. The first end counts, so that a guard may end it again when it is dropped.
    pub fn finish(&self, outcome: CallOutcome, at: UnixNanos) {
        if self.end.get().is_none() {
            self.end.set(Some(CallEnd { at, outcome }));
        }
    }

    /// The spans that this call is only linked to: its caller's, and that of the request which carried it, where that is
    /// another one.
    pub(super) fn linked(&self) -> impl Iterator<Item = TraceParent> {
        let caller = self.caller.get();
        let linked = match caller {
            Some(Caller::Linked(span)) => Some(span),
            Some(Caller::Parent(_)) | None => None,
        };
        let carrier =
            self.carrier.get().filter(|carrier| caller.is_none_or(|caller| caller.span() != carrier.span));
        linked.into_iter().chain(carrier)
    }

    /// The caller's span that this call is a child of.
    pub(super) fn parent(&self) -> Option<TraceParent> {
        match self.caller.get() {
            Some(Caller::Parent(span)) => Some(span),
            Some(Caller::Linked(_)) | None => None,
        }
    }

    /// The method's name, or the convention's word for one that is not known.
    pub(super) fn method(&self) -> &'static str {
        self.method.get().unwrap_or("_OTHER")
    }

    pub(super) fn target(&self) -> Option<CallTarget> {
        self.target.get()
    }

    pub(super) fn http_version(&self) -> Option<&'static str> {
        self.http_version.get()
    }

    pub(super) fn version(&self) -> Option<&'static str> {
        self.protocol_version.get()
    }

    /// How long requests were held back that were never sent, and what for; all zero where each was sent.
    pub(super) fn held_in_vain(&self) -> HeldBack {
        self.never_sent.get()
    }

    pub(super) fn end(&self) -> Option<CallEnd> {
        self.end.get()
    }

    /// When the message had been read; when the call began where it never was.
    pub(super) fn understood_at(&self) -> UnixNanos {
        self.understood.get()
    }

    /// Whether the call found its session and its lease ready, be it that it had to ask for another later.
    pub(super) fn was_warm(&self) -> bool {
        self.found_lease.get()
    }

    /// How many spans the call makes; fewer where others have exported the exchanges that it waited for.
    pub(super) fn most_spans(&self) -> usize {
        let sessions = self.sessions.borrow();
        let exchanges = sessions.kept.iter().filter(|wait| wait.exchange().is_some()).count();
        1 + usize::from(self.policy.decision().is_some())
            + usize::from(self.was_warm())
            + sessions.kept.len()
            + exchanges
            + self.graph.borrow().kept.len()
    }

    pub(super) fn for_each_session_wait(&self, visit: impl FnMut(&SessionWait)) {
        self.sessions.borrow().kept.iter().for_each(visit);
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
