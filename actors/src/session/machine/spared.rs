//! How Entra is spared by a session: budgets, back-off, loops, and clocks that jump.

use std::time::Duration;

use super::bench::{Bench, seconds};
use crate::ports::{AadstsCode, Block, Consent, ExchangeError, ExchangeFault, ThrottledBy};
use crate::testing::{EPOCH, exchanged_token};

const DOWN: ExchangeError = ExchangeError::Unavailable(ExchangeFault::Unreachable);

fn spent(error: &ExchangeError) -> Option<Duration> {
    match error {
        ExchangeError::Throttled { by: ThrottledBy::Budget, retry_after } => *retry_after,
        _ => None,
    }
}

/// A client that brings a fresh token with every call would cause an exchange with every call, for ever, and push out
/// the leases of the user's other devices.
#[test]
fn a_client_that_mints_assertions_endlessly_is_bounded_and_told_when_to_come_back() {
    let mut bench = Bench::new();
    bench.win("device", 0);
    for minted in 0..1_000 {
        bench.now = bench.now + seconds(1);
        bench.read();
        let before = bench.exchanges.len();
        bench.want(&format!("minted {minted}"), 1);
        if bench.exchanges.len() > before {
            bench.end(Ok(exchanged_token("graph")));
        }
    }
    // 100 at once, and one more every 2 of the 1,000 seconds; the device's own renewals are not counted.
    assert!((595..=601).contains(&bench.exchanges.len()), "{}", bench.exchanges.len());

    bench.want("minted at the end", 1);
    if bench.in_flight() > 0 {
        bench.end(Ok(exchanged_token("graph")));
        bench.want("minted too soon", 1);
    }
    let (_, answer) = bench.answers.last().unwrap();
    let wait = spent(answer.as_ref().unwrap_err()).unwrap();
    assert!(wait <= seconds(2), "{wait:?}");
    bench.pass(wait, 1);
    let before = bench.exchanges.len();
    bench.want("minted at last", 1);
    assert_eq!(bench.exchanges.len(), before + 1, "the time that was told was not the truth");
}

/// A lease that Graph refuses again and again would be exchanged with every call, until Entra takes it for a loop
/// (AADSTS50196) and locks the user out.
#[test]
fn the_same_assertion_is_not_exchanged_in_a_loop() {
    let mut bench = Bench::new();
    let mut lease = bench.win("a", 1);
    for _ in 0..300 {
        bench.now = bench.now + seconds(1);
        bench.reject("a", 2, &lease, None);
        if bench.in_flight() > 0 {
            bench.end(Ok(exchanged_token("graph")));
            lease = bench.last_lease();
        }
    }
    assert!(bench.exchanges.len() <= 10, "{}", bench.exchanges.len());
}

/// The user's other assertions would keep the loop alive that Entra has found.
#[test]
fn a_loop_that_entra_has_found_rests_for_all_of_the_user() {
    let mut bench = Bench::new();
    bench.want("a", 1);
    bench.end(Err(ExchangeError::Throttled { by: ThrottledBy::LoopDetection, retry_after: None }));
    bench.pass(seconds(20), 0);
    bench.want("b", 2);
    assert_eq!(bench.exchanges.len(), 1);
    assert_eq!(spent(bench.answers.pop().unwrap().1.as_ref().unwrap_err()), Some(seconds(40)));
    bench.pass(seconds(40), 0);
    bench.want("b", 3);
    assert_eq!(bench.exchanges.len(), 2);
}

/// While Entra is down each call would ask it again, or its users would be kept out when it is back.
#[test]
fn failures_in_a_row_are_backed_off_by_chance_and_forgotten_with_the_first_answer() {
    let mut bench = Bench::new();
    bench.fraction = 0.5;
    let mut pauses = Vec::new();
    bench.want("a", 1);
    for _ in 0..9 {
        bench.end(Err(DOWN));
        let mut pause = 0;
        bench.want("a", 2);
        while bench.in_flight() == 0 {
            bench.now = bench.now + Duration::from_millis(500);
            pause += 500;
            bench.want("a", 2);
        }
        pauses.push(pause);
    }
    assert_eq!(pauses.first(), Some(&0), "a hiccup kept the user waiting");
    assert!(pauses.is_sorted() && pauses.last() == Some(&15_000), "{pauses:?}");

    bench.end(Ok(exchanged_token("graph")));
    let lease = bench.last_lease();
    bench.reject("a", 4, &lease, None);
    bench.end(Err(DOWN));
    bench.want("a", 5);
    assert_eq!(bench.in_flight(), 1, "it holds failures against Entra that lie before an answer");
}

/// A call would wait at the end of the line, behind renewals that nobody waits for.
#[test]
fn a_call_that_meets_a_renewal_hastens_it_once() {
    let mut bench = Bench::new();
    let lease = bench.win("a", 1);
    bench.read();
    bench.pass(seconds(675), 0);
    bench.want("a", 2);
    assert!(bench.hastened.is_empty(), "the lease was there");
    bench.reject("a", 3, &lease, None);
    bench.reject("a", 4, &lease, None);
    assert_eq!(bench.hastened, [bench.exchanges[1].0]);
}

/// A clock that is set back an hour would let a lease live an hour longer than its token.
#[test]
fn a_clock_that_is_set_back_ends_what_was_won_before() {
    let mut bench = Bench::new();
    bench.win("a", 1);
    bench.now = bench.now.before(seconds(3_600));
    bench.want("a", 2);
    assert_eq!((bench.leases(), bench.exchanges.len()), (0, 2));

    let mut corrected = Bench::new();
    corrected.win("a", 1);
    corrected.now = corrected.now.before(seconds(30));
    corrected.want("a", 2);
    assert_eq!(corrected.exchanges.len(), 1, "a small correction cost everybody their lease");
}

/// A user who is refused could have the refusal, or the budget, forgotten by staying away until the session ends.
#[test]
fn a_session_does_not_idle_away_what_it_has_to_remember() {
    let mut bench = Bench::new();
    bench.want("a", 1);
    bench.end(Err(ExchangeError::Throttled { by: ThrottledBy::Entra, retry_after: Some(seconds(1_000)) }));
    bench.pass(seconds(900), 0);
    assert_eq!(bench.asked_to_end, 0);
    bench.pass(seconds(900), 0);
    assert_eq!(bench.asked_to_end, 1);
}

/// Consent would help only after minutes: it brings a new sign-in, and that a new assertion.
#[test]
fn a_new_assertion_owes_nothing_to_a_refusal_of_the_old_one() {
    let mut bench = Bench::new();
    bench.want("before consent", 1);
    bench.end(Err(ExchangeError::ConsentRequired(Consent::User, AadstsCode(65_001))));
    bench.win("after-consent", 2);
    assert_eq!(bench.leases(), 1);
}

/// Each call of a user whom a location policy shuts out would ask Entra again, for a token that changes nothing.
#[test]
fn the_same_challenge_on_a_lease_that_met_it_is_final_and_the_lease_stays() {
    let mut bench = Bench::new();
    let first = bench.win("a", 1);
    bench.reject("a", 2, &first, Some("{}"));
    bench.end(Ok(exchanged_token("challenged")));
    let challenged = bench.last_lease();
    for _ in 0..20 {
        bench.reject("a", 3, &challenged, Some("{}"));
        let blocked = ExchangeError::Blocked(Block::Location, AadstsCode(0));
        assert_eq!(bench.answers.pop().unwrap().1.unwrap_err(), blocked);
    }
    assert_eq!((bench.exchanges.len(), bench.leases()), (2, 1));

    bench.reject("a", 4, &challenged, Some("{another}"));
    assert_eq!(bench.exchanges.len(), 3, "another challenge was taken for the same");
}

/// With each renewal Graph would ask again for what the user has proved already.
#[test]
fn a_renewal_asks_for_the_claims_that_the_lease_has_met() {
    let mut bench = Bench::new();
    let first = bench.win("a", 1);
    bench.reject("a", 2, &first, Some("{}"));
    bench.end(Ok(exchanged_token("challenged")));
    bench.read();
    bench.pass(seconds(675), 0);
    assert_eq!(bench.exchanges.len(), 3);
    assert_eq!(bench.exchanges[2].1.as_deref(), Some("{}"));
}

/// A lease would live on for as long as the clock was set back.
#[test]
fn an_exchange_that_began_before_the_clock_was_set_back_counts_from_the_new_time() {
    let mut bench = Bench::new();
    bench.now = EPOCH + seconds(2_000);
    bench.want("a", 1);
    bench.now = EPOCH;
    bench.end(Ok(exchanged_token("a")));
    assert_eq!(bench.last_lease().usable_until(), EPOCH + seconds(900));
}
