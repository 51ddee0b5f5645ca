//! What one admission takes: of each limit that a request, or a batch as a whole, counts against.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::meter::{Meter, Shut};
use super::meter_key::MeterKey;
use super::rate::Nanos;
use super::request::{Demand, GateRequest};
use super::signal::Workload;

/// What is taken of one limit.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) meter: Arc<Meter>,
    pub(super) demand: Demand,
}

impl Claim {
    pub(super) fn of(meter: Arc<Meter>, request: &GateRequest) -> Self {
        let demand = Demand { units: meter.counts(request), places: 1 };
        Self { meter, demand }
    }

    /// What is in its way now.
    pub(super) fn shut(&self, now: Nanos) -> Option<Shut> {
        self.meter.shut(self.demand, now)
    }
}

/// One for each limit, the most specific first: everybody waits at them in the one order of [`MeterKey`], so that no two
/// can wait for each other.
#[derive(Debug, Default)]
pub(super) struct Claims(Vec<Claim>);

impl Claims {
    pub(super) fn of_one(claims: Vec<Claim>) -> Self {
        Self(claims)
    }

    /// All that the items of a batch take, limit by limit; `global` is what stands above every service.
    pub(super) fn of_batch(items: BatchClaims, global: Claim) -> Self {
        Self(items.0.into_values().chain([global]).collect())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Claim> {
        self.0.iter()
    }

    pub(super) fn get(&self, place: usize) -> Option<&Claim> {
        self.0.get(place)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes from all or from none; says which one had nothing.
    pub(super) fn try_take(&self, now: Nanos) -> Result<(), Shut> {
        for (place, claim) in self.iter().enumerate() {
            if let Err(shut) = claim.meter.try_take(claim.demand, now) {
                self.iter().take(place).for_each(|taken| taken.meter.give_back(taken.demand, now));
                return Err(shut);
            }
        }
        Ok(())
    }

    /// What counted among the requests at once has ended.
    pub(super) fn leave_places(&self) {
        self.iter().for_each(|claim| claim.meter.leave_places(claim.demand.places));
    }

    /// SharePoint has said how many units it grants in a minute.
    pub(super) fn announce(&self, workload: Workload, minute: u64) {
        let of_it = self.iter().filter(|claim| claim.meter.is_of(workload));
        of_it.for_each(|claim| claim.meter.announce(minute));
    }

    /// The shortest limit of the application in the tenant, of that service.
    pub(super) fn tenant(&self, workload: Workload) -> Option<&Meter> {
        let of_it = self.iter().filter(|claim| claim.meter.is_of(workload));
        of_it.map(|claim| claim.meter.as_ref()).find(|meter| meter.is_tenants())
    }
}

/// The sums of what the items of a batch take.
#[derive(Debug, Default)]
pub(super) struct BatchClaims(BTreeMap<MeterKey, Claim>);

impl BatchClaims {
    /// One more item counts against `meter`. Of a mailbox, it is one more request at once as far as Graph carries out the
    /// items of a batch side by side.
    pub(super) fn add(&mut self, key: MeterKey, meter: Arc<Meter>, item: &GateRequest) {
        match self.0.get_mut(&key) {
            Some(claim) => {
                claim.demand.units += claim.meter.counts(item);
                claim.demand.places = (claim.demand.places + 1).min(item.key.workload.places_of_a_batch());
            }
            None => drop(self.0.insert(key, Claim::of(meter, item))),
        }
    }

    /// Whether no limit is asked for more than suits a batch.
    pub(super) fn suit_a_batch(&self, now: Nanos) -> bool {
        self.0.values().all(|claim| claim.meter.suits_a_batch(claim.demand.units, now))
    }
}
