//! The payload: what is hashed is what is sent.

use http_body_util::{BodyExt, Limited};
use reqwest::Body;

use crate::Error;

/// The service's own limit for a request body, in bytes (API Gateway quotas, "Payload size").
pub(crate) const DEFAULT_BODY_LIMIT: usize = 10 * 1024 * 1024;

/// Replaces a streaming body (multipart forms are streams too) by its bytes, so that it can be hashed, and sent again.
pub(crate) async fn buffer(body: &mut Option<Body>, limit: usize) -> Result<(), Error> {
    let Some(stream) = body.take_if(|body| body.as_bytes().is_none()) else {
        return Ok(());
    };
    let collected = Limited::new(stream, limit)
        .collect()
        .await
        .map_err(|error| match error.downcast::<reqwest::Error>() {
            Ok(error) => Error::Body(*error),
            Err(_) => Error::BodyTooLarge { limit },
        })?;
    *body = Some(Body::from(collected.to_bytes()));
    Ok(())
}
