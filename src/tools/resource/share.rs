//! `share:///`: what stands behind a sharing link or an address, content alone.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::LocalBoxFuture;
use percent_encoding::percent_decode_str;
use schemars::JsonSchema;
use serde::Serialize;
use url::Url;

use super::found_content::{Found, content, is_given, rows};
use super::{Kind, Read, Reading, Scheme};
use crate::graph::{ByteRange, GraphError, GraphRequest, PathSegment, Wanted};
use crate::policy::{ItemFacts, Label, Place, TenantPolicy};
use crate::tools::document::Format;
use crate::tools::error::{About, ErrorCode, ToolError, USER};
use crate::tools::provenance::Origin;
use crate::tools::read_alone::ReadAlone;
use crate::tools::resource_listing::ResourceTemplate;
use crate::tools::review::{Reviewable, Withheld};
use crate::tools::sharepoint::{FILES, share_request};
use crate::tools::sought::Thing;
use crate::tools::text::{Counts, Fence, Sanitized};
use crate::tools::tool::ToolAnswer;
use crate::tools::uri::Family;

const FAMILY: Family = Family { root: "share:///", forms: "share:///{encodedUrl}" };
/// What stands before an encoded address.
const TOKEN: &str = "u!";

pub(in crate::tools) static SHARE_SCHEME: Scheme = Scheme {
    name: "share",
    forms: FAMILY.forms,
    scopes: FILES,
    most_requests: 2,
    part: |_| Some(rows),
    names: |_| Thing::SharedLink,
    kinds: &[Kind::of::<ShareContent<'_>>("share")],
    templates: &[ResourceTemplate {
        uri_template: "share:///{encodedUrl}",
        name: "share",
        title: "What a link leads to",
        description: "The content behind a sharing link or an address of a file, which the user may already open.",
        mime_type: "application/json",
    }],
    read,
};

/// An https address, and what Graph takes for it.
#[derive(Debug, PartialEq, Eq)]
struct Share {
    address: Url,
    token: String,
}

impl Share {
    /// The address percent-encoded or as it is, or in Graph's own encoding.
    /// Source: <https://learn.microsoft.com/graph/api/shares-get>, "Encoding sharing URLs".
    fn parse(uri: &str) -> Result<Self, ToolError> {
        let refused = || FAMILY.refused("uri");
        let given = uri.strip_prefix(FAMILY.root).ok_or_else(refused)?;
        let address = match given.strip_prefix(TOKEN) {
            Some(encoded) => {
                let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| refused())?;
                Cow::Owned(String::from_utf8(bytes).map_err(|_| refused())?)
            }
            // As it is it begins with its scheme, and an escape in it belongs to it.
            None if given.starts_with("https://") => Cow::Borrowed(given),
            None => percent_decode_str(given).decode_utf8().map_err(|_| refused())?,
        };
        let token = format!("{TOKEN}{}", URL_SAFE_NO_PAD.encode(address.as_bytes()));
        let address = Url::parse(&address).ok().filter(|url| url.scheme() == "https").ok_or_else(refused)?;
        Ok(Self { address, token })
    }

    fn request(&self) -> Result<GraphRequest, ToolError> {
        Ok(share_request(PathSegment::new(&self.token).map_err(|_| FAMILY.refused("uri"))?))
    }

    /// What the address ends with: of a sharing link it is no name.
    fn ending(&self) -> Option<String> {
        let last = self.address.path_segments()?.next_back()?;
        percent_decode_str(last).decode_utf8().ok().map(Cow::into_owned)
    }
}

/// Of the item behind a link nothing is known but its address.
impl Reviewable for Share {
    fn facts(&self, _: &TenantPolicy) -> ItemFacts<'_> {
        let place = Place { url: Some(self.address.as_str()), ..Place::default() };
        ItemFacts { label: Label::Unknown, place: Some(place), mail_from: None }
    }

    fn withhold(&mut self) {}
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ShareContent<'a> {
    uri: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// In bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// Of whoever changed it last: the content alone does not say.
    origin: Origin,
    #[serde(flatten)]
    found: Found,
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<Withheld>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Counts>")]
    sanitized: Option<Sanitized>,
    /// For people: the address that was shared, where it opens for the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    web_url: Option<String>,
}

impl ReadAlone for ShareContent<'_> {
    fn enclose(&mut self, fence: Fence) {
        self.found.enclose(fence);
    }
}

/// What is known of the file behind an address that opens.
struct SharedFile {
    name: Option<String>,
    /// In bytes.
    size: Option<u64>,
    format: Format,
}

fn read<'a>(reading: &'a Reading<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let share = Share::parse(reading.uri)?;
        let review = reading.review();
        let request = share.request()?;
        let share = review.admit_one(share)?;
        let (mut found, mut file) = (Found::default(), None);
        if !share.is_withheld() {
            let known = shared_file(reading, share.peek(), &request).await?;
            found = content(reading, known.format, &request, known.size, &review).await.map_err(unopened)?;
            file = Some(known);
        }
        let image = found.take_image();
        let content = share.shape(|share, withheld| ShareContent {
            uri: reading.uri,
            web_url: file.is_some().then(|| share.address.into()),
            size: file.as_ref().and_then(|file| file.size),
            name: file.and_then(|file| file.name).map(|name| review.clean_line(name.into()).into_owned()),
            origin: Origin::Unknown,
            found,
            withheld,
            sanitized: review.sanitized(),
        });
        let answer = ToolAnswer::new(&Read::item("share", content, &review)?, 4_096)?;
        Ok(match image {
            Some(image) => answer.beside(image),
            None => answer,
        })
    })
}

/// An address of a file that is given tells enough; of every other one the server says what it leads to, with the first byte
/// of it: Graph describes a shared item to none but those who may also write.
async fn shared_file(
    reading: &Reading<'_>,
    share: &Share,
    request: &GraphRequest,
) -> Result<SharedFile, ToolError> {
    let ending = share.ending();
    let format = Format::of(ending.as_deref(), None);
    let name = ending.filter(|_| format != Format::Unknown);
    if is_given(format) {
        return Ok(SharedFile { name, size: None, format });
    }
    let range = Some(ByteRange { first: 0, last: 0 });
    match reading.call.graph.fetch(request, Wanted { limit: 1, range }).await {
        Ok(first) => {
            let name = first.name.map(String::from).or(name);
            let format = Format::of(name.as_deref(), first.media_type.as_deref());
            Ok(SharedFile { name, size: first.total, format })
        }
        // There is no first byte.
        Err(GraphError::OutOfRange) => Ok(SharedFile { name, size: Some(0), format }),
        Err(error) => Err(unopened(error.into())),
    }
}

/// Who has not opened a link yet has no access by it, and opening it is nothing that is done here.
fn unopened(error: ToolError) -> ToolError {
    match error {
        ToolError::Actionable(known) if known.code == ErrorCode::NoAccess => ToolError::new(
            ErrorCode::NoAccess,
            About::Unnamed,
            "The link does not open for the signed-in user here.",
            "nobody has shared the file with the user, or the user has never opened the link: that grants access for good, \
             and this connector changes nothing.",
            USER,
            "Have the user open the link once in a browser, then read it again; or ask who sent it to share the file.",
        ),
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const ADDRESS: &str = "https://contoso.sharepoint.com/:w:/s/sales/Eabc?e=1";

    /// If this failed, links could not be given as people have them.
    #[rstest]
    #[case::encoded("share:///https%3A%2F%2Fcontoso.sharepoint.com%2F%3Aw%3A%2Fs%2Fsales%2FEabc%3Fe%3D1")]
    #[case::as_it_is("share:///https://contoso.sharepoint.com/:w:/s/sales/Eabc?e=1")]
    #[case::as_graph_has_it(
        "share:///u!aHR0cHM6Ly9jb250b3NvLnNoYXJlcG9pbnQuY29tLzp3Oi9zL3NhbGVzL0VhYmM_ZT0x"
    )]
    fn an_address_is_read_in_each_form(#[case] uri: &str) {
        let share = Share::parse(uri).unwrap();
        assert_eq!(share.address.as_str(), ADDRESS);
        assert_eq!(share.token, "u!aHR0cHM6Ly9jb250b3NvLnNoYXJlcG9pbnQuY29tLzp3Oi9zL3NhbGVzL0VhYmM_ZT0x");
    }

    /// If this failed, something that is no address of a file would be asked of Graph.
    #[rstest]
    #[case::plain_http("share:///http%3A%2F%2Fcontoso.sharepoint.com%2Fa")]
    #[case::file("share:///file%3A%2F%2F%2Fetc%2Fpasswd")]
    #[case::no_base64("share:///u!***")]
    #[case::words("share:///budget")]
    #[case::nothing("share:///")]
    fn what_is_no_address_is_refused(#[case] uri: &str) {
        assert!(Share::parse(uri).is_err(), "{uri}");
    }
}
