// SPDX-License-Identifier: Apache-2.0
#include "bench/spine_network.h"

#include <string>
#include <vector>

#include <fmt/format.h>

#include "bench/random.h"

namespace segproof::bench {
namespace {

class Writer {
 public:
  explicit Writer(const SpineShape& shape)
      : shape_(shape), firewalls_((shape.zones + shape.zones_per_firewall - 1) / shape.zones_per_firewall) {}

  void write(MemoryFileSystem& files) const {
    files.add("net/topology.yaml", topology());
    std::string policy = "segproof: policy/1\nepoch: bench\ndate: 2026-01-01\nrules:\n  spine: none\n";
    std::vector<std::string> texts = rules();
    for (unsigned firewall = 0; firewall < firewalls_; ++firewall) {
      files.add(fmt::format("net/fw{}.rules", firewall), std::move(texts[firewall]));
      policy += fmt::format("  fw{}: [{{format: {}, file: fw{}.rules}}]\n", firewall,
                            is_ipv4() ? "iptables-save" : "ip6tables-save", firewall);
    }
    files.add("net/policy.yaml", policy);
    files.add("net/claims.yaml",
              "segproof: claims/1\nclaims:\n  - {id: C0, kind: no-new-sessions, text: generated, author: bench, date: "
              "2026-01-01, from: z1, to: z0}\n");
  }

 private:
  [[nodiscard]] bool is_ipv4() const { return shape_.family == Family::ipv4; }
  [[nodiscard]] unsigned firewall_of(unsigned zone) const { return zone / shape_.zones_per_firewall; }
  // The last octet, or the last group.
  [[nodiscard]] std::string address(unsigned zone, unsigned prefix, unsigned host) const {
    const unsigned number = zone * shape_.prefixes_per_zone + prefix;
    return is_ipv4() ? fmt::format("10.{}.{}.{}", 1 + number / 256, number % 256, host)
                     : fmt::format("2001:db8:{:x}:{:x}::{:x}", 1 + number / 256, number % 256, host);
  }
  [[nodiscard]] std::string network(unsigned zone, unsigned prefix) const {
    return is_ipv4() ? address(zone, prefix, 0) + "/24"
                     : fmt::format("2001:db8:{:x}:{:x}::/64", 1 + (zone * shape_.prefixes_per_zone + prefix) / 256,
                                   (zone * shape_.prefixes_per_zone + prefix) % 256);
  }
  [[nodiscard]] std::string on_transit(unsigned node) const {
    return is_ipv4() ? fmt::format("10.0.{}.{}", node / 250, 1 + node % 250)
                     : fmt::format("2001:db8:0:1::{:x}", node + 1);
  }
  [[nodiscard]] const char* transit_length() const { return is_ipv4() ? "/16" : "/64"; }
  [[nodiscard]] const char* length() const { return is_ipv4() ? "/24" : "/64"; }

  [[nodiscard]] std::string interface(const std::string& name, const std::string& segment,
                                      const std::string& with_length) const {
    return fmt::format("      {}: {{segment: {}, addresses: [\"{}\"]}}\n", name, segment, with_length);
  }

  [[nodiscard]] std::string topology() const {
    std::string zones = "zones:\n";
    std::string segments = fmt::format("segments:\n  transit: {{prefixes: [\"{}\"], complete: true}}\n",
                                       is_ipv4() ? "10.0.0.0/16" : "2001:db8:0:1::/64");
    const char* other_family = is_ipv4() ? "ipv6" : "ipv4";
    std::string devices = fmt::format("devices:\n  spine:\n    {}: off\n    interfaces:\n", other_family);
    devices += interface("core", "transit", on_transit(firewalls_) + transit_length()) + "    routes:\n";
    for (unsigned zone = 0; zone < shape_.zones; ++zone) {
      std::string prefixes;
      for (unsigned prefix = 0; prefix < shape_.prefixes_per_zone; ++prefix) {
        prefixes += fmt::format("{}\"{}\"", prefix == 0 ? "" : ", ", network(zone, prefix));
        devices +=
            fmt::format("      - {{to: \"{}\", via: \"{}\"}}\n", network(zone, prefix), on_transit(firewall_of(zone)));
      }
      zones += fmt::format("  z{0}: {{segments: [s{0}]}}\n", zone);
      segments += fmt::format("  s{}: {{prefixes: [{}]}}\n", zone, prefixes);
    }
    for (unsigned firewall = 0; firewall < firewalls_; ++firewall) {
      devices += fmt::format("  fw{}:\n    {}: off\n    interfaces:\n", firewall, other_family);
      devices += interface("core", "transit", on_transit(firewall) + transit_length());
      std::string routes = fmt::format("    routes:\n      - {{to: default, via: \"{}\"}}\n", on_transit(firewalls_));
      for (unsigned zone = firewall * shape_.zones_per_firewall; firewall_of(zone) == firewall && zone < shape_.zones;
           ++zone) {
        devices += interface(fmt::format("z{}", zone), fmt::format("s{}", zone), address(zone, 0, 1) + length());
        for (unsigned prefix = 1; prefix < shape_.prefixes_per_zone; ++prefix) {
          routes += fmt::format("      - {{to: \"{}\", dev: z{}}}\n", network(zone, prefix), zone);
        }
      }
      devices += routes;
    }
    return "segproof: topology/1\nname: spine\n" + zones + segments + devices;
  }

  // A whole zone's prefix, a part of it or a host in it.
  [[nodiscard]] std::string party(unsigned zone, Random& random) const {
    const unsigned prefix = random.below(shape_.prefixes_per_zone);
    if (random.per_mille(400)) {
      return network(zone, prefix);
    }
    const unsigned host = 1 + random.below(250);
    if (random.per_mille(150)) {
      return is_ipv4() ? address(zone, prefix, host & 0xe0U) + "/27" : address(zone, prefix, host & 0xe0U) + "/123";
    }
    return address(zone, prefix, host) + (is_ipv4() ? "/32" : "/128");
  }

  // What one zone may ask another stands in the rules of both of their firewalls.
  [[nodiscard]] std::vector<std::string> rules() const {
    std::string header =
        "# Generated by iptables-save v1.8.9\n*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n";
    if (shape_.with_state) {
      header +=
          "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n-A FORWARD -m conntrack --ctstate INVALID -j "
          "DROP\n";
    }
    std::vector<std::string> texts(firewalls_, header);
    Random random(shape_.seed);
    for (unsigned written = 0; written < shape_.rules;) {
      const unsigned from = random.below(shape_.zones);
      const unsigned to = random.below(shape_.zones);
      const std::string line = rule(from, to, random);
      texts[firewall_of(from)] += line;
      ++written;
      if (firewall_of(to) != firewall_of(from)) {
        texts[firewall_of(to)] += line;
        ++written;
      }
    }
    for (std::string& text : texts) {
      text += "COMMIT\n";
    }
    return texts;
  }

  [[nodiscard]] std::string rule(unsigned from, unsigned to, Random& random) const {
    static constexpr unsigned ports[] = {443, 80, 22, 3389, 1433, 53, 25, 3306, 5432, 8080, 389, 636, 445, 514, 6379};
    std::string text = fmt::format("-A FORWARD -s {} -d {}", party(from, random), party(to, random));
    if (random.per_mille(950)) {
      const unsigned low =
          random.per_mille(800) ? random.one_of(std::span<const unsigned>(ports)) : 1024 + random.below(20000);
      text += fmt::format(" -p {} --dport {}", random.per_mille(250) ? "udp" : "tcp", low);
      text += random.per_mille(100) ? fmt::format(":{}", low + random.below(1000)) : "";
    }
    return text + " -j ACCEPT\n";
  }

  SpineShape shape_;
  unsigned firewalls_;
};

}  // namespace

void add_spine_network(const SpineShape& shape, MemoryFileSystem& files) {
  Writer(shape).write(files);
}

}  // namespace segproof::bench
