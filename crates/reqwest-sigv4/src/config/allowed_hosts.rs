//! The hosts that requests are signed for.

/// The hosts that requests are signed for. An empty list allows every host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AllowedHosts(Vec<String>);

impl AllowedHosts {
    /// Allows a host, or, after `*.`, every host below it.
    pub(crate) fn allow(&mut self, host: &str) {
        self.0.push(host.trim_end_matches('.').to_ascii_lowercase());
    }

    pub(crate) fn contains(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        self.0.is_empty()
            || self
                .0
                .iter()
                .any(|allowed| match allowed.strip_prefix('*') {
                    Some(parent) => host.ends_with(parent),
                    None => host == *allowed,
                })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowing(hosts: &[&str]) -> AllowedHosts {
        let mut allowed = AllowedHosts::default();
        hosts.iter().for_each(|host| allowed.allow(host));
        allowed
    }

    #[test]
    fn an_empty_list_allows_every_host() {
        assert!(allowing(&[]).contains("anything.example"));
    }

    #[test]
    fn a_name_allows_one_host_and_a_wildcard_all_below() {
        let allowed = allowing(&["API.example.com", "*.example.org"]);
        for host in [
            "api.example.com",
            "Api.Example.com.",
            "a.example.org",
            "a.b.example.org",
        ] {
            assert!(allowed.contains(host), "{host}");
        }
        for host in [
            "example.com",
            "x.api.example.com",
            "example.org",
            "badexample.org",
            "api.example.com.evil.example",
        ] {
            assert!(!allowed.contains(host), "{host}");
        }
    }
}
