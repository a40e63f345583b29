//! Whom a request is addressed to.

use http::Uri;
use reqwest::Url;

use crate::Error;

/// The part of a URL between the slashes.
#[derive(Debug)]
pub(crate) struct Address {
    /// The host alone, in lower case, in brackets if it is an IPv6 address.
    pub(crate) host: String,
    /// The host with its port, unless that is the scheme's own: what a client sends as `Host` or `:authority`.
    pub(crate) authority: String,
    has_userinfo: bool,
}

impl Address {
    /// `None` if the URL has no host.
    pub(crate) fn of_url(url: &Url) -> Option<Self> {
        let host = url.host_str().filter(|host| !host.is_empty())?;
        let has_userinfo = !url.username().is_empty() || url.password().is_some();
        Some(Self::new(host, url.port(), has_userinfo))
    }

    /// `None` if the URI is relative.
    pub(crate) fn of_uri(uri: &Uri) -> Option<Self> {
        let authority = uri.authority()?;
        let host = Some(authority.host()).filter(|host| !host.is_empty())?;
        let own_port = match uri.scheme_str() {
            Some("https" | "wss") => 443,
            _ => 80,
        };
        let port = authority.port_u16().filter(|port| *port != own_port);
        Some(Self::new(host, port, authority.as_str().contains('@')))
    }

    /// A client does not send a user name or password as part of the host, so they must not be signed either.
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
