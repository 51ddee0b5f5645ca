//! Names as Prometheus has them.

use std::collections::BTreeSet;

use connector_observability::metric::{Attribute, Kind, Metric};

/// The name of a metric as the exporter writes it: underscores for dots, the unit spelt out and appended.
pub(crate) fn prometheus_name(metric: Metric) -> String {
    let mut name = metric.name().replace('.', "_");
    match metric.unit() {
        "s" => name.push_str("_seconds"),
        "By" => name.push_str("_bytes"),
        "d" => name.push_str("_days"),
        "1" if metric.kind() == Kind::Gauge => name.push_str("_ratio"),
        _ => {}
    }
    if matches!(metric.kind(), Kind::Counter | Kind::ObservedCounter) {
        name.push_str("_total");
    }
    name
}

/// Every name that a scrape can show.
pub(crate) fn in_prometheus() -> BTreeSet<String> {
    Metric::ALL
        .iter()
        .flat_map(|metric| {
            let name = prometheus_name(*metric);
            match metric.kind() {
                Kind::Histogram(_) => {
                    ["_bucket", "_count", "_sum"].iter().map(|suffix| format!("{name}{suffix}")).collect()
                }
                _ => vec![name],
            }
        })
        .collect()
}

/// Every name that a label can have.
pub(crate) fn labels() -> BTreeSet<String> {
    Attribute::ALL.iter().map(|attribute| attribute.key().replace('.', "_")).collect()
}

/// The names of metrics and of our own labels in a text, those that recording rules make (they hold a colon) left out.
pub(crate) fn mentioned(text: &str) -> BTreeSet<String> {
    text.split(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '_' | ':')))
        .filter(|word| {
            ["mcp_server_", "http_server_", "http_client_", "connector_", "process_"]
                .iter()
                .any(|prefix| word.starts_with(prefix))
        })
        .filter(|word| !word.contains(':'))
        .map(ToOwned::to_owned)
        .collect()
}
