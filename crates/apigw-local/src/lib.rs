//! A local API Gateway for tests, demos and offline work.
//!
//! Input is a spec, handlers, or neither; credentials; and faults to inject. Output is an HTTP
//! server on loopback that verifies signatures and returns the same errors as API Gateway, and a
//! log of the exchanges. It never connects to AWS, never listens on another interface, and shares
//! no code with the signer that it verifies.
//!
#![doc = include_str!("../README.md")]

mod builder;
mod clock;
mod deployment;
mod error;
mod fault;
mod gateway;
mod policy;
mod refusal;
mod sample;
mod server;
mod signature;

pub use builder::Builder;
pub use clock::{Clock, Skew};
pub use deployment::kind::ApiKind;
pub use error::Error;
pub use fault::{Fault, FaultRule};
pub use gateway::LocalGateway;
pub use policy::{Policy, PolicyError};
pub use refusal::{Refusal, RefusalKind};
pub use server::body::ResponseBody;
pub use server::request::{Exchange, Request};
pub use server::response::Response;
pub use signature::canonical::QueryReading;
pub use signature::credentials::Credentials;
pub use signature::verify::{Caller, QueryRule, Verifier, WireRequest};
