//! OneDrive: drives, items, pages, addresses, links.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::Value;

use crate::world::{BASE_URL, SEED, WORLD, World, encoded, ids};

/// Scopes with which a sharing link can be looked at.
const SHARING: &[&str] = &["Files.Read.All", "Files.ReadWrite"];

/// Every file below a folder, by walking: path to item.
fn walk(target: &str, path: &str, found: &mut BTreeMap<String, Value>) {
    let caller = WORLD.caller(0, 0);
    for child in WORLD.every_page(&caller, &format!("{target}/children?$top=50")) {
        let id = child["id"].as_str().expect("an id");
        let own = format!("{path}/{}", child["name"].as_str().expect("a name"));
        if child["folder"].is_object() {
            walk(&format!("/me/drive/items/{id}"), &own, found);
        }
        assert!(found.insert(own, child.clone()).is_none(), "found twice");
    }
}

static TREE: std::sync::LazyLock<BTreeMap<String, Value>> = std::sync::LazyLock::new(|| {
    let mut found = BTreeMap::new();
    walk("/me/drive/root", "", &mut found);
    found
});

fn path_of(path: &str) -> String {
    path.split('/').map(encoded).collect::<Vec<_>>().join("/")
}

fn shared(url: &str) -> String {
    format!("u!{}", URL_SAFE_NO_PAD.encode(url))
}

/// Fails when a walk from the root misses a file, or meets one twice.
#[test]
fn walking_the_folders_reaches_every_item_exactly_once() {
    let caller = WORLD.caller(0, 0);
    let searched = WORLD.every_page(&caller, "/me/drive/root/search(q='')?$top=1000");
    let mut walked: Vec<&str> = TREE.values().map(|item| item["id"].as_str().unwrap()).collect();
    let mut listed = ids(&searched);
    walked.sort_unstable();
    listed.sort_unstable();
    assert_eq!(walked, listed);
    assert_eq!(walked.iter().collect::<BTreeSet<_>>().len(), walked.len());
    assert!(walked.len() > 50, "{}", walked.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Fails when one and the same item is another one by another address.
    #[test]
    fn an_item_is_found_by_id_by_path_and_by_its_address(place in any::<prop::sample::Index>()) {
        let (path, item) = place.get(&TREE.iter().collect::<Vec<_>>()).to_owned();
        let id = item["id"].as_str().unwrap();
        let drive = item["parentReference"]["driveId"].as_str().unwrap();
        let link = shared(item["webUrl"].as_str().unwrap());
        let caller = WORLD.caller_with(0, 0, SHARING);
        for target in [
            format!("/me/drive/items/{id}"),
            format!("/drives/{}/items/{id}", encoded(drive)),
            format!("/me/drive/root:{}", path_of(path)),
            format!("/me/drive/root:{}:", path_of(&path.to_uppercase())),
            format!("/drives/{drive}/items/root:{}:", path_of(path)),
            format!("/shares/{link}/driveItem"),
        ] {
            let answer = WORLD.get_as(&caller, &format!("{target}?$select=id,name,eTag"));
            prop_assert_eq!(answer.status, 200, "{}: {:?}", target, answer.body);
            prop_assert_eq!(&answer.body["id"], &item["id"]);
            prop_assert_eq!(&answer.body["eTag"], &item["eTag"]);
        }
        let parent = item["parentReference"]["id"].as_str().unwrap();
        let name = encoded(item["name"].as_str().unwrap());
        let answer = WORLD.get(&format!("/me/drive/items/{parent}:/{name}"));
        prop_assert_eq!(&answer.body["id"], &item["id"]);
    }

    /// Fails when a page boundary loses or repeats an item, for any page size and order.
    #[test]
    fn pages_of_any_size_make_up_the_whole(size in 1_usize..40, order in prop::sample::select(vec!["name", "size desc", "lastModifiedDateTime"])) {
        let caller = WORLD.caller(0, 0);
        let target = format!("/me/drive/root/search(q='a')?$select=name&$orderby={}", encoded(order));
        let whole = WORLD.get_as(&caller, &format!("{target}&$top=1000"));
        let paged = WORLD.every_page(&caller, &format!("{target}&$top={size}"));
        prop_assert!(!paged.is_empty());
        prop_assert_eq!(ids(&paged), ids(whole.entries()));
    }
}

fn segment() -> impl Strategy<Value = String> {
    let known = [
        "me",
        "users",
        "drive",
        "drives",
        "root",
        "root:",
        "items",
        "sites",
        "shares",
        "children",
        "content",
        ":",
        "a:",
        "search(q='a')",
        "search(q=",
        "search(\u{e9}",
        "lists",
        "pages",
        "Documents",
        "u!AAAA",
        "%2F",
        "%FF",
        "b!A",
        "",
    ];
    prop_oneof![prop::sample::select(known.to_vec()).prop_map(str::to_owned), "[ -~\u{e9}]{0,12}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Fails when an address that nobody thought of ends the simulator.
    #[test]
    fn every_address_is_answered(segments in prop::collection::vec(segment(), 0..7), query in "[ -~]{0,20}") {
        let target = format!("/{}?{query}", segments.join("/"));
        let response = WORLD.raw(&WORLD.caller(0, 0), &target, &[]);
        prop_assert!([200, 302, 400, 403, 404, 405, 406].contains(&response.status), "{target}: {}", response.status);
    }
}

/// Fails when a folder of more than one page is answered at once, or its next link cannot be followed elsewhere.
#[test]
fn a_large_folder_has_pages_of_two_hundred_and_absolute_next_links() {
    let caller = WORLD.caller(0, 0);
    let target =
        "/sites/larkmoor.sharepoint.example:/sites/handbook:/drive/root:/Daily%20logs:/children?$select=name";
    let first = WORLD.get_as(&caller, target);
    assert_eq!(first.entries().len(), 200, "{:?}", first.body);
    let next = first.next_target().unwrap();
    assert!(next.contains("$select=name") && next.contains("%24skiptoken="), "{next}");
    assert_eq!(WORLD.every_page(&caller, target).len(), 240);
}

/// Fails when a run cannot be repeated.
#[test]
fn the_same_seed_gives_the_same_files() {
    let (again, other) = (World::generate(SEED), World::generate(SEED + 1));
    for target in
        ["/me/drive", "/me/drive/root/search(q='')?$top=1000", "/sites?search=*", "/me/drive/sharedWithMe"]
    {
        let body = |world: &World| world.raw(&world.caller(2, 3), target, &[]).body;
        assert_eq!(body(&WORLD), body(&again), "{target}");
        assert_ne!(body(&WORLD), body(&other), "{target}");
    }
}

/// Fails when ids, tags or facets stop looking like those that clients meet in production.
#[test]
fn items_have_the_shape_of_real_ones() {
    let drive = WORLD.get("/me/drive").body;
    let id = drive["id"].as_str().unwrap();
    assert!(id.starts_with("b!") && id.len() == 66, "{id}");
    assert_eq!(
        (&drive["driveType"], &drive["owner"]["user"]["displayName"]),
        (&"business".into(), &"Maja Lindqvist".into())
    );
    for item in TREE.values() {
        let (id, tag) = (item["id"].as_str().unwrap(), item["eTag"].as_str().unwrap());
        assert!(id.starts_with("01") && id.len() == 34, "{id}");
        assert!(tag.starts_with("\"{") && item["cTag"].as_str().unwrap().starts_with("\"c:{"), "{tag}");
        assert!(item["file"].is_object() != item["folder"].is_object());
        assert!(
            item["webUrl"]
                .as_str()
                .unwrap()
                .starts_with("https://larkmoor-my.sharepoint.example/personal/maja_lindqvist_")
        );
        assert_eq!(item["parentReference"]["driveId"], drive["id"]);
        assert_eq!(item["@microsoft.graph.downloadUrl"].is_string(), item["file"].is_object());
        if item["file"].is_object() {
            assert_eq!(item["file"]["hashes"]["quickXorHash"].as_str().unwrap().len(), 28);
        }
    }
    let root = WORLD.get("/me/drive/root").body;
    assert!(root["root"].is_object() && root["parentReference"]["path"].is_null());
    let sizes: u64 = TREE
        .values()
        .filter(|item| item["file"].is_object())
        .map(|item| item["size"].as_u64().unwrap())
        .sum();
    assert_eq!(root["size"], sizes);
}

/// Fails when the address of the content is given out unasked, or not when it is asked for by either name.
#[rstest]
#[case::nothing_selected("", true)]
#[case::something_else("?$select=id,name", false)]
#[case::by_its_name("?$select=id,@microsoft.graph.downloadUrl", true)]
#[case::by_the_name_that_sharepoint_wants("?$select=id,content.downloadUrl", true)]
fn the_download_address_comes_where_it_is_selected(#[case] query: &str, #[case] is_there: bool) {
    let answer = WORLD.get(&format!("/me/drive/root:/Handover%20notes.docx{query}"));
    assert_eq!(answer.body["@microsoft.graph.downloadUrl"].is_string(), is_there, "{:?}", answer.body);
}

/// Fails when what comes with an item cannot be had, or comes without being asked for.
#[rstest]
#[case("/me/drive/root?$expand=children", "children", true)]
#[case("/me/drive/root?$expand=children($select=id)", "children", true)]
#[case("/me/drive/root", "children", false)]
#[case("/me/drive/root:/Handover%20notes.docx?$expand=thumbnails", "thumbnails", true)]
#[case("/me/drive/root:/Handover%20notes.docx?$expand=permissions,versions", "permissions", true)]
#[case("/me/drive/root:/Handover%20notes.docx?$expand=listItem($expand=fields)", "listItem", true)]
fn an_expansion_comes_along(#[case] target: &str, #[case] name: &str, #[case] is_there: bool) {
    let answer = WORLD.get(target);
    assert_eq!((answer.status, !answer.body[name].is_null()), (200, is_there), "{:?}", answer.body);
}

/// Fails when a folder brings another page of its children along than it lists, or a next link that loses or repeats some.
#[rstest]
#[case("", "", 200)]
#[case("($select=id,name;$top=7;$orderby=name%20desc)", "$select=id,name&$orderby=name%20desc", 7)]
fn a_folder_brings_the_first_page_of_its_children_along(
    #[case] options: &str,
    #[case] query: &str,
    #[case] size: usize,
) {
    let caller = WORLD.caller(0, 0);
    let folder = "/sites/larkmoor.sharepoint.example:/sites/handbook:/drive/root:/Daily%20logs";
    let answer = WORLD.get(&format!("{folder}?$select=id&$expand=children{options}")).body;
    let mut children = answer["children"].as_array().unwrap().clone();
    assert_eq!(children.len(), size, "{answer}");
    let link = answer["children@odata.nextLink"].as_str().unwrap().strip_prefix(BASE_URL).unwrap();
    children.extend(WORLD.every_page(&caller, link));
    let listed = WORLD.every_page(&caller, &format!("{folder}:/children?{query}"));
    assert_eq!(ids(&children), ids(&listed));
}

/// Fails when something that the OneDrive API does not know is quietly accepted.
#[rstest]
#[case("/me/drive/root/children?$filter=name%20eq%20'a'", 400, "notSupported")]
#[case("/me/drive/root/children?$skip=3", 400, "notSupported")]
#[case("/me/drive/root/children?$search=a", 400, "notSupported")]
#[case("/me/drive/root/children?$orderby=webUrl", 400, "invalidRequest")]
#[case("/me/drive/root/children?$expand=activities", 400, "invalidRequest")]
#[case("/me/drive/root?$expand=children($skip=3)", 400, "notSupported")]
#[case("/me/drive/root/children?$skiptoken=7", 400, "BadRequest")]
#[case("/me/drive/root/children?$select=nonsense", 400, "BadRequest")]
#[case("/me/drive/root/nonsense", 400, "BadRequest")]
#[case("/me/drive/root/search(q=a)", 400, "BadRequest")]
#[case("/me/drive/root/search(q='it's')", 400, "BadRequest")]
#[case("/me/drive/items/01NOSUCHITEM", 404, "itemNotFound")]
#[case("/me/drive/root:/no/such/path", 404, "itemNotFound")]
#[case("/me/drive/root/content", 400, "invalidRequest")]
#[case("/me/drive/root:/UPPER.TXT/content", 404, "itemNotFound")]
#[case("/me/drive/root:/Team%20lunch.md:/content?format=jpg", 406, "notSupported")]
#[case("/me/drive/root:/Odd%20names%20%26%20more/UPPER.TXT:/content?format=pdf", 406, "notSupported")]
#[case("/drives/me", 400, "invalidRequest")]
#[case("/drives/b!AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 404, "itemNotFound")]
#[case("/users/orders@larkmoor.example/drive", 404, "ResourceNotFound")]
#[case("/users/nobody@larkmoor.example/drive", 404, "Request_ResourceNotFound")]
fn what_is_wrong_gets_onedrives_own_errors(#[case] target: &str, #[case] status: u16, #[case] code: &str) {
    let answer = WORLD.get(target);
    assert_eq!((answer.status, answer.error_code()), (status, code), "{:?}", answer.body);
}

/// Fails when words are not looked for in names and texts, or a quote ends the search.
#[rstest]
#[case("Handover", "Handover notes.docx")]
#[case("handover NOTES", "Handover notes.docx")]
#[case("It''s", "It's mine.txt")]
#[case("100%25 done", "100% done & dusted #1 (draft).txt")]
#[case("exfiltration", "Team photo.docx")]
fn a_search_reads_names_and_texts(#[case] words: &str, #[case] name: &str) {
    let answer = WORLD
        .get(&format!("/me/drive/root/search(q='{}')?$select=name,searchResult", words.replace(' ', "%20")));
    let found = answer
        .entries()
        .iter()
        .find(|item| item["name"] == name)
        .unwrap_or_else(|| panic!("{:?}", answer.body));
    assert!(found["searchResult"]["onClickTelemetryUrl"].is_string());
}
