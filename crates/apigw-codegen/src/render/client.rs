//! `client.rs`: the client and one method per operation.

use proc_macro2::TokenStream;
use quote::quote;

use super::operations::{body, constant, meaning, parameter, status_text};
use super::types::ident;
use super::{Scope, docs};
use crate::api::{Api, Method, Response};
use crate::shape::{Shape, required};

/// The client.
pub(crate) fn render(api: &Api, name: &str, shapes: &[Shape<'_>], scope: &Scope<'_>) -> TokenStream {
    let client = ident(&scope.client);
    let methods = shapes.iter().map(|shape| method(shape, scope));
    let endpoint = option(api.endpoint.as_deref());
    let region = option(api.region.as_deref());
    let signed = api.is_signed();
    let about = docs::from_text(&format!("Calls {}.", api.title.trim_end_matches('.')));
    quote! {
        #about
        #[doc = ""]
        #[doc = " Cheap to clone: clones share connections and credentials."]
        #[derive(Debug, Clone)]
        pub struct #client {
            client: Client,
        }

        impl ApiClient for #client {
            const API: &'static Api = &Api {
                name: #name,
                user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")),
                endpoint: #endpoint,
                region: #region,
                signed: #signed,
            };

            fn from_client(client: Client) -> Self {
                Self { client }
            }
        }

        impl #client {
            #[doc = " Configures a client: endpoint, region, credentials, middleware, time limits."]
            pub fn builder() -> ClientBuilder<Self> {
                ClientBuilder::new()
            }

            #[doc = " A client with everything from the environment, as the AWS SDKs find it."]
            #[doc = ""]
            #[doc = " # Errors"]
            #[doc = ""]
            #[doc = " When the endpoint, the region or the credentials are missing: the error says what to set."]
            pub async fn from_env() -> Result<Self, BuildError> {
                Self::builder().build().await
            }

            #[doc = " A call that the API's document does not describe, signed like the others."]
            pub fn request(&self, method: Method, path: &str) -> Call {
                self.client.request(method, path)
            }

            #(#methods)*
        }
    }
}

fn option(text: Option<&str>) -> TokenStream {
    match text {
        Some(text) => quote! { Some(#text) },
        None => quote! { None },
    }
}

fn method(shape: &Shape<'_>, scope: &Scope<'_>) -> TokenStream {
    let operation = shape.operation;
    let name = ident(&operation.name);
    let builder = ident(&shape.builder);
    let constant = constant(shape);
    let call = quote! { call };
    let mut takes = Vec::new();
    let mut sets = Vec::new();
    if operation.method == Method::Any {
        takes.push(quote! { method: Method });
        sets.push(quote! { call.method(method); });
    }
    for argument in &shape.arguments {
        let ident = ident(&argument.ident);
        let (of, set) = parameter(argument, scope, &call);
        takes.push(quote! { #ident: #of });
        sets.push(set);
    }
    if required(&shape.body) {
        let (of, set) = body(&shape.body, scope, &call);
        takes.push(quote! { body: #of });
        sets.push(set);
    }
    for redirect in &shape.redirects {
        let status = ident(redirect);
        sets.push(quote! { call.success_status(StatusCode::#status); });
    }
    let mutable = (!sets.is_empty()).then(|| quote! { mut });
    let deprecated = operation.deprecated.then(|| quote! { #[deprecated] });
    let many = (takes.len() > 6).then(|| {
        quote! { #[expect(clippy::too_many_arguments, reason = "the path has each of them")] }
    });
    let docs = method_docs(shape);
    quote! {
        #docs
        #deprecated
        #many
        pub fn #name(&self, #(#takes),*) -> operations::#builder {
            let #mutable call = Call::new(&self.client, &operations::#constant);
            #(#sets)*
            operations::#builder { call }
        }
    }
}

fn method_docs(shape: &Shape<'_>) -> TokenStream {
    let operation = shape.operation;
    let summary = operation
        .summary
        .as_deref()
        .or_else(|| operation.description.as_deref().filter(|text| !text.contains('\n')));
    let (head, rest) = match (summary, &operation.description) {
        (Some(summary), Some(description)) if summary != description => {
            (Some(summary), Some(description))
        }
        (Some(summary), _) => (Some(summary), None),
        (None, description) => (None, description.as_ref()),
    };
    let head = head.map(docs::from_text);
    let rest = rest.map(|text| {
        let text = docs::from_text(text);
        quote! { #[doc = ""] #text }
    });
    let mut facts = vec![format!("`{}`, {}.", operation.route(), auth(shape))];
    let described: Vec<String> = shape
        .arguments
        .iter()
        .filter_map(|argument| {
            let text = argument.parameter.description.as_deref()?;
            Some(format!("- `{}`: {}", argument.ident, docs::escape(&one_line(text))))
        })
        .collect();
    if !described.is_empty() {
        facts.extend([String::new(), "# Arguments".to_owned(), String::new()]);
        facts.extend(described);
    }
    let mut responses: Vec<&Response> = operation.responses.iter().collect();
    responses.sort_by_key(|response| response.status);
    let statuses: Vec<String> = responses
        .into_iter()
        .map(|response| {
            let status = status_text(response.status);
            match meaning(response).map(one_line) {
                None => format!("- {status}"),
                Some(text) => format!("- {status}: {}", docs::escape(&text)),
            }
        })
        .collect();
    if statuses.len() > 1 {
        facts.extend([String::new(), "# Statuses".to_owned(), String::new()]);
        facts.extend(statuses);
    }
    let facts = docs::lines(facts);
    match head.is_some() || rest.is_some() {
        true => quote! { #head #rest #[doc = ""] #facts },
        false => facts,
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn auth(shape: &Shape<'_>) -> String {
    let auth = &shape.operation.auth;
    let mut text = match (auth.iam, &auth.authorizer) {
        (true, _) => "signed".to_owned(),
        (false, Some(name)) => format!("authorised by `{name}`: set its header"),
        (false, None) => "not signed".to_owned(),
    };
    if auth.api_key {
        text.push_str(", with an API key");
    }
    text
}
