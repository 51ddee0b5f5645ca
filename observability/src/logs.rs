//! Log lines: JSON, one event a line, written by a thread of its own.

use std::io::{self, BufWriter, Write};
use std::thread::park_timeout;
use std::time::Duration;

use tracing::Subscriber;
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::{EnvFilter, ParseError};

/// How many lines may wait for the sink; more are dropped and counted.
const WAITING_LINES: usize = 16_384;

/// Other crates speak up when something is wrong, whatever the level of our own lines. A filter that names
/// one of them overrides this.
const QUIET: &str = "actix=warn,actix_http=warn,actix_rt=warn,actix_server=warn,actix_web=warn,h2=warn,hyper=warn,\
                     hyper_util=warn,mio=warn,reqwest=warn,rustls=warn,tokio=warn";

/// How long a line may wait for others before it is written.
const GATHERING: Duration = Duration::from_millis(10);

/// The writing thread flushes when it has caught up. It then stays away for a moment: lines gather, and none of the
/// threads that log has to wake it meanwhile, which would cost them more than the line itself.
struct GatheringSink<W: Write>(BufWriter<W>);

impl<W: Write> Write for GatheringSink<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()?;
        park_timeout(GATHERING);
        Ok(())
    }
}

/// Writes what waits when it is dropped, and knows how many lines were dropped.
#[derive(Debug)]
pub(crate) struct LogWriter {
    dropped: ErrorCounter,
    _worker: WorkerGuard,
}

impl LogWriter {
    pub(crate) fn dropped_lines(&self) -> usize {
        self.dropped.dropped_lines()
    }
}

/// A subscriber that writes every event that passes `filter` (the syntax of `RUST_LOG`) to `sink`: level,
/// time in RFC 3339 UTC, message and fields side by side.
pub(crate) fn subscriber<W: Write + Send + 'static>(
    filter: &str,
    sink: W,
) -> Result<(impl Subscriber + Send + Sync + use<W>, LogWriter), ParseError> {
    let filter = parse_filter(filter)?;
    let (lines, worker) = NonBlockingBuilder::default()
        .lossy(true)
        .buffered_lines_limit(WAITING_LINES)
        .finish(GatheringSink(BufWriter::new(sink)));
    let writer = LogWriter { dropped: lines.error_counter(), _worker: worker };
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_env_filter(filter)
        .with_writer(lines)
        .finish();
    Ok((subscriber, writer))
}

fn parse_filter(filter: &str) -> Result<EnvFilter, ParseError> {
    EnvFilter::builder().parse(format!("{QUIET},{filter}"))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{self, Receiver};

    use rstest::rstest;

    use super::*;
    use crate::event::emit;
    use crate::event::lifecycle::Draining;
    use crate::testing::log_lines;

    /// The debug lines of an HTTP client hold URLs and headers, and would drown ours.
    #[rstest]
    #[case::ours_at_debug("debug", 1)]
    #[case::asked_for_by_name("info,hyper=info", 2)]
    #[case::off("off", 0)]
    fn other_crates_are_quiet_unless_they_are_named(#[case] filter: &str, #[case] expected: usize) {
        let lines = log_lines(filter, || {
            emit(Draining);
            tracing::info!(target: "hyper::proto", "chatter");
        });
        assert_eq!(lines.len(), expected);
    }

    /// Silencing other crates must not hide that something is wrong in them.
    #[test]
    fn warnings_of_other_crates_are_written() {
        let lines = log_lines("info", || tracing::warn!(target: "reqwest::connect", "trouble"));
        assert_eq!(lines[0]["message"], "trouble");
    }

    /// Takes nothing until it is told to.
    struct StuckSink(Receiver<()>);

    impl Write for StuckSink {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            // The test has let go when the channel is closed.
            let _closed = self.0.recv();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// A full disk or a stuck pipe would otherwise stop every call of the connector; this test would hang.
    #[test]
    fn a_sink_that_is_stuck_stops_nobody_and_the_lines_it_costs_are_counted() {
        let (release, stuck) = mpsc::channel();
        let (subscriber, writer) = subscriber("info", StuckSink(stuck)).unwrap();
        let written = WAITING_LINES + 1_000;
        tracing::subscriber::with_default(subscriber, || (0..written).for_each(|_| emit(Draining)));
        // As many as fit into one buffer (8 KiB) may have left the queue already.
        assert!((870..=1_000).contains(&writer.dropped_lines()), "{}", writer.dropped_lines());
        drop(release);
    }
}
