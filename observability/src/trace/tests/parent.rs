use proptest::prelude::*;
use rstest::rstest;

use crate::trace::{TraceId, TraceParent, TraceParentError};

/// A link to the caller's trace would lead nowhere if its parts were misread.
#[rstest]
#[case::sampled("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true)]
#[case::not_sampled("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", false)]
#[case::with_the_random_flag("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03", true)]
#[case::with_flags_of_the_future("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-fe", false)]
fn a_traceparent_is_read(#[case] text: &str, #[case] sampled: bool) {
    let parent = TraceParent::parse(text).unwrap();
    assert_eq!(parent.span.trace_id.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(parent.span.span_id.as_u64(), 0x00f0_67aa_0ba9_02b7);
    assert_eq!(parent.sampled, sampled);
}

/// A header that is not by the book is somebody's mistake or attempt; guessing at it would link to wrong
/// traces.
#[rstest]
#[case::empty("", TraceParentError::Shape)]
#[case::short("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0", TraceParentError::Shape)]
#[case::more_behind("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x", TraceParentError::Shape)]
#[case::white_space(" 0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", TraceParentError::Version)]
#[case::other_separator("00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", TraceParentError::Shape)]
#[case::separator_moved("00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01", TraceParentError::Shape)]
#[case::version_01("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", TraceParentError::Version)]
#[case::version_ff("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", TraceParentError::Version)]
#[case::upper_case("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", TraceParentError::Digit)]
#[case::no_digit("00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01", TraceParentError::Digit)]
#[case::flag_no_digit("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x", TraceParentError::Digit)]
#[case::sign("00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", TraceParentError::Digit)]
#[case::not_ascii("00-ébf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01", TraceParentError::Digit)]
#[case::zero_trace("00-00000000000000000000000000000000-00f067aa0ba902b7-01", TraceParentError::ZeroId)]
#[case::zero_span("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", TraceParentError::ZeroId)]
fn a_text_that_is_no_traceparent_is_refused(#[case] text: &str, #[case] error: TraceParentError) {
    assert_eq!(TraceParent::parse(text), Err(error));
}

proptest! {
    /// Any id that a caller may rightly have must come through whole.
    #[test]
    fn every_pair_of_ids_is_read_back(trace in 1_u128.., span in 1_u64.., flags: u8) {
        let parent = TraceParent::parse(&format!("00-{trace:032x}-{span:016x}-{flags:02x}")).unwrap();
        prop_assert_eq!(parent.span.trace_id.as_u128(), trace);
        prop_assert_eq!(parent.span.span_id.as_u64(), span);
        prop_assert_eq!(parent.sampled, flags & 1 == 1);
    }

    /// A panic in here would be one that any client can cause.
    #[test]
    fn no_text_makes_the_parser_panic(text in "[0-9a-fA-F\\-é]{50,60}") {
        let parsed: Result<TraceParent, TraceParentError> = text.parse();
        prop_assert!(parsed.is_err() || text.len() == 55);
    }
}

/// Logs and collectors find a trace by these 32 digits; leading zeros lost would break that.
#[test]
fn a_trace_id_is_written_in_32_digits() {
    assert_eq!(TraceId::from_u128(0xa).unwrap().to_string(), "0000000000000000000000000000000a");
    assert_eq!(TraceId::from_u128(0), None);
}
