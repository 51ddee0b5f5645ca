//! What is counted and measured: a closed catalogue of metrics, fed by events and by gauges that are read when somebody
//! asks.
//!
//! Nothing but a word from a closed list becomes an attribute. Tenants appear under a bounded number of aliases, users
//! and queries never.

mod attribute;
mod catalogue;
mod meters;
mod process;
mod pushed;
mod runtime;
mod scrape;
mod tenants;

#[cfg(test)]
mod tests;

pub use attribute::Attribute;
pub use catalogue::{Kind, MOST_SERIES, Metric};
pub use meters::{Meters, Readings};
pub(crate) use process::observe_process;
pub(crate) use pushed::{AccountedExporter, FailedPushes};
pub use runtime::{RuntimeRole, Runtimes};
pub use scrape::{ScrapeError, prometheus_text};
pub use tenants::{NAMED_TENANTS, TenantAlias, TenantAliasError};

use std::sync::OnceLock;

use uuid::Uuid;

/// The process's meters. There is one set of them, as there is one log.
static INSTALLED: OnceLock<Meters> = OnceLock::new();

/// Where events are counted, once telemetry is installed.
pub(crate) fn installed() -> Option<&'static Meters> {
    INSTALLED.get()
}

/// Makes events count. False when that was done before.
pub(crate) fn install(meters: Meters) -> bool {
    INSTALLED.set(meters).is_ok()
}

/// Reads a gauge whenever metrics are collected, from now on. `read` must be quick and must not block. Where no
/// telemetry is installed, nothing is read.
pub fn observe(gauge: Metric, read: impl Fn(&mut Readings<'_>) + Send + Sync + 'static) {
    if let Some(meters) = installed() {
        meters.observe(gauge, read);
    }
}

/// Says which tenants there are from now on, each with the alias that it was given: some of them are measured by name.
pub fn name_tenants(tenants: &[(Uuid, Option<TenantAlias>)]) {
    if let Some(meters) = installed() {
        meters.name_tenants(tenants);
    }
}

/// The alias under which a tenant is measured.
pub(crate) fn alias_of(meters: &Meters, tenant: Option<Uuid>) -> TenantAlias {
    tenant.map_or(TenantAlias::OTHER, |tenant| meters.alias_of(tenant))
}
