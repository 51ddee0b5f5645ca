//! Actors that the facts are shown on.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use actix::{
    Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, Message, ResponseActFuture,
    ResponseFuture, WrapFuture,
};
use tokio::sync::oneshot;
use tokio::time::sleep;

/// An actor that does what it is told, and tells what became of it.
#[derive(Default)]
pub(super) struct Subject {
    pub(super) state: usize,
    pub(super) handled: Arc<AtomicUsize>,
    /// Slow steps.
    pub(super) finished: Arc<AtomicUsize>,
    pub(super) stopped_while_panicking: Arc<AtomicBool>,
}

impl Actor for Subject {
    type Context = Context<Self>;

    fn stopped(&mut self, _context: &mut Self::Context) {
        self.stopped_while_panicking.store(std::thread::panicking(), Ordering::SeqCst);
    }
}

macro_rules! message {
    ($name:ident -> $result:ty) => {
        pub(super) struct $name;

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
message!(EndlessStep -> ());
message!(Stop -> ());
message!(Finish -> ());
message!(NeverFinish -> ());
message!(Hold -> ());

pub(super) struct Tell(pub(super) oneshot::Sender<()>);

/// Says that it has begun, and holds its thread until somebody lets it go.
pub(super) struct Block(pub(super) oneshot::Sender<()>, pub(super) std::sync::mpsc::Receiver<()>);

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

impl Handler<EndlessStep> for Subject {
    type Result = ResponseActFuture<Self, ()>;

    fn handle(&mut self, _: EndlessStep, _: &mut Self::Context) -> Self::Result {
        Box::pin(pending().into_actor(self))
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

impl Handler<NeverFinish> for Subject {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: NeverFinish, _: &mut Self::Context) -> Self::Result {
        Box::pin(pending())
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

/// An actor with a timer, and nothing else to do.
pub(super) struct Ticking {
    pub(super) every: Duration,
    pub(super) ticks: Arc<AtomicUsize>,
}

impl Actor for Ticking {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        context.run_interval(self.every, |ticking, _| {
            ticking.ticks.fetch_add(1, Ordering::SeqCst);
        });
    }
}

/// Asks how often it has ticked.
impl Handler<Ping> for Ticking {
    type Result = usize;

    fn handle(&mut self, _: Ping, _: &mut Self::Context) -> usize {
        self.ticks.load(Ordering::SeqCst)
    }
}
