//! The page at `/`.

use super::support::World;

/// A page that loads from elsewhere, or writes text as markup, is no page of a simulator full of hostile texts.
#[actix_web::test]
async fn the_page_needs_nothing_from_outside_and_writes_no_markup() {
    let world = World::start().await;
    let page = world.get("/").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    for forbidden in
        ["http://", "https://", "src=", "href=", "innerHTML", "insertAdjacentHTML", "document.write"]
    {
        assert!(!page.text.contains(forbidden), "{forbidden}");
    }
    for path in ["/directory", "/requests?last=60", "/faults", "/throttling", "/writes"] {
        assert!(page.text.contains(&format!("\"{path}\"")), "{path}");
        assert_eq!(world.get(&format!("/_sim{path}")).await.status, 200, "{path}");
    }
    for effect in ["status: 503", "reset: true", "aadsts: 50076", "access_ended: true"] {
        assert!(page.text.contains(effect), "{effect} can't be ordered there");
    }
}

/// A client that asks Graph for nothing in particular must not be given a page, and the log must not be full of views.
#[actix_web::test]
async fn the_page_is_for_browsers_alone_and_is_not_logged() {
    let world = World::start().await;
    world.get("/").await;
    assert_eq!(world.get("/_sim/requests").await.json(), serde_json::json!([]));
    assert_eq!(world.get_as("a-bearer", "/").await.status, 400);
    assert_eq!(world.delete("/").await.status, 400);
}

/// The page asks for the last requests alone: all ten thousand every two seconds would be its own load test.
#[actix_web::test]
async fn the_last_requests_can_be_had_alone() {
    let world = World::start().await;
    for path in ["/v1.0/a", "/v1.0/b", "/v1.0/c"] {
        world.get(path).await;
    }
    let last = world.get("/_sim/requests?last=2").await.json();
    let paths: Vec<_> = last.as_array().unwrap().iter().map(|entry| entry["path"].clone()).collect();
    assert_eq!(paths, ["/v1.0/b", "/v1.0/c"]);
    let wrong = world.get("/_sim/requests?last=few").await;
    assert_eq!((wrong.status, wrong.json()["error"].as_str()), (400, Some("`last` must be a whole number")));
}
