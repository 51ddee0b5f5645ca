//! Sharing links, and the tokens by which `/shares` takes an address.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::percent_decode_str;
use uuid::Uuid;

use super::estate::{Estate, Place};
use super::library::{Item, Library};
use super::refusal::FileRefusal;
use crate::directory::Tenant;
use crate::graph::site_plan::SITES;

/// What an address that was shared leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shared {
    /// A sharing link: the item, by its unique id.
    Link(Place, Uuid),
    /// The address of the item itself.
    Address(Place, String),
}

/// The sharing link of an item: kind of file, place, and an opaque end.
pub(super) fn link(estate: &Estate, place: Place, item: &Item) -> String {
    let kind = match item.extension().as_str() {
        _ if item.file.is_none() => 'f',
        "docx" => 'w',
        "xlsx" => 'x',
        "pptx" => 'p',
        "pdf" => 'b',
        _ => 'u',
    };
    let (host, area, tag, number) = match place {
        Place::Home(seat) => (&estate.my_host, "g/personal", 0_u8, seat),
        Place::Site(site) => (&estate.host, "s", 1, site),
    };
    let mut token = item.unique.as_bytes().to_vec();
    token.push(tag);
    token.extend_from_slice(&(number as u64).to_be_bytes()[4..]);
    format!("https://{host}/:{kind}:/{area}/E{}?e=sim", URL_SAFE_NO_PAD.encode(token))
}

/// Reads `u!…`: base64url, without padding, of the address.
pub(super) fn parse(token: &str, tenant: &Tenant, estate: &Estate) -> Result<Shared, FileRefusal> {
    let url = token
        .strip_prefix("u!")
        .and_then(|encoded| URL_SAFE_NO_PAD.decode(encoded).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or(FileRefusal::MalformedShare)?;
    let (host, path) = url
        .strip_prefix("https://")
        .and_then(|rest| rest.split_once('/'))
        .ok_or(FileRefusal::MalformedShare)?;
    if host != estate.host && host != estate.my_host {
        return Err(FileRefusal::ShareNotFound);
    }
    if path.starts_with(':') {
        return opened(path, tenant).ok_or(FileRefusal::ShareNotFound);
    }
    let place = place_of(&url, host, tenant, estate).ok_or(FileRefusal::ShareNotFound)?;
    Ok(Shared::Address(place, url))
}

fn opened(path: &str, tenant: &Tenant) -> Option<Shared> {
    let token = path.split('?').next()?.rsplit('/').next()?.strip_prefix('E')?;
    let bytes: [u8; 21] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
    let unique = Uuid::from_slice(&bytes[..16]).ok()?;
    let number = usize::try_from(u32::from_be_bytes(bytes[17..].try_into().ok()?)).ok()?;
    let place = if bytes[16] == 0 { Place::Home(number) } else { Place::Site(number) };
    let exists = match place {
        Place::Home(seat) => seat < tenant.users.len(),
        Place::Site(site) => site < SITES.len(),
    };
    exists.then_some(Shared::Link(place, unique))
}

/// The library whose site an address lies in: the longest that fits, for the root site fits them all.
fn place_of(url: &str, host: &str, tenant: &Tenant, estate: &Estate) -> Option<Place> {
    let places: Vec<Place> = if host == estate.my_host {
        (0..tenant.users.len()).map(Place::Home).collect()
    } else {
        (0..SITES.len()).map(Place::Site).collect()
    };
    places
        .into_iter()
        .map(|place| (estate.site_url(tenant, place), place))
        .filter(|(site, _)| url.strip_prefix(site.as_str()).is_some_and(|rest| rest.starts_with('/')))
        .max_by_key(|(site, _)| site.len())
        .map(|(_, place)| place)
}

/// The item that was shared, in its library.
pub(super) fn find(library: &Library, shared: &Shared) -> Option<usize> {
    let decoded = |url: &str| percent_decode_str(url).decode_utf8_lossy().into_owned();
    match shared {
        Shared::Link(_, unique) => library.items.iter().position(|item| item.unique == *unique),
        Shared::Address(_, url) => {
            let wanted = decoded(url);
            library.items.iter().position(|item| decoded(&item.web_url) == wanted)
        }
    }
}
