//! String enums with a variant for unknown values.

/// Declares a string enum with a variant for each value in the spec, and `Unknown` for all others.
///
/// Services add enum values over time; existing clients must still decode their responses.
///
/// ```
/// apigw_runtime::open_enum! {
///     /// The status of an order.
///     pub enum OrderStatus { Open = "OPEN", Shipped = "SHIPPED" }
/// }
///
/// assert_eq!(serde_json::from_str::<OrderStatus>("\"OPEN\"")?, OrderStatus::Open);
/// assert_eq!(OrderStatus::from("LOST"), OrderStatus::Unknown("LOST".to_owned()));
/// assert_eq!(OrderStatus::Shipped.to_string(), "SHIPPED");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! open_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($variant:ident = $wire:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(
                #[doc = ::core::concat!("`", $wire, "`")]
                $variant,
            )*
            /// A value that the spec does not define.
            Unknown(::std::string::String),
        }

        #[allow(deprecated)]
        impl $name {
            /// Returns the value as it is serialized.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $wire,)*
                    Self::Unknown(value) => value,
                }
            }
        }

        #[allow(deprecated)]
        impl ::core::convert::From<&str> for $name {
            fn from(value: &str) -> Self {
                match value {
                    $($wire => Self::$variant,)*
                    _ => Self::Unknown(::std::borrow::ToOwned::to_owned(value)),
                }
            }
        }

        #[allow(deprecated)]
        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        #[allow(deprecated)]
        impl $crate::codegen::serde::Serialize for $name {
            fn serialize<S: $crate::codegen::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        #[allow(deprecated)]
        impl<'de> $crate::codegen::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::codegen::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                <::std::string::String as $crate::codegen::serde::Deserialize>::deserialize(deserializer)
                    .map(|value| Self::from(value.as_str()))
            }
        }
    };
}
