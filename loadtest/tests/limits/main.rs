//! How well the gate uses Graph's limits, against the three ways in which the simulator counts them: in virtual time, and
//! out of a seed, so that every run finds the same. `make sim` prints the figures.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets what it did not expect should end there and say so"
)]
#![expect(clippy::cast_precision_loss, reason = "counts of a few minutes fit a double exactly")]

mod figures;
mod heard;
mod rig;
mod scenario;

use std::num::NonZeroU32;
use std::time::Duration;

use connector_actors::throttle::{RequestClass, TeamsRoute, Workload};
use connector_actors::{LicenceCount, TenantSize, UserCount};
use m365_simulator::throttling::{Algorithm, Foreign, Settings};
use rstest::rstest;

use self::figures::Figures;
use self::rig::Rig;
use self::scenario::{Crowd, Scenario};

/// Of every limit, unless somebody sets another.
const SHARE: f64 = 0.9;

fn counting(algorithm: Algorithm) -> Settings {
    Settings { algorithm, ..Settings::default() }
}

/// A tenant of twelve, of which the connector is told nothing; its users ask for one thing at a time.
fn small_tenant(class: RequestClass, path: &'static str, users: usize, per_user: f64) -> Crowd {
    Crowd {
        tenants: 1,
        users,
        beside: 0,
        tenant_users: 12,
        stated: TenantSize::UNKNOWN,
        class,
        path,
        has_resource: false,
        units: 1,
        items: 1,
        answers_in_ms: (30, 90),
        per_user,
    }
}

fn of_users(users: u32) -> TenantSize {
    TenantSize { users: NonZeroU32::new(users).map(UserCount::new), ..TenantSize::UNKNOWN }
}

fn of_licences(licences: u32) -> TenantSize {
    TenantSize { licences: NonZeroU32::new(licences).map(LicenceCount::new), ..TenantSize::UNKNOWN }
}

/// What the limit in question lets a crowd use in a second, and who offers twice that.
fn at_twice_the_limit(of: &str) -> Scenario {
    let crowd = |class, path, users, units: u32, limit: f64| Crowd {
        units,
        ..small_tenant(class, path, users, 2.0 * limit / f64::from(units) / users as f64)
    };
    let teams = |route, path, users, limit| crowd(RequestClass::Teams(route), path, users, 1, limit);
    let files = |limit: f64| crowd(RequestClass::SharePoint, "/me/drive/root/children", 20, 2, limit);
    let people = |limit: f64| crowd(RequestClass::Directory, "/me?$select=id", 50, 1, limit);
    let sustained = 25.0 / 30.0;
    // Long enough for some turns, and no longer: whoever waits is looked at all the time.
    let patience = Duration::from_millis(match of {
        "directory of 300 users" | "directory of 900 users" => 400,
        "directory" | "mailbox" => 1_000,
        _ => 4_000,
    });
    let (crowd, limit, seconds) = match of {
        "mailbox" => {
            let limit = 10_000.0 / 600.0;
            (crowd(RequestClass::Mailbox, "/me/messages", 1, 1, limit), limit, 1_500)
        }
        "search" => (crowd(RequestClass::Search, "/search/query", 1, 1, 10.0), 10.0, 300),
        "sharepoint" => (files(1_250.0 / 60.0), 1_250.0 / 60.0, 900),
        "sharepoint of 20,000 licences" => {
            let limit = 5_000.0 / 60.0;
            let large =
                Crowd { tenant_users: 20_000, stated: of_licences(20_000), users: 40, ..files(limit) };
            (Crowd { per_user: large.per_user / 2.0, ..large }, limit, 120)
        }
        "directory" => (people(350.0), 350.0, 20),
        "directory of 300 users" => {
            (Crowd { tenant_users: 300, stated: of_users(300), ..people(500.0) }, 500.0, 12)
        }
        "directory of 900 users" => {
            (Crowd { tenant_users: 900, stated: of_users(900), ..people(800.0) }, 800.0, 12)
        }
        "teams of a user" => (teams(TeamsRoute::Chats, "/me/chats", 1, sustained), sustained, 1_200),
        "teams of a tenant" => {
            let limit = 30.0 * sustained;
            (teams(TeamsRoute::JoinedTeams, "/me/joinedTeams", 40, limit), limit, 300)
        }
        _ => unreachable!("there is no such limit"),
    };
    let lasts = Duration::from_secs(seconds);
    Scenario { crowds: vec![crowd], lasts, patience, limit_per_second: limit, share: SHARE }
}

/// Callers would wait although Graph has room, or Graph refuse what the gate lets pass.
#[rstest]
fn twice_the_limit_uses_the_share_and_is_hardly_refused(
    #[values(
        "mailbox",
        "search",
        "sharepoint",
        "sharepoint of 20,000 licences",
        "directory",
        "directory of 300 users",
        "directory of 900 users",
        "teams of a user",
        "teams of a tenant"
    )]
    limit: &str,
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    let figures = Rig::new(counting(algorithm)).run(&at_twice_the_limit(limit));
    println!("{limit}, {}: {figures}", algorithm.as_str());
    assert!(figures.share_used() >= 0.95, "{figures}");
    assert!(figures.share_used() <= 1.01, "{figures}");
    assert!(figures.refused() <= 0.005, "{figures}");
}

/// Beside another application that uses the same allowance, every answer would be a refusal.
#[rstest]
fn beside_somebody_else_little_is_refused(
    #[values("search", "sharepoint", "mailbox", "directory", "teams of a user", "teams of a tenant")]
    limit: &str,
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
    #[values(0, 60)] pause_s: u64,
) {
    let (active, pause) = (Duration::from_secs(60), Duration::from_secs(pause_s));
    let foreign = Foreign { share: 0.3, active, pause };
    let figures =
        Rig::new(Settings { foreign: Some(foreign), ..counting(algorithm) }).run(&at_twice_the_limit(limit));
    println!("{limit}, {}, beside 30 % for 60 s with {pause_s} s in between: {figures}", algorithm.as_str());
    assert!(figures.refused() <= 0.02, "{figures}");
    assert!(figures.share_used() >= 0.5, "{figures}");
}

/// Who offers a mailbox twice what it answers at four requests at once, of which it takes 615 ms each on average, the way
/// there included.
fn at_twice_the_places(items: u32) -> Scenario {
    let limit = 4.0 / 0.615;
    let per_second = 2.0 * limit / f64::from(items);
    let slow = small_tenant(RequestClass::Mailbox, "/me/messages", 1, per_second);
    let crowd = Crowd { items, answers_in_ms: (400, 800), ..slow };
    Scenario {
        crowds: vec![crowd],
        lasts: Duration::from_secs(600),
        patience: Duration::from_secs(8),
        limit_per_second: limit,
        share: 1.0,
    }
}

/// A mailbox would answer every fifth request at once with a refusal, or stand half idle while callers wait; and so would one
/// that is asked in batches, which Graph carries out four requests at once.
#[rstest]
fn a_mailbox_is_asked_four_things_at_once_and_no_more(
    #[values(1, 4)] items: u32,
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    let figures = Rig::new(counting(algorithm)).run(&at_twice_the_places(items));
    println!("a mailbox's four at once, {items} a request, {}: {figures}", algorithm.as_str());
    assert!(figures.share_used() >= 0.95, "{figures}");
    assert!(figures.share_used() <= 1.02, "{figures}");
    assert!(figures.refused() <= 0.005, "{figures}");
}

/// The same load in batches of so many items.
fn in_batches(mut scenario: Scenario, items: u32) -> Scenario {
    for crowd in &mut scenario.crowds {
        (crowd.items, crowd.per_user) = (items, crowd.per_user / f64::from(items));
    }
    scenario
}

/// Batches would starve where more is asked for than a limit gives, or Graph refuse most of their items.
#[rstest]
fn batches_at_twice_the_limit_use_the_share_and_are_hardly_refused(
    #[values("mailbox", "search", "sharepoint", "directory", "teams of a tenant")] limit: &str,
    #[values(4, 20)] items: u32,
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    let figures = Rig::new(counting(algorithm)).run(&in_batches(at_twice_the_limit(limit), items));
    println!("{limit} in batches of {items}, {}: {figures}", algorithm.as_str());
    assert!(figures.share_used() >= 0.95, "{figures}");
    assert!(figures.share_used() <= 1.01, "{figures}");
    assert!(figures.refused() <= 0.005, "{figures}");
}

/// Users who ask in batches would get less than those of their tenant who ask for as much, one thing after the other; or more.
/// (What they lack are turns that took longer than they had patience for.)
#[rstest]
fn batches_get_their_share_beside_what_comes_alone(
    #[values(("sharepoint", 4), ("sharepoint", 10), ("directory", 4), ("directory", 20), ("teams of a tenant", 4))]
    (limit, items): (&str, u32),
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    let mut scenario = in_batches(at_twice_the_limit(limit), items);
    // Whoever wants much at once has to wait for more turns, as it has had more.
    scenario.patience = scenario.patience.max(Duration::from_secs(2));
    for crowd in &mut scenario.crowds {
        (crowd.users, crowd.beside) = (crowd.users / 2, crowd.users / 2);
    }
    let figures = Rig::new(counting(algorithm)).run(&scenario);
    let of_half = figures.in_batches() * 2.0;
    println!(
        "{limit}, half in batches of {items}, {}: {of_half:.2} of a half; {figures}",
        algorithm.as_str()
    );
    assert!(figures.share_used() >= 0.95 && figures.refused() <= 0.005, "{figures}");
    assert!((0.85..=1.1).contains(&of_half), "{of_half}");
}

/// Each item of a batch counts, and Graph would refuse most of a batch that had passed as one request; or batches wait where
/// there is room.
#[rstest]
fn batches_within_the_limits_of_their_items_pass(
    #[values("sharepoint", "directory", "mailbox")] limit: &str,
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    let mut scenario = in_batches(at_twice_the_limit(limit), 4);
    let offered = 0.7;
    scenario.share = offered;
    for crowd in &mut scenario.crowds {
        crowd.per_user *= offered / 2.0;
    }
    let figures = Rig::new(counting(algorithm)).run(&scenario);
    println!("{limit} in batches of 4, 70 % of the limit offered, {}: {figures}", algorithm.as_str());
    assert!(figures.share_used() >= 0.95, "{figures}");
    assert!(figures.refused() <= 0.005, "{figures}");
}

/// What SharePoint grants beyond what is published would lie idle. A bucket that is refilled all the time is never four
/// fifths used at this rate, and so SharePoint would not say anything.
#[rstest]
fn a_larger_limit_that_is_announced_is_used(
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow)] algorithm: Algorithm,
) {
    let mut scenario = at_twice_the_limit("sharepoint");
    scenario.limit_per_second *= 1.1;
    let figures = Rig::new(Settings { scale: 1.1, ..counting(algorithm) }).run(&scenario);
    println!("sharepoint with a tenth more than published, {}: {figures}", algorithm.as_str());
    assert!(figures.share_used() >= 0.95, "{figures}");
    assert!(figures.refused() <= 0.005, "{figures}");
}

/// Where a tenant's file says that it is larger than it is, every second answer would be a refusal.
#[rstest]
fn a_size_that_is_too_large_is_corrected_by_what_is_heard(
    #[values("sharepoint", "directory")] limit: &str,
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    let mut scenario = at_twice_the_limit(limit);
    scenario.lasts = scenario.lasts.max(Duration::from_secs(60));
    for crowd in &mut scenario.crowds {
        let (users, licences) = (of_users(900).users, of_licences(20_000).licences);
        crowd.stated = TenantSize { users, licences };
    }
    let figures = Rig::new(counting(algorithm)).run(&scenario);
    println!("{limit} of a tenant that is taken for a larger one, {}: {figures}", algorithm.as_str());
    assert!(figures.share_used() >= 0.9, "{figures}");
    assert!(figures.refused() <= 0.02, "{figures}");
}

/// What the whole application may use of one route of Teams, with many tenants who each ask for as much as they like.
fn many_tenants(tenants: usize, lasts: Duration) -> Scenario {
    let chats = RequestClass::Teams(TeamsRoute::ChatMessages);
    let one = small_tenant(chats, "/chats/{resource}/messages", 40, 0.4);
    let crowd = Crowd { tenants, has_resource: true, ..one };
    Scenario {
        crowds: vec![crowd],
        lasts,
        patience: Duration::from_secs(1),
        limit_per_second: 200.0 * 25.0 / 30.0,
        share: SHARE,
    }
}

/// The tenant that asks first would get what the others want.
#[rstest]
fn equal_tenants_get_equal_shares(
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    let figures = Rig::new(counting(algorithm)).run(&many_tenants(14, Duration::from_secs(40)));
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
        Rig::new(Settings::default()).run(&scenario).p99_of_tenant(0)
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
        Rig::new(Settings::default()).run(&at_twice_the_limit("search"));
    assert!(waited > 1_000 && told_to_come_back > 1_000, "{waited} {told_to_come_back}");
    assert_eq!(Workload::Search.as_str(), "search");
}
