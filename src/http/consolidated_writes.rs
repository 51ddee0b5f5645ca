//! What is ready to be sent in one turn of the event loop is sent together at its end (ADR-0024). Written one by one, each
//! answer would wake its reader, which would be asleep again before the next one is ready.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection that lets all tasks that are ready take their turn before it writes. A writer of several pieces waits
/// once, before the first one behind a flush.
///
/// Nothing waits where something has just been read. What is written then needed no wait to be made; and what was read may
/// have been the client's end, or no request: actix-http ends such a connection with its next look at it.
#[derive(Debug)]
pub(crate) struct ConsolidatedWrites<C> {
    connection: C,
    others_had_their_turn: bool,
    last_read: LastRead,
}

/// What came of the latest look for something to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LastRead {
    Something,
    /// Nothing more, after something: all that there was is read in one go.
    NothingMore,
    Nothing,
}

impl<C> ConsolidatedWrites<C> {
    pub(crate) fn new(connection: C) -> Self {
        Self { connection, others_had_their_turn: false, last_read: LastRead::Nothing }
    }
}

impl<C: AsyncRead + Unpin> AsyncRead for ConsolidatedWrites<C> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.connection).poll_read(context, buffer);
        self.last_read = match (&read, self.last_read) {
            (Poll::Ready(_), _) => LastRead::Something,
            (Poll::Pending, LastRead::Something) => LastRead::NothingMore,
            (Poll::Pending, _) => LastRead::Nothing,
        };
        read
    }
}

impl<C: AsyncWrite + Unpin> AsyncWrite for ConsolidatedWrites<C> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.last_read == LastRead::Nothing && !std::mem::replace(&mut self.others_had_their_turn, true) {
            // Woken at once, a task stands behind all that are ready now.
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Pin::new(&mut self.connection).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.others_had_their_turn = false;
        Pin::new(&mut self.connection).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::future::poll_fn;
    use std::rc::Rc;

    use proptest::prelude::*;
    use rstest::rstest;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::runtime::Builder;
    use tokio::task::LocalSet;

    use super::*;

    /// What the tasks of one event loop did, in the order in which they did it.
    type Log = Rc<RefCell<Vec<String>>>;

    /// A connection that puts down when it is written to.
    struct Logged {
        name: &'static str,
        log: Log,
    }

    impl AsyncWrite for Logged {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            self.log.borrow_mut().push(format!("{} sent", self.name));
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// If this failed, each answer would be sent, and wake its reader, while the others are still being made: the server
    /// would answer fewer calls a second under load.
    #[tokio::test]
    async fn answers_of_one_turn_are_all_made_before_the_first_is_sent() {
        let (tasks, log) = (LocalSet::new(), Log::default());
        for name in ["first", "second"] {
            let log = Rc::clone(&log);
            tasks.spawn_local(async move {
                log.borrow_mut().push(format!("{name} made"));
                let mut connection = ConsolidatedWrites::new(Logged { name, log });
                connection.write_all(b"answer").await.unwrap();
            });
        }
        tasks.await;
        assert_eq!(*log.borrow(), ["first made", "second made", "first sent", "second sent"]);
    }

    /// If this failed, an answer in several pieces would wait as often as it has pieces, or a later answer not at all.
    #[tokio::test]
    async fn the_pieces_up_to_a_flush_wait_once() {
        let (tasks, log) = (LocalSet::new(), Log::default());
        let mut connection = ConsolidatedWrites::new(Logged { name: "piece", log: Rc::clone(&log) });
        tasks.spawn_local(async move {
            connection.write_all(b"head").await.unwrap();
            connection.write_all(b"body").await.unwrap();
            connection.flush().await.unwrap();
            connection.write_all(b"next answer").await.unwrap();
        });
        let other = Rc::clone(&log);
        tasks.spawn_local(async move {
            for _ in 0..2 {
                other.borrow_mut().push("turn of another task".to_owned());
                // Behind all that are ready, as the connection is.
                poll_fn(once_more()).await;
            }
        });
        tasks.await;
        let turn = "turn of another task";
        assert_eq!(*log.borrow(), [turn, "piece sent", "piece sent", turn, "piece sent"]);
    }

    /// If this failed, the answer to a client that closes its half with its request, or the refusal of what is no request,
    /// would be lost: actix-http looks at such a connection once.
    #[rstest]
    #[case::a_request(Some(&b"request"[..]))]
    #[case::the_end(None)]
    #[tokio::test]
    async fn what_is_answered_in_the_turn_that_read_it_waits_for_nobody(#[case] sent: Option<&[u8]>) {
        let (ours, mut client) = duplex(64);
        match sent {
            Some(request) => client.write_all(request).await.unwrap(),
            None => client.shutdown().await.unwrap(),
        }
        let mut connection = ConsolidatedWrites::new(ours);
        let look = async |connection: &mut ConsolidatedWrites<DuplexStream>| {
            poll_fn(|context| {
                let (mut room, mut reads) = ([0; 64], 0);
                while reads < 2
                    && Pin::new(&mut *connection).poll_read(context, &mut ReadBuf::new(&mut room)).is_ready()
                {
                    reads += 1;
                }
                let written = Pin::new(&mut *connection).poll_write(context, b"answer");
                Poll::Ready(written.is_ready())
            })
            .await
        };
        assert!(look(&mut connection).await, "the look that read something");
        poll_fn(|context| Pin::new(&mut connection).poll_flush(context)).await.unwrap();
        if sent.is_some() {
            assert!(!look(&mut connection).await, "a later one");
        }
    }

    fn once_more() -> impl FnMut(&mut Context<'_>) -> Poll<()> {
        let mut was_polled = false;
        move |context| {
            if std::mem::replace(&mut was_polled, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        }
    }

    proptest! {
        /// If this failed, bytes would be lost, doubled or swapped where a reader is slow or a writer flushes often.
        #[test]
        fn all_that_is_written_arrives_as_it_was(
            pieces in proptest::collection::vec((proptest::collection::vec(any::<u8>(), 1..40), any::<bool>()), 0..20),
            room in 1_usize..50,
        ) {
            let (ours, mut client) = duplex(room);
            let expected: Vec<u8> = pieces.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
            let writing = async move {
                let mut connection = ConsolidatedWrites::new(ours);
                for (bytes, flushed) in pieces {
                    connection.write_all(&bytes).await.unwrap();
                    if flushed {
                        connection.flush().await.unwrap();
                    }
                }
                connection.shutdown().await.unwrap();
            };
            let reading = async {
                let mut read = Vec::new();
                client.read_to_end(&mut read).await.unwrap();
                read
            };
            let runtime = Builder::new_current_thread().build().unwrap();
            let ((), read) = LocalSet::new().block_on(&runtime, async { tokio::join!(writing, reading) });
            prop_assert_eq!(read, expected);
        }
    }
}
