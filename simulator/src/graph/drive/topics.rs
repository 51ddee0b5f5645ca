//! What files are about. `{…}` is filled in by the generator.

/// A subject and what is said about it.
pub(super) struct Topic {
    pub(super) title: &'static str,
    pub(super) summary: &'static str,
    pub(super) points: &'static [&'static str],
    pub(super) columns: &'static [&'static str],
}

pub(super) const TOPICS: &[Topic] = &[
    Topic {
        title: "Budget {month}",
        summary: "The budget for {month} is {amount} above plan, nearly all of it in transport. Lines 14 to 22 need a decision.",
        points: &["Transport: up by {amount}", "Licences: unchanged", "Temporary staff: ends with {month}"],
        columns: &["Line", "Planned", "Actual"],
    },
    Topic {
        title: "{project} status report",
        summary: "The pilot of {project} runs at two sites. The steering group decides in {month} whether a third follows.",
        points: &["Data migration: 80 % done", "Training: dates are set", "Risk: delivery from {supplier}"],
        columns: &["Work package", "Days planned", "Days used"],
    },
    Topic {
        title: "Agreement with {supplier}",
        summary: "The agreement with {supplier} ends in {month}. They offer two more years at {amount} a year.",
        points: &[
            "Liability is limited to {amount}",
            "Notice: ninety days",
            "Service level: 99.5 % in a month",
        ],
        columns: &["Clause", "Our limit", "Their limit"],
    },
    Topic {
        title: "Delivery plan {month}",
        summary: "{supplier} delivers nine days late in {month}. Five days are covered from stock, the rest needs air freight.",
        points: &[
            "Partial delivery by air: {amount}",
            "Installation moves by a week",
            "{project} is told on Monday",
        ],
        columns: &["Order", "Quantity", "Days late"],
    },
    Topic {
        title: "Audit findings on {project}",
        summary: "The auditors have three findings on {project}. None of them is critical, all need an owner before {month}.",
        points: &[
            "Access reviews are not documented",
            "Two backups were not tested",
            "Retention period is unclear",
        ],
        columns: &["Finding", "Severity", "Days open"],
    },
    Topic {
        title: "Workshop notes {project}",
        summary: "What customers of {project} said in {month}: they want fewer steps, and answers on the same day.",
        points: &["Scope: three steps instead of seven", "Owner: product", "Next workshop in {month}"],
        columns: &["Idea", "Votes", "Effort"],
    },
];

pub(in crate::graph) const PROJECTS: &[&str] = &["Aurora", "Birchwood", "Copperline"];
pub(in crate::graph) const SUPPLIERS: &[&str] =
    &["Steinbach Press", "Sahel Spedition", "Fontaine Avocats", "Ashgrove Fittings", "Hoshizora Tools"];
pub(super) const MONTHS: &[&str] = &["January", "March", "April", "June", "September", "October", "November"];
pub(super) const LABELS: &[&str] = &["General", "Confidential", "Highly Confidential"];
