//! Profiles of the processor's work, for operators.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Query};
use connector_observability::{CpuRecording, ProfileError};
use serde::Deserialize;

use super::instruments::said;

/// Whether the operations listener gives profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CpuProfiles {
    /// There is nothing at their address.
    #[default]
    Off,
    /// Whoever asks gets one; nothing is recorded otherwise.
    OnRequest,
}

const SHORTEST_S: u64 = 1;
const LONGEST_S: u64 = 60;
/// How long a request for a profile may take.
pub(crate) const LONGEST_PROFILE: Duration = Duration::from_secs(LONGEST_S);
const USUAL_S: u64 = 30;

/// What is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    seconds: Option<u64>,
}

impl Asked {
    fn length(&self) -> Option<Duration> {
        let seconds = self.seconds.unwrap_or(USUAL_S);
        (SHORTEST_S..=LONGEST_S).contains(&seconds).then(|| Duration::from_secs(seconds))
    }
}

/// `GET /debug/profile?seconds=N`: records for so long, and answers in the format of pprof. Who goes away ends it.
pub(super) async fn profile(asked: Result<Query<Asked>, actix_web::Error>) -> HttpResponse {
    let Some(length) = asked.ok().and_then(|asked| asked.length()) else {
        let range = format!(
            "seconds must be a whole number from {SHORTEST_S} to {LONGEST_S}, and nothing else is known"
        );
        return said(StatusCode::BAD_REQUEST, &range);
    };
    match record(length).await {
        Ok(profile) => HttpResponse::Ok()
            .content_type("application/octet-stream")
            .insert_header(("Content-Disposition", "attachment; filename=\"profile.pb.gz\""))
            .body(profile),
        Err(error @ ProfileError::Busy) => said(StatusCode::CONFLICT, &error.to_string()),
        Err(error) => said(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
    }
}

/// Both ends of a recording block, and have threads of their own for that.
async fn record(length: Duration) -> Result<Vec<u8>, ProfileError> {
    let recording = web::block(CpuRecording::begin).await.unwrap_or(Err(ProfileError::Stopping))?;
    tokio::time::sleep(length).await;
    web::block(move || recording.finish()).await.unwrap_or(Err(ProfileError::Stopping))
}
