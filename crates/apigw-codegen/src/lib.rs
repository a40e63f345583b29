//! apigw-codegen
