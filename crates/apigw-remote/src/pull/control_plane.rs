//! The control plane of API Gateway, through signed GET requests.

use std::time::Duration;

use apigw_spec::aws::{OriginKind, Partition};
use aws_types::SdkConfig;
use aws_types::service_config::ServiceConfigKey;
use bytes::Bytes;
use http::header::{ACCEPT, RETRY_AFTER};
use http::{HeaderMap, Method, StatusCode};
use percent_encoding::utf8_percent_encode;
use reqwest::{Request, Url};
use reqwest_middleware::ClientWithMiddleware;
use reqwest_sigv4::{Refusal, Signer};
use serde::de::DeserializeOwned;

use super::access::Access;
use super::error::Error;
use super::pace::Pace;
use super::permission;
use crate::encode::STRICT;

/// The service name of the control plane in the credential scope.
const SERVICE: &str = "apigateway";

/// The timeout of a request. Exports of large APIs take several seconds.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The maximum number of attempts for a request that is throttled or fails with a transient error.
const ATTEMPTS: u32 = 6;

/// The pause before the second attempt. It doubles for each further attempt.
const PAUSE: Duration = Duration::from_secs(1);

/// The maximum pause, also for `Retry-After`.
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// The control plane of an account in a Region.
#[derive(Debug, Clone)]
pub struct ControlPlane {
    http: ClientWithMiddleware,
    /// The endpoint for REST APIs.
    rest: Url,
    /// The endpoint for HTTP APIs. By default it is the same.
    http_apis: Url,
    region: String,
    pace: Pace,
}

impl ControlPlane {
    /// Creates the control plane for an SDK configuration. If `access` has a role, it is assumed; the
    /// rest of `access` is ignored.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NoRegion`] without a Region, and an error if the Region or an endpoint is
    /// invalid.
    pub fn new(config: &SdkConfig, access: &Access, pace: Pace) -> Result<Self, Error> {
        let region = config.region().ok_or(Error::NoRegion)?.to_string();
        let mut signer = Signer::builder()
            .sdk_config(config)
            .service(SERVICE)
            .region(&region);
        if let Some(role) = &access.role {
            signer = signer.assume_role(role.as_str());
        }
        let signer = signer.build()?;
        let http = reqwest_sigv4::client_builder()
            .timeout(TIMEOUT)
            .build()
            .map_err(reqwest_sigv4::Error::HttpClient)?;
        let suffix = Partition::of(&region).dns_suffix();
        let default = format!("https://{SERVICE}.{region}.{suffix}");
        Ok(Self {
            http: reqwest_middleware::ClientBuilder::new(http)
                .with(signer)
                .build(),
            rest: endpoint(config, "api_gateway", &default)?,
            http_apis: endpoint(config, "apigatewayv2", &default)?,
            region,
            pace,
        })
    }

    /// Returns the Region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Sends a GET request. The path segments and the query are percent-encoded.
    pub(crate) async fn get(
        &self,
        kind: OriginKind,
        path: &[&str],
        query: &[(&str, &str)],
        accept: &'static str,
    ) -> Result<Bytes, Error> {
        let url = self.url(kind, path, query);
        let mut attempt = 1;
        loop {
            self.pace.wait().await;
            let mut request = Request::new(Method::GET, url.clone());
            request
                .headers_mut()
                .insert(ACCEPT, http::HeaderValue::from_static(accept));
            let response = self.send(request).await?;
            if response.status.is_success() {
                return Ok(response.body);
            }
            if !response.is_transient() {
                return Err(response.into_error(self, path));
            }
            if attempt == ATTEMPTS {
                return Err(Error::Busy {
                    status: response.status.as_u16(),
                    attempts: ATTEMPTS,
                });
            }
            self.pace.delay(response.pause(attempt));
            attempt += 1;
        }
    }

    /// Sends a GET request, and deserializes the JSON response.
    pub(crate) async fn json<T: DeserializeOwned>(
        &self,
        kind: OriginKind,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<T, Error> {
        // the default for REST APIs is HAL, a different format
        let body = self.get(kind, path, query, "application/json").await?;
        serde_json::from_slice(&body).map_err(Error::Unreadable)
    }

    fn url(&self, kind: OriginKind, path: &[&str], query: &[(&str, &str)]) -> Url {
        let (base, version) = match kind {
            OriginKind::Rest => (&self.rest, ""),
            OriginKind::Http => (&self.http_apis, "/v2"),
        };
        let mut url = base.clone();
        let encode = |text| utf8_percent_encode(text, STRICT).to_string();
        let path: Vec<String> = path.iter().copied().map(encode).collect();
        let before = base.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{before}{version}/{}", path.join("/")));
        let query: Vec<String> = query
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        url.set_query((!query.is_empty()).then(|| query.join("&")).as_deref());
        url
    }

    async fn send(&self, request: Request) -> Result<ControlPlaneResponse, Error> {
        let unreachable = |source: reqwest::Error| Error::Unreachable {
            host: source
                .url()
                .and_then(Url::host_str)
                .unwrap_or(SERVICE)
                .to_owned(),
            source: source.without_url(),
        };
        let sent = self.http.execute(request).await;
        let response = sent.map_err(|error| match error {
            reqwest_middleware::Error::Reqwest(source) => unreachable(source),
            reqwest_middleware::Error::Middleware(source) => {
                match source.downcast::<reqwest_sigv4::Error>() {
                    Ok(source) => source.into(),
                    Err(source) => Error::Client(source.into()),
                }
            }
        })?;
        let (response, refusal) = Refusal::from_response(response)
            .await
            .map_err(unreachable)?;
        Ok(ControlPlaneResponse {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.bytes().await.map_err(unreachable)?,
            refusal,
        })
    }
}

/// A response of the control plane.
struct ControlPlaneResponse {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    refusal: Option<Refusal>,
}

impl ControlPlaneResponse {
    /// Returns whether a retry may succeed.
    fn is_transient(&self) -> bool {
        matches!(self.status.as_u16(), 429 | 500 | 502 | 503 | 504)
    }

    /// Returns the pause before the next attempt: `Retry-After`, or exponential backoff with jitter.
    fn pause(&self, attempt: u32) -> Duration {
        let retry_after = self.headers.get(RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let pause = retry_after.map_or_else(
            || (PAUSE * 2_u32.pow(attempt - 1)).mul_f64(0.5 + fastrand::f64() / 2.0),
            Duration::from_secs,
        );
        pause.min(MAX_PAUSE)
    }

    fn into_error(self, plane: &ControlPlane, path: &[&str]) -> Error {
        let message = message(&self.body);
        if self.status == StatusCode::NOT_FOUND {
            return Error::NotFound { message };
        }
        match self.refusal {
            Some(refusal) if refusal.is_authentication() => Error::Refused(Box::new(refusal)),
            _ if self.status == StatusCode::FORBIDDEN => {
                Error::denied(permission::resource(&plane.region, path))
            }
            _ => Error::Failed {
                status: self.status.as_u16(),
                message,
            },
        }
    }
}

/// Returns the `message` of an AWS error.
fn message(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Body {
        #[serde(alias = "Message")]
        message: String,
    }
    serde_json::from_slice(body)
        .map_or_else(|_| "no message".to_owned(), |Body { message }| message)
}

/// Returns the endpoint of a service: its own variable or profile setting, then the general one, then
/// the default.
fn endpoint(config: &SdkConfig, service: &'static str, default: &str) -> Result<Url, Error> {
    let service_specific = || {
        let key = ServiceConfigKey::builder()
            .service_id(service)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok()?;
        config.service_config()?.load_config(key)
    };
    let configured = match config.get_origin("endpoint_url").is_client_config() {
        true => None,
        false => service_specific(),
    };
    let configured = configured.or_else(|| config.endpoint_url().map(str::to_owned));
    let text = configured.as_deref().unwrap_or(default);
    match Url::parse(text) {
        Ok(url) if url.has_host() && matches!(url.scheme(), "http" | "https") => Ok(url),
        _ => Err(Error::Endpoint {
            url: text.to_owned(),
        }),
    }
}
