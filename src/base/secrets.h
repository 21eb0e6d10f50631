// SPDX-License-Identifier: Apache-2.0
// What looks like a secret in text of any kind, and text without it. A help, not a proof: it knows how passwords, keys
// and communities are usually written, and would rather remove too much. One line at a time, whatever the syntax.
#pragma once

#include <string>
#include <string_view>

namespace segproof {

inline constexpr std::string_view removed_text = "[removed]";

// The word says that a secret follows or is its value: "password", "pre-shared-key", "ansible_become_pass".
[[nodiscard]] bool is_secret_word(std::string_view word);

// The word is a secret by its form: the hash of a password ("$6$salt$hash").
[[nodiscard]] bool is_secret_itself(std::string_view word);

// The line with `removed_text` for what is a secret by its form: hashes of passwords, and the user part of URLs.
[[nodiscard]] std::string without_secret_forms(std::string_view line);

// That, and for what follows a secret word: the value after `=` or `:`, else all of the line, or of the quotation in
// backticks. Unchanged where nothing looks like a secret.
[[nodiscard]] std::string without_secrets(std::string_view line);

}  // namespace segproof
