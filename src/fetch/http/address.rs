//! Which addresses of the network are whose: the world's, the home's, nobody's.
//!
//! It looks at numbers only; who may call what is settled in [`super::guard`]. The ranges are
//! those of the IANA special-purpose registries (RFC 6890 and its updates). An IPv6 address that
//! stands for an IPv4 one (RFC 4291 §2.5.5, RFC 6052, RFC 3056, RFC 4380) is taken for both.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far an address reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Anybody's.
    World,
    /// Of this machine or of the network around it: only for hosts that the household names.
    /// Holds what it is.
    Home(&'static str),
    /// Nothing that could be meant, or something that must not be: for nobody. Holds what it is.
    Never(&'static str),
}

/// How far an address reaches.
pub fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

/// Net, length of its prefix, and what it is. The first that fits counts.
const V4: &[(Ipv4Addr, u32, Reach)] = &[
    (Ipv4Addr::new(169, 254, 169, 254), 32, Reach::Never("the address of a cloud's metadata")),
    (Ipv4Addr::UNSPECIFIED, 8, Reach::Never("an unspecified address")),
    (Ipv4Addr::new(10, 0, 0, 0), 8, Reach::Home("a private address")),
    (Ipv4Addr::new(100, 100, 100, 200), 32, Reach::Never("the address of a cloud's metadata")),
    (Ipv4Addr::new(100, 64, 0, 0), 10, Reach::Home("an address behind a carrier's translation")),
    (Ipv4Addr::new(127, 0, 0, 0), 8, Reach::Home("an address of this machine")),
    (Ipv4Addr::new(169, 254, 0, 0), 16, Reach::Home("a link-local address")),
    (Ipv4Addr::new(172, 16, 0, 0), 12, Reach::Home("a private address")),
    (Ipv4Addr::new(192, 0, 0, 0), 24, Reach::Never("an address reserved for protocols")),
    (Ipv4Addr::new(192, 0, 2, 0), 24, Reach::Never("an address for documentation")),
    (Ipv4Addr::new(192, 31, 196, 0), 24, Reach::Never("an address reserved for protocols")),
    (Ipv4Addr::new(192, 52, 193, 0), 24, Reach::Never("an address reserved for protocols")),
    (Ipv4Addr::new(192, 88, 99, 0), 24, Reach::Never("an address of a 6to4 relay")),
    (Ipv4Addr::new(192, 168, 0, 0), 16, Reach::Home("a private address")),
    (Ipv4Addr::new(192, 175, 48, 0), 24, Reach::Never("an address reserved for protocols")),
    (Ipv4Addr::new(198, 18, 0, 0), 15, Reach::Never("an address for benchmarks")),
    (Ipv4Addr::new(198, 51, 100, 0), 24, Reach::Never("an address for documentation")),
    (Ipv4Addr::new(203, 0, 113, 0), 24, Reach::Never("an address for documentation")),
    (Ipv4Addr::new(224, 0, 0, 0), 4, Reach::Never("a multicast address")),
    (Ipv4Addr::BROADCAST, 32, Reach::Never("the broadcast address")),
    (Ipv4Addr::new(240, 0, 0, 0), 4, Reach::Never("a reserved address")),
];

/// As [`V4`]; what fits none is of the world only within `2000::/3`.
const V6: &[(Ipv6Addr, u32, Reach)] = &[
    (Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), 128, Reach::Never("the address of a cloud's metadata")),
    (Ipv6Addr::UNSPECIFIED, 128, Reach::Never("an unspecified address")),
    (Ipv6Addr::LOCALHOST, 128, Reach::Home("an address of this machine")),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, Reach::Home("a private address")),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, Reach::Home("a link-local address")),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, Reach::Home("a site-local address")),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, Reach::Never("a multicast address")),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, Reach::Never("an address of a local translation")),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64, Reach::Never("an address that discards")),
    (Ipv6Addr::new(0x2001, 2, 0, 0, 0, 0, 0, 0), 48, Reach::Never("an address for benchmarks")),
    (Ipv6Addr::new(0x2001, 0x10, 0, 0, 0, 0, 0, 0), 28, Reach::Never("a reserved address")),
    (Ipv6Addr::new(0x2001, 0x20, 0, 0, 0, 0, 0, 0), 28, Reach::Never("a reserved address")),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, Reach::Never("an address for documentation")),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, Reach::Never("an address for documentation")),
    (Ipv6Addr::new(0x5f00, 0, 0, 0, 0, 0, 0, 0), 16, Reach::Never("an address reserved for protocols")),
];

fn reach_v4(address: Ipv4Addr) -> Reach {
    let bits = u32::from(address);
    let within = |net: Ipv4Addr, length: u32| (bits ^ u32::from(net)).leading_zeros() >= length;
    V4.iter().find(|(net, length, _)| within(*net, *length)).map_or(Reach::World, |(_, _, reach)| *reach)
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    let bits = u128::from(address);
    let within = |net: Ipv6Addr, length: u32| (bits ^ u128::from(net)).leading_zeros() >= length;
    if let Some((_, _, reach)) = V6.iter().find(|(net, length, _)| within(*net, *length)) {
        return *reach;
    }
    let carried = carried(address);
    if let Some(reach) = carried.iter().flatten().map(|address| reach_v4(*address)).find(|reach| *reach != Reach::World)
    {
        return reach;
    }
    let is_global = within(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3) || carried[0].is_some();
    if is_global { Reach::World } else { Reach::Never("a reserved address") }
}

/// The IPv4 addresses that an IPv6 one stands for.
fn carried(address: Ipv6Addr) -> [Option<Ipv4Addr>; 2] {
    let word = |at: usize| {
        let segments = address.segments();
        let [a, b] = segments[at].to_be_bytes();
        let [c, d] = segments[at + 1].to_be_bytes();
        Ipv4Addr::new(a, b, c, d)
    };
    match address.segments() {
        // Mapped, translated (SIIT) and compatible ones, and NAT64.
        [0, 0, 0, 0, 0 | 0xffff, 0, _, _] | [0, 0, 0, 0, 0, 0xffff, _, _] | [0x64, 0xff9b, 0, 0, 0, 0, _, _] => {
            [Some(word(6)), None]
        }
        // 6to4.
        [0x2002, ..] => [Some(word(1)), None],
        // Teredo: the server, and the client with its bits turned.
        [0x2001, 0, ..] => [Some(word(2)), Some(Ipv4Addr::from(!u32::from(word(6))))],
        // ISATAP (RFC 5214 §6.1); the first half is that of a network.
        [.., 0 | 0x200, 0x5efe, _, _] => [Some(word(6)), None],
        _ => [None, None],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> &'static str {
        match reach(text.parse().expect("an address")) {
            Reach::World => "world",
            Reach::Home(_) => "home",
            Reach::Never(_) => "never",
        }
    }

    #[test]
    fn the_ends_of_each_range_fall_on_the_right_side() {
        let table = [
            ("9.255.255.255", "world"),
            ("10.0.0.0", "home"),
            ("10.255.255.255", "home"),
            ("11.0.0.0", "world"),
            ("100.63.255.255", "world"),
            ("100.64.0.0", "home"),
            ("100.127.255.255", "home"),
            ("100.128.0.0", "world"),
            ("172.15.255.255", "world"),
            ("172.16.0.0", "home"),
            ("172.31.255.255", "home"),
            ("172.32.0.0", "world"),
            ("169.254.169.253", "home"),
            ("169.254.169.254", "never"),
            ("198.17.255.255", "world"),
            ("198.18.0.0", "never"),
            ("198.20.0.0", "world"),
            ("223.255.255.255", "world"),
            ("224.0.0.0", "never"),
            ("255.255.255.255", "never"),
        ];
        for (address, expected) in table {
            assert_eq!(check(address), expected, "{address}");
        }
    }

    #[test]
    fn an_address_within_an_address_is_seen() {
        let table = [
            ("::ffff:8.8.8.8", "world"),
            ("::ffff:192.168.1.1", "home"),
            ("::127.0.0.1", "home"),
            ("64:ff9b::8.8.8.8", "world"),
            ("64:ff9b::10.0.0.1", "home"),
            ("64:ff9b::a9fe:a9fe", "never"),
            ("64:ff9b:1::8.8.8.8", "never"),
            ("2002:c0a8:0101::1", "home"),
            ("2002:0808:0808::1", "world"),
            ("2001:0:808:808:0:0:3f57:fefe", "home"),
            ("2001:0:c0a8:101:0:0:f7f7:f7f7", "home"),
            ("2606:4700::1", "world"),
            ("4000::1", "never"),
            ("::1", "home"),
            ("::", "never"),
            ("fd00:ec2::254", "never"),
            ("fd00::1", "home"),
        ];
        for (address, expected) in table {
            assert_eq!(check(address), expected, "{address}");
        }
    }
}
