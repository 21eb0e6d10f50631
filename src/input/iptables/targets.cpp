// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/text.h"
#include "input/iptables/builders.h"
#include "input/iptables/values.h"

namespace segproof::iptables {
namespace {

using model::Action;
using model::MarkKind;

constexpr std::uint32_t all_ones = 0xffffffffU;

// MARK and CONNMARK share --set-xmark, --set-mark, --and-mark, --or-mark, --xor-mark.
std::optional<Action> mark_change(const OptionUse& option, RuleDraft& draft, MarkKind kind) {
  const bool set = option.name == "set-mark";
  const bool known = set || option.name == "set-xmark" || option.name == "and-mark" || option.name == "or-mark" ||
                     option.name == "xor-mark";
  if (!known)
    return std::nullopt;
  const auto value = parse_value_mask(option.values.front());
  if (!value) {
    draft.fail(fmt::format("bad mark {}", quote(option.values.front())), option.column);
    return model::GoOn{};
  }
  const auto [mark, mask] = *value;
  if (option.name == "and-mark")
    return model::SetMark{kind, mark, 0};
  if (option.name == "or-mark")
    return model::SetMark{kind, ~mark, mark};
  if (option.name == "xor-mark")
    return model::SetMark{kind, all_ones, mark};
  return model::SetMark{kind, set ? ~(mask | mark) : ~mask, mark};
}

std::uint32_t mask_option(const ExtensionUse& use, RuleDraft& draft, std::string_view name) {
  const OptionUse* option = use.find(name);
  if (option == nullptr)
    option = use.find("mask");
  if (option == nullptr)
    return all_ones;
  const auto mask = parse_number(option->values.front(), all_ones);
  if (!mask)
    draft.fail(fmt::format("bad mask {}", quote(option->values.front())), option->column);
  return static_cast<std::uint32_t>(mask.value_or(all_ones));
}

// The kernel registers some targets for one table only.
void only_in(const ExtensionUse& use, RuleDraft& draft, std::string_view table) {
  if (draft.table != table) {
    draft.fail(fmt::format("target {} works in table `{}` only", quote(use.name), table), use.column);
  }
}

Action anything(const ExtensionUse& use, bool may_deliver_locally) {
  return model::Anything{text_of(use), may_deliver_locally};
}

}  // namespace

Action target_accept(const ExtensionUse& /*use*/, RuleDraft& /*draft*/) {
  return model::Decide{model::Verdict::accept};
}
Action target_drop(const ExtensionUse& /*use*/, RuleDraft& /*draft*/) {
  return model::Decide{model::Verdict::drop};
}
Action target_return(const ExtensionUse& /*use*/, RuleDraft& /*draft*/) {
  return model::ComeBack{};
}

Action target_reject(const ExtensionUse& use, RuleDraft& draft) {
  only_in(use, draft, "filter");
  const OptionUse* with = use.find("reject-with");
  const bool reset =
      with != nullptr && (same_word(with->values.front(), "tcp-reset") || same_word(with->values.front(), "tcp-rst"));
  if (reset && draft.protocol != protocol_number::tcp)
    draft.fail("a TCP reset needs `-p tcp`", with->column);
  return model::Decide{model::Verdict::reject};
}

Action target_mark(const ExtensionUse& use, RuleDraft& draft) {
  for (const OptionUse& option : use.options) {
    if (const auto change = mark_change(option, draft, MarkKind::packet))
      return *change;
  }
  draft.fail("target `MARK` needs a mark", use.column);
  return model::GoOn{};
}

Action target_connmark(const ExtensionUse& use, RuleDraft& draft) {
  draft.tracks = true;
  // Without an entry in the connection table nothing happens.
  constexpr std::uint8_t with_entry = 7;
  draft.add(model::TrackTest{with_entry, 0, false});
  if (use.find("left-shift-mark") != nullptr || use.find("right-shift-mark") != nullptr)
    return anything(use, false);
  for (const OptionUse& option : use.options) {
    if (const auto change = mark_change(option, draft, MarkKind::connection))
      return *change;
    const bool save = option.name == "save-mark";
    if (!save && option.name != "restore-mark")
      continue;
    const std::uint32_t connection = mask_option(use, draft, "ctmask");
    const std::uint32_t packet = mask_option(use, draft, "nfmask");
    if (save)
      return model::CopyMark{MarkKind::connection, connection, packet};
    return model::CopyMark{MarkKind::packet, packet, connection};
  }
  draft.fail("target `CONNMARK` needs an operation", use.column);
  return model::GoOn{};
}

Action target_notrack(const ExtensionUse& use, RuleDraft& draft) {
  only_in(use, draft, "raw");  // by itself it makes nothing track connections
  return model::Untrack{};
}

Action target_ct(const ExtensionUse& use, RuleDraft& draft) {
  only_in(use, draft, "raw");
  if (use.find("notrack") != nullptr)
    return model::Untrack{};
  draft.tracks = true;
  draft.gives_template = true;
  if (use.find("zone") != nullptr || use.find("zone-orig") != nullptr || use.find("zone-reply") != nullptr) {
    draft.remark = "zones of connection tracking count as one";
  }
  if (const OptionUse* helper = use.find("helper"))
    return model::AttachHelper{std::string(helper->values.front())};
  return model::GoOn{};  // zones, events and time-outs separate connections; they decide about no packet
}

Action target_tee(const ExtensionUse& use, RuleDraft& draft) {
  const OptionUse* gateway = use.find("gateway");
  if (gateway == nullptr)
    return model::Duplicate{std::nullopt};
  const auto address = parse_plain_address(gateway->values.front(), draft.family);
  if (!address) {
    draft.fail(fmt::format("bad address {}", quote(gateway->values.front())), gateway->column);
    return model::GoOn{};
  }
  return model::Duplicate{Address{draft.family, *address}};
}

Action target_set(const ExtensionUse& use, RuleDraft& /*draft*/) {
  // Adding to a set does nothing to the packet; taking marks from one does.
  if (use.find("map-set") != nullptr)
    return anything(use, false);
  return model::GoOn{};
}

Action target_traffic_class(const ExtensionUse& /*use*/, RuleDraft& draft) {
  draft.changes_traffic_class = true;
  return model::GoOn{};
}
Action target_hop_limit(const ExtensionUse& /*use*/, RuleDraft& draft) {
  draft.changes_hop_limit = true;
  return model::GoOn{};
}

// OpenWrt's way to a flowtable.
Action target_flow_offload(const ExtensionUse& use, RuleDraft& draft) {
  draft.tracks = true;
  draft.offloads = true;
  draft.remark = fmt::format("{}: later packets may go past all rules", text_of(use));
  return model::GoOn{};
}

Action target_anything(const ExtensionUse& use, RuleDraft& /*draft*/) {
  return anything(use, true);
}

}  // namespace segproof::iptables
