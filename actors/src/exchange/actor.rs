//! The actor round the pace: it tells those who wait, and decides nothing.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix::{
    Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, Message, SpawnHandle, WrapFuture,
};
use actix_rt::ArbiterHandle;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::fair_queue::Ticket;
use super::pace::{Pace, Told};
use super::{Purpose, Verdict};
use crate::alive::Alive;
use crate::identity::TenantId;
use crate::ports::Ports;
use crate::renewed::Renewed;

/// Resolves when the turn has come, or never will. Dropped unanswered when the pace has crashed, and there is a new one to
/// ask, or has ended with the process.
pub(crate) type Turn = oneshot::Receiver<Verdict>;

struct Ask {
    tenant: TenantId,
    ticket: Ticket,
    purpose: Purpose,
    reply: oneshot::Sender<Verdict>,
}

impl Message for Ask {
    type Result = ();
}

struct Hasten {
    tenant: TenantId,
    ticket: Ticket,
}

impl Message for Hasten {
    type Result = ();
}

/// Entra has answered 429.
struct Heed {
    tenant: TenantId,
    retry_after: Option<Duration>,
}

impl Message for Heed {
    type Result = ();
}

/// What sessions hold of the pace.
#[derive(Debug)]
pub(crate) struct PaceDoor {
    address: Renewed<PaceActor>,
    tickets: AtomicU64,
}

impl PaceDoor {
    pub(crate) fn open(
        per_second: NonZeroU32,
        ports: &Ports,
        ending: CancellationToken,
        alive: Alive,
        shard: &ArbiterHandle,
    ) -> Self {
        let (address, shard) = (Renewed::vacant(), shard.clone());
        let parts =
            Parts { per_second, ports: ports.clone(), ending, alive, shard, address: address.clone() };
        PaceActor::begin(parts);
        Self { address, tickets: AtomicU64::new(0) }
    }

    /// Asks for a turn.
    pub(crate) fn ask(&self, tenant: TenantId, purpose: Purpose) -> (Ticket, Turn) {
        let ticket = Ticket(self.tickets.fetch_add(1, Ordering::Relaxed));
        let (reply, turn) = oneshot::channel();
        self.address.send(Ask { tenant, ticket, purpose, reply });
        (ticket, turn)
    }

    /// A call waits for what was asked for as a renewal.
    pub(crate) fn hasten(&self, tenant: TenantId, ticket: Ticket) {
        self.address.send(Hasten { tenant, ticket });
    }

    /// Entra wants to hear nothing of this tenant for a while.
    pub(crate) fn heed(&self, tenant: TenantId, retry_after: Option<Duration>) {
        self.address.send(Heed { tenant, retry_after });
    }
}

pub(super) struct PaceActor {
    pace: Pace<oneshot::Sender<Verdict>>,
    alarm: Option<(Instant, SpawnHandle)>,
    parts: Parts,
}

/// What a pace is made of, and its successor when it has crashed.
#[derive(Clone)]
struct Parts {
    per_second: NonZeroU32,
    ports: Ports,
    ending: CancellationToken,
    #[expect(dead_code, reason = "held for as long as the actor lives")]
    alive: Alive,
    shard: ArbiterHandle,
    address: Renewed<PaceActor>,
}

impl std::fmt::Debug for PaceActor {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("PaceActor").field("waiting", &self.pace.waiting()).finish_non_exhaustive()
    }
}

impl PaceActor {
    fn begin(parts: Parts) {
        let (shard, address) = (parts.shard.clone(), parts.address.clone());
        address.is(Self::start_in_arbiter(&shard, move |_context| Self {
            pace: Pace::new(parts.per_second),
            alarm: None,
            parts,
        }));
    }

    fn now(&self) -> Instant {
        self.parts.ports.clock.instant()
    }

    /// Tells those about whom something is decided. The place of one who has left goes to the next.
    fn tell(&mut self, mut told: Vec<Told<oneshot::Sender<Verdict>>>, context: &mut Context<Self>) {
        while !told.is_empty() {
            for Told { waiter, verdict } in told {
                if waiter.send(verdict) == Err(Verdict::Go) {
                    self.pace.take_back();
                }
            }
            told = self.pace.release(self.now());
        }
        self.set_alarm(context);
    }

    fn set_alarm(&mut self, context: &mut Context<Self>) {
        let due = self.pace.next_release();
        if self.alarm.map(|(set_for, _)| set_for) == due {
            return;
        }
        if let Some((_, alarm)) = self.alarm.take() {
            context.cancel_future(alarm);
        }
        let Some(due) = due else { return };
        let after = due.saturating_duration_since(self.now());
        let alarm = context.run_later(after, |actor, context| {
            actor.alarm = None;
            let told = actor.pace.release(actor.now());
            actor.tell(told, context);
        });
        self.alarm = Some((due, alarm));
    }
}

impl Actor for PaceActor {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        let ended = self.parts.ending.clone().cancelled_owned();
        context.spawn(ended.into_actor(self).map(|(), _pace, context| context.stop()));
    }

    /// Without a pace, all exchanges would go out at once.
    fn stopped(&mut self, _context: &mut Self::Context) {
        if std::thread::panicking() {
            Self::begin(self.parts.clone());
        }
    }
}

impl Handler<Ask> for PaceActor {
    type Result = ();

    fn handle(&mut self, message: Ask, context: &mut Self::Context) {
        let Ask { tenant, ticket, purpose, reply } = message;
        let told = self.pace.ask(tenant, ticket, purpose, reply, self.now());
        self.tell(told, context);
    }
}

impl Handler<Hasten> for PaceActor {
    type Result = ();

    fn handle(&mut self, message: Hasten, _context: &mut Self::Context) {
        self.pace.hasten(message.tenant, message.ticket);
    }
}

impl Handler<Heed> for PaceActor {
    type Result = ();

    fn handle(&mut self, message: Heed, context: &mut Self::Context) {
        let fraction = self.parts.ports.jitter.fraction();
        let told = self.pace.heed(message.tenant, message.retry_after, fraction, self.now());
        self.tell(told, context);
    }
}
