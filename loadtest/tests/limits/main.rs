//! How well the gate uses Graph's limits, against the three ways in which the simulator counts them: in virtual time, and
//! out of a seed, so that every run finds the same. `make sim` prints the figures.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets what it did not expect should end there and say so"
)]
#![expect(clippy::cast_precision_loss, reason = "counts of a few minutes fit a double exactly")]

mod bells;
mod figures;
mod heard;
mod own_limits;
mod published;
mod rig;
mod scenario;
mod troubled;

use std::time::Duration;

use connector_actors::TenantSize;
use connector_actors::throttle::RequestClass;
use m365_simulator::throttling::{Algorithm, Foreign, ForeignApplication, Settings};
use rstest::rstest;

use self::figures::Figures;
use self::published::{SHARE, at_twice_the_limit, of_licences, of_users, small_tenant};
use self::scenario::{Crowd, Scenario, Size};

fn counting(algorithm: Algorithm) -> Settings {
    Settings { algorithm, ..Settings::default() }
}

/// Callers would wait although Graph has room, or Graph refuse what the gate lets pass.
#[rstest]
fn twice_the_limit_uses_the_share_and_is_hardly_refused(
    #[values(
        "mailbox",
        "search",
        "sharepoint",
        "sharepoint of 20,000 licences",
        "sharepoint of a user",
        "sharepoint of a day",
        "sharing links",
        "directory",
        "directory of 300 users",
        "directory of 900 users",
        "directory of the application",
        "application",
        "teams of a user",
        "teams of a chat",
        "teams of a team",
        "teams of a tenant",
        "teams of the application"
    )]
    limit: &str,
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    let figures = rig::run(counting(algorithm), &at_twice_the_limit(limit));
    println!("{limit}, {}: {figures}", algorithm.as_str());
    assert!(figures.share_used() >= 0.95, "{figures}");
    assert!(figures.share_used() <= 1.01, "{figures}");
    assert!(figures.refused() <= 0.005, "{figures}");
}

/// Somebody else, who uses three tenths of every limit: a second deployment of the same application, for most limits are an
/// application's own.
fn beside_thirty_percent(algorithm: Algorithm, pause: Duration) -> Settings {
    let (application, active) = (ForeignApplication::Same, Duration::from_secs(60));
    let foreign = Foreign { application, share: 0.3, active, pause };
    Settings { foreign: Some(foreign), ..counting(algorithm) }
}

/// Beside somebody who uses the same allowance, every answer would be a refusal; or that somebody would cost nothing, and
/// the figure be about nobody.
#[rstest]
fn beside_somebody_else_little_is_refused(
    #[values(
        "search",
        "sharepoint",
        "sharepoint of 20,000 licences",
        "sharepoint of a user",
        "sharing links",
        "mailbox",
        "directory",
        "directory of 300 users",
        "directory of 900 users",
        "directory of the application",
        "application",
        "teams of a team",
        "teams of a tenant",
        "teams of the application"
    )]
    limit: &str,
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
    #[values(0, 20)] pause_s: u64,
) {
    let mut scenario = at_twice_the_limit(limit);
    // What is saved up has to be used before somebody else is in the way.
    scenario.lasts = (scenario.lasts * 4).max(Duration::from_secs(160));
    let settings = beside_thirty_percent(algorithm, Duration::from_secs(pause_s));
    let figures = rig::run(settings, &scenario);
    println!("{limit}, {}, beside 30 % that pauses for {pause_s} s in 60: {figures}", algorithm.as_str());
    assert!(figures.refused() <= 0.02, "{figures}");
    assert!(figures.share_used() >= 0.5, "{figures}");
    assert!(figures.answered_429 > 0 || figures.share_used() < 0.95, "it has cost nothing: {figures}");
}

/// Who asks for less than a limit grants would be refused on and on for what somebody else uses, and learn nothing of it, for
/// nobody waits. Of sharing links, of which one comes in a second, it is so.
#[rstest]
fn beside_somebody_else_who_asks_for_less_is_hardly_refused_either(
    #[values(("sharepoint", 0.02), ("sharing links", 0.1), ("directory", 0.02), ("teams of a tenant", 0.02))]
    (limit, refused): (&str, f64),
    #[values(0.65, 0.75, 0.85)] part: f64,
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    let mut scenario = at_twice_the_limit(limit);
    scenario.lasts = (scenario.lasts * 4).max(Duration::from_secs(160));
    scenario.crowds[0].per_user *= part / 2.0;
    let figures = rig::run(beside_thirty_percent(algorithm, Duration::ZERO), &scenario);
    println!("{limit}, {}, {part} of it beside 30 %: {figures}", algorithm.as_str());
    assert!(figures.refused() <= refused, "{figures}");
    assert!(figures.share_used() >= 0.5, "{figures}");
}

/// A limit that a few use alone would not be found, for it is always the same who are refused.
#[rstest]
fn beside_somebody_else_a_few_are_hardly_refused_either(
    #[values("sharepoint", "sharing links", "directory", "teams of a tenant")] limit: &str,
    #[values(1, 2, 3)] users: usize,
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    let mut scenario = at_twice_the_limit(limit);
    scenario.lasts = (scenario.lasts * 4).max(Duration::from_secs(160));
    scenario.crowds[0] = scenario.crowds[0].of_so_many(users);
    let figures = rig::run(beside_thirty_percent(algorithm, Duration::ZERO), &scenario);
    println!("{limit}, {}, {users} users beside 30 %: {figures}", algorithm.as_str());
    assert!(figures.refused() <= 0.02, "{figures}");
    assert!(figures.share_used() >= 0.5, "{figures}");
}

/// A chat would be given up. Of a limit of one a second, whoever else uses three of ten seconds has them whole, and who comes
/// in one of those is refused: only that the next attempt passes can be asked for.
#[rstest]
fn beside_somebody_else_one_request_a_second_is_refused_at_most_every_second_time(
    #[values("teams of a user", "teams of a chat")] limit: &str,
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    let settings = beside_thirty_percent(algorithm, Duration::ZERO);
    let figures = rig::run(settings, &at_twice_the_limit(limit));
    println!("{limit}, {}, beside 30 %: {figures}", algorithm.as_str());
    assert!(figures.refused() <= 0.5 && figures.share_used() >= 0.1, "{figures}");
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
        size: Size::AsPublished,
        lasts: Duration::from_secs(600),
        patience: Duration::from_secs(8),
        limit_per_second: limit,
        share: 1.0,
        troubled: None,
    }
}

/// A mailbox would answer every fifth request at once with a refusal, or stand half idle while callers wait; and so would one
/// that is asked in batches, which Graph carries out four requests at once.
#[rstest]
fn a_mailbox_is_asked_four_things_at_once_and_no_more(
    #[values(1, 4)] items: u32,
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    let figures = rig::run(counting(algorithm), &at_twice_the_places(items));
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
    let figures = rig::run(counting(algorithm), &in_batches(at_twice_the_limit(limit), items));
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
    let figures = rig::run(counting(algorithm), &scenario);
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
    let figures = rig::run(counting(algorithm), &scenario);
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
    let figures = rig::run(Settings { scale: 1.1, ..counting(algorithm) }, &scenario);
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
    let figures = rig::run(counting(algorithm), &scenario);
    println!("{limit} of a tenant that is taken for a larger one, {}: {figures}", algorithm.as_str());
    assert!(figures.share_used() >= 0.9, "{figures}");
    assert!(figures.refused() <= 0.02, "{figures}");
}

/// The tenant that asks first would get what the others want.
#[rstest]
fn equal_tenants_get_equal_shares(
    #[values("teams of the application", "directory of the application", "application")] limit: &str,
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    let scenario = at_twice_the_limit(limit);
    let figures = rig::run(counting(algorithm), &scenario);
    let fairness = figures.jain();
    let tenants = scenario.crowds[0].tenants;
    println!("{limit}, {tenants} tenants, {}: Jain {fairness:.4}; {figures}", algorithm.as_str());
    assert_eq!(figures.tenants.len(), tenants);
    assert!(fairness >= 0.95, "{fairness}");
}

/// A quiet tenant would wait because of its neighbours.
#[rstest]
fn a_quiet_tenant_is_as_quick_beside_noisy_ones_as_alone(
    #[values("teams of the application", "directory of the application", "application")] limit: &str,
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    let noisy = at_twice_the_limit(limit);
    let (crowd, users) = (noisy.crowds[0].clone(), 1_000);
    let neighbours = crowd.tenants;
    // A fifth of what each would have if all wanted the same.
    let per_second = 0.2 * SHARE * noisy.limit_per_second / f64::from(crowd.units) / (neighbours + 1) as f64;
    let quiet = Crowd { tenants: 1, users, per_user: per_second / users as f64, ..crowd.clone() };
    let noisy = Scenario { lasts: Duration::from_secs_f64(400.0 / per_second), ..noisy };
    let among =
        |crowds| rig::run(counting(algorithm), &Scenario { crowds, ..noisy.clone() }).p99_of_tenant(0);
    let alone = among(vec![quiet.clone()]);
    let beside = among(vec![quiet, crowd]);
    let times = beside.as_secs_f64() / alone.as_secs_f64();
    println!(
        "{limit}, {}: a quiet tenant's p99: {alone:?} alone, {beside:?} beside {neighbours} noisy ones: {times:.3} times",
        algorithm.as_str()
    );
    assert!(times <= 1.2, "{alone:?} {beside:?}");
}

/// The figures would be told of a gate that nobody waits at.
#[test]
fn callers_do_wait() {
    let Figures { waited, told_to_come_back, .. } =
        rig::run(Settings::default(), &at_twice_the_limit("search"));
    assert!(waited > 1_000 && told_to_come_back > 1_000, "{waited} {told_to_come_back}");
}
