use std::time::Duration;

use rstest::rstest;

use crate::outcome::CallOutcome;
use crate::trace::sampler::{Kept, Sampler};
use crate::trace::{TraceId, TraceParent};

const SLOW: Duration = Duration::from_secs(5);
const FAST: Duration = Duration::from_millis(3);

fn sampler(ratio: f64) -> Sampler {
    Sampler::new(ratio, SLOW).unwrap()
}

/// The calls that somebody will ask about are those that failed or were slow: no ratio may lose them.
#[rstest]
#[case::tool_failed(CallOutcome::ToolFailed("throttled"), FAST, Some(Kept::Failed))]
#[case::refused(CallOutcome::Refused("tool_switched_off"), FAST, Some(Kept::Failed))]
#[case::protocol_error(CallOutcome::ProtocolError(-32603), FAST, Some(Kept::Failed))]
#[case::cancelled(CallOutcome::Cancelled, FAST, Some(Kept::Failed))]
#[case::slow(CallOutcome::Completed, SLOW, Some(Kept::Slow))]
#[case::nearly_slow(CallOutcome::Completed, Duration::from_nanos(4_999_999_999), None)]
#[case::fast(CallOutcome::Completed, FAST, None)]
fn failures_and_slow_calls_are_kept_whatever_the_ratio(
    #[case] outcome: CallOutcome,
    #[case] duration: Duration,
    #[case] kept: Option<Kept>,
) {
    for id in [1, u128::from(u32::MAX), u128::MAX] {
        let trace = TraceId::from_u128(id).unwrap();
        assert_eq!(sampler(0.0).decide(trace, outcome, duration), kept);
        assert_eq!(sampler(1.0).decide(trace, outcome, duration), Some(Kept::Sampled));
    }
}

/// A ratio that keeps more or less than it says makes every count that is read off the traces wrong.
#[rstest]
#[case::none(0.0)]
#[case::a_tenth(0.1)]
#[case::half(0.5)]
#[case::all(1.0)]
fn the_ratio_is_kept_over_random_ids(#[case] ratio: f64) {
    let calls = 100_000;
    let sampler = sampler(ratio);
    let kept = (0..calls)
        .filter(|_| sampler.decide(TraceId::random(), CallOutcome::Completed, FAST).is_some())
        .count();
    // More than ten standard deviations.
    let expected = ratio * f64::from(calls);
    assert!((f64::from(u32::try_from(kept).unwrap()) - expected).abs() <= 2_000.0, "{kept}");
}

/// Ids that come twice would mix two people's calls in one trace.
#[test]
fn ids_do_not_repeat() {
    let ids: std::collections::HashSet<_> = (0..10_000).map(|_| TraceId::random()).collect();
    assert_eq!(ids.len(), 10_000);
}

/// If this failed, the trace of a trusted caller would have holes, or one that the caller has given up be kept here; or a
/// failure go unseen because the caller did not want to see it.
#[rstest]
#[case::kept_there("01", CallOutcome::Completed, Some(Kept::Sampled))]
#[case::not_kept_there("00", CallOutcome::Completed, None)]
#[case::failed("00", CallOutcome::Cancelled, Some(Kept::Failed))]
fn a_trusted_caller_decides_in_place_of_the_ratio(
    #[case] flag: &str,
    #[case] outcome: CallOutcome,
    #[case] kept: Option<Kept>,
    #[values(0.0, 1.0)] ratio: f64,
) {
    let parent = TraceParent::parse(&format!("00-{:032x}-{:016x}-{flag}", 7, 9)).unwrap();
    assert_eq!(sampler(ratio).follow(parent, outcome, FAST), kept);
}
