mod application;
mod batches;
mod places;
mod sizes;
mod suspicion;

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use rstest::rstest;
use tokio::time::{Instant, pause, sleep};

use super::gate::Gate;
use super::learned::{Learned, Refused};
use super::refusal::GateReason;
use super::{
    BreakerState, GateKey, GateRequest, GateSubject, LoadReport, Outcome, OwnerHash, RequestClass,
    ResourceHash, TeamsRoute, ThrottleScope, ThrottleSignal, Workload,
};
use crate::settings::ThrottleSettings;
use crate::testing::{EPOCH, RuntimeClock, World, principal};

mod sharing;

fn refused(user_number: u128) -> Refused {
    Refused::of(mailbox(user_number).key, ThrottleScope::Request)
}

fn asked_by(tenant_number: u128, user_number: u128, workload: Workload) -> GateRequest {
    let principal = principal(tenant_number, user_number);
    let key = GateKey { tenant: principal.tenant, subject: GateSubject::User(principal.user), workload };
    GateRequest::plain(key, principal.user)
}

fn asked(user_number: u128, workload: Workload) -> GateRequest {
    asked_by(1, user_number, workload)
}

fn mailbox(user_number: u128) -> GateRequest {
    asked(user_number, Workload::Outlook)
}

/// A request about one chat.
fn chat(user_number: u128, id: &str) -> GateRequest {
    let class = RequestClass::Teams(TeamsRoute::ChatMessages);
    GateRequest { class, resource: Some(ResourceHash::of(id)), ..asked(user_number, Workload::Teams) }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn told(gate: &Gate, request: &GateRequest, pause: Duration) {
    gate.heed(request, ThrottleSignal::RetryAfter(pause), ThrottleScope::Request, Instant::now());
}

fn passes(gate: &Gate, request: &GateRequest) -> bool {
    gate.pass(request, within(seconds(0))).now_or_never().is_some_and(|passed| passed.is_ok())
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
    let passed = gate.pass(&mailbox(1), within(seconds(1))).now_or_never();
    assert!(passed.unwrap().is_ok());
}

/// We would knock on while Graph asks us to stay away, which counts against us.
#[actix_rt::test]
async fn a_pause_inside_the_deadline_is_waited_for() {
    let gate = gate();
    told(&gate, &mailbox(1), seconds(7));
    let before = Instant::now();
    let _permit = gate.pass(&mailbox(1), within(seconds(10))).await.unwrap();

    assert!(before.elapsed() >= seconds(7) && before.elapsed() < seconds(8), "{:?}", before.elapsed());
}

/// The caller would hang until its deadline only to be refused then.
#[actix_rt::test]
async fn a_pause_beyond_the_deadline_is_said_at_once() {
    let gate = gate();
    told(&gate, &mailbox(1), seconds(30));
    sleep(seconds(5)).await;

    let refusal = gate.pass(&mailbox(1), within(seconds(10))).now_or_never().unwrap().unwrap_err();
    assert_eq!(refusal.reason, GateReason::RetryAfter);
    assert!(refusal.retry_after <= seconds(25) && refusal.retry_after > seconds(24), "{refusal}");
}

/// One user's 429 would slow another user, or the same user's other workloads.
#[actix_rt::test]
async fn a_pause_of_one_key_is_nobody_elses() {
    let gate = gate();
    told(&gate, &mailbox(1), seconds(30));

    for other in [mailbox(2), asked(1, Workload::SharePoint)] {
        assert!(gate.pass(&other, within(seconds(1))).now_or_never().unwrap().is_ok());
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
    assert_ne!(shared(one), mailbox(1).key.subject);
}

/// Teams answers the second request in a second of one user with 429.
#[actix_rt::test]
async fn a_published_rate_spaces_the_requests() {
    let gate = gate();
    let teams = asked(1, Workload::Teams);
    drop(gate.pass(&teams, within(seconds(1))).await.unwrap());
    let refusal = gate.pass(&teams, within(seconds(1))).now_or_never().unwrap().unwrap_err();
    assert_eq!(refusal.reason, GateReason::Rate);
    assert!(refusal.retry_after > seconds(1) && refusal.retry_after < seconds(2), "{refusal}");

    let before = Instant::now();
    let _permit = gate.pass(&teams, within(seconds(5))).await.unwrap();
    assert!(before.elapsed() >= refusal.retry_after);
}

/// Above the mailbox's share of 9,000 in ten minutes, Exchange Online throttles all of the user's applications.
#[actix_rt::test]
async fn a_mailbox_never_gets_more_than_its_share_in_any_ten_minutes() {
    let gate = gate();
    let start = Instant::now();
    let mut passed = Vec::new();
    while start.elapsed() < Duration::from_secs(25 * 60) {
        drop(gate.pass(&mailbox(1), within(seconds(60))).await.unwrap());
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
    world.actors.learn(&mailbox(1), ThrottleSignal::RetryAfter(seconds(30)), ThrottleScope::Request);

    let refused = world.actors.gate().pass(&mailbox(1), within(seconds(10))).now_or_never();
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
        pause = learned.pause(refused(1), ThrottleSignal::Unspecified, now, 1.0);
    }
    assert_eq!(pause, seconds(longest));

    let jittered = learned.pause(refused(2), ThrottleSignal::Unspecified, now, 0.0);
    assert_eq!(jittered, Duration::from_millis(250), "chance took the whole pause away");
}

/// Memory would grow with everybody who ever came; or a user's limits would be forgotten while they matter.
#[actix_rt::test]
async fn what_nobody_uses_is_forgotten() {
    let world = World::start();
    let gate = world.actors.gate();
    let held = gate.pass(&mailbox(1), within(seconds(1))).await.unwrap();
    for user in 2..1_000 {
        drop(gate.pass(&mailbox(user), within(seconds(1))).await.unwrap());
    }
    let twenty_minutes = ThrottleSignal::RetryAfter(Duration::from_secs(20 * 60));
    world.actors.learn(&mailbox(1_000), twenty_minutes, ThrottleScope::Request);
    sleep(Duration::from_secs(9 * 60)).await;
    assert!(world.actors.census().gate_keys >= 1_000);

    sleep(Duration::from_secs(3 * 60)).await;
    let kept = world.actors.census().gate_keys;
    assert!((2..=4).contains(&kept), "a request under way and a pause are still known, and no more: {kept}");
    drop(held);
    sleep(Duration::from_secs(20 * 60)).await;
    assert_eq!(world.actors.census().gate_keys, 0);
}

/// One busy chat would silence all chats of its members.
#[actix_rt::test]
async fn a_pause_of_one_chat_is_not_the_users() {
    let gate = gate();
    told(&gate, &chat(1, "19:a"), seconds(30));
    assert!(!passes(&gate, &chat(1, "19:A")), "the same chat in another case");
    assert!(passes(&gate, &chat(1, "19:b")));
    assert!(passes(&gate, &asked(1, Workload::Teams)));
}

/// All users of a tenant would run into the limit that one of them has met for all; or into one that is the user's alone.
#[rstest]
#[case::of_the_application_in_the_tenant(ThrottleScope::Tenant, false)]
#[case::of_the_user(ThrottleScope::Request, true)]
#[actix_rt::test]
async fn whom_a_refusal_is_about_stays_away(#[case] scope: ThrottleScope, #[case] others_pass: bool) {
    let gate = gate();
    let files = |user| asked(user, Workload::SharePoint);
    gate.heed(&files(1), ThrottleSignal::RetryAfter(seconds(30)), scope, Instant::now());

    assert!(!passes(&gate, &files(1)));
    assert_eq!(passes(&gate, &files(2)), others_pass);
    assert!(passes(&gate, &asked_by(2, 1, Workload::SharePoint)), "another tenant pays for it");
    assert!(passes(&gate, &mailbox(1)), "another service pays for it");
}

/// Costly requests would use up a tenant's resource units in a fifth of the time that is reckoned with.
#[rstest]
#[case(1, 22)]
#[case(2, 11)]
#[case(5, 4)]
#[actix_rt::test]
async fn a_request_uses_as_many_units_as_it_costs(#[case] units: u32, #[case] passing: usize) {
    let gate = gate();
    let passed = (0..100).take_while(|user| {
        let request = GateRequest { units, ..asked(*user, Workload::SharePoint) };
        passes(&gate, &request)
    });
    assert_eq!(passed.count(), passing);
}

/// A tenant with many licences would be held to the limit of the smallest one.
#[actix_rt::test]
async fn a_limit_that_is_announced_takes_the_place_of_the_published_one() {
    let gate = gate();
    let files = |user| asked(user, Workload::SharePoint);
    let permit = gate.pass(&files(0), within(seconds(1))).await.unwrap();
    permit.hear(Workload::SharePoint, LoadReport { limit: Some(6_250), used_thousandths: Some(800) });
    drop(permit);
    let at_once = (1..200).filter(|user| passes(&gate, &files(*user))).count();
    assert!((105..=112).contains(&at_once), "a fiftieth of 5,625: {at_once}");

    let before = Instant::now();
    let mut passed = 0;
    while before.elapsed() < seconds(10) {
        drop(gate.pass(&files(300 + passed), within(seconds(30))).await.unwrap());
        passed += 1;
    }
    assert!((900..=960).contains(&passed), "{passed} of 919 in ten seconds");
}

/// A service that is down would be asked by every call; or one whose answers are refusals be taken for down.
#[rstest]
#[case::down(Outcome::Failed, BreakerState::Open)]
#[case::refusing(Outcome::Answered, BreakerState::Closed)]
#[actix_rt::test]
async fn a_service_that_fails_is_left_alone(#[case] outcome: Outcome, #[case] state: BreakerState) {
    let gate = gate();
    for user in 0..20 {
        gate.pass(&mailbox(user), within(seconds(1))).await.unwrap().ended(outcome);
    }
    let of_outlook = gate.breaker_states().find(|(workload, _)| *workload == Workload::Outlook);
    assert_eq!(of_outlook, Some((Workload::Outlook, state)));
    if state == BreakerState::Open {
        let refusal = gate.pass(&mailbox(100), within(seconds(9))).now_or_never().unwrap().unwrap_err();
        assert_eq!(
            (refusal.reason, refusal.limit, refusal.retry_after),
            (GateReason::Breaker, "breaker", seconds(5))
        );
        assert!(passes(&gate, &asked(100, Workload::Teams)), "other services are up");
    }
}

/// A caller who waits in vain would hear of it only at its deadline, and each such call would hold its memory until then.
#[actix_rt::test]
async fn a_line_that_is_too_long_is_said_at_once() {
    let gate = gate();
    let teams = asked(1, Workload::Teams);
    let deadline = within(seconds(20));
    let waits = (0..60).map(|_| async { gate.pass(&teams, deadline).await.map(drop) });
    let before = Instant::now();
    let answers = futures_util::future::join_all(waits).await;

    let passed = answers.iter().filter(|answer| answer.is_ok()).count();
    assert!((14..=17).contains(&passed), "{passed} in 20 s at one in 1.33 s");
    assert!(before.elapsed() <= seconds(20));
    let refusals: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
    assert!(refusals.iter().all(|refusal| refusal.retry_after > seconds(19) && refusal.limit == "user_rate"));
}

/// Of a caller who leaves, the place would stay taken, and those behind it wait for ever.
#[actix_rt::test]
async fn who_leaves_the_line_holds_nobody_up() {
    let gate = gate();
    let held: Vec<_> = (0..4).map(|_| gate.pass(&mailbox(1), within(seconds(1))).now_or_never()).collect();
    let one = mailbox(1);
    let (leaves, stays) = (gate.pass(&one, within(seconds(60))), gate.pass(&one, within(seconds(60))));
    let mut leaves = Box::pin(leaves);
    assert!((&mut leaves).now_or_never().is_none());
    let mut stays = Box::pin(stays);
    assert!((&mut stays).now_or_never().is_none());
    drop(held);
    drop(leaves);
    assert!(stays.await.is_ok());
}

/// The actor's own memory would grow beside the gate's.
#[test]
fn backoffs_are_forgotten_after_a_quiet_minute() {
    let mut learned = Learned::default();
    let now = Instant::now();
    learned.pause(refused(1), ThrottleSignal::Unspecified, now, 0.5);
    learned.forget_quiet(now + seconds(59));
    assert_eq!(learned.len(), 1);
    learned.forget_quiet(now + seconds(60));
    assert_eq!(learned.len(), 0);
}

/// What a service says at the end of a long download would be said to nobody.
#[actix_rt::test]
async fn what_is_heard_after_a_long_request_is_learned() {
    let gate = gate();
    let files = |user| asked(user, Workload::SharePoint);
    let permit = gate.pass(&files(0), within(seconds(1))).await.unwrap();
    sleep(seconds(30 * 60)).await;
    gate.forget_idle(Instant::now());
    permit.hear(Workload::SharePoint, LoadReport { limit: Some(600), used_thousandths: None });
    drop(permit);
    let passing = || (1..100).filter(|user| passes(&gate, &files(*user))).count();
    assert_eq!(passing(), 10, "a fiftieth of 540");
}

/// A limit that was met too often would be used in full again as soon as its holder rests.
#[actix_rt::test]
async fn restraint_outlives_a_short_memory() {
    pause();
    let settings = ThrottleSettings { forget_after: seconds(1), ..ThrottleSettings::default() };
    let gate = Gate::new(settings, Arc::new(RuntimeClock::starting_at(EPOCH)));
    let signal = ThrottleSignal::RetryAfter(seconds(1));
    gate.heed(&mailbox(1), signal, ThrottleScope::Concurrency, Instant::now());
    sleep(seconds(5)).await;
    gate.forget_idle(Instant::now());
    let permits = std::iter::from_fn(|| gate.pass(&mailbox(1), within(seconds(0))).now_or_never()?.ok());
    assert_eq!(permits.collect::<Vec<_>>().len(), 3);
}

/// If this failed, operators would see that requests wait and not for what, or the wrong limit be raised.
#[tokio::test]
async fn a_permit_says_what_it_was_held_back_by() {
    let gate = gate();
    let free = gate.pass(&mailbox(1), within(seconds(9))).await.unwrap();
    assert_eq!(free.held_by(), None);

    told(&gate, &mailbox(1), seconds(2));
    let paused = gate.pass(&mailbox(1), within(seconds(9))).await.unwrap();
    assert_eq!(paused.held_by(), Some("retry_after"));

    let mut held = vec![free, paused];
    while held.len() < 4 {
        held.push(gate.pass(&mailbox(1), within(seconds(9))).await.unwrap());
    }
    let request = mailbox(1);
    let fifth = gate.pass(&request, within(seconds(9)));
    let ends = async {
        sleep(seconds(1)).await;
        held.clear();
    };
    let (fifth, ()) = tokio::join!(fifth, ends);
    assert_eq!(fifth.unwrap().held_by(), Some("concurrency"));
}
