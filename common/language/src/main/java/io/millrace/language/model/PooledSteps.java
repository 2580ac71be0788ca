package io.millrace.language.model;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.RecordedCall;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Steps of sequences whose caches are rows of a pool. A step does the same whatever its tokens are,
 * and there are few sizes of steps, because sequences and lengths are filled up. So a device
 * records each size the second time that it is asked for, and is then given the whole step at once:
 * one operation costs the processor more to start than the device to do.
 *
 * <p>Any number of threads may ask for steps, which are made one after the other.
 */
final class PooledSteps implements AutoCloseable {

  /** Rows at the end of a pool that are no sequence's, for those that fill up a step. */
  static final int SPARE_ROWS = 1;

  private static final Logger LOG = LoggerFactory.getLogger(PooledSteps.class);

  /** Lengths are multiples of this, or of more, because cuBLAS chooses a kernel for every size. */
  private static final int LEAST_LENGTH = 64;

  /** Sizes are filled up by this part of them at most. */
  private static final int PART = 4;

  /** Recordings that are kept; the one that was not used for longest goes. */
  private static final int MOST = 64;

  private final NDManager manager;
  private final DecoderKernels kernels;
  private final int vocabulary;
  private final Map<Integer, Buffers> buffers = new HashMap<>();
  private final Map<Size, RecordedCall> recorded =
      new LinkedHashMap<>(MOST, 0.75f, /* accessOrder= */ true);
  private final Set<Size> asked = new HashSet<>();
  private boolean records;
  private String poolId = "";

  /**
   * How many sequences and tokens of each a step has room for, and whether it draws tokens, which
   * takes operations of its own.
   */
  private record Size(int sequences, int length, boolean draws) {}

  /**
   * What steps of so many sequences read and write.
   *
   * @param frequencies of rotary embeddings
   * @param numbers [3 B] tokens, positions, first rows
   * @param logits [B, V]
   * @param chance [2 B] temperatures and draws
   * @param chosen [2, B] the largest logits, then the tokens that come next
   */
  private record Buffers(
      NDArray frequencies, NDArray numbers, NDArray chance, NDArray logits, NDArray chosen) {}

  PooledSteps(TensorEngine engine, DecoderKernels kernels, int vocabulary) {
    this.manager = engine.newManager();
    this.kernels = kernels;
    this.vocabulary = vocabulary;
    this.records = RecordedCall.works(engine);
  }

  /** As {@link Decoder#decodePooled}. */
  synchronized Said decode(
      KernelValue weights,
      long[] tokens,
      long[] positions,
      long[] firsts,
      NDArray pool,
      @Nullable Chance chance) {
    if (!pool.getUid().equals(poolId)) {
      forget();
      poolId = pool.getUid();
    }
    int longest = Math.toIntExact(Arrays.stream(positions).max().orElseThrow() + 1);
    Size size =
        new Size(
            filled(tokens.length, 1),
            filled(longest, LEAST_LENGTH),
            chance != null && chance.isAny());
    Buffers own =
        buffers.computeIfAbsent(size.sequences(), sequences -> newBuffers(weights, sequences));
    long spare = pool.getShape().get(1) - SPARE_ROWS;
    renew(own, numbers(size.sequences(), tokens, positions, firsts, spare), chance);
    step(
        size,
        weights,
        own.numbers(),
        own.frequencies(),
        size.length(),
        pool,
        own.chance(),
        size.draws(),
        own.logits(),
        own.chosen(),
        kernels.shape());
    return said(own, tokens.length, chance != null);
  }

  /** The next size, so that there are few. */
  static int filled(int size, int least) {
    int multiple = Math.max(least, Integer.highestOneBit(size) / PART);
    return Math.ceilDiv(size, multiple) * multiple;
  }

  private Buffers newBuffers(KernelValue weights, int sequences) {
    return new Buffers(
        kernels
            .kernels()
            .run(manager, "rotary_frequencies", weights, kernels.shape())
            .singletonOrThrow(),
        manager.zeros(new Shape(3L * sequences), DataType.INT64),
        manager.zeros(new Shape(2L * sequences), DataType.FLOAT64),
        manager.zeros(new Shape(sequences, vocabulary), DataType.FLOAT32),
        manager.zeros(new Shape(2, sequences), DataType.FLOAT64));
  }

  /** Sequences that fill up begin at the spare row. */
  private static long[] numbers(
      int sequences, long[] tokens, long[] positions, long[] firsts, long spare) {
    long[] numbers = new long[3 * sequences];
    System.arraycopy(tokens, 0, numbers, 0, tokens.length);
    System.arraycopy(positions, 0, numbers, sequences, tokens.length);
    Arrays.fill(numbers, 2 * sequences, numbers.length, spare);
    System.arraycopy(firsts, 0, numbers, 2 * sequences, tokens.length);
    return numbers;
  }

  private void renew(Buffers own, long[] numbers, @Nullable Chance chance) {
    double[] filled =
        chance != null && chance.isAny() ? chance.filledUp(numbers.length / 3) : new double[0];
    try (NDManager scratch = manager.newSubManager()) {
      kernels
          .kernels()
          .runForReading(scratch, "renew_", own.numbers(), numbers, own.chance(), filled);
    }
  }

  private void step(Size size, Object... arguments) {
    RecordedCall call = recorded.get(size);
    if (call != null) {
      call.again();
    } else if (records && !asked.add(size)) {
      record(size, arguments);
    } else {
      try (NDManager scratch = manager.newSubManager()) {
        kernels.kernels().runForReading(scratch, "pooled_step_", arguments);
      }
    }
  }

  private void record(Size size, Object... arguments) {
    if (recorded.size() == MOST) {
      Iterator<RecordedCall> oldestFirst = recorded.values().iterator();
      oldestFirst.next().close();
      oldestFirst.remove();
    }
    try {
      recorded.put(size, kernels.kernels().record("pooled_step_", arguments));
    } catch (EngineException | IllegalStateException e) {
      LOG.warn("a device does not record steps, which are slower for it", e);
      records = false;
    }
  }

  private Said said(Buffers own, int sequences, boolean chosen) {
    if (chosen) {
      double[] found = own.chosen().toDoubleArray();
      int filled = found.length / 2;
      if (Arrays.stream(found, 0, sequences).allMatch(Double::isFinite)) {
        int[] tokens =
            Arrays.stream(found, filled, filled + sequences)
                .mapToInt(token -> (int) token)
                .toArray();
        return new Said(new float[0], tokens);
      }
    }
    float[] logits = own.logits().toFloatArray();
    int length = sequences * vocabulary;
    return new Said(logits.length == length ? logits : Arrays.copyOf(logits, length), new int[0]);
  }

  /** Lets what was recorded go: its weights or its pool will not be there any more. */
  synchronized void forget() {
    recorded.values().forEach(RecordedCall::close);
    recorded.clear();
    asked.clear();
  }

  @Override
  public synchronized void close() {
    forget();
    manager.close();
  }
}
