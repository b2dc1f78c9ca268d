//===- Memory.cpp - Bounds, alignment and reports of a launch
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/Memory.h"
#include "llvm/ADT/Twine.h"

using namespace tegula::ir;
using namespace tegula::ir::interp;

/// Addresses below are never arrays: a null pointer with an offset.
static constexpr uint64_t kLowestAddress = 4096;

static uint64_t programsOf(const InterpreterLaunch &request) {
  return uint64_t(request.grid[0]) * request.grid[1] * request.grid[2];
}

LaunchState::LaunchState(const Function &function,
                         const InterpreterLaunch &request,
                         const InterpreterOptions &options,
                         std::vector<Report> *reports)
    : function(function), request(request), options(options), reports(reports),
      check(options.check && reports), programs(programsOf(request)),
      races(check ? programs : 0) {
  regions.resize(function.arguments.size());
  for (auto [index, argument] : llvm::enumerate(function.arguments)) {
    if (!argument.isPointer)
      continue;
    uint64_t bytes =
        index < request.extents.size() ? request.extents[index] : 0;
    uint64_t begin = request.slots[index];
    allKnown &= bytes != 0;
    if (bytes)
      regions[index] = {begin, begin + bytes};
  }
}

LaunchState::Verdict LaunchState::locate(const Access &access,
                                         uint64_t address) const {
  auto isInside = [&](const Region &region) {
    return address >= region.begin && address < region.end &&
           region.end - address >= access.bytes;
  };
  if (address < kLowestAddress)
    return Verdict::Outside;
  if (access.site->argument >= 0) {
    const Region &region = regions[access.site->argument];
    if (region.begin == region.end)
      return Verdict::Unknown;
    return isInside(region) ? Verdict::Inside : Verdict::Outside;
  }
  for (const Region &region : regions)
    if (isInside(region))
      return Verdict::Inside;
  return allKnown ? Verdict::Outside : Verdict::Unknown;
}

int LaunchState::argumentOf(const Site &site, uint64_t address) const {
  if (site.argument >= 0)
    return site.argument;
  for (auto [index, region] : llvm::enumerate(regions))
    if (address >= region.begin && address < region.end)
      return index;
  return -1;
}

bool LaunchState::report(const Program &program, const Site &site,
                         Report::Kind kind, const llvm::Twine &message,
                         uint64_t address) {
  auto key = std::make_pair(&site, static_cast<int>(kind));
  if (auto known = reported.find(key); check && known != reported.end()) {
    if (known->second < reports->size())
      ++(*reports)[known->second].count;
    return true;
  }
  Report report;
  report.kind = kind;
  report.message = message.str();
  report.kernel = function.name;
  report.file = site.file;
  report.line = site.line;
  report.column = site.column;
  report.program = program.id;
  if (int argument = address ? argumentOf(site, address) : -1; argument >= 0) {
    const Argument &origin = function.arguments[argument];
    report.array = origin.name;
    int64_t distance = static_cast<int64_t>(address - request.slots[argument]);
    int64_t size = origin.pointeeBytes;
    report.index = (distance - (distance % size + size) % size) / size;
  }
  if (!check) {
    failure = std::move(report);
    return false;
  }
  // Beyond the limit a report is only counted as known.
  reported[key] =
      reports->size() < options.maxReports ? reports->size() : SIZE_MAX;
  if (reports->size() < options.maxReports)
    reports->push_back(std::move(report));
  return true;
}

void LaunchState::requireSpecified(Program &program, const Site &site,
                                   uint8_t taint, const llvm::Twine &what) {
  if (taint & kUnspecified)
    report(program, site, Report::Kind::UnspecifiedLane,
           what + " depends on an element that a masked load without 'other' "
                  "left unspecified");
}

bool LaunchState::describeOutOfBounds(Program &program, const Access &access,
                                      uint64_t address) {
  const char *verb = !access.writes  ? "read"
                     : access.atomic ? "atomic update"
                                     : "write";
  int argument = argumentOf(*access.site, address);
  if (address < kLowestAddress)
    return report(program, *access.site, Report::Kind::OutOfBounds,
                  llvm::Twine(verb) + " through a null pointer", address);
  if (argument < 0)
    return report(program, *access.site, Report::Kind::OutOfBounds,
                  llvm::Twine(verb) + " at address 0x" +
                      llvm::Twine::utohexstr(address) +
                      ", outside every array of the launch",
                  address);
  const Argument &origin = function.arguments[argument];
  int64_t distance = static_cast<int64_t>(address - request.slots[argument]);
  int64_t size = origin.pointeeBytes;
  int64_t index = (distance - (distance % size + size) % size) / size;
  uint64_t extent = regions[argument].end - regions[argument].begin;
  return report(program, *access.site, Report::Kind::OutOfBounds,
                llvm::Twine(verb) + " of '" + origin.name + "' at index " +
                    llvm::Twine(index) + ", outside its " +
                    llvm::Twine(extent / size) + " elements",
                address);
}

bool LaunchState::checkLane(Program &program, const Access &access,
                            uint64_t address, uint8_t taint) {
  requireSpecified(program, *access.site, taint, "an address");
  if (taint & kOverflowed)
    report(program, *access.site, Report::Kind::AddressOverflow,
           "the arithmetic of an address overflowed its integer type; cast to "
           "64 bits first",
           address);
  if (address % access.bytes == 0)
    return true;
  return report(program, *access.site, Report::Kind::Misaligned,
                "address 0x" + llvm::Twine::utohexstr(address) +
                    " is not a multiple of the element's " +
                    llvm::Twine(access.bytes) + " bytes",
                address);
}

void LaunchState::checkRaces(Program &program, const Access &access,
                             size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (!lanes.active[i])
      continue;
    uint64_t address = lanes.addresses[i];
    bool synchronises = count <= kMaxSyncLanes;
    if (access.acquires && synchronises)
      races.acquire(program.linear, address);
    int64_t other = races.touch(program.linear, address, access);
    if (access.releases && synchronises)
      races.release(program.linear, address);
    if (other >= 0)
      report(program, *access.site, Report::Kind::Race,
             llvm::Twine(access.writes ? "write" : "read") +
                 " races with program " + llvm::Twine(other) +
                 " (linear id): both touch one address, one of them writes, "
                 "and nothing orders them",
             address);
  }
}

bool LaunchState::admit(Program &program, const Access &access, size_t count,
                        const uint8_t *taints) {
  // The usual case first: everything lies within the argument's array.
  uint64_t begin = 0, end = 0;
  if (access.site->argument >= 0) {
    begin = regions[access.site->argument].begin;
    end = regions[access.site->argument].end;
  }
  uint64_t room = end - begin >= access.bytes ? end - begin - access.bytes : 0;
  bool nonEmpty = end - begin >= access.bytes;
  for (size_t i = 0; i < count; ++i) {
    if (!lanes.active[i])
      continue;
    uint64_t address = lanes.addresses[i];
    if (nonEmpty && address - begin <= room)
      continue;
    if (locate(access, address) != Verdict::Outside)
      continue;
    if (check && taints)
      checkLane(program, access, address, taints[i]);
    if (!describeOutOfBounds(program, access, address))
      return false;
    lanes.active[i] = 0;
  }
  if (!check)
    return true;
  for (size_t i = 0; i < count; ++i)
    if (lanes.active[i])
      checkLane(program, access, lanes.addresses[i], taints ? taints[i] : 0);
  checkRaces(program, access, count);
  return true;
}
