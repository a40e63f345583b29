//! The time format of signatures.

use std::fmt;
use std::time::SystemTime;

use time::OffsetDateTime;

/// `YYYYMMDDTHHMMSSZ`, the value of `x-amz-date`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Timestamp(String);

impl Timestamp {
    pub(crate) fn new(time: SystemTime) -> Self {
        let time = OffsetDateTime::from(time);
        let (hour, minute, second) = time.to_hms();
        let century = u8::try_from(time.year() / 100).unwrap_or_default();
        let year = u8::try_from(time.year() % 100).unwrap_or_default();

        let mut text = String::with_capacity(16);
        for number in [century, year, time.month().into(), time.day()] {
            push(&mut text, number);
        }
        text.push('T');
        for number in [hour, minute, second] {
            push(&mut text, number);
        }
        text.push('Z');
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the day for the credential scope, `YYYYMMDD`.
    pub(crate) fn day(&self) -> &str {
        self.0.split('T').next().unwrap_or_default()
    }
}

/// Appends two digits. Faster than `format!`, and called for every request.
fn push(text: &mut String, number: u8) {
    text.push(char::from(b'0' + number / 10 % 10));
    text.push(char::from(b'0' + number % 10));
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn numbers_are_padded_with_zeros() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160);
        let stamp = Timestamp::new(time);
        assert_eq!(stamp.as_str(), "20150830T123600Z");
        assert_eq!(stamp.day(), "20150830");
        let epoch = Timestamp::new(SystemTime::UNIX_EPOCH);
        assert_eq!(epoch.as_str(), "19700101T000000Z");
    }
}
