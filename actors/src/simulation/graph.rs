//! What Entra and Graph do in a schedule, as chance wants it.

use std::time::Duration;

use super::chance::Chance;
use crate::identity::{Principal, TenantId};
use crate::ports::{AadstsCode, Block, ExchangeError, ExchangeFault, ExchangedToken, ThrottledBy};
use crate::testing::exchanged_token;
use crate::throttle::{
    GateKey, GateRequest, GateSubject, OwnerHash, RequestClass, ResourceHash, TeamsRoute, ThrottleScope,
    Workload,
};

/// How Graph answers one request.
#[derive(Debug, Clone, Copy)]
pub(super) enum GraphAnswer {
    Given,
    /// There is no such thing, or not for this user: 4xx.
    Denied,
    /// With the time after which to come back, or without.
    Throttled(Option<Duration>),
    /// Too many at once in one mailbox.
    Crowded,
    Failed,
    /// The token is refused, with a claims challenge or without.
    LeaseRefused {
        with_claims: bool,
    },
}

/// How well the two are in this schedule, in percent of what fails.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weather {
    throttled: u64,
    failed: u64,
    refused: u64,
    /// Of what is asked of Graph, so much takes very long.
    slow: u64,
    outage: Option<Outage>,
}

/// A service that gives nobody an answer that is of use, or nobody of one tenant, for a while.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outage {
    pub(super) workload: Workload,
    pub(super) tenant: Option<TenantId>,
    pub(super) answer: GraphAnswer,
    /// In milliseconds since the schedule began.
    pub(super) from: u64,
    pub(super) until: u64,
}

impl Outage {
    fn meets(&self, item: &GateRequest, millis: u64) -> bool {
        let is_its = item.key.workload == self.workload;
        is_its
            && self.tenant.is_none_or(|tenant| tenant == item.key.tenant)
            && (self.from..self.until).contains(&millis)
    }
}

impl Weather {
    pub(super) fn of(chance: &mut Chance) -> Self {
        let throttled = chance.pick(&[0, 5, 30]);
        let failed = chance.pick(&[0, 5, 30, 90]);
        let slow = chance.pick(&[0, 0, 0, 20]);
        Self { throttled, failed, refused: 5, slow, outage: None }
    }

    pub(super) fn with_outage(self, outage: Outage) -> Self {
        Self { outage: Some(outage), ..self }
    }

    /// How long Graph takes for an answer.
    pub(super) fn takes(self, chance: &mut Chance) -> Duration {
        if chance.happens(self.slow) { chance.millis(8_000, 25_000) } else { chance.millis(10, 4_000) }
    }

    /// The answer to one request or batch; and of a batch, the item that has caused it.
    pub(super) fn answer(
        self,
        asked: &[GateRequest],
        millis: u64,
        chance: &mut Chance,
    ) -> (GateRequest, GraphAnswer) {
        let item = chance.pick(asked);
        let drawn = chance.below(100);
        let outage = self.outage.as_ref();
        let met =
            outage.and_then(|outage| asked.iter().find(|item| outage.meets(item, millis)).zip(self.outage));
        if let Some((item, outage)) = met {
            return (*item, outage.answer);
        }
        let Self { throttled, failed, refused, .. } = self;
        let answer = match drawn {
            _ if drawn < refused => GraphAnswer::LeaseRefused { with_claims: chance.happens(50) },
            _ if drawn < refused + throttled / 4 => GraphAnswer::Crowded,
            _ if drawn < refused + throttled / 2 => GraphAnswer::Throttled(None),
            _ if drawn < refused + throttled => GraphAnswer::Throttled(Some(chance.millis(500, 20_000))),
            _ if drawn < refused + throttled + failed => GraphAnswer::Failed,
            _ if chance.happens(10) => GraphAnswer::Denied,
            _ => GraphAnswer::Given,
        };
        (item, answer)
    }

    pub(super) fn exchange(
        self,
        principal: &Principal,
        chance: &mut Chance,
    ) -> Result<ExchangedToken, ExchangeError> {
        let drawn = chance.below(100);
        if drawn < self.failed / 3 {
            return Err(ExchangeError::Unavailable(ExchangeFault::TimedOut));
        }
        match drawn {
            90..=92 => Err(ExchangeError::Blocked(Block::Policy, AadstsCode(53_003))),
            93..=94 => Err(throttled(ThrottledBy::Entra, Some(chance.millis(1_000, 30_000)))),
            95 => Err(throttled(ThrottledBy::LoopDetection, None)),
            _ => {
                let longest = chance.pick(&[20, 4_000]);
                let expires_in = Duration::from_secs(310 + chance.below(longest));
                Ok(ExchangedToken { expires_in, ..exchanged_token(&canary(principal)) })
            }
        }
    }
}

fn throttled(by: ThrottledBy, retry_after: Option<Duration>) -> ExchangeError {
    ExchangeError::Throttled { by, retry_after }
}

/// Whom a refusal of the request is about, where its service may mean more than one user.
pub(super) fn refused_scope(request: &GateRequest, chance: &mut Chance) -> ThrottleScope {
    let (tenant, all) = (ThrottleScope::Tenant, ThrottleScope::Application);
    match request.key.workload {
        Workload::Directory => chance.pick(&[ThrottleScope::Request, tenant, all]),
        Workload::SharePoint => chance.pick(&[ThrottleScope::Request, tenant]),
        Workload::Outlook | Workload::Teams | Workload::Search => ThrottleScope::Request,
    }
}

/// What a token, and an answer that was got with it, says of whose it is.
pub(super) fn canary(principal: &Principal) -> String {
    format!("{}/{}", principal.tenant, principal.user)
}

/// What a call is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Errand {
    Anything,
    /// Much of one kind, in batches.
    Much(RequestClass),
}

/// What a tool might ask for at once for this user: one thing, or a batch.
pub(super) fn items(principal: &Principal, errand: Errand, chance: &mut Chance) -> Vec<GateRequest> {
    if let Errand::Much(class) = errand {
        return (0..3 + chance.below(5)).map(|_| request(principal, class, chance)).collect();
    }
    let count = if chance.happens(30) { 2 + chance.below(6) } else { 1 };
    let first = any_request(principal, chance);
    // Often of one kind.
    let is_alike = chance.happens(50);
    let mut next = || if is_alike { first } else { any_request(principal, chance) };
    std::iter::once(first).chain((1..count).map(|_| next())).collect()
}

/// What is asked for; what is named more than once is asked for more often.
const CLASSES: [RequestClass; 18] = [
    RequestClass::Mailbox,
    RequestClass::Mailbox,
    RequestClass::Mailbox,
    RequestClass::Mailbox,
    RequestClass::Directory,
    RequestClass::Directory,
    RequestClass::SharePoint,
    RequestClass::SharePoint,
    RequestClass::SharingLink,
    RequestClass::Search,
    RequestClass::Search,
    RequestClass::Teams(TeamsRoute::Chats),
    RequestClass::Teams(TeamsRoute::Chat),
    RequestClass::Teams(TeamsRoute::ChatMessages),
    RequestClass::Teams(TeamsRoute::ChannelMessages),
    RequestClass::Teams(TeamsRoute::Channels),
    RequestClass::Teams(TeamsRoute::JoinedTeams),
    RequestClass::Teams(TeamsRoute::Other),
];

fn any_request(principal: &Principal, chance: &mut Chance) -> GateRequest {
    let class = chance.pick(&CLASSES);
    request(principal, class, chance)
}

pub(super) const fn workload_of(class: RequestClass) -> Workload {
    match class {
        RequestClass::Directory => Workload::Directory,
        RequestClass::Mailbox => Workload::Outlook,
        RequestClass::SharePoint | RequestClass::SharingLink => Workload::SharePoint,
        RequestClass::Search => Workload::Search,
        RequestClass::Teams(_) => Workload::Teams,
    }
}

/// One of the requests of a class that a tool might make for this user.
fn request(principal: &Principal, class: RequestClass, chance: &mut Chance) -> GateRequest {
    let workload = workload_of(class);
    let is_shared = class == RequestClass::Mailbox && chance.happens(25);
    let subject = if is_shared {
        GateSubject::SharedMailbox(OwnerHash::of("team@contoso.example"))
    } else {
        GateSubject::User(principal.user)
    };
    let key = GateKey { tenant: principal.tenant, subject, workload };
    let units = match class {
        RequestClass::Directory | RequestClass::SharePoint | RequestClass::SharingLink => {
            chance.pick(&[1, 2, 3, 5])
        }
        _ => 1,
    };
    GateRequest { key, user: principal.user, class, resource: resource(class, chance), units }
}

/// The team, channel or chat that such a request is about.
fn resource(class: RequestClass, chance: &mut Chance) -> Option<ResourceHash> {
    match class {
        RequestClass::Teams(TeamsRoute::Chats | TeamsRoute::JoinedTeams) => None,
        RequestClass::Teams(_) => Some(ResourceHash::of(chance.pick(&["19:a", "19:b"]))),
        _ => None,
    }
}
