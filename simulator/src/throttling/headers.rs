//! The headers that tell of throttling, by service.

use std::time::Duration;

use super::engine::RequestFacts;
use super::limits::{Limit, Scope, WRITES};
use super::target::Target;
use super::workload::Workload;

/// Name and value.
pub type Header = (&'static str, String);

/// From this share of an allowance on, services tell how much is used: 80 %.
const TOLD_FROM: (u64, u64) = (4, 5);

/// How far one allowance is used, after the request was counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gauge {
    pub(super) scope: Scope,
    pub(super) used: u64,
    pub(super) units: u64,
    /// Until nothing of it is used.
    pub(super) reset: Duration,
}

impl Gauge {
    fn is_told(self) -> bool {
        let (part, whole) = TOLD_FROM;
        self.used.saturating_mul(whole) >= self.units.saturating_mul(part)
    }

    /// Used as a share of the allowance, with one decimal at least, up to 1.8.
    fn percentage(self) -> String {
        let hundredths = (self.used.saturating_mul(100) / self.units.max(1)).min(180);
        format!("{}.{:02}", hundredths / 100, hundredths % 100)
    }

    fn rate_limit(self) -> [Header; 3] {
        [
            ("ratelimit-limit", self.units.to_string()),
            ("ratelimit-remaining", self.units.saturating_sub(self.used).to_string()),
            ("ratelimit-reset", seconds(self.reset).to_string()),
        ]
    }
}

/// Whole seconds, rounded up, at least one.
pub(super) fn seconds(span: Duration) -> u64 {
    let whole = span.as_secs() + u64::from(span.subsec_nanos() > 0);
    whole.max(1)
}

/// What an admitted request's answer tells. `gauge` is that of the service's application and tenant.
pub(super) fn admitted(target: &Target, gauge: Option<Gauge>) -> Vec<Header> {
    let told = gauge.filter(|gauge| gauge.is_told());
    match target.workload {
        Workload::Directory => {
            let mut headers = vec![("x-ms-resource-unit", target.cost.to_string())];
            headers.extend(told.map(|gauge| ("x-ms-throttle-limit-percentage", gauge.percentage())));
            headers
        }
        Workload::SharePoint => told.map(Gauge::rate_limit).into_iter().flatten().collect(),
        _ => Vec::new(),
    }
}

/// What a refusal tells. `refusing` is the allowance that had no room, and `is_minute` says whether that is the one of
/// SharePoint which `RateLimit-*` describe.
pub(super) fn refused(
    target: &Target,
    facts: &RequestFacts<'_>,
    refusing: Option<(Gauge, Limit)>,
    wait: Duration,
    minute: Option<Gauge>,
) -> Vec<Header> {
    let mut headers = Vec::new();
    // OneNote is documented to leave it out.
    if target.workload != Workload::OneNote {
        headers.push(("retry-after", seconds(wait).to_string()));
    }
    match (target.workload, refusing) {
        (Workload::Directory, Some((gauge, limit))) => {
            headers.push(("x-ms-resource-unit", target.cost.to_string()));
            headers.push(("x-ms-throttle-limit-percentage", gauge.percentage()));
            headers.push(("x-ms-throttle-scope", scope(gauge.scope, facts)));
            let exceeded =
                if limit.name == WRITES { "WriteLimitExceeded" } else { "ResourceUnitLimitExceeded" };
            headers.push(("x-ms-throttle-information", exceeded.to_owned()));
        }
        (Workload::SharePoint, _) => {
            // Where it is this allowance that refuses, waiting is over when the request fits, not when all is forgotten.
            let told = minute.map(|gauge| Gauge { reset: wait, ..gauge }.rate_limit());
            headers.extend(told.into_iter().flatten());
        }
        _ => {}
    }
    headers
}

/// Scope, limit, application, and the tenant that it is about.
fn scope(scope: Scope, facts: &RequestFacts<'_>) -> String {
    let name = match scope {
        Scope::App => "Application",
        Scope::Tenant => "Tenant",
        _ => "Tenant_Application",
    };
    format!("{name}/ReadWrite/{}/{}", facts.app, facts.tenant)
}
