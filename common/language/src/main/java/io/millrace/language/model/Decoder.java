package io.millrace.language.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.language.config.LanguageConfig;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.parameter.ParameterStore;
import org.jspecify.annotations.Nullable;

/** A decoder's weights and the way to call its kernels with them. */
public final class Decoder implements AutoCloseable {

  private final TensorEngine engine;
  private final LanguageConfig config;
  private final DecoderLayout layout;
  private final ParameterStore weights;
  private final NDList learned;
  private final NDList biases;
  private final DecoderKernels kernels;
  private final KernelValue kernelWeights;
  private final SequenceKernels sequences;
  private @Nullable TrainingKernels training;

  private Decoder(
      TensorEngine engine, LanguageConfig config, DecoderLayout layout, ParameterStore weights) {
    this.engine = engine;
    this.config = config;
    this.layout = layout;
    this.weights = weights;
    this.learned = weights.learnedTensors();
    this.biases = new NDList();
    layout.biases().forEach(name -> biases.add(weights.get(name)));
    this.kernels = new DecoderKernels(engine, layout, Products.F32);
    this.kernelWeights = kernels.weights(biases, learned);
    this.sequences =
        new SequenceKernels(
            engine, layout, kernels, kernelWeights, biases, weights, TensorCores.decoding(engine));
  }

  /** A decoder with first weights drawn from a seed. */
  public static Decoder create(TensorEngine engine, LanguageConfig config, long seed) {
    DecoderLayout layout = new DecoderLayout(config);
    return new Decoder(engine, config, layout, ParameterStore.create(engine, layout.specs(), seed));
  }

  /** A decoder of zeros, whose weights are loaded next. */
  public static Decoder zeros(TensorEngine engine, LanguageConfig config) {
    DecoderLayout layout = new DecoderLayout(config);
    return new Decoder(engine, config, layout, ParameterStore.zeros(engine, layout.specs()));
  }

  /** Its shape. */
  public LanguageConfig config() {
    return config;
  }

  /** The layout of its weights. */
  public DecoderLayout layout() {
    return layout;
  }

  /** Its weights. */
  public ParameterStore weights() {
    return weights;
  }

  /** The routers' selection biases, one a layer with experts. */
  public NDList biases() {
    return biases;
  }

  /**
   * Calls a kernel: weights, then {@code arguments}, then the decoder's shape.
   *
   * @param recording whether the kernel takes gradients; if it does not, what it returns can only
   *     be read
   */
  public NDList call(NDManager results, boolean recording, String kernel, Object... arguments) {
    return recording
        ? callWith(learned, results, recording, kernel, arguments)
        : kernels.kernels().runForReading(results, kernel, all(kernelWeights, arguments));
  }

  /** Calls a kernel with other weights than its own, in the order of the learned ones. */
  public NDList callWith(
      NDList others, NDManager results, boolean recording, String kernel, Object... arguments) {
    if (recording) {
      try (KernelValue made = kernels.learnedWeights(biases, others)) {
        return kernels.kernels().runRecording(results, kernel, all(made, arguments));
      }
    }
    try (KernelValue made = kernels.weights(biases, others)) {
      return kernels.kernels().runForReading(results, kernel, all(made, arguments));
    }
  }

  private Object[] all(KernelValue own, Object... arguments) {
    Object[] all = new Object[arguments.length + 2];
    all[0] = own;
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    all[all.length - 1] = kernels.shape();
    return all;
  }

  /**
   * Takes in that the weights have moved since gradients were taken with these products: to be
   * called before those of a step's first batch.
   */
  public void beginStep(Products products) {
    sequences.forgetCopies();
    trainingWith(products).beginStep();
  }

  /**
   * Adds the gradients of one batch to {@code gradients}, one for every learned weight in the order
   * of the layout: by hand-written kernels, or by autograd layer by layer for shapes which those do
   * not cover.
   *
   * @param ids int32 [T]
   * @param starts first token of every document, then T
   * @param spans first token of every stretch inside of which tokens see each other, then T: the
   *     documents, or packs of them
   * @param mask uint8 [T], not 0 where the token may be a target
   * @param normalisers targets of the main head, of each MTP module, documents
   * @param lossWeights of the MTP loss, of the balance loss
   * @param products how it computes; without rounding of operands unless {@link
   *     DecoderLayout#outsideFusedStep()} is empty
   * @param recomputeEvery that layer keeps its input alone and is computed again for its backward
   *     pass, 0: none
   * @return losses [3] (main, MTP, balance) and the load of each expert [layers, E]
   */
  public NDList addGradients(
      NDManager results,
      NDList gradients,
      NDArray ids,
      long[] starts,
      long[] spans,
      NDArray mask,
      double[] normalisers,
      double[] lossWeights,
      int recomputeEvery,
      Products products) {
    if (products.roundsOperands() && !layout.isCoveredByFusedStep()) {
      throw new IllegalArgumentException("this shape is trained on tensors of one format alone");
    }
    return trainingWith(products)
        .addGradients(
            results, gradients, ids, starts, spans, mask, normalisers, lossWeights, recomputeEvery);
  }

  /** A training computes all of its steps alike, so that one of these is kept. */
  private TrainingKernels trainingWith(Products products) {
    TrainingKernels found = training;
    if (found == null || found.products() != products) {
      if (found != null) {
        found.close();
      }
      found = new TrainingKernels(engine, layout, products, biases, weights);
      training = found;
    }
    return found;
  }

  /**
   * Reads a prompt in one pass.
   *
   * @param prompt int32 [T]
   * @param latents [L, P, C], the cache, written from position 0
   * @param keys [L, P, R], the same
   * @return logits [V] of the token after it
   */
  public NDArray prefill(NDManager results, NDArray prompt, NDArray latents, NDArray keys) {
    return sequences.prefill(results, prompt, latents, keys);
  }

  /**
   * Reads one more token: on a processor by the kernel of few operations, where that covers the
   * shape.
   *
   * @param position tokens read before
   * @param latents [L, P, C], the cache, written at {@code position}
   * @param keys [L, P, R], the same
   * @return logits [V] of the token after it
   */
  public NDArray decode(NDManager results, int token, int position, NDArray latents, NDArray keys) {
    return sequences.decode(results, token, position, latents, keys);
  }

  /**
   * Reads one more token of each of several sequences: what {@link #decode} gives for each but for
   * rounding, because sums of a product of matrices are added up in another order than those of a
   * product with a vector.
   *
   * @param tokens one of each sequence
   * @param positions tokens read of each before, at least one
   * @param latents [L, P, C] of each, written at its position
   * @param keys [L, P, R] of each
   * @return logits [B, V]
   */
  public NDArray decodeTogether(
      NDManager results, long[] tokens, long[] positions, NDList latents, NDList keys) {
    return sequences.decodeTogether(results, tokens, positions, latents, keys);
  }

  /**
   * Whether caches are to be rows of one pool, which a device reads faster than each by itself, and
   * sequences continued by the three below.
   */
  public boolean poolsCaches() {
    return sequences.poolsCaches();
  }

  /** A pool of rows [L, N, W] for a token each. */
  public NDArray newPool(NDManager results, int rows) {
    return sequences.newPool(results, rows);
  }

  /** A copy of a pool with so many rows more. */
  public NDArray grownPool(NDManager results, NDArray pool, int rows) {
    return sequences.grownPool(results, pool, rows);
  }

  /**
   * As {@link #prefill} to neighbouring rows of a pool.
   *
   * @param first the row of the first token
   */
  public NDArray prefillPooled(NDManager results, NDArray prompt, NDArray pool, int first) {
    return sequences.prefillPooled(results, prompt, pool, first);
  }

  /**
   * As {@link #decodeTogether} for sequences in a pool.
   *
   * @param firsts the row of each sequence's first token
   * @param chance how the next tokens are chosen; without it logits are given
   */
  public Said decodePooled(
      long[] tokens, long[] positions, long[] firsts, NDArray pool, @Nullable Chance chance) {
    return sequences.decodePooled(tokens, positions, firsts, pool, chance);
  }

  /** Kernels that take no weights. */
  public Kernels kernels() {
    return kernels.kernels();
  }

  @Override
  public void close() {
    if (training != null) {
      training.close();
    }
    sequences.close();
    kernelWeights.close();
    kernels.close();
    weights.close();
  }
}
