//! Teams and channels: what there is, posts with their replies, shared and private channels.

use rstest::rstest;
use serde_json::Value;

use crate::world::{BASE_URL, WORLD, ids};

/// The path of a team of the first tenant.
fn team(name: &str) -> String {
    let joined = WORLD.get("/me/joinedTeams");
    let found = joined.entries().iter().find(|team| team["displayName"] == name).cloned();
    format!("/teams/{}", found.unwrap()["id"].as_str().unwrap())
}

/// The path of a channel.
fn channel(team_name: &str, name: &str) -> String {
    let team = team(team_name);
    let all = WORLD.get(&format!("{team}/allChannels"));
    let found = all.entries().iter().find(|channel| channel["displayName"] == name).cloned();
    format!("{team}/channels/{}", found.unwrap()["id"].as_str().unwrap())
}

fn names(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["displayName"].as_str().unwrap()).collect()
}

/// Fails when the list of teams tells more or less than Teams does.
#[test]
fn joined_teams_are_listed_with_little_and_read_with_everything() {
    let joined = WORLD.get("/me/joinedTeams");
    assert_eq!(names(joined.entries()), ["Handbook", "Project Aurora", "Finance", "Board"]);
    assert!(joined.entries().iter().all(|team| team["webUrl"].is_null() && team["memberSettings"].is_null()));
    let board = WORLD.get(&team("Board")).body;
    assert_eq!(board["isArchived"], true);
    assert_eq!(board["summary"]["ownersCount"], 2);
    assert!(board["internalId"].as_str().unwrap().ends_with("@thread.tacv2"));
    assert_eq!(WORLD.get(&team("Finance")).body["isArchived"], false);
}

/// Fails when a channel of another kind is listed where it should not be.
#[test]
fn channels_are_standard_private_and_shared() {
    let team = team("Handbook");
    let caller = WORLD.caller(0, 0);
    let own = WORLD.get_preferring(&caller, &format!("{team}/channels"), &["include-unknown-enum-members"]);
    let kinds: Vec<&str> =
        own.entries().iter().map(|channel| channel["membershipType"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["standard", "standard", "shared", "private", "standard"]);
    let plain = WORLD.get(&format!("{team}/channels"));
    assert_eq!(plain.entries()[2]["membershipType"], "unknownFutureValue");
    assert!(ids(own.entries()).iter().all(|id| id.starts_with("19:") && id.ends_with("@thread.tacv2")));
    let standard = WORLD
        .get(&format!("{team}/channels?$filter=membershipType%20eq%20'standard'&$select=id,displayName"));
    assert_eq!(standard.entries().len(), 3);
    assert!(standard.entries()[0].get("webUrl").is_none());
    assert_eq!(WORLD.get(&format!("{team}/primaryChannel")).body["id"], own.entries()[0]["id"]);
    assert_eq!(WORLD.get(&format!("{team}/channels?$top=2")).status, 400);
}

/// Fails when a channel that another team shares is not among all channels, or can't be read from here.
#[test]
fn a_shared_channel_comes_in_from_its_own_team() {
    let handbook = team("Handbook");
    let incoming = WORLD.get(&format!("{handbook}/incomingChannels"));
    assert_eq!(names(incoming.entries()), ["Contracts"]);
    let shared = &incoming.entries()[0];
    let (aurora, id) = (team("Project Aurora"), shared["id"].as_str().unwrap());
    let tenant = WORLD.tenant(0).id;
    assert_eq!(shared["@odata.id"], format!("{BASE_URL}/tenants/{tenant}{aurora}/channels/{id}"));
    assert_eq!(WORLD.get(&format!("{handbook}/allChannels")).entries().len(), 6);
    for path in [format!("{handbook}/channels/{id}/messages"), format!("{aurora}/channels/{id}/messages")] {
        assert_eq!(WORLD.get(&path).status, 200, "{path}");
    }
}

/// Fails when posts do not come whole, or not by their last activity.
#[test]
fn posts_come_page_by_page_without_their_replies() {
    let target = format!("{}/messages", channel("Finance", "General"));
    let first = WORLD.get(&target);
    assert_eq!((first.entries().len(), first.body["@odata.count"].as_u64()), (20, Some(20)));
    let all = WORLD.every_page(&WORLD.caller(0, 0), &format!("{target}?$top=50"));
    assert!(all.len() > 50, "{}", all.len());
    assert!(all.iter().all(|post| post["replyToId"].is_null() && post.get("replies").is_none()));
    assert_eq!(ids(&all), ids(&WORLD.every_page(&WORLD.caller(0, 0), &target)));
    let (team, own) = target[1..].split_once("/channels/").unwrap();
    let identity = &all[0]["channelIdentity"];
    assert_eq!(format!("teams/{}", identity["teamId"].as_str().unwrap()), team);
    assert_eq!(format!("{}/messages", identity["channelId"].as_str().unwrap()), own);
    assert!(
        all[0]["webUrl"]
            .as_str()
            .unwrap()
            .contains(&format!("parentMessageId={}", all[0]["id"].as_str().unwrap()))
    );
}

/// Fails when expanded replies are not those that the list of replies gives.
#[test]
fn replies_are_expanded_and_listed() {
    let target = format!("{}/messages", channel("Finance", "General"));
    let posts = WORLD.every_page(&WORLD.caller(0, 0), &format!("{target}?$top=50&$expand=replies"));
    let mut sizes = Vec::new();
    for post in &posts {
        let expanded = post["replies"].as_array().unwrap();
        let listed = WORLD.every_page(
            &WORLD.caller(0, 0),
            &format!("{target}/{}/replies?$top=50", post["id"].as_str().unwrap()),
        );
        assert_eq!(ids(expanded), ids(&listed));
        assert!(expanded.iter().all(|reply| reply["replyToId"] == post["id"]));
        assert_eq!(post["replies@odata.count"], expanded.len());
        sizes.push(expanded.len());
    }
    assert!(sizes.contains(&0) && sizes.iter().any(|size| *size > 50), "{sizes:?}");
}

/// Fails when the newest post is not the one that was answered last.
#[test]
fn posts_are_in_the_order_of_their_last_activity() {
    let target = format!("{}/messages?$top=50&$expand=replies", channel("Finance", "General"));
    let posts = WORLD.every_page(&WORLD.caller(0, 0), &target);
    let activity = |post: &Value| {
        let replies = post["replies"].as_array().unwrap().iter();
        let times =
            replies.chain([post]).map(|message| message["lastModifiedDateTime"].as_str().unwrap().to_owned());
        times.max().unwrap().parse::<jiff::Timestamp>().unwrap()
    };
    let times: Vec<jiff::Timestamp> = posts.iter().map(activity).collect();
    assert!(times.is_sorted_by(|left, right| left >= right));
}

/// Fails when more replies are expanded than Teams gives, or the rest can't be fetched.
#[test]
fn a_discussion_beyond_a_thousand_goes_on_behind_a_link() {
    let target = format!("{}/messages", channel("Handbook", "General"));
    let posts = WORLD.every_page(&WORLD.caller(0, 0), &format!("{target}?$top=50&$expand=replies"));
    let long: Vec<&Value> =
        posts.iter().filter(|post| post.get("replies@odata.nextLink").is_some()).collect();
    assert_eq!(long.len(), 1);
    assert_eq!(long[0]["replies"].as_array().map(Vec::len), Some(1_000));
    let link = long[0]["replies@odata.nextLink"].as_str().unwrap();
    let rest = WORLD.every_page(&WORLD.caller(0, 0), link.strip_prefix(BASE_URL).unwrap());
    let whole = WORLD.every_page(
        &WORLD.caller(0, 0),
        &format!("{target}/{}/replies?$top=50", long[0]["id"].as_str().unwrap()),
    );
    let mut joined = ids(long[0]["replies"].as_array().unwrap());
    joined.extend(ids(&rest));
    assert_eq!(joined, ids(&whole));
}

/// Fails when a single post or reply reads otherwise than in its list.
#[test]
fn a_post_and_a_reply_are_read_alone() {
    let target = format!("{}/messages", channel("Finance", "General"));
    let posts = WORLD.every_page(&WORLD.caller(0, 0), &format!("{target}?$top=50&$expand=replies"));
    let post = posts
        .iter()
        .find(|post| post["replies"].as_array().is_some_and(|replies| replies.len() > 1))
        .unwrap();
    let own = format!("{target}/{}", post["id"].as_str().unwrap());
    let alone = WORLD.get(&own);
    assert_eq!((alone.status, &alone.body["body"]), (200, &post["body"]));
    let reply = &post["replies"][0];
    let answer = WORLD.get(&format!("{own}/replies/{}", reply["id"].as_str().unwrap()));
    assert_eq!((&answer.body["id"], &answer.body["body"]), (&reply["id"], &reply["body"]));
    // A reply is no post, and a post is no reply of itself.
    assert_eq!(WORLD.get(&format!("{target}/{}", reply["id"].as_str().unwrap())).status, 404);
    assert_eq!(WORLD.get(&format!("{own}/replies/{}", post["id"].as_str().unwrap())).status, 404);
}

/// Fails when an image in a reply can't be fetched.
#[test]
fn an_image_in_a_reply_is_fetched() {
    let target = format!("{}/messages?$top=50&$expand=replies", channel("Finance", "General"));
    let posts = WORLD.every_page(&WORLD.caller(0, 0), &target);
    let replies = posts.iter().flat_map(|post| post["replies"].as_array().unwrap().iter());
    let addresses: Vec<String> = replies
        .filter_map(|reply| reply["body"]["content"].as_str()?.split("src=\"").nth(1)?.split('"').next())
        .map(str::to_owned)
        .collect();
    assert!(!addresses.is_empty());
    for address in addresses {
        let target = address.strip_prefix(BASE_URL).unwrap();
        assert!(target.contains("/replies/"), "{target}");
        assert_eq!(WORLD.raw(&WORLD.caller(0, 0), target, &[]).status, 200);
    }
}

/// Fails when applications do not post cards, or a card is no JSON.
#[test]
fn applications_post_adaptive_cards() {
    let posts =
        WORLD.every_page(&WORLD.caller(0, 0), &format!("{}/messages?$top=50", channel("Finance", "Reports")));
    let cards: Vec<&Value> = posts.iter().filter(|post| !post["from"]["application"].is_null()).collect();
    assert!(cards.len() > 20);
    for post in cards {
        let attachment = &post["attachments"][0];
        assert_eq!(attachment["contentType"], "application/vnd.microsoft.card.adaptive");
        let card: Value = serde_json::from_str(attachment["content"].as_str().unwrap()).unwrap();
        assert_eq!(card["type"], "AdaptiveCard");
        let place = format!("<attachment id=\"{}\">", attachment["id"].as_str().unwrap());
        assert!(post["body"]["content"].as_str().unwrap().contains(&place), "{post}");
        assert!(post["from"]["user"].is_null());
    }
}

/// Fails when a channel in which nobody has written is not simply empty.
#[test]
fn an_empty_channel_is_empty() {
    let answer = WORLD.get(&format!("{}/messages", channel("Finance", "Ideas \u{1f4a1}")));
    assert_eq!((answer.status, answer.entries().len()), (200, 0));
    assert!(answer.body.get("@odata.nextLink").is_none());
}

/// Fails when the changes of a channel can't be gone through to the end, or the end does not lead on.
#[test]
fn changes_end_in_a_link_for_later() {
    let caller = WORLD.caller(0, 0);
    let target = format!("{}/messages", channel("Finance", "General"));
    let mut answer = WORLD.get(&format!("{target}/delta?$top=25"));
    let mut seen = answer.entries().len();
    while let Some(next) = answer.next_target() {
        assert!(answer.body.get("@odata.deltaLink").is_none());
        answer = WORLD.get(&next);
        seen += answer.entries().len();
    }
    assert_eq!(seen, WORLD.every_page(&caller, &target).len());
    let later = answer.body["@odata.deltaLink"].as_str().unwrap().strip_prefix(BASE_URL).unwrap().to_owned();
    let answer = WORLD.get(&later);
    assert_eq!((answer.status, answer.entries().len()), (200, 0));
    assert!(answer.body["@odata.deltaLink"].is_string());
}

/// Fails when the folder of a channel is none of the site's library, or its children can't be listed.
#[test]
fn the_folder_of_a_channel_is_a_drive_item() {
    let folder = WORLD.get(&format!("{}/filesFolder", channel("Finance", "Contracts"))).body;
    assert_eq!(folder["name"], "Contracts");
    let drive = folder["parentReference"]["driveId"].as_str().unwrap();
    let children = WORLD.get(&format!("/drives/{drive}/items/{}/children", folder["id"].as_str().unwrap()));
    assert!(!children.entries().is_empty());
}

/// Fails when an option that Teams refuses for posts and replies is taken.
#[rstest]
#[case("", "$top=51")]
#[case("", "$select=id")]
#[case("", "$filter=importance eq 'high'")]
#[case("", "$orderby=createdDateTime desc")]
#[case("", "$expand=hostedContents")]
#[case("", "$skip=1")]
fn an_option_is_refused(#[case] suffix: &str, #[case] option: &str) {
    let target = format!("{}/messages{suffix}?{}", channel("Finance", "General"), option.replace(' ', "%20"));
    let answer = WORLD.get(&target);
    assert_eq!((answer.status, answer.error_code()), (400, "BadRequest"), "{:?}", answer.body);
}

/// Fails when nothing hostile stands in the channel that strangers write in.
#[test]
fn a_channel_with_strangers_is_hostile() {
    let target = format!("{}/messages?$top=50&$expand=replies", channel("Finance", "Contracts"));
    let posts = WORLD.every_page(&WORLD.caller(0, 0), &target);
    let is_foreign = |post: &&Value| {
        post["from"]["user"]["tenantId"].as_str().is_some_and(|id| id != WORLD.tenant(0).id.to_string())
    };
    let attacks: Vec<&Value> = posts.iter().filter(is_foreign).collect();
    assert!(attacks.len() >= 9, "{}", attacks.len());
    assert!(
        attacks
            .iter()
            .any(|post| post["subject"].as_str().is_some_and(|subject| subject.contains('\u{202e}')))
    );
}
