//! A dashboard in a few words, and Grafana's JSON of it.

use serde_json::{Value, json};

/// The width of a dashboard, in Grafana's columns.
const COLUMNS: u32 = 24;
const ROW_HEIGHT: u32 = 8;

pub(crate) struct Dashboard {
    pub(crate) uid: &'static str,
    /// The one question that it answers.
    pub(crate) question: &'static str,
    /// Panels from left to right, a row each; they share its width.
    pub(crate) rows: Vec<Vec<Panel>>,
}

pub(crate) struct Panel {
    title: &'static str,
    /// What is good, what is bad, and where to look next.
    reading: &'static str,
    unit: Unit,
    shape: Shape,
    queries: Vec<Query>,
}

struct Query {
    expression: &'static str,
    legend: &'static str,
}

#[derive(Clone, Copy)]
pub(crate) enum Unit {
    Seconds,
    PerSecond,
    Percent,
    Bytes,
    Count,
    Days,
}

#[derive(Clone, Copy)]
enum Shape {
    Lines,
    Stacked,
    Number,
    Bars,
}

impl Panel {
    /// Lines over time.
    pub(crate) fn lines(title: &'static str, unit: Unit, reading: &'static str) -> Self {
        Self::of(Shape::Lines, title, unit, reading)
    }

    /// Areas that add up to a whole.
    pub(crate) fn stacked(title: &'static str, unit: Unit, reading: &'static str) -> Self {
        Self::of(Shape::Stacked, title, unit, reading)
    }

    /// One number, as it is now.
    pub(crate) fn number(title: &'static str, unit: Unit, reading: &'static str) -> Self {
        Self::of(Shape::Number, title, unit, reading)
    }

    /// A ranking, as it is now.
    pub(crate) fn bars(title: &'static str, unit: Unit, reading: &'static str) -> Self {
        Self::of(Shape::Bars, title, unit, reading)
    }

    fn of(shape: Shape, title: &'static str, unit: Unit, reading: &'static str) -> Self {
        Self { title, reading, unit, shape, queries: Vec::new() }
    }

    /// Adds a query in PromQL. `$__rate_interval` is Grafana's.
    pub(crate) fn query(mut self, legend: &'static str, expression: &'static str) -> Self {
        self.queries.push(Query { expression, legend });
        self
    }

    pub(crate) fn title(&self) -> &'static str {
        self.title
    }

    pub(crate) fn queries(&self) -> impl Iterator<Item = &'static str> {
        self.queries.iter().map(|query| query.expression)
    }

    fn to_grafana(&self, id: u32, place: &Value) -> Value {
        let instant = matches!(self.shape, Shape::Number | Shape::Bars);
        let targets: Vec<_> = self
            .queries
            .iter()
            .zip('A'..)
            .map(|(query, name)| {
                json!({
                    "refId": name.to_string(),
                    "datasource": datasource(),
                    "expr": query.expression,
                    "legendFormat": query.legend,
                    "instant": instant,
                    "range": !instant,
                })
            })
            .collect();
        json!({
            "id": id,
            "type": self.shape.panel(),
            "title": self.title,
            "description": self.reading,
            "datasource": datasource(),
            "gridPos": place,
            "fieldConfig": { "defaults": self.shape.defaults(self.unit), "overrides": [] },
            "options": self.shape.options(),
            "targets": targets,
        })
    }
}

impl Shape {
    const fn panel(self) -> &'static str {
        match self {
            Self::Lines | Self::Stacked => "timeseries",
            Self::Number => "stat",
            Self::Bars => "bargauge",
        }
    }

    fn defaults(self, unit: Unit) -> Value {
        let custom = match self {
            Self::Lines => {
                json!({ "drawStyle": "line", "lineWidth": 2, "fillOpacity": 8, "showPoints": "never" })
            }
            Self::Stacked => json!({
                "drawStyle": "line", "lineWidth": 1, "fillOpacity": 60, "showPoints": "never",
                "stacking": { "mode": "normal" },
            }),
            Self::Number | Self::Bars => json!({}),
        };
        json!({ "unit": unit.in_grafana(), "min": 0, "custom": custom })
    }

    fn options(self) -> Value {
        match self {
            Self::Lines | Self::Stacked => json!({
                "legend": { "displayMode": "list", "placement": "bottom" },
                "tooltip": { "mode": "multi", "sort": "desc" },
            }),
            Self::Number => json!({ "reduceOptions": { "calcs": ["lastNotNull"] }, "colorMode": "value" }),
            Self::Bars => json!({
                "reduceOptions": { "calcs": ["lastNotNull"] }, "orientation": "horizontal", "displayMode": "basic",
            }),
        }
    }
}

impl Unit {
    const fn in_grafana(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::PerSecond => "reqps",
            Self::Percent => "percentunit",
            Self::Bytes => "bytes",
            Self::Count => "short",
            Self::Days => "d",
        }
    }
}

impl Dashboard {
    pub(crate) fn queries(&self) -> impl Iterator<Item = &'static str> {
        self.rows.iter().flatten().flat_map(Panel::queries)
    }

    pub(crate) fn to_grafana(&self) -> Value {
        let mut panels = Vec::new();
        for (row, y) in self.rows.iter().zip((0..).step_by(ROW_HEIGHT as usize)) {
            let width = COLUMNS / u32::try_from(row.len()).unwrap().max(1);
            for (panel, x) in row.iter().zip((0..).step_by(width as usize)) {
                let id = u32::try_from(panels.len()).unwrap() + 1;
                panels.push(panel.to_grafana(id, &json!({ "x": x, "y": y, "w": width, "h": ROW_HEIGHT })));
            }
        }
        json!({
            "uid": format!("m365-{}", self.uid),
            "title": format!("Microsoft 365 connector: {}", self.question),
            "tags": ["m365-connector"],
            "schemaVersion": 41,
            "version": 1,
            "editable": false,
            "refresh": "30s",
            "time": { "from": "now-3h", "to": "now" },
            "timezone": "browser",
            "templating": { "list": [
                { "name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus" },
                {
                    "name": "instance", "label": "Node", "type": "query", "datasource": datasource(),
                    "query": "label_values(connector_build_info_ratio, instance)",
                    "includeAll": true, "multi": true, "allValue": ".*",
                    "current": { "text": "All", "value": "$__all" }, "refresh": 2,
                },
            ] },
            "links": [{
                "type": "dashboards", "tags": ["m365-connector"], "title": "The other questions",
                "asDropdown": true, "keepTime": true, "includeVars": true,
            }],
            "panels": panels,
        })
    }
}

fn datasource() -> Value {
    json!({ "type": "prometheus", "uid": "${datasource}" })
}
