//! OneDrive and SharePoint: drives, items, sharing links, downloads; sites hang on to it.

mod archive;
pub(in crate::graph) mod attached;
mod belongings;
mod curious;
pub(in crate::graph) mod document;
mod download;
mod encrypted;
pub(in crate::graph) mod estate;
mod facets;
pub(in crate::graph) mod format;
pub(in crate::graph) mod found;
mod generate;
mod hash;
pub(in crate::graph) mod id;
pub(in crate::graph) mod library;
pub(in crate::graph) mod list;
pub(in crate::graph) mod list_item;
mod office;
mod pdf;
mod planter;
mod reading;
pub(in crate::graph) mod refusal;
pub(in crate::graph) mod render;
pub(in crate::graph) mod route;
pub(in crate::graph) mod scopes;
mod share;
mod shares;
mod slides;
pub(in crate::graph) mod topics;

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use uuid::Uuid;

pub use download::{Clock, DownloadDoor, DownloadRequest, Recipient};
pub(in crate::graph) use reading::{Outcome, Reading};

use self::download::{Parcel, Rendition, Signer};
use self::estate::{Estate, Place};
use self::library::Library;
use self::refusal::FileRefusal;
use self::route::FilesRoute;
use self::scopes::FileScopes;
use super::odata::query::Query;
use super::refusal::Refusal;
use super::request::{Caller, GraphRequest, GraphResponse};
use super::{options, permissions, respond};
use crate::cache::Cache;
use crate::directory::{Directory, Tenant};

/// Libraries kept at once in each of the cache's two generations; one is about a quarter of a megabyte.
const KEPT_LIBRARIES: usize = 16;
/// Tenants whose ids are kept in each of the cache's two generations.
const KEPT_ESTATES: usize = 32;
/// Bytes of prepared answers kept in each of the cache's two generations.
const KEPT_ANSWERS: usize = 4 << 20;
/// Seconds for which an address of a file is good, unless somebody says otherwise.
const LIFETIME: i64 = 300;
/// One grey pixel: what every thumbnail shows.
const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\x9cch\0\0\0\x82\0\x81w\xcdr\xb6\0\0\0\0IEND\xaeB`\x82";

/// Stands for the drive in the address of a video, which lies in none.
const VIDEOS: &str = "recordings";
/// The beginning of every MP4 file (ISO 14496-12), and no picture.
const VIDEO: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x08mdat";

/// The files and sites of every tenant, generated when they are first read.
#[derive(Debug)]
pub(super) struct Files {
    directory: Arc<Directory>,
    seed: u64,
    newest: Timestamp,
    signer: Signer,
    estates: Cache<Uuid, Arc<Estate>>,
    libraries: Cache<(Uuid, Place), Arc<Library>>,
    answers: Cache<Box<str>, Bytes>,
}

impl Files {
    pub(super) fn new(directory: Arc<Directory>, seed: u64, newest: Timestamp) -> Self {
        let door = DownloadDoor {
            base_url: "http://127.0.0.1:8082".to_owned(),
            secure_port: None,
            lifetime: LIFETIME,
            clock: Arc::new(move || newest),
        };
        Self {
            directory,
            seed,
            newest,
            signer: Signer::new(seed, door),
            estates: Cache::bounded(KEPT_ESTATES),
            libraries: Cache::bounded(KEPT_LIBRARIES),
            answers: Cache::bounded(KEPT_ANSWERS),
        }
    }

    pub(super) fn open_downloads(&mut self, door: DownloadDoor) {
        self.signer = Signer::new(self.seed, door);
    }

    /// Answers what is for files and sites; nothing for every other path.
    pub(super) fn answer(&self, caller: &Caller, request: &GraphRequest<'_>) -> Option<GraphResponse> {
        let route = route::parse(request.path)?;
        let key = key(caller, request);
        if let Some(body) = self.answers.get(key.as_str()) {
            return Some(respond::success(body, request.client_request_id));
        }
        let outcome = route.map_err(FileRefusal::from).and_then(|route| self.read(caller, request, route));
        Some(match outcome {
            Ok(Outcome::Lasting(body)) => {
                let weight = key.len() + body.len();
                self.answers.insert(key.into_boxed_str(), body.clone(), weight);
                respond::success(body, request.client_request_id)
            }
            Ok(Outcome::Momentary(body)) => respond::success(body, request.client_request_id),
            Ok(Outcome::Elsewhere(location)) => empty(302, ("location", location), request),
            Ok(Outcome::Unchanged(tag)) => empty(304, ("etag", tag), request),
            Err(refusal) => refusal.response(request.client_request_id),
        })
    }

    fn read(
        &self,
        caller: &Caller,
        request: &GraphRequest<'_>,
        route: FilesRoute,
    ) -> Result<Outcome, FileRefusal> {
        permissions::require(request.method, request.path, &caller.scopes)
            .map_err(|_| FileRefusal::ScopeMissing)?;
        let scopes = FileScopes::of(&caller.scopes);
        let query = Query::parse(request.query)?;
        if let Some(option) = options::not_taken(request.path, &query) {
            return Err(FileRefusal::OptionNotSupported(option.name()));
        }
        let nobody = || Refusal::UnknownPerson(caller.user.to_string());
        let tenant = &*self.tenant(caller.tenant).ok_or_else(nobody)?;
        let estate = self.estate(tenant);
        let seat = estate.seat(caller.user).ok_or_else(nobody)?;
        let recipient = caller.recipient();
        let reading =
            Reading { files: self, tenant, estate: &estate, seat, scopes, recipient, query, request };
        match route {
            FilesRoute::Drive(key, route) => reading.drive_route(&key, &route),
            FilesRoute::DrivesOf(who) => reading.drives_of(&who),
            FilesRoute::Share(token, route) => reading.share(&token, route.as_ref()),
            FilesRoute::Site(route) => reading.site_route(&route),
        }
    }

    /// Answers a request to the download host.
    pub(super) fn download(&self, request: DownloadRequest<'_>) -> GraphResponse {
        if request.authorization.is_some() {
            return download::refused(
                401,
                "This address is pre-authenticated: no Authorization header may be sent to it.",
            );
        }
        let Some(grant) = self.signer.open(request.query) else {
            return download::refused(
                401,
                "The temporary authorization of this address is missing, wrong or expired.",
            );
        };
        match self.parcel(&grant) {
            Some(parcel) => download::delivered(parcel, request.range),
            None => download::refused(404, "There is no such file."),
        }
    }

    /// Whom the address of a file was given to; nobody where it opens nothing.
    pub(super) fn recipient(&self, request: DownloadRequest<'_>) -> Option<Recipient> {
        self.signer.open(request.query).map(|grant| grant.recipient)
    }

    /// Where the video of a meeting is given out, to whoever asked Graph at that address.
    pub(super) fn video_address(&self, recipient: Recipient, recording: Uuid, asked_at: &str) -> String {
        let (drive, item) = (VIDEOS.to_owned(), recording.to_string());
        let tenant = recipient.tenant;
        let grant = download::Grant { recipient, tenant, drive, item, rendition: Rendition::AsItIs };
        self.signer.address(&grant, "", recording, asked_at)
    }

    fn parcel(&self, grant: &download::Grant) -> Option<Parcel> {
        if grant.drive == VIDEOS {
            let (content, name) = (Bytes::from_static(VIDEO), format!("{}.mp4", grant.item));
            return Some(Parcel {
                content,
                mime_type: "video/mp4",
                name,
                e_tag: format!("\"{}\"", grant.item),
            });
        }
        let tenant = &*self.tenant(grant.tenant)?;
        let estate = self.estate(tenant);
        let library = self.library(tenant, &estate, estate.place_of(&grant.drive)?);
        let item = &library.items[library.find(&grant.item)?];
        let file = item.file.as_ref()?;
        let (content, mime_type, name) = match grant.rendition {
            Rendition::AsItIs => (file.content.clone(), file.mime_type, item.name.clone()),
            Rendition::Pdf => {
                (Bytes::from(pdf::pdf(&file.text)), "application/pdf", format!("{}.pdf", item.name))
            }
            Rendition::Thumbnail => (Bytes::from_static(PIXEL), "image/png", "thumbnail.png".to_owned()),
        };
        Some(Parcel { content, mime_type, name, e_tag: item.e_tag() })
    }

    fn tenant(&self, id: Uuid) -> Option<Arc<Tenant>> {
        self.directory.tenant_by_id(id)
    }

    pub(in crate::graph) fn estate(&self, tenant: &Tenant) -> Arc<Estate> {
        if let Some(estate) = self.estates.get(&tenant.id) {
            return estate;
        }
        let estate = Arc::new(Estate::of(tenant, self.seed));
        self.estates.insert(tenant.id, Arc::clone(&estate), 1);
        estate
    }

    /// A library, generated where it is not at hand. Two threads that come at once generate the same.
    fn library(&self, tenant: &Tenant, estate: &Estate, place: Place) -> Arc<Library> {
        let key = (tenant.id, place);
        if let Some(library) = self.libraries.get(&key) {
            return library;
        }
        let library = Arc::new(generate::library(tenant, estate, place, (self.seed, self.newest)));
        self.libraries.insert(key, Arc::clone(&library), 1);
        library
    }

    /// The time before which everything was written.
    pub(in crate::graph) const fn newest(&self) -> Timestamp {
        self.newest
    }
}

/// A redirect to where something is given out.
pub(super) fn redirected(location: String, request: &GraphRequest<'_>) -> GraphResponse {
    empty(302, ("location", location), request)
}

fn empty(status: u16, header: (&'static str, String), request: &GraphRequest<'_>) -> GraphResponse {
    let mut response = respond::success(Bytes::new(), request.client_request_id);
    response.status = status;
    response.headers.retain(|(name, _)| *name != "content-type");
    response.headers.push(header);
    response
}

/// Everything that a lasting answer depends on. Parts end in a line feed, which no part can hold.
fn key(caller: &Caller, request: &GraphRequest<'_>) -> String {
    let class = permissions::class(&caller.scopes);
    let mut key = format!("{}{}{class}\n", caller.tenant.simple(), caller.user.simple());
    for part in
        [request.base_url, request.path, request.query].into_iter().chain(request.prefer.iter().copied())
    {
        key.push_str(part);
        key.push('\n');
    }
    key
}
