// SPDX-License-Identifier: Apache-2.0
// The check of a refuted claim: its steps are taken one after the other, each surely goes as it is told, and the last
// one breaks the claim.
#pragma once

#include <array>
#include <memory>
#include <set>

#include "check/core/certificate.h"
#include "check/core/replay.h"

namespace check {

// It would break the claim, if it is answered.
class Unanswered : public Rejected {
  using Rejected::Rejected;
};

struct Step {
  enum class Does : std::uint8_t { opens, fells, breaks } does = Does::breaks;
  Family family = Family::ipv4;
  Place sender;  // of a host, the interface on the segment of the frame
  Frame frame;
  Box packet{};
  std::vector<Supposed> supposed;  // in the world at hand
  std::vector<Frame> answers;      // of what was delivered: how it may be handed over
};
// What became of a step.
struct Taken {
  std::vector<PassedNode> passed;
  std::optional<Place> end;                      // a node or unlisted hosts; of what opens perhaps nobody
  std::vector<std::vector<PassedNode>> answers;  // by the frames of the step
};

class Refutation {
 public:
  // What may be so after the steps so far.
  struct Course {
    Tables tables;
    std::optional<Box> asked;  // the header that the last opening packet was delivered with
  };
  struct State {
    std::array<std::vector<Course>, 2> courses{std::vector<Course>(1), std::vector<Course>(1)};  // by family
    std::vector<Place> makers;                                                                   // by step
    std::set<Place> fallen;
    std::size_t felled = 0;
    bool is_broken = false;
  };

  // Throws Rejected for claims that cannot be refuted so.
  Refutation(const Network& network, const Claim& claim);
  // Throws Rejected where the step may go another way, or does not do what it says.
  Taken take(const Step& step);
  [[nodiscard]] Sets& sets(Family family) { return families_[static_cast<std::size_t>(family)].sets; }
  [[nodiscard]] const Surroundings& world(Family family) const {
    return *families_[static_cast<std::size_t>(family)].world;
  }

  State state;

 private:
  struct OneFamily {
    Sets sets;
    std::unique_ptr<Surroundings> world;
  };
  [[nodiscard]] Taken enter(const Step& step);
  void check_sender(const Step& step) const;
  void check_packet(const Step& step);
  void check_way(const Replay& replay) const;
  [[nodiscard]] std::set<std::size_t> fallen_nodes() const;
  [[nodiscard]] bool is_own(const Place& maker, const Place& sender) const;
  [[nodiscard]] Box header_for(const Step& step, const Course& course);
  void learn_own(const Step& step, Tables& tables, const Box& header) const;
  void open(const Step& step, const std::vector<Ending>& endings);
  void decide(const Step& step, const std::vector<Ending>& endings, Taken& taken);
  [[nodiscard]] bool is_forbidden(const Question& question, const Step& step, const std::vector<Ending>& endings,
                                  Taken& taken);
  void answer(const Question& question, const Step& step, const Ending& ending, Taken& taken);
  [[nodiscard]] std::vector<PassedNode> back(const Question& question, const Step& step, const Ending& ending,
                                             const Frame& frame);
  [[nodiscard]] bool listens(const Place& place, const Step& step, const std::vector<Ending>& endings);
  void fell(const Step& step, const Place& end, const std::vector<Ending>& endings, Taken& taken);

  const Network* network_;
  const Claim* claim_;
  bool is_of_compromise_;
  std::array<OneFamily, 2> families_{OneFamily{Sets(Family::ipv4), nullptr}, OneFamily{Sets(Family::ipv6), nullptr}};
  std::size_t work_;
};

// Throws Rejected, or Malformed where a line is none of docs/certificate.md, section 6.
void check_refuted(const std::vector<Line>& lines, const Claim& claim, const Network& network);
// The same in a world where things come out as supposed that nothing decides: each of them is needed.
void check_inconclusive(const std::vector<Line>& lines, const Claim& claim, const Network& network);

}  // namespace check
