//! The timestamp format of Signature Version 4.

use std::time::SystemTime;

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::clock::clamp;

/// The format of `X-Amz-Date`: ISO 8601 basic format, always UTC.
const AMZ_DATE: &str = "%Y%m%dT%H%M%SZ";

/// Formats a time as `20261122T120000Z`.
pub(crate) fn amz_date(time: SystemTime) -> String {
    DateTime::<Utc>::from(clamp(time))
        .format(AMZ_DATE)
        .to_string()
}

/// Parses a time in the format `20261122T120000Z`, the only one in Signature Version 4.
pub(crate) fn parse_amz_date(text: &str) -> Option<SystemTime> {
    let digits = |range| {
        text.get(range)
            .is_some_and(|part: &str| part.bytes().all(|b| b.is_ascii_digit()))
    };
    if text.len() != 16 || !digits(0..8) || !digits(9..15) {
        return None;
    }
    let time = NaiveDateTime::parse_from_str(text, AMZ_DATE).ok()?;
    Some(SystemTime::from(time.and_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn timestamps_are_parsed_and_formatted() {
        let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_348_800);
        assert_eq!(amz_date(noon), "20261122T120000Z");
        assert_eq!(parse_amz_date("20261122T120000Z"), Some(noon));
    }

    #[test]
    fn other_date_formats_are_rejected() {
        for text in [
            "",
            "2026-11-22T12:00:00Z",
            "20261122T120000",
            "20261122T120000+",
            "20261322T120000Z",
            "+0261122T120000Z",
            "20261122T12000éZ",
        ] {
            assert_eq!(parse_amz_date(text), None, "{text}");
        }
    }
}
