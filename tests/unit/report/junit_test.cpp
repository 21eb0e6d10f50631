// SPDX-License-Identifier: Apache-2.0
#include "report/junit.h"

#include <doctest/doctest.h>

#include <pugixml.hpp>
#include <string>

#include "report/xml.h"
#include "unit/report/samples.h"

namespace segproof::report {
namespace {

TEST_CASE("what fails the exit code fails the suite, and nothing else does") {
  const test::Sample sample = test::plain_sample();
  pugi::xml_document document;
  REQUIRE(document.load_string(verify_junit(sample.results, sample.sources).c_str()));
  const pugi::xml_node suite = document.child("testsuites").child("testsuite");
  CHECK(std::string(suite.attribute("name").value()) == "segproof e0");
  CHECK(suite.attribute("tests").as_int() == 6);
  CHECK(suite.attribute("failures").as_int() == 1);
  CHECK(suite.attribute("errors").as_int() == 3);
  CHECK(suite.attribute("skipped").as_int() == 1);
  std::string shape;
  for (const pugi::xml_node test : suite.children("testcase")) {
    shape += std::string(test.attribute("name").value()) + "=" + test.first_child().name() + " ";
  }
  CHECK(shape == "FTA-1=system-out FTA-2=failure FTA-3=error FTA-4=error FTA-5=error FTA-2/responder=skipped ");
}

TEST_CASE("a failure holds the reason, the packet and the deciding line") {
  const test::Sample sample = test::plain_sample();
  pugi::xml_document document;
  REQUIRE(document.load_string(verify_junit(sample.results, sample.sources).c_str()));
  const pugi::xml_node test = document.select_node("//testcase[@name='FTA-2']").node();
  CHECK(std::string(test.attribute("file").value()) == "policy/claims.yaml");
  CHECK(test.attribute("line").as_int() == 4);
  const pugi::xml_node failure = test.child("failure");
  CHECK(std::string(failure.attribute("type").value()) == "refuted");
  CHECK(std::string(failure.attribute("message").value()).starts_with("refuted: prod-db1 falls after 2 pivots"));
  const std::string details = failure.text().get();
  CHECK(details.find("tcp 172.30.10.4:40000 > 10.12.0.5:389 [syn]") != std::string::npos);
  CHECK(details.find("policy/fw-edge.rules:4") != std::string::npos);
}

TEST_CASE("a run without claims is still a document") {
  pugi::xml_document document;
  REQUIRE(document.load_string(verify_junit({}, {}).c_str()));
  CHECK(document.child("testsuites").attribute("tests").as_int() == 0);
}

TEST_CASE("xml_escape") {
  CHECK(xml_escape("a<b>&\"'") == "a&lt;b&gt;&amp;&quot;&apos;");
  CHECK(xml_escape("\x01\n\xff\xef\xbf\xbe") == "\\x01\\n\\xff\xef\xbf\xbd");
  CHECK(xml_escape_lines("a\n<") == "a\n&lt;");
}

}  // namespace
}  // namespace segproof::report
