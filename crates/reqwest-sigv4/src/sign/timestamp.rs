//! The time as signatures write it.

use std::fmt;
use std::time::SystemTime;

use time::OffsetDateTime;

/// `YYYYMMDDTHHMMSSZ`, the value of `x-amz-date`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timestamp([u8; 16]);

impl Timestamp {
    pub(crate) fn new(time: SystemTime) -> Self {
        let time = OffsetDateTime::from(time);
        let (hour, minute, second) = time.to_hms();
        let century = u8::try_from(time.year() / 100).unwrap_or_default();
        let year = u8::try_from(time.year() % 100).unwrap_or_default();

        // by hand rather than by `format!`: every request needs one
        let mut text = *b"00000000T000000Z";
        let numbers = [
            (0, century),
            (2, year),
            (4, time.month().into()),
            (6, time.day()),
            (9, hour),
            (11, minute),
            (13, second),
        ];
        for (at, number) in numbers {
            text[at] = b'0' + number / 10 % 10;
            text[at + 1] = b'0' + number % 10;
        }
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// `YYYYMMDD`, the day in the credential scope.
    pub(crate) fn day(&self) -> &str {
        self.as_str().split('T').next().unwrap_or_default()
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn days_months_and_seconds_have_their_zeros() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160);
        let stamp = Timestamp::new(time);
        assert_eq!(stamp.as_str(), "20150830T123600Z");
        assert_eq!(stamp.day(), "20150830");
        let epoch = Timestamp::new(SystemTime::UNIX_EPOCH);
        assert_eq!(epoch.as_str(), "19700101T000000Z");
    }
}
