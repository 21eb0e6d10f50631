// SPDX-License-Identifier: Apache-2.0
#include "proof/redact_cisco.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/secrets.h"
#include "base/text.h"

namespace segproof::proof {
namespace {

// The words of a line, and where each ends.
struct Words {
  explicit Words(std::string_view line) : text(line), words(split_words(line)) {
    if (!words.empty() && same_word(words.front(), "no")) {
      words.erase(words.begin());
    }
  }
  [[nodiscard]] std::string at(std::size_t i) const { return i < words.size() ? to_lower(words[i]) : std::string(); }
  [[nodiscard]] std::size_t end(std::size_t i) const {
    return static_cast<std::size_t>(words[i].data() - text.data()) + words[i].size();
  }

  std::string_view text;
  std::vector<std::string_view> words;
};

// The line up to the end of that word, and nothing of what follows it.
std::string up_to(const Words& words, std::size_t i) {
  const std::string kept(words.text.substr(0, words.end(i)));
  return i + 1 < words.words.size() ? kept + " " + std::string(removed_text) : kept;
}

// Statements that decide about packets: a name in them that looks like a word for a secret is a name.
bool decides(const Words& words) {
  static constexpr std::array<std::string_view, 31> starts = {"access-list",
                                                              "access-group",
                                                              "permit",
                                                              "deny",
                                                              "object",
                                                              "object-group",
                                                              "network-object",
                                                              "port-object",
                                                              "service-object",
                                                              "icmp-object",
                                                              "protocol-object",
                                                              "group-object",
                                                              "host",
                                                              "range",
                                                              "subnet",
                                                              "network",
                                                              "service",
                                                              "fqdn",
                                                              "nat",
                                                              "static",
                                                              "global",
                                                              "route",
                                                              "interface",
                                                              "nameif",
                                                              "hostname",
                                                              "name",
                                                              "class-map",
                                                              "policy-map",
                                                              "match",
                                                              "route-map",
                                                              "vrf"};
  static constexpr std::array<std::string_view, 9> of_ip = {
      "access-list", "access-group", "route", "nat", "address", "vrf", "traffic-filter", "policy", "unreachables"};
  const std::string first = words.at(0);
  if (first == "ip" || first == "ipv6") {
    return std::ranges::find(of_ip, words.at(1)) != of_ip.end();
  }
  const bool is_numbered = !first.empty() && std::ranges::all_of(first, is_digit);
  return is_numbered || std::ranges::find(starts, first) != starts.end();
}

// The word after which a line speaks to people only; npos: none.
std::size_t free_text_after(const Words& words) {
  const bool is_numbered = !words.at(0).empty() && std::ranges::all_of(words.at(0), is_digit);
  for (std::size_t i = 0; i < words.words.size(); ++i) {
    const std::string word = words.at(i);
    const bool is_entry = words.at(0) == "access-list" && i == 2;
    if (word == "remark" && (i == 0 || (i == 1 && is_numbered) || is_entry)) {
      return i;
    }
    if (word == "description" && (i == 0 || words.at(0) == "name")) {
      return i;
    }
  }
  return std::string_view::npos;
}

// The word after which a secret follows; npos: none.
std::size_t secret_after(const Words& words) {
  if (words.at(0) == "snmp-server") {
    const std::string what = words.at(1);
    return what == "community" || what == "user" || what == "host" ? 1 : std::string_view::npos;
  }
  if (words.at(0) == "key" && words.at(1) == "chain") {
    return std::string_view::npos;
  }
  for (std::size_t i = 0; i < words.words.size(); ++i) {
    const std::string word = words.at(i);
    const bool is_group_authentication =
        word == "authentication" && (words.at(0) == "standby" || words.at(0) == "vrrp" || words.at(0) == "glbp");
    const bool is_old_server_key = words.at(0) == "aaa-server" && i > 0 && words.at(i - 1) == "host";
    const bool is_secret = word == "community" ? false : is_secret_word(word);
    if (is_secret || word == "md5" || word == "spi" || word == "sha1" || is_group_authentication || is_old_server_key) {
      return i;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::string CiscoRedactor::banner(std::string_view text, std::size_t content) {
  const std::string head(text.substr(0, content));
  const std::string_view rest = trim(text.substr(content));
  if (!has_delimiters_ || rest.empty()) {
    return rest.empty() ? std::string(text) : head + " " + std::string(removed_text);
  }
  delimiter_ = rest.starts_with("^C") ? "^C" : rest.substr(0, 1);
  const std::string_view body = rest.substr(delimiter_.size());
  const std::string opened = head + " " + delimiter_ + (body.empty() ? "" : std::string(removed_text));
  if (body.find(delimiter_) == std::string_view::npos) {
    return opened;
  }
  return opened + std::exchange(delimiter_, "");
}

std::string CiscoRedactor::line(std::string_view text) {
  if (!delimiter_.empty()) {
    const bool ends = text.find(delimiter_) != std::string_view::npos;
    const std::string body = trim(text).empty() || text == delimiter_ ? "" : std::string(removed_text);
    return ends ? body + std::exchange(delimiter_, "") : body;
  }
  const std::string_view content = trim(text);
  if (content.starts_with('!') || content.starts_with(':')) {
    const bool says_something = content.size() > 1 && content.find_first_not_of("! ") != std::string_view::npos;
    const std::string mark(text.substr(0, text.find(content[0]) + 1));
    return says_something ? mark + " " + std::string(removed_text) : std::string(text);
  }
  const Words words(text);
  if (words.at(0) == "banner" && words.words.size() > 1) {
    return banner(text, words.end(1));
  }
  if (const std::size_t i = free_text_after(words); i != std::string_view::npos) {
    return up_to(words, i);
  }
  if (const std::size_t i = secret_after(words); i != std::string_view::npos && !decides(words)) {
    return up_to(words, i);
  }
  return without_secret_forms(text);
}

}  // namespace segproof::proof
