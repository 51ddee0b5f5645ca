//! Who may see what: scopes, shared mailboxes, tenants.

use m365_simulator::graph::{canary, error, mailbox_token};
use rstest::rstest;
use serde_json::Value;

use crate::world::{WORLD, encoded, ids};

/// Fails when a scope opens more or less than Microsoft says.
#[rstest]
#[case("/me", &["User.Read"], 200, "none")]
#[case("/me", &["User.ReadBasic.All"], 200, "none")]
#[case("/me", &["Mail.Read"], 403, "Authorization_RequestDenied")]
#[case("/users/tomas.ferreira@larkmoor.example", &["User.ReadBasic.All"], 200, "none")]
#[case("/users/tomas.ferreira@larkmoor.example", &["User.Read"], 403, "Authorization_RequestDenied")]
#[case("/users/maja.lindqvist@larkmoor.example", &["User.Read"], 200, "none")]
#[case("/users/nobody@larkmoor.example", &["User.ReadBasic.All"], 404, "Request_ResourceNotFound")]
#[case("/users/wanjiru.kamau@baobabfreight.example", &["User.ReadBasic.All"], 404, "Request_ResourceNotFound")]
#[case("/me/messages", &["Mail.ReadBasic"], 200, "none")]
#[case("/me/messages", &["Mail.Read"], 200, "none")]
#[case("/me/messages", &["User.Read"], 403, "ErrorAccessDenied")]
#[case("/me/messages", &["Mail.Read.Shared"], 403, "ErrorAccessDenied")]
#[case("/me/mailFolders", &["Mail.ReadBasic"], 200, "none")]
#[case("/me/mailFolders", &["MailboxFolder.Read"], 403, "ErrorAccessDenied")]
#[case("/me/messages?$search=%22a%22", &["Mail.ReadBasic"], 403, "ErrorAccessDenied")]
#[case("/me/messages?$filter=contains(bodyPreview,'a')", &["Mail.ReadBasic"], 403, "ErrorAccessDenied")]
#[case("/users/maja.lindqvist@larkmoor.example/messages", &["Mail.Read"], 200, "none")]
#[case("/users/tomas.ferreira@larkmoor.example/messages", &["Mail.Read", "Mail.Read.Shared"], 403, "ErrorAccessDenied")]
#[case("/users/orders@larkmoor.example/messages", &["Mail.Read.Shared"], 200, "none")]
#[case("/users/orders@larkmoor.example/mailFolders/inbox/messages", &["Mail.Read.Shared"], 200, "none")]
#[case("/users/orders@larkmoor.example/messages", &["Mail.Read"], 403, "ErrorAccessDenied")]
#[case("/users/clientdesk@quillonvane.example/messages", &["Mail.Read.Shared"], 404, "ErrorInvalidUser")]
#[case("/users/nobody@larkmoor.example/messages", &["Mail.Read.Shared"], 404, "ErrorInvalidUser")]
fn a_scope_opens_what_it_should(
    #[case] target: &str,
    #[case] scopes: &[&str],
    #[case] status: u16,
    #[case] code: &str,
) {
    let answer = WORLD.get_as(&WORLD.caller_with(0, 0, scopes), target);
    assert_eq!((answer.status, answer.error_code()), (status, code), "{:?}", answer.body);
}

/// Fails when the last user of a tenant, with whom the mailbox is not shared, reads it all the same.
#[test]
fn a_shared_mailbox_is_closed_to_those_it_is_not_shared_with() {
    let last = WORLD.caller(0, 11);
    let answer = WORLD.get_as(&last, "/users/orders@larkmoor.example/messages");
    assert_eq!((answer.status, answer.error_code()), (403, "ErrorAccessDenied"));
}

/// Fails when a guest looks like a member, or has a mailbox in a tenant that does not host it.
#[test]
fn a_guest_has_a_profile_and_no_mailbox() {
    let guest = WORLD.caller(1, 12);
    let profile = WORLD.get_as(&guest, "/me?$select=mail,userPrincipalName,userType").body;
    assert_eq!(profile["userType"], "Guest");
    assert_eq!(profile["mail"], "jeanluc.beranger@larkmoor.example");
    assert_eq!(profile["userPrincipalName"], WORLD.user(1, 12).upn.as_str());
    let mail = WORLD.get_as(&guest, "/me/messages");
    assert_eq!((mail.status, mail.error_code()), (404, "MailboxNotEnabledForRESTAPI"));
    let shared = WORLD.get_as(&guest, "/users/clientdesk@quillonvane.example/messages");
    assert_eq!((shared.status, shared.error_code()), (403, "ErrorAccessDenied"));
}

/// Fails when `Mail.ReadBasic` shows bodies or previews, in lists or in a single message, even right after somebody
/// with `Mail.Read` has asked for the same.
#[test]
fn basic_mail_has_no_bodies() {
    let full = WORLD.caller_with(0, 0, &["Mail.Read"]);
    let basic = WORLD.caller_with(0, 0, &["Mail.ReadBasic"]);
    let seen = WORLD.get_as(&full, "/me/messages?$select=subject,body,bodyPreview");
    assert!(seen.entries()[0]["body"]["content"].is_string());
    let list = WORLD.get_as(&basic, "/me/messages?$select=subject,body,bodyPreview");
    let id = encoded(ids(list.entries())[0]);
    let single = WORLD.get_as(&basic, &format!("/me/messages/{id}"));
    for message in list.entries().iter().chain([&single.body]) {
        assert!(message["subject"].is_string());
        assert_eq!((&message["body"], &message["bodyPreview"]), (&Value::Null, &Value::Null));
    }
    assert_eq!(WORLD.get_as(&basic, &format!("/me/messages/{id}/attachments")).status, 403);
}

/// Fails when another's profile shows more than names and addresses.
#[test]
fn another_users_profile_is_basic() {
    let own = WORLD.get("/me");
    let other = WORLD.get("/users/tomas.ferreira@larkmoor.example");
    assert!(own.body["jobTitle"].is_string());
    assert_eq!(other.body["displayName"], "Tomás Ferreira");
    assert_eq!(other.body["jobTitle"], Value::Null);
}

/// Fails when anything is keyed by the object id alone: two users of two tenants have the same on purpose.
#[test]
fn two_users_with_one_object_id_never_mix() {
    let (left, right) = (WORLD.caller(0, 1), WORLD.caller(1, 1));
    assert_eq!(left.user, right.user);
    assert_ne!(left.tenant, right.tenant);
    let target = "/me/messages?$top=1000&$select=body,bodyPreview";
    for (caller, other) in [(&left, &right), (&right, &left), (&left, &right)] {
        let answer = WORLD.get_as(caller, target);
        let (own, foreign) = (canary(caller.tenant, caller.user), canary(other.tenant, other.user));
        let token = mailbox_token(caller.tenant, caller.user);
        for message in answer.entries() {
            let body = message["body"]["content"].as_str().unwrap();
            assert!(body.contains(&own) && !body.contains(&foreign));
            assert!(message["bodyPreview"].as_str().unwrap().contains(&token));
        }
        assert!(answer.entries().len() >= 120);
    }
    assert_ne!(WORLD.get_as(&left, "/me").body["mail"], WORLD.get_as(&right, "/me").body["mail"]);
}

/// Fails when an id of one mailbox opens something in another.
#[test]
fn ids_of_another_mailbox_lead_nowhere() {
    let foreign = WORLD.get_as(&WORLD.caller(1, 1), "/me/messages?$top=1");
    let id = encoded(ids(foreign.entries())[0]);
    let folder = foreign.entries()[0]["parentFolderId"].as_str().unwrap();
    for target in [
        format!("/me/messages/{id}"),
        format!("/me/mailFolders/inbox/messages/{id}"),
        format!("/me/mailFolders/{}", encoded(folder)),
        format!("/me/mailFolders/{}/messages", encoded(folder)),
    ] {
        let answer = WORLD.get_as(&WORLD.caller(0, 1), &target);
        assert_eq!((answer.status, answer.error_code()), (404, "ErrorItemNotFound"), "{target}");
    }
}

/// Fails when a wrong address is answered with something else than Graph's own error.
#[rstest]
#[case("/me/messages/abc", 400, "ErrorInvalidIdMalformed")]
#[case("/me/mailFolders/inbocks", 400, "ErrorInvalidIdMalformed")]
#[case("/me/mailFolders/inbocks/messages", 400, "ErrorInvalidIdMalformed")]
#[case("/me/mesages", 400, "BadRequest")]
#[case("/me/messages/x/parts", 400, "BadRequest")]
#[case("/groups", 400, "BadRequest")]
#[case("/", 400, "BadRequest")]
#[case("", 400, "BadRequest")]
#[case("/me/messages?$expand=extensions", 400, "ErrorInvalidUrlQuery")]
#[case("/me/messages?$expand=attachments($filter=x)", 400, "ErrorInvalidUrlQuery")]
fn wrong_addresses_get_graphs_own_errors(#[case] target: &str, #[case] status: u16, #[case] code: &str) {
    let answer = WORLD.get(target);
    assert_eq!((answer.status, answer.error_code()), (status, code), "{:?}", answer.body);
}

/// Fails when an error loses the ids by which support finds it, or dates itself with a zone.
#[test]
fn an_error_has_the_shape_that_clients_parse() {
    let answer = WORLD.get("/me/mesages");
    let inner = &answer.body["error"]["innerError"];
    assert_eq!(answer.body["error"]["message"], "Resource not found for the segment 'mesages'.");
    assert_eq!(inner["request-id"], answer.header("request-id").unwrap());
    assert_eq!(inner["client-request-id"], "7b2d8ff0-2c8c-4dd5-8a2e-9f0f5c1d3e11");
    let date = inner["date"].as_str().unwrap();
    assert!(date.parse::<jiff::civil::DateTime>().is_ok() && !date.ends_with('Z'), "{date}");
}

/// Fails when an answer loses the headers that Graph always sends, or repeats a request id.
#[test]
fn every_answer_has_graphs_headers() {
    let (first, second) = (WORLD.get("/me"), WORLD.get("/me"));
    let content_type = first.header("content-type").unwrap();
    assert!(content_type.starts_with("application/json;odata.metadata=minimal"), "{content_type}");
    assert_eq!(first.header("odata-version"), Some("4.0"));
    assert_eq!(first.header("client-request-id"), Some("7b2d8ff0-2c8c-4dd5-8a2e-9f0f5c1d3e11"));
    assert!(first.header("x-ms-ags-diagnostic").unwrap().contains("ServerInfo"));
    assert_ne!(first.header("request-id"), second.header("request-id"));
    let plain = error(401, "InvalidAuthenticationToken", "Access token is empty.", None);
    assert_eq!(plain.status, 401);
}
