use proptest::prelude::*;
use rstest::rstest;
use uuid::Uuid;

use super::super::foreign::{Foreign, ForeignApplication};
use super::super::meter::Algorithm;
use super::super::request::Intent;
use super::*;

const START: Duration = Duration::from_secs(1_000_000);

fn facts(path: &str) -> RequestFacts<'_> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    RequestFacts {
        app: Uuid::from_u128(1),
        tenant: Uuid::from_u128(2),
        user: Uuid::from_u128(3),
        mailbox: None,
        tenant_users: 12,
        intent: Intent::Reads,
        path,
        query,
        body: &[],
    }
}

/// The answer to one request that is over at once.
fn ask(throttling: &mut Throttling, facts: &RequestFacts<'_>, now: Duration) -> Result<Pass, Throttled> {
    match throttling.admit(facts, now) {
        Admission::Admitted(mut pass) => {
            if let Some(permit) = pass.permit.take() {
                throttling.release(permit);
            }
            Ok(pass)
        }
        Admission::Refused(throttled) => Err(throttled),
    }
}

/// How many pass at one moment before the first refusal, at most `most`.
fn burst(throttling: &mut Throttling, facts: &RequestFacts<'_>, most: usize) -> usize {
    (0..most).take_while(|_| ask(throttling, facts, START).is_ok()).count()
}

fn header<'a>(headers: &'a [Header], name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

/// Fails when the limit that a client would hit first is not the published one.
#[rstest]
#[case("/me/messages", 10_000)]
#[case("/me/chats", 1)]
#[case("/chats/c/messages", 1)]
#[case("/me/joinedTeams", 30)]
#[case("/teams/t/channels", 4)]
#[case("/me/onlineMeetings", 1)]
#[case("/me?$select=id", 3_500)]
#[case("/users", 1_750)]
#[case("/me/drive/root", 1_250)]
#[case("/me/drive/root/children", 625)]
#[case("/me/drive/root/permissions", 250)]
#[case("/search/query", 10)]
#[case("/me/onenote/pages", 120)]
#[case("/copilot/retrieval", 200)]
fn the_first_limit_in_the_way_is_the_published_one(
    #[case] path: &str,
    #[case] passing: usize,
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    let mut throttling = Throttling::new(Settings { algorithm, ..Settings::default() });
    assert_eq!(burst(&mut throttling, &facts(path), 20_000), passing);
}

/// Fails when one holder's use weighs on another's allowance, or two addresses of one holder have two.
#[test]
fn allowances_are_kept_apart_by_their_holders() {
    let mut throttling = Throttling::new(Settings { scale: 0.001, ..Settings::default() });
    let own = facts("/me/messages");
    assert_eq!(burst(&mut throttling, &own, 100), 10);
    let shared = facts("/users/shared@a.example/messages");
    assert_eq!(burst(&mut throttling, &shared, 100), 10, "another mailbox");
    let by_id = format!("/users/{}/messages", own.user);
    assert_eq!(burst(&mut throttling, &facts(&by_id), 100), 0, "one's own by id");
    let known = RequestFacts { mailbox: Some(own.user), ..facts("/users/me@a.example/messages") };
    assert_eq!(burst(&mut throttling, &known, 100), 0, "one's own by name");
    let exported = "/admin/exchange/mailboxes/MBX:a@b/folders";
    let known = RequestFacts { mailbox: Some(own.user), ..facts(exported) };
    assert_eq!(burst(&mut throttling, &known, 100), 0, "one's own in the view for exports");
    assert_eq!(burst(&mut throttling, &facts(exported), 100), 10, "an archive, which is another mailbox");
    let app = RequestFacts { app: Uuid::from_u128(9), ..own };
    assert_eq!(burst(&mut throttling, &app, 100), 10, "another application");
    let tenant = RequestFacts { tenant: Uuid::from_u128(9), ..own };
    assert_eq!(burst(&mut throttling, &tenant, 100), 10, "the same object id in another tenant");
}

/// Fails when the fifth request at once passes, or a released place stays taken.
#[test]
fn a_mailbox_serves_four_requests_at_once() {
    let mut throttling = Throttling::new(Settings::default());
    let own = facts("/me/messages");
    let mut permits: Vec<Permit> = (0..4)
        .map(|_| match throttling.admit(&own, START) {
            Admission::Admitted(pass) => pass.permit.unwrap(),
            Admission::Refused(throttled) => panic!("{throttled:?}"),
        })
        .collect();
    let refused = ask(&mut throttling, &own, START).unwrap_err();
    assert_eq!((refused.reason, refused.workload), (Reason::Concurrency, Workload::Outlook));
    assert!(ask(&mut throttling, &facts("/users/other@a.example/messages"), START).is_ok());
    assert!(ask(&mut throttling, &facts("/me/chats"), START).is_ok(), "Teams counts no concurrency");
    throttling.release(permits.pop().unwrap());
    assert!(ask(&mut throttling, &own, START).is_ok());
    for permit in permits {
        throttling.release(permit);
    }
    assert!(throttling.under_way.is_empty(), "nothing is kept of what is over");
}

/// Fails when a service that takes a few requests at once takes another number of them, or counts users together.
#[rstest]
#[case("/me/messages", 4)]
#[case("/me/insights/used", 4)]
#[case("/me/onenote/pages", 5)]
fn a_service_takes_so_many_requests_at_once(#[case] path: &str, #[case] most: usize) {
    let mut throttling = Throttling::new(Settings::default());
    let own = facts(path);
    let mut held = Vec::new();
    while let Admission::Admitted(pass) = throttling.admit(&own, START) {
        held.push(pass.permit.unwrap());
        assert!(held.len() <= most);
    }
    assert_eq!(held.len(), most);
    let other = RequestFacts { user: Uuid::from_u128(9), ..own };
    assert!(ask(&mut throttling, &other, START).is_ok());
    for permit in held {
        throttling.release(permit);
    }
}

/// Fails when refused requests are free where they count, or count where they are free.
#[rstest]
#[case("/me/drive/root", true)]
#[case("/search/query", true)]
#[case("/me/chats", false)]
#[case("/me/onlineMeetings", false)]
fn refused_requests_count_where_that_is_documented(#[case] path: &str, #[case] counts: bool) {
    let mut throttling =
        Throttling::new(Settings { algorithm: Algorithm::TokenBucket, ..Settings::default() });
    let asked = facts(path);
    burst(&mut throttling, &asked, 20_000);
    let first = ask(&mut throttling, &asked, START).unwrap_err().wait;
    let second = ask(&mut throttling, &asked, START).unwrap_err().wait;
    assert_eq!(second > first, counts, "{first:?} {second:?}");
}

/// Fails when a client that keeps to Retry-After is refused again.
#[rstest]
fn who_waits_as_told_passes(
    #[values("/me/messages", "/me/chats", "/me", "/me/drive/root", "/search/query")] path: &str,
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    let mut throttling = Throttling::new(Settings { algorithm, ..Settings::default() });
    let asked = facts(path);
    burst(&mut throttling, &asked, 20_000);
    let refused = ask(&mut throttling, &asked, START).unwrap_err();
    let seconds: u64 = header(&refused.headers, "retry-after").unwrap().parse().unwrap();
    assert!(Duration::from_secs(seconds) >= refused.wait);
    assert!(ask(&mut throttling, &asked, START + Duration::from_secs(seconds)).is_ok());
}

/// Fails when SharePoint's headers come too early, not at all, or count wrongly.
#[test]
fn sharepoint_tells_of_its_minute_from_four_fifths_on() {
    let mut throttling = Throttling::new(Settings::default());
    let asked = facts("/me/drive/root");
    let mut told = Vec::new();
    for number in 1..=1_250 {
        let pass = ask(&mut throttling, &asked, START).unwrap();
        if let Some(remaining) = header(&pass.headers, "ratelimit-remaining") {
            assert_eq!(header(&pass.headers, "ratelimit-limit"), Some("1250"));
            told.push((number, remaining.to_owned()));
        }
    }
    assert_eq!(told.first(), Some(&(1_000, "250".to_owned())));
    assert_eq!((told.len(), told.last()), (251, Some(&(1_250, "0".to_owned()))));
    let refused = ask(&mut throttling, &asked, START).unwrap_err();
    assert_eq!(header(&refused.headers, "ratelimit-remaining"), Some("0"));
    assert_eq!(header(&refused.headers, "ratelimit-reset"), header(&refused.headers, "retry-after"));
}

/// Fails when another limit's refusal is told as that of the minute: `Retry-After` alone is documented there.
#[test]
fn a_refusal_by_another_limit_of_sharepoint_has_no_rate_limit_headers() {
    let foreign = Foreign { share: 0.999, ..FOREIGN };
    let algorithm = Algorithm::SlidingWindow;
    let mut throttling =
        Throttling::new(Settings { algorithm, foreign: Some(foreign), ..Settings::default() });
    let asked = facts("/me/drive/root");
    assert_eq!(burst(&mut throttling, &asked, 100), 3, "of the user's 3,000 three are left");
    let refused = ask(&mut throttling, &asked, START).unwrap_err();
    assert!(
        matches!(refused.reason, Reason::Rate(limit) if limit.scope == Scope::User),
        "{:?}",
        refused.reason
    );
    assert!(header(&refused.headers, "retry-after").is_some());
    assert_eq!(header(&refused.headers, "ratelimit-limit"), None);
}

/// Fails when the directory's headers are missing, or tell of too little use.
#[test]
fn the_directory_tells_the_cost_and_how_near_the_limit_is() {
    let mut throttling = Throttling::new(Settings::default());
    let asked = facts("/me");
    let first = ask(&mut throttling, &asked, START).unwrap();
    assert_eq!(header(&first.headers, "x-ms-resource-unit"), Some("1"));
    assert_eq!(header(&first.headers, "x-ms-throttle-limit-percentage"), None);
    burst(&mut throttling, &asked, 2_799);
    let near = ask(&mut throttling, &asked, START).unwrap();
    assert_eq!(header(&near.headers, "x-ms-throttle-limit-percentage"), Some("0.80"));
    burst(&mut throttling, &asked, 20_000);
    let refused = ask(&mut throttling, &asked, START).unwrap_err();
    let scope = header(&refused.headers, "x-ms-throttle-scope").unwrap();
    assert_eq!(scope, format!("Tenant_Application/ReadWrite/{}/{}", asked.app, asked.tenant));
    assert_eq!(header(&refused.headers, "x-ms-throttle-information"), Some("ResourceUnitLimitExceeded"));
    assert_eq!(header(&refused.headers, "x-ms-throttle-limit-percentage"), Some("1.00"));
}

/// Fails when OneNote sends what it is documented to leave out.
#[test]
fn onenote_says_no_time() {
    let mut throttling = Throttling::new(Settings::default());
    let asked = facts("/me/onenote/pages");
    burst(&mut throttling, &asked, 200);
    assert_eq!(header(&ask(&mut throttling, &asked, START).unwrap_err().headers, "retry-after"), None);
}

const FOREIGN: Foreign = Foreign {
    application: ForeignApplication::Another,
    share: 0.7,
    active: Duration::from_secs(60),
    pause: Duration::ZERO,
};

/// Fails when somebody else uses an allowance that is an application's own, or never pauses.
#[test]
fn another_application_uses_what_is_shared_and_comes_and_goes() {
    let foreign = Foreign { active: Duration::from_secs(40), pause: Duration::from_secs(60), ..FOREIGN };
    let algorithm = Algorithm::SlidingWindow;
    let settings = Settings { algorithm, foreign: Some(foreign), ..Settings::default() };
    let passing = |path: &str, at: u64| {
        let mut throttling = Throttling::new(settings.clone());
        let now = Duration::from_secs(at);
        (0..50).take_while(|_| ask(&mut throttling, &facts(path), now).is_ok()).count()
    };
    assert_eq!(passing("/search/query", 100), 10, "it only begins");
    assert_eq!(passing("/search/query", 102), 3, "seven of ten are gone");
    assert_eq!(passing("/search/query", 140), 3);
    assert_eq!(passing("/search/query", 142), 10, "it pauses");
    assert_eq!(passing("/me/joinedTeams", 102), 30, "not shared");
}

/// Fails when a second deployment leaves an application's own allowances alone: no client would be tried against it.
#[rstest]
#[case("/me/joinedTeams", 9)]
#[case("/me/messages", 3_000)]
#[case("/me?$select=id", 1_050)]
#[case("/search/query", 3)]
fn a_second_deployment_uses_what_is_the_applications(#[case] path: &str, #[case] left: usize) {
    let foreign = Foreign { application: ForeignApplication::Same, ..FOREIGN };
    let algorithm = Algorithm::SlidingWindow;
    let mut throttling =
        Throttling::new(Settings { algorithm, foreign: Some(foreign), ..Settings::default() });
    assert_eq!(burst(&mut throttling, &facts(path), 20_000), left);
}

/// Fails when there is a way of counting by which somebody else costs nothing, or more than the share.
#[rstest]
fn what_somebody_else_uses_is_not_there_in_the_long_run(
    #[values(("/search/query", 10.0), ("/me/joinedTeams", 25.0), ("/me/drive/root", 10.0))]
    (path, per_second): (&str, f64),
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    let foreign = Foreign { application: ForeignApplication::Same, share: 0.3, ..FOREIGN };
    let refused_at = |part: f64| {
        let settings = Settings { algorithm, foreign: Some(foreign), ..Settings::default() };
        let mut throttling = Throttling::new(settings);
        let between = Duration::from_secs_f64(1.0 / per_second / part);
        let moments = (0..30_000).map(|number: u32| START + between * number);
        moments.filter(|now| ask(&mut throttling, &facts(path), *now).is_err()).count()
    };
    assert_eq!(refused_at(0.55), 0);
    assert!(refused_at(0.85) > 1_000, "beside 30 %");
}

/// Fails when the rate that is published for a second of Teams can be kept up for ever.
#[rstest]
fn teams_sustains_five_sixths_of_its_rate(
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    let mut throttling = Throttling::new(Settings { algorithm, ..Settings::default() });
    let asked = facts("/me/joinedTeams");
    let attempts = |tenth: u64| std::iter::repeat_n(START + Duration::from_millis(tenth * 100), 5);
    let passed =
        (0..3_000).flat_map(attempts).filter(|now| ask(&mut throttling, &asked, *now).is_ok()).count();
    // 300 seconds of 25, and once more the 750 that may be used at the start.
    assert!((6_000..=300 * 25 + 750).contains(&passed), "{passed} of 9,000");
}

/// Fails when a service is counted by another algorithm than was chosen for it.
#[test]
fn services_can_count_in_ways_of_their_own() {
    let by_workload = [(Workload::Search, Algorithm::FixedWindow)].into();
    let settings = Settings { algorithm: Algorithm::SlidingWindow, by_workload, ..Settings::default() };
    let mut throttling = Throttling::new(settings);
    let wait = |throttling: &mut Throttling, path: &str| {
        burst(throttling, &facts(path), 100);
        ask(throttling, &facts(path), START).unwrap_err().wait
    };
    assert_eq!(wait(&mut throttling, "/search/query"), Duration::from_secs(1));
    assert!(wait(&mut throttling, "/me/chats") > Duration::from_secs(1), "a slot longer");
}

/// Fails when keys are kept for ever: a long run over many users would fill the memory.
#[test]
fn meters_that_nobody_uses_are_forgotten() {
    let mut throttling = Throttling::new(Settings::default());
    for number in 0..60_000_u64 {
        let asked = RequestFacts { user: Uuid::from_u128(number.into()), ..facts("/search/query") };
        let now = START + Duration::from_millis(number * 10);
        assert!(ask(&mut throttling, &asked, now).is_ok());
        assert!(throttling.len() <= FIRST_SWEEP, "{}", throttling.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Fails when some mix of requests overdraws a tenant's minute, whatever the way of counting.
    #[test]
    fn no_mix_of_requests_overdraws_the_minute_of_a_tenant(
        requests in prop::collection::vec((0_u64..400, 0_usize..3, 1_u128..4), 100..600),
    ) {
        for algorithm in Algorithm::ALL {
            // 12 units a minute.
            let settings = Settings { algorithm, scale: 0.01, ..Settings::default() };
            let mut throttling = Throttling::new(settings);
            let mut now = START;
            let mut passed: Vec<(Duration, u64)> = Vec::new();
            for (gap, path, user) in &requests {
                now += Duration::from_millis(*gap);
                let path = ["/me/drive/root", "/me/drive/root/children", "/me/drive/root/permissions"][*path];
                let asked = RequestFacts { user: Uuid::from_u128(*user), ..facts(path) };
                if ask(&mut throttling, &asked, now).is_ok() {
                    passed.push((now, Target::of(&asked).unwrap().cost));
                }
            }
            let minute = Duration::from_secs(60);
            for (start, _) in &passed {
                let within = passed.iter().filter(|(at, _)| (*start..*start + minute).contains(at));
                let used: u64 = within.map(|(_, cost)| cost).sum();
                let most = if algorithm == Algorithm::SlidingWindow { 12 } else { 24 };
                prop_assert!(used <= most, "{:?}: {}", algorithm, used);
            }
        }
    }
}
