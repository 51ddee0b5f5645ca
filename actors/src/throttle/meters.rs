//! The limits that one request counts against.

use std::sync::Arc;

use super::meter::{Meter, Shut};
use super::rate::Nanos;
use super::request::Demand;

/// The limits of one request, the most specific first.
#[derive(Debug)]
pub(super) struct Meters {
    pub(super) all: Vec<Arc<Meter>>,
    /// The place of the one that counts requests at once.
    pub(super) lane: usize,
    /// The place of the shortest limit of the application in the tenant.
    pub(super) tenant: Option<usize>,
}

impl Meters {
    pub(super) fn lane(&self) -> Option<&Arc<Meter>> {
        self.all.get(self.lane)
    }

    pub(super) fn tenant(&self) -> Option<&Arc<Meter>> {
        self.all.get(self.tenant?)
    }

    /// SharePoint has said how many units it grants in a minute.
    pub(super) fn announce(&self, minute: u64) {
        self.all.iter().for_each(|meter| meter.announce(minute));
    }

    /// Takes from all or from none; says which one had nothing.
    pub(super) fn try_take(&self, demand: Demand, now: Nanos) -> Result<(), Shut> {
        for (place, meter) in self.all.iter().enumerate() {
            if let Err(shut) = meter.try_take(demand, now) {
                self.all.iter().take(place).for_each(|taken| taken.give_back(demand, now));
                return Err(shut);
            }
        }
        Ok(())
    }
}
