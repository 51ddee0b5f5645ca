//! The actor that learns from Graph's answers and keeps the gate.

use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, WrapFuture};
use actix_rt::ArbiterHandle;

use super::gate::Gate;
use super::learned::Learned;
use super::signal::{GateKey, ThrottleSignal};
use crate::runtime::{Alive, Directory};

/// How often what nobody uses is forgotten.
const SWEEP: Duration = Duration::from_secs(60);

/// Graph said something about its load.
pub(crate) struct Learn {
    pub(crate) key: GateKey,
    pub(crate) signal: ThrottleSignal,
}

impl Message for Learn {
    type Result = ();
}

/// Turns signals into pauses of the gate.
pub(crate) struct ThrottleActor {
    gate: Arc<Gate>,
    learned: Learned,
    directory: Arc<Directory>,
    _alive: Alive,
}

impl ThrottleActor {
    pub(crate) fn start(gate: Arc<Gate>, directory: Arc<Directory>, shard: &ArbiterHandle) -> Addr<Self> {
        let alive = directory.alive();
        Self::start_in_arbiter(shard, move |_context| Self {
            gate,
            learned: Learned::default(),
            directory,
            _alive: alive,
        })
    }
}

impl Actor for ThrottleActor {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        let ended = self.directory.ending().clone().cancelled_owned();
        context.spawn(ended.into_actor(self).map(|(), _throttle, context| context.stop()));
        context.run_interval(SWEEP, |throttle, _context| {
            throttle.gate.forget_idle();
            throttle.learned.forget_quiet(throttle.directory.clock().instant());
        });
    }
}

impl Handler<Learn> for ThrottleActor {
    type Result = ();

    fn handle(&mut self, message: Learn, _context: &mut Self::Context) {
        let Learn { key, signal } = message;
        let now = self.directory.clock().instant();
        let fraction = self.directory.jitter().fraction();
        let pause = self.learned.pause(key, signal, now, fraction);
        self.gate.close_for(key, pause);
    }
}
