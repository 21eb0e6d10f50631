// SPDX-License-Identifier: Apache-2.0
#include "proof/redact.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "base/assert.h"
#include "base/secrets.h"
#include "base/text.h"
#include "proof/redact_cisco.h"

namespace segproof::proof {
namespace {

enum class Syntax { saved_rules, nft, json, xml, cisco, own_yaml, other };

Syntax syntax_of(std::string_view format) {
  if (format == "iptables-save" || format == "ip6tables-save" || format == "ipset-save") {
    return Syntax::saved_rules;
  }
  if (format == "nft-json" || format == "ip-json") {
    return Syntax::json;
  }
  const bool is_own = format.starts_with("topology/") || format.starts_with("policy/") ||
                      format.starts_with("claims/") || format.starts_with("rules/");
  return format == "nft"                ? Syntax::nft
         : format == "nmap-xml"         ? Syntax::xml
         : format.starts_with("cisco-") ? Syntax::cisco
         : is_own || format == "native" ? Syntax::own_yaml
                                        : Syntax::other;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool is_quote(char c) {
  return c == '"' || c == '\'';
}

// A run of white space, a string in quotation marks, or a run of other bytes.
std::string_view next_piece(std::string_view line) {
  if (is_blank(line[0])) {
    return line.substr(0, std::min(line.find_first_not_of(" \t"), line.size()));
  }
  if (!is_quote(line[0])) {
    return line.substr(0, std::min(line.find_first_of(" \t\"'"), line.size()));
  }
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == line[0]) {
      return line.substr(0, i + 1);
    }
  }
  return line;
}

std::string removed_like(std::string_view piece) {
  const std::string mark = is_quote(piece[0]) ? std::string(1, piece[0]) : std::string();
  return mark + std::string(removed_text) + mark;
}

// The line up to a comment (`#` where a word may begin, outside of strings), and its mark.
std::string without_comment(std::string_view line) {
  bool at_start = true;
  for (std::size_t at = 0; at < line.size();) {
    if (line[at] == '#' && at_start) {
      const std::string_view comment = line.substr(at + 1);
      const bool is_program = at == 0 && comment.starts_with('!');
      const bool says_something = !trim(comment).empty();
      return is_program || !says_something ? std::string(line)
                                           : std::string(line.substr(0, at)) + "# " + std::string(removed_text);
    }
    const std::string_view piece = next_piece(line.substr(at));
    // Within a run, a quotation mark is a letter ("don't"); strings begin where words begin.
    const bool is_letter = is_quote(piece[0]) && !at_start;
    at_start = is_blank(piece[0]);
    at += is_letter ? 1 : piece.size();
  }
  return std::string(line);
}

// Comments, log prefixes and strings to be searched for, in the words of iptables, nft and ipset.
std::string without_free_text(std::string_view line) {
  static constexpr std::array<std::string_view, 6> any_value = {"--comment",     "--log-prefix", "--nflog-prefix",
                                                                "--ulog-prefix", "--string",     "--hex-string"};
  std::string result;
  std::string_view before;
  while (!line.empty()) {
    const std::string_view piece = next_piece(line);
    const bool follows_word = before == "comment" || before == "prefix";
    const bool is_free =
        std::ranges::find(any_value, before) != any_value.end() || (follows_word && is_quote(piece[0]));
    if (is_blank(piece[0])) {
      result += piece;
    } else {
      result += is_free ? removed_like(piece) : std::string(piece);
      before = piece;
    }
    line.remove_prefix(piece.size());
  }
  return result;
}

// In `text`, the inside of every string that follows `key` (`"comment": `, `output=`).
std::string without_strings_after(std::string_view text, std::string_view key, char separator) {
  std::string result;
  std::size_t from = 0;
  for (std::size_t found = text.find(key); found != std::string_view::npos; found = text.find(key, from)) {
    std::size_t at = found + key.size();
    const auto skip_blanks = [&] {
      while (at < text.size() && is_blank(text[at])) {
        ++at;
      }
    };
    skip_blanks();
    const bool has_separator = at < text.size() && text[at] == separator;
    at += has_separator ? 1 : 0;
    skip_blanks();
    const bool has_string = has_separator && at < text.size() && is_quote(text[at]);
    result += text.substr(from, at - from);
    from = at;
    if (has_string) {
      const std::string_view piece = next_piece(text.substr(at));
      result += removed_like(piece);
      from += piece.size();
    }
  }
  return result + std::string(text.substr(from));
}

std::size_t indentation(std::string_view line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

class Redactor {
 public:
  explicit Redactor(std::string_view format)
      : syntax_(syntax_of(format)), is_csv_(format == "csv"), cisco_(format != "cisco-asa") {}

  std::string line(std::string_view text) {
    if (in_key_) {
      in_key_ = text.find("-----END ") == std::string_view::npos;
      return in_key_ ? std::string(text.substr(0, indentation(text))) + std::string(removed_text) : std::string(text);
    }
    const std::size_t begin = text.find("-----BEGIN ");
    if (begin != std::string_view::npos && text.find("PRIVATE KEY-----", begin) != std::string_view::npos) {
      const std::size_t body = text.find("PRIVATE KEY-----", begin) + 16;
      const std::size_t end = text.find("-----END ", body);
      in_key_ = end == std::string_view::npos;
      return std::string(text.substr(0, body)) +
             (in_key_ ? "" : std::string(removed_text) + std::string(text.substr(end)));
    }
    return by_syntax(text);
  }

 private:
  std::string by_syntax(std::string_view text) {
    switch (syntax_) {
      case Syntax::saved_rules:
        return text.starts_with('#') ? without_comment(text) : without_secret_forms(without_free_text(text));
      case Syntax::nft:
        return without_secret_forms(without_free_text(without_comment(text)));
      case Syntax::json:
        return without_secret_forms(
            without_strings_after(without_strings_after(text, "\"comment\"", ':'), "\"prefix\"", ':'));
      case Syntax::xml:
        return without_secret_forms(without_strings_after(text, " output", '='));
      case Syntax::cisco:
        return cisco_.line(text);
      case Syntax::own_yaml:
        return without_secret_forms(without_comment(text));
      case Syntax::other:
        return is_csv_ ? csv_line(text) : other_line(text);
    }
    SEGPROOF_UNREACHABLE();
  }

  // A value below a key that speaks of a secret may go on in deeper lines.
  std::string other_line(std::string_view text) {
    if (block_) {
      if (trim(text).empty() || indentation(text) > *block_) {
        return {};
      }
      block_.reset();
    }
    std::string result = without_secrets(without_comment(text));
    const std::string_view value = trim(text.substr(std::min(text.find(':'), text.size())));
    const bool goes_on = value.ends_with('|') || value.ends_with('>') || value.ends_with("|-") || value.ends_with(">-");
    if (goes_on && is_secret_word(trim(text.substr(0, text.find(':'))))) {
      block_ = indentation(text);
    }
    return result;
  }

  // The first line names the columns.
  std::string csv_line(std::string_view text) {
    const std::vector<std::string_view> cells = split(text, ',');
    if (text.starts_with('#')) {
      return without_comment(text);
    }
    if (columns_.empty()) {
      for (const std::string_view cell : cells) {
        columns_.push_back(is_secret_word(trim(cell)));
      }
      return without_secret_forms(text);
    }
    std::string result;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const bool is_secret = std::ranges::find(columns_, true) != columns_.end() &&
                             (cells.size() != columns_.size() || columns_[i]) && !trim(cells[i]).empty();
      result += i == 0 ? "" : ",";
      result += is_secret ? std::string(removed_text) : std::string(cells[i]);
    }
    return without_secret_forms(result);
  }

  Syntax syntax_;
  bool is_csv_;
  CiscoRedactor cisco_;
  bool in_key_ = false;
  std::optional<std::size_t> block_;
  std::vector<bool> columns_;
};

}  // namespace

std::string redacted(std::string_view text, std::string_view format) {
  Redactor redactor(format);
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    const bool has_return = line.ends_with('\r');
    line.remove_suffix(has_return ? 1 : 0);
    result += redactor.line(line);
    result += has_return ? "\r" : "";
    result += end < text.size() ? "\n" : "";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

}  // namespace segproof::proof
