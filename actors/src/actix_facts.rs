//! What actix 0.13 really does: the facts that the actors are built on. A release that changes one fails here, before a
//! user meets it.
//!
//! Three more have their tests where they are relied on: 16, what a shared HTTP client ties together
//! (`tests/api/pooled_connections.rs`); 19, one flight for all who wait (`session/actor_tests.rs`); 22, whose the signals are
//! (`tests/api/stop.rs`). 18, that spans do not cross a mailbox, is why a [`LeaseWait`](crate::session::LeaseWait) carries its
//! call's. Nothing rests on 14, what an actor weighs, or on 21, actix's own doubles.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use actix::{
    Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, MailboxError, Message,
    ResponseActFuture, ResponseFuture, WrapFuture,
};
use actix_rt::Arbiter;
use futures_util::FutureExt;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

/// An actor that does what it is told, and tells what became of it.
#[derive(Default)]
struct Subject {
    state: usize,
    handled: Arc<AtomicUsize>,
    /// Slow steps.
    finished: Arc<AtomicUsize>,
    stopped_while_panicking: Arc<AtomicBool>,
}

impl Actor for Subject {
    type Context = Context<Self>;

    fn stopped(&mut self, _context: &mut Self::Context) {
        self.stopped_while_panicking.store(std::thread::panicking(), Ordering::SeqCst);
    }
}

macro_rules! message {
    ($name:ident $(($field:ty))? -> $result:ty) => {
        struct $name$((#[expect(dead_code, reason = "kept alive only")] $field))?;

        impl Message for $name {
            type Result = $result;
        }
    };
}

message!(Ping -> usize);
message!(Panic -> ());
message!(PanicInItsOwnFuture -> ());
message!(PanicInTheActorsFuture -> ());
message!(SlowStep -> usize);
message!(Stop -> ());
message!(Finish -> ());
message!(Hold -> ());

struct Tell(oneshot::Sender<()>);

/// Says that it has begun, and holds its thread until somebody lets it go.
struct Block(oneshot::Sender<()>, std::sync::mpsc::Receiver<()>);

impl Message for Block {
    type Result = ();
}

impl Message for Tell {
    type Result = ();
}

impl Handler<Ping> for Subject {
    type Result = usize;

    fn handle(&mut self, _: Ping, _: &mut Self::Context) -> usize {
        self.handled.fetch_add(1, Ordering::SeqCst);
        self.state += 1;
        self.state
    }
}

impl Handler<Panic> for Subject {
    type Result = ();

    fn handle(&mut self, _: Panic, _: &mut Self::Context) {
        panic!("as told");
    }
}

impl Handler<PanicInItsOwnFuture> for Subject {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: PanicInItsOwnFuture, _: &mut Self::Context) -> Self::Result {
        Box::pin(async { panic!("as told") })
    }
}

impl Handler<PanicInTheActorsFuture> for Subject {
    type Result = ResponseActFuture<Self, ()>;

    fn handle(&mut self, _: PanicInTheActorsFuture, _: &mut Self::Context) -> Self::Result {
        Box::pin(async { panic!("as told") }.into_actor(self))
    }
}

impl Handler<SlowStep> for Subject {
    type Result = ResponseActFuture<Self, usize>;

    fn handle(&mut self, _: SlowStep, _: &mut Self::Context) -> Self::Result {
        let slow = sleep(Duration::from_millis(200)).into_actor(self);
        Box::pin(slow.map(|(), subject, _| {
            subject.finished.fetch_add(1, Ordering::SeqCst);
            subject.state
        }))
    }
}

impl Handler<Stop> for Subject {
    type Result = ();

    fn handle(&mut self, _: Stop, context: &mut Self::Context) {
        context.stop();
    }
}

impl Handler<Finish> for Subject {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: Finish, _: &mut Self::Context) -> Self::Result {
        Box::pin(sleep(Duration::from_millis(200)))
    }
}

#[expect(clippy::disallowed_types, reason = "what it stops is the point")]
impl Handler<Hold> for Subject {
    type Result = actix::AtomicResponse<Self, ()>;

    fn handle(&mut self, _: Hold, _: &mut Self::Context) -> Self::Result {
        actix::AtomicResponse::new(Box::pin(sleep(Duration::from_millis(400)).into_actor(self)))
    }
}

impl Handler<Block> for Subject {
    type Result = ();

    fn handle(&mut self, message: Block, _: &mut Self::Context) {
        let Block(begun, held) = message;
        assert!(begun.send(()).is_ok());
        assert_eq!(held.recv(), Ok(()));
    }
}

impl Handler<Tell> for Subject {
    type Result = ();

    fn handle(&mut self, message: Tell, context: &mut Self::Context) {
        let later = sleep(Duration::from_millis(200)).into_actor(self);
        context.spawn(later.map(|(), _, _| assert!(message.0.send(()).is_ok())));
    }
}

impl actix::Supervised for Subject {}

/// Fact 1: tenants would wait for actix to restart what crashed, and it never does. So sessions are made by a factory.
#[actix_rt::test]
#[expect(clippy::disallowed_types, reason = "what it does not do is the point")]
async fn a_supervisor_does_not_restart_after_a_panic() {
    let address = actix::Supervisor::start(|_| Subject::default());
    assert_eq!(address.send(Panic).await, Err(MailboxError::Closed));
    assert_eq!(address.send(Ping).await, Err(MailboxError::Closed));
}

/// Fact 2: what crashed would go on with the state that it crashed over, as often as it likes. So a session is made anew.
#[actix_rt::test]
#[expect(clippy::disallowed_types, reason = "what it keeps is the point")]
async fn a_supervisor_restarts_what_stops_with_the_same_state_and_without_a_bound() {
    let address = actix::Supervisor::start(|_| Subject::default());
    for stops in 1..=1_000 {
        assert_eq!(address.send(Ping).await, Ok(stops));
        assert_eq!(address.send(Stop).await, Ok(()));
    }
}

/// Fact 3: one user's crash would take the users of the same shard along.
#[actix_rt::test]
async fn a_panic_ends_its_actor_and_no_neighbour_on_the_arbiter() {
    let arbiter = Arbiter::new();
    let clumsy = Subject::start_in_arbiter(&arbiter.handle(), |_| Subject::default());
    let neighbour = Subject::start_in_arbiter(&arbiter.handle(), |_| Subject::default());
    assert_eq!(clumsy.send(Panic).await, Err(MailboxError::Closed));
    assert_eq!(neighbour.send(Ping).await, Ok(1));
    arbiter.stop();
}

/// Fact 4: a crashed session would stay in the directory, with its leases.
#[actix_rt::test]
async fn stopped_runs_while_a_panic_unwinds() {
    let subject = Subject::default();
    let witness = Arc::clone(&subject.stopped_while_panicking);
    let address = subject.start();
    assert_eq!(address.send(Panic).await, Err(MailboxError::Closed));
    assert!(witness.load(Ordering::SeqCst));
}

/// Fact 5: a broken adapter would end its session, where its work ran inside the actor unguarded.
#[actix_rt::test]
async fn a_panic_in_a_future_of_its_own_spares_the_actor_and_one_in_the_actors_does_not() {
    let address = Subject::default().start();
    assert_eq!(address.send(PanicInItsOwnFuture).await, Err(MailboxError::Closed));
    assert_eq!(address.send(Ping).await, Ok(1));
    assert_eq!(address.send(PanicInTheActorsFuture).await, Err(MailboxError::Closed));
    assert_eq!(address.send(Ping).await, Err(MailboxError::Closed));
}

/// Fact 6: one exchange would hold up all that its session has to do. So no handler is atomic.
#[actix_rt::test]
async fn an_atomic_answer_stops_the_mailbox_and_the_actors_other_futures() {
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    let address = Subject::default().start();
    let ended = async |answer: Result<usize, MailboxError>| (answer.is_ok(), begun.elapsed());
    let (slow, hold, ping) =
        tokio::join!(async { ended(address.send(SlowStep).await).await }, address.send(Hold), async {
            ended(address.send(Ping).await).await
        },);
    assert_eq!(hold, Ok(()));
    let held = Duration::from_millis(400);
    assert!(slow.0 && slow.1 >= held, "a future of 200 ms has ended after {:?}", slow.1);
    assert!(ping.0 && ping.1 >= held, "a message was handled after {:?}", ping.1);
}

/// Fact 7: a completion would be taken for current, though the state has moved on. So each carries a generation.
#[actix_rt::test]
async fn messages_are_handled_while_a_future_of_the_actor_is_under_way() {
    tokio::time::pause();
    let address = Subject::default().start();
    let (slow, quick) = tokio::join!(address.send(SlowStep), address.send(Ping));
    assert_eq!((slow, quick), (Ok(1), Ok(1)), "the slow step sees what happened meanwhile");
}

/// Fact 8: a full mailbox would be taken for back-pressure, and there is none. So permits bound what comes in.
#[actix_rt::test]
#[expect(clippy::disallowed_methods, reason = "what it does not bound is the point")]
async fn a_mailbox_bounds_nothing_once_its_address_is_cloned() {
    let address = Subject::create(|context| {
        context.set_mailbox_capacity(1);
        Subject::default()
    });
    let accepted = (0..10_000).filter(|_| address.clone().try_send(Ping).is_ok()).count();
    assert_eq!(accepted, 10_000);
}

/// Fact 9: who tells an actor something would learn of its end, or be held back. So only owners tell, and once.
#[actix_rt::test]
async fn telling_is_bounded_by_nothing_and_silent_after_the_end() {
    let handled = Arc::new(AtomicUsize::new(0));
    let subject = Subject { handled: Arc::clone(&handled), ..Subject::default() };
    let address = Subject::create(|context| {
        context.set_mailbox_capacity(1);
        subject
    });
    for _ in 0..10_000 {
        address.do_send(Ping);
    }
    assert_eq!(address.send(Stop).await, Ok(()));
    assert_eq!(handled.load(Ordering::SeqCst), 10_000);
    address.do_send(Ping);
    assert_eq!(address.send(Ping).await, Err(MailboxError::Closed));
    assert_eq!(handled.load(Ordering::SeqCst), 10_000);
}

/// Fact 10: a session would end with its last address, or be thought to. So its end is explicit.
#[actix_rt::test]
async fn pending_work_keeps_an_actor_alive_without_an_address() {
    tokio::time::pause();
    let address = Subject::default().start();
    let (told, hears) = oneshot::channel();
    address.do_send(Tell(told));
    drop(address);
    assert_eq!(hears.await, Ok(()));
}

/// Fact 11: a session would ask an owner to end it that is over itself. So it knows its owner weakly, and asks whether it is
/// there.
#[actix_rt::test]
async fn a_weak_address_of_an_actor_that_has_ended_leads_nowhere() {
    let address = Subject::default().start();
    let weak = address.downgrade();
    assert!(weak.upgrade().is_some());
    assert_eq!(address.send(Stop).await, Ok(()));
    assert_eq!(address.send(Ping).await, Err(MailboxError::Closed));
    assert!(weak.upgrade().is_none(), "though there is an address still");
}

/// Fact 12: an exchange would end with the impatient caller who began it. So it belongs to the session.
#[actix_rt::test]
async fn a_message_whose_sender_left_is_skipped_and_begun_work_goes_on() {
    tokio::time::pause();
    let subject = Subject::default();
    let (handled, finished) = (Arc::clone(&subject.handled), Arc::clone(&subject.finished));
    let address = subject.start();
    let request = Rc::new(address.send(Ping));
    drop(request);
    assert_eq!(address.send(Ping).await, Ok(1), "the message of a sender who had left was handled");
    assert_eq!(handled.load(Ordering::SeqCst), 1);

    let begun = timeout(Duration::from_millis(100), address.send(SlowStep)).await;
    assert!(begun.is_err(), "its sender left while it was under way");
    sleep(Duration::from_millis(200)).await;
    assert_eq!(finished.load(Ordering::SeqCst), 1, "what had been begun was given up");
}

/// Fact 13: calls would be lost without a word when a session ends. So they ask once for its successor.
#[actix_rt::test]
async fn a_stop_closes_what_is_queued_and_the_actors_futures_and_lets_others_finish() {
    tokio::time::pause();
    let address = Subject::default().start();
    let (slow, finish, stop, queued) =
        tokio::join!(address.send(SlowStep), address.send(Finish), address.send(Stop), address.send(Ping));
    assert_eq!(stop, Ok(()));
    assert_eq!(queued, Err(MailboxError::Closed));
    assert_eq!(slow, Err(MailboxError::Closed));
    assert_eq!(finish, Ok(()), "a future of its own outlives the actor");
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

/// Fact 17: a flood of messages to one actor would let the others of its shard wait. So handlers are short.
#[actix_rt::test]
async fn a_mailbox_is_emptied_before_anybody_else_has_a_turn() {
    let subject = Subject::default();
    let handled = Arc::clone(&subject.handled);
    let address = subject.start();
    for _ in 0..200 {
        address.do_send(Ping);
    }
    let seen = Arc::clone(&handled);
    let first_turn = actix_rt::spawn(async move { seen.load(Ordering::SeqCst) });
    assert_eq!(first_turn.await.unwrap(), 200);
}

/// Fact 20: tests would have to wait for real, or could not own the timers of actors.
#[actix_rt::test]
async fn paused_time_drives_the_timers_of_actors_on_the_same_thread() {
    struct Timed(Option<oneshot::Sender<()>>);
    impl Actor for Timed {
        type Context = Context<Self>;

        fn started(&mut self, context: &mut Self::Context) {
            context.run_later(Duration::from_secs(3_600), |timed, _| {
                timed.0.take().map(|done| done.send(()));
            });
        }
    }
    tokio::time::pause();
    let (done, hears) = oneshot::channel();
    Timed(Some(done)).start();
    assert_eq!(hears.await, Ok(()));
}
