// SPDX-License-Identifier: Apache-2.0
// Every packet of every table, of iptables and of nftables, against what the Linux kernel did with it.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/file.h"
#include "base/text.h"
#include "cli/packet_table.h"
#include "input/iptables/reader.h"
#include "input/nft/reader.h"
#include "kernel_table.h"
#include "support/skip.h"

namespace segproof::test {
namespace {

using model::Fate;

struct Row {
  cli::PacketRow row;
  std::string verdict;  // accept, drop or reject, without what follows the colon
  std::string header;   // the kernel's; empty: unchanged
};

std::optional<Row> parse_row(std::string_view line, std::uint32_t number) {
  auto parsed = cli::parse_packet_row(line, number);
  if (std::holds_alternative<std::monostate>(parsed))
    return std::nullopt;
  REQUIRE_MESSAGE(std::holds_alternative<cli::PacketRow>(parsed), std::string(line));
  Row row{std::get<cli::PacketRow>(std::move(parsed)), {}, {}};
  REQUIRE(row.row.more_columns.size() >= 2);
  row.verdict = split(row.row.more_columns[0], ':').front();
  row.header = row.row.more_columns[1];
  return row;
}

// A packet that is an error message or a reset itself is never answered.
bool cannot_be_answered(const Packet& packet) {
  const Bits type = packet[Field::destination_port] >> 8U;
  if (packet.protocol() == protocol_number::icmp)
    return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
  return packet.protocol() == protocol_number::tcp && (packet[Field::tcp_flags] & tcp_flag::rst) != 0;
}

// Whether the answer to a rejected packet would be dropped on its way: an ICMP error from the device, or a reset from
// the packet's destination. The tables were made with one route only, by the row's own interface; a row to the device
// itself has its answer come back through the loopback interface.
bool answer_is_filtered(const model::RuleSet& rules, const model::SinglePacket& rejected, bool tracked) {
  const Packet& asked = rejected.packet;
  for (const bool reset : {false, true}) {
    model::SinglePacket answer;
    answer.egress = rejected.egress.empty() ? "lo" : rejected.egress;
    Packet& packet = answer.packet;
    packet.family = asked.family;
    packet[Field::destination] = asked[Field::source];
    packet[Field::source] = reset ? asked[Field::destination] : Bits{0xc612ff01U};
    packet[Field::protocol] = reset ? Bits{protocol_number::tcp} : Bits{protocol_number::icmp};
    packet[Field::source_port] = reset ? asked[Field::destination_port] : Bits{0};
    packet[Field::destination_port] = reset ? asked[Field::source_port] : Bits{3 * 256};
    packet[Field::tcp_flags] = reset ? Bits{tcp_flag::rst | tcp_flag::ack} : Bits{0};
    const auto state = tracked ? TrackState::related : TrackState::invalid;
    const model::Judgement judged = model::judge_with_state(rules, answer, state);
    if (judged.fate != Fate::accept)
      return true;
    if (!rejected.egress.empty())
      continue;
    answer.ingress = "lo";
    answer.egress.clear();
    if (model::judge_with_state(rules, answer, state).fate != Fate::accept)
      return true;
  }
  return false;
}

struct Count {
  std::size_t packets = 0;
  std::size_t agreed = 0;
  std::size_t different = 0;
  std::size_t unknown = 0;
  std::map<std::string, std::size_t> unknown_by_match;
  std::size_t unknown_without_cause = 0;
};

std::string fate_word(Fate fate) {
  switch (fate) {
    case Fate::accept:
      return "accept";
    case Fate::drop:
      return "drop";
    case Fate::reject:
      return "reject";
    case Fate::unknown:
      return "unknown";
  }
  return {};
}

bool verdicts_agree(const model::RuleSet& rules, const Row& row, const model::Judgement& judged) {
  const std::string ours = fate_word(judged.fate);
  if (ours == row.verdict)
    return true;
  if (ours != "reject" || row.verdict != "drop")
    return false;
  const bool tracked = judged.flight.packet[Field::state] == static_cast<Bits>(TrackState::fresh);
  return cannot_be_answered(row.row.packet.packet) || answer_is_filtered(rules, row.row.packet, tracked);
}

void count_unknown(const model::Judgement& judged, Count& count) {
  ++count.unknown;
  const std::string_view head = std::string_view(judged.reason).substr(0, judged.reason.find(" ("));
  ++count.unknown_by_match[std::string(head)];
  if (judged.rule == nullptr || !judged.reason.starts_with("undecided: ") ||
      judged.reason.find("not understood") != std::string::npos) {
    ++count.unknown_without_cause;
  }
}

// Nothing: the ruleset includes files that are not beside it, so all of it is in doubt.
std::optional<model::RuleSet> read_rules(const KernelTable& table, FileId file, const SourceStore& sources,
                                         DiagnosticSink& sink) {
  // Files for ip6tables were loaded as IPv4 too.
  if (table.backend != "nft")
    return read_iptables_save(file, sources, Family::ipv4, sink).rules;
  model::RuleSet rules = read_nft(file, sources, nullptr, sink).rules;
  const bool includes = std::ranges::any_of(
      sink.all(), [](const Diagnostic& fault) { return fault.message.find("is not read here") != std::string::npos; });
  return includes ? std::nullopt : std::optional(std::move(rules));
}

// False when the table was left out.
bool compare(const KernelTable& table, Count& count) {
  SourceStore sources;
  auto text = RealFileSystem().read_file(table.rules, default_file_limit);
  REQUIRE(text.ok());
  const FileId file = sources.add(table.rules, std::move(text).value());
  DiagnosticSink sink;
  const std::optional<model::RuleSet> rules = read_rules(table, file, sources, sink);
  for (const Diagnostic& diagnostic : sink.all())
    MESSAGE(render(diagnostic, sources));
  if (!rules)
    return false;
  REQUIRE(!model::flaw(*rules).has_value());

  const std::string packets = unpack(table.table);
  REQUIRE(!packets.empty());
  std::uint32_t number = 0;
  std::size_t shown = 0;
  for (const std::string_view line : split(packets, '\n')) {
    const auto row = parse_row(line, ++number);
    if (!row)
      continue;
    ++count.packets;
    const model::Judgement judged = model::judge(*rules, row->row.packet);
    if (judged.fate == Fate::unknown) {
      count_unknown(judged, count);
      continue;
    }
    const std::string header = model::header_text(judged.flight);
    model::Flight untouched;
    untouched.packet = row->row.packet.packet;
    const std::string theirs = row->header.empty() ? model::header_text(untouched) : row->header;
    const bool same =
        verdicts_agree(*rules, *row, judged) && (judged.fate != Fate::accept || headers_agree(header, theirs));
    if (same) {
      ++count.agreed;
      continue;
    }
    ++count.different;
    if (++shown <= 3) {
      MESSAGE(fmt::format("{}:{}: {}\n  ours: {} {} line {} ({})", file_name(table.table), number, line,
                          fate_word(judged.fate), header, judged.decided_by.line, judged.reason));
    }
  }
  return true;
}

void compare_all(const std::vector<std::string>& backends) {
  const auto data = data_folder();
  if (!data)
    return;
  const auto tables = kernel_tables(*data + "/firewall/kernel-verdicts", backends);
  if (tables.empty())
    return skip("data", "no kernel verdicts beside the project");
  Count count;
  std::size_t compared = 0;
  for (const KernelTable& table : tables)
    compared += compare(table, count) ? 1U : 0U;
  fmt::print("kernel tables ({}): {} tables, {} packets, {} agree, {} differ, {} unknown\n", fmt::join(backends, ", "),
             compared, count.packets, count.agreed, count.different, count.unknown);
  for (const auto& [match, packets] : count.unknown_by_match)
    fmt::print("  {}: {}\n", match, packets);
  CHECK(count.packets > 0);
  CHECK(count.different == 0);
  CHECK(count.unknown_without_cause == 0);
  CHECK(count.agreed + count.different + count.unknown == count.packets);
  CHECK(compared + 2 >= tables.size());
}

}  // namespace

TEST_CASE("iptables tables agree with the kernel") {
  compare_all({"legacy", "iptables-nft"});
}

TEST_CASE("nftables tables agree with the kernel") {
  compare_all({"nft"});
}

}  // namespace segproof::test
