//! Pagination.

use apigw_runtime::codegen::Token;
use apigw_runtime::{ErrorKind, Method, NoErrorBody, Pages};
use futures_util::TryStreamExt as _;

use crate::orders::types::Order;
use crate::server::{Request, Server, header, respond};

/// Returns three pages of orders, with the tokens `a b` and `c&d`.
async fn three_pages() -> Server {
    Server::start(|request| {
        let page = match request.uri().query() {
            Some("limit=2") | None => {
                r#"{"items":[{"id":"1","total":1},{"id":"2","total":1}],"nextToken":"a b"}"#
            }
            Some("limit=2&nextToken=a%20b") => r#"{"items":[],"nextToken":"c&d"}"#,
            Some("limit=2&nextToken=c%26d") => r#"{"items":[{"id":"3","total":1}],"nextToken":""}"#,
            _ => return Some(respond(400, &[], r#"{"message":"which page?"}"#)),
        };
        Some(respond(200, &[], page))
    })
    .await
}

fn queries(server: &Server) -> Vec<String> {
    let query = |request: &Request| request.uri().query().unwrap_or_default().to_owned();
    server.requests().iter().map(query).collect()
}

#[tokio::test]
async fn items_of_all_pages_are_streamed_in_order() {
    let server = three_pages().await;
    let orders = server.client().await.get_orders().limit(2).stream();
    let ids: Vec<String> = orders.map_ok(|order| order.id).try_collect().await.unwrap();
    assert_eq!(ids, ["1", "2", "3"]);
    assert_eq!(
        queries(&server),
        [
            "limit=2",
            "limit=2&nextToken=a%20b",
            "limit=2&nextToken=c%26d"
        ]
    );
    for request in server.requests() {
        assert!(header(&request, "authorization").is_some());
    }
}

#[tokio::test]
async fn pages_are_fetched_lazily_and_keep_status_and_headers() {
    let server = three_pages().await;
    let mut pages = server.client().await.get_orders().limit(2).pages();
    assert!(queries(&server).is_empty());
    let page = pages.next().await.unwrap().unwrap();
    assert_eq!((page.status().as_u16(), page.items.len()), (200, 2));
    assert_eq!(queries(&server).len(), 1);
    let rest = pages.collect().await.unwrap();
    let lengths: Vec<usize> = rest.iter().map(|page| page.items.len()).collect();
    assert_eq!(lengths, [0, 1]);
}

#[tokio::test]
async fn the_stream_ends_after_an_error() {
    let server = three_pages().await;
    let mut orders = server.client().await.get_orders().limit(3).stream();
    let error = orders.next().await.unwrap().unwrap_err();
    assert_eq!(error.body().unwrap().message, "which page?");
    assert!(orders.next().await.is_none());
}

#[tokio::test]
async fn a_repeated_token_is_an_error() {
    let page = r#"{"items":[{"id":"1","total":1}],"nextToken":"secret"}"#;
    let server = Server::returning(200, &[], page).await;
    let mut pages = server.client().await.get_orders().pages();
    assert!(pages.next().await.unwrap().is_ok());
    assert!(pages.next().await.unwrap().is_ok());
    let error = pages.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let text = error.to_string();
    assert!(
        text.contains("never end") && !text.contains("secret"),
        "{text}"
    );
    assert!(pages.next().await.is_none());
    assert_eq!(server.requests().len(), 2);
}

#[derive(serde::Deserialize)]
struct Numbered {
    items: Vec<Order>,
    total: Option<i64>,
}

fn numbered(call: apigw_runtime::Call) -> Pages<Numbered, NoErrorBody> {
    Pages::by_number(call, "page", 1, |page| (page.items.len(), page.total))
}

#[tokio::test]
async fn numbered_pages_end_after_the_last_item() {
    let page = r#"{"items":[{"id":"1","total":1},{"id":"2","total":1}],"total":5}"#;
    let server = Server::returning(200, &[], page).await;
    let client = server.client().await;
    let pages = numbered(client.request(Method::GET, "/orders"));
    assert_eq!(pages.collect().await.unwrap().len(), 3);
    assert_eq!(queries(&server), ["", "page=2", "page=3"]);
}

#[tokio::test]
async fn numbered_pages_without_a_total_end_after_an_empty_page() {
    let server = Server::start(|request| {
        Some(match request.uri().query() {
            Some("page=6") => respond(200, &[], r#"{"items":[]}"#),
            _ => respond(200, &[], r#"{"items":[{"id":"1","total":1}]}"#),
        })
    })
    .await;
    let call = server.client().await.request(Method::GET, "/orders");
    let call = call.query("page", 4);
    let items = numbered(call).items(|page| page.items);
    assert_eq!(items.collect().await.unwrap().len(), 2);
    assert_eq!(queries(&server), ["page=4", "page=5", "page=6"]);
}

#[tokio::test]
async fn a_dynamodb_key_is_sent_as_json() {
    #[derive(serde::Deserialize)]
    struct Scan {
        #[serde(rename = "LastEvaluatedKey")]
        last: Option<serde_json::Value>,
    }

    let server = Server::start(|request| {
        Some(match request.uri().query() {
            None => respond(200, &[], r#"{"LastEvaluatedKey":{"id":"7"}}"#),
            _ => respond(200, &[], "{}"),
        })
    })
    .await;
    let call = server.client().await.request(Method::GET, "/scan");
    let pages: Pages<Scan> = Pages::by_token(call, "exclusiveStartKey", |page: &Scan| {
        Token::of(&page.last)
    });
    assert_eq!(pages.collect().await.unwrap().len(), 2);
    assert_eq!(
        queries(&server)[1],
        "exclusiveStartKey=%7B%22id%22%3A%227%22%7D"
    );
}
