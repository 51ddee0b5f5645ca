//! Refusals that are about the application over all tenants.

use std::ops::RangeInclusive;
use std::time::Duration;

use rstest::rstest;
use tokio::time::{Instant, sleep};

use super::{asked_by, gate, passes, seconds};
use crate::throttle::learned::{Learned, Refused};
use crate::throttle::{
    Gate, GateReason, GateRequest, RequestClass, TeamsRoute, ThrottleScope, ThrottleSignal, Workload,
};

fn directory(tenant_number: u128) -> GateRequest {
    asked_by(tenant_number, 1, Workload::Directory)
}

fn refused(gate: &Gate, request: &GateRequest, pause: u64) {
    let signal = ThrottleSignal::RetryAfter(seconds(pause));
    gate.heed(request, signal, ThrottleScope::Application, Instant::now());
}

/// Each tenant would have to meet by itself what Graph has said to all; or every service stand still because of one.
#[actix_rt::test]
async fn every_tenant_keeps_away_from_the_service_that_has_refused_the_application() {
    let gate = gate();
    refused(&gate, &directory(1), 30);
    for tenant in 1..=3 {
        let refusal = gate.pass(&directory(tenant), Instant::now() + seconds(5)).await.unwrap_err();
        assert_eq!((refusal.reason, refusal.retry_after), (GateReason::RetryAfter, seconds(30)));
        for other in [Workload::Outlook, Workload::Teams, Workload::SharePoint, Workload::Search] {
            assert!(passes(&gate, &asked_by(tenant, 1, other)), "{other:?} of tenant {tenant}");
        }
    }
    sleep(seconds(30)).await;
    assert!((1..=3).all(|tenant| passes(&gate, &directory(tenant))));
}

/// The application would be refused again as soon as the pause is over: 15 % less of what it may use in all tenants is used
/// for a while.
#[rstest]
#[case::of_the_application(ThrottleScope::Application, 381..=383)]
#[case::of_a_tenant(ThrottleScope::Tenant, 449..=451)]
#[actix_rt::test]
async fn what_the_application_may_use_is_used_less(
    #[case] scope: ThrottleScope,
    #[case] expected: RangeInclusive<usize>,
) {
    let gate = gate();
    let teams = |tenant| {
        let class = RequestClass::Teams(TeamsRoute::JoinedTeams);
        GateRequest { class, ..asked_by(tenant, 1, Workload::Teams) }
    };
    gate.heed(&teams(1_000), ThrottleSignal::RetryAfter(seconds(1)), scope, Instant::now());
    sleep(seconds(2)).await;
    let passing = || (1..300).take_while(|tenant| passes(&gate, &teams(*tenant))).count();
    passing();
    let mut passed = 0;
    for _ in 0..20 {
        sleep(Duration::from_millis(100)).await;
        passed += passing();
    }
    // In two seconds, of 300 a second of which 25 thirtieths are lasting and 90 % are used: 447.
    assert!(expected.contains(&passed), "{passed}");
}

/// A broken header in one tenant's answer would stop all tenants for as long as it names.
#[actix_rt::test]
async fn one_answer_stops_all_tenants_for_five_minutes_at_most() {
    let gate = gate();
    refused(&gate, &directory(1), 3_600);
    sleep(seconds(299)).await;
    assert!(!passes(&gate, &directory(2)));
    sleep(seconds(1)).await;
    assert!(passes(&gate, &directory(2)));
}

/// In a service that counts no application over all tenants, nobody would keep away at all.
#[actix_rt::test]
async fn where_no_limit_is_the_applications_the_tenant_keeps_away() {
    let gate = gate();
    let files = |tenant| asked_by(tenant, 1, Workload::SharePoint);
    refused(&gate, &files(1), 30);
    assert!(!passes(&gate, &files(1)));
    assert!(passes(&gate, &files(2)));
    refused(&gate, &asked_by(1, 1, Workload::Outlook), 30);
    assert!(!passes(&gate, &asked_by(1, 1, Workload::Outlook)));
}

/// Without a time, each tenant's refusal would count as the first, and all would knock again within a second.
#[test]
fn refusals_of_the_application_follow_each_other_whoever_meets_them() {
    let (mut learned, now) = (Learned::default(), Instant::now());
    let mut longest = |tenant| {
        let refused = Refused::of(directory(tenant).key, ThrottleScope::Application);
        learned.pause(refused, ThrottleSignal::Unspecified, now, 1.0)
    };
    assert_eq!([1, 2, 3, 4].map(&mut longest), [1, 2, 4, 8].map(seconds));
}
