//! Parses text from the command line.

use http::{HeaderName, HeaderValue, Method};
use reqwest::Url;

use super::{Arguments, CallError};

impl Arguments {
    /// Sets the HTTP method. Lowercase is converted to uppercase.
    ///
    /// # Errors
    ///
    /// Returns [`CallError::Method`] if `text` is not an HTTP method.
    pub fn set_method(&mut self, text: &str) -> Result<(), CallError> {
        let method = Method::from_bytes(text.to_uppercase().as_bytes());
        self.method = Some(method.map_err(|_| CallError::Method {
            problem: format!("{text:?} is not an HTTP method"),
            remedy: "use GET, POST or another".to_owned(),
        })?);
        Ok(())
    }

    /// Adds a parameter from `name=value`.
    ///
    /// # Errors
    ///
    /// Returns [`CallError::Input`] if `text` contains no `=`.
    ///
    /// ```
    /// use apigw_remote::call::Arguments;
    ///
    /// let mut arguments = Arguments::default();
    /// arguments.add_parameter("filter=a=b")?;
    /// assert_eq!(arguments.parameters, [("filter".to_owned(), "a=b".to_owned())]);
    /// # Ok::<(), apigw_remote::call::CallError>(())
    /// ```
    pub fn add_parameter(&mut self, text: &str) -> Result<(), CallError> {
        let (name, value) = text.split_once('=').ok_or_else(|| CallError::Input {
            problem: format!("{text:?} has no value"),
            remedy: "use --param name=value".to_owned(),
        })?;
        self.parameters.push((name.to_owned(), value.to_owned()));
        Ok(())
    }

    /// Adds a header from `name: value`. The values of headers with secrets are marked as sensitive.
    ///
    /// # Errors
    ///
    /// Returns [`CallError::Input`] if `text` is not a valid header. The error contains only the
    /// name, since the value may be a secret.
    ///
    /// ```
    /// use apigw_remote::call::Arguments;
    ///
    /// let mut arguments = Arguments::default();
    /// arguments.add_header("Authorization: Bearer abc")?;
    /// assert!(arguments.headers["authorization"].is_sensitive());
    ///
    /// let error = arguments.add_header("authorization").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the header \"authorization\" is invalid: use --header 'name: value'",
    /// );
    /// # Ok::<(), apigw_remote::call::CallError>(())
    /// ```
    pub fn add_header(&mut self, text: &str) -> Result<(), CallError> {
        let (name, value) = parse_header(text).ok_or_else(|| {
            let name = text.split(':').next().unwrap_or_default();
            CallError::Input {
                problem: format!("the header {name:?} is invalid"),
                remedy: "use --header 'name: value'".to_owned(),
            }
        })?;
        self.headers.append(name, value);
        Ok(())
    }
}

fn parse_header(text: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = text.split_once(':')?;
    let name: HeaderName = name.trim().parse().ok()?;
    let mut value = HeaderValue::from_str(value.trim()).ok()?;
    value.set_sensitive(reqwest_sigv4::is_secret_header(name.as_str()));
    Some((name, value))
}

/// Parses an absolute URL with a host.
///
/// # Errors
///
/// Returns [`CallError::Input`] if `text` is not such a URL.
pub fn parse_url(text: &str) -> Result<Url, CallError> {
    let url = Url::parse(text).ok().filter(Url::has_host);
    url.ok_or_else(|| CallError::Input {
        problem: format!("{text:?} is not a URL"),
        remedy: "use one that starts with https://".to_owned(),
    })
}
