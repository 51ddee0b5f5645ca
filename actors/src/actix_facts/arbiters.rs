//! What a thread of actors costs and bears.

use actix::{Actor, Context, Handler};
use actix_rt::{Arbiter, System};
use allocation_counter::measure;
use futures_util::FutureExt;
use tokio::sync::oneshot;

use super::subject::{Block, Ping, Subject};

/// An actor without anything of its own.
struct Idle;

impl Actor for Idle {
    type Context = Context<Self>;
}

impl Handler<Ping> for Idle {
    type Result = usize;

    fn handle(&mut self, _: Ping, _: &mut Self::Context) -> usize {
        0
    }
}

/// The most bytes that are held while so many actors wait for their next message.
fn held_by(actors: usize) -> u64 {
    let run = || {
        System::new().block_on(async {
            let addresses: Vec<_> = (0..actors).map(|_| Idle.start()).collect();
            for address in &addresses {
                assert_eq!(address.send(Ping).await, Ok(0));
            }
        });
    };
    measure(run).bytes_max
}

/// Fact 14: an actor would be too dear to have one for each user.
#[test]
fn an_idle_actor_weighs_a_kilobyte_or_so() {
    let each = (held_by(2_000) - held_by(1_000)) / 1_000;
    println!("an idle actor: {each} bytes");
    assert!((1..1_500).contains(&each), "{each} bytes");
}

/// Fact 15: one shard that is held up would hold up all users, or its own be moved elsewhere. So a tenant stays on one shard,
/// and nothing there blocks.
#[actix_rt::test]
async fn a_blocked_arbiter_holds_up_its_own_actors_and_no_others() {
    let (blocked, free) = (Arbiter::new(), Arbiter::new());
    let held_up = Subject::start_in_arbiter(&blocked.handle(), |_| Subject::default());
    let neighbour = Subject::start_in_arbiter(&blocked.handle(), |_| Subject::default());
    let other = Subject::start_in_arbiter(&free.handle(), |_| Subject::default());
    let (let_go, held) = std::sync::mpsc::channel();
    let (begun, has_begun) = oneshot::channel();
    held_up.do_send(Block(begun, held));
    assert_eq!(has_begun.await, Ok(()));
    let mut waiting = Box::pin(neighbour.send(Ping));
    for expected in 1..=100 {
        assert_eq!(other.send(Ping).await, Ok(expected));
    }
    assert!((&mut waiting).now_or_never().is_none(), "nobody takes over the work of a blocked thread");
    let_go.send(()).unwrap();
    assert_eq!(waiting.await, Ok(1));
    blocked.stop();
    free.stop();
}
