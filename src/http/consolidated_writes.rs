//! What is ready to be sent in one turn of the event loop is sent together at its end (ADR-0024). Written one by one, each
//! answer would wake its reader, which would be asleep again before the next one is ready.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection that lets all tasks that are ready take their turn before it writes. A writer of several pieces waits
/// once, before the first one behind a flush.
#[derive(Debug)]
pub(crate) struct ConsolidatedWrites<C> {
    connection: C,
    others_had_their_turn: bool,
}

impl<C> ConsolidatedWrites<C> {
    pub(crate) fn new(connection: C) -> Self {
        Self { connection, others_had_their_turn: false }
    }
}

impl<C: AsyncRead + Unpin> AsyncRead for ConsolidatedWrites<C> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_read(context, buffer)
    }
}

impl<C: AsyncWrite + Unpin> AsyncWrite for ConsolidatedWrites<C> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if !std::mem::replace(&mut self.others_had_their_turn, true) {
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
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
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

    /// If this failed, each answer would be sent, and wake its reader, while the others are still being made: a tenth of
    /// the server's throughput.
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
