//! Downloads the specs of deployed APIs from the control plane of API Gateway.
//!
//! [`one`] exports the API of an [`Origin`](apigw_spec::aws::Origin) to a file, and [`Puller`] does
//! so for several APIs at once. Parts that should not be in a repository are removed, and the rest
//! of the text stays the same; see [`redact()`]. [`inventory()`] lists the APIs of an account, and
//! [`entries`] and [`adopt`] add them to `apis.toml`.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use apigw_remote::pull::{self, Access, ControlPlane, Pace};
//! use apigw_spec::aws::Origin;
//!
//! let origin = Origin { name: Some("orders".into()), stage: Some("prod".into()), ..Origin::default() };
//! let access = Access::of(&origin);
//! let plane = ControlPlane::new(&access.load(None).await, &access, Pace::default())?;
//! let pulled = pull::one(&plane, &origin, "specs/orders.json".as_ref(), &pull::Options::default()).await?;
//! println!("{pulled}");
//! # Ok(()) }
//! ```

mod access;
mod adopt;
mod batch;
mod control_plane;
mod error;
mod inventory;
mod locate;
mod one;
mod pace;
mod permission;
mod redact;
mod text;

pub use access::Access;
pub use adopt::{Adopted, adopt, entries};
pub use batch::{Puller, Wanted};
pub use control_plane::ControlPlane;
pub use error::Error;
pub use inventory::{Deployed, inventory};
pub use one::{Change, Options, Pulled, one};
pub use pace::{Pace, SystemTimer, Timer};
pub use redact::{Redacted, redact};
