//! The setters that every operation builder has, written once.

/// Gives an operation builder (a struct with a field `call`) the setters that all of them share:
/// `header`, `timeout`, `total_timeout`, `response_limit`, `retry`, `idempotency_key`, `sign_options` and `unsigned`.
///
/// The static with its [`Operation`](crate::Operation), given as well, lets a test answer for it: see the module `testing` of the feature `test`.
///
/// ```
/// use apigw_runtime::{Auth, Call, Client, Method, Operation, call_options};
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
/// call_options!(GetOrders);
///
/// # fn example(client: &Client) {
/// let orders = GetOrders { call: Call::new(client, &GET_ORDERS) };
/// orders.header("X-Trace", "1").timeout(std::time::Duration::from_secs(5));
/// # }
/// ```
#[macro_export]
macro_rules! call_options {
    ($builder:ident, $operation:ident) => {
        $crate::call_options!($builder);
        $crate::__answerable!($builder, $operation);
    };
    ($builder:ident) => {
        impl $builder {
            /// Sets a header of this request, in place of one that the client would send.
            pub fn header(mut self, name: &str, value: &str) -> Self {
                self.call.header(name, value);
                self
            }

            /// Limits the time of each attempt, in place of the client's limit.
            pub fn timeout(mut self, limit: ::core::time::Duration) -> Self {
                self.call.timeout(limit);
                self
            }

            /// Limits the time of this call in all, with every attempt and the pauses between them.
            pub fn total_timeout(mut self, limit: ::core::time::Duration) -> Self {
                self.call.total_timeout(limit);
                self
            }

            /// Limits how many bytes of the response are read into memory, in place of the client's limit.
            pub fn response_limit(mut self, bytes: usize) -> Self {
                self.call.response_limit(bytes);
                self
            }

            /// Tries this call again by this policy, in place of the client's.
            pub fn retry(mut self, policy: $crate::RetryPolicy) -> Self {
                self.call.retry(policy);
                self
            }

            /// Sets `Idempotency-Key`, so that the call may be tried again whatever its method.
            pub fn idempotency_key(mut self, key: &str) -> Self {
                self.call.idempotency_key(key);
                self
            }

            /// Chooses Region, service or credentials for this request alone.
            pub fn sign_options(mut self, options: $crate::SignOptions) -> Self {
                self.call.sign_options(options);
                self
            }

            /// Sends this request without a signature.
            pub fn unsigned(mut self) -> Self {
                self.call.unsigned();
                self
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
            const OPERATION: &'static $crate::Operation = &$operation;
        }
    };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "test"))]
macro_rules! __answerable {
    ($builder:ident, $operation:ident) => {};
}
