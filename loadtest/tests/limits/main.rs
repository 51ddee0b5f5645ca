//! How well the gate uses Graph's limits, against the three ways in which the simulator counts them: in virtual time, and
//! out of a seed, so that every run finds the same. `make sim` prints the figures.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets what it did not expect should end there and say so"
)]
#![expect(clippy::cast_precision_loss, reason = "counts of a few minutes fit a double exactly")]

mod rig;
mod scenario;

use std::time::Duration;

use connector_actors::throttle::{RequestClass, TeamsRoute, Workload};
use m365_simulator::throttling::{Algorithm, Foreign};
use rstest::rstest;

use self::rig::{Figures, Rig};
use self::scenario::{Crowd, Scenario};

/// What the limit in question lets a crowd use in a second, and who offers twice that.
fn at_twice_the_limit(of: &str) -> Scenario {
    let crowd = |class, path, users, units, limit: f64| Crowd {
        tenants: 1,
        users,
        class,
        path,
        has_resource: false,
        units,
        per_user: 2.0 * limit / f64::from(units) / users as f64,
    };
    let teams = |route, path, users, limit| crowd(RequestClass::Teams(route), path, users, 1, limit);
    let sustained = 25.0 / 30.0;
    // Long enough for some turns, and no longer: whoever waits is looked at all the time.
    let patience = Duration::from_secs(if matches!(of, "directory" | "mailbox") { 1 } else { 4 });
    let (crowd, limit, seconds) = match of {
        "mailbox" => {
            let limit = 10_000.0 / 600.0;
            (crowd(RequestClass::Mailbox, "/me/messages", 1, 1, limit), limit, 1_500)
        }
        "search" => (crowd(RequestClass::Search, "/search/query", 1, 1, 10.0), 10.0, 300),
        "sharepoint" => {
            let limit = 1_250.0 / 60.0;
            (crowd(RequestClass::SharePoint, "/me/drive/root/children", 20, 2, limit), limit, 900)
        }
        "directory" => (crowd(RequestClass::Directory, "/me?$select=id", 50, 1, 350.0), 350.0, 20),
        "teams of a user" => (teams(TeamsRoute::Chats, "/me/chats", 1, sustained), sustained, 1_200),
        "teams of a tenant" => {
            let limit = 30.0 * sustained;
            (teams(TeamsRoute::JoinedTeams, "/me/joinedTeams", 40, limit), limit, 300)
        }
        _ => unreachable!("there is no such limit"),
    };
    Scenario { crowds: vec![crowd], lasts: Duration::from_secs(seconds), patience, limit_per_second: limit }
}

/// Callers would wait although Graph has room, or Graph refuse what the gate lets pass.
#[rstest]
fn twice_the_limit_uses_the_share_and_is_hardly_refused(
    #[values("mailbox", "search", "sharepoint", "directory", "teams of a user", "teams of a tenant")]
    limit: &str,
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    let figures = Rig::new(algorithm, None).run(&at_twice_the_limit(limit));
    println!("{limit}, {}: {figures}", algorithm.as_str());
    assert!(figures.share_used() >= 0.95, "{figures}");
    assert!(figures.share_used() <= 1.01, "{figures}");
    assert!(figures.refused() <= 0.005, "{figures}");
}

/// Beside another application that uses the same allowance, every answer would be a refusal.
#[rstest]
fn beside_somebody_else_little_is_refused(
    #[values("search", "sharepoint")] limit: &str,
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
    #[values(0, 60)] pause_s: u64,
) {
    let (active, pause) = (Duration::from_secs(60), Duration::from_secs(pause_s));
    let foreign = Foreign { share: 0.3, active, pause };
    let figures = Rig::new(algorithm, Some(foreign)).run(&at_twice_the_limit(limit));
    println!("{limit}, {}, beside 30 % for 60 s with {pause_s} s in between: {figures}", algorithm.as_str());
    assert!(figures.refused() <= 0.02, "{figures}");
    assert!(figures.share_used() >= 0.5, "{figures}");
}

/// What the whole application may use of one route of Teams, with many tenants who each ask for as much as they like.
fn many_tenants(tenants: usize, lasts: Duration) -> Scenario {
    let crowd = Crowd {
        tenants,
        users: 40,
        class: RequestClass::Teams(TeamsRoute::ChatMessages),
        path: "/chats/{resource}/messages",
        has_resource: true,
        units: 1,
        per_user: 0.4,
    };
    Scenario {
        crowds: vec![crowd],
        lasts,
        patience: Duration::from_secs(1),
        limit_per_second: 200.0 * 25.0 / 30.0,
    }
}

/// The tenant that asks first would get what the others want.
#[rstest]
fn equal_tenants_get_equal_shares(
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    let figures = Rig::new(algorithm, None).run(&many_tenants(14, Duration::from_secs(40)));
    let fairness = figures.jain();
    println!("14 tenants, {}: Jain {fairness:.4}; {figures}", algorithm.as_str());
    assert!(fairness >= 0.95, "{fairness}");
    assert!(figures.share_used() >= 0.95 && figures.refused() <= 0.005, "{figures}");
}

/// A quiet tenant would wait because of its neighbours.
#[test]
fn a_quiet_tenant_is_as_quick_beside_noisy_ones_as_alone() {
    let quiet = Crowd {
        tenants: 1,
        users: 5_000,
        per_user: 0.0004,
        ..many_tenants(1, Duration::ZERO).crowds[0].clone()
    };
    let p99 = |neighbours: usize| {
        let mut scenario = many_tenants(neighbours, Duration::from_secs(40));
        scenario.crowds.insert(0, quiet.clone());
        scenario.crowds.retain(|crowd| crowd.tenants > 0);
        Rig::new(Algorithm::default(), None).run(&scenario).p99_of_tenant(0)
    };
    let (alone, beside) = (p99(0), p99(14));
    let times = beside.as_secs_f64() / alone.as_secs_f64();
    println!("a quiet tenant's p99: {alone:?} alone, {beside:?} beside 14 noisy ones: {times:.3} times");
    assert!(times <= 1.2, "{alone:?} {beside:?}");
}

/// The figures would be told of a gate that nobody waits at.
#[test]
fn callers_do_wait() {
    let Figures { waited, told_to_come_back, .. } =
        Rig::new(Algorithm::default(), None).run(&at_twice_the_limit("search"));
    assert!(waited > 1_000 && told_to_come_back > 1_000, "{waited} {told_to_come_back}");
    assert_eq!(Workload::Search.as_str(), "search");
}
