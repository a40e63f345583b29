//! An API as AWS runs it, from a developer's desk.
//!
//! [`pull`] fetches the documents of deployed APIs, as API Gateway exports them, and leaves out
//! what a client does not need and a repository should not hold. It speaks to API Gateway's
//! control plane in plain signed GETs; no service crate of the AWS SDK is needed. [`call`] makes
//! one call of one operation, with arguments from a shell, checked against the document.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use apigw_spec::aws::Origin;
//! use apigw_remote::{Access, ControlPlane, Pace, pull};
//!
//! let origin = Origin { name: Some("orders".into()), stage: Some("prod".into()), ..Origin::default() };
//! let access = Access::of(&origin);
//! let plane = ControlPlane::new(&access.load(None).await, &access, Pace::default())?;
//! let pulled = pull::one(&plane, &origin, "specs/orders.json".as_ref(), &pull::Options::default()).await?;
//! println!("{pulled}");
//! # Ok(()) }
//! ```

mod access;
pub mod call;
mod control_plane;
mod error;
mod inventory;
mod locate;
mod pace;
mod permission;
pub mod pull;
mod reduce;
mod text;

pub use access::Access;
pub use control_plane::ControlPlane;
pub use error::Error;
pub use inventory::{Deployed, inventory};
pub use pace::{Pace, SystemTimer, Timer};
pub use reduce::{Reduced, reduce};
