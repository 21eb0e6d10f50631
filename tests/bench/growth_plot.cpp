// SPDX-License-Identifier: Apache-2.0
#include "bench/growth_plot.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace segproof::bench {
namespace {

constexpr double width = 720;
constexpr double height = 420;
constexpr double left = 70;
constexpr double right = 190;
constexpr double top = 40;
constexpr double bottom = 50;
constexpr std::array<const char*, 6> colours{"#1b6ca8", "#c4482f", "#2e8540", "#7a4fa3", "#b8860b", "#555555"};

// Whole powers of ten around the values.
struct Axis {
  int from = 0;
  int to = 1;

  void include(double value, bool first) {
    const int low = static_cast<int>(std::floor(std::log10(value)));
    const int high = static_cast<int>(std::ceil(std::log10(value)));
    from = first ? low : std::min(from, low);
    to = first ? std::max(high, low + 1) : std::max(to, high);
  }
  [[nodiscard]] double place(double value) const { return (std::log10(value) - from) / (to - from); }
};

std::string power(int exponent) {
  if (exponent >= 0 && exponent <= 6) {
    return fmt::format("{:.0f}", std::pow(10.0, exponent));
  }
  return fmt::format("{:g}", std::pow(10.0, exponent));
}

std::string text(double x, double y, const char* anchor, const std::string& words, const char* more = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y, anchor, more, words);
}

std::string line(double x1, double y1, double x2, double y2) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"#ccc\"/>\n", x1, y1, x2,
                     y2);
}

}  // namespace

std::string draw(const Plot& plot) {
  Axis across;
  Axis up;
  bool first = true;
  for (const Curve& curve : plot.curves) {
    for (const auto& [x, y] : curve.points) {
      across.include(x, first);
      up.include(y, std::exchange(first, false));
    }
  }
  const auto px = [&](double x) { return left + across.place(x) * (width - left - right); };
  const auto py = [&](double y) { return height - bottom - up.place(y) * (height - top - bottom); };
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" font-family=\"sans-serif\" "
      "font-size=\"12\">\n<rect width=\"{0:.0f}\" height=\"{1:.0f}\" fill=\"#fff\"/>\n",
      width, height);
  svg += text(left, 22, "start", plot.title, " font-weight=\"bold\"");
  for (int exponent = across.from; exponent <= across.to; ++exponent) {
    const double x = px(std::pow(10.0, exponent));
    svg += line(x, top, x, height - bottom) + text(x, height - bottom + 18, "middle", power(exponent));
  }
  for (int exponent = up.from; exponent <= up.to; ++exponent) {
    const double y = py(std::pow(10.0, exponent));
    svg += line(left, y, width - right, y) + text(left - 8, y + 4, "end", power(exponent));
  }
  svg += text((left + width - right) / 2, height - 12, "middle", plot.x);
  svg += text(left - 8, top - 6, "end", plot.y);
  for (std::size_t i = 0; i < plot.curves.size(); ++i) {
    const Curve& curve = plot.curves[i];
    if (curve.points.empty()) {
      continue;
    }
    const char* colour = colours[i % colours.size()];
    std::string path;
    std::string dots;
    for (const auto& [x, y] : curve.points) {
      path += fmt::format("{}{:.1f},{:.1f}", path.empty() ? "" : " ", px(x), py(y));
      dots += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", px(x), py(y), colour);
    }
    svg += fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"/>\n", path, colour);
    svg += dots;
    const double y = top + 14 + 20 * static_cast<double>(i);
    svg += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"12\" height=\"12\" fill=\"{}\"/>\n", width - right + 16,
                       y - 10, colour);
    svg += text(width - right + 34, y, "start", curve.name);
  }
  return svg + "</svg>\n";
}

}  // namespace segproof::bench
