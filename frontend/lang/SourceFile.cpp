//===- SourceFile.cpp - reading kernel files ------------------------------===//
#include "frontend/lang/SourceFile.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace tegula::frontend;

std::shared_ptr<const SourceFile> SourceFile::fromText(llvm::StringRef path,
                                                       llvm::StringRef text) {
  std::shared_ptr<SourceFile> file(new SourceFile());
  file->name = path.str();
  text.consume_front("\xEF\xBB\xBF"); // a byte order mark is no code
  file->contents.reserve(text.size());
  for (size_t i = 0, e = text.size(); i < e; ++i)
    if (text[i] != '\r' || i + 1 == e || text[i + 1] != '\n')
      file->contents += text[i];
  file->lineStarts.push_back(0);
  for (size_t i = 0, e = file->contents.size(); i < e; ++i)
    if (file->contents[i] == '\n')
      file->lineStarts.push_back(i + 1);
  return file;
}

llvm::Expected<std::shared_ptr<const SourceFile>>
SourceFile::open(llvm::StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(path, /*IsText=*/true);
  if (!buffer)
    return llvm::createStringError(buffer.getError(), "cannot read %s: %s",
                                   path.str().c_str(),
                                   buffer.getError().message().c_str());
  return fromText(path == "-" ? "<stdin>" : path, (*buffer)->getBuffer());
}

llvm::StringRef SourceFile::line(unsigned number) const {
  if (number == 0 || number > lineStarts.size())
    return {};
  size_t begin = lineStarts[number - 1];
  size_t end =
      number < lineStarts.size() ? lineStarts[number] - 1 : contents.size();
  return llvm::StringRef(contents).slice(begin, end).rtrim("\r\n");
}
