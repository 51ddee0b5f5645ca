//! The actor that learns from Graph's answers and keeps the gate.

use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, Message, WrapFuture};
use actix_rt::ArbiterHandle;

use super::gate::Gate;
use super::learned::{Learn, Learned};
use crate::alive::Alive;
use crate::environment::Environment;
use crate::renewed::Renewed;

/// How often what nobody uses is forgotten.
const SWEEP: Duration = Duration::from_secs(60);

impl Message for Learn {
    type Result = ();
}

/// Turns signals into pauses of the gate.
pub(crate) struct ThrottleActor {
    gate: Arc<Gate>,
    learned: Learned,
    environment: Arc<Environment>,
    shard: ArbiterHandle,
    address: Renewed<Self>,
    _alive: Alive,
}

impl ThrottleActor {
    pub(crate) fn start(
        gate: Arc<Gate>,
        environment: Arc<Environment>,
        shard: &ArbiterHandle,
    ) -> Renewed<Self> {
        let address = Renewed::vacant();
        Self::begin(gate, environment, shard, &address);
        address
    }

    fn begin(gate: Arc<Gate>, environment: Arc<Environment>, shard: &ArbiterHandle, address: &Renewed<Self>) {
        let (alive, own_shard, own_address) = (environment.alive(), shard.clone(), address.clone());
        address.is(Self::start_in_arbiter(shard, move |_context| Self {
            gate,
            learned: Learned::default(),
            environment,
            shard: own_shard,
            address: own_address,
            _alive: alive,
        }));
    }
}

impl Actor for ThrottleActor {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        let ended = self.environment.ending().clone().cancelled_owned();
        context.spawn(ended.into_actor(self).map(|(), _throttle, context| context.stop()));
        context.run_interval(SWEEP, |throttle, _context| {
            let now = throttle.environment.clock().instant();
            throttle.gate.forget_idle(now);
            throttle.learned.forget_quiet(now);
        });
    }

    /// Without it, the gate would forget nobody, and learn nothing of a refusal that says no time.
    fn stopped(&mut self, _context: &mut Self::Context) {
        if std::thread::panicking() {
            let (gate, environment) = (Arc::clone(&self.gate), Arc::clone(&self.environment));
            Self::begin(gate, environment, &self.shard, &self.address);
        }
    }
}

impl Handler<Learn> for ThrottleActor {
    type Result = ();

    fn handle(&mut self, message: Learn, _context: &mut Self::Context) {
        let now = self.environment.clock().instant();
        let fraction = self.environment.jitter().fraction();
        self.learned.learn(&message, &self.gate, now, fraction);
    }
}
