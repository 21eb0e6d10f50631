// SPDX-License-Identifier: Apache-2.0
// A mapping of which all keys are known, and single values as text, words and switches. Every fault is reported at its
// place; what cannot be read is left out, and reading goes on, so that one run shows all faults of a file.
#pragma once

#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/source.h"
#include "input/yaml/tree.h"
#include "model/claim.h"

namespace segproof::input::yaml {

using Word = claim::Name;  // a text and its place
using Keys = std::span<const std::string_view>;

// Where faults of one file go.
class Faults {
 public:
  explicit Faults(DiagnosticSink& sink) : sink_(&sink) {}
  void error(DiagnosticCode code, const SourceSpan& span, std::string message, std::string hint = {},
             std::vector<DiagnosticNote> notes = {});
  void warning(DiagnosticCode code, const SourceSpan& span, std::string message, std::string hint = {});

 private:
  DiagnosticSink* sink_;
};

// Invariant: a map; unknown keys and keys without a value were reported.
class Section {
 public:
  // Nothing when the value is not a map, which is then reported. `what` names it: "host `db1`".
  [[nodiscard]] static std::optional<Section> open(Faults& faults, View view, std::string what, Keys keys);

  // The value of a key, unless it is absent or empty.
  [[nodiscard]] std::optional<View> get(std::string_view key) const;
  // The same; absent is reported at `place` (by default where the section begins).
  [[nodiscard]] std::optional<View> require(std::string_view key, std::optional<SourceSpan> place = {}) const;
  [[nodiscard]] const std::string& what() const { return what_; }
  [[nodiscard]] SourceSpan span() const { return view_.span(); }
  [[nodiscard]] Faults& faults() const { return *faults_; }

 private:
  Section(Faults& faults, View view, std::string what) : faults_(&faults), view_(view), what_(std::move(what)) {}
  Faults* faults_;
  View view_;
  std::string what_;
};

// Reports a file whose key `segproof` is not what its first lines promised.
void check_file_kind(const Section& section, std::string_view kind);

[[nodiscard]] Word word_of(const View& view);

// "a mapping", "a list", "a text", "nothing".
[[nodiscard]] std::string_view shape_text(Shape kind);

// Reported unless it is a text.
[[nodiscard]] std::optional<Word> read_word(Faults& faults, const View& view, std::string_view what);
// A list of texts, or one text.
[[nodiscard]] std::vector<Word> read_words(Faults& faults, const View& view, std::string_view what);
[[nodiscard]] std::optional<bool> read_switch(Faults& faults, const View& view, std::string_view what);
// The index of the text among `choices`.
[[nodiscard]] std::optional<std::size_t> read_choice(Faults& faults, const View& view, std::string_view what,
                                                     Keys choices);
[[nodiscard]] std::optional<std::uint32_t> read_number(Faults& faults, const View& view, std::string_view what,
                                                       std::uint32_t max);
// YYYY-MM-DD of a day that exists.
[[nodiscard]] std::optional<std::string> read_date(Faults& faults, const View& view, std::string_view what);

// The same for an optional key of a section: the value, or what an absent key means.
[[nodiscard]] std::string text_at(const Section& section, std::string_view key);
[[nodiscard]] std::optional<Word> word_at(const Section& section, std::string_view key);
[[nodiscard]] std::vector<Word> words_at(const Section& section, std::string_view key);
[[nodiscard]] std::vector<std::string> texts_at(const Section& section, std::string_view key);
[[nodiscard]] bool switch_at(const Section& section, std::string_view key, bool absent);
[[nodiscard]] std::string date_at(const Section& section, std::string_view key);

// Calls `read(View)` for each item of a list, or once for a value that is no list.
template <std::invocable<const View&> Read>
void for_each_item(const View& view, Read read) {
  if (view.shape() != Shape::list) {
    read(view);
    return;
  }
  for (const View& item : view.items()) {
    read(item);
  }
}

// Calls `read(Word name, View value)` for each entry of a map of named things; reported if it is no map. Names that
// claims could not use are reported and left out.
enum class Names : std::uint8_t { of_places, of_interfaces, free };
[[nodiscard]] bool usable_name(Faults& faults, const Word& name, std::string_view what, Names names);
template <std::invocable<const Word&, const View&> Read>
void for_each_named(Faults& faults, const View& view, std::string_view what, Names names, Read read) {
  if (view.shape() != Shape::map) {
    faults.error(DiagnosticCode::wrong_shape, view.span(),
                 std::string(what) + " are a mapping of names, not " + std::string(shape_text(view.shape())));
    return;
  }
  for (const View::Entry& entry : view.entries()) {
    const Word name = word_of(entry.key);
    if (entry.key.shape() != Shape::nothing && usable_name(faults, name, what, names)) {
      read(name, entry.value);
    }
  }
}

}  // namespace segproof::input::yaml
