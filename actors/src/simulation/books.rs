//! What must be true of every schedule, kept by somebody who only watches.

mod admitted;
mod backed_off;
mod breakers;
mod broken;
mod repeated;
mod restarted;
mod windows;

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use self::admitted::Admitted;
use self::backed_off::BackedOff;
pub(super) use self::backed_off::PauseOwed;
use self::breakers::Breakers;
pub(super) use self::broken::{Broken, hold};
use self::repeated::Repeated;
use self::restarted::Restarted;
use self::windows::Windows;
use crate::identity::{ObjectId, Principal, TenantId};
use crate::settings::{ActorSettings, Allowance, ThrottleSettings};
use crate::throttle::{GateKey, GateRequest, RequestClass, ResourceHash, ThrottleScope, Workload};

/// How long what may go at once is counted.
const BURST: Duration = Duration::from_millis(100);
/// After so long, nothing that was asked is in anybody's way.
const LATELY: Duration = Duration::from_secs(60);

/// Requests that have the same limits, and the same user: none of them may overtake another.
type Alike = (GateKey, ObjectId, RequestClass, Option<ResourceHash>);

pub(super) fn alike(request: &GateRequest) -> Alike {
    (request.key, request.user, request.class, request.resource)
}

/// The same of a batch, whose limits are those of all its items.
fn all_alike(items: &[GateRequest]) -> BTreeSet<Alike> {
    items.iter().map(alike).collect()
}

/// How many requests Graph carries out at once of what is sent together: of a batch, four of a mailbox, and of another
/// service it counts as one.
fn at_once(items: &[GateRequest]) -> HashMap<GateKey, usize> {
    let mut at_once = HashMap::new();
    for item in items {
        let most = if item.key.workload == Workload::Outlook { 4 } else { 1 };
        let places = at_once.entry(item.key).or_insert(0);
        *places = (*places + 1).min(most);
    }
    at_once
}

#[derive(Debug)]
pub(super) struct Books {
    settings: ThrottleSettings,
    exchanges_per_second: usize,
    under_way: HashMap<GateKey, usize>,
    quiet_until: HashMap<Refused, Instant>,
    /// In the order in which they came.
    waiting: HashMap<BTreeSet<Alike>, VecDeque<usize>>,
    windows: Windows,
    asked_at: HashMap<TenantId, Instant>,
    exchanges: VecDeque<Instant>,
    entra_quiet_until: HashMap<TenantId, Instant>,
    /// Callers without an answer, by session.
    asking: HashSet<(usize, usize)>,
    /// The session in which a call is.
    inside: HashMap<usize, usize>,
    restarted: Restarted,
    of_a_user: Allowance,
    /// Since when exchanges that calls have caused are counted, and how many were not for nothing.
    caused: HashMap<(TenantId, ObjectId), (Instant, u32)>,
    repeated: Repeated,
    backed_off: BackedOff,
    pub(super) admitted: Admitted,
    pub(super) breakers: Breakers,
}

impl Books {
    pub(super) fn new(settings: &ActorSettings, exchanges_per_second: u32, now: Instant) -> Self {
        Self {
            settings: settings.throttle,
            exchanges_per_second: exchanges_per_second as usize,
            under_way: HashMap::new(),
            quiet_until: HashMap::new(),
            waiting: HashMap::new(),
            windows: Windows::default(),
            asked_at: HashMap::new(),
            exchanges: VecDeque::new(),
            entra_quiet_until: HashMap::new(),
            asking: HashSet::new(),
            inside: HashMap::new(),
            restarted: Restarted::default(),
            of_a_user: settings.exchanges.per_user,
            caused: HashMap::new(),
            repeated: Repeated::since(now),
            backed_off: BackedOff::default(),
            admitted: Admitted::default(),
            breakers: Breakers::default(),
        }
    }

    pub(super) fn asks(&mut self, session: usize, call: usize) {
        self.asking.insert((session, call));
    }

    pub(super) fn is_answered(&mut self, session: usize, call: usize) -> Result<(), Broken> {
        hold(self.asking.remove(&(session, call)), Broken::AnsweredTwice)
    }

    /// The session says that nobody needs it any more.
    pub(super) fn session_rests(&self, session: usize) -> Result<(), Broken> {
        hold(self.asking.iter().all(|(asked, _)| *asked != session), Broken::NeverAnswered)
    }

    /// The session has ended because nobody needs it. A caller who came and left since it said so may be without an answer.
    pub(super) fn session_ends_idle(&self, session: usize) -> Result<(), Broken> {
        hold(self.inside.values().all(|entered| *entered != session), Broken::EndedWithACallInIt)
    }

    pub(super) fn enters(&mut self, session: usize, call: usize, tenant: TenantId) -> Result<(), Broken> {
        let others = self.inside.values().filter(|entered| **entered == session).count();
        self.inside.insert(call, session);
        hold(others < self.admitted.most_in_a_session(tenant), Broken::TooManyCallsInASession)
    }

    /// The call is over.
    pub(super) fn leaves(&mut self, call: usize) {
        self.inside.remove(&call);
        self.admitted.leaves(call);
    }

    pub(super) fn crash_is_heard(&mut self, who: &Principal, now: Instant) {
        self.restarted.crash_is_heard(who, now);
    }

    pub(super) fn session_begins(&mut self, who: &Principal, now: Instant) -> Result<(), Broken> {
        self.restarted.session_begins(who, now)
    }

    pub(super) fn is_put_off(&self, who: &Principal, wait: Duration, now: Instant) -> Result<(), Broken> {
        self.restarted.is_put_off(who, wait, now)
    }

    /// Nothing is remembered of a tenant that was ended.
    pub(super) fn tenant_ends(&mut self, tenant: TenantId) {
        self.restarted.tenant_ends(tenant);
        self.caused.retain(|(other, _), _| *other != tenant);
        self.repeated.tenant_ends(tenant);
        self.admitted.tenant_ends(tenant);
    }

    pub(super) fn exchange_is_caused(&mut self, who: &Principal, now: Instant) -> Result<(), Broken> {
        let (since, caused) = self.caused.entry((who.tenant, who.user)).or_insert((now, 0));
        *caused += 1;
        let spans =
            now.saturating_duration_since(*since).as_secs_f64() / self.of_a_user.one_more_every.as_secs_f64();
        let most = f64::from(self.of_a_user.at_once) + spans;
        hold(f64::from(*caused) <= most, Broken::TooManyExchangesOfAUser)
    }

    pub(super) fn exchange_was_for_nothing(&mut self, who: &Principal) {
        if let Some((_, caused)) = self.caused.get_mut(&(who.tenant, who.user)) {
            *caused = caused.saturating_sub(1);
        }
    }

    pub(super) fn asks_first(&mut self, tenant: TenantId, now: Instant) {
        self.repeated.asks_first(tenant, now);
    }

    pub(super) fn repeats(&mut self, tenant: TenantId, now: Instant) -> Result<(), Broken> {
        self.repeated.repeats(tenant, now)
    }

    pub(super) fn does_not_repeat(&self, tenant: TenantId) -> Result<(), Broken> {
        self.repeated.does_not_repeat(tenant)
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

    pub(super) fn waits(&mut self, call: usize, items: &[GateRequest]) {
        self.waiting.entry(all_alike(items)).or_default().push_back(call);
    }

    pub(super) fn waits_no_more(&mut self, call: usize, items: &[GateRequest]) {
        if let Some(line) = self.waiting.get_mut(&all_alike(items)) {
            line.retain(|waiting| *waiting != call);
        }
    }

    /// Whether something stands in the way of the tenant's next request that it has asked for itself, or may have heard.
    pub(super) fn has_asked_lately(&self, tenant: TenantId, now: Instant) -> bool {
        let asked_at = self.asked_at.get(&tenant);
        asked_at.is_some_and(|asked| now < *asked + LATELY) || !self.quiet_until.is_empty()
    }

    /// One request is sent, or a batch as a whole.
    pub(super) fn request_begins(
        &mut self,
        call: usize,
        items: &[GateRequest],
        now: Instant,
    ) -> Result<(), Broken> {
        let first = self.waiting.get(&all_alike(items)).and_then(VecDeque::front);
        hold(first.is_none_or(|first| *first == call), Broken::Overtaken)?;
        self.waits_no_more(call, items);
        let is_quiet = |refused: &Refused| self.quiet_until.get(refused).is_some_and(|until| now < *until);
        let is_too_early = items.iter().flat_map(Refused::all_of).any(|refused| is_quiet(&refused));
        hold(!is_too_early, Broken::AskedTooEarly)?;
        for item in items {
            self.asked_at.insert(item.key.tenant, now);
            self.windows.asked(item, now)?;
        }
        for (key, places) in at_once(items) {
            let under_way = self.under_way.entry(key).or_default();
            *under_way += places;
            hold(*under_way <= key.workload.concurrency(&self.settings).get(), Broken::TooManyAtOnce)?;
        }
        self.breakers.begins(call, items, now)
    }

    pub(super) fn request_ends(&mut self, items: &[GateRequest]) {
        for (key, places) in at_once(items) {
            if let Some(under_way) = self.under_way.get_mut(&key) {
                *under_way -= places;
            }
        }
    }

    pub(super) fn graph_wants_quiet(&mut self, request: &GateRequest, scope: ThrottleScope, until: Instant) {
        let known = self.quiet_until.entry(Refused::of(request, scope)).or_insert(until);
        *known = until.max(*known);
    }

    /// Graph has refused a request and named no time. `fraction` is the part of the longest pause that chance has drawn.
    pub(super) fn backs_off(
        &mut self,
        request: &GateRequest,
        scope: ThrottleScope,
        fraction: f64,
        now: Instant,
    ) -> PauseOwed {
        let owed = self.backed_off.refused(Refused::of_all_it_asks(request, scope), fraction, now);
        self.graph_wants_quiet(request, scope, now + owed.shortest);
        owed
    }
}

/// Whom a refusal of Graph's is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Refused {
    /// A user or mailbox as such.
    Subject(GateKey),
    /// In one team, channel or chat.
    Resource(GateKey, ResourceHash),
    Tenant(TenantId, Workload),
    Application(Workload),
}

impl Refused {
    fn of(request: &GateRequest, scope: ThrottleScope) -> Self {
        let GateRequest { key, resource, .. } = *request;
        match scope {
            ThrottleScope::Request => {
                resource.map_or(Self::Subject(key), |resource| Self::Resource(key, resource))
            }
            ThrottleScope::Concurrency => Self::Subject(key),
            ThrottleScope::Tenant => Self::Tenant(key.tenant, key.workload),
            ThrottleScope::Application => Self::Application(key.workload),
        }
    }

    /// The same without the team, channel or chat: refusals in several of them follow each other.
    fn of_all_it_asks(request: &GateRequest, scope: ThrottleScope) -> Self {
        Self::of(&GateRequest { resource: None, ..*request }, scope)
    }

    /// Every refusal that would be about the request.
    fn all_of(request: &GateRequest) -> impl Iterator<Item = Self> {
        let scopes = [
            ThrottleScope::Request,
            ThrottleScope::Concurrency,
            ThrottleScope::Tenant,
            ThrottleScope::Application,
        ];
        scopes.into_iter().map(|scope| Self::of(request, scope))
    }
}
