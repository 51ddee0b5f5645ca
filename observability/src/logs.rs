//! Log lines: JSON, one event a line, written by a thread of its own.

mod exported;
mod rate;
mod redaction;

use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::park_timeout;
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use tracing::Subscriber;
use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::{EnvFilter, ParseError, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, Registry, fmt, reload};

pub(crate) use exported::ExportedLogs;

use crate::event::TARGET;
use rate::RateLimit;
use redaction::redacted_line;

/// How many lines may wait for the sink; more are dropped and counted.
const WAITING_LINES: usize = 16_384;

/// Other crates speak up when something is wrong, whatever the level of our own lines. A filter that names
/// one of them overrides this.
const QUIET: &str = "actix=warn,actix_http=warn,actix_rt=warn,actix_server=warn,actix_web=warn,h2=warn,hyper=warn,\
                     hyper_util=warn,mio=warn,opentelemetry=warn,reqwest=warn,rustls=warn,tokio=warn,tonic=warn,tower=warn";

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

/// What the log layer writes to, one whole line at a time: no event gets past it, whoever has made it.
#[derive(Clone)]
struct RedactedLines(NonBlocking);

impl Write for RedactedLines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write_all(&redacted_line(line))?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl<'a> MakeWriter<'a> for RedactedLines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Writes what waits when it is dropped, and knows how many lines were dropped.
#[derive(Debug)]
pub(crate) struct LogWriter {
    dropped: ErrorCounter,
    suppressed: Arc<AtomicU64>,
    filter: reload::Handle<EnvFilter, Registry>,
    _worker: WorkerGuard,
}

/// Reads how many lines went nowhere, for as long as it is wanted.
#[derive(Debug, Clone)]
pub(crate) struct LineLoss {
    dropped: ErrorCounter,
    suppressed: Arc<AtomicU64>,
}

impl LineLoss {
    /// Lines that found the sink behind, and lines that were held back because they flooded.
    pub(crate) fn lines(&self) -> u64 {
        self.dropped.dropped_lines() as u64 + self.suppressed.load(Ordering::Relaxed)
    }
}

/// Changes which lines are written, while the process runs.
#[derive(Debug, Clone)]
pub struct LogFilter(reload::Handle<EnvFilter, Registry>);

/// Why the lines that are written were not changed.
#[derive(Debug, thiserror::Error)]
pub enum LogFilterError {
    #[error("the log filter {filter:?} is not understood: {source}")]
    Unreadable { filter: String, source: ParseError },
    #[error("the log filter is empty")]
    Empty,
    #[error("the log has ended")]
    Ended,
}

impl LogFilter {
    /// From now on, writes what passes `filter` (the syntax of `RUST_LOG`).
    pub fn set(&self, filter: &str) -> Result<(), LogFilterError> {
        if filter.trim().is_empty() {
            return Err(LogFilterError::Empty);
        }
        let filter = parse_filter(filter)
            .map_err(|source| LogFilterError::Unreadable { filter: filter.to_owned(), source })?;
        self.0.reload(filter).map_err(|_| LogFilterError::Ended)
    }
}

impl LogWriter {
    pub(crate) fn loss(&self) -> LineLoss {
        LineLoss { dropped: self.dropped.clone(), suppressed: Arc::clone(&self.suppressed) }
    }

    pub(crate) fn filter(&self) -> LogFilter {
        LogFilter(self.filter.clone())
    }
}

/// A subscriber that writes every event that passes `filter` (the syntax of `RUST_LOG`) to `sink`: level,
/// time in RFC 3339 UTC, message and fields side by side. Our own events go to `exported` as well.
pub(crate) fn subscriber<W: Write + Send + 'static>(
    filter: &str,
    sink: W,
    exported: Option<&ExportedLogs>,
) -> Result<(impl Subscriber + Send + Sync + use<W>, LogWriter), ParseError> {
    limited_subscriber(filter, sink, exported, RateLimit::by(MonotonicClock))
}

fn limited_subscriber<W, C>(
    filter: &str,
    sink: W,
    exported: Option<&ExportedLogs>,
    limit: RateLimit<C>,
) -> Result<(impl Subscriber + Send + Sync + use<W, C>, LogWriter), ParseError>
where
    W: Write + Send + 'static,
    C: Clock + Send + Sync + 'static,
    C::Instant: Send + Sync,
{
    let (filter, handle) = reload::Layer::new(parse_filter(filter)?);
    let (lines, worker) = NonBlockingBuilder::default()
        .lossy(true)
        .buffered_lines_limit(WAITING_LINES)
        .finish(GatheringSink(BufWriter::new(sink)));
    let writer = LogWriter {
        dropped: lines.error_counter(),
        suppressed: limit.suppressed(),
        filter: handle,
        _worker: worker,
    };
    let written = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(RedactedLines(lines));
    // An exporter that logs about its own requests would keep itself busy for ever: ours alone are pushed.
    let pushed = exported.map(|exported| {
        OpenTelemetryTracingBridge::new(&exported.provider)
            .with_filter(filter_fn(|metadata| metadata.target() == TARGET))
    });
    let subscriber = Registry::default().with(filter).with(written.and_then(pushed).with_filter(limit));
    Ok((subscriber, writer))
}

fn parse_filter(filter: &str) -> Result<EnvFilter, ParseError> {
    EnvFilter::builder().parse(format!("{QUIET},{filter}"))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{self, Receiver};

    use governor::clock::FakeRelativeClock;
    use governor::nanos::Nanos;
    use rstest::rstest;

    use super::*;
    use crate::event::emit;
    use crate::event::lifecycle::Draining;
    use crate::testing::{Sink, log_lines};

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

    /// Whoever looks for a fault in production would have to restart the service, and the fault be gone.
    #[test]
    fn the_filter_can_be_changed_while_lines_are_written() {
        let sink = Sink::default();
        let (subscriber, writer) = subscriber("off", sink.clone(), None).unwrap();
        let filter = writer.filter();
        tracing::subscriber::with_default(subscriber, || {
            emit(Draining);
            filter.set("info").unwrap();
            emit(Draining);
            assert!(matches!(filter.set("connector=loudly"), Err(LogFilterError::Unreadable { .. })));
            assert!(matches!(filter.set(" "), Err(LogFilterError::Empty)));
            emit(Draining);
        });
        drop(writer);
        assert_eq!(sink.text().lines().count(), 2);
    }

    /// Silencing other crates must not hide that something is wrong in them.
    #[test]
    fn warnings_of_other_crates_are_written() {
        let lines = log_lines("info", || tracing::warn!(target: "reqwest::connect", "trouble"));
        assert_eq!(lines[0]["message"], "trouble");
    }

    /// Whoever turns up a library would find what it says of headers and bodies in the log, tokens among it.
    #[test]
    fn an_event_of_a_library_is_written_without_the_secrets_in_it() {
        let lines = log_lines("hyper=trace", || {
            tracing::trace!(
                target: "hyper::proto",
                authorization = "zebra",
                url = "https://graph.example/v1.0/me/messages?$search=zebra",
                headers = ?[("cookie", "zebra"), ("accept", "*/*")],
                bytes = 7,
                "sending Bearer z3bra.z3bra.z3bra and client_secret={}", "zebra"
            );
        });
        let line = lines[0].to_string();
        assert!(!line.contains("zebra") && !line.contains("z3bra"), "{line}");
        assert_eq!(lines[0]["authorization"], "[redacted]");
        assert_eq!(lines[0]["url"], "https://graph.example/v1.0/me/messages?[redacted]");
        assert_eq!(lines[0]["headers"], "[(\"cookie\", \"[redacted]\"), (\"accept\", \"*/*\")]");
        assert_eq!(lines[0]["bytes"], 7);
    }

    /// Goes on by a second whenever it is asked.
    #[derive(Debug, Clone, Default)]
    struct HastyClock(FakeRelativeClock);

    impl Clock for HastyClock {
        type Instant = Nanos;

        fn now(&self) -> Nanos {
            self.0.advance(Duration::from_secs(1));
            self.0.now()
        }
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
        let every_line_in_a_second_of_its_own = RateLimit::by(HastyClock::default());
        let (subscriber, writer) =
            limited_subscriber("info", StuckSink(stuck), None, every_line_in_a_second_of_its_own).unwrap();
        let written = WAITING_LINES + 1_000;
        tracing::subscriber::with_default(subscriber, || (0..written).for_each(|_| emit(Draining)));
        // As many as fit into one buffer (8 KiB) may have left the queue already.
        let lines = writer.loss().lines();
        assert!((870..=1_000).contains(&lines), "{lines}");
        drop(release);
    }
}
