//! Page after page of an operation.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::TryStreamExt as _;
use futures_util::stream::{self, Stream};
use serde::Serialize;

use crate::call::param;
use crate::{Call, DecodeError, Error, FromResponse, NoErrorBody, RawResponse, ResponseValue};

/// The pages of an operation, each fetched when it is taken.
///
/// Every page is a call of its own, with its own retries and time limits. The first error is the last item; what came before it is not lost.
///
/// The generator gives an operation that has pages these two methods:
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
#[must_use = "pages are fetched when they are taken"]
pub struct Pages<T, E = NoErrorBody>(Boxed<ResponseValue<T>, E>);

/// The items of all pages; a page is fetched when those of the one before are taken.
#[must_use = "items are fetched when they are taken"]
pub struct Items<I, E = NoErrorBody>(Boxed<I, E>);

type Boxed<T, E> = Pin<Box<dyn Stream<Item = Result<T, Error<E>>> + Send>>;

/// What a page says of the next one.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Option<String>);

impl Token {
    /// The token in a field of a page: a string or number as it is, an object (DynamoDB's `LastEvaluatedKey`) as JSON.
    /// Nothing, `null` and an empty string stand for the end.
    ///
    /// ```
    /// # use apigw_runtime::codegen::Token;
    /// assert_eq!(Token::of(&Some("n")), Token::of(&"n"));
    /// assert_eq!(Token::of(&None::<String>), Token::of(&""));
    /// ```
    pub fn of(field: &impl Serialize) -> Self {
        let text = match serde_json::to_value(field) {
            Ok(serde_json::Value::String(text)) => text,
            Ok(serde_json::Value::Null) | Err(_) => String::new(), // what was read from JSON can be written as JSON
            Ok(value) => value.to_string(),
        };
        Self(Some(text).filter(|text| !text.is_empty()))
    }
}

impl fmt::Debug for Token {
    /// Shows only whether there is a token: some hold data of the one who asked.
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
    /// Pages of which each names the token of the next one, which goes into the query as `parameter`.
    ///
    /// The end is a page without a token. A page that names the token that it was itself asked for is followed by an error of the kind
    /// [`Decode`](crate::ErrorKind::Decode): it would never end.
    pub fn by_token(call: Call, parameter: &'static str, token: fn(&T) -> Token) -> Self {
        let last = param::find(&call.query, parameter);
        Self::new(call, parameter, Turn::Token { token, last })
    }

    /// Pages that are numbered, the first one with `first` unless the call sets another; the number goes into the query as `parameter`.
    ///
    /// `progress` tells how many items a page has, and how many there are in all pages, if it says so.
    /// The end is the page with the last item, or one without items.
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
        let turn = Turn::Number {
            progress,
            number: chosen.unwrap_or(first),
            seen: 0,
        };
        Self::new(call, parameter, turn)
    }

    fn new(call: Call, parameter: &'static str, turn: Turn<T>) -> Self {
        let walk = Walk {
            call,
            parameter,
            turn,
            endless: None,
        };
        Self(Box::pin(stream::unfold(Some(walk), async |walk| {
            walk?.page().await
        })))
    }

    /// The items of the pages, one after the other.
    pub fn items<I: Send + 'static>(self, items: fn(T) -> Vec<I>) -> Items<I, E> {
        let pages = self.0.map_ok(move |page| {
            let items = items(page.into_inner());
            stream::iter(items.into_iter().map(Ok))
        });
        Items(Box::pin(pages.try_flatten()))
    }
}

/// A way through the pages.
struct Walk<T> {
    call: Call,
    parameter: &'static str,
    turn: Turn<T>,
    /// The page that names itself as the next one.
    endless: Option<RawResponse>,
}

enum Turn<T> {
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

/// What follows a page.
enum Next {
    Page(String),
    Nothing,
    Itself,
}

impl<T: FromResponse> Walk<T> {
    /// A page, and the way from there.
    async fn page<E: FromResponse>(
        mut self,
    ) -> Option<(Result<ResponseValue<T>, Error<E>>, Option<Self>)> {
        if let Some(response) = self.endless {
            let error = DecodeError::same_token();
            let error = Error::decode(self.call.info(), error, response);
            return Some((Err(error.cast()), None));
        }
        let page = match self.call.send().await {
            Ok(page) => page,
            Err(error) => return Some((Err(error), None)),
        };
        let rest = match self.turn.after(&page) {
            Next::Page(value) => {
                self.call.set_query(self.parameter, &value);
                Some(self)
            }
            Next::Nothing => None,
            Next::Itself => {
                self.endless = Some(page.head().clone());
                Some(self)
            }
        };
        Some((Ok(page), rest))
    }
}

impl<T> Turn<T> {
    fn after(&mut self, page: &T) -> Next {
        match self {
            Self::Token { token, last } => match token(page).0 {
                None => Next::Nothing,
                Some(token) if last.as_ref() == Some(&token) => Next::Itself,
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
                    return Next::Nothing;
                }
                *number = number.saturating_add(1);
                Next::Page(number.to_string())
            }
        }
    }
}

/// What both streams offer, so that nobody needs a trait for it.
macro_rules! taken_one_by_one {
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
            /// The first one; what came before it is lost. Take one by one to keep it.
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

taken_one_by_one!(
    Pages,
    ResponseValue<T>,
    "The next page, or `None` after the last one. After an error there is no further page.",
    "All pages."
);
taken_one_by_one!(
    Items,
    T,
    "The next item, or `None` after the last one. After an error there is no further item.",
    "All items of all pages."
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_text_in_a_query() {
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
