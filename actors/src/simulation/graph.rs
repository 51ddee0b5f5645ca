//! What Entra and Graph do in a schedule, as chance wants it.

use std::time::Duration;

use super::chance::Chance;
use crate::identity::Principal;
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
    Throttled(Duration),
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
}

impl Weather {
    pub(super) fn of(chance: &mut Chance) -> Self {
        let throttled = chance.pick(&[0, 5, 30]);
        let failed = chance.pick(&[0, 5, 30, 90]);
        Self { throttled, failed, refused: 5 }
    }

    pub(super) fn answer(self, chance: &mut Chance) -> GraphAnswer {
        let drawn = chance.below(100);
        let Self { throttled, failed, refused } = self;
        match drawn {
            _ if drawn < refused => GraphAnswer::LeaseRefused { with_claims: chance.happens(50) },
            _ if drawn < refused + throttled / 4 => GraphAnswer::Crowded,
            _ if drawn < refused + throttled => GraphAnswer::Throttled(chance.millis(500, 20_000)),
            _ if drawn < refused + throttled + failed => GraphAnswer::Failed,
            _ => GraphAnswer::Given,
        }
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

/// What a tool might ask for at once for this user: one thing, or a batch.
pub(super) fn items(principal: &Principal, chance: &mut Chance) -> Vec<GateRequest> {
    let count = if chance.happens(30) { 2 + chance.below(6) } else { 1 };
    let first = request(principal, chance);
    // Often of one kind.
    let is_alike = chance.happens(50);
    let mut next = || if is_alike { first } else { request(principal, chance) };
    std::iter::once(first).chain((1..count).map(|_| next())).collect()
}

/// One of the requests that a tool might make for this user.
fn request(principal: &Principal, chance: &mut Chance) -> GateRequest {
    let of = |workload| {
        let key = GateKey { tenant: principal.tenant, subject: GateSubject::User(principal.user), workload };
        GateRequest::plain(key, principal.user)
    };
    match chance.below(8) {
        0..=2 => of(Workload::Outlook),
        3 => {
            let own = of(Workload::Outlook);
            let subject = GateSubject::SharedMailbox(OwnerHash::of("team@contoso.example"));
            GateRequest { key: GateKey { subject, ..own.key }, ..own }
        }
        4 => GateRequest { class: RequestClass::Teams(TeamsRoute::Chats), ..of(Workload::Teams) },
        5 => {
            let resource = Some(ResourceHash::of(chance.pick(&["19:a", "19:b"])));
            let class = RequestClass::Teams(TeamsRoute::ChatMessages);
            GateRequest { class, resource, ..of(Workload::Teams) }
        }
        6 => of(Workload::Directory),
        _ => GateRequest { units: chance.pick(&[1, 2, 3, 5]), ..of(Workload::SharePoint) },
    }
}
