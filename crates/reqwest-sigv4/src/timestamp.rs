//! The time as signatures write it.

use std::fmt;
use std::time::SystemTime;

use time::OffsetDateTime;

/// `YYYYMMDDTHHMMSSZ`, the value of `x-amz-date`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Timestamp(String);

impl Timestamp {
    pub(crate) fn new(time: SystemTime) -> Self {
        let time = OffsetDateTime::from(time);
        let month = i32::from(u8::from(time.month()));
        let date = (time.year() * 100 + month) * 100 + i32::from(time.day());
        let (hour, minute, second) = time.to_hms();
        let clock = (u32::from(hour) * 100 + u32::from(minute)) * 100 + u32::from(second);
        Self(format!("{date:08}T{clock:06}Z"))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// `YYYYMMDD`, the day in the credential scope.
    pub(crate) fn day(&self) -> &str {
        self.0.split('T').next().unwrap_or_default()
    }
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
    fn days_months_and_seconds_have_their_zeros() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160);
        let stamp = Timestamp::new(time);
        assert_eq!(stamp.as_str(), "20150830T123600Z");
        assert_eq!(stamp.day(), "20150830");
        let epoch = Timestamp::new(SystemTime::UNIX_EPOCH);
        assert_eq!(epoch.as_str(), "19700101T000000Z");
    }
}
