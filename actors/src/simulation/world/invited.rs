//! What comes from outside in a schedule: callers, and trouble.

use uuid::Uuid;

use super::super::chance::Chance;
use super::super::graph::{Errand, GraphAnswer, Outage, workload_of};
use super::World;
use super::happenings::Happening;
use crate::identity::{ClientId, Principal};
use crate::testing::{principal, tenant};
use crate::throttle::{RequestClass, TeamsRoute};

/// Callers come during so long a time.
const OPEN_FOR_MILLIS: u64 = 40_000;

/// What a rush may be for.
const RUSHES: [RequestClass; 6] = [
    RequestClass::Search,
    RequestClass::SharingLink,
    RequestClass::Mailbox,
    RequestClass::Directory,
    RequestClass::SharePoint,
    RequestClass::Teams(TeamsRoute::ChatMessages),
];

impl World {
    /// Puts what comes from outside on the agenda.
    pub(super) fn invite(&mut self) {
        let (tenants, users) = (1 + self.chance.below(2), 1 + self.chance.below(3));
        let somebody = |chance: &mut Chance| {
            let (tenant, user) = (u128::from(chance.below(tenants)), u128::from(chance.below(users)));
            let client = ClientId::from_uuid(Uuid::from_u128(u128::from(7 + chance.below(2))));
            Principal { client, ..principal(tenant, user) }
        };
        // Now and then a crowd, or nobody would ever find a mailbox taken.
        let crowd = if self.chance.happens(12) { 80 } else { 0 };
        for _ in 0..5 + crowd + self.chance.below(25) {
            let who = somebody(&mut self.chance);
            let device = self.chance.below(3);
            // Some come at one moment.
            let resolution = self.chance.pick(&[1, 10_000]);
            let at = self.chance.below(OPEN_FOR_MILLIS) / resolution * resolution;
            self.put(at, Happening::CallComes(who, device, Errand::Anything));
        }
        for _ in 0..self.chance.below(3) {
            let who = somebody(&mut self.chance);
            let at = self.chance.below(OPEN_FOR_MILLIS);
            let trouble = [Happening::Crash(who), Happening::Revoke(who), Happening::RevokeTenant(who)];
            let trouble = self.chance.pick(&trouble);
            self.put(at, trouble);
        }
        if self.chance.happens(15) {
            let brittle = somebody(&mut self.chance);
            self.invite_brittle(brittle);
        }
        if self.chance.happens(15) {
            let minting = somebody(&mut self.chance);
            self.invite_minting(minting);
        }
        if self.chance.happens(20) {
            self.invite_rush(somebody);
        }
        if self.chance.happens(40) {
            self.invite_changes(tenants);
        }
        // Some come when all has been quiet for a while.
        let late = if self.chance.happens(20) { 12 } else { 0 };
        for _ in 0..late {
            let (who, at) = (somebody(&mut self.chance), self.chance.below(6 * OPEN_FOR_MILLIS));
            self.put(OPEN_FOR_MILLIS + at, Happening::CallComes(who, 0, Errand::Anything));
        }
        if self.chance.happens(20) {
            let at = self.chance.below(OPEN_FOR_MILLIS);
            self.put(at, Happening::Drain);
        }
        for _ in 0..3 {
            let at = self.chance.below(20 * OPEN_FOR_MILLIS);
            self.put(at, Happening::Sweep);
        }
    }

    /// Much of one kind, from everybody; often while its service is of no use to anybody, or to one tenant.
    fn invite_rush(&mut self, somebody: impl Fn(&mut Chance) -> Principal) {
        let class = self.chance.pick(&RUSHES);
        let (from, lasts) =
            (self.chance.below(OPEN_FOR_MILLIS / 2), self.chance.pick(&[2_000, 15_000, 40_000]));
        for _ in 0..24 {
            let (who, device) = (somebody(&mut self.chance), self.chance.below(3));
            let at = from + self.chance.below(lasts);
            self.put(at, Happening::CallComes(who, device, Errand::Much(class)));
        }
        if self.chance.happens(75) {
            let answer = self.chance.pick(&[GraphAnswer::Failed, GraphAnswer::Failed, GraphAnswer::Denied]);
            let of_one = self.chance.happens(30).then_some(tenant(0));
            let until = from + 1_000 + self.chance.below(25_000);
            let outage = Outage { workload: workload_of(class), tenant: of_one, answer, from, until };
            self.weather = self.weather.with_outage(outage);
        }
    }

    /// Administrators who change their minds.
    fn invite_changes(&mut self, tenants: u64) {
        for _ in 0..=self.chance.below(4) {
            let whose = tenant(u128::from(self.chance.below(tenants)));
            let at = self.chance.below(OPEN_FOR_MILLIS);
            self.put(at, Happening::PolicyChanges(whose));
        }
    }

    /// Somebody whose sessions crash again and again.
    fn invite_brittle(&mut self, who: Principal) {
        let mut at = self.chance.below(OPEN_FOR_MILLIS / 2);
        for _ in 0..8 {
            self.put(at, Happening::CallComes(who, 0, Errand::Anything));
            at += 10 + self.chance.below(1_500);
            self.put(at, Happening::Crash(who));
            at += self.chance.below(1_500);
        }
    }

    /// Somebody who comes with a token that nobody has seen, again and again and by several clients.
    fn invite_minting(&mut self, who: Principal) {
        let clients = [7, 8].map(|client| ClientId::from_uuid(Uuid::from_u128(client)));
        for device in 3..43 {
            let client = self.chance.pick(&clients);
            let at = self.chance.below(OPEN_FOR_MILLIS);
            let who = Principal { client, ..who };
            self.put(at, Happening::CallComes(who, device, Errand::Anything));
        }
    }
}
