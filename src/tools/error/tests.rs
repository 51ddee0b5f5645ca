use std::collections::BTreeSet;

use connector_observability::metric::Metric;

use super::*;
use crate::tools::Catalogue;

const RULES: &str = include_str!("../../../observability/alerts/recording.yaml");

/// JSON-RPC's code of an internal error, which is what an [`InternalError`] is told as.
const INTERNAL: &str = "-32603";

/// If this failed, a new kind of error, or a new tool, would push others out of the metrics of calls.
#[test]
fn the_metrics_of_calls_have_room_for_every_tool_and_every_error() {
    // Errors of JSON-RPC (mcp/error.rs), refusals of policy, of bodies and of sessions, and `cancelled`.
    const OTHERS: usize = 45;
    assert!(ErrorCode::ALL.len() + OTHERS <= Metric::CallsFailed.most_sets());
    // Completed, failed, refused, cancelled, and four errors of JSON-RPC; of methods without a target all nine.
    let catalogue = Catalogue::MICROSOFT_365;
    let (targets, methods) = (catalogue.tools.len() + catalogue.prompts.len(), 13);
    assert!(targets * 8 + methods * 12 <= Metric::OperationDuration.most_sets());
}

/// If this failed, a fault of the service's would burn no budget and call nobody, or a user's mistake would.
#[test]
fn what_burns_the_error_budget_is_what_is_the_services_fault() {
    let (_, matched) = RULES.split_once("connector_error_code=~\"").unwrap();
    let (matched, _) = matched.split_once('"').unwrap();
    let ours = ErrorCode::ALL.iter().filter(|code| code.fault() == Fault::Services);
    let expected: BTreeSet<_> = ours.map(|code| code.as_str()).chain([INTERNAL]).collect();
    assert_eq!(matched.split('|').collect::<BTreeSet<_>>(), expected);
}
