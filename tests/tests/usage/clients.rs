//! Sharing a generated client, and setting its endpoint.

use std::future::Future;
use std::time::Duration;

use apigw_local::{Fault, LocalGateway};
use orders_client::types::{Customer, NewOrder, OrderLine};
use orders_client::{ApiClient as _, BuildError, OrdersClient};
use reqwest_retry::RetryTransientMiddleware;
use reqwest_retry::policies::ExponentialBackoff;

fn is_shareable<T: Clone + Send + Sync + 'static>() {}
fn is_sendable<F: Future + Send + 'static>(future: F) -> F {
    future
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_on_all_threads_share_a_client() {
    is_shareable::<OrdersClient>();
    is_shareable::<inventory_client::InventoryClient>();
    is_shareable::<events_client::EventsClient>();

    let gateway = support::serve("orders.json").await;
    let client: OrdersClient = support::client(&gateway).await;
    let tasks: Vec<_> = (0..16)
        .map(|n| {
            let client = client.clone();
            tokio::spawn(async move { client.get_order(format!("o-{n}")).await.map(drop) })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let callers = gateway.requests();
    assert_eq!(
        callers
            .iter()
            .filter(|request| request.caller.is_some())
            .count(),
        16
    );
}

#[tokio::test]
async fn futures_of_requests_and_of_building_are_send() {
    let gateway = support::serve("orders.json").await;
    let client = is_sendable(
        OrdersClient::builder()
            .endpoint(gateway.endpoint())
            .credentials(support::credentials())
            .build(),
    )
    .await
    .unwrap();
    let order = NewOrder::new(Customer::new("Ada"), vec![OrderLine::new("MUG", 2)]);

    is_sendable(client.get_orders().into_future())
        .await
        .unwrap();
    is_sendable(client.get_orders().limit(1).send())
        .await
        .unwrap();
    is_sendable(client.create_order(&order).into_future())
        .await
        .unwrap();
    is_sendable(client.get_invoice("o-1").into_future())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_request_body_need_not_outlive_the_builder() {
    let gateway = support::serve("orders.json").await;
    let client: OrdersClient = support::client(&gateway).await;
    let call = {
        let order = NewOrder::new(Customer::new("Ada"), vec![OrderLine::new("MUG", 2)]);
        client.create_order(&order)
    };
    drop(client);
    call.await.unwrap();
}

#[tokio::test]
async fn a_trailing_slash_of_the_endpoint_is_ignored() {
    let gateway = support::serve("orders.json").await;
    for slashes in ["", "/", "//"] {
        let client = OrdersClient::builder()
            .endpoint(gateway.endpoint() + slashes)
            .credentials(support::credentials())
            .build()
            .await
            .unwrap();
        client.get_orders().await.unwrap();
        assert_eq!(support::last(&gateway).target, "/prod/orders");
        client
            .request(http::Method::GET, "/orders")
            .send_untyped()
            .await
            .unwrap();
        assert_eq!(support::last(&gateway).target, "/prod/orders");
    }
}

#[test]
fn the_endpoint_of_an_export_has_no_double_slash() {
    // `https://….amazonaws.com/{basePath}` with `basePath` = `/prod`
    assert_eq!(
        OrdersClient::API.endpoint,
        Some("https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod")
    );
    // host, `basePath` = `/live` and schemes of Swagger 2.0
    assert_eq!(
        inventory_client::InventoryClient::API.endpoint,
        Some("https://f6g7h8i9j0.execute-api.eu-west-1.amazonaws.com/live")
    );
    // the `$default` stage: an empty `basePath`
    assert_eq!(
        events_client::EventsClient::API.endpoint,
        Some("https://k1l2m3n4o5.execute-api.eu-west-1.amazonaws.com")
    );
}

/// Builds a client with these endpoints.
async fn called(
    argument: Option<&LocalGateway>,
    variable: Option<&LocalGateway>,
) -> Result<OrdersClient, BuildError> {
    let variable = variable.map(LocalGateway::endpoint);
    let mut builder = OrdersClient::builder()
        .credentials(support::credentials())
        .environment(move |name| match name {
            "ORDERS_ENDPOINT_URL" => variable.clone(),
            _ => None,
        });
    if let Some(gateway) = argument {
        builder = builder.endpoint(gateway.endpoint());
    }
    builder.build().await
}

#[tokio::test]
async fn the_endpoint_argument_overrides_the_variable() {
    let (argument, variable) = (
        support::serve("orders.json").await,
        support::serve("orders.json").await,
    );

    called(Some(&argument), Some(&variable))
        .await
        .unwrap()
        .get_orders()
        .await
        .unwrap();
    assert_eq!(
        (argument.requests().len(), variable.requests().len()),
        (1, 0)
    );
    called(None, Some(&variable))
        .await
        .unwrap()
        .get_orders()
        .await
        .unwrap();
    assert_eq!(
        (argument.requests().len(), variable.requests().len()),
        (1, 1)
    );
}

#[tokio::test]
async fn the_default_endpoint_is_that_of_the_export() {
    let client = called(None, None).await.unwrap();
    let shown = format!("{client:?}");
    assert!(
        shown.contains("https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod"),
        "{shown}"
    );
}

#[tokio::test]
async fn the_region_of_the_export_is_used_if_the_host_contains_none() {
    let gateway = support::serve("orders.json").await;
    let client = called(Some(&gateway), None).await.unwrap();
    client.get_orders().await.unwrap();
    let scope = support::last(&gateway).caller.unwrap().scope;
    assert!(
        scope.ends_with("/eu-west-1/execute-api/aws4_request"),
        "{scope}"
    );
}

#[tokio::test]
async fn a_request_to_an_undescribed_route_is_signed() {
    let gateway = support::gateway().stage("prod").start().await.unwrap();
    let client: OrdersClient = support::client(&gateway).await;
    let call = client.request(http::Method::PUT, "/drafts/{name}");
    let call = call.path("name", "a/b").query("force", true).json(&["x"]);
    call.send_untyped().await.unwrap();
    let request = support::last(&gateway);
    assert_eq!(
        (request.method.as_str(), request.target.as_str()),
        ("PUT", "/prod/drafts/a%2Fb?force=true")
    );
    assert!(request.caller.is_some());
}

#[tokio::test]
async fn a_retry_middleware_has_each_attempt_signed() {
    let gateway = support::serve("orders.json").await;
    let at_once = ExponentialBackoff::builder()
        .retry_bounds(Duration::ZERO, Duration::ZERO)
        .build_with_max_retries(3);
    let client = OrdersClient::builder()
        .endpoint(gateway.endpoint())
        .credentials(support::credentials())
        .middleware(RetryTransientMiddleware::new_with_policy(at_once))
        .build()
        .await
        .unwrap();
    gateway.inject(Fault::Throttled.times(2));

    client.get_orders().limit(10).await.unwrap();
    let exchanges = gateway.exchanges();
    let statuses: Vec<_> = exchanges.iter().map(|e| e.status.as_u16()).collect();
    assert_eq!(statuses, [429, 429, 200]);
    assert!(exchanges.iter().all(|e| e.request.caller.is_some()));
}

/// A middleware whose crate depends on the client alone.
mod middleware {
    use orders_client::runtime::reqwest::{Request, Response};
    use orders_client::runtime::reqwest_middleware::{Middleware, Next, Result};
    use orders_client::runtime::{HeaderValue, async_trait, http};

    pub(super) struct Tenant(pub(super) &'static str);

    #[async_trait]
    impl Middleware for Tenant {
        async fn handle(
            &self,
            mut request: Request,
            extensions: &mut http::Extensions,
            next: Next<'_>,
        ) -> Result<Response> {
            let tenant = HeaderValue::from_static(self.0);
            request.headers_mut().insert("x-tenant", tenant);
            next.run(request, extensions).await
        }
    }
}

#[tokio::test]
async fn an_own_middleware_needs_only_the_client_crate() {
    use orders_client::runtime::testing::TestApi;

    let api = TestApi::<OrdersClient>::builder()
        .described_by(orders_client::DOCUMENT)
        .client(|builder| builder.middleware(middleware::Tenant("north")))
        .in_memory();
    let api = api.start().await.unwrap();
    api.client().get_order("o-1").await.unwrap();
    let request = api.gateway().requests().remove(0);
    assert_eq!(request.header("x-tenant"), Some("north"));
    assert!(request.caller.is_some(), "signed with the header");
}
