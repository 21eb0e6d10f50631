// SPDX-License-Identifier: Apache-2.0
// The commands of a file, carried out one after the other.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "input/nft/parse_expression.h"
#include "input/nft/ruleset_parser.h"

namespace segproof::nft {
namespace {

constexpr std::size_t deepest_include = 16;
constexpr std::size_t most_includes = 4096;

}  // namespace

void RulesetParser::command() {
  if (definition())
    return;
  const Token verb = cursor_.peek();
  if (cursor_.accept("add") || cursor_.accept("create")) {
    ruleset_.is_source = true;
    return add(verb);
  }
  if (cursor_.accept("insert")) {
    cursor_.accept("rule");
    return add_rule(At::beginning);
  }
  if (cursor_.accept("replace"))
    return replace_rule();
  if (cursor_.accept("delete") || cursor_.accept("destroy"))
    return remove(verb);
  if (cursor_.accept("flush"))
    return flush();
  if (cursor_.accept("rename"))
    return rename_chain();
  for (const std::string_view word : {"list", "reset", "monitor", "describe", "export", "get"}) {
    if (cursor_.accept(word))
      return ignore_command();
  }
  add(verb);
}

// list, monitor and the like change nothing.
void RulesetParser::ignore_command() {
  while (!cursor_.at_end_of_statement())
    cursor_.next();
}

bool RulesetParser::definition() {
  if (cursor_.at("include") && cursor_.peek(1).kind == TokenKind::quoted) {
    include();
  } else if (cursor_.at("define") || cursor_.at("redefine")) {
    define_variable();
  } else if (cursor_.at("undefine")) {
    cursor_.next();
    cursor_.undefine(cursor_.name("the name of a variable"));
  } else {
    return false;
  }
  ruleset_.is_source = true;
  return true;
}

// define x = 10.0.0.1, define y = { 22, 80 }, define z = -5
void RulesetParser::define_variable() {
  cursor_.next();
  const std::string name = cursor_.name("the name of a variable");
  cursor_.expect("=");
  Expression value = parse_values(cursor_);
  if (!cursor_.failed())
    cursor_.define(name, std::move(value));
}

void RulesetParser::include() {
  cursor_.next();
  const Token pattern = cursor_.next();
  if (includes_ == nullptr)
    return cursor_.fail(pattern.span, fmt::format("{} is not read here", quote(pattern.text)));
  const auto opened = includes_->open(pattern.span.file, pattern.text);
  if (!opened) {
    findings_.unmodelled(DiagnosticCode::include_not_read, pattern.span, opened.failure().message,
                         "write the rules as `nft list ruleset` shows them");
    ruleset_.doubts.push_back({pattern.span, opened.failure().message});
    return;
  }
  const std::size_t depth = include_depth_[pattern.span.file] + 1;
  const std::vector<FileId>& files = opened.value();
  if (depth > deepest_include || (included_ += files.size()) > most_includes)
    return cursor_.fail(pattern.span, "files include each other too deeply");
  // The last one first, because each is put before what comes next.
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    include_depth_[*file] = std::max(include_depth_[*file], depth);
    cursor_.splice(tokenize(*file, sources_));
  }
}

TableFamily RulesetParser::family() {
  const auto found = find_table_family(cursor_.peek().text);
  // A table may be called `ip`: a family is followed by a name.
  if (!found || cursor_.peek().kind != TokenKind::word)
    return TableFamily::ip;
  cursor_.next();
  return *found;
}

RulesetParser::Place RulesetParser::table_place() {
  Place place;
  place.span = cursor_.peek().span;
  place.family = family();
  place.table = cursor_.name("the name of a table");
  return place;
}

RulesetParser::Place RulesetParser::named_place(std::string_view what) {
  Place place = table_place();
  place.name = cursor_.name(what);
  return place;
}

void RulesetParser::add(const Token& verb) {
  const Token kind = cursor_.peek();
  if (cursor_.accept("table")) {
    const Place place = table_place();
    if (cursor_.failed())
      return;
    Table& table = ruleset_.table(place.family, place.table, kind.span);
    if (cursor_.accept("{"))
      table_block(table);
  } else if (cursor_.accept("chain")) {
    const Place place = named_place("the name of a chain");
    if (cursor_.failed())
      return;
    Table& table = ruleset_.table(place.family, place.table, kind.span);
    Chain& chain = table.chain(place.name, kind.span);
    chain.declared = true;
    if (cursor_.accept("{"))
      chain_block(table, chain);
  } else if (cursor_.accept("rule")) {
    add_rule(At::end);
  } else if (cursor_.accept("element")) {
    const Place place = named_place("the name of a set");
    if (!cursor_.failed())
      elements(ruleset_.table(place.family, place.table, kind.span).set(place.name, kind.span));
  } else if (kind.is("set") || kind.is("map")) {
    cursor_.next();
    const Place place = named_place("the name of a set");
    if (cursor_.failed())
      return;
    Set& set = ruleset_.table(place.family, place.table, kind.span).set(place.name, kind.span);
    set.is_map = kind.is("map");
    if (cursor_.accept("{"))
      set_block(set);
  } else if (cursor_.accept("flowtable")) {
    Table& table = [&]() -> Table& {
      const Place place = table_place();
      return ruleset_.table(place.family, place.table, kind.span);
    }();
    flowtable(table);
  } else if (kind.is("counter") || kind.is("quota") || kind.is("limit") || kind.is("synproxy") || kind.is("secmark") ||
             kind.is("ct")) {
    std::string what(cursor_.next().text);
    if (what == "ct")
      what += fmt::format(" {}", cursor_.name("helper, timeout or expectation"));
    const Place place = table_place();
    if (!cursor_.failed())
      object(ruleset_.table(place.family, place.table, kind.span), what);
  } else if (verb.is("add") && cursor_.peek(1).kind == TokenKind::word) {
    add_rule(At::end);  // the word `rule` may be left out
  } else {
    cursor_.fail(kind.span, fmt::format("{} is not understood", quote(kind.text, 40)));
  }
}

void RulesetParser::add_rule(At at) {
  ruleset_.is_source = true;
  const Place place = named_place("the name of a chain");
  if (cursor_.failed())
    return;
  Table& table = ruleset_.table(place.family, place.table, place.span);
  Chain& chain = table.chain(place.name, place.span);
  const bool elsewhere = cursor_.at("index") || cursor_.at("position") || cursor_.at("handle");
  if (elsewhere) {
    // Which rule that is, only the kernel knows, or a count of rules that may have come from elsewhere.
    cursor_.fail("where a rule of that number stands is not known");
    return distrust(chain);
  }
  rule(table, chain, at);
}

void RulesetParser::replace_rule() {
  cursor_.accept("rule");
  const Place place = named_place("the name of a chain");
  if (cursor_.failed())
    return;
  cursor_.fail("which rule has that handle is not known");
  distrust(ruleset_.table(place.family, place.table, place.span).chain(place.name, place.span));
}

void RulesetParser::erase_table(const Place& place) {
  std::erase_if(ruleset_.tables,
                [&](const Table& table) { return table.family == place.family && table.name == place.table; });
}

void RulesetParser::remove(const Token& verb) {
  ruleset_.is_source = true;
  if (cursor_.accept("table")) {
    if (cursor_.accept("handle"))
      return cursor_.fail("which table has that handle is not known");
    const Place place = table_place();
    if (!cursor_.failed())
      erase_table(place);
  } else if (cursor_.accept("rule")) {
    remove_rule();
  } else if (cursor_.accept("chain")) {
    const Place place = named_place("the name of a chain");
    if (cursor_.failed())
      return;
    Chain& chain = ruleset_.table(place.family, place.table, place.span).chain(place.name, place.span);
    if (cursor_.accept("{"))
      skip_block();
    chain.rules.clear();
    chain.base.reset();
    chain.declared = false;
  } else if (cursor_.accept("element")) {
    remove_elements();
  } else if (cursor_.accept("set") || cursor_.accept("map")) {
    const Place place = named_place("the name of a set");
    if (cursor_.failed())
      return;
    Set& set = ruleset_.table(place.family, place.table, place.span).set(place.name, place.span);
    set = Set{};
    set.name = place.name;
  } else if (cursor_.at("flowtable") || cursor_.at("counter") || cursor_.at("quota") || cursor_.at("limit") ||
             cursor_.at("ct") || cursor_.at("synproxy") || cursor_.at("secmark")) {
    ignore_command();  // they decide nothing where no rule uses them, and a rule that does is undecided
  } else {
    cursor_.fail(fmt::format("{} {} is not understood", verb.text, quote(cursor_.peek().text, 40)));
  }
}

void RulesetParser::remove_rule() {
  const Place place = named_place("the name of a chain");
  if (cursor_.failed())
    return;
  cursor_.fail("which rule has that handle is not known");
  distrust(ruleset_.table(place.family, place.table, place.span).chain(place.name, place.span));
}

void RulesetParser::remove_elements() {
  const Place place = named_place("the name of a set");
  if (cursor_.failed())
    return;
  Set& set = ruleset_.table(place.family, place.table, place.span).set(place.name, place.span);
  Set removed;
  elements(removed);
  // Only what is written alike is taken out; anything else leaves the content in doubt.
  std::set<std::string, std::less<>> gone;
  for (const Element& element : removed.elements) {
    if (element.key.kind == ExpressionKind::value) {
      gone.insert(element.key.text);
    } else {
      set.doubt = "elements were deleted from it";
    }
  }
  const std::size_t erased = std::erase_if(set.elements, [&](const Element& element) {
    return element.key.kind == ExpressionKind::value && gone.contains(element.key.text);
  });
  if (erased < gone.size())
    set.doubt = "elements were deleted from it";
}

void RulesetParser::flush() {
  ruleset_.is_source = true;
  if (cursor_.accept("ruleset")) {
    const auto only = find_table_family(cursor_.peek().text);
    if (only)
      cursor_.next();
    std::erase_if(ruleset_.tables, [&](const Table& table) { return !only || table.family == *only; });
    if (!only)
      ruleset_.doubts.clear();
  } else if (cursor_.accept("table")) {
    const Place place = table_place();
    if (cursor_.failed())
      return;
    for (Chain& chain : ruleset_.table(place.family, place.table, place.span).chains)
      chain.rules.clear();
  } else if (cursor_.accept("chain")) {
    const Place place = named_place("the name of a chain");
    if (!cursor_.failed())
      ruleset_.table(place.family, place.table, place.span).chain(place.name, place.span).rules.clear();
  } else if (cursor_.accept("set") || cursor_.accept("map") || cursor_.accept("meter")) {
    const Place place = named_place("the name of a set");
    if (!cursor_.failed())
      ruleset_.table(place.family, place.table, place.span).set(place.name, place.span).elements.clear();
  } else {
    cursor_.fail(fmt::format("flush {} is not understood", quote(cursor_.peek().text, 40)));
  }
}

void RulesetParser::rename_chain() {
  cursor_.accept("chain");
  const Place place = named_place("the name of a chain");
  const std::string name = cursor_.name("a name");
  if (!cursor_.failed())
    ruleset_.table(place.family, place.table, place.span).rename_chain(place.name, name);
}

}  // namespace segproof::nft
