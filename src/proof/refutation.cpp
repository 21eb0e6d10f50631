// SPDX-License-Identifier: Apache-2.0
#include "proof/refutation.h"

#include <algorithm>
#include <array>

#include "check/core/mentions.h"
#include "check/core/refuted.h"
#include "check/core/verdict.h"

namespace segproof::proof {
namespace {

using check::Frame;
using check::Place;

constexpr std::size_t most_tries = 5'000;

// The places that verdicts call so, `gate:eth1` for one interface among them.
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

// Every way to hand over a packet that a place sends: to the link, to each interface there.
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

class Teller {
 public:
  Teller(const check::Network& network, const check::Claim& claim, const claim::Witness& witness)
      : network_(&network), refutation_(network, claim), steps_(&witness.steps) {
    is_of_compromise_ = claim.kind == "contained" || claim.kind == "no-exfiltration";
    is_about_entries_ = claim.kind == "anti-spoofed";
  }

  // The steps from number `at` on; empty when no way of telling them is one. `why` is then the last objection.
  std::vector<std::string> tell(std::size_t at) {
    const claim::WitnessStep& told = (*steps_)[at];
    if (!told.packet) {
      return {};
    }
    check::Step step;
    step.family = told.packet->family == Family::ipv4 ? check::Family::ipv4 : check::Family::ipv6;
    step.packet = box_of(*told.packet, refutation_.sets(step.family));
    step.does = does(at);
    const check::Surroundings& world = refutation_.world(step.family);
    for (const Place& place : senders(told.actor, world)) {
      step.sender = place;
      for (const Frame& frame : frames_of(place, *network_)) {
        if (!fits(frame, told)) {
          continue;
        }
        step.frame = frame;
        step.answers.clear();
        std::vector<std::string> result = try_step(step, at);
        if (result.empty() && needs_answer_) {
          result = try_answers(step, at, answers(told, world));
        }
        if (!result.empty()) {
          return result;
        }
      }
    }
    return {};
  }

  std::string why = "the witness has no packet, or a sender that is no place";

 private:
  // A segment where a zone is may have no unlisted hosts: somebody else there sends in their place.
  [[nodiscard]] std::vector<Place> senders(const std::string& actor, const check::Surroundings& world) const {
    std::vector<Place> result = places_called(actor, world);
    for (std::size_t s = 0; s < network_->segments.size() && is_about_entries_; ++s) {
      result.push_back({Place::Kind::unlisted, 0, s});
    }
    return result;
  }

  [[nodiscard]] check::Step::Does does(std::size_t at) const {
    if (at + 1 == steps_->size()) {
      return check::Step::Does::breaks;
    }
    const bool is_support = (*steps_)[at].role == claim::StepRole::spoofed_open ||
                            (*steps_)[at + 1].role == claim::StepRole::reply || !is_of_compromise_;
    return is_support ? check::Step::Does::opens : check::Step::Does::fells;
  }

  // The first node of the witness is the first that gets the packet.
  [[nodiscard]] bool fits(const Frame& frame, const claim::WitnessStep& told) const {
    if (!frame.receiver) {
      return true;
    }
    const check::Node& node = network_->nodes[frame.receiver->first];
    return !told.hops.empty() && told.hops.front().device == node.name &&
           told.hops.front().in == node.interfaces[frame.receiver->second].name;
  }

  [[nodiscard]] std::vector<Frame> answers(const claim::WitnessStep& told, const check::Surroundings& world) const {
    std::vector<Frame> result;
    for (const check::Place& place : places_called(told.delivered, world)) {
      const std::vector<Frame> more = frames_of(place, *network_);
      result.insert(result.end(), more.begin(), more.end());
    }
    return result;
  }

  // One way back, or as few as there must be.
  std::vector<std::string> try_answers(check::Step& step, std::size_t at, std::vector<Frame> frames) {
    const check::Refutation::State before = refutation_.state;
    std::vector<std::string> result;
    for (auto frame = frames.begin(); result.empty() && frame != frames.end(); ++frame) {
      step.answers = {*frame};
      result = try_step(step, at);
    }
    if (!result.empty() || frames.empty()) {
      return result;
    }
    step.answers = std::move(frames);
    result = try_step(step, at);
    for (std::size_t i = 0; !result.empty() && i < step.answers.size();) {
      check::Step fewer = step;
      fewer.answers.erase(fewer.answers.begin() + static_cast<std::ptrdiff_t>(i));
      refutation_.state = before;
      const std::vector<std::string> shorter = try_step(fewer, at);
      if (shorter.empty()) {
        ++i;
      } else {
        result = shorter;
        step = fewer;
      }
    }
    return result;
  }

  std::vector<std::string> try_step(const check::Step& step, std::size_t at) {
    const check::Refutation::State before = refutation_.state;
    needs_answer_ = false;
    try {
      if (++tries_ > most_tries) {
        why = "there are too many ways to tell it";
        return {};
      }
      const check::Taken taken = refutation_.take(step);
      std::vector<std::string> rest;
      if (at + 1 < steps_->size()) {
        rest = tell(at + 1);
      }
      if (at + 1 == steps_->size() || !rest.empty()) {
        rest.insert(rest.begin(), text_of(step, taken));
        return rest;
      }
      needs_answer_ = false;
    } catch (const check::Unanswered& error) {
      needs_answer_ = step.answers.empty();
      object(step, error);
    } catch (const std::runtime_error& error) {
      object(step, error);
    }
    refutation_.state = before;
    return {};
  }

  // What is in the way of the node that the witness names tells more than that the link leads elsewhere.
  void object(const check::Step& step, const std::runtime_error& error) {
    if (step.frame.receiver || !has_objection_) {
      why = error.what();
      has_objection_ = step.frame.receiver.has_value();
    }
  }

  [[nodiscard]] std::string frame_text(const Frame& frame) const {
    std::string result = " on " + check::quoted(network_->segments[frame.segment].name);
    if (frame.receiver) {
      result += " to " + check::quoted(network_->nodes[frame.receiver->first].name) + ' ' +
                std::to_string(frame.receiver->second);
    }
    return result + '\n';
  }

  [[nodiscard]] std::string passed_text(const std::vector<check::PassedNode>& passed, const std::string& indent) const {
    std::string result;
    for (const check::PassedNode& one : passed) {
      result += indent + "hop " + check::quoted(network_->nodes[one.node].name) + ' ' + std::to_string(one.in) + ' ' +
                (one.is_lost ? "lost"
                 : one.out   ? std::to_string(*one.out)
                             : "delivered") +
                '\n';
    }
    return result;
  }

  [[nodiscard]] std::string text_of(const check::Step& step, const check::Taken& taken) {
    static constexpr std::array<const char*, 3> words{"opens", "fells", "breaks"};
    check::Box packet = step.packet;
    packet[check::role] = check::any_value;
    std::string result = "step " + std::string(step.family == check::Family::ipv4 ? "4 " : "6 ") +
                         words.at(static_cast<std::size_t>(step.does)) + ' ' + check::text_of(step.sender, *network_) +
                         frame_text(step.frame) + "  packet" + check::box_text(refutation_.sets(step.family), packet) +
                         '\n' + passed_text(taken.passed, "  ");
    if (taken.end) {
      result += "  end " + check::text_of(*taken.end, *network_) + '\n';
    }
    for (std::size_t i = 0; i < step.answers.size() && i < taken.answers.size(); ++i) {
      result += "  answer" + frame_text(step.answers[i]) + passed_text(taken.answers[i], "    ");
    }
    return result;
  }

  const check::Network* network_;
  check::Refutation refutation_;
  const std::vector<claim::WitnessStep>* steps_;
  bool is_of_compromise_ = false, is_about_entries_ = false;
  bool needs_answer_ = false, has_objection_ = false;
  std::size_t tries_ = 0;
};

}  // namespace

Certified certify_refuted(std::string_view text, std::string_view sha256, const claim::Verdict& verdict) {
  return certified(text, verdict.id, [&](const check::Network& network, const check::Claim& claim) -> Certified {
    std::vector<std::string> steps;
    if (claim.kind == "unreferenced") {
      for (const auto& [node, place] : check::mentions_of(claim, network)) {
        steps.push_back("mention " + check::quoted(network.nodes[node].name) + ' ' + place + '\n');
      }
      if (steps.empty()) {
        return {std::nullopt, "only a name or a route is mentioned, and the network file does not say where"};
      }
    } else if (verdict.witness && !verdict.witness->steps.empty()) {
      Teller teller(network, claim, *verdict.witness);
      steps = teller.tell(0);
      if (steps.empty()) {
        return {std::nullopt, teller.why};
      }
    } else {
      return {std::nullopt, "the verdict has no witness"};
    }
    std::string result = head_of(sha256, verdict.id, "refuted");
    for (const std::string& step : steps) {
      result += step;
    }
    return checked(std::move(result), text, sha256);
  });
}

}  // namespace segproof::proof
