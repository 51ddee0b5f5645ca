//! Every published number, met by requests that use up that limit and no other: their other holders change each time.

use rstest::rstest;
use uuid::Uuid;

use super::limits::Limit;
use super::target::Target;
use super::*;
use std::time::Duration;

const START: Duration = Duration::from_secs(1_000_000);
/// What each request sends, and each answer weighs, where bytes are counted.
const BYTES: usize = 20_000_000;
/// What would take more requests is left to a smaller scale, or to the ways of counting that need fewer.
const MOST_TRIED: u64 = 12_000;

/// What a case is about.
#[derive(Clone, Copy)]
struct Row {
    /// `{n}` is another number in each request.
    address: &'static str,
    intent: Intent,
    body: &'static [u8],
    /// Bytes of an answer.
    weight: u64,
    name: &'static str,
    scope: Scope,
    units: u64,
    seconds: u32,
}

impl Row {
    const fn reads(
        address: &'static str,
        name: &'static str,
        scope: Scope,
        units: u64,
        seconds: u32,
    ) -> Self {
        Self { address, intent: Intent::Reads, body: &[], weight: 0, name, scope, units, seconds }
    }

    const fn weighs(self, weight: u64) -> Self {
        Self { weight, ..self }
    }

    const fn sends(self, body: &'static [u8]) -> Self {
        Self { body, ..self }
    }

    const fn writes(self) -> Self {
        Self { intent: Intent::Writes, ..self }
    }

    /// The request of that number: whoever the limit is not about is somebody else each time.
    fn facts<'a>(&'a self, number: u128, address: &'a str) -> RequestFacts<'a> {
        let somebody = Uuid::from_u128(number + 10);
        let fixed = holders(self.scope);
        let one_of = |holder| if fixed.contains(&holder) { Uuid::from_u128(1) } else { somebody };
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        RequestFacts {
            app: one_of("app"),
            tenant: one_of("tenant"),
            user: one_of("user"),
            mailbox: None,
            tenant_users: 12,
            intent: self.intent,
            path,
            query,
            body: self.body,
        }
    }

    fn address(&self, number: u128) -> String {
        let resource = if self.scope == Scope::AppResource { 1 } else { number };
        self.address.replace("{n}", &resource.to_string())
    }

    /// The limits of such a request, with what it costs each of them.
    fn limits(&self) -> Vec<(Limit, u64)> {
        let target = Target::of(&self.facts(1, self.address)).unwrap();
        let cost = |limit: &Limit| match limit.unit {
            Unit::ResourceUnit => target.cost,
            Unit::ByteIn => self.body.len() as u64,
            Unit::ByteOut => self.weight,
            Unit::Request | Unit::Meeting => 1,
        };
        let costs = target.limits().into_iter().map(|limit| (limit, cost(&limit)));
        costs.filter(|(_, cost)| *cost > 0).collect()
    }

    fn is(&self, limit: &Limit) -> bool {
        limit.name == self.name && limit.scope == self.scope && limit.seconds == self.seconds
    }
}

/// What a scope tells apart.
const fn holders(scope: Scope) -> &'static [&'static str] {
    match scope {
        Scope::App => &["app"],
        Scope::AppTenant => &["app", "tenant"],
        Scope::AppMailbox | Scope::AppUser => &["app", "tenant", "user"],
        Scope::AppResource => &["app", "tenant", "resource"],
        Scope::Tenant => &["tenant"],
        Scope::User => &["tenant", "user"],
    }
}

/// How many pass, one each `gap`, until somebody refuses, which they need not do; and whether that is the limit of the row.
fn passing(row: &Row, settings: &Settings, gap: Duration) -> (u64, bool) {
    let mut throttling = Throttling::new(settings.clone());
    for number in 0..=u128::from(MOST_TRIED) {
        let now = START + gap * u32::try_from(number).unwrap();
        let address = row.address(number);
        match throttling.admit(&row.facts(number, &address), now) {
            Admission::Admitted(pass) => {
                pass.permit.into_iter().for_each(|permit| throttling.release(permit));
                if let Some(egress) = &pass.egress {
                    throttling.sent(egress, row.weight, now);
                }
            }
            Admission::Refused(refused) => {
                let is_of_row = matches!(refused.reason, Reason::Rate(limit) if row.is(&limit));
                return (u64::try_from(number).unwrap(), is_of_row);
            }
        }
    }
    (MOST_TRIED, false)
}

/// Asks as fast as the other limits allow, and holds that exactly the published number passes.
fn hold(row: &Row, algorithm: Algorithm, scale: f64) {
    let limits = row.limits();
    let (limit, cost) = limits.iter().find(|(limit, _)| row.is(limit)).unwrap();
    let published = limit.allowance(12);
    assert_eq!((published.units, published.per), (row.units, Duration::from_secs(row.seconds.into())));
    let allowance = published.scaled(scale);
    let cost = (*cost).min(allowance.units);
    let expected = allowance.units / cost;
    // A sliding window forgets late, by a slot.
    let slack = if algorithm == Algorithm::SlidingWindow { 1.1 } else { 1.02 };
    let gap_of = |(limit, cost): &(Limit, u64)| {
        let other = limit.allowance(12).scaled(scale);
        let in_it = other.units / (*cost).clamp(1, other.units);
        Duration::from_secs_f64(other.per.as_secs_f64() * slack / u32::try_from(in_it).map_or(1e9, f64::from))
    };
    let mut gaps: Vec<Duration> = limits.iter().map(gap_of).collect();
    gaps.push(Duration::ZERO);
    gaps.sort_unstable();
    let settings = Settings { algorithm, scale, ..Settings::default() };
    for gap in gaps {
        let expected = match algorithm {
            Algorithm::TokenBucket => with_refill(allowance, cost, gap),
            Algorithm::FixedWindow | Algorithm::SlidingWindow => expected,
        };
        if expected > MOST_TRIED {
            return;
        }
        let (passed, is_of_row) = passing(row, &settings, gap);
        if is_of_row {
            assert!(passed.abs_diff(expected) <= 1 + expected / 100, "{passed} instead of {expected}");
            assert!(!gap.is_zero() || passed == expected, "{passed} instead of {expected}");
            return;
        }
    }
    panic!("{} of {:?} in {} seconds is never in the way", row.name, row.scope, row.seconds);
}

/// How many pass a bucket that refills meanwhile.
fn with_refill(allowance: Allowance, cost: u64, gap: Duration) -> u64 {
    let refilled = u128::from(allowance.units) * gap.as_nanos();
    let (per, cost) = (allowance.per.as_nanos(), u128::from(cost));
    let Some(drained) = (cost * per).checked_sub(refilled).filter(|drained| *drained > 0) else {
        return u64::MAX;
    };
    let begun = u128::from(allowance.units) * per - refilled;
    u64::try_from(begun / drained).unwrap()
}

const MINUTE: u32 = 60;
const HOUR: u32 = 3_600;
const PEOPLE: &[u8] = br#"{"requests":[{"entityTypes":["person"],"query":{"queryString":"a"}}]}"#;
static UPLOAD: [u8; BYTES] = [0; BYTES];

/// Fails when a number of the tables is another one, holds for somebody else, or is not scaled.
#[rstest]
#[case::d1(Row::reads("/me/messages", "global", Scope::App, 130_000, 10))]
#[case::d2_requests(Row::reads("/me/messages", "mailbox", Scope::AppMailbox, 10_000, 10 * MINUTE))]
#[case::d2_upload(Row::reads("/me/findMeetingTimes", "upload", Scope::AppMailbox, 150_000_000, 5 * MINUTE).sends(&UPLOAD))]
#[case::d2_insights(Row::reads("/me/insights/used", "insights", Scope::AppUser, 10_000, 10 * MINUTE))]
#[case::d3_meetings(Row::reads("/me/onlineMeetings/{n}", "meeting-information", Scope::User, 2_000, 30 * 24 * HOUR))]
#[case::d3_calls(Row::reads("/communications/calls/{n}", "calls", Scope::AppTenant, 50_000, 15))]
#[case::d3_presence(Row::reads("/users/{n}/presence", "presence", Scope::AppTenant, 10_000, 30))]
#[case::d3_call_records(Row::reads(
    "/communications/callRecords/{n}",
    "call-records",
    Scope::AppTenant,
    1_500,
    20
))]
#[case::d4_app(Row::reads("/groups/x/members?$expand=y", "directory", Scope::App, 150_000, 20))]
#[case::d4_tenant(Row::reads("/me", "directory", Scope::AppTenant, 3_500, 10))]
#[case::d4_writes(Row::reads("/users/{n}", "directory-writes", Scope::AppTenant, 3_000, 150).writes())]
#[case::d4_writes_of_an_app(Row::reads("/users/{n}", "directory-writes", Scope::App, 35_000, 5 * MINUTE).writes())]
#[case::d4_writes_of_a_tenant(Row::reads("/users/{n}", "directory-writes", Scope::Tenant, 18_000, 5 * MINUTE).writes())]
#[case::d4_subscriptions(Row::reads("/subscriptions", "subscriptions", Scope::AppTenant, 500, 20))]
#[case::d4_extensions(Row::reads("/me/extensions", "extensions", Scope::AppTenant, 455, 10))]
#[case::d4_onenote_minute(Row::reads("/me/onenote/pages", "onenote", Scope::AppUser, 120, MINUTE))]
#[case::d4_onenote_hour(Row::reads("/me/onenote/pages", "onenote", Scope::AppUser, 400, HOUR))]
#[case::d5_minute(Row::reads("/drives/d/items/i", "sharepoint", Scope::AppTenant, 1_250, MINUTE))]
#[case::d5_day(Row::reads("/drives/d/items/i", "sharepoint", Scope::AppTenant, 1_200_000, 24 * HOUR))]
#[case::d5_tenant(Row::reads("/drives/d/items/i", "sharepoint", Scope::Tenant, 18_750, 5 * MINUTE))]
#[case::d5_user(Row::reads("/drives/d/items/i", "sharepoint", Scope::User, 3_000, 5 * MINUTE))]
#[case::d5_ingress(Row::reads("/drives/d/items/i", "ingress", Scope::AppTenant, 400_000_000_000, HOUR).sends(&UPLOAD))]
#[case::d5_ingress_of_a_user(Row::reads("/drives/d/items/i", "ingress", Scope::User, 50_000_000_000, HOUR).sends(&UPLOAD))]
#[case::d5_egress(Row::reads("/drives/d/items/i", "egress", Scope::AppTenant, 400_000_000_000, HOUR).weighs(BYTES as u64))]
#[case::d5_egress_of_a_user(Row::reads("/drives/d/items/i", "egress", Scope::User, 100_000_000_000, HOUR).weighs(BYTES as u64))]
#[case::d5_sharing(Row::reads("/shares/u!{n}/driveItem/content", "sharing", Scope::AppTenant, 300, 5 * MINUTE))]
#[case::d5_search(Row::reads("/search/query", "search", Scope::User, 10, 1))]
#[case::d5_people(Row::reads("/search/query", "people-results", Scope::Tenant, 25, 1).sends(PEOPLE))]
#[case::d5_copilot(Row::reads("/copilot/retrieval", "copilot", Scope::AppUser, 200, HOUR))]
fn a_number_is_the_published_one(
    #[case] row: Row,
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
    #[values(1.0, 0.01)] scale: f64,
) {
    hold(&row, algorithm, scale);
}

/// Fails when a dimension of the table of Teams is another one, for a second or sustained.
#[rstest]
#[case("/teams/{n}", "team", (1_500, 30), (Some(4), None))]
#[case("/me/joinedTeams", "joined-teams", (300, 30), (None, None))]
#[case("/teams/{n}/channels", "channels", (1_200, 60), (Some(4), None))]
#[case("/teams/t/channels/{n}", "channel", (600, 30), (Some(1), None))]
#[case("/teams/t/channels/{n}/members", "channel-members", (1_200, 60), (Some(1), None))]
#[case("/teams/t/channels/{n}/messages", "channel-messages", (200, 20), (Some(1), None))]
#[case("/me/chats", "chats", (200, 20), (None, Some(1)))]
#[case("/chats/{n}", "chat", (2_000, 200), (Some(1), Some(5)))]
#[case("/chats/{n}/messages", "chat-messages", (200, 20), (Some(1), None))]
#[case("/chats/{n}/messages/m/hostedContents", "hosted-contents", (500, 50), (Some(1), None))]
#[case("/chats/{n}/messages/m/hostedContents/h/$value", "hosted-content-value", (600, 60), (Some(1), None))]
#[case("/teams/{n}/members", "team-members", (1_200, 60), (Some(4), None))]
#[case("/chats/{n}/members", "teams-other", (1_500, 30), (Some(1), Some(1)))]
#[case("/me/onlineMeetings/{n}/transcripts", "teams-other", (1_500, 30), (None, Some(1)))]
#[case("/me/chats/getAllMessages", "all-messages", (1_000, 200), (None, None))]
fn a_dimension_of_teams_is_the_published_one(
    #[case] address: &'static str,
    #[case] name: &'static str,
    #[case] (app, tenant): (u64, u64),
    #[case] (resource, user): (Option<u64>, Option<u64>),
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
    #[values(1.0, 3.0)] scale: f64,
) {
    let dimensions = [
        (Scope::App, Some(app)),
        (Scope::AppTenant, Some(tenant)),
        (Scope::AppResource, resource),
        (Scope::AppUser, user),
    ];
    for (scope, rate) in dimensions {
        let Some(rate) = rate else { continue };
        hold(&Row::reads(address, name, scope, rate, 1), algorithm, scale);
        hold(&Row::reads(address, name, scope, rate * 25, 30), algorithm, scale);
    }
}

/// Fails when questions about one meeting are counted as so many meetings, or another meeting as the same.
#[test]
fn a_meeting_is_counted_once_a_month() {
    let settings = Settings { scale: 0.001, ..Settings::default() };
    let mut throttling = Throttling::new(settings);
    let row = Row::reads("/me/onlineMeetings/{n}", "meeting-information", Scope::User, 2_000, 30 * 24 * HOUR);
    let mut ask = |meeting: &str, number: u128, day: u64| {
        let address = row.address.replace("{n}", meeting);
        let now = START + Duration::from_secs(day * 86_400);
        matches!(throttling.admit(&row.facts(number, &address), now), Admission::Admitted(_))
    };
    assert!(ask("a", 1, 0) && ask("b", 2, 0), "two of two");
    assert!(!ask("c", 3, 0));
    assert!(ask("a", 4, 1) && ask("A", 5, 1), "known already");
    assert!(!ask("c", 6, 1));
    assert!(ask("a/transcripts", 7, 1), "something else than the meeting");
    assert!(ask("c", 8, 31), "a month later");
}

/// Fails when a file that is fetched uses nothing, or is given out to whoever has fetched too much.
#[rstest]
fn what_the_file_host_gives_out_is_counted_with_the_rest(
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    // A hundred bytes of a user in an hour.
    let settings = Settings { algorithm, scale: 1e-9, ..Settings::default() };
    let mut throttling = Throttling::new(settings);
    let download = |user| Download { app: Uuid::nil(), tenant: Uuid::nil(), user: Uuid::from_u128(user) };
    let egress = throttling.admit_download(&download(1), START).unwrap().unwrap();
    throttling.sent(&egress, 99, START);
    let egress = throttling.admit_download(&download(1), START).unwrap().unwrap();
    throttling.sent(&egress, 1, START);
    let refused = throttling.admit_download(&download(1), START).unwrap_err();
    assert!(matches!(refused.reason, Reason::Rate(limit) if limit.scope == Scope::User));
    assert_eq!(refused.workload, Workload::SharePoint);
    assert!(throttling.admit_download(&download(2), START).is_ok(), "somebody else");
    assert!(throttling.admit_download(&download(1), START + refused.wait).is_ok());
}
