//! Who waits for an exchange: tenants in turn, and first come, first served within a tenant.

use std::collections::{HashMap, VecDeque};

use crate::identity::TenantId;

/// Names one wish to exchange, in the whole process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Ticket(pub(crate) u64);

/// One wish that waits. `W` is how it is told that its turn has come.
#[derive(Debug)]
pub(super) struct Waiting<W> {
    pub(super) ticket: Ticket,
    pub(super) waiter: W,
}

/// A tenant with a thousand users in line delays a tenant with one by a single place.
#[derive(Debug)]
pub(super) struct FairQueue<W> {
    lines: HashMap<TenantId, VecDeque<Waiting<W>>>,
    /// Tenants with a line, the next one first.
    turns: VecDeque<TenantId>,
    length: usize,
}

impl<W> Default for FairQueue<W> {
    fn default() -> Self {
        Self { lines: HashMap::new(), turns: VecDeque::new(), length: 0 }
    }
}

impl<W> FairQueue<W> {
    pub(super) fn len(&self) -> usize {
        self.length
    }

    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub(super) fn push(&mut self, tenant: TenantId, waiting: Waiting<W>) {
        let line = self.lines.entry(tenant).or_default();
        if line.is_empty() {
            self.turns.push_back(tenant);
        }
        line.push_back(waiting);
        self.length += 1;
    }

    pub(super) fn pop(&mut self) -> Option<Waiting<W>> {
        let tenant = self.turns.pop_front()?;
        let line = self.lines.get_mut(&tenant)?;
        let next = line.pop_front();
        if line.is_empty() {
            self.lines.remove(&tenant);
        } else {
            self.turns.push_back(tenant);
        }
        self.length -= usize::from(next.is_some());
        next
    }

    /// How many go before one that joins the tenant's line now.
    pub(super) fn ahead_of_newcomer(&self, tenant: TenantId) -> usize {
        let own = self.lines.get(&tenant).map_or(0, VecDeque::len);
        self.lines.values().map(|line| line.len().min(own + 1)).sum::<usize>().min(self.length)
    }

    /// Takes one wish out of its tenant's line.
    pub(super) fn take(&mut self, tenant: TenantId, ticket: Ticket) -> Option<Waiting<W>> {
        let line = self.lines.get_mut(&tenant)?;
        let place = line.iter().position(|waiting| waiting.ticket == ticket)?;
        let taken = line.remove(place);
        if line.is_empty() {
            self.leave(tenant);
        }
        self.length -= usize::from(taken.is_some());
        taken
    }

    /// Takes a tenant's whole line out.
    pub(super) fn take_line(&mut self, tenant: TenantId) -> VecDeque<Waiting<W>> {
        let line = self.lines.get_mut(&tenant).map(std::mem::take).unwrap_or_default();
        self.leave(tenant);
        self.length -= line.len();
        line
    }

    fn leave(&mut self, tenant: TenantId) {
        self.lines.remove(&tenant);
        self.turns.retain(|other| *other != tenant);
    }
}
