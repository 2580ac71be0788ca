package io.millrace.language.plan;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.language.config.ConfigFile;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.KeptTensors;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Counts against the bytes of the tensors that the kernels keep. */
class ActivationCountTest {

  private static final int DOCUMENTS = 2;

  @TempDir Path directory;

  private final TensorEngine engine = TensorEngine.start("cpu");

  /** One block of queries, two, and spans that the fused kernel attends; layer 0 is dense. */
  @ParameterizedTest
  @CsvSource({
    "0, 64, 12, 0",
    "0, 128, 12, 24",
    "0, 300, 12, 24",
    "1, 64, 12, 24",
    "1, 300, 12, 0",
    "1, 300, 32, 24",
    "1, 64, 32, 0"
  })
  void countsWhatALayerKeeps(int layer, int context, int valueWidth, int queryRank)
      throws IOException {
    LanguageConfig config = config(valueWidth, queryRank);
    int tokens = DOCUMENTS * context;
    long[] spans = LongStream.rangeClosed(0, DOCUMENTS).map(d -> d * context).toArray();
    try (KeptTensors kept = new KeptTensors(engine, config);
        NDManager manager = engine.newManager()) {
      long bytes =
          kept
              .ofLayer(
                  manager,
                  manager.randomNormal(new Shape(tokens, config.hiddenSize())),
                  layer,
                  spans)
              .stream()
              .mapToLong(one -> one.size() * one.getDataType().getNumOfBytes())
              .sum();
      long counted = new ActivationCount(config, tokens, context).layer(/* moe= */ layer > 0);
      assertThat(counted * Float.BYTES).isEqualTo(bytes);
    }
  }

  /** With values narrower than keys, or as wide. */
  private LanguageConfig config(int valueWidth, int queryRank) throws IOException {
    ConfigFile.write(LanguageConfig.preset("nano", 300, 0), directory);
    Map<String, Object> replaced = new HashMap<>();
    replaced.put("v_head_dim", valueWidth);
    replaced.put("q_lora_rank", queryRank == 0 ? null : queryRank);
    replaced.put("n_shared_experts", 2);
    return ConfigFile.read(directory, replaced);
  }
}
