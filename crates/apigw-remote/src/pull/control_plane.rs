//! API Gateway's control plane: plain GETs, signed.

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

/// The name of the control plane in a credential scope.
const SERVICE: &str = "apigateway";

/// An answer may take this long; exports of large APIs take seconds.
const TIMEOUT: Duration = Duration::from_secs(60);

/// How often a request is made that API Gateway throttles or cannot answer at the moment.
const ATTEMPTS: u32 = 6;

/// The pause before the second attempt; each further one doubles it.
const PAUSE: Duration = Duration::from_secs(1);

/// A longer pause is not waited for, whatever `Retry-After` says.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The control plane of one account and region.
#[derive(Debug, Clone)]
pub struct ControlPlane {
    http: ClientWithMiddleware,
    /// Where REST APIs are managed.
    rest: Url,
    /// Where HTTP APIs are managed; the same host, unless variables say otherwise.
    http_apis: Url,
    region: String,
    pace: Pace,
}

impl ControlPlane {
    /// The control plane that a configuration leads to; of `access`, the role is assumed.
    ///
    /// # Errors
    ///
    /// Without a region, and when the region or an endpoint is misspelt.
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

    /// The region that it serves.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Gets what is at a path; its segments and the query are encoded here.
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
            self.pace.turn().await;
            let mut request = Request::new(Method::GET, url.clone());
            request
                .headers_mut()
                .insert(ACCEPT, http::HeaderValue::from_static(accept));
            let answer = self.send(request).await?;
            if answer.status.is_success() {
                return Ok(answer.body);
            }
            if !answer.is_passing() {
                return Err(answer.into_error(self, path));
            }
            if attempt == ATTEMPTS {
                return Err(Error::Busy {
                    status: answer.status.as_u16(),
                    attempts: ATTEMPTS,
                });
            }
            self.pace.hold(answer.pause(attempt));
            attempt += 1;
        }
    }

    /// Gets JSON.
    pub(crate) async fn json<T: DeserializeOwned>(
        &self,
        kind: OriginKind,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<T, Error> {
        // without this type, REST APIs are described in HAL, another form
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

    async fn send(&self, request: Request) -> Result<Answer, Error> {
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
        Ok(Answer {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.bytes().await.map_err(unreachable)?,
            refusal,
        })
    }
}

/// What came back.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    refusal: Option<Refusal>,
}

impl Answer {
    /// Whether the same request may be answered a little later.
    fn is_passing(&self) -> bool {
        matches!(self.status.as_u16(), 429 | 500 | 502 | 503 | 504)
    }

    /// How long to wait before the next attempt: as `Retry-After` says, or doubling, with jitter
    /// so that APIs pulled together do not come back together.
    fn pause(&self, attempt: u32) -> Duration {
        let asked = self.headers.get(RETRY_AFTER);
        let asked = asked.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let pause = asked.map_or_else(
            || (PAUSE * 2_u32.pow(attempt - 1)).mul_f64(0.5 + fastrand::f64() / 2.0),
            Duration::from_secs,
        );
        pause.min(LONGEST_PAUSE)
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

/// `message` of an error's body, as AWS's services write it.
fn message(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Body {
        #[serde(alias = "Message")]
        message: String,
    }
    serde_json::from_slice(body)
        .map_or_else(|_| "no reason given".to_owned(), |Body { message }| message)
}

/// The endpoint of one service: its own variable or profile entry, then that of all services.
fn endpoint(config: &SdkConfig, service: &'static str, default: &str) -> Result<Url, Error> {
    let own = || {
        let key = ServiceConfigKey::builder()
            .service_id(service)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok()?;
        config.service_config()?.load_config(key)
    };
    let given = match config.get_origin("endpoint_url").is_client_config() {
        true => None,
        false => own(),
    };
    let given = given.or_else(|| config.endpoint_url().map(str::to_owned));
    let text = given.as_deref().unwrap_or(default);
    match Url::parse(text) {
        Ok(url) if url.has_host() && matches!(url.scheme(), "http" | "https") => Ok(url),
        _ => Err(Error::Endpoint {
            url: text.to_owned(),
        }),
    }
}
