package io.millrace.language.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Documents of one pack give what they give alone, in float32 and by the kernels that train. */
class PackedDocumentsTest {

  private static final int[] LENGTHS = {7, 1, 12, 12, 2, 30};
  private static final double[] LOSS_WEIGHTS = {0.3, 0.1};

  private final TensorEngine engine = TensorEngine.start("cpu");

  /** Gated linear units of SiLU train by the hand-written step, others by autograd. */
  @ParameterizedTest
  @CsvSource({"silu, 12", "silu,", "gelu, 12"})
  void packedEqualsSeparate(String activation, @Nullable Integer queryRank) {
    Map<String, Object> keys = new HashMap<>();
    keys.put("num_nextn_predict_layers", 2);
    keys.put("hidden_act", activation);
    keys.put("q_lora_rank", queryRank);
    try (Decoder decoder = Decoder.create(engine, DoubleDecoder.config(keys), 3);
        NDManager manager = engine.newManager()) {
      randomise(decoder, manager);
      int[][] documents = documents(decoder.config().vocabSize());
      int[] all = Arrays.stream(documents).flatMapToInt(Arrays::stream).toArray();
      NDList logits = logits(manager, decoder, all, starts(LENGTHS));
      NDList gradients = decoder.weights().newLearnedZeros().tensors();
      NDList losses = step(manager, decoder, gradients, all, starts(LENGTHS));

      NDList separateLogits = new NDList();
      NDList separateGradients = decoder.weights().newLearnedZeros().tensors();
      NDArray separateLosses = manager.zeros(new Shape(3));
      NDList[] rows = IntStream.range(0, 3).mapToObj(k -> new NDList()).toArray(NDList[]::new);
      for (int[] document : documents) {
        long[] alone = {0, document.length};
        NDList own = logits(manager, decoder, document, alone);
        for (int k = 0; k < rows.length; k++) {
          rows[k].add(own.get(k));
        }
        separateLosses.addi(step(manager, decoder, separateGradients, document, alone).getFirst());
      }
      for (NDList row : rows) {
        separateLogits.add(NDArrays.concat(row));
      }
      for (int k = 0; k < rows.length; k++) {
        assertThat(distance(logits.get(k), separateLogits.get(k)))
            .as("logits of head %d", k)
            .isLessThanOrEqualTo(1e-5f);
      }
      assertThat(distance(losses.getFirst(), separateLosses)).isLessThanOrEqualTo(1e-5f);
      for (int i = 0; i < gradients.size(); i++) {
        assertThat(distance(gradients.get(i), separateGradients.get(i)))
            .as("gradient of %s", decoder.weights().learnedSpecs().get(i).name())
            .isLessThanOrEqualTo(1e-5f);
        assertThat(gradients.get(i).abs().max().toFloatArray()[0]).isPositive();
      }
    }
  }

  private static NDList logits(NDManager manager, Decoder decoder, int[] ids, long[] starts) {
    return decoder.call(manager, false, "logits", manager.create(ids), starts);
  }

  /** Every call is normalised by the numbers of the whole pack, so that parts add up. */
  private static NDList step(
      NDManager manager, Decoder decoder, NDList gradients, int[] ids, long[] starts) {
    return decoder.addGradients(
        manager,
        gradients,
        manager.create(ids),
        starts,
        starts,
        manager.ones(new Shape(ids.length), DataType.UINT8),
        new double[] {58, 53, 49, LENGTHS.length},
        LOSS_WEIGHTS,
        0,
        Products.F32);
  }

  private static void randomise(Decoder decoder, NDManager manager) {
    Random random = new Random(9);
    decoder
        .weights()
        .specs()
        .forEach(spec -> {
          float[] values = new float[(int) spec.count()];
          float around = spec.name().endsWith("norm.weight") ? 1 : 0;
          for (int i = 0; i < values.length; i++) {
            values[i] = around + 0.3f * (float) random.nextGaussian();
          }
          decoder.weights().load(spec.name(), manager.create(values, spec.shape()));
        });
  }

  private static int[][] documents(int vocabulary) {
    Random random = new Random(4);
    return Arrays.stream(LENGTHS)
        .mapToObj(length -> random.ints(length, 0, vocabulary).toArray())
        .toArray(int[][]::new);
  }

  private static long[] starts(int[] lengths) {
    long[] starts = new long[lengths.length + 1];
    for (int i = 0; i < lengths.length; i++) {
      starts[i + 1] = starts[i] + lengths[i];
    }
    return starts;
  }

  private static float distance(NDArray a, NDArray b) {
    return a.sub(b).abs().max().toFloatArray()[0];
  }
}
