// SPDX-License-Identifier: Apache-2.0
#include "proof/refutation.h"

#include <algorithm>

#include "check/core/mentions.h"
#include "check/core/verdict.h"
#include "proof/telling.h"

namespace segproof::proof {
namespace {

using check::Frame;
using check::Place;

constexpr std::size_t most_tries = 5'000;

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
        rest.insert(rest.begin(), step_text(step, taken, refutation_, *network_));
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
