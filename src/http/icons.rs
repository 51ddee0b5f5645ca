//! The icons that clients show beside the connector and its tools: the same for everybody, and for good.

use actix_web::HttpResponse;
use actix_web::http::header;

use super::refusal::Refusal;
use crate::tools::{ICON_SET, IconFile};

/// Where they are.
pub(super) const ICONS: &str = "/icons";
/// A year, in seconds: a picture that changes has another address.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
/// A picture that is opened by itself runs and fetches nothing.
const PICTURE_ALONE: &str = "default-src 'none'; sandbox";

/// The file of this name in this set.
pub(super) fn icon(set: &str, name: &str) -> Result<HttpResponse, Refusal> {
    let file = IconFile::named(name).filter(|_| set == ICON_SET).ok_or(Refusal::NotFound)?;
    Ok(HttpResponse::Ok()
        .content_type(file.media_type)
        .insert_header((header::CACHE_CONTROL, FOR_GOOD))
        .insert_header((header::CONTENT_SECURITY_POLICY, PICTURE_ALONE))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(file.bytes))
}
