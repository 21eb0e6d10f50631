// SPDX-License-Identifier: Apache-2.0
#include "reach/node_pass.h"

#include <algorithm>
#include <optional>

#include "base/assert.h"

namespace segproof::reach {
using model::Hook;
using model::StageKind;

IntervalSet leaving_sources(const CompiledNode& node) {
  IntervalSet result = node.facts.own;
  for (const std::vector<CompiledStage>& hook : node.stages) {
    for (const CompiledStage& stage : hook) {
      for (const Rewrite& rewrite : stage.program.rewrites) {
        if (rewrite.endpoint == model::Endpoint::source) {
          result =
              result | rewrite.addresses | (rewrite.network ? IntervalSet{rewrite.network->interval()} : IntervalSet{});
        }
      }
    }
  }
  return result;
}

NodePass::NodePass(const CompiledNetwork& network, model::NodeId node, Approximation approximation,
                   const FlowTable& own, const FlowTable& anyone, Part part)
    : network_(&network),
      id_(node),
      node_(&network.node(node)),
      headers_(&network.headers()),
      approximation_(approximation),
      part_(part),
      anyone_(&anyone),
      own_sessions_(network.node(node).own_flows),
      own_arriving_(part == Part::without_flows ? network.space().none() : own.arriving(network.headers())),
      anyone_arriving_(own_sessions_ |
                       (part == Part::without_flows ? network.space().none() : anyone.arriving(network.headers()))),
      result_{{}, network.space().none(), {}, {}, {}} {
  SEGPROOF_ASSERT(part == Part::all || (node_->splits && approximation != Approximation::certain));
}

PacketSet NodePass::chosen(const Outcome& outcome) const {
  return over() ? outcome.may : outcome.must;
}

// It is not certain what packets with any of several marks meet later.
bool NodePass::is_unsure(const Effect& effect) const {
  const bool packet = effect.mark_unsure && node_->facts.marks.values().size() > 1;
  const bool connection = effect.connection_mark_unsure && node_->facts.connection_marks.values().size() > 1;
  return approximation_ == Approximation::certain && (packet || connection);
}

void NodePass::note_drop(const model::Stage* stage, SourceSpan route, PacketSet packets) {
  if (explain_ == Explain::yes && !packets.is_empty()) {
    result_.drops.push_back({stage, route, packets});
  }
}

PassResult NodePass::run(PacketSet arriving, Explain explain) {
  Space& space = network_->space();
  explain_ = explain;
  result_.leaving.assign(node_->facts.hops.size(), space.none());
  PacketSet packets = perhaps_of_flows(arriving);
  packets = packets.forget({Field::mark, Field::connection_mark, Field::translated}) & node_->untouched;
  if (node_->tracks) {
    packets &= headers_->whole();  // reassembled: later fragments go with their packet
  }
  std::vector<Translated> first;
  packets = stages(Hook::ingress, packets, first);
  if (!over() && network_->family() == Family::ipv4) {  // what Linux drops as "martian" surely passes nowhere
    packets -= space.where(Field::source, node_->facts.own);
  }

  // Whoever explains wants to know what was dropped where.
  const PlainWays* plain = explain_ == Explain::no ? &network_->plain_ways(id_, approximation_) : nullptr;

  std::vector<Translated> inward;
  PacketSet delivered = space.none();
  if (plain != nullptr && plain->delivered) {
    delivered = untranslated(Hook::deliver, packets & *plain->delivered, inward);
  } else {
    const PacketSet local = packets & node_->to_itself;
    delivered = stages(Hook::deliver, local.assign(Field::egress, IntervalSet::single(0)), inward);
  }
  learn(first, inward, delivered);
  result_.delivered |= headers_->on_wire(delivered);

  if (node_->forwards) {
    std::vector<Translated> second;
    PacketSet through = space.none();
    if (plain != nullptr && plain->through) {
      through = untranslated(Hook::egress, packets & *plain->through, second);
    } else if (plain != nullptr && plain->forwarded) {
      through = stages(Hook::egress, packets & *plain->forwarded, second);
    } else {
      through = packets - (over() ? node_->never_forwarded : node_->to_itself);
      // Filters leave less to route.
      through = node_->forward_ignores_egress && explain_ == Explain::no
                    ? route(stages(Hook::forward, through, second))
                    : stages(Hook::forward, route(through), second);
      through = stages(Hook::egress, through, second);
    }
    learn(first, second, through);
    PacketSet on_wire = headers_->leaving(through);
    if (node_->tracks && network_->fragments_matter()) {
      on_wire |= headers_->fragments_of(on_wire);
    }
    for (std::size_t hop = 0; hop < result_.leaving.size(); ++hop) {
      result_.leaving[hop] = on_wire.cofactor(Field::egress, hop + 1);
    }
  }
  return std::move(result_);
}

std::vector<PacketSet> NodePass::originate(PacketSet packets) {
  Space& space = network_->space();
  const std::size_t hops = node_->facts.hops.size();
  std::vector<PacketSet> result(hops, space.none());
  if (hops == 0) {
    return result;
  }
  const PacketSet sending =
      packets.forget({Field::ingress, Field::egress, Field::mark, Field::connection_mark, Field::translated}) &
      node_->untouched & space.where(Field::ingress, 0) & space.where(Field::egress, IntervalSet::range(1, hops));
  std::vector<Translated> record;
  PacketSet leaving = stages(Hook::egress, stages(Hook::originate, sending, record), record);
  if (node_->tracks && over()) {
    leaving |= answers(sending, TrackState::established) | answers(sending, TrackState::related);
  }
  const PacketSet on_wire = headers_->leaving(leaving);
  for (std::size_t hop = 0; hop < hops; ++hop) {
    result[hop] = on_wire.cofactor(Field::egress, hop + 1);
  }
  return result;
}

// Packets of the node itself that belong to flows which others opened to it, with the state that they have for it.
// Where the node translates, they may leave under any source.
PacketSet NodePass::answers(PacketSet packets, TrackState state) {
  packets = before_tracking(Hook::originate, packets);
  for (const Hook hook : {Hook::originate, Hook::egress}) {
    for (const CompiledStage& stage : node_->stages[static_cast<std::size_t>(hook)]) {
      if (stage.stage->kind == StageKind::filter) {
        packets = filter(stage, packets);
      } else if (stage.stage->kind == StageKind::track) {
        packets = headers_->set_state(packets - headers_->with_state(TrackState::untracked), state);
      }
    }
  }
  const PacketSet renamed = packets.forget({Field::source, Field::source_port}) & network_->space().valid();
  return node_->translates ? packets | renamed : packets;
}

// At a hook with connection tracking, stages that come before it see no state: packets are in state INVALID there.
PacketSet NodePass::before_tracking(Hook hook, PacketSet packets) const {
  const std::vector<CompiledStage>& stages = node_->stages[static_cast<std::size_t>(hook)];
  const auto tracks = [](const CompiledStage& stage) { return stage.stage->kind == StageKind::track; };
  const auto first = std::find_if(stages.begin(), stages.end(), tracks);
  return first == stages.begin() || first == stages.end() ? packets : headers_->set_state(packets, TrackState::invalid);
}

PacketSet NodePass::stages(Hook hook, PacketSet packets, std::vector<Translated>& record) {
  std::size_t numbers_from = static_cast<std::size_t>(hook) * 1'000'000U + 1;
  bool translated = false;
  PacketSet settled = network_->space().none();  // translated to what they were: no further stage is asked
  packets = before_tracking(hook, packets);
  for (const CompiledStage& stage : node_->stages[static_cast<std::size_t>(hook)]) {
    if (packets.is_empty() && settled.is_empty()) {
      break;
    }
    switch (stage.stage->kind) {
      case StageKind::filter:
        packets = filter(stage, packets);
        settled = settled.is_empty() ? settled : filter(stage, settled);
        break;
      case StageKind::track:
        packets = track(packets);
        break;
      case StageKind::translate:
        packets = translate(stage, packets, numbers_from, record, settled);
        numbers_from += stage.program.rewrites.size();
        translated = true;
        break;
    }
  }
  packets |= settled;
  return translated || hook == Hook::forward ? packets : untranslated(hook, packets, record);
}

// No stage of the hook translates: first packets go on as they are.
PacketSet NodePass::untranslated(Hook hook, PacketSet packets, std::vector<Translated>& record) const {
  if (!node_->tracks) {
    return packets;
  }
  const PacketSet first = packets & opening();
  record.push_back({0, nullptr, first, first});
  if (node_->translates) {  // replies to what the other side translated still follow their flow
    const bool inward = hook == Hook::ingress || hook == Hook::originate;
    packets |= related_translated(packets & headers_->with_state(TrackState::related), inward);
    const PacketSet established = packets & headers_->with_state(TrackState::established);
    const PacketSet followed = hook == Hook::ingress ? anyone_->after_first(established, *headers_, approximation_)
                                                     : anyone_->after_second(established, *headers_, approximation_);
    packets = (packets - established) | followed | (established & own_sessions_);
  }
  return packets;
}

// What a program that is not understood may make of packets: other addresses, other ports.
PacketSet NodePass::scrambled(PacketSet packets) const {
  return packets.forget({Field::destination, Field::source, Field::destination_port, Field::source_port}) &
         network_->space().valid();
}

PacketSet NodePass::filter(const CompiledStage& stage, PacketSet packets) {
  PacketSet passing = network_->space().none();
  for (const Outcome& outcome : stage.program.outcomes) {
    const PacketSet here = packets & chosen(outcome);
    if (here.is_empty() || outcome.end == End::drop || is_unsure(outcome.effect)) {
      continue;
    }
    if (outcome.end == End::accept) {
      passing |= after_effect(here, outcome.effect, node_->facts, *headers_);
      if (outcome.effect.helped) {
        result_.learned.add_helped(headers_->tuple(here));
      }
    } else if (outcome.end == End::scramble && over()) {
      passing |= scrambled(here);
    }
  }
  if (nothing_drops_) {
    passing |= packets & stage.program.may(End::drop);
  }
  for (const CopyTo& copy : stage.program.copies) {
    if (over() && packets.intersects(copy.may)) {
      result_.copies.emplace_back(copy.gateway, headers_->on_wire(packets & copy.may));
    }
  }
  if (over() && packets.intersects(stage.program.may_deliver_locally)) {
    result_.delivered |= headers_->on_wire(packets & stage.program.may_deliver_locally);
  }
  if (explain_ == Explain::yes) {
    note_drop(stage.stage, {}, packets & stage.program.may(End::drop));
  }
  return passing;
}

PacketSet NodePass::track(PacketSet packets) {
  const PacketSet none = network_->space().none();
  return (part_ == Part::of_flows ? none : track_without_flows(packets)) |
         (part_ == Part::without_flows ? none : track_flows(packets));
}

PacketSet NodePass::track_without_flows(PacketSet packets) const {
  const PacketSet exempt = packets & headers_->with_state(TrackState::untracked);
  const PacketSet tracked = packets - exempt;
  PacketSet first = tracked;
  if (approximation_ == Approximation::certain) {
    first -= answers_to_flows() | headers_->perhaps_portless();
  }
  PacketSet result = exempt;
  result |= headers_->set_state(first & headers_->fresh(), TrackState::fresh);
  const PacketSet invalid = over() ? headers_->invalid() | headers_->perhaps_invalid() : headers_->invalid();
  result |= headers_->set_state(first & invalid, TrackState::invalid);
  result |= headers_->set_state(tracked & headers_->never_tracked(), TrackState::untracked);
  return result;
}

PacketSet NodePass::track_flows(PacketSet packets) const {
  const PacketSet tracked = packets - headers_->with_state(TrackState::untracked);
  const PacketSet own = tracked & headers_->with_role(Role::own);
  const PacketSet own_established = own & own_arriving_;
  const PacketSet others_established = (own & anyone_arriving_) - own_established;
  const PacketSet later_established = (tracked - own) & anyone_arriving_;

  PacketSet established = own_established | later_established;
  if (!others_established.is_empty()) {
    established |= headers_->set_role(others_established, Role::foreign);
  }
  established = headers_->set_state(established, TrackState::established);
  const auto of_some_flow = [&](PacketSet known) {
    if (node_->has_translated) {
      known = known.assign(Field::translated, IntervalSet::range(0, 3));
    }
    const Bits last = node_->facts.connection_marks.values().size() - 1;
    return node_->has_marks ? known.assign(Field::connection_mark, IntervalSet::range(0, last)) : known;
  };
  PacketSet result = over() ? of_some_flow(established) : as_their_flows(established);
  const PacketSet errors = related_endpoints(tracked & headers_->icmp_errors());
  if (!errors.is_empty()) {
    const PacketSet related = headers_->set_state(headers_->set_role(errors, Role::related), TrackState::related);
    result |= over() ? of_some_flow(related) : related;
  }
  if (over() && anyone_->helped()) {
    const PacketSet helped = *anyone_->helped();
    PacketSet known = helped | headers_->inverse(helped);
    for (const auto& [key, flow] : anyone_->flows()) {  // a party may be known outside by a translated address
      if (helped.intersects(flow.entered) || helped.intersects(flow.middle)) {
        known |= flow.entered | flow.answer(*headers_);
      }
    }
    const PacketSet parties = known.forget({Field::destination_port, Field::source_port, Field::protocol});
    result |= of_some_flow(headers_->set_state(tracked & parties & headers_->whole(), TrackState::related));
  }
  return result;
}

// All that can matter, when only packets of flows pass: nothing before the tracking changes a header.
PacketSet NodePass::perhaps_of_flows(PacketSet arriving) const {
  return part_ != Part::of_flows || anyone_->helped() ? arriving
                                                      : arriving & (anyone_arriving_ | headers_->icmp_errors());
}

// With the translations of their flows, and with their marks where these must be known.
PacketSet NodePass::as_their_flows(PacketSet established) const {
  const bool certain = approximation_ == Approximation::certain;
  PacketSet result = network_->space().none();
  if (follows_marks()) {
    if (!node_->settles_marks) {
      return result;
    }
    established -= of_unsure_mark();
  }
  for (const auto& [key, flow] : anyone_->flows()) {
    PacketSet here = established & (flow.entered | flow.answer(*headers_));
    if (follows_marks() && flow.mark) {
      here = here.assign(Field::connection_mark, IntervalSet::single(*flow.mark));
    }
    Bits bits = 0;
    bool sure = true;
    for (const auto& [rewrite, packets] : {std::pair{flow.first, flow.entered}, std::pair{flow.second, flow.middle}}) {
      if (rewrite != nullptr) {
        bits |= rewrite->bit();
        sure = sure && unchanged(*rewrite, packets, *headers_, approximation_).is_empty();
      }
    }
    if (sure || !certain) {
      result |= here.assign(Field::translated, IntervalSet::single(bits));
    }
  }
  return follows_marks() ? result : result | (established & own_sessions_);
}

// What belongs to a flow as an answer, and to none as its first packet.
PacketSet NodePass::answers_to_flows() const {
  PacketSet answers = network_->space().none();
  PacketSet openers = answers;
  for (const auto& [key, flow] : anyone_->flows()) {
    answers |= flow.answer(*headers_);
    openers |= flow.entered;
  }
  return answers - openers;
}

// What the node may send, before its rules.
PacketSet NodePass::sent_by_itself() const {
  Space& space = network_->space();
  PacketSet sending = space.valid() & space.where(Field::source, node_->facts.own);
  for (const Field field : {Field::ingress, Field::mark, Field::connection_mark, Field::translated}) {
    sending = sending.assign(field, IntervalSet::single(0));
  }
  return headers_->set_role(sending.assign(Field::egress, IntervalSet::range(1, node_->facts.hops.size())), Role::own);
}

// Under the address that the node sends to, and under the one that this becomes.
IntervalSet NodePass::peers() {
  if (!node_->tracks || node_->facts.hops.empty()) {
    return {};
  }
  std::vector<Translated> record;
  const PacketSet leaving = stages(Hook::egress, stages(Hook::originate, sent_by_itself(), record), record) & opening();
  IntervalSet result = leaving.values(Field::destination);
  for (const Translated& part : record) {
    if (part.how != nullptr && part.how->endpoint == model::Endpoint::destination && !leaving.is_empty()) {
      result = result | part.before.values(Field::destination);
    }
  }
  return result;
}

// The flows that the node itself opens, past its own filters: their answers come back to what they were translated to.
FlowTable NodePass::own_openings() {
  if (!node_->tracks || !node_->translates || node_->facts.hops.empty()) {
    return {};
  }
  const PacketSet sending = sent_by_itself();
  nothing_drops_ = true;
  std::vector<Translated> first;
  std::vector<Translated> second;
  const PacketSet leaving = stages(Hook::egress, stages(Hook::originate, sending, first), second);
  learn(first, second, leaving);
  FlowTable opened;
  for (const auto& [key, flow] : result_.learned.flows()) {
    if (flow.first != nullptr || flow.second != nullptr) {
      constexpr std::size_t keys_of_passing_flows = std::size_t{1} << 31U;
      Flow ours = flow;
      ours.opened_here = true;
      opened.add({key.first + keys_of_passing_flows, key.second}, ours);
    }
  }
  return opened;
}

void NodePass::count_sessions_with(const IntervalSet& peers) {
  peers_ = peers;
  own_sessions_ |= node_->feigned_own_flows & network_->space().where(Field::destination, peers);
  anyone_arriving_ |= own_sessions_;
}

// ICMP errors may quote any packet of any flow, and go to whoever sent that. Sessions that the node opened itself count
// where the question asks for them (assumption A-OWN).
PacketSet NodePass::related_endpoints(PacketSet errors) const {
  if (errors.is_empty() || anyone_arriving_.is_empty()) {
    return network_->space().none();
  }
  const PacketSet of_flows = anyone_->arriving(*headers_);
  IntervalSet receivers = (of_flows | node_->own_flows).values(Field::destination) | of_flows.values(Field::source);
  if (over()) {
    receivers = receivers | peers_;
  }
  return errors & network_->space().where(Field::destination, receivers);
}

PacketSet NodePass::translate(const CompiledStage& stage, PacketSet packets, std::size_t numbers_from,
                              std::vector<Translated>& record, PacketSet& settled) {
  const bool inward = stage.stage->hook == Hook::ingress || stage.stage->hook == Hook::originate;
  // Of several stages at one hook only the first that translates does.
  const Bits done = inward ? 1 : 2;
  const PacketSet translated =
      network_->space().where_masked(Field::translated, done, done) & headers_->with_state(TrackState::fresh);
  const PacketSet fresh = (packets & headers_->with_state(TrackState::fresh)) - translated;
  const PacketSet established = packets & headers_->with_state(TrackState::established);
  PacketSet result = packets - fresh - established;
  const PacketSet related = result & headers_->with_state(TrackState::related);
  const PacketSet expected = related & opening();
  record.push_back({0, nullptr, expected, expected});

  for (const Outcome& outcome : stage.program.outcomes) {
    const PacketSet here = fresh & chosen(outcome);
    if (here.is_empty() || outcome.end == End::drop || is_unsure(outcome.effect)) {
      continue;
    }
    const PacketSet marked = after_effect(here, outcome.effect, node_->facts, *headers_);
    if (outcome.end == End::translate) {
      const Rewrite& rewrite = stage.program.rewrites[outcome.rewrite];
      if (approximation_ == Approximation::certain && rewrite.has_choice()) {
        continue;
      }
      const PacketSet stays = unchanged(rewrite, marked, *headers_, approximation_);
      const bool may_change_all = over() && (rewrite.has_choice() || rewrite.port_is_free);
      PacketSet changes = may_change_all ? marked : marked - stays;
      if (over() && rewrite.ports) {
        changes |= marked & headers_->perhaps_portless();
      }
      const PacketSet changed = image(rewrite, changes, *headers_, approximation_)
                                    .assign_bits(Field::translated, rewrite.bit(), rewrite.bit());
      record.push_back({numbers_from + outcome.rewrite, &rewrite, marked, stays | changed});
      result |= changed;
      settled |= stays;
    } else if (outcome.end == End::accept) {
      record.push_back({0, nullptr, marked, marked});
      result |= marked;
    } else if (outcome.end == End::scramble && over()) {
      const PacketSet anyhow = scrambled(marked);
      record.push_back({0, nullptr, anyhow, anyhow});
      result |= anyhow;
    }
  }
  result |= inward ? anyone_->after_first(established, *headers_, approximation_)
                   : anyone_->after_second(established, *headers_, approximation_);
  result |= established & own_sessions_;
  result |= related_translated(related, inward);
  note_drop(stage.stage, {}, fresh & stage.program.may(End::drop));
  return result;
}

// The outer header of an ICMP error, and of a flow that a helper expects, is translated like the flow's.
PacketSet NodePass::related_translated(PacketSet related, bool inward) const {
  PacketSet result = related;
  if (!over() || related.is_empty()) {
    return result;
  }
  const Field field = inward ? Field::destination : Field::source;
  for (const auto& [key, flow] : anyone_->flows()) {
    const IntervalSet values = inward ? flow.middle.values(Field::source) | flow.middle.values(Field::destination)
                                      : flow.entered.values(Field::destination) | flow.left.values(Field::source);
    result |= related.assign(field, values);
  }
  return result;
}

// Packets that make an entry: first ones, and the first ones of flows that a helper expects.
PacketSet NodePass::opening() const {
  const PacketSet fresh = headers_->with_state(TrackState::fresh);
  const PacketSet expected = (headers_->with_state(TrackState::related) & headers_->whole()) - headers_->icmp_errors();
  return over() ? fresh | expected : fresh;
}

PacketSet NodePass::route(PacketSet packets) {
  const Fib& fib = node_->fib;
  const PacketSet result =
      packets.forget(Field::egress) & (approximation_ == Approximation::certain ? *fib.surely_leaves : *fib.may_leave);
  for (const RouteEnd& end : node_->fib.ends) {
    note_drop(nullptr, end.origin, packets & end.packets);
  }
  return result;
}

// The flows of the packets that got through both lists of translations and everything after them. A header alone does
// not say which translation made it: packets are compared with all that decides about them.
void NodePass::learn(const std::vector<Translated>& first, const std::vector<Translated>& second, PacketSet survivors) {
  if (!node_->tracks) {
    return;
  }
  const PacketSet opened = survivors & opening();
  if (!follows_marks()) {
    learn_opened(first, second, opened, std::nullopt);
    return;
  }
  for (std::size_t mark = 0; mark < node_->facts.connection_marks.values().size(); ++mark) {
    learn_opened(first, second, opened & network_->space().where(Field::connection_mark, mark), mark);
  }
}

void NodePass::learn_opened(const std::vector<Translated>& first, const std::vector<Translated>& second,
                            PacketSet opened, std::optional<std::size_t> mark) {
  if (opened.is_empty()) {
    return;
  }
  const auto untranslated = [](const Translated& part) { return part.how == nullptr; };
  const bool plain =
      std::all_of(first.begin(), first.end(), untranslated) && std::all_of(second.begin(), second.end(), untranslated);
  if (plain && approximation_ != Approximation::certain) {  // every survivor is in the records as it is
    const PacketSet tuples = headers_->tuple(opened);
    const PacketSet flows = over() ? headers_->tuple_perhaps_portless(tuples) : tuples;
    result_.learned.add({0, 0}, {nullptr, nullptr, flows, flows, flows, false});
    return;
  }
  const auto shown = [&](PacketSet packets) { return plain ? headers_->tuple(packets) : within(packets); };
  const auto either = [](const Translated& part, PacketSet packets) {
    return packets.assign_bits(Field::translated, 0, part.how->bit()) |
           packets.assign_bits(Field::translated, part.how->bit(), part.how->bit());
  };
  const auto before = [&](const Translated& part, PacketSet after) {
    const PacketSet all = shown(part.before);
    return part.how == nullptr ? after & all : preimage(*part.how, either(part, after), all, *headers_, approximation_);
  };
  const bool certain = approximation_ == Approximation::certain && !plain;
  const PacketSet unsure_first = certain ? unsure_by_marks(first) : network_->space().none();
  const PacketSet unsure_second = certain ? unsure_by_marks(second) : network_->space().none();
  const PacketSet alive = shown(opened) - unsure_second;
  for (const Translated& outward : second) {
    const PacketSet left = shown(outward.after) & alive;
    if (left.is_empty()) {
      continue;
    }
    const PacketSet middle = before(outward, left);
    for (const Translated& inward : first) {
      const PacketSet mine = middle & (shown(inward.after) - unsure_first).forget(Field::egress);
      if (mine.is_empty()) {
        continue;
      }
      Flow flow{inward.how, outward.how, mine, mine, mine, false, mark};
      if (inward.how != nullptr) {
        flow.entered = before(inward, mine.forget(Field::egress));
      }
      if (outward.how != nullptr) {
        flow.left = either(outward, image(*outward.how, mine, *headers_, approximation_)) & left;
      }
      for (PacketSet* part : {&flow.entered, &flow.middle, &flow.left}) {
        *part = over() ? headers_->tuple_perhaps_portless(*part) : headers_->tuple(*part);
      }
      constexpr std::size_t keys_of_a_mark = std::size_t{1} << 32U;
      result_.learned.add({inward.rewrite, outward.rewrite + (mark ? *mark + 1 : 0) * keys_of_a_mark}, flow);
    }
  }
}

}  // namespace segproof::reach
