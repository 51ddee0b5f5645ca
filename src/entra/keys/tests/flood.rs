//! Made-up key ids, and a real rollover among them, in virtual time.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use futures_util::future::BoxFuture;
use rstest::rstest;
use tokio::task::JoinSet;
use tokio::time::{advance, sleep};

use super::*;
use crate::entra::testing::jwks;

/// Entra, whose key set takes this long to come, and holds what was published when it was asked.
#[derive(Debug)]
struct Publisher {
    takes: Duration,
    rolled_over: Arc<AtomicBool>,
    asked: Arc<AtomicU64>,
}

impl FetchKeys for Publisher {
    fn fetch(&self) -> BoxFuture<'_, Result<KeySet, KeyFetchFault>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let rolled_over = self.rolled_over.load(Ordering::Relaxed);
        let document = if rolled_over { jwks(&[&KEY, &FOREIGN_KEY]) } else { jwks(&[&KEY]) };
        Box::pin(async move {
            sleep(self.takes).await;
            Ok(KeySet::parse(document.as_bytes())?)
        })
    }
}

struct World {
    ring: Arc<KeyRing>,
    rolled_over: Arc<AtomicBool>,
    asked: Arc<AtomicU64>,
    began: Instant,
    forgers: JoinSet<TokenRefusal>,
}

impl World {
    /// With the first keys in force.
    async fn whose_entra_takes(takes: Duration) -> Self {
        let (rolled_over, asked) = (Arc::default(), Arc::default());
        let source = Publisher { takes, rolled_over: Arc::clone(&rolled_over), asked: Arc::clone(&asked) };
        let settings = KeyRingSettings::default();
        let ring = KeyRing::fed_by(Box::new(source), settings, Handle::current(), Arc::new(SystemClock));
        ring.holding(KEY.id).await.unwrap();
        Self { ring: Arc::new(ring), rolled_over, asked, began: Instant::now(), forgers: JoinSet::new() }
    }

    /// So many forged tokens come in this time, evenly, each with a key id of its own. None of them waits for another.
    async fn forge(&mut self, count: u32, within: Duration) {
        for _ in 0..count {
            let ring = Arc::clone(&self.ring);
            let key_id = format!("forged-{}", self.forgers.len());
            self.forgers.spawn(async move { ring.holding(&key_id).await.unwrap_err() });
            sleep(within / count).await;
        }
    }

    fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// How long a user waits whose token has the new key and whose client comes back when it is told to, in whole seconds,
    /// and how often it has to.
    async fn until_let_in(&self) -> (Duration, usize) {
        let (came, mut told_to_come_back) = (Instant::now(), 0);
        loop {
            match self.ring.holding(FOREIGN_KEY.id).await {
                Ok(_) => return (came.elapsed(), told_to_come_back),
                Err(TokenRefusal::KeysUnavailable(wait)) => {
                    let begun_second = u64::from(wait.subsec_nanos() > 0);
                    sleep(Duration::from_secs((wait.as_secs() + begun_second).max(1))).await;
                }
                Err(other) => panic!("a good token is refused: {other}"),
            }
            told_to_come_back += 1;
        }
    }
}

const INTERVAL: Duration = Duration::from_secs(1);

/// If this failed, whoever sends forged tokens could shut out everybody who signs in after a rollover, have their clients
/// come back in vain, or have Entra asked without bound.
#[rstest]
#[tokio::test(start_paused = true)]
async fn a_rollover_in_a_flood_of_forged_keys_is_followed_within_one_interval(
    #[values(0, 1, 7, 300, 2_000)] forged_in_a_second: u32,
    #[values(0, 40, 900)] fetch_takes_ms: u64,
    #[values(0, 10, 330, 990)] phase_ms: u64,
) {
    let takes = Duration::from_millis(fetch_takes_ms);
    let mut world = World::whose_entra_takes(takes).await;
    for _ in 0..6 {
        world.forge(forged_in_a_second, INTERVAL).await;
    }
    sleep(Duration::from_millis(phase_ms)).await;
    world.rolled_over.store(true, Ordering::Relaxed);
    let ring = Arc::clone(&world.ring);
    let at_its_side = tokio::spawn(async move { ring.holding("forged-at-the-side").await.unwrap_err() });

    let (waited, told_to_come_back) = world.until_let_in().await;
    // One fetch may have been under way, which read the old keys; the next one begins an interval later at most.
    let (longest, most) = match forged_in_a_second {
        0..64 => (INTERVAL + takes * 2, 0),
        _ => (INTERVAL * 2 + takes, 1),
    };
    assert!(waited <= longest, "{waited:?}");
    assert!(told_to_come_back <= most, "{told_to_come_back} times");
    let most = 2 + 5 + world.began.elapsed().as_secs();
    assert!(world.asked() <= most, "{} fetches", world.asked());

    at_its_side.await.unwrap();
    for refusal in world.forgers.join_all().await {
        assert!(matches!(refusal, TokenRefusal::UnknownKey | TokenRefusal::KeysUnavailable(_)), "{refusal}");
    }
}

/// If this failed, a user would wait although nobody does any harm, or be sent to sign in again for a good token.
#[rstest]
#[case::nobody_else(0)]
#[case::a_few_strangers(4)]
#[tokio::test(start_paused = true)]
async fn a_rollover_is_followed_without_a_wait_where_few_forge(#[case] forged: u32) {
    let mut world = World::whose_entra_takes(Duration::ZERO).await;
    for _ in 0..forged {
        world.forge(1, Duration::from_millis(1)).await;
    }
    world.rolled_over.store(true, Ordering::Relaxed);
    assert_eq!(world.until_let_in().await, (Duration::ZERO, 0));
}

/// If this failed, a token whose key was published while the key set was on its way would be taken for a forged one.
#[tokio::test(start_paused = true)]
async fn a_fetch_that_began_before_a_token_came_does_not_condemn_it() {
    let mut world = World::whose_entra_takes(Duration::from_millis(100)).await;
    world.forge(1, Duration::from_millis(50)).await;
    world.rolled_over.store(true, Ordering::Relaxed);
    assert_eq!(world.until_let_in().await, (Duration::from_millis(150), 0));
}

/// If this failed, each forged token would cost a fetch, and all of them together could cost any number.
#[tokio::test(start_paused = true)]
async fn forged_keys_share_fetches_and_leave_nothing_behind() {
    let mut world = World::whose_entra_takes(Duration::from_millis(40)).await;
    world.forge(30_000, INTERVAL * 30).await;
    let refusals = std::mem::take(&mut world.forgers).join_all().await;
    let settled = refusals.iter().filter(|refusal| **refusal == TokenRefusal::UnknownKey).count();
    assert!(settled > 30, "{settled}");
    assert!((30..=37).contains(&world.asked()), "{} fetches", world.asked());
    assert_eq!(world.ring.shared.waiting.available_permits(), MAX_WAITING);
}

/// If this failed, a client would be told to come back before there is anything to know, again and again.
#[tokio::test(start_paused = true)]
async fn who_finds_no_place_is_told_when_the_fetch_will_have_ended() {
    let world = World::whose_entra_takes(Duration::from_millis(400)).await;
    let mut crowd = Box::pin(join_all((0..MAX_WAITING).map(|_| world.ring.holding("forged"))));
    assert!((&mut crowd).now_or_never().is_none());
    let told = async || world.ring.holding("new").await.unwrap_err();
    assert_eq!(told().await, TokenRefusal::KeysUnavailable(Duration::from_millis(400)));
    advance(Duration::from_millis(100)).await;
    assert_eq!(told().await, TokenRefusal::KeysUnavailable(Duration::from_millis(300 + 400)), "the next one");
}

/// If this failed, nobody could know how long an Entra that has become slow will take, and all would come back at once.
#[tokio::test(start_paused = true)]
async fn a_fetch_that_takes_longer_than_the_last_is_given_as_long_again_and_no_more_than_its_bound() {
    let mut deck = FlightDeck::new(&KeyRingSettings::default());
    let began = Instant::now();
    let running = || tokio::spawn(std::future::pending());
    deck.take_off(began, running());
    assert_eq!(deck.settled_in(began), Duration::from_secs(10), "nothing is known of it yet");
    deck.succeeded(began + Duration::from_millis(30));
    deck.take_off(began, running());
    assert_eq!(deck.settled_in(began), Duration::from_millis(30));
    // From here on it is the next one that counts.
    for (so_far, more) in [(10, 20), (30, 30), (45, 45), (3_000, 3_000), (8_000, 2_000), (10_001, 0)] {
        let now = began + Duration::from_millis(so_far);
        let more = Duration::from_millis(more);
        let next = if more.is_zero() { Duration::from_millis(30) } else { more + Duration::from_millis(30) };
        assert!(deck.settled_in(now).abs_diff(next) <= Duration::from_millis(1), "after {so_far} ms");
    }
}
