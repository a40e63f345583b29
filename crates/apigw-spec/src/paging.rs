//! The names by which paging is recognised: of fields of responses, and of query parameters.
//!
//! Case and separators are ignored: `next_token` and `NextToken` are the same name.

/// Names of token fields, and of the parameters that accept the token.
const TOKENS: [(&str, &[&str]); 9] = [
    ("nexttoken", &["nexttoken", "token", "pagetoken"]),
    ("nextpagetoken", &["nextpagetoken", "pagetoken"]),
    ("paginationtoken", &["paginationtoken"]),
    ("continuationtoken", &["continuationtoken"]),
    ("nextcontinuationtoken", &["continuationtoken"]),
    ("cursor", &["cursor"]),
    ("nextcursor", &["nextcursor", "cursor"]),
    ("nextmarker", &["marker"]),
    (
        "lastevaluatedkey",
        &[
            "lastevaluatedkey",
            "exclusivestartkey",
            "startkey",
            "lastkey",
        ],
    ),
];

const TOTALS: [&str; 3] = ["total", "totalcount", "totalitems"];

const PAGE_NUMBERS: [&str; 2] = ["page", "pagenumber"];

/// Returns whether a query parameter accepts the token of the next page from this field.
///
/// ```
/// use apigw_spec::paging::is_token;
///
/// assert!(is_token("nextToken", "page_token"));
/// assert!(!is_token("nextToken", "limit"));
/// ```
#[must_use]
pub fn is_token(field: &str, parameter: &str) -> bool {
    let (field, parameter) = (normalized(field), normalized(parameter));
    let mut tokens = TOKENS.iter();
    tokens.any(|(name, parameters)| field == *name && parameters.contains(&parameter.as_str()))
}

/// Returns whether a field has the number of all items by its name.
#[must_use]
pub fn is_total(field: &str) -> bool {
    TOTALS.contains(&normalized(field).as_str())
}

/// Returns whether a query parameter selects a page by its number.
#[must_use]
pub fn is_page_number(parameter: &str) -> bool {
    PAGE_NUMBERS.contains(&normalized(parameter).as_str())
}

fn normalized(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}
