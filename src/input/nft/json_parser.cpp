// SPDX-License-Identifier: Apache-2.0
#include "input/nft/json_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"
#include "input/nft/json_statement.h"

namespace segproof::nft {
namespace {

using Json = nlohmann::json;

constexpr std::size_t deepest = 64;

// Where the objects of the list `nftables` begin and end: the JSON library does not tell.
class Places {
 public:
  Places(FileId file, std::string_view text) : file_(file), text_(text) {}

  // Nothing when the text nests too deeply.
  std::optional<std::vector<SourceSpan>> find() {
    std::vector<SourceSpan> found;
    std::size_t depth = 0;
    bool quoted = false;
    SourceSpan open;
    std::size_t begin = 0;
    std::uint32_t line = 1;
    std::size_t line_start = 0;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '\n') {
        ++line;
        line_start = i + 1;
      }
      if (quoted) {
        i += c == '\\' ? 1 : 0;
        quoted = c != '"';
      } else if (c == '"') {
        quoted = true;
      } else if (c == '{' || c == '[') {
        if (++depth > deepest) {
          return std::nullopt;
        }
        if (depth == 3 && c == '{') {
          begin = i;
          open = {file_, line, static_cast<std::uint32_t>(i - line_start + 1), 1};
        }
      } else if ((c == '}' || c == ']') && depth > 0) {
        if (depth == 3 && c == '}') {
          open.length = open.line == line ? static_cast<std::uint32_t>(i - begin + 1) : 1;
          found.push_back(open);
        }
        --depth;
      }
    }
    return found;
  }

 private:
  FileId file_;
  std::string_view text_;
};

class Parser {
 public:
  Parser(FileId file, const SourceStore& sources, Findings& findings)
      : file_(file), text_(sources.text(file)), findings_(findings) {}

  Ruleset run() {
    const SourceSpan whole{file_, 0, 0, 0};
    const auto places = Places(file_, text_).find();
    Json parsed = places ? Json::parse(text_, nullptr, false) : Json();
    const bool good = parsed.is_object() && parsed.contains("nftables") && parsed.at("nftables").is_array();
    if (!good) {
      distrust(whole, "this is not the output of `nft -j list ruleset`");
      return std::move(ruleset_);
    }
    std::size_t index = 0;
    for (const Json& item : parsed.at("nftables")) {
      span_ = item.is_object() && index < places->size() ? (*places)[index++] : whole;
      try {
        object(item);
      } catch (const JsonFault& fault) {
        distrust(span_, fault.what());
      }
    }
    return std::move(ruleset_);
  }

 private:
  void distrust(const SourceSpan& span, const std::string& why) {
    findings_.unmodelled(DiagnosticCode::line_not_understood, span, why);
    ruleset_.doubts.push_back({span, why});
  }

  static const Json& at(const Json& body, const char* key) {
    if (!body.is_object() || !body.contains(key)) {
      throw JsonFault(fmt::format("`{}` is missing", key));
    }
    return body.at(key);
  }

  Table& table_of(const Json& body, const char* name_key) {
    const std::string word = json_scalar(at(body, "family"));
    const auto family = find_table_family(word);
    if (!family) {
      throw JsonFault(fmt::format("family {} is not known", quote(word)));
    }
    return ruleset_.table(*family, json_scalar(at(body, name_key)), span_);
  }

  void object(const Json& item) {
    if (!item.is_object() || item.size() != 1) {
      throw JsonFault(fmt::format("{} is not an object of a ruleset", quote(json_text(item), 60)));
    }
    const std::string& kind = item.begin().key();
    const Json& body = item.begin().value();
    if (kind == "metainfo") {
      tells_flags_ = is_at_least(body, {1, 1, 4});
      return;
    }
    if (kind == "table") {
      table(body);
    } else if (kind == "chain") {
      chain(body);
    } else if (kind == "rule") {
      rule(body);
    } else if (kind == "set" || kind == "map") {
      set(body, kind == "map");
    } else if (kind == "flowtable") {
      flowtable(body);
    } else if (kind == "add" || kind == "create" || kind == "insert" || kind == "replace" || kind == "delete" ||
               kind == "flush" || kind == "rename" || kind == "reset") {
      const std::string why = fmt::format("command `{}`: this is what `nft -j -f` reads, not a listing", kind);
      findings_.unmodelled(DiagnosticCode::format_not_read, span_, why, "give the output of `nft -j list ruleset`");
      ruleset_.doubts.push_back({span_, why});
    } else if (kind == "meter") {
      // old meters decide nothing by themselves
    } else if (kind == "counter" || kind == "quota" || kind == "limit" || kind == "ct helper" || kind == "ct timeout" ||
               kind == "ct expectation" || kind == "synproxy" || kind == "secmark" || kind == "tunnel") {
      table_of(body, "table").objects.push_back({kind, json_scalar(at(body, "name")), span_});
    } else {
      throw JsonFault(fmt::format("object {} is not known", quote(kind)));
    }
  }

  static bool is_at_least(const Json& metainfo, const std::array<unsigned, 3>& wanted) {
    const std::string text =
        metainfo.is_object() && metainfo.contains("version") ? json_scalar(metainfo.at("version")) : std::string();
    const auto parts = split(text, '.');
    std::array<unsigned, 3> version{};
    for (std::size_t i = 0; i < std::min(parts.size(), version.size()); ++i) {
      version[i] = parse_unsigned<unsigned>(parts[i]).value_or(0);
    }
    return version >= wanted;
  }

  // A table without flags has no key `flags`, in every version.
  void table(const Json& body) {
    Table& made = table_of(body, "name");
    made.span = span_;
    const std::vector<std::string> flags = texts(body, "flags");
    const bool is_list = flags.size() > 1;
    for (const std::string& flag : flags) {
      const bool is_flag = flag == "dormant" || flag == "owner" || flag == "persist";
      if ((tells_flags_ || is_list) && is_flag) {
        made.dormant = made.dormant || flag == "dormant";
      } else {
        made.perhaps_dormant = true;
      }
    }
    made.perhaps_dormant = made.perhaps_dormant && !made.dormant;
  }

  void chain(const Json& body) {
    Chain& made = table_of(body, "table").chain(json_scalar(at(body, "name")), span_);
    made.declared = true;
    if (!body.contains("hook")) {
      return;
    }
    BaseChain base;
    base.span = span_;
    base.type = json_scalar(at(body, "type"));
    base.hook = json_scalar(at(body, "hook"));
    const Json& priority = at(body, "prio");
    if (!priority.is_number_integer() || priority.get<std::int64_t>() < -2147483647 ||
        priority.get<std::int64_t>() > 2147483647) {
      throw JsonFault("`prio` is not a number");
    }
    base.priority = priority.get<std::int32_t>();
    base.devices = texts(body, "dev");
    made.base = std::move(base);
    if (body.contains("policy")) {
      const std::string word = json_scalar(at(body, "policy"));
      if (word != "accept" && word != "drop") {
        throw JsonFault(fmt::format("policy {} is not accept or drop", quote(word)));
      }
      made.policy = word == "accept" ? ChainPolicy::accept : ChainPolicy::drop;
      made.policy_span = span_;
    }
  }

  void rule(const Json& body) {
    Chain& chain = table_of(body, "table").chain(json_scalar(at(body, "chain")), span_);
    RuleText made;
    made.span = span_;
    const Json& list = at(body, "expr");
    if (!list.is_array()) {
      throw JsonFault("`expr` is not a list");
    }
    for (const Json& item : list) {
      made.statements.push_back(json_statement(item, span_));
      if (made.statements.back().kind == StatementKind::not_understood) {
        findings_.unmodelled(DiagnosticCode::line_not_understood, span_, made.statements.back().text);
      }
    }
    if (!made.statements.empty()) {
      chain.rules.push_back(std::move(made));
    }
  }

  static std::vector<std::string> texts(const Json& body, const char* key) {
    std::vector<std::string> found;
    if (!body.contains(key)) {
      return found;
    }
    const Json& value = body.at(key);
    if (!value.is_array()) {
      found.push_back(json_scalar(value));
      return found;
    }
    for (const Json& item : value) {
      found.push_back(json_scalar(item));
    }
    return found;
  }

  // "ipv4_addr", ["ipv4_addr", "inet_service"], or {"typeof": ...} of later versions.
  void types(const Json& value, std::vector<std::string>& names, std::vector<Selector>& selectors) {
    if (value.is_string() || value.is_array()) {
      Json holder = Json::object();
      holder["type"] = value;
      names = texts(holder, "type");
      return;
    }
    const auto add = [&](const Expression& part) {
      const Expression* inner = &part;
      while (inner->kind == ExpressionKind::combination && !inner->parts.empty()) {
        inner = &inner->parts.front();
      }
      selectors.push_back(inner->selector);
    };
    const Expression given = json_expression(at(value, "typeof"), span_);
    if (given.kind == ExpressionKind::concatenation || given.kind == ExpressionKind::list) {
      std::ranges::for_each(given.parts, add);
    } else {
      add(given);
    }
  }

  void set(const Json& body, bool is_map) {
    Set& made = table_of(body, "table").set(json_scalar(at(body, "name")), span_);
    made.is_map = is_map;
    try {
      types(at(body, "type"), made.key_types, made.key_selectors);
      if (is_map) {
        types(at(body, "map"), made.data_types, made.data_selectors);
      }
      made.flags = texts(body, "flags");
      made.has_timeout = body.contains("timeout");
      made.auto_merge = body.contains("auto-merge") && body.at("auto-merge") == true;
      if (body.contains("elem")) {
        made.elements = json_elements(body.at("elem"), span_);
      }
      if (body.contains("stmt")) {
        for (const Json& statement : body.at("stmt")) {
          const bool counts = statement.is_object() && statement.size() == 1 &&
                              (statement.contains("counter") || statement.contains("last"));
          if (!counts) {
            made.doubt = "elements with a rate or a quota";
          }
        }
      }
    } catch (const JsonFault& fault) {
      findings_.unmodelled(DiagnosticCode::line_not_understood, span_, fault.what());
      made.doubt = fault.what();
    }
  }

  void flowtable(const Json& body) {
    Flowtable made{json_scalar(at(body, "name")), texts(body, "dev"), span_};
    table_of(body, "table").flowtables.push_back(std::move(made));
  }

  FileId file_;
  std::string_view text_;
  Findings& findings_;
  SourceSpan span_;
  bool tells_flags_ = false;  // the version that wrote this writes the flags of tables as they are
  Ruleset ruleset_;
};

}  // namespace

Ruleset parse_ruleset_json(FileId file, const SourceStore& sources, Findings& findings) {
  return Parser(file, sources, findings).run();
}

}  // namespace segproof::nft
