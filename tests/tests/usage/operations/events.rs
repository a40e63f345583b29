//! The events API: an HTTP API on its `$default` stage, with greedy and default routes.

use events_client::EventsClient;
use events_client::Method;
use serde_json::json;

use super::{AS_SEGMENT, AS_SEGMENTS, AWKWARD, Arrived, Auth, assert_arrived};

#[tokio::test]
async fn every_operation_sends_its_method_path_query_body_and_signature() {
    let gateway = support::serve("events.yaml").await;
    let client: EventsClient = support::client(&gateway).await;

    client.get_events().await.unwrap();
    client
        .post_events()
        .json(&json!({ "kind": "paid" }))
        .await
        .unwrap();
    client.get_events_event_id(AWKWARD).await.unwrap();
    client.delete_events_event_id(AWKWARD).await.unwrap();
    let acknowledged = client.put_subscribers_subscriber_id_events_event_id(AWKWARD, "e-1");
    acknowledged.body("read", "text/plain").await.unwrap();
    client.get_status().await.unwrap();
    client
        .any_archive_proxy(Method::GET, AWKWARD)
        .query("from", AWKWARD)
        .await
        .unwrap();
    client
        .any_archive_proxy(Method::PATCH, "2025/01/")
        .json(&json!({}))
        .await
        .unwrap();
    client
        .any_default(Method::GET, AWKWARD)
        .query("q", AWKWARD)
        .await
        .unwrap();
    client
        .any_default(Method::POST, "hooks/1")
        .json(&json!({}))
        .await
        .unwrap();

    assert_arrived(
        "events",
        &gateway,
        &[
            Arrived::expected("get_events", Auth::Signed, "GET /events"),
            Arrived::expected("post_events", Auth::Signed, "POST /events")
                .json(r#"{"kind":"paid"}"#),
            Arrived::expected(
                "get_events_event_id",
                Auth::Signed,
                &format!("GET /events/{AS_SEGMENT}"),
            ),
            Arrived::expected(
                "delete_events_event_id",
                Auth::Signed,
                &format!("DELETE /events/{AS_SEGMENT}"),
            ),
            Arrived::expected(
                "put_subscribers_subscriber_id_events_event_id",
                Auth::Signed,
                &format!("PUT /subscribers/{AS_SEGMENT}/events/e-1"),
            )
            .body("text/plain", "read"),
            Arrived::expected("get_status", Auth::Open, "GET /status"),
            Arrived::expected(
                "any_archive_proxy",
                Auth::Signed,
                &format!("GET /archive/{AS_SEGMENTS}?from={AS_SEGMENT}"),
            ),
            Arrived::expected("any_archive_proxy", Auth::Signed, "PATCH /archive/2025/01/")
                .json("{}"),
            Arrived::expected(
                "any_default",
                Auth::Open,
                &format!("GET /{AS_SEGMENTS}?q={AS_SEGMENT}"),
            ),
            Arrived::expected("any_default", Auth::Open, "POST /hooks/1").json("{}"),
        ],
    );
}
