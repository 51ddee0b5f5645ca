//! Progress of a call, as notifications of the protocol.

use std::cell::Cell;
use std::fmt;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::tools::{Progress, ProgressSink};

/// Turns reports into `notifications/progress` (MCP 2026-07-28, "Progress") and hands each on, whole.
pub struct ProgressNotifier<'a, S> {
    token: &'a RawValue,
    send: S,
    /// What the last report said.
    last: Cell<u32>,
}

impl<'a, S: Fn(Vec<u8>)> ProgressNotifier<'a, S> {
    /// `token` is the one that came with the request.
    pub fn new(token: &'a RawValue, send: S) -> Self {
        Self { token, send, last: Cell::new(0) }
    }
}

impl<S: Fn(Vec<u8>)> ProgressSink for ProgressNotifier<'_, S> {
    fn report(&self, progress: Progress<'_>) {
        self.last.set(progress.progress);
        let params = Params {
            progress_token: self.token,
            progress: progress.progress,
            total: progress.total,
            message: progress.message,
        };
        let notification = Notification { jsonrpc: "2.0", method: "notifications/progress", params };
        // A report that can't be written is left out: it changes nothing about the answer.
        if let Ok(bytes) = serde_json::to_vec(&notification) {
            (self.send)(bytes);
        }
    }

    fn step(&self, message: &'static str) {
        let progress = self.last.get().saturating_add(1);
        self.report(Progress { progress, total: None, message });
    }
}

/// Without the token: it is the client's.
impl<S> fmt::Debug for ProgressNotifier<'_, S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ProgressNotifier").finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Notification<'a> {
    jsonrpc: &'static str,
    method: &'static str,
    params: Params<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Params<'a> {
    progress_token: &'a RawValue,
    progress: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u32>,
    message: &'a str,
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    /// If this failed, a client could not tell which of its calls a report belongs to.
    #[rstest]
    #[case::text(r#""abc""#)]
    #[case::number("7")]
    #[case::large_number("12345678901234567890123")]
    fn a_report_carries_the_token_as_it_was_sent(#[case] token: &str) {
        let sent = RefCell::new(Vec::new());
        let raw = RawValue::from_string(token.to_owned()).unwrap();
        let notifier = ProgressNotifier::new(&raw, |bytes| sent.borrow_mut().push(bytes));
        notifier.report(Progress { progress: 1, total: Some(4), message: "One of four." });
        let text = String::from_utf8(sent.borrow()[0].clone()).unwrap();
        assert!(text.contains(&format!(r#""progressToken":{token},"#)), "{text}");
        let notification: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(notification["method"], "notifications/progress");
        assert_eq!(notification["params"]["progress"], json!(1));
        assert_eq!(notification["params"]["total"], json!(4));
        assert!(notification.get("id").is_none());
    }

    /// If this failed, progress would stand still or go back where one part of a call follows another, which the protocol
    /// forbids.
    #[test]
    fn a_step_goes_on_from_the_last_report() {
        let sent = RefCell::new(Vec::new());
        let raw = RawValue::from_string("1".to_owned()).unwrap();
        let notifier = ProgressNotifier::new(&raw, |bytes: Vec<u8>| sent.borrow_mut().push(bytes));
        notifier.step("First.");
        notifier.report(Progress { progress: 7, total: None, message: "Seventh." });
        notifier.step("Eighth.");
        let steps: Vec<Value> = sent
            .borrow()
            .iter()
            .map(|bytes| serde_json::from_slice::<Value>(bytes).unwrap()["params"]["progress"].clone())
            .collect();
        assert_eq!(steps, [1, 7, 8]);
    }
}
