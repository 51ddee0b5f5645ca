//! Who waits at one limit: tenants in turn, within a tenant users in turn, and of a user whoever came first.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::Notify;

use super::round::Round;
use crate::identity::{ObjectId, TenantId};

/// Names one waiting request, in the whole gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Ticket(pub(super) u64);

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asker {
    pub(super) tenant: TenantId,
    pub(super) user: ObjectId,
}

/// One request in the line.
#[derive(Debug)]
pub(super) struct Waiter {
    pub(super) ticket: Ticket,
    pub(super) asker: Asker,
    pub(super) units: u64,
    /// Rung when it has become the head.
    pub(super) bell: Arc<Notify>,
}

/// One of them is the head: it alone may try the limit, until it leaves. So nobody barges, and nobody but the head needs
/// a timer.
#[derive(Debug, Default)]
pub(super) struct Line {
    tenants: Round<TenantId, Users>,
    head: Option<(Ticket, Asker)>,
    length: usize,
}

#[derive(Debug, Default)]
struct Users {
    users: Round<ObjectId, Queue>,
    units: u64,
}

#[derive(Debug, Default)]
struct Queue {
    waiters: VecDeque<Waiter>,
    units: u64,
}

impl Line {
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Who waits: each user of a tenant once.
    pub(super) fn askers(&self) -> impl Iterator<Item = Asker> {
        self.tenants.queues().flat_map(|(tenant, users)| {
            let waiting = users.users.queues().filter(|(_, queue)| !queue.waiters.is_empty());
            waiting.map(|(user, _)| Asker { tenant: *tenant, user: *user })
        })
    }

    pub(super) fn is_head(&self, ticket: Ticket) -> bool {
        self.head.is_some_and(|(head, _)| head == ticket)
    }

    /// Joins the line: behind those of its own user that came before it, also where it comes here late, back from another
    /// line. As the first it is the head at once, without being rung.
    pub(super) fn join(&mut self, waiter: Waiter) {
        let Waiter { ticket, asker, units, .. } = waiter;
        let tenant = self.tenants.enter(asker.tenant);
        tenant.units += units;
        let queue = tenant.users.enter(asker.user);
        queue.units += units;
        let place = queue.waiters.partition_point(|other| other.ticket < ticket);
        queue.waiters.insert(place, waiter);
        self.length += 1;
        let is_first = self.head.is_none_or(|(head, its_asker)| its_asker == asker && ticket < head);
        if is_first {
            self.head = Some((ticket, asker));
        }
    }

    /// Leaves the line, after its turn at a cost or without one. The new head is rung.
    pub(super) fn leave(&mut self, ticket: Ticket, asker: Asker, cost: Option<u64>) {
        if !self.take(ticket, asker) {
            return;
        }
        if let Some(cost) = cost {
            if let Some(tenant) = self.tenants.get_mut(asker.tenant) {
                tenant.users.charge(asker.user, cost);
            }
            self.tenants.charge(asker.tenant, cost);
        }
        if self.is_head(ticket) {
            self.head = self.choose();
            self.ring();
        }
    }

    /// Tells the head that something has changed.
    pub(super) fn ring(&self) {
        let Some((ticket, asker)) = self.head else { return };
        let queue = self.tenants.get(asker.tenant).and_then(|tenant| tenant.users.get(asker.user));
        let waiters = queue.into_iter().flat_map(|queue| &queue.waiters);
        waiters.filter(|waiter| waiter.ticket == ticket).for_each(|waiter| waiter.bell.notify_one());
    }

    /// How many units go before what joins now: of every other as many as of one's own, and as there are turns to come until
    /// its own. What it costs itself is paid later.
    pub(super) fn units_ahead(&self, asker: Asker) -> u64 {
        let own_tenant = self.tenants.get(asker.tenant);
        let own_queue = own_tenant.and_then(|tenant| tenant.users.get(asker.user));
        let own = own_queue.map_or(0, |queue| queue.units);
        let turns = own_tenant.map_or(1, |tenant| tenant.users.turns_until(asker.user));
        let before = |others: u64| others.min(own + turns);
        let in_tenant: u64 = own_tenant.map_or(0, |tenant| {
            let others = tenant.users.queues().filter(|(user, _)| **user != asker.user);
            others.map(|(_, queue)| before(queue.units)).sum()
        });
        let elsewhere = self.tenants.queues().filter(|(tenant, _)| **tenant != asker.tenant);
        let share = own + in_tenant + turns;
        own + in_tenant + elsewhere.map(|(_, tenant)| tenant.units.min(share)).sum::<u64>()
    }

    fn take(&mut self, ticket: Ticket, asker: Asker) -> bool {
        let Some(tenant) = self.tenants.get_mut(asker.tenant) else { return false };
        let Some(queue) = tenant.users.get_mut(asker.user) else { return false };
        let place = queue.waiters.iter().position(|waiter| waiter.ticket == ticket);
        let Some(waiter) = place.and_then(|place| queue.waiters.remove(place)) else { return false };
        queue.units -= waiter.units;
        tenant.units -= waiter.units;
        self.length -= 1;
        true
    }

    fn choose(&mut self) -> Option<(Ticket, Asker)> {
        let tenant = self.tenants.next(|tenant| tenant.units > 0)?;
        let users = &mut self.tenants.get_mut(tenant)?.users;
        let user = users.next(|queue| !queue.waiters.is_empty())?;
        let next = users.get(user)?.waiters.front()?;
        Some((next.ticket, next.asker))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::testing::principal;

    fn asker(tenant: u128, user: u128) -> Asker {
        let principal = principal(tenant, user);
        Asker { tenant: principal.tenant, user: principal.user }
    }

    /// A line of requests (tenant, user), numbered from 0.
    fn line(requests: &[(u128, u128)]) -> (Line, Vec<Arc<Notify>>) {
        let mut line = Line::default();
        let bells: Vec<Arc<Notify>> = requests.iter().map(|_| Arc::default()).collect();
        for (number, (tenant, user)) in requests.iter().enumerate() {
            let (ticket, bell) = (Ticket(number as u64), Arc::clone(&bells[number]));
            line.join(Waiter { ticket, asker: asker(*tenant, *user), units: 1, bell });
        }
        (line, bells)
    }

    /// The order in which they are served.
    fn served(requests: &[(u128, u128)]) -> Vec<u64> {
        let (mut line, _bells) = line(requests);
        let mut order = Vec::new();
        while let Some((ticket, asker)) = line.head {
            order.push(ticket.0);
            line.leave(ticket, asker, Some(1));
        }
        order
    }

    /// A tenant with many users, or a user with many requests, would make the others wait for all of them.
    #[test]
    fn tenants_take_turns_and_so_do_their_users() {
        let requests = [(1, 1), (1, 1), (1, 1), (1, 2), (2, 1), (2, 1)];
        assert_eq!(served(&requests), [0, 4, 3, 5, 1, 2]);
    }

    /// Who owes for what it had would be taken for one who waits; or one who asks for much for a crowd.
    #[test]
    fn who_waits_is_named_once() {
        let (mut line, _bells) = line(&[(1, 1), (1, 1), (1, 2), (2, 1)]);
        let gone = (Ticket(4), asker(9, 9));
        line.join(Waiter { ticket: gone.0, asker: gone.1, units: 9, bell: Arc::default() });
        line.leave(gone.0, gone.1, Some(9));
        let mut askers: Vec<_> = line.askers().collect();
        askers.sort_by_key(|asker| (asker.tenant, asker.user));
        assert_eq!(askers, [asker(1, 1), asker(1, 2), asker(2, 1)]);
    }

    /// A quiet tenant would wait for a whole round of noisy ones, and each time anew.
    #[test]
    fn who_comes_anew_goes_before_those_who_have_had_a_turn() {
        let crowd: Vec<(u128, u128)> = (0..60).map(|number| (number % 20, 1)).collect();
        let (mut line, _bells) = line(&crowd);
        for _ in 0..20 {
            let (ticket, asker) = line.head.unwrap();
            line.leave(ticket, asker, Some(1));
        }
        let quiet = asker(99, 1);
        line.join(Waiter { ticket: Ticket(60), asker: quiet, units: 1, bell: Arc::default() });
        let (ticket, asker) = line.head.unwrap();
        line.leave(ticket, asker, Some(1));
        assert!(line.is_head(Ticket(60)), "only the head went before it");
        line.leave(Ticket(60), quiet, Some(1));
        line.join(Waiter { ticket: Ticket(61), asker: quiet, units: 1, bell: Arc::default() });
        let (ticket, asker) = line.head.unwrap();
        line.leave(ticket, asker, Some(1));
        assert!(!line.is_head(Ticket(61)), "it is new only once in a round");
    }

    /// A head that leaves without a word would leave everybody waiting for ever.
    #[test]
    fn the_next_head_is_rung_and_nobody_else() {
        let (mut line, bells) = line(&[(1, 1), (1, 1), (2, 1)]);
        let is_rung = |number: usize| bells[number].notified().now_or_never().is_some();
        assert!(!is_rung(0), "the first needs no bell");
        line.leave(Ticket(0), asker(1, 1), None);
        let rung = (0..3).filter(|number| is_rung(*number)).collect::<Vec<_>>();
        assert_eq!(rung.len(), 1);
        assert!(line.is_head(Ticket(rung[0] as u64)));
        line.leave(
            Ticket(if rung[0] == 1 { 2 } else { 1 }),
            asker(if rung[0] == 1 { 2 } else { 1 }, 1),
            None,
        );
        assert!(!is_rung(rung[0]), "one behind it has left, which changes nothing for it");
    }

    /// A caller would be told a wait that is far too long, or wait without a chance.
    #[test]
    fn a_newcomer_goes_behind_as_much_of_others_as_of_its_own() {
        let crowd: Vec<(u128, u128)> = (0..100).map(|_| (1, 1)).chain([(1, 2)]).collect();
        let (line, _bells) = line(&crowd);
        assert_eq!(line.units_ahead(asker(1, 1)), 101);
        assert_eq!(line.units_ahead(asker(1, 3)), 2);
        assert_eq!(line.units_ahead(asker(2, 1)), 1);
    }

    /// Of two batches that follow each other, the second would wait in vain for turns that its user still has to pay.
    #[test]
    fn who_owes_goes_behind_as_much_of_others_as_it_owes() {
        let crowd: Vec<(u128, u128)> = [(1, 7)].into_iter().chain((0..100).map(|_| (1, 1))).collect();
        let (mut line, _bells) = line(&crowd);
        line.leave(Ticket(0), asker(1, 7), Some(20));
        assert_eq!(line.units_ahead(asker(1, 7)), 20);
    }
}
