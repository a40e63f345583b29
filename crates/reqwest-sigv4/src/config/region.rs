//! Region names.

use crate::Error;

/// Returns a Region name in lower case and without surrounding whitespace.
///
/// A Region name is a partition prefix, one or more words and a number (`eu-west-2`, `us-gov-east-1`). The service compares it
/// case-sensitively, so it would reject `EU-WEST-2`.
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

/// Returns whether `name` has the form of a Region name.
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
    fn regions_of_every_partition_are_accepted() {
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
    fn case_and_whitespace_are_normalised() {
        assert_eq!(normalise(" EU-West-2\n").unwrap(), "eu-west-2");
    }

    #[test]
    fn other_names_are_errors_that_show_the_name() {
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
