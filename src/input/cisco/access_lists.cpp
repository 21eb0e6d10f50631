// SPDX-License-Identifier: Apache-2.0
#include "input/cisco/access_lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace segproof::cisco {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t most_insertions = 10'000;
constexpr std::uint32_t step = 10;

// Which kind a numbered list is.
ListKind kind_of_number(std::uint32_t number) {
  if ((number >= 1 && number <= 99) || (number >= 1300 && number <= 1999))
    return ListKind::standard;
  if ((number >= 100 && number <= 199) || (number >= 2000 && number <= 2699))
    return ListKind::extended;
  return ListKind::other;
}

// An entry in the place of a line that is not understood: it matches perhaps.
Entry unclear_entry(std::string why) {
  Entry entry;
  entry.permits = true;
  entry.is_unclear = true;
  entry.services = {Service::protocol(every_protocol)};
  entry.unknown.push_back({model::Unknown::not_understood, std::move(why), false});
  return entry;
}

bool begins_entry(std::string_view word) {
  return word == "permit" || word == "deny" || word == "remark" || word == "evaluate";
}

}  // namespace

bool AccessList::has_rules() const {
  return std::ranges::any_of(entries, [](const Entry& entry) { return !entry.is_remark; });
}

const AccessList* AccessLists::find(std::string_view name, bool ipv6) const {
  const Lists& lists = ipv6 ? lists_v6_ : lists_;
  const auto found = lists.find(name);
  return found == lists.end() ? nullptr : &found->second;
}

void AccessLists::read(const Statements& statements) {
  statements.for_each_below(no_statement, [&](std::size_t at) { top_level(statements, at); });
  for (auto& [name, list] : lists_)
    settle(list);
  for (auto& [name, list] : lists_v6_)
    settle(list);
}

void AccessLists::top_level(const Statements& statements, std::size_t at) {
  const std::string_view text = statements[at].text;
  if (text.starts_with("access-list "))
    return one_line(statements, at);
  if (text.starts_with("ip access-list ") || text.starts_with("ipv6 access-list "))
    return block(statements, at);
  if (text.starts_with("mac access-list ") || text.starts_with("arp access-list "))
    return findings_.all_below(at, model::LineUse::irrelevant);
  if (text.starts_with("no access-list ") || text.starts_with("no ip access-list ") ||
      text.starts_with("no ipv6 access-list ") || text.starts_with("clear config access-list") ||
      text.starts_with("clear configure access-list") || text.starts_with("clear access-list")) {
    remove(statements, at);
  }
}

AccessList& AccessLists::open(Lists& lists, std::string_view name, ListKind kind, std::size_t at) {
  const auto [place, is_new] = lists.try_emplace(std::string(name));
  AccessList& list = place->second;
  if (is_new) {
    list.name = std::string(name);
    list.kind = kind;
    list.origin = findings_.span(at);
    list.statement = at;
  } else if (list.kind != kind) {
    const std::string why = fmt::format("access list {} is of two kinds", quote(name));
    list.entries.insert(list.entries.begin(), unclear_entry(why));
    list.entries.front().origin = findings_.span(at);
    list.entries.front().statement = at;
    findings_.unmodelled(at, DiagnosticCode::line_not_understood, why);
  }
  return list;
}

// `access-list NAME ...`: the firewall's lists and the numbered ones of routers.
void AccessLists::one_line(const Statements& statements, std::size_t at) {
  Words words(statements[at].text);
  words.skip(1);
  const std::string_view name = words.take();
  static constexpr std::array settings = {"compiled"sv, "mode"sv,       "alert-interval"sv,   "deny-flow-max"sv,
                                          "cached"sv,   "rate-limit"sv, "dynamic-extended"sv, "commit"sv};
  // `show access-list` prints a heading for each list and, indented, what groups unfold into.
  const bool is_heading = name.ends_with(';');
  if (is_heading || std::ranges::find(settings, name) != settings.end() || words.peek() == "compiled" ||
      words.peek() == "rename") {
    return findings_.all_below(at, model::LineUse::irrelevant);
  }
  for (std::size_t below = at + 1; below < statements[at].end; ++below)
    findings_.irrelevant(below);
  std::uint32_t line = 0;
  if (words.take_if("line"))
    line = parse_number(words.take()).value_or(0);
  ListKind kind = ListKind::extended;
  const auto number = parse_number(name);
  if (number && definitions_.dialect() != CiscoDialect::asa)
    kind = kind_of_number(*number);
  if (words.take_if("standard")) {
    kind = ListKind::standard;
  } else if (words.peek() == "ethertype" || words.peek() == "webtype") {
    kind = ListKind::other;
  } else if (!words.take_if("extended") && words.peek() == "remark") {
    const auto known = lists_.find(name);
    kind = known != lists_.end() ? known->second.kind : kind;
  }
  if (kind == ListKind::other)
    return findings_.irrelevant(at);
  if (words.peek() == "remark") {  // comes before the list's kind is known
    const auto known = lists_.find(name);
    if (known == lists_.end())
      return findings_.irrelevant(at);
    kind = known->second.kind;
  }
  add(open(lists_, name, kind, at), words, at, 0, line);
}

void AccessLists::block(const Statements& statements, std::size_t at) {
  Words words(statements[at].text);
  const bool ipv6 = words.take() == "ipv6";
  words.skip(1);
  static constexpr std::array settings = {"resequence"sv, "logging"sv,    "log-update"sv,
                                          "persistent"sv, "helper"sv,     "match-local-traffic"sv,
                                          "commit"sv,     "role-based"sv, "fqdn"sv};
  if (std::ranges::find(settings, words.peek()) != settings.end() && words.left() > 1) {
    return findings_.all_below(
        at, words.peek() == "match-local-traffic" ? model::LineUse::unmodelled : model::LineUse::irrelevant);
  }
  ListKind kind = ipv6 ? ListKind::ipv6 : ListKind::extended;
  if (words.take_if("standard")) {
    kind = ListKind::standard;
  } else {
    words.take_if("extended");
  }
  const std::string_view name = words.take();
  if (name.empty())
    return findings_.unmodelled(at, DiagnosticCode::line_not_understood, "an access list without a name");
  AccessList& list = open(ipv6 ? lists_v6_ : lists_, name, kind, at);
  if (begins_entry(words.peek()) || words.peek() == "line") {  // the firewall's old IPv6 lists
    std::uint32_t line = 0;
    if (words.take_if("line"))
      line = parse_number(words.take()).value_or(0);
    return add(list, words, at, 0, line);
  }
  findings_.modelled(at);
  statements.for_each_below(at, [&](std::size_t below) { block_line(statements, below, list); });
}

void AccessLists::block_line(const Statements& statements, std::size_t at, AccessList& list) {
  for (std::size_t below = at + 1; below < statements[at].end; ++below)
    findings_.unmodelled(below, DiagnosticCode::line_not_understood, "a line below an entry of an access list");
  Words words(statements[at].text);
  if (words.peek() == "statistics" || words.peek() == "fragment-rules" || words.peek() == "hardware" ||
      (words.peek() == "no" && (words.peek(1) == "statistics" || words.peek(1) == "fragment-rules"))) {
    return findings_.irrelevant(at);
  }
  if (words.take_if("fragments")) {
    list.may_pass_fragments = true;
    return findings_.undecided(at, "fragments are treated apart");
  }
  if (words.take_if("no"))
    return remove_entry(words, at, list);
  words.take_if("sequence");
  std::uint32_t sequence = 0;
  if (!begins_entry(words.peek())) {
    if (const auto number = parse_number(words.peek())) {
      sequence = *number;
      words.skip(1);
    }
  }
  add(list, words, at, sequence, 0);
}

// `no 20`, or `no permit ...` as it was written.
void AccessLists::remove_entry(Words& words, std::size_t at, AccessList& list) {
  const auto number = parse_number(words.peek());
  const std::string wanted = words.rest();
  settle(list);
  const auto found = std::ranges::find_if(list.entries, [&](const Entry& entry) {
    if (number && words.left() == 1)
      return entry.sequence == *number;
    return entry.text == wanted;
  });
  if (found == list.entries.end() || ++insertions_ > most_insertions)
    return findings_.unmodelled(at, DiagnosticCode::line_not_understood, "the entry to remove is not there");
  list.entries.erase(found);
  findings_.modelled(at);
}

void AccessLists::remove(const Statements& statements, std::size_t at) {
  Words words(statements[at].text);
  const bool is_clear = words.take() == "clear";
  const bool ipv6 = words.peek() == "ipv6";
  while (!words.done() && words.take() != "access-list") {
  }
  if (words.peek() == "standard" || words.peek() == "extended")
    words.skip(1);
  const std::string_view name = words.take();
  findings_.modelled(at);
  Lists& lists = ipv6 ? lists_v6_ : lists_;
  if (name.empty()) {
    if (is_clear)
      lists.clear();
    return;
  }
  if (!words.done() && !is_clear) {  // `no access-list NAME permit ...`: one entry
    const auto found = lists.find(name);
    words.take_if("extended");
    if (found != lists.end())
      return remove_entry(words, at, found->second);
    return;
  }
  if (const auto found = lists.find(name); found != lists.end())
    lists.erase(found);
}

void AccessLists::add(AccessList& list, Words& words, std::size_t at, std::uint32_t sequence, std::uint32_t line) {
  Entry entry;
  const std::string text = words.rest();
  std::string fault;
  if (!parser_.parse(words, list.kind, entry, fault)) {
    findings_.unmodelled(at, DiagnosticCode::line_not_understood,
                         fmt::format("entry of access list {}: {}", quote(list.name), fault));
    entry = unclear_entry(fault);
  } else if (const std::string why = undecided_part(entry); !why.empty()) {
    findings_.undecided(at, why);
  } else {
    findings_.modelled(at);
  }
  if (!entry.is_remark)
    entry.text = text;
  entry.origin = findings_.span(at);
  entry.statement = at;
  if (sequence == 0 && !list.entries.empty() && list.entries.back().sequence > 0)
    sequence = std::max(list.entries.back().sequence, list.entries.back().sequence + step);
  if (sequence == 0)
    sequence = list.entries.empty() ? step : 0;
  entry.sequence = sequence;
  if (line > 0 && line <= list.entries.size()) {
    if (++insertions_ > most_insertions)
      return findings_.unmodelled(at, DiagnosticCode::line_not_understood, "too many entries are inserted");
    entry.sequence = 0;
    list.entries.insert(list.entries.begin() + static_cast<std::ptrdiff_t>(line - 1), std::move(entry));
    return;
  }
  list.entries.push_back(std::move(entry));
}

// Entries in the order of their numbers. Two rules of one number: the device keeps one of them, which is not known.
void AccessLists::settle(AccessList& list) {
  const bool numbered = std::ranges::all_of(list.entries, [](const Entry& entry) { return entry.sequence > 0; });
  if (!numbered)
    return;
  std::ranges::stable_sort(list.entries, {}, &Entry::sequence);
  for (std::size_t i = 1; i < list.entries.size(); ++i) {
    Entry& before = list.entries[i - 1];
    Entry& here = list.entries[i];
    if (before.sequence != here.sequence || before.is_remark || here.is_remark || before.text == here.text)
      continue;
    const std::string why = fmt::format("two entries have the number {}", here.sequence);
    for (Entry* entry : {&before, &here}) {
      if (entry->unknown.empty() || entry->unknown.back().text != why)
        entry->unknown.push_back({model::Unknown::not_understood, why, false});
      findings_.undecided(entry->statement, why);
    }
  }
}

}  // namespace segproof::cisco
