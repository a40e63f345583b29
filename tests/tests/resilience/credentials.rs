//! Credentials that expire while a client is in use.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use apigw_local::Credentials as Known;
use aws_credential_types::provider::{ProvideCredentials, future};
use orders_client::{Credentials, OrdersClient};
use support::statuses;

use crate::orders;

/// Provides the access keys `ASIA0`, `ASIA1` and so on.
#[derive(Clone, Debug, Default)]
struct Rotating(Arc<AtomicUsize>);

impl ProvideCredentials for Rotating {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let id = format!("ASIA{}", self.0.fetch_add(1, Relaxed));
        let token = Some("token".to_owned());
        future::ProvideCredentials::ready(Ok(Credentials::new(id, "secret", token, None, "tests")))
    }
}

#[tokio::test]
async fn an_expired_token_is_replaced_without_an_error() {
    let mut gateway = orders::gateway();
    for n in 0..2 {
        gateway = gateway.caller(Known::temporary(format!("ASIA{n}"), "secret", "token"));
    }
    let gateway = gateway.start().await.unwrap();
    let provider = Rotating::default();
    let client = support::client_builder::<OrdersClient>(&gateway).credentials(provider.clone());
    let client = client.build().await.unwrap();

    client.get_orders().await.unwrap();
    gateway.expire("ASIA0");
    client.get_orders().await.unwrap();
    client.get_orders().await.unwrap();
    assert_eq!(statuses(&gateway), [200, 403, 200, 200]);
    assert_eq!(provider.0.load(Relaxed), 2, "asked only when needed");
}
