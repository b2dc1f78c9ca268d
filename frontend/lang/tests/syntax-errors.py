# RUN: not tegula-lang-import %s 2>&1 | FileCheck %s
import triton

# CHECK: :[[#@LINE+3]]:13: error: syntax error: expected an expression, found the end of the line
# CHECK-NEXT: {{^}}    broken = 3 +
# CHECK-NEXT: {{^}}                ^
broken = 3 +

# CHECK: :[[#@LINE+1]]:12: error: syntax error: expected ':' after the function's head, found the end of the line
def head(x)
    return x

# CHECK: :[[#@LINE+1]]:8: error: this string is never closed
text = "open

# CHECK: error: syntax error: expected an indented block after the condition
if text:
fine = 1
  # CHECK: error: syntax error: expected a statement at the file's own indentation
  fine = 2
