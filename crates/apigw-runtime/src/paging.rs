//! Pagination.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::TryStreamExt as _;
use futures_util::stream::{self, Stream};
use serde::Serialize;

use crate::call::param;
use crate::{Call, DecodeError, Error, FromResponse, NoErrorBody, RawResponse, ResponseValue};

/// A stream of the pages of an operation. Each page is fetched when it is needed.
///
/// Every page is a separate request, with its own retries and timeouts. The stream ends after the first error.
///
/// The generator adds these two methods to paginated operations:
///
/// ```
/// # use apigw_runtime::{Call, FromResponse, NoErrorBody};
/// # #[derive(serde::Deserialize)] pub struct Order;
/// # #[derive(serde::Deserialize)] pub struct OrderPage { items: Vec<Order>, next_token: Option<String> }
/// # pub struct GetOrders { call: Call }
/// use apigw_runtime::codegen::Token;
/// use apigw_runtime::{Items, Pages};
///
/// impl GetOrders {
///     pub fn pages(self) -> Pages<OrderPage, NoErrorBody> {
///         Pages::by_token(self.call, "nextToken", |page| Token::of(&page.next_token))
///     }
///
///     pub fn stream(self) -> Items<Order, NoErrorBody> {
///         self.pages().items(|page| page.items)
///     }
/// }
///
/// # async fn example(orders: GetOrders) -> Result<(), apigw_runtime::Error> {
/// let mut orders = orders.stream();
/// while let Some(order) = orders.next().await {
///     let order = order?;
/// }
/// # Ok(()) }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Pages<T, E = NoErrorBody>(Boxed<ResponseValue<T>, E>);

/// A stream of the items of all pages. Each page is fetched when it is needed.
#[must_use = "streams do nothing unless polled"]
pub struct Items<I, E = NoErrorBody>(Boxed<I, E>);

type Boxed<T, E> = Pin<Box<dyn Stream<Item = Result<T, Error<E>>> + Send>>;

/// The token of the next page, or the end of the pages.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Option<String>);

impl Token {
    /// Reads the token from a field of a page. An object (DynamoDB's `LastEvaluatedKey`) becomes JSON.
    ///
    /// `None`, `null` and an empty string mark the last page.
    ///
    /// ```
    /// # use apigw_runtime::codegen::Token;
    /// assert_eq!(Token::of(&Some("n")), Token::of(&"n"));
    /// assert_eq!(Token::of(&None::<String>), Token::of(&""));
    /// ```
    pub fn of(field: &impl Serialize) -> Self {
        let text = match serde_json::to_value(field) {
            Ok(serde_json::Value::String(text)) => text,
            Ok(serde_json::Value::Null) | Err(_) => String::new(), // a field read from JSON can be serialized as JSON
            Ok(value) => value.to_string(),
        };
        Self(Some(text).filter(|text| !text.is_empty()))
    }
}

impl fmt::Debug for Token {
    /// Omits the token, because it may contain confidential data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Some(_) => "Token",
            None => "Token(end)",
        })
    }
}

impl<T, E> Pages<T, E>
where
    T: FromResponse + Send + 'static,
    E: FromResponse + Send + 'static,
{
    /// Creates a stream of pages that contain the token of the next page. The token is sent as the query parameter `parameter`.
    ///
    /// The page without a token is the last one. If a page returns the token that it was requested with, the stream ends with an
    /// error of kind [`Decode`](crate::ErrorKind::Decode), because it would never end otherwise.
    pub fn by_token(call: Call, parameter: &'static str, token: fn(&T) -> Token) -> Self {
        let last = param::find(&call.query, parameter);
        Self::new(call, parameter, Cursor::Token { token, last })
    }

    /// Creates a stream of numbered pages. The number is sent as the query parameter `parameter`; it starts with `first`, unless
    /// the request already sets it.
    ///
    /// `progress` returns the number of items on a page, and the total number of items if the page contains it. The stream ends
    /// after the last item, or after a page without items.
    ///
    /// ```
    /// # use apigw_runtime::{Call, Pages};
    /// # #[derive(serde::Deserialize)] pub struct OrderPage { items: Vec<u8>, total: i64 }
    /// # fn example(call: Call) -> Pages<OrderPage> {
    /// Pages::by_number(call, "page", 1, |page| (page.items.len(), Some(page.total)))
    /// # }
    /// ```
    pub fn by_number(
        call: Call,
        parameter: &'static str,
        first: i64,
        progress: fn(&T) -> (usize, Option<i64>),
    ) -> Self {
        let chosen = param::find(&call.query, parameter).and_then(|text| text.parse().ok());
        let cursor = Cursor::Number {
            progress,
            number: chosen.unwrap_or(first),
            seen: 0,
        };
        Self::new(call, parameter, cursor)
    }

    fn new(call: Call, parameter: &'static str, cursor: Cursor<T>) -> Self {
        let pager = Pager {
            call,
            parameter,
            cursor,
            repeated: None,
        };
        Self(Box::pin(stream::unfold(Some(pager), async |pager| {
            pager?.page().await
        })))
    }

    /// Converts the pages into a stream of their items.
    pub fn items<I: Send + 'static>(self, items: fn(T) -> Vec<I>) -> Items<I, E> {
        let pages = self.0.map_ok(move |page| {
            let items = items(page.into_inner());
            stream::iter(items.into_iter().map(Ok))
        });
        Items(Box::pin(pages.try_flatten()))
    }
}

/// Fetches one page after another.
struct Pager<T> {
    call: Call,
    parameter: &'static str,
    cursor: Cursor<T>,
    /// The page that returned the token it was requested with.
    repeated: Option<RawResponse>,
}

/// The position in the pages.
enum Cursor<T> {
    Token {
        token: fn(&T) -> Token,
        last: Option<String>,
    },
    Number {
        progress: fn(&T) -> (usize, Option<i64>),
        number: i64,
        seen: i64,
    },
}

/// The next page.
enum Next {
    Page(String),
    End,
    /// The page that was just fetched.
    Same,
}

impl<T: FromResponse> Pager<T> {
    /// Fetches a page. Also returns the pager for the following pages, if any.
    async fn page<E: FromResponse>(
        mut self,
    ) -> Option<(Result<ResponseValue<T>, Error<E>>, Option<Self>)> {
        if let Some(response) = self.repeated {
            let error = DecodeError::same_token();
            let error = Error::decode(self.call.info(), error, response);
            return Some((Err(error.cast()), None));
        }
        let page = match self.call.send().await {
            Ok(page) => page,
            Err(error) => return Some((Err(error), None)),
        };
        let rest = match self.cursor.advance(&page) {
            Next::Page(value) => {
                self.call.set_query(self.parameter, &value);
                Some(self)
            }
            Next::End => None,
            Next::Same => {
                self.repeated = Some(page.head().clone());
                Some(self)
            }
        };
        Some((Ok(page), rest))
    }
}

impl<T> Cursor<T> {
    fn advance(&mut self, page: &T) -> Next {
        match self {
            Self::Token { token, last } => match token(page).0 {
                None => Next::End,
                Some(token) if last.as_ref() == Some(&token) => Next::Same,
                Some(token) => {
                    *last = Some(token.clone());
                    Next::Page(token)
                }
            },
            Self::Number {
                progress,
                number,
                seen,
            } => {
                let (items, total) = progress(page);
                *seen = seen.saturating_add_unsigned(items as u64);
                if items == 0 || total.is_some_and(|total| *seen >= total) {
                    return Next::End;
                }
                *number = number.saturating_add(1);
                Next::Page(number.to_string())
            }
        }
    }
}

/// Implements the methods of both streams. They are inherent, so that callers need no `StreamExt`.
macro_rules! stream_methods {
    ($stream:ident, $item:ty, $one:literal, $all:literal) => {
        impl<T, E> $stream<T, E> {
            #[doc = $one]
            pub async fn next(&mut self) -> Option<Result<$item, Error<E>>> {
                poll_fn(|context| self.0.as_mut().poll_next(context)).await
            }

            #[doc = $all]
            ///
            /// # Errors
            ///
            /// Returns the first error. The results before it are dropped; call [`next`](Self::next) repeatedly to keep them.
            pub async fn collect(self) -> Result<Vec<$item>, Error<E>> {
                self.0.try_collect().await
            }
        }

        impl<T, E> Stream for $stream<T, E> {
            type Item = Result<$item, Error<E>>;

            fn poll_next(
                mut self: Pin<&mut Self>,
                context: &mut Context<'_>,
            ) -> Poll<Option<Self::Item>> {
                self.0.as_mut().poll_next(context)
            }
        }

        impl<T, E> fmt::Debug for $stream<T, E> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($stream))
            }
        }
    };
}

stream_methods!(
    Pages,
    ResponseValue<T>,
    "Returns the next page, or `None` after the last page or an error.",
    "Collects all pages."
);
stream_methods!(
    Items,
    T,
    "Returns the next item, or `None` after the last item or an error.",
    "Collects the items of all pages."
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_encoded_as_strings() {
        assert_eq!(Token::of(&"a b").0.unwrap(), "a b");
        assert_eq!(Token::of(&Some(7)).0.unwrap(), "7");
        assert_eq!(Token::of(&"").0, None);
        assert_eq!(Token::of(&None::<&str>).0, None);
        let key = serde_json::json!({ "id": { "S": "o-1" } });
        assert_eq!(Token::of(&key).0.unwrap(), r#"{"id":{"S":"o-1"}}"#);
    }

    #[test]
    fn debug_does_not_show_the_token() {
        assert_eq!(format!("{:?}", Token::of(&"user-1")), "Token");
    }
}
