//! Pre-authenticated addresses: who holds one may read one file for a while, without a bearer.
//!
//! As in SharePoint the address names the file and carries a `tempauth` that says until when. A bearer sent along
//! is refused: whoever sends one has leaked it to another host.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use jiff::Timestamp;
use uuid::Uuid;

use crate::graph::request::{Caller, GraphResponse};

/// Tells the time. Only download addresses ask for it.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Where files are fetched, and for how long an address is good.
#[derive(Clone)]
pub struct DownloadDoor {
    /// Origin of the download host, without a slash at the end.
    pub base_url: String,
    /// Port of its HTTPS listener, for whoever asks Graph over HTTPS.
    pub secure_port: Option<u16>,
    /// Seconds from the answer that gives an address out.
    pub lifetime: i64,
    pub clock: Clock,
}

impl fmt::Debug for DownloadDoor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("DownloadDoor").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl DownloadDoor {
    /// The origin for whoever asked Graph at that address. Over HTTPS the host has another name than Graph's, so
    /// that no client takes the two for one.
    fn origin(&self, asked_at: &str) -> Cow<'_, str> {
        match (asked_at.strip_prefix("https://"), self.secure_port) {
            (Some(host), Some(port)) if host.starts_with("localhost") => {
                Cow::Owned(format!("https://127.0.0.1:{port}"))
            }
            (Some(_), Some(port)) => Cow::Owned(format!("https://localhost:{port}")),
            _ => Cow::Borrowed(&self.base_url),
        }
    }
}

/// A request to the download host.
#[derive(Debug, Clone, Copy)]
pub struct DownloadRequest<'a> {
    /// What follows `?`, still percent-encoded.
    pub query: &'a str,
    /// The value of `Authorization`: there should be none.
    pub authorization: Option<&'a str>,
    /// The value of `Range`.
    pub range: Option<&'a str>,
}

/// Whom an address was given to: what is fetched there counts as theirs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recipient {
    pub app: Uuid,
    pub tenant: Uuid,
    pub user: Uuid,
}

impl Caller {
    pub(crate) fn recipient(&self) -> Recipient {
        Recipient { app: self.app, tenant: self.tenant, user: self.user }
    }
}

/// What an address opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) recipient: Recipient,
    pub(super) tenant: Uuid,
    pub(super) drive: String,
    pub(super) item: String,
    pub(super) rendition: Rendition,
}

/// As what the file is given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rendition {
    AsItIs,
    Pdf,
    Thumbnail,
}

impl Rendition {
    const ALL: [Self; 3] = [Self::AsItIs, Self::Pdf, Self::Thumbnail];

    const fn name(self) -> &'static str {
        match self {
            Self::AsItIs => "raw",
            Self::Pdf => "pdf",
            Self::Thumbnail => "thumbnail",
        }
    }
}

/// Makes addresses and opens them again.
#[derive(Debug)]
pub(super) struct Signer {
    key: hmac::Key,
    pub(super) door: DownloadDoor,
}

impl Signer {
    pub(super) fn new(seed: u64, door: DownloadDoor) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, format!("downloads-{seed}").as_bytes()), door }
    }

    /// The address of a file, as an application gets it. `site_path` begins with a slash or is empty,
    /// `asked_at` is the address of the Graph that was asked.
    pub(super) fn address(&self, grant: &Grant, site_path: &str, unique: Uuid, asked_at: &str) -> String {
        let expiry = (self.door.clock)().as_second().saturating_add(self.door.lifetime);
        let Recipient { app, tenant, user } = grant.recipient;
        let rendition = grant.rendition.name();
        let payload = format!(
            "{app}|{tenant}|{user}|{}|{}|{}|{rendition}|{expiry}",
            grant.tenant, grant.drive, grant.item
        );
        let signature = hmac::sign(&self.key, payload.as_bytes());
        format!(
            "{}{site_path}/_layouts/15/download.aspx?UniqueId={unique}&Translate=false&tempauth=v1.{}.{}&ApiVersion=2.0",
            self.door.origin(asked_at),
            URL_SAFE_NO_PAD.encode(payload),
            URL_SAFE_NO_PAD.encode(signature)
        )
    }

    /// What the `tempauth` of a query opens now; nothing when it is not ours, changed, or too old.
    pub(super) fn open(&self, query: &str) -> Option<Grant> {
        let token = query.split('&').find_map(|pair| pair.strip_prefix("tempauth="))?;
        let (payload, signature) = token.strip_prefix("v1.")?.split_once('.')?;
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        hmac::verify(&self.key, &payload, &URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        let payload = String::from_utf8(payload).ok()?;
        let [app, home, user, tenant, drive, item, rendition, expiry] =
            payload.split('|').collect::<Vec<_>>().try_into().ok()?;
        if expiry.parse::<i64>().ok()? <= (self.door.clock)().as_second() {
            return None;
        }
        let recipient =
            Recipient { app: app.parse().ok()?, tenant: home.parse().ok()?, user: user.parse().ok()? };
        Some(Grant {
            recipient,
            tenant: tenant.parse().ok()?,
            drive: drive.to_owned(),
            item: item.to_owned(),
            rendition: Rendition::ALL.into_iter().find(|known| known.name() == rendition)?,
        })
    }
}

/// What is given out for a grant.
pub(super) struct Parcel {
    pub(super) content: Bytes,
    pub(super) mime_type: &'static str,
    pub(super) name: String,
    pub(super) e_tag: String,
}

/// A refusal in the plain words of the file host.
pub(super) fn refused(status: u16, words: &str) -> GraphResponse {
    let headers = vec![
        ("content-type", "text/plain; charset=utf-8".to_owned()),
        ("cache-control", "no-store".to_owned()),
    ];
    GraphResponse { status, headers, body: Bytes::from(words.to_owned()) }
}

/// The bytes, or the range of them that was asked for. More than one range, or what is none, gets the whole.
pub(super) fn delivered(parcel: Parcel, range: Option<&str>) -> GraphResponse {
    let Parcel { content, mime_type, name, e_tag } = parcel;
    let length = content.len();
    let name = percent_encoding::utf8_percent_encode(&name, percent_encoding::NON_ALPHANUMERIC);
    let mut headers = vec![
        ("content-type", mime_type.to_owned()),
        ("accept-ranges", "bytes".to_owned()),
        ("etag", e_tag),
        ("content-disposition", format!("attachment;filename*=UTF-8''{name}")),
        ("cache-control", "private,max-age=0".to_owned()),
    ];
    match range.and_then(|range| wanted(range, length)) {
        None => GraphResponse { status: 200, headers, body: content },
        Some(Wanted::Part { start, end }) => {
            headers.push(("content-range", format!("bytes {start}-{}/{length}", end - 1)));
            GraphResponse { status: 206, headers, body: content.slice(start..end) }
        }
        Some(Wanted::Nothing) => {
            headers.push(("content-range", format!("bytes */{length}")));
            GraphResponse { status: 416, headers, body: Bytes::new() }
        }
    }
}

enum Wanted {
    /// The end is the first byte left out.
    Part {
        start: usize,
        end: usize,
    },
    Nothing,
}

/// Reads a `Range` of one part (RFC 9110, 14.1.2).
fn wanted(range: &str, length: usize) -> Option<Wanted> {
    let (first, last) = range.trim().strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| text.parse::<usize>().ok();
    let (start, end) = match (first.is_empty(), last.is_empty()) {
        (true, _) => (length.saturating_sub(number(last)?), length),
        (false, true) => (number(first)?, length),
        (false, false) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            (first, last.saturating_add(1).min(length))
        }
    };
    Some(if start < end { Wanted::Part { start, end } } else { Wanted::Nothing })
}
