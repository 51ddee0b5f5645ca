//! What the load can make nothing of, or not for certain. Everything else that a panel shows has to be more than zero at some time: a panel that
//! is always at zero would look the same if nobody counted.

use Rests::{Always, Mostly};

use super::boards::{Board, Panel, Query};

/// A query that stays at zero, and why.
#[derive(Debug)]
pub(super) struct AtRest {
    board: &'static str,
    panel: &'static str,
    legend: &'static str,
    pub(super) reason: &'static str,
    pub(super) rests: Rests,
}

/// For how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rests {
    /// Something is wrong where it moves.
    Always,
    /// It moves by chance.
    Mostly,
}

const AT_REST: [AtRest; 5] = [
    at_rest(
        ("security", "Permissions to write that Entra granted", "exchanges"),
        "no simulated tenant has consented to one",
        Always,
    ),
    at_rest(("security", "Faults of our own", "faults"), "only a bug makes one", Always),
    at_rest(("security", "Panics", "panics"), "only a bug makes one", Always),
    at_rest(("security", "Revocations that are not stored", "revocations"), "the disk does not fail", Always),
    at_rest(("node", "Tasks of exchanges", "waiting, {{instance}}"), "no thread is held up for long", Mostly),
];

const fn at_rest(
    (board, panel, legend): (&'static str, &'static str, &'static str),
    reason: &'static str,
    rests: Rests,
) -> AtRest {
    AtRest { board, panel, legend, reason, rests }
}

impl AtRest {
    fn is(&self, board: &Board, panel: &Panel, query: &Query) -> bool {
        (self.board, self.panel, self.legend)
            == (board.uid.as_str(), panel.title.as_str(), query.legend.as_str())
    }
}

/// Why the query stays at zero; `None` where it must not.
pub(super) fn of(board: &Board, panel: &Panel, query: &Query) -> Option<&'static AtRest> {
    AT_REST.iter().find(|rest| rest.is(board, panel, query))
}

/// What stands in the list and in no dashboard.
pub(super) fn unknown(boards: &[Board]) -> impl Iterator<Item = String> {
    let is_there = |rest: &AtRest| {
        boards.iter().any(|board| {
            let queries = |panel: &Panel| panel.queries.iter().any(|query| rest.is(board, panel, query));
            board.panels.iter().any(queries)
        })
    };
    AT_REST
        .iter()
        .filter(move |rest| !is_there(rest))
        .map(|rest| format!("{}, {:?} is said to stay at zero, and is not there", rest.board, rest.panel))
        .collect::<Vec<_>>()
        .into_iter()
}
