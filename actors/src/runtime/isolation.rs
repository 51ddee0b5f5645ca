use std::time::Duration;

use futures_util::future::join_all;
use proptest::collection::vec;
use proptest::prelude::*;
use tokio::time::{sleep, timeout};

use crate::assertion::{AssertionHash, PresentedToken};
use crate::call::Call;
use crate::identity::{ClientId, Principal};
use crate::ports::{ExchangeError, ThrottledBy};
use crate::revocation::Subject;
use crate::session::{LeaseWait, SessionError};
use crate::testing::{World, principal, tenant};

/// All assertions look the same: nothing but the principal says whose they are.
const ASSERTION: &str = "an assertion like all others";

#[derive(Debug, Clone, Copy)]
enum Move {
    /// A call, which gives up after so many milliseconds, and may have its lease refused by Graph.
    Call {
        who: usize,
        leaves_after: u64,
        is_refused: bool,
    },
    /// The next answer of Entra breaks the session that it comes to.
    Crash,
    Revoke {
        who: usize,
    },
    EndTenant {
        number: u128,
    },
}

/// Three users of each of two tenants, known by the same object ids, with two clients each.
fn everybody() -> Vec<Principal> {
    let client = |number: u128| ClientId::from_uuid(uuid::Uuid::from_u128(number));
    let mut everybody = Vec::new();
    for (tenant, user) in [(1, 1), (2, 1), (1, 2), (2, 2), (1, 3), (2, 3)] {
        for number in [7, 8] {
            everybody.push(Principal { client: client(number), ..principal(tenant, user) });
        }
    }
    everybody
}

/// When, in milliseconds, and what.
fn moves() -> impl Strategy<Value = Vec<(u64, Move)>> {
    let leaves = prop_oneof![3 => Just(20_000_u64), 1 => 1..400_u64];
    let call = (0..12_usize, leaves, proptest::bool::weighted(0.1))
        .prop_map(|(who, leaves_after, is_refused)| Move::Call { who, leaves_after, is_refused });
    let one = prop_oneof![
        20 => call,
        2 => Just(Move::Crash),
        1 => (0..12_usize).prop_map(|who| Move::Revoke { who }),
        1 => (1..3_u128).prop_map(|number| Move::EndTenant { number }),
    ];
    vec((0..2_000_u64, one), 10..150)
}

/// Whose the lease is that a call is given.
async fn call(
    world: &World,
    who: Principal,
    leaves_after: u64,
    is_refused: bool,
) -> Result<(Principal, String), SessionError> {
    let made = world.call(who);
    let expires_at = made.token.to_assertion().expires_at();
    let token = PresentedToken::new(ASSERTION, AssertionHash::of(ASSERTION), expires_at);
    let made = Call { token, ..made };
    let whole = async {
        let visit = world.actors.visit(&made).await?;
        let mut lease = visit.lease(&made, &LeaseWait::default()).await?;
        if is_refused {
            lease = visit.replace(&made, &lease, None, &LeaseWait::default()).await?;
        }
        Ok((lease.owner().principal, lease.expose_token().to_owned()))
    };
    timeout(Duration::from_millis(leaves_after), whole).await.unwrap_or(Err(SessionError::DeadlineExceeded))
}

/// Calls that end without a lease, for a reason of this world.
fn is_explained(error: &SessionError) -> bool {
    match error {
        SessionError::Ended | SessionError::DeadlineExceeded | SessionError::Restoring { .. } => true,
        SessionError::Exchange(ExchangeError::Throttled { by, .. }) => *by == ThrottledBy::Budget,
        SessionError::Exchange(_) | SessionError::UnknownTenant => false,
    }
}

async fn play(moves: &[(u64, Move)]) {
    let world = World::start();
    let everybody = everybody();
    let played = moves.iter().map(|(at, one)| async {
        sleep(Duration::from_millis(*at)).await;
        match *one {
            Move::Call { who, leaves_after, is_refused } => {
                let who = everybody[who];
                match call(&world, who, leaves_after, is_refused).await {
                    Ok((owner, token)) => {
                        assert_eq!(owner, who, "a lease of somebody else");
                        let canary = format!("{}/{}/", who.tenant, who.user);
                        assert!(token.starts_with(&canary), "{canary} is given {token}");
                        return 1;
                    }
                    Err(error) => assert!(is_explained(&error), "{error:?}"),
                }
            }
            Move::Crash => world.jitter.break_next(),
            Move::Revoke { who } => world.actors.revoke_sessions(&Subject::Client(everybody[who])),
            Move::EndTenant { number } => world.actors.end_tenant(tenant(number)),
        }
        0
    });
    let served: usize = join_all(played).await.into_iter().sum();
    let patient = |one: &Move| matches!(one, Move::Call { leaves_after: 20_000, .. });
    let calls = moves.iter().filter(|(_, one)| patient(one)).count();
    assert!(served * 4 >= calls, "{served} of {calls} calls were served");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    /// In some order of calls, callers who leave, crashes, and ends of sessions and tenants, a user would be given the
    /// lease of another one who has the same object id.
    #[test]
    fn whatever_crosses_everybody_is_given_their_own_lease(moves in moves()) {
        actix_rt::System::new().block_on(play(&moves));
    }
}
