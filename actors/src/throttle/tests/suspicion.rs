//! Refusals that don't say which limit they are about.

use rstest::rstest;
use tokio::time::{Instant, sleep};

use super::{asked_by, chat, gate, passes, seconds, told, within};
use crate::throttle::{Entry, Gate, GateRequest, RequestClass, TeamsRoute, Waiting, Workload};

/// Of these, a tenant may ask 30 a second, and nothing else limits them but what all tenants may ask together.
fn joined_teams(tenant: u128, user: u128) -> GateRequest {
    let class = RequestClass::Teams(TeamsRoute::JoinedTeams);
    GateRequest { class, ..asked_by(tenant, user, Workload::Teams) }
}

/// Opens a sharing link: of a tenant, 300 in five minutes; of a user, 3,000.
fn sharing_link(tenant: u128, user: u128) -> GateRequest {
    GateRequest { class: RequestClass::SharingLink, ..asked_by(tenant, user, Workload::SharePoint) }
}

/// Uses up what is saved up of a limit, and has three wait for more; nobody waits for it any more when that is dropped.
fn waiting(gate: &Gate, request: impl Fn(u128) -> GateRequest) -> Vec<Waiting> {
    let now = Instant::now();
    let entries = (1_000..2_000).map(|user| gate.enter(&request(user), within(seconds(20)), now));
    let waiting = entries.filter_map(|entry| match entry {
        Entry::Passed(_) => None,
        Entry::Waiting(mut waiting) => {
            let _waits = waiting.attempt(now);
            Some(waiting)
        }
    });
    waiting.take(3).collect()
}

/// Whether a third user, whom nobody has refused, passes.
fn a_third_passes(gate: &Gate, request: impl Fn(u128) -> GateRequest) -> bool {
    passes(gate, &request(3))
}

/// Of what a tenant uses up, its users would be refused one after the other; or one user whom another application keeps
/// busy would stop the tenant.
#[rstest]
#[case::two_are_told_the_same_moment(&[(1, 9), (2, 9)], false)]
#[case::one_alone(&[(1, 9), (1, 9)], true)]
#[case::two_about_the_same_time(&[(1, 5), (2, 60)], true)]
#[case::two_at_different_moments(&[(1, 90), (2, 40)], true)]
#[actix_rt::test]
async fn a_limit_that_several_wait_for_is_found_by_two_refusals(
    #[case] refusals: &[(u128, u64)],
    #[case] passing: bool,
) {
    let gate = gate();
    let link = |user| sharing_link(1, user);
    let waits = waiting(&gate, link);
    for (user, pause) in refusals {
        told(&gate, &link(*user), seconds(*pause));
    }
    drop(waits);
    sleep(seconds(8)).await;
    assert_eq!(a_third_passes(&gate, link), passing);
    sleep(seconds(3)).await;
    assert!(a_third_passes(&gate, link), "it is over");
}

/// Who asks for little would wait for a limit that nobody uses up.
#[actix_rt::test]
async fn a_limit_that_nobody_waits_for_is_not_suspected() {
    let gate = gate();
    for user in [1, 2] {
        told(&gate, &sharing_link(1, user), seconds(9));
    }
    assert!(a_third_passes(&gate, |user| sharing_link(1, user)));
}

/// Two tenants that are refused together would be taken for two tenants with two reasons.
#[actix_rt::test]
async fn a_limit_of_all_tenants_is_found_by_refusals_of_two() {
    let gate = gate();
    let by_tenant = |tenant| joined_teams(tenant, 1);
    let waits = waiting(&gate, by_tenant);
    for tenant in [1, 2] {
        told(&gate, &by_tenant(tenant), seconds(4));
    }
    drop(waits);
    sleep(seconds(3)).await;
    assert!(!a_third_passes(&gate, by_tenant));
    sleep(seconds(2)).await;
    assert!(a_third_passes(&gate, by_tenant));
}

/// Broken headers in the answers of two tenants would stop all tenants for as long as they name.
#[actix_rt::test]
async fn refusals_of_two_stop_all_tenants_for_as_long_as_the_service_counts_at_most() {
    let gate = gate();
    let by_tenant = |tenant| joined_teams(tenant, 1);
    let waits = waiting(&gate, by_tenant);
    for tenant in [1, 2] {
        told(&gate, &by_tenant(tenant), seconds(3_600));
    }
    drop(waits);
    sleep(seconds(29)).await;
    assert!(!a_third_passes(&gate, by_tenant), "Teams counts 30 seconds");
    sleep(seconds(2)).await;
    assert!(a_third_passes(&gate, by_tenant));
}

/// Users whom their own limits refuse again and again would stop their tenant for good: those who wait because it is closed
/// would speak for closing it again.
#[actix_rt::test]
async fn a_limit_that_was_closed_is_not_closed_again_at_once() {
    let gate = gate();
    let link = |user| sharing_link(1, user);
    let waits = waiting(&gate, link);
    for user in [1, 2] {
        told(&gate, &link(user), seconds(9));
    }
    sleep(seconds(10)).await;
    for user in [4, 5] {
        told(&gate, &link(user), seconds(9));
    }
    drop(waits);
    sleep(seconds(3)).await;
    assert!(a_third_passes(&gate, link));
}

/// Two users whom their own limits refuse again and again would stop their tenant each time, though nobody else is refused; or
/// a limit that was found by two would never be found again.
#[rstest]
#[case::the_same_two([1, 2], true)]
#[case::another([2, 4], false)]
#[actix_rt::test]
async fn two_are_heard_once(#[case] again: [u128; 2], #[case] passing: bool) {
    let gate = gate();
    let link = |user| sharing_link(1, user);
    let waits = waiting(&gate, link);
    for user in [1, 2] {
        told(&gate, &link(user), seconds(4));
    }
    sleep(seconds(7)).await;
    for user in again {
        told(&gate, &link(user), seconds(9));
    }
    drop(waits);
    sleep(seconds(5)).await;
    assert_eq!(a_third_passes(&gate, link), passing);
}

/// One user whom a limit of its own refuses again and again would slow its tenant down more and more, where Graph has published
/// none for users.
#[actix_rt::test]
async fn one_alone_is_heard_once() {
    let gate = gate();
    let passed_after = async |tenant, refusals| {
        let teams = |user| joined_teams(tenant, user);
        let waits = waiting(&gate, teams);
        for time in 0..5 {
            if time < refusals {
                told(&gate, &teams(1), seconds(1));
            }
            sleep(seconds(3)).await;
        }
        drop(waits);
        (0..1_000).take_while(|_| passes(&gate, &teams(3))).count()
    };
    let (never, once) = (passed_after(1, 0).await, passed_after(2, 1).await);
    assert!(0 < once && once < never, "the first one costs nothing: {once} of {never}");
    assert_eq!(passed_after(3, 5).await, once);
}

/// One user's long pause would be that of the whole tenant, or of everybody who reads a chat.
#[rstest]
#[case::of_the_tenant(joined_teams)]
#[case::of_the_directory(|tenant, user| asked_by(tenant, user, Workload::Directory))]
#[case::of_a_chat(|_tenant, user| chat(user, "19:a"))]
#[actix_rt::test]
async fn a_limit_of_several_is_not_closed_by_one(#[case] request: fn(u128, u128) -> GateRequest) {
    let gate = gate();
    told(&gate, &request(1, 1), seconds(1_800));
    assert!(!passes(&gate, &request(1, 1)));
    sleep(seconds(5)).await;
    assert!(passes(&gate, &request(1, 2)));
}

/// A batch of one user whose items are refused would be taken for two users.
#[actix_rt::test]
async fn items_of_one_user_are_one_witness() {
    let gate = gate();
    let link = |user| sharing_link(1, user);
    let waits = waiting(&gate, link);
    for _ in 0..3 {
        told(&gate, &link(1), seconds(9));
    }
    drop(waits);
    sleep(seconds(5)).await;
    assert!(a_third_passes(&gate, link));
}

/// A limit that was refused again and again would stay shut for long after that is over.
#[actix_rt::test]
async fn what_is_lost_with_a_refusal_is_not_more_than_was_saved_up() {
    let gate = gate();
    let file = asked_by(1, 1, Workload::SharePoint);
    let passed = |gate: &Gate| (0..100).take_while(|_| passes(gate, &file)).count();
    for _ in 0..8 {
        told(&gate, &file, seconds(1));
        sleep(seconds(3)).await;
    }
    assert!(passed(&gate) >= 1, "a quarter of the rate is left");
    sleep(seconds(600)).await;
    assert!(passed(&gate) >= 22, "all of it has come back");
}

/// What had been saved up while Graph kept somebody away would be sent at once when that is over, and be refused.
#[actix_rt::test]
async fn after_a_refusal_nothing_is_saved_up() {
    let gate = gate();
    let file = asked_by(1, 1, Workload::SharePoint);
    assert!((0..5).all(|_| passes(&gate, &file)), "54 of 2,700 are saved up");
    told(&gate, &file, seconds(30));
    sleep(seconds(30)).await;
    assert!(passes(&gate, &file));
    assert!(!passes(&gate, &file), "the next one comes in a tenth of a second");
    sleep(seconds(1)).await;
    assert!((0..7).all(|_| passes(&gate, &file)));
}
