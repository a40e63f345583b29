//! The host and port of a request.

use http::Uri;
use reqwest::Url;

use crate::Error;

/// The authority of a URL.
#[derive(Debug)]
pub(crate) struct Address {
    /// The host without port, in lower case. IPv6 addresses are in brackets.
    pub(crate) host: String,
    /// The host with its port, unless it is the scheme's default: what a client sends as `Host` or `:authority`.
    pub(crate) authority: String,
    has_userinfo: bool,
}

impl Address {
    /// Returns `None` if the URL has no host.
    pub(crate) fn of_url(url: &Url) -> Option<Self> {
        let host = url.host_str().filter(|host| !host.is_empty())?;
        let has_userinfo = !url.username().is_empty() || url.password().is_some();
        Some(Self::new(host, url.port(), has_userinfo))
    }

    /// Returns `None` if the URI is relative.
    pub(crate) fn of_uri(uri: &Uri) -> Option<Self> {
        let authority = uri.authority()?;
        let host = Some(authority.host()).filter(|host| !host.is_empty())?;
        let default_port = match uri.scheme_str() {
            Some("https" | "wss") => 443,
            _ => 80,
        };
        let port = authority.port_u16().filter(|port| *port != default_port);
        Some(Self::new(host, port, authority.as_str().contains('@')))
    }

    /// Rejects a user name or password: clients do not send them as part of the host, so they must not be signed.
    pub(crate) fn without_userinfo(self) -> Result<Self, Error> {
        if self.has_userinfo {
            Err(Error::Userinfo { host: self.host })
        } else {
            Ok(self)
        }
    }

    fn new(host: &str, port: Option<u16>, has_userinfo: bool) -> Self {
        Self {
            authority: match port {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            },
            host: host.to_ascii_lowercase(),
            has_userinfo,
        }
    }
}
