// SPDX-License-Identifier: Apache-2.0
#include "claim/witness.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "claim/header_only.h"

namespace segproof::claim {
namespace {

using model::InterfaceId;
using model::Network;
using model::SegmentId;
using reach::Replay;
using reach::ReplayFate;
using reach::ReplayPath;

constexpr std::size_t most_candidates = 24;
constexpr std::size_t most_segments = 32;
constexpr std::size_t most_told = 40;  // candidates that failed

// A way to hand a frame to the network: to one neighbour, or to whoever owns the destination.
struct FirstHop {
  SegmentId segment;
  InterfaceId receiver;  // invalid: the owner of the destination
};

// Addresses in the order in which they make good examples: those at the ends of a range come last, since the first and
// the last one of a prefix are nobody's.
std::vector<Interval> telling_first(const IntervalSet& addresses) {
  std::vector<Interval> result;
  for (const Interval& range : addresses.intervals()) {
    if (range.high - range.low > 1) {
      result.push_back({range.low + 1, range.high - 1});
    }
  }
  result.insert(result.end(), addresses.intervals().begin(), addresses.intervals().end());
  return result;
}

bool is_opening_syn(const Packet& packet) {
  using namespace tcp_flag;
  return packet.protocol() == protocol_number::tcp && (packet[Field::tcp_flags] & (syn | ack | rst | fin)) == syn;
}

// Collects what one search needs, and its answer.
class Search {
 public:
  Search(const WitnessQuestion& question, World& world, const SourceStore& sources)
      : question_(&question), world_(&world), network_(&world.network()), sources_(&sources) {}

  WitnessAnswer run() {
    std::set<SegmentId> tried;  // places of one segment can send the same
    for (const Place& sender : question_->senders) {
      if (tried.size() >= most_segments) {
        break;
      }
      if (question_->spoofing == Spoofing::any && sender.segment.valid() && !tried.insert(sender.segment).second) {
        continue;
      }
      const std::vector<Packet> wanted = candidates(sender);
      for (const Packet& delivered : wanted) {
        for (const Packet& sent : as_sent(delivered, sender)) {
          if (attempt(sender, sent)) {
            return std::move(answer_);
          }
          if (answer_.tried.size() < most_told) {
            answer_.tried.push_back({place_name(sender, *network_),
                                     question_->role,
                                     sent,
                                     place_name(question_->target.place, *network_),
                                     {}});
          }
        }
        if (question_->traffic == Traffic::any && attempt_translated_reply(sender, delivered)) {
          return std::move(answer_);
        }
      }
      tell_of_the_unknown(sender, wanted);
    }
    return std::move(answer_);
  }

 private:
  // What a device that is not configured may make of the sender's packets: anything.
  void tell_of_the_unknown(const Place& sender, const std::vector<Packet>& wanted) {
    Resolved alone;
    alone.parts.push_back({sender, true, {}});
    const PacketSet sent = world_->space().where(Field::origin, world_->origins_of(alone, question_->spoofing));
    const std::vector<Interval> own = telling_first(addresses_of(sender, *network_)[model::index_of(world_->family())]);
    const std::vector<PacketSet::Preference> telling{
        {Field::state, {{0, 0}}}, {Field::source, own}, {Field::protocol, {{6, 6}}}, {Field::tcp_flags, {{2, 2}}}};
    const auto& flood = world_->everybody(Approximation::over, Spoofing::any).all();
    for (std::size_t n = 0; n < network_->nodes.size(); ++n) {
      const model::NodeId id(n);
      const bool is_open = world_->compiled().node(id).behaviour == reach::Behaviour::open;
      for (const InterfaceId interface : is_open ? network_->node(id).interfaces : std::vector<InterfaceId>{}) {
        for (const Packet& delivered : wanted) {
          auto preferences = telling;
          preferences[2].wanted = {{delivered.protocol(), delivered.protocol()}};
          preferences[3].wanted = {{delivered[Field::tcp_flags], delivered[Field::tcp_flags]}};
          const auto packet = (flood.arrived(interface) & sent).pick(preferences);
          if (packet && answer_.unknown.size() < most_told) {
            answer_.unknown.push_back({place_name(sender, *network_),
                                       question_->role,
                                       header_only(*packet),
                                       place_name(question_->target.place, *network_),
                                       {{network_->node(id).name, "", "", "", "undecided", std::nullopt, delivered}}});
          }
        }
      }
    }
  }

  // Delivered headers worth trying, the most telling first.
  [[nodiscard]] std::vector<Packet> candidates(const Place& sender) {
    Resolved alone;
    alone.parts.push_back({sender, true, {}});
    const IntervalSet origins =
        world_->origins_of(alone, question_->spoofing) | IntervalSet::single(World::joint_origin);
    PacketSet left = question_->packets & world_->space().where(Field::origin, origins);
    const IntervalSet nobodys = never_a_source(world_->family());
    left -= world_->space().where(Field::source, nobodys);
    const std::size_t f = model::index_of(world_->family());
    const std::vector<Interval> own = telling_first(addresses_of(sender, *network_)[f] - nobodys);
    const std::vector<Interval> there = telling_first(question_->target.addresses[f]);
    using P = PacketSet::Preference;
    const std::vector<P> telling{{Field::state, {{0, 0}}},
                                 {Field::source, own},
                                 {Field::protocol, {{6, 6}, {17, 17}, {1, 1}, {58, 58}}},
                                 {Field::destination, there},
                                 {Field::fragment, {{0, 0}}},
                                 {Field::tcp_flags, {{2, 2}, {16, 16}}},
                                 {Field::destination_port, {{443, 443}, {22, 22}, {80, 80}, {53, 53}, {2048, 2048}}},
                                 {Field::source_port, {{40000, 40000}, {32768, 60999}}}};
    std::vector<P> other_way{telling};
    other_way[2].wanted = {{17, 17}, {1, 1}, {58, 58}, {6, 6}};
    std::vector<P> plain{telling[0], telling[1]};
    std::vector<Packet> result;
    for (const auto& preferences : {telling, other_way, plain}) {
      PacketSet rest = left;
      for (unsigned n = 0; n < 3; ++n) {
        const auto packet = rest.pick(preferences);
        if (!packet) {
          break;
        }
        const Packet header = header_only(*packet);
        if (std::find(result.begin(), result.end(), header) == result.end()) {
          result.push_back(header);
        }
        // The next one shall differ in what the first one may have failed by.
        rest -= world_->space().where(Field::destination_port, (*packet)[Field::destination_port]) &
                world_->space().where(Field::protocol, (*packet)[Field::protocol]);
      }
    }
    return result;
  }

  // Headers that translations on the way may turn into this one; itself first.
  [[nodiscard]] std::vector<Packet> as_sent(const Packet& delivered, const Place& sender) {
    Space& space = world_->space();
    std::vector<Packet> result;
    if (counts(delivered)) {
      result.push_back(delivered);
    }
    PacketSet known = headers_only(space.only(delivered));
    PacketSet newest = known;
    for (unsigned depth = 0; depth < 3 && !newest.is_empty(); ++depth) {
      PacketSet before = space.none();
      for (const World::Translation& translation : world_->translations()) {
        const PacketSet translated = reach::preimage(*translation.rewrite, newest, translation.headers,
                                                     world_->compiled().headers(), Approximation::under) -
                                     known;
        before |= translated;
        add_picks(question_->sent ? translated & *question_->sent : translated, delivered, sender, result);
      }
      newest = before;
      known |= newest;
    }
    return result;
  }

  // A few different headers of the set, near to the one that is delivered.
  void add_picks(PacketSet set, const Packet& delivered, const Place& sender, std::vector<Packet>& into) const {
    set -= world_->space().where(Field::source, never_a_source(world_->family()));
    if (set.is_empty() || into.size() >= most_candidates) {
      return;
    }
    using P = PacketSet::Preference;
    const std::vector<Interval> own = telling_first(addresses_of(sender, *network_)[model::index_of(world_->family())]);
    const auto like = [&](Field field) { return P{field, {{delivered[field], delivered[field]}}}; };
    const std::vector<P> honest{
        {Field::source, own}, like(Field::source_port), like(Field::destination), like(Field::tcp_flags)};
    const std::vector<P> near{like(Field::source), like(Field::source_port), like(Field::destination_port),
                              like(Field::destination), like(Field::tcp_flags)};
    for (const std::vector<P>& preferences : {honest, near}) {
      const auto packet = set.pick(preferences);
      const Packet header = header_only(packet.value_or(delivered));
      if (std::find(into.begin(), into.end(), header) == into.end()) {
        into.push_back(header);
      }
    }
  }

  [[nodiscard]] std::vector<FirstHop> first_hops(const Place& sender) const {
    std::vector<FirstHop> result;
    std::vector<SegmentId> segments;
    if (sender.segment.valid()) {
      segments.push_back(sender.segment);
    } else if (sender.node.valid()) {
      for (const InterfaceId interface : network_->node(sender.node).interfaces) {
        if (network_->interface(interface).segment.valid()) {
          segments.push_back(network_->interface(interface).segment);
        }
      }
    }
    for (const SegmentId segment : segments) {
      result.push_back({segment, InterfaceId{}});
      for (const reach::CompiledSegment::Neighbour& neighbour : world_->compiled().segment(segment).neighbours) {
        if (!neighbour.is_leaf && network_->interface(neighbour.interface).node != sender.node) {
          result.push_back({segment, neighbour.interface});
        }
      }
    }
    return result;
  }

  // Where senders are held to their own rules, these surely let the packet out there.
  [[nodiscard]] bool let_out(const Place& sender, const FirstHop& hop, const Packet& packet) const {
    return !question_->through_own_rules || !sender.node.valid() ||
           Replay(world_->ground()).lets_out(sender.node, hop.segment, packet);
  }

  static std::vector<ReplayPath> send(Replay& replay, const FirstHop& hop, const Packet& packet) {
    return hop.receiver.valid() ? replay.send_to(hop.receiver, packet) : replay.send_on_link(hop.segment, packet);
  }

  // The path that ends at the target when every choice of the network delivers.
  [[nodiscard]] const ReplayPath* success(const std::vector<ReplayPath>& paths) {
    const ReplayPath* found = nullptr;
    for (const ReplayPath& path : paths) {
      if (path.fate == ReplayFate::undecided && path.cause.file.valid()) {
        answer_.undecided.push_back(undecided_at(path.cause, path.reason, *network_));
      }
      if (path.fate != ReplayFate::delivered) {
        return nullptr;
      }
      const Place& target = question_->target.place;
      const bool at_node = (target.kind == PlaceKind::interface || target.kind == PlaceKind::device) &&
                           path.node.valid() && path.node == target.node;
      const bool at_unlisted =
          target.kind == PlaceKind::unlisted && !path.node.valid() && path.segment == target.segment;
      const Bits destination = path.last[Field::destination];
      const bool in_part = question_->target.whole ||
                           question_->target.addresses[model::index_of(world_->family())].contains(destination);
      if ((at_node || at_unlisted) && in_part && !passes_avoided(path) && matches(path.last)) {
        found = &path;
      }
    }
    return found;
  }

  // The path goes through a node or a segment that it must not use to break the claim.
  [[nodiscard]] bool passes_avoided(const ReplayPath& path) const {
    const auto flagged = [](const std::vector<bool>& flags, std::size_t index) {
      return index < flags.size() && flags[index];
    };
    return std::any_of(path.hops.begin(), path.hops.end(),
                       [&](const auto& hop) { return flagged(question_->avoided.nodes, hop.node.index()); }) ||
           std::any_of(path.crossed.begin(), path.crossed.end(),
                       [&](SegmentId segment) { return flagged(question_->avoided.segments, segment.index()); });
  }

  // The delivered header is one of those that the claim forbids.
  [[nodiscard]] bool matches(const Packet& delivered) {
    if (!headers_) {
      headers_ = headers_only(question_->packets);
    }
    return headers_->contains(header_only(delivered));
  }

  // The question is about packets that are sent so.
  [[nodiscard]] bool counts(const Packet& sent) const {
    return !question_->sent || headers_only(*question_->sent).contains(header_only(sent));
  }

  // At the level `own` nobody sends under another address.
  [[nodiscard]] bool may_send(const Place& sender, const Packet& packet) const {
    if (never_a_source(world_->family()).contains(packet[Field::source])) {
      return false;
    }
    return question_->spoofing != Spoofing::own ||
           (sender.segment.valid() && network_->segment(sender.segment).external) ||
           addresses_of(sender, *network_)[model::index_of(world_->family())].contains(packet[Field::source]);
  }

  // A network in which some packet was sent before, and the first of its paths.
  struct Opened {
    Replay replay;
    ReplayPath path;
  };

  // The network before anything was sent.
  [[nodiscard]] Replay untouched(const Place& sender) const {
    Replay replay(world_->ground());
    if (question_->fell != Fell::nobody) {
      replay.fell(question_->fell == Fell::target ? question_->target.place.node : sender.node);
    }
    return replay;
  }

  // Without state first, by every way out; then with state that the sender makes; then with state of the receiver's.
  bool attempt(const Place& sender, const Packet& sent) {
    std::vector<FirstHop> hops = first_hops(sender);
    std::erase_if(hops, [&](const FirstHop& hop) { return !let_out(sender, hop, sent); });
    const bool plain = std::any_of(hops.begin(), hops.end(), [&](const FirstHop& hop) {
      Replay replay = untouched(sender);
      const std::vector<ReplayPath> paths = send(replay, hop, sent);
      const ReplayPath* path = success(paths);
      return path != nullptr && conclude_without_state(replay, sender, sent, *path);
    });
    if (plain) {
      return true;
    }
    const Packet opener = opener_of(sent, world_->family());
    const std::vector<Opened> self_made = opened_by_sender(sender, opener);
    if (std::any_of(hops.begin(), hops.end(),
                    [&](const FirstHop& hop) { return attempt_self_made(sender, opener, self_made, sent, hop); })) {
      return true;
    }
    if (question_->traffic != Traffic::any) {
      return false;
    }
    const std::vector<Opened> asked_for = opened_by_receiver(opener);
    return std::any_of(hops.begin(), hops.end(),
                       [&](const FirstHop& hop) { return attempt_reply(sender, opener, asked_for, sent, hop); });
  }

  bool conclude_without_state(Replay& replay, const Place& sender, const Packet& sent, const ReplayPath& path) {
    StepRole role = question_->role;
    if (sent.protocol() == protocol_number::tcp) {
      const bool completes = is_opening_syn(path.last) && handshake_completes(replay, sender, sent, path);
      if (!completes && question_->traffic == Traffic::sessions) {
        return false;
      }
      if (!completes) {
        role = is_opening_syn(path.last) ? StepRole::blind : StepRole::mid;
      }
    }
    Witness witness;
    witness.steps.push_back(step(sender, role, sent, path));
    conclude(sender, sent, std::move(witness), false);
    return true;
  }

  // The receiver's SYN+ACK comes back to the sender's segment; a device that stands must also take it.
  [[nodiscard]] bool handshake_completes(Replay& replay, const Place& sender, const Packet& sent,
                                         const ReplayPath& path) {
    Packet answer = path.last;
    std::swap(answer[Field::source], answer[Field::destination]);
    std::swap(answer[Field::source_port], answer[Field::destination_port]);
    answer[Field::tcp_flags] = tcp_flag::syn | tcp_flag::ack;
    if (sender.kind == PlaceKind::device) {  // its own table knows what it opens
      replay.opened_by(sender.node, sent);
    }
    if (!path.node.valid() && path.segment == sender.segment) {
      return true;
    }
    Place receiver = question_->target.place;
    for (const FirstHop& hop : first_hops(receiver)) {
      for (const ReplayPath& back : send(replay, hop, answer)) {
        const bool there = sender.segment.valid()
                               ? back.crossed.contains(sender.segment) || hop.segment == sender.segment
                               : back.node.valid() && back.node == sender.node;
        const bool stopped_at_home =
            sender.kind == PlaceKind::interface && !back.hops.empty() && back.hops.back().node == sender.node;
        if (there && (back.fate == ReplayFate::delivered || stopped_at_home)) {
          return true;
        }
      }
    }
    return false;
  }

  [[nodiscard]] static Packet opener_of(const Packet& sent, Family family) {
    Packet opener = sent;
    std::swap(opener[Field::source], opener[Field::destination]);
    const bool icmp = sent.protocol() == (family == Family::ipv4 ? protocol_number::icmp : protocol_number::icmpv6);
    if (icmp) {
      const Bits query = family == Family::ipv4 ? 8 : 128;
      opener[Field::destination_port] = query * 256 + (sent[Field::destination_port] & 255U);
    } else {
      std::swap(opener[Field::source_port], opener[Field::destination_port]);
    }
    if (sent.protocol() == protocol_number::tcp) {
      opener[Field::tcp_flags] = tcp_flag::syn;
    }
    return opener;
  }

  // The sender makes the state itself: it first sends the opposite packet under the receiver's address. Where nobody
  // keeps the flow, the packet itself would go as it went before.
  [[nodiscard]] std::vector<Opened> opened_by_sender(const Place& sender, const Packet& opener) const {
    std::vector<Opened> result;
    if (!may_send(sender, opener)) {
      return result;
    }
    for (const FirstHop& first : first_hops(sender)) {
      Replay replay = untouched(sender);
      std::vector<ReplayPath> opening = send(replay, first, opener);
      if (!opening.empty() && replay.knows_flows() && let_out(sender, first, opener)) {
        result.push_back({std::move(replay), std::move(opening.front())});
      }
    }
    return result;
  }

  bool attempt_self_made(const Place& sender, const Packet& opener, const std::vector<Opened>& openings,
                         const Packet& sent, const FirstHop& hop) {
    for (const Opened& opened : openings) {
      Replay replay = opened.replay;
      const std::vector<ReplayPath> paths = send(replay, hop, sent);
      const ReplayPath* path = success(paths);
      if (path == nullptr || !path->used_state) {
        continue;
      }
      const bool tcp = sent.protocol() == protocol_number::tcp;
      if (tcp && question_->traffic == Traffic::sessions &&
          !(is_opening_syn(path->last) && handshake_completes(replay, sender, sent, *path))) {
        continue;
      }
      Witness witness;
      witness.steps.push_back(step(sender, StepRole::spoofed_open, opener, opened.path));
      witness.steps.push_back(step(sender, question_->role, sent, *path));
      conclude(sender, sent, std::move(witness), true);
      return true;
    }
    return false;
  }

  // The receiver opened a session, and the packet is (or pretends to be) an answer to it.
  [[nodiscard]] std::vector<Opened> opened_by_receiver(const Packet& opener) const {
    const Place& receiver = question_->target.place;
    std::vector<Opened> result;
    if (never_a_source(world_->family()).contains(opener[Field::source])) {
      return result;
    }
    for (const FirstHop& first : first_hops(receiver)) {
      Replay replay = untouched({});
      if (receiver.node.valid()) {
        replay.opened_by(receiver.node, opener);
      }
      std::vector<ReplayPath> opening = send(replay, first, opener);
      if (std::any_of(opening.begin(), opening.end(),
                      [](const ReplayPath& path) { return path.fate == ReplayFate::delivered; }) &&
          let_out(receiver, first, opener)) {
        result.push_back({std::move(replay), std::move(opening.front())});
      }
    }
    return result;
  }

  bool attempt_reply(const Place& sender, const Packet& opener, const std::vector<Opened>& openings, const Packet& sent,
                     const FirstHop& hop) {
    for (const Opened& opened : openings) {
      Replay replay = opened.replay;
      const std::vector<ReplayPath> paths = send(replay, hop, sent);
      if (const ReplayPath* path = success(paths)) {
        Witness witness;
        witness.steps.push_back(step(question_->target.place, StepRole::open, opener, opened.path));
        witness.steps.push_back(step(sender, StepRole::reply, sent, *path));
        conclude(sender, sent, std::move(witness), false);
        return true;
      }
    }
    return false;
  }

  // The same where translations lie on the way: the answer is to the opener as it was delivered.
  bool attempt_translated_reply(const Place& sender, const Packet& delivered) {
    const Place& receiver = question_->target.place;
    const Packet opener = opener_of(delivered, world_->family());
    for (const FirstHop& first : first_hops(receiver)) {
      if (!let_out(receiver, first, opener)) {
        continue;
      }
      const auto open = [&](Replay& replay) {
        if (receiver.node.valid()) {
          replay.opened_by(receiver.node, opener);
        }
        return send(replay, first, opener);
      };
      Replay probe = untouched(sender);
      for (const ReplayPath& opened : open(probe)) {
        if (opened.fate != ReplayFate::delivered) {
          continue;
        }
        Packet answer = opener_of(header_only(opened.last), world_->family());
        answer[Field::tcp_flags] = delivered[Field::tcp_flags];
        if (!has_ports(delivered.protocol())) {
          answer[Field::destination_port] = delivered[Field::destination_port];
        }
        for (const FirstHop& hop : first_hops(sender)) {
          if (!let_out(sender, hop, answer)) {
            continue;
          }
          Replay replay = untouched(sender);
          static_cast<void>(open(replay));
          const std::vector<ReplayPath> paths = send(replay, hop, answer);
          if (const ReplayPath* path = success(paths); path != nullptr && may_send(sender, answer) && counts(answer)) {
            Witness witness;
            witness.steps.push_back(step(receiver, StepRole::open, opener, opened));
            witness.steps.push_back(step(sender, StepRole::reply, answer, *path));
            conclude(sender, answer, std::move(witness), false);
            return true;
          }
        }
      }
    }
    return false;
  }

  [[nodiscard]] WitnessStep step(const Place& actor, StepRole role, const Packet& sent, const ReplayPath& path) const {
    WitnessStep result{place_name(actor, *network_), role, sent, "", hops_of(path, *network_, *sources_)};
    if (path.fate == ReplayFate::delivered) {
      if (path.node.valid()) {
        const model::Node& node = network_->node(path.node);
        result.delivered = node.kind == model::NodeKind::device ? "device:" + node.name : node.name;
      } else {
        result.delivered = place_name({PlaceKind::unlisted, {}, path.segment, {}}, *network_);
      }
    }
    return result;
  }

  void conclude(const Place& sender, const Packet& sent, Witness witness, bool self_made) {
    const bool own = addresses_of(sender, *network_)[model::index_of(world_->family())].contains(sent[Field::source]);
    answer_.leans_on_spoofing = self_made || !own;
    answer_.witness = std::move(witness);
  }

  const WitnessQuestion* question_;
  World* world_;
  const Network* network_;
  const SourceStore* sources_;
  std::optional<PacketSet> headers_;  // of the packets in question
  WitnessAnswer answer_;
};

}  // namespace

WitnessAnswer find_witness(const WitnessQuestion& question, World& world, const SourceStore& sources) {
  return Search(question, world, sources).run();
}

}  // namespace segproof::claim
