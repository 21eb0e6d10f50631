// SPDX-License-Identifier: Apache-2.0
// The parser of whole files behind parser.h: blocks (ruleset_parser.cpp) and commands (ruleset_commands.cpp).
#pragma once

#include <map>
#include <string>

#include "input/nft/cursor.h"
#include "input/nft/findings.h"
#include "input/nft/includes.h"
#include "input/nft/ruleset.h"

namespace segproof::nft {

class RulesetParser {
 public:
  RulesetParser(FileId file, const SourceStore& sources, NftIncludes* includes, Findings& findings);
  Ruleset run();

 private:
  struct Place {
    TableFamily family = TableFamily::ip;
    std::string table;
    std::string name;  // of a chain or set, where one was asked for
    SourceSpan span;
  };
  enum class At : std::uint8_t { end, beginning };

  // Commands.
  void command();
  bool definition();  // define, redefine, undefine, include; false: none of them
  void define_variable();
  void include();
  void add(const Token& verb);
  void add_rule(At at);
  void remove(const Token& verb);
  void remove_rule();
  void remove_elements();
  void flush();
  void rename_chain();
  void replace_rule();
  void ignore_command();
  TableFamily family();
  Place table_place();
  Place named_place(std::string_view what);
  void erase_table(const Place& place);

  // Blocks.
  void table_block(Table& table);
  void table_item(Table& table);
  void chain_block(Table& table, Chain& chain);
  void chain_item(Table& table, Chain& chain);
  void base_chain(Table& table, Chain& chain);
  void policy(Chain& chain);
  std::int32_t priority(TableFamily of);
  std::vector<std::string> devices();
  void rule(Table& table, Chain& chain, At at);
  std::string anonymous_chain(Table& table);
  void set_block(Set& set);
  void set_item(Set& set);
  void set_types(Set& set);
  void set_typeof(Set& set);
  void set_flags(Set& set);
  void elements(Set& set);
  void object(Table& table, const std::string& kind);
  void flowtable(Table& table);
  void skip_block();  // after its opening brace
  void end_of_item();

  // What is faulty may do anything in the chain, or everywhere.
  void distrust(Chain& chain);
  void distrust_everything();

  const SourceStore& sources_;
  NftIncludes* includes_;
  Findings& findings_;
  Ruleset ruleset_;
  Cursor cursor_;
  std::map<FileId, std::size_t> include_depth_;
  std::size_t included_ = 0;
  std::size_t anonymous_ = 0;
  std::size_t insertions_ = 0;
};

}  // namespace segproof::nft
