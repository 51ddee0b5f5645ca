//! `Retry-After` as the services behind Graph really write it.

use std::time::Duration;

use connector_actors::clock::Timestamp;

/// Longer waits are taken for nonsense.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads seconds, decimal seconds (documented with `2.128`), two values with a comma (the first counts) and HTTP
/// dates. `None` for anything else, which the caller takes as if the header were missing.
pub(super) fn parse(value: &str, now: Timestamp) -> Option<Duration> {
    let first = value.split(',').next().unwrap_or_default().trim();
    if let Some(wait) = seconds(first) {
        return Some(wait);
    }
    let date = jiff::fmt::rfc2822::parse(value.trim()).ok()?;
    let at = u64::try_from(date.timestamp().as_second()).ok()?;
    Some(now.until(Timestamp::from_unix_seconds(at))).filter(|wait| *wait <= LONGEST)
}

fn seconds(text: &str) -> Option<Duration> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    Duration::try_from_secs_f64(text.parse().ok()?).ok().filter(|wait| *wait <= LONGEST)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// Mon, 23 Nov 2026 20:00:00 GMT.
    const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_464_000);

    /// If this failed, Graph's wishes would be ignored, or a broken header would stall a call.
    #[rstest]
    #[case::integer("10", Some(10_000))]
    #[case::zero("0", Some(0))]
    #[case::decimal("2.128", Some(2_128))]
    #[case::two_values("7,9", Some(7_000))]
    #[case::date("Mon, 23 Nov 2026 20:00:30 GMT", Some(30_000))]
    #[case::past_date("Mon, 23 Nov 2026 19:00:00 GMT", Some(0))]
    #[case::negative("-5", None)]
    #[case::word("soon", None)]
    #[case::empty("", None)]
    #[case::exponent("1e9", None)]
    #[case::absurd("99999999999", None)]
    #[case::dots("1.2.3", None)]
    fn retry_after_is_read_in_all_its_forms(#[case] value: &str, #[case] expected_ms: Option<u64>) {
        assert_eq!(parse(value, NOW), expected_ms.map(Duration::from_millis));
    }
}
