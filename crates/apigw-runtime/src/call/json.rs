//! Encodes values as JSON.

use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

/// The largest integer up to which an `f64` holds every integer: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Serializes a value as JSON. An integral `f64` is written as `600` and not as `600.0`: that is how
/// most services send it, and both are the same number (RFC 8259 §6).
pub(crate) fn to_vec<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<Vec<u8>> {
    let mut json = Vec::with_capacity(128);
    value.serialize(&mut Serializer::with_formatter(&mut json, Integral))?;
    Ok(json)
}

struct Integral;

impl Formatter for Integral {
    fn write_f32<W: ?Sized + io::Write>(&mut self, to: &mut W, value: f32) -> io::Result<()> {
        match integer(value.into()) {
            Some(integer) => CompactFormatter.write_i64(to, integer),
            None => CompactFormatter.write_f32(to, value),
        }
    }

    fn write_f64<W: ?Sized + io::Write>(&mut self, to: &mut W, value: f64) -> io::Result<()> {
        match integer(value) {
            Some(integer) => CompactFormatter.write_i64(to, integer),
            None => CompactFormatter.write_f64(to, value),
        }
    }
}

/// Returns the integer that a number equals. `-0.0` equals none, since JSON can keep its sign.
fn integer(value: f64) -> Option<i64> {
    let is_exact = value.fract() == 0.0 && value.abs() <= EXACT;
    #[expect(clippy::cast_possible_truncation, reason = "exact, as just checked")]
    (is_exact && !(value == 0.0 && value.is_sign_negative())).then_some(value as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_value_and_integers_have_no_fraction() {
        for (value, json) in [
            (600.0_f64, "600"),
            (-1.0, "-1"),
            (0.0, "0"),
            (-0.0, "-0.0"),
            (25_676_536.560_058_594, "25676536.560058594"),
            (0.1, "0.1"),
            (1e300, "1e+300"),
            (9_007_199_254_740_992.0, "9007199254740992"),
        ] {
            let written = String::from_utf8(to_vec(&value).unwrap()).unwrap();
            assert_eq!(written, json);
            let read: f64 = serde_json::from_str(&written).unwrap();
            assert!(read.to_bits() == value.to_bits(), "{written}");
        }
    }

    #[test]
    fn everything_else_is_written_as_usual() {
        let value = serde_json::json!({ "a": [1, null, "x\"", true], "b": { "c": 1.5 } });
        let written = to_vec(&value).unwrap();
        assert_eq!(serde_json::to_vec(&value).unwrap(), written);
    }
}
