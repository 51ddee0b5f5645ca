//! What an answer says of the load of the service that gave it.

use std::time::Duration;

use connector_actors::clock::Timestamp;
use connector_actors::throttle::{LoadReport, Outcome, ThrottleScope, Workload};
use http::StatusCode;
use http::header::{HeaderMap, RETRY_AFTER};

use super::answer::{Answer, SendFault, header};
use super::codes::GraphCodes;
use super::error::GraphError;
use super::retry_after;

/// A request that is given up after this long without an answer has met a service that hangs.
const HUNG: Duration = Duration::from_secs(10);

/// With these codes Exchange Online says that one mailbox is asked too much at once.
const CROWDED_MAILBOX: &[&str] = &["MailboxConcurrency", "ApplicationThrottled"];

/// Whether the service is there: a server error, no answer, or none in time says that it is not. A 503 that names a time is
/// throttling, and every answer below 500 is one. `None` for what says nothing.
pub(super) fn outcome(
    ended: &Result<Result<Answer, SendFault>, GraphError>,
    took: Duration,
) -> Option<Outcome> {
    match ended {
        Ok(Ok(answer)) => Some(outcome_of(answer.status, &answer.headers)),
        Ok(Err(SendFault::Graph(_))) => Some(Outcome::Failed),
        Ok(Err(SendFault::TooLarge)) => Some(Outcome::Answered),
        Err(GraphError::DeadlineExceeded) if took >= HUNG => Some(Outcome::Failed),
        Ok(Err(SendFault::Unwritable)) | Err(_) => None,
    }
}

/// The same of an answer that came, alone or in a batch.
pub(super) fn outcome_of(status: StatusCode, headers: &HeaderMap) -> Outcome {
    let is_throttled = status == StatusCode::SERVICE_UNAVAILABLE && headers.contains_key(RETRY_AFTER);
    let is_fault = matches!(status.as_u16(), 500 | 502..=504) && !is_throttled;
    if is_fault { Outcome::Failed } else { Outcome::Answered }
}

/// What SharePoint (`RateLimit-*`, draft 03 of the IETF) and the directory (`x-ms-throttle-limit-percentage`) say of the
/// limit of this application in the tenant, from 80 % of it on.
pub(super) fn report(headers: &HeaderMap) -> Option<LoadReport> {
    let limit = number(headers, "ratelimit-limit").filter(|limit| *limit > 0);
    let remaining = number(headers, "ratelimit-remaining");
    let used = match (limit, remaining) {
        (Some(limit), Some(remaining)) => Some(limit.saturating_sub(remaining).saturating_mul(1_000) / limit),
        _ => thousandths(header(headers, "x-ms-throttle-limit-percentage")),
    };
    let used_thousandths = used.and_then(|used| u32::try_from(used).ok());
    (limit.is_some() || used_thousandths.is_some()).then_some(LoadReport { limit, used_thousandths })
}

/// How long a refusal asks to stay away: the longer one, where `RateLimit-Reset` says another time than `Retry-After`.
pub(super) fn wait(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let retry_after =
        header(headers, RETRY_AFTER.as_str()).and_then(|value| retry_after::parse(value, now))?;
    let reset = header(headers, "ratelimit-reset").and_then(|value| retry_after::parse(value, now));
    Some(reset.map_or(retry_after, |reset| reset.max(retry_after)))
}

/// Whom a refusal is about.
pub(super) fn scope(workload: Workload, headers: &HeaderMap, codes: &GraphCodes) -> ThrottleScope {
    match workload {
        Workload::Outlook if CROWDED_MAILBOX.iter().any(|code| codes.contains(code)) => {
            ThrottleScope::Concurrency
        }
        Workload::SharePoint if headers.contains_key("ratelimit-limit") => ThrottleScope::Tenant,
        Workload::Directory => {
            header(headers, "x-ms-throttle-scope").and_then(stated_scope).unwrap_or(ThrottleScope::Request)
        }
        _ => ThrottleScope::Request,
    }
}

/// Reads `<scope>/<limit>/<application>/<tenant, user or resource>`, of which the first word says whom it is about. `None`
/// for a word that is not documented: what is not understood closes as little as may be.
fn stated_scope(text: &str) -> Option<ThrottleScope> {
    let word = text.split('/').next()?.trim();
    let known = [
        ("Application", ThrottleScope::Application),
        ("Tenant_Application", ThrottleScope::Tenant),
        ("Tenant", ThrottleScope::Tenant),
    ];
    known.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, scope)| scope)
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    header(headers, name)?.trim().parse().ok()
}

/// `0.85` is 850.
fn thousandths(text: Option<&str>) -> Option<u64> {
    let span = Duration::try_from_secs_f64(text?.trim().parse().ok()?).ok()?;
    u64::try_from(span.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::header::{HeaderName, HeaderValue};
    use rstest::rstest;

    use super::*;
    use crate::graph::GraphFault;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    fn answered(status: u16, pairs: &[(&'static str, &'static str)]) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, headers: headers(pairs), body: Bytes::new() }
    }

    /// If this failed, refusals would take a service away from everybody, or one that is down be asked on and on.
    #[rstest]
    #[case::given(Ok(Ok(answered(200, &[]))), 0, Some(Outcome::Answered))]
    #[case::throttled(Ok(Ok(answered(429, &[]))), 0, Some(Outcome::Answered))]
    #[case::denied(Ok(Ok(answered(403, &[]))), 0, Some(Outcome::Answered))]
    #[case::failed(Ok(Ok(answered(500, &[]))), 0, Some(Outcome::Failed))]
    #[case::unavailable(Ok(Ok(answered(503, &[]))), 0, Some(Outcome::Failed))]
    #[case::unavailable_for_a_time(Ok(Ok(answered(503, &[("retry-after", "5")]))), 0, Some(Outcome::Answered))]
    #[case::not_there(Ok(Err(SendFault::Graph(GraphFault::Unreachable))), 0, Some(Outcome::Failed))]
    #[case::too_large(Ok(Err(SendFault::TooLarge)), 0, Some(Outcome::Answered))]
    #[case::hung(Err(GraphError::DeadlineExceeded), 10, Some(Outcome::Failed))]
    #[case::a_short_deadline(Err(GraphError::DeadlineExceeded), 2, None)]
    #[case::cancelled(Err(GraphError::Cancelled), 20, None)]
    fn only_a_service_that_is_not_there_has_failed(
        #[case] ended: Result<Result<Answer, SendFault>, GraphError>,
        #[case] seconds: u64,
        #[case] expected: Option<Outcome>,
    ) {
        assert_eq!(outcome(&ended, Duration::from_secs(seconds)), expected);
    }

    /// If this failed, a tenant's real limit would not be known, or a broken header be believed.
    #[rstest]
    #[case::sharepoint(&[("ratelimit-limit", "2500"), ("ratelimit-remaining", "250"), ("ratelimit-reset", "9")], Some((Some(2_500), Some(900))))]
    #[case::directory(&[("x-ms-throttle-limit-percentage", "1.25")], Some((None, Some(1_250))))]
    #[case::nothing(&[], None)]
    #[case::no_limit(&[("ratelimit-limit", "0"), ("ratelimit-remaining", "0")], None)]
    #[case::nonsense(&[("ratelimit-limit", "many"), ("x-ms-throttle-limit-percentage", "-1")], None)]
    fn what_a_service_says_of_its_limit_is_heard(
        #[case] pairs: &[(&'static str, &'static str)],
        #[case] expected: Option<(Option<u64>, Option<u32>)>,
    ) {
        let heard = report(&headers(pairs)).map(|report| (report.limit, report.used_thousandths));
        assert_eq!(heard, expected);
    }

    /// If this failed, the connector would come back before SharePoint wants to see it.
    #[rstest]
    #[case(&[("retry-after", "10"), ("ratelimit-reset", "25")], Some(25))]
    #[case(&[("retry-after", "30"), ("ratelimit-reset", "25")], Some(30))]
    #[case(&[("retry-after", "30")], Some(30))]
    #[case(&[("ratelimit-reset", "25")], None)]
    fn of_two_waits_the_longer_one_counts(
        #[case] pairs: &[(&'static str, &'static str)],
        #[case] expected: Option<u64>,
    ) {
        let now = Timestamp::from_unix_seconds(1_800_000_000);
        assert_eq!(wait(&headers(pairs), now), expected.map(Duration::from_secs));
    }

    /// If this failed, a refusal of the application would stop one tenant and be met by all the others, or one tenant's
    /// stop them all.
    #[rstest]
    #[case::of_the_application("Application", ThrottleScope::Application)]
    #[case::of_the_application_in_the_tenant("Tenant_Application", ThrottleScope::Tenant)]
    #[case::of_the_tenant_whatever_the_application("Tenant", ThrottleScope::Tenant)]
    #[case::in_another_case("tenant_application", ThrottleScope::Tenant)]
    #[case::not_documented("User", ThrottleScope::Request)]
    #[case::longer_than_a_known_word("Applications", ThrottleScope::Request)]
    #[case::nothing("", ThrottleScope::Request)]
    fn whom_the_directory_names_is_who_stays_away(
        #[case] word: &str,
        #[case] expected: ThrottleScope,
        #[values(
            "",
            "/Read/9a3d526c-b3c1-4479-ba74-197b5c5751ae/0785ef7c-2d7a-4542-b048-95bcab406e0b",
            "/Write/9a3d526c-b3c1-4479-ba74-197b5c5751ae/0785ef7c-2d7a-4542-b048-95bcab406e0b",
            "/ReadWrite/9a3d526c-b3c1-4479-ba74-197b5c5751ae/0785ef7c-2d7a-4542-b048-95bcab406e0b"
        )]
        rest: &str,
    ) {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_str(&format!("{word}{rest}")).unwrap();
        headers.insert(HeaderName::from_static("x-ms-throttle-scope"), value);
        assert_eq!(scope(Workload::Directory, &headers, &GraphCodes::default()), expected);
        assert_eq!(scope(Workload::Teams, &headers, &GraphCodes::default()), ThrottleScope::Request);
    }

    /// If this failed, one user's refusal would stop a tenant, or a tenant's one by one stop all its users.
    #[rstest]
    #[case(Workload::SharePoint, &[("ratelimit-limit", "1250")], "", ThrottleScope::Tenant)]
    #[case(Workload::SharePoint, &[], "activityLimitReached", ThrottleScope::Request)]
    #[case(Workload::Directory, &[("x-ms-throttle-scope", "Tenant_Application/ReadWrite/a/b")], "", ThrottleScope::Tenant)]
    #[case(Workload::Outlook, &[], "MailboxConcurrency", ThrottleScope::Concurrency)]
    #[case(Workload::Teams, &[("ratelimit-limit", "1")], "", ThrottleScope::Request)]
    fn whom_a_refusal_is_about_is_read(
        #[case] workload: Workload,
        #[case] pairs: &[(&'static str, &'static str)],
        #[case] code: &str,
        #[case] expected: ThrottleScope,
    ) {
        let body = format!(r#"{{"error":{{"code":"{code}"}}}}"#);
        assert_eq!(scope(workload, &headers(pairs), &GraphCodes::read(body.as_bytes())), expected);
    }
}
