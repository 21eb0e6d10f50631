// SPDX-License-Identifier: Apache-2.0
#include "draft.h"

#include <fmt/format.h>

#include <algorithm>

namespace segproof::oracle {
namespace {

class Renderer {
 public:
  void line(std::string_view text, DraftLine place = {}) {
    // A text of several lines takes several places.
    rendered_.text += text;
    rendered_.text += '\n';
    for (std::size_t i = 0; i <= static_cast<std::size_t>(std::ranges::count(text, '\n')); ++i)
      rendered_.lines.push_back(place);
  }

  void iptables(const DraftTable& table) {
    line("*" + table.name);
    for (const DraftChain& chain : table.chains)
      line(fmt::format(":{} {}", chain.name, chain.head), {table.name, chain.name, std::nullopt});
    for (const DraftChain& chain : table.chains) {
      std::size_t index = 0;
      for (const DraftRule& rule : chain.rules) {
        const char* space = rule.text.empty() ? "" : " ";
        line(fmt::format("-A {}{}{}", chain.name, space, rule.text), {table.name, chain.name, index});
        index += rule.copies;
      }
    }
    line("COMMIT");
  }

  void nft(const DraftTable& table) {
    const std::string name = table.name.substr(table.name.find(' ') + 1);
    line(fmt::format("table {} {{", table.name));
    if (!table.preamble.empty())
      line(table.preamble);
    // A chain is known before it is called: the last ones are called by those before them.
    for (std::size_t i = table.chains.size(); i-- > 0;) {
      const DraftChain& chain = table.chains[i];
      line(fmt::format("\tchain {} {{", chain.name), chain.is_base ? DraftLine{} : DraftLine{name, chain.name, {}});
      if (!chain.head.empty())
        line("\t\t" + chain.head, {name, chain.name, std::nullopt});
      std::size_t index = 0;
      for (const DraftRule& rule : chain.rules) {
        line("\t\t" + rule.text, {name, chain.name, index});
        index += rule.copies;
      }
      line("\t}");
    }
    line("}");
  }

  Rendered take() { return std::move(rendered_); }

 private:
  Rendered rendered_;
};

}  // namespace

bool Draft::any(bool DraftRule::*property) const {
  for (const DraftTable& table : tables) {
    for (const DraftChain& chain : table.chains) {
      if (std::ranges::any_of(chain.rules, property))
        return true;
    }
  }
  return false;
}

std::size_t Draft::rule_count() const {
  std::size_t count = 0;
  for (const DraftTable& table : tables) {
    for (const DraftChain& chain : table.chains)
      count += chain.rules.size();
  }
  return count;
}

std::uint32_t Rendered::line_of(const std::string& table, const std::string& chain,
                                std::optional<std::size_t> rule) const {
  std::uint32_t found = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const DraftLine& line = lines[i];
    if (line.table != table || line.chain != chain || line.rule.has_value() != rule.has_value())
      continue;
    if (!rule || *line.rule <= *rule)
      found = static_cast<std::uint32_t>(i + 1);
  }
  return found;
}

Rendered render(const Draft& draft) {
  if (!draft.verbatim.empty())
    return {draft.verbatim, {}};
  Renderer renderer;
  for (const DraftTable& table : draft.tables) {
    if (draft.backend == Backend::nft) {
      renderer.nft(table);
    } else {
      renderer.iptables(table);
    }
  }
  return renderer.take();
}

}  // namespace segproof::oracle
