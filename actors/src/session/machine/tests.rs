use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;

use super::Event;
use super::bench::{Bench, seconds};
use crate::claims::ClaimsChallenge;
use crate::ports::{
    AadstsCode, Block, Consent, ExchangeError, ExchangeFault, ExchangedToken, Misconfiguration, Step,
    ThrottledBy,
};
use crate::session::published::MAX_ASSERTIONS;
use crate::testing::{EPOCH, exchanged_token};

const CODE: AadstsCode = AadstsCode(50_000);

fn throttled(retry_after: Option<u64>) -> ExchangeError {
    ExchangeError::Throttled { by: ThrottledBy::Entra, retry_after: retry_after.map(seconds) }
}

/// Entra would be asked once for every caller of a cold user.
#[test]
fn callers_of_one_assertion_share_one_exchange() {
    let mut bench = Bench::new();
    for waiter in 0..100 {
        bench.want("a", waiter);
    }
    bench.end(Ok(exchanged_token("graph")));

    assert_eq!(bench.exchanges.len(), 1);
    let answered: Vec<u32> = bench.answers.iter().map(|(waiter, _)| *waiter).collect();
    assert_eq!(answered, (0..100).collect::<Vec<_>>());
    assert!(bench.answers.iter().all(|(_, answer)| answer.is_ok()));
    assert_eq!(bench.leases(), 1);
}

/// Two devices of a user would take each other's lease away, or share one that isn't theirs.
#[test]
fn two_assertions_of_a_user_have_a_lease_each() {
    let mut bench = Bench::new();
    let first = bench.win("phone", 1);
    let second = bench.win("laptop", 2);

    assert_eq!((first.expose_token(), second.expose_token()), ("phone", "laptop"));
    assert_eq!(bench.leases(), 2);
}

/// A refused user would hammer Entra until it locks the application out, or stay out after putting it right.
#[rstest]
#[case::rejected(ExchangeError::AssertionRejected(CODE), 120)]
#[case::interaction(ExchangeError::InteractionRequired { step: Step::Unnamed, code: CODE, claims: None }, 120)]
#[case::consent(ExchangeError::ConsentRequired(Consent::User, CODE), 60)]
#[case::blocked(ExchangeError::Blocked(Block::Policy, CODE), 120)]
#[case::misconfigured(ExchangeError::Misconfigured(Misconfiguration::Registration, CODE), 10)]
#[case::throttled_for_a_time(throttled(Some(300)), 300)]
#[case::throttled(throttled(None), 5)]
#[case::a_loop(ExchangeError::Throttled { by: ThrottledBy::LoopDetection, retry_after: None }, 60)]
#[case::unavailable(ExchangeError::Unavailable(ExchangeFault::TimedOut), 0)]
fn a_refusal_is_remembered_for_its_time_and_no_longer(#[case] error: ExchangeError, #[case] remembered: u64) {
    let mut bench = Bench::new();
    bench.want("a", 1);
    bench.end(Err(error.clone()));

    if remembered > 0 {
        bench.pass(seconds(remembered - 1), 0);
        bench.want("a", 2);
        assert_eq!(bench.exchanges.len(), 1, "it asked Entra again too soon");
        let is_of_the_user = matches!(error, ExchangeError::Throttled { by: ThrottledBy::LoopDetection, .. });
        bench.want("another", 3);
        let asked = if is_of_the_user { 1 } else { 2 };
        assert_eq!(bench.exchanges.len(), asked, "it held a refusal against another assertion");
        bench.pass(seconds(1), 0);
    }
    let before = bench.exchanges.len();
    bench.want("a", 4);
    assert_eq!(bench.exchanges.len(), before + 1, "it never asked Entra again");
}

/// The caller would be told to wait longer than Entra asked for.
#[test]
fn a_throttled_caller_learns_what_is_left_of_the_wait() {
    let mut bench = Bench::new();
    bench.want("a", 1);
    bench.end(Err(throttled(Some(30))));
    bench.pass(seconds(10), 0);
    bench.want("a", 2);

    let (_, answer) = bench.answers.pop().unwrap();
    assert_eq!(answer.unwrap_err(), throttled(Some(20)));
}

/// Every user who works would wait for Entra every quarter of an hour.
#[test]
fn a_used_lease_is_renewed_early_while_the_old_one_is_served() {
    let mut bench = Bench::new();
    let old = bench.win("a", 1);
    bench.read();
    bench.pass(seconds(675), 0);
    assert_eq!(bench.exchanges.len(), 2);
    bench.want("a", 2);
    assert!(Arc::ptr_eq(&bench.last_lease(), &old));

    bench.end(Ok(exchanged_token("renewed")));
    bench.want("a", 3);
    assert_eq!(bench.last_lease().expose_token(), "renewed");
}

/// Entra would be asked four times an hour for every user who has gone home.
#[test]
fn an_unused_lease_is_let_go() {
    let mut bench = Bench::new();
    bench.win("a", 1);
    bench.pass(seconds(899), 1);
    assert_eq!(bench.leases(), 1);
    bench.pass(seconds(1), 1);

    assert_eq!(bench.exchanges.len(), 1);
    assert_eq!(bench.leases(), 0);
}

/// A hiccup of Entra would end sessions that have minutes left.
#[test]
fn a_renewal_that_fails_is_tried_again_and_the_lease_served_on() {
    let mut bench = Bench::new();
    let old = bench.win("a", 1);
    bench.read();
    bench.pass(seconds(675), 0);
    bench.fraction = 0.5;
    bench.end(Err(ExchangeError::Unavailable(ExchangeFault::Unreachable)));
    bench.want("a", 2);
    assert!(Arc::ptr_eq(&bench.last_lease(), &old));

    bench.pass(seconds(112), 0);
    assert_eq!(bench.exchanges.len(), 2);
    bench.pass(seconds(1), 0);
    assert_eq!(bench.exchanges.len(), 3);
}

/// A user whom Entra has just blocked would read on for the rest of the lease.
#[test]
fn a_refused_renewal_ends_the_lease() {
    let mut bench = Bench::new();
    bench.win("a", 1);
    bench.read();
    bench.pass(seconds(675), 0);
    bench.end(Err(ExchangeError::Blocked(Block::Policy, CODE)));
    bench.want("a", 2);

    assert_eq!(bench.leases(), 0);
    assert_eq!(bench.answers.pop().unwrap().1.unwrap_err(), ExchangeError::Blocked(Block::Policy, CODE));
}

/// An exchange that a session has moved on from would bring an old token back.
#[test]
fn a_stale_completion_changes_nothing() {
    let mut bench = Bench::new();
    let lease = bench.win("a", 1);
    let (ended, _) = bench.exchanges[0];
    bench.end_that(ended, Ok(exchanged_token("late")));
    bench.end_that(ended, Err(ExchangeError::Blocked(Block::Policy, CODE)));
    bench.want("a", 2);

    assert!(Arc::ptr_eq(&bench.last_lease(), &lease));
    assert_eq!(bench.answers.len(), 2);
}

/// The call that Graph refused would get the very token again that was refused.
#[test]
fn a_rejected_lease_is_given_up_and_exchanged_with_the_claims() {
    let mut bench = Bench::new();
    let rejected = bench.win("a", 1);
    bench.reject("a", 2, &rejected, Some("{}"));
    assert_eq!(bench.leases(), 0);
    assert_eq!(bench.exchanges[1].1.as_deref(), Some("{}"));
    bench.end(Ok(exchanged_token("newer")));
    assert_eq!(bench.last_lease().expose_token(), "newer");

    bench.reject("a", 3, &rejected, Some("{}"));
    assert_eq!(bench.last_lease().expose_token(), "newer");
    assert_eq!(bench.exchanges.len(), 2, "the second of two calls with the same lease asked Entra again");
}

/// A challenge that meets a renewal would be answered with a token that does not satisfy it.
#[test]
fn claims_that_the_exchange_in_flight_does_not_ask_for_wait_for_the_next() {
    let mut bench = Bench::new();
    let rejected = bench.win("a", 1);
    bench.read();
    bench.pass(seconds(675), 0);
    bench.reject("a", 2, &rejected, Some("{}"));
    assert_eq!(bench.exchanges.len(), 2);
    bench.end(Ok(exchanged_token("renewed")));
    assert_eq!(bench.answers.len(), 1);
    assert_eq!(bench.exchanges[2].1.as_deref(), Some("{}"));
    bench.end(Ok(exchanged_token("challenged")));

    assert_eq!(bench.last_lease().expose_token(), "challenged");
}

/// The newer lease would be handed out as if it met a challenge that nobody has put to Entra, and Graph's next
/// refusal of it be taken for final.
#[test]
fn a_newer_lease_does_not_meet_other_claims_than_its_own() {
    let mut bench = Bench::new();
    let rejected = bench.win("a", 1);
    bench.reject("a", 2, &rejected, Some("{1}"));
    bench.end(Ok(exchanged_token("first")));

    bench.reject("a", 3, &rejected, Some("{2}"));
    assert_eq!(bench.exchanges.last().unwrap().1.as_deref(), Some("{2}"));
    assert_eq!(bench.leases(), 1, "the lease that others can use was given up");
    bench.end(Ok(exchanged_token("second")));
    let (waiter, answer) = bench.answers.last().unwrap();
    assert_eq!((*waiter, answer.as_ref().unwrap().expose_token()), (3, "second"));
}

/// A user whom Graph asks for something else than before would be told that no sign-in helps; or each challenge of a
/// location policy, which names the time at which it was made, would cost an exchange.
#[test]
fn only_a_challenge_that_the_lease_satisfies_is_final() {
    let mut bench = Bench::new();
    let first = bench.win("a", 1);
    bench.reject("a", 2, &first, None);
    bench.end(Ok(exchanged_token("renewed")));
    let renewed = bench.last_lease();
    bench.reject("a", 3, &renewed, Some("{1}"));
    bench.end(Ok(exchanged_token("for-one")));
    let lease = bench.last_lease();
    bench.reject("a", 4, &lease, Some("{2}"));
    bench.end(Ok(exchanged_token("for-two")));
    let lease = bench.last_lease();
    let asked: Vec<_> = bench.exchanges.iter().map(|(_, claims)| claims.as_deref()).collect();
    assert_eq!(asked, [None, None, Some("{1}"), Some("{2}")]);

    let not_newer = ClaimsChallenge::newer("{2, nbf}", bench.now, Some("{2}".into()));
    bench.challenge("a", 5, &lease, Some(not_newer));
    let location = ExchangeError::Blocked(Block::Location, AadstsCode::default());
    assert_eq!(bench.answers.last().unwrap().1.as_ref().unwrap_err(), &location);
    let newer = ClaimsChallenge::newer("{2, later}", bench.now + seconds(1), Some("{2}".into()));
    bench.challenge("a", 6, &lease, Some(newer));
    assert_eq!(bench.exchanges.len(), 5);
}

/// Of two challenges that meet one exchange, the earlier would be answered with a token won for the later.
#[test]
fn each_of_several_challenges_gets_an_exchange_of_its_own() {
    let mut bench = Bench::new();
    let rejected = bench.win("a", 1);
    for (waiter, claims) in [(2, "{1}"), (3, "{2}"), (4, "{3}"), (5, "{2}")] {
        bench.reject("a", waiter, &rejected, Some(claims));
    }
    for token in ["first", "second", "third"] {
        bench.end(Ok(exchanged_token(token)));
    }

    let claims: Vec<_> = bench.exchanges.iter().map(|(_, claims)| claims.as_deref()).collect();
    assert_eq!(claims, [None, Some("{1}"), Some("{2}"), Some("{3}")]);
    let answered: Vec<_> = bench
        .answers
        .iter()
        .map(|(waiter, answer)| (*waiter, answer.as_ref().unwrap().expose_token()))
        .collect();
    assert_eq!(answered, [(1, "a"), (2, "first"), (3, "second"), (5, "second"), (4, "third")]);
}

/// A client that mints assertions would fill the memory, or push out what other devices use.
#[test]
fn a_ninth_assertion_takes_the_place_of_the_one_used_longest_ago() {
    let mut bench = Bench::new();
    for device in 0..MAX_ASSERTIONS {
        bench.win(&device.to_string(), 1);
        bench.now = bench.now + seconds(10);
    }
    bench.want("0", 1);
    bench.now = bench.now + seconds(10);
    bench.win("ninth", 2);

    let exchanges = bench.exchanges.len();
    assert_eq!(bench.leases(), MAX_ASSERTIONS);
    bench.want("0", 3);
    assert_eq!(bench.exchanges.len(), exchanges, "the one just used was evicted");
    bench.want("1", 4);
    assert_eq!(bench.exchanges.len(), exchanges + 1, "the one used longest ago was kept");
}

/// Callers whose exchange was evicted would never be answered.
#[test]
fn an_assertion_in_flight_is_never_evicted() {
    let mut bench = Bench::new();
    for device in 0..MAX_ASSERTIONS {
        bench.want(&device.to_string(), 1);
    }
    bench.want("ninth", 2);

    assert_eq!(bench.exchanges.len(), MAX_ASSERTIONS);
    let (waiter, answer) = bench.answers.pop().unwrap();
    assert_eq!(waiter, 2);
    assert!(matches!(answer.unwrap_err(), ExchangeError::Throttled { retry_after: Some(_), .. }));
}

/// Sessions of users who have gone would stay for ever, or those of users who work would end.
#[rstest]
#[case::nobody_is_there(0, false, 1)]
#[case::a_call_is_in_progress(1, false, 0)]
#[case::the_published_lease_is_read(0, true, 0)]
fn a_session_asks_to_end_when_it_is_idle(
    #[case] visits: usize,
    #[case] is_read: bool,
    #[case] asked_to_end: usize,
) {
    let mut bench = Bench::new();
    bench.win("a", 1);
    bench.pass(seconds(600), visits);
    if is_read {
        bench.read();
    }
    bench.pass(seconds(300), visits);

    assert_eq!(bench.asked_to_end, asked_to_end);
}

/// Entra would be asked about a token that it must refuse.
#[test]
fn an_expired_assertion_is_refused_without_asking_entra() {
    let mut bench = Bench::new();
    bench.now = EPOCH + Duration::from_secs(3_600);
    bench.want("a", 1);

    assert!(bench.exchanges.is_empty());
    assert!(matches!(bench.answers.pop().unwrap().1, Err(ExchangeError::AssertionRejected(_))));
}

/// A token that is over before it can be used would be handed out, or its callers left waiting.
#[test]
fn a_token_too_short_lived_to_use_is_an_unavailable_entra() {
    let mut bench = Bench::new();
    bench.want("a", 1);
    bench.end(Ok(ExchangedToken { expires_in: seconds(60), ..exchanged_token("short") }));

    assert_eq!(bench.leases(), 0);
    assert!(matches!(bench.answers.pop().unwrap().1, Err(ExchangeError::Unavailable(_))));
}

/// A renewal would take the place of the exchange in flight, and those who wait for that never be answered.
#[test]
fn what_is_in_flight_is_not_renewed_beside() {
    let mut bench = Bench::new();
    let first = bench.win("a", 1);
    bench.reject("a", 2, &first, Some("{1}"));
    bench.end(Ok(exchanged_token("a")));
    // This caller had the first lease refused, for other claims than the second one was won with.
    bench.reject("a", 3, &first, Some("{2}"));
    bench.want("a", 4);
    assert_eq!(bench.answers.last().map(|(waiter, _)| *waiter), Some(4), "the second lease serves on");
    bench.now = bench.now + Duration::from_secs(800);
    bench.step(Event::Woken { visits: 1 });
    assert_eq!(bench.exchanges.len(), 3);
}
