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

fn curious(name: &str) -> Vec<u8> {
    content(&format!("{CURIOUS}/{name}:/content"))
}

fn number(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

/// Fails when the files that are there to be stumbled over are missing, or are harmless.
#[test]
fn the_curious_files_are_what_their_names_say() {
    assert!(curious("empty.docx").is_empty());
    for broken in ["broken.docx", "broken.xlsx", "broken.pptx"] {
        let broken = curious(broken);
        assert!(broken.starts_with(b"PK") && !broken.windows(4).any(|window| window == b"PK\x05\x06"));
    }
    let broken = curious("broken.pdf");
    assert!(broken.starts_with(b"%PDF-") && !broken.windows(7).any(|window| window == b"trailer"));
    assert!(curious("scan.pdf").starts_with(b"%PDF-"));
}

/// Fails when a bomb is no archive, is large itself, or unpacks to little.
#[rstest]
#[case("zip-bomb.docx", "word/document.xml")]
#[case("zip-bomb.xlsx", "xl/worksheets/sheet1.xml")]
fn a_bomb_is_small_and_promises_much(#[case] name: &str, #[case] part: &str) {
    let bomb = curious(name);
    assert!(bomb.starts_with(b"PK") && bomb.len() < 2 << 20, "{}", bomb.len());
    let end = bomb.len() - 22;
    assert_eq!(&bomb[end..end + 4], b"PK\x05\x06");
    let mut at = number(&bomb, end + 16);
    let mut sizes = Vec::new();
    while at < end {
        assert_eq!(&bomb[at..at + 4], b"PK\x01\x02");
        let length = usize::from(u16::from_le_bytes([bomb[at + 28], bomb[at + 29]]));
        let name = String::from_utf8(bomb[at + 46..at + 46 + length].to_vec()).unwrap();
        sizes.push((name, number(&bomb, at + 24)));
        at += 46 + length;
    }
    let (_, size) = sizes.iter().find(|(name, _)| name == part).unwrap();
    assert!(*size >= 256 << 20, "{size}");
}

/// Fails when the streams of a document with a password are empty, or cut off, as no Office has ever written them.
#[test]
fn an_encrypted_document_has_its_streams() {
    let file = curious("encrypted.docx");
    assert_eq!(file, curious("encrypted.docx"));
    assert!(
        file.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) && file.len().is_multiple_of(512)
    );
    let sector = |number: usize| &file[512 * (number + 1)..512 * (number + 2)];
    let chained = |table: usize, first: usize| {
        let next = |place: &usize| Some(number(sector(table), place * 4)).filter(|next| *next != 0xffff_fffe);
        std::iter::successors(Some(first), next).collect::<Vec<_>>()
    };
    let directory = sector(number(&file, 48));
    let entry = |place: usize| {
        let entry = &directory[place * 128..][..128];
        let units = entry[..64].chunks(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
        let name = String::from_utf16(&units.take_while(|unit| *unit != 0).collect::<Vec<_>>()).unwrap();
        (name, number(entry, 116), number(entry, 120))
    };
    let whole = |first: usize| chained(0, first).into_iter().flat_map(sector).copied().collect::<Vec<u8>>();

    let (_, start, size) = entry(0);
    let mini_stream = whole(start);
    assert!(mini_stream.len() >= size);
    let (name, start, size) = entry(1);
    assert_eq!(name, "EncryptionInfo");
    let minis = chained(number(&file, 60), start);
    let information: Vec<u8> =
        minis.iter().flat_map(|mini| &mini_stream[mini * 64..][..64]).copied().take(size).collect();
    assert_eq!(&information[..8], &[4, 0, 4, 0, 0x40, 0, 0, 0]);
    let description = std::str::from_utf8(&information[8..]).unwrap();
    assert!(description.starts_with("<?xml") && description.ends_with("</encryption>"), "{description}");
    let (name, start, size) = entry(2);
    assert_eq!(name, "EncryptedPackage");
    let package = whole(start);
    let length = number(&package, 0);
    assert_eq!((package.len(), size), ((size).next_multiple_of(512), 8 + length.next_multiple_of(16)));
    assert!(length > 4_096 && package[8..size].iter().any(|byte| *byte != 0));
}

/// Fails when a reader of PDF cannot tell that it needs a password.
#[test]
fn an_encrypted_pdf_names_its_encryption_in_the_trailer() {
    let file = curious("encrypted.pdf");
    let text = String::from_utf8_lossy(&file);
    let (_, trailer) = text.rsplit_once("trailer").unwrap();
    let (_, encrypt) = trailer.split_once("/Encrypt ").unwrap();
    let object = encrypt.split(' ').next().unwrap();
    assert!(text.contains(&format!("\n{object} 0 obj\n<< /Filter /Standard /V 2 /R 3 ")), "{trailer}");
    let (_, start) = trailer.split_once("startxref\n").unwrap();
    let start: usize = start.lines().next().unwrap().parse().unwrap();
    assert!(file[start..].starts_with(b"xref\n"));
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
