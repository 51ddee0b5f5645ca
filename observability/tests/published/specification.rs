//! `docs/OBSERVABILITY.md`: prose here, tables from the catalogue.

use std::fmt::Write as _;

use connector_observability::metric::{Attribute, Kind, Metric};

use crate::boards;
use crate::names::prometheus_name;

const HEAD: &str = include_str!("specification/head.md");
const SPANS: &str = include_str!("specification/spans.md");
const RUNBOOK: &str = include_str!("specification/runbook.md");

pub(crate) fn document() -> String {
    let mut text = HEAD.to_owned();
    text.push_str("\n## Metrics\n\n| Metric | In Prometheus | Kind | Unit | Attributes | Meaning |\n|---|---|---|---|---|---|\n");
    for metric in Metric::ALL {
        let attributes: Vec<_> =
            metric.attributes().iter().map(|attribute| format!("`{}`", attribute.key())).collect();
        writeln!(
            text,
            "| `{}` | `{}` | {} | `{}` | {} | {} |",
            metric.name(),
            prometheus_name(*metric),
            metric.kind().as_str(),
            metric.unit(),
            attributes.join(", "),
            metric.description(),
        )
        .unwrap();
    }
    text.push_str("\nEverything that is pushed says of which process it is, by `service.name`, `service.version` and `service.instance.id`, a random\nUUID of each start. A scrape has them in `target_info`.\n");
    text.push_str("\n### Buckets\n\n");
    for metric in Metric::ALL {
        if let Kind::Histogram(bounds) = metric.kind() {
            let bounds: Vec<_> = bounds.iter().map(ToString::to_string).collect();
            writeln!(text, "- `{}`: {}", metric.name(), bounds.join(", ")).unwrap();
        }
    }
    text.push_str("\n### Attributes\n\n| Attribute | Values |\n|---|---|\n");
    for attribute in Attribute::ALL {
        writeln!(text, "| `{}` | {} |", attribute.key(), attribute.values()).unwrap();
    }
    text.push('\n');
    text.push_str(SPANS);
    text.push_str("\n## Dashboards\n\nIn `observability/dashboards/`, for Grafana; one question each. The pictures are of a\nload of half a minute (`make dashboards-pictures`).\n\n| File | Question |\n|---|---|\n");
    for board in boards::all() {
        writeln!(text, "| `{0}.json` | [{1}](dashboards/{0}.png) |", board.uid, board.question).unwrap();
    }
    text.push('\n');
    text.push_str(RUNBOOK);
    text
}
