//===- Memory.h - Accesses of a launch, checked -----------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A race is two programs touching one byte, at least one of them writing and
// not both atomically, with nothing that orders them. Order comes from acquire
// and release atomics: each program carries a vector clock, each word that is
// used atomically another one. Tensors of more than kMaxSyncLanes atomics are
// taken as data (a histogram), not as locks, and order nothing.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_INTERP_MEMORY_H
#define TEGULA_IR_INTERP_MEMORY_H

#include "ir/interp/Engine.h"
#include "llvm/ADT/DenseMap.h"

namespace tegula::ir::interp {

/// What one op does to memory.
struct Access {
  const Site *site = nullptr;
  unsigned bytes = 1; ///< of an element
  bool writes = false;
  bool atomic = false;
  bool acquires = false, releases = false;
};

/// Lanes above which a tensor of atomics counts as data.
constexpr size_t kMaxSyncLanes = 16;

/// Addresses and activity of the lanes of one access: scratch memory that an
/// instruction fills, has checked and uses.
struct Lanes {
  std::vector<uint64_t> addresses;
  std::vector<uint8_t> active;
  void resize(size_t count) {
    if (addresses.size() < count) {
      addresses.resize(count);
      active.resize(count);
    }
  }
};

/// Times of programs, by linear id.
using Clock = std::vector<uint32_t>;

/// Finds races.
class RaceDetector {
public:
  explicit RaceDetector(uint64_t programs) : clocks(programs) {}
  /// Notes an access to one element. Gives the linear id of a program that
  /// races with it, or -1.
  int64_t touch(uint64_t program, uint64_t address, const Access &access);
  /// Takes over what the releases of this word have published.
  void acquire(uint64_t program, uint64_t address);
  /// Publishes what the program has done, this access included.
  void release(uint64_t program, uint64_t address);

private:
  struct Epoch {
    int32_t program = -1;
    uint32_t time = 0;
  };
  /// Who touched a byte last. Plain and atomic accesses are kept apart: an
  /// atomic update says nothing of the plain write before it.
  struct Cell {
    Epoch writer, atomicWriter, readers[2], atomicReader;
  };
  static constexpr uint64_t kPageBytes = 1024;
  using Page = std::array<Cell, kPageBytes>;

  Cell &cell(uint64_t address);
  uint32_t now(uint64_t program);
  bool isOrdered(Epoch before, uint64_t program);

  std::vector<Clock> clocks;
  llvm::DenseMap<uint64_t, Clock> words;
  llvm::DenseMap<uint64_t, std::unique_ptr<Page>> pages;
  Page *lastPage = nullptr;
  uint64_t lastPageNumber = ~uint64_t(0);
};

/// All programs of one launch and what they share.
class LaunchState {
public:
  LaunchState(const Function &function, const InterpreterLaunch &request,
              const InterpreterOptions &options, std::vector<Report> *reports);

  /// Checks the first `count` of `lanes` and switches off those that must not
  /// be touched. `taints` are those of the addresses, or null. False: the
  /// program has to stop.
  bool admit(Program &program, const Access &access, size_t count,
             const uint8_t *taints);

  /// Tells of an error. In a checked launch it is kept and true says "go on";
  /// otherwise it becomes the launch's error and false says "stop".
  bool report(const Program &program, const Site &site, Report::Kind kind,
              const llvm::Twine &message, uint64_t address = 0);
  /// Reports (in a checked launch) if a value that must be known is not.
  void requireSpecified(Program &program, const Site &site, uint8_t taint,
                        const llvm::Twine &what);

  const Function &function;
  const InterpreterLaunch &request;
  const InterpreterOptions &options;
  std::vector<Report> *reports;
  const bool check;
  uint64_t programs; ///< in the grid
  /// Counts changes of memory and ends of programs.
  uint64_t progress = 0;
  /// Random order: programs switch at every atomic.
  bool switchAtAtomics = false;
  /// Nobody has made progress for long: waits with a timeout give up.
  bool expireTimeouts = false;
  std::optional<Report> failure;
  Lanes lanes;
  std::vector<double> numbers[3];
  std::vector<char> copies;
  RaceDetector races;

private:
  struct Region {
    uint64_t begin = 0, end = 0; ///< begin == end: unknown
  };
  enum class Verdict { Inside, Outside, Unknown };

  Verdict locate(const Access &access, uint64_t address) const;
  bool describeOutOfBounds(Program &program, const Access &access,
                           uint64_t address);
  bool checkLane(Program &program, const Access &access, uint64_t address,
                 uint8_t taint);
  void checkRaces(Program &program, const Access &access, size_t count);
  /// The argument that an access at this address belongs to, or -1.
  int argumentOf(const Site &site, uint64_t address) const;

  std::vector<Region> regions; ///< by argument
  bool allKnown = true;
  llvm::DenseMap<std::pair<const Site *, int>, size_t> reported;
};

} // namespace tegula::ir::interp

#endif // TEGULA_IR_INTERP_MEMORY_H
