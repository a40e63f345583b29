//! A point in time.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::str::FromStr;

use chrono::{NaiveDateTime, SecondsFormat, TimeZone, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time: the type of `format: date-time`.
///
/// Dereferences to [`chrono::DateTime<Utc>`]. Two values are equal if they are the same instant.
///
/// A value that was received is sent back exactly as it came, with its offset and its digits. Values
/// made from `chrono` are sent in RFC 3339 with `Z`.
///
/// The format requires an offset (RFC 3339 §5.6), but many services send none: `datetime.isoformat()`
/// in Python writes `2024-01-01T00:00:00`. Such a value is read as UTC, the time zone of Lambda
/// functions. Offsets without a colon (`+0000`) and a space instead of the `T` are read, too. To read
/// other forms, map the format to another type in `apis.toml`.
///
/// ```
/// use apigw_runtime::DateTime;
/// use apigw_runtime::chrono::Datelike;
///
/// let placed: DateTime = "2024-01-31T23:30:00-05:00".parse()?;
/// assert_eq!(placed.day(), 1); // in UTC
/// assert_eq!(placed.to_string(), "2024-01-31T23:30:00-05:00");
///
/// let without_offset: DateTime = "2024-02-01T04:30:00".parse()?;
/// assert_eq!(placed, without_offset);
/// # Ok::<(), apigw_runtime::chrono::ParseError>(())
/// ```
#[derive(Clone)]
pub struct DateTime {
    instant: chrono::DateTime<Utc>,
    /// As it was received.
    text: Option<Box<str>>,
}

impl<Tz: TimeZone> From<chrono::DateTime<Tz>> for DateTime {
    fn from(instant: chrono::DateTime<Tz>) -> Self {
        Self {
            instant: instant.with_timezone(&Utc),
            text: None,
        }
    }
}

impl From<DateTime> for chrono::DateTime<Utc> {
    fn from(of: DateTime) -> Self {
        of.instant
    }
}

impl FromStr for DateTime {
    type Err = chrono::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self {
            instant: parse(text)?,
            text: Some(text.into()),
        })
    }
}

fn parse(text: &str) -> Result<chrono::DateTime<Utc>, chrono::ParseError> {
    let strict = chrono::DateTime::parse_from_rfc3339(text);
    let strict = match strict {
        Ok(found) => return Ok(found.to_utc()),
        Err(error) => error,
    };
    let spaced = text.replacen(' ', "T", 1);
    let lenient = NaiveDateTime::parse_from_str(&spaced, "%Y-%m-%dT%H:%M:%S%.f");
    if let Ok(found) = lenient {
        return Ok(found.and_utc());
    }
    let offset = chrono::DateTime::parse_from_str(&spaced, "%Y-%m-%dT%H:%M:%S%.f%#z");
    offset.map(|found| found.to_utc()).map_err(|_| strict)
}

impl Deref for DateTime {
    type Target = chrono::DateTime<Utc>;

    fn deref(&self) -> &chrono::DateTime<Utc> {
        &self.instant
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.text {
            Some(text) => f.write_str(text),
            None => f.write_str(&self.instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        }
    }
}

impl fmt::Debug for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for DateTime {
    fn eq(&self, other: &Self) -> bool {
        self.instant == other.instant
    }
}

impl Eq for DateTime {}

impl PartialEq<chrono::DateTime<Utc>> for DateTime {
    fn eq(&self, other: &chrono::DateTime<Utc>) -> bool {
        self.instant == *other
    }
}

impl PartialOrd for DateTime {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for DateTime {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.instant.cmp(&other.instant)
    }
}

impl Hash for DateTime {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.instant.hash(state);
    }
}

impl Serialize for DateTime {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DateTime {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(from)?;
        text.parse().map_err(|error| {
            D::Error::custom(format_args!(
                "`{text}` is not a date and time ({error}); if the service sends this form, map the \
                 format `date-time` to `String` in apis.toml"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_that_services_send_are_read_and_sent_back_unchanged() {
        let utc = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap().to_utc();
        for (text, instant) in [
            ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
            ("2024-01-01T00:00:00.000Z", "2024-01-01T00:00:00Z"),
            ("2024-01-01T02:00:00.5+02:00", "2024-01-01T00:00:00.5Z"),
            ("2024-01-01T00:00:00", "2024-01-01T00:00:00Z"),
            ("2024-01-01T00:00:00.123456", "2024-01-01T00:00:00.123456Z"),
            ("2024-01-01 00:00:00", "2024-01-01T00:00:00Z"),
            ("2024-01-01T01:00:00+0100", "2024-01-01T00:00:00Z"),
            ("2024-01-01 01:00:00.25+01", "2024-01-01T00:00:00.25Z"),
        ] {
            let json = format!("\"{text}\"");
            let read: DateTime = serde_json::from_str(&json).unwrap();
            assert_eq!(read, utc(instant), "{text}");
            assert_eq!(serde_json::to_string(&read).unwrap(), json);
        }
    }

    #[test]
    fn other_text_is_an_error_that_names_the_remedy() {
        for text in [
            "",
            "2024-01-01",
            "yesterday",
            "2024-13-01T00:00:00Z",
            "12:00:00",
        ] {
            let error = serde_json::from_str::<DateTime>(&format!("\"{text}\"")).unwrap_err();
            assert!(error.to_string().contains("apis.toml"), "{error}");
        }
    }

    #[test]
    fn a_time_from_chrono_is_sent_in_utc() {
        let made = chrono::DateTime::parse_from_rfc3339("2024-01-01T01:00:00+01:00").unwrap();
        assert_eq!(DateTime::from(made).to_string(), "2024-01-01T00:00:00Z");
    }
}
