//! What a message does not carry by itself.

use actix::{Actor, Handler, Message};
use tracing::span::Id;
use tracing::subscriber::set_default;
use tracing::{Instrument, Span, info_span};
use tracing_subscriber::registry;

use super::subject::Subject;

/// Asks for the span that it is handled in.
struct WhichSpan;

impl Message for WhichSpan {
    type Result = Option<Id>;
}

impl Handler<WhichSpan> for Subject {
    type Result = Option<Id>;

    fn handle(&mut self, _: WhichSpan, _: &mut Self::Context) -> Option<Id> {
        Span::current().id()
    }
}

/// Fact 18: what a session does for a call would be found in the call's trace without anybody's doing. So each message has
/// a field for the span of its sender, as [`LeaseWait`](crate::session::LeaseWait) has.
#[actix_rt::test]
async fn a_span_does_not_cross_a_mailbox() {
    let _collected = set_default(registry());
    let address = Subject::default().start();
    let call = info_span!("call");
    let within = async { (Span::current().id(), address.send(WhichSpan).await) };
    let (here, there) = within.instrument(call.clone()).await;
    assert!(here.is_some() && here == call.id(), "the sender is in its span");
    assert_eq!(there, Ok(None));
}
