//! What the generator makes of the documents in `documents/`, one module each.
//!
//! Written by `BLESS=1 cargo test -p apigw-codegen --test golden`.

/// One module per document, with the files that its client crate would have.
macro_rules! golden {
    ($($name:ident)*) => {$(
        #[doc = concat!("The client of `documents/", stringify!($name), "`.")]
        pub mod $name {
            pub mod client;
            pub mod operations;
            pub mod types;
            pub use self::client::*;
        }
    )*};
}

golden! {
    authorizers
    bare
    bodies
    composition
    enums
    evolution_v1
    evolution_v2
    formats
    http_api
    methods
    models
    names_of_the_runtime
    openapi31
    operation_names
    paging
    parameter_names
    parameters
    paths
    references
    responses
    schemas
    statuses
    swagger2
    swagger2_access
    swagger2_lists
    swagger2_minimal
    type_names
    unions
}
