//===- SpanScope.h - where evaluation is ----------------------------------===//
#ifndef TEGULA_FRONTEND_LANG_SPANSCOPE_H
#define TEGULA_FRONTEND_LANG_SPANSCOPE_H

#include "frontend/lang/Evaluator.h"

namespace tegula::frontend {

/// Sets the place of errors and of the IR made, and puts it back.
struct Evaluator::SpanScope {
  SpanScope(Evaluator &evaluator, Span span)
      : evaluator(evaluator), saved(evaluator.frame->span) {
    evaluator.frame->span = span;
    if (evaluator.emit)
      evaluator.emit->builder().setLoc(evaluator.location());
  }
  ~SpanScope() {
    evaluator.frame->span = saved;
    if (evaluator.emit)
      evaluator.emit->builder().setLoc(evaluator.location());
  }
  Evaluator &evaluator;
  Span saved;
};

} // namespace tegula::frontend

#endif
