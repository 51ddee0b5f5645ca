//! Who may see which file and site, and by which scope.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rstest::rstest;
use serde_json::Value;

use crate::world::{WORLD, encoded};

const HANDBOOK: &str = "/sites/larkmoor.sharepoint.example:/sites/handbook";
const AURORA: &str = "/sites/larkmoor.sharepoint.example:/sites/aurora";

fn shared(url: &str) -> String {
    format!("u!{}", URL_SAFE_NO_PAD.encode(url))
}

/// What the first user finds among the things shared with her, by name.
fn shared_with_me(name: &str) -> Value {
    let answer = WORLD.get("/me/drive/sharedWithMe");
    let found = answer.entries().iter().find(|item| item["name"] == name);
    found.unwrap_or_else(|| panic!("{:?}", answer.body))["remoteItem"].clone()
}

fn address(remote: &Value) -> String {
    let drive = remote["parentReference"]["driveId"].as_str().expect("a drive");
    format!("/drives/{drive}/items/{}", remote["id"].as_str().expect("an id"))
}

/// Fails when a scope opens more or less than Microsoft says.
#[rstest]
#[case("/me/drive", &["User.Read"], 200)]
#[case("/me/drive", &["Mail.Read"], 403)]
#[case("/me/drive/root", &["User.Read"], 403)]
#[case("/me/drive/root/children", &["Files.Read"], 200)]
#[case("/me/drive/recent", &["Files.Read"], 200)]
#[case("/me/drive/sharedWithMe", &["Files.Read"], 403)]
#[case("/me/drive/sharedWithMe", &["Files.Read.All"], 200)]
#[case("/sites/root", &["Files.Read.All"], 403)]
#[case("/sites/root", &["Sites.Read.All"], 200)]
#[case("/sites/root/drive/root/children", &["Files.Read.All"], 200)]
#[case("/sites/root/drive/root/children", &["Files.Read"], 403)]
#[case("/sites?search=*", &["Sites.Read.All"], 200)]
#[case("/sites?search=*", &["Sites.Selected"], 403)]
#[case(HANDBOOK, &["Sites.Selected"], 200)]
#[case(AURORA, &["Sites.Selected"], 403)]
#[case("/me/followedSites", &["Files.Read.All"], 403)]
fn a_scope_opens_what_it_should(#[case] target: &str, #[case] scopes: &[&str], #[case] status: u16) {
    let answer = WORLD.get_as(&WORLD.caller_with(0, 0, scopes), target);
    let code = if status == 200 { "none" } else { "accessDenied" };
    assert_eq!((answer.status, answer.error_code()), (status, code), "{:?}", answer.body);
}

/// Fails when somebody enters a site without being a member, or a member is kept out.
#[rstest]
#[case::everybody("handbook", 11, 200)]
#[case::an_even_seat("aurora", 4, 200)]
#[case::an_odd_seat("aurora", 5, 403)]
#[case::the_first_third("finance", 3, 200)]
#[case::behind_it("finance", 4, 403)]
#[case::the_board("board", 1, 200)]
#[case::not_the_board("board", 2, 403)]
fn sites_are_open_to_their_members_alone(#[case] name: &str, #[case] seat: usize, #[case] status: u16) {
    let caller = WORLD.caller(0, seat);
    let site = format!("/sites/larkmoor.sharepoint.example:/sites/{name}");
    for target in [site.clone(), format!("{site}:/lists"), format!("{site}:/drive/root/children")] {
        assert_eq!(WORLD.get_as(&caller, &target).status, status, "{target}");
    }
    let found = WORLD.get_as(&caller, &format!("/sites?search={name}"));
    assert_eq!(!found.entries().is_empty(), status == 200, "{:?}", found.body);
}

/// Fails when what is shared cannot be read by the ids it is shared with, or opens what lies beside it.
#[test]
fn what_is_shared_with_me_opens_and_its_neighbours_stay_closed() {
    let (file, folder) = (shared_with_me("Handover notes.docx"), shared_with_me("Joint planning"));
    assert!(file["file"].is_object() && folder["folder"].is_object());
    assert_eq!(WORLD.get(&address(&file)).body["name"], "Handover notes.docx");
    let children = WORLD.get(&format!("{}/children", address(&folder)));
    let drafts = children.entries().iter().find(|item| item["name"] == "Drafts").unwrap();
    let below = format!(
        "/drives/{}/items/{}/children",
        drafts["parentReference"]["driveId"].as_str().unwrap(),
        drafts["id"].as_str().unwrap()
    );
    assert_eq!(WORLD.get(&below).entries().len(), 2);
    let drive = folder["parentReference"]["driveId"].as_str().unwrap();
    for target in [
        format!("/drives/{drive}"),
        format!("/drives/{drive}/root"),
        format!("/drives/{drive}/root:/Documents"),
    ] {
        let answer = WORLD.get(&target);
        assert_eq!((answer.status, answer.error_code()), (403, "accessDenied"), "{target}");
        assert_eq!(answer.body["error"]["innerError"]["code"], "accessRestricted");
    }
    let answer = WORLD.get_as(&WORLD.caller(0, 5), &address(&file));
    assert_eq!(answer.status, 403, "it is shared with two people, not with all");
    let found = WORLD.get("/me/drive/search(q='Handover')?$select=id");
    assert!(found.entries().iter().any(|item| item["id"] == file["id"]), "{:?}", found.body);
}

/// Fails when an id of one tenant opens something in another.
#[test]
fn ids_of_another_tenant_lead_nowhere() {
    let foreign = WORLD.caller(1, 1);
    let drive = WORLD.get_as(&foreign, "/me/drive").body["id"].as_str().unwrap().to_owned();
    let item = WORLD.get_as(&foreign, "/me/drive/root").body["id"].as_str().unwrap().to_owned();
    let site = WORLD.get_as(&foreign, "/sites/root").body;
    let web_url = shared(site["webUrl"].as_str().unwrap());
    let own = WORLD.caller_with(0, 1, &["Files.ReadWrite.All", "Sites.Read.All"]);
    for (target, status) in [
        (format!("/drives/{drive}"), 404),
        (format!("/drives/{drive}/items/{item}/children"), 404),
        (format!("/me/drive/items/{item}"), 404),
        (format!("/sites/{}", encoded(site["id"].as_str().unwrap())), 400),
        (format!("/shares/{web_url}/driveItem"), 400),
    ] {
        let answer = WORLD.get_as(&own, &target);
        assert!(answer.status == status || answer.status == 404, "{target}: {:?}", answer.body);
    }
}

/// Fails when a link opens without being redeemed, or a reading scope sees more of it than its content.
#[test]
fn a_link_opens_its_content_for_the_request_alone() {
    let owner = WORLD.caller(0, 3);
    let permissions = WORLD.get_as(&owner, "/me/drive/root:/Team%20lunch.md:/permissions");
    let link =
        permissions.entries().iter().find_map(|permission| permission["link"]["webUrl"].as_str()).unwrap();
    let item = format!("/shares/{}/driveItem", shared(link));
    let (content, stranger) = (format!("{item}/content"), WORLD.caller(0, 8));
    let status = |target: &str, prefer: &[&str]| WORLD.raw(&stranger, target, prefer).status;
    assert_eq!(status(&content, &[]), 403);
    assert_eq!(status(&content, &["redeemSharingLinkIfNecessary"]), 302);
    assert_eq!(status(&content, &["redeemSharingLink"]), 405, "it would grant lasting access");
    assert_eq!(status(&item, &["redeemSharingLinkIfNecessary"]), 403, "Files.ReadWrite is needed");
    assert_eq!(WORLD.raw(&owner, &content, &[]).status, 302);
}

/// Fails when the share behind a link is taken for the item, or the item does not come along where it is wanted.
#[test]
fn a_share_names_its_item_and_owner_and_brings_it_along() {
    let caller = WORLD.caller_with(0, 3, &["Files.ReadWrite.All"]);
    let item = WORLD.get_as(&caller, "/me/drive/root:/Team%20lunch.md").body;
    let address = format!("/shares/{}", shared(item["webUrl"].as_str().unwrap()));
    let share = WORLD.get_as(&caller, &address).body;
    assert_eq!(share["owner"], item["createdBy"], "{share}");
    assert_eq!((&share["name"], &share["size"]), (&item["name"], &Value::Null));
    assert_ne!(share["id"], item["id"]);
    let expanded = WORLD.get_as(&caller, &format!("{address}?$expand=driveItem($select=name,size)")).body;
    assert_eq!(expanded["driveItem"]["size"], item["size"], "{expanded}");
}

/// Fails when a wrong link is answered as if there were something.
#[rstest]
#[case::no_token("abc", 400, "invalidRequest")]
#[case::another_host("u!aHR0cHM6Ly9leGFtcGxlLm9yZy94", 404, "itemNotFound")]
#[case::not_an_address("u!AAAA", 400, "invalidRequest")]
fn a_wrong_link_is_refused(#[case] token: &str, #[case] status: u16, #[case] code: &str) {
    let answer = WORLD.get(&format!("/shares/{token}/driveItem/content"));
    assert_eq!((answer.status, answer.error_code()), (status, code), "{:?}", answer.body);
}
