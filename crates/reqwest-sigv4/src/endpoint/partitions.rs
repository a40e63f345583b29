//! The DNS suffixes of AWS's partitions.

/// One partition's DNS suffixes, from `partitions.json` of the AWS SDKs.
struct Partition {
    dns_suffix: &'static str,
    dual_stack_dns_suffix: &'static str,
}

/// `aws`, `aws-cn`, `aws-eusc`, `aws-iso`, `aws-iso-b`, `aws-iso-e` and `aws-iso-f`; `aws-us-gov` has the suffixes of `aws`.
const PARTITIONS: [Partition; 7] = [
    Partition::new("amazonaws.com", "api.aws"),
    Partition::new("amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    Partition::new("amazonaws.eu", "api.amazonwebservices.eu"),
    Partition::new("c2s.ic.gov", "api.aws.ic.gov"),
    Partition::new("sc2s.sgov.gov", "api.aws.scloud"),
    Partition::new("cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    Partition::new("csp.hci.ic.gov", "api.aws.hci.ic.gov"),
];

impl Partition {
    const fn new(dns_suffix: &'static str, dual_stack_dns_suffix: &'static str) -> Self {
        Self {
            dns_suffix,
            dual_stack_dns_suffix,
        }
    }
}

/// Returns the labels before a partition's DNS suffix, without the dot; `None` for a host outside of AWS.
pub(super) fn without_suffix(host: &str) -> Option<&str> {
    PARTITIONS
        .iter()
        .flat_map(|partition| [partition.dns_suffix, partition.dual_stack_dns_suffix])
        .find_map(|suffix| host.strip_suffix(suffix)?.strip_suffix('.'))
}
