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
    accept_parameter
    access
    all_of
    all_of_in_conflict
    alternatives_by_fit
    any_method_beside_get
    any_method_proxy
    any_of_required_fields
    authorization_parameter
    authorizers
    binary_body
    bodies
    body_or_no_content
    broken_pattern
    cookie_parameter
    dangling_response_reference
    dangling_schema_reference
    deep_object_query
    default_of_wrong_type
    default_response_alone
    default_route
    discriminator
    discriminator_kinds
    discriminator_mapping
    discriminator_undeclared
    enum_alike_in_rust
    enum_of_integers
    enum_of_mixed_types
    enum_of_signs
    enum_of_two_signs
    error_with_and_without_body
    evolution_v1
    evolution_v2
    foreign_pattern
    form
    formats
    greedy_parameter
    image_body
    inheritance
    inline_success_and_errors
    json_without_schema
    list_in_header
    list_of_inline_objects
    lists
    made_up_names
    many_parameters
    markdown_in_description
    methods
    missing_operation_id
    missing_responses
    missing_version
    model_url
    models
    multipart
    names_of_rust
    names_of_the_runtime
    nested_pages
    not_schema
    nullable_all_of
    nullable_without_type
    object_in_query
    odd_paths
    odd_tags
    openapi31
    openapi31_schemas
    operation_id_keyword
    operation_id_with_spaces
    operation_ids_alike_in_rust
    optional_body
    optional_path_parameter
    parameter_called_body
    parameter_default
    parameter_without_schema
    parameters
    parameters_alike_by_place
    parameters_alike_in_rust
    parameters_called_like_keywords
    path_item_reference
    pattern_properties
    problem_json
    recursive
    recursive_all_of
    redirect_alone
    reference_siblings
    reference_to_itself
    references_to_components
    repeated_operation_id
    required_beyond_arguments
    required_unknown_field
    root_path
    several_media_types
    several_path_parameters
    signed_with_endpoint
    status_classes
    statuses
    streaming
    styles
    success_and_default_alike
    surplus_path_parameter
    swagger2
    swagger2_bodies
    text
    two_success_bodies
    type_list
    type_null
    union
    unknown_status
    vendor_json_body
    vendor_json_response
    version_beyond_ascii
}
