//! What an answer's headers say of limits, read as a client of Graph reads them.

use connector_actors::throttle::{LoadReport, ThrottleScope};
use m365_simulator::throttling::{Header, Reason, Throttled};

fn text<'h>(headers: &'h [Header], name: &str) -> Option<&'h str> {
    headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

/// How much of which limit is used.
pub(crate) fn report(headers: &[Header]) -> LoadReport {
    let number = |name| text(headers, name).and_then(|value| value.parse::<u64>().ok());
    let limit = number("ratelimit-limit");
    let of_sharepoint = limit.zip(number("ratelimit-remaining"));
    let of_directory =
        text(headers, "x-ms-throttle-limit-percentage").and_then(|share| share.parse::<f64>().ok());
    let used = of_sharepoint
        .map(|(limit, remaining)| 1.0 - remaining as f64 / limit as f64)
        .or(of_directory)
        .map(|share| std::time::Duration::from_secs_f64(share).as_millis());
    LoadReport { limit, used_thousandths: used.and_then(|used| u32::try_from(used).ok()) }
}

/// Whom a refusal is about.
pub(crate) fn scope(refused: &Throttled) -> ThrottleScope {
    let stated = text(&refused.headers, "x-ms-throttle-scope").and_then(|scope| scope.split('/').next());
    match (refused.reason, stated) {
        (Reason::Concurrency, _) => ThrottleScope::Concurrency,
        (Reason::Rate(_), Some("Application")) => ThrottleScope::Application,
        (Reason::Rate(_), Some("Tenant" | "Tenant_Application")) => ThrottleScope::Tenant,
        (Reason::Rate(_), _) if text(&refused.headers, "ratelimit-limit").is_some() => ThrottleScope::Tenant,
        (Reason::Rate(_), _) => ThrottleScope::Request,
    }
}

/// How long it asks to stay away.
pub(crate) fn wait(refused: &Throttled) -> Option<u64> {
    text(&refused.headers, "retry-after")?.parse().ok()
}
