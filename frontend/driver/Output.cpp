//===- Output.cpp - Files that users ask for ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/Output.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"

namespace tegula::frontend {

static llvm::Error wrong(llvm::StringRef path, const llvm::Twine &why) {
  return llvm::createStringError(path + ": " + why);
}

/// Is there something at `path` that a renamed file must not replace?
static bool isSpecial(llvm::StringRef path) {
  llvm::sys::fs::file_status status;
  return !llvm::sys::fs::status(path, status, /*follow=*/false) &&
         status.type() != llvm::sys::fs::file_type::regular_file;
}

llvm::Error writeOutput(llvm::StringRef path,
                        llvm::function_ref<void(llvm::raw_ostream &)> write) {
  if (path == "-") {
    // The tool's end reports what can't be written.
    write(llvm::outs());
    return llvm::Error::success();
  }
  if (isSpecial(path)) {
    std::error_code error;
    llvm::raw_fd_ostream os(path, error);
    if (error)
      return wrong(path, error.message());
    write(os);
    os.flush();
    error = os.error();
    os.clear_error();
    return error ? wrong(path, error.message()) : llvm::Error::success();
  }
  auto temporary = llvm::sys::fs::TempFile::create(
      path + ".tmp-%%%%%%", llvm::sys::fs::all_read | llvm::sys::fs::all_write);
  if (!temporary) {
    std::error_code why = llvm::errorToErrorCode(temporary.takeError());
    return wrong(path, why.message());
  }
  llvm::raw_fd_ostream os(temporary->FD, /*shouldClose=*/false);
  write(os);
  os.flush();
  if (std::error_code error = os.error()) {
    os.clear_error();
    llvm::consumeError(temporary->discard());
    return wrong(path, error.message());
  }
  if (llvm::Error error = temporary->keep(path))
    return wrong(path, llvm::toString(std::move(error)));
  return llvm::Error::success();
}

} // namespace tegula::frontend
