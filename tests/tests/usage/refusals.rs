//! Errors of rejected requests: kind, status, error type, request ID, and one line with the remedy, without secrets.

use std::error::Error as StdError;
use std::fmt::Debug;
use std::time::Duration;

use apigw_local::{Fault, LocalGateway, Skew};
use apigw_runtime::{Error, ErrorKind, FromResponse, RetryPolicy};
use http::{Method, StatusCode};
use inventory_client::InventoryClient;
use inventory_client::types::NewReservation;
use orders_client::OrdersClient;
use reqwest_sigv4::{Credentials, RefusalReason, Signer};

/// A wrong secret, which must not be printed either.
const OTHER_SECRET: &str = "another/secret+of+nobody";

/// Returns everything that can be printed of an error: `Display`, `Debug`, and the same of its sources.
fn printed<E: FromResponse + Debug + 'static>(error: &Error<E>) -> String {
    let mut text = format!("{error}\n{error:?}\n{error:#?}\n");
    let mut cause = StdError::source(error);
    while let Some(error) = cause {
        text += &format!("{error}\n{error:?}\n");
        cause = error.source();
    }
    text
}

/// Asserts that the error is a refusal, in one line with the remedy, and has the request ID.
#[track_caller]
fn assert_refused<E: FromResponse + Debug + 'static>(
    error: &Error<E>,
    gateway: &LocalGateway,
    error_type: &str,
    remedy: &str,
) {
    let request = support::last(gateway);
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    assert_eq!(error.status(), Some(StatusCode::FORBIDDEN));
    assert_eq!(error.error_type(), Some(error_type));
    assert_eq!(error.request_id(), Some(request.id.as_str()));
    assert!(!error.is_retryable(), "{error}");

    let line = error.to_string();
    let head = format!("{} (", error.operation());
    assert!(line.starts_with(&head), "{line}");
    assert!(line.contains(&format!("403 {error_type}: ")), "{line}");
    assert!(line.contains(remedy), "{line}");
    assert!(
        line.ends_with(&format!(" (request id {})", request.id)),
        "{line}"
    );
    assert!(!line.contains('\n'), "{line}");
    // callers of a generated client do not have this builder
    assert!(!line.contains("SignerBuilder"), "{line}");

    let printed = printed(error);
    let authorization = request.header("authorization").unwrap_or("Signature=none");
    let (_, signature) = authorization.rsplit_once("Signature=").unwrap();
    for secret in [
        support::SECRET_KEY,
        OTHER_SECRET,
        support::SESSION_TOKEN,
        support::API_KEY,
        signature,
    ] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
}

/// Builds a client with this signer.
async fn signed_by(gateway: &LocalGateway, signer: Signer) -> OrdersClient {
    OrdersClient::builder()
        .endpoint(gateway.endpoint())
        .signer(signer)
        .build()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_wrong_secret_is_reported() {
    let gateway = support::serve("orders.json").await;
    let client = OrdersClient::builder()
        .endpoint(gateway.endpoint())
        .region(support::REGION)
        .credentials(support::credentials_of(support::ACCESS_KEY, OTHER_SECRET))
        .build()
        .await
        .unwrap();

    let error = client.get_orders().limit(10).await.unwrap_err();
    assert_refused(
        &error,
        &gateway,
        "InvalidSignatureException",
        "AWS_SECRET_ACCESS_KEY",
    );
    let reason = error.refusal().unwrap().reason();
    assert_eq!(*reason, RefusalReason::SignatureMismatch);
    assert!(!format!("{client:?}").contains(OTHER_SECRET));
}

#[tokio::test]
async fn an_unknown_access_key_is_reported() {
    let gateway = support::serve("orders.json").await;
    let client = OrdersClient::builder()
        .endpoint(gateway.endpoint())
        .region(support::REGION)
        .credentials(support::credentials_of("ASIASTRANGER", support::SECRET_KEY))
        .build()
        .await
        .unwrap();

    let error = client.get_order("o-1").await.unwrap_err();
    assert_refused(
        &error,
        &gateway,
        "UnrecognizedClientException",
        "AWS_ACCESS_KEY_ID",
    );
    assert_eq!(
        *error.refusal().unwrap().reason(),
        RefusalReason::UnknownToken
    );
}

#[tokio::test]
async fn temporary_credentials_without_their_token_are_unknown() {
    let gateway = support::serve("orders.json").await;
    let client = OrdersClient::builder()
        .endpoint(gateway.endpoint())
        .region(support::REGION)
        .credentials(Credentials::new(
            support::ACCESS_KEY,
            support::SECRET_KEY,
            None,
            None,
            "tests",
        ))
        .build()
        .await
        .unwrap();

    let error = client.get_order("o-1").await.unwrap_err();
    assert_refused(
        &error,
        &gateway,
        "UnrecognizedClientException",
        "AWS_SESSION_TOKEN",
    );
}

#[tokio::test]
async fn a_wrong_region_is_reported_with_the_setting_to_change() {
    let gateway = support::serve("orders.json").await;
    let client = OrdersClient::builder()
        .endpoint(gateway.endpoint())
        .region("us-east-1")
        .credentials(support::credentials())
        .build()
        .await
        .unwrap();

    let error = client.get_orders().await.unwrap_err();
    assert_refused(
        &error,
        &gateway,
        "InvalidSignatureException",
        "Region us-east-1 is not accepted",
    );
    assert!(
        error.to_string().contains("the API's own Region"),
        "{error}"
    );
}

/// Starts a gateway whose clock is at noon, and builds a client whose clock is off by this.
async fn with_clocks_apart(minutes: i64, correct: bool) -> (LocalGateway, OrdersClient) {
    let gateway = support::gateway()
        .spec(support::file("specs/orders.json"))
        .clock(support::noon());
    let gateway = gateway.start().await.unwrap();
    let apart = Duration::from_secs(60 * minutes.unsigned_abs());
    let now = match minutes {
        ..0 => support::noon() - apart,
        _ => support::noon() + apart,
    };
    let signer = Signer::builder()
        .region(support::REGION)
        .credentials(support::credentials())
        .clock(move || now)
        .clock_skew_correction(correct)
        .build()
        .unwrap();
    let client = signed_by(&gateway, signer).await;
    (gateway, client)
}

#[tokio::test]
async fn a_wrong_clock_is_reported() {
    for (minutes, reason) in [(-6, "the signature has expired"), (6, "is not yet valid")] {
        let (gateway, client) = with_clocks_apart(minutes, false).await;
        let error = client.get_orders().await.unwrap_err();
        assert_refused(
            &error,
            &gateway,
            "InvalidSignatureException",
            "correct this machine's clock",
        );
        assert!(error.to_string().contains(reason), "{error}");
        assert!(error.refusal().unwrap().is_clock());
    }
}

#[tokio::test]
async fn a_wrong_clock_is_corrected_without_an_error() {
    for minutes in [-600, 600] {
        let (gateway, client) = with_clocks_apart(minutes, true).await;
        client.get_orders().await.unwrap();
        client.get_orders().await.unwrap();
        let statuses: Vec<_> = gateway
            .exchanges()
            .iter()
            .map(|e| e.status.as_u16())
            .collect();
        assert_eq!(
            statuses,
            [403, 200, 200],
            "signed anew once, and right from then on"
        );
    }
}

#[tokio::test]
async fn a_jump_of_the_clock_of_the_gateway_is_corrected() {
    let gateway = support::serve("orders.json").await;
    let client: OrdersClient = support::client(&gateway).await;
    gateway.inject(Fault::ClockSkew(Skew::Ahead(Duration::from_secs(3600))).always());

    client.get_orders().await.unwrap();
    assert_eq!(gateway.exchanges().len(), 2);
}

#[tokio::test]
async fn expired_credentials_are_reported() {
    let gateway = support::serve("orders.json").await;
    let client: OrdersClient = support::client(&gateway).await;
    assert!(gateway.expire(support::ACCESS_KEY));

    let error = client.get_orders().await.unwrap_err();
    assert_refused(
        &error,
        &gateway,
        "ExpiredTokenException",
        "get new credentials",
    );
}

#[tokio::test]
async fn a_missing_api_key_is_reported_with_the_header() {
    let gateway = support::serve("inventory.json").await;
    let client = InventoryClient::builder()
        .endpoint(gateway.endpoint())
        .region(support::REGION)
        .credentials(support::credentials())
        .build()
        .await
        .unwrap();

    let reservation = NewReservation::new(1);
    let error = client
        .post_items_sku_reservations("MUG", &reservation)
        .await
        .unwrap_err();
    assert_refused(&error, &gateway, "ForbiddenException", "x-api-key");
    let reason = error.refusal().unwrap().reason();
    assert_eq!(*reason, RefusalReason::Forbidden);
    client.get_items().await.unwrap(); // demands no key
}

#[tokio::test]
async fn an_unknown_api_key_is_rejected_and_not_printed() {
    let gateway = support::serve("inventory.json").await;
    let client = InventoryClient::builder()
        .endpoint(gateway.endpoint())
        .region(support::REGION)
        .credentials(support::credentials())
        .api_key(OTHER_SECRET)
        .build()
        .await
        .unwrap();

    let reservation = NewReservation::new(1);
    let error = client
        .post_items_sku_reservations("MUG", &reservation)
        .await
        .unwrap_err();
    assert_refused(&error, &gateway, "ForbiddenException", "x-api-key");
    assert!(!format!("{client:?}").contains(OTHER_SECRET));
}

#[tokio::test]
async fn an_unknown_path_is_reported_as_that_or_a_missing_signature() {
    let gateway = support::serve("orders.json").await;
    let client: OrdersClient = support::client(&gateway).await;

    let error = client
        .request(Method::GET, "/oders")
        .send_untyped()
        .await
        .unwrap_err();
    assert_refused(
        &error,
        &gateway,
        "MissingAuthenticationTokenException",
        "check the path, method and stage",
    );
    assert!(error.to_string().contains("do not exist"), "{error}");
}

#[tokio::test]
async fn an_unsigned_request_is_reported_like_an_unknown_path() {
    let gateway = support::serve("orders.json").await;
    let client: OrdersClient = support::client(&gateway).await;

    let error = client.get_orders().unsigned().await.unwrap_err();
    assert_refused(
        &error,
        &gateway,
        "MissingAuthenticationTokenException",
        "the request has no signature",
    );
}

#[tokio::test]
async fn a_wrong_stage_is_reported_with_the_stage_to_check() {
    let gateway = support::serve("orders.json").await;
    let client = OrdersClient::builder()
        .endpoint(format!("http://{}/production", gateway.address()))
        .region(support::REGION)
        .credentials(support::credentials())
        .build()
        .await
        .unwrap();

    let error = client.get_orders().await.unwrap_err();
    assert_refused(&error, &gateway, "ForbiddenException", "stage");
}

#[tokio::test]
async fn an_http_api_gives_no_reason_and_the_error_lists_what_to_check() {
    let gateway = support::serve("events.yaml").await;
    let client = events_client::EventsClient::builder()
        .endpoint(gateway.endpoint())
        .region(support::REGION)
        .credentials(support::credentials_of(support::ACCESS_KEY, OTHER_SECRET))
        .build()
        .await
        .unwrap();

    let error = client.get_events().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(
        (error.status(), error.error_type()),
        (Some(StatusCode::FORBIDDEN), None)
    );
    assert_eq!(
        error.request_id(),
        Some(support::last(&gateway).id.as_str())
    );
    let line = error.to_string();
    assert!(
        line.contains("credentials") && line.contains("Region"),
        "{line}"
    );
    assert!(!printed(&error).contains(OTHER_SECRET));
}

#[tokio::test]
async fn throttling_is_retryable_and_an_exceeded_quota_is_not() {
    let gateway = support::serve("orders.json").await;
    let client: OrdersClient = support::client(&gateway).await;

    gateway.inject(Fault::Throttled);
    let once = RetryPolicy::none();
    let error = client.get_orders().retry(once).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.is_retryable()),
        (ErrorKind::Throttled, true)
    );
    assert_eq!(error.error_type(), Some("TooManyRequestsException"));

    gateway.inject(Fault::QuotaExceeded);
    let error = client.get_orders().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.is_retryable()),
        (ErrorKind::Refused, false)
    );
    assert_eq!(error.error_type(), Some("LimitExceededException"));
}

#[tokio::test]
async fn a_refusal_of_a_streaming_operation_is_reported_like_others() {
    let gateway = support::serve("orders.json").await;
    let client: OrdersClient = support::client(&gateway).await;
    assert!(gateway.expire(support::ACCESS_KEY));

    let error = client.get_invoice("o-1").await.unwrap_err();
    assert_refused(
        &error,
        &gateway,
        "ExpiredTokenException",
        "get new credentials",
    );
}
