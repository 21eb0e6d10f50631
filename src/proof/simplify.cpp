// SPDX-License-Identifier: Apache-2.0
#include "proof/simplify.h"

#include <algorithm>
#include <array>

namespace segproof::proof {
namespace {

using check::Box;
using check::Field;
using check::FlowRow;
using check::Passage;
using check::Question;
using check::Rows;
using check::Spot;

// Rows of one kind in one epoch.
struct Layer {
  enum class Kind : std::uint8_t { anyone, own, answers } kind = Kind::anyone;
  check::Proof* proof = nullptr;       // own, answers
  const Question* question = nullptr;  // own, answers
  std::size_t epoch = 0;
  Rows* rows = nullptr;
};

struct Escapes {};  // a trial failed

enum class Addresses : std::uint8_t { as_before, more };  // that flows have

constexpr std::size_t fewest_together = 4;

class Simplifier {
 public:
  Simplifier(check::FamilyProof& proof, const std::vector<Question>& questions,
             const std::vector<check::Surroundings>& worlds, std::vector<Memory>& memories, check::Sets& sets,
             std::size_t steps)
      : proof_(&proof),
        worlds_(&worlds),
        memories_(&memories),
        sets_(&sets),
        steps_(steps),
        questions_(proof.proofs.size()) {
    for (std::size_t e = 0; e < proof.anyone.size(); ++e) {
      layers_.push_back({Layer::Kind::anyone, nullptr, nullptr, e, &proof.anyone[e]});
    }
    for (std::size_t p = 0; p < proof.proofs.size(); ++p) {
      check::Proof& part = proof.proofs[p];
      questions_[p] = questions[part.question];
      questions_[p].senders = part.senders.empty() ? questions_[p].senders : part.senders;
      for (std::size_t e = 0; e < part.own.size(); ++e) {
        layers_.push_back({Layer::Kind::own, &part, &questions_[p], e, &part.own[e]});
      }
      if (!part.answers.at.empty()) {
        layers_.push_back({Layer::Kind::answers, &part, &questions_[p], 0, &part.answers});
      }
    }
  }

  void run() {
    merge();
    for (const Layer& layer : layers_) {
      for (auto& [node, flows] : layer.rows->flows) {
        if (layer.kind == Layer::Kind::anyone) {
          widen_together(layer, node, flows);
        }
      }
    }
    for (const Layer& layer : layers_) {
      if (layer.kind != Layer::Kind::anyone) {
        widen_rows(layer);
      }
    }
    for (const Layer& layer : layers_) {
      for (auto& [node, flows] : layer.rows->flows) {
        if (layer.kind != Layer::Kind::anyone) {
          widen_together(layer, node, flows);
        }
      }
    }
    merge();
  }

 private:
  // Throws Escapes where something leads out of the rows, or is forbidden, or counts when it is answered.
  class Trial final : public check::Events {
   public:
    Trial(Simplifier& all, const Layer& layer) : all_(&all), layer_(&layer) {}
    void arrives(const Spot& spot, const Passage& packets) override {
      const auto rows = layer_->rows->at.find(spot);
      if (rows == layer_->rows->at.end() || !check::escaping(*all_->sets_, packets, rows->second).empty()) {
        throw Escapes();
      }
    }
    void opens(std::size_t node, const Passage& packets) override { all_->check_flows(*layer_, node, packets); }
    void is_delivered(std::size_t node, const Passage& packets) override {
      if (layer_->kind == Layer::Kind::own && layer_->epoch == 0) {
        all_->refuse(check::forbidden_at_node(*layer_->question, all_->world(*layer_), node, packets));
      }
    }

   private:
    Simplifier* all_;
    const Layer* layer_;
  };

  [[nodiscard]] const check::Surroundings& world(const Layer& layer) const { return (*worlds_)[layer.epoch]; }

  void check_flows(const Layer& layer, std::size_t node, const Passage& packets) {
    const Rows& learned = layer.kind == Layer::Kind::answers ? layer.proof->own[0] : *layer.rows;
    const auto found = learned.flows.find(node);
    std::vector<FlowRow> flows = found == learned.flows.end() ? std::vector<FlowRow>{} : found->second;
    Passage own = packets;
    if (layer.kind != Layer::Kind::anyone) {
      if (check::keep_own(*sets_, own) && !check::unknown_flows(*sets_, own, flows).empty()) {
        throw Escapes();
      }
      const std::vector<FlowRow> more = check::known_flows(proof_->anyone, layer.epoch, node);
      flows.insert(flows.end(), more.begin(), more.end());
    }
    if (!check::unknown_flows(*sets_, packets, flows).empty()) {
      throw Escapes();
    }
  }

  void refuse(const check::Forbidden& forbidden) const {
    for (const std::vector<Passage>* some : {&forbidden.packets, &forbidden.openings}) {
      for (const Passage& packets : *some) {
        if (!check::escaping(*sets_, packets, {}).empty()) {
          throw Escapes();
        }
      }
    }
  }

  void look_at(const Layer& layer, const Spot& spot, const Box& box) const {
    if (layer.kind == Layer::Kind::answers) {
      if (spot.kind == Spot::Kind::outside || check::completes(*layer.question, world(layer), spot, box)) {
        throw Escapes();
      }
    }
    if (layer.kind != Layer::Kind::own || layer.epoch != 0) {
      return;
    }
    if (spot.kind == Spot::Kind::segment) {
      std::vector<std::pair<check::Place, Passage>> openings;
      check::Forbidden forbidden =
          check::forbidden_on_segment(*layer.question, world(layer), spot.number, box, openings);
      for (auto& [place, opening] : openings) {
        forbidden.openings.push_back(std::move(opening));
      }
      refuse(forbidden);
    } else if (spot.kind == Spot::Kind::outside) {
      refuse(check::forbidden_outside(*layer.question, world(layer), box));
    } else if (layer.question->targets_fell) {
      refuse(check::forbidden_arrival(*layer.question, world(layer), spot, box));
    }
  }

  void step(const Layer& layer, const Spot& spot, const Box& box) {
    const bool is_node = spot.kind == Spot::Kind::interface;
    const std::vector<FlowRow> anyone =
        is_node ? check::known_flows(proof_->anyone, layer.epoch, spot.node) : std::vector<FlowRow>{};
    const std::vector<FlowRow> own = is_node && layer.kind != Layer::Kind::anyone
                                         ? check::known_flows(layer.proof->own, layer.epoch, spot.node)
                                         : std::vector<FlowRow>{};
    const bool is_anyone = layer.kind == Layer::Kind::anyone;
    step_with(layer, spot, box, is_anyone ? anyone : own, is_anyone ? std::vector<FlowRow>{} : anyone);
  }

  void step_with(const Layer& layer, const Spot& spot, const Box& box, const std::vector<FlowRow>& own,
                 const std::vector<FlowRow>& anyone) {
    Trial trial(*this, layer);
    RememberedSpread(world(layer), trial, steps_, (*memories_)[layer.epoch]).step(spot, box, own, anyone);
  }

  // `rows` with `wider` in the place of what is within it.
  [[nodiscard]] std::vector<Box> replaced(const std::vector<Box>& rows, const Box& wider) const {
    std::vector<Box> result;
    for (const Box& row : rows) {
      if (!sets_->within(row, wider)) {
        result.push_back(row);
      }
    }
    result.push_back(wider);
    return result;
  }

  bool try_row(const Layer& layer, const Spot& spot, std::vector<Box>& rows, const Box& wider) {
    const std::vector<Box> before = rows;
    rows = replaced(rows, wider);
    try {
      look_at(layer, spot, wider);
      step(layer, spot, wider);
      return true;
    } catch (const Escapes&) {
      rows = before;
      return false;
    } catch (const check::TooLarge&) {
      rows = before;
      throw;
    }
  }

  static constexpr std::array order{check::flags,       check::fragment, check::sport, check::source,
                                    check::destination, check::protocol, check::dport};

  void widen_rows(const Layer& layer) {
    for (auto& [spot, rows] : layer.rows->at) {
      const std::vector<Box> all = rows;
      for (const Box& old : all) {
        if (std::find(rows.begin(), rows.end(), old) == rows.end()) {
          continue;  // within another one by now
        }
        Box row = old;
        Box anything{};
        anything[check::role] = row[check::role];
        if (row == anything || try_row(layer, spot, rows, anything)) {
          continue;
        }
        for (const Field field : order) {
          Box wider = row;
          wider[field] = check::any_value;
          if (wider != row && try_row(layer, spot, rows, wider)) {
            row = wider;
          }
        }
      }
    }
  }

  // Every row at the node, of every layer that knows its flows, takes a step again: with these flows only, since each
  // flow does what it does whatever the others are. Only errors may be translated to what any flow has.
  void step_all_at(const Layer& changed, std::size_t node, const std::vector<FlowRow>& flows, Addresses addresses) {
    for (auto next = layers_.rbegin(); next != layers_.rend(); ++next) {  // those that hold the fewest packets first
      const Layer& layer = *next;
      const bool knows =
          layer.epoch <= changed.epoch && (changed.kind == Layer::Kind::anyone || layer.proof == changed.proof);
      const bool is_own = layer.kind == Layer::Kind::anyone || changed.kind != Layer::Kind::anyone;
      const auto first = layer.rows->at.lower_bound({Spot::Kind::interface, node, 0});
      for (auto at = first; knows && at != layer.rows->at.end() && at->first.node == node; ++at) {
        for (const Box& row : at->second) {
          if (at->first.kind != Spot::Kind::interface) {
            continue;
          }
          step_with(layer, at->first, row, is_own ? flows : no_flows_, is_own ? no_flows_ : flows);
          if (addresses == Addresses::more && world(layer).facts(node).translates) {
            step(layer, at->first, row);
          }
        }
      }
    }
  }

  static bool is_within(check::Sets& sets, const FlowRow& flow, const FlowRow& other) {
    bool result = sets.within(flow.arrived, other.arrived) && (other.is_helped || !flow.is_helped);
    for (const Field field : {check::source, check::destination, check::sport, check::dport}) {
      result = result && flow.left[field].has_value() == other.left[field].has_value() &&
               (!flow.left[field] || sets.within(*flow.left[field], *other.left[field]));
    }
    return result;
  }

  bool try_flows(const Layer& layer, std::size_t node, std::vector<FlowRow>& flows, const std::vector<FlowRow>& wider,
                 Addresses addresses) {
    const std::vector<FlowRow> before = flows;
    for (const FlowRow& row : wider) {
      std::erase_if(flows, [&](const FlowRow& flow) { return is_within(*sets_, flow, row); });
      flows.push_back(row);
    }
    try {
      step_all_at(layer, node, wider, addresses);
      return true;
    } catch (const Escapes&) {
      flows = before;
      return false;
    } catch (const check::TooLarge&) {
      flows = before;
      throw;
    }
  }

  // Leaves out a field of many flows at once, of half of them where that does not do, and so on.
  void widen_together(const Layer& layer, std::size_t node, std::vector<FlowRow>& flows) {
    for (const Field field : order) {
      for (std::size_t size = flows.size(); size >= fewest_together; size /= 2) {
        const std::vector<FlowRow> all = flows;
        for (std::size_t from = 0; from < all.size(); from += size) {
          std::vector<FlowRow> some;
          for (std::size_t i = from; i < std::min(from + size, all.size()); ++i) {
            if (all[i].arrived[field] != check::any_value) {
              some.push_back(all[i]);
              some.back().arrived[field] = check::any_value;
            }
          }
          if (!some.empty()) {
            const bool is_address = field == check::source || field == check::destination;
            static_cast<void>(try_flows(layer, node, flows, some, is_address ? Addresses::more : Addresses::as_before));
          }
        }
      }
    }
  }

  // Rows and flows that differ in one field become one.
  void merge() {
    for (const Layer& layer : layers_) {
      for (auto& [spot, rows] : layer.rows->at) {
        const std::vector<Box> before = rows;
        const auto box_of = [](Box& row) -> Box& { return row; };
        join_alike(rows, box_of, [](const Box&, const Box&) { return true; });
        try {
          for (const Box& row : rows) {
            if (std::find(before.begin(), before.end(), row) == before.end()) {
              step(layer, spot, row);
            }
          }
        } catch (const Escapes&) {
          rows = before;
        }
      }
      for (auto& [node, flows] : layer.rows->flows) {
        std::vector<FlowRow> joined = flows;
        join_alike(
            joined, [](FlowRow& flow) -> Box& { return flow.arrived; },
            [](const FlowRow& a, const FlowRow& b) { return a.left == b.left && a.is_helped == b.is_helped; });
        if (joined.size() < flows.size()) {
          static_cast<void>(try_flows(layer, node, flows, joined, Addresses::as_before));
        }
      }
    }
  }

  template <class Row, class BoxOf, class Alike>
  void join_alike(std::vector<Row>& rows, const BoxOf& box_of, const Alike& alike) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (std::size_t j = i + 1; j < rows.size();) {
        Box& one = box_of(rows[i]);
        const Box other = box_of(rows[j]);
        std::size_t told = check::field_count;
        std::size_t differ = 0;
        for (std::size_t f = 0; f < check::field_count; ++f) {
          if (one[f] != other[f]) {
            told = f;
            ++differ;
          }
        }
        if (differ > 1 || told == check::role || !alike(rows[i], rows[j])) {
          ++j;
          continue;
        }
        if (differ == 1) {
          one[told] = sets_->join(static_cast<Field>(told), one[told], other[told]);
        }
        rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(j));
        j = i + 1;
      }
    }
  }

  check::FamilyProof* proof_;
  const std::vector<check::Surroundings>* worlds_;
  std::vector<Memory>* memories_;
  check::Sets* sets_;
  std::size_t steps_;
  std::vector<Question> questions_;
  std::vector<Layer> layers_;
  const std::vector<FlowRow> no_flows_;
};

}  // namespace

void simplify(check::FamilyProof& proof, const std::vector<Question>& questions,
              const std::vector<check::Surroundings>& worlds, std::vector<Memory>& memories, check::Sets& sets,
              std::size_t steps) {
  try {
    Simplifier(proof, questions, worlds, memories, sets, steps).run();
  } catch (const check::TooLarge&) {  // what is done is done
  }
}

}  // namespace segproof::proof
