//===- Emulator.cpp - Kernels of other processors under QEMU --------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/qemu/Emulator.h"
#include "runtime/Environment.h"
#include "runtime/qemu/Image.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace tegula;
using namespace tegula::runtime;
using namespace tegula::runtime::qemu;

/// What the bytes around arrays hold, so that a stray store shows.
static constexpr unsigned char kUntouched = 0xA5;

static Status failure(const std::string &why) {
  return {TEGULA_DEVICE_FAILED, why};
}

Status tegula::runtime::qemu::probe(const Machine &machine) {
  std::filesystem::path folder =
      std::filesystem::path(Environment::read().emulators) /
      machine.architecture;
  std::error_code error;
  if (std::filesystem::exists(folder / "qemu", error) &&
      std::filesystem::exists(folder / "guest", error))
    return {};
  return failure("this build has no emulator of " + machine.architecture +
                 ": './bootstrap test' installs what it needs");
}

//===----------------------------------------------------------------------===//
// The image
//===----------------------------------------------------------------------===//

namespace {

/// Arrays that overlap, as one.
struct Span {
  uint64_t begin, end;  ///< On the host
  uint64_t offset = 0;  ///< Of the first page in the file
  uint64_t padding = 0; ///< Bytes from there to the arrays

  uint64_t bytes() const { return end - begin; }
  uint64_t pages() const {
    return (padding + bytes() + kPage - 1) / kPage * kPage;
  }
};

class Image {
public:
  Image(const Program &program, const Launch &launch)
      : program(program), launch(launch) {
    findSpans();
    layOut();
  }
  Image(const Image &) = delete;
  ~Image() {
    if (base != MAP_FAILED)
      ::munmap(base, size);
    if (descriptor >= 0)
      ::close(descriptor);
  }

  Status write();
  /// Copies the arrays back; an error if bytes around them have changed.
  Status read() const;
  int file() const { return descriptor; }
  const Header &header() const { return *static_cast<const Header *>(base); }

private:
  void findSpans();
  void layOut();
  unsigned char *at(uint64_t offset) const {
    return static_cast<unsigned char *>(base) + offset;
  }
  void writeHeader();
  Slot slot(size_t index) const;

  const Program &program;
  const Launch &launch;
  std::vector<Span> spans;
  uint64_t size = 0;
  int descriptor = -1;
  void *base = MAP_FAILED;
};

} // namespace

void Image::findSpans() {
  std::vector<Span> found;
  for (size_t i = 0; i < launch.slots.size(); ++i)
    if (uint64_t bytes = i < launch.extents.size() ? launch.extents[i] : 0)
      found.push_back({launch.slots[i], launch.slots[i] + bytes});
  std::sort(found.begin(), found.end(),
            [](const Span &a, const Span &b) { return a.begin < b.begin; });
  for (const Span &span : found)
    if (!spans.empty() && span.begin < spans.back().end)
      spans.back().end = std::max(spans.back().end, span.end);
    else
      spans.push_back(span);
}

void Image::layOut() {
  auto roundUp = [](uint64_t bytes) {
    return (bytes + kPage - 1) / kPage * kPage;
  };
  size = roundUp(sizeof(Header) + launch.slots.size() * sizeof(Slot) +
                 spans.size() * sizeof(Region) + program.code.size() +
                 program.metadata.size());
  for (Span &span : spans) {
    span.offset = size;
    // As near to the page behind as the alignment that code may rely on allows.
    constexpr uint64_t alignment = 16;
    uint64_t room = roundUp(span.bytes() + alignment) - span.bytes();
    span.padding = (room - span.begin % alignment) / alignment * alignment +
                   span.begin % alignment;
    size += span.pages();
  }
}

Slot Image::slot(size_t index) const {
  uint64_t value = launch.slots[index];
  uint64_t extent = index < launch.extents.size() ? launch.extents[index] : 0;
  for (size_t i = 0; extent && i < spans.size(); ++i)
    if (value >= spans[i].begin && value < spans[i].end)
      return {value - spans[i].begin + spans[i].padding, i, extent};
  return {value, Slot::kNoRegion, 0};
}

void Image::writeHeader() {
  Header header = {};
  std::copy(launch.grid.begin(), launch.grid.end(), header.grid);
  header.threads = launch.threads;
  header.numSlots = uint32_t(launch.slots.size());
  header.numRegions = uint32_t(spans.size());
  header.codeBytes = program.code.size();
  header.metadataBytes = program.metadata.size();
  header.status = -1;
  uint64_t offset = 0;
  auto append = [&](const void *bytes, size_t count) {
    std::memcpy(at(offset), bytes, count);
    offset += count;
  };
  append(&header, sizeof header);
  for (size_t i = 0; i < launch.slots.size(); ++i) {
    Slot described = slot(i);
    append(&described, sizeof described);
  }
  for (const Span &span : spans) {
    Region region = {span.offset, span.pages()};
    append(&region, sizeof region);
  }
  append(program.code.data(), program.code.size());
  append(program.metadata.data(), program.metadata.size());
}

Status Image::write() {
  descriptor = ::memfd_create("tegula-launch", MFD_CLOEXEC);
  if (descriptor < 0 || ::ftruncate(descriptor, off_t(size)) != 0)
    return failure(std::string("no memory file: ") + std::strerror(errno));
  base =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (base == MAP_FAILED)
    return {TEGULA_OUT_OF_MEMORY,
            "no memory for " + std::to_string(size) + " bytes"};
  writeHeader();
  for (const Span &span : spans) {
    std::memset(at(span.offset), kUntouched, span.pages());
    std::memcpy(at(span.offset + span.padding),
                reinterpret_cast<const void *>(span.begin), span.bytes());
  }
  return {};
}

Status Image::read() const {
  for (const Span &span : spans) {
    const unsigned char *first = at(span.offset);
    const unsigned char *arrays = first + span.padding;
    auto isUntouched = [](unsigned char byte) { return byte == kUntouched; };
    if (!std::all_of(first, arrays, isUntouched) ||
        !std::all_of(arrays + span.bytes(), first + span.pages(), isUntouched))
      return failure("the kernel wrote beside an array");
    std::memcpy(reinterpret_cast<void *>(span.begin), arrays, span.bytes());
  }
  return {};
}

//===----------------------------------------------------------------------===//
// The process
//===----------------------------------------------------------------------===//

/// The exit status of waitpid, or -1 with errno.
static int runGuest(const Machine &machine, int image) {
  std::string folder =
      Environment::read().emulators + "/" + machine.architecture;
  std::string qemu = folder + "/qemu", sysroot = folder + "/sysroot";
  std::string guest = folder + "/guest", processor = machine.processor;
  char prefix[] = "-L", cpu[] = "-cpu";
  char *arguments[] = {qemu.data(),      prefix,       sysroot.data(), cpu,
                       processor.data(), guest.data(), nullptr};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, image, kImageDescriptor);
  std::fflush(stdout);
  pid_t process;
  errno = ::posix_spawn(&process, qemu.c_str(), &actions, nullptr, arguments,
                        environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (errno)
    return -1;
  int status = 0;
  while (::waitpid(process, &status, 0) < 0)
    if (errno != EINTR)
      return -1;
  return status;
}

Status tegula::runtime::qemu::launch(const Machine &machine,
                                     const Program &program,
                                     const Launch &launch) {
  if (Status here = probe(machine); !here)
    return here;
  Image image(program, launch);
  if (Status written = image.write(); !written)
    return written;
  int status = runGuest(machine, image.file());
  std::string emulator = "qemu-" + machine.architecture;
  if (status == -1)
    return failure(emulator + " doesn't start: " + std::strerror(errno));
  if (WIFSIGNALED(status))
    return failure("the kernel crashed under " + emulator + " -cpu " +
                   machine.processor + ": " + strsignal(WTERMSIG(status)));
  const Header &header = image.header();
  if (header.status < 0)
    return failure(emulator + " -cpu " + machine.processor +
                   " failed with exit status " +
                   std::to_string(WEXITSTATUS(status)));
  Status untouched = image.read();
  if (header.status != TEGULA_OK)
    return {tegula_status(header.status), header.message};
  return untouched;
}
