//===- Lowering.h - Tiles to loop nests -------------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builds the loop form of one kernel beside its tile form. Scalar ops are
// cloned; each root (a store, a reduction, a product, a value kept in the
// arena) becomes a nest of loops over its tile whose innermost body handles a
// *chunk*: one vector of lanes. The nest pulls its operands: pull(v, chunk) is
// the value of tile v at this chunk, made from the op that defines v. A tile is
// never a vector of its own size, so the code does not grow with the tile.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LOOPS_LOWERING_H
#define TEGULA_TARGETS_COMMON_LOOPS_LOWERING_H

#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "targets/TargetDesc.h"
#include "targets/common/loops/Chunk.h"
#include "targets/common/loops/Commutes.h"
#include "targets/common/loops/DotLoop.h"
#include "targets/common/loops/LaunchConstants.h"
#include "targets/common/loops/Placement.h"
#include "targets/common/loops/Prefetch.h"
#include "llvm/ADT/MapVector.h"

namespace tegula::loops {

class Lowering {
public:
  Lowering(mlir::func::FuncOp source, const targets::TargetDesc &desc);

  /// Makes the function and erases the source; fails after emitting an error.
  mlir::FailureOr<mlir::func::FuncOp> run();
  int64_t arenaBytes() const { return arenaSize; }

private:
  //===--- Program form (CallingForm.cpp) ---------------------------------===//
  mlir::LogicalResult beginFunction();
  void describePlacement(mlir::Value value);
  void describeArguments();
  void describeUse();
  mlir::Value programField(int64_t offset, mlir::Type type);
  mlir::Value numPrograms(unsigned axis);
  void callAssertFailed(tile::AssertOp op);
  void callYield();
  /// Words of tegula_product, in their order.
  void callMultiply(llvm::ArrayRef<mlir::Value> words);
  void callPrint(tile::PrintOp op, mlir::Value values, mlir::Type element,
                 llvm::ArrayRef<int64_t> shape, bool isSigned, bool last);
  mlir::Value stringConstant(llvm::StringRef text);

  //===--- Walking the kernel (LowerToLoops.cpp, LowerControl.cpp) --------===//
  mlir::LogicalResult lowerBlock(mlir::Block &block);
  mlir::LogicalResult lower(mlir::Operation *op);
  mlir::LogicalResult lowerScalar(mlir::Operation *op);
  mlir::LogicalResult lowerFor(mlir::scf::ForOp op);
  mlir::LogicalResult lowerIf(mlir::scf::IfOp op);
  /// A loop whose carried tiles are updated element by element, in tiles, what
  /// they start from and what they become (LowerElementwiseLoop.cpp).
  struct ElementwiseLoop {
    llvm::SmallVector<mlir::Value> tiles, inits, next;
  };
  std::optional<ElementwiseLoop> findElementwiseLoop(mlir::scf::ForOp op) const;
  int64_t vectorsInRegisters(const ElementwiseLoop &loop, int64_t lanes,
                             int64_t size);
  llvm::SmallVector<mlir::Value>
  elementwiseStep(const ElementwiseLoop &loop, const Chunk &chunk,
                  mlir::ValueRange carried, llvm::ArrayRef<mlir::Value> bounds,
                  mlir::Operation *marker);
  llvm::SmallVector<mlir::Value> maskedStep(const ElementwiseLoop &loop,
                                            const Chunk &chunk, int64_t lanes,
                                            mlir::ValueRange carried,
                                            llvm::ArrayRef<Buffer> buffers,
                                            mlir::Operation *marker);
  llvm::SmallVector<mlir::Value> boundedStep(const ElementwiseLoop &loop,
                                             const Chunk &chunk, int64_t lanes,
                                             mlir::ValueRange carried,
                                             llvm::ArrayRef<Buffer> buffers,
                                             mlir::Operation *marker);
  mlir::LogicalResult elementwiseLoop(mlir::scf::ForOp op,
                                      const ElementwiseLoop &loop,
                                      const Chunk &chunk, int64_t lanes,
                                      llvm::ArrayRef<Buffer> buffers);
  mlir::LogicalResult lowerElementwiseLoop(mlir::scf::ForOp op,
                                           const ElementwiseLoop &loop);
  mlir::LogicalResult lowerWhile(mlir::scf::WhileOp op);
  mlir::LogicalResult storeTiles(mlir::ValueRange values,
                                 llvm::ArrayRef<Buffer> targets);
  mlir::Value scalar(mlir::Value value);
  llvm::SmallVector<mlir::Value> scalars(mlir::ValueRange values);
  mlir::Type scalarType(mlir::Type type);

  //===--- Roots ----------------------------------------------------------===//
  using Emit = llvm::function_ref<mlir::LogicalResult()>;
  mlir::LogicalResult choose(mlir::Value condition, Emit then, Emit otherwise);
  mlir::LogicalResult lowerStore(tile::StoreOp op);
  mlir::LogicalResult lowerStoreBox(tile::StoreBoxOp op);
  mlir::LogicalResult storeAll(tile::StoreBoxOp op);
  mlir::LogicalResult lowerStoreGroup(llvm::ArrayRef<tile::StoreBoxOp> stores);
  mlir::LogicalResult storeTogether(llvm::ArrayRef<tile::StoreBoxOp> stores);
  mlir::LogicalResult
  storeThroughCopies(llvm::ArrayRef<tile::StoreBoxOp> stores, int lanesDim);
  llvm::SmallVector<Extent> storeExtents(tile::StoreBoxOp op);
  mlir::LogicalResult storeBothWays(mlir::Value stream, Emit emit);
  mlir::LogicalResult lowerReduce(tile::ReduceOp op);
  mlir::LogicalResult lowerScan(tile::ScanOp op);
  mlir::LogicalResult lowerMapElementwise(tile::MapElementwiseOp op);
  mlir::LogicalResult lowerDot(tile::DotOp op);
  /// A matrix as the runtime's library takes it (CallDot.cpp): element (i, j)
  /// is at `address` + i * strides[0] + j * strides[1].
  struct Matrix {
    mlir::Value address, strides[2], extents[2];
  };
  bool callsLibrary(tile::DotOp op) const;
  mlir::LogicalResult callDot(tile::DotOp op);
  std::optional<Matrix> boxMatrix(tile::DotOp op, mlir::Value operand,
                                  int depthDim, mlir::Value demand);
  mlir::FailureOr<Matrix> arenaMatrix(mlir::Value operand);
  mlir::LogicalResult lowerHistogram(tile::HistogramOp op);
  mlir::Value pullBins(tile::HistogramOp op, const Chunk &chunk,
                       int64_t numBins);
  mlir::LogicalResult lowerAtomicRMW(tile::AtomicRMWOp op);
  mlir::LogicalResult lowerAtomicCAS(tile::AtomicCASOp op);
  mlir::LogicalResult lowerAtomicPoll(tile::AtomicPollOp op);
  mlir::LogicalResult lowerAssert(tile::AssertOp op);
  /// Ends the launch unless `holds`, an i1 or a vector of them, is all true.
  void requireAll(tile::AssertOp op, mlir::Value holds);
  mlir::LogicalResult lowerPrint(tile::PrintOp op);
  mlir::Value addresses(mlir::Value ptrs, const Chunk &chunk);
  mlir::Value narrowFloatUpdate(tile::AtomicRMWOp op, mlir::Value ptr,
                                mlir::Value value);
  mlir::Value atomicUpdate(tile::AtomicRMWOp op, mlir::Value ptr,
                           mlir::Value value);
  mlir::Value combine(tile::AtomicKind kind, mlir::Value old,
                      mlir::Value value);
  using Update = llvm::function_ref<mlir::Value(mlir::Value, mlir::Value)>;
  mlir::Value updateIf(mlir::Value mask, mlir::Type element, mlir::Value ptr,
                       mlir::Value value, Update update);
  mlir::LogicalResult updateElements(tile::AtomicRMWOp op, const Buffer *old,
                                     Update update);
  mlir::LogicalResult updateAlone(tile::AtomicRMWOp op, const Buffer *old);
  llvm::SmallVector<mlir::Value> loadsOf(tile::AtomicRMWOp op);
  mlir::LogicalResult withCopies(tile::AtomicRMWOp op, Emit body);
  mlir::Value compareAndSwap(tile::AtomicCASOp op, mlir::Value ptr,
                             mlir::Value expected, mlir::Value value);
  DotForm chooseForm(tile::DotOp op, bool maySplit = true) const;
  mlir::FailureOr<Buffer> packA(tile::DotOp op);
  mlir::FailureOr<Buffer> packRowsOnce(tile::DotOp op, const DotForm &form,
                                       int64_t rowsTogether = 1);
  std::optional<Buffer> findPacked(mlir::Value operand, int64_t panel);
  tile::LoadBoxOp findRowsInMemory(tile::DotOp op, const DotForm &form) const;
  mlir::Value isWhole(tile::LoadBoxOp box, const DotForm &form);
  mlir::FailureOr<Buffer> readInPlace(tile::LoadBoxOp box, tile::DotOp op,
                                      const DotForm &form);
  mlir::FailureOr<Buffer> packB(tile::DotOp op);
  mlir::FailureOr<Buffer>
  packOnce(mlir::Value operand, Buffer form, tile::DotOp op,
           llvm::function_ref<mlir::LogicalResult(const Buffer &)> pack);
  mlir::LogicalResult packRows(mlir::Value operand, const Buffer &buffer,
                               int depthDim, mlir::Value depth);
  mlir::Value groupIndex(const Buffer &buffer, mlir::Value row, mlir::Value at,
                         int64_t size);
  bool canTurnGroups(mlir::Value operand, const targets::GroupDot &dot) const;
  mlir::LogicalResult packRowPairs(mlir::Value operand, const Buffer &buffer,
                                   const DotForm &form);
  mlir::LogicalResult interleaveGroups(mlir::Value operand,
                                       const Buffer &buffer,
                                       const DotForm &form, Extent extent,
                                       bool isWhole);
  mlir::LogicalResult turnGroups(mlir::Value operand, const Buffer &buffer,
                                 const DotForm &form, Extent extent,
                                 bool isWhole);
  mlir::LogicalResult packGroups(mlir::Value operand, const Buffer &buffer,
                                 const DotForm &form);
  mlir::LogicalResult sumShifts(const Buffer &buffer, const DotForm &form);
  llvm::SmallVector<mlir::Value> splitBits(const Buffer &buffer,
                                           mlir::Value value);
  mlir::Value splitPart(const Buffer &buffer, mlir::Value value, int64_t part);
  mlir::Value magnitudesAddress(const Buffer &buffer);
  void clearMagnitudes(const Buffer &buffer);
  void noteMagnitudes(const Buffer &buffer, mlir::Value bits);
  mlir::LogicalResult splitRows(mlir::Value operand, const Buffer &buffer,
                                const DotForm &form);
  void storeParts(const Buffer &buffer, mlir::Value index, mlir::Value value);
  void storeSplitPair(const Buffer &buffer, mlir::Value index, mlir::Value even,
                      mlir::Value odd);
  mlir::Value isRegular(const Buffer &buffer);
  mlir::LogicalResult packInvariantOperands(mlir::Operation *loop);
  mlir::Value callShare(llvm::ArrayRef<mlir::Value> key,
                        mlir::Value mayFindAgain, Buffer &buffer);
  mlir::Value mayFindAgain(const llvm::SetVector<mlir::Value> &key,
                           tile::DotOp op);
  mlir::Value multiplyAdd(const DotForm &form, mlir::Value lhs, mlir::Value rhs,
                          mlir::Value acc);
  mlir::LogicalResult accumulate(tile::ReduceOp op, const Chunk &outer,
                                 int64_t axisLanes, mlir::Value upper,
                                 llvm::SmallVectorImpl<mlir::Value> &acc);
  mlir::LogicalResult reduceNest(tile::ReduceOp op, int lanesDim, int64_t lanes,
                                 int64_t axisLanes, mlir::Value upper);
  void accumulateStrips(tile::ReduceOp op, const Chunk &outer,
                        int64_t axisLanes, mlir::Value upper,
                        llvm::SmallVectorImpl<mlir::Value> &acc);
  llvm::SmallVector<mlir::Value>
  pullStrip(tile::ReduceOp op, const Chunk &outer, int64_t axisLanes,
            mlir::Operation *loop, mlir::Value coord, const CoordFacts &facts);
  void accumulateLoop(tile::ReduceOp op, const Chunk &outer, int64_t axisLanes,
                      int64_t lanes, mlir::Value from, mlir::Value to,
                      const CoordFacts &facts,
                      llvm::SmallVectorImpl<mlir::Value> &acc);
  void accumulateTail(tile::ReduceOp op, const Chunk &outer, int64_t axisLanes,
                      int64_t lanes, mlir::Value full, mlir::Value last,
                      mlir::Value bound,
                      llvm::SmallVectorImpl<mlir::Value> &acc);
  mlir::Value boundAlong(tile::ReduceOp op, int64_t axisLanes);
  void accumulateBeyond(tile::ReduceOp op, const Chunk &outer,
                        mlir::Value upper,
                        llvm::SmallVectorImpl<mlir::Value> &acc);
  void scanLanes(mlir::Block &combiner,
                 llvm::SmallVectorImpl<mlir::Value> &values, int64_t lanes,
                 bool reverse);
  llvm::SmallVector<mlir::Value>
  scanStrip(tile::ScanOp op, llvm::ArrayRef<Buffer> buffers, const Chunk &chunk,
            int64_t axisLanes, mlir::ValueRange before);
  void combineLanes(mlir::Block &combiner,
                    llvm::SmallVectorImpl<mlir::Value> &values, int64_t lanes);
  /// One block of registers of a product.
  struct MicroTile {
    mlir::Value batch, panel, row;
    int64_t rows;
  };
  void microKernel(const DotForm &form, const Buffer &a, const Buffer &b,
                   const Buffer &c, const MicroTile &tile, mlir::Value start,
                   mlir::Value isFirst);

  struct Epilogue;
  /// What all blocks of one product share.
  struct DotTask {
    Buffer c;
    /// What is added to; null: what lies in C.
    mlir::Value start = {};
    /// Does the sum start from zeros here, and is it complete here? Null: no.
    mlir::Value isFirst = {}, isLast = {};
    /// Rows that anyone reads; null: all.
    mlir::Value liveRows = {};
    const Epilogue *epilogue = nullptr;
    bool storesByPanel = false;

    bool isZero() const;
  };
  /// A product of split operands in vectors, for numbers that parts don't hold.
  struct ExactProduct {
    DotForm form;
    Buffer a, b;
    mlir::Value isRegular;
  };
  mlir::LogicalResult packExact(tile::DotOp op, mlir::Value isRegular,
                                ExactProduct &exact);
  mlir::LogicalResult multiplyRowBlocks(const DotTask &task,
                                        const DotForm &form, const Buffer &a,
                                        const Buffer &b, const MicroTile &all);
  mlir::LogicalResult
  multiplyWholePanel(DotTask task, const DotForm &form, const Buffer &a,
                     const Buffer &b, const std::optional<ExactProduct> &exact,
                     const MicroTile &all);
  mlir::LogicalResult storeIfLast(const DotTask &task, const MicroTile &tile);
  Buffer resultBuffer(tile::DotOp op, const DotForm &form);
  bool isHeldIn(mlir::Value value, const Buffer &buffer) const;
  struct RowsBlock;
  void prefetchColumn(DotOperand operand, mlir::Value step, mlir::Value column,
                      int64_t elements);
  mlir::LogicalResult lowerRowsProduct(tile::DotOp op, const DotForm &form);
  mlir::LogicalResult addRowsBlock(tile::DotOp op, const DotForm &form,
                                   const Buffer &c, const RowsBlock &block,
                                   int64_t lanes);
  llvm::SmallVector<mlir::Value> multiplyRows(tile::DotOp op,
                                              const DotForm &form,
                                              const RowsBlock &block,
                                              int64_t lanes);
  llvm::SmallVector<mlir::Value>
  multiplyRowsAt(tile::DotOp op, const DotForm &form, const RowsBlock &block,
                 mlir::Value step, mlir::ValueRange sums,
                 mlir::Value mask = {});
  void storeStart(const Buffer &c, const MicroTile &tile, mlir::Value start);
  mlir::SmallVector<mlir::Value>
  multiplyPairs(const DotForm &form, const Buffer &a, const Buffer &b,
                const MicroTile &tile, mlir::Value step, mlir::Value bAt,
                mlir::ValueRange sums);
  void turnPairs(llvm::MutableArrayRef<mlir::Value> sums, int64_t vectors);
  void prefetchNextPanel(const DotForm &form, const Buffer &a, const Buffer &b,
                         const MicroTile &tile, mlir::Value at);
  void prefetchRowsAhead(const Buffer &a, const Buffer &b,
                         const MicroTile &tile, mlir::Value at);
  void prefetchPackedAhead(const DotForm &form, const Buffer &a,
                           const Buffer &b, const MicroTile &tile,
                           mlir::Value at);
  void prefetchTiles(const DotForm &form, const Buffer &a, const Buffer &b,
                     const MicroTile &tile, mlir::Value at);
  void multiplyTiles(const DotForm &form, const Buffer &a, const Buffer &b,
                     const Buffer &c, const MicroTile &tile, bool isZero,
                     mlir::Value isFirst);

  //===--- Ends of products' loops (DotEpilogue.cpp) ----------------------===//
  struct Epilogue {
    mlir::scf::ForOp loop;
    tile::StoreBoxOp store;
    /// May the store read while it writes (null: it may), and has the loop no
    /// step?
    mlir::Value mayInterleave, isEmpty;
    bool startsAtZero;
    /// May blocks bypass the caches? Null: never.
    mlir::Value mayStream = {};
  };
  void beginEpilogue(mlir::scf::ForOp loop, tile::DotOp dot,
                     const Buffer &buffer);
  mlir::Value isFirstStep(const Epilogue &epilogue);
  mlir::Value isLastStep(mlir::scf::ForOp loop);
  mlir::LogicalResult storeBlock(const Epilogue &epilogue, const Buffer &result,
                                 const MicroTile &tile);
  mlir::LogicalResult finishEpilogue(const Epilogue &epilogue);
  mlir::FailureOr<mlir::Value> startOf(tile::DotOp op, const Buffer &c);
  bool startsInRegisters(mlir::Value start, const Buffer &buffer) const;
  mlir::Value loadShifts(const DotForm &form, const Buffer &b,
                         const MicroTile &tile, int64_t vector);
  mlir::Value indexInA(const Buffer &a, const MicroTile &tile, int64_t row,
                       mlir::Value step);
  void prefetchPanels(const Buffer &a, const Buffer &b, const MicroTile &tile,
                      mlir::Value step);
  mlir::SmallVector<mlir::Value> multiplyPanel(const DotForm &form,
                                               const Buffer &a, const Buffer &b,
                                               const MicroTile &tile,
                                               mlir::ValueRange accumulators);

  //===--- Aliasing (Alias.cpp) -------------------------------------------===//
  struct PulledLoad {
    mlir::Operation *op;
    bool samePlace; // reached through elementwise ops alone
  };
  struct PulledLoads {
    llvm::SmallVector<PulledLoad> list;
    llvm::DenseSet<std::pair<mlir::Value, int>> seen; // with samePlace
  };
  void collectLoads(mlir::Value value, bool samePlace, PulledLoads &loads);
  template <typename BoxOp>
  std::optional<std::pair<mlir::Value, mlir::Value>> addressRange(BoxOp op);
  mlir::Value launchFlag(uint32_t flag);
  mlir::Value mayInterleave(llvm::ArrayRef<tile::StoreBoxOp> stores);
  bool readsItsPlace(tile::StoreBoxOp op);
  mlir::Value areStripsAligned(tile::StoreBoxOp op, int lanesDim,
                               int64_t lanes);
  mlir::Value mayStream(tile::StoreBoxOp op, int lanesDim, int64_t lanes);
  mlir::LogicalResult storeNest(tile::StoreBoxOp op, int lanesDim);
  std::optional<int> findSquares(tile::StoreBoxOp op, int lanesDim,
                                 int64_t lanes);
  mlir::LogicalResult storeSquares(
      tile::StoreBoxOp op, int lanesDim, int across, int64_t lanes,
      llvm::ArrayRef<Extent> extents,
      llvm::function_ref<mlir::LogicalResult(llvm::ArrayRef<Extent>)> strips);
  void turnSquare(const Chunk &chunk, int to,
                  llvm::function_ref<mlir::Value(const Chunk &)> inside,
                  llvm::function_ref<void(const Chunk &, mlir::Value)> outside);

  //===--- Arena (Arena.cpp) ----------------------------------------------===//
  /// A place in the arena for a tile of this form.
  Buffer allocate(Buffer form);
  Buffer allocate(mlir::Type element, llvm::ArrayRef<int64_t> shape,
                  int64_t panel = 0);
  mlir::Value bufferIndex(const Buffer &buffer, const Chunk &chunk);
  unsigned countDigits(llvm::ArrayRef<mlir::Value> coords,
                       llvm::ArrayRef<int64_t> shape) const;
  mlir::Value loadBuffer(const Buffer &buffer, const Chunk &chunk);
  mlir::Value loadPanels(const Buffer &buffer, const Chunk &chunk);
  mlir::Value pullBuffered(mlir::Value value, const Buffer &buffer,
                           const Chunk &chunk);
  mlir::Value divide(mlir::arith::DivFOp op, mlir::Value lhs, mlir::Value rhs);
  mlir::Value noneBelow(mlir::Value vector, mlir::Value bound);
  /// The element of `value` beyond `upper` along `dim`, where it is uniform.
  mlir::Value pullBeyond(mlir::Value value, Chunk chunk, int dim,
                         mlir::Value upper);
  bool isBeyond(const Chunk &chunk) const;
  void storeBuffer(const Buffer &buffer, const Chunk &chunk, mlir::Value value);
  mlir::Value bufferAddress(const Buffer &buffer, mlir::Value index);
  /// Computes `value` into `buffer`, element by element.
  mlir::LogicalResult materialize(mlir::Value value, const Buffer &buffer);
  mlir::LogicalResult materializeTransposed(mlir::Value value,
                                            const Buffer &buffer, int lanesDim,
                                            int64_t lanes);
  mlir::Value widened(mlir::Value element, const Buffer &buffer, int64_t lanes);
  /// Is every read of `buffer` in the virtual tree of `value` at the element
  /// that is being computed?
  bool readsInPlace(mlir::Value value, const Buffer &buffer) const;
  bool reads(mlir::Value value, const Buffer &buffer) const;

  //===--- Nests (Nest.cpp) -----------------------------------------------===//
  using Body = llvm::function_ref<mlir::LogicalResult(const Chunk &)>;
  /// Runs `body` for every chunk of a tile; lanes run along `lanesDim`.
  mlir::LogicalResult nest(llvm::ArrayRef<int64_t> shape, int lanesDim,
                           int64_t lanes, llvm::ArrayRef<Extent> extents,
                           Body body);
  mlir::LogicalResult nestDim(llvm::ArrayRef<int64_t> shape,
                              llvm::ArrayRef<int> order, unsigned depth,
                              int64_t lanes, llvm::ArrayRef<Extent> extents,
                              Chunk &chunk, Body body);
  mlir::LogicalResult joinedLoop(llvm::ArrayRef<int> dims,
                                 llvm::ArrayRef<int64_t> shape, Chunk &chunk,
                                 Body body);
  mlir::LogicalResult strips(int dim, int64_t size, int64_t lanes,
                             const Extent &extent, Chunk &chunk, Body body);
  mlir::LogicalResult splitStrips(int dim, int64_t size, int64_t lanes,
                                  mlir::Value bound, Chunk &chunk, Body body);
  /// The dimension along which the memory that feeds `values` is contiguous;
  /// `otherwise` (the last one) where nothing speaks for another.
  int chooseLanesDim(llvm::ArrayRef<mlir::Value> values, int64_t rank,
                     std::optional<int> otherwise = std::nullopt);
  mlir::LogicalResult nestSquares(llvm::ArrayRef<int64_t> shape, int from,
                                  int to, int64_t lanes,
                                  llvm::ArrayRef<Extent> extents, Body body);
  int64_t lanesFor(mlir::Type element, int64_t size) const;
  mlir::Value clamp(mlir::Value value, int64_t low, int64_t high);

  struct Level {
    mlir::Operation *loop = nullptr; // the op that holds the next level
    llvm::DenseSet<mlir::Value> coords;
    llvm::DenseMap<mlir::Value, CoordFacts> facts;
    llvm::DenseMap<mlir::Value, Digit> digits; // of a loop over several dims
    llvm::DenseMap<mlir::Value,
                   llvm::SmallVector<std::pair<Chunk, mlir::Value>, 2>>
        memo;
  };
  struct LevelScope {
    Lowering &lowering;
    size_t depth;
    explicit LevelScope(Lowering &lowering, mlir::Operation *loop);
    ~LevelScope();
  };
  unsigned levelOf(const Chunk &chunk) const;
  const CoordFacts *factsOf(mlir::Value coord) const;
  const Digit *digitOf(mlir::Value coord) const;

  //===--- Pulling (Pull*.cpp) --------------------------------------------===//
  mlir::Value pull(mlir::Value value, const Chunk &chunk);
  /// pull, repeated to `lanes` lanes where the chunk is a scalar.
  mlir::Value pullLanes(mlir::Value value, Chunk chunk, int64_t lanes);
  mlir::Value pullUncached(mlir::Value value, const Chunk &chunk);
  mlir::Value pullElementwise(mlir::Operation *op, const Chunk &chunk,
                              unsigned result = 0);
  mlir::Value truncateForProducts(mlir::arith::TruncFOp op, mlir::Value value);
  mlir::Value pullConstant(mlir::arith::ConstantOp op, const Chunk &chunk);
  mlir::Value pullSplat(tile::SplatOp op, const Chunk &chunk);
  mlir::Value pullTrans(tile::TransOp op, const Chunk &chunk);
  mlir::Value pullExpandDims(tile::ExpandDimsOp op, const Chunk &chunk);
  mlir::Value pullRange(tile::RangeOp op, const Chunk &chunk);
  mlir::Value pullBroadcast(tile::BroadcastOp op, const Chunk &chunk);
  mlir::Value pullReshape(tile::ReshapeOp op, const Chunk &chunk);
  mlir::Value pullJoin(tile::JoinOp op, const Chunk &chunk);
  mlir::Value pullSplit(tile::SplitOp op, mlir::Value result,
                        const Chunk &chunk);
  mlir::Value pullCat(tile::CatOp op, const Chunk &chunk);
  mlir::Value pullGather(tile::GatherOp op, const Chunk &chunk);
  mlir::Value findFlip(tile::GatherOp op);
  mlir::Value pullFlipped(mlir::Value src, mlir::Value flip,
                          const Chunk &chunk);
  void forgetMemory(bool isVolatile);
  mlir::Value pullLoad(tile::LoadOp op, const Chunk &chunk);
  mlir::Value pullLoadBox(tile::LoadBoxOp op, const Chunk &chunk);
  mlir::Value pullDivision(mlir::Operation *op, const Chunk &chunk);
  mlir::Value divideNeighbours(mlir::Operation *op, mlir::Value first,
                               mlir::Value divisor, int64_t lanes);
  mlir::Value pullSelect(mlir::arith::SelectOp op, const Chunk &chunk);
  mlir::Value pullPtrAdd(tile::PtrAddOp op, const Chunk &chunk);
  void prefetchNext(tile::LoadBoxOp op, const Chunk &chunk);
  Substitution inNextProgram();
  Substitution inNextStep(mlir::scf::ForOp loop);
  mlir::Value distanceToNext(tile::LoadBoxOp op, mlir::scf::ForOp loop);
  mlir::Value distanceTo(tile::LoadBoxOp op, Substitution next);
  mlir::Value distanceAcross(tile::LoadBoxOp op, mlir::scf::ForOp loop);

  /// Where a chunk of a box lies: one address (contiguous lanes) or one for
  /// each lane.
  struct BoxAddress {
    mlir::Value base;  // !llvm.ptr
    mlir::Value index; // i64, or vector of i64
    bool contiguous = false;
    /// Where only the launch can tell: the lanes lie side by side from
    /// `contiguousIndex`, or all there, if this holds. Null: never.
    mlir::Value fits, contiguousIndex;
    bool isOne = false;
  };
  bool isCheapNest(tile::StoreBoxOp store);
  void prefetchAhead(tile::LoadBoxOp op, const Chunk &chunk,
                     const BoxAddress &address);
  mlir::Value areSteps(mlir::Value index, mlir::Value first, int64_t step);
  template <typename BoxOp> BoxAddress boxAddress(BoxOp op, const Chunk &chunk);
  /// Active lanes, or null where all are.
  template <typename BoxOp> mlir::Value boxMask(BoxOp op, const Chunk &chunk);
  mlir::Value boundMask(mlir::Value lower, mlir::Value upper, int64_t size,
                        const Chunk &chunk, int dim);
  void writeBox(tile::StoreBoxOp op, const Chunk &chunk, mlir::Value value);

  //===--- Memory access --------------------------------------------------===//
  mlir::Value elementPtr(mlir::Value base, mlir::Value index,
                         mlir::Type element);
  mlir::Value loadVector(mlir::Value ptr, mlir::Type element, int64_t lanes,
                         mlir::Value mask, mlir::Value other, bool isArena);
  mlir::Value gatherLanes(mlir::Value ptrs, mlir::Type element, int64_t lanes,
                          mlir::Value mask, mlir::Value other, bool isArena);
  mlir::Value loadMasked(mlir::Value ptr, mlir::VectorType type,
                         mlir::Value mask, mlir::Value fallback,
                         unsigned align);
  void storeMasked(mlir::Value ptr, mlir::Value value, mlir::Value mask,
                   unsigned align);
  void storeVector(mlir::Value ptr, mlir::Value value, mlir::Type element,
                   mlir::Value mask, bool isArena);
  void scatterLanes(mlir::Value ptrs, mlir::Value value, mlir::Type element,
                    mlir::Value mask, bool isArena);
  mlir::Value fromMemory(mlir::Value value, mlir::Type element);
  mlir::Value toMemory(mlir::Value value, mlir::Type element);
  mlir::Type memoryType(mlir::Type element) const;

  //===--- Small builders -------------------------------------------------===//
  mlir::Value constant(int64_t value);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value sub(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, int64_t b);
  /// a / b and a % b of a non-negative index by a constant.
  std::pair<mlir::Value, mlir::Value> divRem(mlir::Value a, int64_t b);
  mlir::Value toVector(mlir::Value scalar, int64_t lanes);
  mlir::Value laneNumbers(mlir::VectorType type);
  mlir::Value laneIndex(int64_t lanes);
  mlir::Value perLane(const Chunk &chunk, unsigned dim);
  mlir::Value zero(mlir::Type type);
  mlir::Type chunkType(mlir::Type element, int64_t lanes) const;
  mlir::Value andMasks(mlir::Value a, mlir::Value b);
  /// The first `count` (i32) of `lanes` lanes.
  mlir::Value firstLanes(mlir::Value count, int64_t lanes);
  void mapOutside(mlir::ValueRange values, mlir::IRMapping &inner);
  void cloneStructured(mlir::Operation &op, mlir::IRMapping &inner);
  void cloneOps(mlir::Block &block, int64_t lanes, mlir::IRMapping &inner);
  mlir::Value cloneRegion(mlir::Block &block, mlir::ValueRange arguments,
                          int64_t lanes,
                          llvm::SmallVectorImpl<mlir::Value> &results);
  std::optional<int64_t> constantOf(mlir::Value value) const;

  mlir::func::FuncOp source, target;
  const targets::TargetDesc &desc;
  Placement placement;
  RowReuse reuse;
  Commutation commutation;
  mlir::ImplicitLocOpBuilder b;
  mlir::IRMapping mapping; // scalars
  llvm::DenseMap<mlir::Value, Buffer> ready;
  /// Tiles whose next reduction computes and stores them on its way.
  llvm::DenseMap<mlir::Value, Buffer> pending;
  llvm::DenseMap<mlir::Value, Buffer> wanted; // buffer chosen before its value
  llvm::DenseMap<mlir::Operation *, Epilogue> epilogues; // by product
  llvm::DenseSet<mlir::Operation *> lowered; // scalars, ahead of their place
  /// Dot operands in the layout of the micro-kernel, and where that was made.
  struct Packed {
    Buffer buffer;
    mlir::Block *block;
  };
  llvm::DenseMap<std::pair<mlir::Value, int64_t>, Packed> packed;
  LaunchConstants launchConstants;
  llvm::DenseMap<int64_t, mlir::Value> constants;
  mlir::Operation *constantsEnd = nullptr;
  std::vector<Level> levels;
  unsigned current = 0;
  mlir::Operation *root = nullptr; // of the source, whose nest is being made
  /// In a loop within a nest, an op that follows its scalars; else null.
  mlir::Operation *innerLoopStart = nullptr;
  /// Bytes from a box to the next one, by box and the op before which they are
  /// computed.
  llvm::DenseMap<std::pair<mlir::Operation *, mlir::Operation *>, mlir::Value>
      distances;
  llvm::SmallVector<mlir::Value, 1> programIds; // along x, where read
  mlir::Value program, arenaBase;
  // Buffers of a loop body or a branch end with it: the next ones take their
  // place.
  int64_t arenaTop = 0, arenaSize = 0;
  llvm::SmallVector<mlir::Attribute> placements; // for `explain`
  unsigned texts = 0;
  int64_t shared = 0;        // operands that programs share
  bool streamStores = false; // whole vectors of user memory bypass the caches
  bool failedPull = false;
};

} // namespace tegula::loops

#endif // TEGULA_TARGETS_COMMON_LOOPS_LOWERING_H
