//! `docs/OBSERVABILITY.md`: prose here, tables from the catalogue.

use std::fmt::Write as _;

use connector_observability::metric::{Attribute, Kind, MOST_SERIES, Metric};
use connector_observability::{LinkTarget, Parent, Span, SpanAttribute};

use crate::boards;
use crate::names::prometheus_name;

const HEAD: &str = include_str!("specification/head.md");
const TRACES: &str = include_str!("specification/traces.md");
const SPANS: &str = include_str!("specification/spans.md");
const STACK: &str = include_str!("specification/stack.md");
const RUNBOOK: &str = include_str!("specification/runbook.md");

pub(crate) fn document() -> String {
    let mut text = HEAD.to_owned();
    write_metrics(&mut text);
    text.push_str(TRACES);
    write_spans(&mut text);
    text.push_str(SPANS);
    text.push_str("\n## Dashboards\n\nIn `observability/dashboards/`, for Grafana; one question each. The pictures are of a\nload of 40 seconds (`make dashboards-pictures`); of which dashboards, [a list of digests](dashboards/drawn-from.sha256) says.\n\n| File | Question |\n|---|---|\n");
    for board in boards::all() {
        writeln!(text, "| `{0}.json` | [{1}](dashboards/{0}.png) |", board.uid, board.question).unwrap();
    }
    text.push('\n');
    text.push_str(STACK);
    text.push_str(RUNBOOK);
    text
}

fn write_metrics(text: &mut String) {
    text.push_str("\n## Metrics\n\n| Metric | In Prometheus | Kind | Unit | Attributes | Series at most | Meaning |\n|---|---|---|---|---|---|---|\n");
    for metric in Metric::ALL {
        let attributes = quoted(metric.attributes().iter().map(|attribute| attribute.key()));
        writeln!(
            text,
            "| `{}` | `{}` | {} | `{}` | {attributes} | {} | {} |",
            metric.name(),
            prometheus_name(*metric),
            metric.kind().as_str(),
            metric.unit(),
            metric.most_series(),
            metric.description(),
        )
        .unwrap();
    }
    let most: usize = Metric::ALL.iter().map(|metric| metric.most_series()).sum();
    writeln!(
        text,
        "\nTogether that is {most} series, of {MOST_SERIES} that were promised, however many tenants there are. What comes beyond a metric's\nown loses its attributes (`otel_metric_overflow`)."
    )
    .unwrap();
    text.push_str("\nEverything that is pushed says of which process it is, by `service.name`, `service.version` and `service.instance.id`, a random\nUUID of each start. A scrape has them in `target_info`.\n");
    text.push_str("\n### Buckets\n\n");
    for metric in Metric::ALL {
        if let Kind::Histogram(bounds) = metric.kind() {
            let bounds: Vec<_> = bounds.iter().map(ToString::to_string).collect();
            writeln!(text, "- `{}`: {}", metric.name(), bounds.join(", ")).unwrap();
        }
    }
    text.push_str("\n### Attributes of metrics\n\n| Attribute | Values |\n|---|---|\n");
    for attribute in Attribute::ALL {
        writeln!(text, "| `{}` | {} |", attribute.key(), attribute.values()).unwrap();
    }
    text.push('\n');
}

fn write_spans(text: &mut String) {
    text.push_str("\n| Span | Kind | Parent | Links to | Attributes | Attributes that it may have |\n|---|---|---|---|---|---|\n");
    for span in Span::ALL {
        let parents: Vec<_> = span.parents().iter().map(|parent| describe_parent(*parent)).collect();
        let links: Vec<_> = span.links().iter().map(|link| describe_link(*link)).collect();
        writeln!(
            text,
            "| `{}` | {} | {} | {} | {} | {} |",
            span.name(),
            span.kind().as_str(),
            parents.join(", or "),
            or_none(links.join(", ")),
            quoted(span.always().iter().map(|attribute| attribute.key())),
            or_none(quoted(span.sometimes().iter().map(|attribute| attribute.key()))),
        )
        .unwrap();
    }
    text.push_str(
        "\n### Attributes of spans\n\n| Attribute | Type | Convention | Value |\n|---|---|---|---|\n",
    );
    for attribute in SpanAttribute::ALL {
        let (kind, convention) = (attribute.value_type().as_str(), attribute.convention().as_str());
        writeln!(text, "| `{}` | {kind} | {convention} | {} |", attribute.key(), attribute.meaning())
            .unwrap();
    }
    write_shared_attributes(text);
}

/// What somebody needs who goes from a panel to the traces behind it.
fn write_shared_attributes(text: &mut String) {
    text.push_str("\n### The same in metrics and spans\n\n| Attribute of metrics | In Prometheus | Attribute of spans |\n|---|---|---|\n");
    for attribute in Attribute::ALL {
        let Some(of_spans) = of_spans(attribute) else { continue };
        let (key, label) = (attribute.key(), attribute.key().replace('.', "_"));
        writeln!(text, "| `{key}` | `{label}` | `{}` |", of_spans.key()).unwrap();
    }
}

/// Which attribute of spans says the same: that of the same name, where it has not got another one.
fn of_spans(attribute: Attribute) -> Option<SpanAttribute> {
    match attribute {
        Attribute::Workload => Some(SpanAttribute::Workload),
        Attribute::Limit => Some(SpanAttribute::ThrottleLimit),
        _ => SpanAttribute::ALL.iter().copied().find(|of_spans| of_spans.key() == attribute.key()),
    }
}

fn describe_parent(parent: Parent) -> String {
    match parent {
        Parent::None => "none".to_owned(),
        Parent::TrustedCaller => "the caller's span where the caller is trusted".to_owned(),
        Parent::Span(Span::Call) => "the call".to_owned(),
        Parent::Span(span) => format!("the `{}` that caused it", span.name()),
    }
}

fn describe_link(link: LinkTarget) -> &'static str {
    match link {
        LinkTarget::Caller => "the caller's span where the caller is not trusted",
        LinkTarget::HttpRequest => {
            "the span of the HTTP request, by the header `traceparent`, where it is another one"
        }
        LinkTarget::SharedExchange => "the exchange that it waited for, where the call had not caused it",
    }
}

fn quoted(names: impl Iterator<Item = &'static str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn or_none(text: String) -> String {
    if text.is_empty() { "–".to_owned() } else { text }
}
