// SPDX-License-Identifier: Apache-2.0
#include "input/nft/tokens.h"

#include <doctest/doctest.h>

#include <string>

namespace segproof::test {
namespace {

// The tokens with blanks between, quoted text in quotes, line ends as "/".
std::string cut(std::string text) {
  SourceStore sources;
  const FileId file = sources.add("t", std::move(text));
  std::string result;
  for (const nft::Token& token : nft::tokenize(file, sources)) {
    if (token.kind == nft::TokenKind::end)
      break;
    std::string shown(token.text);
    if (token.kind == nft::TokenKind::quoted)
      shown = "\"" + shown + "\"";
    if (token.kind == nft::TokenKind::line_end)
      shown = "/";
    if (token.kind == nft::TokenKind::wrong)
      shown = "?" + shown;
    result += (result.empty() ? "" : " ") + shown;
  }
  return result;
}

}  // namespace

TEST_CASE("text is cut as nft cuts it") {
  CHECK(cut("ip saddr 10.0.0.0/8 tcp dport {22,80-90}") == "ip saddr 10.0.0.0 / 8 tcp dport { 22 , 80 - 90 }");
  CHECK(cut("10.0.0.1-10.0.0.9") == "10.0.0.1 - 10.0.0.9");
  CHECK(cut("2001:db8::1-2001:db8::9") == "2001:db8::1 - 2001:db8::9");
  CHECK(cut("fe80::/10 ::1 [::]:80") == "fe80:: / 10 ::1 [ :: ] : 80");
  CHECK(cut("00:11:22:33:44:55 0:1:2:3:4:5") == "00:11:22:33:44:55 0:1:2:3:4:5");
  CHECK(cut("22:accept dead:drop 10.0.0.1:80") == "22 : accept dead : drop 10.0.0.1 : 80");
  CHECK(cut("br-lan.10 wg* odd\\* eth0/1") == "br-lan.10 wg* odd\\* eth0/1");
  CHECK(cut("a . b == != <= >= << >> < > ! & | ^") == "a . b == != <= >= << >> < > ! & | ^");
  CHECK(cut("1h30m 10/second 5 mbytes/second") == "1h30m 10 / second 5 mbytes/second");
  CHECK(cut("# all of it\nx # rest\ny") == "/ x / y");
  CHECK(cut("a \\\n b \\\r\n c") == "a b c");
  CHECK(cut("\"a # b\" \"c") == "\"a # b\" ?\"");
  CHECK(cut("@nh,96,32 $var -5 *") == "@ nh , 96 , 32 $ var - 5 *");
  CHECK(cut("\x01 \xc3\xa9 ~") == "?\x01 ?\xc3 ?\xa9 ?~");
}

TEST_CASE("places count lines and columns") {
  SourceStore sources;
  const FileId file = sources.add("t", "a\n  bc \\\n d");
  const auto tokens = nft::tokenize(file, sources);
  REQUIRE(tokens.size() == 5);
  CHECK(tokens[2].span.line == 2);
  CHECK(tokens[2].span.column == 3);
  CHECK(tokens[2].span.length == 2);
  CHECK(tokens[3].span.line == 3);
  CHECK(tokens[3].span.column == 2);
}

TEST_CASE("comments tell a source from a listing") {
  CHECK(nft::has_comments("table ip t { } # mine"));
  CHECK(nft::has_comments("#!/usr/sbin/nft -f\n"));
  CHECK_FALSE(nft::has_comments("table ip t { # handle 1\n}"));
  CHECK_FALSE(nft::has_comments("comment \"# no\"\n# Warning: table ip filter is managed by iptables-nft\n"));
}

}  // namespace segproof::test
