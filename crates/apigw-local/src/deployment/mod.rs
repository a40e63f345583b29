//! The API as deployed to a stage: its operations, routes, API keys and handlers.

pub(crate) mod api;
pub(crate) mod api_keys;
pub(crate) mod kind;
pub(crate) mod live;
pub(crate) mod route;
pub(crate) mod stage;
