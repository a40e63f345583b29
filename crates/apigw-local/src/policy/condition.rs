//! Conditions of statements.

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;

use super::Question;
use super::document::strings;
use super::wildcard::Pattern;

/// The operators that are supported, by key.
const SUPPORTED: &str = "IpAddress and NotIpAddress for aws:SourceIp; StringEquals, StringLike, ArnEquals, ArnLike, \
    StringEqualsIgnoreCase and their negations (StringNotEquals …) for aws:PrincipalArn";

/// A condition: one operator, one key, and values of which one has to match.
#[derive(Debug)]
pub(super) struct Condition {
    is_negated: bool,
    test: Test,
}

#[derive(Debug)]
enum Test {
    SourceIp(Vec<IpNet>),
    PrincipalArn(Vec<Text>),
}

#[derive(Debug)]
enum Text {
    Equals(String),
    EqualsIgnoreCase(String),
    Like(Pattern),
    /// The six parts of an ARN, each with wildcards.
    Arn(Vec<Pattern>),
}

impl Condition {
    /// Reads `{ "IpAddress": { "aws:SourceIp": ["192.0.2.0/24"] } }`.
    ///
    /// Both keys are in every request, so the suffix `IfExists` makes no difference.
    pub(super) fn read(condition: &Value) -> Result<Vec<Self>, String> {
        let operators = condition
            .as_object()
            .ok_or("Condition must be an object of operators")?;
        let mut conditions = Vec::new();
        for (operator, keys) in operators {
            let keys = keys
                .as_object()
                .ok_or_else(|| format!("{operator} in Condition must be an object of keys"))?;
            for (key, values) in keys {
                let values = strings(values)
                    .ok_or_else(|| format!("the values of {key} in Condition must be strings"))?;
                conditions.push(Self::new(operator, key, &values)?);
            }
        }
        Ok(conditions)
    }

    fn new(operator: &str, key: &str, values: &[&str]) -> Result<Self, String> {
        let plain = operator.strip_suffix("IfExists").unwrap_or(operator);
        let is_negated = plain.contains("Not");
        let is_key = |known: &str| key.eq_ignore_ascii_case(known);
        let test = match plain.replacen("Not", "", 1).as_str() {
            "IpAddress" if is_key("aws:SourceIp") => {
                let networks = values.iter().map(|value| network(value));
                Test::SourceIp(networks.collect::<Result<_, _>>()?)
            }
            operator if is_key("aws:PrincipalArn") => {
                let texts = values.iter().map(|value| Text::new(operator, value));
                let texts = texts.collect::<Result<Option<_>, _>>()?;
                Test::PrincipalArn(texts.ok_or_else(|| unsupported(plain, key))?)
            }
            _ => return Err(unsupported(operator, key)),
        };
        Ok(Self { is_negated, test })
    }

    pub(super) fn is_met(&self, question: &Question<'_>) -> bool {
        let matches = match &self.test {
            Test::SourceIp(networks) => {
                let ip = canonical(question.source_ip);
                networks.iter().any(|network| network.contains(&ip))
            }
            Test::PrincipalArn(texts) => {
                let mut texts = texts.iter();
                texts.any(|text| text.matches(question.principal_arn))
            }
        };
        matches != self.is_negated
    }
}

fn unsupported(operator: &str, key: &str) -> String {
    format!("the condition {operator} on {key} is not supported; supported are {SUPPORTED}")
}

fn network(value: &str) -> Result<IpNet, String> {
    let address = || value.parse::<IpAddr>().map(IpNet::from);
    value
        .parse::<IpNet>()
        .or_else(|_| address())
        .map_err(|_| format!("{value:?} is not an IP address or a CIDR block"))
}

/// Returns the IPv4 address of an IPv6 one that contains it.
fn canonical(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}

impl Text {
    /// Returns `None` if the operator, without its negation, is unknown.
    fn new(operator: &str, value: &str) -> Result<Option<Self>, String> {
        Ok(Some(match operator {
            "StringEquals" => Self::Equals(value.to_owned()),
            "StringEqualsIgnoreCase" => Self::EqualsIgnoreCase(value.to_lowercase()),
            "StringLike" => Self::Like(Pattern::new(value)),
            "ArnEquals" | "ArnLike" => {
                let parts: Vec<Pattern> = value.splitn(6, ':').map(Pattern::new).collect();
                if parts.len() < 6 {
                    return Err(format!("{value:?} is not an ARN, which has six parts"));
                }
                Self::Arn(parts)
            }
            _ => return Ok(None),
        }))
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Equals(value) => value == text,
            Self::EqualsIgnoreCase(value) => *value == text.to_lowercase(),
            Self::Like(pattern) => pattern.matches(text),
            Self::Arn(parts) => {
                let found: Vec<&str> = text.splitn(6, ':').collect();
                let mut pairs = parts.iter().zip(&found);
                parts.len() == found.len() && pairs.all(|(part, found)| part.matches(found))
            }
        }
    }
}
