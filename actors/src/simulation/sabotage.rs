//! Promises that are broken on purpose, one at a time, between the machines and the books that watch them: books that
//! notice nothing are worth nothing. Most are falsified effects of a session's machine; the others are ways in which the
//! world stops doing what it should.

use std::sync::Arc;

use crate::assertion::{Assertion, AssertionHash};
use crate::clock::Timestamp;
use crate::exchange::Purpose;
use crate::identity::{ClientId, Principal};
use crate::lease::{Lease, LeaseOwner};
use crate::ports::{ExchangeError, ExchangeFault};
use crate::session::{Effect, Generation, Slot};
use crate::testing::{graph_token, tenant};

/// What is done wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sabotage {
    /// A lease is handed out whose time is over.
    HandsOutExpired,
    PublishesExpired,
    /// A lease is handed out to the same ids in another tenant, of another client, or with another assertion.
    HandsOutToOtherTenant,
    HandsOutToOtherClient,
    HandsOutToOtherAssertion,
    /// The lease says that it is the caller's, and the token in it is somebody else's.
    HandsOutForeignToken,
    PublishesForeign,
    BeginsSecondFlight,
    ReusesGeneration,
    TakesStaleAnswer,
    ForgetsRefusal,
    LosesAnswer,
    AnswersTwice,
    NeverAsksToEnd,
    /// A session goes on after its end by revocation.
    ServesAfterItsEnd,
    /// What is published is read without a look at the clock, and not taken back when its time is over.
    ReadsWithoutAClock,
    /// Sessions hear nothing of the revocation of their user, and the calls in them go on.
    RevocationSparesSessions,
    /// The calls that are under way hear nothing of a revocation.
    RevocationSparesCalls,
    /// The same of the end of all; and nobody is turned away then.
    DrainSparesCalls,
    DrainLetsCallsIn,
    /// There is a session, and another is made.
    OpensASecondSession,
    RestartsAtOnce,
    /// One user's crashes are held against another.
    CrashesDelayNeighbours,
    IdleEndsBusySessions,
    /// Each client of a user has a budget of exchanges.
    BudgetsAreTheClients,
    RepeatsWithoutABudget,
    /// The budget of repetitions is never used.
    RepeatsNothing,
    /// Calls are let in although there is no room for them in the process, or in the tenant.
    ProcessLetsAllIn,
    TenantsLetAllIn,
    /// Each call counts as two of its tenant, or for ever.
    CallsTakeTwoPlaces,
    CallsKeepTheirPlace,
    /// Other limits are for tenants and sessions that are to come.
    LimitsReachNoTenant,
    LimitsReachNoSession,
    /// A tenant's file is read once.
    PolicyIsReadOnce,
    /// The calls that are under way hear nothing of another policy, or end with any.
    PolicySparesCalls,
    PolicyEndsAllCalls,
    /// What all tenants together repeat is counted by nobody.
    TenantsRepeatWithoutTheWhole,
    RevocationIsForgotten,
    /// Tokens that are issued later are refused as well.
    RevocationReachesTooFar,
    PaceLetsAllGo,
    PaceIgnoresThrottling,
    /// The permit of a call that is given up stays out.
    LeaksPermit,
    GateLetsTooManyPass,
    GateIgnoresThrottling,
    /// A refusal of the application is kept to by the tenant that met it, and by no other.
    GateKeepsOneTenantAway,
    GateLetsOvertake,
    /// A batch counts among the requests at once as one for each limit, however many items it has.
    GateGivesABatchOnePlace,
    /// Of a batch, all but the first item counts as another tenant's where it is the directory's or SharePoint's.
    GateHearsOfAPartOfABatch,
    /// A batch is sent whole although a limit does not grant so much at one moment.
    BatchesGoWhole,
    /// A batch takes a turn for its first item, and then one for the whole.
    BatchesTakeATurnForEachItem,
    /// Searches, or what opens a sharing link, count as something else.
    SearchesCountAsMail,
    LinksCountAsFiles,
    /// What may be asked of a chat, each of its users may ask.
    ChatsAreEachUsersOwn,
    /// The throttle actor hears nothing of refusals that name no time, or forgets each, or none ever.
    BackOffsAreNotHeard,
    BackOffsNeverGrow,
    BackOffsAreNeverForgiven,
    /// Breakers hear that all is well, or take 4xx for failures.
    FailuresCountAsAnswers,
    DenialsCountAsFailures,
    /// A service that is left alone is asked all the same.
    BreakersLetAllPass,
    /// Everybody tries whether a service is back.
    ProbesAreNotCounted,
    GateWaitsBeyondDeadline,
    GateRefusesWithoutATime,
    CallsOutliveTheirLease,
}

/// What a session's machine was told.
pub(super) struct Scene {
    /// The assertion of the caller who wants a lease.
    pub(super) wanted: Option<Assertion>,
    /// A refusal of it is remembered.
    pub(super) is_refused: bool,
    /// An exchange has ended a second time.
    pub(super) is_stale: bool,
    pub(super) is_woken: bool,
    pub(super) now: Timestamp,
}

impl Sabotage {
    /// Falsifies what a session's machine has decided, before anybody sees it.
    pub(super) fn falsify(self, scene: &Scene, effects: &mut Vec<Effect<usize>>) {
        match self {
            Self::LosesAnswer => effects.retain(|effect| !matches!(effect, Effect::Answer { .. })),
            Self::NeverAsksToEnd => effects.retain(|effect| !matches!(effect, Effect::AskToEnd)),
            Self::ReusesGeneration => repeat(effects, |generation| generation),
            Self::BeginsSecondFlight => repeat(effects, |_| Generation::of(u64::MAX)),
            Self::AnswersTwice => answer_again(effects),
            Self::ReadsWithoutAClock if scene.is_woken => {
                effects.retain(|effect| !matches!(effect, Effect::Publish(_)));
            }
            Self::TakesStaleAnswer if scene.is_stale => {
                let answer = Err(ExchangeError::Unavailable(ExchangeFault::TimedOut));
                effects.push(Effect::Answer { waiter: 0, answer });
            }
            Self::ForgetsRefusal if scene.is_refused => {
                effects.extend(
                    scene.wanted.clone().map(|assertion| exchange(Generation::of(1 << 32), assertion)),
                );
            }
            _ => effects.iter_mut().for_each(|effect| self.falsify_lease(scene.now, effect)),
        }
    }

    fn falsify_lease(self, now: Timestamp, effect: &mut Effect<usize>) {
        match effect {
            Effect::Answer { answer: Ok(lease), .. } => {
                let owner = *lease.owner();
                *lease = match self {
                    Self::HandsOutExpired => with_end(lease, now),
                    Self::HandsOutToOtherTenant => {
                        with_owner(lease, of(owner, Principal { tenant: tenant(99), ..owner.principal }))
                    }
                    Self::HandsOutToOtherClient => {
                        let client = ClientId::from_uuid(uuid::Uuid::from_u128(99));
                        with_owner(lease, of(owner, Principal { client, ..owner.principal }))
                    }
                    Self::HandsOutToOtherAssertion => {
                        with_owner(lease, LeaseOwner { assertion: AssertionHash::of("another"), ..owner })
                    }
                    Self::HandsOutForeignToken => with_token(lease, "somebody-else's"),
                    _ => return,
                };
            }
            Effect::Publish(snapshot) => {
                for slot in snapshot.iter_mut().flatten() {
                    let lease = slot.lease();
                    let owner = *lease.owner();
                    let falsified = match self {
                        Self::PublishesExpired => with_end(lease, now),
                        Self::PublishesForeign => {
                            with_owner(lease, of(owner, Principal { tenant: tenant(99), ..owner.principal }))
                        }
                        _ => return,
                    };
                    *slot = Arc::new(Slot::new(falsified));
                }
            }
            _ => {}
        }
    }
}

fn repeat(effects: &mut Vec<Effect<usize>>, named: impl Fn(Generation) -> Generation) {
    let begun = effects.iter().find_map(|effect| match effect {
        Effect::Exchange { generation, assertion, .. } => Some((*generation, assertion.clone())),
        _ => None,
    });
    effects.extend(begun.map(|(generation, assertion)| exchange(named(generation), assertion)));
}

fn answer_again(effects: &mut Vec<Effect<usize>>) {
    let given = effects.iter().find_map(|effect| match effect {
        Effect::Answer { waiter, answer } => Some((*waiter, answer.clone())),
        _ => None,
    });
    effects.extend(given.map(|(waiter, answer)| Effect::Answer { waiter, answer }));
}

fn exchange(generation: Generation, assertion: Assertion) -> Effect<usize> {
    Effect::Exchange { generation, assertion, claims: None, purpose: Purpose::Call, correlation_id: None }
}

fn of(owner: LeaseOwner, principal: Principal) -> LeaseOwner {
    LeaseOwner { principal, ..owner }
}

fn with_owner(lease: &Lease, owner: LeaseOwner) -> Arc<Lease> {
    let token = graph_token(lease.expose_token());
    Arc::new(Lease::new(owner, token, lease.scopes().clone(), lease.usable_until()))
}

fn with_token(lease: &Lease, token: &str) -> Arc<Lease> {
    let token = graph_token(token);
    Arc::new(Lease::new(*lease.owner(), token, lease.scopes().clone(), lease.usable_until()))
}

fn with_end(lease: &Lease, usable_until: Timestamp) -> Arc<Lease> {
    let token = graph_token(lease.expose_token());
    Arc::new(Lease::new(*lease.owner(), token, lease.scopes().clone(), usable_until))
}
