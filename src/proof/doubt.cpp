// SPDX-License-Identifier: Apache-2.0
#include "proof/doubt.h"

#include <algorithm>

#include "proof/certified.h"
#include "proof/telling.h"

namespace segproof::proof {
namespace {

using check::Frame;
using check::Place;
using check::Supposed;
using How = check::Supposed::How;

constexpr std::size_t most_tries = 6'000, most_supposed = 6;

// The first packet of the flow that this one answers.
Packet opener_of(const Packet& sent) {
  Packet opener = sent;
  std::swap(opener[Field::source], opener[Field::destination]);
  const bool v4 = sent.family == Family::ipv4;
  if (sent.protocol() == (v4 ? protocol_number::icmp : protocol_number::icmpv6)) {
    opener[Field::destination_port] = (v4 ? 8U : 128U) * 256U + (sent[Field::destination_port] & 255U);
  } else {
    std::swap(opener[Field::source_port], opener[Field::destination_port]);
  }
  if (sent.protocol() == protocol_number::tcp) {
    opener[Field::tcp_flags] = tcp_flag::syn;
  }
  return opener;
}

bool is_unknown(const check::Tests& tests) {
  return std::any_of(tests.begin(), tests.end(), [](const check::Test& test) {
    return test.kind == check::Test::Kind::unknown ||
           std::any_of(test.alternatives.begin(), test.alternatives.end(), is_unknown);
  });
}

// What may be supposed of a node.
class Suppositions {
 public:
  explicit Suppositions(const check::Network& network) : network_(&network) {}

  // Of the nodes that an objection names, and of those beside them. `changes`: what packets may be turned into.
  [[nodiscard]] std::vector<Supposed> about(std::string_view objection, const check::Surroundings& world,
                                            const std::vector<check::Box>& changes) const {
    std::vector<Supposed> result;
    for (std::size_t n = 0; n < network_->nodes.size(); ++n) {
      if (!names(objection, network_->nodes[n].name)) {
        continue;
      }
      choices(n, result);
      const check::Facts& facts = world.facts(n);
      if (facts.behaviour == check::Behaviour::open) {
        passing(n, changes, result);
      } else {
        rules(n, result);
      }
      if (facts.passes_freely) {
        result.push_back({How::forwards, n, "", 0, {}, {}});
      }
    }
    return result;
  }

 private:
  [[nodiscard]] static bool names(std::string_view objection, std::string_view name) {
    for (std::size_t at = objection.find(name); at != std::string_view::npos; at = objection.find(name, at + 1)) {
      const std::size_t end = at + name.size();
      if ((at == 0 || objection[at - 1] == ' ') &&
          (end == objection.size() || objection[end] == ' ' || objection[end] == ':')) {
        return true;
      }
    }
    return false;
  }

  // Whoever shares a segment with the node may hand the packet to somebody else.
  void choices(std::size_t node, std::vector<Supposed>& into) const {
    const auto wires = check::segments_of({Place::Kind::device, node, 0}, *network_);
    for (std::size_t n = 0; n < network_->nodes.size(); ++n) {
      const auto others = check::segments_of({Place::Kind::device, n, 0}, *network_);
      if (others.size() > 1 &&
          std::find_first_of(others.begin(), others.end(), wires.begin(), wires.end()) != others.end()) {
        into.push_back({How::chooses, n, "", 0, {}, {}});
      }
    }
  }

  void passing(std::size_t node, const std::vector<check::Box>& changes, std::vector<Supposed>& into) const {
    const std::vector<Frame> frames = frames_of({Place::Kind::device, node, 0}, *network_);
    const auto& interfaces = network_->nodes[node].interfaces;
    for (const check::Box& changed : changes) {
      for (const bool to_link : {true, false}) {
        for (std::size_t in = 0; in < interfaces.size(); ++in) {
          for (const Frame& frame : frames) {
            if (to_link != frame.receiver.has_value() && interfaces[in].segment != frame.segment) {
              into.push_back({How::passes, node, "", in, frame, changed});
            }
          }
        }
      }
    }
  }

  void rules(std::size_t node, std::vector<Supposed>& into) const {
    const auto add = [&](const std::string& origin, How how) { into.push_back({how, node, origin, 0, {}, {}}); };
    for (const std::vector<check::Rule>& chain : network_->nodes[node].rules.front().chains) {
      for (const check::Rule& rule : chain) {
        if (rule.action.kind == check::Action::Kind::anything) {
          add(rule.origin, How::accepts);
          add(rule.origin, How::continues);
        } else if (is_unknown(rule.tests)) {
          add(rule.origin, How::holds);
        }
        if (is_unknown(rule.tests)) {
          add(rule.origin, How::fails);
        }
      }
    }
    for (const auto& selects : network_->nodes[node].selects) {
      for (const check::Select& select : selects) {
        if (is_unknown(select.tests)) {
          add(select.origin, How::holds);
          add(select.origin, How::fails);
        }
      }
    }
  }

  const check::Network* network_;
};

class Supposer {
 public:
  Supposer(const check::Network& network, const check::Claim& claim,
           const std::vector<std::vector<claim::WitnessStep>>& links)
      : network_(&network),
        refutation_(network, claim),
        suppositions_(network),
        links_(&links),
        is_about_entries_(claim.kind == "anti-spoofed") {}

  // The steps from that link on; empty when none is found.
  std::vector<std::string> tell(std::size_t at) {
    for (const Manner manner : {Manner::plain, Manner::reply, Manner::self_made}) {
      for (const claim::WitnessStep& told : (*links_)[at]) {
        if (!told.packet || tries_ > most_tries) {
          continue;
        }
        std::vector<Planned> plan;
        if (manner != Manner::plain) {
          plan.push_back({manner == Manner::reply ? told.delivered : told.actor, told.delivered,
                          opener_of(*told.packet), check::Step::Does::opens, std::nullopt});
        }
        const bool is_last = at + 1 == links_->size();
        plan.push_back({told.actor, told.delivered, *told.packet,
                        is_last ? check::Step::Does::breaks : check::Step::Does::fells,
                        told.hops.size() == 1 ? told.hops.front().packet_after : std::nullopt});
        std::vector<std::string> result = follow(plan, 0, at);
        if (!result.empty()) {
          return result;
        }
      }
    }
    return {};
  }

  std::string why = "no packet is known that may break it";

 private:
  enum class Manner : std::uint8_t { plain, reply, self_made };
  struct Planned {
    std::string actor, delivered;
    Packet packet;
    check::Step::Does does;
    std::optional<Packet> changed;
  };
  enum class Fate : std::uint8_t { done, unanswered, stuck };

  std::vector<std::string> follow(const std::vector<Planned>& plan, std::size_t number, std::size_t link) {
    if (number == plan.size() && link + 1 == links_->size() && supposed_ == 0) {
      why = "it breaks whatever comes out";
      return {};
    }
    if (number == plan.size()) {
      return link + 1 < links_->size() ? tell(link + 1) : std::vector<std::string>{""};
    }
    const Planned& planned = plan[number];
    check::Step step;
    step.family = planned.packet.family == Family::ipv4 ? check::Family::ipv4 : check::Family::ipv6;
    step.packet = box_of(planned.packet, refutation_.sets(step.family));
    step.does = planned.does;
    const check::Surroundings& world = refutation_.world(step.family);
    for (const Place& place : senders(planned.actor, world)) {
      step.sender = place;
      for (const Frame& frame : frames_of(place, *network_)) {
        if (tries_ > most_tries) {
          return {};
        }
        step.frame = frame;
        step.answers.clear();
        step.supposed.clear();
        const check::Refutation::State before = refutation_.state;
        check::Taken taken;
        changes_ = changes_of(planned, refutation_.sets(step.family));
        if (!settle(step, answers_of(planned, world), taken, most_supposed)) {
          continue;
        }
        shorten(step, taken, before);
        supposed_ += step.supposed.size();
        std::vector<std::string> rest = follow(plan, number + 1, link);
        supposed_ -= step.supposed.size();
        if (!rest.empty()) {
          rest.insert(rest.begin(), step_text(step, taken, refutation_, *network_));
          return rest;
        }
        refutation_.state = before;
      }
    }
    return {};
  }

  // A segment where a zone is may have no unlisted hosts: somebody else there sends in their place.
  [[nodiscard]] std::vector<Place> senders(const std::string& actor, const check::Surroundings& world) const {
    std::vector<Place> result = places_called(actor, world);
    for (std::size_t s = 0; s < network_->segments.size() && is_about_entries_; ++s) {
      if (actor == check::name_of(*network_, {Place::Kind::unlisted, 0, s}) && result.empty()) {
        result.push_back({Place::Kind::unlisted, 0, s});
      }
    }
    return result;
  }

  [[nodiscard]] std::vector<Frame> answers_of(const Planned& planned, const check::Surroundings& world) const {
    std::vector<Frame> result;
    for (const Place& place : places_called(planned.delivered, world)) {
      const std::vector<Frame> more = frames_of(place, *network_);
      result.insert(result.end(), more.begin(), more.end());
    }
    return result;
  }

  // As it is; as it is to be delivered; and the answer to that as it has to come back.
  static std::vector<check::Box> changes_of(const Planned& planned, check::Sets& sets) {
    std::vector<check::Box> result(1);
    const auto add = [&](const Packet& packet) {
      const check::Box whole = box_of(packet, sets);
      check::Box& changed = result.emplace_back();
      for (const check::Field field : {check::source, check::destination, check::sport, check::dport}) {
        changed[field] = whole[field];
      }
    };
    if (planned.changed) {
      add(*planned.changed);
      Packet answer = planned.packet;
      std::swap(answer[Field::source], answer[Field::destination]);
      std::swap(answer[Field::source_port], answer[Field::destination_port]);
      add(answer);
    }
    return result;
  }

  Fate attempt(const check::Step& step, check::Taken& taken) {
    const check::Refutation::State before = refutation_.state;
    Fate fate = Fate::stuck;
    try {
      ++tries_;
      taken = refutation_.take(step);
      return Fate::done;
    } catch (const check::Unanswered& error) {
      fate = step.answers.empty() ? Fate::unanswered : Fate::stuck;
      why = error.what();
    } catch (const std::runtime_error& error) {
      why = error.what();
    }
    refutation_.state = before;
    return fate;
  }

  // Supposes what lets the step go, after one objection after the other.
  bool settle(check::Step& step, const std::vector<Frame>& answers, check::Taken& taken, std::size_t left) {
    const Fate fate = attempt(step, taken);
    if (fate == Fate::unanswered) {
      for (const Frame& frame : answers) {
        step.answers = {frame};
        if (settle(step, answers, taken, left)) {
          return true;
        }
      }
      step.answers.clear();
    }
    if (fate != Fate::stuck) {
      return fate == Fate::done;
    }
    const std::string objection = why;
    const check::Surroundings& world = refutation_.world(step.family);
    const std::vector<Supposed> all =
        left > 0 ? suppositions_.about(objection, world, changes_) : std::vector<Supposed>{};
    for (const Supposed& one : all) {
      const bool is_told = std::any_of(step.supposed.begin(), step.supposed.end(), [&](const Supposed& other) {
        return other.node == one.node && other.origin == one.origin && other.in == one.in &&
               (other.how == one.how || !one.origin.empty());
      });
      if (is_told || tries_ > most_tries) {
        continue;
      }
      step.supposed.push_back(one);
      const check::Refutation::State before = refutation_.state;
      const Fate then = attempt(step, taken);
      refutation_.state = before;
      if ((then != Fate::stuck || why != objection) && settle(step, answers, taken, left - 1)) {
        return true;
      }
      step.supposed.pop_back();
    }
    why = objection;
    return false;
  }

  // Without what need not be supposed.
  void shorten(check::Step& step, check::Taken& taken, const check::Refutation::State& before) {
    for (std::size_t i = 0; i < step.supposed.size();) {
      check::Step fewer = step;
      fewer.supposed.erase(fewer.supposed.begin() + static_cast<std::ptrdiff_t>(i));
      refutation_.state = before;
      if (attempt(fewer, taken) == Fate::done) {
        step = std::move(fewer);
      } else {
        ++i;
      }
    }
    refutation_.state = before;
    static_cast<void>(attempt(step, taken));
  }

  const check::Network* network_;
  check::Refutation refutation_;
  Suppositions suppositions_;
  const std::vector<std::vector<claim::WitnessStep>>* links_;
  bool is_about_entries_;
  std::vector<check::Box> changes_;
  std::size_t tries_ = 0, supposed_ = 0;
};

// What is in the way of any proof.
std::vector<std::string> obstacles(const check::Network& network, const check::Claim& claim) {
  std::vector<std::string> result;
  for (const auto& [origin, is_everywhere] : network.gaps) {
    if (is_everywhere || claim.kind == "unreferenced") {
      result.push_back("gap " + origin + '\n');
    }
  }
  for (const check::Node& node : network.nodes) {
    result.push_back("unplaced " + check::quoted(node.name) + '\n');
  }
  return result;
}

}  // namespace

Certified certify_inconclusive(std::string_view text, std::string_view sha256, const claim::Verdict& verdict) {
  return certified(text, verdict.id, [&](const check::Network& network, const check::Claim& claim) {
    const std::string head = head_of(sha256, verdict.id, "inconclusive");
    if (!verdict.perhaps.empty()) {
      Supposer supposer(network, claim, verdict.perhaps);
      std::string steps;
      for (const std::string& step : supposer.tell(0)) {
        steps += step;
      }
      return steps.empty() ? Certified{std::nullopt, supposer.why} : checked(head + steps, text, sha256);
    }
    for (const std::string& obstacle : obstacles(network, claim)) {
      Certified result = checked(head + obstacle, text, sha256);
      if (result.certificate) {
        return result;
      }
    }
    return Certified{std::nullopt, "no packet is known that may break it"};
  });
}

}  // namespace segproof::proof
