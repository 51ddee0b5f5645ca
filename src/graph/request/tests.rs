use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn base() -> GraphBase {
    GraphBase::new(&Url::parse("https://graph.microsoft.com").unwrap()).unwrap()
}

fn messages() -> GraphRequest {
    GraphRequest::get(Workload::Outlook, &["Mail.Read"], "/me").part("/messages")
}

/// If this failed, a request would ask for something else than it was built from.
#[test]
fn a_request_reads_as_it_was_built() {
    let request = messages()
        .segment(PathSegment::new("AAMk/+=1").unwrap())
        .query(QueryOption::Select, "id,subject")
        .query(QueryOption::Filter, "subject eq 'a&b'")
        .top(10);
    assert_eq!(
        request.url(&base()).unwrap().as_str(),
        "https://graph.microsoft.com/v1.0/me/messages/AAMk%2F%2B=1?$select=id,subject&$filter=subject%20eq%20%27a%26b%27&$top=10"
    );
}

/// If this failed, a poisoned next link would carry a bearer away from Graph.
#[rstest]
#[case::other_host("https://evil.example/v1.0/me/messages")]
#[case::plain_http("http://graph.microsoft.com/v1.0/me/messages")]
#[case::other_port("https://graph.microsoft.com:8443/v1.0/me/messages")]
#[case::user("https://graph.microsoft.com@evil.example/v1.0/me/messages")]
#[case::userinfo("https://a:b@graph.microsoft.com/v1.0/me/messages")]
#[case::other_version("https://graph.microsoft.com/beta/me/messages")]
#[case::lookalike_version("https://graph.microsoft.com/v1.0evil/me")]
#[case::climbing("https://graph.microsoft.com/v1.0/../beta/me")]
#[case::climbing_encoded("https://graph.microsoft.com/v1.0/%2e%2e/beta/me")]
#[case::suffix("https://graph.microsoft.com.evil.example/v1.0/me")]
#[case::backslash("https://graph.microsoft.com\\@evil.example/v1.0/me")]
#[case::fragment("https://graph.microsoft.com/v1.0/me#x")]
#[case::relative("/v1.0/me/messages")]
fn a_next_link_that_leaves_the_base_is_refused(#[case] link: &str) {
    assert!(
        matches!(messages().next_link(&base(), link), Err(GraphError::ForeignLink)),
        "{link} was followed"
    );
    assert!(!base().plainly_covers(link), "{link} would be carried on");
}

/// If this failed, paging would stop working.
#[test]
fn a_next_link_of_graphs_own_is_followed_as_it_is() {
    let link = "https://graph.microsoft.com/v1.0/me/messages?$skiptoken=a%2Bb&$top=10";
    let request = messages().next_link(&base(), link).unwrap();
    assert_eq!(request.url(&base()).unwrap().as_str(), link);
    assert!(base().plainly_covers(link));
}

/// If this failed, all who read a shared mailbox would together pass Exchange Online's limit for it.
#[test]
fn a_request_counts_for_the_mailbox_that_it_reads() {
    let of = |workload, owner| {
        GraphRequest::get(workload, &[], "/users").segment(PathSegment::new(owner).unwrap()).part("/messages")
    };
    let shared = of(Workload::Outlook, "adele@contoso.example").segment(PathSegment::new("AAMk").unwrap());
    let adele = Some(GateSubject::SharedMailbox(OwnerHash::of("adele@contoso.example")));
    assert_eq!(shared.shared_mailbox(), adele);
    let next = shared.next_link(&base(), "https://graph.microsoft.com/v1.0/users('1')/messages?$skip=10");
    assert_eq!(next.unwrap().shared_mailbox(), adele);
    assert_eq!(messages().shared_mailbox(), None);
    assert_eq!(of(Workload::Directory, "adele@contoso.example").shared_mailbox(), None);
}

proptest! {
    /// If this failed, a cursor would carry a link that is refused when somebody goes on with it.
    #[test]
    fn what_is_plainly_covered_is_followed(rest in r"([a-z0-9/.?%:@\\#'()=$&,;2eE \t-]|\.\./|%2e){0,30}") {
        let link = format!("https://graph.microsoft.com/v1.0/{rest}");
        prop_assert!(!base().plainly_covers(&link) || messages().next_link(&base(), &link).is_ok(), "{}", link);
    }

    /// If this failed, an id could reach another path, or a value another query option.
    #[test]
    fn no_text_leaves_its_place(id in "\\PC{1,40}", value in "\\PC{0,40}") {
        prop_assume!(PathSegment::new(&id).is_ok());
        let request = messages().segment(PathSegment::new(&id).unwrap()).query(QueryOption::Search, &value);
        let url = request.url(&base()).unwrap();
        let segments: Vec<_> = url.path_segments().unwrap().collect();
        prop_assert_eq!(segments.len(), 4);
        prop_assert_eq!(percent_encoding::percent_decode_str(segments[3]).decode_utf8_lossy(), id);
        let pairs: Vec<_> = url.query_pairs().collect();
        prop_assert_eq!(pairs.len(), 1);
        prop_assert_eq!(pairs[0].1.as_ref(), value.as_str());
        prop_assert_eq!(url.fragment(), None);
    }
}
