//! What must be true of every schedule, kept by somebody who only watches.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use thiserror::Error;
use tokio::time::Instant;

use crate::identity::{ObjectId, TenantId};
use crate::session::Violation;
use crate::settings::ThrottleSettings;
use crate::throttle::{GateKey, GateRequest, RequestClass, ResourceHash};

/// A broken promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum Broken {
    #[error("{0}")]
    Session(#[from] Violation),
    #[error("a call is answered with what belongs to somebody else")]
    ForeignAnswer,
    #[error("Graph is asked with a lease of a session that was revoked")]
    AskedAfterRevocation,
    #[error("a token is refused that was issued after the revocation")]
    FreshTokenRefused,
    #[error("a token is taken that was revoked")]
    RevokedTokenTaken,
    #[error("Graph is asked with a lease that has expired")]
    AskedWithExpiredLease,
    #[error("more requests at once for one user or mailbox than may be")]
    TooManyAtOnce,
    #[error("Graph is asked while it wants to be left alone")]
    AskedTooEarly,
    #[error("a request overtakes an earlier one of the same user")]
    Overtaken,
    #[error("more exchanges in a second, or at once, than may be")]
    TooManyExchanges,
    #[error("Entra is asked in a tenant in which it wants to be left alone")]
    EntraAskedTooEarly,
    #[error("a caller is answered who has asked for nothing, or twice")]
    AnsweredTwice,
    #[error("a session that ends at rest has left a caller without an answer")]
    NeverAnswered,
    #[error("a call is not over at its deadline")]
    Overdue,
    #[error("a refusal says to come back at once")]
    DishonestRefusal,
    #[error("it never comes to rest")]
    NoRest,
    #[error("something is remembered of everybody who has gone")]
    Remembered,
}

/// How long what may go at once is counted.
const BURST: Duration = Duration::from_millis(100);

/// Requests that have the same limits, and the same user: none of them may overtake another.
type Alike = (GateKey, ObjectId, RequestClass, Option<ResourceHash>);

fn alike(request: &GateRequest) -> Alike {
    (request.key, request.user, request.class, request.resource)
}

#[derive(Debug)]
pub(super) struct Books {
    settings: ThrottleSettings,
    exchanges_per_second: usize,
    under_way: HashMap<GateKey, usize>,
    /// Of a user or mailbox as such, or in one team, channel or chat.
    quiet_until: HashMap<(GateKey, Option<ResourceHash>), Instant>,
    /// In the order in which they came.
    waiting: HashMap<Alike, VecDeque<usize>>,
    exchanges: VecDeque<Instant>,
    entra_quiet_until: HashMap<TenantId, Instant>,
    /// Callers without an answer, by session.
    asking: HashSet<(usize, usize)>,
}

impl Books {
    pub(super) fn new(settings: ThrottleSettings, exchanges_per_second: u32) -> Self {
        Self {
            settings,
            exchanges_per_second: exchanges_per_second as usize,
            under_way: HashMap::new(),
            quiet_until: HashMap::new(),
            waiting: HashMap::new(),
            exchanges: VecDeque::new(),
            entra_quiet_until: HashMap::new(),
            asking: HashSet::new(),
        }
    }

    pub(super) fn asks(&mut self, session: usize, call: usize) {
        self.asking.insert((session, call));
    }

    pub(super) fn is_answered(&mut self, session: usize, call: usize) -> Result<(), Broken> {
        hold(self.asking.remove(&(session, call)), Broken::AnsweredTwice)
    }

    /// The session has ended because nobody needs it.
    pub(super) fn session_rests(&self, session: usize) -> Result<(), Broken> {
        hold(self.asking.iter().all(|(asked, _)| *asked != session), Broken::NeverAnswered)
    }

    pub(super) fn exchange_begins(&mut self, tenant: TenantId, now: Instant) -> Result<(), Broken> {
        let is_quiet = self.entra_quiet_until.get(&tenant).is_some_and(|until| now < *until);
        hold(!is_quiet, Broken::EntraAskedTooEarly)?;
        while self.exchanges.front().is_some_and(|begun| *begun + Duration::from_secs(1) <= now) {
            self.exchanges.pop_front();
        }
        self.exchanges.push_back(now);
        let at_once = self.exchanges.iter().filter(|begun| **begun + BURST > now).count();
        let may_go = at_once <= self.exchanges_per_second.div_ceil(10);
        hold(may_go && self.exchanges.len() <= self.exchanges_per_second, Broken::TooManyExchanges)
    }

    pub(super) fn entra_wants_quiet(&mut self, tenant: TenantId, until: Instant) {
        let known = self.entra_quiet_until.entry(tenant).or_insert(until);
        *known = until.max(*known);
    }

    pub(super) fn waits(&mut self, call: usize, request: &GateRequest) {
        self.waiting.entry(alike(request)).or_default().push_back(call);
    }

    pub(super) fn waits_no_more(&mut self, call: usize, request: &GateRequest) {
        if let Some(line) = self.waiting.get_mut(&alike(request)) {
            line.retain(|waiting| *waiting != call);
        }
    }

    pub(super) fn request_begins(
        &mut self,
        call: usize,
        request: &GateRequest,
        now: Instant,
    ) -> Result<(), Broken> {
        let first = self.waiting.get(&alike(request)).and_then(VecDeque::front);
        hold(first.is_none_or(|first| *first == call), Broken::Overtaken)?;
        self.waits_no_more(call, request);
        let is_quiet = [None, request.resource]
            .into_iter()
            .any(|resource| self.quiet_until.get(&(request.key, resource)).is_some_and(|until| now < *until));
        hold(!is_quiet, Broken::AskedTooEarly)?;
        let under_way = self.under_way.entry(request.key).or_default();
        *under_way += 1;
        let most = request.key.workload.concurrency(&self.settings).get();
        hold(*under_way <= most, Broken::TooManyAtOnce)
    }

    pub(super) fn request_ends(&mut self, request: &GateRequest) {
        if let Some(under_way) = self.under_way.get_mut(&request.key) {
            *under_way -= 1;
        }
    }

    /// `resource` is what the refusal is about, if it is not the user or mailbox as such.
    pub(super) fn graph_wants_quiet(&mut self, key: GateKey, resource: Option<ResourceHash>, until: Instant) {
        let known = self.quiet_until.entry((key, resource)).or_insert(until);
        *known = until.max(*known);
    }
}

pub(super) fn hold(promise: bool, otherwise: Broken) -> Result<(), Broken> {
    if promise { Ok(()) } else { Err(otherwise) }
}
