// SPDX-License-Identifier: Apache-2.0
// `ip nat` of routers: inside and outside interfaces, static, pool and overload.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "input/cisco/device.h"

namespace segproof::cisco {

class RouterNat {
 public:
  // Takes the statements that it understands.
  explicit RouterNat(Device& device);

  [[nodiscard]] bool is_used() const { return !translations_.empty(); }
  // Adds the stages. Connection tracking must be there.
  void build(RuleBuilder& builder) const;

 private:
  struct Pool {
    std::vector<Interval> ranges;
    bool is_clear = true;
  };
  struct Translation {
    enum class Kind : std::uint8_t {
      static_address,  // one inside address and one outside, with ports perhaps
      static_network,
      dynamic,
      unclear,  // recognised, beyond the model's stages: outside source, inside destination
    } kind = Kind::unclear;
    std::size_t statement = 0;
    std::uint8_t protocol = 0;  // of a port; 0: all
    std::uint32_t local = 0;
    std::uint32_t global = 0;
    bool to_interface = false;
    unsigned length = 32;
    std::optional<std::uint16_t> local_port, global_port;
    std::string list;
    std::string pool;
    bool overload = false;
    bool conditional = false;  // a route map or a VRF limits it
    std::string why;           // of an unclear one
  };

  void line(std::size_t at);
  bool pool(Words& words, std::size_t at);
  bool inside_source(Words& words, std::size_t at);
  bool static_source(Words& words, Translation& translation);
  bool dynamic_source(Words& words, Translation& translation);
  void unclear(std::size_t at, std::string why);

  void inward(const Translation& t, model::ChainId translate, model::ChainId doubts, RuleBuilder& builder) const;
  void outward(const Translation& t, model::ChainId translate, model::ChainId doubts, RuleBuilder& builder) const;
  [[nodiscard]] model::Translate dynamic_action(const Translation& t) const;
  [[nodiscard]] std::vector<model::Test> outside_tests(const Translation& t) const;
  [[nodiscard]] std::vector<model::Test> inside_tests(const Translation& t) const;

  Device& device_;
  std::map<std::string, Pool, std::less<>> pools_;
  std::vector<Translation> translations_;
  std::vector<std::string> inside_, outside_;
};

}  // namespace segproof::cisco
