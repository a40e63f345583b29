//! Items used only by generated code. They change with the generator; do not use them directly.

use std::future::Future;
use std::pin::Pin;

pub use crate::api::{Api, ApiClient, Auth, Operation};
pub use crate::call::tagged::tagged;
pub use crate::paging::Token;
pub use crate::response::best_fit::best_fit;
pub use crate::response::decode::media_type;
pub use crate::values::present::present;
#[cfg(feature = "chrono")]
pub use chrono;
pub use serde;
pub use serde_json;
#[cfg(feature = "uuid")]
pub use uuid;

/// The future returned by an operation builder's `IntoFuture`. Boxed, because `IntoFuture` must
/// name its type.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
