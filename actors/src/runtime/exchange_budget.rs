//! One user's budget of exchanges, whatever clients the user's calls come by.

use std::time::Duration;

use tokio::time::sleep;
use uuid::Uuid;

use crate::assertion::{AssertionHash, PresentedToken};
use crate::call::Call;
use crate::identity::{ClientId, Principal};
use crate::ports::{ExchangeError, ThrottledBy};
use crate::session::{LeaseWait, SessionError};
use crate::testing::{EPOCH, World, principal};

fn by_client(number: u128, user: u128) -> Principal {
    Principal { client: ClientId::from_uuid(Uuid::from_u128(number)), ..principal(1, user) }
}

/// A call with a token that nobody has seen yet.
async fn fresh(world: &World, who: Principal) -> Result<(), SessionError> {
    let token: &str = Uuid::new_v4().to_string().leak();
    let expires_at = EPOCH + Duration::from_secs(24 * 3_600);
    let token = PresentedToken::new(token, AssertionHash::of(token), expires_at);
    let call = Call { token, ..world.call(who) };
    let visit = world.actors.visit(&call).await?;
    visit.lease(&call, &LeaseWait::default()).await.map(drop)
}

fn is_over_budget(answer: &Result<(), SessionError>) -> bool {
    let Err(SessionError::Exchange(error)) = answer else { return false };
    matches!(error, ExchangeError::Throttled { by: ThrottledBy::Budget, retry_after: Some(_) })
}

/// A user could ask Entra as often as there are clients times the bound, until Entra locks the user out everywhere; or one
/// user's haste keep another from signing in.
#[actix_rt::test]
async fn who_mints_tokens_under_several_clients_has_one_users_exchanges() {
    let world = World::start();
    for second in 0..300_u128 {
        for client in 1..=4 {
            let answer = fresh(&world, by_client(client, 1)).await;
            assert!(answer.is_ok() || is_over_budget(&answer), "{answer:?} in second {second}");
        }
        sleep(Duration::from_secs(1)).await;
    }
    // The exchanges of the first ones take time, too: it is somewhat more than 300 seconds.
    let exchanges = world.entra.exchanges();
    assert!((250..=265).contains(&exchanges), "100 at once and one more every 2 of 300 seconds: {exchanges}");
    while fresh(&world, by_client(1, 1)).await.is_ok() {}
    assert!(
        is_over_budget(&fresh(&world, by_client(9, 1)).await),
        "a client that comes now brings no new budget"
    );
    assert_eq!(fresh(&world, by_client(1, 2)).await, Ok(()));
}

/// Whoever makes a session crash would have a whole budget again.
#[actix_rt::test]
async fn a_crash_gives_no_exchange_back() {
    let world = World::start();
    while fresh(&world, by_client(1, 1)).await.is_ok() {}
    let before = world.entra.exchanges();
    sleep(Duration::from_secs(2)).await;
    world.jitter.break_next();
    // The session falls over the answer of this one.
    let _crashed = fresh(&world, by_client(1, 1)).await;
    assert!(is_over_budget(&fresh(&world, by_client(1, 1)).await));
    assert_eq!(world.entra.exchanges(), before + 1);
}
