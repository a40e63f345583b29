//! What golden clients send and read, checked by a local gateway that serves the same spec.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail the test"
)]

use apigw_local::{Builder, LocalGateway, Request, Response};
use apigw_runtime::Method;
use http::StatusCode;
use serde_json::{Value, json};
use support::client;

/// Returns a gateway that serves one of the specs.
fn gateway(spec: &str) -> Builder {
    support::gateway().spec(support::file("tests/golden/specs").join(spec))
}

async fn started(gateway: Builder) -> LocalGateway {
    gateway.start().await.expect("the spec can be served")
}

/// Returns the only request that arrived, with its method and target without the stage.
#[track_caller]
fn arrived(gateway: &LocalGateway) -> (String, Request) {
    let requests = gateway.requests();
    let [request] = requests.as_slice() else {
        panic!("{} requests arrived instead of one", requests.len())
    };
    let stage = gateway.endpoint().splitn(4, '/').nth(3).map(str::len);
    let target = &request.target[stage.map_or(0, |stage| stage + 1)..];
    (format!("{} {target}", request.method), request.clone())
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.get(name)?.to_str().ok()
}

fn text(request: &Request) -> &str {
    std::str::from_utf8(&request.body).expect("the body is text")
}

/// Returns a handler with this response.
fn answer(status: u16, body: Value) -> impl Fn(&Request) -> Response {
    let response = response(status, body);
    move |_| response.clone()
}

fn response(status: u16, body: Value) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    Response::json(status, body)
}

#[tokio::test]
async fn parameters_of_every_type_arrive_under_their_names() {
    use golden::parameters::{ParametersClient, types::FindItemState};

    let gateway = started(gateway("parameters.yaml")).await;
    let client: ParametersClient = client(&gateway).await;
    let id = "67e55044-10b1-426f-9247-bb680e5fe0c8"
        .parse()
        .expect("a UUID");
    let since = "2025-03-14T09:26:53Z"
        .parse::<apigw_runtime::DateTime>()
        .expect("a time");
    let call = client
        .find_item(id, since, &[1, 2], "t 1")
        .tags(&["a b", "c"])
        .state(FindItemState::from("half open"))
        .deep(true)
        .price_max(9.5)
        .page_size(20)
        .timeout_in_query(3)
        .x_levels(&[4, 5]);
    call.await.expect("a success");
    let (line, request) = arrived(&gateway);
    assert_eq!(
        line,
        "GET /items/67e55044-10b1-426f-9247-bb680e5fe0c8?since=2025-03-14T09%3A26%3A53Z&ids=1&ids=2\
         &tags=a%20b%2Cc&state=half%20open&deep=true&price.max=9.5&page%5Bsize%5D=20&timeout=3"
    );
    assert_eq!(header(&request, "x-trace"), Some("t 1"));
    assert_eq!(header(&request, "x-levels"), Some("4,5"));
}

#[tokio::test]
async fn properties_of_an_object_in_the_query_are_parameters() {
    let gateway = started(gateway("parameters.yaml")).await;
    let client: golden::parameters::ParametersClient = client(&gateway).await;
    let call = client.deep_object_in_query().filter_a("x");
    call.await.expect("a success");
    let target = "GET /deep-object-in-query?filter%5Ba%5D=x";
    assert_eq!(arrived(&gateway).0, target);
}

#[tokio::test]
async fn a_greedy_parameter_keeps_its_slashes_and_others_encode_them() {
    let gateway = started(gateway("paths.yaml")).await;
    let client: golden::paths::PathsClient = client(&gateway).await;
    let call = client.get_files_bucket_key("a/b", "2025/01/ü.csv");
    call.await.expect("a success");
    assert_eq!(arrived(&gateway).0, "GET /files/a%2Fb/2025/01/%C3%BC.csv");
    gateway.forget();
    let call = client.get_reports_year_month_csv("2025", "01");
    call.await.expect("a success");
    assert_eq!(arrived(&gateway).0, "GET /reports/2025-01.csv");
}

#[tokio::test]
async fn an_any_method_operation_sends_the_method_of_its_argument() {
    let gateway = started(gateway("http_api.yaml")).await;
    let client: golden::http_api::HttpApiClient = client(&gateway).await;
    let call = client
        .any_default(Method::PATCH, "orders/1")
        .query("a", "b c");
    call.json(&[1]).await.expect("a success");
    let (line, request) = arrived(&gateway);
    assert_eq!(line, "PATCH /orders/1?a=b%20c");
    assert_eq!(text(&request), "[1]");
}

#[tokio::test]
async fn bodies_are_sent_with_their_declared_media_type() {
    use golden::bodies::{BodiesClient, types};

    let gateway = started(gateway("bodies.yaml")).await;
    let client: BodiesClient = client(&gateway).await;
    let form = types::OptionalFormBody::new().a("1 & 2");
    let call = client.optional_form().body(&form);
    call.await.expect("a success");
    let (_, request) = arrived(&gateway);
    let form = "application/x-www-form-urlencoded";
    assert_eq!(header(&request, "content-type"), Some(form));
    assert_eq!(text(&request), "a=1+%26+2");

    gateway.forget();
    let body = types::VendorJsonBody::new().a("1");
    let call = client.vendor_json().body(&body);
    call.await.expect("a success");
    let (_, request) = arrived(&gateway);
    let vendor = "application/vnd.api+json";
    assert_eq!(header(&request, "content-type"), Some(vendor));
    assert_eq!(text(&request), r#"{"a":"1"}"#);

    gateway.forget();
    let call = client.put_image().body(&b"\x89PNG"[..]);
    call.await.expect("a success");
    let (_, request) = arrived(&gateway);
    assert_eq!(header(&request, "content-type"), Some("image/png"));
    assert_eq!(request.body.as_ref(), b"\x89PNG");
}

#[tokio::test]
async fn without_its_optional_body_a_request_has_no_content_type() {
    let gateway = started(gateway("bodies.yaml")).await;
    let client: golden::bodies::BodiesClient = client(&gateway).await;
    client.optional_json().await.expect("a success");
    let (_, request) = arrived(&gateway);
    assert_eq!(header(&request, "content-type"), None);
    assert_eq!(text(&request), "");
}

#[tokio::test]
async fn each_status_is_decoded_as_its_variant() {
    use golden::statuses::StatusesClient;
    use golden::statuses::operations::{GetJobError, GetJobResponse};

    let served = |response: Response| {
        started(gateway("statuses.yaml").on("get_job", move |_: &Request| response.clone()))
    };

    let gateway = served(response(200, json!({ "id": "j" }))).await;
    let done = client::<StatusesClient>(&gateway).await.get_job("j").await;
    let done = done.expect("a success").into_inner();
    assert!(matches!(done, GetJobResponse::Status200(job) if job.id == "j"));

    let running = Response::bytes(StatusCode::ACCEPTED, "text/plain", "soon");
    let gateway = served(running).await;
    let running = client::<StatusesClient>(&gateway).await.get_job("j").await;
    let running = running.expect("a success").into_inner();
    assert!(matches!(running, GetJobResponse::Status202(text) if &*text == "soon"));

    let gateway = served(Response::empty(StatusCode::NO_CONTENT)).await;
    let nothing = client::<StatusesClient>(&gateway).await.get_job("j").await;
    let nothing = nothing.expect("a success").into_inner();
    assert!(matches!(nothing, GetJobResponse::Status204));

    for (status, wanted) in [(404, "missing"), (409, "4xx"), (501, "other")] {
        let gateway = served(response(status, json!({ "id": "j", "message": "no" }))).await;
        let error = client::<StatusesClient>(&gateway).await.get_job("j").await;
        let error = error.expect_err("no success");
        let found = match error.body() {
            Some(GetJobError::Status404(missing)) if missing.id.as_deref() == Some("j") => {
                "missing"
            }
            Some(GetJobError::Status4xx(problem)) if problem.message.as_deref() == Some("no") => {
                "4xx"
            }
            Some(GetJobError::OtherStatus(problem)) if problem.message.as_deref() == Some("no") => {
                "other"
            }
            _ => "none of them",
        };
        assert_eq!(found, wanted, "{status}");
    }
}

#[tokio::test]
async fn a_redirect_that_is_the_only_documented_response_is_returned() {
    let redirect = Response::empty(StatusCode::FOUND).header("location", "/elsewhere");
    let gateway =
        gateway("statuses.yaml").on("redirect_alone", move |_: &Request| redirect.clone());
    let gateway = started(gateway).await;
    // without credentials: a client that signs follows redirects on the same origin
    let client = golden::statuses::StatusesClient::builder()
        .environment(|_| None)
        .endpoint(gateway.endpoint())
        .build();
    let client = client.await.expect("nothing is missing");
    let response = client
        .redirect_alone()
        .await
        .expect("the redirect is the success");
    assert_eq!(response.status(), StatusCode::FOUND);
    assert_eq!(response.header("location"), Some("/elsewhere"));
}

#[tokio::test]
async fn a_discriminator_selects_the_variant_and_unknown_values_are_kept() {
    use golden::unions::{UnionsClient, types};

    let both = json!({ "method": "transfer", "token": "t", "iban": "GB29" });
    let unknown = json!({ "method": "cheque", "number": 7 });
    for (body, is_transfer) in [(both, true), (unknown.clone(), false)] {
        let gateway = started(gateway("unions.yaml").on("pay", answer(200, body))).await;
        let client: UnionsClient = client(&gateway).await;
        let payment = types::CardPayment::new("card", "t-1").amount(2.5);
        let paid = client.pay(&payment.into()).await.expect("a success");
        match paid.into_inner() {
            types::Payment::BankTransfer(transfer) => {
                assert!(is_transfer);
                assert_eq!(transfer.iban, "GB29");
            }
            types::Payment::Unknown(value) => {
                assert_eq!((is_transfer, value), (false, unknown.clone()))
            }
            other => panic!("{other:?}"),
        }
        let (_, request) = arrived(&gateway);
        assert_eq!(
            text(&request),
            r#"{"method":"card","token":"t-1","amount":2.5}"#
        );
    }
}

#[tokio::test]
async fn alternatives_are_distinguished_by_their_required_properties() {
    use golden::unions::{UnionsClient, types::SearchResponse};

    for (body, wanted) in [
        (json!({ "isbn": "1" }), "book"),
        (json!({ "director": "V" }), "film"),
        (json!("a text"), "text"),
        (json!([1, 2]), "list"),
        (json!({ "else": 1 }), "unknown"),
    ] {
        let gateway = started(gateway("unions.yaml").on("search", answer(200, body.clone()))).await;
        let found = client::<UnionsClient>(&gateway).await.search().await;
        let found = match found.expect("a success").into_inner() {
            SearchResponse::Object(_) => "book",
            SearchResponse::Film(_) => "film",
            SearchResponse::Text(_) => "text",
            SearchResponse::List(_) => "list",
            SearchResponse::Unknown(_) => "unknown",
            _ => "new",
        };
        assert_eq!(found, wanted, "{body}");
    }
}

#[tokio::test]
async fn null_missing_and_unknown_values_are_read() {
    use golden::openapi31::Openapi31Client;
    use golden::openapi31::types::{ThingKind, ThingTagsItem};

    let thing = json!({
        "id": "t-1", "parent": null, "kind": "another", "tags": ["a", 1], "surprise": true,
    });
    let gateway = started(gateway("openapi31.yaml").on("get_thing", answer(200, thing))).await;
    let client: Openapi31Client = client(&gateway).await;
    let thing = client.get_thing().await.expect("a success");
    assert_eq!(thing.parent, None);
    assert!(thing.weight.is_absent());
    assert_eq!(thing.kind, Some(ThingKind::Unknown("another".to_owned())));
    let tags = [
        ThingTagsItem::Text("a".to_owned()),
        ThingTagsItem::Integer(1),
    ];
    assert_eq!(thing.tags.as_deref(), Some(tags.as_slice()));
}

#[tokio::test]
async fn a_value_is_read_as_the_alternative_with_most_of_its_properties() {
    use golden::openapi31::Openapi31Client;
    use golden::openapi31::types::{Change, RowsItem, RowsItemId};

    for (body, wanted) in [
        (json!({ "kept": 1, "note": "n" }), "kept"),
        (json!({ "lost": 1, "note": "n" }), "lost"),
        (json!({ "note": "n" }), "kept"),
        (json!(["neither"]), "unknown"),
    ] {
        let gateway = gateway("openapi31.yaml").on("putRows", answer(200, body.clone()));
        let gateway = started(gateway).await;
        let client: Openapi31Client = client(&gateway).await;
        let rows = vec![RowsItem::new(RowsItemId::from(7)).owner(json!({ "name": "me" }))];
        let found = match client
            .put_rows(&rows)
            .await
            .expect("a success")
            .into_inner()
        {
            Change::Kept(_) => "kept",
            Change::Lost(_) => "lost",
            Change::Unknown(_) => "unknown",
            _ => "new",
        };
        assert_eq!(found, wanted, "{body}");
        let (_, request) = arrived(&gateway);
        assert_eq!(text(&request), r#"[{"id":7,"owner":{"name":"me"}}]"#);
    }
}

#[tokio::test]
async fn inherited_schemas_are_read_and_written_by_their_discriminator() {
    use golden::swagger2::Swagger2Client;
    use golden::swagger2::types::{Lion, Pet};

    let pets = json!([
        { "kind": "Cat", "lives": 3 },
        { "kind": "Lion", "name": "Leo", "mane": true },
        { "kind": "Newt", "legs": 4 },
    ]);
    let cat = json!({ "kind": "Cat", "lives": 9 });
    let gateway = gateway("swagger2.yaml")
        .on("getPets", answer(200, pets))
        .on("addPet", answer(201, cat));
    let gateway = started(gateway).await;
    let client: Swagger2Client = client(&gateway).await;

    let pets = client.get_pets().await.expect("a success").into_inner();
    let [Pet::Cat(cat), Pet::Lion(lion), Pet::Unknown(newt)] = pets.as_slice() else {
        panic!("{pets:?}");
    };
    assert_eq!(cat.lives, Some(3));
    assert_eq!((lion.name.as_deref(), lion.mane), (Some("Leo"), true));
    assert_eq!(newt, &json!({ "kind": "Newt", "legs": 4 }));

    let pet = Pet::from(Lion::new(false).name("Nala"));
    let added = client.add_pet(&pet).await.expect("a success");
    assert_eq!(added.lives, Some(9));
    let sent = gateway.requests().pop().expect("it arrived");
    assert_eq!(text(&sent), r#"{"kind":"Lion","name":"Nala","mane":false}"#);
}

#[tokio::test]
async fn an_error_without_a_documented_body_is_not_decoded_as_another() {
    use golden::statuses::operations::ErrorWithAndWithoutBodyError;

    let message = json!({ "message": "Internal server error" });
    let gateway = gateway("statuses.yaml").on("error_with_and_without_body", answer(500, message));
    let gateway = started(gateway).await;
    let client: golden::statuses::StatusesClient = client(&gateway).await;
    let error = client
        .error_with_and_without_body()
        .await
        .expect_err("no success");
    assert!(matches!(
        error.body(),
        Some(ErrorWithAndWithoutBodyError::Status500(_))
    ));
}

#[tokio::test]
async fn an_undocumented_error_is_not_decoded_as_a_documented_one() {
    let message = json!({ "message": "Internal server error" });
    let gateway = gateway("statuses.yaml").on("problem_json", answer(500, message));
    let gateway = started(gateway).await;
    let client: golden::statuses::StatusesClient = client(&gateway).await;
    let error = client.problem_json().await.expect_err("no success");
    assert!(error.body().is_none(), "{:?}", error.body());
}

#[tokio::test]
async fn items_and_tokens_of_pages_may_be_in_nested_objects() {
    use golden::paging::PagingClient;

    let gateway = gateway("paging.yaml")
        .on("listOrders", |request: &Request| {
            let page = match request.query("nextToken").as_deref() {
                None => json!({ "payload": { "Orders": ["a"], "NextToken": "2" } }),
                Some("2") => json!({ "payload": { "NextToken": "3" } }),
                Some("3") => json!({ "payload": { "Orders": ["b", "c"] } }),
                Some(other) => panic!("no page {other}"),
            };
            Response::json(StatusCode::OK, page)
        })
        .on("listParts", |request: &Request| {
            let page = match request.query("page").as_deref() {
                Some("1") => json!({ "parts": ["x", "y"], "meta": { "total": 3 } }),
                Some("2") => json!({ "parts": ["z"] , "meta": { "total": 3 } }),
                other => panic!("no page {other:?}"),
            };
            Response::json(StatusCode::OK, page)
        });
    let gateway = started(gateway).await;
    let client: PagingClient = client(&gateway).await;

    let mut orders = client.list_orders().stream();
    let mut parts = client.list_parts().page(1).stream();
    let (mut found, mut numbered) = (String::new(), String::new());
    while let Some(order) = orders.next().await {
        found += &order.expect("a page");
    }
    while let Some(part) = parts.next().await {
        numbered += &part.expect("a page");
    }
    assert_eq!((found.as_str(), numbered.as_str()), ("abc", "xyz"));
}

#[tokio::test]
async fn a_required_body_that_was_not_set_is_an_error_before_sending() {
    let gateway = started(gateway("bodies.yaml")).await;
    let client: golden::bodies::BodiesClient = client(&gateway).await;
    let error = client.files_or_csv().await.expect_err("no body");
    assert_eq!(
        error.to_string(),
        "files_or_csv (POST /files-or-csv): the body is not set, but this operation requires a body; \
         set it before sending the request"
    );
    assert!(gateway.requests().is_empty());
    let call = client.files_or_csv().body_as("a,b", "text/csv");
    call.await.expect("a success");
}

/// `expect` fails to compile without a warning, and the clients compile without any.
#[tokio::test]
async fn what_the_spec_deprecates_is_deprecated_and_still_works() {
    use golden::deprecated::{DeprecatedClient, types};

    let gateway = started(gateway("deprecated.yaml")).await;
    let client: DeprecatedClient = client(&gateway).await;
    #[expect(deprecated, reason = "the enum")]
    let state = types::OldState::Open;
    #[expect(deprecated, reason = "the operation")]
    let call = client.list_orders(state);
    #[expect(deprecated, reason = "the setter of a parameter")]
    let call = call.sort("id");
    call.await.expect("a success");
    assert_eq!(arrived(&gateway).0, "GET /orders?state=open&sort=id");
    gateway.forget();
    #[expect(deprecated, reason = "the setter of a field")]
    let order = types::Order::new("o-1", 1).kind(types::OrderKind::A);
    #[expect(deprecated, reason = "the field")]
    let number = order.number;
    client.create_order(&order).await.expect("a success");
    let expected = format!(r#"{{"id":"o-1","number":{number},"kind":"a"}}"#);
    assert_eq!(text(&arrived(&gateway).1), expected);
}

#[tokio::test]
async fn cookies_are_in_one_header_and_can_not_inject_others() {
    let gateway = started(gateway("parameter_styles.yaml")).await;
    let client: golden::parameter_styles::ParameterStylesClient = client(&gateway).await;
    let call = client.get_cookies("a; admin=1\r\nx: y").visits(2);
    call.await.expect("a success");
    let (_, request) = arrived(&gateway);
    let cookies: Vec<_> = request.headers.get_all("cookie").iter().collect();
    assert_eq!(cookies, ["sid=a%3B%20admin=1%0D%0Ax:%20y; visits=2"]);
    gateway.forget();
    let call = client.get_cookies("a").header("cookie", "own=1");
    call.await.expect("a success");
    assert_eq!(header(&arrived(&gateway).1, "cookie"), Some("own=1"));
}

#[tokio::test]
async fn a_value_that_contains_the_separator_of_its_list_is_an_error() {
    let gateway = started(gateway("parameter_styles.yaml")).await;
    let client: golden::parameter_styles::ParameterStylesClient = client(&gateway).await;
    let call = client.get_lists().spaces(&["a b"]);
    let error = call.await.expect_err("an ambiguous list");
    assert!(
        error
            .to_string()
            .contains("query parameter `spaces` contains a space")
    );
    assert!(gateway.requests().is_empty());
}

#[tokio::test]
async fn the_media_type_that_arrives_selects_the_body() {
    use golden::media_types::MediaTypesClient;
    use golden::media_types::operations::{GetReportErrorBody, GetReportResponseBody};

    let report = |request: &Request| match request.header("accept") {
        Some("text/csv") => Response::bytes(StatusCode::OK, "text/csv", "id\n7\n"),
        Some("image/png") => Response::bytes(StatusCode::OK, "image/png", "\u{89}PNG"),
        Some("application/pdf") => {
            let title = json!({ "title": "no such report" }).to_string();
            Response::bytes(StatusCode::NOT_FOUND, "application/problem+json", title)
        }
        _ => Response::json(StatusCode::OK, json!({ "id": 7 })),
    };
    let gateway = started(gateway("media_types.yaml").on("get_report", report)).await;
    let client: MediaTypesClient = client(&gateway).await;
    match client.get_report().await.expect("a success").into_inner() {
        GetReportResponseBody::Json(report) => assert_eq!(report.id, 7),
        other => panic!("{other:?}"),
    }
    let csv = client.get_report().accept("text/csv").await;
    match csv.expect("a success").into_inner() {
        GetReportResponseBody::Csv(text) => assert_eq!(&*text, "id\n7\n"),
        other => panic!("{other:?}"),
    }
    let error = client.get_report().accept("application/pdf").await;
    match error.expect_err("a failure").body() {
        Some(GetReportErrorBody::ProblemJson(problem)) => {
            assert_eq!(problem.title, "no such report");
        }
        other => panic!("{other:?}"),
    }
    let error = client.get_report().accept("image/png").await;
    let error = error.expect_err("a body that the spec does not document");
    assert_eq!(error.kind(), apigw_runtime::ErrorKind::Decode);
}
