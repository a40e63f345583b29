//! apigw-runtime
