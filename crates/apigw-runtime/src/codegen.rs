//! What only generated code names. Not for use by hand: it changes with the generator.

use std::future::Future;
use std::pin::Pin;

pub use crate::api::{Api, ApiClient, Auth, Operation};
pub use crate::call::tagged::tagged;
pub use crate::paging::Token;
pub use crate::response::best_fit::best_fit;
#[cfg(feature = "chrono")]
pub use chrono;
pub use serde;
pub use serde_json;
#[cfg(feature = "uuid")]
pub use uuid;

/// The future behind `.await` on an operation builder: boxed, because `IntoFuture` has to name
/// its type.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
