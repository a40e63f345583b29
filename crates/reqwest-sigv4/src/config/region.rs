//! The spelling of a Region's name.

use crate::Error;

/// The name in lower case and without surrounding blanks, or an error if it cannot be a Region's name.
///
/// A Region's name is a partition prefix, one or more words and a number (`eu-west-2`, `us-gov-east-1`). The signature covers it
/// letter by letter, so `EU-WEST-2` would be refused by the service.
pub(crate) fn normalise(region: &str) -> Result<String, Error> {
    let name = region.trim().to_ascii_lowercase();
    if is_region(&name) {
        Ok(name)
    } else {
        Err(Error::InvalidRegion {
            region: region.to_owned(),
        })
    }
}

/// Whether `name` is spelt like a Region's name.
pub(crate) fn is_region(name: &str) -> bool {
    let Some((words, number)) = name.rsplit_once('-') else {
        return false;
    };
    !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
        && words.contains('-')
        && words
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partition_is_spelt_like_a_region() {
        for name in [
            "us-east-1",
            "ap-southeast-12",
            "us-gov-west-1",
            "cn-northwest-1",
            "us-iso-east-1",
            "us-isob-east-1",
            "eu-isoe-west-1",
            "eusc-de-east-1",
        ] {
            assert_eq!(normalise(name).unwrap(), name);
        }
    }

    #[test]
    fn capitals_and_blanks_are_mended() {
        assert_eq!(normalise(" EU-West-2\n").unwrap(), "eu-west-2");
    }

    #[test]
    fn anything_else_is_an_error_that_shows_what_was_given() {
        for name in [
            "",
            " ",
            "ireland",
            "eu-west",
            "eu_west_1",
            "eu-west-",
            "eu--1",
            "1-1-1",
            "eu-west-1a",
            "*",
        ] {
            let error = normalise(name).unwrap_err();
            assert!(error.to_string().contains(&format!("{name:?}")), "{error}");
        }
    }
}
