// SPDX-License-Identifier: Apache-2.0
// What JSON says otherwise than the text. That both mean the same is tests/agree/nft_json.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "input/nft/reader.h"
#include "model/single_packet.h"

namespace segproof::test {
namespace {

// A table with the flags given (the whole key, or nothing) that drops what is forwarded and translates what leaves.
struct Listing {
  SourceStore sources;
  DiagnosticSink sink;
  NftResult result;

  Listing(std::string_view version, std::string_view flags) {
    const FileId file = sources.add(
        "rules.json",
        fmt::format(
            "{{\"nftables\": [{}{{\"table\": {{\"family\": \"inet\", \"name\": \"t\"{}}}}},\n"
            "{{\"chain\": {{\"family\": \"inet\", \"table\": \"t\", \"name\": \"c\", \"type\": \"filter\", "
            "\"hook\": \"forward\", \"prio\": 0, \"policy\": \"drop\"}}}}]}}",
            version.empty() ? std::string() : fmt::format("{{\"metainfo\": {{\"version\": \"{}\"}}}},\n", version),
            flags.empty() ? std::string() : fmt::format(", \"flags\": {}", flags)));
    result = read_nft_json(file, sources, sink);
    CHECK(!model::flaw(result.rules).has_value());
  }
  [[nodiscard]] model::Fate fate() const {
    const auto packet = parse_packet("tcp 10.0.0.1:40000 > 10.1.0.1:80 [syn]");
    REQUIRE(packet.has_value());
    return model::judge(result.rules, {*packet, "eth0", "eth1"}).fate;
  }
  [[nodiscard]] bool warns() const {
    return std::ranges::any_of(
        sink.all(), [](const Diagnostic& diagnostic) { return diagnostic.code == DiagnosticCode::json_tells_less; });
  }
};

}  // namespace

TEST_CASE("a table without flags is active, whichever nft wrote the JSON") {
  for (const char* version : {"", "0.9.0", "1.0.6", "1.1.4"}) {
    CAPTURE(version);
    const Listing listing(version, "");
    CHECK(listing.fate() == model::Fate::drop);
    CHECK_FALSE(listing.warns());
  }
}

TEST_CASE("a table whose flags were garbled is perhaps dormant") {
  // nft 1.0.6 writes "inet" here for `flags dormant`: memory that was freed. So could any other word be.
  for (const char* flags : {"\"inet\"", "\"dormant\"", "\"owner\"", "\"\"", "[\"inet\", \"owner\"]"}) {
    CAPTURE(flags);
    const Listing listing("1.0.6", flags);
    CHECK(listing.fate() == model::Fate::unknown);
    CHECK(listing.warns());
    CHECK(listing.result.undecided.size() == 1);
  }
}

TEST_CASE("flags of tables are taken at their word where nft writes them") {
  CHECK(Listing("1.1.4", "[\"dormant\"]").fate() == model::Fate::accept);
  CHECK(Listing("1.2.0", "\"dormant\"").fate() == model::Fate::accept);
  CHECK(Listing("1.1.4", "[\"owner\", \"persist\"]").fate() == model::Fate::drop);
  CHECK(Listing("1.0.6", "[\"dormant\", \"owner\"]").fate() == model::Fate::accept);
  // A flag of the future may mean anything.
  CHECK(Listing("1.9.0", "[\"sleepy\"]").fate() == model::Fate::unknown);
}

// nft 1.0.6 tells the devices of such a chain in its text alone.
TEST_CASE("a chain of devices that are not told perhaps sees every packet") {
  const auto fate = [](const char* device) {
    SourceStore sources;
    DiagnosticSink sink;
    const FileId file = sources.add(
        "rules.json", fmt::format("{{\"nftables\": [{{\"table\": {{\"family\": \"netdev\", \"name\": \"t\"}}}},\n"
                                  "{{\"chain\": {{\"family\": \"netdev\", \"table\": \"t\", \"name\": \"c\", \"type\": "
                                  "\"filter\", \"hook\": \"ingress\", \"prio\": 0, \"policy\": \"drop\"{}}}}}]}}",
                                  device));
    const NftResult result = read_nft_json(file, sources, sink);
    CHECK_FALSE(result.undecided.empty());
    return model::judge(result.rules, {*parse_packet("udp 10.0.0.1:1 > 10.1.0.1:2"), "eth0", "eth1"}).fate;
  };
  CHECK(fate(", \"dev\": \"eth0\"") == model::Fate::drop);
  CHECK(fate(", \"dev\": \"eth5\"") == model::Fate::accept);
  CHECK(fate("") == model::Fate::unknown);
}

}  // namespace segproof::test
