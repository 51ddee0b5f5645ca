//! The error body of Entra, with every field, and the headers of its token endpoint.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::message::Answer;

/// Seconds for which a throttled client is to wait.
const THROTTLED_FOR_S: u32 = 30;

/// An outage or throttling of Entra with that HTTP status, in Entra's own shape.
pub(crate) fn outage(status: u16, base_url: &str, correlation: Uuid) -> Answer {
    let (error, code, text) = match status {
        401 => ("invalid_client", 7_000_215, "Invalid client secret provided."),
        400..=428 | 430..=499 => ("invalid_request", 90_013, "The request has invalid input."),
        429 => ("temporarily_unavailable", 90_055, "The server has too many requests for this tenant."),
        502..=504 => ("temporarily_unavailable", 90_033, "A transient error has occurred. Try again."),
        _ => (
            "server_error",
            90_006,
            "A service that the sign-in depends on failed for the moment. Try again.",
        ),
    };
    let description = format!("AADSTS{code}: {text}");
    ErrorBody { status, error, code, description, suberror: None, claims: None }
        .to_answer(base_url, correlation)
}

/// What the JSON of a refusal says.
pub(super) struct ErrorBody<'a> {
    pub(super) status: u16,
    pub(super) error: &'static str,
    pub(super) code: u32,
    pub(super) description: String,
    pub(super) suberror: Option<&'static str>,
    /// What the next sign-in has to satisfy: JSON in a string.
    pub(super) claims: Option<&'a str>,
}

impl ErrorBody<'_> {
    pub(super) fn to_answer(&self, base_url: &str, correlation: Uuid) -> Answer {
        let trace = Uuid::new_v4();
        let timestamp = Timestamp::now().strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let mut body = json!({
            "error": self.error,
            "error_description": format!(
                "{}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {timestamp}",
                self.description
            ),
            "error_codes": [self.code],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("{base_url}/error?code={}", self.code),
        });
        if let Some(suberror) = self.suberror {
            body["suberror"] = Value::from(suberror);
        }
        if let Some(claims) = self.claims {
            body["claims"] = Value::from(claims);
        }
        let answer = traced(Answer::json(self.status, &body), trace, correlation);
        match self.status {
            429 => answer.header("Retry-After", THROTTLED_FOR_S.to_string()),
            _ => answer,
        }
    }
}

/// Adds the headers that every answer of the token endpoint has.
pub(crate) fn traced(answer: Answer, trace: Uuid, correlation: Uuid) -> Answer {
    answer
        .header("x-ms-request-id", trace.to_string())
        .header("client-request-id", correlation.to_string())
        .header("x-ms-ests-server", "2.1.0 - SIM ProdSlices")
        .header("Cache-Control", "no-store, no-cache")
        .header("Pragma", "no-cache")
        .header("P3P", "CP=\"DSP CUR OTPi IND OTRi ONL FIN\"")
}
