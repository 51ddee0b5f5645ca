//! `translateExchangeIds`: the third POST that reads.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use rstest::rstest;
use serde_json::{Value, json};

use crate::calendar::YEAR;
use crate::world::{Answer, WORLD};

const TRANSLATE: &str = "/me/translateExchangeIds";
const IMMUTABLE: &[&str] = &["IdType=\"ImmutableId\""];

fn ask(ids: &[&str], source: &str, target: &str) -> Answer {
    let body = json!({ "inputIds": ids, "sourceIdType": source, "targetIdType": target });
    WORLD.post_as(&WORLD.caller_with(0, 0, &["User.Read"]), TRANSLATE, &[], &body.to_string())
}

/// The ids in the other form, all of which must have one.
fn translated(ids: &[&str], source: &str, target: &str) -> Vec<String> {
    let answer = ask(ids, source, target);
    assert_eq!((answer.status, answer.entries().len()), (200, ids.len()), "{:?}", answer.body);
    let result = |(entry, id): (&Value, &&str)| {
        assert_eq!(entry["sourceId"], *id);
        entry["targetId"].as_str().unwrap_or_else(|| panic!("{entry}")).to_owned()
    };
    answer.entries().iter().zip(ids).map(result).collect()
}

fn listed(target: &str, prefer: &[&str]) -> Vec<String> {
    let answer = WORLD.get_preferring(&WORLD.caller(0, 0), target, prefer);
    answer.entries().iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
}

fn texts(ids: &[String]) -> Vec<&str> {
    ids.iter().map(String::as_str).collect()
}

/// Fails when the id that a translation promises is another one than Graph itself gives to the same item.
#[rstest]
#[case::messages("/me/messages?$top=40&$select=id".to_owned())]
#[case::events("/me/events?$top=40&$select=id".to_owned())]
#[case::occurrences(format!("/me/calendarView?$top=40&$orderby=start/dateTime&$select=id&{YEAR}"))]
fn both_forms_of_graph_lead_to_each_other(#[case] target: String) {
    let target = target.replace(' ', "%20");
    let (ordinary, immutable) = (listed(&target, &[]), listed(&target, IMMUTABLE));
    assert!(ordinary.len() > 10 && ordinary != immutable);
    assert_eq!(translated(&texts(&ordinary), "restId", "restImmutableEntryId"), immutable);
    assert_eq!(translated(&texts(&immutable), "restImmutableEntryId", "restId"), ordinary);
}

/// Fails when a form can't be read back, or one form is the same as another.
#[rstest]
#[case("ewsId")]
#[case("entryId")]
#[case("immutableEntryId")]
#[case("restImmutableEntryId")]
fn every_form_leads_back(#[case] form: &str) {
    let messages = listed("/me/messages?$top=20&$select=id", &[]);
    let there = translated(&texts(&messages), "restId", form);
    assert!(there.iter().zip(&messages).all(|(one, other)| one != other || form == "ewsId"), "{there:?}");
    assert_eq!(translated(&texts(&there), form, "restId"), messages);
}

/// Fails when an entry id is not that of MAPI: 70 bytes without flags, in base64url that ends in its padding's length.
#[test]
fn an_entry_id_is_that_of_mapi() {
    let messages = listed("/me/messages?$top=1&$select=id", &[]);
    for (form, length) in [("entryId", 70), ("immutableEntryId", 46)] {
        let entry = translated(&texts(&messages), "restId", form).remove(0);
        let (bare, padding) = entry.split_at(entry.len() - 1);
        let padded = format!("{bare}{}", "=".repeat(padding.parse().unwrap()));
        let bytes = URL_SAFE.decode(padded).unwrap();
        assert_eq!((bytes.len(), &bytes[..4]), (length, [0; 4].as_slice()));
    }
}

/// Fails when one bad id spoils the others, or a folder is given an id that it does not have.
#[test]
fn what_cannot_be_translated_is_told_id_by_id() {
    let message = listed("/me/messages?$top=1&$select=id", &[]).remove(0);
    let folder = listed("/me/mailFolders?$top=1", &[]).remove(0);
    let other = WORLD.get_as(&WORLD.caller(0, 1), "/me/messages?$top=1&$select=id");
    let others = other.entries()[0]["id"].as_str().unwrap();
    let answer = ask(&["nothing", &folder, others, &message], "restId", "restImmutableEntryId");
    let told = |entry: &Value| entry["errorDetails"]["code"].as_str().unwrap_or("none").to_owned();
    let codes: Vec<String> = answer.entries().iter().map(told).collect();
    assert_eq!(codes, ["ErrorInvalidIdMalformed", "ErrorInvalidOperation", "ErrorItemNotFound", "none"]);
    assert!(answer.entries()[..3].iter().all(|entry| entry.get("targetId").is_none()));
}

/// Fails when a request that Exchange would not understand is answered.
#[rstest]
#[case::no_ids(json!({ "sourceIdType": "restId", "targetIdType": "ewsId" }), "ErrorInvalidParameter")]
#[case::no_source(json!({ "inputIds": [], "targetIdType": "ewsId" }), "ErrorInvalidParameter")]
#[case::no_target(json!({ "inputIds": [], "sourceIdType": "restId" }), "ErrorInvalidParameter")]
#[case::another_form(json!({ "inputIds": [], "sourceIdType": "restId", "targetIdType": "guid" }), "BadRequest")]
#[case::numbers(json!({ "inputIds": [1], "sourceIdType": "restId", "targetIdType": "ewsId" }), "BadRequest")]
#[case::one_text(json!({ "inputIds": "a", "sourceIdType": "restId", "targetIdType": "ewsId" }), "BadRequest")]
#[case::too_much(json!({ "inputIds": [], "sourceIdType": "restId", "targetIdType": "ewsId", "ids": [] }), "BadRequest")]
#[case::too_many(json!({ "inputIds": vec!["a"; 1_001], "sourceIdType": "restId", "targetIdType": "ewsId" }), "ErrorInvalidParameter")]
fn a_wrong_translation_is_refused(#[case] body: Value, #[case] code: &str) {
    let answer = WORLD.post_as(&WORLD.caller(0, 0), TRANSLATE, &[], &body.to_string());
    assert_eq!((answer.status, answer.error_code()), (400, code), "{:?}", answer.body);
}

/// Fails when somebody translates what lies in another's mailbox, or where there is none.
#[rstest]
#[case::anothers(0, 1, 403, "ErrorAccessDenied")]
#[case::a_guests(1, 12, 404, "MailboxNotEnabledForRESTAPI")]
fn ids_are_translated_for_their_owner(
    #[case] tenant: usize,
    #[case] seat: usize,
    #[case] status: u16,
    #[case] code: &str,
) {
    let caller = WORLD.caller(tenant, if status == 403 { 0 } else { seat });
    let target = format!("/users/{}/translateExchangeIds", WORLD.user(tenant, seat).id);
    let body = json!({ "inputIds": [], "sourceIdType": "restId", "targetIdType": "ewsId" }).to_string();
    let answer = WORLD.post_as(&caller, &target, &[], &body);
    assert_eq!((answer.status, answer.error_code()), (status, code), "{:?}", answer.body);
    assert_eq!(WORLD.get(TRANSLATE).status, 405);
}
