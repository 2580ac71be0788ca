package io.millrace.language.interchange;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Decoder;
import io.millrace.language.model.ModelFolder;
import java.util.LinkedHashMap;
import java.util.Map;

/** A decoder's weights under the names, and with the copies, of the released files. */
final class ReleasedWeights {

  static final String EMBEDDING = "model.embed_tokens.weight";
  static final String HEAD = "lm_head.weight";
  static final String SELECTION_BIAS = "e_score_correction_bias";

  private ReleasedWeights() {}

  /**
   * The tensors of a released folder. Selection biases below zero are raised together until none
   * is: only their differences choose experts, and implementations that mask dropped groups with 0
   * go wrong on negative ones.
   */
  static Map<String, NDArray> of(Decoder decoder, NDManager scratch) {
    LanguageConfig config = decoder.config();
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    ModelFolder.tensors(decoder, scratch)
        .forEach((name, tensor) ->
            tensors.put(name, name.endsWith(SELECTION_BIAS) ? raised(tensor, scratch) : tensor));
    NDArray embedding = decoder.weights().get(EMBEDDING);
    NDArray head = config.tieWordEmbeddings() ? embedding : decoder.weights().get(HEAD);
    for (int k = 0; k < config.numNextnPredictLayers(); k++) {
      tensors.put(embeddingCopy(config, k), embedding);
      tensors.put(headCopy(config, k), head);
    }
    return tensors;
  }

  /** Where MTP module {@code k} has a copy of the embedding. */
  static String embeddingCopy(LanguageConfig config, int k) {
    return "model.layers.%d.embed_tokens.weight".formatted(config.numHiddenLayers() + k);
  }

  /** Where MTP module {@code k} has a copy of the head. */
  static String headCopy(LanguageConfig config, int k) {
    return "model.layers.%d.shared_head.head.weight".formatted(config.numHiddenLayers() + k);
  }

  private static NDArray raised(NDArray bias, NDManager scratch) {
    float least = bias.min().toFloatArray()[0];
    if (least >= 0) {
      return bias;
    }
    NDArray raised = bias.sub(least);
    raised.attach(scratch);
    return raised;
  }
}
