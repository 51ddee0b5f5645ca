//! `user:///{idOrEmail}`: somebody of the directory, with the picture where that is asked for.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Kind, Read, Reading, Scheme};
use crate::graph::{GraphBody, GraphError, Page, PathSegment, Profile, QueryOption, Wanted};
use crate::tools::content::Content;
use crate::tools::error::{About, ErrorCode, MODEL, ToolError};
use crate::tools::people::{Entry, PEOPLE, by_address, one};
use crate::tools::person::PersonQuery;
use crate::tools::read_alone::ReadAlone;
use crate::tools::resource_listing::ResourceTemplate;
use crate::tools::sought::Thing;
use crate::tools::text::{Counts, Fence, Sanitized};
use crate::tools::tool::ToolAnswer;
use crate::tools::uri::decoded;

const FORMS: &str = "user:///{idOrEmail} (with ?photo=true for the picture)";
/// In bytes: pictures of people are at most 648 pixels wide and high.
const LARGEST_PICTURE: usize = 1024 * 1024;
/// What models and clients can show.
const PICTURES: &[&str] = &["image/jpeg", "image/png", "image/gif", "image/webp"];
const NO_PICTURE: &str = "There is no picture.";
const UNREAD_PICTURE: &str = "The picture could not be read.";

pub(in crate::tools) static USER_SCHEME: Scheme = Scheme {
    name: "user",
    forms: FORMS,
    scopes: PEOPLE,
    most_requests: 3,
    part: |_| None,
    names: |_| Thing::Person,
    kinds: &[Kind::of::<UserContent<'_>>("user")],
    templates: &[ResourceTemplate {
        uri_template: "user:///{idOrEmail}",
        name: "user",
        title: "A person",
        description: "Name, address and job of somebody of the organisation.",
        mime_type: "application/json",
    }],
    read,
};

/// Whom a uri means.
#[derive(Debug, Clone, PartialEq, Eq)]
struct UserUri<'a> {
    id_or_address: Cow<'a, str>,
    picture: Picture,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Picture {
    Wanted,
    NotWanted,
}

impl<'a> UserUri<'a> {
    fn parse(uri: &'a str) -> Result<Self, ToolError> {
        let rest =
            uri.strip_prefix("user:///").ok_or_else(|| refused("none of this connector's user uris"))?;
        let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
        let picture = match query {
            None | Some("photo=false") => Picture::NotWanted,
            Some("photo=true") => Picture::Wanted,
            Some(_) => return Err(refused("the uri's query can only be photo=true")),
        };
        if path.is_empty() || path.contains('/') {
            return Err(refused("the uri's path is not one that can be read"));
        }
        Ok(Self { id_or_address: decoded(path).map_err(refused)?, picture })
    }
}

fn refused(why: &'static str) -> ToolError {
    ToolError::unreadable_uri("uri", why, FORMS)
}

#[derive(Debug, Serialize, JsonSchema)]
struct UserContent<'a> {
    #[serde(flatten)]
    entry: Entry<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Counts>")]
    sanitized: Option<Sanitized>,
}

impl ReadAlone for UserContent<'_> {
    fn enclose(&mut self, fence: Fence) {
        self.entry.enclose(fence);
    }
}

/// A picture, or why there is none.
type Pictured = Result<Content, &'static str>;

fn read<'a>(reading: &'a Reading<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let uri = UserUri::parse(reading.uri)?;
        let found = find(reading, &uri.id_or_address).await?;
        let profile = found.profile()?;
        let pictured = match uri.picture {
            Picture::Wanted => Some(picture(reading, &profile.id).await?),
            Picture::NotWanted => None,
        };
        let review = reading.review();
        let note = pictured.as_ref().and_then(|pictured| pictured.as_ref().err().copied());
        let content = review.admit_one(profile)?.shape(|profile, _| {
            let entry = Entry::of(profile, &review);
            UserContent { entry, notes: note.into_iter().collect(), sanitized: review.sanitized() }
        });
        let answer = ToolAnswer::new(&Read::item("user", content, &review)?, found.size() + 64)?;
        Ok(match pictured {
            Some(Ok(picture)) => answer.beside(picture),
            _ => answer,
        })
    })
}

/// Where somebody was found.
enum Found {
    /// The entry itself.
    ByName(GraphBody),
    /// Everybody with that address.
    ByAddress(GraphBody),
}

impl Found {
    fn profile(&self) -> Result<Profile<'_>, ToolError> {
        match self {
            Self::ByName(body) => Ok(body.parse()?),
            Self::ByAddress(body) => only(body.parse()?),
        }
    }

    fn size(&self) -> usize {
        let (Self::ByName(body) | Self::ByAddress(body)) = self;
        body.size()
    }
}

/// By id or principal name and, where nobody goes by that name, by address.
async fn find(reading: &Reading<'_>, wanted: &str) -> Result<Found, ToolError> {
    let graph = reading.call.graph;
    let segment = PathSegment::new(wanted).map_err(|_| refused("not the id or address of a person"))?;
    match (
        graph.get(&one(segment).query(QueryOption::Select, Profile::SELECT)).await,
        PersonQuery::parse(wanted),
    ) {
        (Err(GraphError::NotFound { .. } | GraphError::UnknownMailbox), PersonQuery::Address(address)) => {
            let request = by_address(address).query(QueryOption::Select, Profile::SELECT);
            Ok(Found::ByAddress(graph.get(&request).await?))
        }
        (found, _) => Ok(Found::ByName(found?)),
    }
}

fn only<'a>(page: Page<'a, Profile<'a>>) -> Result<Profile<'a>, ToolError> {
    let mut people = page.value.into_iter();
    match (people.next(), people.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(ToolError::new(
            ErrorCode::NotFound,
            About::argument("uri"),
            "The person was not found.",
            "nobody of the organisation, or more than one, has this address.",
            MODEL,
            "Find the person with search_people and read the uri that it gives.",
        )),
    }
}

async fn picture(reading: &Reading<'_>, id: &str) -> Result<Pictured, ToolError> {
    let segment = PathSegment::new(id).map_err(|_| GraphError::Unintelligible)?;
    let request = one(segment).part("/photo/$value");
    let wanted = Wanted { limit: LARGEST_PICTURE, range: None };
    let download = match reading.call.graph.fetch(&request, wanted).await {
        Ok(download) => download,
        Err(GraphError::NotFound { .. }) => return Ok(Err(NO_PICTURE)),
        // The person is worth telling without it.
        Err(GraphError::AccessDenied { .. } | GraphError::TooLarge { .. }) => return Ok(Err(UNREAD_PICTURE)),
        Err(error) if error.is_passing() => return Ok(Err(UNREAD_PICTURE)),
        Err(error) => return Err(error.into()),
    };
    let media_type = PICTURES.iter().find(|known| download.media_type.as_deref() == Some(**known));
    Ok(media_type.map_or(Err(UNREAD_PICTURE), |media_type| {
        Ok(Content::Image { data: STANDARD.encode(&download.bytes).into(), mime_type: (*media_type).into() })
    }))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, people could not be read by what is known of them.
    #[rstest]
    #[case::address("user:///adele%40contoso.example", "adele@contoso.example", Picture::NotWanted)]
    #[case::plain("user:///adele@contoso.example?photo=true", "adele@contoso.example", Picture::Wanted)]
    #[case::no_picture("user:///1?photo=false", "1", Picture::NotWanted)]
    fn known_forms_are_read(#[case] uri: &str, #[case] id_or_address: &str, #[case] picture: Picture) {
        assert_eq!(UserUri::parse(uri).unwrap(), UserUri { id_or_address: id_or_address.into(), picture });
    }

    /// If this failed, a wrong uri would be guessed at instead of explained.
    #[rstest]
    #[case::nobody("user:///")]
    #[case::more_path("user:///1/photo")]
    #[case::other_query("user:///1?size=48")]
    #[case::host("user://evil.example/1")]
    #[case::not_utf8("user:///%FF")]
    fn anything_else_names_the_forms_that_are_read(#[case] uri: &str) {
        let Err(ToolError::Actionable(error)) = UserUri::parse(uri) else { panic!("{uri} was read") };
        assert!(
            error.why().starts_with("uri: ") && error.how.contains("user:///{idOrEmail}"),
            "{}",
            error.how
        );
    }
}
