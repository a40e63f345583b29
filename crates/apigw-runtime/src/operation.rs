//! The methods shared by all operation builders.

/// Implements the methods shared by all operation builders, for a struct with a field `call`:
/// `send`, [`IntoFuture`], and the setters `header`, `timeout`, `total_timeout`, `idle_timeout`, `response_limit`,
/// `retry`, `idempotency_key`, `sign_options` and `unsigned`.
///
/// The types of the success and error bodies follow `=>`. Without an error type, errors have no
/// documented body. Use `stream` as the success type to return a streaming body, `events T` or
/// `text_events` for server-sent events, and `lines T` for one JSON value per line.
///
/// ```
/// use apigw_runtime::codegen::{Auth, Operation};
/// use apigw_runtime::{AnyBody, Call, Client, Method};
///
/// static GET_ORDERS: Operation = Operation {
///     name: "get_orders",
///     method: Method::GET,
///     path: "/orders",
///     auth: Auth::Iam,
///     api_key: false,
///     accept: Some("application/json"),
/// };
///
/// pub struct GetOrders {
///     call: Call,
/// }
///
/// apigw_runtime::operation!(GetOrders, GET_ORDERS => AnyBody);
///
/// # async fn example(client: &Client) -> Result<(), apigw_runtime::Error> {
/// let orders = GetOrders { call: Call::new(client, &GET_ORDERS) };
/// let orders = orders.timeout(std::time::Duration::from_secs(5)).await?;
/// # Ok(()) }
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! operation {
    ($builder:ident, $operation:ident => stream $(, $error:ty)?) => {
        $crate::operation!(@send $builder, send_stream, $crate::ByteStream $(, $error)?);
        $crate::operation!(@options $builder, $operation);
    };
    ($builder:ident, $operation:ident => events $item:ty $(, $error:ty)?) => {
        $crate::operation!(@send $builder, send_events, $crate::EventStream<$item> $(, $error)?);
        $crate::operation!(@options $builder, $operation);
    };
    ($builder:ident, $operation:ident => text_events $(, $error:ty)?) => {
        $crate::operation!(
            @send $builder, send_text_events, $crate::EventStream<::std::string::String> $(, $error)?
        );
        $crate::operation!(@options $builder, $operation);
    };
    ($builder:ident, $operation:ident => lines $item:ty $(, $error:ty)?) => {
        $crate::operation!(@send $builder, send_lines, $crate::JsonLines<$item> $(, $error)?);
        $crate::operation!(@options $builder, $operation);
    };
    ($builder:ident, $operation:ident => $success:ty $(, $error:ty)?) => {
        $crate::operation!(@send $builder, send, $success $(, $error)?);
        $crate::operation!(@options $builder, $operation);
    };
    (@send $builder:ident, $send:ident, $success:ty $(, $error:ty)?) => {
        impl $builder {
            /// Sends the request. Awaiting the builder does the same.
            ///
            /// # Errors
            ///
            /// Returns an [`Error`]($crate::Error) if the request fails; see [`Error::kind`]($crate::Error::kind).
            pub async fn send(
                self,
            ) -> ::core::result::Result<$crate::ResponseValue<$success>, $crate::Error$(<$error>)?>
            {
                self.call.$send().await
            }
        }

        impl ::core::future::IntoFuture for $builder {
            type Output =
                ::core::result::Result<$crate::ResponseValue<$success>, $crate::Error$(<$error>)?>;
            type IntoFuture = $crate::codegen::BoxFuture<Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                ::std::boxed::Box::pin(self.send())
            }
        }
    };
    (@options $builder:ident, $operation:ident) => {
        $crate::__answerable!($builder, $operation);

        impl $builder {
            /// Sets a header of this request. Overrides the header that the client would send.
            pub fn header(self, name: &str, value: &str) -> Self {
                Self { call: self.call.header(name, value) }
            }

            /// Sets the timeout of each attempt. Overrides the timeout of the client.
            pub fn timeout(self, limit: ::core::time::Duration) -> Self {
                Self { call: self.call.timeout(limit) }
            }

            /// Sets the timeout of the whole request, including all attempts and the delays between them.
            pub fn total_timeout(self, limit: ::core::time::Duration) -> Self {
                Self { call: self.call.total_timeout(limit) }
            }

            /// Sets how long a streaming response may send no data. Overrides the limit of the client.
            pub fn idle_timeout(self, limit: ::core::time::Duration) -> Self {
                Self { call: self.call.idle_timeout(limit) }
            }

            /// Sets how many bytes of the response are read into memory. Overrides the limit of the client.
            pub fn response_limit(self, bytes: usize) -> Self {
                Self { call: self.call.response_limit(bytes) }
            }

            /// Sets the retry policy of this request. Overrides the policy of the client.
            pub fn retry(self, policy: $crate::RetryPolicy) -> Self {
                Self { call: self.call.retry(policy) }
            }

            /// Sets `Idempotency-Key`, so that the request can be retried regardless of its method.
            pub fn idempotency_key(self, key: &str) -> Self {
                Self { call: self.call.idempotency_key(key) }
            }

            /// Overrides the Region, service or credentials used to sign this request.
            pub fn sign_options(self, options: $crate::SignOptions) -> Self {
                Self { call: self.call.sign_options(options) }
            }

            /// Sends this request without a signature.
            pub fn unsigned(self) -> Self {
                Self { call: self.call.unsigned() }
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
#[cfg(feature = "test")]
macro_rules! __answerable {
    ($builder:ident, $operation:ident) => {
        impl $crate::testing::Answerable for $builder {
            const OPERATION: &'static $crate::codegen::Operation = &$operation;
        }
    };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "test"))]
macro_rules! __answerable {
    ($builder:ident, $operation:ident) => {};
}
