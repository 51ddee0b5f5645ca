//! What the allocator says of itself.

use connector_observability::metric::{Metric, observe};
use mimalloc::MiMalloc;
use serde::Deserialize;

/// The part of mimalloc's statistics that there is in every build of it.
#[derive(Debug, Deserialize)]
struct Statistics {
    committed: Amount,
    pages: Amount,
}

#[derive(Debug, Deserialize)]
struct Amount {
    current: u64,
}

/// Has the allocator's figures read at each collection. For processes whose allocator is mimalloc, once telemetry is
/// installed.
pub fn observe_allocator() {
    observe(Metric::AllocatorCommitted, |gauge| {
        if let Some(statistics) = statistics() {
            gauge.value(statistics.committed.current, &[]);
        }
    });
    observe(Metric::AllocatorPages, |gauge| {
        if let Some(statistics) = statistics() {
            gauge.value(statistics.pages.current, &[]);
        }
    });
}

fn statistics() -> Option<Statistics> {
    let text = MiMalloc::stats_json().ok()?;
    serde_json::from_slice(text.to_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Another version of the allocator could name its figures otherwise, and a panel would be empty from then on.
    #[test]
    fn the_allocators_figures_are_where_they_are_looked_for() {
        assert!(statistics().is_some());
    }
}
