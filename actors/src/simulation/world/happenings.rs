//! What can happen in a schedule.

use std::time::Duration;

use super::super::graph::Errand;
use super::{Kept, World};
use crate::identity::{Principal, TenantId};
use crate::revocation::Subject;

/// Something that is going to happen.
#[derive(Debug, Clone, Copy)]
pub(super) enum Happening {
    /// A user comes with the token of one device.
    CallComes(Principal, u64, Errand),
    CallerLeaves(usize),
    /// A call looks for its session.
    Enters(usize),
    /// A supervisor is asked for the session of a call.
    Opens(usize),
    OwnerHears(Report),
    /// A session's actor hears of its end.
    Stops(usize),
    /// Entra answers a flight.
    ExchangeEnds(usize),
    Wake(usize),
    PaceOpens,
    GateTurn(usize),
    GraphAnswers {
        call: usize,
        attempt: u32,
    },
    /// The throttle actor hears of a refusal.
    Learns(usize),
    TryAgain {
        call: usize,
        attempt: u32,
    },
    Crash(Principal),
    Revoke(Principal),
    RevokeTenant(Principal),
    /// A tenant's file is read again.
    PolicyChanges(TenantId),
    /// A supervisor hears of other limits.
    LimitsAreHeard(TenantId),
    Sweep,
    Drain,
    Deadline(usize),
}

/// What a session's actor says to its owner.
#[derive(Debug, Clone, Copy)]
pub(super) enum Report {
    Idle(usize),
    Crashed(Principal),
}

impl World {
    pub(super) fn happen(&mut self, happening: Happening) -> Kept {
        match happening {
            Happening::CallComes(who, device, errand) => self.call_comes(who, device, errand),
            Happening::CallerLeaves(call) => {
                self.played.left += u64::from(!self.calls[call].is_over);
                self.end(call);
                Ok(())
            }
            Happening::Enters(call) => self.enter(call),
            Happening::Opens(call) => self.opens(call),
            Happening::OwnerHears(report) => self.owner_hears(report),
            Happening::Stops(session) => {
                self.stops(session);
                Ok(())
            }
            Happening::ExchangeEnds(flight) => self.exchange_ends(flight),
            Happening::Wake(session) => self.wake(session),
            Happening::PaceOpens => {
                let told = self.pace.release(self.instant());
                self.tell(told)
            }
            Happening::GateTurn(call) => self.try_gate(call),
            Happening::GraphAnswers { call, attempt } => self.graph_answers(call, attempt),
            Happening::Learns(learn) => self.learns(learn),
            Happening::TryAgain { call, attempt } if self.is_at(call, attempt) => self.enter_gate(call),
            Happening::TryAgain { .. } => Ok(()),
            Happening::Crash(who) => {
                self.crash(who);
                Ok(())
            }
            Happening::Revoke(who) => self.revoke(&Subject::Client(who)),
            Happening::RevokeTenant(who) => self.revoke(&Subject::Tenant(who.tenant)),
            Happening::PolicyChanges(tenant) => self.policy_changes(tenant),
            Happening::LimitsAreHeard(tenant) => {
                self.limits_are_heard(tenant);
                Ok(())
            }
            Happening::Sweep => {
                self.sweep(Duration::ZERO);
                Ok(())
            }
            Happening::Drain => {
                self.drain();
                Ok(())
            }
            Happening::Deadline(call) => {
                self.try_gate(call)?;
                self.end(call);
                Ok(())
            }
        }
    }
}
