// SPDX-License-Identifier: Apache-2.0
// The answers of `filter`, line by line, and why it refuses to answer.
#include "cli/filter_command.h"

#include <doctest/doctest.h>

#include <map>

#include "cli/packet_table.h"

namespace segproof::cli {
namespace {

constexpr const char* rules =
    "*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n"
    "-A PREROUTING -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.0.0.9:80\n"
    "-A POSTROUTING -o wan0 -j MASQUERADE\nCOMMIT\n"
    "*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
    "-A INPUT -p icmp -j ACCEPT\n"
    "-A FORWARD -p tcp -m tcp --dport 23 -j REJECT\n"
    "-A FORWARD -p udp -m limit --limit 1/s -j DROP\n"
    "-A OUTPUT -m addrtype --dst-type LOCAL -j DROP\nCOMMIT\n";

constexpr const char* table =
    "#iif\toif\tproto\tsrc\tsport\tdst\tdport_or_icmptype\ttcpflags\tverdict\n"
    "lan0\tlan1\t6\t10.0.0.1\t1000\t10.0.1.1\t22\t0x02\tignored\r\n"
    "lan0\tlan1\t6\t10.0.0.1\t1000\t10.0.1.1\t23\t0x02\n"
    "\n"
    "lan0\tlan1\t6\t10.0.0.1\t1000\t192.0.2.1\t8080\t0x02\n"
    "lan0\twan0\t1\t10.0.0.1\t0\t192.0.2.1\t8\t0x00\n"
    "lan0\tlan1\t17\t10.0.0.1\t1000\t10.0.1.1\t53\t0x00\n"
    "lan0\tLOCAL\t1\t10.0.0.1\t0\t10.0.0.254\t8\t0x00\n"
    "lan0\tLOCAL\t6\t10.0.0.1\t1000\t10.0.0.254\t22\t0x02\n"
    "LOCAL\tlan0\t17\t10.0.0.254\t1000\t10.0.0.1\t53\t0x00\n";

MemoryFileSystem files() {
  return MemoryFileSystem(
      {{"fw.rules", rules},
       {"p.tsv", table},
       {"host/addr.json", R"([{"ifname":"lan0","addr_info":[{"family":"inet","local":"10.0.0.254","prefixlen":24}]}])"},
       {"odd/x.json", "[{\"ifname\": 5, \"addr_info\": []}]"},
       {"broken/x.json", "[{"},
       {"none/readme.txt", ""}});
}

FilterAnswer ask_table(const std::string& host = {}) {
  FilterRequest request;
  request.ruleset = "fw.rules";
  request.syntax = "iptables-save";
  request.packets = "p.tsv";
  request.host = host;
  const MemoryFileSystem disk = files();
  return run_filter(request, disk);
}

FilterAnswer ask_one(const std::string& packet, const std::string& in = "lan0", const std::string& out = "lan1") {
  FilterRequest request;
  request.ruleset = "fw.rules";
  request.syntax = "iptables-save";
  request.packet = packet;
  request.in = in;
  request.out = out;
  const MemoryFileSystem disk = files();
  return run_filter(request, disk);
}

}  // namespace

TEST_CASE("one line for each packet, in their order") {
  const FilterAnswer answer = ask_table();
  CHECK(answer.code == ExitCode::good);
  CHECK(answer.messages.empty());
  CHECK(answer.lines ==
        "accept\tfw.rules:9\t\tpolicy of filter FORWARD\n"
        "reject\tfw.rules:12\t\trule of filter FORWARD\n"
        "accept\tfw.rules:9\t10.0.0.1>10.0.0.9:1000>80\tpolicy of filter FORWARD\n"
        "accept\tfw.rules:9\t*>192.0.2.1\tpolicy of filter FORWARD\n"
        "unknown\tfw.rules:13\t\tundecided: rate limit (limit --limit 1/s)\n"
        "accept\tfw.rules:11\t\trule of filter INPUT\n"
        "drop\tfw.rules:8\t\tpolicy of filter INPUT\n"
        "drop\tfw.rules:14\t\trule of filter OUTPUT\n");
}

TEST_CASE("the host's addresses decide what is local") {
  const FilterAnswer answer = ask_table("host");
  CHECK(answer.code == ExitCode::good);
  CHECK(answer.lines.ends_with("accept\tfw.rules:10\t\tpolicy of filter OUTPUT\n"));
}

TEST_CASE("one packet") {
  CHECK(ask_one("tcp 10.0.0.1:1000 > 10.0.1.1:23").lines == "reject\tfw.rules:12\t\trule of filter FORWARD\n");
  CHECK(ask_one("udp 10.0.0.1:1 > 10.0.0.254:2", "lan0", "LOCAL").lines.starts_with("drop\tfw.rules:8\t"));
}

TEST_CASE("ip6tables-save is IPv6") {
  const MemoryFileSystem disk(
      {{"v6.rules",
        "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -s 2001:db8::/32 -p tcp -m tcp --dport 443 -j "
        "ACCEPT\nCOMMIT\n"},
       {"p.tsv",
        "a\tb\t6\t2001:db8::1\t1000\t2001:db8:1::1\t443\t0x02\n"
        "a\tb\t58\t2001:db8::1\t0\t2001:db8:1::1\t128\t0x00\n"}});
  FilterRequest request;
  request.ruleset = "v6.rules";
  request.syntax = "ip6tables-save";
  request.packets = "p.tsv";
  CHECK(run_filter(request, disk).lines ==
        "accept\tv6.rules:3\t\trule of filter FORWARD\ndrop\tv6.rules:2\t\tpolicy of filter FORWARD\n");
  request.syntax = "iptables-save";
  CHECK(run_filter(request, disk).code == ExitCode::cannot_run);
}

TEST_CASE("a rule set that is not understood answers unknown, with the line") {
  const MemoryFileSystem disk(
      std::map<std::string, std::string>{{"fw.rules",
                                          "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -p tcp --dport 70000 -j ACCEPT\n"
                                          "COMMIT\n"}});
  FilterRequest request;
  request.ruleset = "fw.rules";
  request.syntax = "iptables-save";
  request.packet = "tcp 10.0.0.1:1 > 10.0.0.2:2";
  request.in = "a";
  request.out = "b";
  const FilterAnswer answer = run_filter(request, disk);
  CHECK(answer.code == ExitCode::good);
  CHECK(answer.lines.starts_with("unknown\tfw.rules:3\t\t"));
  CHECK(answer.messages.starts_with("fw.rules:3:19: warning: bad port `70000` [SP0302]"));
}

TEST_CASE("what cannot be answered") {
  const auto refused = [](const FilterAnswer& answer, std::string_view why) {
    CHECK(answer.code == ExitCode::cannot_run);
    CHECK(answer.lines.empty());
    CHECK_MESSAGE(answer.messages.find(why) != std::string::npos, answer.messages);
  };
  refused(ask_one("nonsense"), "`nonsense` is not a packet: `nonsense` is not a protocol");
  refused(ask_one("tcp [::1]:1 > [::2]:2"), "address family");
  refused(ask_one("tcp 10.0.0.1:1 > 10.0.0.2:2", "LOCAL", "LOCAL"), "LOCAL on both sides");
  refused(ask_table("nowhere"), "nowhere");
  refused(ask_table("none"), "no file with the output");
  refused(ask_table("odd"), "not what `ip -j addr` prints");
  refused(ask_table("broken"), "not JSON");
  const MemoryFileSystem disk = files();
  FilterRequest request;
  request.ruleset = "fw.rules";
  refused(run_filter(request, disk), "--as");
  request.syntax = "pf";
  refused(run_filter(request, disk), "`pf` is not read");
  request.syntax = "iptables-save";
  refused(run_filter(request, disk), "either --packets or --packet");
  request.packet = "tcp 10.0.0.1:1 > 10.0.0.2:2";
  request.ruleset = "missing.rules";
  refused(run_filter(request, disk), "missing.rules");
}

TEST_CASE("rows of packets") {
  const auto fault = [](std::string_view line) {
    const auto row = parse_packet_row(line, 7);
    const auto* wrong = std::get_if<RowFault>(&row);
    return wrong == nullptr ? std::string() : wrong->message;
  };
  CHECK(fault("a\tb\t6\t10.0.0.1\t1\t10.0.0.2\t2\t0x02").empty());
  CHECK(fault("# a comment").empty());
  CHECK(fault("a b 6 10.0.0.1") == "1 columns separated by tabs, 8 needed");
  CHECK(fault("a\tb\t300\t10.0.0.1\t1\t10.0.0.2\t2\t0x02") == "protocol `300` is no number of 0 to 255");
  CHECK(fault("a\tb\t6\t10.0.0\t1\t10.0.0.2\t2\t0x02") == "source `10.0.0` is no address");
  CHECK(fault("a\tb\t6\t10.0.0.1\t70000\t10.0.0.2\t2\t0x02") == "source port `70000` is no number of 0 to 65535");
  CHECK(fault("a\tb\t6\t10.0.0.1\t1\t::1\t2\t0x02") == "source and destination are of different families");
  CHECK(fault("a\tb\t1\t10.0.0.1\t0\t10.0.0.2\t256\t0x00") == "an ICMP type above 255");
  CHECK(fault("\tb\t6\t10.0.0.1\t1\t10.0.0.2\t2\t0x02") == "an interface is empty");
  CHECK(fault("a\tb\t6\t10.0.0.1\t1\t10.0.0.2\t2\t0x100") == "TCP flags `0x100` are no number of 0 to 0xff");
}

}  // namespace segproof::cli
