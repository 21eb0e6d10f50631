// SPDX-License-Identifier: Apache-2.0
// What a device learns of the flows that pass it: which header comes in, which goes out, and by which translation.
#include <doctest/doctest.h>

#include <random>

#include "reach/node_pass.h"
#include "unit/claim/network_builder.h"
#include "unit/packet/naive_set.h"

namespace segproof::reach {
namespace {

const std::string plan_text = std::string(test::one_firewall) + "  route fw 0.0.0.0/0 via 198.51.100.254\n";

constexpr const char* dnat = "-A PREROUTING -d 192.0.2.0/28 -j DNAT --to-destination 10.2.0.10\n";

std::string rules(const std::string& mangle, const std::string& nat, const std::string& filter) {
  return "*mangle\n:PREROUTING ACCEPT [0:0]\n" + mangle + "COMMIT\n*nat\n:PREROUTING ACCEPT [0:0]\n" +
         ":POSTROUTING ACCEPT [0:0]\n" + nat + "COMMIT\n*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n" + filter +
         "COMMIT\n";
}

class Device {
 public:
  explicit Device(const std::string& text) : plan_(plan_text), space_(Family::ipv4) {
    plan_.rules("fw", text);
    network_ = std::make_unique<CompiledNetwork>(plan_.network(), space_);
  }
  [[nodiscard]] Space& space() const { return space_; }
  [[nodiscard]] PacketSet arriving() const {
    return network_->headers().set_role(space_.valid() & space_.where(Field::ingress, IntervalSet::range(1, 2)),
                                        Role::own);
  }
  [[nodiscard]] PacketSet at(Field field, std::string_view prefix) const {
    return space_.where(field, IntervalSet{parse_prefix(prefix)->interval()});
  }
  [[nodiscard]] FlowTable learned(PacketSet packets, Approximation approximation) const {
    const FlowTable none;
    NodePass pass(*network_, model::NodeId(2), approximation, none, none);
    return pass.run(packets).learned;
  }
  // The headers that enter with a flow, of all flows.
  [[nodiscard]] PacketSet entering(PacketSet packets, Approximation approximation) const {
    PacketSet result = space_.none();
    const FlowTable table = learned(packets, approximation);
    for (const auto& [key, flow] : table.flows()) {
      result |= flow.entered;
    }
    return result;
  }

 private:
  test::Plan plan_;
  mutable Space space_;
  std::unique_ptr<CompiledNetwork> network_;
};

constexpr std::array all_kinds{Approximation::over, Approximation::under, Approximation::certain};

}  // namespace

TEST_CASE("a flow that was translated is not one that came untranslated to the same address") {
  const Device device(rules("", dnat, "-A FORWARD -m conntrack --ctstate DNAT -j ACCEPT\n"));
  for (const Approximation kind : all_kinds) {
    const PacketSet entering = device.entering(device.arriving(), kind);
    CHECK_FALSE(entering.is_empty());
    CHECK(entering.subset_of(device.at(Field::destination, "192.0.2.0/28")));
  }
}

TEST_CASE("a flow is one of the interface that lets it through") {
  const Device device(rules("",
                            "-A PREROUTING -i eth0 -d 192.0.2.1 -j DNAT --to-destination 10.2.0.10\n"
                            "-A PREROUTING -i eth1 -d 192.0.2.2 -j DNAT --to-destination 10.2.0.10\n",
                            "-A FORWARD -i eth0 -d 10.2.0.10 -j ACCEPT\n"));
  for (const Approximation kind : all_kinds) {
    const PacketSet entering = device.entering(device.arriving(), kind);
    CHECK(entering.intersects(device.at(Field::destination, "192.0.2.1/32")));
    CHECK_FALSE(entering.intersects(device.at(Field::destination, "192.0.2.2/32")));
  }
}

TEST_CASE("what surely passes knows the mark that each header has") {
  const Device device(
      rules("-A PREROUTING -d 192.0.2.1 -j MARK --set-mark 1\n", dnat, "-A FORWARD -m mark --mark 1 -j ACCEPT\n"));
  const PacketSet entering = device.entering(device.arriving(), Approximation::certain);
  CHECK_FALSE(entering.intersects(device.at(Field::destination, "192.0.2.2/32")));
  CHECK(device.entering(device.arriving(), Approximation::over)
            .intersects(device.at(Field::destination, "192.0.2.1/32")));
}

TEST_CASE("what some packets teach does not depend on others") {
  const std::uint64_t seed = test::seed();
  INFO("seed ", seed);
  std::mt19937_64 random(seed);
  const std::array<std::string, 4> nats{
      dnat, std::string(dnat) + "-A POSTROUTING -o eth0 -j MASQUERADE\n",
      "-A PREROUTING -i eth0 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.2.0.10:8080\n"
      "-A POSTROUTING -s 10.2.0.0/28 -o eth0 -j SNAT --to-source 192.0.2.77\n",
      "-A PREROUTING -d 192.0.2.0/28 -j NETMAP --to 10.2.0.0/28\n-A PREROUTING -d 192.0.2.64/26 -j DNAT "
      "--to-destination 10.2.0.10\n"};
  const std::array<std::string, 4> filters{
      "-A FORWARD -m conntrack --ctstate DNAT -j ACCEPT\n", "-A FORWARD -i eth0 -d 10.2.0.0/29 -j ACCEPT\n",
      "-A FORWARD -m conntrack ! --ctstate DNAT -j ACCEPT\n-A FORWARD -i eth0 -p tcp -m tcp --dport 8080 -j ACCEPT\n",
      "-A FORWARD -s 198.51.100.0/25 -p tcp --syn -j ACCEPT\n-A FORWARD -i eth1 -j ACCEPT\n"};
  for (const std::string& nat : nats) {
    for (const std::string& filter : filters) {
      const Device device(rules("", nat, filter));
      const PacketSet all = device.arriving();
      PacketSet some = device.space().none();
      for (unsigned n = 0; n < 3; ++n) {
        const std::array<Field, 3> fields{Field::destination, Field::source, Field::ingress};
        const Field field = fields[random() % fields.size()];
        const Bits first = field == Field::ingress ? 1 : Bits{0x0a020000U + random() % 32};
        some |= all & (random() % 2 == 0 ? device.space().where(field, IntervalSet::range(first, first + random() % 16))
                                         : device.at(Field::destination, "192.0.2.0/25"));
      }
      for (const Approximation kind : all_kinds) {
        const PacketSet apart = device.entering(some, kind) | device.entering(all - some, kind);
        CHECK(device.entering(all, kind) == apart);
      }
    }
  }
}

TEST_CASE("a translation to the same address is none") {
  test::Plan plan(plan_text);
  // Asked of a kernel: such a connection does not count as DNAT.
  plan.rules("fw", rules("", "-A PREROUTING -d 10.2.0.10 -p udp -j DNAT --to-destination 10.2.0.10\n",
                         "-A FORWARD -m conntrack --ctstate DNAT -j DROP\n-A FORWARD -d 10.2.0.10 -j ACCEPT\n"));
  CHECK(plan.outcome(test::with_services(claim::Kind::only, "out", "in", {test::allow("tcp/1-65535")})) == "refuted");
}

}  // namespace segproof::reach
