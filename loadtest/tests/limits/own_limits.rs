//! What users whom limits of their own refuse cost the others of their tenant: the connector knows nothing of such limits, and
//! Graph doesn't say which limit a refusal is about.

use std::time::Duration;

use m365_simulator::throttling::Algorithm;
use rstest::rstest;

use crate::counting;
use crate::published::{SHARE, at_twice_the_limit};
use crate::rig;
use crate::scenario::Scenario;
use crate::troubled::{Price, Troubled};

/// What it costs the others of the one tenant that asks.
fn price_of(troubled: Troubled, of: &Scenario, algorithm: Algorithm) -> Price {
    let scenario = troubled.within(of);
    let figures = rig::run(counting(algorithm), &scenario);
    let price = troubled.price(&figures, scenario.crowds[0].users);
    assert!(figures.answered_429 > 0, "nobody was refused");
    price
}

/// A few users whom limits of their own refuse again and again would slow their tenant down: those limits are nobody else's.
#[rstest]
fn a_few_whom_limits_of_their_own_refuse_cost_the_others_nothing(
    #[values("teams of a tenant", "sharepoint")] limit: &str,
    #[values(10, 30, 60)] window_s: u64,
    #[values((1, 0), (2, 0), (2, 2), (3, 0), (3, 3), (4, 0))] (users, apart): (usize, u32),
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    let window = Duration::from_secs(window_s);
    let apart = window.checked_div(apart).unwrap_or_default();
    let troubled = Troubled { users, window, apart };
    let price = price_of(troubled, &at_twice_the_limit(limit), algorithm);
    println!("{limit}, {}, {troubled}: {price}", algorithm.as_str());
    assert!(price.share >= 0.9 && price.least >= 0.9, "{price}");
    assert!(price.silence <= Duration::from_secs(2), "{price}");
    assert!(price.afterwards >= 0.95, "{price}");
}

/// As above, in a tenant with hardly more users than those.
#[rstest]
fn two_whom_limits_of_their_own_refuse_cost_the_few_others_nothing(
    #[values("teams of a tenant", "sharepoint")] limit: &str,
    #[values(3, 4, 6)] everybody: usize,
    #[values(10, 30, 60)] window_s: u64,
) {
    let mut scenario = at_twice_the_limit(limit);
    scenario.crowds[0] = scenario.crowds[0].of_so_many(everybody);
    let troubled = Troubled { users: 2, window: Duration::from_secs(window_s), apart: Duration::ZERO };
    let price = price_of(troubled, &scenario, Algorithm::FixedWindow);
    println!("{limit}, {everybody} users, {troubled}: {price}");
    assert!(price.share >= 0.6 && price.afterwards >= 0.95, "{price}");
}

/// As above, where the tenant asks for seven tenths of its limit, and nobody waits.
#[rstest]
fn a_few_whom_limits_of_their_own_refuse_keep_nobody_from_what_little_is_asked_for(
    #[values("teams of a tenant", "sharepoint")] limit: &str,
    #[values(10, 30, 60)] window_s: u64,
    #[values(1, 2)] users: usize,
) {
    let mut scenario = at_twice_the_limit(limit);
    let part = 0.7;
    scenario.crowds[0].per_user *= part / 2.0;
    let troubled = Troubled { users, window: Duration::from_secs(window_s), apart: Duration::ZERO };
    let price = price_of(troubled, &scenario, Algorithm::FixedWindow);
    println!("{limit}, {part} of it, {troubled}: {price}");
    let (asked_for, everybody) = (part / SHARE, scenario.crowds[0].users);
    let of_the_others = asked_for * (everybody - users) as f64 / everybody as f64;
    assert!(price.share >= 0.85 * of_the_others, "{price}");
    assert!(price.afterwards >= 0.95 * asked_for, "{price}");
}

/// More than the gate knows who are told to come back at the same moment are taken for a limit of their tenant. They would
/// stop it: for longer than the service counts, or some of the others altogether, or for good.
#[rstest]
fn many_who_are_told_the_same_moment_slow_their_tenant_down_and_do_not_stop_it(
    #[values(("teams of a tenant", 30), ("sharepoint", 60))] (limit, counted_s): (&str, u64),
    #[values(10, 30, 60)] window_s: u64,
    #[values(Algorithm::FixedWindow, Algorithm::SlidingWindow, Algorithm::TokenBucket)] algorithm: Algorithm,
) {
    let troubled = Troubled { users: 5, window: Duration::from_secs(window_s), apart: Duration::ZERO };
    let price = price_of(troubled, &at_twice_the_limit(limit), algorithm);
    println!("{limit}, {}, {troubled}: {price}", algorithm.as_str());
    assert!(price.share >= 0.05 && price.least >= 0.5, "{price}");
    // The next one's turn comes a moment after it has opened.
    assert!(price.silence <= Duration::from_secs(counted_s + 1), "{price}");
    assert!(price.afterwards >= 0.95, "{price}");
}
