//! Answers in gzip, for whoever can read it (RFC 9110, section 12.5.3).

use std::io::{self, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::message::{Answer, Request};

/// Below so many bytes an answer is sent as it is.
const WORTHWHILE_BYTES: usize = 1_024;

/// The answer in gzip where the client takes it and that is worth while; else as it was.
pub(crate) fn compressed(mut answer: Answer, request: &Request<'_>) -> Answer {
    let takes_it = || request.header("accept-encoding").is_some_and(takes_gzip);
    let is_encoded = || answer.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
    if answer.body.len() < WORTHWHILE_BYTES || !takes_it() || is_encoded() {
        return answer;
    }
    let Ok(body) = gzip(&answer.body) else { return answer };
    answer.body = body;
    answer.header("Content-Encoding", "gzip").header("Vary", "Accept-Encoding")
}

/// Whether the value of `Accept-Encoding` names gzip, and not with the weight 0.
fn takes_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|coding| {
        let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = parameters.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse().ok());
        name.trim().eq_ignore_ascii_case("gzip") && weight.unwrap_or(1.0_f32) > 0.0
    })
}

fn gzip(body: &Bytes) -> io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body)?;
    Ok(encoder.finish()?.into())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::takes_gzip;

    /// Fails when a client gets what it can't read.
    #[rstest]
    #[case("gzip, deflate, br", true)]
    #[case("deflate, GZIP;q=0.5", true)]
    #[case("br", false)]
    #[case("identity, gzip;q=0", false)]
    #[case("", false)]
    fn a_weight_of_nothing_is_a_no(#[case] accepted: &str, #[case] takes: bool) {
        assert_eq!(takes_gzip(accepted), takes);
    }
}
