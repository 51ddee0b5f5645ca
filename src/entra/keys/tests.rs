use connector_actors::clock::SystemClock;
use futures_util::FutureExt;
use futures_util::future::join_all;
use rstest::rstest;

use super::flight::REST_AFTER_FAILURE;
use super::*;
use crate::entra::testing::{Answer, FOREIGN_KEY, FakeEntra, KEY, ManualClock};

mod flood;

const KEYS: &str = "/discovery/v2.0/keys";
const DISCOVERY: &str = "/openid-configuration";
const MINUTE: Duration = Duration::from_secs(60);
/// As set by default.
const ADDRESS_GOOD_FOR: Duration = Duration::from_secs(5 * 60);
/// What is said when a fetch has just failed.
const AFTER_A_REST: TokenRefusal = TokenRefusal::KeysUnavailable(REST_AFTER_FAILURE);

fn ring(entra: &FakeEntra, clock: Arc<dyn Clock>, settings: KeyRingSettings) -> KeyRing {
    KeyRing::start(&entra.cloud(), settings, Handle::current(), clock).unwrap()
}

fn ring_at(entra: &FakeEntra, clock: &Arc<ManualClock>) -> KeyRing {
    ring(entra, Arc::clone(clock) as Arc<dyn Clock>, KeyRingSettings::default())
}

/// If this failed, a rollover of Entra's keys would shut everyone out until the next refresh.
#[tokio::test]
async fn a_real_rollover_is_followed_at_once() {
    let (entra, clock) = (FakeEntra::start().await, Arc::new(ManualClock::new()));
    let ring = ring_at(&entra, &clock);
    let first = ring.holding(KEY.id).await.unwrap();
    entra.publish(&[&KEY, &FOREIGN_KEY]);
    let second = ring.holding(FOREIGN_KEY.id).await.unwrap();
    assert!(!Arc::ptr_eq(&first, &second));
    assert_eq!(entra.asked(KEYS).len(), 2);
    assert_eq!(entra.asked(DISCOVERY).len(), 1);
}

/// If this failed, a fetch could go out on a connection that Entra closes at that moment, and users of a new key be turned
/// away although Entra answers.
#[tokio::test]
async fn each_request_for_keys_has_a_connection_of_its_own() {
    let (entra, clock) = (FakeEntra::start().await, Arc::new(ManualClock::new()));
    let ring = ring_at(&entra, &clock);
    ring.holding(KEY.id).await.unwrap();
    entra.publish(&[&KEY, &FOREIGN_KEY]);
    ring.holding(FOREIGN_KEY.id).await.unwrap();
    let asked: Vec<usize> = [DISCOVERY, KEYS]
        .iter()
        .flat_map(|path| entra.asked(path))
        .map(|request| request.connection)
        .collect();
    assert_eq!(asked, [0, 1, 2]);
}

/// If this failed, a key that Entra withdraws would stay good, or good keys would be forgotten for nothing.
#[tokio::test]
async fn a_generation_lasts_as_long_as_its_keys() {
    let (entra, clock) = (FakeEntra::start().await, Arc::new(ManualClock::new()));
    let ring = ring_at(&entra, &clock);
    let first = ring.holding(KEY.id).await.unwrap();
    assert!(ring.holding("forged").await.is_err());
    assert!(Arc::ptr_eq(&first, &ring.holding(KEY.id).await.unwrap()));
    entra.publish(&[&FOREIGN_KEY]);
    ring.holding(FOREIGN_KEY.id).await.unwrap();
    clock.advance(MINUTE * 10);
    assert_eq!(ring.holding(KEY.id).await.unwrap_err(), TokenRefusal::UnknownKey);
}

/// If this failed, an outage of Entra would shut out users whose keys are known.
#[tokio::test]
async fn known_keys_outlive_an_outage() {
    let (entra, clock) = (FakeEntra::start().await, Arc::new(ManualClock::new()));
    let ring = ring_at(&entra, &clock);
    let known = ring.holding(KEY.id).await.unwrap();
    for outage in [
        Answer::Whole(503, "", String::new()),
        Answer::Reset,
        Answer::Whole(200, "", "<html>".to_owned()),
        Answer::Whole(200, "", " ".repeat(2 * 1024 * 1024)),
        Answer::Whole(302, "location: http://127.0.0.1:1/\r\n", String::new()),
    ] {
        entra.answer_keys(outage);
        clock.advance(MINUTE);
        assert_eq!(ring.holding("other").await.unwrap_err(), AFTER_A_REST);
        assert!(Arc::ptr_eq(&ring.holding(KEY.id).await.unwrap(), &known));
    }
}

/// If this failed, callers would wait for a silent Entra without end.
#[tokio::test]
async fn a_fetch_is_bounded_in_time() {
    let entra = FakeEntra::start().await;
    entra.answer_keys(Answer::Silence);
    let settings = KeyRingSettings { fetch_timeout: Duration::from_millis(50), ..KeyRingSettings::default() };
    let ring = ring(&entra, Arc::new(SystemClock), settings);
    assert!(matches!(ring.holding(KEY.id).await.unwrap_err(), TokenRefusal::KeysUnavailable(_)));
}

/// If this failed, forged tokens would hold every permit of the process for as long as Entra is silent.
#[tokio::test]
async fn only_so_many_unknown_keys_wait_for_a_silent_entra() {
    let (entra, clock) = (FakeEntra::start().await, Arc::new(ManualClock::new()));
    let ring = ring_at(&entra, &clock);
    ring.holding(KEY.id).await.unwrap();
    entra.answer_keys(Answer::Silence);
    let mut waiting = Box::pin(join_all((0..MAX_WAITING).map(|_| ring.holding("forged"))));
    assert!((&mut waiting).now_or_never().is_none());
    let turned_away = ring.holding("forged").now_or_never().unwrap().unwrap_err();
    assert!(matches!(turned_away, TokenRefusal::KeysUnavailable(_)));
    assert!(ring.holding(KEY.id).now_or_never().unwrap().is_ok());
    drop(waiting);
    assert!(ring.holding("forged").now_or_never().is_none(), "a place was not given back");
}

/// If this failed, the first crowd after a start would be turned away although its keys are on the way.
#[tokio::test]
async fn before_the_first_keys_everyone_waits() {
    let (entra, clock) = (FakeEntra::start().await, Arc::new(ManualClock::new()));
    let ring = ring_at(&entra, &clock);
    let crowd = join_all((0..10 * MAX_WAITING).map(|_| ring.holding(KEY.id))).await;
    assert!(crowd.iter().all(Result::is_ok));
    assert_eq!(entra.asked(KEYS).len(), 1);
}

/// If this failed, a flood of tokens at a cold start would become a flood of fetches while Entra is down, or the
/// service would not find its way back.
#[tokio::test]
async fn without_keys_fetches_keep_apart_and_go_on() {
    let (entra, clock) = (FakeEntra::start().await, Arc::new(ManualClock::new()));
    entra.answer_keys(Answer::Whole(500, "", String::new()));
    let ring = ring_at(&entra, &clock);
    for _ in 0..20 {
        assert_eq!(ring.holding(KEY.id).await.unwrap_err(), AFTER_A_REST);
    }
    assert_eq!(entra.asked(KEYS).len(), 1);
    entra.publish(&[&KEY]);
    clock.advance(REST_AFTER_FAILURE);
    assert!(ring.holding(KEY.id).await.is_ok());
}

/// If this failed, a withdrawn key would stay in force for as long as nobody brings an unknown one.
#[tokio::test]
async fn keys_are_renewed_in_the_background() {
    let entra = FakeEntra::start().await;
    let settings = KeyRingSettings { refresh_every: Duration::from_millis(10), ..KeyRingSettings::default() };
    let ring = ring(&entra, Arc::new(SystemClock), settings);
    ring.holding(KEY.id).await.unwrap();
    entra.publish(&[&FOREIGN_KEY]);
    let asked = entra.asked(KEYS).len();
    entra.until_asked(KEYS, asked + 2).await;
    let generation = ring.current();
    assert!(generation.as_ref().unwrap().keys().get(KEY.id).is_none());
}

/// If this failed, the first fetch would be repeated for each that waits, or die with the first that goes away.
#[tokio::test]
async fn a_fetch_goes_on_when_its_first_caller_goes_away() {
    let (entra, clock) = (FakeEntra::start().await, Arc::new(ManualClock::new()));
    let ring = ring_at(&entra, &clock);
    assert!(ring.holding(KEY.id).now_or_never().is_none());
    ring.holding(KEY.id).await.unwrap();
    assert_eq!(entra.asked(KEYS).len(), 1);
}

/// If this failed, users whose token is signed with a new key would be sent to sign in while it is Entra that is away.
#[tokio::test]
async fn an_unknown_key_is_no_wrong_key_while_entra_is_away() {
    let (entra, clock) = (FakeEntra::start().await, Arc::new(ManualClock::new()));
    let ring = ring_at(&entra, &clock);
    ring.holding(KEY.id).await.unwrap();
    entra.answer_keys(Answer::Whole(503, "", String::new()));
    for _ in 0..10 {
        assert_eq!(ring.holding("new").await.unwrap_err(), AFTER_A_REST);
    }
    assert_eq!(entra.asked(KEYS).len(), 2, "after a failure it is left alone for a while");
    clock.advance(MINUTE);
    entra.publish(&[&KEY]);
    assert_eq!(ring.holding("new").await.unwrap_err(), TokenRefusal::UnknownKey);
    assert_eq!(ring.holding("new").await.unwrap_err(), TokenRefusal::UnknownKey);
}

/// If this failed, keys that Entra publishes elsewhere one day would not be found before a restart.
#[tokio::test]
async fn the_address_of_the_keys_is_looked_up_again_after_a_failure() {
    let (entra, clock) = (FakeEntra::start().await, Arc::new(ManualClock::new()));
    let ring = ring_at(&entra, &clock);
    ring.holding(KEY.id).await.unwrap();
    entra.move_keys_to("/elsewhere/keys");
    entra.publish(&[&FOREIGN_KEY]);
    assert_eq!(ring.holding(FOREIGN_KEY.id).await.unwrap_err(), AFTER_A_REST);
    clock.advance(REST_AFTER_FAILURE);
    ring.holding(FOREIGN_KEY.id).await.unwrap();
    assert_eq!(entra.asked(DISCOVERY).len(), 2);
}

/// If this failed, an old address that goes on answering would hide the keys that Entra signs with now, or each fetch
/// would cost two requests.
#[tokio::test]
async fn the_address_of_the_keys_is_looked_up_again_while_the_former_one_answers() {
    let (entra, clock) = (FakeEntra::start().await, Arc::new(ManualClock::new()));
    let ring = ring_at(&entra, &clock);
    ring.holding(KEY.id).await.unwrap();
    entra.move_keys_leaving_the_old("/elsewhere/keys");
    entra.publish(&[&FOREIGN_KEY]);
    let moment = Duration::from_millis(1);
    clock.advance(ADDRESS_GOOD_FOR.saturating_sub(moment));
    assert_eq!(ring.holding(FOREIGN_KEY.id).await.unwrap_err(), TokenRefusal::UnknownKey);
    assert_eq!(entra.asked(DISCOVERY).len(), 1);
    clock.advance(moment);
    let moved = ring.holding(FOREIGN_KEY.id).await.unwrap();
    assert!(moved.keys().get(KEY.id).is_none());
    assert!(ring.holding("forged").await.is_err());
    assert_eq!((entra.asked(DISCOVERY).len(), entra.asked("/elsewhere/keys").len()), (2, 2));
}

/// If this failed, an outage of discovery would keep out a new key that its address gives, or each fetch would wait for
/// discovery in vain.
#[rstest]
#[case::unreachable(Answer::Reset)]
#[case::refused(Answer::Whole(503, "", String::new()))]
#[case::no_document(Answer::Whole(200, "", "<html>".to_owned()))]
#[case::no_address(Answer::Whole(200, "", "{}".to_owned()))]
#[case::relative(Answer::Whole(200, "", r#"{"jwks_uri":"/elsewhere/keys"}"#.to_owned()))]
#[case::unsafe_address(Answer::Whole(200, "", r#"{"jwks_uri":"http://192.0.2.1/keys"}"#.to_owned()))]
#[tokio::test]
async fn the_last_good_address_serves_while_discovery_gives_none(#[case] discovery: Answer) {
    let (entra, clock) = (FakeEntra::start().await, Arc::new(ManualClock::new()));
    let ring = ring_at(&entra, &clock);
    ring.holding(KEY.id).await.unwrap();
    entra.answer_discovery(discovery);
    entra.publish(&[&FOREIGN_KEY]);
    clock.advance(ADDRESS_GOOD_FOR);
    ring.holding(FOREIGN_KEY.id).await.unwrap();
    assert!(ring.holding("forged").await.is_err());
    assert_eq!(entra.asked(DISCOVERY).len(), 2, "it is left alone for as long as an address is good");
    clock.advance(ADDRESS_GOOD_FOR);
    assert!(ring.holding("forged").await.is_err());
    assert_eq!(entra.asked(DISCOVERY).len(), 3);
}

/// If this failed, one hiccup of the keys while discovery is away would take their address from us, too.
#[tokio::test]
async fn an_address_that_failed_serves_again_while_discovery_gives_none() {
    let (entra, clock) = (FakeEntra::start().await, Arc::new(ManualClock::new()));
    let ring = ring_at(&entra, &clock);
    ring.holding(KEY.id).await.unwrap();
    entra.answer_discovery(Answer::Whole(503, "", String::new()));
    entra.answer_keys(Answer::Whole(503, "", String::new()));
    assert_eq!(ring.holding(FOREIGN_KEY.id).await.unwrap_err(), AFTER_A_REST);
    entra.publish(&[&FOREIGN_KEY]);
    clock.advance(REST_AFTER_FAILURE);
    ring.holding(FOREIGN_KEY.id).await.unwrap();
    assert_eq!(entra.asked(DISCOVERY).len(), 2);
}

/// If this failed, a move would be noticed by those alone who bring a new key, and a withdrawn one would stay good.
#[test]
fn every_background_refresh_finds_the_address_stale() {
    let settings = KeyRingSettings::default();
    assert!(settings.address_good_for < settings.refresh_every);
}

/// If this failed, a key that Entra withdraws in an emergency would outlive the next refresh, or the identities that
/// were verified with it would.
#[tokio::test]
async fn a_withdrawn_key_ends_with_the_next_refresh() {
    let entra = FakeEntra::start().await;
    let settings = KeyRingSettings { refresh_every: Duration::from_millis(10), ..KeyRingSettings::default() };
    entra.publish(&[&KEY, &FOREIGN_KEY]);
    let ring = ring(&entra, Arc::new(SystemClock), settings);
    let before = ring.holding(KEY.id).await.unwrap();
    entra.publish(&[&FOREIGN_KEY]);
    let asked = entra.asked(KEYS).len();
    entra.until_asked(KEYS, asked + 2).await;
    let after = ring.holding(FOREIGN_KEY.id).await.unwrap();
    assert!(after.keys().get(KEY.id).is_none());
    assert!(!Arc::ptr_eq(&before, &after), "identities belong to the keys that they were verified with");
}
