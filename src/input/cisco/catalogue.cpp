// SPDX-License-Identifier: Apache-2.0
#include "input/cisco/catalogue.h"

#include <algorithm>
#include <array>

namespace segproof::cisco {
namespace {

// Commands that cannot change which packets pass: management, layer 1, layer 2 within a VLAN, quality of service,
// settings of routing protocols (whose routes are undecided as a whole), names and comments. Whole words, the longest
// beginning counts; `no` in front is left out.
constexpr std::string_view harmless_top =
    "class-map, policy-map, parameter-map, service-policy, vrf definition, ip vrf, zone, zone-pair, ip inspect, "
    "ASA Version, Building configuration, Cisco, Cryptochecksum, Current configuration, FWSM Version, "
    "NGFW Version, PIX Version, Using, aaa, aaa-server, access-session, alias configure, alias exec, anyconnect, "
    "anyconnect-custom-attr, appletalk, archive, arp access-list, arp rate-limit, arp timeout, asdm, asp, "
    "auth-prompt, authentication, banner, bba-group, bfd, boot system, boot, boot-end-marker, boot-start-marker, "
    "buffers, call-home, capture, cdp, cfs, checkheaps, clear config dhcpd, clear config logging, "
    "clear config ntp, clear config snmp-server, clear config ssh, clear config telnet, clear conn, clear logging, "
    "clear ntp, clear snmp-server, clear ssh, clear telnet, clear xlate, client-update, clns, clock, cluster, cns, "
    "command-alias, compression, config-register, console, content-scan, control-plane, copp, coredump, crashinfo, "
    "credentials, crypto ca, crypto dynamic-map, crypto engine, crypto ikev1, crypto ikev2, crypto ipsec, "
    "crypto isakmp, crypto key, crypto keyring, crypto large-cert-acl, crypto pki, ctl-file, cts, decnet, "
    "default interface, device-sensor, device-tracking, dhcpd, dhcprelay, diagnostic, dial-peer, "
    "dialer watch-list, dialer-list, dns, dns-guard, domain, domain-name, dot1x, dspfarm, "
    "dynamic-access-policy-record, eem, enable, energywise, epm, errdisable, ethernet-services, event, exception, "
    "failover, fallback, feature, feature-set, fips, firewall autocommit, floodguard, flow exporter, flow monitor, "
    "flow record, flow-export, flow-sampler, flowcontrol, fragment, ftp, ftp-map, group-policy, gw-accounting, "
    "h323-gateway, hardware, hostname, http, http-map, hw-module, icmp deny, icmp permit, icmp unreachable, "
    "install, interface-template, ip accounting-list, ip accounting-threshold, ip accounting-transits, "
    "ip adjacency, ip arp, ip as-path, ip audit, ip auth-proxy max, ip bgp-community, ip bootp, ip cache, ip cef, "
    "ip classless, ip community-list, ip default-gateway, ip device tracking, ip dhcp snooping, ip dhcp, "
    "ip dhcp-client, ip dns, ip domain, ip domain-list, ip domain-lookup, ip domain-name, ip explicit-path, "
    "ip extcommunity, ip extcommunity-list, ip finger, ip flow-aggregation, ip flow-cache, ip flow-capture, "
    "ip flow-export, ip flow-top-talkers, ip forward-protocol, ip ftp, ip gdp, ip gratuitous-arp, "
    "ip gratuitous-arps, ip host, ip host-routing, ip host-unreachables, ip http, ip icmp, ip identd, ip igmp, ip ips, "
    "ip inspect L2-transparent, ip inspect alert-off, ip inspect audit-trail, ip inspect dns-timeout, "
    "ip inspect hashtable-size, ip inspect log, ip inspect max-incomplete, ip inspect one-minute, ip inspect tcp, "
    "ip inspect udp, ip load-sharing, ip local pool, ip local-pool, ip msdp, ip name-server, ip nat create, "
    "ip nat log, ip nat portmap, ip nat service, ip nat settings, ip nat stateful, ip nat statistics, "
    "ip nat switchover, ip nat translation, ip nbar, ip nhrp, ip options, ip ospf name-lookup, ip pim, ip ping, "
    "ip prefix-list, ip radius, ip rcmd, ip reflexive-list, ip rip, ip rpf, ip rsvp, ip rtcp, ip sap, ip scp, "
    "ip sdr, ip security, ip sla, ip source-binding, ip source-route, ip spd, ip split-horizon, ip ssh, "
    "ip subnet-zero, ip tacacs, ip tcp, ip tcp-intercept, ip tdp, ip telnet, ip tftp, ip tftp-server, "
    "ip traffic-export, ip verify drop-rate, ip virtual-reassembly, ip wccp, ipc, ipv6 access-list log-update, ipv6 "
    "cef, "
    "ipv6 destination-guard, ipv6 dhcp guard, ipv6 dhcp, ipv6 dhcp-relay, ipv6 enforce-eui64, ipv6 flowset, "
    "ipv6 general-prefix, ipv6 hop-limit, ipv6 host, ipv6 icmp error-interval, ipv6 icmp, ipv6 local pool, "
    "ipv6 mfib, ipv6 mld, ipv6 mtu, ipv6 nd, ipv6 neighbor, ipv6 ospf name-lookup, ipv6 pim, ipv6 prefix-list, "
    "ipv6 snooping, ipv6 source-route, ipv6 spd, ipx, isakmp, isdn, jumbo-frame, kerberos, key chain, "
    "key config-key, kron, lacp, ldap, ldp, license, limit-resource, line, lldp, load-interval, local-unit, "
    "logging host, logging, login, login-message, logout, mac access-group, mac access-list, mac address-table, "
    "mac-address-table, mac-learn, macro, management-access, mdns, media-termination, memory, memory-size, mgcp, "
    "mls, monitor, monitor-interface, mst, mtu, multilink, mvr, names, netbios, netconf, netconf-yang, netflow, "
    "network-clock, network-clock-participate, nmsp, no service, nsf, ntp, object-group-search, onep, pager, "
    "parameters, parser, passwd, password, pki, platform, pnp, poap, port-channel load-balance, port-channel, "
    "power, priority-queue, privilege, process, prompt, psp, qos, queue-limit, radius, radius-common, "
    "radius-server, redundancy, regex, reload, resource, restconf, rmon, rsvp, rtr, saml, sampler, scheduler, "
    "scripting, sdm, sdwan, security authentication, security passwords, security-group, sensor, service, "
    "session-limit, sflow, show tech, sip-ua, sla, smart, smtp-server, snasw, snmp, snmp-map, snmp-server, sntp, "
    "software, spanning-tree, spd, ssh, ssl, stack-mac, stack-power, stackwise, standby redirects, subscriber, "
    "switch, switchport, sysopt connection preserve-vpn-flows, sysopt connection reclassify-vpn, "
    "sysopt connection tcpmss, sysopt connection timewait, sysopt nodnsalias, sysopt noproxyarp, sysopt np, "
    "sysopt radius, sysopt traffic, sysopt uauth, system, tacacs, tacacs-server, tb-reset, tcp-map, tdm, "
    "telemetry, telnet, template peer, terminal, tftp, tftp-server, threat-detection, time-range, timeout, "
    "tls-proxy, track, transceiver, transport-map, tunnel-group, tunnel-group-map, udld, upgrade, url-block, "
    "url-cache, url-server, usb, user-identity, username, userpassphrase, vc-class, vdc, version, virtual-profile, "
    "virtual-service, vlan access-log, vlan dot1q, vlan group, vlan internal, vlan, vmps, voice, voice-card, "
    "vpdn enable, vpdn logging, vpdn-group, vpn-addr-assign, vpn-load-balancing, vpn-sessiondb, vpnsetup, vrrp, "
    "vstack, vtp, webauth, webvpn, wireless, write, wsma, xdr, xlate block-allocation, xlate per-session, "
    "xlate-bypass, zone-labels";

// Of firewalls only.
constexpr std::string_view harmless_on_firewalls =
    "sysopt security, access-list alert-interval, access-list deny-flow-max, arp permit-nonconnected, as-path, asdm, "
    "ca, "
    "community-list, cts, eou, icmp, igmp, ip audit attack, ip audit info, ip audit name, ip audit signature, "
    "ip local pool, mac-address, mfib, monitor-interface, nac-policy, names, nat-assigned-to-public-ip, "
    "object-group-search, pdm, pim, prefix-list, privilege, scansafe, snort, sunrpc-server, tcp-map, terminal, "
    "url-list, virtual http, virtual ssh, virtual telnet, vpngroup, webvpn, zonelabs-integrity";

// Below an interface.
constexpr std::string_view harmless_on_interfaces =
    "access-session, arp, async, atm, authentication, auto, auto-mdix, autodetect, backup, bandwidth, beacon, bfd, "
    "bundle-enable, cablelength, carrier-delay, cdp, channel-group, channel-protocol, cisp, clock, clockrate, "
    "cluster, crc, cts, custom-queue-list, dampening, dce-terminal, delay, description, device-tracking, dialer, "
    "dialer-group, dialer-list, dot1x, downshift, dsl operating-mode, dsl, duplex, eapol, encapsulation, "
    "energywise, epm, errdisable, ethernet, failover, fair-queue, fcoe, fdl, fec, flow, flowcontrol, frame-relay, "
    "framing, full-duplex, glbp, group-range, half-close, half-duplex, hardware, history, hold-queue, hsrp, igmp, "
    "inherit, invert, ip accounting, ip arp, ip authentication, ip bandwidth-percent, ip cef, ip cgmp, "
    "ip dampening-change, ip dhcp, ip eigrp, ip flow monitor, ip flow, ip hello-interval, ip hold-time, ip igmp, "
    "ip irdp, ip load-sharing, ip local-proxy-arp, ip mask-reply, ip mroute-cache, ip mtu, ip multicast boundary, "
    "ip multicast, ip nbar, ip nhrp, ip ospf, ip pim, ip port-unreachable, ip probe, ip proxy-arp, ip redirects, "
    "ip rip, ip route-cache, ip router, ip rsvp, ip rtp, ip sap, ip security, ip split, ip split-horizon, "
    "ip sticky-arp, ip summary-address, ip tcp, ip unreachables, ip virtual-reassembly, ip vrf sitemap, ipv6 cef, "
    "ipv6 dhcp, ipv6 eigrp, ipv6 flow, ipv6 hello-interval, ipv6 mfib, ipv6 mld, ipv6 mtu, ipv6 nd, ipv6 ospf, "
    "ipv6 pim, ipv6 redirects, ipv6 rip, ipv6 route-cache, ipv6 router, ipv6 tcp, ipv6 unreachables, "
    "ipv6 virtual-reassembly, isis, keepalive, l2protocol-tunnel, lacp, line-protocol, linecode, link debounce, "
    "link-type, lldp, load-interval, local-proxy-arp, logging, loopback, mab, mac access-group, "
    "mac packet-classify, mac-address, macro, management-only, max-reserved-bandwidth, mdix, media-type, medium, "
    "member-interface, mls, modem, monitor, mop, mpls mtu, mtu, multilink-group, negotiation, nmsp, no-fair, ntp, "
    "ospf, ospfv3, pagp, phy, physical-layer, platform, plim, port-channel, port-security, port-type, power, ppp, "
    "pppoe enable, pppoe, pppoe-client, priority, priority-flow-control, priority-queue, pvc, qos, queue-set, "
    "random-detect, rate-mode, rcv-queue, redundant-interface, rj45, rmon, router-guard, scramble, serial, "
    "service-policy, shape, snmp, source template, spanning-tree, speed, srr-queue, stack-mib, standby, storm, "
    "storm-control, switchport, tcp adjust-mss, timeout, traffic-shape, transport preferred, trust device, "
    "tunnel bandwidth, tunnel checksum, tunnel key, tunnel path-mtu-discovery, tunnel tos, tunnel ttl, tx-queue, "
    "tx-ring-limit, ubr, udld, vbr-nrt, vlan, vmps, voice, vpc, vrrp, vtp, wrr-queue";

// Commands whose meaning no configuration decides.
constexpr std::array undecided_top = {
    Command{"sysopt route", Effect::anything, "translations decide the way"},
    Command{"bridge", Effect::anything, "interfaces are bridged"},
    Command{"event manager", Effect::anything, "a script that may change the configuration"},
    Command{"filter", Effect::drops, "web pages are filtered"},
    Command{"ip admission", Effect::anything, "lists that depend on who is logged in"},
    Command{"ip audit", Effect::drops, "an audit drops packets"},
    Command{"ip auth-proxy", Effect::anything, "lists that depend on who is logged in"},
    Command{"ip default-network", Effect::routes, "a default network"},
    Command{"ip mroute", Effect::routes, "multicast routes"},
    Command{"ip multicast", Effect::routes, "multicast packets are routed"},
    Command{"ip multicast-routing", Effect::routes, "multicast packets are routed"},
    Command{"ip port-map", Effect::anything, "an application on another port"},
    Command{"ip slb", Effect::anything, "load balancing"},
    Command{"ip urlfilter", Effect::drops, "web pages are filtered"},
    Command{"ip verify source", Effect::drops, "a source guard drops packets"},
    Command{"ipv6 multicast-routing", Effect::routes, "multicast packets are routed"},
    Command{"ipv6 router", Effect::routes, "a routing protocol: its routes are not in the configuration"},
    Command{"mpls", Effect::routes, "labels decide the way"},
    Command{"multicast-routing", Effect::routes, "multicast packets are routed"},
    Command{"policy-list", Effect::routes, "a routing policy"},
    Command{"route-map", Effect::routes, "a route map: asked by policy routing or a routing protocol"},
    Command{"router", Effect::routes, "a routing protocol: its routes are not in the configuration"},
    Command{"shun", Effect::drops, "an address is shunned"},
    Command{"vlan access-map", Effect::anything, "a VLAN access map filters"},
    Command{"vlan filter", Effect::anything, "a VLAN access map filters"},
    Command{"wccp", Effect::anything, "packets are redirected to a cache"},
};

constexpr std::array undecided_on_interfaces = {
    Command{"bridge-domain", Effect::anything, "the interface is bridged"},
    Command{"bridge-group", Effect::anything, "the interface is bridged"},
    Command{"crypto ipsec", Effect::anything, "packets of a tunnel come and go here"},
    Command{"fabric", Effect::anything, "fabric forwarding"},
    Command{"ip admission", Effect::anything, "lists that depend on who is logged in"},
    Command{"ip audit", Effect::drops, "an audit drops packets"},
    Command{"ip auth-proxy", Effect::anything, "lists that depend on who is logged in"},
    Command{"ip dhcp relay", Effect::routes, "broadcasts are relayed"},
    Command{"ip directed-broadcast", Effect::routes, "directed broadcasts are let through"},
    Command{"ip ips", Effect::drops, "intrusion prevention drops packets"},
    Command{"ip policy", Effect::routes, "policy routing"},
    Command{"ip urlfilter", Effect::drops, "web pages are filtered"},
    Command{"ip verify source", Effect::drops, "a source guard drops packets"},
    Command{"ip wccp", Effect::anything, "packets are redirected to a cache"},
    Command{"ipv6 dhcp relay", Effect::routes, "broadcasts are relayed"},
    Command{"ipv6 policy", Effect::anything, "policy routing"},
    Command{"mpls", Effect::routes, "labels decide the way"},
    Command{"nat", Effect::anything, "translation at an interface"},
    Command{"private-vlan", Effect::anything, "private VLANs"},
    Command{"rate-limit", Effect::drops, "a rate limit drops packets"},
    Command{"service instance", Effect::anything, "frames are switched by a service instance"},
    Command{"tag-switching", Effect::routes, "labels decide the way"},
    Command{"traffic-zone", Effect::routes, "a traffic zone"},
    Command{"tunnel", Effect::routes, "a tunnel: its packets come and go inside others"},
    Command{"vrf", Effect::routes, "a routing instance"},
    Command{"xconnect", Effect::anything, "frames are carried elsewhere"},
};

// The first `count` words of the text, as written.
std::string_view first_words(std::string_view text, unsigned count) {
  std::size_t at = 0;
  for (unsigned i = 0; i < count; ++i) {
    at = text.find_first_not_of(" \t", at);
    if (at == std::string_view::npos)
      return {};
    at = std::min(text.find_first_of(" \t", at), text.size());
  }
  return text.substr(0, at);
}

std::string_view without_no(std::string_view text) {
  for (const std::string_view word : {std::string_view("no "), std::string_view("default ")}) {
    if (text.starts_with(word))
      text.remove_prefix(word.size());
  }
  return text;
}

}  // namespace

void Catalogue::add(std::string_view list, Table& table) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    table.emplace(list.substr(0, end), Command{});
    list.remove_prefix(std::min(end + 2, list.size()));
  }
}

Catalogue::Catalogue(CiscoDialect dialect) {
  add(harmless_top, top_);
  if (dialect == CiscoDialect::asa)
    add(harmless_on_firewalls, top_);
  add(harmless_on_interfaces, interface_);
  for (const Command& command : undecided_top)
    top_.insert_or_assign(command.begins, command);
  for (const Command& command : undecided_on_interfaces)
    interface_.insert_or_assign(command.begins, command);
}

const Command* Catalogue::longest(const Table& table, std::string_view text) {
  static constexpr Command off{"no"};
  constexpr unsigned most_words = 4;
  const std::string_view bare = without_no(text);
  for (unsigned count = most_words; count > 0; --count) {
    const std::string_view words = first_words(bare, count);
    const auto found = words.empty() ? table.end() : table.find(words);
    if (found != table.end()) {
      const bool does_nothing = found->second.effect != Effect::none && text.starts_with("no ");
      return does_nothing ? &off : &found->second;
    }
  }
  return nullptr;
}

}  // namespace segproof::cisco
