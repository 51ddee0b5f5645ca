//! What a panel with many series must show each of: one series that moves would hide that nobody counts the others.

use serde_json::Value;

use super::boards::{Board, Panel};
use super::is_more_than_zero;

/// The words of one label that the load makes move.
struct Moving {
    board: &'static str,
    panel: &'static str,
    label: &'static str,
    words: &'static [&'static str],
}

const WORKLOADS: &[&str] = &["directory", "outlook", "search", "sharepoint", "teams"];

const MOVING: [Moving; 15] = [
    moving("health", "Calls by how they ended", "outcome", &["completed", "tool_failed"]),
    moving(
        "health",
        "Errors by kind",
        "connector_error_code",
        &["interaction_required", "invalid_arguments", "throttled", "unavailable"],
    ),
    moving("health", "Turned away before they were calls", "reason", &["invalid_token"]),
    moving("node", "Telemetry that went nowhere", "signal", &["logs", "traces"]),
    moving("security", "Tokens, origins and people that were refused", "reason", &["invalid_token"]),
    moving("security", "Revocations, 24 hours", "scope", &["user"]),
    moving("sessions", "Sessions that ended", "reason", &["idle"]),
    moving("sessions", "Exchanges by outcome", "outcome", &["granted", "interaction_required"]),
    moving("sessions", "Fetches of signing keys", "outcome", &["not_ok", "refreshed"]),
    moving("sessions", "Leases", "state", &["usable"]),
    moving("tenants", "Tenants", "state", &["active", "configured"]),
    moving("throttling", "429 from Graph", "graph_workload", WORKLOADS),
    moving("throttling", "Retries", "outcome", &["made"]),
    moving("time", "A mean call, part by part", "call_phase", &["entra", "graph", "own", "throttle"]),
    moving("time", "Graph by workload, 95 %", "graph_workload", WORKLOADS),
];

const fn moving(
    board: &'static str,
    panel: &'static str,
    label: &'static str,
    words: &'static [&'static str],
) -> Moving {
    Moving { board, panel, label, words }
}

/// The words that none of the `series` of a panel shows above zero.
pub(super) fn missing(board: &Board, panel: &Panel, series: &[Value]) -> Vec<&'static str> {
    let wanted = MOVING.iter().filter(|moving| moving.is(board, panel));
    let is_shown = |label: &str, word: &str| {
        series.iter().any(|series| series["metric"][label] == word && is_more_than_zero(series))
    };
    wanted
        .flat_map(|moving| moving.words.iter().filter(|word| !is_shown(moving.label, word)))
        .copied()
        .collect()
}

/// What stands in the list and in no dashboard.
pub(super) fn unknown(boards: &[Board]) -> impl Iterator<Item = String> {
    let is_there =
        |moving: &Moving| boards.iter().any(|board| board.panels.iter().any(|panel| moving.is(board, panel)));
    MOVING
        .iter()
        .filter(move |moving| !is_there(moving))
        .map(|moving| format!("{}, {:?} should move, and is not there", moving.board, moving.panel))
        .collect::<Vec<_>>()
        .into_iter()
}

impl Moving {
    fn is(&self, board: &Board, panel: &Panel) -> bool {
        (self.board, self.panel) == (board.uid.as_str(), panel.title.as_str())
    }
}
