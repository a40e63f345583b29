//! `operations.rs`: one builder per operation, thin over `apigw_runtime::Call`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use super::types::{ident, is_string, listed};
use super::{Scope, docs};
use crate::api::{Method, Place, Response, Status};
use crate::lower::Slot;
use crate::shape::{Argument, Body, Outcome, RequestShape, Shape, required};

/// All builders.
pub(crate) fn render(shapes: &[Shape<'_>], scope: &Scope<'_>) -> TokenStream {
    let builders = shapes.iter().map(|shape| builder(shape, scope));
    quote! { #(#builders)* }
}

/// The constant that describes an operation.
pub(crate) fn constant(shape: &Shape<'_>) -> proc_macro2::Ident {
    ident(&shape.operation.name.to_ascii_uppercase())
}

fn builder(shape: &Shape<'_>, scope: &Scope<'_>) -> TokenStream {
    let name = ident(&shape.builder);
    let descriptor = descriptor(shape);
    let (success, success_enum) = outcome(&shape.success, shape, Side::Response, scope);
    let (error, error_enum) = outcome(&shape.error, shape, Side::Error, scope);
    let result = match &error {
        Some(error) => quote! { Result<ResponseValue<#success>, Error<#error>> },
        None => quote! { Result<ResponseValue<#success>, Error> },
    };
    let send = match shape.success {
        Outcome::One(Body::Stream) => quote! { self.call.send_stream().await },
        _ => quote! { self.call.send().await },
    };
    let setters = shape.setters.iter().map(|setter| parameter_setter(setter, scope));
    let body_setters = body_setters(shape, scope);
    let docs = docs::lines([format!(
        "The call that [`{1}`](crate::{0}::{1}) makes.",
        scope.client, shape.operation.name
    )]);
    let methods = quote! { #(#setters)* #body_setters };
    quote! {
        #descriptor

        #docs
        #[derive(Debug, Clone)]
        #[must_use = "a call does nothing until it is awaited"]
        pub struct #name {
            pub(crate) call: Call,
        }

        impl #name {
            #methods
            #[doc = " Sends the request; awaiting the builder does the same."]
            pub async fn send(self) -> #result {
                #send
            }
        }

        impl IntoFuture for #name {
            type Output = #result;
            type IntoFuture = Pending<Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.send())
            }
        }

        apigw_runtime::call_options!(#name);

        #success_enum
        #error_enum
    }
}

fn descriptor(shape: &Shape<'_>) -> TokenStream {
    let operation = shape.operation;
    let constant = constant(shape);
    let (name, path) = (&operation.name, &operation.path);
    let method = match &operation.method {
        Method::One(method) => ident(method),
        // the caller sets it
        Method::Any => ident("GET"),
    };
    let auth = ident(match (&operation.auth.authorizer, operation.auth.iam) {
        (_, true) => "Iam",
        (Some(_), false) => "Custom",
        (None, false) => "None",
    });
    let api_key = operation.auth.api_key;
    let accept = match &shape.accept {
        Some(accept) => quote! { Some(#accept) },
        None => quote! { None },
    };
    quote! {
        pub(crate) static #constant: Operation = Operation {
            name: #name,
            method: Method::#method,
            path: #path,
            auth: Auth::#auth,
            api_key: #api_key,
            accept: #accept,
        };
    }
}

/// How a method takes a parameter, and the statement that hands it to `call`.
pub(crate) fn parameter(argument: &Argument<'_>, scope: &Scope<'_>, call: &TokenStream) -> (TokenStream, TokenStream) {
    let name = ident(&argument.ident);
    let wire = &argument.parameter.name;
    let of = scope.of(argument.slot);
    if let Some(items) = listed(&of) {
        let takes = text_or(items, scope);
        let takes = quote! { &[#takes] };
        let set = match (argument.parameter.place, argument.parameter.explode) {
            (Place::Query, true) => quote! { #call.query_each(#wire, #name); },
            (Place::Query, false) => quote! { #call.query_joined(#wire, #name); },
            (Place::Path { .. }, _) => quote! { #call.path_joined(#wire, #name); },
            (Place::Header, _) => quote! { #call.header_joined(#wire, #name); },
        };
        return (takes, set);
    }
    let set = match argument.parameter.place {
        Place::Path { .. } => quote! { path },
        Place::Query => quote! { query },
        Place::Header => quote! { header },
    };
    if scope.is_scalar(&of) && !is_string(&of) {
        (quote! { #of }, quote! { #call.#set(#wire, #name); })
    } else {
        // an object or anything else has no form of its own in a URL: the caller writes it
        (
            quote! { impl Into<String> },
            quote! { #call.#set(#wire, Into::<String>::into(#name)); },
        )
    }
}

fn text_or(of: &Type, scope: &Scope<'_>) -> TokenStream {
    if is_string(of) || !scope.is_scalar(of) {
        quote! { impl AsRef<str> + serde::Serialize }
    } else {
        quote! { #of }
    }
}

fn parameter_setter(argument: &Argument<'_>, scope: &Scope<'_>) -> TokenStream {
    let name = ident(&argument.ident);
    let (takes, set) = parameter(argument, scope, &quote! { self.call });
    let docs = match &argument.parameter.description {
        Some(text) => docs::from_text(text),
        None => docs::lines([format!("Sets `{}`.", argument.parameter.name)]),
    };
    quote! {
        #docs
        pub fn #name(mut self, #name: #takes) -> Self {
            #set
            self
        }
    }
}

/// Setters for a body that the method does not demand.
fn body_setters(shape: &Shape<'_>, scope: &Scope<'_>) -> TokenStream {
    let any_query = (shape.operation.method == Method::Any).then(|| {
        quote! {
            #[doc = " Appends a query parameter."]
            pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
                self.call.query(name, Into::<String>::into(value));
                self
            }
        }
    });
    if required(&shape.body) {
        return quote! { #any_query };
    }
    let setter = match &shape.body {
        RequestShape::Nothing => quote! {},
        RequestShape::Undeclared => quote! {
            #[doc = " Sends `body` as JSON; the document does not say what it holds."]
            pub fn json(mut self, body: &(impl serde::Serialize + ?Sized)) -> Self {
                self.call.json(body);
                self
            }

            #[doc = " Sends bytes as they are; the document does not say what they hold."]
            pub fn body(mut self, body: impl Into<apigw_runtime::Bytes>, content_type: &str) -> Self {
                self.call.bytes(body, content_type);
                self
            }
        },
        declared => {
            let (takes, set) = body(declared, scope, &quote! { self.call });
            quote! {
                #[doc = " Sets the body."]
                pub fn body(mut self, body: #takes) -> Self {
                    #set
                    self
                }
            }
        }
    };
    quote! { #any_query #setter }
}

/// How a method takes the body, and the statement that hands it to `call`.
pub(crate) fn body(shape: &RequestShape, scope: &Scope<'_>, call: &TokenStream) -> (TokenStream, TokenStream) {
    let typed = |slot: &Slot| {
        let of = scope.of(*slot);
        match listed(&of) {
            Some(items) => quote! { &[#items] },
            None if is_string(&of) => quote! { &str },
            None => quote! { &#of },
        }
    };
    match shape {
        RequestShape::Nothing | RequestShape::Undeclared => (quote! {}, quote! {}),
        RequestShape::Json {
            slot, media_type, ..
        } => {
            let content_type = (media_type != "application/json").then(|| {
                quote! { #call.header("content-type", #media_type); }
            });
            (typed(slot), quote! { #call.json(body); #content_type })
        }
        RequestShape::Form { slot, .. } => (typed(slot), quote! { #call.form(body); }),
        RequestShape::Bytes {
            media_type, text, ..
        } => {
            if *text {
                (
                    quote! { impl Into<String> },
                    quote! { #call.bytes(Into::<String>::into(body), #media_type); },
                )
            } else {
                (
                    quote! { impl Into<apigw_runtime::Bytes> },
                    quote! { #call.bytes(body, #media_type); },
                )
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Response,
    Error,
}

/// The type of one side, and the enum it needs when there are several bodies.
fn outcome(
    outcome: &Outcome,
    shape: &Shape<'_>,
    side: Side,
    scope: &Scope<'_>,
) -> (Option<TokenStream>, TokenStream) {
    match outcome {
        // the runtime's default: no error body is documented
        Outcome::One(Body::Any) if side == Side::Error => (None, quote! {}),
        Outcome::One(body) => (Some(body_type(body, scope)), quote! {}),
        Outcome::Many(bodies) => {
            let suffix = match side {
                Side::Response => "Response",
                Side::Error => "Error",
            };
            let name = ident(&format!("{}{suffix}", shape.builder));
            let by_status = by_status(&name, bodies, shape, side, scope);
            (Some(quote! { #name }), by_status)
        }
    }
}

fn body_type(body: &Body, scope: &Scope<'_>) -> TokenStream {
    match body {
        Body::Nothing => quote! { () },
        Body::Any => quote! { apigw_runtime::AnyBody },
        Body::Text => quote! { apigw_runtime::Text },
        Body::Stream => quote! { apigw_runtime::ByteStream },
        Body::Json(slot) => {
            let of = scope.of(*slot);
            quote! { #of }
        }
    }
}

/// An enum with one variant per status, decoded by status.
fn by_status(
    name: &proc_macro2::Ident,
    bodies: &[(Status, Body)],
    shape: &Shape<'_>,
    side: Side,
    scope: &Scope<'_>,
) -> TokenStream {
    let variants: Vec<_> = bodies
        .iter()
        .map(|(status, body)| {
            let (variant, pattern) = match status {
                Status::Code(code) => {
                    let code = proc_macro2::Literal::u16_unsuffixed(*code);
                    (format!("Status{code}"), quote! { #code })
                }
                Status::Class(class) => {
                    let first = proc_macro2::Literal::u16_unsuffixed(u16::from(*class) * 100);
                    let last = proc_macro2::Literal::u16_unsuffixed(u16::from(*class) * 100 + 99);
                    (format!("Status{class}xx"), quote! { #first..=#last })
                }
                Status::Default => ("OtherStatus".to_owned(), quote! { _ }),
            };
            let described = shape
                .operation
                .responses
                .iter()
                .find(|response| response.status == *status)
                .and_then(meaning);
            let docs = match described {
                None => docs::lines([format!("Status {}.", status_text(*status))]),
                Some(text) => docs::from_text(text),
            };
            (ident(&variant), pattern, docs, body)
        })
        .collect();
    let members = variants.iter().map(|(variant, _, docs, body)| match body {
        Body::Nothing => quote! { #docs #variant, },
        body => {
            let of = body_type(body, scope);
            quote! { #docs #variant(#of), }
        }
    });
    let arms = variants.iter().map(|(variant, pattern, _, body)| match body {
        Body::Nothing => quote! { #pattern => Self::#variant, },
        _ => quote! { #pattern => Self::#variant(response.decode()?), },
    });
    let rest = bodies
        .iter()
        .all(|(status, _)| *status != Status::Default)
        .then(|| quote! { _ => return Err(apigw_runtime::DecodeError::undocumented_status(response)), });
    let what = match side {
        Side::Response => "What",
        Side::Error => "What a refusing",
    };
    let docs = docs::lines([format!(
        "{what} [`{1}`](crate::{0}::{1}) answers, by status.",
        scope.client, shape.operation.name
    )]);
    quote! {
        #docs
        #[derive(Debug, Clone)]
        #[non_exhaustive]
        #[allow(clippy::large_enum_variant, reason = "matched once and taken apart, never stored")]
        pub enum #name { #(#members)* }

        impl apigw_runtime::FromResponse for #name {
            fn from_response(response: &apigw_runtime::RawResponse) -> Result<Self, apigw_runtime::DecodeError> {
                Ok(match response.status().as_u16() { #(#arms)* #rest })
            }
        }
    }
}

/// What the document says of a response; API Gateway's own "200 response" says nothing.
pub(crate) fn meaning(response: &Response) -> Option<&str> {
    let text = response.description.trim();
    let empty = format!("{} response", status_text(response.status));
    (!text.is_empty() && text != empty).then_some(text)
}

pub(crate) fn status_text(status: Status) -> String {
    match status {
        Status::Code(code) => code.to_string(),
        Status::Class(class) => format!("{class}XX"),
        Status::Default => "any other".to_owned(),
    }
}
