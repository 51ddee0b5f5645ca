//! Connections on which nothing is answered any more. actix-http bounds the head of a connection's first request and the
//! silence between two requests; but the head of a later one may come as slowly as its client likes, and nobody needs a
//! token for that.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

/// A connection that is kept for as long as something is written to it now and then.
#[derive(Debug)]
pub(crate) struct KeptConnection<C> {
    connection: C,
    looks: Interval,
    was_written_to: bool,
}

impl<C> KeptConnection<C> {
    /// It ends when nothing has been written for `patience`, and after twice that at the latest.
    pub(crate) fn new(connection: C, patience: Duration) -> Self {
        let mut looks = interval_at(Instant::now() + patience, patience);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { connection, looks, was_written_to: false }
    }

    /// Ready when it is not to be kept any longer.
    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while self.looks.poll_tick(context).is_ready() {
            if !std::mem::take(&mut self.was_written_to) {
                return Poll::Ready(());
            }
        }
        Poll::Pending
    }
}

impl<C: AsyncRead + Unpin> AsyncRead for KeptConnection<C> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.connection).poll_read(context, buffer) {
            Poll::Pending => self.poll_end(context).map(|()| Err(io::ErrorKind::TimedOut.into())),
            read @ Poll::Ready(_) => read,
        }
    }
}

impl<C: AsyncWrite + Unpin> AsyncWrite for KeptConnection<C> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.connection).poll_write(context, bytes);
        if let Poll::Ready(Ok(1..)) = written {
            self.was_written_to = true;
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::time::{advance, sleep};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(100);

    fn kept() -> (KeptConnection<DuplexStream>, DuplexStream) {
        let (ours, client) = duplex(1_024);
        (KeptConnection::new(ours, PATIENCE), client)
    }

    /// Reads until the connection is given up, and says when that was.
    async fn given_up(mut connection: KeptConnection<DuplexStream>) -> (Duration, io::ErrorKind) {
        let began = Instant::now();
        loop {
            if let Err(error) = connection.read_u8().await {
                return (began.elapsed(), error.kind());
            }
        }
    }

    /// If this failed, a client could hold a connection for ever by sending a head one letter at a time.
    #[tokio::test(start_paused = true)]
    async fn who_sends_and_is_never_answered_is_given_up() {
        let (connection, mut client) = kept();
        let trickle = async {
            loop {
                sleep(Duration::from_secs(7)).await;
                if client.write_all(b"P").await.is_err() {
                    return;
                }
            }
        };
        let (given_up, ()) = tokio::join!(given_up(connection), trickle);
        assert_eq!(given_up, (PATIENCE, io::ErrorKind::TimedOut));
    }

    /// If this failed, a connection that is in use, or that has been until now, would be cut.
    #[tokio::test(start_paused = true)]
    async fn what_is_answered_is_kept_and_then_given_up_within_twice_the_patience() {
        let (mut connection, _client) = kept();
        for _ in 0..5 {
            advance(PATIENCE / 2).await;
            connection.write_all(b"answer").await.unwrap();
        }
        let (after, kind) = given_up(connection).await;
        assert!((PATIENCE..=PATIENCE * 2).contains(&after), "{after:?}");
        assert_eq!(kind, io::ErrorKind::TimedOut);
    }
}
