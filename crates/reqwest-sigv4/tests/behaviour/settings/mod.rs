//! What the signer and one request can set.

mod allowed_hosts;
mod invalid_values;
mod region_and_service;
mod sign_options;
