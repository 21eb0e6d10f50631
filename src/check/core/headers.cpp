// SPDX-License-Identifier: Apache-2.0
#include "check/core/headers.h"

namespace check {
namespace {

constexpr Value tcp = 6, icmp = 1, icmpv6 = 58, no_next_header = 59;

Ranges types(std::initializer_list<std::pair<unsigned, unsigned>> list) {
  Ranges result;
  for (const auto& [first, last] : list) {
    result.push_back({Value{first} * 256U, Value{last} * 256U + 255U});
  }
  return result;
}

Ranges queries(const Sets& sets) {
  return sets.family() == Family::ipv4 ? types({{8, 8}, {13, 13}, {15, 15}, {17, 17}})
                                       : types({{128, 128}, {139, 139}});
}

Ranges untracked_types(const Sets& sets) {
  return sets.family() == Family::ipv4 ? Ranges{} : types({{130, 136}, {143, 143}, {151, 152}});
}

Ranges opens_nothing(const Sets& sets) {
  return sets.family() == Family::ipv4 ? Ranges{{icmpv6, icmpv6}}
                                       : Ranges{{icmp, icmp}, {no_next_header, no_next_header}};
}

}  // namespace

Value icmp_of(const Sets& sets) {
  return sets.family() == Family::ipv4 ? icmp : icmpv6;
}

Ranges perhaps_portless() {
  return {{33, 33}, {136, 136}};
}

Ranges surely_with_ports() {
  return {{6, 6}, {17, 17}, {132, 132}};
}

Ranges with_ports() {
  return {{6, 6}, {17, 17}, {33, 33}, {132, 132}, {136, 136}};
}

void add_flag_bytes(unsigned telling, Ranges& into) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    if ((byte & 0x17U) == telling) {
      into.push_back({byte, byte});
    }
  }
}

Ranges icmp_errors(const Sets& sets) {
  return sets.family() == Family::ipv4 ? types({{3, 5}, {11, 12}}) : types({{1, 4}});
}

std::vector<Box> first_packets(Sets& sets) {
  Ranges flags_of_first;
  add_flag_bytes(syn, flags_of_first);
  add_flag_bytes(ack, flags_of_first);
  Ranges special = opens_nothing(sets);
  special.push_back({tcp, tcp});
  special.push_back({icmp_of(sets), icmp_of(sets)});
  std::vector<Box> result(3);
  result[0][protocol] = sets.single(protocol, tcp);
  result[0][flags] = sets.of(flags, flags_of_first);
  result[1][protocol] = sets.single(protocol, icmp_of(sets));
  result[1][dport] = sets.of(dport, queries(sets));
  result[2][protocol] = sets.without(protocol, any_value, sets.of(protocol, special));
  for (Box& box : result) {
    box[fragment] = sets.single(fragment, 0);
  }
  return result;
}

std::vector<Box> never_tracked(Sets& sets) {
  Box box{};
  box[protocol] = sets.single(protocol, icmpv6);
  box[dport] = sets.of(dport, untracked_types(sets));
  box[fragment] = sets.single(fragment, 0);
  return Sets::is_empty(box) ? std::vector<Box>{} : std::vector<Box>{box};
}

std::vector<Box> invalid_packets(Sets& sets) {
  const std::vector<Box> first = first_packets(sets);
  std::vector<Box> result(4);
  result[0] = first[0];
  result[0][flags] = sets.without(flags, any_value, first[0][flags]);
  result[1] = first[1];
  const SetId tracked = sets.without(dport, any_value, sets.of(dport, untracked_types(sets)));
  result[1][dport] = sets.without(dport, tracked, first[1][dport]);
  result[2][protocol] = sets.of(protocol, opens_nothing(sets));
  result[2][fragment] = sets.single(fragment, 0);
  // On some kernels, or for what no header says.
  result[3][protocol] = sets.of(protocol, {{33, 33}, {132, 132}, {136, 136}});
  result[3][fragment] = sets.single(fragment, 0);
  return result;
}

std::vector<Box> answers_of(Sets& sets, const FlowRow& flow) {
  const auto left = [&](Field field) { return flow.left[field] ? *flow.left[field] : flow.arrived[field]; };
  Box turned{};
  turned[protocol] = flow.arrived[protocol];
  turned[source] = left(destination);
  turned[destination] = left(source);
  turned[fragment] = sets.single(fragment, 0);
  std::vector<Box> result;
  const SetId echo = sets.single(protocol, icmp_of(sets));
  Box others = turned;
  others[protocol] = sets.without(protocol, turned[protocol], echo);
  others[sport] = left(dport);
  others[dport] = left(sport);
  if (!Sets::is_empty(others)) {
    result.push_back(others);
  }
  turned[protocol] = sets.meet(turned[protocol], echo);
  if (turned[protocol] != no_value) {
    // Query and answer change places, whatever the code; other types stay.
    static constexpr std::pair<unsigned, unsigned> pairs4[] = {{8, 0}, {13, 14}, {15, 16}, {17, 18}};
    static constexpr std::pair<unsigned, unsigned> pairs6[] = {{128, 129}, {139, 140}};
    Ranges answered = sets.ranges(dport, left(dport));
    const auto add = [&](unsigned from, unsigned to) {
      if (sets.meet(left(dport), sets.of(dport, types({{from, from}}))) != no_value) {
        answered.push_back({Value{to} * 256U, Value{to} * 256U + 255U});
      }
    };
    const bool v4 = sets.family() == Family::ipv4;
    for (std::size_t i = 0; i < (v4 ? 4U : 2U); ++i) {
      const auto& [query, answer] = v4 ? pairs4[i] : pairs6[i];
      add(query, answer);
      add(answer, query);
    }
    turned[dport] = sets.of(dport, std::move(answered));
    result.push_back(turned);
  }
  return result;
}

}  // namespace check
