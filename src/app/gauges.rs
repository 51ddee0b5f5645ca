//! What is read when somebody collects metrics.

use std::sync::{Arc, Weak};

use actix_web::web::Data;
use connector_actors::throttle::BreakerState;
use connector_observability::metric::{Attribute, Metric, Readings, name_tenants, observe};
use url::Url;

use crate::http::Front;

/// Lets metrics see the parts of a running connector in front of this `graph`, for as long as they are there.
pub(super) fn observe_parts(front: &Data<Front>, graph: &Url) {
    let front = front.clone().into_inner();
    name_served_tenants(&front);
    let server: Arc<str> = graph.host_str().unwrap_or_default().into();
    read(&front, Metric::CallsActive, |front, gauge| gauge.value(count(front.in_progress.get()), &[]));
    read(&front, Metric::Sessions, |front, gauge| gauge.value(count(front.actors.census().sessions), &[]));
    read(&front, Metric::GateKeys, |front, gauge| gauge.value(count(front.actors.census().gate_keys), &[]));
    read(&front, Metric::GateBreakers, move |front, gauge| {
        for (workload, is) in front.actors.gate().breaker_states() {
            for state in BreakerState::ALL {
                let words = [(Attribute::Workload, workload.as_str()), (Attribute::State, state.as_str())];
                gauge.value_at(&server, u64::from(state == is), &words);
            }
        }
    });
    read(&front, Metric::Tenants, |front, gauge| {
        gauge.value(count(front.tenants.len()), &[(Attribute::State, "configured")]);
        gauge.value(count(front.actors.census().tenants), &[(Attribute::State, "active")]);
        let spent = front.actors.retries_left().into_iter().filter(|(_, left)| *left == 0).count();
        gauge.value(count(spent), &[(Attribute::State, "without_retries")]);
    });
    read(&front, Metric::TenantRetriesLeft, |front, gauge| {
        let left = front.actors.retries_left().into_iter();
        gauge.lowest_of_tenants(left.map(|(tenant, left)| (*tenant.as_uuid(), left)));
    });
    read(&front, Metric::Leases, |front, gauge| {
        let leases = front.actors.count_leases();
        gauge.value(count(leases.usable), &[(Attribute::State, "usable")]);
        gauge.value(count(leases.lapsed), &[(Attribute::State, "lapsed")]);
    });
    read(&front, Metric::TenantFilesFaulty, |front, gauge| {
        gauge.value(count(front.tenants.faults().len()), &[]);
    });
    read(&front, Metric::PolicyVersion, |front, gauge| gauge.value(front.tenants.version(), &[]));
    read(&front, Metric::CredentialDaysLeft, |front, gauge| {
        if let (kind, Some(days)) = front.credential.days_left() {
            gauge.signed(days, &[(Attribute::Credential, kind)]);
        }
    });
    read(&front, Metric::CredentialTimeLeft, |front, gauge| {
        if let (kind, Some(seconds)) = front.credential.seconds_left() {
            gauge.signed(seconds, &[(Attribute::Credential, kind)]);
        }
    });
    read(&front, Metric::PermitsFree, |front, gauge| {
        gauge.value(count(front.permits.available_permits()), &[(Attribute::Scope, "process")]);
    });
    read(&front, Metric::PermitsLimit, |front, gauge| {
        gauge.value(count(front.limits.concurrent), &[(Attribute::Scope, "process")]);
    });
    read(&front, Metric::AuditQueue, |front, gauge| gauge.value(count(front.journal.waiting()), &[]));
    read(&front, Metric::AuditCapacity, |front, gauge| gauge.value(count(front.journal.capacity()), &[]));
    read(&front, Metric::AuditLag, |front, gauge| gauge.seconds(front.journal.lag(), &[]));
}

/// Names the tenants that are served now; to be told again when they are others.
pub(super) fn name_served_tenants(front: &Front) {
    let tenants = front.tenants.served();
    let tenants: Vec<_> = tenants.iter().map(|policy| (*policy.id.as_uuid(), policy.alias.clone())).collect();
    name_tenants(&tenants);
}

/// A gauge keeps nothing alive: a connector that has stopped is no longer read.
fn read(
    front: &Arc<Front>,
    gauge: Metric,
    value: impl Fn(&Front, &mut Readings<'_>) + Send + Sync + 'static,
) {
    let front: Weak<Front> = Arc::downgrade(front);
    observe(gauge, move |readings| {
        if let Some(front) = front.upgrade() {
            value(&front, readings);
        }
    });
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
