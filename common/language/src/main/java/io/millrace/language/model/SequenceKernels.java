package io.millrace.language.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.language.config.LanguageConfig;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.parameter.ParameterStore;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a decoder continues sequences: prompts, a token of one, or a token of each of several in one
 * call.
 */
final class SequenceKernels implements AutoCloseable {

  /** Weights of so many bytes stay in the last cache of a server's processor between tokens. */
  private static final long CACHED_BYTES = 16L << 20;

  private final DecoderLayout layout;
  private final DecoderKernels kernels;
  private final KernelValue exact;
  private final NDList biases;
  private final ParameterStore masters;
  private final Means means;
  private final boolean fused;
  private final boolean readsAhead;
  private final PooledSteps steps;
  private @Nullable RoundedWeights copies;
  private @Nullable KernelValue rounded;

  /** By which means. */
  enum Means {
    /**
     * A processor's: float32, the cache of each sequence where it lies, and for a single sequence
     * the kernel of fewest operations.
     */
    PROCESSOR,
    /** A device's: the caches of all sequences in one pool, so that few operations are started. */
    DEVICE,
    /** The same on tensor cores: bfloat16 but for routers, head and what is in caches. */
    TENSOR_CORES
  }

  /**
   * @param exact the weights, as kernels take them
   */
  SequenceKernels(
      TensorEngine engine,
      DecoderLayout layout,
      DecoderKernels kernels,
      KernelValue exact,
      NDList biases,
      ParameterStore masters,
      Means means) {
    this.layout = layout;
    this.kernels = kernels;
    this.exact = exact;
    this.biases = biases;
    this.masters = masters;
    this.means = means;
    this.steps = new PooledSteps(engine, kernels, layout.config().vocabSize());
    this.fused = means == Means.PROCESSOR && layout.isCoveredByFusedStep();
    this.readsAhead = layout.parameters() * Float.BYTES > CACHED_BYTES;
  }

  /** As {@link Decoder#prefill}. */
  NDArray prefill(NDManager results, NDArray prompt, NDArray latents, NDArray keys) {
    return run(results, "prefill", weights(), prompt, latents, keys, kernels.shape());
  }

  /** As {@link Decoder#decode}. */
  NDArray decode(NDManager results, int token, int position, NDArray latents, NDArray keys) {
    if (!fused) {
      long[] tokens = {token};
      long[] positions = {position};
      return decodeTogether(results, tokens, positions, new NDList(latents), new NDList(keys))
          .squeeze(0);
    }
    NDList seen = readsAhead ? new NDList(results.zeros(new Shape())) : new NDList();
    return run(
        results, "fused_decode", exact, token, position, latents, keys, seen, kernels.shape());
  }

  /** As {@link Decoder#decodeTogether}. */
  NDArray decodeTogether(
      NDManager results, long[] tokens, long[] positions, NDList latents, NDList keys) {
    return run(results, "decode", weights(), tokens, positions, latents, keys, kernels.shape());
  }

  /** As {@link Decoder#poolsCaches}. */
  boolean poolsCaches() {
    return means != Means.PROCESSOR;
  }

  /** As {@link Decoder#newPool}. */
  NDArray newPool(NDManager results, int rows) {
    LanguageConfig config = layout.config();
    int width = config.cachedPerTokenAndLayer();
    return results.zeros(
        new Shape(config.numHiddenLayers(), rows + PooledSteps.SPARE_ROWS, width + width % 2),
        DataType.FLOAT32);
  }

  /** As {@link Decoder#grownPool}. */
  NDArray grownPool(NDManager results, NDArray pool, int rows) {
    return kernels.kernels().run(results, "grown", pool, rows).singletonOrThrow();
  }

  /** As {@link Decoder#prefillPooled}. */
  NDArray prefillPooled(NDManager results, NDArray prompt, NDArray pool, int first) {
    return run(results, "pooled_prefill", weights(), prompt, pool, first, kernels.shape());
  }

  /** As {@link Decoder#decodePooled}. */
  Said decodePooled(
      long[] tokens, long[] positions, long[] firsts, NDArray pool, @Nullable Chance chance) {
    return steps.decode(weights(), tokens, positions, firsts, pool, chance);
  }

  private NDArray run(NDManager results, String kernel, Object... arguments) {
    return kernels.kernels().runForReading(results, kernel, arguments).singletonOrThrow();
  }

  private KernelValue weights() {
    return means == Means.TENSOR_CORES ? rounded() : exact;
  }

  /** Made when they are first needed: a decoder that learns may never be asked for a token. */
  private synchronized KernelValue rounded() {
    KernelValue made = rounded;
    if (made == null) {
      RoundedWeights of = new RoundedWeights(masters, Set.of(layout.head()));
      made = kernels.weights(biases, of.tensors());
      copies = of;
      rounded = made;
    }
    return made;
  }

  /** Lets copies of the weights go, which are about to move. */
  synchronized void forgetCopies() {
    steps.forget();
    if (rounded != null) {
      rounded.close();
      rounded = null;
    }
    if (copies != null) {
      copies.close();
      copies = null;
    }
  }

  @Override
  public void close() {
    forgetCopies();
    steps.close();
  }
}
