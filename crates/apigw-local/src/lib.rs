#![doc = include_str!("../README.md")]

mod canonical;
mod claim;
mod clock;
mod deployment;
mod error;
mod fault;
mod gateway;
mod keys;
mod log;
mod pattern;
mod refusal;
mod request;
mod response;
mod route;
mod sample;
mod server;
mod stage;
mod value;
mod verify;

pub use canonical::QueryReading;
pub use clock::{Clock, Skew};
pub use error::Error;
pub use fault::{Fault, FaultRule};
pub use gateway::{Builder, LocalGateway};
pub use keys::Credentials;
pub use refusal::{ApiKind, Refusal, RefusalKind};
pub use request::{Exchange, Request};
pub use response::Response;
pub use verify::{Caller, QueryRule, Verifier, WireRequest};
