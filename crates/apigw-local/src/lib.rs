//! apigw-local
