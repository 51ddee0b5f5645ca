use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use rstest::rstest;
use tokio::time::{Instant, pause, sleep};

use super::gate::{Gate, GateReason};
use super::learned::Learned;
use super::signal::{GateKey, GateSubject, OwnerHash, ThrottleSignal, Workload};
use crate::settings::ThrottleSettings;
use crate::testing::{EPOCH, RuntimeClock, World, principal};

fn key(user_number: u128, workload: Workload) -> GateKey {
    let principal = principal(1, user_number);
    GateKey { tenant: principal.tenant, subject: GateSubject::User(principal.user), workload }
}

fn mailbox(user_number: u128) -> GateKey {
    key(user_number, Workload::Outlook)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A gate with paused time.
fn gate() -> Gate {
    pause();
    Gate::new(ThrottleSettings::default(), Arc::new(RuntimeClock::starting_at(EPOCH)))
}

fn within(time: Duration) -> Instant {
    Instant::now() + time
}

/// Every request would pay for an await that nothing asks for.
#[actix_rt::test]
async fn a_free_gate_lets_pass_without_waiting() {
    let gate = gate();
    let passed = gate.pass(mailbox(1), within(seconds(1))).now_or_never();
    assert!(passed.unwrap().is_ok());
}

/// We would knock on while Graph asks us to stay away, which counts against us.
#[actix_rt::test]
async fn a_pause_inside_the_deadline_is_waited_for() {
    let gate = gate();
    gate.heed(mailbox(1), ThrottleSignal::RetryAfter(seconds(7)));
    let before = Instant::now();
    let _permit = gate.pass(mailbox(1), within(seconds(10))).await.unwrap();

    assert!(before.elapsed() >= seconds(7) && before.elapsed() < seconds(8), "{:?}", before.elapsed());
}

/// The caller would hang until its deadline only to be refused then.
#[actix_rt::test]
async fn a_pause_beyond_the_deadline_is_said_at_once() {
    let gate = gate();
    gate.heed(mailbox(1), ThrottleSignal::RetryAfter(seconds(30)));
    sleep(seconds(5)).await;

    let refusal = gate.pass(mailbox(1), within(seconds(10))).now_or_never().unwrap().unwrap_err();
    assert_eq!(refusal.reason, GateReason::RetryAfter);
    assert!(refusal.retry_after <= seconds(25) && refusal.retry_after > seconds(24), "{refusal}");
}

/// One user's 429 would slow another user, or the same user's other workloads.
#[actix_rt::test]
async fn a_pause_of_one_key_is_nobody_elses() {
    let gate = gate();
    gate.heed(mailbox(1), ThrottleSignal::RetryAfter(seconds(30)));

    for other in [mailbox(2), key(1, Workload::SharePoint)] {
        assert!(gate.pass(other, within(seconds(1))).now_or_never().unwrap().is_ok());
    }
}

/// Users who read one shared mailbox would together pass the limit that Exchange Online has for it, or users whose
/// mailboxes have nothing to do with each other would wait for one another.
#[rstest]
#[case::whoever_reads_it("team@contoso.example", "team@contoso.example", true)]
#[case::in_any_case("team@contoso.example", "Team@Contoso.Example", true)]
#[case::another("team@contoso.example", "teams@contoso.example", false)]
fn a_shared_mailbox_is_one_key(#[case] one: &str, #[case] other: &str, #[case] is_same: bool) {
    let shared = |owner| GateSubject::SharedMailbox(OwnerHash::of(owner));
    assert_eq!(shared(one) == shared(other), is_same);
    assert_ne!(shared(one), mailbox(1).subject);
}

/// Exchange Online answers the fifth request at once of a mailbox with 429.
#[actix_rt::test]
async fn a_fifth_request_of_a_mailbox_waits_for_one_to_end() {
    let gate = gate();
    let mut permits = Vec::new();
    for _ in 0..4 {
        permits.push(gate.pass(mailbox(1), within(seconds(1))).await.unwrap());
    }
    let refusal = gate.pass(mailbox(1), within(seconds(1))).await.unwrap_err();
    assert_eq!(refusal.reason, GateReason::Concurrency);

    let (fifth, ()) = tokio::join!(gate.pass(mailbox(1), within(seconds(3))), async {
        sleep(seconds(2)).await;
        permits.pop();
    });
    assert!(fifth.is_ok());
}

/// A caller who comes late would overtake those who wait.
#[actix_rt::test]
async fn those_who_wait_for_a_slot_get_it_in_the_order_in_which_they_came() {
    let gate = gate();
    let order = std::cell::RefCell::new(Vec::new());
    let visit = async |number: u32| {
        let _permit = gate.pass(mailbox(1), within(seconds(60))).await.unwrap();
        order.borrow_mut().push(number);
        sleep(seconds(1)).await;
    };
    futures_util::future::join_all((0..12).map(visit)).await;

    assert_eq!(order.into_inner(), (0..12).collect::<Vec<_>>());
}

/// Teams answers the second request in a second of one user with 429.
#[actix_rt::test]
async fn a_published_rate_spaces_the_requests() {
    let gate = gate();
    let teams = key(1, Workload::Teams);
    drop(gate.pass(teams, within(seconds(1))).await.unwrap());
    let refusal = gate.pass(teams, within(seconds(1))).now_or_never().unwrap().unwrap_err();
    assert_eq!(refusal.reason, GateReason::Rate);
    assert!(refusal.retry_after > seconds(1) && refusal.retry_after < seconds(2), "{refusal}");

    let before = Instant::now();
    let _permit = gate.pass(teams, within(seconds(5))).await.unwrap();
    assert!(before.elapsed() >= refusal.retry_after);
}

/// Above the mailbox's share of 9,000 in ten minutes, Exchange Online throttles all of the user's applications.
#[actix_rt::test]
async fn a_mailbox_never_gets_more_than_its_share_in_any_ten_minutes() {
    let gate = gate();
    let start = Instant::now();
    let mut passed = Vec::new();
    while start.elapsed() < Duration::from_secs(25 * 60) {
        drop(gate.pass(mailbox(1), within(seconds(60))).await.unwrap());
        passed.push(start.elapsed());
    }

    let most = passed.iter().map(|from| {
        let end = passed.partition_point(|at| *at < *from + Duration::from_secs(10 * 60));
        end - passed.partition_point(|at| at < from)
    });
    let most = most.max().unwrap();
    assert!((8_500..=9_000).contains(&most), "{most}");
}

/// A caller who has just learned of a 429 would send the next request before the actor has heard of it.
#[actix_rt::test]
async fn what_is_learned_holds_from_that_moment_on() {
    let world = World::start();
    world.actors.learn(mailbox(1), ThrottleSignal::RetryAfter(seconds(30)));

    let refused = world.actors.gate().pass(mailbox(1), within(seconds(10))).now_or_never();
    assert_eq!(refused.unwrap().unwrap_err().reason, GateReason::RetryAfter);
}

/// Without a time from Graph we would knock again every quarter of a second.
#[rstest]
#[case::at_first([0], 1)]
#[case::at_the_second_time([0, 1], 2)]
#[case::at_the_fourth_time([0, 1, 2, 4], 8)]
#[case::never_more([0, 1, 2, 4, 8, 8], 8)]
#[case::after_a_quiet_minute([0, 1, 2, 60], 1)]
fn an_unspecified_wait_doubles_until_it_is_quiet<const SIGNALS: usize>(
    #[case] waits: [u64; SIGNALS],
    #[case] longest: u64,
) {
    let mut learned = Learned::default();
    let mut now = Instant::now();
    let mut pause = Duration::ZERO;
    for wait in waits {
        now += seconds(wait);
        pause = learned.pause(mailbox(1), ThrottleSignal::Unspecified, now, 1.0);
    }
    assert_eq!(pause, seconds(longest));

    let jittered = learned.pause(mailbox(2), ThrottleSignal::Unspecified, now, 0.0);
    assert_eq!(jittered, Duration::from_millis(250), "chance took the whole pause away");
}

/// Memory would grow with everybody who ever came; or a user's limits would be forgotten while they matter.
#[actix_rt::test]
async fn keys_that_nobody_uses_are_forgotten() {
    let world = World::start();
    let gate = world.actors.gate();
    let held = gate.pass(mailbox(1), within(seconds(1))).await.unwrap();
    for user in 2..1_000 {
        drop(gate.pass(mailbox(user), within(seconds(1))).await.unwrap());
    }
    world.actors.learn(mailbox(1_000), ThrottleSignal::RetryAfter(Duration::from_secs(20 * 60)));
    sleep(Duration::from_secs(9 * 60)).await;
    assert_eq!(world.actors.census().gate_keys, 1_000);

    sleep(Duration::from_secs(3 * 60)).await;
    assert_eq!(world.actors.census().gate_keys, 2, "a request under way and a pause are still known");
    drop(held);
    sleep(Duration::from_secs(20 * 60)).await;
    assert_eq!(world.actors.census().gate_keys, 0);
}

/// The actor's own memory would grow beside the gate's.
#[test]
fn backoffs_are_forgotten_after_a_quiet_minute() {
    let mut learned = Learned::default();
    let now = Instant::now();
    learned.pause(mailbox(1), ThrottleSignal::Unspecified, now, 0.5);
    learned.forget_quiet(now + seconds(59));
    assert_eq!(learned.len(), 1);
    learned.forget_quiet(now + seconds(60));
    assert_eq!(learned.len(), 0);
}
