// SPDX-License-Identifier: Apache-2.0
#include "input/nft/json_statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"

namespace segproof::nft {
namespace {

using Json = nlohmann::json;

bool is_set(const Json& body, const char* key) {
  return body.is_object() && body.contains(key);
}
const Json& at(const Json& body, const char* key) {
  if (!is_set(body, key)) {
    throw JsonFault(fmt::format("`{}` is missing", key));
  }
  return body.at(key);
}

// One text or a list of them.
void add_flags(const Json& body, const char* key, std::vector<std::string>& flags) {
  if (!is_set(body, key)) {
    return;
  }
  const Json& value = body.at(key);
  if (!value.is_array()) {
    flags.push_back(json_scalar(value));
    return;
  }
  for (const Json& item : value) {
    flags.push_back(json_scalar(item));
  }
}

void fill_match(const Json& body, Statement& statement) {
  struct Word {
    std::string_view text;
    Operator op;
  };
  constexpr std::array<Word, 8> words{{{"in", Operator::implicit},
                                       {"==", Operator::equal},
                                       {"!=", Operator::not_equal},
                                       {"<", Operator::less},
                                       {">", Operator::greater},
                                       {"<=", Operator::less_equal},
                                       {">=", Operator::greater_equal},
                                       {"!", Operator::no_bit}}};
  const std::string op = json_scalar(at(body, "op"));
  const auto* found = std::ranges::find(words, op, &Word::text);
  if (found == words.end()) {
    throw JsonFault(fmt::format("operator {} is not known", quote(op)));
  }
  statement.kind = StatementKind::match;
  statement.op = found->op;
  statement.left = json_expression(at(body, "left"), statement.span);
  statement.right = json_expression(at(body, "right"), statement.span);
}

void fill_nat(const Json& body, Statement& statement) {
  statement.kind = StatementKind::nat;
  if (!body.is_object()) {
    return;  // {"masquerade": null}
  }
  for (const auto& [key, value] : body.items()) {
    if (key == "addr") {
      statement.address = json_expression(value, statement.span);
    } else if (key == "port") {
      statement.port = json_expression(value, statement.span);
    } else if (key == "family") {
      statement.family = json_scalar(value);
    } else if (key == "flags" || key == "type_flags") {
      add_flags(body, key.c_str(), statement.flags);
    } else {
      throw JsonFault(fmt::format("`{}` of a translation", escape_controls(key)));
    }
  }
  std::erase(statement.flags, "netmap");  // said again by "prefix"
}

void fill_update(const Json& body, Statement& statement) {
  statement.kind = StatementKind::update_set;
  statement.word = json_scalar(at(body, "op"));
  statement.object = json_scalar(at(body, is_set(body, "set") ? "set" : "map"));
  if (statement.object.starts_with('@')) {
    statement.object.erase(0, 1);
  }
  statement.left = json_expression(at(body, "elem"), statement.span);
  if (is_set(body, "data")) {
    statement.right = json_expression(at(body, "data"), statement.span);
  }
  if (is_set(body, "stmt") && body.at("stmt").is_array()) {
    for (const Json& inner : body.at("stmt")) {
      statement.body.push_back(json_statement(inner, statement.span));
    }
  }
}

void fill_meter(const Json& body, Statement& statement) {
  statement.kind = StatementKind::meter;
  if (is_set(body, "name")) {
    statement.object = json_scalar(at(body, "name"));
  }
  statement.left = json_expression(at(body, "key"), statement.span);
  statement.body.push_back(json_statement(at(body, "stmt"), statement.span));
}

// {"limit": {...}}, {"limit": "name"}; `inv` is "over".
void fill_rate(StatementKind kind, const Json& body, Statement& statement) {
  statement.kind = kind;
  if (!body.is_object()) {
    statement.object = json_expression(body, statement.span).text;
  } else if (is_set(body, "inv") && body.at("inv") == true) {
    statement.flags.emplace_back("over");
  }
}

void fill_attachment(const std::string& kind, const Json& body, Statement& statement) {
  statement.kind = StatementKind::attach_object;
  statement.word = kind.substr(kind.find(' ') + 1);
  statement.right = json_expression(body, statement.span);
  statement.object = statement.right->text;
}

void fill_copy(const std::string& kind, const Json& body, Statement& statement) {
  statement.kind = kind == "dup" ? StatementKind::duplicate : StatementKind::forward;
  if (is_set(body, "addr")) {
    statement.address = json_expression(at(body, "addr"), statement.span);
  }
  if (is_set(body, "dev")) {
    statement.device = json_expression(at(body, "dev"), statement.span).text;
  }
  if (is_set(body, "family")) {
    statement.family = json_scalar(at(body, "family"));
  }
}

void fill_reject(const Json& body, Statement& statement) {
  statement.kind = StatementKind::reject;
  if (is_set(body, "type")) {
    statement.word = json_scalar(at(body, "type"));
  }
}

void fill_offload(const Json& body, Statement& statement) {
  statement.kind = StatementKind::offload;
  statement.object = json_scalar(at(body, "flowtable"));
  if (statement.object.starts_with('@')) {
    statement.object.erase(0, 1);
  }
}

void fill_compatibility(const Json& body, Statement& statement) {
  statement.kind = StatementKind::compatibility;
  if (is_set(body, "type")) {
    statement.word = json_scalar(at(body, "type"));
  }
  if (is_set(body, "name")) {
    statement.object = json_scalar(at(body, "name"));
  }
}

void fill(const std::string& kind, const Json& body, Statement& statement) {
  statement.word = kind;
  if (kind == "match") {
    statement.word.clear();
    fill_match(body, statement);
  } else if (kind == "vmap") {
    statement.kind = StatementKind::verdict_map;
    statement.left = json_expression(at(body, "key"), statement.span);
    statement.right = json_expression(at(body, "data"), statement.span);
  } else if (kind == "mangle") {
    statement.kind = StatementKind::assign;
    statement.left = json_expression(at(body, "key"), statement.span);
    statement.right = json_expression(at(body, "value"), statement.span);
  } else if (kind == "counter" || kind == "last" || kind == "reset" || kind == "secmark" || kind == "comment") {
    statement.kind = StatementKind::count;
  } else if (kind == "log") {
    statement.kind = StatementKind::log;
  } else if (kind == "limit" || kind == "quota" || kind == "ct count") {
    fill_rate(kind == "limit"   ? StatementKind::limit
              : kind == "quota" ? StatementKind::quota
                                : StatementKind::connection_limit,
              body, statement);
  } else if (kind == "reject") {
    fill_reject(body, statement);
  } else if (kind == "snat" || kind == "dnat" || kind == "masquerade" || kind == "redirect") {
    fill_nat(body, statement);
  } else if (kind == "notrack") {
    statement.kind = StatementKind::untrack;
  } else if (kind == "set" || kind == "map") {
    fill_update(body, statement);
  } else if (kind == "meter") {
    fill_meter(body, statement);
  } else if (kind == "queue") {
    statement.kind = StatementKind::queue;
    add_flags(body, "flags", statement.flags);
  } else if (kind == "dup" || kind == "fwd") {
    fill_copy(kind, body, statement);
  } else if (kind == "tproxy") {
    fill_nat(body, statement);
    statement.kind = StatementKind::transparent_proxy;
  } else if (kind == "synproxy") {
    statement.kind = StatementKind::syn_proxy;
  } else if (kind == "flow") {
    fill_offload(body, statement);
  } else if (kind == "ct helper" || kind == "ct timeout" || kind == "ct expectation") {
    fill_attachment(kind, body, statement);
  } else if (kind == "xt") {
    fill_compatibility(body, statement);
  } else {
    throw JsonFault(fmt::format("statement {} is not known", quote(kind)));
  }
}

}  // namespace

template <class Value>
Statement json_statement(const Value& json, const SourceSpan& span) {
  Statement statement;
  statement.span = span;
  statement.text = json_text(json);
  try {
    if (const auto verdict = json_verdict(json)) {
      statement.kind = StatementKind::verdict;
      statement.verdict = *verdict;
      return statement;
    }
    if (!json.is_object() || json.size() != 1) {
      throw JsonFault(fmt::format("{} is not a statement", quote(json_text(json), 60)));
    }
    fill(json.begin().key(), json.begin().value(), statement);
  } catch (const JsonFault& fault) {
    statement = {};
    statement.kind = StatementKind::not_understood;
    statement.span = span;
    statement.text = fault.what();
  }
  return statement;
}

template Statement json_statement<Json>(const Json& json, const SourceSpan& span);

}  // namespace segproof::nft
