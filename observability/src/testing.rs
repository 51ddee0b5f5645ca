//! Doubles of the outer edge: where lines and spans go.

use std::io::{self, Write};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use serde_json::Value;

use crate::logs;

#[derive(Debug, Clone, Default)]
pub(crate) struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What `act` makes the log write with this filter.
pub(crate) fn log_text(filter: &str, act: impl FnOnce()) -> String {
    let sink = Sink::default();
    let (subscriber, writer) = logs::subscriber(filter, sink.clone(), None).unwrap();
    tracing::subscriber::with_default(subscriber, act);
    drop(writer);
    sink.text()
}

/// The same, each line parsed as JSON.
pub(crate) fn log_lines(filter: &str, act: impl FnOnce()) -> Vec<Value> {
    log_text(filter, act).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// An exporter that passes batches on to a test.
#[derive(Debug)]
pub(crate) struct Recorder(Sender<Vec<SpanData>>);

impl Recorder {
    pub(crate) fn new() -> (Self, Receiver<Vec<SpanData>>) {
        let (sender, batches) = mpsc::channel();
        (Self(sender), batches)
    }
}

impl SpanExporter for Recorder {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.send(batch).unwrap();
        Ok(())
    }
}
