//===- Roofline.cpp - tegula bench as a picture ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The roofline of Williams, Waterman and Patterson (CACM 2009): what a kernel
// reaches over its arithmetic per byte of compulsory traffic, under the
// streaming rate and the peaks of multiply-adds.
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/tegula/BenchRow.h"
#include "frontend/tools/tegula/Probes.h"
#include "llvm/Support/Format.h"
#include <algorithm>
#include <cmath>

namespace tegula::tools {

namespace {

constexpr double kLeft = 70, kTop = 30, kWidth = 720, kHeight = 440;
constexpr double kLegend = 260;

/// The decades that both axes show.
struct Frame {
  double xLow, xHigh, yLow, yHigh;

  double x(double intensity) const {
    return kLeft + kWidth * (std::log10(intensity) - xLow) / (xHigh - xLow);
  }
  double y(double rate) const {
    return kTop + kHeight * (1 - (std::log10(rate) - yLow) / (yHigh - yLow));
  }
};

class Picture {
public:
  Picture(llvm::raw_ostream &os, double width, double height) : os(os) {
    os << llvm::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
        "height=\"%.0f\" font-family=\"sans-serif\" font-size=\"12\">\n"
        "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
        width, height);
  }
  ~Picture() { os << "</svg>\n"; }

  void line(double x1, double y1, double x2, double y2,
            const char *style = "stroke=\"#ddd\"") {
    os << llvm::format("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" "
                       "y2=\"%.1f\" %s/>\n",
                       x1, y1, x2, y2, style);
  }
  void text(double x, double y, llvm::StringRef words, const char *style = "") {
    os << llvm::format("<text x=\"%.1f\" y=\"%.1f\" %s>", x, y, style);
    for (char c : words) {
      switch (c) {
      case '&':
        os << "&amp;";
        break;
      case '<':
        os << "&lt;";
        break;
      default:
        os << c;
      }
    }
    os << "</text>\n";
  }
  void dot(double x, double y, llvm::StringRef colour, bool filled) {
    os << llvm::format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" stroke=\"", x,
                       y)
       << colour << "\" fill=\"" << (filled ? colour : "white") << "\"/>\n";
  }

private:
  llvm::raw_ostream &os;
};

/// Colours that differ for neighbours, whatever their number.
std::string colourOf(size_t index) {
  return "hsl(" + std::to_string(index * 137 % 360) + ",70%,42%)";
}

bool hasPoint(const BenchRow &row) {
  return row.problem.empty() && row.flops > 0 && row.bytes > 0 &&
         row.median > 0;
}

Frame frameOf(llvm::ArrayRef<BenchRow> rows, double highest) {
  double xLow = 1e-1, xHigh = 1e2, yLow = highest / 100;
  for (const BenchRow &row : rows) {
    if (!hasPoint(row))
      continue;
    double slowest = row.median;
    for (const PeerResult &peer : row.peers)
      slowest = std::fmax(slowest, peer.median);
    xLow = std::min(xLow, row.flops / row.bytes);
    xHigh = std::max(xHigh, row.flops / row.bytes);
    yLow = std::min(yLow, row.flops / slowest * 1e-9);
  }
  return {std::floor(std::log10(xLow)), std::ceil(std::log10(xHigh)),
          std::floor(std::log10(yLow)), std::ceil(std::log10(highest))};
}

void drawAxes(Picture &picture, const Frame &frame) {
  const double bottom = kTop + kHeight, right = kLeft + kWidth;
  auto power = [](double exponent) {
    return llvm::formatv("{0}", llvm::format("%g", std::pow(10, exponent)))
        .str();
  };
  for (double x = frame.xLow; x <= frame.xHigh; ++x) {
    double at = frame.x(std::pow(10, x));
    picture.line(at, kTop, at, bottom);
    picture.text(at, bottom + 16, power(x), "text-anchor=\"middle\"");
  }
  for (double y = frame.yLow; y <= frame.yHigh; ++y) {
    double at = frame.y(std::pow(10, y));
    picture.line(kLeft, at, right, at);
    picture.text(kLeft - 6, at + 4, power(y), "text-anchor=\"end\"");
  }
  picture.text(kLeft + kWidth / 2, bottom + 36,
               "operations per byte of compulsory traffic",
               "text-anchor=\"middle\"");
  picture.text(kLeft, kTop - 10, "GFLOP/s");
}

void drawRoofs(Picture &picture, const Frame &frame, Probes &probes) {
  const char *style = "stroke=\"black\" stroke-width=\"1.5\"";
  double highest = 0;
  for (Peak peak : {Peak::FmaF32, Peak::FmaF64, Peak::FmaBf16, Peak::DotI8}) {
    if (!probes.isMeasured(peak))
      continue;
    double rate = probes.peak(peak);
    highest = std::max(highest, rate);
    double ridge = std::max(rate / probes.stream(), std::pow(10, frame.xLow));
    picture.line(frame.x(ridge), frame.y(rate), kLeft + kWidth, frame.y(rate),
                 style);
    picture.text(kLeft + kWidth - 4, frame.y(rate) - 5, Probes::name(peak),
                 "text-anchor=\"end\"");
  }
  double low = std::max(std::pow(10, frame.xLow),
                        std::pow(10, frame.yLow) / probes.stream());
  double ridge = highest / probes.stream();
  picture.line(frame.x(low), frame.y(low * probes.stream()), frame.x(ridge),
               frame.y(highest), style);
  picture.text(frame.x(low) + 8, frame.y(low * probes.stream()) - 14, "stream");
}

} // namespace

void drawRoofline(llvm::ArrayRef<BenchRow> rows, Probes &probes,
                  llvm::raw_ostream &os) {
  double highest = 0;
  for (Peak peak : {Peak::FmaF32, Peak::FmaF64, Peak::FmaBf16, Peak::DotI8})
    if (probes.isMeasured(peak))
      highest = std::max(highest, probes.peak(peak));
  if (highest == 0 || probes.stream() == 0)
    highest = 1;
  Frame frame = frameOf(rows, highest * 1.2);
  size_t points = llvm::count_if(rows, hasPoint);
  double height = std::max(kTop + kHeight + 60, kTop + 30 + 16.0 * points);
  Picture picture(os, kLeft + kWidth + 20 + kLegend, height);
  drawAxes(picture, frame);
  drawRoofs(picture, frame, probes);
  double line = kTop + 4;
  picture.text(kLeft + kWidth + 30, line, "filled: tegula, hollow: peers");
  size_t index = 0;
  for (const BenchRow &row : rows) {
    if (!hasPoint(row))
      continue;
    std::string colour = colourOf(index++);
    double x = frame.x(row.flops / row.bytes);
    for (const PeerResult &peer : row.peers)
      if (std::isfinite(peer.median))
        picture.dot(x, frame.y(row.flops / peer.median * 1e-9), colour, false);
    picture.dot(x, frame.y(row.flops / row.median * 1e-9), colour, true);
    line += 16;
    picture.dot(kLeft + kWidth + 30, line - 4, colour, true);
    picture.text(kLeft + kWidth + 40, line,
                 row.kernel + " " + row.caseName + " " + row.dtype);
  }
}

} // namespace tegula::tools
