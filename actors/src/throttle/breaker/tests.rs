use rstest::rstest;

use super::*;
use crate::testing::tenant;

fn seconds(seconds: u64) -> Nanos {
    nanos(Duration::from_secs(seconds))
}

/// So many requests of a tenant, one after the other, at one moment.
fn send(breaker: &Arc<Breaker>, number: u128, outcome: Outcome, times: u32, now: Nanos) -> u32 {
    let mut passed = 0;
    for _ in 0..times {
        if let Ok(mut pass) = breaker.admit(tenant(number), now) {
            pass.ended(outcome, now);
            passed += 1;
        }
    }
    passed
}

/// A service that is down would be asked by every call, and each would wait for its fault.
#[test]
fn a_service_that_fails_is_left_alone_and_probed() {
    let breaker = Arc::new(Breaker::of(Workload::Outlook));
    assert_eq!(send(&breaker, 1, Outcome::Failed, 100, seconds(1)), ENOUGH);
    assert_eq!(breaker.state(seconds(5)), BreakerState::Open);
    assert_eq!(breaker.admit(tenant(2), seconds(2)).unwrap_err(), seconds(4));
    assert_eq!(breaker.state(seconds(6)), BreakerState::HalfOpen, "it shows open while nobody comes");

    let probes: Vec<_> = (0..5).map(|_| breaker.admit(tenant(1), seconds(6))).collect();
    assert_eq!(probes.iter().filter(|probe| probe.is_ok()).count(), 3);
    assert_eq!(breaker.state(seconds(6)), BreakerState::HalfOpen);
    drop(probes);
    assert_eq!(send(&breaker, 1, Outcome::Answered, 3, seconds(7)), 3);
    assert_eq!(breaker.state(seconds(7)), BreakerState::Closed);
}

/// A service that is down would be asked on by batches; or one failed item among many be taken for an outage, or a
/// probe for a success of which a part has failed.
#[test]
fn each_item_of_a_batch_counts_and_a_probe_succeeds_as_a_whole() {
    let failed = |count| vec![Outcome::Failed; count];
    let breaker = Arc::new(Breaker::of(Workload::Outlook));
    breaker.admit(tenant(1), seconds(0)).unwrap().all_ended(&failed(19), seconds(0));
    breaker.admit(tenant(1), seconds(0)).unwrap().all_ended(&[], seconds(0));
    assert_eq!(breaker.state(seconds(0)), BreakerState::Closed);
    breaker.admit(tenant(1), seconds(0)).unwrap().all_ended(&failed(1), seconds(0));
    assert_eq!(breaker.state(seconds(0)), BreakerState::Open);

    let mixed = [Outcome::Answered, Outcome::Answered, Outcome::Failed, Outcome::Answered];
    breaker.admit(tenant(1), seconds(5)).unwrap().all_ended(&mixed, seconds(5));
    assert_eq!(breaker.state(seconds(5)), BreakerState::Open);
    let good = [Outcome::Answered; 20];
    for left in [3, 2, 1] {
        assert_eq!(breaker.state(seconds(15)), BreakerState::HalfOpen, "{left} probes are to come");
        breaker.admit(tenant(1), seconds(15)).unwrap().all_ended(&good, seconds(15));
    }
    assert_eq!(breaker.state(seconds(15)), BreakerState::Closed);
}

/// A service that is down for long would be probed every five seconds, by all machines alike.
#[test]
fn a_failed_probe_doubles_the_time() {
    let breaker = Arc::new(Breaker::of(Workload::Outlook));
    send(&breaker, 1, Outcome::Failed, ENOUGH, seconds(0));
    let mut now = seconds(5);
    for expected in [10, 20, 40, 60, 60] {
        assert_eq!(send(&breaker, 1, Outcome::Failed, 1, now), 1);
        assert_eq!(breaker.admit(tenant(1), now).unwrap_err(), seconds(expected));
        now += seconds(expected);
    }
}

/// One tenant whose requests fail for a reason of their own would take the service away from all others.
#[test]
fn a_tenant_that_fails_alone_opens_nothing() {
    let breaker = Arc::new(Breaker::of(Workload::Outlook));
    send(&breaker, 2, Outcome::Answered, 1, seconds(1));
    assert_eq!(send(&breaker, 1, Outcome::Failed, 1_000, seconds(1)), 1_000);
    assert_eq!(breaker.state(seconds(1)), BreakerState::Closed);
}

/// Refusals of access, or throttling, would be taken for an outage: by themselves, or as what is still missing to it.
#[test]
fn answers_never_open_it() {
    let breaker = Arc::new(Breaker::of(Workload::Outlook));
    for failing in [1, 2] {
        send(&breaker, failing, Outcome::Failed, (ENOUGH - 1) / 2, seconds(1));
    }
    send(&breaker, 3, Outcome::Answered, 5, seconds(1));
    assert_eq!(breaker.state(seconds(1)), BreakerState::Closed);
    send(&breaker, 1, Outcome::Answered, 1_000, seconds(1));
    assert_eq!(breaker.state(seconds(1)), BreakerState::Closed);
}

/// A service that fails for nearly all requests would be asked on because some get through.
#[rstest]
#[case::of_one_tenant(1, 20)]
#[case::of_some_tenants(5, 10)]
#[case::of_many_tenants(200, 10)]
fn an_outage_with_a_few_answers_opens_it(#[case] tenants: u128, #[case] answered_of: u32) {
    let breaker = Arc::new(Breaker::of(Workload::Outlook));
    for request in 0..answered_of {
        for number in 1..=tenants {
            let outcome = if request == 0 { Outcome::Answered } else { Outcome::Failed };
            for _ in 0..3 {
                send(&breaker, number, outcome, 1, seconds(1));
            }
        }
    }
    assert_eq!(breaker.state(seconds(1)), BreakerState::Open);
}

/// A failing corner of the service would take the whole of it away from most tenants.
#[test]
fn it_stays_closed_while_more_tenants_are_served_than_not() {
    let breaker = Arc::new(Breaker::of(Workload::Outlook));
    for number in 1..=10 {
        let outcome = if number <= 6 { Outcome::Answered } else { Outcome::Failed };
        send(&breaker, number, outcome, 5, seconds(1));
    }
    send(&breaker, 7, Outcome::Failed, 500, seconds(1));
    assert_eq!(breaker.state(seconds(1)), BreakerState::Closed);
}

/// Callers who leave would use up the probes for ever.
#[test]
fn a_probe_that_is_given_up_makes_room() {
    let breaker = Arc::new(Breaker::of(Workload::Outlook));
    send(&breaker, 1, Outcome::Failed, ENOUGH, seconds(0));
    for _ in 0..10 {
        drop(breaker.admit(tenant(1), seconds(5)).unwrap());
    }
    assert_eq!(breaker.state(seconds(5)), BreakerState::HalfOpen);
}

/// A probe that took longer than the service was left alone would speak for the next ones: it would make room for more of
/// them than may be, count as one that has succeeded, or open the breaker for what was sent before it had opened.
#[rstest]
#[case::answered(Some(Outcome::Answered))]
#[case::failed(Some(Outcome::Failed))]
#[case::given_up(None)]
fn a_probe_of_an_earlier_opening_says_nothing(#[case] outcome: Option<Outcome>) {
    let breaker = Arc::new(Breaker::of(Workload::Outlook));
    send(&breaker, 1, Outcome::Failed, ENOUGH, seconds(0));
    let mut late = breaker.admit(tenant(1), seconds(5)).unwrap();
    send(&breaker, 1, Outcome::Failed, 1, seconds(6));
    let _under_way: Vec<_> = (0..3).map(|_| breaker.admit(tenant(1), seconds(16)).unwrap()).collect();
    if let Some(outcome) = outcome {
        late.ended(outcome, seconds(17));
    }
    drop(late);
    assert_eq!(breaker.state(seconds(17)), BreakerState::HalfOpen);
    assert!(breaker.admit(tenant(1), seconds(17)).is_err(), "a fourth tries");
}
