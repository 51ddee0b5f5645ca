//! The bytes of files: redirects, addresses that expire, ranges, and what is in the files.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use m365_simulator::directory::Directory;
use m365_simulator::graph::{DownloadDoor, DownloadRequest, Graph, GraphMethod, GraphRequest, GraphResponse};
use proptest::prelude::*;
use rstest::rstest;

use crate::world::{BASE_URL, SEED, WORLD};

const CURIOUS: &str = "/sites/larkmoor.sharepoint.example:/sites/handbook:/drive/root:/Curious%20files";

fn header<'a>(response: &'a GraphResponse, name: &str) -> &'a str {
    response.headers.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
}

fn query_of(location: &str) -> &str {
    location.split_once('?').expect("a query").1
}

fn fetch(query: &str, range: Option<&str>) -> GraphResponse {
    WORLD.graph.download(DownloadRequest { query, authorization: None, range })
}

/// Where Graph sends whoever wants the content of `target`.
fn location(target: &str) -> String {
    let response = WORLD.raw(&WORLD.caller(0, 0), target, &[]);
    assert_eq!(response.status, 302, "{target}");
    assert!(response.body.is_empty());
    header(&response, "location").to_owned()
}

fn content(target: &str) -> Vec<u8> {
    fetch(query_of(&location(target)), None).body.to_vec()
}

/// Fails when content is answered by Graph itself, or is not what the item promises.
#[test]
fn content_is_fetched_elsewhere_and_is_what_the_item_says() {
    let item = WORLD.get("/me/drive/root:/Handover%20notes.docx").body;
    let location = location("/me/drive/root:/Handover%20notes.docx:/content");
    assert!(
        !location.starts_with(BASE_URL) && location.contains("/_layouts/15/download.aspx?"),
        "{location}"
    );
    let response = fetch(query_of(&location), None);
    assert_eq!((response.status, response.body.len() as u64), (200, item["size"].as_u64().unwrap()));
    assert_eq!(header(&response, "etag"), item["eTag"]);
    assert_eq!(header(&response, "content-type"), item["file"]["mimeType"]);
    let listed = item["@microsoft.graph.downloadUrl"].as_str().unwrap();
    assert_eq!(fetch(query_of(listed), None).body, response.body);
}

/// Fails when a token that leaks to the file host goes unnoticed, or an address opens without its authorization.
#[test]
fn a_bearer_or_a_changed_address_is_refused() {
    let location = location("/me/drive/root:/Team%20lunch.md:/content");
    let query = query_of(&location);
    let leaked = DownloadRequest { query, authorization: Some("Bearer x"), range: None };
    assert_eq!(WORLD.graph.download(leaked).status, 401);
    for wrong in [query.replace("tempauth=v1.", "tempauth=v1.A"), "UniqueId=1".to_owned(), String::new()] {
        assert_eq!(fetch(&wrong, None).status, 401, "{wrong}");
    }
}

/// Fails when an address outlives its time.
#[test]
fn an_address_expires() {
    let directory = Arc::new(Directory::generate(SEED));
    let now = Arc::new(AtomicI64::new(1_790_000_000));
    let clock = Arc::clone(&now);
    let door = DownloadDoor {
        secure_port: None,
        base_url: "http://files.example".to_owned(),
        lifetime: 300,
        clock: Arc::new(move || Timestamp::from_second(clock.load(Ordering::SeqCst)).unwrap()),
    };
    let graph =
        Graph::new(directory, SEED, Timestamp::from_second(1_790_000_000).unwrap()).with_downloads(door);
    let ask = || {
        let request = GraphRequest {
            method: GraphMethod::Get,
            path: "/me/drive/root:/Team%20lunch.md:/content",
            query: "",
            prefer: Vec::new(),
            accept: None,
            consistency_level: None,
            if_none_match: None,
            client_request_id: None,
            base_url: BASE_URL,
        };
        header(&graph.answer(&WORLD.caller(0, 0), &request), "location").to_owned()
    };
    let address = ask();
    assert!(address.starts_with("http://files.example/personal/maja_lindqvist_"), "{address}");
    let status = |address: &str| {
        let query = query_of(address);
        graph.download(DownloadRequest { query, authorization: None, range: None }).status
    };
    now.fetch_add(299, Ordering::SeqCst);
    assert_eq!(status(&address), 200);
    now.fetch_add(1, Ordering::SeqCst);
    assert_eq!(status(&address), 401);
    assert_eq!(status(&ask()), 200, "a new one is given out");
}

/// Fails when a range is not the part that was asked for.
#[rstest]
#[case("bytes=0-3", 206, Some(0..4))]
#[case("bytes=4-", 206, Some(4..usize::MAX))]
#[case("bytes=2-999999999", 206, Some(2..usize::MAX))]
#[case("bytes=999999999-", 416, None)]
#[case("bytes=5-2", 200, Some(0..usize::MAX))]
#[case("bytes=0-1,3-4", 200, Some(0..usize::MAX))]
#[case("lines=0-1", 200, Some(0..usize::MAX))]
fn a_range_is_honoured(
    #[case] range: &str,
    #[case] status: u16,
    #[case] part: Option<std::ops::Range<usize>>,
) {
    let location = location("/me/drive/root:/Team%20lunch.md:/content");
    let whole = fetch(query_of(&location), None).body;
    let response = fetch(query_of(&location), Some(range));
    let expected = part.map_or(&[][..], |part| &whole[part.start..part.end.min(whole.len())]);
    assert_eq!((response.status, &response.body[..]), (status, expected));
    assert_eq!(header(&response, "content-range").is_empty(), status == 200);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// Fails when ranges of any size do not make up the whole.
    #[test]
    fn ranges_make_up_the_whole(step in 1_usize..2_000) {
        let location = location("/me/drive/root:/Handover%20notes.docx:/content");
        let whole = fetch(query_of(&location), None).body;
        let mut pieces = Vec::new();
        for start in (0..whole.len()).step_by(step) {
            let range = format!("bytes={start}-{}", start + step - 1);
            pieces.extend_from_slice(&fetch(query_of(&location), Some(&range)).body);
        }
        prop_assert_eq!(&pieces[..], &whole[..]);
    }
}

/// Fails when the files that are there to be stumbled over are missing, or are harmless.
#[test]
fn the_curious_files_are_what_their_names_say() {
    let file = |name: &str| content(&format!("{CURIOUS}/{name}:/content"));
    assert!(file("empty.docx").is_empty());
    assert!(file("encrypted.docx").starts_with(&[0xd0, 0xcf, 0x11, 0xe0]));
    let broken = file("broken.docx");
    assert!(broken.starts_with(b"PK") && !broken.windows(4).any(|window| window == b"PK\x05\x06"));
    let bomb = file("zip-bomb.docx");
    assert!(bomb.starts_with(b"PK") && bomb.len() < 2 << 20, "{}", bomb.len());
    let promised = bomb.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    let size = u32::from_le_bytes(bomb[promised + 24..promised + 28].try_into().unwrap());
    assert!(size >= 256 << 20, "{size}");
    assert!(file("scan.pdf").starts_with(b"%PDF-"));
}

/// Fails when a file of one format is not of that format.
#[rstest]
#[case("docx", b"PK\x03\x04")]
#[case("xlsx", b"PK\x03\x04")]
#[case("pptx", b"PK\x03\x04")]
#[case("pdf", b"%PDF")]
#[case("html", b"<!DO")]
#[case("md", b"# ")]
fn a_file_is_of_its_format(#[case] extension: &str, #[case] magic: &[u8]) {
    let found = WORLD.get("/me/drive/root:/Documents:/search(q='')?$select=id,name&$top=1000");
    let is_it =
        |item: &&serde_json::Value| item["name"].as_str().unwrap().ends_with(&format!(".{extension}"));
    let item = found.entries().iter().find(is_it).unwrap();
    let bytes = content(&format!("/me/drive/items/{}/content", item["id"].as_str().unwrap()));
    assert!(bytes.starts_with(magic));
}

/// Fails when a conversion gives something else than a PDF, or the original.
#[test]
fn an_office_file_comes_as_pdf_where_that_is_asked_for() {
    assert!(content("/me/drive/root:/Handover%20notes.docx:/content?format=pdf").starts_with(b"%PDF-1.4"));
}
