// SPDX-License-Identifier: Apache-2.0
#include "input/nft/json_expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"
#include "input/nft/headers.h"

namespace segproof::nft {
namespace {

using Json = nlohmann::json;

const Json& at(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (!object.is_object() || found == object.end()) {
    throw JsonFault(fmt::format("`{}` is missing in {}", key, quote(json_text(object), 60)));
  }
  return *found;
}

std::string text_at(const Json& object, const char* key) {
  return object.is_object() && object.contains(key) ? json_scalar(object.at(key)) : std::string();
}

std::uint32_t number_at(const Json& object, const char* key) {
  if (!object.is_object() || !object.contains(key)) {
    return 0;
  }
  const Json& value = object.at(key);
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > 0xffffffffU) {
    throw JsonFault(fmt::format("`{}` is not a number", key));
  }
  return value.get<std::uint32_t>();
}

// One text or a list of them.
std::vector<std::string> texts_at(const Json& object, const char* key) {
  std::vector<std::string> texts;
  if (!object.is_object() || !object.contains(key)) {
    return texts;
  }
  const Json& value = object.at(key);
  if (!value.is_array()) {
    texts.push_back(json_scalar(value));
    return texts;
  }
  for (const Json& item : value) {
    texts.push_back(json_scalar(item));
  }
  return texts;
}

Expression make(ExpressionKind kind, const SourceSpan& span) {
  Expression made;
  made.kind = kind;
  made.span = span;
  return made;
}

Expression parts_of(ExpressionKind kind, const Json& list, const SourceSpan& span) {
  if (!list.is_array() || list.empty()) {
    throw JsonFault(fmt::format("{} is not a list", quote(json_text(list), 60)));
  }
  Expression made = make(kind, span);
  for (const Json& item : list) {
    made.parts.push_back(json_expression(item, span));
  }
  return made;
}

// The header and key of each kind of selector.
void fill_payload(const Json& body, Selector& selector) {
  if (body.is_object() && body.contains("base")) {
    selector.header = fmt::format("@{}", text_at(body, "base"));
    selector.offset = number_at(body, "offset");
    selector.length = number_at(body, "len");
    return;
  }
  if (body.is_object() && body.contains("tunnel")) {
    throw JsonFault("a header inside a tunnel");
  }
  selector.header = text_at(body, "protocol");
  selector.key = text_at(body, "field");
}

void fill_ct(const Json& body, Selector& selector) {
  selector.key = text_at(body, "key");
  selector.direction = text_at(body, "dir");
  selector.family = text_at(body, "family");
  const std::size_t space = selector.key.find(' ');
  if (space != std::string::npos) {  // "ip saddr"
    selector.family = selector.key.substr(0, space);
    selector.key.erase(0, space + 1);
  }
}

void fill_option(std::string_view kind, const Json& body, Selector& selector) {
  selector.header = kind;
  selector.key = text_at(body, "name");
  if (const std::string field = text_at(body, "field"); !field.empty()) {
    selector.key += fmt::format(" {}", field);
  }
}

void fill_exthdr(const Json& body, Selector& selector) {
  const std::string field = text_at(body, "field");
  const std::string name = text_at(body, "name");
  selector.header = field.empty() ? "exthdr" : name;
  selector.key = field.empty() ? name : field;
  selector.offset = number_at(body, "offset");
}

// False: `kind` is no selector.
bool fill_selector(std::string_view kind, const Json& body, Selector& selector) {
  if (kind == "payload") {
    fill_payload(body, selector);
  } else if (kind == "ct") {
    selector.header = "ct";
    fill_ct(body, selector);
  } else if (kind == "exthdr") {
    fill_exthdr(body, selector);
  } else if (kind == "tcp option" || kind == "ip option" || kind == "sctp chunk" || kind == "dccp option") {
    fill_option(kind, body, selector);
  } else if (kind == "fib") {
    selector.header = "fib";
    selector.key = text_at(body, "result");
    selector.flags = texts_at(body, "flags");
  } else if (kind == "numgen") {
    selector.header = "numgen";
    selector.key = text_at(body, "mode");
    selector.modulus = number_at(body, "mod");
    selector.offset = number_at(body, "offset");
  } else if (kind == "jhash" || kind == "symhash") {
    selector.header = kind;
    selector.modulus = number_at(body, "mod");
    selector.offset = number_at(body, "offset");
  } else if (kind == "meta" || kind == "rt" || kind == "socket" || kind == "osf" || kind == "ipsec") {
    selector.header = kind;
    selector.key = text_at(body, "key");
    selector.family = text_at(body, "family");
    selector.direction = text_at(body, "dir");
  } else {
    return false;
  }
  return true;
}

Expression map_of(const Json& body, const SourceSpan& span) {
  Expression map = make(ExpressionKind::map, span);
  map.parts.push_back(json_expression(at(body, "key"), span));
  map.parts.push_back(json_expression(at(body, "data"), span));
  return map;
}

Expression object_expression(const std::string& kind, const Json& body, const SourceSpan& span) {
  constexpr std::array<std::string_view, 5> operators{"&", "|", "^", "<<", ">>"};
  if (std::ranges::find(operators, kind) != operators.end()) {
    if (!body.is_array() || body.size() < 2) {
      throw JsonFault(fmt::format("operator `{}` without two sides", kind));
    }
    // More than two sides are written as nft would write them: from the left.
    Expression left = json_expression(body.front(), span);
    for (std::size_t i = 1; i < body.size(); ++i) {
      Expression both = make(ExpressionKind::combination, span);
      both.text = kind;
      both.parts.push_back(std::move(left));
      both.parts.push_back(json_expression(body[i], span));
      left = std::move(both);
    }
    return left;
  }
  if (kind == "concat") {
    return parts_of(ExpressionKind::concatenation, body, span);
  }
  if (kind == "range") {
    Expression range = parts_of(ExpressionKind::range, body, span);
    if (range.parts.size() != 2) {
      throw JsonFault("a range without two ends");
    }
    return range;
  }
  if (kind == "prefix") {
    Expression prefix = make(ExpressionKind::prefix, span);
    prefix.parts.push_back(json_expression(at(body, "addr"), span));
    prefix.text = json_scalar(at(body, "len"));
    return prefix;
  }
  if (kind == "set") {
    Expression set = make(ExpressionKind::set, span);
    if (body.is_array()) {
      set.elements = json_elements(body, span);
    } else {
      Json list = Json::array();
      list.push_back(body);
      set.elements = json_elements(list, span);
    }
    return set;
  }
  if (kind == "map") {
    return map_of(body, span);
  }
  if (kind == "elem") {
    return json_expression(at(body, "val"), span);
  }
  Expression selector = make(ExpressionKind::selector, span);
  if (!fill_selector(kind, body, selector.selector)) {
    throw JsonFault(fmt::format("expression `{}` is not known", escape_controls(kind)));
  }
  const bool raw = selector.selector.header.starts_with('@');
  if (!raw && find_key(selector.selector.header, selector.selector.key) == nullptr) {
    throw JsonFault(
        fmt::format("{} is not known", quote(fmt::format("{} {}", selector.selector.header, selector.selector.key))));
  }
  return selector;
}

// {"elem": {"val": ..., "timeout": 30}}: what stands around a key.
void take_options(const Json& body, Element& element) {
  for (const auto& [key, value] : body.items()) {
    if (key == "timeout" || key == "expires") {
      element.expires = true;
    } else if (key == "limit" || key == "quota" || key == "ct count") {
      element.conditional = true;
    } else if (key != "val" && key != "comment" && key != "counter" && key != "last") {
      throw JsonFault(fmt::format("`{}` at an element", escape_controls(key)));
    }
  }
}

}  // namespace

template <class Value>
std::string json_scalar(const Value& json) {
  if (json.is_string()) {
    // Far beyond any value or name; messages and reasons repeat it.
    constexpr std::size_t longest = 4096;
    if (json.template get_ref<const std::string&>().size() > longest)
      throw JsonFault(fmt::format("a text of more than {} bytes", longest));
    return json.template get<std::string>();
  }
  if (json.is_boolean()) {
    return json.template get<bool>() ? "exists" : "missing";
  }
  if (json.is_number_integer()) {
    return json.dump();
  }
  throw JsonFault(fmt::format("{} is not a value", quote(json_text(json), 60)));
}

template <class Value>
std::string json_text(const Value& json) {
  constexpr std::size_t most = 120;
  std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > most) {
    text.resize(most);
  }
  return text;
}

template <class Value>
std::optional<VerdictWord> json_verdict(const Value& json) {
  struct Word {
    const char* text;
    VerdictKind kind;
  };
  constexpr std::array<Word, 6> words{{{"accept", VerdictKind::accept},
                                       {"drop", VerdictKind::drop},
                                       {"continue", VerdictKind::go_on},
                                       {"return", VerdictKind::come_back},
                                       {"jump", VerdictKind::jump},
                                       {"goto", VerdictKind::go_to}}};
  if (!json.is_object() || json.size() != 1) {
    return std::nullopt;
  }
  for (const Word& word : words) {
    const auto found = json.find(word.text);
    if (found == json.end()) {
      continue;
    }
    const bool calls = word.kind == VerdictKind::jump || word.kind == VerdictKind::go_to;
    return VerdictWord{word.kind, calls ? json_scalar(at(*found, "target")) : std::string()};
  }
  return std::nullopt;
}

template <class Value>
Expression json_expression(const Value& json, const SourceSpan& span) {
  if (json.is_array()) {
    return parts_of(ExpressionKind::list, json, span);
  }
  if (json.is_object()) {
    if (json.size() != 1) {
      throw JsonFault(fmt::format("{} is not an expression", quote(json_text(json), 60)));
    }
    return object_expression(json.begin().key(), json.begin().value(), span);
  }
  Expression value = make(ExpressionKind::value, span);
  value.text = json_scalar(json);
  if (json.is_string() && value.text == "*") {
    value.kind = ExpressionKind::wildcard;
    value.text.clear();
  } else if (json.is_string() && value.text.starts_with('@')) {
    value.kind = ExpressionKind::set_reference;
    value.text.erase(0, 1);
  }
  return value;
}

template <class Value>
std::vector<Element> json_elements(const Value& list, const SourceSpan& span) {
  if (!list.is_array()) {
    throw JsonFault("the elements of a set are not a list");
  }
  std::vector<Element> elements;
  for (const Json& item : list) {
    Element element;
    const bool pair = item.is_array() && item.size() == 2;
    if (item.is_array() && !pair) {
      throw JsonFault("an element of a map is not a pair");
    }
    const Json& key = pair ? item.front() : item;
    if (key.is_object() && key.contains("elem")) {
      take_options(key.at("elem"), element);
    }
    element.key = json_expression(key, span);
    if (pair) {
      element.verdict = json_verdict(item.back());
      if (!element.verdict) {
        element.data = json_expression(item.back(), span);
      }
    }
    elements.push_back(std::move(element));
  }
  return elements;
}

template std::string json_scalar<Json>(const Json& json);
template std::string json_text<Json>(const Json& json);
template std::optional<VerdictWord> json_verdict<Json>(const Json& json);
template Expression json_expression<Json>(const Json& json, const SourceSpan& span);
template std::vector<Element> json_elements<Json>(const Json& list, const SourceSpan& span);

}  // namespace segproof::nft
