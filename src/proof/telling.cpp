// SPDX-License-Identifier: Apache-2.0
#include "proof/telling.h"

#include <array>

#include "proof/certified.h"

namespace segproof::proof {

using check::Frame;
using check::Place;

std::vector<Place> places_called(const std::string& name, const check::Surroundings& world) {
  std::vector<Place> result;
  const check::Network& network = world.network();
  for (const auto& [place, part] : check::all_places(world)) {
    const std::string called = printed_name(network, place);
    const bool is_leg = place.kind == Place::Kind::interface &&
                        called + ':' + network.nodes[place.node].interfaces[place.number].name == name;
    if (called == name || is_leg) {
      result.push_back(place);
    }
  }
  return result;
}

std::vector<Frame> frames_of(const Place& place, const check::Network& network) {
  std::vector<Frame> result;
  const bool is_node = place.kind == Place::Kind::interface || place.kind == Place::Kind::device;
  for (const std::size_t segment : check::segments_of(place, network)) {
    result.push_back({segment, std::nullopt});
    for (std::size_t n = 0; n < network.nodes.size(); ++n) {
      for (std::size_t i = 0; i < network.nodes[n].interfaces.size(); ++i) {
        const check::Interface& interface = network.nodes[n].interfaces[i];
        if (interface.segment == segment && interface.is_up && !(is_node && place.node == n)) {
          result.push_back({segment, std::pair(n, i)});
        }
      }
    }
  }
  return result;
}

check::Box box_of(const Packet& packet, check::Sets& sets) {
  static constexpr std::array<std::pair<check::Field, Field>, 7> fields{{{check::protocol, Field::protocol},
                                                                         {check::source, Field::source},
                                                                         {check::destination, Field::destination},
                                                                         {check::sport, Field::source_port},
                                                                         {check::dport, Field::destination_port},
                                                                         {check::flags, Field::tcp_flags},
                                                                         {check::fragment, Field::fragment}}};
  check::Box box{};
  for (const auto& [to, from] : fields) {
    box[to] = sets.single(to, packet[from]);
  }
  box[check::role] = sets.single(check::role, check::own_role);
  return box;
}

namespace {

std::string frame_text(const Frame& frame, const check::Network& network) {
  std::string result = " on " + check::quoted(network.segments[frame.segment].name);
  if (frame.receiver) {
    result += " to " + check::quoted(network.nodes[frame.receiver->first].name) + ' ' +
              std::to_string(frame.receiver->second);
  }
  return result + '\n';
}

std::string supposed_text(const check::Supposed& supposed, const check::Network& network, check::Sets& sets) {
  using How = check::Supposed::How;
  static constexpr std::array<const char*, 7> words{"holds",    "fails",   "accepts", "continues",
                                                    "forwards", "chooses", "passes"};
  const std::string word = words.at(static_cast<std::size_t>(supposed.how));
  const std::string node = ' ' + check::quoted(network.nodes[supposed.node].name);
  if (supposed.how <= How::continues) {
    return "  suppose rule" + node + ' ' + supposed.origin + ' ' + word + '\n';
  }
  const std::string changed = check::box_text(sets, supposed.changed);
  return "  suppose " + word + node +
         (supposed.how == How::passes ? ' ' + std::to_string(supposed.in) + (changed.empty() ? "" : " becomes") +
                                            changed + frame_text(supposed.frame, network)
                                      : "\n");
}

std::string passed_text(const std::vector<check::PassedNode>& passed, const check::Network& network,
                        const std::string& indent) {
  std::string result;
  for (const check::PassedNode& one : passed) {
    result += indent + "hop " + check::quoted(network.nodes[one.node].name) + ' ' + std::to_string(one.in) + ' ' +
              (one.is_lost ? "lost"
               : one.out   ? std::to_string(*one.out)
                           : "delivered") +
              '\n';
  }
  return result;
}

}  // namespace

std::string step_text(const check::Step& step, const check::Taken& taken, check::Refutation& refutation,
                      const check::Network& network) {
  static constexpr std::array<const char*, 3> words{"opens", "fells", "breaks"};
  check::Box packet = step.packet;
  packet[check::role] = check::any_value;
  std::string result = "step " + std::string(step.family == check::Family::ipv4 ? "4 " : "6 ") +
                       words.at(static_cast<std::size_t>(step.does)) + ' ' + check::text_of(step.sender, network) +
                       frame_text(step.frame, network) + "  packet" +
                       check::box_text(refutation.sets(step.family), packet) + '\n';
  for (const check::Supposed& supposed : step.supposed) {
    result += supposed_text(supposed, network, refutation.sets(step.family));
  }
  result += passed_text(taken.passed, network, "  ");
  if (taken.end) {
    result += "  end " + check::text_of(*taken.end, network) + '\n';
  }
  for (std::size_t i = 0; i < step.answers.size() && i < taken.answers.size(); ++i) {
    result += "  answer" + frame_text(step.answers[i], network) + passed_text(taken.answers[i], network, "    ");
  }
  return result;
}

}  // namespace segproof::proof
